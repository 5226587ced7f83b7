// SPDX-License-Identifier: BSD-2-Clause
// A capture file that is written while packets are delivered.
#pragma once

#include "core/base/output_file.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace zbuf {

/// pcap with nanoseconds (base/pcap_file.h), or pcapng where the name ends in .pcapng. Whole packets only,
/// also on a disk that is full. Single-threaded.
class PacketFile {
 public:
  /// No file: nothing is written.
  PacketFile() = default;
  /// "-" is standard output. Errors: io.
  /// `link_type`: a DLT_ number; `link_bits`: what the header says above it (PcapFileHeader).
  static Result<PacketFile> create(const std::string& path, std::uint32_t link_type, std::uint32_t snaplen,
                                   std::uint32_t link_bits = 0,
                                   OutputFile::Kind kind = OutputFile::Kind::grows);

  /// `time_ns` is counted from 1970. Errors: io, once: nothing is written after that.
  Result<void> write(std::uint64_t time_ns, std::span<const std::byte> bytes, std::uint32_t wire_length);

  /// What is written so far can be read by others. Errors: as write().
  Result<void> flush();

  /// There is no more to come. Errors: as write().
  Result<void> complete();

  [[nodiscard]] explicit operator bool() const { return bool(file_); }

 private:
  void append(std::span<const std::byte> bytes);
  [[nodiscard]] std::size_t next_length(std::size_t at) const;

  OutputFile file_{};
  std::vector<std::byte> waiting_{}; ///< whole packets
  std::uint64_t good_bytes_ = 0;     ///< in the file
  bool failed_ = false;
  bool pcapng_ = false;
};

} // namespace zbuf
