// SPDX-License-Identifier: BSD-2-Clause
// How a program walks the records of a fill, by the places that it reads.
#pragma once

#include <cstddef>
#include <cstdint>

namespace zbuf::exec {

/// Where the instructions that touched the first page of a buffer began to.
class Places {
 public:
  static constexpr unsigned page = 4096;
  void clear() { *this = {}; }
  void add(std::size_t offset) { bits_[offset / 64 % (page / 64)] |= std::uint64_t{1} << (offset % 64); }
  [[nodiscard]] bool has(std::size_t offset) const {
    return offset < page && (bits_[offset / 64] >> (offset % 64) & 1) != 0;
  }

 private:
  std::uint64_t bits_[page / 64]{};
};

/// What is wrong with the walk: in the order of MistakeKind, from walked_unaligned on.
enum class WalkFault { unaligned, by_sizeof, by_datalen, no_header, none };
struct WalkVerdict {
  WalkFault fault = WalkFault::none;
  std::size_t offset = 0; ///< in the buffer
};

/// `fill`: a lent buffer, of which a page can be read. A correct walk reads the header of each record that it
/// passes: none is accused that has. Not all of the fill need have been walked.
WalkVerdict judge_walk(const Places& places, const unsigned char* fill);

} // namespace zbuf::exec
