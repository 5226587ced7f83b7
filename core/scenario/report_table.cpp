// SPDX-License-Identifier: BSD-2-Clause
// The figures of the runs, side by side.
#include "core/scenario/report_text.h"

#include "core/scenario/units.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <functional>

namespace zbuf {

namespace {

std::string decimal(double value) {
  if (value >= 1000)
    return show_count(static_cast<std::uint64_t>(std::llround(value)));
  return fmt::format("{:.{}f}", value, value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 || value == 0 ? 2 : 3);
}

enum class Show { count, decimal, duration };

/// A figure of a run.
struct Figure {
  std::string_view name;
  std::string_view short_name; ///< over a column; empty: not in a table of many runs
  Show show;
  bool always; ///< also where it is 0 everywhere
  bool ratio;  ///< is it worth comparing?
  double (*value)(const VariantReport&);
  bool processor_time = false;
};

constexpr double none = -1; ///< shown as "-"

double per_delivered(double value, const VariantReport& run) {
  return run.total.delivered == 0 ? none : value / static_cast<double>(run.total.delivered);
}

constexpr Figure figures[] = {
    {"packets", "packets", Show::count, true, false,
     [](const VariantReport& r) { return static_cast<double>(r.arrived); }},
    {"missed by the interface", "missed", Show::count, false, false,
     [](const VariantReport& r) { return static_cast<double>(r.missed); }},
    {"rejected by the filter", "", Show::count, false, false,
     [](const VariantReport& r) { return static_cast<double>(r.total.rejected); }},
    {"delivered", "delivered", Show::count, true, true,
     [](const VariantReport& r) { return static_cast<double>(r.total.delivered); }},
    {"dropped", "dropped", Show::count, true, true,
     [](const VariantReport& r) { return static_cast<double>(r.total.dropped); }},
    {"lost", "lost", Show::count, false, false,
     [](const VariantReport& r) { return static_cast<double>(r.total.lost); }},
    {"overwritten while read", "overwritten", Show::count, false, false,
     [](const VariantReport& r) { return static_cast<double>(r.total.garbled); }},
    {"given back unread", "", Show::count, false, false,
     [](const VariantReport& r) { return static_cast<double>(r.total.unread); }},
    {"still in buffers", "", Show::count, false, false,
     [](const VariantReport& r) { return static_cast<double>(r.in_buffers); }},
    {"system calls", "calls", Show::count, true, true,
     [](const VariantReport& r) { return static_cast<double>(r.total.syscalls); }},
    {"... per 1000 delivered", "per 1000", Show::decimal, true, false,
     [](const VariantReport& r) { return per_delivered(1000.0 * static_cast<double>(r.total.syscalls), r); }},
    {"wake-ups", "", Show::count, true, true,
     [](const VariantReport& r) { return static_cast<double>(r.total.wakeups); }},
    {"bytes copied per packet", "B copied", Show::decimal, true, true,
     [](const VariantReport& r) {
       return per_delivered(static_cast<double>(r.total.bytes_copied_kernel + r.total.bytes_copied_user), r);
     }},
    {"reader's CPU, modelled", "reader CPU", Show::duration, true, true,
     [](const VariantReport& r) { return static_cast<double>(r.reader_cpu_ns()); }, true},
    {"kernel's CPU, modelled", "", Show::duration, false, true,
     [](const VariantReport& r) { return r.events == 0 ? none : static_cast<double>(r.kernel_busy_ns); },
     true},
};

std::string shown(const Figure& figure, double value) {
  if (value == none)
    return "-";
  switch (figure.show) {
  case Show::count:
    return show_count(static_cast<std::uint64_t>(value));
  case Show::decimal:
    return decimal(value);
  case Show::duration:
    return show_duration(static_cast<std::uint64_t>(value));
  }
  return {};
}

constexpr std::size_t name_columns = 28;
constexpr std::size_t column_columns = 13;

Ink ink_of(const Figure& figure, double value) {
  const bool harm =
      figure.name == "dropped" || figure.name == "lost" || figure.name == "overwritten while read";
  return harm && value > 0 ? Ink::bad : Ink::plain;
}

/// Is it worth a line?
bool is_shown(const Figure& figure, const std::vector<VariantReport>& runs) {
  const auto has_processor_times = [](const VariantReport& run) { return run.has_processor_times; };
  if (figure.processor_time && std::none_of(runs.begin(), runs.end(), has_processor_times))
    return false;
  return figure.always || std::any_of(runs.begin(), runs.end(),
                                      [&](const VariantReport& run) { return figure.value(run) > 0; });
}

std::string table_of_columns(const std::vector<VariantReport>& runs, const TextStyle& style) {
  const bool ratio = runs.size() == 2 && runs[1].readers.size() == runs[0].readers.size();
  std::string out(name_columns, ' ');
  for (const VariantReport& run : runs)
    out += paint(style, Ink::strong, pad_left(run.name, column_columns));
  if (ratio)
    out += paint(style, Ink::faint, fmt::format("   {} ÷ {}", runs[1].name, runs[0].name));
  out += '\n';
  for (const Figure& figure : figures) {
    if (!is_shown(figure, runs))
      continue;
    out += pad_right(fmt::format("  {}", figure.name), name_columns);
    for (const VariantReport& run : runs) {
      const double value = figure.value(run);
      out += paint(style, ink_of(figure, value), pad_left(shown(figure, value), column_columns));
    }
    if (ratio && figure.ratio && figure.value(runs[0]) > 0) {
      const double factor = figure.value(runs[1]) / figure.value(runs[0]);
      const bool telling = factor >= 1.5 || factor <= 1 / 1.5;
      out += paint(style, telling ? Ink::strong : Ink::plain,
                   pad_left(fmt::format("{} ×", decimal(factor)), 12));
    }
    out += '\n';
  }
  return out;
}

std::string table_of_rows(const std::vector<VariantReport>& runs, const TextStyle& style) {
  constexpr std::size_t gap = 2;
  std::size_t run_columns = 0;
  for (const VariantReport& run : runs)
    run_columns = std::max(run_columns, columns_of(run.name) + 2);
  const auto columns_for = [&](const Figure& figure) {
    std::size_t columns = columns_of(figure.short_name);
    for (const VariantReport& run : runs)
      columns = std::max(columns, columns_of(shown(figure, figure.value(run))));
    return columns + gap;
  };
  std::vector<const Figure*> columns;
  for (const Figure& figure : figures)
    if (!figure.short_name.empty() && is_shown(figure, runs))
      columns.push_back(&figure);
  const auto width = [&] {
    std::size_t sum = run_columns;
    for (const Figure* figure : columns)
      sum += columns_for(*figure);
    return sum;
  };
  while (width() > style.width && columns.size() > 3)
    columns.pop_back(); // the first ones matter most
  std::string out(run_columns, ' ');
  for (const Figure* figure : columns)
    out += paint(style, Ink::faint, pad_left(figure->short_name, columns_for(*figure)));
  out += '\n';
  for (const VariantReport& run : runs) {
    out += paint(style, Ink::strong, pad_right(fmt::format("  {}", run.name), run_columns));
    for (const Figure* figure : columns) {
      const double value = figure->value(run);
      out += paint(style, ink_of(*figure, value), pad_left(shown(*figure, value), columns_for(*figure)));
    }
    out += '\n';
  }
  return out;
}

/// A run of several readers: itself, and each of them as if it had been alone, without events of its own.
std::vector<VariantReport> readers_of(const VariantReport& run) {
  std::vector<VariantReport> columns{run};
  for (const ReaderReport& reader : run.readers) {
    VariantReport one;
    one.name = reader.name;
    one.has_processor_times = run.has_processor_times;
    one.arrived = reader.counters.received;
    one.in_buffers = reader.in_buffers;
    one.total = reader.counters;
    one.readers = {reader};
    columns.push_back(std::move(one));
  }
  return columns;
}

} // namespace

std::string table_as_text(const std::vector<VariantReport>& runs, const TextStyle& style) {
  if (runs.size() == 1 && runs[0].readers.size() > 1 &&
      name_columns + (runs[0].readers.size() + 1) * column_columns <= style.width)
    return table_of_columns(readers_of(runs[0]), style);
  if (name_columns + runs.size() * column_columns <= style.width || runs.size() < 3)
    return table_of_columns(runs, style);
  return table_of_rows(runs, style);
}

} // namespace zbuf
