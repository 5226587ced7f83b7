// SPDX-License-Identifier: BSD-2-Clause
// The program itself, as a shell runs it.
#include "core/cli/test_process.h"
#include "core/scenario/vocabulary.h"
#include "core/trace/recording.h"
#include "core/traffic/capture.h"

extern "C" {
#include "kernel/engine/revision.h"
}

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

namespace zbuf {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

const std::string scenarios = ZBUF_SOURCE_DIR "/scenarios/";
const std::string vectors = ZBUF_SOURCE_DIR "/tests/vectors/freebsd-13.2/";

Finished zbuf(std::vector<std::string> arguments, const std::vector<std::string>& environment = {},
              bool terminal = false) {
  arguments.insert(arguments.begin(), ZBUF_PROGRAM);
  std::vector<std::string> all = {"LC_ALL=C.UTF-8"};
  all.insert(all.end(), environment.begin(), environment.end());
  return ChildProcess(std::move(arguments), all, terminal).wait();
}

std::string contents(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

class Cli : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("zbuf-cli-" + std::to_string(getpid()));
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  [[nodiscard]] std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name)) << text;
    return path(name);
  }
  /// A run that is quick, with one check.
  [[nodiscard]] std::string scenario(const std::string& check = "drops == 0",
                                     const std::string& more = "") const {
    return write(
        "s.toml",
        "title = \"T\"\nlinger = \"1 ms\"\n[[traffic]]\nkind = \"pattern\"\nlimit = 100\nrate = 100000\n"
        "[[reader]]\nbuffer = 4096\n[[check]]\nexpr = \"" +
            check + "\"\n" + more);
  }
  /// One that takes minutes.
  [[nodiscard]] std::string long_scenario() const {
    return write("long.toml",
                 "title = \"T\"\n[[traffic]]\nkind = \"pattern\"\nlimit = 1000000000\nrate = \"1 Mpps\"\n"
                 "[[reader]]\n[[check]]\nexpr = \"drops == 0\"\n");
  }

  fs::path folder_;
};

// ---- The harness ----

TEST(ChildProcess, KeepsMoreOfBothOutputsThanAPipeHolds) {
  const Finished run = ChildProcess({"/bin/sh", "-c", "printf '%200000s' x >&2; printf '%200000s' y"}).wait();
  EXPECT_EQ(run.err.size(), 200'000u);
  EXPECT_EQ(run.out.size(), 200'000u);
}

// ---- Exit status ----

TEST_F(Cli, TellsByItsExitStatusWhatCameOut) {
  EXPECT_EQ(zbuf({"run", scenario()}).status, 0);
  EXPECT_EQ(zbuf({"run", scenario("drops > 0")}).status, 1);
  EXPECT_EQ(zbuf({"run", write("bad.toml", "titel = 1\n")}).status, 2);
  EXPECT_EQ(zbuf({"run", path("none.toml")}).status, 2);
  EXPECT_EQ(zbuf({}).status, 2);
  EXPECT_EQ(zbuf({"run"}).status, 2);
  EXPECT_EQ(zbuf({"run", scenario(), "--no-such-option"}).status, 2);
  EXPECT_EQ(zbuf({"run", scenario(), "--revision", "freebds"}).status, 2);
  EXPECT_EQ(zbuf({"--help"}).status, 0);
  EXPECT_EQ(zbuf({"--version"}).status, 0);
}

TEST_F(Cli, AMistakeStopsEverythingBeforeItRuns) {
  const Finished run = zbuf(
      {"run", scenario(), write("bad.toml", "title = 7\nx = 1\n[[reader]]\n"), "--json", path("out.json")});
  EXPECT_EQ(run.status, 2);
  EXPECT_THAT(run.out, IsEmpty());
  EXPECT_THAT(run.err, HasSubstr("bad.toml:1:9: \"title\" is 7; expected a string"));
  EXPECT_THAT(run.err, HasSubstr("bad.toml:2:1: the scenario has no key \"x\""));
  EXPECT_FALSE(fs::exists(path("out.json")));
}

TEST_F(Cli, AFilterThatDoesNotCompileIsToldWithLibpcapsWords) {
  const Finished run =
      zbuf({"check", write("f.toml", "title = \"T\"\n[[reader]]\nfilter = \"tcp prot 80\"\n")});
  EXPECT_EQ(run.status, 2);
  EXPECT_THAT(run.err, HasSubstr("f.toml:3:10: "));
  EXPECT_THAT(run.err, HasSubstr("syntax error"));
  EXPECT_THAT(run.err, HasSubstr("tcp prot 80"));
}

TEST_F(Cli, CapturesThatCannotBeReadAreToldWithTheirPlace) {
  const Finished missing = zbuf({"run", scenario(), "--pcap", path("none.pcap")});
  EXPECT_EQ(missing.status, 2);
  EXPECT_THAT(missing.err, HasSubstr("none.pcap"));

  fs::copy_file(scenarios + "captures/http-download.pcap", path("cut.pcap"));
  fs::resize_file(path("cut.pcap"), 20'000);
  const Finished cut =
      zbuf({"run", scenario(), "--pcap", path("cut.pcap"), "--strict", "--json", path("out.json")});
  EXPECT_EQ(cut.status, 2);
  EXPECT_THAT(cut.out, HasSubstr("packet 32"));
  EXPECT_THAT(cut.out, HasSubstr("31 packets arrived"));
  const json report = json::parse(contents(path("out.json")));
  EXPECT_EQ(report["scenarios"][0]["outcome"], "bad input");
  EXPECT_EQ(report["scenarios"][0]["runs"][0]["arrived"], 31);
}

// ---- Outputs ----

TEST_F(Cli, AnOutputThatCannotBeWrittenIsToldBeforeTheRun) {
  for (const char* option : {"--json", "--junit", "--trace", "--write"}) {
    const Finished run = zbuf({"run", scenario(), option, "/dev/null/folder/file"});
    EXPECT_EQ(run.status, 2) << option;
    EXPECT_THAT(run.out, IsEmpty()) << option;
    EXPECT_THAT(run.err, HasSubstr("/dev/null/folder/file")) << option;
  }
}

TEST_F(Cli, WritesJsonAndJunit) {
  const Finished run =
      zbuf({"run", scenario(), "--json", path("out.json"), "--junit", path("out.xml"), "--quiet"});
  EXPECT_EQ(run.status, 0);
  EXPECT_THAT(run.out, IsEmpty());
  const json report = json::parse(contents(path("out.json")));
  EXPECT_EQ(report["format"], "zbuf-report");
  EXPECT_EQ(report["scenarios"][0]["outcome"], "passed");
  EXPECT_THAT(contents(path("out.xml")), StartsWith("<?xml version=\"1.0\""));
}

/// Every element that is opened is closed, in order.
bool is_well_formed(const std::string& xml) {
  std::vector<std::string> open;
  for (std::size_t at = 0; (at = xml.find('<', at)) != std::string::npos;) {
    const std::size_t end = xml.find('>', at);
    if (end == std::string::npos)
      return false;
    const std::string tag = xml.substr(at + 1, end - at - 1);
    if (std::count(tag.begin(), tag.end(), '"') % 2 != 0 || tag.find('<') != std::string::npos)
      return false;
    if (tag[0] == '/') {
      if (open.empty() || open.back() != tag.substr(1))
        return false;
      open.pop_back();
    } else if (tag[0] != '?' && tag.back() != '/') {
      open.push_back(tag.substr(0, tag.find(' ')));
    }
    at = end;
  }
  return open.empty();
}

TEST_F(Cli, JunitIsWellFormed) {
  const Finished failing = zbuf({"run", scenario("drops > 0 && 2 < 3"), "--junit", "-"});
  EXPECT_EQ(failing.status, 1);
  EXPECT_TRUE(is_well_formed(failing.out)) << failing.out;
  EXPECT_THAT(failing.out, HasSubstr("<failure "));
}

TEST_F(Cli, StandardOutputIsForOneOutputAndTheReportGivesWay) {
  const Finished run = zbuf({"run", scenario(), "--json", "-"});
  EXPECT_EQ(run.status, 0);
  EXPECT_EQ(json::parse(run.out)["version"], 1);
  EXPECT_THAT(run.err, HasSubstr("passed: 1 check"));
  EXPECT_EQ(zbuf({"run", scenario(), "--json", "-", "--junit", "-"}).status, 2);
}

TEST_F(Cli, AFileThatWasThereIsKeptUnlessItIsWritten) {
  write("out.json", "precious");
  EXPECT_EQ(zbuf({"run", write("bad.toml", "x = 1\n"), "--json", path("out.json")}).status, 2);
  EXPECT_EQ(contents(path("out.json")), "precious");
  EXPECT_EQ(zbuf({"run", scenario(), "--json", path("out.json"), "-q"}).status, 0);
  EXPECT_THAT(contents(path("out.json")), StartsWith("{"));
}

TEST_F(Cli, RecordsAndShowsRecordings) {
  EXPECT_EQ(zbuf({"run", scenario(), "--trace", path("run.zbt"), "-q"}).status, 0);
  const Finished shown = zbuf({"trace", path("run.zbt")});
  EXPECT_EQ(shown.status, 0);
  EXPECT_THAT(shown.out, HasSubstr("delivered"));
  const Finished events = zbuf({"trace", path("run.zbt"), "--events", "--kind", "published", "--count", "2"});
  EXPECT_EQ(events.status, 0);
  EXPECT_EQ(std::count(events.out.begin(), events.out.end(), '\n'), 2);
  EXPECT_EQ(zbuf({"trace", path("run.zbt"), "--events", "--kind", "publishd"}).status, 2);
  const Finished lines = zbuf({"trace", path("run.zbt"), "--jsonl", "-"});
  EXPECT_EQ(lines.status, 0);
  EXPECT_TRUE(json::accept(lines.out.substr(0, lines.out.find('\n'))));
  EXPECT_EQ(zbuf({"trace", path("run.zbt"), "--csv", path("out.csv"), "--chrome", path("out.json")}).status,
            0);
  EXPECT_TRUE(json::accept(contents(path("out.json"))));
  EXPECT_EQ(zbuf({"trace", path("run.zbt"), "--csv", "/dev/null/x.csv"}).status, 2);
  const Finished piped = zbuf({"run", scenario(), "--trace", "-"});
  EXPECT_EQ(piped.status, 0);
  EXPECT_EQ(piped.out, contents(path("run.zbt")));
}

TEST_F(Cli, ADamagedRecordingIsToldAndCanBeSalvaged) {
  EXPECT_EQ(zbuf({"run", scenario(), "--trace", path("run.zbt"), "-q"}).status, 0);
  fs::resize_file(path("run.zbt"), fs::file_size(path("run.zbt")) - 100);
  EXPECT_EQ(zbuf({"trace", path("run.zbt")}).status, 2);
  const Finished salvaged = zbuf({"trace", path("run.zbt"), "--salvage"});
  EXPECT_EQ(salvaged.status, 2);
  EXPECT_THAT(salvaged.out, HasSubstr("delivered"));
}

TEST_F(Cli, WritesDeliveredPacketsOfAnotherCapture) {
  const std::string capture = scenarios + "captures/tls-session.pcap";
  const Finished run = zbuf({"run", scenario(), "--pcap", capture, "--write", path("got.pcap"), "-q"});
  EXPECT_EQ(run.status, 0) << run.out << run.err;
  const auto sent = open_capture(capture, {});
  const auto got = open_capture(path("got.pcap"), {});
  ASSERT_TRUE(sent && got);
  std::size_t packets = 0;
  for (;; ++packets) {
    const auto x = (*sent)->next();
    const auto y = (*got)->next();
    ASSERT_TRUE(x && y);
    if (!*x || !*y) // what is in the buffers at the end was not delivered
      break;
    EXPECT_TRUE(std::equal((*x)->bytes.begin(), (*x)->bytes.end(), (*y)->bytes.begin(), (*y)->bytes.end()));
  }
  EXPECT_GT(packets, 30u);
}

// ---- Options ----

TEST_F(Cli, OverridesSeedRevisionAndEnd) {
  const auto report = [&](std::vector<std::string> more) {
    std::vector<std::string> arguments = {"run", scenario(), "--json", "-"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return json::parse(zbuf(arguments).out)["scenarios"][0]["runs"][0];
  };
  EXPECT_EQ(report({"--seed", "7"})["seed"], 7);
  EXPECT_EQ(report({"--revision", "zbuf"})["revision"], "zbuf");
  EXPECT_EQ(report({"--until", "arrived == 5"})["arrived"], 5);
  EXPECT_EQ(zbuf({"run", scenario(), "--until", "arived == 5"}).status, 2);
}

TEST_F(Cli, FindsLessonsByNumberNameOrPath) {
  const Finished list = zbuf({"list"}, {"ZBUF_SCENARIOS=" + scenarios});
  EXPECT_EQ(list.status, 0);
  EXPECT_THAT(list.out, HasSubstr("The slow reader"));
  EXPECT_EQ(zbuf({"run", "1", "-q"}).status, 0);
  EXPECT_EQ(zbuf({"run", "the-loan", "-q"}).status, 0);
  EXPECT_EQ(zbuf({"check", scenarios}).status, 0);
  const Finished unknown = zbuf({"run", "the-laon"});
  EXPECT_EQ(unknown.status, 2);
  EXPECT_THAT(unknown.err, HasSubstr("did you mean \"the-loan\"?"));
  EXPECT_EQ(zbuf({"--scenarios", path("empty"), "list"}).status, 2);
}

TEST_F(Cli, EveryCommandHasHelpWithExamples) {
  for (const char* command :
       {"run", "check", "list", "trace", "attach", "convert", "stat", "doctor", "conform", "completion"}) {
    const Finished help = zbuf({command, "--help"});
    EXPECT_EQ(help.status, 0);
    EXPECT_THAT(help.out, HasSubstr("Examples:"));
  }
}

TEST_F(Cli, HelpsWhoMistypesACommand) {
  const Finished wrong = zbuf({"rnu", "4"});
  EXPECT_EQ(wrong.status, 2);
  EXPECT_THAT(wrong.err, HasSubstr("did you mean \"run\"?"));
  EXPECT_EQ(zbuf({"help"}).status, 0);
  EXPECT_THAT(zbuf({"help", "run"}).out, HasSubstr("--junit"));
}

TEST_F(Cli, CompletesEveryOption) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const Finished completion = zbuf({"completion", shell});
    EXPECT_EQ(completion.status, 0);
    EXPECT_THAT(completion.out, HasSubstr("junit"));
    EXPECT_THAT(completion.out, HasSubstr("salvage"));
  }
}

TEST_F(Cli, CompletesRevisionsAndKeys) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const Finished completion = zbuf({"completion", shell});
    for (const zb_revision& revision : zb_revisions)
      EXPECT_THAT(completion.out, HasSubstr(revision.name));
    EXPECT_THAT(completion.out, HasSubstr("reader.handle_ns"));
  }
}

TEST_F(Cli, ListsTheKeysOfAScenario) {
  const Finished all = zbuf({"list", "--keys"});
  EXPECT_EQ(all.status, 0);
  EXPECT_THAT(all.out, HasSubstr("## `[[reader]]`"));
  const Finished one = zbuf({"list", "--keys", "reader.buffer"});
  EXPECT_EQ(one.status, 0);
  EXPECT_THAT(one.out, HasSubstr("size, 32 B to 2 MiB"));
  EXPECT_THAT(one.out, testing::Not(HasSubstr("snaplen")));
  const Finished none = zbuf({"list", "--keys", "reader.bufer"});
  EXPECT_EQ(none.status, 2);
  EXPECT_THAT(none.err, HasSubstr("did you mean \"reader.buffer\"?"));
}

TEST_F(Cli, ListsEveryNameOfExpressions) {
  const Finished names = zbuf({"list", "--names"});
  EXPECT_EQ(names.status, 0);
  for (const auto& terms : {run_terms(), descriptor_terms(), buffer_terms(), counter_terms()})
    for (const TermInfo& term : terms)
      EXPECT_THAT(names.out, HasSubstr(fmt::format("| `{}` | {} |", term.name, term.text)));
  for (std::size_t kind = 0; kind < event_kinds; ++kind) {
    const char* const name = kind_info(static_cast<std::uint8_t>(kind)).name;
    EXPECT_TRUE(name == nullptr || names.out.find(fmt::format("| `{}` | ", name)) != std::string::npos)
        << name;
  }
}

// ---- Conformance ----

TEST_F(Cli, ConformsToWhatWasObserved) {
  const Finished good = zbuf({"conform", vectors + "zbuf.jsonl", vectors + "misuse.jsonl"});
  EXPECT_EQ(good.status, 0) << good.out;
  EXPECT_THAT(good.out, EndsWith(" observations, 0 differ\n"));
  const Finished old = zbuf({"conform", "--revision", "r177548", "--keep", "3", vectors + "zbuf.jsonl"});
  EXPECT_EQ(old.status, 1);
  EXPECT_EQ(std::count(old.out.begin(), old.out.end(), '\n'), 4);
  EXPECT_THAT(old.out, HasSubstr("zbuf.jsonl:"));
  EXPECT_THAT(old.out, HasSubstr(": expected "));
  EXPECT_EQ(zbuf({"conform", path("none.jsonl")}).status, 2);
  EXPECT_EQ(zbuf({"conform", write("bad.jsonl", "{}\n")}).status, 2);
}

// ---- Terminals ----

TEST_F(Cli, ColoursAreForTerminals) {
  EXPECT_THAT(zbuf({"run", scenario()}).out, Not(HasSubstr("\x1b")));
  EXPECT_THAT(zbuf({"run", scenario()}, {"TERM=xterm"}, true).out, HasSubstr("\x1b["));
  EXPECT_THAT(zbuf({"run", scenario()}, {"TERM=xterm", "NO_COLOR=1"}, true).out, Not(HasSubstr("\x1b")));
  EXPECT_THAT(zbuf({"run", scenario()}, {"TERM=dumb"}, true).out, Not(HasSubstr("\x1b")));
  EXPECT_THAT(zbuf({"--color", "always", "run", scenario()}).out, HasSubstr("\x1b["));
}

TEST_F(Cli, AnInterruptedRunLeavesACompletePartialReport) {
  for (const int signal : {SIGINT, SIGTERM}) {
    ChildProcess child(
        {ZBUF_PROGRAM, "run", long_scenario(), "--json", path("out.json"), "--trace", path("run.zbt")},
        {"LC_ALL=C.UTF-8"});
    std::error_code none;
    for (int i = 0;
         i < 3000 && (!fs::exists(path("run.zbt"), none) || fs::file_size(path("run.zbt"), none) < 1'000'000);
         ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(10)); // until it runs
    child.signal(signal);
    const Finished run = child.wait();
    EXPECT_EQ(run.status, 130);
    EXPECT_THAT(run.out, HasSubstr("partial report"));
    const json report = json::parse(contents(path("out.json")));
    EXPECT_EQ(report["scenarios"][0]["partial"], true);
    EXPECT_EQ(report["scenarios"][0]["outcome"], "interrupted");
    const auto recording = Recording::open(path("run.zbt"));
    ASSERT_TRUE(recording) << recording.error().text();
    EXPECT_TRUE(recording->partial());
    EXPECT_EQ(recording->event_count(), report["scenarios"][0]["runs"][0]["events"]);
    fs::remove(path("run.zbt"));
  }
}

// ---- The lessons ----

TEST_F(Cli, EveryLessonPassesReachesItsChaptersAndIsQuick) {
  std::size_t lessons = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator(scenarios)) {
    if (entry.path().extension() != ".toml")
      continue;
    ++lessons;
    const Finished run = zbuf({"run", entry.path().string(), "--json", "-"});
    EXPECT_EQ(run.status, 0) << entry.path() << "\n" << run.err;
    const json lesson = json::parse(run.out)["scenarios"][0];
    EXPECT_THAT(lesson["warnings"], IsEmpty()) << entry.path();
    EXPECT_GE(lesson["checks"].size(), 3u) << entry.path();
  }
  EXPECT_GE(lessons, 19u);
}

/// The canary: a lesson whose check is turned round must fail.
TEST_F(Cli, ALessonThatIsWrongFails) {
  for (const char* lesson :
       {"01-the-loan.toml", "04-the-slow-reader.toml", "13-zero-system-calls-under-load.toml"}) {
    std::string text = contents(scenarios + lesson);
    const std::string opening = "expr = \"";
    const std::size_t at = text.find(opening);
    ASSERT_NE(at, std::string::npos);
    const std::size_t end = text.find("\"\n", at + opening.size());
    text.replace(at, end - at,
                 opening + "!(" + text.substr(at + opening.size(), end - at - opening.size()) + ")");
    EXPECT_EQ(zbuf({"run", write("wrong.toml", text)}).status, 1) << lesson;
  }
}

TEST_F(Cli, ALessonAboutAFaultFailsWhereTheFaultIsNot) {
  EXPECT_EQ(zbuf({"run", "10", "--revision", "zbuf"}).status, 1);
}

// ---- Measured, not modelled ----

TEST_F(Cli, MeasuresAndWritesEveryFigure) {
  const Finished run = zbuf({"bench", "--rounds", "2", "--time", "2ms", "--size", "64,imix", "--buffer",
                             "32KiB", "--json", path("bench.json")});
  EXPECT_EQ(run.status, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("zero-copy, imix, 32 KiB, busy"));
  EXPECT_THAT(run.out, HasSubstr("bytes copied per packet"));
  const json bench = json::parse(contents(path("bench.json")));
  EXPECT_EQ(bench["format"], "zbuf-bench");
  EXPECT_EQ(bench["cases"].size(), 4u);
  EXPECT_EQ(bench["cases"][3]["rounds"].size(), 2u);
}

TEST_F(Cli, WhatCannotBeMeasuredIsRefusedBeforeAnythingRuns) {
  const auto refusal = [](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "bench");
    const Finished run = zbuf(std::move(arguments));
    EXPECT_EQ(run.status, 2);
    EXPECT_THAT(run.out, IsEmpty());
    return run.err;
  };
  EXPECT_THAT(refusal({"--buffer", "5000"}), HasSubstr("expected whole pages"));
  EXPECT_THAT(refusal({"--mode", "zero"}), HasSubstr("expected one of zero-copy, read"));
  EXPECT_THAT(refusal({"--mode", "read", "--policy", "poll"}), HasSubstr("poll is for zero-copy"));
  EXPECT_THAT(refusal({"--size", "none.pcap"}), HasSubstr("none.pcap"));
  EXPECT_THAT(refusal({"--time", "soon"}), HasSubstr("expected a duration"));
  EXPECT_THAT(refusal({"--filter", "ip protochain 6"}), HasSubstr("protochain"));
  (void)refusal({"--rounds", "0"});
}

TEST_F(Cli, RunsWithTheCostsOfAMachine) {
  const auto busy_ns = [&](const std::string& costs) {
    const Finished run = zbuf({"run", scenario(), "--costs", write("costs.toml", costs), "--json", "-"});
    EXPECT_EQ(run.status, 0) << run.err;
    return json::parse(run.out)["scenarios"][0]["runs"][0]["kernel_busy_ns_modelled"].get<std::uint64_t>();
  };
  EXPECT_EQ(busy_ns("[costs]\npacket_ns = 1000\n") - busy_ns("[costs]\npacket_ns = 500\n"), 100u * 500);
  EXPECT_EQ(zbuf({"run", scenario(), "--costs", path("none.toml")}).status, 2);
  const Finished wrong = zbuf({"run", scenario(), "--costs", write("costs.toml", "[costs]\npaket_ns = 1\n")});
  EXPECT_EQ(wrong.status, 2);
  EXPECT_THAT(wrong.err,
              HasSubstr("costs.toml:2:1: [costs] has no key \"paket_ns\"; did you mean \"packet_ns\"?"));
}

} // namespace
} // namespace zbuf
