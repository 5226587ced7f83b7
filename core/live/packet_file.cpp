// SPDX-License-Identifier: BSD-2-Clause
#include "core/live/packet_file.h"

#include "core/base/pcap_file.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <utility>

namespace zbuf {

namespace {

constexpr std::size_t most_waiting_bytes = 1 << 18;

} // namespace

Result<PacketFile> PacketFile::create(const std::string& path, std::uint32_t link_type,
                                      std::uint32_t snaplen) {
  PacketFile file;
  file.path_ = path;
  file.descriptor_ = path == "-" ? ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0)
                                 : ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file.descriptor_ < 0)
    return fail(
        Error{Error::Code::io,
              fmt::format("cannot write a capture here: {}. Choose a file in a folder that you may write to",
                          std::strerror(errno)),
              path});
  file.append(bytes_of(PcapFileHeader{.snaplen = snaplen, .link_type = link_type}));
  if (auto flushed = file.flush(); !flushed)
    return fail(flushed.error());
  return file;
}

PacketFile::~PacketFile() {
  if (descriptor_ < 0)
    return;
  (void)flush();
  ::close(descriptor_);
}

PacketFile::PacketFile(PacketFile&& other) noexcept {
  *this = std::move(other);
}

PacketFile& PacketFile::operator=(PacketFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(descriptor_, other.descriptor_);
  std::swap(waiting_, other.waiting_);
  std::swap(good_bytes_, other.good_bytes_);
  std::swap(failed_, other.failed_);
  return *this;
}

void PacketFile::append(std::span<const std::byte> bytes) {
  waiting_.insert(waiting_.end(), bytes.begin(), bytes.end());
}

Result<void> PacketFile::write(std::uint64_t time_ns, std::span<const std::byte> bytes,
                               std::uint32_t wire_length) {
  if (descriptor_ < 0 || failed_)
    return {};
  append(bytes_of(PcapPacketHeader(time_ns, static_cast<std::uint32_t>(bytes.size()), wire_length)));
  append(bytes);
  return waiting_.size() >= most_waiting_bytes ? flush() : Result<void>{};
}

Result<void> PacketFile::flush() {
  if (descriptor_ < 0 || failed_)
    return {};
  for (std::span<const std::byte> rest = waiting_; !rest.empty();) {
    const ssize_t done = ::write(descriptor_, rest.data(), rest.size());
    if (done < 0 && errno == EINTR)
      continue;
    if (done <= 0)
      return cut(waiting_.size() - rest.size(), done == 0 ? ENOSPC : errno);
    rest = rest.subspan(static_cast<std::size_t>(done));
  }
  good_bytes_ += waiting_.size();
  waiting_.clear();
  return {};
}

/// Nothing more: of what waited so many bytes were written, and the packet that is there in part is cut off.
Result<void> PacketFile::cut(std::size_t written, int error) {
  failed_ = true;
  std::size_t whole = 0;
  for (PcapPacketHeader header; whole + sizeof(header) <= written;) {
    std::memcpy(&header, waiting_.data() + whole, sizeof(header));
    if (sizeof(header) + header.caplen > written - whole)
      break;
    whole += sizeof(header) + header.caplen;
  }
  good_bytes_ += whole;
  waiting_.clear();
  (void)!::ftruncate(descriptor_, static_cast<off_t>(good_bytes_)); // a pipe cannot be cut
  return fail(
      Error{Error::Code::io,
            fmt::format("the capture could not be written on: {}. What was written until then can be opened",
                        std::strerror(error)),
            path_});
}

} // namespace zbuf
