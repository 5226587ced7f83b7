// SPDX-License-Identifier: BSD-2-Clause
#include "core/exec/report.h"

#include "core/scenario/junit.h"
#include "core/trace/event.h"

#include <algorithm>
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

void add_wrapped(std::string& out, const TextStyle& style, Ink ink, std::string_view text) {
  const std::size_t columns = style.width > 20 ? style.width - 8 : 72;
  bool first = true;
  for (const std::string& line : wrap(text, columns)) {
    out += fmt::format("{}{}\n", first ? "    - " : "      ", paint(style, ink, line));
    first = false;
  }
}

/// With where to read more about it.
std::string told(const Mistake& mistake) {
  if (mistake.harmless)
    return mistake_sentence(mistake);
  const MistakeInfo& info = mistake_info(mistake.kind);
  return fmt::format("{} [{}; spec {}; zbuf run {}]", mistake_sentence(mistake), info.id, info.rules,
                     info.lesson);
}

std::string text_of(const DescriptorReport& d, const TextStyle& style) {
  const std::string where = d.interface.empty() ? "never attached" : d.interface + ", " + mode_of(d);
  std::string out =
      fmt::format("  {} ({}, pid {}): {}{}\n", paint(style, Ink::strong, fmt::format("bpf{}", d.number)),
                  d.command, d.pid, where, d.open ? ", still open" : "");
  out += figures_of(d);
  if (std::none_of(d.mistakes.begin(), d.mistakes.end(), [](const Mistake& m) { return !m.harmless; }))
    out += "    no mistake was seen\n";
  for (const Mistake& mistake : d.mistakes)
    add_wrapped(out, style, mistake.harmless ? Ink::plain : Ink::bad, told(mistake));
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
    if (descriptor.mistakes.empty() &&
        (descriptor.interface.empty() || (descriptor.received == 0 && descriptor.calls < 3)))
      ++idle; // who looks which interfaces there are opens it, and closes it again
    else
      out += text_of(descriptor, style);
  }
  if (idle != 0)
    out += fmt::format("  {} opened, and never read from.\n", count(idle, "descriptor"));
  return presentable(style, out);
}

namespace {

using nlohmann::json;

json json_of(const DescriptorReport& d, const Mistake& m) {
  const MistakeInfo& info = mistake_info(m.kind);
  json one{{"id", info.id},
           {"descriptor", d.number},
           {"time_ns", m.first_ns},
           {"count", m.count},
           {"rules", info.rules},
           {"lesson", info.lesson},
           {"is_mistake", !m.harmless},
           {"text", mistake_sentence(m)}};
  if (m.buffer == ZB_A || m.buffer == ZB_B)
    one["buffer"] = m.buffer == ZB_A ? "A" : "B";
  if (m.kind == MistakeKind::refused_call) {
    const char* const name = request_name(m.value);
    one["request"] = name != nullptr ? name : fmt::format("{:#010x}", m.value);
    const char* const error = ::strerrorname_np(static_cast<int>(m.expected));
    one["errno"] = error != nullptr ? error : fmt::format("{}", m.expected);
  }
  return one;
}

json json_of(const DescriptorReport& d) {
  json mistakes = json::array();
  for (const Mistake& mistake : d.mistakes)
    mistakes.push_back(json_of(d, mistake));
  return {{"number", d.number},
          {"pid", d.pid},
          {"command", d.command},
          {"interface", d.interface},
          {"mode", d.mode == BufferMode::zbuf ? "zbuf" : "buffer"},
          {"buffer_bytes", d.buffer_bytes},
          {"received", d.received},
          {"matched", d.matched},
          {"dropped", d.dropped},
          {"published", d.published},
          {"acknowledged", d.acknowledged},
          {"reads", d.reads},
          {"read_bytes", d.read_bytes},
          {"calls", d.calls},
          {"opened_ns", d.opened_ns},
          {"closed_ns", d.closed_ns},
          {"open", d.open},
          {"mistakes", mistakes}};
}

std::string printed(const json& value, int indent) {
  return value.dump(indent, ' ', false, json::error_handler_t::replace);
}

} // namespace

std::size_t mistake_count(const Report& report) {
  std::size_t n = 0;
  for (const DescriptorReport& descriptor : report.descriptors)
    for (const Mistake& mistake : descriptor.mistakes)
      n += !mistake.harmless;
  return n;
}

std::string report_as_json(const Report& report) {
  json descriptors = json::array();
  for (const DescriptorReport& descriptor : report.descriptors)
    descriptors.push_back(json_of(descriptor));
  return printed({{"program", report.program},
                  {"status", report.ending.status},
                  {"signal", report.ending.signal},
                  {"duration_ns", report.duration_ns},
                  {"revision", report.revision},
                  {"traffic", report.traffic},
                  {"packets", report.packets},
                  {"traffic_ended", report.traffic_ended},
                  {"mistakes", mistake_count(report)},
                  {"descriptors", descriptors}},
                 2) +
         "\n";
}

std::string report_as_junit(const Report& report) {
  std::vector<JunitCase> cases;
  JunitCase whole{"the program ends by itself"};
  if (report.ending.signal != 0) {
    whole.result = JunitCase::error;
    whole.message = fmt::format("{} {}", report.program, ending_of(report));
  }
  cases.push_back(std::move(whole));
  for (std::size_t kind = 0; kind < mistake_kinds; ++kind) {
    JunitCase one{mistake_table[kind].id};
    for (const DescriptorReport& d : report.descriptors)
      for (const Mistake& m : d.mistakes)
        if (m.kind == static_cast<MistakeKind>(kind) && !m.harmless) {
          one.result = JunitCase::failed;
          one.message += fmt::format("{}bpf{}: {}", one.message.empty() ? "" : "\n", d.number, told(m));
        }
    cases.push_back(std::move(one));
  }
  return junit_document(junit_suite(report.program, cases));
}

std::string mistakes_as_json(const std::vector<DescriptorReport>& descriptors) {
  json all = json::array();
  for (const DescriptorReport& descriptor : descriptors)
    for (const Mistake& mistake : descriptor.mistakes)
      all.push_back(json_of(descriptor, mistake));
  return printed({{"mistakes", all}}, -1);
}

} // namespace zbuf::exec
