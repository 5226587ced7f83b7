// SPDX-License-Identifier: BSD-2-Clause
// What cannot be used, as a shell gives it to zbuf: a sentence, exit status 2, and soon.
#include "core/cli/test_process.h"

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace zbuf {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

class Rubbish : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("zbuf-rubbish-" + std::to_string(::getpid()));
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  [[nodiscard]] std::string path(const std::string& name) const { return (folder_ / name).string(); }
  static Finished zbuf(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), ZBUF_PROGRAM);
    return ChildProcess(std::move(arguments)).wait();
  }
  /// What it says of it.
  static std::string refusal(const std::vector<std::string>& arguments) {
    const Finished run = zbuf(arguments);
    EXPECT_EQ(run.status, 2) << testing::PrintToString(arguments) << run.out << run.err;
    EXPECT_THAT(run.err, Not(HasSubstr("terminate"))) << testing::PrintToString(arguments);
    return run.err;
  }
  /// A recording.
  std::string recording() {
    const std::string file = path("run.zbt");
    EXPECT_EQ(zbuf({"run", "4", "-q", "--trace", file}).status, 0);
    return file;
  }

 private:
  fs::path folder_;
};

TEST_F(Rubbish, AFileWithoutEndIsRefusedSoon) {
  for (const char* const command : {"run", "check", "conform"})
    EXPECT_THAT(refusal({command, "/dev/zero"}), HasSubstr("/dev/zero: has more than")) << command;
  EXPECT_THAT(refusal({"run", "4", "--costs", "/dev/zero"}), HasSubstr("expected a file of costs"));
  EXPECT_THAT(refusal({"bench", "--costs", "/dev/zero"}), HasSubstr("expected a file of costs"));
  EXPECT_THAT(refusal({"bench", "--from", "/dev/zero"}), HasSubstr("expected a result of zbuf bench"));
}

TEST_F(Rubbish, AFolderIsNoFile) {
  const std::string folder = path("");
  EXPECT_THAT(refusal({"conform", folder}), HasSubstr("is a folder; expected observations"));
  EXPECT_THAT(refusal({"run", "4", "--costs", folder}), HasSubstr("is a folder; expected a file of costs"));
  EXPECT_THAT(refusal({"bench", "--from", folder}), HasSubstr("is a folder; expected a result"));
  EXPECT_THAT(refusal({"trace", folder}),
              HasSubstr("the recording is to be a regular file, and this is none"));
}

TEST_F(Rubbish, NothingObservedIsNothingProved) {
  std::ofstream{path("empty.jsonl")}.close();
  EXPECT_THAT(refusal({"conform", path("empty.jsonl")}),
              HasSubstr("nothing is in it; expected observations"));
}

TEST_F(Rubbish, AnEmptyNameIsNoWishToHaveNoFile) {
  for (const char* const option : {"--json", "--junit", "--trace", "--write", "--costs"})
    EXPECT_THAT(refusal({"run", "4", option, ""}), HasSubstr(std::string(option) + ": the name")) << option;
}

TEST_F(Rubbish, AnUnknownOptionIsNamedWhereSomethingIsMissingToo) {
  EXPECT_THAT(refusal({"run", "--bogus"}), HasSubstr("--bogus"));
  EXPECT_THAT(refusal({"trace", "--bogus"}), HasSubstr("--bogus"));
  EXPECT_THAT(refusal({"--color", "bogus", "list"}), HasSubstr("bogus: expected auto, always or never"));
}

TEST_F(Rubbish, OptionsThatWouldDoNothingAreRefused) {
  const std::string file = recording();
  EXPECT_THAT(refusal({"trace", file, "--from", "3"}), HasSubstr("--events"));
  EXPECT_THAT(refusal({"trace", file, "--kind", "dropped"}), HasSubstr("--events"));
  EXPECT_THAT(refusal({"trace", file, "--descriptor", "1"}), HasSubstr("--pcap"));
  EXPECT_THAT(refusal({"trace", file, "--events", "--count", "-1"}), HasSubstr("not in range 1 to"));
  EXPECT_THAT(refusal({"trace", file, "--events", "--from", "100000000"}), HasSubstr("the number of events"));
  EXPECT_THAT(refusal({"trace", file, "--csv", "-", "--jsonl", "-"}), HasSubstr("for one of"));
  EXPECT_THAT(refusal({"convert", std::string(ZBUF_SOURCE_DIR) + "/scenarios/captures/http-download.pcap",
                       path("x.zbt"), "--buffer", "1"}),
              HasSubstr("\"1\": expected a size"));
}

TEST_F(Rubbish, WhatCannotBeMadeIsRefused) {
  EXPECT_THAT(refusal({"convert", recording(), path("x.pcapng")}), HasSubstr("expected a recording (.zbt)"));
  EXPECT_FALSE(fs::exists(path("x.pcapng")));
  EXPECT_THAT(refusal({"attach", "lo", "--trace", "-"}), HasSubstr("a recording is no stream"));
#ifdef __linux__
  EXPECT_THAT(refusal({"exec", "--trace", "-", "--", "/bin/true"}), HasSubstr("a recording is no stream"));
#endif
}

TEST_F(Rubbish, SalvageIsOfferedWhereItHelps) {
  EXPECT_THAT(refusal({"trace", path("none.zbt")}), Not(HasSubstr("--salvage")));
  const std::string file = recording();
  fs::resize_file(file, fs::file_size(file) / 2);
  EXPECT_THAT(refusal({"trace", file}), HasSubstr("can be had with --salvage"));
}

TEST_F(Rubbish, WhatWasNotWrittenIsNotGood) {
  if (!fs::exists("/dev/full"))
    GTEST_SKIP() << "there is no /dev/full here";
  for (const char* const command :
       {"list", "run 4", "doctor --json", "completion bash", "--help", "trace --help"}) {
    const Finished run =
        ChildProcess({"/bin/sh", "-c", ZBUF_PROGRAM " " + std::string(command) + " > /dev/full"}).wait();
    EXPECT_EQ(run.status, 2) << command;
    EXPECT_THAT(run.err, HasSubstr("standard output: cannot be written: No space left on device")) << command;
  }
  const Finished lines = zbuf({"bench", "--time", "1ms", "--rounds", "3", "--json-lines", "/dev/full"});
  EXPECT_EQ(lines.status, 2);
  EXPECT_EQ(lines.err, "/dev/full: cannot be written: No space left on device\n") << "once";
}

} // namespace
} // namespace zbuf
