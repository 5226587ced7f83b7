// SPDX-License-Identifier: GPL-3.0-or-later
// What the stage shows at one instant: rectangles, words and colours by meaning, and nothing that is drawn
// yet.
//
// A scene is a value. The same recording, instant, speed and size give the same scene, whichever way they
// were reached; so a test can look at it without a pixel.
#pragma once

#include <QFont>
#include <QPointF>
#include <QRectF>
#include <QString>

#include <array>
#include <cstdint>
#include <vector>

namespace zbuf::gui::stage {

/// Colours by meaning; the theme has the shades.
enum class Ink : std::uint8_t { text, muted, user, kernel, danger, good, accent, on_accent };

enum class Face : std::uint8_t { ui, ui_bold, mono, mono_bold };
/// In the theme's typefaces, at this size.
[[nodiscard]] QFont font_of(Face face, double points);

struct Text {
  QRectF rect{};
  QString text{};
  QString whole{}; ///< if `text` had to be cut short; else empty
  Face face = Face::ui;
  double points = 0; ///< ready for font_of()
  Ink ink = Ink::text;
  Qt::Alignment align{};
  bool operator==(const Text&) const = default;
};

/// One record in a buffer, or several neighbours that would be too thin to see.
struct Block {
  QRectF rect{};
  int flow = 0;         ///< colour
  bool shade = false;   ///< a little darker than its neighbours, to tell them apart
  bool handled = false; ///< the reader is through with it
  bool landing = false; ///< its packet is still on the way: an outline
  bool fresh = false;   ///< the last event wrote it
  bool selected = false;
  bool operator==(const Block&) const = default;
};

enum class Owner : std::uint8_t { user, kernel };

/// A buffer, wherever it is at the moment.
struct Card {
  std::uint8_t which = 0; ///< enum zb_which
  Owner owner = Owner::kernel;
  QRectF rect{}, header{}, strip{};
  QPointF home{};        ///< middle of the top of the slot that it occupies
  bool tethered = false; ///< away from its slot
  bool moving = false;
  bool ghost = false;       ///< not the buffer, but the copy of it that read(2) makes
  bool idle = false;        ///< free: nothing in it counts
  bool overwritten = false; ///< the kernel wrote into it while the user owned it
  bool focused = false;     ///< selected
  double flash = 0;         ///< 1 at the moment of that write, then less
  QRectF stale{};           ///< part of the strip that the reader was promised and that is gone
  double equal_sign = 0;    ///< middle of = or ≠, for its badge; 0: none
  std::vector<Block> blocks{};
  std::vector<Text> texts{};
  bool operator==(const Card&) const = default;
};

/// A place for a buffer.
struct Slot {
  QRectF rect{};
  Text name{};
  Text note{};           ///< "A is lent out", "empty"
  bool occupied = false; ///< a card lies in it
  bool deduced = false;  ///< worked out from what the user sees, not seen
  bool operator==(const Slot&) const = default;
};

/// A packet on its way.
struct Packet {
  QPointF centre{};
  double size = 0;
  double opacity = 1;
  int flow = 0;
  std::uint32_t number = 0;
  bool dropped = false;
  bool selected = false;
  bool operator==(const Packet&) const = default;
};

/// Packets too many to be drawn one by one.
struct Stream {
  std::array<QPointF, 4> curve{};
  double width = 0;
  double phase = 0; ///< of its arrow heads, 0..1
  Ink ink = Ink::kernel;
  bool operator==(const Stream&) const = default;
};

enum class Part : std::uint8_t {
  reader,
  boundary,
  interface,
  filter,
  slot,
  buffer,
  dropped,
  counters,
  guess,
  descriptor
};

/// What can be pointed at, reached with the keyboard, and read aloud.
struct Element {
  Part part = Part::reader;
  int number = 0; ///< slot: 0 hold, 1 store, 2 free; buffer: enum zb_which; guess, descriptor: which one
  QRectF rect{};
  QString name{};
  QString description{};
  bool active = false; ///< does something when it is clicked
  bool operator==(const Element&) const = default;
};

/// A frame with words in it.
struct Panel {
  QRectF rect{};
  std::vector<Text> texts{};
  bool alarm = false;  ///< in the colour of drops and faults
  bool dashed = false; ///< not there (yet, or any more)
  bool operator==(const Panel&) const = default;
};

struct Guess {
  QRectF rect{};
  Text text{};
  bool enabled = false;
  bool operator==(const Guess&) const = default;
};

/// A descriptor in the overview.
struct Overview {
  QRectF rect{};
  bool focused = false;
  std::vector<Text> texts{};
  struct Bar {
    QRectF rect{};
    double fill = 0; ///< 0..1
    Owner owner = Owner::kernel;
    bool present = false;
    Text text{};
    bool operator==(const Bar&) const = default;
  };
  std::array<Bar, 2> bars{};
  bool operator==(const Overview&) const = default;
};

struct Scene {
  QSizeF size{};
  double unit = 1;   ///< of all line widths and corners
  bool empty = true; ///< nothing to show but `texts`

  QRectF user_area{}, kernel_area{};
  std::vector<Text> texts{}; ///< titles, and what lies on the ground
  Panel pill{};
  Panel reader{};
  QRectF progress{};        ///< the bar in the reader's card; empty: none
  double progress_done = 0; ///< 0..1
  bool reader_stalled = false;
  std::vector<QPointF> reading{}; ///< arrow from the buffer that the reader reads; empty: none

  Panel interface {};
  std::array<QPointF, 4> funnel{};
  bool filter_open = true;      ///< false: no interface, so nothing passes
  std::vector<QPointF> wire{};  ///< interface to filter
  std::array<QPointF, 4> way{}; ///< Bézier curve of packets, filter to store
  bool way_open = false;

  std::array<Slot, 3> berths{}; ///< hold, store, free, from left to right
  std::vector<Card> cards{};    ///< from the lowest to the topmost
  std::vector<Packet> packets{};
  std::vector<Stream> streams{};
  std::vector<QPointF> copy_arrow{}; ///< of read(2), across the boundary; empty: none
  Text copy_text{};

  Panel bin{};
  Panel counters{};
  Panel quiz{};
  std::vector<Guess> guesses{};
  std::vector<Overview> overview{};
  Panel notice{}; ///< what must be said; empty rectangle: nothing

  std::vector<Element> elements{}; ///< in reading order
  bool operator==(const Scene&) const = default;
};

} // namespace zbuf::gui::stage
