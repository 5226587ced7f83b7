// SPDX-License-Identifier: GPL-3.0-or-later
// Memory as fields: the 32 bytes of a buffer's header, and the bytes of a record (spec 1.3, 1.5 to 1.7, 3.1).
//
// All numbers are little endian, and long has 8 bytes (LP64), as on amd64 and arm64. A byte that the
// recording does not tell is not made up: it is absent.
#pragma once

#include "core/trace/recording.h"

#include <QString>

#include <cstdint>
#include <optional>
#include <vector>

namespace zbuf::gui::bytes_view {

enum class Writer : std::uint8_t { kernel, user, nobody };

struct ByteField {
  std::uint32_t offset = 0; ///< from the start of the header
  std::vector<std::optional<std::uint8_t>> bytes{};
  QString name{};    ///< "bzh_kernel_gen"
  QString value{};   ///< "5"; empty where it has none
  QString meaning{}; ///< "the kernel adds 1 to hand the buffer over"
  Writer writer = Writer::nobody;
  bool changed = false; ///< by the last event
};

/// struct bpf_zbuf_header, as the state has it. `before`: the state before the last event, to mark what it
/// changed.
[[nodiscard]] std::vector<ByteField> header_fields(const BufferState& before, const BufferState& now);

/// What is known of the time stamps that a descriptor writes.
struct Stamps {
  std::optional<std::uint64_t> boot_time_ns{}; ///< of instant 0, since 1970
  bool microseconds =
      true; ///< the default; false: BIOCSTSTAMP chose a format, and the trace does not have it
};

/// The 32 bytes before a packet, with the padding before them; struct bpf_hdr. `previous_pad`: bytes of
/// padding, as in Recording::Record::pad; these are zeros. `time_ns`: when the packet passed, if it is known.
[[nodiscard]] std::vector<ByteField> record_fields(const Recording::Record& record,
                                                   std::optional<std::uint64_t> time_ns, const Stamps& stamps,
                                                   std::span<const std::byte> packet);

/// "05 00 00 00"; "··" for what is not known.
[[nodiscard]] QString hex(const std::vector<std::optional<std::uint8_t>>& bytes);
[[nodiscard]] QString hex(std::span<const std::byte> bytes);

} // namespace zbuf::gui::bytes_view
