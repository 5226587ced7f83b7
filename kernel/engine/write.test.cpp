// SPDX-License-Identifier: BSD-2-Clause
// write(2): spec 4.16, and what bpf(4) says of feedback.
#include "kernel/engine/test_host.h"

namespace zbuf::testing {
namespace {

using Done = std::pair<int, std::size_t>;

class Write : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(host.set_interface("em0"), 0); }
  TestHost host{};
};

TEST_F(Write, SendsOneFrame) {
  EXPECT_EQ(host.write(TestHost::payload(60, 5)), (Done{0, 60}));
  EXPECT_EQ(host.sent, std::vector<Bytes>{TestHost::payload(60, 5)});
  const zb_xbpf_d s = host.stats();
  EXPECT_EQ(s.wcount, 1u);
  EXPECT_EQ(s.wfcount, 1u);
  EXPECT_EQ(s.wdcount, 0u);
}

TEST_F(Write, WorksInZeroCopyModeToo) {
  TestHost zero_copy;
  ASSERT_EQ(zero_copy.lend(4096), 0);
  ASSERT_EQ(zero_copy.set_interface("em0"), 0);
  EXPECT_EQ(zero_copy.write(TestHost::payload(60)), (Done{0, 60}));
}

TEST_F(Write, OfNothingDoesNothing) {
  EXPECT_EQ(host.write({}), (Done{0, 0}));
  EXPECT_TRUE(host.sent.empty());
  EXPECT_EQ(host.stats().wcount, 1u);
  EXPECT_EQ(host.stats().wdcount, 1u) << "spec 9.2";
}

TEST_F(Write, NeedsAnInterfaceThatIsUp) {
  host.mtu = 0;
  EXPECT_EQ(host.write(TestHost::payload(60)), (Done{ZB_ENETDOWN, 0}));
  host.attached.clear();
  zb_departed(&host.d, 0);
  EXPECT_EQ(host.write(TestHost::payload(60)), (Done{ZB_ENXIO, 0}));
  TestHost detached;
  EXPECT_EQ(detached.write({}).first, ZB_ENXIO) << "even of nothing";
}

TEST_F(Write, TakesALinkHeaderAndUpToTheMtu) {
  EXPECT_EQ(host.write(TestHost::payload(13)).first, ZB_EMSGSIZE);
  EXPECT_EQ(host.write(TestHost::payload(14)).first, 0);
  EXPECT_EQ(host.write(TestHost::payload(1514)).first, 0);
  EXPECT_EQ(host.write(TestHost::payload(1515)).first, ZB_EMSGSIZE);
}

// Spec 9.1.
TEST_F(Write, AFilterRefusesWithZeroAlone) {
  for (const std::uint32_t kept : {1u, 59u, 60u, 0x40000u, 0xffffffffu}) {
    ASSERT_EQ(host.set_filter(ZB_BIOCSETWF, TestHost::keep(kept)), 0);
    EXPECT_EQ(host.write(TestHost::payload(60)).first, 0) << kept;
    EXPECT_EQ(host.sent.back().size(), 60u) << "whole";
  }
  ASSERT_EQ(host.set_filter(ZB_BIOCSETWF, TestHost::keep(0)), 0);
  EXPECT_EQ(host.write(TestHost::payload(60)).first, ZB_EPERM);
  EXPECT_EQ(host.sent.size(), 5u);
}

TEST_F(Write, EveryFailureIsCounted) {
  host.write(TestHost::payload(13));
  host.copy_error = ZB_EFAULT;
  EXPECT_EQ(host.write(TestHost::payload(60)), (Done{ZB_EFAULT, 0}));
  host.copy_error = 0;
  host.send_error = ZB_ENETDOWN;
  EXPECT_EQ(host.write(TestHost::payload(60)), (Done{ZB_ENETDOWN, 0}));
  host.send_error = 0;
  ASSERT_EQ(host.set_filter(ZB_BIOCSETWF, TestHost::keep(0)), 0);
  host.write(TestHost::payload(60));
  host.mtu = 0;
  host.write(TestHost::payload(60));
  const zb_xbpf_d s = host.stats();
  EXPECT_EQ(s.wcount, 5u);
  EXPECT_EQ(s.wdcount, 5u);
  EXPECT_EQ(s.wfcount, 1u) << "the one that could not be sent had passed the filter";
}

TEST_F(Write, TellsTheHostHowToSend) {
  host.write(TestHost::payload(60));
  EXPECT_FALSE(host.sent_how.header_complete);
  EXPECT_FALSE(host.sent_how.feedback);
  EXPECT_FALSE(host.sent_how.untapped);
  ASSERT_EQ(host.set(ZB_BIOCSHDRCMPLT, 1), 0);
  ASSERT_EQ(host.set(ZB_BIOCFEEDBACK, 1), 0);
  host.write(TestHost::payload(60));
  EXPECT_TRUE(host.sent_how.header_complete);
  EXPECT_TRUE(host.sent_how.feedback);
  EXPECT_TRUE(host.sent_how.untapped) << "a descriptor that sees both ways would see it twice";
  ASSERT_EQ(host.set(ZB_BIOCSDIRECTION, ZB_D_IN), 0);
  host.write(TestHost::payload(60));
  EXPECT_FALSE(host.sent_how.untapped);
}

TEST_F(Write, FindsThatItsInterfaceLeft) {
  host.meanwhile = [&] {
    host.attached.clear();
    zb_departed(&host.d, 0);
  };
  EXPECT_EQ(host.write(TestHost::payload(60)), (Done{ZB_ENXIO, 0}));
  EXPECT_TRUE(host.sent.empty());
  EXPECT_EQ(host.stats().wfcount, 0u);
}

TEST_F(Write, GoesToTheInterfaceThatWasThereWhenItBegan) {
  host.meanwhile = [&] { ASSERT_EQ(host.set_interface("lo0"), 0); };
  EXPECT_EQ(host.write(TestHost::payload(60)).first, 0);
}

} // namespace
} // namespace zbuf::testing
