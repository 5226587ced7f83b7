// SPDX-License-Identifier: BSD-2-Clause
#include "core/base/output_file.h"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <iterator>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace zbuf {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
namespace fs = std::filesystem;
using Kind = OutputFile::Kind;

class Output : public testing::Test {
 protected:
  Output() { fs::create_directory(folder_); }
  ~Output() override { fs::remove_all(folder_); }

  void put(const std::string& text) const { std::ofstream(path_, std::ios::trunc) << text; }
  [[nodiscard]] static std::string text_in(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator(folder_))
      found.push_back(entry.path().filename().string());
    std::sort(found.begin(), found.end());
    return found;
  }
  [[nodiscard]] OutputFile open(Kind kind = Kind::finished) const {
    auto file = OutputFile::open(path_, kind);
    EXPECT_TRUE(file) << file.error().text();
    return file ? std::move(*file) : OutputFile();
  }

  const std::string folder_ = testing::TempDir() + "zbuf-output-" + std::to_string(::getpid());
  const std::string path_ = folder_ + "/out.json";
};

/// Runs `write` where no file may have more bytes: the disk is full there; or, if `kill`, the process is
/// gone.
void write_at_most(rlim_t bytes, bool kill, const std::function<void()>& write) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const rlimit limit{bytes, bytes}, no_core{0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
    ::setrlimit(RLIMIT_FSIZE, &limit);
    ::signal(SIGXFSZ, kill ? SIG_DFL : SIG_IGN);
    write();
    ::_exit(0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(kill ? WIFSIGNALED(status) || status == 0 : status == 0);
}

TEST_F(Output, IsThereWhenItIsComplete) {
  put("old");
  {
    OutputFile file = open();
    EXPECT_THAT(names(), ElementsAre("out.json"));
    ASSERT_TRUE(file.append("new "));
    EXPECT_EQ(text_in(path_), "old");
    ASSERT_TRUE(file.append("text"));
    ASSERT_TRUE(file.complete());
    EXPECT_EQ(text_in(path_), "new text");
  }
  {
    OutputFile file = open();
    ASSERT_TRUE(file.append("half of"));
  }
  EXPECT_EQ(text_in(path_), "new text");
  ASSERT_TRUE(open().write(""));
  EXPECT_EQ(text_in(path_), "");
  EXPECT_THAT(names(), ElementsAre("out.json"));
}

TEST_F(Output, ThatGrowsMovesTheOldOneAwayUntilItIsComplete) {
  put("old");
  {
    OutputFile file = open(Kind::grows);
    EXPECT_EQ(text_in(path_), "old") << "until there is something";
    ASSERT_TRUE(file.append("one,"));
    EXPECT_EQ(text_in(path_), "one,");
    EXPECT_EQ(file.kept(), path_ + "~");
    EXPECT_EQ(text_in(file.kept()), "old");
    ASSERT_TRUE(file.append("two"));
    ASSERT_TRUE(file.complete());
  }
  EXPECT_THAT(names(), ElementsAre("out.json"));
  EXPECT_EQ(text_in(path_), "one,two");
  {
    OutputFile file = open(Kind::grows);
    ASSERT_TRUE(file.append("three"));
  }
  {
    OutputFile file = open(Kind::grows);
    ASSERT_TRUE(file.append("four"));
  }
  EXPECT_EQ(text_in(path_), "four");
  EXPECT_THAT(names(), ElementsAre("out.json", "out.json~", "out.json~2~"));
  EXPECT_EQ(text_in(path_ + "~"), "one,two");
  EXPECT_EQ(text_in(path_ + "~2~"), "three");
}

TEST_F(Output, LeavesTheOldOrTheNewWhereverTheDiskIsFull) {
  const std::string text = "what is new, and long enough";
  for (const bool kill : {false, true})
    for (rlim_t bytes = 0; bytes <= text.size(); ++bytes) {
      put("old");
      write_at_most(bytes, kill, [&] {
        OutputFile file = open();
        bool good = true;
        for (const char c : text)
          good = good && file.append({&c, 1});
        if (good)
          (void)!file.complete();
      });
      EXPECT_EQ(text_in(path_), bytes < text.size() ? "old" : text) << bytes << kill;
      if (!kill) {
        EXPECT_THAT(names(), ElementsAre("out.json")) << bytes;
      }
    }
}

TEST_F(Output, ThatGrowsLosesNothingWhereverTheDiskIsFull) {
  const std::string text = "what is new, and long enough";
  for (const bool kill : {false, true})
    for (rlim_t bytes = 0; bytes <= text.size(); ++bytes) {
      fs::remove_all(folder_);
      fs::create_directory(folder_);
      put("old");
      write_at_most(bytes, kill, [&] {
        OutputFile file = open(Kind::grows);
        bool good = true;
        for (const char c : text)
          good = good && file.append({&c, 1});
        if (good)
          (void)!file.complete();
      });
      EXPECT_EQ(text_in(path_), bytes == 0 ? "old" : text.substr(0, bytes)) << bytes << kill;
      if (bytes > 0 && bytes < text.size()) {
        EXPECT_EQ(text_in(path_ + "~"), "old") << bytes << kill;
      }
    }
}

TEST_F(Output, KeepsModeAndLink) {
  put("old");
  ::chmod(path_.c_str(), 0640);
  const std::string link = folder_ + "/link";
  fs::create_symlink("out.json", link);
  auto file = OutputFile::open(link);
  ASSERT_TRUE(file);
  ASSERT_TRUE(file->write("new"));
  EXPECT_TRUE(fs::is_symlink(link));
  EXPECT_EQ(text_in(path_), "new");
  EXPECT_EQ(static_cast<unsigned>(fs::status(path_).permissions()), 0640u);
  fs::remove(path_); // a link to nothing
  file = OutputFile::open(link);
  ASSERT_TRUE(file);
  ASSERT_TRUE(file->write("again"));
  EXPECT_EQ(text_in(path_), "again");
}

TEST_F(Output, NeedsNoPathOnceItIsOpen) {
  put("old");
  OutputFile file = open(), growing = std::move(*OutputFile::open(folder_ + "/growing", Kind::grows));
  fs::rename(folder_, folder_ + "-moved");
  ASSERT_TRUE(file.write("new"));
  ASSERT_TRUE(growing.write("new"));
  fs::rename(folder_ + "-moved", folder_);
  EXPECT_EQ(text_in(path_), "new");
  EXPECT_EQ(text_in(folder_ + "/growing"), "new");
}

TEST_F(Output, WritesDirectlyToWhatIsNoFile) {
  const auto written = [](const std::string& path) -> Result<void> {
    auto file = OutputFile::open(path);
    return file ? file->write("x") : fail(file.error());
  };
  EXPECT_TRUE(written("/dev/null"));
  EXPECT_TRUE(written(""));
  EXPECT_FALSE(fs::is_regular_file("/dev/null"));
  if (fs::exists("/dev/full")) {
    const auto full = written("/dev/full");
    ASSERT_FALSE(full);
    EXPECT_THAT(full.error().text(), HasSubstr("/dev/full: cannot be written: No space left on device"));
  }
}

TEST_F(Output, SaysBeforehandThatItCannotBeWritten) {
  for (const std::string& path : {folder_ + "/no/file", folder_, folder_ + "/", std::string("/dev/null/x")}) {
    const auto file = OutputFile::open(path);
    ASSERT_FALSE(file) << path;
    EXPECT_EQ(file.error().code, Error::Code::io);
    EXPECT_THAT(file.error().text(), HasSubstr("cannot be written: ")) << path;
    EXPECT_THAT(file.error().text(), HasSubstr("folder that you may write to")) << path;
  }
  EXPECT_THAT(names(), IsEmpty());
}

} // namespace
} // namespace zbuf
