// SPDX-License-Identifier: BSD-2-Clause
// bpf(4) on real threads: the emulated kernel hosts the engine, and a reader of core/reader reads.
#include "core/bench/contest.h"
#include "core/bench/machine.h"
#include "core/clock/real_clock.h"
#include "core/reader/reader.h"

namespace zbuf {

namespace {

constexpr std::uint64_t patience_ns = 20'000'000;
constexpr const char* interface_name = "em0";

/// Counts what happens between kernel and process. Its functions are called on either thread.
class CallMeter final : public Meter {
 public:
  void call(zb_call) override { calls_.fetch_add(1, std::memory_order_relaxed); }
  void copied_to_user(std::size_t bytes) override { copied_.fetch_add(bytes, std::memory_order_relaxed); }
  void woke_up() override { wakeups_.fetch_add(1, std::memory_order_relaxed); }
  void resumed() override {}
  [[nodiscard]] std::uint64_t look_ns() const override { return 0; }

  [[nodiscard]] std::uint64_t calls() const { return calls_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t copied() const { return copied_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t wakeups() const { return wakeups_.load(std::memory_order_relaxed); }

 private:
  alignas(apart) std::atomic<std::uint64_t> calls_{0};
  std::atomic<std::uint64_t> copied_{0};
  alignas(apart) std::atomic<std::uint64_t> wakeups_{0};
};

EmulatedKernel::Config kernel_config() {
  EmulatedKernel::Config config;
  config.tunables.zerocopy_enable = true;
  config.tunables.maxbufsize = ZB_ZMAX;
  config.copies_through_kernel = true;
  return config;
}

ReaderOptions options_of(const ContestSetting& setting) {
  const BenchCase& one = setting.one;
  ReaderOptions options;
  options.mode = one.way == Way::read_call ? BufferMode::buffer : BufferMode::zbuf;
  options.buffer_bytes = one.buffer_bytes;
  options.filter.assign(setting.filter.begin(), setting.filter.end());
  const Waiting busy = one.way == Way::read_call ? Waiting::poll : Waiting::spin;
  options.waiting = one.policy == ReaderPolicy::sleep  ? Waiting::sleep
                    : one.policy == ReaderPolicy::poll ? Waiting::poll
                                                       : busy;
  // A busy reader waits for full buffers, and so never needs to ask for less.
  options.timeout_ns = one.policy == ReaderPolicy::sleep ? patience_ns : 0;
  return options;
}

class BpfContest final : public Contest {
 public:
  BpfContest() : kernel_(clock_, kernel_config(), nullptr, &meter_) {}

  Result<void> set_up(const ContestSetting& setting) {
    reads_ = setting.one.way != Way::path;
    InterfaceConfig config;
    config.name = interface_name;
    config.mtu = 9216;
    config.link_type = static_cast<std::uint32_t>(setting.ring->link_type());
    const auto interface = kernel_.add_interface(config);
    if (!interface)
      return fail(interface.error());
    interface_ = *interface;
    auto reader = make_reader(kernel_.open(), interface_name, options_of(setting));
    if (!reader)
      return fail(reader.error());
    reader_ = std::move(*reader);
    prepared_calls_ = meter_.calls();
    return {};
  }

  void offer(std::span<const Arrival> burst) override {
    const TapWork work = kernel_.arrive(interface_, burst);
    copied_.add(work.stored_bytes);
  }

  bool take(Seen& seen) override {
    // A busy reader tries for a while before anybody asks it to stop.
    constexpr int tries = 64;
    for (int i = 0; i < tries; ++i) {
      const auto next = reader_->next();
      if (!next || next->kind == Next::Kind::gone) {
        failure_ = next ? Error{Error::Code::io, "the interface has gone"} : next.error();
        return false;
      }
      if (next->kind == Next::Kind::fill) {
        if (reads_)
          look_through(next->fill.records, seen);
        reader_->release();
        return true;
      }
    }
    return true;
  }

  [[nodiscard]] Counts counts() const override {
    Counts counts;
    const std::vector<zb_xbpf_d> stats = kernel_.stats();
    if (!stats.empty()) {
      counts.dropped = stats.front().dcount;
      counts.filtered_out = stats.front().rcount - stats.front().fcount;
      counts.stored = stats.front().fcount - stats.front().dcount;
      counts.offered = stats.front().rcount;
    }
    counts.kernel_copied_bytes = copied_.value();
    counts.user_copied_bytes = meter_.copied();
    counts.system_calls = meter_.calls() - prepared_calls_;
    counts.wakeups = meter_.wakeups();
    return counts;
  }

  [[nodiscard]] Error failure() const override { return failure_; }
  [[nodiscard]] bool delivers() const override { return reads_; }

 private:
  RealClock clock_;
  CallMeter meter_;
  EmulatedKernel kernel_;
  EmulatedKernel::InterfaceId interface_ = 0;
  std::uint64_t prepared_calls_ = 0;
  bool reads_ = true;
  alignas(apart) Tally copied_;
  alignas(apart) Error failure_{};
  std::unique_ptr<Reader> reader_;
};

} // namespace

void look_through(std::span<const std::byte> records, Seen& seen) {
  RecordCursor cursor(records);
  std::uint64_t packets = 0, bytes = 0, touched = 0;
  while (const auto record = cursor.next()) {
    ++packets;
    bytes += record->bytes.size();
    touched += static_cast<std::uint64_t>(record->bytes[0]);
  }
  seen.packets += packets;
  seen.packet_bytes += bytes;
  seen.touched += touched;
  ++seen.fills;
}

Result<std::unique_ptr<Contest>> make_bpf_contest(const ContestSetting& setting) {
  return set_up_contest<BpfContest>(setting);
}

} // namespace zbuf
