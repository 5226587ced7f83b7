// SPDX-License-Identifier: BSD-2-Clause
// What things cost in virtual time. Every figure a run gives from these is modelled, and is called so.
//
// The defaults are rounded, and of the order that bench_costs measures (costs.bench.cpp): what matters is
// their ratios. `source` says of each where it comes from. A scenario can override any of them.
#pragma once

#include <cstdint>
#include <string_view>

namespace zbuf {

/// Times in nanoseconds; per byte in picoseconds.
struct Costs {
  // The kernel, per packet.
  std::uint64_t packet_ns = 25;   ///< through the tap: list, lock, counters, record header
  std::uint64_t filter_ns = 15;   ///< one filter run
  std::uint64_t copy_ps = 60;     ///< one byte copied into a buffer: about 16 GB/s
  std::uint64_t wakeup_ns = 1000; ///< making a sleeper runnable, where there is one to wake
  // The reader.
  std::uint64_t syscall_ns = 130;   ///< entering and leaving the kernel
  std::uint64_t copy_out_ps = 60;   ///< one byte copied out to the user by read(2)
  std::uint64_t switch_ns = 1500;   ///< being scheduled again after a sleep
  std::uint64_t latency_ns = 3000;  ///< from wake-up to running
  std::uint64_t look_ns = 4;        ///< one look at a header
  std::uint64_t handle_ns = 40;     ///< one record
  std::uint64_t handle_byte_ps = 0; ///< one byte of a record
};

/// One line per cost, for --help, reports and the manual.
struct CostInfo {
  std::string_view name;
  std::string_view unit;
  std::uint64_t Costs::*member;
  std::string_view source;
};

/// In order of declaration.
inline constexpr CostInfo cost_infos[] = {
    {"packet_ns", "ns", &Costs::packet_ns, "bench_handoff, kernel side, less the copy; rounded"},
    {"filter_ns", "ns", &Costs::filter_ns,
     "bench_costs filter (\"tcp port 80\", mixed packets): 15; rounded"},
    {"copy_ps", "ps/byte", &Costs::copy_ps, "20 GB/s, from memory; bench_costs copy: 12 from the cache"},
    {"wakeup_ns", "ns", &Costs::wakeup_ns, "assumed, on a core that is awake"},
    {"syscall_ns", "ns", &Costs::syscall_ns, "bench_costs syscall (getppid): 128; rounded"},
    {"copy_out_ps", "ps/byte", &Costs::copy_out_ps, "as copy_ps; zbuf calibrate measures it"},
    {"switch_ns", "ns", &Costs::switch_ns, "assumed, on a core that is awake"},
    {"latency_ns", "ns", &Costs::latency_ns,
     "assumed; bench_costs wake_and_switch: 20 us one way on a busy virtual machine"},
    {"look_ns", "ns", &Costs::look_ns, "bench_costs look: 0.3 from the cache; 4 with the loop around it"},
    {"handle_ns", "ns", &Costs::handle_ns, "a small analysis; bench_costs handle, a bare walk: 7"},
    {"handle_byte_ps", "ps/byte", &Costs::handle_byte_ps, "most readers do not look at the payload"},
};

} // namespace zbuf
