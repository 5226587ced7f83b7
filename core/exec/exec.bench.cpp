// SPDX-License-Identifier: BSD-2-Clause
// What `zbuf exec` costs, in pairs that take turns: calls on other files with and without the preloaded
// library, and the sample zero-copy reader beside the reader of this process, each on packets as fast as they
// can be made.
//
// Usage: bench_exec [PAIRS]. Prints each pair, and the medians. Goals: at most 20 ns more for a call; at
// least 0.9 of the packets.
#include "core/clock/real_clock.h"
#include "core/emulated/kernel.h"
#include "core/reader/reader.h"
#include "core/traffic/synthetic.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>
#include <map>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace zbuf {
namespace {

constexpr double run_seconds = 1;
constexpr std::size_t buffer_bytes = 524288;

std::string output_of(const std::string& command) {
  std::string text;
  std::FILE* const pipe = ::popen(command.c_str(), "r");
  std::array<char, 4096> piece{};
  for (std::size_t n = 0; pipe != nullptr && (n = std::fread(piece.data(), 1, piece.size(), pipe)) > 0;)
    text.append(piece.data(), n);
  if (pipe != nullptr)
    ::pclose(pipe);
  return text;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// ---- Calls on other files ----

std::map<std::string, double> calls(const std::string& prefix, const std::string& argument) {
  std::map<std::string, double> ns;
  std::istringstream lines(output_of(prefix + ZBUF_CALLS_PROGRAM + argument + " 2>/dev/null"));
  std::string name;
  for (double value = 0; lines >> name >> value;)
    ns[name] = value;
  return ns;
}

void compare_calls(unsigned pairs) {
  const std::string exec = std::string(ZBUF_PROGRAM) + " exec -- ";
  std::map<std::string, std::vector<double>> alone, more, more_beside;
  for (unsigned i = 0; i < pairs; ++i) {
    const auto bare = calls("", "");
    const auto preloaded = calls(exec, "");
    const auto beside = calls(exec, " /dev/bpf");
    for (const auto& [name, ns] : bare) {
      alone[name].push_back(ns);
      more[name].push_back(preloaded.at(name) - ns);
      more_beside[name].push_back(beside.at(name) - ns);
    }
  }
  fmt::print("{:<12} {:>10} {:>12} {:>24}\n", "call", "alone, ns", "under exec", "and with /dev/bpf open");
  for (const auto& [name, ns] : alone)
    fmt::print("{:<12} {:>10.1f} {:>+12.1f} {:>+24.1f}\n", name, median(ns), median(more[name]),
               median(more_beside[name]));
}

// ---- Packets ----

/// Packets that were handled in a second, by the reader of this process. As the sample reader, it looks at
/// each record's header.
double in_process() {
  RealClock clock;
  EmulatedKernel::Config config;
  config.tunables.zerocopy_enable = true;
  EmulatedKernel kernel(clock, config);
  const auto em0 = *kernel.add_interface({});
  ReaderOptions options;
  options.buffer_bytes = buffer_bytes;
  const auto reader = *make_reader(kernel.open(), "em0", options);
  SyntheticConfig traffic;
  traffic.packets_per_second = 1e9;
  const auto source = *make_synthetic(traffic);
  std::atomic<bool> done = false;
  std::thread feed([&] {
    while (!done) {
      const auto packet = **source->next();
      kernel.arrive(em0, {packet.bytes, packet.wire_length, packet.outgoing});
    }
  });
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;
  const std::uint64_t start_ns = clock.now_ns();
  while (clock.now_ns() - start_ns < static_cast<std::uint64_t>(run_seconds * 1e9)) {
    const auto next = *reader->next();
    if (next.kind != Next::Kind::fill)
      continue;
    RecordCursor cursor(next.fill.records);
    while (const auto record = cursor.next()) {
      ++packets;
      bytes += record->datalen;
    }
  }
  done = true;
  feed.join();
  return bytes == 0 ? 0 : static_cast<double>(packets) / run_seconds;
}

double under_exec() {
  const std::string out =
      output_of(fmt::format("{} exec --traffic rate=1e9 -- {} em0 {} {} 2>/dev/null", ZBUF_PROGRAM,
                            ZBUF_READER_PROGRAM, run_seconds, buffer_bytes));
  return std::strtod(out.c_str(), nullptr) / run_seconds;
}

void compare_readers(unsigned pairs) {
  std::vector<double> ratios;
  for (unsigned i = 0; i < pairs; ++i) {
    const bool first = i % 2 == 0;
    const double before = first ? in_process() : under_exec();
    const double after = first ? under_exec() : in_process();
    const double here = first ? before : after;
    const double there = first ? after : before;
    ratios.push_back(there / here);
    fmt::print("in process {:.3f}, under exec {:.3f} million packets/s: {:.2f}\n", here / 1e6, there / 1e6,
               ratios.back());
  }
  fmt::print("median of the ratios: {:.2f}\n", median(ratios));
}

} // namespace
} // namespace zbuf

int main(int argc, char** argv) {
  const unsigned pairs = argc > 1 ? static_cast<unsigned>(std::max(1, std::atoi(argv[1]))) : 7;
  zbuf::compare_calls(pairs);
  zbuf::compare_readers(pairs);
}
