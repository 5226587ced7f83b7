// SPDX-License-Identifier: BSD-2-Clause
#include "core/bench/plan.h"

extern "C" {
#include "kernel/engine/abi.h"
#include "kernel/engine/shared_header.h"
}

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace zbuf {

namespace {

constexpr std::array<std::string_view, way_count> way_names{
    "zero-copy", "read", "path", "memcpy", "spsc", "spsc-exact", "tpacket", "native", "native-read"};
constexpr std::array<std::string_view, policy_count> policy_names{"busy", "poll", "sleep"};
constexpr std::uint64_t longest_ns = 60'000'000'000;

std::string size_text(std::size_t bytes) {
  return bytes % (1u << 20) == 0 ? fmt::format("{} MiB", bytes >> 20)
         : bytes % 1024 == 0     ? fmt::format("{} KiB", bytes >> 10)
                                 : fmt::format("{} bytes", bytes);
}

template <typename T>
bool has(const std::vector<T>& list, const T& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

Result<void> refuse(std::string message) {
  return fail(Error::Code::bad_input, std::move(message));
}

Result<void> check_buffer(std::size_t bytes) {
  if (bytes < ZB_PAGE_SIZE || bytes > ZB_ZMAX || bytes % ZB_PAGE_SIZE != 0)
    return refuse(
        fmt::format("buffers of {} bytes; expected whole pages of {}, from one page to {} (BIOCGETZMAX)",
                    bytes, ZB_PAGE_SIZE, size_text(ZB_ZMAX)));
  return {};
}

/// A record must fit: what is cut off would be measured as if it had been copied.
Result<void> check_packet(std::uint32_t packet_bytes, std::size_t buffer_bytes) {
  constexpr std::size_t record_header = 32;
  if (packet_bytes + record_header + ZB_HEADER_SIZE > buffer_bytes)
    return refuse(
        fmt::format("packets of {} bytes do not fit buffers of {}; take smaller packets or larger buffers",
                    packet_bytes, size_text(buffer_bytes)));
  return {};
}

Result<void> check_numbers(const BenchPlan& plan) {
  if (plan.rounds < 1 || plan.rounds > 1000)
    return refuse(fmt::format("{} rounds; expected 1 to 1000", plan.rounds));
  if (plan.case_ns < 1'000'000 || plan.case_ns > longest_ns)
    return refuse(fmt::format("{} ns for each measurement; expected 1 ms to 60 s", plan.case_ns));
  if (plan.warm_up_ns > longest_ns)
    return refuse(fmt::format("{} ns to warm up; expected 60 s at most", plan.warm_up_ns));
  if (plan.ways.empty() || plan.packets.empty() || plan.buffer_bytes.empty() || plan.policies.empty())
    return refuse(
        "nothing to measure; expected one mode, packet size, buffer size and reader policy at least");
  return {};
}

Result<void> check_combinations(const BenchPlan& plan) {
  for (const std::size_t bytes : plan.buffer_bytes) {
    if (auto good = check_buffer(bytes); !good)
      return good;
    for (const PacketChoice& packets : plan.packets)
      if (auto good = check_packet(packets.imix ? 1514 : packets.size_bytes, bytes); !good)
        return good;
  }
  const bool polls_only = std::all_of(plan.policies.begin(), plan.policies.end(),
                                      [](ReaderPolicy policy) { return policy == ReaderPolicy::poll; });
  if (polls_only && !has(plan.ways, Way::zero_copy))
    return refuse("the policy poll is for zero-copy, and that is not asked for; expected busy or sleep");
  return {};
}

/// Reader policies mean something to it.
bool has_policy(Way way, ReaderPolicy policy) {
  if (policy == ReaderPolicy::poll)
    return way == Way::zero_copy;
  return policy == ReaderPolicy::busy || way == Way::zero_copy || way == Way::read_call ||
         way == Way::tpacket || way == Way::native || way == Way::native_read;
}

} // namespace

std::string_view way_name(Way way) {
  return way_names.at(static_cast<std::size_t>(way));
}

std::string_view policy_name(ReaderPolicy policy) {
  return policy_names.at(static_cast<std::size_t>(policy));
}

std::string case_name(const BenchPlan& plan, const BenchCase& one) {
  const PacketChoice& packets = plan.packets.at(one.packets);
  return fmt::format("{}, {}, {}, {}", way_name(one.way),
                     packets.size_bytes != 0 ? packets.name() + " bytes" : packets.name(),
                     size_text(one.buffer_bytes), policy_name(one.policy));
}

Result<std::vector<BenchCase>> cases_of(const BenchPlan& plan) {
  if (auto good = check_numbers(plan); !good)
    return fail(good.error());
  if (auto good = check_combinations(plan); !good)
    return fail(good.error());
  std::vector<BenchCase> cases;
  for (std::size_t packets = 0; packets < plan.packets.size(); ++packets)
    for (const std::size_t bytes : plan.buffer_bytes)
      for (const ReaderPolicy policy : plan.policies)
        for (const Way way : plan.ways) {
          const BenchCase one{way, packets, bytes, policy};
          if (has_policy(way, policy) && !has(cases, one))
            cases.push_back(one);
        }
  return cases;
}

} // namespace zbuf
