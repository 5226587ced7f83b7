// SPDX-License-Identifier: BSD-2-Clause
// System calls that take time: they sleep, are woken, interrupted, or time out. In virtual time, where every
// instant can be named.
#include "core/device/records.h"
#include "core/emulated/test_machine.h"

#include <string>

namespace zbuf::testing {
namespace {

/// What a process saw, and when: "1026 bytes at 30 ms".
struct Log {
  VirtualClock& clock;
  std::string text{};
  void add(const CallResult& result, const std::string& what = "bytes") {
    text += (text.empty() ? "" : ", ") +
            (result.error != 0 ? std::string(error_name(result.error))
                               : std::to_string(result.value) + " " + what) +
            " at " + std::to_string(clock.now_ns() / ms) + " ms";
  }
};

// ---- read(2), spec 2.10 ----

TEST(Read, WithoutTimeoutWaitsForAFullBuffer) {
  Machine machine;
  const auto device = machine.open();
  Log log{machine.clock};
  machine.clock.spawn([&] {
    std::vector<std::byte> into(4096);
    log.add(device->read(into));
  });
  machine.arrive_at(10 * ms);
  machine.arrive_at(20 * ms, 3, 1000);
  machine.arrive_at(30 * ms, 2, 1000);
  machine.clock.run();
  EXPECT_EQ(log.text, "3178 bytes at 30 ms"); // the sixth packet did not fit beside 88 + 3 * 1032 - 6 bytes
}

TEST(Read, WithTimeoutReturnsWhatThereIsOrNothing) {
  Machine machine;
  const auto device = machine.open();
  ASSERT_TRUE(set_read_timeout(*device, 25 * ms));
  Log log{machine.clock};
  machine.clock.spawn([&] {
    std::vector<std::byte> into(4096);
    log.add(device->read(into));
    log.add(device->read(into));
    log.add(device->read(into));
  });
  machine.arrive_at(30 * ms);
  machine.clock.run();
  EXPECT_EQ(log.text, "0 bytes at 25 ms, 86 bytes at 50 ms, 0 bytes at 75 ms");
}

struct SubTick {
  zb_revision_number revision;
  std::uint32_t hz;
  std::uint64_t asked_ns, waits_ns; ///< never_ns: for ever
};
void PrintTo(const SubTick& s, std::ostream* out) {
  *out << zb_revisions[s.revision].name << " at hz " << s.hz << ": " << s.asked_ns << " ns";
}
class ReadTimeout : public ::testing::TestWithParam<SubTick> {};
INSTANTIATE_TEST_SUITE_P(
    Tick, ReadTimeout,
    ::testing::Values(SubTick{ZB_FREEBSD, 100, 5 * ms, never_ns}, SubTick{ZB_FREEBSD, 1000, 5 * ms, 5 * ms},
                      SubTick{ZB_FREEBSD, 100, 15 * ms, 10 * ms}, SubTick{ZB_R180310, 100, 5 * ms, 10 * ms},
                      SubTick{ZB_R177548, 100, 15 * ms, 20 * ms}, SubTick{ZB_2008_04, 1000, 1500'000, 2 * ms},
                      SubTick{ZB_ZBUF, 100, 5 * ms, 10 * ms}, SubTick{ZB_ZBUF, 100, 15 * ms, 10 * ms}));

TEST_P(ReadTimeout, BelowOneTickIsForEverOnFreebsdAndATickElsewhere_2_15_M6) {
  Machine machine(GetParam().revision, GetParam().hz);
  const auto device = machine.open();
  ASSERT_TRUE(set_read_timeout(*device, GetParam().asked_ns));
  std::uint64_t returned_ns = never_ns;
  machine.clock.spawn([&] {
    std::vector<std::byte> into(4096);
    (void)device->read(into);
    returned_ns = machine.clock.now_ns();
  });
  machine.clock.run();
  EXPECT_EQ(returned_ns, GetParam().waits_ns);
  machine.clock.kill_all(); // who still sleeps, before the device goes
}

TEST(Read, IsInterrupted) {
  Machine machine;
  const auto device = machine.open();
  Log log{machine.clock};
  machine.clock.spawn([&] {
    std::vector<std::byte> into(4096);
    log.add(device->read(into));
    log.add(device->read(into));
  });
  machine.arrive_at(5 * ms);
  machine.clock.call_at(10 * ms, [&] { device->interrupt(); });
  machine.arrive_at(20 * ms, 5, 1000);
  machine.clock.run();
  EXPECT_EQ(log.text, "EINTR at 10 ms, 3178 bytes at 20 ms"); // the packet of before is still there
}

TEST(Read, AnInterruptionBeforeItSleepsIsNotLost) {
  Machine machine;
  const auto device = machine.open();
  device->interrupt();
  for (int i = 0; i < 5; ++i)
    machine.arrive(1000);
  Log log{machine.clock};
  machine.clock.spawn([&] {
    std::vector<std::byte> into(4096);
    log.add(device->read(into)); // does not sleep
    log.add(device->read(into));
  });
  machine.clock.run();
  EXPECT_EQ(log.text, "3090 bytes at 0 ms, EINTR at 0 ms");
}

TEST(Read, GetsEnxioWhenTheInterfaceGoes_2_18) {
  Machine machine;
  const auto device = machine.open();
  Log log{machine.clock};
  machine.clock.spawn([&] {
    std::vector<std::byte> into(4096);
    log.add(device->read(into));
    log.add(device->read(into));
  });
  machine.clock.call_at(10 * ms, [&] { machine.kernel.destroy_interface(machine.em0); });
  machine.clock.run();
  EXPECT_EQ(log.text, "ENXIO at 10 ms, ENXIO at 10 ms");
}

TEST(Read, TwoProcessesOnOneDescriptorShareTheBuffers) {
  Machine machine;
  const auto device = machine.open();
  std::vector<std::uint32_t> sequence;
  int whole = 0;
  for (int reader = 0; reader < 2; ++reader)
    machine.clock.spawn([&] {
      for (;;) {
        std::vector<std::byte> into(4096);
        const CallResult got = device->read(into);
        if (got.error != 0)
          return;
        ++whole;
        RecordCursor cursor(std::span<const std::byte>(into).first(got.value));
        while (const auto record = cursor.next())
          sequence.push_back(std::to_integer<std::uint32_t>(record->bytes[14]));
      }
    });
  for (std::uint64_t i = 1; i <= 13; ++i)
    machine.arrive_at(i * ms, 1, 1000);
  machine.clock.call_at(50 * ms, [&] { machine.kernel.destroy_interface(machine.em0); });
  machine.clock.run();
  // Four buffers of three, each read by one of them; the thirteenth packet is left in a store.
  EXPECT_EQ(whole, 4);
  EXPECT_EQ(sequence.size(), 12u);
  EXPECT_TRUE(std::is_sorted(sequence.begin(), sequence.end()));
}

TEST(Read, ASecondReaderWaitsUntilTheCopyIsDone_2_10) {
  struct SlowCopy final : Meter {
    explicit SlowCopy(VirtualClock& c) : clock(c) {}
    VirtualClock& clock;
    void call(zb_call) override {}
    void copied_to_user(std::size_t) override { clock.spend_ns(5 * ms); }
    void woke_up() override {}
    void resumed() override {}
    [[nodiscard]] std::uint64_t look_ns() const override { return 1; }
  };
  VirtualClock clock;
  SlowCopy meter(clock);
  EmulatedKernel kernel(clock, Machine::config(ZB_FREEBSD, 1000), nullptr, &meter);
  const auto em0 = *kernel.add_interface({.name = "em0"});
  const auto device = kernel.open();
  ASSERT_TRUE(set_interface(*device, "em0"));
  const std::vector<std::byte> packet(1000);
  const auto arrive = [&](int count) {
    for (int i = 0; i < count; ++i)
      kernel.arrive(em0, {packet, 1000, false});
  };
  Log log{clock};
  for (int reader = 0; reader < 2; ++reader)
    clock.spawn([&] {
      std::vector<std::byte> into(4096);
      log.add(device->read(into));
    });
  clock.call_at(10 * ms, [&] { arrive(4); }); // wakes both; the first takes the buffer
  clock.call_at(12 * ms, [&] { arrive(2); }); // fills the other one
  clock.call_at(20 * ms, [&] { arrive(1); });
  clock.run();
  EXPECT_EQ(log.text, "3090 bytes at 15 ms, 3090 bytes at 25 ms");
}

TEST(Read, OnADescriptorForWritingIsRefused) {
  Machine machine;
  const auto writer = machine.open({.access = EmulatedKernel::Access::write_only});
  const auto reader = machine.open({.access = EmulatedKernel::Access::read_only});
  std::vector<std::byte> bytes(4096);
  EXPECT_EQ(writer->read(bytes).error, ZB_EBADF);
  EXPECT_EQ(reader->write(std::span(bytes).first(60)).error, ZB_EBADF);
}

// ---- poll(2), spec 2.11 to 2.14 ----

TEST(Poll, WaitsUntilItsOwnTimeIsUp) {
  Machine machine;
  const auto lent = machine.lend();
  Log log{machine.clock};
  machine.clock.spawn([&] {
    log.add(lent->poll(ZB_POLLIN, 0), "ready");
    log.add(lent->poll(ZB_POLLIN, 40 * ms), "ready");
  });
  machine.arrive_at(10 * ms);
  machine.clock.run();
  EXPECT_EQ(log.text, "0 ready at 0 ms, 0 ready at 40 ms");
}

TEST(Poll, IsWokenByARotation) {
  Machine machine;
  const auto lent = machine.lend();
  Log log{machine.clock};
  machine.clock.spawn([&] { log.add(lent->poll(ZB_POLLIN, -1), "ready"); });
  machine.arrive_at(10 * ms, 2, 1400);
  machine.arrive_at(20 * ms, 1, 1400);
  machine.clock.run();
  EXPECT_EQ(log.text, "1 ready at 20 ms");
}

TEST(Poll, IsWokenByTheReadTimeoutIfThereIsSomething_2_14) {
  for (const std::uint64_t packet_at : {10 * ms, 60 * ms}) {
    Machine machine;
    const auto lent = machine.lend();
    ASSERT_TRUE(set_read_timeout(*lent, 50 * ms));
    Log log{machine.clock};
    machine.clock.spawn([&] { log.add(lent->poll(ZB_POLLIN, -1), "ready"); });
    machine.arrive_at(packet_at);
    machine.clock.run();
    // In the second case it has run out with nothing there, and the next packet is announced at once.
    EXPECT_EQ(log.text, packet_at < 50 * ms ? "1 ready at 50 ms" : "1 ready at 60 ms");
  }
}

TEST(Poll, EveryIoctlStopsTheReadTimeout_2_14) {
  Machine machine;
  const auto lent = machine.lend();
  ASSERT_TRUE(set_read_timeout(*lent, 50 * ms));
  Log log{machine.clock};
  machine.clock.spawn([&] { log.add(lent->poll(ZB_POLLIN, 200 * ms), "ready"); });
  machine.arrive_at(10 * ms);
  machine.clock.call_at(20 * ms, [&] { (void)get(*lent, ZB_FIONREAD); });
  machine.clock.run();
  EXPECT_EQ(log.text, "0 ready at 200 ms");
}

TEST(Poll, IsInterrupted) {
  Machine machine;
  const auto lent = machine.lend();
  Log log{machine.clock};
  machine.clock.spawn([&] {
    log.add(lent->poll(ZB_POLLIN, -1), "ready");
    log.add(lent->poll(ZB_POLLIN, 5 * ms), "ready");
  });
  machine.clock.call_at(10 * ms, [&] { lent->interrupt(); });
  machine.clock.run();
  EXPECT_EQ(log.text, "EINTR at 10 ms, 0 ready at 15 ms");
}

TEST(Poll, HangsUpWhenTheInterfaceGoes_2_13) {
  Machine machine;
  const auto lent = machine.lend();
  Log log{machine.clock};
  machine.clock.spawn([&] { log.add(lent->poll(ZB_POLLIN | ZB_POLLHUP, -1), "ready"); });
  machine.clock.call_at(10 * ms, [&] { machine.kernel.destroy_interface(machine.em0); });
  machine.clock.run();
  EXPECT_EQ(log.text, std::to_string(ZB_POLLIN | ZB_POLLHUP) + " ready at 10 ms");
}

TEST(Poll, SleepsBesideAPublishedStoreOnFreebsdNotOnZbuf_3_8_M4) {
  for (const zb_revision_number revision : {ZB_FREEBSD, ZB_ZBUF}) {
    Machine machine(revision);
    const auto lent = machine.lend();
    for (int i = 0; i < 5; ++i)
      machine.arrive(1400); // the fifth is dropped, and B published where it stands
    zb_user_acknowledge(lent.loan.header(ZB_A), 1);
    EXPECT_EQ(zb_user_kernel_gen(lent.loan.header(ZB_B)), 1u);
    Log log{machine.clock};
    machine.clock.spawn([&] { log.add(lent->poll(ZB_POLLIN, 100 * ms), "ready"); });
    machine.clock.run();
    EXPECT_EQ(log.text, revision == ZB_ZBUF ? "1 ready at 0 ms" : "0 ready at 100 ms");
  }
}

TEST(Poll, AWakeUpWithoutReadinessIsSleptThrough) {
  // 2.9 vi: both acknowledged, the next packet rotates the read buffer B into hold and wakes for nothing.
  Machine machine;
  const auto lent = machine.lend();
  for (int i = 0; i < 5; ++i)
    machine.arrive(1400);
  zb_user_acknowledge(lent.loan.header(ZB_A), 1);
  zb_user_acknowledge(lent.loan.header(ZB_B), 1);
  Log log{machine.clock};
  machine.clock.spawn([&] { log.add(lent->poll(ZB_POLLIN, 100 * ms), "ready"); });
  machine.arrive_at(10 * ms);
  machine.clock.run();
  EXPECT_EQ(log.text, "0 ready at 100 ms");
}

// ---- The life of a process ----

TEST(Process, KilledInACallIsUnwoundThroughTheEngineAndCloses) {
  Machine machine;
  VirtualClock::ProcessId id = 0;
  bool returned = false;
  id = machine.clock.spawn([&] {
    const auto device = machine.open();
    std::vector<std::byte> into(4096);
    (void)device->read(into);
    returned = true;
  });
  machine.clock.call_at(10 * ms, [&] {
    EXPECT_EQ(machine.kernel.stats().size(), 1u);
    machine.clock.kill(id);
  });
  machine.clock.run();
  EXPECT_FALSE(returned);
  EXPECT_TRUE(machine.kernel.stats().empty());
  EXPECT_EQ(machine.arrive().taps, 0u);
}

TEST(Spin, StandsForLooksUntilSomethingCanHappen) {
  Machine machine;
  const auto lent = machine.lend();
  machine.arrive_at(1000, 3, 1400);
  std::uint64_t looks = 0;
  machine.clock.spawn([&] {
    while (zb_user_kernel_gen(lent.loan.header(ZB_A)) == 0)
      looks += lent->spin();
  });
  machine.clock.run();
  EXPECT_EQ(looks, 1000u) << "one a nanosecond, where nobody says what one costs";
}

TEST(Timestamp, IsTheMomentOfArrival) {
  Machine machine;
  const auto lent = machine.lend();
  machine.arrive_at(1'500 * ms, 1);
  machine.clock.run();
  ASSERT_TRUE(rotate_zbuf(*lent));
  RecordCursor cursor(lent.loan.records(ZB_A).first(zb_user_kernel_len(lent.loan.header(ZB_A))));
  const auto record = cursor.next();
  ASSERT_TRUE(record);
  EXPECT_EQ(record->seconds, machine.kernel.boot_time_ns() / 1'000'000'000 + 1);
  EXPECT_EQ(record->fraction, 500'000u);
}

// ---- The generic layer ----

TEST(Ioctl, OutputIsWrittenOnlyOnSuccess_1_2) {
  Machine machine;
  const auto device = machine.open();
  std::uint32_t size = 1;
  EXPECT_EQ(device->control(ZB_BIOCSBLEN, &size), ZB_EINVAL);
  EXPECT_EQ(size, 1u);
  zb_bpf_zbuf z{7, 7, 7};
  EXPECT_EQ(device->control(ZB_BIOCROTZBUF, &z), ZB_EOPNOTSUPP);
  EXPECT_EQ(z.bufa, 7u);
}

TEST(Ioctl, AnArgumentLargerThanAnyRequestTakesIsEinval) {
  Machine machine;
  const auto device = machine.open();
  std::array<std::byte, 0x2000> large{};
  EXPECT_EQ(device->control(ZB_IOC_B(ZB_IOC_IN, 103, 0x1fff), large.data()), ZB_EINVAL);
}

TEST(Close, LeavesTheUsersMemoryAlone_2_19) {
  Machine machine;
  auto lent = machine.lend();
  for (int i = 0; i < 4; ++i)
    machine.arrive(1400);
  const std::vector<std::byte> before(lent.loan.records(ZB_A).begin(), lent.loan.records(ZB_A).end());
  lent.device.reset();
  EXPECT_EQ(zb_user_kernel_gen(lent.loan.header(ZB_A)), 1u);
  for (int i = 0; i < 10; ++i)
    machine.arrive(1400);
  EXPECT_TRUE(std::equal(before.begin(), before.end(), lent.loan.records(ZB_A).begin()));
}

} // namespace
} // namespace zbuf::testing
