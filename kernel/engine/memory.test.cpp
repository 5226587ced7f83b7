// SPDX-License-Identifier: BSD-2-Clause
// Where buffers come from and go to: spec 2.1, 2.19, 4.2 to 4.9, 5.9 M2; and memory that comes in pages.
#include "kernel/engine/test_host.h"

namespace zbuf::testing {
namespace {

class MemoryOnEach : public OnEachRevision {};
INSTANTIATE_TEST_SUITE_P(Revision, MemoryOnEach, ::testing::ValuesIn(all_revisions), OnEachRevision::name);

// ---- Pages ----

/// The same traffic into memory in one piece and into scattered pages: the user sees the same bytes.
void expect_same_bytes(bool chained) {
  TestHost::Options paged;
  paged.in_one_piece = false;
  TestHost a, b(paged);
  for (TestHost* host : {&a, &b}) {
    ASSERT_EQ(host->lend(3 * ZB_PAGE_SIZE), 0);
    ASSERT_EQ(host->set_interface("em0"), 0);
    std::uint32_t n = 12345;
    for (int i = 0; i < 200; ++i) {
      n = n * 1103515245u + 12345u;
      const Bytes whole = TestHost::payload(14 + n % 5000, static_cast<std::uint8_t>(i));
      if (chained) {
        const auto cut = whole.begin() + 1 + static_cast<std::ptrdiff_t>(n % (whole.size() - 1));
        host->tap_chain({Bytes(whole.begin(), cut), Bytes{}, Bytes(cut, whole.end())});
      } else {
        host->tap(whole);
      }
      for (const zb_which which : {ZB_A, ZB_B})
        if (zb_user_kernel_gen(host->header(which)) != zb_user_user_gen(host->header(which)) && i % 7 == 0)
          host->acknowledge(which);
    }
  }
  EXPECT_GT(zb_user_kernel_gen(a.header(ZB_A)), 3u) << "some fills went by";
  for (const zb_which which : {ZB_A, ZB_B})
    EXPECT_EQ(a.bytes(which), b.bytes(which));
  EXPECT_EQ(a.stats().zcopy, b.stats().zcopy);
  EXPECT_EQ(a.stats().dcount, b.stats().dcount);
}

TEST(Pages, RecordsCrossFramesThatLieAnywhere) {
  expect_same_bytes(false);
}
TEST(Pages, PacketsInPiecesCrossFramesToo) {
  expect_same_bytes(true);
}

TEST(Pages, APacketInPiecesIsThePacket) {
  TestHost host;
  ASSERT_EQ(host.lend(4096), 0);
  ASSERT_EQ(host.set_interface("em0"), 0);
  host.tap_chain({{1, 2, 3}, {}, {4}, {5, 6, 7, 8}});
  const Bytes bytes = host.bytes(ZB_A);
  EXPECT_EQ(record_at(bytes, 32).caplen, 8u);
  EXPECT_EQ(Bytes(bytes.begin() + 32 + 26, bytes.begin() + 32 + 34), (Bytes{1, 2, 3, 4, 5, 6, 7, 8}));
}

// ---- SETBUFMODE ----

TEST_P(MemoryOnEach, ModeIsCheckedForValueThenPermissionThenState_4_2) {
  TestHost host(GetParam());
  EXPECT_EQ(host.get(ZB_BIOCGETBUFMODE), ZB_BUFMODE_BUFFER);
  EXPECT_EQ(host.set(ZB_BIOCSETBUFMODE, 0), ZB_EINVAL);
  EXPECT_EQ(host.set(ZB_BIOCSETBUFMODE, 3), ZB_EINVAL);
  host.tunables.zerocopy_enable = false;
  EXPECT_EQ(host.set(ZB_BIOCSETBUFMODE, ZB_BUFMODE_ZBUF), ZB_EINVAL);
  EXPECT_EQ(host.set(ZB_BIOCSETBUFMODE, ZB_BUFMODE_BUFFER), 0);
  host.tunables.zerocopy_enable = true;
  EXPECT_EQ(host.set(ZB_BIOCSETBUFMODE, ZB_BUFMODE_ZBUF), 0);
  EXPECT_EQ(host.set(ZB_BIOCSETBUFMODE, ZB_BUFMODE_BUFFER), 0) << "back again, before SETZBUF (4.2d)";
  ASSERT_EQ(host.set_interface("em0"), 0);
  EXPECT_EQ(host.set(ZB_BIOCSETBUFMODE, ZB_BUFMODE_BUFFER), ZB_EBUSY) << "even to the same mode (4.2c)";
  host.tunables.zerocopy_enable = false;
  EXPECT_EQ(host.set(ZB_BIOCSETBUFMODE, ZB_BUFMODE_ZBUF), ZB_EINVAL) << "permission before state (4.2b)";
}

TEST_P(MemoryOnEach, SwitchingZeroCopyOffHarmsNobodyWhoHasIt_4_2b) {
  TestHost host(GetParam());
  ASSERT_EQ(host.set(ZB_BIOCSETBUFMODE, ZB_BUFMODE_ZBUF), 0);
  host.tunables.zerocopy_enable = false;
  EXPECT_EQ(host.lend_again(4096), 0);
  EXPECT_EQ(host.set_interface("em0"), 0);
  EXPECT_NE(host.packet(60), 0u);
}

TEST_P(MemoryOnEach, ModeIsFixedOnceThereAreBuffers_4_2c) {
  TestHost host(GetParam());
  ASSERT_EQ(host.lend(4096), 0);
  EXPECT_EQ(host.set(ZB_BIOCSETBUFMODE, ZB_BUFMODE_ZBUF), ZB_EBUSY);
  EXPECT_EQ(host.set(ZB_BIOCSETBUFMODE, ZB_BUFMODE_BUFFER), ZB_EBUSY);
}

TEST_P(MemoryOnEach, SetblenAllocatesOnlySinceNineThree_4_8) {
  TestHost host(GetParam());
  std::uint32_t size = 8192;
  ASSERT_EQ(host.ioctl(ZB_BIOCSBLEN, &size), 0);
  EXPECT_EQ(host.get(ZB_BIOCGBLEN), 8192u);
  EXPECT_EQ(host.set(ZB_BIOCSETBUFMODE, ZB_BUFMODE_ZBUF), revision().setblen_allocates ? ZB_EBUSY : 0);
}

TEST_P(MemoryOnEach, AFailedSetifLeavesBuffersOnlySinceTenFour_4_6) {
  TestHost host(GetParam());
  EXPECT_EQ(host.set_interface("nosuch0"), ZB_ENXIO);
  EXPECT_EQ(host.set(ZB_BIOCSETBUFMODE, ZB_BUFMODE_ZBUF), revision().setblen_allocates ? ZB_EBUSY : 0);
}

// ---- SBLEN ----

TEST_P(MemoryOnEach, SetblenClampsAndSaysWhatItUsed_4_8) {
  TestHost host(GetParam());
  std::uint32_t size = 31;
  EXPECT_EQ(host.ioctl(ZB_BIOCSBLEN, &size), 0);
  EXPECT_EQ(size, 32u);
  size = 524289;
  EXPECT_EQ(host.ioctl(ZB_BIOCSBLEN, &size), 0);
  EXPECT_EQ(size, 524288u);
  ASSERT_EQ(host.set_interface("em0"), 0);
  EXPECT_EQ(host.get(ZB_BIOCGBLEN), 524288u);
  size = 4096;
  EXPECT_EQ(host.ioctl(ZB_BIOCSBLEN, &size), ZB_EINVAL) << "attached";
}

TEST_P(MemoryOnEach, RequestsOfTheOtherModeAreNotSupported_4_4) {
  TestHost host(GetParam());
  std::uint64_t zmax = 0;
  zb_bpf_zbuf z{};
  EXPECT_EQ(host.ioctl(ZB_BIOCGETZMAX, &zmax), ZB_EOPNOTSUPP);
  EXPECT_EQ(host.ioctl(ZB_BIOCSETZBUF, &z), ZB_EOPNOTSUPP);
  EXPECT_EQ(host.ioctl(ZB_BIOCROTZBUF, &z), ZB_EOPNOTSUPP);
  ASSERT_EQ(host.set(ZB_BIOCSETBUFMODE, ZB_BUFMODE_ZBUF), 0);
  std::uint32_t size = 4096;
  EXPECT_EQ(host.ioctl(ZB_BIOCSBLEN, &size), ZB_EOPNOTSUPP);
  EXPECT_EQ(host.ioctl(ZB_BIOCGETZMAX, &zmax), 0);
  EXPECT_EQ(zmax, 2097152u);
  EXPECT_EQ(host.get(ZB_BIOCGBLEN), 4096u) << "the sysctl, before SETZBUF (4.9)";
  z = {1, 2, 3};
  EXPECT_EQ(host.ioctl(ZB_BIOCROTZBUF, &z), 0) << "4.15";
  EXPECT_EQ(z.bufa + z.bufb + z.buflen, 0u);
  EXPECT_EQ(host.set_interface("em0"), ZB_EINVAL) << "SETZBUF comes first (4.6)";
  EXPECT_EQ(host.set_interface("nosuch0"), ZB_ENXIO) << "and the name before that";
  EXPECT_EQ(host.read(4096).first, ZB_EOPNOTSUPP);
  EXPECT_EQ(host.read(4095).first, ZB_EINVAL) << "the length is looked at first (2.10)";
  EXPECT_EQ(host.read(0), (std::pair{0, std::size_t{0}}));
}

TEST_P(MemoryOnEach, BuffersLeftByAnInterfaceThatWentMakeWayForOthers) {
  TestHost host(GetParam());
  ASSERT_EQ(host.set_interface("em0"), 0);
  host.packets(10, 1000);
  host.attached.clear();
  zb_departed(&host.d, 0);
  std::uint32_t size = 65536;
  ASSERT_EQ(host.ioctl(ZB_BIOCSBLEN, &size), 0);
  ASSERT_EQ(host.set_interface("lo0"), 0);
  // Those of before had room for 4096 bytes.
  const std::uint32_t stored = host.packet(60000);
  EXPECT_GT(stored, 60000u);
  host.packet(60000);
  EXPECT_EQ(host.read(65536), (std::pair{0, std::size_t{stored}}));
}

TEST_P(MemoryOnEach, NoMemoryIsAnErrorAndLeavesNothingBehind) {
  TestHost host(GetParam());
  host.out_of_memory = true;
  EXPECT_EQ(host.set_interface("em0"), ZB_ENOMEM);
  EXPECT_EQ(host.set_filter(ZB_BIOCSETF, TestHost::keep(96)), ZB_ENOMEM);
  host.out_of_memory = false;
  EXPECT_EQ(host.set(ZB_BIOCSETBUFMODE, ZB_BUFMODE_ZBUF), 0);
}

// ---- SETZBUF ----

TEST_P(MemoryOnEach, LoansAreCheckedInOrder_4_5) {
  TestHost host(GetParam());
  ASSERT_EQ(host.set(ZB_BIOCSETBUFMODE, ZB_BUFMODE_ZBUF), 0);
  const std::uint64_t a = host.add_memory(8192).address, b = host.add_memory(8192).address;
  const std::uint64_t nowhere = 0x7fff0000;
  const auto lend = [&](std::uint64_t bufa, std::uint64_t bufb, std::uint64_t length) {
    zb_bpf_zbuf z{bufa, bufb, length};
    return host.ioctl(ZB_BIOCSETZBUF, &z);
  };
  EXPECT_EQ(lend(0, b, 8192), ZB_EINVAL);
  EXPECT_EQ(lend(a, 0, 8192), ZB_EINVAL);
  EXPECT_EQ(lend(a, b, 0), ZB_EINVAL);
  EXPECT_EQ(lend(a + 8, b, 8192), ZB_EINVAL);
  EXPECT_EQ(lend(a, b + 4095, 8192), ZB_EINVAL);
  EXPECT_EQ(lend(a, b, 8191), ZB_EINVAL);
  EXPECT_EQ(lend(a, b, 4), ZB_EINVAL);
  EXPECT_EQ(lend(a, b, 513 * 4096), ZB_EINVAL);
  EXPECT_EQ(lend(a, b, std::uint64_t{1} << 32), ZB_EINVAL) << "not cut to 32 bits";
  EXPECT_EQ(lend(nowhere, b, 8192), ZB_EFAULT);
  EXPECT_EQ(lend(a, nowhere, 8192), ZB_EFAULT);
  EXPECT_EQ(host.wired, 0);
  EXPECT_EQ(lend(nowhere, b + 8, 8192), revision().checks_loan_first ? ZB_EINVAL : ZB_EFAULT)
      << "A is looked at whole before B is looked at; zbuf checks all before it touches anything (M2)";
  EXPECT_EQ(lend(a, b, 8192), 0);
  EXPECT_EQ(host.get(ZB_BIOCGBLEN), 8192u - 32);
  EXPECT_EQ(host.wired, 2);
}

TEST_P(MemoryOnEach, ALoanBeginsWithZeroHeadersAndItsContentsAsTheyWere_3_1) {
  TestHost host(GetParam());
  ASSERT_EQ(host.set(ZB_BIOCSETBUFMODE, ZB_BUFMODE_ZBUF), 0);
  for (int i = 0; i < 2; ++i) {
    UserMemory& m = host.add_memory(4096);
    std::memset(m.whole, 0xaa, 4096);
  }
  zb_bpf_zbuf z{host.memory[0]->address, host.memory[1]->address, 4096};
  ASSERT_EQ(host.ioctl(ZB_BIOCSETZBUF, &z), 0);
  for (const auto& m : host.memory) {
    const Bytes bytes = m->bytes();
    EXPECT_TRUE(std::all_of(bytes.begin(), bytes.begin() + 32, [](std::uint8_t x) { return x == 0; }));
    EXPECT_TRUE(std::all_of(bytes.begin() + 32, bytes.end(), [](std::uint8_t x) { return x == 0xaa; }));
  }
}

TEST_P(MemoryOnEach, ARefusedLoanWipesHeadersExceptOnZbuf_4_5b_M2) {
  TestHost host(GetParam());
  ASSERT_EQ(host.lend(4096), 0);
  ASSERT_EQ(host.set_interface("em0"), 0);
  host.packets(3, 1400);
  ASSERT_EQ(zb_user_kernel_gen(host.header(ZB_A)), 1u);
  zb_bpf_zbuf z{host.lent(ZB_A).address, host.lent(ZB_B).address, 4096};
  EXPECT_EQ(host.ioctl(ZB_BIOCSETZBUF, &z), ZB_EINVAL);
  EXPECT_EQ(zb_user_kernel_gen(host.header(ZB_A)), revision().checks_loan_first ? 1u : 0u);
  EXPECT_EQ(zb_user_kernel_gen(host.header(ZB_B)), 0u);
  EXPECT_EQ(host.wired, 2) << "what was wired for the refused loan is not";
}

TEST_P(MemoryOnEach, AFaultInBStillWipesAExceptOnZbuf_4_5b_M2) {
  TestHost host(GetParam());
  ASSERT_EQ(host.set(ZB_BIOCSETBUFMODE, ZB_BUFMODE_ZBUF), 0);
  UserMemory& a = host.add_memory(4096);
  UserMemory& b = host.add_memory(4096);
  b.missing = true;
  std::memset(a.whole, 0xaa, 32);
  zb_bpf_zbuf z{a.address, b.address, 4096};
  EXPECT_EQ(host.ioctl(ZB_BIOCSETZBUF, &z), ZB_EFAULT);
  EXPECT_EQ(a.whole[0], revision().checks_loan_first ? 0xaa : 0);
}

TEST_P(MemoryOnEach, TheSameMemoryTwiceIsRefusedByZbufAlone_4_5_M2) {
  TestHost host(GetParam());
  ASSERT_EQ(host.set(ZB_BIOCSETBUFMODE, ZB_BUFMODE_ZBUF), 0);
  const std::uint64_t a = host.add_memory(4096).address;
  zb_bpf_zbuf z{a, a, 4096};
  EXPECT_EQ(host.ioctl(ZB_BIOCSETZBUF, &z), revision().checks_loan_first ? ZB_EINVAL : 0);
}

TEST(Memory, OverlapIsAnySharedByte) {
  EXPECT_TRUE(zb_ranges_overlap(0x1000, 0x1000, 0x1000));
  EXPECT_TRUE(zb_ranges_overlap(0x1000, 0x2000, 0x2000));
  EXPECT_TRUE(zb_ranges_overlap(0x2000, 0x1000, 0x2000));
  EXPECT_FALSE(zb_ranges_overlap(0x1000, 0x3000, 0x2000));
  EXPECT_FALSE(zb_ranges_overlap(0x3000, 0x1000, 0x2000));
  EXPECT_FALSE(zb_ranges_overlap(0xfffffffffffff000u, 0x1000, 0x1000));
}

TEST_P(MemoryOnEach, CloseTakesBackAllThreeSlotsAndLeavesTheHeaders_2_19) {
  TestHost host(GetParam());
  ASSERT_EQ(host.lend(4096), 0);
  ASSERT_EQ(host.set_interface("em0"), 0);
  host.packets(20, 1400);
  const zb_shared_header before = *host.header(ZB_A);
  host.close();
  EXPECT_EQ(host.wired, 0);
  EXPECT_EQ(std::memcmp(&before, host.header(ZB_A), sizeof(before)), 0);
}

// ---- Two threads of one process, step by step ----

TEST_P(MemoryOnEach, SetblenLosesToASetifThatWasFaster) {
  TestHost host(GetParam());
  ASSERT_EQ(host.set_interface("em0"), 0);
  host.attached.clear();
  zb_departed(&host.d, 0);
  host.meanwhile = [&] {
    EXPECT_EQ(host.set_interface("lo0"), 0);
    host.packet(60);
  };
  std::uint32_t size = 65536;
  EXPECT_EQ(host.ioctl(ZB_BIOCSBLEN, &size), ZB_EINVAL);
  EXPECT_EQ(host.get(ZB_BIOCGBLEN), 4096u);
  EXPECT_NE(host.d.store_length, 0u) << "the packet is still there";
}

TEST_P(MemoryOnEach, SetifDoesNotPutKernelBuffersInPlaceOfALoan) {
  TestHost host(GetParam());
  host.meanwhile = [&] { EXPECT_EQ(host.lend(4096), 0); };
  // Whichever wins, the loan stays and is given back at the end, once.
  (void)host.set_interface("em0");
  EXPECT_EQ(host.get(ZB_BIOCGETBUFMODE), ZB_BUFMODE_ZBUF);
  EXPECT_EQ(host.wired, 2);
}

TEST_P(MemoryOnEach, ALoanIsNotTakenIntoTheOtherMode) {
  TestHost host(GetParam());
  ASSERT_EQ(host.set(ZB_BIOCSETBUFMODE, ZB_BUFMODE_ZBUF), 0);
  host.meanwhile = [&] { EXPECT_EQ(host.set(ZB_BIOCSETBUFMODE, ZB_BUFMODE_BUFFER), 0); };
  EXPECT_EQ(host.lend_again(4096), ZB_EOPNOTSUPP);
  EXPECT_EQ(host.wired, 0);
}

TEST_P(MemoryOnEach, SetblenWaitsForAReadThatCopies) {
  TestHost host(GetParam());
  ASSERT_EQ(host.set_interface("em0"), 0);
  host.packets(5, 1000);
  host.attached.clear();
  zb_departed(&host.d, 0);
  int asked = 0;
  host.asleep = [&] {
    EXPECT_FALSE(host.slept_interruptibly);
    host.d.hold_in_use = ++asked < 3;
    return ZB_EINTR;
  };
  host.d.hold_in_use = true;
  std::uint32_t size = 65536;
  EXPECT_EQ(host.ioctl(ZB_BIOCSBLEN, &size), 0);
  EXPECT_EQ(asked, 3);
}

TEST_P(MemoryOnEach, AttachingToAnInterfaceThatJustWentIsEnxio) {
  TestHost host(GetParam());
  ASSERT_EQ(host.lend(4096), 0);
  host.attach_error = ZB_ENXIO;
  EXPECT_EQ(host.set_interface("em0"), ZB_ENXIO);
  zb_ifreq ifr{};
  EXPECT_EQ(host.ioctl(ZB_BIOCGETIF, &ifr), ZB_EINVAL);
}

} // namespace
} // namespace zbuf::testing
