// SPDX-License-Identifier: BSD-2-Clause
#include "core/live/packet_file.h"

#include "core/base/link_type.h"
#include "core/base/pcap_file.h"
#include "core/base/pcapng_file.h"

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
  file.pcapng_ = is_pcapng_name(path);
  const std::uint32_t in_file = link_type_in_file(link_type) | link_bits;
  if (file.pcapng_)
    PcapngWriter(file.waiting_).begin(snaplen, in_file);
  else
    file.append(bytes_of(PcapFileHeader{.snaplen = snaplen, .link_type = in_file}));
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
  if (pcapng_) {
    PcapngWriter(waiting_).packet(time_ns, bytes, wire_length);
  } else {
    append(bytes_of(PcapPacketHeader(time_ns, static_cast<std::uint32_t>(bytes.size()), wire_length)));
    append(bytes);
  }
  return waiting_.size() >= most_waiting_bytes ? flush() : Result<void>{};
}

Result<void> PacketFile::flush() {
  if (!file_ || failed_)
    return {};
  auto written = file_.append({reinterpret_cast<const char*>(waiting_.data()), waiting_.size()});
  if (!written) {
    failed_ = true;
    // Of a packet that is there in part nothing stays.
    const std::size_t written_bytes = file_.length() - good_bytes_;
    std::size_t whole = 0;
    for (std::size_t length = 0; (length = next_length(whole)) != 0 && length <= written_bytes - whole;)
      whole += length;
    file_.cut(good_bytes_ + whole);
    written.error().message += ". What was written until then can be opened";
  }
  good_bytes_ = file_.length();
  waiting_.clear();
  return written;
}

/// Of the packet or block at this place in what waits; 0 where there is none.
std::size_t PacketFile::next_length(std::size_t at) const {
  PcapPacketHeader header;
  std::uint32_t block[2] = {};
  if (pcapng_ && at + sizeof(block) <= waiting_.size()) {
    std::memcpy(block, waiting_.data() + at, sizeof(block));
    return block[1];
  }
  if (pcapng_ || at + sizeof(header) > waiting_.size())
    return 0;
  std::memcpy(&header, waiting_.data() + at, sizeof(header));
  return sizeof(header) + header.caplen;
}

Result<void> PacketFile::complete() {
  auto done = flush();
  return done && !failed_ ? file_.complete() : done;
}

} // namespace zbuf
