// SPDX-License-Identifier: BSD-2-Clause
// One reading of a capture from its start, through libpcap: bytes in, records out.
#pragma once

#include "core/base/result.h"
#include "core/traffic/source.h"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <pcap/pcap.h>
#include <span>
#include <string>
#include <vector>

namespace zbuf {

/// Gives a stream at the start of a capture, or null with errno set. Each reading takes a new one, because
/// libpcap closes what it read and cannot go back.
using Rewind = std::function<std::FILE*()>;

/// Of a file: opened now, and kept open as long as the result lives. What gzip or zstd packed is unpacked
/// into a file without a name, of at most 4 GiB; so is what comes from standard input ("-"), once. Errors:
/// not_found, io, bad_input where it is something other than a file, or cannot be unpacked.
Result<Rewind> rewind_of_file(const std::string& path);

/// Of memory, which must outlive what is read from it.
Rewind rewind_of_memory(std::span<const std::byte> bytes);

class PcapReader {
 public:
  /// Reads the header of the capture. Nothing, or what is wrong: io, bad_input.
  std::optional<Error> open(const Rewind& rewind, const std::string& name);

  enum class Read { packet, end, failed };
  /// The next packet; time stamps are in nanoseconds. What is damaged is mended or left out, and remarked;
  /// where nothing can be read from some place on, that is the end. Failed: there is no packet at all, only
  /// damage, or something was left out and may not be (`strict`); error() has it.
  Read read(pcap_pkthdr& header, const u_char*& data, bool strict);

  [[nodiscard]] const SourceRemarks& remarks() const { return remarks_; }
  /// Records read so far, those left out too.
  [[nodiscard]] std::uint64_t records() const { return records_; }
  /// Where the record after the first `records` begins. Reads up to there once more, because to ask for the
  /// place before every packet costs more than to read the packet.
  [[nodiscard]] std::optional<std::uint64_t> offset_after(std::uint64_t records) const;
  [[nodiscard]] const Error& error() const { return error_; }

  [[nodiscard]] bool is_open() const { return pcap_ != nullptr; }
  [[nodiscard]] int link_type() const { return pcap_datalink(pcap_.get()); }
  /// What the header of a pcap file says above the link type: how long the FCS is.
  [[nodiscard]] std::uint32_t link_bits() const {
    return static_cast<std::uint32_t>(pcap_datalink_ext(pcap_.get()));
  }
  void close() { pcap_.reset(); }

 private:
  [[nodiscard]] std::uint64_t offset() const { return static_cast<std::uint64_t>(::ftello(stream_)); }
  void remark(std::uint64_t record, const std::string& what);
  bool leave_out(std::uint64_t record, const std::string& what, bool strict);

  struct Closer {
    void operator()(pcap_t* pcap) const { pcap_close(pcap); } // and its stream
  };
  std::vector<char> buffer_; ///< of the stream, and so it goes after it
  std::unique_ptr<pcap_t, Closer> pcap_;
  std::FILE* stream_ = nullptr;   ///< of pcap_, which closes it
  bool has_64_bit_times_ = false; ///< it is pcapng
  Rewind rewind_;
  std::string name_;
  std::uint64_t records_ = 0, packets_ = 0;
  SourceRemarks remarks_;
  Error error_;
};

} // namespace zbuf
