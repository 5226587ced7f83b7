// SPDX-License-Identifier: GPL-3.0-or-later
// Builds one scene, part by part. Private to this room; stage_model.h is its face.
#pragma once

// First, for core has functions called emit.
#include "gui/stage/stage_model.h"

#include "gui/stage/layout.h"
#include "gui/stage/typesetter.h"

namespace zbuf::gui::stage {

class SceneBuilder {
 public:
  /// `shown`: the state that the buffers are drawn from; the same as input.state but when they are too fast.
  struct Context {
    const Input& input;
    const State& shown;
    std::uint64_t shown_done;
    const Layout& layout;
    const Typesetter& type;
    const Facts& facts;
    const Motion& motion;
    const Quiz& quiz;
    Fills& fills;
    Flows& flows;
  };

  explicit SceneBuilder(const Context& context);

  Scene build();

 private:
  // Each in the file of its name.
  void add_overview(); // scene_overview.cpp
  void add_titles();   // scene_user.cpp
  [[nodiscard]] QString kernel_name() const;
  [[nodiscard]] double kernel_title_right() const;
  [[nodiscard]] double kernel_name_left() const;
  void add_reader();    //
  void add_reading();   //
  void add_pill();      //
  void add_interface(); // scene_kernel.cpp
  void add_filter();    //
  void add_slots();     //
  void add_bin();       //
  void add_counters();  //
  void add_quiz();      //
  void add_notice();    //
  void add_buffers();   // scene_buffers.cpp
  void add_copy();      //
  void add_packets();   // scene_packets.cpp
  void add_streams();   //

  struct ReaderWords {
    QString status{};
    QString detail{};
    Ink ink = Ink::muted;
  };
  [[nodiscard]] ReaderWords reader_words() const;
  /// The buffer that the reader is in, or ZB_NO_BUFFER.
  [[nodiscard]] std::uint8_t being_read() const;

  [[nodiscard]] Card card_of(std::uint8_t which, const QRectF& rect) const;
  void write_header(Card& card, const QString& letter, const QString& owner) const;
  void write_generations(Card& card, const BufferState& b, const QRectF& rows) const;
  void write_footer(Card& card, const BufferState& b, const QRectF& line) const;
  void write_words(Card& card, const QRectF& rows, const QString& text) const;
  void add_blocks(Card& card, const BufferState& b) const;
  [[nodiscard]] QString mark_of(const BufferState& b) const;
  [[nodiscard]] QString description_of(std::uint8_t which, const BufferState& b) const;
  [[nodiscard]] QRectF place(const Pose& pose) const;
  [[nodiscard]] QPointF landing_place(const Flight& flight) const;

  void panel_lines(Panel& panel, const QString& title, const QString& rest) const;
  void element(Part part, int number, const QRectF& rect, const QString& name, const QString& description,
               bool active = false);
  [[nodiscard]] double u(double units) const { return units * layout_.unit; }

  const Context& c_;
  const Input& in_;
  const Layout& layout_;
  const Typesetter& type_;
  const DescriptorState& d_;     ///< now
  const DescriptorState& shown_; ///< the one that the buffers are drawn from
  Scene scene_;
};

[[nodiscard]] QString slot_name(std::size_t slot);
[[nodiscard]] QString buffer_name(std::uint8_t which);

} // namespace zbuf::gui::stage
