// SPDX-License-Identifier: BSD-2-Clause
// What is to be measured: every combination of what was asked for, checked before anything runs.
#pragma once

#include "core/base/result.h"
#include "core/bench/packets.h"
#include "core/reader/options.h"
#include "core/sim/costs.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace zbuf {

/// A way for packets from the kernel's thread to the reader's.
enum class Way {
  zero_copy,  ///< bpf(4) with loaned buffers: one copy, by the kernel
  read_call,  ///< bpf(4) with read(2): a second copy, through a real kernel
  path,       ///< zero-copy with a reader that returns each buffer unread: what the kernel's side alone costs
  plain_copy, ///< memcpy into two buffers, and nobody reads them: the least that any capture must do
  queue, ///< a bounded single-producer single-consumer queue of packets by value, boost::lockfree::spsc_queue
  exact_queue, ///< the same with small slots, and only the bytes that are there are copied
  tpacket,     ///< Linux's AF_PACKET ring, TPACKET_V3, on one end of a veth pair
  native,      ///< zero-copy through this system's own /dev/bpf, on its loopback interface
  native_read, ///< read(2) likewise
};
inline constexpr std::size_t way_count = 9;
/// "zero-copy", "read", "path", "memcpy", "spsc", "spsc-exact", "tpacket", "native", "native-read"; in
/// reports and on the command line.
[[nodiscard]] std::string_view way_name(Way way);

/// What a reader does while there is nothing to read.
enum class ReaderPolicy {
  busy,  ///< never sleeps: looks at the generations again and again; read(2): tries again and again
  poll,  ///< asks poll(2) again and again. Zero-copy only: read(2) does the same when it is busy
  sleep, ///< in select(2), or in read(2)
};
inline constexpr std::size_t policy_count = 3;
[[nodiscard]] std::string_view policy_name(ReaderPolicy policy);

struct BenchPlan {
  std::vector<Way> ways{Way::zero_copy, Way::read_call};
  std::vector<PacketChoice> packets{PacketChoice{.size_bytes = 64}, PacketChoice{.size_bytes = 1514}};
  std::vector<std::size_t> buffer_bytes{
      524288}; ///< of each of the two; the others have as many bytes in flight
  std::vector<ReaderPolicy> policies{ReaderPolicy::busy};
  std::string filter{};                  ///< pcap-filter(7); empty: the program that accepts everything
  unsigned rounds = 11;                  ///< 1 to 1000; each measures every case once
  std::uint64_t case_ns = 100'000'000;   ///< how long: 1 ms to 60 s
  std::uint64_t warm_up_ns = 10'000'000; ///< before it, uncounted: 0 to 60 s
  std::optional<Costs> costs{}; ///< what the model says is told as well, at these; nothing: it is not
};

/// One combination.
struct BenchCase {
  Way way = Way::zero_copy;
  std::size_t packets = 0; ///< index into BenchPlan::packets
  std::size_t buffer_bytes = 0;
  ReaderPolicy policy = ReaderPolicy::busy;

  friend bool operator==(const BenchCase&, const BenchCase&) = default;
};

/// "zero-copy, 1514 bytes, 512 KiB, busy".
[[nodiscard]] std::string case_name(const BenchPlan& plan, const BenchCase& one);

/// Every case of the plan, in the order in which a round measures them: what is compared lies side by side.
///
/// Errors: bad_input for what cannot be, with the reason: zero-copy buffers that are not whole pages of 4096
/// bytes or exceed 2 MiB, a buffer that holds no record, poll as the only policy of read(2), and numbers out
/// of range. Not looked at: whether captures can be read and the filter compiles (Bench::prepare() does).
Result<std::vector<BenchCase>> cases_of(const BenchPlan& plan);

} // namespace zbuf
