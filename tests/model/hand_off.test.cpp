// SPDX-License-Identifier: BSD-2-Clause
// The hand-off of kernel/engine/shared_header.h in every order and with every stale read that C11 allows: no
// data race, nothing read before it was written, nothing overwritten while it is read.
//
// The functions are those that the engine and the readers are compiled with; only their four operations on
// memory go to the explorer.
#include "tests/model/explorer.h"

#include <gtest/gtest.h>

namespace zbuf::model {
namespace {

/// A step that is made weaker than it is, to see that the check would notice.
enum class Weakened { nothing, publish, look, acknowledge, reclaim };

Explorer* explorer = nullptr; ///< that runs
Weakened weakened = Weakened::nothing;

} // namespace
} // namespace zbuf::model

#define ZB_LOAD_ACQUIRE(p) model_load((p), true)
#define ZB_LOAD_RELAXED(p) model_load((p), false)
#define ZB_STORE_RELEASE(p, v) model_store((p), (v), true)
#define ZB_STORE_RELAXED(p, v) model_store((p), (v), false)
static std::uint32_t model_load(const std::uint32_t* from, bool acquire);
static void model_store(std::uint32_t* to, std::uint32_t value, bool release);
#include "kernel/engine/shared_header.h"

namespace zbuf::model {
namespace {

/// Two buffers, lent. `records` stands for everything behind the header.
struct Loan {
  std::array<zb_shared_header, 2> header{};
  std::array<Plain, 2> records{Plain{"records of A"}, Plain{"records of B"}};
};
Loan* loan = nullptr;

bool is_user_gen(const std::uint32_t* word) {
  return word == &loan->header[0].user_gen || word == &loan->header[1].user_gen;
}
std::string name_of(const std::uint32_t* word) {
  const auto at = static_cast<std::size_t>(word - &loan->header[0].kernel_gen);
  constexpr std::array names{"kernel_gen", "kernel_len", "user_gen"};
  return std::string(names.at(at % 8)) + (at < 8 ? " of A" : " of B");
}

constexpr std::uint32_t fills = 3; // A, B, and A again: the third can only follow an acknowledgement
constexpr std::uint32_t length_of(std::uint32_t fill) {
  return 100 * fill;
}

/// As zb_can_free(), the copies of a packet, and zb_buffer_publish() of the engine.
void kernel(Explorer& e) {
  std::array<std::uint32_t, 2> generation{};
  for (std::uint32_t fill = 1; fill <= fills; ++fill) {
    const std::uint32_t which = (fill - 1) % 2;
    e.wait_for(zb_header_user_gen(&loan->header[which]) == generation[which]);
    e.write(loan->records[which], fill);
    zb_header_publish(&loan->header[which], length_of(fill), ++generation[which]);
  }
}

/// As look(), take() and release() of the zero-copy reader.
void take(Explorer& e, std::uint32_t fill, bool return_it_first) {
  const std::uint32_t which = (fill - 1) % 2;
  const std::uint32_t generation = zb_user_kernel_gen(&loan->header[which]);
  e.wait_for(generation != zb_user_user_gen(&loan->header[which]));
  if (return_it_first)
    zb_user_acknowledge(&loan->header[which], generation);
  const std::uint32_t length = zb_user_kernel_len(&loan->header[which]);
  const std::uint32_t records = e.read(loan->records[which]);
  e.require(generation == (fill + 1) / 2, "a generation that was not published for this fill");
  e.require(length == length_of(fill), "the length of another fill");
  e.require(records == fill, "the records of another fill");
  if (!return_it_first)
    zb_user_acknowledge(&loan->header[which], generation);
}
void reader(Explorer& e) {
  for (std::uint32_t fill = 1; fill <= fills; ++fill)
    take(e, fill, false);
}
void hasty_reader(Explorer& e) {
  for (std::uint32_t fill = 1; fill <= fills; ++fill)
    take(e, fill, true);
}

Explorer::Outcome explore(Weakened step, const Explorer::Thread& user) {
  Loan memory;
  loan = &memory;
  weakened = step;
  const auto with_explorer = [](const Explorer::Thread& thread) {
    return [thread](Explorer& e) { // so that the four operations find it
      explorer = &e;
      thread(e);
    };
  };
  return Explorer::explore(
      [&] {
        memory = {};
        return std::array<Explorer::Thread, 2>{with_explorer(kernel), with_explorer(user)};
      },
      name_of);
}

TEST(HandOff, IsRightInEveryExecution) {
  const Explorer::Outcome outcome = explore(Weakened::nothing, reader);
  EXPECT_EQ(outcome.fault, "") << outcome.steps;
  EXPECT_GT(outcome.complete, 0u);
  RecordProperty("executions", std::to_string(outcome.executions));
  RecordProperty("complete", std::to_string(outcome.complete));
}

// ---- Each order is needed: without it, something goes wrong, and the explorer finds it ----

TEST(HandOff, WithoutReleaseInPublishTheRecordsComeAfterTheNews) {
  const Explorer::Outcome outcome = explore(Weakened::publish, reader);
  EXPECT_EQ(outcome.fault, "data race on records of A");
}

TEST(HandOff, WithoutAcquireInLookTheRecordsAreReadBeforeTheNews) {
  const Explorer::Outcome outcome = explore(Weakened::look, reader);
  EXPECT_EQ(outcome.fault, "data race on records of A");
}

TEST(HandOff, WithoutReleaseInAcknowledgeTheKernelWritesWhatIsStillRead) {
  const Explorer::Outcome outcome = explore(Weakened::acknowledge, reader);
  EXPECT_EQ(outcome.fault, "data race on records of A");
  EXPECT_NE(outcome.steps.find("kernel_gen of A := 1"), std::string::npos) << "in the second lap";
}

TEST(HandOff, WithoutAcquireInReclaimTheKernelWritesWhatIsStillRead) {
  const Explorer::Outcome outcome = explore(Weakened::reclaim, reader);
  EXPECT_EQ(outcome.fault, "data race on records of A");
  EXPECT_NE(outcome.steps.find("kernel_gen of A := 1"), std::string::npos) << "in the second lap";
}

TEST(HandOff, AReaderThatReturnsABufferBeforeItHasReadItIsFound) {
  const Explorer::Outcome outcome = explore(Weakened::nothing, hasty_reader);
  EXPECT_NE(outcome.fault, "");
}

// ---- The explorer itself ----

std::string no_name(const std::uint32_t*) {
  return "x";
}

TEST(Explorer, LetsEachOfTwoThreadsMissTheOthersStore) {
  // Store buffering: both may read 0. No interleaving of whole steps does that.
  std::array<std::uint32_t, 2> x{}, seen{};
  bool both_missed = false;
  const auto side = [&](std::size_t mine) {
    return [&, mine](Explorer& e) {
      e.store(&x[mine], 1, true);
      seen[mine] = e.load(&x[1 - mine], true);
    };
  };
  const auto outcome = Explorer::explore(
      [&] {
        both_missed = both_missed || (seen[0] == 0 && seen[1] == 0);
        seen = {1, 1};
        return std::array<Explorer::Thread, 2>{side(0), side(1)};
      },
      no_name);
  EXPECT_EQ(outcome.fault, "");
  EXPECT_TRUE(both_missed);
}

TEST(Explorer, NeverReadsAnOlderValueAfterANewerOne) {
  std::uint32_t x = 0;
  const auto outcome = Explorer::explore(
      [&] {
        return std::array<Explorer::Thread, 2>{[&](Explorer& e) {
                                                 e.store(&x, 1, false);
                                                 e.store(&x, 2, false);
                                               },
                                               [&](Explorer& e) {
                                                 const std::uint32_t first = e.load(&x, false);
                                                 e.require(e.load(&x, false) >= first, "went back");
                                               }};
      },
      no_name);
  EXPECT_EQ(outcome.fault, "");
  EXPECT_GT(outcome.complete, 10u);
}

} // namespace
} // namespace zbuf::model

static std::uint32_t model_load(const std::uint32_t* from, bool acquire) {
  using namespace zbuf::model;
  const bool of_user_gen = is_user_gen(from);
  const bool weak = weakened == (of_user_gen ? Weakened::reclaim : Weakened::look);
  return explorer->load(from, acquire && !weak);
}

static void model_store(std::uint32_t* to, std::uint32_t value, bool release) {
  using namespace zbuf::model;
  const bool of_user_gen = is_user_gen(to);
  const bool weak = weakened == (of_user_gen ? Weakened::acknowledge : Weakened::publish);
  explorer->store(to, value, release && !weak);
}
