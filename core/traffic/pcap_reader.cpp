// SPDX-License-Identifier: BSD-2-Clause
#include "core/traffic/pcap_reader.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace zbuf {

namespace {

constexpr std::size_t buffer_bytes = 64 * 1024;

/// A descriptor of our own, closed with it.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0)
      ::close(number_);
  }
  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

/// Of the header, which begins the capture.
Error header_error(Error::Code code, std::string message, const std::string& name) {
  Error error{code, std::move(message), name};
  error.has_offset = true;
  return error;
}

} // namespace

Result<Rewind> rewind_of_file(const std::string& path) {
  // Not blocking, so that the name of a pipe is refused and not waited for.
  auto file = std::make_shared<Descriptor>(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  struct stat status {};
  if (file->number() < 0 || ::fstat(file->number(), &status) != 0) {
    const auto code = errno == ENOENT ? Error::Code::not_found : Error::Code::io;
    return fail({code, fmt::format("the capture cannot be opened: {}", std::strerror(errno)), path});
  }
  if (!S_ISREG(status.st_mode))
    return fail({Error::Code::bad_input, "this is not a file: a capture must be one, pcap or pcapng", path});
  return [file]() -> std::FILE* {
    const int number = ::fcntl(file->number(), F_DUPFD_CLOEXEC, 0);
    std::FILE* const stream = number >= 0 ? ::fdopen(number, "rb") : nullptr;
    if (stream == nullptr && number >= 0)
      ::close(number);
    if (stream != nullptr)
      std::rewind(stream); // the place is shared with the descriptor this one was made from
    return stream;
  };
}

Rewind rewind_of_memory(std::span<const std::byte> bytes) {
  return [bytes]() -> std::FILE* {
    // fmemopen takes no const, but mode r writes nothing; and not every system takes a length of 0.
    if (bytes.empty())
      return std::fopen("/dev/null", "rb");
    return ::fmemopen(const_cast<std::byte*>(bytes.data()), bytes.size(), "rb");
  };
}

std::optional<Error> PcapReader::open(const Rewind& rewind, const std::string& name) {
  close();
  stream_ = rewind();
  if (stream_ == nullptr)
    return Error{Error::Code::io, fmt::format("the capture cannot be read: {}", std::strerror(errno)), name};
  buffer_.resize(buffer_bytes);
  std::setvbuf(stream_, buffer_.data(), _IOFBF, buffer_.size());
  char message[PCAP_ERRBUF_SIZE] = "";
  pcap_.reset(pcap_fopen_offline_with_tstamp_precision(stream_, PCAP_TSTAMP_PRECISION_NANO, message));
  if (pcap_ == nullptr) {
    const std::uint64_t stopped = offset();
    std::fclose(stream_);
    return header_error(
        Error::Code::bad_input,
        fmt::format("this cannot be read as a capture, pcap or pcapng: {} (at byte {} of its header)",
                    message, stopped),
        name);
  }
  return std::nullopt;
}

} // namespace zbuf
