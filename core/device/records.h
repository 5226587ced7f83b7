// SPDX-License-Identifier: BSD-2-Clause
// Walking the records of a fill (spec 1.5 to 1.7): a cursor that cannot leave it, whatever the bytes say.
#pragma once

extern "C" {
#include "kernel/engine/abi.h"
}

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>

namespace zbuf {

/// One record. `bytes` lie in the fill, and are good as long as the fill is the reader's.
struct Record {
  std::uint32_t offset = 0;   ///< of the record's header from the start of the fill
  std::uint64_t seconds = 0;  ///< since 1970
  std::uint64_t fraction = 0; ///< microseconds, nanoseconds or 2^-64 s: as BIOCSTSTAMP says
  std::uint32_t datalen = 0;  ///< bytes on the wire
  std::uint16_t hdrlen = 0;   ///< from the header's start to the first byte
  std::span<const std::byte> bytes{};
};

enum class RecordFault : std::uint32_t {
  none = 0,
  header_cut = 1, ///< fewer bytes left than a record header has
  no_hdrlen = 2,  ///< bh_hdrlen is 0, or smaller than the header
  past_end = 3,   ///< hdrlen + caplen reach beyond the published length
};

/// Steps through a fill. What is read from it is read once and then checked: the other side may write.
class RecordCursor {
 public:
  /// The least a header can be: its fields without trailing padding.
  static constexpr std::uint32_t header_bytes = 26;

  explicit RecordCursor(std::span<const std::byte> fill) : fill_(fill) {}

  /// The next record; nothing at the end, or at a fault (then fault() says which, and offset() where).
  std::optional<Record> next() {
    if (offset_ >= fill_.size() || fault_ != RecordFault::none)
      return std::nullopt;
    const std::size_t left = fill_.size() - offset_;
    if (left < header_bytes)
      return stop(RecordFault::header_cut);
    zb_bpf_hdr header{};
    std::memcpy(&header, fill_.data() + offset_, header_bytes);
    if (header.hdrlen < header_bytes)
      return stop(RecordFault::no_hdrlen);
    const std::uint64_t length = std::uint64_t{header.hdrlen} + header.caplen;
    if (length > left)
      return stop(RecordFault::past_end);
    const Record record{static_cast<std::uint32_t>(offset_),
                        header.sec,
                        header.frac,
                        header.datalen,
                        header.hdrlen,
                        fill_.subspan(offset_ + header.hdrlen, header.caplen)};
    const std::size_t stride = ZB_WORDALIGN(static_cast<std::size_t>(length));
    fetch_ahead(stride);
    offset_ += stride;
    return record;
  }

  [[nodiscard]] RecordFault fault() const { return fault_; }
  [[nodiscard]] std::uint32_t offset() const { return static_cast<std::uint32_t>(offset_); }

 private:
  /// A fill was written by another core: each of its lines is far away, and where the next record begins is
  /// known only when this one has come. So what lies some records on, if they are like this one, is asked for
  /// already.
  void fetch_ahead(std::size_t stride) const {
    constexpr std::size_t records = 8;
    constexpr std::size_t line_bytes = 64;
    const std::size_t ahead = offset_ + records * stride;
    if (ahead + line_bytes < fill_.size()) {
      __builtin_prefetch(fill_.data() + ahead);
      __builtin_prefetch(fill_.data() + ahead + line_bytes);
    }
  }

  std::optional<Record> stop(RecordFault fault) {
    fault_ = fault;
    return std::nullopt;
  }

  std::span<const std::byte> fill_;
  std::size_t offset_ = 0;
  RecordFault fault_ = RecordFault::none;
};

} // namespace zbuf
