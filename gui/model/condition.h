// SPDX-License-Identifier: GPL-3.0-or-later
// "Stop when": an expression in the words of the checks, asked after every event while playing.
// Private to this room.
#pragma once

#include "gui/model/playback.h"

#include "core/scenario/expression.h"

#include <QString>

#include <tl/expected.hpp>

namespace zbuf::gui {

class Condition {
 public:
  /// The error is a sentence that says what is wrong, and where.
  static tl::expected<Condition, QString> compile(const QString& text, const Track& track);

  /// Where playing begins: what holds already has to end before it can begin.
  void start(const State& state, const std::optional<Event>& event);
  /// An event has happened: is it the one from which on the expression holds?
  bool begins(const State& state, const Event& event);

 private:
  Condition(Expression expression, bool names_events)
      : expression_(std::move(expression)), kinds_(expression_.kinds()), names_events_(names_events) {}

  Expression expression_;
  KindMask kinds_;
  bool names_events_; ///< then it is over with the next event
  bool held_ = false;
};

/// What the names mean in a run that a report tells of.
[[nodiscard]] Scope scope_of(const VariantReport& report);

} // namespace zbuf::gui
