// SPDX-License-Identifier: BSD-2-Clause
// Captures replayed: pcap and pcapng files, read through libpcap.
#pragma once

#include "core/base/result.h"
#include "core/traffic/source.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace zbuf {

/// When the packets of a capture come.
enum class ReplayTiming {
  original, ///< as they were recorded; the first at 0
  scaled,   ///< as they were recorded, every gap times time_factor
  rate,     ///< packet n at n / packets_per_second
  line, ///< back to back on a line of line_bits_per_second: each takes its bytes and 24 more (preamble, FCS,
        ///< gap between frames), and 84 at least, as on Ethernet
};

struct ReplayConfig {
  ReplayTiming timing = ReplayTiming::original;
  double time_factor = 1;                             ///< 1e-6 .. 1e6; 2 is half as fast
  double packets_per_second = 1000;                   ///< 0.001 .. 1e9
  std::uint64_t line_bits_per_second = 1'000'000'000; ///< 1000 .. 1e12
  std::uint64_t loop_count = 1;                       ///< how often the capture is played; 0: without end
  std::uint64_t limit_packets = 0;                    ///< ends after so many, of all loops; 0: no limit
  std::uint64_t duration_ns = 0;                      ///< only packets before; 0: no limit
  bool strict = false; ///< a record that would be left out is an error, and ends the stream
};

/// Packets of a capture. They are lent until the next call of next(); an SLL header that says so makes a
/// packet outgoing, everything else counts as incoming, because captures do not tell.
class CaptureSource : public Source {
 public:
  /// What the file says above its link type: how long the FCS of its packets is (base/pcap_file.h).
  [[nodiscard]] virtual std::uint32_t link_bits() const = 0;
  /// Packets whose time stamp lay before that of their predecessor: they are played at its time. Time never
  /// goes backwards. 0 unless the timing is original or scaled.
  [[nodiscard]] virtual std::uint64_t held_back_count() const = 0;
};

/// Opens a capture for replay: pcap or pcapng, of any link type, time stamps of any resolution, either byte
/// order.
///
/// It is read packet by packet through one descriptor, so its size does not matter. Where the capture is
/// looped, a new round begins after its last packet and the mean of its gaps (at the least, the time of a
/// packet on the line); a capture without packets ends at once, however often it is to be looped.
///
/// What is damaged is played as far as it can be, and remarks() say what and where (number of the packet from
/// 1, byte offset): a record with more bytes than the wire had is played with all of them; one of no bytes on
/// the wire is left out; a record that is cut off or corrupt, or an interface of another link type, is where
/// the capture ends. A record may claim any length on the wire.
///
/// Errors. When opening: not_found, io, bad_input (not a capture, or a field of `config` out of its range, by
/// name). From next(): bad_input, where no packet of the capture can be played, or with `strict`, for the
/// first that would be left out; a time stamp more than 146 years after the first. An error is reported once;
/// after it, the stream is at its end.
Result<std::unique_ptr<CaptureSource>> open_capture(const std::string& path, const ReplayConfig& config);

/// The same from memory, which must outlive the source. `name` stands for the file in messages.
Result<std::unique_ptr<CaptureSource>> open_capture(std::span<const std::byte> bytes, std::string name,
                                                    const ReplayConfig& config);

} // namespace zbuf
