// SPDX-License-Identifier: BSD-2-Clause
#include "core/base/read_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace zbuf {

namespace {

/// Closes itself.
struct Descriptor {
  int number;
  ~Descriptor() {
    if (number >= 0)
      ::close(number);
  }
};

} // namespace

Result<std::string> read_file(const std::string& path, const std::string& expected, std::size_t most_bytes) {
  const auto refuse = [&](Error::Code code, const std::string& why) {
    Error error{code, why + "; expected " + expected};
    error.file = path.empty() ? "\"\"" : path;
    return fail(std::move(error));
  };
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.number < 0)
    return errno == ENOENT ? refuse(Error::Code::not_found, "no such file")
                           : refuse(Error::Code::io, std::string("cannot be read: ") + std::strerror(errno));
  struct stat status {};
  if (::fstat(file.number, &status) == 0 && S_ISDIR(status.st_mode))
    return refuse(Error::Code::bad_input, "is a folder");
  std::string text;
  constexpr std::size_t step = 1 << 16;
  for (;;) {
    const std::size_t before = text.size();
    text.resize(before + std::min(step, most_bytes + 1 - before));
    const ssize_t count = ::read(file.number, text.data() + before, text.size() - before);
    text.resize(before + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    if (count < 0 && errno != EINTR)
      return refuse(Error::Code::io, std::string("cannot be read: ") + std::strerror(errno));
    if (text.size() > most_bytes)
      return refuse(Error::Code::bad_input, "has more than " + std::to_string(most_bytes >> 20) + " MiB");
    if (count == 0)
      return text;
  }
}

} // namespace zbuf
