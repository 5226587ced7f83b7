// SPDX-License-Identifier: GPL-3.0-or-later
// What an event means, in plain words: what happened, why, which values changed, and what the other side does
// next.
//
// The words are those of kernel/engine, bpf(4) and core/trace/event_sentence: store, hold, free, publish,
// acknowledge, reclaim. Numbers come from the event and from the states on both sides of it; nothing is
// worked out here.
#pragma once

#include "core/trace/recording.h"
#include "gui/explain/run_facts.h"

#include <QString>

#include <cstdint>
#include <vector>

namespace zbuf::gui::explain {

/// An event and what is known around it. The references live as long as the moment is used.
struct Moment {
  const Event& event;
  std::uint64_t index; ///< of the event
  const State& before;
  const State& after;
  const Recording* recording = nullptr; ///< to look at the events around it; may be null
  const RunFacts* facts = nullptr;      ///< names; may be null

  [[nodiscard]] bool has_descriptor() const { return event.descriptor < after.descriptors.size(); }
  /// The event's descriptor, after it and before it; an empty one where the event has none.
  [[nodiscard]] const DescriptorState& now() const;
  [[nodiscard]] const DescriptorState& then() const;
  /// The event's buffer (A, B or the reader's copy), after it and before it. Pre: it has one.
  [[nodiscard]] const BufferState& buffer() const { return now().buffers.at(event.buffer); }
  [[nodiscard]] const BufferState& buffer_then() const { return then().buffers.at(event.buffer); }
  [[nodiscard]] bool has_buffer() const { return event.buffer <= ZB_USER_COPY; }
  /// "em0"; "interface 3" where it has no name.
  [[nodiscard]] QString interface(std::uint32_t number) const;
};

/// A value that the event changed, or that belongs beside one.
struct ValueLine {
  QString name;   ///< "A.kernel_gen"
  QString before; ///< equal to `after` where nothing changed
  QString after;
  QString note{}; ///< what it means, or empty
  [[nodiscard]] bool changed() const { return before != after; }
};

struct Caption {
  QString headline;                ///< one line: "The kernel hands buffer A to the reader"
  QString text;                    ///< a short paragraph
  QString rules{};                 ///< numbers of the specification: "2.2, 2.3"; may be empty
  QString manual{};                ///< section of the manual: "bpf(4), Zero-copy buffer mode"; may be empty
  std::vector<ValueLine> values{}; ///< the changed ones first
};

/// Of any event, also of one of an unknown kind. Never empty.
[[nodiscard]] Caption caption_of(const Moment& moment);

/// What changed between the states of the event's descriptor (or interface), with what belongs beside it.
[[nodiscard]] std::vector<ValueLine> values_of(const Moment& moment);

} // namespace zbuf::gui::explain
