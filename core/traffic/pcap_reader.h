// SPDX-License-Identifier: BSD-2-Clause
// One reading of a capture from its start, through libpcap: bytes in, records out.
#pragma once

#include "core/base/result.h"

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

/// Of a file: opened now, and kept open as long as the result lives. Errors: not_found, io, bad_input where
/// it is something other than a file.
Result<Rewind> rewind_of_file(const std::string& path);

/// Of memory, which must outlive what is read from it.
Rewind rewind_of_memory(std::span<const std::byte> bytes);

class PcapReader {
 public:
  /// Reads the header of the capture. Nothing, or what is wrong: io, bad_input.
  std::optional<Error> open(const Rewind& rewind, const std::string& name);

  /// libpcap's pcap_next_ex: 1, PCAP_ERROR_BREAK at the end, PCAP_ERROR. Time stamps are in nanoseconds.
  int next(pcap_pkthdr*& header, const u_char*& data) { return pcap_next_ex(pcap_.get(), &header, &data); }

  /// Byte of the capture that is read next. (A system call, on a file: not for every packet.)
  [[nodiscard]] std::uint64_t offset() const { return static_cast<std::uint64_t>(::ftello(stream_)); }

  [[nodiscard]] bool is_open() const { return pcap_ != nullptr; }
  [[nodiscard]] int link_type() const { return pcap_datalink(pcap_.get()); }
  /// What the header of a pcap file says above the link type: how long the FCS is.
  [[nodiscard]] std::uint32_t link_bits() const {
    return static_cast<std::uint32_t>(pcap_datalink_ext(pcap_.get()));
  }
  [[nodiscard]] std::string error_text() const { return pcap_geterr(pcap_.get()); }
  void close() { pcap_.reset(); }

 private:
  struct Closer {
    void operator()(pcap_t* pcap) const { pcap_close(pcap); } // and its stream
  };
  std::vector<char> buffer_; ///< of the stream, and so it goes after it
  std::unique_ptr<pcap_t, Closer> pcap_;
  std::FILE* stream_ = nullptr; ///< of pcap_, which closes it
};

} // namespace zbuf
