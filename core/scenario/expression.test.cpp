// SPDX-License-Identifier: BSD-2-Clause
// Expressions: their names, their values, and what is said about those that mean nothing.
#include "core/scenario/expression.h"

#include "core/scenario/units.h"
#include "core/trace/fold.h"

#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>

namespace zbuf {
namespace {

using testing::HasSubstr;

Scope two_runs() {
  Scope scope;
  scope.runs = {{"zbuf", {{"fast", 0}, {"slow", 1}}}, {"read", {{"fast", 0}, {"slow", 1}}}};
  scope.at_end = true;
  return scope;
}

Scope while_running() {
  Scope scope;
  scope.runs = {{"zbuf", {{"fast", 0}, {"slow", 1}}}};
  return scope;
}

Event event(zb_event_kind kind, std::uint16_t descriptor = 0, std::uint8_t buffer = ZB_NO_BUFFER,
            std::uint32_t a = 0, std::uint32_t b = 0, std::uint32_t c = 0) {
  return {1'500'000, ZB_NO_PACKET, a, b, c, 0, descriptor, static_cast<std::uint8_t>(kind), buffer};
}

/// Two descriptors: 3 and 4 packets dropped, one buffer published.
State some_state() {
  State state;
  for (int i = 0; i < 3; ++i)
    fold(state, event(ZB_EV_DROPPED, 0, ZB_A, ZB_DROP_FULL));
  for (int i = 0; i < 4; ++i)
    fold(state, event(ZB_EV_DROPPED, 1, ZB_A, ZB_DROP_FULL));
  fold(state, event(ZB_EV_LOANED, 1, ZB_A, 4064));
  fold(state, event(ZB_EV_LOANED, 1, ZB_B, 4064, 8192));
  fold(state, event(ZB_EV_PUBLISHED, 1, ZB_A, 0, 1, 1));
  return state;
}

double value(const std::string& text) {
  const State state = some_state();
  const State empty;
  const RunFigures figures{2'000'000, 10, {30, 40}, 0};
  const RunFigures none{};
  const RunView views[] = {{&state, nullptr, &figures}, {&empty, nullptr, &none}};
  const auto expression = Expression::compile(text, two_runs());
  if (!expression) {
    ADD_FAILURE() << text << ": " << expression.error().front().message;
    return -1;
  }
  return expression->value(views);
}

std::string fault(const std::string& text, const Scope& scope = two_runs()) {
  const auto expression = Expression::compile(text, scope);
  return expression ? "" : expression.error().front().message;
}

TEST(Expression, NamesMeanTheRunAReaderABufferOrAnotherRun) {
  EXPECT_EQ(value("drops"), 7);
  EXPECT_EQ(value("dropped_full"), 7);
  EXPECT_EQ(value("fast.drops"), 3);
  EXPECT_EQ(value("slow.dropped"), 4);
  EXPECT_EQ(value("zbuf.slow.drops"), 4);
  EXPECT_EQ(value("read.drops"), 0);
  EXPECT_EQ(value("slow.a.kernel_gen"), 1);
  EXPECT_EQ(value("slow.a.user_owned"), 1);
  EXPECT_EQ(value("slow.store == A && slow.free == B && slow.hold == none"), 1);
  EXPECT_EQ(value("a.kernel_gen"), 0); // the first descriptor's
  EXPECT_EQ(value("user_owned"), 1);
  EXPECT_EQ(value("max_user_owned"), 1);
  EXPECT_EQ(value("time_ms"), 1.5);
  EXPECT_EQ(value("end_ms"), 2);
  EXPECT_EQ(value("reader_cpu_ns"), 70);
  EXPECT_EQ(value("slow.cpu_ns"), 40);
  EXPECT_EQ(value("kernel_busy_ns"), 10);
  EXPECT_EQ(value("I6 + read.I6"), 0);
}

TEST(Expression, HasTheUsualOperators) {
  EXPECT_EQ(value("drops == 7 && !(drops < 7) && drops != 8"), 1);
  EXPECT_EQ(value("drops > 100 || drops >= 7"), 1);
  EXPECT_EQ(value("max(1, drops, 3) - min(2, 1) + abs(0 - 4)"), 10);
  EXPECT_EQ(value("drops > 1 ? 5 : 6"), 5);
  EXPECT_EQ(value("drops / 2"), 3.5);
  EXPECT_EQ(value("drops/arrived > 1"), 1); // infinity
}

TEST(Expression, WhatIsNotANumberIsNotTrue) {
  const State state;
  const RunFigures figures{};
  const RunView views[] = {{&state, nullptr, &figures}, {&state, nullptr, &figures}};
  const auto expression = Expression::compile("syscalls / delivered", two_runs());
  ASSERT_TRUE(expression);
  EXPECT_TRUE(std::isnan(expression->value(views)));
  EXPECT_FALSE(expression->holds(views));
}

TEST(Expression, EventsAreTrueWhenTheyHappen) {
  const auto expression = Expression::compile("rotated && drops == 0", while_running());
  ASSERT_TRUE(expression);
  const State state;
  EXPECT_TRUE(expression->holds(state, event(ZB_EV_ROTATED)));
  EXPECT_FALSE(expression->holds(state, event(ZB_EV_PUBLISHED)));
}

TEST(Expression, KnowsWhichEventsCanChangeIt) {
  const auto kinds = [](const std::string& text) {
    return Expression::compile(text, while_running())->kinds();
  };
  EXPECT_EQ(kinds("drops > 3"), mask_of({ZB_EV_DROPPED}));
  EXPECT_EQ(kinds("rotated || syscalls > 3"), mask_of({ZB_EV_ROTATED, ZB_EV_CALL, ZB_EV_IDLE}));
  EXPECT_TRUE(contains(kinds("slow.a.kernel_gen == 1"), ZB_EV_PUBLISHED));
  EXPECT_EQ(kinds("time_ms > 3"), all_kinds);
}

TEST(Expression, TellsWhatIsWrong) {
  EXPECT_THAT(fault("dorps"), HasSubstr("did you mean \"drops\"?"));
  EXPECT_THAT(fault("slw.drops"), HasSubstr("did you mean \"slow.drops\"?"));
  EXPECT_THAT(fault("read.slow.b.usr_gen"), HasSubstr("did you mean \"read.slow.b.user_gen\"?"));
  EXPECT_THAT(fault("drops ="), HasSubstr("did you mean \"==\"?"));
  EXPECT_THAT(fault("drops <="), HasSubstr("something is missing at the end"));
  EXPECT_THAT(fault("(drops"), HasSubstr("parenthesis"));
  EXPECT_THAT(fault("drops, 1"), HasSubstr("2 values"));
  EXPECT_THAT(fault(" "), HasSubstr("empty"));
  EXPECT_THAT(fault("sin(1)"), HasSubstr("sin"));
  EXPECT_THAT(fault(std::string(3000, '1')), HasSubstr("at most 2000"));
  EXPECT_THAT(fault("end_ms > 1", while_running()), HasSubstr("known only when the run is over"));
  EXPECT_THAT(fault("read.drops > 1", while_running()), HasSubstr("not known"));
}

TEST(Expression, AllUnknownNamesAreToldAtOnce) {
  const auto expression = Expression::compile("foo + drops + bar", two_runs());
  ASSERT_FALSE(expression);
  ASSERT_EQ(expression.error().size(), 2u);
  EXPECT_EQ(expression.error()[0].position, 0u);
  EXPECT_EQ(expression.error()[1].position, 14u);
}

TEST(Vocabulary, HasEveryCounter) {
  std::set<std::string> names;
  for (const TermInfo& term : counter_terms())
    names.emplace(term.name);
  Counters counters;
  for_each_counter(counters,
                   [&](const char* name, std::uint64_t&) { EXPECT_TRUE(names.contains(name)) << name; });
}

/// The masks of the vocabulary against the fold: whatever kind of event comes, no value changes whose mask
/// does not have that kind.
TEST(Vocabulary, NoValueChangesWithoutItsEvents) {
  std::vector<std::string> names;
  const auto add = [&](const std::string& prefix, const std::vector<TermInfo>& terms) {
    for (const TermInfo& term : terms)
      names.push_back(prefix + std::string(term.name));
  };
  add("", counter_terms());
  add("", run_terms());
  add("fast.", descriptor_terms());
  add("fast.", counter_terms());
  for (const char* buffer : {"fast.a.", "fast.b.", "fast.copy."})
    add(buffer, buffer_terms());

  std::vector<Expression> expressions;
  for (const std::string& name : names)
    if (auto expression = Expression::compile(name, while_running())) // all but figures of the end
      expressions.push_back(std::move(*expression));
  ASSERT_GT(expressions.size(), 90u);

  std::uint64_t noise = 12345; // any sequence of events will do
  const auto next = [&](std::uint32_t bound) {
    noise = noise * 6364136223846793005u + 1442695040888963407u;
    return static_cast<std::uint32_t>((noise >> 33) % bound);
  };
  State state;
  std::vector<double> before;
  const Event none = event(ZB_EV_NONE);
  const RunView beginning{&state, &none, nullptr};
  for (const Expression& expression : expressions)
    before.push_back(expression.value(std::span(&beginning, 1)));
  for (int i = 0; i < 20'000; ++i) {
    auto kind = static_cast<zb_event_kind>(1 + next(62));
    if (kind == ZB_EV_LOST_EVENTS)
      kind = ZB_EV_STORED;
    Event e = event(kind, 0, static_cast<std::uint8_t>(next(4)), next(5), next(5), next(5));
    fold(state, e);
    for (std::size_t k = 0; k < expressions.size(); ++k) {
      const RunView view{&state, &e, nullptr};
      const double now = expressions[k].value(std::span(&view, 1));
      ASSERT_TRUE(now == before[k] || contains(expressions[k].kinds(), e.kind))
          << expressions[k].text() << " changed with " << kind_name(e.kind);
      before[k] = now;
    }
  }
}

// ---- Units ----

TEST(Units, ReadsQuantities) {
  EXPECT_EQ(parse_quantity("5 ms", Quantity::duration), 5'000'000u);
  EXPECT_EQ(parse_quantity("1.5s", Quantity::duration), 1'500'000'000u);
  EXPECT_EQ(parse_quantity("0.1 us", Quantity::duration), 100u);
  EXPECT_EQ(parse_quantity(" 3 µs ", Quantity::duration), 3'000u);
  EXPECT_EQ(parse_quantity("42", Quantity::duration), 42u);
  EXPECT_EQ(parse_quantity("32 KiB", Quantity::size), 32'768u);
  EXPECT_EQ(parse_quantity("1 kB", Quantity::size), 1'000u);
  EXPECT_EQ(parse_quantity("1_000 B", Quantity::size), 1'000u);
  EXPECT_EQ(parse_quantity("1.488 Mpps", Quantity::rate), 1'488'000u);
  EXPECT_EQ(parse_quantity("10 Gbit/s", Quantity::bit_rate), 10'000'000'000u);
}

TEST(Units, RefusesWhatIsNone) {
  for (const char* text : {"", "ms", "5 m s", "-5 ms", "5 KiB", "1.", ".5 s", "1e3",
                           "99999999999999999999999 s", "18446744073709551616", "5ms5"})
    EXPECT_EQ(parse_quantity(text, Quantity::duration), std::nullopt) << text;
}

TEST(Units, ShowsQuantitiesForPeople) {
  EXPECT_EQ(show_duration(0), "0 ns");
  EXPECT_EQ(show_duration(999), "999 ns");
  EXPECT_EQ(show_duration(1'500), "1.5 µs");
  EXPECT_EQ(show_duration(999'600), "1 ms");
  EXPECT_EQ(show_duration(20'000'000), "20 ms");
  EXPECT_EQ(show_duration(12'340'000'000), "12.3 s");
  EXPECT_EQ(show_size(4096), "4 KiB");
  EXPECT_EQ(show_size(1'572'864), "1.5 MiB");
  EXPECT_EQ(show_count(1), "1");
  EXPECT_EQ(show_count(1'234'567), "1,234,567");
  EXPECT_EQ(show_count(123'456), "123,456");
  EXPECT_EQ(show_count(1, "run"), "1 run");
  EXPECT_EQ(show_count(0, "run"), "0 runs");
}

} // namespace
} // namespace zbuf
