// SPDX-License-Identifier: BSD-2-Clause
#include "core/scenario/recorded.h"

#include "core/scenario/report_text.h"
#include "core/trace/fold.h"
#include "core/trace/test_recording.h"

#include <gmock/gmock.h>

namespace zbuf {
namespace {

using namespace testing_support;
using ::testing::HasSubstr;
using ::testing::Not;

std::vector<VariantReport> only(VariantReport report) {
  std::vector<VariantReport> all;
  all.push_back(std::move(report));
  return all;
}

TEST(ReportOfRecording, OfALaterPartCountsTheWholeRun) {
  const TemporaryFile file;
  const std::vector<Event> events = synthetic::run(1, 30'000, 4064);
  Recorder::Options options;
  options.path = file.path();
  options.limit_bytes = 1 << 20;
  auto recorder = Recorder::create(options);
  ASSERT_TRUE(recorder);
  play(**recorder, events);
  ASSERT_TRUE((*recorder)->finish(false));
  std::filesystem::remove(older_part(file.path()));
  State whole;
  fold(whole, events);

  const Recording recording = opened(file);
  ASSERT_LT(recording.event_count(), events.size());
  const VariantReport report = report_of_recording(recording);
  EXPECT_EQ(report.total, whole.total());
  EXPECT_EQ(report.arrived, whole.arrived());
  EXPECT_EQ(report.in_buffers, whole.in_buffers());
  EXPECT_EQ(report.events, recording.event_count());
  EXPECT_EQ(report.end_ns, whole.time_ns);
  for (const InvariantReport& invariant : report.invariants)
    EXPECT_TRUE(invariant.holds()) << invariant_name(invariant.invariant);
  // The picture is empty until the part begins, and full from there on.
  const auto columns = report.picture.columns(64, report.end_ns);
  const auto begin = recording.state_after(0).time_ns * 64 / report.end_ns;
  ASSERT_GT(begin, 1u);
  EXPECT_EQ(columns[begin - 1].arrived, 0u);
  EXPECT_GT(columns[begin + 1].arrived, 0u);
  double owned = 0;
  for (const double time : columns[begin + 1].lanes.at(0).owned[0])
    owned += time;
  EXPECT_GT(owned, 0);
}

/// Events do not say how long a processor was busy.
TEST(ReportOfRecording, SaysNothingOfProcessors) {
  const TemporaryFile file;
  record(file, synthetic::run(1, 200, 4064));
  const auto reports = only(report_of_recording(opened(file)));
  const std::string table = table_as_text(reports, TextStyle{});
  EXPECT_THAT(table, HasSubstr("system calls"));
  EXPECT_THAT(table, Not(HasSubstr("modelled")));
  EXPECT_THAT(table, Not(HasSubstr("CPU")));
}

} // namespace
} // namespace zbuf
