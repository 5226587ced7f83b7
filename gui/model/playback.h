// SPDX-License-Identifier: GPL-3.0-or-later
// One transport over the recordings of a run: where in it we are, whether it plays, and what is selected.
//
// Every view draws what Playback says and nothing else; a view that wants to move calls Playback. Whatever it
// tells about the protocol comes from the fold in core/trace.
#pragma once

#include "core/scenario/report.h"
#include "core/trace/recording.h"

#include <QObject>
#include <QString>

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace zbuf::gui {

/// A recording, and what is known about the run that it is of.
struct Track {
  QString name{};                               ///< "zbuf", "read"; empty when there is but one
  std::shared_ptr<const Recording> recording{}; ///< never null
  VariantReport report{};                       ///< totals, chapters, readers by descriptor, revision
  bool modelled = true;                         ///< times come from the cost model; false: measured
  bool deduced = false;                         ///< the kernel's slots are deduced, not seen (spec 6.4)
  std::optional<std::uint16_t> descriptor{};    ///< the one that it is of, where other tracks have the others
};

/// What a step is.
enum class Unit { event, packet, ownership };

/// Where a jump goes.
enum class Landmark { start, end, drop, hand_off, fault, chapter };

/// What is selected, everywhere at once. Any part may be absent.
struct Selection {
  std::optional<std::uint32_t> packet{};
  std::optional<std::uint64_t> event{};
  std::optional<std::uint8_t> buffer{};         ///< enum zb_which
  std::optional<std::uint32_t> record_offset{}; ///< within `buffer`, from record 0
  bool operator==(const Selection&) const = default;
};

/// Tracks hold the same packets and are locked in model time: one instant for all of them. The focused track
/// is the one whose events are stepped through. All on the GUI's thread.
class Playback : public QObject {
  Q_OBJECT
 public:
  explicit Playback(QObject* parent = nullptr);
  ~Playback() override;

  // What is played. With no tracks, everything below answers with empty values.
  void set_tracks(std::vector<Track> tracks);
  [[nodiscard]] std::size_t track_count() const;
  [[nodiscard]] const Track& track(std::size_t number) const;
  [[nodiscard]] std::size_t focus() const; ///< number of the focused track
  void set_focus(std::size_t track);
  [[nodiscard]] std::uint16_t descriptor() const { return descriptor(focus()); } ///< the one in focus
  /// In a track that is of one descriptor: that one, whichever is in focus.
  [[nodiscard]] std::uint16_t descriptor(std::size_t track) const;
  void set_descriptor(std::uint16_t descriptor);
  /// The focused track, or null.
  [[nodiscard]] const Track* focused() const;

  // A run that is still being recorded.
  /// The same tracks, of which more is known now, or of which the beginning is no longer kept. Where we are
  /// stays where it is; an instant that is no longer kept becomes the first that is. Pre: as many as there
  /// are.
  void grow(std::vector<Track> tracks);
  /// More may come: playing waits at the end for it.
  [[nodiscard]] bool growing() const;
  void set_growing(bool growing);
  /// To the live edge, and on with it in real time, until somebody pauses, moves or chooses another speed.
  /// Does nothing unless growing().
  void follow();
  [[nodiscard]] bool following() const;

  // Where we are. The instant is between events while playing; events_done() says how many have happened.
  [[nodiscard]] std::uint64_t time_ns() const;
  [[nodiscard]] std::uint64_t end_ns() const; ///< of the longest track
  [[nodiscard]] std::uint64_t
  begin_ns() const; ///< 0, but where the beginning of a recording is no longer kept
  [[nodiscard]] std::uint64_t events_done(std::size_t track) const;
  /// The state after events_done(track). Valid until the next change; cheap: it was folded once.
  [[nodiscard]] const State& state(std::size_t track) const;
  [[nodiscard]] const State& state() const { return state(focus()); }
  /// The event that happened last in the focused track, and its index; none at the start.
  [[nodiscard]] std::optional<Event> event() const;
  using QObject::event; // Qt's own is another thing, and stays
  [[nodiscard]] std::optional<std::uint64_t> event_index() const;
  /// The state before event(): with state(), what the event changed.
  [[nodiscard]] const State& state_before() const;

  // Moving. Ends at the ends; never fails.
  void seek_time(std::uint64_t time_ns); ///< to after everything until that instant
  void seek_event(std::uint64_t index);  ///< to right after that event of the focused track
  void step(Unit unit, bool forward);
  void jump(Landmark landmark, bool forward); ///< start and end ignore the direction
  [[nodiscard]] bool can_jump(Landmark landmark, bool forward) const;

  // Playing. `speed`: model seconds a second of the wall; 1e-6 .. 1e3, and infinity: as fast as can be drawn.
  [[nodiscard]] bool playing() const;
  void set_playing(bool playing);
  [[nodiscard]] double speed() const;
  void set_speed(double speed);

  /// Stops playing at the first instant from which on the expression holds; the words of the checks
  /// (scenarios/README.md). Empty: never. The error, as a sentence, if it cannot be used: nothing changes
  /// then.
  std::optional<QString> set_stop_when(const QString& expression);
  [[nodiscard]] const QString& stop_when() const;

  // The selection.
  [[nodiscard]] const Selection& selection() const;
  void select(const Selection& selection);

 signals:
  void tracks_changed();    ///< everything is new
  void grown();             ///< recordings and reports are others, of the same run; often
  void following_changed(); ///< growing() or following()
  void moved();             ///< the instant changed, at most once a frame
  void focus_changed();     ///< track or descriptor
  void playing_changed(bool playing);
  void speed_changed(double speed);
  void stop_when_changed();
  void stopped_by_condition();
  void selection_changed();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

} // namespace zbuf::gui
