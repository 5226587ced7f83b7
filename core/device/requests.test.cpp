// SPDX-License-Identifier: BSD-2-Clause
// The typed requests: what they return, and errors that say what to do.
#include "core/device/requests.h"

#include "core/device/native.h"
#include "core/emulated/test_machine.h"

#include <gmock/gmock.h>

namespace zbuf::testing {
namespace {

using ::testing::UnorderedElementsAre;

template <typename T>
std::string message(const Result<T>& result) {
  EXPECT_FALSE(result);
  return result ? std::string() : result.error().message;
}

void expect_words(const std::string& text, std::initializer_list<const char*> words) {
  for (const char* word : words)
    EXPECT_NE(text.find(word), std::string::npos) << "\"" << word << "\" in: " << text;
}

TEST(Requests, DoWhatTheyAreNamedAfter) {
  Machine machine;
  const auto lent = machine.lend(8192);
  EXPECT_EQ(*max_zbuf_length(*lent), 2097152u);
  EXPECT_EQ(*buffer_length(*lent), 8160u);
  EXPECT_EQ(*interface_name(*lent), "em0");
  EXPECT_EQ(*link_type(*lent), 1u);
  EXPECT_TRUE(set_immediate(*lent, true));
  EXPECT_TRUE(set_read_timeout(*lent, 1'250'000'999));
  zb_timeval tv{};
  EXPECT_EQ(lent->control(ZB_BIOCGRTIMEOUT, &tv), 0);
  EXPECT_EQ(tv.sec, 1);
  EXPECT_EQ(tv.usec, 250'000);
  machine.arrive();
  EXPECT_EQ(statistics(*lent)->recv, 1u);
  EXPECT_TRUE(flush(*lent));
  EXPECT_EQ(statistics(*lent)->recv, 0u);
  const std::vector<zb_bpf_insn> all{{0x06, 0, 0, 96}};
  EXPECT_TRUE(set_filter(*lent, all));
  machine.arrive();
  EXPECT_TRUE(set_filter(*lent, all, false));
  EXPECT_EQ(statistics(*lent)->recv, 1u) << "without reset";
}

TEST(Requests, AdviseOnZeroCopy) {
  Machine machine;
  const auto device = machine.kernel.open();
  ASSERT_TRUE(machine.kernel.set_sysctl("net.bpf.zerocopy_enable", 0));
  expect_words(message(set_buffer_mode(*device, BufferMode::zbuf)),
               {"BIOCSETBUFMODE", "BPF_BUFMODE_ZBUF", "EINVAL", "net.bpf.zerocopy_enable"});
  ASSERT_TRUE(machine.kernel.set_sysctl("net.bpf.zerocopy_enable", 1));
  const auto busy = machine.open();
  expect_words(message(set_buffer_mode(*busy, BufferMode::zbuf)), {"EBUSY", "right after open"});
  expect_words(message(max_zbuf_length(*device)), {"EOPNOTSUPP", "other buffer mode"});
  ASSERT_TRUE(set_buffer_mode(*device, BufferMode::zbuf));
  expect_words(message(set_interface(*device, "em0")), {"em0", "EINVAL", "BIOCSETZBUF comes first"});
  auto loan = *Loan::allocate(4096);
  expect_words(message(set_zbuf(*device, loan.address(ZB_A) + 1, loan.address(ZB_B), 4096)),
               {"2 x 4096 bytes", "EINVAL", "page-aligned"});
  loan.unmap(ZB_B);
  expect_words(message(set_zbuf(*device, loan.address(ZB_A), loan.address(ZB_B), 4096)),
               {"EFAULT", "mapped"});
}

TEST(Requests, AdviseOnTheRest) {
  Machine machine;
  const auto device = machine.open();
  const auto gone = set_interface(*device, "nosuch0");
  expect_words(message(gone), {"nosuch0", "ENXIO", "no such interface"});
  EXPECT_EQ(gone.error().code, Error::Code::not_found);
  expect_words(message(set_interface(*device, "")), {"1 to 15"});
  expect_words(message(set_interface(*device, "sixteen-letters!")), {"sixteen-letters!", "1 to 15"});
  const std::vector<zb_bpf_insn> bad{{0x00, 0, 0, 0}};
  expect_words(message(set_filter(*device, bad)), {"BIOCSETF", "1 instructions", "not valid"});
  ASSERT_EQ(device->control(ZB_BIOCLOCK, nullptr), 0);
  expect_words(message(set_filter(*device, bad)), {"EPERM", "BIOCLOCK"});
}

TEST(Requests, OfALiveCaptureAreAllThatCapsicumLeaves) {
  EXPECT_THAT(requests_of_a_capture(),
              UnorderedElementsAre(ZB_BIOCGBLEN, ZB_BIOCSBLEN, ZB_BIOCSETF, ZB_BIOCSETFNR, ZB_BIOCFLUSH,
                                   ZB_BIOCPROMISC, ZB_BIOCGDLT, ZB_BIOCSETIF, ZB_BIOCGSTATS, ZB_BIOCIMMEDIATE,
                                   ZB_BIOCSRTIMEOUT, ZB_BIOCSETBUFMODE, ZB_BIOCGETZMAX, ZB_BIOCROTZBUF,
                                   ZB_BIOCSETZBUF, ZB_BIOCSTSTAMP, ZB_FIONREAD));
}

} // namespace
} // namespace zbuf::testing
