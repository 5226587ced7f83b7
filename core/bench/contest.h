// SPDX-License-Identifier: BSD-2-Clause
// One way for packets from a kernel thread to a reader thread, set up once and run once.
#pragma once

#include "core/bench/plan.h"

extern "C" {
#include "kernel/engine/abi.h"
}

#include <atomic>
#include <cstdint>
#include <memory>

namespace zbuf {

/// What a reader saw: it looks at each packet's length and first byte, whatever way it came.
struct Seen {
  std::uint64_t packets = 0;
  std::uint64_t packet_bytes = 0;
  std::uint64_t fills = 0;
  std::uint64_t touched = 0; ///< a sum of first bytes, so that no compiler leaves the looking out
};

/// What was counted on both sides, from the start. Exact; where a thread counts, it is read when that is at
/// rest, or as of one burst or fill before.
struct Counts {
  std::uint64_t offered = 0;             ///< packets that the kernel's thread had
  std::uint64_t stored = 0;              ///< of these, put where a reader will see them
  std::uint64_t dropped = 0;             ///< of these, lost because there was no room
  std::uint64_t filtered_out = 0;        ///< of these, not wanted
  std::uint64_t kernel_copied_bytes = 0; ///< by the kernel's thread, record headers included
  std::uint64_t user_copied_bytes = 0;   ///< on the reader's thread
  std::uint64_t system_calls = 0;        ///< of the reader; what a program on bpf(4) would make
  std::uint64_t wakeups = 0;             ///< times that a sleeping reader was woken
};

/// What a reader of bpf(4) does with a fill.
void look_through(std::span<const std::byte> records, Seen& seen);

class Contest {
 public:
  virtual ~Contest() = default;

  /// The kernel's thread: these packets arrive, back to back; what does not fit is lost.
  virtual void offer(std::span<const Arrival> burst) = 0;

  /// The reader's thread: what is there, or nothing after having waited as its policy says, for 20 ms at
  /// most. Returns false if it cannot go on; failure() then says why.
  virtual bool take(Seen& seen) = 0;

  /// Any thread, any time.
  [[nodiscard]] virtual Counts counts() const = 0;

  /// After both threads have ended.
  [[nodiscard]] virtual Error failure() const { return {}; }

  /// Whether packets get to a reader at all; where they do not, what is stored counts.
  [[nodiscard]] virtual bool delivers() const { return true; }
};

/// A number that one thread writes and others look at.
class Tally {
 public:
  void add(std::uint64_t n) {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  void set(std::uint64_t n) { value_.store(n, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// Keeps what one thread writes out of the lines of cache that another one does.
inline constexpr std::size_t apart = 128;

struct ContestSetting {
  BenchCase one{};
  std::span<const zb_bpf_insn> filter{}; ///< outlives the contest
  const PacketRing* ring = nullptr;      ///< likewise
};

/// A contest of that kind, set up.
template <typename Kind>
Result<std::unique_ptr<Contest>> set_up_contest(const ContestSetting& setting) {
  auto contest = std::make_unique<Kind>();
  if (auto done = contest->set_up(setting); !done)
    return fail(done.error());
  return contest;
}

/// Errors: unsupported, where this machine or this process's rights have no such thing; the message says what
/// to do.
Result<std::unique_ptr<Contest>> make_contest(const ContestSetting& setting);

// The kinds, a file each.
Result<std::unique_ptr<Contest>> make_bpf_contest(const ContestSetting& setting);
Result<std::unique_ptr<Contest>> make_copy_contest(const ContestSetting& setting);
Result<std::unique_ptr<Contest>> make_queue_contest(const ContestSetting& setting);
Result<std::unique_ptr<Contest>> make_tpacket_contest(const ContestSetting& setting);
Result<std::unique_ptr<Contest>> make_native_contest(const ContestSetting& setting);

} // namespace zbuf
