// SPDX-License-Identifier: BSD-2-Clause
// The ioctl requests: values, limits, errors, and what each revision knows (spec 1.1, 2.15, section 4).
#include "kernel/engine/test_host.h"

namespace zbuf::testing {
namespace {

class IoctlOnEach : public OnEachRevision {};
INSTANTIATE_TEST_SUITE_P(Revision, IoctlOnEach, ::testing::ValuesIn(all_revisions), OnEachRevision::name);

/// The requests as the specification has them, which the engine's table has to say again.
struct Specified {
  std::uint32_t request;
  std::uint32_t number;     ///< 1.1
  bool allowed_when_locked; ///< 4.1
};
constexpr Specified all_requests[] = {
    {ZB_BIOCGBLEN, 0x40044266, true},       {ZB_BIOCSBLEN, 0xC0044266, false},
    {ZB_BIOCSETF, 0x80104267, false},       {ZB_BIOCFLUSH, 0x20004268, true},
    {ZB_BIOCPROMISC, 0x20004269, false},    {ZB_BIOCGDLT, 0x4004426A, true},
    {ZB_BIOCGETIF, 0x4020426B, true},       {ZB_BIOCSETIF, 0x8020426C, false},
    {ZB_BIOCSRTIMEOUT, 0x8010426D, true},   {ZB_BIOCGRTIMEOUT, 0x4010426E, true},
    {ZB_BIOCGSTATS, 0x4008426F, true},      {ZB_BIOCIMMEDIATE, 0x80044270, true},
    {ZB_BIOCVERSION, 0x40044271, true},     {ZB_BIOCGRSIG, 0x40044272, true},
    {ZB_BIOCSRSIG, 0x80044273, false},      {ZB_BIOCGHDRCMPLT, 0x40044274, true},
    {ZB_BIOCSHDRCMPLT, 0x80044275, false},  {ZB_BIOCGDIRECTION, 0x40044276, false},
    {ZB_BIOCSDIRECTION, 0x80044277, false}, {ZB_BIOCSDLT, 0x80044278, false},
    {ZB_BIOCGDLTLIST, 0xC0104279, true},    {ZB_BIOCLOCK, 0x2000427A, true},
    {ZB_BIOCSETWF, 0x8010427B, false},      {ZB_BIOCFEEDBACK, 0x8004427C, true},
    {ZB_BIOCGETBUFMODE, 0x4004427D, false}, {ZB_BIOCSETBUFMODE, 0x8004427E, false},
    {ZB_BIOCGETZMAX, 0x4008427F, false},    {ZB_BIOCROTZBUF, 0x40184280, true},
    {ZB_BIOCSETZBUF, 0x80184281, false},    {ZB_BIOCSETFNR, 0x80104282, false},
    {ZB_BIOCGTSTAMP, 0x40044283, false},    {ZB_BIOCSTSTAMP, 0x80044284, true},
    {ZB_BIOCSETVLANPCP, 0x80044285, false}, {ZB_FIONREAD, 0x4004667F, true},
    {ZB_FIONBIO, 0x8004667E, false},        {ZB_FIOASYNC, 0x8004667D, false},
    {ZB_FIOSETOWN, 0x8004667C, false},      {ZB_FIOGETOWN, 0x4004667B, false},
    {ZB_TIOCSPGRP, 0x80047476, false},      {ZB_TIOCGPGRP, 0x40047477, true},
};

TEST(Ioctl, NumbersAreThoseOfTheSpecification_1_1) {
  for (const Specified& r : all_requests)
    EXPECT_EQ(r.request, r.number) << std::hex << r.number;
}

TEST_P(IoctlOnEach, ALockedDescriptorAnswersEpermExceptToTheListed_4_1) {
  TestHost host(GetParam());
  ASSERT_EQ(host.set_interface("em0"), 0);
  ASSERT_EQ(host.ioctl(ZB_BIOCLOCK), 0);
  for (const Specified& r : all_requests) {
    std::array<std::uint8_t, 64> argument{};
    EXPECT_EQ(host.ioctl(r.request, argument.data()) != ZB_EPERM, r.allowed_when_locked)
        << std::hex << r.request;
  }
  EXPECT_EQ(host.stats().locked, 1);
}

TEST(Ioctl, ALockedDescriptorStillTurnsNonblocking_4_1) {
  TestHost host;
  ASSERT_EQ(host.ioctl(ZB_BIOCLOCK), 0);
  EXPECT_EQ(host.set(ZB_FIONBIO, 1), ZB_EPERM);
  EXPECT_TRUE(host.d.nonblocking) << "the generic layer does it before bpf is asked";
  EXPECT_EQ(host.set(ZB_FIOASYNC, 1), ZB_EPERM);
  EXPECT_FALSE(host.d.async);
}

TEST_P(IoctlOnEach, UnknownRequestsAreEinval) {
  TestHost host(GetParam());
  std::array<std::uint8_t, 64> argument{};
  for (const std::uint32_t request : {ZB_IOC_B(ZB_IOC_OUT, 200, 4), ZB_IOC_B(ZB_IOC_VOID, 102, 0),
                                      ZB_IOC(ZB_IOC_IN, 'X', 103, 16), ZB_IOC_B(ZB_IOC_IN, 112, 8), 0u})
    EXPECT_EQ(host.ioctl(request, argument.data()), ZB_EINVAL) << std::hex << request;
}

TEST_P(IoctlOnEach, KnowsTheRequestsOfItsTime_1_1) {
  TestHost host(GetParam());
  EXPECT_EQ(host.set_filter(ZB_BIOCSETFNR, TestHost::keep(96)), revision().has_setfnr ? 0 : ZB_EINVAL);
  EXPECT_EQ(revision().has_setfnr, GetParam() >= ZB_R180310);
  std::uint32_t value = 0;
  const int modern = GetParam() >= ZB_FREEBSD ? 0 : ZB_EINVAL;
  EXPECT_EQ(host.ioctl(ZB_BIOCGTSTAMP, &value), modern);
  EXPECT_EQ(host.set(ZB_BIOCSTSTAMP, ZB_T_NANOTIME), modern);
  EXPECT_EQ(host.set(ZB_BIOCSETVLANPCP, 7), modern);
}

TEST_P(IoctlOnEach, LimitsOfArguments_4_11) {
  TestHost host(GetParam());
  EXPECT_EQ(host.set(ZB_BIOCSDIRECTION, 2), 0);
  EXPECT_EQ(host.set(ZB_BIOCSDIRECTION, 3), ZB_EINVAL);
  EXPECT_EQ(host.get(ZB_BIOCGDIRECTION), 2u);
  EXPECT_EQ(host.set(ZB_BIOCSRSIG, 31), 0);
  EXPECT_EQ(host.set(ZB_BIOCSRSIG, 32), ZB_EINVAL);
  EXPECT_EQ(host.get(ZB_BIOCGRSIG), 31u);
  EXPECT_EQ(host.set(ZB_BIOCSETVLANPCP, 8), ZB_EINVAL);
}

TEST_P(IoctlOnEach, AFreshDescriptor) {
  TestHost host(GetParam());
  EXPECT_EQ(host.get(ZB_BIOCGETBUFMODE), ZB_BUFMODE_BUFFER);
  EXPECT_EQ(host.get(ZB_BIOCGBLEN), 4096u);
  EXPECT_EQ(host.get(ZB_BIOCGDIRECTION), ZB_D_INOUT);
  EXPECT_EQ(host.get(ZB_BIOCGHDRCMPLT), 0u);
  EXPECT_EQ(host.get(ZB_BIOCGRSIG), 23u);
  EXPECT_EQ(host.get(ZB_FIONREAD), 0u);
  zb_timeval tv{1, 1};
  EXPECT_EQ(host.ioctl(ZB_BIOCGRTIMEOUT, &tv), 0);
  EXPECT_EQ(tv.sec + tv.usec, 0);
  zb_bpf_version version{};
  EXPECT_EQ(host.ioctl(ZB_BIOCVERSION, &version), 0);
  EXPECT_EQ(version.major, 1);
  EXPECT_EQ(version.minor, 1);
  zb_bpf_stat stat{7, 7};
  EXPECT_EQ(host.ioctl(ZB_BIOCGSTATS, &stat), 0);
  EXPECT_EQ(stat.recv + stat.drop, 0u);
}

TEST_P(IoctlOnEach, OwnersAreProcessesAndGroups) {
  TestHost host(GetParam());
  EXPECT_EQ(host.set(ZB_FIOSETOWN, 77), 0);
  EXPECT_EQ(host.get(ZB_FIOGETOWN), 77u);
  EXPECT_EQ(host.set(ZB_TIOCSPGRP, 77), 0);
  EXPECT_EQ(static_cast<std::int32_t>(host.get(ZB_FIOGETOWN)), -77);
  // Spec 9.10.
  EXPECT_EQ(host.get(ZB_TIOCGPGRP), 77u);
  host.owner_error = ZB_ESRCH;
  EXPECT_EQ(host.set(ZB_FIOSETOWN, 99990), ZB_ESRCH);
  host.owner_error = 0;
  EXPECT_EQ(host.get(ZB_FIOGETOWN), 0u);
}

// Spec 9.8, 9.9: what is news has a signal, and what only ends a copy has none.
TEST_P(IoctlOnEach, WhoAskedForSignalsGetsOneWithEachWakeUp_9_8) {
  TestHost host(GetParam());
  ASSERT_EQ(host.set_interface("em0"), 0);
  host.packets(4, 1000);
  EXPECT_EQ(host.signals, std::vector<std::uint32_t>{0}) << "nobody asked";
  ASSERT_EQ(host.set(ZB_FIOASYNC, 5), 0);
  EXPECT_EQ(host.stats().async, 5);
  EXPECT_EQ(host.read(4096).first, 0);
  EXPECT_EQ(host.signals.size(), 1u) << "a read(2) that ends is no news";
  host.packets(3, 1000);
  EXPECT_EQ(host.signals, (std::vector<std::uint32_t>{0, 23}));
  ASSERT_EQ(host.set(ZB_BIOCSRSIG, 0), 0);
  host.attached.clear();
  zb_departed(&host.d, 0);
  EXPECT_EQ(host.signals, (std::vector<std::uint32_t>{0, 23, 0}));
}

// Spec 9.31.
TEST_P(IoctlOnEach, ImmediateTakesAByte_9_31) {
  TestHost host(GetParam());
  ASSERT_EQ(host.set_interface("em0"), 0);
  for (const std::uint32_t value : {1u, 2u, 256u, 257u, 0xffffffffu, 0u}) {
    ASSERT_EQ(host.set(ZB_BIOCIMMEDIATE, value), 0);
    EXPECT_EQ(host.stats().immediate, value & 0xff);
  }
}

// An interface that goes between the two steps of BIOCSETIF: nothing changes.
TEST_P(IoctlOnEach, SetifAgainstADepartingInterfaceChangesNothing) {
  TestHost host(GetParam());
  ASSERT_EQ(host.set_interface("em0"), 0);
  ASSERT_EQ(host.ioctl(ZB_BIOCPROMISC), 0);
  host.packets(2, 100);
  host.attach_error = ZB_ENXIO;
  EXPECT_EQ(host.set_interface("lo0"), ZB_ENXIO);
  host.attach_error = 0;
  EXPECT_EQ(host.stats().rcount, 2u);
  EXPECT_STREQ(host.stats().ifname, "em0");
  EXPECT_EQ(host.promiscuity[0], 1);
  EXPECT_NE(host.packet(100), 0u);
}

TEST_P(IoctlOnEach, AZeroArgumentClearsTheFlag_M7) {
  TestHost host(GetParam());
  ASSERT_EQ(host.set_interface("em0"), 0);
  for (const std::uint32_t on : {2u, 0u}) {
    EXPECT_EQ(host.set(ZB_BIOCIMMEDIATE, on), 0);
    EXPECT_EQ(host.set(ZB_BIOCSHDRCMPLT, on), 0);
    EXPECT_EQ(host.set(ZB_BIOCFEEDBACK, on), 0);
    EXPECT_EQ(host.set(ZB_FIOASYNC, on), 0);
    const zb_xbpf_d stats = host.stats();
    EXPECT_EQ(stats.immediate, on);
    EXPECT_EQ(stats.hdrcmplt, on != 0);
    EXPECT_EQ(stats.feedback, static_cast<std::int32_t>(on));
    EXPECT_EQ(stats.async, static_cast<std::int32_t>(on));
    EXPECT_EQ(host.get(ZB_BIOCGHDRCMPLT), on != 0);
  }
}

// ---- The interface ----

TEST_P(IoctlOnEach, RequestsThatNeedAnInterface_4_10) {
  TestHost host(GetParam());
  zb_ifreq ifr{};
  zb_bpf_dltlist list{};
  std::uint32_t value = 1;
  EXPECT_EQ(host.ioctl(ZB_BIOCPROMISC), ZB_EINVAL);
  EXPECT_EQ(host.ioctl(ZB_BIOCGDLT, &value), ZB_EINVAL);
  EXPECT_EQ(host.ioctl(ZB_BIOCSDLT, &value), ZB_EINVAL);
  EXPECT_EQ(host.ioctl(ZB_BIOCGDLTLIST, &list), ZB_EINVAL);
  EXPECT_EQ(host.ioctl(ZB_BIOCGETIF, &ifr), ZB_EINVAL);
  ASSERT_EQ(host.set_interface("lo0"), 0);
  EXPECT_EQ(host.get(ZB_BIOCGDLT), 0u);
  EXPECT_EQ(host.ioctl(ZB_BIOCGETIF, &ifr), 0);
  EXPECT_STREQ(ifr.name, "lo0");
  EXPECT_EQ(host.ioctl(ZB_BIOCPROMISC), 0);
}

TEST_P(IoctlOnEach, TheListOfLinkTypes) {
  TestHost host(GetParam());
  host.more_types = {105, 127};
  ASSERT_EQ(host.set_interface("em0"), 0);
  zb_bpf_dltlist list{0, 0, 0};
  EXPECT_EQ(host.ioctl(ZB_BIOCGDLTLIST, &list), 0) << "no list: how many";
  EXPECT_EQ(list.len, 3u);
  list = {2, 0, TestHost::type_list_address};
  EXPECT_EQ(host.ioctl(ZB_BIOCGDLTLIST, &list), ZB_ENOMEM);
  EXPECT_EQ(list.len, 2u) << "nothing is written where the call fails (1.2)";
  list.len = 9;
  EXPECT_EQ(host.ioctl(ZB_BIOCGDLTLIST, &list), 0);
  EXPECT_EQ(list.len, 3u);
  EXPECT_EQ(host.type_list, (std::vector<std::uint32_t>{1, 105, 127}));
  host.copy_error = ZB_EFAULT;
  EXPECT_EQ(host.ioctl(ZB_BIOCGDLTLIST, &list), ZB_EFAULT);
}

TEST_P(IoctlOnEach, AnotherLinkTypeResetsTheSameDoesNot_2_17) {
  TestHost host(GetParam());
  host.more_types = {105};
  ASSERT_EQ(host.set_interface("em0"), 0);
  host.packet(60);
  EXPECT_EQ(host.set(ZB_BIOCSDLT, 1), 0);
  EXPECT_EQ(host.stats().rcount, 1u);
  EXPECT_EQ(host.set(ZB_BIOCSDLT, 9), ZB_EINVAL);
  EXPECT_EQ(host.stats().rcount, 1u);
  EXPECT_EQ(host.set(ZB_BIOCSDLT, 105), 0);
  EXPECT_EQ(host.stats().rcount, 0u);
  EXPECT_EQ(host.get(ZB_BIOCGDLT), 105u);
  EXPECT_EQ(host.attached, std::vector<std::uint32_t>{0});
}

TEST_P(IoctlOnEach, PromiscuousModeIsAskedForOnceAndGivenUpOnce) {
  TestHost host(GetParam());
  ASSERT_EQ(host.set_interface("em0"), 0);
  EXPECT_EQ(host.ioctl(ZB_BIOCPROMISC), 0);
  EXPECT_EQ(host.ioctl(ZB_BIOCPROMISC), 0);
  EXPECT_EQ(host.promiscuity[0], 1);
  EXPECT_EQ(host.stats().promisc, 1);
  ASSERT_EQ(host.set_interface("em0"), 0);
  EXPECT_EQ(host.promiscuity[0], 1) << "the same interface again is a reset only (4.7)";
  ASSERT_EQ(host.set_interface("lo0"), 0);
  EXPECT_EQ(host.promiscuity[0], 0) << "moving gives it up (2.18)";
  EXPECT_EQ(host.stats().promisc, 0);
}

TEST_P(IoctlOnEach, PromiscuousModeGoesWithTheInterface_2_18) {
  TestHost host(GetParam());
  ASSERT_EQ(host.set_interface("em0"), 0);
  ASSERT_EQ(host.ioctl(ZB_BIOCPROMISC), 0);
  host.attached.clear();
  zb_departed(&host.d, 0);
  EXPECT_EQ(host.promiscuity[0], 1) << "nobody is left to be told";
  host.promiscuity.clear();
  ASSERT_EQ(host.set_interface("lo0"), 0);
  EXPECT_EQ(host.ioctl(ZB_BIOCPROMISC), 0);
  EXPECT_EQ(host.promiscuity[1], 1);
}

TEST_P(IoctlOnEach, SetifAgainResetsAndMovingCarriesBuffersOn_2_18_4_7) {
  TestHost host(GetParam());
  ASSERT_EQ(host.lend(4096), 0);
  ASSERT_EQ(host.set_interface("em0"), 0);
  host.packets(5, 1400);
  ASSERT_EQ(zb_user_kernel_gen(host.header(ZB_A)), 1u);
  ASSERT_EQ(host.set_interface("lo0"), 0);
  EXPECT_EQ(host.attached, std::vector<std::uint32_t>{1});
  EXPECT_EQ(zb_user_kernel_gen(host.header(ZB_A)), 1u) << "generations carry on";
  EXPECT_EQ(host.stats().rcount, 0u);
  EXPECT_EQ(host.d.hold == nullptr, revision().reset_takes_hold_back);
}

TEST_P(IoctlOnEach, AnInterfaceThatWentIsNotTheOneItMovedTo) {
  TestHost host(GetParam());
  ASSERT_EQ(host.set_interface("em0"), 0);
  ASSERT_EQ(host.set_interface("lo0"), 0);
  zb_departed(&host.d, 0);
  zb_ifreq ifr{};
  EXPECT_EQ(host.ioctl(ZB_BIOCGETIF, &ifr), 0);
  EXPECT_STREQ(ifr.name, "lo0");
}

// ---- Time-outs (2.15) ----

struct Rounding {
  std::uint32_t hz;
  std::int64_t sec, usec;
  std::uint32_t up, down, at_least_one; ///< ticks, by revision
};

void PrintTo(const Rounding& r, std::ostream* out) {
  *out << r.sec << " s " << r.usec << " us at hz " << r.hz;
}

class Timeout : public ::testing::TestWithParam<Rounding> {};
INSTANTIATE_TEST_SUITE_P(
    Ioctl, Timeout,
    ::testing::Values(Rounding{100, 0, 0, 0, 0, 0}, Rounding{100, 0, 1, 1, 0, 1},
                      Rounding{100, 0, 5000, 1, 0, 1}, Rounding{100, 0, 9999, 1, 0, 1},
                      Rounding{100, 0, 10000, 1, 1, 1}, Rounding{100, 0, 15000, 2, 1, 1},
                      Rounding{100, 0, 20000, 2, 2, 2}, Rounding{100, 0, 999999, 100, 99, 99},
                      Rounding{100, 1, 0, 100, 100, 100}, Rounding{100, 1, 1, 101, 100, 100},
                      Rounding{1000, 0, 1, 1, 0, 1}, Rounding{1000, 0, 999, 1, 0, 1},
                      Rounding{1000, 0, 1000, 1, 1, 1}, Rounding{1000, 0, 5000, 5, 5, 5},
                      Rounding{1000, 0, 5001, 6, 5, 5}, Rounding{1000, 100, 500, 100001, 100000, 100000},
                      Rounding{128, 0, 7812, 1, 0, 1}, Rounding{128, 0, 7813, 2, 1, 1},
                      Rounding{100, 1LL << 40, 0, 0x7fffffff, 0x7fffffff, 0x7fffffff},
                      Rounding{1000, 0x7fffffff, 0, 0x7fffffff, 0x7fffffff, 0x7fffffff}));

TEST_P(Timeout, IsRoundedAsTheRevisionDoes) {
  const Rounding& r = GetParam();
  for (const zb_revision_number revision : all_revisions) {
    TestHost host({.revision = revision, .hz = r.hz});
    ASSERT_EQ(host.set_timeout(r.sec, r.usec), 0);
    const std::uint8_t rounding = zb_revisions[revision].timeout_rounding;
    const std::uint32_t ticks = rounding == ZB_ROUND_UP     ? r.up
                                : rounding == ZB_ROUND_DOWN ? r.down
                                                            : r.at_least_one;
    EXPECT_EQ(host.d.timeout_ticks, ticks) << zb_revisions[revision].name;
    zb_timeval back{};
    ASSERT_EQ(host.ioctl(ZB_BIOCGRTIMEOUT, &back), 0);
    EXPECT_EQ(back.sec, ticks / r.hz);
    EXPECT_EQ(back.usec, std::int64_t{ticks % r.hz} * 1'000'000 / r.hz);
  }
}

TEST_P(IoctlOnEach, ImpossibleTimeoutsAreRefusedAndChangeNothing_2_15) {
  TestHost host(GetParam());
  ASSERT_EQ(host.set_timeout(3, 0), 0);
  EXPECT_EQ(host.set_timeout(-1, 0), ZB_EINVAL);
  EXPECT_EQ(host.set_timeout(0, -1), ZB_EINVAL);
  EXPECT_EQ(host.set_timeout(0, 1'000'000), ZB_EINVAL);
  EXPECT_EQ(host.d.timeout_ticks, 3000u);
}

// ---- FIONREAD ----

TEST_P(IoctlOnEach, FionreadCountsWhatWasAcknowledgedToo_4_13) {
  TestHost host(GetParam());
  ASSERT_EQ(host.lend(4096), 0);
  ASSERT_EQ(host.set_interface("em0"), 0);
  host.packets(2, 1400);
  const std::uint32_t fill = host.d.store_length;
  EXPECT_EQ(host.get(ZB_FIONREAD), fill);
  host.packet(1400);
  const std::uint32_t rest = host.d.store_length;
  EXPECT_EQ(host.get(ZB_FIONREAD), fill + rest);
  host.acknowledge(ZB_A);
  EXPECT_EQ(host.get(ZB_FIONREAD), revision().settles ? rest : fill + rest) << "except on zbuf (M3)";
}

} // namespace
} // namespace zbuf::testing
