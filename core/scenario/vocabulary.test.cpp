// SPDX-License-Identifier: BSD-2-Clause
// A condition is evaluated only after events of the kinds that its names have (Variable::kinds), which come
// from the flags of the table of events and the list of counters: one that is missing there would go
// unnoticed.
#include "core/scenario/vocabulary.h"

#include "core/base/random.h"
#include "core/trace/fold.h"
#include "core/trace/synthetic.h"

#include <gtest/gtest.h>

namespace zbuf {
namespace {

struct Watched {
  std::string name;
  Variable variable;
  double value = 0;
};

std::vector<Watched> every_value(const Scope& scope) {
  std::vector<Watched> all;
  const auto add = [&](const std::string& prefix, const std::vector<TermInfo>& terms) {
    for (const TermInfo& term : terms)
      if (const auto found = find_variable(prefix + std::string(term.name), scope))
        all.push_back({prefix + std::string(term.name), *found});
  };
  add("", run_terms());
  for (const char* prefix : {"", "reader."}) {
    add(prefix, counter_terms());
    add(prefix, descriptor_terms());
    for (const char* buffer : {"a.", "b.", "copy."})
      add(std::string(prefix) + buffer, buffer_terms());
  }
  return all;
}

void expect_values_move_only_with_their_kinds(std::span<const Event> events) {
  Scope scope;
  scope.runs = {{"run", {{"reader", 0}}}};
  std::vector<Watched> all = every_value(scope);
  EXPECT_GT(all.size(), 150u);
  State state;
  const RunView view[] = {{&state, nullptr, nullptr}};
  for (Watched& watched : all)
    watched.value = read_variable(watched.variable, view);
  for (const Event& event : events) {
    fold(state, event);
    for (Watched& watched : all) {
      const double value = read_variable(watched.variable, view);
      EXPECT_TRUE(value == watched.value || contains(watched.variable.kinds, event.kind))
          << kind_name(event.kind) << " moves " << watched.name;
      watched.value = value;
    }
  }
}

TEST(Vocabulary, ValuesMoveOnlyWithTheirKinds) {
  expect_values_move_only_with_their_kinds(synthetic::run(1, 2000, 8192));
}

TEST(Vocabulary, ValuesMoveOnlyWithTheirKindsInAnyOrderOfEvents) {
  for (const std::uint64_t seed : {2u, 3u}) {
    SCOPED_TRACE(seed);
    Random random(seed);
    std::vector<Event> events;
    for (int i = 0; i < 20000; ++i) {
      const auto below = [&](std::uint64_t limit) { return static_cast<std::uint32_t>(random.below(limit)); };
      Event event{};
      event.time_ns = static_cast<std::uint64_t>(i);
      event.packet = ZB_NO_PACKET;
      event.a = below(4) * below(40);
      event.b = below(4);
      event.c = below(16);
      event.d = below(4);
      event.descriptor = static_cast<std::uint16_t>(below(2));
      event.kind = static_cast<std::uint8_t>(below(event_kinds));
      event.buffer = static_cast<std::uint8_t>(below(4));
      // Once events are lost, or a kernel is known, there is less to see.
      if (event.kind != ZB_EV_LOST_EVENTS && (event.kind != ZB_EV_OPENED || i > 10000))
        events.push_back(event);
    }
    expect_values_move_only_with_their_kinds(events);
  }
}

TEST(Vocabulary, AReaderOfAnUnknownKernelTellsTheLengthOfABuffer) {
  synthetic::Pencil pencil;
  pencil.put(ZB_EV_LOOKED, ZB_A, 1, 0, 1).take(ZB_A, 500, 1).handle(ZB_A, 0).acknowledge(ZB_A, 1);
  expect_values_move_only_with_their_kinds(pencil.events);
}

} // namespace
} // namespace zbuf
