// SPDX-License-Identifier: BSD-2-Clause
#include "core/scenario/report_text.h"

#include "core/scenario/units.h"

#include <algorithm>
#include <fmt/format.h>

namespace zbuf {

namespace {

constexpr std::size_t most_drawn = 4; ///< more runs than that are compared in the table alone

std::string readings(const CheckReport& check) {
  std::string text;
  for (const Reading& reading : check.readings)
    text += fmt::format("{}{} is {:.10g}", text.empty() ? "" : ", ", reading.name, reading.value);
  return text;
}

/// Writes lines with a mark in front.
class Lines {
 public:
  explicit Lines(const TextStyle& style) : style_(style) {}

  void good(std::string_view text, std::string_view detail = {}) {
    marked(Ink::good, style_.unicode ? "✓" : "ok", text, detail);
  }
  void bad(std::string_view text, std::string_view detail = {}) {
    marked(Ink::bad, style_.unicode ? "✗" : "FAILED", text, detail);
  }
  void note(std::string_view text) { marked(Ink::warning, "!", text, {}); }
  void open(std::string_view text) { marked(Ink::faint, "-", text, {}); }
  std::string take() { return std::move(out_); }

 private:
  /// The detail stands beside the text if there is room, else below it.
  void marked(Ink ink, std::string_view mark, std::string_view text, std::string_view detail) {
    const std::size_t indent = 3 + columns_of(mark);
    const std::size_t room = std::max<std::size_t>(style_.width, 40) - indent;
    std::vector<std::string> lines = wrap(text, room);
    if (lines.empty())
      lines.emplace_back();
    const bool beside = !detail.empty() && columns_of(lines.back()) + 2 + columns_of(detail) <= room;
    out_ += fmt::format("  {} {}", paint(style_, ink, mark), lines.front());
    for (std::size_t i = 1; i < lines.size(); ++i)
      out_ += fmt::format("\n{}{}", std::string(indent, ' '), lines[i]);
    if (beside)
      out_ += paint(style_, Ink::faint, fmt::format("  {}", detail));
    out_ += '\n';
    if (!detail.empty() && !beside)
      for (const std::string& line : wrap(detail, room - 2))
        out_ += fmt::format("{}{}\n", std::string(indent + 2, ' '), paint(style_, Ink::faint, line));
  }

  const TextStyle& style_;
  std::string out_;
};

void tell_check(Lines& lines, const CheckReport& check, bool failures_only) {
  const std::string& text = check.text.empty() ? check.expression : check.text;
  const std::string values = readings(check);
  if (!check.evaluated) {
    if (!failures_only)
      lines.open(fmt::format("not checked: {}", text));
  } else if (!check.holds) {
    lines.bad(text, check.text.empty() ? values : fmt::format("{}: {}", check.expression, values));
  } else if (!failures_only) {
    lines.good(text, check.text.empty() ? values : check.expression);
  }
}

/// "I2 (3 times, first at 1.2 ms, event 56)"
std::string violation_text(const InvariantReport& report) {
  const char* const name = invariant_name(report.invariant);
  if (report.invariant == Invariant::repeatable)
    return name;
  const std::string often = report.violation.count == 1
                                ? "once,"
                                : fmt::format("{} times, first", show_count(report.violation.count));
  return fmt::format("{} ({} at {}, event {})", name, often, show_duration(report.violation.first_ns),
                     report.violation.first_event);
}

/// What is not as it should be, a line each. Says whether all invariants hold.
bool tell_surprises(Lines& lines, const VariantReport& run) {
  bool all_hold = true;
  for (const InvariantReport& invariant : run.invariants) {
    all_hold &= invariant.checked && invariant.holds();
    if (invariant.as_expected())
      continue;
    if (invariant.must_break)
      lines.bad(fmt::format("{} does not break {} ({}), as it should", run.name,
                            invariant_name(invariant.invariant), invariant_text(invariant.invariant)));
    else
      lines.bad(fmt::format("{} breaks {}: {}", run.name, violation_text(invariant),
                            invariant_text(invariant.invariant)));
  }
  return all_hold;
}

/// The faults that a run is there to show.
void tell_exhibits(Lines& lines, const VariantReport& run) {
  std::vector<std::string> broken;
  for (const InvariantReport& invariant : run.invariants)
    if (invariant.must_break && invariant.checked && !invariant.holds())
      broken.push_back(violation_text(invariant));
  if (!broken.empty())
    lines.good(fmt::format("{} breaks {}, as it is there to show", run.name, fmt::join(broken, " and ")));
}

void tell_invariants(Lines& lines, const ScenarioReport& report, bool failures_only) {
  bool all_hold = true;
  for (const VariantReport& run : report.runs) {
    all_hold &= tell_surprises(lines, run);
    if (!failures_only)
      tell_exhibits(lines, run);
  }
  if (failures_only || report.runs.empty())
    return;
  if (all_hold)
    lines.good(fmt::format("the invariants I1 to I6 hold{}", report.runs.size() > 1 ? " in every run" : ""));
  else if (report.outcome() == Outcome::passed)
    lines.good("all other invariants hold");
}

void tell_errors(Lines& lines, const ScenarioReport& report) {
  for (const VariantReport& run : report.runs)
    for (const Error& error : run.errors)
      lines.bad(fmt::format("{}: {}", run.name, error.text()),
                fmt::format("what came before stands: {} packets arrived, {} were delivered",
                            show_count(run.arrived), show_count(run.total.delivered)));
}

std::string chapters(const ScenarioReport& report, const TextStyle& style) {
  std::string out;
  const VariantReport& base = report.runs.front();
  for (std::size_t i = 0; i < base.chapters.size(); ++i) {
    const ChapterReport& chapter = base.chapters[i];
    if (!chapter.reached)
      continue;
    constexpr std::size_t indent = 16;
    const std::vector<std::string> lines =
        wrap(chapter.text, std::max<std::size_t>(style.width, 50) - indent);
    out += fmt::format("  {} {} ", paint(style, Ink::mark, fmt::format("{}", (i + 1) % 10)),
                       paint(style, Ink::faint, pad_left(show_duration(chapter.time_ns), indent - 6)));
    for (std::size_t l = 0; l < lines.size(); ++l)
      out += fmt::format("{}{}\n", l == 0 ? " " : std::string(indent, ' '), lines[l]);
  }
  return out.empty() ? out : out + '\n';
}

std::string heading(const ScenarioReport& report, const TextStyle& style) {
  const std::string title =
      report.number != 0 ? fmt::format("{}  {}", report.number, report.title) : report.title;
  std::string out = fmt::format("\n{}\n", paint(style, Ink::strong, title));
  const std::size_t columns = std::min<std::size_t>(std::max<std::size_t>(style.width, 42), 100) - 2;
  for (const std::string& line : wrap(report.lesson, columns))
    out += line.empty() ? "\n" : fmt::format("  {}\n", line);
  if (!report.lesson.empty())
    out += '\n';
  for (const VariantReport& run : report.runs) {
    if (&run != &report.runs.front() && run.traffic == report.runs.front().traffic)
      continue;
    for (const std::string& line : run.traffic)
      out += fmt::format(
          "{}\n",
          paint(style, Ink::faint,
                shorten(style, fmt::format("  {}{}", report.runs.size() > 1 ? run.name + ", " : "", line),
                        style.width)));
    if (report.runs.size() > most_drawn)
      break;
  }
  return out + '\n';
}

std::string conversations(const ScenarioReport& report, const TextStyle& style) {
  std::string out;
  std::size_t columns = 0;
  std::vector<std::string> names;
  for (const Conversation& one : report.conversations) {
    names.push_back(one.source.empty() ? one.protocol : fmt::format("{} ↔ {}", one.source, one.destination));
    columns = std::max(columns, columns_of(names.back()));
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    const Conversation& one = report.conversations[i];
    out += fmt::format(
        "  {}  {}{}{}\n", pad_right(names[i], columns), pad_right(one.protocol, 8),
        paint(style, Ink::faint, pad_left(fmt::format("{} packets", show_count(one.packets)), 14)),
        paint(style, Ink::faint, pad_left(show_size(one.bytes), 12)));
  }
  return out.empty() ? out : out + '\n';
}

std::string conclusion(const ScenarioReport& report, const TextStyle& style) {
  const auto holding = static_cast<std::size_t>(std::count_if(report.checks.begin(), report.checks.end(),
                                                              [](const CheckReport& c) { return c.holds; }));
  switch (report.outcome()) {
  case Outcome::passed:
    return paint(style, Ink::good, fmt::format("passed: {}", show_count(report.checks.size(), "check")));
  case Outcome::failed:
    return paint(style, Ink::bad, fmt::format("FAILED: {} of {} checks hold", holding, report.checks.size()));
  case Outcome::interrupted:
    return paint(style, Ink::warning, "interrupted: this is a partial report, nothing was checked");
  case Outcome::bad_input:
    return paint(style, Ink::bad, "partial: a source or a reader failed, nothing was checked");
  }
  return {};
}

} // namespace

std::string failures_as_text(const ScenarioReport& report, const TextStyle& style) {
  Lines lines(style);
  tell_errors(lines, report);
  for (const CheckReport& check : report.checks)
    tell_check(lines, check, true);
  tell_invariants(lines, report, true);
  return presentable(style, lines.take());
}

std::string summary_line(const ScenarioReport& report, const TextStyle& style) {
  const bool passed = report.outcome() == Outcome::passed;
  const std::string mark = style.unicode ? (passed ? "✓" : "✗") : (passed ? "ok    " : "FAILED");
  const std::string line = fmt::format(
      "{} {}{}  {}", paint(style, passed ? Ink::good : Ink::bad, mark),
      report.number != 0 ? fmt::format("{:>3}  ", report.number) : "", report.title,
      paint(style, Ink::faint,
            fmt::format("{}: {}, {}", outcome_name(report.outcome()), show_count(report.runs.size(), "run"),
                        show_count(report.checks.size(), "check"))));
  return presentable(style, line);
}

std::string report_as_text(const ScenarioReport& report, const TextStyle& style) {
  std::string out = heading(report, style);
  if (!report.runs.empty()) {
    std::vector<const VariantReport*> drawn;
    for (const VariantReport& run : report.runs)
      if (report.runs.size() <= most_drawn || drawn.empty())
        drawn.push_back(&run);
    out += picture_as_text(drawn, style) + '\n';
    out += chapters(report, style);
    out += conversations(report, style);
    out += table_as_text(report.runs, style) + '\n';
  }
  Lines lines(style);
  tell_errors(lines, report);
  for (const CheckReport& check : report.checks)
    tell_check(lines, check, false);
  tell_invariants(lines, report, false);
  for (const std::string& warning : report.warnings)
    lines.note(warning);
  return presentable(style, out + lines.take() + fmt::format("\n{}\n", conclusion(report, style)));
}

} // namespace zbuf
