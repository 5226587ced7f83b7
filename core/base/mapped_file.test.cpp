// SPDX-License-Identifier: BSD-2-Clause
#include "core/base/mapped_file.h"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <thread>
#include <unistd.h>

/// AddressSanitizer asks this at its start, and then leaves the signal to the program and the system.
extern "C" const char* __asan_default_options() {
  return "handle_sigbus=0";
}

namespace zbuf {
namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

class Mapped : public testing::Test {
 protected:
  Mapped() { fs::create_directory(folder_); }
  ~Mapped() override { fs::remove_all(folder_); }

  void write(const std::string& path, std::size_t size, char with = 'x') {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << std::string(size, with);
  }
  std::string why(const MappedFile& file, Error::Code code, bool whole = true) {
    const auto error = file.fate(whole);
    EXPECT_TRUE(error);
    EXPECT_TRUE(!error || error->code == code);
    return error ? error->text() : std::string();
  }

  const std::string folder_ = testing::TempDir() + "zbuf-mapped-" + std::to_string(::getpid());
  const std::string path_ = folder_ + "/file";
  const std::size_t page_ = static_cast<std::size_t>(::getpagesize());
};

TEST_F(Mapped, ThatWasCutReadsAsZerosAndSaysSo) {
  write(path_, 8 * page_);
  MappedFile file, other;
  ASSERT_TRUE(file.open(path_, "the recording"));
  ASSERT_TRUE(other.open(path_, "the recording"));
  EXPECT_FALSE(file.fate(true));
  fs::resize_file(path_, page_ + 1);
  EXPECT_EQ(file.bytes()[page_ - 1], std::byte{'x'});
  EXPECT_FALSE(file.lost());
  std::size_t zeros = 0;
  std::thread reader([&] {
    for (std::size_t i = 2 * page_; i < file.bytes().size(); ++i)
      zeros += file.bytes()[i] == std::byte{0};
  });
  reader.join();
  EXPECT_EQ(zeros, 6 * page_);
  EXPECT_TRUE(file.lost());
  EXPECT_FALSE(other.lost());
  EXPECT_THAT(why(file, Error::Code::bad_input),
              HasSubstr("file: the recording was cut while it was open: it had"));
  EXPECT_THAT(why(other, Error::Code::bad_input), HasSubstr("Open it again"));
  MappedFile again;
  ASSERT_TRUE(again.open(path_, "the recording"));
  EXPECT_EQ(again.bytes().size(), page_ + 1);
  // What is lost stays lost, also when the file has grown again.
  fs::resize_file(path_, 8 * page_);
  EXPECT_TRUE(file.fate(true));
  EXPECT_FALSE(file.map_new_bytes(0));
}

TEST_F(Mapped, ThatWasReplacedStaysAsItWas) {
  write(path_, 2 * page_);
  MappedFile file;
  ASSERT_TRUE(file.open(path_, "the recording"));
  write(path_ + ".new", page_, 'y');
  fs::rename(path_ + ".new", path_);
  EXPECT_THAT(why(file, Error::Code::not_found), HasSubstr("was replaced by another file"));
  fs::remove(path_);
  EXPECT_THAT(why(file, Error::Code::not_found), HasSubstr("no longer there"));
  for (const std::byte byte : file.bytes())
    ASSERT_EQ(byte, std::byte{'x'});
  EXPECT_FALSE(file.lost());
}

TEST_F(Mapped, MayGrowUntilItIsWhole) {
  write(path_, 10);
  MappedFile file;
  ASSERT_TRUE(file.open(path_, "the recording"));
  const std::span<const std::byte> before = file.bytes();
  std::ofstream(path_, std::ios::app) << std::string(10 * page_, 'z');
  EXPECT_FALSE(file.fate(false));
  EXPECT_THAT(why(file, Error::Code::bad_input), HasSubstr("was written to after its end"));
  ASSERT_TRUE(file.map_new_bytes(10));
  EXPECT_EQ(file.bytes().size(), 10 * page_ + 10);
  EXPECT_EQ(before[9], std::byte{'x'}) << "spans stay good";
  EXPECT_FALSE(file.fate(true));
}

TEST_F(Mapped, SaysWhyItCannotBeOpened) {
  MappedFile missing, folder;
  const auto none = missing.open(path_, "the recording");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, Error::Code::not_found);
  EXPECT_THAT(none.error().text(), HasSubstr("the recording cannot be opened: No such file"));
  EXPECT_FALSE(folder.open(folder_, "the recording"));
  EXPECT_FALSE(missing.fate(true));
}

using MappedDeathTest = Mapped;

TEST_F(MappedDeathTest, LeavesEveryOtherBusErrorAlone) {
  write(path_, page_);
  EXPECT_EXIT(
      {
        MappedFile file;
        (void)file.open(path_, "the recording");
        ::raise(SIGBUS);
        ::raise(SIGBUS);
      },
      testing::KilledBySignal(SIGBUS), "");
}

} // namespace
} // namespace zbuf
