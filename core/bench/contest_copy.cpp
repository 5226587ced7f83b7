// SPDX-License-Identifier: BSD-2-Clause
// The least that any capture must do: memcpy of the same packets into buffers of the same size, which nobody
// reads.
#include "core/bench/contest.h"

#include <chrono>
#include <cstring>
#include <thread>
#include <vector>

namespace zbuf {

namespace {

class CopyContest final : public Contest {
 public:
  explicit CopyContest(std::size_t buffer_bytes) : memory_(2 * buffer_bytes) {}

  void offer(std::span<const Arrival> burst) override {
    std::uint64_t bytes = 0;
    for (const Arrival& packet : burst) {
      // Where a record of this packet would lie (spec 1.5): 26 bytes of header before it, then whole words.
      const std::size_t record = ZB_WORDALIGN(26 + packet.bytes.size());
      if (at_ + record > memory_.size())
        at_ = 0;
      std::memcpy(memory_.data() + at_, packet.bytes.data(), packet.bytes.size());
      at_ += record;
      bytes += packet.bytes.size();
    }
    offered_.add(burst.size());
    copied_.add(bytes);
  }

  bool take(Seen&) override {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return true;
  }

  [[nodiscard]] Counts counts() const override {
    Counts counts;
    counts.offered = counts.stored = offered_.value();
    counts.kernel_copied_bytes = copied_.value();
    return counts;
  }

  [[nodiscard]] bool delivers() const override { return false; }

 private:
  std::vector<std::byte> memory_;
  std::size_t at_ = 0;
  Tally offered_;
  Tally copied_;
};

} // namespace

Result<std::unique_ptr<Contest>> make_copy_contest(const ContestSetting& setting) {
  return std::make_unique<CopyContest>(setting.one.buffer_bytes);
}

} // namespace zbuf
