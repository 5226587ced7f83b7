// SPDX-License-Identifier: BSD-2-Clause
#include "core/exec/report.h"

#include <csignal>
#include <cstring>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace zbuf::exec {

namespace {

std::string seconds(std::uint64_t ns) {
  return fmt::format("{}.{:03} s", ns / 1'000'000'000, ns % 1'000'000'000 / 1'000'000);
}

std::string count(std::uint64_t n, std::string_view what) {
  return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s");
}

std::string ending_of(const Report& report) {
  if (report.ending.signal != 0)
    return fmt::format("was killed by signal {} ({})", report.ending.signal,
                       ::strsignal(report.ending.signal));
  return fmt::format("ended with status {}", report.ending.status);
}

std::string mode_of(const DescriptorReport& d) {
  if (d.mode == BufferMode::zbuf)
    return fmt::format("zero-copy, 2 x {} bytes", d.buffer_bytes);
  return fmt::format("read(2), 2 x {} bytes", d.buffer_bytes);
}

std::string calls_of(const DescriptorReport& d) {
  if (d.matched == 0 || d.matched == d.dropped)
    return count(d.calls, "system call");
  const std::uint64_t taken = d.matched - d.dropped;
  return fmt::format("{}, {}.{:03} a packet", count(d.calls, "system call"), d.calls / taken,
                     d.calls % taken * 1000 / taken);
}

std::string figures_of(const DescriptorReport& d) {
  std::string text = fmt::format("    {} received, {} matched, {} dropped; {}\n", d.received, d.matched,
                                 d.dropped, calls_of(d));
  if (d.mode == BufferMode::zbuf)
    text += fmt::format("    {} lent, {} given back\n", count(d.published, "fill"), d.acknowledged);
  else
    text += fmt::format("    {} of {}\n", count(d.reads, "read"), count(d.read_bytes, "byte"));
  return text;
}

void add_wrapped(std::string& out, const TextStyle& style, std::string_view text) {
  const std::size_t columns = style.width > 20 ? style.width - 8 : 72;
  bool first = true;
  for (const std::string& line : wrap(text, columns)) {
    out += fmt::format("{}{}\n", first ? "    - " : "      ", paint(style, Ink::bad, line));
    first = false;
  }
}

std::string text_of(const DescriptorReport& d, const TextStyle& style) {
  std::string out =
      fmt::format("  {} ({}, pid {}): {}, {}{}\n", paint(style, Ink::strong, fmt::format("bpf{}", d.number)),
                  d.command, d.pid, d.interface, mode_of(d), d.open ? ", still open" : "");
  out += figures_of(d);
  if (d.mistakes.empty())
    out += "    no mistake was seen\n";
  for (const Mistake& mistake : d.mistakes)
    add_wrapped(out, style, mistake_sentence(mistake));
  return out;
}

} // namespace

std::string report_as_text(const Report& report, const TextStyle& style) {
  std::string out =
      fmt::format("zbuf exec: {} {} after {}; {} on {}, {}{}\n", report.program, ending_of(report),
                  seconds(report.duration_ns), report.revision, report.traffic,
                  count(report.packets, "packet"), report.traffic_ended ? ", all there were" : "");
  if (report.descriptors.empty())
    out += "  It did not open /dev/bpf.\n";
  std::size_t idle = 0;
  for (const DescriptorReport& descriptor : report.descriptors) {
    if (descriptor.interface.empty() || (descriptor.received == 0 && descriptor.calls < 3))
      ++idle; // who looks which interfaces there are opens it, and closes it again
    else
      out += text_of(descriptor, style);
  }
  if (idle != 0)
    out += fmt::format("  {} opened, and never read from.\n", count(idle, "descriptor"));
  return presentable(style, out);
}

std::string mistakes_as_json(const std::vector<DescriptorReport>& descriptors) {
  nlohmann::json all = nlohmann::json::array();
  for (const DescriptorReport& descriptor : descriptors)
    for (const Mistake& mistake : descriptor.mistakes)
      all.push_back({{"descriptor", descriptor.number},
                     {"time_ns", mistake.first_ns},
                     {"text", mistake_sentence(mistake)}});
  return nlohmann::json{{"mistakes", all}}.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

} // namespace zbuf::exec
