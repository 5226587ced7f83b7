// SPDX-License-Identifier: BSD-2-Clause
// Every recorded observation of FreeBSD's kernel, replayed on this one.
#include "core/observation/conform.h"

#include "tests/kernel/machine.h"

#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

namespace zbuf {
namespace {

constexpr std::size_t all_of_them = 1'000'000;

Conformance replay_all(const MakeBed& beds) {
  Conformance result;
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/vectors")) {
    std::ifstream file(entry.path());
    std::stringstream text;
    text << file.rdbuf();
    const auto done = replay_observations(text.str(), entry.path().filename(), beds, result, all_of_them);
    EXPECT_TRUE(done.has_value()) << (done ? "" : done.error().text());
    ++files;
  }
  EXPECT_EQ(files, 6u);
  return result;
}

std::string shown(const Difference& d) {
  return fmt::format("{}:{} {} {} expected {} found {}", d.case_name, d.line, d.operation, d.field,
                     d.expected, d.found);
}

std::vector<std::string> shown(const Conformance& result) {
  std::vector<std::string> lines;
  for (const Difference& difference : result.differences)
    lines.push_back(shown(difference));
  std::sort(lines.begin(), lines.end());
  return lines;
}

MakeBed native_beds() {
  return [] { return std::make_shared<NativeBed>(); };
}

TEST(Conformance, StrictlyAsFreeBsd) {
  const ScopedSysctl strict("net.bpf.strict", 1), hz("net.bpf.hz", 100);
  const TapInterface keep("spare0"); // the tap of the cases is not the only interface
  const Conformance found = replay_all(native_beds());
  EXPECT_EQ(found.cases, 491u);
  EXPECT_EQ(found.observations, 21656u);
  EXPECT_EQ(found.differing, 0u);
  for (std::size_t i = 0; i < std::min<std::size_t>(found.differences.size(), 20); ++i)
    ADD_FAILURE() << shown(found.differences[i]);
}

/// The mended revision differs from FreeBSD, and just as it does where it is emulated.
TEST(Conformance, MendedOnlyWhereMeant) {
  const ScopedSysctl strict("net.bpf.strict", 0), hz("net.bpf.hz", 100);
  const Conformance found = replay_all(native_beds());
  const Conformance meant = replay_all(emulated_beds(zb_revisions[ZB_ZBUF]));
  EXPECT_GT(meant.differing, 0u);
  EXPECT_EQ(found.differing, meant.differing);
  const auto ours = shown(found), theirs = shown(meant);
  EXPECT_EQ(ours.size(), theirs.size());
  for (std::size_t i = 0, told = 0; i < std::min(ours.size(), theirs.size()) && told < 20; ++i)
    if (ours[i] != theirs[i]) {
      ADD_FAILURE() << "here:     " << ours[i] << "\nemulated: " << theirs[i];
      ++told;
    }
}

} // namespace
} // namespace zbuf
