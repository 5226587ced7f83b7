// SPDX-License-Identifier: BSD-2-Clause
// The emulation against what a real FreeBSD 13.2 kernel did (vectors/README.md): every field of every
// observation.
#include "core/observation/conform.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

namespace zbuf {
namespace {

constexpr std::uint64_t recorded_observations = 21656;
constexpr std::uint64_t recorded_cases = 491;

std::string contents(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  EXPECT_FALSE(text.str().empty()) << path;
  return text.str();
}

std::vector<std::filesystem::path> vectors() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(ZBUF_SOURCE_DIR "/tests/vectors/freebsd-13.2"))
    paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  return paths;
}

Conformance replay_all(const zb_revision& revision) {
  Conformance found;
  for (const auto& path : vectors()) {
    const auto done = replay_observations(contents(path), path.filename(), emulated_beds(revision), found);
    EXPECT_TRUE(done) << done.error().text();
  }
  return found;
}

TEST(Conformance, FreebsdDoesWhatTheRealKernelDid) {
  const Conformance found = replay_all(zb_revisions[ZB_FREEBSD]);
  EXPECT_EQ(found.cases, recorded_cases);
  EXPECT_EQ(found.observations, recorded_observations);
  EXPECT_EQ(found.differing, 0u);
  for (const Difference& d : found.differences)
    ADD_FAILURE() << d.case_name << ", line " << d.line << ": " << d.operation << ": " << d.field << " is "
                  << d.found << ", recorded " << d.expected;
}

class OtherRevision : public ::testing::TestWithParam<zb_revision_number> {};
INSTANTIATE_TEST_SUITE_P(Conformance, OtherRevision,
                         ::testing::Values(ZB_R177548, ZB_2008_04, ZB_R180310, ZB_ZBUF));

TEST_P(OtherRevision, DiffersSoTheComparisonCanFail) {
  const Conformance found = replay_all(zb_revisions[GetParam()]);
  EXPECT_EQ(found.observations, recorded_observations);
  EXPECT_GT(found.differing, 0u);
  EXPECT_LT(found.differing, recorded_observations);
  EXPECT_FALSE(found.differences.empty());
}

// ---- What a difference says ----

Result<Conformance> replay(const std::string& text, std::size_t keep = 20) {
  Conformance found;
  return replay_observations(text, "some.jsonl", emulated_beds(zb_revisions[ZB_FREEBSD]), found, keep)
      .map([&] { return found; });
}

TEST(Conformance, ADifferenceNamesCaseLineOperationAndField) {
  const auto found = replay("{\"case\":\"one\"}\n"
                            "{\"op\":\"open\",\"errno\":0,\"obs\":{\"detached\":1}}\n"
                            "\n"
                            "{\"op\":\"setblen\",\"args\":[\"4096\"],\"errno\":0,\"value\":4095}\n"
                            "{\"op\":\"setif\",\"obs\":{\"bufsize\":4096,\"nosuch\":3}}\n");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->observations, 3u);
  EXPECT_EQ(found->differing, 2u);
  ASSERT_EQ(found->differences.size(), 2u);
  const Difference& value = found->differences[0];
  EXPECT_EQ(value.case_name, "one");
  EXPECT_EQ(value.line, 4u);
  EXPECT_EQ(value.operation, "setblen 4096");
  EXPECT_EQ(value.field, "value");
  EXPECT_EQ(value.expected, "4095");
  EXPECT_EQ(value.found, "4096");
  EXPECT_EQ(found->differences[1].field, "obs.nosuch");
  EXPECT_EQ(found->differences[1].found, "nothing");
}

TEST(Conformance, KeepsAsManyDifferencesAsAskedFor) {
  std::string text = "{\"case\":\"one\"}\n";
  for (int i = 0; i < 30; ++i)
    text += "{\"op\":\"open\",\"errno\":1}\n";
  const auto found = replay(text, 7);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->differing, 30u);
  EXPECT_EQ(found->differences.size(), 7u);
}

TEST(Conformance, EachCaseHasAMachineOfItsOwn) {
  const auto found = replay("{\"case\":\"one\"}\n{\"op\":\"ifgone\"}\n"
                            "{\"case\":\"two\"}\n{\"op\":\"open\"}\n{\"op\":\"setif\",\"errno\":0}");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->cases, 2u);
  EXPECT_EQ(found->differing, 0u);
}

TEST(Conformance, NothingIsNoObservations) {
  const auto found = replay("");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->observations, 0u);
}

// ---- What is not an observation ----

struct Malformed {
  const char* line;
  const char* message; ///< part of it
};

void PrintTo(const Malformed& malformed, std::ostream* out) {
  *out << malformed.message;
}

class MalformedLine : public ::testing::TestWithParam<Malformed> {};
INSTANTIATE_TEST_SUITE_P(
    Conformance, MalformedLine,
    ::testing::Values(Malformed{"open", "not a JSON object"}, Malformed{"[1,2]", "not a JSON object"},
                      Malformed{"{\"op\":\"open\"", "not a JSON object"},
                      Malformed{"{}", "neither \"case\" nor \"op\""},
                      Malformed{"{\"case\":7}", "not a string"},
                      Malformed{"{\"op\":7}", "neither \"case\" nor \"op\""},
                      Malformed{"{\"op\":\"opne\"}", "\"opne\": no such operation"},
                      Malformed{"{\"op\":\"pkt\",\"args\":\"60\"}", "not an array"},
                      Malformed{"{\"op\":\"pkt\",\"args\":[60]}", "not a string"},
                      Malformed{"{\"op\":\"pkt\",\"args\":[\"6\"]}", "expected pkt LENGTH"},
                      Malformed{"{\"op\":\"ack\"}", "expected ack a|b"},
                      Malformed{"{\"op\":\"open\",\"x\":\"\xff\"}", "not a JSON object"}));

TEST_P(MalformedLine, IsAnErrorWithItsPlace) {
  const auto found = replay("{\"case\":\"one\"}\n{\"op\":\"open\"}\n" + std::string(GetParam().line) + "\n");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, Error::Code::bad_input);
  EXPECT_EQ(found.error().file, "some.jsonl");
  EXPECT_EQ(found.error().line, 3u);
  EXPECT_NE(found.error().message.find(GetParam().message), std::string::npos) << found.error().message;
}

TEST(Conformance, AnOperationWithoutACaseIsAnError) {
  const auto found = replay("{\"op\":\"open\"}\n{\"case\":\"one\"}\n");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().line, 1u);
  EXPECT_NE(found.error().message.find("before the first"), std::string::npos);
}

} // namespace
} // namespace zbuf
