// SPDX-License-Identifier: BSD-2-Clause
// Both directions, promiscuous mode, write(2), VLAN tags, network namespaces.
#include "core/device/records.h"
#include "tests/kernel/machine.h"

#include <atomic>
#include <fcntl.h>
#include <fstream>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace zbuf {
namespace {

using Packets = std::vector<std::vector<std::byte>>;

/// A read(2) descriptor that shows each packet at once.
std::unique_ptr<NativeDevice> attached(const std::string& interface) {
  auto device = open_device(O_NONBLOCK);
  EXPECT_EQ(control_u32(*device, ZB_BIOCSBLEN, 65536), 0);
  EXPECT_EQ(control_u32(*device, ZB_BIOCIMMEDIATE, 1), 0);
  EXPECT_EQ(set_interface_of(*device, interface), 0);
  return device;
}

Packets packets_of(Device& device) {
  std::vector<std::byte> into(65536);
  Packets all;
  const CallResult got = device.read(into);
  RecordCursor cursor(std::span<const std::byte>(into).first(got.value));
  while (const auto record = cursor.next())
    all.emplace_back(record->bytes.begin(), record->bytes.end());
  return all;
}

bool is_promiscuous(const std::string& interface) {
  std::ifstream file("/sys/class/net/" + interface + "/flags");
  unsigned flags = 0;
  file >> std::hex >> flags;
  return (flags & 0x100) != 0;
}

TEST(Interfaces, EachDirectionIsSeenByWhoAsksForIt) {
  TapInterface tap("dir0");
  const auto in = attached("dir0"), out = attached("dir0"), both = attached("dir0");
  EXPECT_EQ(control_u32(*in, ZB_BIOCSDIRECTION, ZB_D_IN), 0);
  EXPECT_EQ(control_u32(*out, ZB_BIOCSDIRECTION, ZB_D_OUT), 0);
  const auto incoming = test_packet(100, 1), outgoing = test_packet(200, 2);
  tap.arrive(incoming);
  EXPECT_EQ(control_u32(*both, ZB_BIOCSHDRCMPLT, 1), 0);
  EXPECT_EQ(both->write(outgoing).error, 0);
  EXPECT_EQ(packets_of(*in), Packets{incoming});
  EXPECT_EQ(packets_of(*out), Packets{outgoing});
  EXPECT_EQ(packets_of(*both), (Packets{incoming, outgoing}));
  EXPECT_EQ(tap.sent(), Packets{outgoing});
}

TEST(Interfaces, WriteFillsInTheSourceAddress) {
  TapInterface tap("src0");
  shell("ip link set src0 address 02:11:22:33:44:55");
  const auto device = attached("src0");
  EXPECT_EQ(device->write(test_packet(60, 1)).error, 0);
  const auto sent = tap.sent();
  ASSERT_EQ(sent.size(), 1u);
  const std::vector<std::byte> source(sent[0].begin() + 6, sent[0].begin() + 12);
  const std::vector<std::byte> expected{std::byte{2},    std::byte{0x11}, std::byte{0x22},
                                        std::byte{0x33}, std::byte{0x44}, std::byte{0x55}};
  EXPECT_EQ(source, expected);
}

TEST(Interfaces, FeedbackComesInAndIsNotSeenTwice) {
  TapInterface tap("fb0");
  const auto device = attached("fb0"), other = attached("fb0");
  EXPECT_EQ(control_u32(*device, ZB_BIOCFEEDBACK, 1), 0);
  EXPECT_EQ(control_u32(*device, ZB_BIOCSHDRCMPLT, 1), 0);
  EXPECT_EQ(device->write(test_packet(90, 5)).error, 0);
  std::this_thread::sleep_for(std::chrono::milliseconds(100)); // it comes in by the backlog
  EXPECT_EQ(packets_of(*device).size(), 1u);
  EXPECT_EQ(packets_of(*other).size(), 1u);
  EXPECT_EQ(tap.sent().size(), 1u);
}

TEST(Interfaces, WriteIsChecked) {
  TapInterface tap("wr0");
  const auto device = open_device();
  EXPECT_EQ(device->write(test_packet(60, 0)).error, ZB_ENXIO);
  EXPECT_EQ(set_interface_of(*device, "wr0"), 0);
  EXPECT_EQ(device->write(test_packet(13 + 1, 0)).error, 0);
  EXPECT_EQ(device->write(std::vector<std::byte>(13)).error, ZB_EMSGSIZE);
  EXPECT_EQ(device->write(test_packet(1514, 0)).error, 0);
  EXPECT_EQ(device->write(test_packet(1515, 0)).error, ZB_EMSGSIZE);
  EXPECT_EQ(::write(device->descriptor(), reinterpret_cast<void*>(4096), 60), -1);
  EXPECT_EQ(errno, EFAULT);
  shell("ip link set wr0 down");
  EXPECT_EQ(device->write(test_packet(60, 0)).error, ZB_ENETDOWN);
}

TEST(Interfaces, PromiscuousWhileAnybodyWantsIt) {
  TapInterface tap("pr0"), other("pr1");
  auto a = attached("pr0"), b = attached("pr0");
  EXPECT_FALSE(is_promiscuous("pr0"));
  EXPECT_EQ(a->control(ZB_BIOCPROMISC, nullptr), 0);
  EXPECT_EQ(a->control(ZB_BIOCPROMISC, nullptr), 0) << "twice is once";
  EXPECT_EQ(b->control(ZB_BIOCPROMISC, nullptr), 0);
  EXPECT_TRUE(is_promiscuous("pr0"));
  a.reset();
  EXPECT_TRUE(is_promiscuous("pr0"));
  EXPECT_EQ(set_interface_of(*b, "pr1"), 0); // leaves it behind
  EXPECT_FALSE(is_promiscuous("pr0"));
  EXPECT_FALSE(is_promiscuous("pr1"));
  EXPECT_EQ(b->control(ZB_BIOCPROMISC, nullptr), 0);
  EXPECT_TRUE(is_promiscuous("pr1"));
  b.reset();
  EXPECT_FALSE(is_promiscuous("pr1"));
}

TEST(Interfaces, LinkTypesAndNames) {
  TapInterface tap("ty0");
  const auto device = open_device();
  std::uint32_t type = 0;
  EXPECT_EQ(set_interface_of(*device, "nothere"), ZB_ENXIO);
  EXPECT_EQ(set_interface_of(*device, "lo"), 0);
  EXPECT_EQ(device->control(ZB_BIOCGDLT, &type), 0);
  EXPECT_EQ(type, 1u);
  EXPECT_EQ(control_u32(*device, ZB_BIOCSDLT, 12), ZB_EINVAL);
  EXPECT_EQ(control_u32(*device, ZB_BIOCSDLT, 1), 0);
  std::uint32_t list[2] = {};
  zb_bpf_dltlist request{2, 0, reinterpret_cast<std::uintptr_t>(list)};
  EXPECT_EQ(device->control(ZB_BIOCGDLTLIST, &request), 0);
  EXPECT_EQ(request.len, 1u);
  EXPECT_EQ(list[0], 1u);
}

/// The kernel takes a VLAN tag out of the packet before anybody sees it; here it is back where it was.
TEST(Interfaces, VlanTagsAreWhereTheyWere) {
  TapInterface tap("vlan0");
  const auto device = attached("vlan0");
  auto packet = test_packet(100, 1);
  const std::array<std::byte, 6> tag{std::byte{0x81}, std::byte{0x00}, std::byte{0x20},
                                     std::byte{0x05}, std::byte{0x88}, std::byte{0xb5}};
  std::copy(tag.begin(), tag.end(), packet.begin() + 12);
  tap.arrive(packet);
  EXPECT_EQ(packets_of(*device), Packets{packet});
}

/// Packets that do not lie in one piece.
TEST(Interfaces, LongPacketsAreWhole) {
  const ScopedSysctl enable("net.bpf.zerocopy_enable", 1);
  TapInterface tap("long0");
  const auto reading = attached("long0");
  auto loan = Loan::allocate(131072);
  const auto lending = open_device();
  lend_and_attach(*lending, *loan, "long0");
  const auto packet = test_packet(60000, 7);
  tap.arrive(packet);
  EXPECT_EQ(packets_of(*reading), Packets{packet});
  zb_bpf_zbuf rotated{};
  ASSERT_EQ(lending->control(ZB_BIOCROTZBUF, &rotated), 0);
  ASSERT_EQ(rotated.buflen, 60026u);
  RecordCursor cursor(loan->records(ZB_A).first(60026));
  const auto record = cursor.next();
  ASSERT_TRUE(record.has_value());
  EXPECT_TRUE(std::equal(packet.begin(), packet.end(), record->bytes.begin(), record->bytes.end()));
}

TEST(Interfaces, PacketsWithoutLinkHeader) {
  TapInterface tap("tun0", TapInterface::Layer::ip);
  const auto device = attached("tun0");
  std::uint32_t type = 0;
  EXPECT_EQ(device->control(ZB_BIOCGDLT, &type), 0);
  EXPECT_EQ(type, 12u);
  auto incoming = test_packet(84, 1), outgoing = test_packet(40, 2);
  incoming[0] = outgoing[0] = std::byte{0x45};
  tap.arrive(incoming);
  EXPECT_EQ(device->write(outgoing).error, 0);
  EXPECT_EQ(packets_of(*device), (Packets{incoming, outgoing}));
  EXPECT_EQ(tap.sent(), Packets{outgoing});
}

/// A descriptor belongs to the network namespace in which it was opened.
TEST(Interfaces, NamespacesAreApart) {
  Wire wire("ns0", "ns1");
  const auto outer = attached("ns1");
  const pid_t child = fork();
  if (child == 0) {
    int failed = unshare(CLONE_NEWNET) != 0;
    int error = 0;
    const auto inner = NativeDevice::open(O_RDWR, error);
    failed |= error != 0 ? 2 : 0;
    failed |= inner != nullptr && set_interface_of(*inner, "ns1") != ZB_ENXIO ? 4 : 0;
    failed |= statistics_rows().empty() ? 8 : 0; // the parent's are in another one
    // What came from outside still reaches outside.
    zb_ifreq name{};
    failed |= outer->control(ZB_BIOCGETIF, &name) != 0 ? 16 : 0;
    failed |= set_interface_of(*outer, "ns0") != 0 ? 32 : 0;
    _exit(failed);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status) & ~8, 0);
}

/// Moving an interface to another namespace is its departure from this one.
TEST(Interfaces, MovingAwayIsDeparture) {
  Wire wire("mv0", "mv1");
  const auto device = attached("mv1");
  EXPECT_EQ(device->control(ZB_BIOCPROMISC, nullptr), 0);
  const pid_t holder = fork();
  if (holder == 0) {
    _exit(unshare(CLONE_NEWNET) == 0 ? (pause(), 0) : 1);
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  shell("ip link set mv1 netns " + std::to_string(holder));
  EXPECT_EQ(device->poll(ZB_POLLIN | ZB_POLLHUP, 0).value, std::size_t{ZB_POLLIN | ZB_POLLHUP});
  std::uint32_t type = 0;
  EXPECT_EQ(device->control(ZB_BIOCGDLT, &type), ZB_EINVAL);
  kill(holder, SIGKILL);
  waitpid(holder, nullptr, 0);
}

/// A network namespace that goes with its processes takes descriptors, hooks and promiscuous mode along.
TEST(Interfaces, NamespacesMayDie) {
  const ScopedSysctl enable("net.bpf.zerocopy_enable", 1);
  const std::uint64_t pinned = pinned_pages();
  for (int round = 0; round < 10; ++round) {
    const pid_t child = fork();
    if (child == 0) {
      if (unshare(CLONE_NEWNET) != 0)
        _exit(1);
      const Wire wire("nd0", "nd1"); // never taken down
      const auto loan = Loan::allocate(4096);
      const auto lending = open_device(), reading = attached("nd0");
      lend_and_attach(*lending, *loan, "nd1");
      lending->control(ZB_BIOCPROMISC, nullptr);
      for (std::uint32_t n = 0; n < 20; ++n)
        reading->write(test_packet(500, n));
      _exit(testing::Test::HasFailure() ? 2 : 0);
    }
    int status = -1;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(pinned_pages(), pinned);
}

TEST(Interfaces, RenamingIsFollowed) {
  TapInterface tap("old0");
  const auto device = attached("old0");
  shell("ip link set old0 down");
  shell("ip link set old0 name new0");
  zb_ifreq name{};
  EXPECT_EQ(device->control(ZB_BIOCGETIF, &name), 0);
  EXPECT_STREQ(name.name, "new0");
}

/// One processor takes descriptors off the interface while the other takes it away. What was freed is
/// poisoned.
TEST(Interfaces, DepartWhileDescriptorsLeave) {
  std::atomic<bool> stop{false};
  const auto come_and_go = [&] {
    while (!stop) {
      const auto device = open_device();
      for (int i = 0; i < 4; ++i) {
        set_interface_of(*device, "leave0");
        set_interface_of(*device, "lo"); // which takes it off the other
      }
    }
  };
  std::thread one(come_and_go), two(come_and_go);
  for (int i = 0; i < 60; ++i) {
    const TapInterface tap("leave0");
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  stop = true;
  one.join();
  two.join();
  EXPECT_TRUE(statistics_rows().empty());
}

TEST(Interfaces, ProcessesAreCountedAsTheReaderCountsThem) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) { // its children are in a namespace of their own
    int status = 1;
    if (::unshare(CLONE_NEWPID) == 0) {
      const pid_t first = ::fork();
      if (first == 0) {
        const auto device = open_device();
        const auto row = statistics_of(*device);
        ::_exit(row && row->pid == 1 ? 0 : 2);
      }
      ::waitpid(first, &status, 0);
      status = WIFEXITED(status) ? WEXITSTATUS(status) : 3;
    }
    ::_exit(status);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), 0);
  const auto device = open_device();
  EXPECT_EQ(statistics_of(*device)->pid, ::getpid());
}

TEST(Interfaces, AWriteHasAtMostTheLengthOfAFrame) {
  shell("ip link set lo mtu 100000000");
  const auto device = open_device();
  ASSERT_EQ(set_interface_of(*device, "lo"), 0);
  for (const std::size_t length : {std::size_t{65'553}, std::size_t{65'554}, std::size_t{50'000'000}}) {
    const std::vector<std::byte> frame(length);
    EXPECT_EQ(device->write(frame).error, length > 65'553 ? ZB_EMSGSIZE : 0) << length;
  }
  shell("ip link set lo mtu 65536");
}

} // namespace
} // namespace zbuf
