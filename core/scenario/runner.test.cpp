// SPDX-License-Identifier: BSD-2-Clause
// Whole runs: checks, invariants, comparisons, recordings, interruption.
#include "core/scenario/runner.h"
#include "core/scenario/recorded.h"

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace zbuf {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

const std::string head =
    "title = \"T\"\nlinger = \"5 ms\"\n[[traffic]]\nkind = \"pattern\"\nrate = \"100 kpps\"\n"
    "limit = 2000\n[[reader]]\nbuffer = \"16 KiB\"\ntimeout = \"1 ms\"\n";

ScenarioReport run(const std::string& toml, RunOptions options = {}) {
  const auto scenario = parse_scenario(toml, "s.toml", "");
  if (!scenario) {
    ADD_FAILURE() << scenario.error().front().text();
    return {};
  }
  Runner runner(*scenario, std::move(options));
  const Errors errors = runner.prepare();
  if (!errors.empty()) {
    ADD_FAILURE() << errors.front().text();
    return {};
  }
  return runner.run();
}

std::string scratch(const std::string& name) {
  return (std::filesystem::temp_directory_path() / ("zbuf-test-" + std::to_string(getpid()) + "-" + name))
      .string();
}

TEST(Runner, ChecksThatHoldPassAndOthersFailWithWhatTheyFound) {
  const ScenarioReport report =
      run(head + "[[check]]\nexpr = \"drops == 0\"\n[[check]]\nexpr = \"delivered == arrived - 1\"\n");
  ASSERT_EQ(report.checks.size(), 2u);
  EXPECT_TRUE(report.checks[0].holds);
  EXPECT_FALSE(report.checks[1].holds);
  EXPECT_EQ(report.checks[1].readings[0].name, "delivered");
  EXPECT_EQ(report.checks[1].readings[0].value, static_cast<double>(report.runs[0].total.delivered));
  EXPECT_EQ(report.outcome(), Outcome::failed);
  EXPECT_EQ(run(head + "[[check]]\nexpr = \"drops == 0\"\n").outcome(), Outcome::passed);
}

TEST(Runner, ChecksCompareRuns) {
  const ScenarioReport report =
      run(head + "mode = \"both\"\n[[check]]\nexpr = \"zbuf.delivered == read.delivered\"\n"
                 "[[check]]\nexpr = \"bytes_copied < read.bytes_copied\"\n"
                 "[[check]]\nexpr = \"read.reads > 0 && zbuf.reads == 0\"\n"
                 "[[check]]\nexpr = \"reader.cpu_ns > 0 && end_ms > 20\"\n");
  ASSERT_EQ(report.runs.size(), 2u);
  EXPECT_EQ(report.outcome(), Outcome::passed);
}

TEST(Runner, EveryInvariantIsCheckedUnasked) {
  const ScenarioReport report = run(head);
  ASSERT_EQ(report.runs[0].invariants.size(), 6u);
  for (const InvariantReport& invariant : report.runs[0].invariants)
    EXPECT_TRUE(invariant.checked && invariant.holds() && invariant.as_expected());
}

const std::string wiped =
    "[[reader]]\nscript = [\"open\", \"setbufmode 2\", \"setzbuf 4096\", \"setif\", \"pkt 1000 4\", "
    "\"setzbuf_live 4096\", \"pkt 1000 1\"]\n";

TEST(Runner, AFaultThatIsNotNamedFails) {
  const ScenarioReport report = run("title = \"T\"\n" + wiped);
  EXPECT_EQ(report.outcome(), Outcome::failed);
  EXPECT_FALSE(report.runs[0].invariants[0].as_expected());
}

TEST(Runner, AFaultThatIsNamedPasses) {
  EXPECT_EQ(run("title = \"T\"\nbreaks = [\"I1\"]\n" + wiped).outcome(), Outcome::passed);
}

TEST(Runner, AFaultThatIsNamedAndDoesNotShowFails) {
  const ScenarioReport report = run("breaks = [\"I3\"]\n" + head);
  EXPECT_EQ(report.outcome(), Outcome::failed);
  EXPECT_TRUE(report.runs[0].invariants[2].holds());
}

TEST(Runner, OtherRunsBreakOnlyWhatTheySay) {
  const std::string both = "title = \"T\"\nbreaks = [\"I1\"]\n" + wiped +
                           "[[compare]]\nname = \"mended\"\nset = { "
                           "\"kernel.revision\" = \"zbuf\" }\n";
  EXPECT_EQ(run(both).outcome(), Outcome::passed);
  EXPECT_EQ(run(both + "breaks = [\"I1\"]\n").outcome(), Outcome::failed);
}

TEST(Runner, TheSameScenarioGivesTheSameReport) {
  const std::string toml =
      "title = \"T\"\n[[traffic]]\nprocess = \"poisson\"\nrate = \"300 kpps\"\nsizes = \"imix\"\n"
      "limit = 3000\n[[reader]]\nmode = \"both\"\n";
  const std::string once = report_as_json({run(toml)});
  EXPECT_EQ(once, report_as_json({run(toml)}));
  EXPECT_NE(once, report_as_json({run("seed = 2\n" + toml)}));
}

TEST(Runner, ALongRunIsRepeatedInPart) {
  const ScenarioReport report =
      run("title = \"T\"\n[[traffic]]\nkind = \"pattern\"\nrate = \"1 Mpps\"\nlimit = 150000\n"
          "[[reader]]\n");
  EXPECT_GT(report.runs[0].events, Runner::repeated_events);
  EXPECT_TRUE(report.runs[0].invariants[5].checked && report.runs[0].invariants[5].holds());
}

TEST(Runner, ChaptersAreReachedAtTheirEvents) {
  const ScenarioReport report = run(head + "[[chapter]]\nwhen = \"publications == 2\"\ntext = \"two\"\n"
                                           "[[chapter]]\nwhen = \"dropped\"\ntext = \"never\"\n"
                                           "[[check]]\nexpr = \"chapters == 1\"\n");
  const auto& chapters = report.runs[0].chapters;
  EXPECT_TRUE(chapters[0].reached);
  EXPECT_GT(chapters[0].event, 0u);
  EXPECT_GT(chapters[0].time_ns, 0u);
  EXPECT_FALSE(chapters[1].reached);
  EXPECT_TRUE(report.checks[0].holds);
  EXPECT_THAT(report.warnings, ElementsAre("chapter 2 was never reached: dropped"));
}

TEST(Runner, AStopConditionStops) {
  const ScenarioReport report = run("stop_when = \"arrived == 500\"\n" + head);
  EXPECT_EQ(report.runs[0].end, RunEnd::stopped);
  EXPECT_EQ(report.runs[0].arrived, 500u);
  EXPECT_EQ(report.outcome(), Outcome::passed);
}

TEST(Runner, FaultsHappenAtAnInstantOrAnEvent) {
  const ScenarioReport report =
      run(head + "[[fault]]\nwhen = \"publications == 1\"\ndo = \"stall\"\n"
                 "[[fault]]\nat = \"15 ms\"\ndo = \"interface_down\"\n"
                 "[[check]]\nexpr = \"faults == 2 && max_user_owned == 2 && drops > 100\"\n");
  EXPECT_EQ(report.outcome(), Outcome::passed);
}

TEST(Runner, NamesOfReadersFollowTheirStart) {
  const ScenarioReport report = run(
      "title = \"T\"\nlinger = \"5 ms\"\n[[traffic]]\nkind = \"pattern\"\nrate = \"100 kpps\"\nlimit = 500\n"
      "[[reader]]\nname = \"late\"\nstart = \"2 ms\"\ntimeout = \"1 ms\"\n"
      "[[reader]]\nname = \"early\"\ntimeout = \"1 ms\"\n"
      "[[check]]\nexpr = \"early.received > late.received && late.received > 0\"\n");
  EXPECT_EQ(report.outcome(), Outcome::passed);
  EXPECT_TRUE(report.warnings.empty());
}

TEST(Runner, AReaderThatIsRefusedIsBadInput) {
  const ScenarioReport report =
      run(head + "[kernel.sysctl]\n\"net.bpf.zerocopy_enable\" = 0\n[[check]]\nexpr = \"drops == 0\"\n");
  EXPECT_EQ(report.outcome(), Outcome::bad_input);
  EXPECT_TRUE(report.partial);
  EXPECT_FALSE(report.checks[0].evaluated);
  EXPECT_THAT(report.runs[0].errors[0].text(), HasSubstr("net.bpf.zerocopy_enable"));
}

TEST(Runner, ACaptureThatIsCutOffKeepsWhatCameBefore) {
  const std::string whole = ZBUF_SOURCE_DIR "/scenarios/captures/http-download.pcap";
  const std::string cut = scratch("cut.pcap");
  std::filesystem::copy_file(whole, cut, std::filesystem::copy_options::overwrite_existing);
  std::filesystem::resize_file(cut, 20'000);
  const ScenarioReport report =
      run("title = \"T\"\n[[traffic]]\nkind = \"capture\"\nfile = \"" + cut + "\"\n[[reader]]\n");
  std::filesystem::remove(cut);
  EXPECT_EQ(report.outcome(), Outcome::passed);
  EXPECT_GT(report.runs[0].arrived, 10u);
  EXPECT_GT(report.runs[0].total.delivered, 10u);
  EXPECT_THAT(report.warnings.at(0), AllOf(HasSubstr("byte 18736"), HasSubstr("packet 32")));
  EXPECT_FALSE(report.conversations.empty());
}

TEST(Runner, InterruptedItGivesAPartialReportAndRecording) {
  const auto scenario =
      parse_scenario("title = \"T\"\n[[traffic]]\nkind = \"pattern\"\nrate = \"1 Mpps\"\nlimit = "
                     "100000000\n[[reader]]\nmode = \"both\"\n[[check]]\nexpr = \"drops == 0\"\n",
                     "s.toml", "");
  ASSERT_TRUE(scenario);
  const std::string path = scratch("partial.zbt");
  RunOptions options;
  options.trace_path = path;
  options.record_all = false;
  Runner* self = nullptr;
  std::size_t calls = 0;
  options.on_progress = [&](const RunProgress& progress) {
    EXPECT_GT(progress.packets, 0u);
    EXPECT_LT(progress.fraction, 1);
    if (++calls == 2)
      self->interrupt();
  };
  Runner runner(*scenario, options);
  self = &runner;
  ASSERT_TRUE(runner.prepare().empty());
  const ScenarioReport report = runner.run();
  EXPECT_TRUE(report.partial);
  EXPECT_EQ(report.outcome(), Outcome::interrupted);
  ASSERT_EQ(report.runs.size(), 1u);
  EXPECT_GT(report.runs[0].arrived, 60'000u);
  EXPECT_FALSE(report.checks[0].evaluated);
  const auto recording = Recording::open(path);
  ASSERT_TRUE(recording) << recording.error().text();
  EXPECT_TRUE(recording->partial());
  EXPECT_EQ(recording->event_count(), report.runs[0].events);
  std::filesystem::remove(path);
}

TEST(Runner, RecordsEachRunUnderItsName) {
  const std::string path = scratch("run.zbt");
  const std::string other = path.substr(0, path.size() - 4) + ".read.zbt";
  RunOptions options;
  options.trace_path = path;
  const ScenarioReport report =
      run(head + "mode = \"both\"\n[[chapter]]\nwhen = \"published\"\ntext = \"P\"\n", options);
  EXPECT_EQ(report.runs[1].trace_path, other);
  for (std::size_t i = 0; i < 2; ++i) {
    const auto recording = Recording::open(report.runs[i].trace_path);
    ASSERT_TRUE(recording) << recording.error().text();
    const VariantReport again = report_of_recording(*recording);
    EXPECT_EQ(again.name, report.runs[i].name);
    EXPECT_EQ(again.total, report.runs[i].total);
    EXPECT_EQ(again.arrived, report.runs[i].arrived);
    EXPECT_EQ(again.events, report.runs[i].events);
    EXPECT_EQ(again.chapters[0].reached, i == 0);
    EXPECT_EQ(again.chapters[0].text, "P");
  }
  std::filesystem::remove(path);
  std::filesystem::remove(other);
}

TEST(Runner, ARecordingThatCannotBeWrittenIsKnownBeforeTheRun) {
  const auto scenario = parse_scenario(head, "s.toml", "");
  RunOptions options;
  options.trace_path = "/dev/null/run.zbt";
  const Errors errors = Runner(*scenario, options).prepare();
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_THAT(errors[0].text(), HasSubstr("/dev/null/run.zbt"));
}

// ---- The picture ----

TEST(Picture, CountsEveryDropAndEveryInstant) {
  const ScenarioReport report =
      run("title = \"T\"\n[[traffic]]\nkind = \"pattern\"\nrate = \"1 Mpps\"\nlimit = 20000\n"
          "[[reader]]\nbuffer = \"8 KiB\"\nhandle_ns = 3000\n");
  const VariantReport& one = report.runs[0];
  ASSERT_GT(one.total.dropped, 1000u);
  for (const std::size_t columns : {1u, 7u, 60u, 200u}) {
    std::uint64_t drops = 0, calls = 0, arrived = 0;
    double time = 0;
    for (const PictureColumn& column : one.picture.columns(columns, one.picture.length())) {
      drops += column.lanes[0].drops;
      calls += column.lanes[0].calls;
      arrived += column.arrived;
      for (const double owned : column.lanes[0].owned[0])
        time += owned;
    }
    EXPECT_EQ(drops, one.total.dropped);
    EXPECT_EQ(calls, one.total.syscalls);
    EXPECT_EQ(arrived, one.arrived);
    EXPECT_NEAR(time, static_cast<double>(one.end_ns), static_cast<double>(one.end_ns) * 0.01);
  }
}

TEST(Picture, ShowsWhoOwnedABufferWhen) {
  const ScenarioReport report = run("title = \"T\"\nlinger = \"0 ns\"\n[[reader]]\nscript = [\"open\", "
                                    "\"setbufmode 2\", \"setzbuf 4096\", \"setif\", "
                                    "\"at 10 ms\", \"pkt 1000 4\", \"at 30 ms\", \"ack a\", \"at 40 ms\"]\n");
  const Picture& picture = report.runs[0].picture;
  const auto columns = picture.columns(4, picture.length());
  const auto share = [&](std::size_t column, std::size_t buffer, Owner owner) {
    const auto& owned = columns[column].lanes[0].owned[buffer];
    return owned[static_cast<std::size_t>(owner)] / 10e6;
  };
  EXPECT_NEAR(share(0, 0, Owner::store), 1, 0.01);
  EXPECT_NEAR(share(1, 0, Owner::user), 1, 0.01);
  EXPECT_NEAR(share(2, 0, Owner::user), 1, 0.01);
  EXPECT_NEAR(share(3, 0, Owner::hold), 1, 0.01);
  EXPECT_NEAR(share(0, 1, Owner::free), 1, 0.01);
  EXPECT_NEAR(share(3, 1, Owner::store), 1, 0.01);
}

} // namespace
} // namespace zbuf
