// SPDX-License-Identifier: BSD-2-Clause
#include "core/base/read_file.h"

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

namespace zbuf {
namespace {

using testing::HasSubstr;

constexpr std::size_t mebibyte = 1 << 20;

std::string why(const std::string& path, std::size_t most = mebibyte) {
  const auto text = read_file(path, "a scenario", most);
  EXPECT_FALSE(text) << path;
  return text ? std::string() : text.error().text();
}

TEST(ReadFile, GivesAllOfIt) {
  const std::string path = testing::TempDir() + "zbuf-read-file-" + std::to_string(::getpid());
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{65536}, mebibyte}) {
    const std::string text(size, 'x');
    std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
    const auto read = read_file(path, "a scenario", mebibyte);
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_EQ(*read, text);
  }
  std::ofstream(path, std::ios::app) << 'y';
  EXPECT_THAT(why(path), HasSubstr("has more than 1 MiB; expected a scenario"));
  std::filesystem::remove(path);
}

TEST(ReadFile, ReadsAPipe) {
  const std::string path = testing::TempDir() + "zbuf-read-pipe-" + std::to_string(::getpid());
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  std::thread writer([&] {
    std::ofstream out(path);
    for (int i = 0; i < 100; ++i)
      out << std::string(1000, 'z') << std::flush;
  });
  const auto read = read_file(path, "a scenario", mebibyte);
  writer.join();
  std::filesystem::remove(path);
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ(*read, std::string(100'000, 'z'));
}

TEST(ReadFile, SaysWhyNot) {
  EXPECT_THAT(why("/dev/zero"), HasSubstr("/dev/zero: has more than 1 MiB; expected a scenario"));
  EXPECT_THAT(why("/"), HasSubstr("/: is a folder; expected a scenario"));
  EXPECT_THAT(why("/no/such/file"), HasSubstr("/no/such/file: no such file; expected a scenario"));
  EXPECT_THAT(why("/dev/null/x"), HasSubstr("cannot be read: Not a directory"));
  EXPECT_THAT(why(""), HasSubstr("\"\": no such file"));
}

} // namespace
} // namespace zbuf
