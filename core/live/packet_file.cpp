// SPDX-License-Identifier: BSD-2-Clause
#include "core/live/packet_file.h"

#include "core/base/link_type.h"
#include "core/base/pcap_file.h"

#include <cstring>
#include <utility>

namespace zbuf {

namespace {

constexpr std::size_t most_waiting_bytes = 1 << 18;

} // namespace

Result<PacketFile> PacketFile::create(const std::string& path, std::uint32_t link_type, std::uint32_t snaplen,
                                      std::uint32_t link_bits, OutputFile::Kind kind) {
  PacketFile file;
  auto opened = OutputFile::open(path, kind);
  if (!opened)
    return fail(opened.error());
  file.file_ = std::move(*opened);
  file.append(
      bytes_of(PcapFileHeader{.snaplen = snaplen, .link_type = link_type_in_file(link_type) | link_bits}));
  if (auto flushed = file.flush(); !flushed)
    return fail(flushed.error());
  return file;
}

void PacketFile::append(std::span<const std::byte> bytes) {
  waiting_.insert(waiting_.end(), bytes.begin(), bytes.end());
}

Result<void> PacketFile::write(std::uint64_t time_ns, std::span<const std::byte> bytes,
                               std::uint32_t wire_length) {
  if (!file_ || failed_)
    return {};
  append(bytes_of(PcapPacketHeader(time_ns, static_cast<std::uint32_t>(bytes.size()), wire_length)));
  append(bytes);
  return waiting_.size() >= most_waiting_bytes ? flush() : Result<void>{};
}

Result<void> PacketFile::flush() {
  if (!file_ || failed_)
    return {};
  auto written = file_.append({reinterpret_cast<const char*>(waiting_.data()), waiting_.size()});
  if (!written) {
    failed_ = true;
    // Of a packet that is there in part nothing stays.
    std::size_t whole = 0;
    for (PcapPacketHeader header; whole + sizeof(header) <= file_.length() - good_bytes_;) {
      std::memcpy(&header, waiting_.data() + whole, sizeof(header));
      if (sizeof(header) + header.caplen > file_.length() - good_bytes_ - whole)
        break;
      whole += sizeof(header) + header.caplen;
    }
    file_.cut(good_bytes_ + whole);
    written.error().message += ". What was written until then can be opened";
  }
  good_bytes_ = file_.length();
  waiting_.clear();
  return written;
}

Result<void> PacketFile::complete() {
  auto done = flush();
  return done && !failed_ ? file_.complete() : done;
}

} // namespace zbuf
