// SPDX-License-Identifier: BSD-2-Clause
// Live captures of a wire through the module: with its ring every event is exact and no promise is broken;
// without it slots are deduced. Either way every packet is accounted for.
#include "core/live/capture.h"
#include "core/trace/recording.h"
#include "tests/kernel/machine.h"

#include <cstdio>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <thread>

namespace zbuf {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t packets = 5000;

class LiveModule : public testing::Test {
 protected:
  void SetUp() override { set_sysctl("net.core.netdev_max_backlog", 100'000); }

  static LiveOptions options() {
    LiveOptions options;
    options.interface = "live1";
    options.modes = {BufferMode::zbuf, BufferMode::buffer};
    options.via = LiveOptions::Via::automatic;
    options.buffer_bytes = 65536;
    options.timeout_ns = 30'000'000;
    options.trace_path = "/tmp/live.zbt";
    return options;
  }
  std::unique_ptr<LiveCapture> started(LiveOptions options) {
    auto capture = LiveCapture::open(std::move(options));
    EXPECT_TRUE(capture) << capture.error().text();
    const auto begun = (*capture)->start();
    EXPECT_TRUE(begun) << begun.error().text();
    return std::move(*capture);
  }
  void send() {
    for (std::uint32_t n = 0; n < packets; ++n) {
      while (!wire_->send(test_packet(60 + n % 1400, n)))
        std::this_thread::yield();
      if (n % 250 == 0)
        std::this_thread::sleep_for(10ms);
    }
  }
  /// Until every reader has had, or lost, as many.
  static void await(LiveCapture& capture) {
    for (int i = 0; i < 500; ++i) {
      const LiveFigures figures = capture.figures();
      std::size_t done = 0;
      for (const DescriptorState& d : figures.state.descriptors)
        done += d.total.delivered + d.total.dropped == packets;
      if (done == capture.options().modes.size())
        return;
      std::this_thread::sleep_for(20ms);
    }
    ADD_FAILURE() << "not every packet has been accounted for";
  }
  static void expect_accounts(const State& state) {
    ASSERT_EQ(state.descriptors.size(), 2u);
    for (const DescriptorState& d : state.descriptors) {
      EXPECT_EQ(d.total.received, packets);
      EXPECT_EQ(d.total.stored + d.total.dropped, packets);
      EXPECT_EQ(d.total.delivered, d.total.stored);
      EXPECT_EQ(d.total.lost + d.total.unread + d.total.garbled + d.total.repeated, 0u);
      EXPECT_GT(d.total.delivered, 0u);
    }
    for (std::size_t i = 0; i < invariants; ++i)
      EXPECT_EQ(state.broken[i].count, 0u)
          << invariant_name(static_cast<Invariant>(i)) << " at event " << state.broken[i].first_event;
  }

  ScopedSysctl enable_{"net.bpf.zerocopy_enable", 1};
  std::unique_ptr<Wire> wire_ = std::make_unique<Wire>("live0", "live1");
};

TEST_F(LiveModule, EventsAreExact) {
  const auto capture = started(options());
  EXPECT_EQ(capture->kernel().slots(), "exact");
  send();
  await(*capture);
  capture->stop();
  const auto outcome = capture->finish();
  EXPECT_TRUE(outcome.errors.empty());
  expect_accounts(outcome.figures.state);
  const auto recording = Recording::open("/tmp/live.zbt");
  ASSERT_TRUE(recording) << recording.error().text();
  const State end = recording->state_after(recording->event_count());
  expect_accounts(end);
  EXPECT_EQ(end.arrived(), packets);
  EXPECT_EQ(end.lost_events, 0u);
  EXPECT_EQ(recording->event_count(ZB_EV_CLOSED), 2u);
  EXPECT_GT(end.descriptors[1].total.sleeps + end.descriptors[1].total.reads, 0u);
  EXPECT_EQ(nlohmann::json::parse(recording->metadata())["slots"], "exact");
  // The bytes of a packet are found by its number.
  const auto delivered = recording->next(mask_of({ZB_EV_HANDLED}), 0, Recording::Direction::forward, 0);
  ASSERT_TRUE(delivered);
  const Event handled = recording->event(*delivered);
  const auto packet = recording->packet(handled.packet);
  ASSERT_TRUE(packet);
  const auto sent = test_packet(handled.b, handled.packet);
  EXPECT_TRUE(std::equal(packet->bytes.begin(), packet->bytes.end(), sent.begin()));
}

/// Traffic that does not end when the capture does.
TEST_F(LiveModule, EndsWhilePacketsCome) {
  LiveOptions some = options();
  some.packets = 500;
  const auto capture = started(some);
  std::atomic<bool> enough = false;
  std::thread sender([&] {
    for (std::uint32_t n = 0; !enough; ++n)
      (void)wire_->send(test_packet(500, n));
  });
  EXPECT_TRUE(capture->wait(20s));
  const auto outcome = capture->finish();
  enough = true;
  sender.join();
  EXPECT_EQ(outcome.end, LiveCapture::End::limit);
  EXPECT_FALSE(outcome.figures.state.any_broken());
  EXPECT_GE(outcome.figures.state.descriptors[0].total.delivered, 500u);
}

TEST_F(LiveModule, InterfaceGoes) {
  const auto capture = started(options());
  send();
  await(*capture);
  wire_.reset();
  EXPECT_TRUE(capture->wait(20s));
  const auto outcome = capture->finish();
  EXPECT_EQ(outcome.end, LiveCapture::End::gone);
  expect_accounts(outcome.figures.state);
}

/// Without the ring the same capture goes on, and says so.
TEST_F(LiveModule, SlotsAreDeducedWithoutTheRing) {
  ASSERT_EQ(std::rename("/dev/bpf_trace", "/dev/bpf_trace.away"), 0);
  const auto capture = started(options());
  EXPECT_EQ(capture->kernel().slots(), "deduced");
  send();
  await(*capture);
  capture->stop();
  const auto outcome = capture->finish();
  ASSERT_EQ(std::rename("/dev/bpf_trace.away", "/dev/bpf_trace"), 0);
  EXPECT_TRUE(outcome.errors.empty());
  expect_accounts(outcome.figures.state);
  const auto recording = Recording::open("/tmp/live.zbt");
  ASSERT_TRUE(recording) << recording.error().text();
  EXPECT_EQ(nlohmann::json::parse(recording->metadata())["slots"], "deduced");
}

} // namespace
} // namespace zbuf
