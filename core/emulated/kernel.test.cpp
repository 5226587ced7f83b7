// SPDX-License-Identifier: BSD-2-Clause
// The kernel around the descriptors: interfaces, packets to several readers, write(2), sysctl, net.bpf.stats.
#include "core/emulated/kernel.h"

#include "core/clock/real_clock.h"
#include "core/device/records.h"
#include "core/emulated/test_machine.h"

namespace zbuf::testing {
namespace {

// ---- Interfaces ----

TEST(Interfaces, AreFoundByNameUntilTheyGo) {
  Machine machine;
  EXPECT_EQ(*machine.kernel.find_interface("em0"), machine.em0);
  machine.kernel.destroy_interface(machine.em0);
  machine.kernel.destroy_interface(machine.em0);
  const auto gone = machine.kernel.find_interface("em0");
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, Error::Code::not_found);
  EXPECT_NE(gone.error().message.find("em0"), std::string::npos);
  const auto again = machine.kernel.add_interface({.name = "em0"});
  ASSERT_TRUE(again) << "the name is free";
  EXPECT_NE(*again, machine.em0) << "the number is not";
}

TEST(Interfaces, ImpossibleOnesAreRefusedByValue) {
  Machine machine;
  const auto message = [&](const InterfaceConfig& config) {
    const auto added = machine.kernel.add_interface(config);
    EXPECT_FALSE(added);
    return added ? std::string() : added.error().message;
  };
  EXPECT_NE(message({.name = ""}).find("1 to 15"), std::string::npos);
  EXPECT_NE(message({.name = "sixteen-letters!"}).find("sixteen-letters!"), std::string::npos);
  EXPECT_NE(message({.name = "em0"}).find("em0"), std::string::npos);
  EXPECT_NE(message({.name = "em1", .mtu = 71}).find("71"), std::string::npos);
  EXPECT_NE(message({.name = "em1", .mtu = 65536}).find("65536"), std::string::npos);
  EXPECT_TRUE(machine.kernel.add_interface({.name = "fifteen-letters", .mtu = 72}));
}

TEST(Interfaces, LinkHeaders) {
  EXPECT_EQ(link_header_length(1), 14u);
  EXPECT_EQ(link_header_length(0), 4u);
  EXPECT_EQ(link_header_length(12), 0u);
  EXPECT_EQ(link_header_length(113), 16u);
  EXPECT_EQ(link_header_length(276), 20u);
  EXPECT_EQ(link_header_length(105), 24u);
  EXPECT_EQ(link_header_length(0xffffffff), 0u)
      << "any link type may be, with a header that nobody announces";
}

/// Two packets in one go, to two descriptors; what the second of them was delivered.
template <typename SomeClock>
void a_burst_is_its_packets() {
  SomeClock clock;
  EmulatedKernel kernel(clock, {});
  const auto em0 = *kernel.add_interface({.name = "em0"});
  const auto one = kernel.open();
  const auto other = kernel.open();
  ASSERT_TRUE(set_interface(*one, "em0"));
  ASSERT_TRUE(set_interface(*other, "em0"));
  ASSERT_TRUE(set_filter(*one, std::vector<zb_bpf_insn>{{0x06, 0, 0, 10}}));
  ASSERT_TRUE(set_immediate(*other, true));
  const std::vector<std::byte> bytes(60, std::byte{7});
  const std::array<Arrival, 2> burst{Arrival{bytes, 60, false},
                                     Arrival{std::span(bytes).first(20), 1000, false}};
  const TapWork work = kernel.arrive(em0, burst);
  EXPECT_EQ(work.packet, 0u);
  EXPECT_EQ(work.taps, 4u);
  EXPECT_EQ(work.filters, 2u) << "one of them has a filter";
  EXPECT_EQ(work.stored_bytes, 36u + 36 + 86 + 46);
  EXPECT_EQ(kernel.arrive(em0, burst.front()).packet, 2u);
  std::vector<std::byte> into(*buffer_length(*other));
  const CallResult got = other->read(into);
  ASSERT_EQ(got.error, 0);
  RecordCursor cursor(std::span<const std::byte>(into).first(got.value));
  EXPECT_EQ(cursor.next()->bytes.size(), 60u);
  const auto second = cursor.next();
  EXPECT_EQ(second->bytes.size(), 20u);
  EXPECT_EQ(second->datalen, 1000u);
  kernel.set_interface_up(em0, false);
  EXPECT_EQ(kernel.arrive(em0, burst).packet, ZB_NO_PACKET);
}

TEST(Interfaces, ABurstIsItsPackets) {
  a_burst_is_its_packets<VirtualClock>();
  a_burst_is_its_packets<RealClock>();
}

/// Packets of which no byte was captured, alone and in a burst, past a filter, written to a loan.
template <typename SomeClock>
void packets_of_no_bytes_are_headers() {
  SomeClock clock;
  EmulatedKernel kernel(clock, Machine::config(ZB_FREEBSD, 1000));
  const auto em0 = *kernel.add_interface({.name = "em0"});
  const Loan loan = *Loan::allocate(4096);
  const auto lent = kernel.open();
  ASSERT_TRUE(set_buffer_mode(*lent, BufferMode::zbuf));
  ASSERT_TRUE(set_zbuf(*lent, loan.address(ZB_A), loan.address(ZB_B), loan.size()));
  ASSERT_TRUE(set_filter(*lent, std::vector<zb_bpf_insn>{{0x06, 0, 0, 96}}));
  const auto read = kernel.open();
  for (Device* device : {static_cast<Device*>(lent.get()), static_cast<Device*>(read.get())})
    ASSERT_TRUE(set_interface(*device, "em0"));
  const Arrival nothing{{}, 60, false};
  kernel.arrive(em0, nothing);
  EXPECT_EQ(kernel.arrive(em0, std::array{nothing, nothing}).stored_bytes, 4u * 26);
  for (const zb_xbpf_d& stats : kernel.stats()) {
    EXPECT_EQ(stats.fcount, 3u);
    EXPECT_EQ(stats.dcount, 0u);
    EXPECT_EQ(stats.slen, 2 * 32 + 26);
  }
  RecordCursor cursor(loan.records(ZB_A).first(2 * 32 + 26));
  for (int i = 0; i < 3; ++i) {
    const auto record = cursor.next();
    ASSERT_TRUE(record) << i;
    EXPECT_EQ(record->bytes.size(), 0u);
    EXPECT_EQ(record->datalen, 60u);
  }
}

TEST(Interfaces, PacketsOfNoBytesAreHeaders) {
  packets_of_no_bytes_are_headers<VirtualClock>();
  packets_of_no_bytes_are_headers<RealClock>();
}

TEST(Interfaces, DownTakeNoPacketsAndNumberNone) {
  Machine machine;
  const auto device = machine.open();
  EXPECT_EQ(machine.arrive().packet, 0u);
  machine.kernel.set_interface_up(machine.em0, false);
  EXPECT_EQ(machine.arrive().packet, ZB_NO_PACKET);
  machine.kernel.set_interface_up(machine.em0, true);
  EXPECT_EQ(machine.arrive().packet, 1u);
  EXPECT_EQ(machine.kernel.missed(machine.em0, {{}, 60, false}), 2u) << "one that BPF never saw has a number";
  EXPECT_EQ(machine.kernel.stats().front().rcount, 2u);
}

TEST(Interfaces, CountWhoWantsThemPromiscuous) {
  Machine machine;
  const auto em1 = *machine.kernel.add_interface({.name = "em1"});
  auto first = machine.open(), second = machine.open();
  EXPECT_EQ(first->control(ZB_BIOCPROMISC, nullptr), 0);
  EXPECT_EQ(second->control(ZB_BIOCPROMISC, nullptr), 0);
  EXPECT_EQ(first->control(ZB_BIOCPROMISC, nullptr), 0);
  EXPECT_EQ(machine.kernel.promiscuous_count(machine.em0), 2u);
  ASSERT_TRUE(set_interface(*first, "em1"));
  EXPECT_EQ(machine.kernel.promiscuous_count(machine.em0), 1u);
  EXPECT_EQ(machine.kernel.promiscuous_count(em1), 0u);
  machine.kernel.destroy_interface(machine.em0);
  ASSERT_TRUE(set_interface(*second, "em1"));
  EXPECT_EQ(second->control(ZB_BIOCPROMISC, nullptr), 0);
  EXPECT_EQ(machine.kernel.promiscuous_count(em1), 1u);
  second.reset();
  EXPECT_EQ(machine.kernel.promiscuous_count(em1), 0u);
}

// ---- Packets ----

TEST(Packets, PassEveryDescriptorAndTheWorkIsCounted) {
  Machine machine;
  const auto all = machine.lend(), none = machine.lend(), outgoing = machine.lend();
  const auto writer = machine.open({.access = EmulatedKernel::Access::write_only});
  const std::vector<zb_bpf_insn> reject{{0x06, 0, 0, 0}};
  ASSERT_TRUE(set_filter(*none, reject));
  ASSERT_TRUE(set_filter(*outgoing, reject));
  ASSERT_EQ(set(*outgoing, ZB_BIOCSDIRECTION, ZB_D_OUT), 0);
  TapWork work = machine.arrive(60);
  EXPECT_EQ(work.taps, 4u);
  EXPECT_EQ(work.filters, 1u) << "not that of who looks the other way";
  EXPECT_EQ(work.stored_bytes, 86u);
  work = machine.arrive(60, true);
  EXPECT_EQ(work.filters, 2u);
}

TEST(Packets, OneSlowReaderCostsTheOthersNothing) {
  Machine machine;
  const auto slow = machine.lend(4096), fast = machine.lend(65536);
  for (int i = 0; i < 20; ++i)
    machine.arrive(1400);
  EXPECT_GT(statistics(*slow)->drop, 10u);
  EXPECT_EQ(statistics(*fast)->drop, 0u);
}

TEST(Packets, OfOneInterfaceDoNotReachAnother) {
  Machine machine;
  const auto em1 = *machine.kernel.add_interface({.name = "em1"});
  const auto device = machine.open();
  const std::vector<std::byte> packet(60);
  EXPECT_EQ(machine.kernel.arrive(em1, {packet, 60, false}).taps, 0u);
  EXPECT_EQ(statistics(*device)->recv, 0u);
}

// ---- write(2) ----

class Sent : public ::testing::Test {
 protected:
  /// The frames that the descriptor saw, "out" and "in" marked by nothing but their order.
  std::vector<std::vector<std::byte>> seen(Machine::Lent& by) {
    EXPECT_TRUE(rotate_zbuf(*by));
    std::vector<std::vector<std::byte>> frames;
    const zb_shared_header* const header = by.loan.header(ZB_A);
    if (zb_user_kernel_gen(header) == 0)
      return frames;
    RecordCursor cursor(by.loan.records(ZB_A).first(zb_user_kernel_len(header)));
    while (const auto record = cursor.next())
      frames.emplace_back(record->bytes.begin(), record->bytes.end());
    return frames;
  }
  static std::vector<std::byte> frame() {
    std::vector<std::byte> bytes(60, std::byte{0x55});
    return bytes;
  }
  Machine machine{};
};

TEST_F(Sent, FramesGetTheInterfacesAddressUnlessTheHeaderIsComplete) {
  auto watcher = machine.lend();
  const auto device = machine.open();
  EXPECT_EQ(device->write(frame()).value, 60u);
  ASSERT_EQ(set(*device, ZB_BIOCSHDRCMPLT, 1), 0);
  EXPECT_EQ(device->write(frame()).value, 60u);
  const auto frames = seen(watcher);
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_EQ(frames[1], frame());
  const std::array<std::byte, 6> mac{std::byte{2}, {}, {}, {}, {}, std::byte{2}};
  EXPECT_TRUE(std::equal(mac.begin(), mac.end(), frames[0].begin() + 6));
  EXPECT_EQ(frames[0][5], std::byte{0x55});
  EXPECT_EQ(frames[0][12], std::byte{0x55});
}

TEST_F(Sent, FramesAreOutgoing) {
  auto in = machine.lend(), out = machine.lend();
  ASSERT_EQ(set(*in, ZB_BIOCSDIRECTION, ZB_D_IN), 0);
  ASSERT_EQ(set(*out, ZB_BIOCSDIRECTION, ZB_D_OUT), 0);
  const auto device = machine.open();
  EXPECT_EQ(device->write(frame()).error, 0);
  EXPECT_TRUE(seen(in).empty());
  EXPECT_EQ(seen(out).size(), 1u);
}

TEST_F(Sent, FeedbackComesInAsWell) {
  auto in = machine.lend(), out = machine.lend(), both = machine.lend();
  ASSERT_EQ(set(*in, ZB_BIOCSDIRECTION, ZB_D_IN), 0);
  ASSERT_EQ(set(*out, ZB_BIOCSDIRECTION, ZB_D_OUT), 0);
  const auto device = machine.open();
  ASSERT_EQ(set(*device, ZB_BIOCFEEDBACK, 1), 0);
  ASSERT_EQ(set(*device, ZB_BIOCSDIRECTION, ZB_D_IN), 0);
  EXPECT_EQ(device->write(frame()).error, 0);
  EXPECT_EQ(seen(in).size(), 1u);
  EXPECT_EQ(seen(out).size(), 1u);
  EXPECT_EQ(seen(both).size(), 2u);
}

TEST_F(Sent, FeedbackOfADescriptorThatSeesBothWaysIsSeenOnce) {
  auto both = machine.lend(), out = machine.lend();
  ASSERT_EQ(set(*out, ZB_BIOCSDIRECTION, ZB_D_OUT), 0);
  const auto device = machine.open();
  ASSERT_EQ(set(*device, ZB_BIOCFEEDBACK, 1), 0);
  EXPECT_EQ(device->write(frame()).error, 0);
  EXPECT_EQ(seen(both).size(), 1u) << "bpf(4): not returned going out, to avoid duplication";
  EXPECT_TRUE(seen(out).empty());
}

TEST_F(Sent, ErrorsAreThoseOfBpf_4_16) {
  const auto device = machine.open();
  EXPECT_EQ(device->write(std::vector<std::byte>(1515)).error, ZB_EMSGSIZE);
  const auto missing = Loan::allocate(4096);
  ASSERT_TRUE(missing);
  const_cast<Loan&>(*missing).unmap(ZB_A);
  EXPECT_EQ(device->write({missing->address(ZB_A), 60}).error, ZB_EFAULT);
  machine.kernel.set_interface_up(machine.em0, false);
  EXPECT_EQ(device->write(frame()).error, ZB_ENETDOWN);
  EXPECT_EQ(machine.kernel.stats().front().wdcount, 3u);
  machine.kernel.destroy_interface(machine.em0);
  EXPECT_EQ(device->write(frame()).error, ZB_ENXIO);
}

// ---- net.bpf.stats (6.1) ----

TEST(Stats, ListAttachedDescriptorsWritersFirstNewestFirst) {
  Machine machine;
  const auto em1 = *machine.kernel.add_interface({.name = "em1"});
  (void)em1;
  const auto open = [&](std::int32_t pid, EmulatedKernel::Access access, const char* interface) {
    auto device = machine.kernel.open({access, false, pid});
    EXPECT_TRUE(interface == nullptr || set_interface(*device, interface));
    return device;
  };
  using enum EmulatedKernel::Access;
  const auto a = open(1, read_write, "em0"), b = open(2, write_only, "em0"), c = open(3, read_only, "em0"),
             d = open(4, write_only, "em0"), e = open(5, read_write, "em1"), f = open(6, read_write, nullptr);
  std::vector<std::int32_t> pids;
  for (const zb_xbpf_d& x : machine.kernel.stats()) {
    EXPECT_EQ(x.structsize, 168u);
    EXPECT_STREQ(x.ifname, x.pid == 5 ? "em1" : "em0");
    pids.push_back(x.pid);
  }
  EXPECT_EQ(pids, (std::vector<std::int32_t>{4, 2, 3, 1, 5}));
}

TEST(Stats, ShowWhatADescriptorDoes) {
  Machine machine;
  const auto lent = machine.lend();
  ASSERT_TRUE(set_immediate(*lent, true));
  for (int i = 0; i < 5; ++i)
    machine.arrive(1400);
  const zb_xbpf_d x = machine.kernel.stats().front();
  EXPECT_EQ(x.rcount, 5u);
  EXPECT_EQ(x.fcount, 5u);
  EXPECT_EQ(x.dcount, 1u);
  EXPECT_EQ(x.slen, 2 * 1426 + 6);
  EXPECT_EQ(x.hlen, 2 * 1426 + 6);
  EXPECT_EQ(x.bufsize, 4064);
  EXPECT_EQ(x.bufmode, ZB_BUFMODE_ZBUF);
  EXPECT_EQ(x.zcopy, 4u * 2 + 2);
  EXPECT_EQ(x.immediate, 1);
  EXPECT_EQ(x.direction, 1);
}

TEST(Stats, OneDescriptorIsAskedForItsOwnWhileItIsAttached) {
  Machine machine;
  const auto first = machine.kernel.open(), second = machine.kernel.open();
  EXPECT_FALSE(first->stats());
  EXPECT_TRUE(set_interface(*first, "em0"));
  machine.arrive();
  EXPECT_TRUE(set_interface(*second, "em0"));
  machine.arrive();
  ASSERT_TRUE(first->stats() && second->stats());
  EXPECT_EQ(first->stats()->rcount, 2u);
  EXPECT_EQ(second->stats()->rcount, 1u);
  machine.kernel.destroy_interface(machine.em0);
  EXPECT_FALSE(first->stats());
}

TEST(Stats, ZeroingSparesWritersAndDroppedWrites_6_1) {
  Machine machine;
  const auto reader = machine.open();
  const auto writer = machine.open({.access = EmulatedKernel::Access::write_only});
  for (const auto* device : {&reader, &writer}) {
    (void)(*device)->write(std::vector<std::byte>(60));
    (void)(*device)->write(std::vector<std::byte>(6000));
  }
  machine.arrive();
  machine.kernel.zero_stats();
  const auto stats = machine.kernel.stats();
  ASSERT_EQ(stats.size(), 2u);
  EXPECT_EQ(stats[0].wcount, 2u) << "the writer keeps its counts";
  EXPECT_EQ(stats[0].wdcount, 1u);
  EXPECT_EQ(stats[1].wcount, 0u);
  EXPECT_EQ(stats[1].rcount, 0u);
  EXPECT_EQ(stats[1].wdcount, 1u);
}

// ---- sysctl ----

TEST(Sysctl, NamesDefaultsAndRanges) {
  VirtualClock clock;
  EmulatedKernel kernel(clock, {});
  struct Expected {
    std::string_view name;
    std::uint64_t value, low, high;
  };
  for (const Expected& e :
       {Expected{"kern.hz", 1000, 10, 10000}, Expected{"net.bpf.bufsize", 4096, 32, 524288},
        Expected{"net.bpf.maxbufsize", 524288, 32, 1u << 30},
        Expected{"net.bpf.maxinsns", 512, 0, 0xffffffff},
        Expected{"net.bpf.optimize_writers", 0, 0, 0xffffffff},
        Expected{"net.bpf.zerocopy_enable", 0, 0, 1}}) {
    EXPECT_EQ(*kernel.sysctl(e.name), e.value) << e.name;
    EXPECT_TRUE(kernel.set_sysctl(e.name, e.low));
    EXPECT_EQ(*kernel.sysctl(e.name), e.low);
    EXPECT_TRUE(kernel.set_sysctl(e.name, e.high));
    EXPECT_EQ(*kernel.sysctl(e.name), e.high);
    const auto refused = kernel.set_sysctl(e.name, e.high + 1);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find(std::to_string(e.high + 1)), std::string::npos);
    EXPECT_NE(refused.error().message.find(std::to_string(e.low) + " to " + std::to_string(e.high)),
              std::string::npos);
    EXPECT_EQ(*kernel.sysctl(e.name), e.high) << "unchanged";
    EXPECT_TRUE(e.low == 0 || !kernel.set_sysctl(e.name, e.low - 1));
  }
  EXPECT_EQ(*kernel.sysctl("net.bpf.zerocopy_maxsize"), 2097152u);
  EXPECT_FALSE(kernel.set_sysctl("net.bpf.zerocopy_maxsize", 4096));
  EXPECT_EQ(EmulatedKernel::sysctl_names().size(), 7u);
}

TEST(Sysctl, AnUnknownNameListsTheKnown) {
  Machine machine;
  const auto unknown = machine.kernel.sysctl("net.bpf.zero");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, Error::Code::not_found);
  for (const std::string_view name : EmulatedKernel::sysctl_names())
    EXPECT_NE(unknown.error().message.find(name), std::string::npos);
  EXPECT_FALSE(machine.kernel.set_sysctl("kern.Hz", 100));
}

TEST(Sysctl, TakesEffectAtTheNextUse) {
  Machine machine;
  ASSERT_TRUE(machine.kernel.set_sysctl("net.bpf.zerocopy_enable", 0));
  const auto device = machine.kernel.open();
  const auto refused = set_buffer_mode(*device, BufferMode::zbuf);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("net.bpf.zerocopy_enable"), std::string::npos);
  ASSERT_TRUE(machine.kernel.set_sysctl("net.bpf.bufsize", 8192));
  EXPECT_EQ(*buffer_length(*device), 4096u) << "its size dates from open";
  EXPECT_EQ(*buffer_length(*machine.kernel.open()), 8192u);
  ASSERT_TRUE(machine.kernel.set_sysctl("net.bpf.maxbufsize", 16384));
  EXPECT_EQ(*set_buffer_length(*device, 65536), 16384u);
  ASSERT_TRUE(machine.kernel.set_sysctl("net.bpf.maxinsns", 1));
  const std::vector<zb_bpf_insn> two{{0x28, 0, 0, 12}, {0x06, 0, 0, 96}};
  EXPECT_FALSE(set_filter(*device, two));
  ASSERT_TRUE(machine.kernel.set_sysctl("net.bpf.optimize_writers", 1));
  const auto writer = machine.open();
  machine.arrive();
  EXPECT_EQ(statistics(*writer)->recv, 0u);
}

// ---- Descriptors ----

TEST(Descriptors, AreNumberedInOrderOfOpen) {
  Machine machine;
  auto a = machine.kernel.open();
  const auto b = machine.kernel.open();
  EXPECT_EQ(a->number(), 0);
  a.reset();
  EXPECT_EQ(b->number(), 1);
  EXPECT_EQ(machine.kernel.open()->number(), 2);
}

TEST(Descriptors, OfAnInterfaceThatWentCanBeAttachedElsewhere_2_18) {
  Machine machine;
  (void)machine.kernel.add_interface({.name = "em1"});
  auto lent = machine.lend();
  for (int i = 0; i < 3; ++i)
    machine.arrive(1400);
  machine.kernel.destroy_interface(machine.em0);
  EXPECT_FALSE(interface_name(*lent));
  EXPECT_EQ(zb_user_kernel_gen(lent.loan.header(ZB_A)), 1u) << "what was published stays readable";
  EXPECT_TRUE(rotate_zbuf(*lent)) << "ROTZBUF still works";
  EXPECT_FALSE(set_interface(*lent, "em0"));
  EXPECT_TRUE(set_interface(*lent, "em1"));
  EXPECT_EQ(*interface_name(*lent), "em1");
}

} // namespace
} // namespace zbuf::testing
