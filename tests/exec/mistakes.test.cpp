// SPDX-License-Identifier: BSD-2-Clause
// Each kind of mistake that `zbuf exec` knows, made by a program: told by its id, and nobody else accused.
#include "core/cli/test_process.h"
#include "core/exec/mistake_kinds.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <unistd.h>

namespace zbuf {
namespace {

using nlohmann::json;
using Ids = std::set<std::string>;

struct Outcome {
  Finished finished;
  json report{};
  Ids mistakes{}, notes{};
};

Outcome exec(const std::string& which, const std::string& seconds,
             const std::vector<std::string>& options = {}) {
  std::vector<std::string> command{ZBUF_PROGRAM, "exec", "--traffic", "rate=50kpps,sizes=imix",
                                   "--json",     "-"};
  command.insert(command.end(), options.begin(), options.end());
  command.insert(command.end(),
                 {"--", "/bin/sh", "-c",
                  "exec '" ZBUF_MISTAKES_PROGRAM "' em0 " + seconds + " " + which + " >/dev/null"});
  Outcome run{ChildProcess(command).wait()};
  run.report = json::parse(run.finished.out, nullptr, false);
  EXPECT_FALSE(run.report.is_discarded()) << run.finished.out << run.finished.err;
  if (!run.report.is_discarded())
    for (const json& descriptor : run.report["descriptors"])
      for (const json& one : descriptor["mistakes"])
        (one["is_mistake"] == true ? run.mistakes : run.notes).insert(one["id"].get<std::string>());
  return run;
}

struct Wrong {
  const char* which;
  Ids ids;
};
void PrintTo(const Wrong& wrong, std::ostream* out) {
  *out << wrong.which;
}
class Mistaken : public ::testing::TestWithParam<Wrong> {};
INSTANTIATE_TEST_SUITE_P(
    Exec, Mistaken,
    ::testing::Values(Wrong{"stops", {"stopped-acknowledging"}}, Wrong{"rotzbuf", {"believed-rotzbuf"}},
                      Wrong{"again", {"wiped-loan"}}, Wrong{"stack", {"lent-stack"}},
                      Wrong{"unaligned", {"refused-call"}}, Wrong{"early", {"refused-call"}},
                      Wrong{"no-mode", {"refused-call"}}, Wrong{"one", {"aliased-buffers"}},
                      Wrong{"overlap", {"aliased-buffers"}}, Wrong{"unmaps", {"unmapped-loan"}},
                      Wrong{"remaps", {"remapped-loan"}}, Wrong{"frees", {"freed-loan"}},
                      Wrong{"length-first", {"ignored-generations"}}, Wrong{"poll", {"ignored-generations"}},
                      Wrong{"both", {"waited-for-both"}}, Wrong{"writes", {"wrote-after-return"}},
#ifdef __x86_64__
                      Wrong{"no-align", {"walked-unaligned"}}, Wrong{"sizeof", {"walked-by-sizeof"}},
                      Wrong{"datalen", {"walked-by-datalen"}}, Wrong{"no-header", {"forgot-header"}},
                      Wrong{"counts", {"acknowledged-by-counting"}},
#endif
                      Wrong{"clears", {"cleared-header", "wrote-after-return"}}),
    [](const auto& info) {
      std::string name = info.param.which;
      std::replace(name.begin(), name.end(), '-', '_');
      return name;
    });

/// More seconds where the machine is slow: the mistake may not have come to anything yet.
TEST_P(Mistaken, IsToldByItsId) {
  Outcome run;
  for (const char* const seconds : {"0.4", "2", "8"}) {
    run = exec(GetParam().which, seconds);
    if (run.mistakes == GetParam().ids)
      break;
  }
  EXPECT_EQ(run.mistakes, GetParam().ids) << run.finished.err;
  EXPECT_EQ(run.finished.status, 1) << "a mistake was seen";
  EXPECT_EQ(run.finished.err.find("no mistake"), std::string::npos) << run.finished.err;
}

class Right : public ::testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Exec, Right,
                         ::testing::Values("none", "copied-header", "static", "heap", "fallback",
                                           "reattached"),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST_P(Right, IsNotAccused) {
  const Outcome run = exec(GetParam(), "0.4");
  EXPECT_EQ(run.mistakes, Ids{}) << run.finished.err;
  EXPECT_EQ(run.finished.status, 0) << run.finished.err;
  EXPECT_NE(run.finished.err.find("no mistake was seen"), std::string::npos) << run.finished.err;
}

TEST(ExecMistakes, ARefusedCallHasItsErrorAndTheReason) {
  const Outcome run = exec("unaligned", "0.1");
  const json& first = run.report["descriptors"][0]["mistakes"][0];
  EXPECT_EQ(first["request"], "BIOCSETZBUF");
  EXPECT_EQ(first["errno"], "EINVAL");
  EXPECT_NE(first["text"].get<std::string>().find("bz_bufa, 0x"), std::string::npos) << first;
  EXPECT_NE(first["text"].get<std::string>().find("a multiple of 4096"), std::string::npos) << first;
}

TEST(ExecMistakes, AnInterfaceThatIsNotThereIsAnsweredWithTheOneThatIs) {
  const Outcome run = exec("interface", "0.1");
  EXPECT_EQ(run.mistakes, Ids{}) << "it may have meant to try";
  EXPECT_EQ(run.notes, Ids{"refused-call"});
  EXPECT_NE(run.finished.out.find(R"(there is no interface \"nosuch0\" here; there is em0)"),
            std::string::npos)
      << run.finished.out;
}

TEST(ExecMistakes, TheStatusOfTheProgramCanBeKept) {
  const Outcome run = exec("one", "0.1", {"--keep-status"});
  EXPECT_EQ(run.mistakes, Ids{"aliased-buffers"});
  EXPECT_EQ(run.finished.status, 0);
}

TEST(ExecMistakes, JunitHasACaseForEachKind) {
  const std::string command = std::string("exec '") + ZBUF_MISTAKES_PROGRAM + "' em0 0.1 one >/dev/null";
  const auto run =
      ChildProcess({ZBUF_PROGRAM, "exec", "--junit", "-", "--", "/bin/sh", "-c", command}).wait();
  const std::string counts = "tests=\"" + std::to_string(exec::mistake_kinds + 1) + "\" failures=\"1\"";
  EXPECT_NE(run.out.find(counts), std::string::npos) << run.out;
  EXPECT_NE(run.out.find("name=\"aliased-buffers\"><failure message=\"bpf0: at "), std::string::npos)
      << run.out;
  EXPECT_NE(run.out.find("name=\"kept-one\"/>"), std::string::npos) << run.out;
}

TEST(ExecMistakes, IdsAreOfTheirOwnAndLessonsExist) {
  Ids ids;
  for (const exec::MistakeInfo& info : exec::mistake_table) {
    EXPECT_TRUE(ids.insert(info.id).second) << info.id;
    EXPECT_EQ(::access((std::string(ZBUF_SOURCE_DIR "/scenarios/") + info.lesson + ".toml").c_str(), R_OK), 0)
        << info.lesson;
  }
}

} // namespace
} // namespace zbuf
