// SPDX-License-Identifier: BSD-2-Clause
#include "core/sim/simulation.h"

#include "core/traffic/capture.h"
#include "core/traffic/capture_bytes.h"
#include "core/traffic/synthetic.h"

#include <gtest/gtest.h>

#include <fmt/format.h>
#include <functional>

namespace zbuf {
namespace {

using Kind = SimFault::Kind;

SimConfig one_reader(BufferMode mode, double packets_per_second, std::uint64_t packets) {
  SimConfig config;
  config.kernel.tunables.zerocopy_enable = true;
  config.interfaces.push_back({});
  config.traffic.push_back({"em0", [=](std::uint64_t seed) {
                              SyntheticConfig traffic;
                              traffic.content = Content::pattern;
                              traffic.size_bytes = 60;
                              traffic.packets_per_second = packets_per_second;
                              traffic.limit_packets = packets;
                              traffic.seed = seed;
                              return make_synthetic(traffic);
                            }});
  SimReader reader;
  reader.options.mode = mode;
  reader.options.buffer_bytes = 32768;
  reader.options.timeout_ns = 10'000'000;
  config.readers.push_back(reader);
  return config;
}

struct Outcome {
  RunResult result;
  State state;
  std::uint64_t digest = 0;
};

Outcome simulate(const SimConfig& config, const std::function<void(Simulation&)>& prepare = {}) {
  Recorder::Options options;
  options.digest = true;
  auto recorder = Recorder::create(options);
  EXPECT_TRUE(recorder) << recorder.error().text();
  auto simulation = Simulation::create(config, **recorder);
  EXPECT_TRUE(simulation) << simulation.error().text();
  if (prepare)
    prepare(**simulation);
  Outcome outcome;
  outcome.result = (*simulation)->run();
  outcome.state = (*recorder)->state();
  outcome.digest = (*recorder)->digest();
  EXPECT_TRUE((*recorder)->finish(false));
  return outcome;
}

TEST(Simulation, AFastReaderGetsEveryPacketInBothModes) {
  for (const BufferMode mode : {BufferMode::zbuf, BufferMode::buffer}) {
    const Outcome run = simulate(one_reader(mode, 100'000, 10'000));
    const Counters total = run.state.total();
    EXPECT_EQ(run.result.end, RunEnd::finished);
    EXPECT_EQ(total.received, 10'000u);
    EXPECT_EQ(total.delivered, 10'000u);
    EXPECT_EQ(total.dropped, 0u);
    EXPECT_FALSE(run.state.any_broken());
    EXPECT_TRUE(run.state.ended);
    EXPECT_EQ(run.result.errors.size(), 0u);
  }
}

TEST(Simulation, ZeroCopyCopiesOnceAndReadTwice) {
  const Counters zbuf = simulate(one_reader(BufferMode::zbuf, 100'000, 10'000)).state.total();
  const Counters read = simulate(one_reader(BufferMode::buffer, 100'000, 10'000)).state.total();
  EXPECT_EQ(zbuf.bytes_copied_user, 0u);
  EXPECT_GT(read.bytes_copied_user, 10'000u * 86);
  EXPECT_EQ(zbuf.bytes_delivered, read.bytes_delivered);
  EXPECT_EQ(zbuf.reads, 0u);
  EXPECT_GT(read.reads, 0u);
}

TEST(Simulation, TheSameSeedGivesTheSameTraceAndAnotherDoesNot) {
  SimConfig config = one_reader(BufferMode::zbuf, 1'000'000, 20'000);
  config.traffic[0].make_source = [](std::uint64_t seed) {
    SyntheticConfig traffic;
    traffic.arrivals = ArrivalProcess::poisson;
    traffic.packets_per_second = 1'000'000;
    traffic.limit_packets = 20'000;
    traffic.seed = seed;
    return make_synthetic(traffic);
  };
  const Outcome first = simulate(config);
  EXPECT_EQ(first.digest, simulate(config).digest);
  config.seed = 2;
  EXPECT_NE(first.digest, simulate(config).digest);
}

TEST(Simulation, ASlowReaderDropsAndEveryPacketIsAccountedFor) {
  for (const BufferMode mode : {BufferMode::zbuf, BufferMode::buffer}) {
    SimConfig config = one_reader(mode, 1'000'000, 20'000);
    config.readers[0].handle_ns = 5000;
    const Outcome run = simulate(config);
    const Counters total = run.state.total();
    EXPECT_GT(total.dropped, 1000u);
    EXPECT_EQ(total.received, total.stored + total.dropped);
    EXPECT_EQ(total.stored, total.delivered + run.state.in_buffers());
    EXPECT_FALSE(run.state.any_broken());
  }
}

TEST(Simulation, WhatTheRingCannotHoldIsMissedAndNotDropped) {
  SimConfig config = one_reader(BufferMode::zbuf, 100'000'000, 10'000);
  config.interfaces[0].ring_packets = 16;
  const Outcome run = simulate(config);
  EXPECT_GT(run.state.missed(), 1000u);
  EXPECT_EQ(run.state.missed() + run.state.arrived(), 10'000u);
}

TEST(Simulation, PacketsOfWhichNothingWasCapturedWaitInTheRingLikeOthers) {
  testing::CaptureBytes capture;
  capture.pcap().record(1000, 0, 0, 60).record(1000, 0, 0, 60).record(1000, 0, 0, 60);
  for (const BufferMode mode : {BufferMode::zbuf, BufferMode::buffer}) {
    SimConfig config = one_reader(mode, 1, 1);
    config.traffic[0].make_source = [&](std::uint64_t) -> Result<std::unique_ptr<Source>> {
      auto source = open_capture(capture.bytes(), "three of nothing", {});
      return source ? Result<std::unique_ptr<Source>>(std::move(*source)) : fail(source.error());
    };
    const Outcome run = simulate(config);
    EXPECT_EQ(run.state.total().delivered, 3u);
    EXPECT_FALSE(run.state.any_broken());
  }
}

TEST(Simulation, AtSaturationZeroCopyMakesNoSystemCall) {
  SimConfig config = one_reader(BufferMode::zbuf, 2'000'000, 200'000);
  config.readers[0].handle_ns = 600; // slower than the packets come
  config.linger_ns = 1000;
  const Counters total = simulate(config).state.total();
  EXPECT_GT(total.publications, 100u);
  EXPECT_LT(total.polls, 10u);
}

TEST(Simulation, AStalledReaderHoldsBothBuffersAndThenGoesOn) {
  SimConfig config = one_reader(BufferMode::zbuf, 500'000, 20'000);
  SimFault stall;
  stall.kind = Kind::stall;
  stall.target = "reader";
  stall.at_ns = 5'000'000;
  stall.duration_ns = 10'000'000;
  config.faults.push_back(stall);
  const Outcome run = simulate(config);
  const Counters total = run.state.total();
  EXPECT_EQ(run.state.faults, 1u);
  EXPECT_EQ(total.max_user_owned, 2u);
  EXPECT_GT(total.dropped, 1000u);
  EXPECT_EQ(run.state.descriptors[0].reader, ZB_READER_CONTINUES);
  EXPECT_FALSE(run.state.any_broken());
}

TEST(Simulation, AKilledReaderClosesItsDescriptor) {
  SimConfig config = one_reader(BufferMode::zbuf, 500'000, 20'000);
  SimFault kill;
  kill.kind = Kind::kill;
  kill.target = "reader";
  kill.at_ns = 5'000'000;
  config.faults.push_back(kill);
  const Outcome run = simulate(config);
  EXPECT_FALSE(run.state.descriptors[0].open);
  EXPECT_EQ(run.state.descriptors[0].reader, ZB_READER_DIED);
  EXPECT_LT(run.state.total().received, 3000u);
  EXPECT_FALSE(run.state.any_broken());
  EXPECT_LE(run.result.readers[0].cpu_ns, 5'000'000u);
}

TEST(Simulation, AnInterfaceThatGoesEndsItsReaderAfterTheLastRecord) {
  for (const BufferMode mode : {BufferMode::zbuf, BufferMode::buffer}) {
    SimConfig config = one_reader(mode, 500'000, 20'000);
    SimFault gone;
    gone.kind = Kind::interface_gone;
    gone.target = "em0";
    gone.at_ns = 5'000'000;
    config.faults.push_back(gone);
    const Outcome run = simulate(config);
    EXPECT_EQ(run.state.descriptors[0].reader, ZB_READER_STOPPED);
    EXPECT_FALSE(run.state.descriptors[0].open);
    EXPECT_GT(run.state.total().delivered, 2000u);
    EXPECT_FALSE(run.state.any_broken());
  }
}

TEST(Simulation, ARefusedSecondLoanLosesAFillOnFreebsdAndNotOnZbuf) {
  for (const int revision : {ZB_FREEBSD, ZB_ZBUF}) {
    SimConfig config = one_reader(BufferMode::zbuf, 500'000, 20'000);
    config.kernel.revision = &zb_revisions[revision];
    config.readers[0].handle_ns = 4000;
    SimFault again;
    again.kind = Kind::set_zbuf_again;
    again.target = "reader";
    again.at_ns = 5'000'000;
    config.faults.push_back(again);
    const Outcome run = simulate(config);
    EXPECT_EQ(run.state.any_broken(), revision == ZB_FREEBSD);
    EXPECT_EQ(run.state.violation(Invariant::untouched).count > 0, revision == ZB_FREEBSD);
  }
}

TEST(Simulation, ReturningTheYoungerBufferFirstCostsPackets) {
  SimConfig config = one_reader(BufferMode::zbuf, 500'000, 20'000);
  config.readers[0].options.timeout_ns = 1'000'000;
  const Counters good = simulate(config).state.total();
  config.readers[0].acknowledges_out_of_order = true;
  const Outcome run = simulate(config);
  EXPECT_EQ(good.dropped, 0u);
  EXPECT_GT(run.state.total().dropped, 0u);
  EXPECT_FALSE(run.state.any_broken());
}

/// Two packets with a silence between them, the readers waiting each in its way.
class TwoPackets final : public Source {
 public:
  explicit TwoPackets(std::uint64_t apart_ns) : apart_ns_(apart_ns) {}
  Result<std::optional<Packet>> next() override {
    if (given_ == 2)
      return std::nullopt;
    return Packet{apart_ns_ * given_++, bytes_, 60, false};
  }
  [[nodiscard]] int link_type() const override { return 1; }
  [[nodiscard]] std::string description() const override { return "two packets"; }

 private:
  std::uint64_t apart_ns_;
  std::uint64_t given_ = 0;
  std::vector<std::byte> bytes_ = std::vector<std::byte>(60);
};

SimConfig two_packets(std::uint64_t apart_ns) {
  SimConfig config = one_reader(BufferMode::zbuf, 1, 1);
  config.traffic[0].make_source = [=](std::uint64_t) -> Result<std::unique_ptr<Source>> {
    return std::make_unique<TwoPackets>(apart_ns);
  };
  return config;
}

SimReader waits(const SimReader& like, std::string name, BufferMode mode, Waiting waiting,
                std::uint64_t timeout_ns) {
  SimReader reader = like;
  reader.name = std::move(name);
  reader.options.mode = mode;
  reader.options.waiting = waiting;
  reader.options.timeout_ns = timeout_ns;
  return reader;
}

std::vector<SimReader> all_ways(const SimReader& like) {
  using W = Waiting;
  std::vector<SimReader> all{waits(like, "sleeps", BufferMode::zbuf, W::sleep, 10'000'000),
                             waits(like, "polls", BufferMode::zbuf, W::poll, 200'000),
                             waits(like, "asks", BufferMode::zbuf, W::poll, 0),
                             waits(like, "spins", BufferMode::zbuf, W::spin, 200'000),
                             waits(like, "stares", BufferMode::zbuf, W::spin, 0),
                             waits(like, "reads", BufferMode::buffer, W::sleep, 7'000'000),
                             waits(like, "tries", BufferMode::buffer, W::poll, 0),
                             waits(like, "timer", BufferMode::zbuf, W::sleep, 9'000'000)};
  all.back().options.kernel_timeout_ns = 4'000'000;
  return all;
}

/// What is counted, by name; without the events of the trace itself.
std::string counts(const Counters& counters) {
  std::string text;
  for_each_counter(
      counters, [&](const char* name, std::uint64_t value) { text += fmt::format("{} {}\n", name, value); });
  return text;
}

TEST(Silence, IsCountedAsIfEachRoundHadBeenPlayed) {
  for (const SimReader& reader : all_ways(two_packets(1).readers[0])) {
    SimConfig config = two_packets(1'500'000'001);
    config.linger_ns = 1;
    config.readers = {reader};
    if (reader.options.waiting != Waiting::sleep)
      config.traffic[0] = two_packets(40'000'001).traffic[0];
    const Outcome skipped = simulate(config);
    config.plays_silences = true;
    const Outcome played = simulate(config);
    EXPECT_EQ(counts(skipped.state.total()), counts(played.state.total())) << reader.name;
    EXPECT_EQ(skipped.result.end_ns, played.result.end_ns) << reader.name;
    EXPECT_EQ(skipped.result.readers[0].cpu_ns, played.result.readers[0].cpu_ns) << reader.name;
    EXPECT_EQ(skipped.state.total().received, 2u) << reader.name;
    EXPECT_LE(skipped.state.events, played.state.events) << reader.name;
    EXPECT_LT(skipped.state.events, 40'000u) << reader.name;
  }
}

TEST(Silence, OfSeveralReadersIsSkippedByAllAndCostsNoMoreWhenItIsLonger) {
  constexpr std::uint64_t year_ns = 365ull * 86'400 * 1'000'000'000;
  std::uint64_t events = 0;
  for (const std::uint64_t apart_ns : {year_ns / 1000, 20 * year_ns}) {
    SimConfig config = two_packets(apart_ns);
    const std::vector<SimReader> all = all_ways(config.readers[0]);
    config.readers = {all[0], all[1], all[3], all[5]}; // each has a time-out of its own
    const Outcome run = simulate(config);
    EXPECT_EQ(run.result.end, RunEnd::finished);
    EXPECT_GE(run.result.end_ns, apart_ns);
    for (const DescriptorState& d : run.state.descriptors) {
      EXPECT_EQ(d.total.received, 2u);
    }
    const DescriptorState& sleeper = run.state.descriptors[0];
    EXPECT_NEAR(static_cast<double>(sleeper.total.polls), static_cast<double>(apart_ns) / 1e7,
                static_cast<double>(apart_ns) / 1e9);
    if (events != 0) {
      EXPECT_NEAR(static_cast<double>(run.state.events), static_cast<double>(events),
                  static_cast<double>(events) / 2);
    }
    events = run.state.events;
    EXPECT_LT(events, 4'000'000u) << "bounded by what each does before it is known to repeat itself";
  }
}

TEST(Silence, StopsWhereAConditionOnACountHolds) {
  SimConfig config = two_packets(3'600'000'000'000);
  config.stop_kinds = counter_of(&Counters::polls).kinds;
  config.stop_when = [](const State& state, const Event&) { return state.total().polls >= 1000; };
  const Outcome skipped = simulate(config);
  EXPECT_EQ(skipped.result.end, RunEnd::stopped);
  EXPECT_EQ(skipped.state.total().polls, 1000u);
  config.plays_silences = true;
  EXPECT_EQ(skipped.result.end_ns, simulate(config).result.end_ns);
  EXPECT_LT(skipped.state.events, 2500u);
}

TEST(Simulation, AScriptDoesItsStepsInTime) {
  SimConfig config;
  config.kernel.tunables.zerocopy_enable = true;
  config.interfaces.push_back({});
  SimReader scripted;
  const auto step = [&](const std::string& text) {
    scripted.script.push_back({SimStep::Kind::operation, parse_operation(text), 0});
  };
  for (const char* text : {"open", "setbufmode 2", "setzbuf 4096", "setif", "pkt 1000 4"})
    step(text);
  scripted.script.push_back({SimStep::Kind::at, {}, 3'000'000});
  step("records a");
  step("ack a");
  config.readers.push_back(scripted);
  const Outcome run = simulate(config);
  EXPECT_EQ(run.state.total().delivered, 3u);
  EXPECT_EQ(run.state.descriptors[0].a().user_gen, 1u);
  EXPECT_EQ(run.state.descriptors[0].store, ZB_B);
  EXPECT_GE(run.state.time_ns, 3'000'000u);
  EXPECT_FALSE(run.state.any_broken());
}

TEST(Simulation, StopsRightAfterTheEventThatWasAskedFor) {
  SimConfig config = one_reader(BufferMode::zbuf, 1'000'000, 50'000);
  config.readers[0].handle_ns = 5000;
  config.stop_kinds = mask_of({ZB_EV_DROPPED});
  config.stop_when = [](const State& state, const Event&) { return state.total().dropped == 3; };
  const Outcome run = simulate(config);
  EXPECT_EQ(run.result.end, RunEnd::stopped);
  EXPECT_EQ(run.state.total().dropped, 3u);
  EXPECT_FALSE(run.state.ended);
}

TEST(Simulation, ChaptersAreMarkedOnceAndPointAtTheirEvent) {
  SimConfig config = one_reader(BufferMode::zbuf, 1'000'000, 5'000);
  std::uint64_t published_at = 0;
  SimChapter chapter;
  chapter.kinds = mask_of({ZB_EV_PUBLISHED});
  chapter.when = [&](const State& state, const Event&) {
    published_at = state.events - 1;
    return true;
  };
  config.chapters.push_back(chapter);
  const Outcome run = simulate(config);
  EXPECT_EQ(run.state.chapters, 1u);
  EXPECT_GT(published_at, 0u);
}

TEST(Simulation, AFaultCanWaitForAnEvent) {
  SimConfig config = one_reader(BufferMode::zbuf, 500'000, 20'000);
  SimFault kill;
  kill.kind = Kind::kill;
  kill.target = "reader";
  kill.kinds = mask_of({ZB_EV_HANDLED});
  kill.when = [](const State& state, const Event&) { return state.total().delivered == 100; };
  config.faults.push_back(kill);
  const Outcome run = simulate(config);
  EXPECT_EQ(run.state.descriptors[0].reader, ZB_READER_DIED);
  EXPECT_LE(run.state.total().delivered, 101u);
}

TEST(Simulation, InterruptEndsItSoon) {
  SimConfig config = one_reader(BufferMode::zbuf, 1'000'000, 10'000'000);
  const Outcome run = simulate(config, [](Simulation& simulation) { simulation.interrupt(); });
  EXPECT_EQ(run.result.end, RunEnd::interrupted);
  EXPECT_LT(run.state.arrived(), 5000u);
}

TEST(Simulation, NamesAreCheckedBeforeAnythingRuns) {
  Recorder::Options options;
  auto recorder = *Recorder::create(options);
  SimConfig config = one_reader(BufferMode::zbuf, 1000, 10);
  config.readers[0].interface = "em7";
  const auto refused = Simulation::create(config, *recorder);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("em7"), std::string::npos);
  config = one_reader(BufferMode::zbuf, 1000, 10);
  config.costs.syscall_ns = 0;
  EXPECT_FALSE(Simulation::create(config, *recorder));
}

TEST(Simulation, AReaderThatIsRefusedFailsTheRunWithAReason) {
  SimConfig config = one_reader(BufferMode::zbuf, 1000, 10);
  config.kernel.tunables.zerocopy_enable = false;
  const Outcome run = simulate(config);
  EXPECT_EQ(run.result.end, RunEnd::failed);
  ASSERT_EQ(run.result.errors.size(), 1u);
  EXPECT_NE(run.result.errors[0].message.find("net.bpf.zerocopy_enable"), std::string::npos);
}

} // namespace
} // namespace zbuf
