// SPDX-License-Identifier: BSD-2-Clause
// A capture file that is written while packets are delivered.
#pragma once

#include "core/base/result.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace zbuf {

/// pcap with nanoseconds (base/pcap_file.h). Whole packets only, also on a disk that is full.
/// Single-threaded.
class PacketFile {
 public:
  /// No file: nothing is written.
  PacketFile() = default;
  /// An existing file is replaced; "-" is standard output. Errors: io.
  static Result<PacketFile> create(const std::string& path, std::uint32_t link_type, std::uint32_t snaplen);
  ~PacketFile();
  PacketFile(PacketFile&& other) noexcept;
  PacketFile& operator=(PacketFile&& other) noexcept;

  /// `time_ns` is counted from 1970. Errors: io, once: nothing is written after that.
  Result<void> write(std::uint64_t time_ns, std::span<const std::byte> bytes, std::uint32_t wire_length);

  /// What is written so far can be read by others. Errors: as write().
  Result<void> flush();

  [[nodiscard]] explicit operator bool() const { return descriptor_ >= 0; }

 private:
  Result<void> cut(std::size_t written, int error);
  void append(std::span<const std::byte> bytes);

  std::string path_{};
  int descriptor_ = -1;
  std::vector<std::byte> waiting_{}; ///< whole packets
  std::uint64_t good_bytes_ = 0;     ///< in the file
  bool failed_ = false;
};

} // namespace zbuf
