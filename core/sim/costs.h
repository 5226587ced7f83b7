// SPDX-License-Identifier: BSD-2-Clause
// What things cost in virtual time. Every figure a run gives from these is modelled, and is called so.
//
// The defaults are rounded, and of the order that bench_costs measures (costs.bench.cpp): what matters is
// their ratios. `source` says of each where it comes from. A scenario can override any of them.
#pragma once

#include <cstdint>
#include <string_view>

namespace zbuf {

/// Times in nanoseconds; per byte in picoseconds. cost_infos says what each is.
struct Costs {
  // The kernel, per packet.
  std::uint64_t packet_ns = 25;
  std::uint64_t filter_ns = 15;
  std::uint64_t copy_ps = 60;
  std::uint64_t wakeup_ns = 1000;
  // The reader.
  std::uint64_t syscall_ns = 130;
  std::uint64_t copy_out_ps = 60;
  std::uint64_t switch_ns = 1500;
  std::uint64_t latency_ns = 3000;
  std::uint64_t look_ns = 4;
  std::uint64_t handle_ns = 40;
  std::uint64_t handle_byte_ps = 0;
};

/// One line per cost, for --help, reports and the manual.
struct CostInfo {
  std::string_view name;
  std::string_view unit;
  std::uint64_t Costs::*member;
  std::string_view meaning;
  std::string_view source;
  std::uint64_t least = 0;
};

/// In order of declaration. A reader that finds nothing must get on in time: what it then does costs
/// something.
inline constexpr CostInfo cost_infos[] = {
    {"packet_ns", "ns", &Costs::packet_ns, "through the tap: list, lock, counters, record header",
     "bench_handoff, kernel side, less the copy; rounded"},
    {"filter_ns", "ns", &Costs::filter_ns, "one filter run",
     "bench_costs filter (\"tcp port 80\", mixed packets): 15; rounded"},
    {"copy_ps", "ps/byte", &Costs::copy_ps, "one byte copied into a buffer: about 16 GB/s",
     "20 GB/s, from memory; bench_costs copy: 12 from the cache"},
    {"wakeup_ns", "ns", &Costs::wakeup_ns, "making a sleeper runnable, where there is one to wake",
     "assumed, on a core that is awake"},
    {"syscall_ns", "ns", &Costs::syscall_ns, "entering and leaving the kernel",
     "bench_costs syscall (getppid): 128; rounded", 1},
    {"copy_out_ps", "ps/byte", &Costs::copy_out_ps, "one byte copied out to the user by read(2)",
     "as copy_ps; zbuf calibrate measures it"},
    {"switch_ns", "ns", &Costs::switch_ns, "being scheduled again after a sleep",
     "assumed, on a core that is awake"},
    {"latency_ns", "ns", &Costs::latency_ns, "from wake-up to running",
     "assumed; bench_costs wake_and_switch: 20 us one way on a busy virtual machine"},
    {"look_ns", "ns", &Costs::look_ns, "one look at a header",
     "bench_costs look: 0.3 from the cache; 4 with the loop around it", 1},
    {"handle_ns", "ns", &Costs::handle_ns, "one record",
     "a small analysis; bench_costs handle, a bare walk: 7"},
    {"handle_byte_ps", "ps/byte", &Costs::handle_byte_ps, "one byte of a record",
     "most readers do not look at the payload"},
};

} // namespace zbuf
