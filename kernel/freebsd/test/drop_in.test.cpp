// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/freebsd/test/drop_in_bed.h"

extern "C" {
#include "kernel/freebsd/test/stand_in.h"
}

#include <fmt/format.h>
#include <fstream>
#include <gmock/gmock.h>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>

namespace zbuf {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// ---- What the stock kernel did ----

std::string vectors(const std::string& name) {
  std::ifstream in(std::string(ZBUF_SOURCE_DIR "/tests/vectors/freebsd-13.2/") + name);
  return {std::istreambuf_iterator<char>(in), {}};
}

class Strict : public testing::TestWithParam<std::pair<const char*, unsigned>> {};

TEST_P(Strict, DoesWhatTheStockKernelDid) {
  const auto [name, cases] = GetParam();
  Conformance found;
  const auto done = replay_observations(vectors(name), name, drop_in_beds(true), found);
  ASSERT_TRUE(done.has_value()) << done.error().message;
  EXPECT_EQ(found.cases, cases);
  EXPECT_EQ(found.differing, 0u);
  for (const Difference& d : found.differences)
    ADD_FAILURE() << fmt::format("{}:{} {} \"{}\": {} is {}, recorded {}", name, d.line, d.case_name,
                                 d.operation, d.field, d.found, d.expected);
  EXPECT_EQ(stand_in_wired_pages(), 0u);
  EXPECT_EQ(stand_in_allocations(), 0u);
  (void)take_probes();
}

INSTANTIATE_TEST_SUITE_P(Vectors, Strict,
                         testing::Values(std::pair("zbuf.jsonl", 50u), std::pair("buffered.jsonl", 13u),
                                         std::pair("misuse.jsonl", 8u), std::pair("random-zbuf.jsonl", 240u),
                                         std::pair("random-read.jsonl", 120u),
                                         std::pair("random-buffered.jsonl", 60u)));

// ---- What is mended ----

/// A process on a fresh machine; each step is an operation of tests/vectors/README.md.
class Session {
 public:
  explicit Session(bool strict) : bed_(drop_in_beds(strict)()), process_(*bed_) {
    run("open");
    run("setbufmode 2");
    (void)take_probes();
  }
  OperationResult run(const std::string& text) {
    const Operation operation = parse_operation(text);
    EXPECT_TRUE(check_operation(operation).has_value()) << text;
    return process_.run(operation);
  }
  int error(const std::string& text) { return run(text).error.value_or(-1); }
  /// Two pages, attached. Three packets of 1000 bytes fill a buffer; the fourth goes to the next.
  void start() {
    ASSERT_EQ(error("setzbuf 4096"), 0);
    ASSERT_EQ(error("setif"), 0);
    (void)take_probes();
  }
  zb_xbpf_d stats() { return bed_->stats(*process_.device()).value_or(zb_xbpf_d{}); }
  const zb_shared_header& header(zb_which which) { return *process_.loan().header(which); }
  /// "a 3090", or "" if nothing was handed out.
  std::string rotate() {
    const auto rotated = run("rotzbuf").rotated;
    return rotated && rotated->buffer != 0 ? fmt::format("{} {}", rotated->buffer, rotated->length) : "";
  }
  TestBed& bed() { return *bed_; }
  Operator& process() { return process_; }

 private:
  std::shared_ptr<TestBed> bed_;
  Operator process_;
};

class Mended : public testing::Test {
 protected:
  ~Mended() override { (void)take_probes(); }
  Session stock_{true};
  Session mended_{false};

  /// Which of the two a test speaks of is decided when buffers are lent.
  void start_both() {
    stand_in_set_strict(true);
    stock_.start();
    stand_in_set_strict(false);
    mended_.start();
  }
  void both(const std::string& text) {
    stock_.run(text);
    mended_.run(text);
  }
};

/// M1. A process that scribbles on kernel_gen harms nobody but, on the stock kernel, itself for ever.
TEST_F(Mended, TheGenerationIsNotReadBackFromUserMemory) {
  start_both();
  both("pkt 1000 4");
  both("setkgen a 77");
  both("setugen a 1"); // the generation that was published: acknowledged
  both("pkt 1000");
  EXPECT_EQ(stock_.stats().hlen, 3090);
  EXPECT_EQ(mended_.stats().hlen, 0);
  both("pkt 1000 3");
  EXPECT_EQ(mended_.header(ZB_B).kernel_gen, 1u);
  both("setkgen b 500");
  both("setugen b 1");
  both("pkt 1000 4");
  EXPECT_EQ(mended_.header(ZB_A).kernel_gen, 2u) << "the next of the kernel's own count, not of the scribble";
}

TEST_F(Mended, AnEarlyAcknowledgementOfTheFutureIsWhatItWas) {
  start_both();
  both("setugen a 1");
  both("pkt 1000 5");
  EXPECT_EQ(stock_.stats().hlen, 0);
  EXPECT_EQ(mended_.stats().hlen, 0) << "a user can only acknowledge or not";
}

/// M2, spec 4.5.
TEST_F(Mended, BuffersThatShareMemoryAreRefused) {
  stand_in_set_strict(true);
  EXPECT_EQ(stock_.error("setzbuf_alias 4096"), 0);
  stand_in_set_strict(false);
  EXPECT_EQ(mended_.error("setzbuf_alias 4096"), ZB_EINVAL);
  EXPECT_EQ(mended_.error("setzbuf 8192 0 0"), 0) << "and nothing was kept";
}

TEST_F(Mended, BuffersThatOverlapAreRefused) {
  auto loan = Loan::allocate(4 * ZB_PAGE_SIZE);
  ASSERT_TRUE(loan.has_value());
  const auto a = reinterpret_cast<std::uintptr_t>(loan->address(ZB_A));
  const auto lend = [&](Session& session, std::uint64_t b_offset, std::uint64_t length) {
    zb_bpf_zbuf request{a, a + b_offset, length};
    return session.process().device()->control(ZB_BIOCSETZBUF, &request);
  };
  EXPECT_EQ(lend(mended_, ZB_PAGE_SIZE, 2 * ZB_PAGE_SIZE), ZB_EINVAL);
  EXPECT_EQ(lend(mended_, 2 * ZB_PAGE_SIZE, 2 * ZB_PAGE_SIZE), 0) << "side by side is not overlapping";
  stand_in_set_strict(true);
  EXPECT_EQ(lend(stock_, ZB_PAGE_SIZE, 2 * ZB_PAGE_SIZE), 0);
  mended_.run("close"); // before the memory goes
  stock_.run("close");
}

TEST_F(Mended, OnePageMappedTwiceIsRefused) {
  std::uint64_t first = 0;
  set_frames([&](std::uint64_t address) { return first != 0 ? first : (first = address); });
  EXPECT_EQ(mended_.error("setzbuf 4096"), ZB_EINVAL);
  set_frames({});
  EXPECT_EQ(stand_in_wired_pages(), 0u);
}

/// M2, spec 4.5b.
TEST_F(Mended, ARefusedLoanDoesNotWipeALiveOne) {
  start_both();
  both("pkt 1000 4");
  stand_in_set_strict(true);
  EXPECT_EQ(stock_.error("setzbuf_live 4096"), ZB_EINVAL);
  stand_in_set_strict(false);
  EXPECT_EQ(mended_.error("setzbuf_live 4096"), ZB_EINVAL);
  EXPECT_EQ(stock_.header(ZB_A).kernel_gen, 0u);
  EXPECT_EQ(mended_.header(ZB_A).kernel_gen, 1u);
  EXPECT_EQ(mended_.header(ZB_A).kernel_len, 3090u);
  both("pkt 1000");
  EXPECT_EQ(stock_.stats().hlen, 0) << "the unread fill is lost";
  EXPECT_EQ(mended_.stats().hlen, 3090);
}

TEST_F(Mended, AHeaderIsNotWipedIfTheOtherBufferIsRefused) {
  const auto lend = [](Session& session, Loan& loan) {
    zb_user_scribble(loan.header(ZB_A), 1, 4711);
    loan.unmap(ZB_B);
    zb_bpf_zbuf request{reinterpret_cast<std::uintptr_t>(loan.address(ZB_A)),
                        reinterpret_cast<std::uintptr_t>(loan.address(ZB_B)), loan.size()};
    EXPECT_EQ(session.process().device()->control(ZB_BIOCSETZBUF, &request), ZB_EFAULT);
    return zb_user_kernel_len(loan.header(ZB_A));
  };
  auto loan = Loan::allocate(ZB_PAGE_SIZE);
  auto other = Loan::allocate(ZB_PAGE_SIZE);
  stand_in_set_strict(true);
  EXPECT_EQ(lend(stock_, *loan), 0u);
  stand_in_set_strict(false);
  EXPECT_EQ(lend(mended_, *other), 4711u);
  EXPECT_EQ(stand_in_wired_pages(), 0u);
}

/// M5, spec 2.16a.
TEST_F(Mended, TheTailIsNotStuck) {
  start_both();
  both("pkt 1000 4");
  both("ack a");
  EXPECT_EQ(stock_.rotate(), "");
  EXPECT_EQ(mended_.rotate(), "b 1026");
  EXPECT_EQ(mended_.header(ZB_B).kernel_gen, 1u);
}

/// Spec 2.16b: poll(2) says that there is something, and there is.
TEST_F(Mended, NobodySpins) {
  start_both();
  both("immediate 1");
  both("pkt 1000 4");
  both("ack a");
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(stock_.run("poll").ready, 1);
    EXPECT_EQ(stock_.rotate(), "");
  }
  EXPECT_EQ(mended_.run("poll").ready, 1);
  EXPECT_EQ(mended_.rotate(), "b 1026");
  mended_.run("ack b");
  EXPECT_EQ(mended_.run("poll").ready, 0);
}

TEST_F(Mended, NobodySpinsOverBuffersThatWereRead) {
  start_both();
  both("immediate 1");
  both("pkt 1000 7"); // both are full, one packet is dropped
  both("ack a");
  both("ack b");
  EXPECT_EQ(stock_.run("poll").ready, 1);
  EXPECT_EQ(mended_.run("poll").ready, 0);
  EXPECT_EQ(stock_.rotate(), "");
  EXPECT_EQ(mended_.rotate(), "");
  EXPECT_EQ(stock_.run("poll").ready, 1);
  EXPECT_EQ(mended_.run("poll").ready, 0);
}

/// M5, spec 2.16c.
TEST_F(Mended, AConsumedBufferIsNotHandedOutAgain) {
  start_both();
  both("pkt 1000 7");
  both("ack a");
  both("ack b");
  both("flush");
  EXPECT_EQ(stock_.rotate(), "b 3090");
  EXPECT_EQ(mended_.rotate(), "");
  EXPECT_EQ(mended_.stats().slen, 0);
}

/// Spec 3.6: whatever was settled, a reader that waits for one buffer at a time goes on.
TEST_F(Mended, TheTwoBuffersArePublishedInTurn) {
  for (const char* settler : {"pkt 1000", "poll", "rotzbuf", "flush"}) {
    Session session(false);
    session.start();
    session.run("pkt 1000 7");
    session.run("ack a");
    session.run("ack b");
    session.run(settler);
    session.run("pkt 1000 4");
    EXPECT_EQ(session.header(ZB_A).kernel_gen, 2u) << settler;
    EXPECT_EQ(session.header(ZB_B).kernel_gen, 1u) << settler;
  }
}

/// M4: poll(2) speaks of all that was published, not of the hold slot alone.
TEST_F(Mended, APublishedStoreIsReadableAndLeftToItsReader) {
  for (const bool with_rotate : {false, true}) {
    SCOPED_TRACE(with_rotate);
    Session stock(true);
    stock.start();
    Session mended(false);
    mended.start();
    for (Session* session : {&stock, &mended}) {
      session->run("pkt 1000 7");
      session->run("ack a"); // its reader has B still
      if (with_rotate) {
        EXPECT_EQ(session->rotate(), "");
      }
    }
    EXPECT_EQ(stock.run("poll").ready, 0);
    EXPECT_EQ(mended.run("poll").ready, 1);
    mended.run("pkt 1000 3"); // A takes them
    EXPECT_EQ(mended.stats().dcount, 1u) << "the one that found both full";
    EXPECT_EQ(mended.stats().slen, 3090);
    EXPECT_EQ(mended.header(ZB_B).kernel_len, 3090u);
    EXPECT_EQ(mended.header(ZB_B).kernel_gen, 1u) << "published once";
    mended.run("ack b");
    EXPECT_EQ(mended.rotate(), "a 3090");
  }
}

TEST_F(Mended, ASessionStaysWhatItWasWhenTheSysctlChanges) {
  start_both();
  stand_in_set_strict(true);
  mended_.run("pkt 1000 4");
  mended_.run("ack a");
  EXPECT_EQ(mended_.rotate(), "b 1026");
}

// ---- The same as the emulated kernel ----

/// What a process can find out: results, and the headers it shares. A buffer that was published before its
/// turn may lie in either slot, so only the sum of their lengths counts.
std::string seen(TestBed& bed, Operator& process, const OperationResult& result) {
  std::string text = fmt::format("errno {} value {} ready {}", result.error.value_or(0),
                                 result.value.value_or(0), result.ready.value_or(0));
  if (result.rotated)
    text += fmt::format(" rotated {} {}", int{result.rotated->buffer}, result.rotated->length);
  if (result.records)
    for (const auto& row : *result.records)
      text += fmt::format(" [{} {} {}]", row.offset, row.caplen, row.sequence);
  if (const auto stats = bed.stats(*process.device()))
    text += fmt::format(" stored {} received {} dropped {} appends {}", stats->hlen + stats->slen,
                        stats->rcount, stats->dcount, stats->zcopy);
  if (!process.loan().empty())
    for (const zb_which which : {ZB_A, ZB_B}) {
      const zb_shared_header& header = *process.loan().header(which);
      text += fmt::format(" {}/{} {}", header.kernel_gen, header.user_gen, header.kernel_len);
    }
  return text;
}

class Emulated : public testing::TestWithParam<const char*> {};

/// FIONREAD alone settles nothing here (it is bpf.c's), so both are asked by poll(2) first.
TEST_P(Emulated, DoesWhatTheEmulatedRevisionDoes) {
  std::istringstream lines(vectors(GetParam()));
  std::shared_ptr<TestBed> beds[2];
  std::unique_ptr<Operator> processes[2];
  std::string name;
  unsigned operations = 0;
  for (std::string line; std::getline(lines, line);) {
    const auto entry = nlohmann::json::parse(line);
    if (entry.contains("case")) {
      name = entry["case"];
      processes[0].reset();
      processes[1].reset();
      beds[0] = drop_in_beds(false)();
      beds[1] = emulated_beds(zb_revisions[ZB_ZBUF])();
      for (int i = 0; i < 2; ++i)
        processes[i] = std::make_unique<Operator>(*beds[i]);
      continue;
    }
    Operation operation{entry["op"], {}};
    if (entry.contains("args"))
      operation.arguments = entry["args"].get<std::vector<std::string>>();
    std::string found[2];
    for (int i = 0; i < 2; ++i) {
      if (operation.name == "fionread")
        processes[i]->run(parse_operation("poll"));
      found[i] = seen(*beds[i], *processes[i], processes[i]->run(operation));
    }
    ASSERT_EQ(found[0], found[1]) << name << ": " << line;
    ++operations;
  }
  EXPECT_GT(operations, 1000u);
  (void)take_probes();
}

INSTANTIATE_TEST_SUITE_P(Vectors, Emulated, testing::Values("random-zbuf.jsonl", "random-read.jsonl"));

// ---- Memory, modes, probes ----

TEST(Memory, NothingStaysWiredOrAllocated) {
  for (const bool strict : {false, true}) {
    Session session(strict);
    EXPECT_EQ(session.error("setzbuf 8192"), 0);
    EXPECT_EQ(stand_in_wired_pages(), 4u);
    EXPECT_EQ(session.error("setzbuf_live 8192"), ZB_EINVAL);
    EXPECT_EQ(stand_in_wired_pages(), 4u);
    session.run("setif");
    session.run("pkt 1000 40");
    session.run("close");
    EXPECT_EQ(stand_in_wired_pages(), 0u);
    EXPECT_EQ(stand_in_allocations(), 0u);
  }
}

TEST(Memory, ASecondBufferLengthReplacesTheFirst) {
  Session session(false);
  session.run("setbufmode 1");
  EXPECT_EQ(session.error("setblen 8192"), 0);
  EXPECT_EQ(session.error("setblen 100000"), 0);
  EXPECT_EQ(session.run("getblen").value, 100000);
  session.run("setif");
  EXPECT_EQ(session.error("setblen 4096"), ZB_EINVAL);
  EXPECT_EQ(session.run("getblen").value, 100000);
  session.run("close");
  EXPECT_EQ(stand_in_allocations(), 0u);
}

TEST(Modes, AReadModeDescriptorHasNoLoans) {
  Session session(false);
  session.run("setbufmode 1");
  EXPECT_EQ(session.error("setzbuf 4096"), ZB_EOPNOTSUPP);
  EXPECT_EQ(session.error("rotzbuf"), ZB_EOPNOTSUPP);
  EXPECT_EQ(session.error("getzmax"), ZB_EOPNOTSUPP);
}

TEST(Probes, TellEveryStepOfAFill) {
  Session session(false);
  session.run("setzbuf 4096");
  EXPECT_THAT(take_probes(), ElementsAre("loan:wiped", "loan:loaned", "loan:wiped", "loan:loaned"));
  session.run("setif");
  (void)take_probes();
  session.run("pkt 1000");
  EXPECT_THAT(take_probes(), ElementsAre("packet:can_write", "packet:appended", "packet:appended"));
  session.run("rotzbuf");
  EXPECT_THAT(take_probes(), ElementsAre("slot:held", "slot:published", "slot:rotzbuf"));
  session.run("ack a");
  EXPECT_THAT(take_probes(), IsEmpty());
  session.run("pkt 1000");
  EXPECT_THAT(take_probes(), ElementsAre("packet:can_free", "slot:reclaimed", "packet:can_write",
                                         "packet:appended", "packet:appended"));
  session.run("close");
  EXPECT_THAT(take_probes(), ElementsAre("loan:unloaded", "loan:unloaded"));
}

TEST(Probes, TellADropAndWhatIsSettled) {
  Session session(false);
  session.start();
  session.run("pkt 1000 6");
  (void)take_probes();
  session.run("pkt 1000");
  EXPECT_THAT(take_probes(), ElementsAre("packet:can_free", "slot:published", "packet:dropped"));
  session.run("ack a");
  session.run("ack b");
  session.run("rotzbuf");
  EXPECT_THAT(take_probes(), ElementsAre("slot:reclaimed", "slot:held", "slot:reclaimed", "slot:rotzbuf"));
}

} // namespace
} // namespace zbuf
