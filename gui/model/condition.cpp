// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/model/condition.h"

#include <QCoreApplication>

#include <algorithm>

namespace zbuf::gui {

Scope scope_of(const VariantReport& report) {
  Scope::Run run{report.name, {}};
  for (const ReaderReport& reader : report.readers)
    if (reader.descriptor != ZB_NO_DESCRIPTOR)
      run.readers.push_back({reader.name, reader.descriptor});
  Scope scope;
  scope.runs.push_back(std::move(run));
  return scope;
}

tl::expected<Condition, QString> Condition::compile(const QString& text, const Track& track) {
  const auto tr = [](const char* words) { return QCoreApplication::translate("Condition", words); };
  const Scope scope = scope_of(track.report);
  auto expression = Expression::compile(text.toStdString(), scope);
  if (!expression) {
    const ExpressionFault& fault = expression.error().front();
    const QString message = QString::fromStdString(fault.message);
    const auto place = static_cast<qsizetype>(fault.position);
    return tl::make_unexpected(
        place == 0 ? message : tr("%1 (at character %2)").arg(message).arg(QString::number(place + 1)));
  }
  if (expression->kinds() == 0)
    return tl::make_unexpected(
        tr("\"%1\" never changes; expected a counter, a state or an event in it, such as drops > 0")
            .arg(text));
  const std::vector<Reading> names = expression->readings();
  const bool names_events = std::any_of(names.begin(), names.end(), [&](const Reading& reading) {
    const auto variable = find_variable(reading.name, scope);
    return variable && variable->kind != ZB_EV_NONE;
  });
  return Condition(std::move(*expression), names_events);
}

void Condition::start(const State& state, const std::optional<Event>& event) {
  held_ = event && (!names_events_ || contains(kinds_, event->kind)) && expression_.holds(state, *event);
}

bool Condition::begins(const State& state, const Event& event) {
  if (!contains(kinds_, event.kind)) {
    held_ = held_ && !names_events_;
    return false;
  }
  const bool before = held_ && !names_events_;
  held_ = expression_.holds(state, event);
  return held_ && !before;
}

} // namespace zbuf::gui
