// SPDX-License-Identifier: BSD-2-Clause
#include "core/live/dtrace.h"

#include <chrono>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <thread>

namespace zbuf {
namespace {

using testing::HasSubstr;

struct Told {
  std::uint64_t time_ns;
  zb_event_kind kind;
  std::uint16_t descriptor;
  std::uint32_t a;
  bool operator==(const Told&) const = default;
};

std::vector<Told> told(const std::vector<Event>& events) {
  std::vector<Told> all;
  for (const Event& e : events)
    all.push_back({e.time_ns, static_cast<zb_event_kind>(e.kind), e.descriptor, e.a});
  return all;
}

/// As the program prints them, two descriptors on a busy interface.
constexpr std::string_view lines = "zbuf begin 5000 1700000000000005000\n"
                                   "zbuf 5100 attach fffff80003a51c00\n"
                                   "zbuf 5200 attach fffff80003a52000\n"
                                   "zbuf 6000 held fffff80003a51c00\n"
                                   "zbuf 6100 full fffff80003a51c00\n"
                                   "zbuf 6110 full fffff80003a51c00\n"
                                   "zbuf 6200 reclaimed fffff80003a51c00\n"
                                   "zbuf 6300 full fffff80003a51c00\n"
                                   "zbuf tick\n"
                                   "\n"
                                   "zbuf 7000 timeout fffff80003a52000\n";

const std::vector<Told> expected{{1700000000000006100, ZB_EV_DROPPED, 0, ZB_DROP_FULL},
                                 {1700000000000006110, ZB_EV_DROPPED, 0, ZB_DROP_LENT},
                                 {1700000000000006300, ZB_EV_DROPPED, 0, ZB_DROP_FULL},
                                 {1700000000000007000, ZB_EV_TIMED_OUT, 1, 0}};

TEST(DtraceLines, BecomeEvents) {
  DtraceLines all;
  std::vector<Event> events;
  EXPECT_FALSE(all.begun());
  all.take(lines, events);
  EXPECT_TRUE(all.begun());
  EXPECT_EQ(told(events), expected);
  EXPECT_EQ(all.complaint(), "");
}

TEST(DtraceLines, MayBeCutAnywhere) {
  for (std::size_t length = 1; length < 40; ++length) {
    DtraceLines all;
    std::vector<Event> events;
    for (std::size_t at = 0; at < lines.size(); at += length)
      all.take(lines.substr(at, length), events);
    EXPECT_EQ(told(events), expected) << length;
  }
}

TEST(DtraceLines, TellWhatWasLost) {
  DtraceLines all;
  std::vector<Event> events;
  all.take("zbuf begin 1 1001\nzbuf 5 attach a\ndtrace: 17 drops on CPU 0\n", events);
  EXPECT_EQ(told(events), (std::vector<Told>{{1005, ZB_EV_LOST_EVENTS, ZB_NO_DESCRIPTOR, 17}}));
}

TEST(DtraceLines, OfOthersAreLeftOut) {
  DtraceLines all;
  std::vector<Event> events;
  all.take("zbuf begin 1 1001\nzbuf 5 full 1\nzbuf x full a\nzbuf 5 full\nzbuf 7 nonsense a\n", events);
  EXPECT_TRUE(events.empty()) << "not attached by us, or no line of ours";
  all.take("dtrace: failed to initialize dtrace: DTrace requires additional privileges\n", events);
  EXPECT_THAT(all.complaint(), HasSubstr("additional privileges"));
  all.take(std::string(10'000'000, 'x'), events);
  all.take("\nzbuf 5 attach a\nzbuf 8 timeout a\n", events);
  EXPECT_EQ(told(events), (std::vector<Told>{{1008, ZB_EV_TIMED_OUT, 0, 0}}));
}

TEST(Dtrace, IsReadWhileItRuns) {
  auto running = Dtrace::start({"/bin/sh", "-c", "printf '" + std::string(lines) + "'; sleep 120"});
  ASSERT_TRUE(running) << running.error().text();
  std::vector<Event> events;
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (events.size() < expected.size() && std::chrono::steady_clock::now() < patience) {
    running->read(events);
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  EXPECT_EQ(told(events), expected);
}

TEST(Dtrace, SaysWhyItDoesNotRun) {
  const auto refused = Dtrace::start({"/bin/sh", "-c", "echo 'dtrace: no permission today' >&2; exit 1"});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().text(), HasSubstr("no permission today"));
  EXPECT_THAT(refused.error().text(), HasSubstr("kldload dtraceall"));
  const auto missing = Dtrace::start({"/nonexistent/dtrace"});
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().text(), HasSubstr("no such program"));
#if !defined(__FreeBSD__)
  EXPECT_THAT(Dtrace::start().error().text(), HasSubstr("--via module"));
#endif
}

} // namespace
} // namespace zbuf
