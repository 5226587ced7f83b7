// SPDX-License-Identifier: BSD-2-Clause
#include "core/cli/window_program.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <spawn.h>
#include <string_view>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#if defined(__FreeBSD__)
#include <sys/types.h>

#include <sys/sysctl.h>
#endif

extern char** environ;

namespace zbuf {

namespace fs = std::filesystem;

namespace {

bool is_program(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error) && ::access(path.c_str(), X_OK) == 0;
}

} // namespace

std::string program_path() {
  std::array<char, 4096> path{};
#if defined(__FreeBSD__)
  const int name[] = {CTL_KERN, KERN_PROC, KERN_PROC_PATHNAME, -1};
  std::size_t size = path.size();
  return ::sysctl(name, 4, path.data(), &size, nullptr, 0) == 0 ? path.data() : "zbuf";
#else
  const ssize_t length = ::readlink("/proc/self/exe", path.data(), path.size() - 1);
  return length > 0 ? std::string(path.data(), static_cast<std::size_t>(length)) : "zbuf";
#endif
}

Result<std::string> find_window_program(const std::string& otherwise) {
  const fs::path here = fs::path(program_path()).parent_path();
  std::vector<fs::path> places{here / "zbuflab", here / "../../gui/app/zbuflab"};
  const char* const path = std::getenv("PATH");
  std::string_view left = path != nullptr ? path : "/usr/local/bin:/usr/bin:/bin";
  while (!left.empty()) {
    const std::size_t end = std::min(left.find(':'), left.size());
    places.push_back(fs::path(left.substr(0, end)) / "zbuflab");
    left.remove_prefix(std::min(end + 1, left.size()));
  }
  const auto found = std::find_if(places.begin(), places.end(), is_program);
  if (found != places.end())
    return found->string();
  return fail(Error::Code::not_found,
              "zbuflab, the window, is neither beside zbuf nor in $PATH. Install it, or " + otherwise);
}

Result<void> check_picture_name(const std::string& picture) {
  std::string ending = fs::path(picture).extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (ending == ".png" || ending == ".svg" || ending == ".pdf")
    return {};
  return fail(Error::Code::bad_input,
              fmt::format("{}: the name of a plot ends in .png, .svg or .pdf; this one does not", picture));
}

Result<void> draw_results(const std::string& window_program, const std::string& results,
                          const std::string& picture) {
  std::array<std::string, 4> words{window_program, "--plot", results, picture};
  std::vector<char*> arguments;
  for (std::string& word : words)
    arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t child = 0;
  const int refused =
      ::posix_spawn(&child, window_program.c_str(), nullptr, nullptr, arguments.data(), environ);
  int status = 0;
  if (refused != 0)
    return fail(Error::Code::io,
                fmt::format("{}: cannot be started: {}", window_program, std::strerror(refused)));
  while (::waitpid(child, &status, 0) < 0)
    if (errno != EINTR)
      return fail(Error::Code::io, fmt::format("{}: {}", window_program, std::strerror(errno)));
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
    return {};
  return fail(Error::Code::io, fmt::format("{}: not drawn; {} ended with {} {}", picture, window_program,
                                           WIFEXITED(status) ? "status" : "signal",
                                           WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status)));
}

} // namespace zbuf
