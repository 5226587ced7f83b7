// SPDX-License-Identifier: BSD-2-Clause
#include "core/clock/giant_clock.h"
#include "core/clock/real_clock.h"
#include "core/clock/virtual_clock.h"

#include <gtest/gtest.h>

#include <atomic>
#include <ctime>
#include <string>
#include <thread>
#include <vector>

namespace zbuf {
namespace {

using namespace std::chrono_literals;

TEST(VirtualClock, RunsWhatIsDueInOrderOfTimeThenOfAsking) {
  VirtualClock clock;
  std::string log;
  clock.call_at(20, [&] { log += "c"; });
  clock.call_at(10, [&] { log += "a"; });
  clock.call_at(10, [&] { log += "b"; });
  clock.run();
  EXPECT_EQ(log, "abc");
  EXPECT_EQ(clock.now_ns(), 20u);
}

TEST(VirtualClock, ACancelledTimerDoesNotRun) {
  VirtualClock clock;
  bool ran = false;
  const auto id = clock.call_at(10, [&] { ran = true; });
  clock.cancel(id);
  clock.run();
  EXPECT_FALSE(ran);
  EXPECT_EQ(clock.now_ns(), 0u);
}

TEST(VirtualClock, ProcessesInterleaveByTime) {
  VirtualClock clock;
  std::string log;
  clock.spawn([&] {
    for (int i = 0; i < 3; ++i) {
      clock.spend_ns(10);
      log += "a" + std::to_string(clock.now_ns()) + " ";
    }
  });
  clock.spawn([&] {
    for (int i = 0; i < 2; ++i) {
      clock.spend_ns(15);
      log += "b" + std::to_string(clock.now_ns()) + " ";
    }
  });
  clock.run();
  EXPECT_EQ(log, "a10 b15 a20 b30 a30 ");
}

TEST(VirtualClock, CallbacksHappenWhileAProcessSpendsTime) {
  VirtualClock clock;
  std::vector<std::uint64_t> seen;
  clock.call_at(5, [&] { seen.push_back(clock.now_ns()); });
  clock.spawn([&] {
    clock.spend_ns(100);
    seen.push_back(clock.now_ns());
  });
  clock.run();
  EXPECT_EQ(seen, (std::vector<std::uint64_t>{5, 100}));
}

TEST(VirtualClock, ASleeperIsWokenOrTimesOut) {
  VirtualClock clock;
  clock.set_wake_latency_ns(3);
  const auto point = clock.make_wait_point();
  std::string log;
  clock.spawn([&] {
    log += point->wait_until(50) ? "woken" : "timeout";
    log += std::to_string(clock.now_ns()) + " ";
    log += point->wait_until(100) ? "woken" : "timeout";
    log += std::to_string(clock.now_ns());
  });
  clock.call_at(20, [&] { point->wake_all(); });
  clock.run();
  EXPECT_EQ(log, "woken23 timeout100");
}

TEST(VirtualClock, AKilledProcessUnwindsWhereItSleeps) {
  VirtualClock clock;
  const auto point = clock.make_wait_point();
  std::string log;
  struct Owned {
    std::string& log;
    ~Owned() { log += "closed"; }
  };
  const auto id = clock.spawn([&] {
    const Owned owned{log};
    point->wait_until(never_ns);
    log += "never";
  });
  clock.call_at(10, [&] { clock.kill(id); });
  clock.call_at(20, [&] { point->wake_all(); });
  clock.run();
  EXPECT_EQ(log, "closed");
}

TEST(VirtualClock, AProcessKilledOnItsOwnStackEndsAtOnceAndSpendsNothingMore) {
  VirtualClock clock;
  std::string log;
  struct Owned {
    VirtualClock& clock;
    std::string& log;
    ~Owned() {
      clock.spend_ns(1000);
      log += "closed at " + std::to_string(clock.now_ns());
    }
  };
  VirtualClock::ProcessId id = 0;
  id = clock.spawn([&] {
    const Owned owned{clock, log};
    for (;;)
      clock.spend_ns(100);
  });
  clock.call_at(250, [&] { clock.kill(id); });
  clock.call_at(900, [&] { log += ", then 900"; });
  clock.run();
  EXPECT_EQ(log, "closed at 250, then 900");
  EXPECT_TRUE(clock.finished(id));
  EXPECT_EQ(clock.busy_ns(id), 250u);
}

TEST(VirtualClock, BusyIsWhatWasNotSlept) {
  VirtualClock clock;
  const auto point = clock.make_wait_point();
  const auto id = clock.spawn([&] {
    clock.spend_ns(30);
    point->wait_until(100);
    clock.spend_ns(5);
  });
  clock.run();
  EXPECT_EQ(clock.busy_ns(id), 35u);
}

TEST(VirtualClock, StopEndsTheRunAndDestructionUnwindsTheRest) {
  std::string log;
  {
    VirtualClock clock;
    struct Owned {
      std::string& log;
      ~Owned() { log += "closed"; }
    };
    clock.spawn([&] {
      const Owned owned{log};
      for (;;)
        clock.spend_ns(10);
    });
    clock.call_at(35, [&] { clock.stop(); });
    clock.run();
    EXPECT_EQ(clock.now_ns(), 35u);
    EXPECT_EQ(log, "");
  }
  EXPECT_EQ(log, "closed");
}

TEST(VirtualClock, SpinningCountsTheLooksUntilSomethingCanChange) {
  VirtualClock clock;
  std::uint64_t looks = 0;
  clock.call_at(1000, [] {});
  clock.spawn([&] { looks = clock.spin(20, never_ns); });
  clock.run();
  EXPECT_EQ(looks, 50u);
}

TEST(VirtualClock, SpinningEndsAtTheDeadline) {
  VirtualClock clock;
  std::uint64_t looks = 0, late = 0;
  clock.call_at(1000, [] {});
  clock.spawn([&] {
    looks = clock.spin(20, 90);
    late = clock.spin(20, 90);
  });
  clock.run();
  EXPECT_EQ(looks, 5u) << "the fifth look is at 100";
  EXPECT_EQ(late, 1u);
}

TEST(VirtualClock, SpinningWhereNothingIsEverDueIsOneLook) {
  VirtualClock clock;
  std::uint64_t looks = 0;
  clock.spawn([&] { looks = clock.spin(20, never_ns); });
  clock.run();
  EXPECT_EQ(looks, 1u);
  EXPECT_EQ(clock.now_ns(), 20u);
}

TEST(VirtualClock, TheCallerOfRunMaySleepToo) {
  VirtualClock clock;
  const auto point = clock.make_wait_point();
  EXPECT_FALSE(point->wait_until(40));
  EXPECT_EQ(clock.now_ns(), 40u);
  clock.call_at(60, [&] { point->wake_all(); });
  EXPECT_TRUE(point->wait_until(100));
  EXPECT_EQ(clock.now_ns(), 60u);
}

TEST(RealClock, TimersRunAndSleepersWake) {
  RealClock clock;
  const auto point = clock.make_wait_point();
  std::atomic<bool> ran = false;
  clock.call_at(clock.now_ns() + 1'000'000, [&] {
    point->lock();
    ran = true;
    point->wake_all();
    point->unlock();
  });
  point->lock();
  while (!ran)
    point->wait_until(never_ns);
  point->unlock();
  EXPECT_TRUE(ran);
}

TEST(RealClock, ADeadlineBeyondAllTimePointsIsNotInThePast) {
  RealClock clock;
  const auto point = clock.make_wait_point();
  bool woken = false;
  std::atomic<bool> returned = false;
  std::thread sleeper([&] {
    point->lock();
    woken = point->wait_until(never_ns / 2 + 1);
    point->unlock();
    returned = true;
  });
  while (!returned) { // who does not sleep yet is not woken
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    point->lock();
    point->wake_all();
    point->unlock();
  }
  sleeper.join();
  EXPECT_TRUE(woken);
}

TEST(RealClock, ACancelledTimerDoesNotRun) {
  RealClock clock;
  const auto point = clock.make_wait_point();
  std::atomic<bool> ran = false;
  std::uint64_t due_ns = 0;
  do { // until it is cancelled in time, and not only when this thread has the processor again
    ran = false;
    due_ns = clock.now_ns() + 50'000'000;
    const auto id = clock.call_at(due_ns, [&] { ran = true; });
    clock.cancel(id);
  } while (clock.now_ns() >= due_ns);
  point->lock();
  EXPECT_FALSE(point->wait_until(due_ns + 30'000'000));
  point->unlock();
  EXPECT_FALSE(ran);
}

TEST(GiantClock, IsThatOfTheArrivalWhileAPacketIsUnderWay) {
  GiantClock clock;
  {
    const auto held = clock.hold();
    clock.set_arrival(5);
    EXPECT_EQ(clock.now_ns(), 5u);
    EXPECT_GT(clock.real_ns(), 5u);
    clock.set_arrival(0);
    EXPECT_GT(clock.now_ns(), 5u);
  }
  const auto since_1970 = static_cast<std::uint64_t>(::time(nullptr)) * 1'000'000'000;
  EXPECT_NEAR(static_cast<double>(clock.epoch_ns()), static_cast<double>(since_1970), 5e9);
}

TEST(GiantClock, WhoSleepsGivesTheLockUp) {
  GiantClock clock;
  const auto point = clock.make_wait_point();
  std::atomic<bool> woken = false;
  std::thread sleeper([&] {
    auto held = clock.hold();
    woken = point->wait_until(never_ns);
  });
  for (int i = 0; i < 60'000 && !woken; ++i) {
    const auto held = clock.hold(); // it can be had
    point->wake_all();
    std::this_thread::sleep_for(1ms);
  }
  sleeper.join();
  EXPECT_TRUE(woken);
  const auto held = clock.hold();
  EXPECT_FALSE(point->wait_until(clock.now_ns() + 1'000'000)) << "late";
}

TEST(GiantClock, RunsTimersUnderItsLock) {
  GiantClock clock;
  std::atomic<int> ran = 0;
  {
    const auto held = clock.hold();
    clock.call_at(clock.now_ns(), [&] { ++ran; });
    std::this_thread::sleep_for(20ms);
    EXPECT_EQ(ran, 0);
  }
  for (int i = 0; i < 60'000 && ran == 0; ++i)
    std::this_thread::sleep_for(1ms);
  EXPECT_EQ(ran, 1);
}

/// It is cancelled at once, as by a program that takes its call back.
class CancelledSleeper final : public Sleeper {
 public:
  Outcome sleep(std::int64_t) override { return Outcome::cancelled; }
  void clear() override {}
  void wake() override {}
  void on_cancelled() override { ++cancelled; }
  int cancelled = 0;
};

TEST(GiantClock, AThreadSleepsAsItHasChosen) {
  GiantClock clock;
  const auto point = clock.make_wait_point();
  const auto held = clock.hold();
  CancelledSleeper sleeper;
  GiantClock::set_sleeper(&sleeper);
  EXPECT_TRUE(point->wait_until(never_ns)) << "it is not late";
  EXPECT_EQ(sleeper.cancelled, 1);
  GiantClock::set_sleeper(nullptr);
  EXPECT_FALSE(point->wait_until(clock.now_ns() + 1'000'000));
  EXPECT_EQ(sleeper.cancelled, 1);
}

TEST(GiantClock, ASleeperAtSeveralPointsIsWokenAtAny) {
  GiantClock clock;
  const auto one = clock.make_wait_point();
  const auto other = clock.make_wait_point();
  for (WaitPoint* const waking : {one.get(), other.get()}) {
    std::atomic<bool> woken = false;
    std::thread sleeper([&] {
      const auto held = clock.hold();
      WaitPoint* const points[] = {one.get(), other.get()};
      woken = clock.sleep_at(points, -1) == Sleeper::Outcome::woken;
    });
    for (int i = 0; i < 60'000 && !woken; ++i) {
      const auto held = clock.hold();
      waking->wake_all();
      std::this_thread::sleep_for(1ms);
    }
    sleeper.join();
    EXPECT_TRUE(woken);
  }
}

TEST(GiantClock, ADeadlineInAThousandYearsIsNotInThePast) {
  GiantClock clock;
  const auto point = clock.make_wait_point();
  std::atomic<bool> woken = false;
  std::atomic<bool> returned = false;
  std::thread sleeper([&] {
    const auto held = clock.hold();
    woken = point->wait_until(never_ns / 2 - 1);
    returned = true;
  });
  while (!returned) {
    const auto held = clock.hold();
    point->wake_all();
    std::this_thread::sleep_for(1ms);
  }
  sleeper.join();
  EXPECT_TRUE(woken);
}

TEST(GiantClock, SaysWhetherAnotherThreadWaitsForIt) {
  GiantClock clock;
  std::atomic<bool> entered = false;
  auto held = clock.hold();
  EXPECT_FALSE(clock.wanted());
  std::thread other([&] {
    const auto inside = clock.hold();
    entered = true;
  });
  while (!clock.wanted())
    std::this_thread::yield();
  EXPECT_FALSE(entered);
  held.unlock();
  other.join();
  EXPECT_TRUE(entered);
  EXPECT_FALSE(clock.wanted());
}

} // namespace
} // namespace zbuf
