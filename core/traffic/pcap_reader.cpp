// SPDX-License-Identifier: BSD-2-Clause
#include "core/traffic/pcap_reader.h"

#include "core/traffic/unpack.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <mutex>
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

namespace {

/// What was unpacked last, because a run opens its capture several times; and all of standard input, which
/// can be read only once.
struct Unpacked {
  std::mutex mutex;
  std::array<std::int64_t, 4> of{}; ///< device, inode, size and change of the file
  std::shared_ptr<Descriptor> file, standard_input;
};

Unpacked& unpacked() {
  static Unpacked all;
  return all;
}

Result<std::shared_ptr<Descriptor>> unpacked_once(int number, const std::string& name,
                                                  std::shared_ptr<Descriptor>& kept) {
  auto file = unpack(number, name);
  if (!file)
    return fail(file.error());
  if (*file < 0)
    return std::shared_ptr<Descriptor>();
  return kept = std::make_shared<Descriptor>(*file);
}

/// A descriptor of plain bytes that can be read again and again.
Result<std::shared_ptr<Descriptor>> open_plain(const std::string& path) {
  Unpacked& all = unpacked();
  const std::lock_guard<std::mutex> held(all.mutex);
  if (path == "-") {
    if (all.standard_input == nullptr) {
      const auto spooled = unpacked_once(STDIN_FILENO, "standard input", all.standard_input);
      if (!spooled)
        return fail(spooled.error());
      if (*spooled == nullptr) // a plain file
        all.standard_input = std::make_shared<Descriptor>(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0));
    }
    return all.standard_input;
  }
  // Not blocking, so that the name of a pipe is refused and not waited for.
  auto file = std::make_shared<Descriptor>(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  struct stat status {};
  if (file->number() < 0 || ::fstat(file->number(), &status) != 0) {
    const auto code = errno == ENOENT ? Error::Code::not_found : Error::Code::io;
    return fail({code, fmt::format("the capture cannot be opened: {}", std::strerror(errno)), path});
  }
  if (!S_ISREG(status.st_mode))
    return fail(
        {Error::Code::bad_input,
         "this is not a file: a capture must be one, pcap or pcapng; a pipe can be given as - (standard "
         "input)",
         path});
  const std::array<std::int64_t, 4> of{
      static_cast<std::int64_t>(status.st_dev), static_cast<std::int64_t>(status.st_ino),
      static_cast<std::int64_t>(status.st_size), static_cast<std::int64_t>(status.st_mtime)};
  if (all.file != nullptr && all.of == of)
    return all.file;
  std::shared_ptr<Descriptor> plain;
  const auto copied = unpacked_once(file->number(), path, plain);
  if (!copied)
    return fail(copied.error());
  if (plain == nullptr)
    return file;
  all.of = of;
  return all.file = plain;
}

} // namespace

Result<Rewind> rewind_of_file(const std::string& path) {
  const auto opened = open_plain(path);
  if (!opened)
    return fail(opened.error());
  return [file = *opened]() -> std::FILE* {
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
  rewind_ = rewind;
  name_ = name;
  records_ = packets_ = 0;
  remarks_ = {};
  stream_ = rewind();
  if (stream_ == nullptr)
    return Error{Error::Code::io, fmt::format("the capture cannot be read: {}", std::strerror(errno)), name};
  buffer_.resize(buffer_bytes);
  std::setvbuf(stream_, buffer_.data(), _IOFBF, buffer_.size());
  constexpr std::array<unsigned char, 4> section = {0x0a, 0x0d, 0x0d, 0x0a}; // in either byte order
  std::array<unsigned char, 4> magic{};
  has_64_bit_times_ = std::fread(magic.data(), 1, magic.size(), stream_) == magic.size() && magic == section;
  std::rewind(stream_);
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

// ---- Records ----

void PcapReader::remark(std::uint64_t record, const std::string& what) {
  constexpr std::size_t most_lines = 8;
  if (remarks_.lines.size() == most_lines) {
    remarks_.lines.emplace_back("... and more");
    return;
  }
  if (remarks_.lines.size() > most_lines)
    return;
  const auto offset = offset_after(record - 1);
  remarks_.lines.push_back(
      fmt::format("packet {}{}: {}", record, offset ? fmt::format(", at byte {}", *offset) : "", what));
}

/// Remarks it. False: it may not be left out.
bool PcapReader::leave_out(std::uint64_t record, const std::string& what, bool strict) {
  ++remarks_.skipped;
  remark(record, what);
  if (!strict)
    return true;
  error_ = {
      Error::Code::bad_input,
      fmt::format("packet {} of the capture cannot be played: {}. {} before it {} good; without --strict "
                  "what can be played is played",
                  record, what, packets_, packets_ == 1 ? "was" : "were"),
      name_};
  if (const auto offset = offset_after(record - 1)) {
    error_.offset = *offset;
    error_.has_offset = true;
  }
  return false;
}

PcapReader::Read PcapReader::read(pcap_pkthdr& header, const u_char*& data, bool strict) {
  pcap_pkthdr* read = nullptr;
  for (;;) {
    const int status = pcap_next_ex(pcap_.get(), &read, &data);
    if (status != 1) {
      if (status != PCAP_ERROR_BREAK && // which means the end of the file
          !leave_out(records_ + 1,
                     fmt::format("from here on the capture cannot be read: {}", pcap_geterr(pcap_.get())),
                     strict))
        return Read::failed;
      if (packets_ != 0 || remarks_.skipped == 0)
        return Read::end;
      error_ = {Error::Code::bad_input,
                fmt::format("no packet of the capture can be played: {}", fmt::join(remarks_.lines, "; ")),
                name_};
      return Read::failed;
    }
    ++records_;
    header = *read;
    // Those of pcap have 32 bits and no sign, which libpcap gives them: 1970 to 2106.
    if (!has_64_bit_times_)
      header.ts.tv_sec = static_cast<std::uint32_t>(header.ts.tv_sec);
    if (header.caplen == 0 && header.len == 0) {
      if (!leave_out(records_, "left out, for it had no bytes on the wire", strict))
        return Read::failed;
      continue;
    }
    if (header.caplen > header.len) {
      ++remarks_.mended;
      remark(records_, fmt::format("{} bytes are there, more than the {} it had on the wire: played with all",
                                   header.caplen, header.len));
      header.len = header.caplen;
    }
    ++packets_;
    return Read::packet;
  }
}

std::optional<std::uint64_t> PcapReader::offset_after(std::uint64_t records) const {
  PcapReader again;
  if (again.open(rewind_, name_))
    return std::nullopt;
  pcap_pkthdr* header = nullptr;
  const u_char* data = nullptr;
  for (std::uint64_t i = 0; i < records; ++i)
    if (pcap_next_ex(again.pcap_.get(), &header, &data) != 1)
      return std::nullopt;
  return again.offset();
}

} // namespace zbuf
