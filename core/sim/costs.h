// What things cost in virtual time. Every figure a run gives from these is modelled, and is called so.
//
// The defaults are orders of magnitude of a server processor of the 2020s (about 3 GHz, mitigations on), so
// that ratios come out as they do on machines; `source` of each says where it was taken. A scenario can
// override any of them.
#pragma once

#include <cstdint>
#include <string_view>

namespace zbuf {

/// Times in nanoseconds; per byte in picoseconds.
struct Costs {
  // The kernel, per packet.
  std::uint64_t packet_ns = 25;  ///< through the tap: list, lock, counters, record header
  std::uint64_t filter_ns = 20;  ///< one filter run
  std::uint64_t copy_ps = 60;    ///< one byte copied, into a buffer or out to the user: about 16 GB/s
  std::uint64_t wakeup_ns = 900; ///< making a sleeper runnable, where there is one to wake
  // The reader.
  std::uint64_t syscall_ns = 180;   ///< entering and leaving the kernel
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
    {"packet_ns", "ns", &Costs::packet_ns, "this engine, 64-byte packets, accept-all (bench_engine)"},
    {"filter_ns", "ns", &Costs::filter_ns, "bpf_filter on \"tcp port 80\", rejecting and accepting"},
    {"copy_ps", "ps/byte", &Costs::copy_ps, "memcpy of 1514 bytes between buffers of 512 KiB"},
    {"wakeup_ns", "ns", &Costs::wakeup_ns, "futex wake, perf bench futex"},
    {"syscall_ns", "ns", &Costs::syscall_ns, "getppid, lmbench lat_syscall"},
    {"switch_ns", "ns", &Costs::switch_ns, "two processes over a pipe, lmbench lat_ctx"},
    {"latency_ns", "ns", &Costs::latency_ns, "pipe round trip on an idle core, lmbench lat_pipe"},
    {"look_ns", "ns", &Costs::look_ns, "a load that hits the cache, with its loop"},
    {"handle_ns", "ns", &Costs::handle_ns, "a header decoded and counted, as a flow counter does"},
    {"handle_byte_ps", "ps/byte", &Costs::handle_byte_ps, "0: most readers do not look at the payload"},
};

} // namespace zbuf
