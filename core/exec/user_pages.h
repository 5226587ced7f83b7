// SPDX-License-Identifier: BSD-2-Clause
// The memory of a program, as far as it lends it to the kernel: seen from the kernel's process.
#pragma once

#include "core/exec/protocol.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace zbuf::exec {

/// Two buffers of a program, mapped here: the same pages, at other addresses but as far apart. Where the
/// program has no memory there is none here either. Not for buffers that cannot be lent at all (NULL, not
/// aligned, ...): their addresses are passed on as they are, to be refused.
class UserPages {
 public:
  struct Wish {
    std::uint64_t address = 0;
    bool usable = false; ///< an address that can be mapped: not NULL, page-aligned
    bool there = false;  ///< the file has it
  };

  /// `file`: the program's shared memory (protocol.h); belongs to this object from here on, -1: none.
  UserPages(int file, std::array<Wish, 2> wishes, std::size_t bytes);
  ~UserPages();
  UserPages(const UserPages&) = delete;
  UserPages& operator=(const UserPages&) = delete;

  /// Where the buffer is to be found here.
  [[nodiscard]] std::uint64_t address(std::size_t which) const { return here_[which]; }
  /// And back: of an address that address() gave.
  [[nodiscard]] std::uint64_t user_address(std::uint64_t address) const;
  /// The guard's notes on this loan; null without a file.
  [[nodiscard]] LoanNotes* notes(unsigned slot) const;

 private:
  bool map_together(std::size_t bytes);
  void map_one(std::size_t which, std::size_t bytes, std::byte* at);

  int file_;
  std::array<Wish, 2> wishes_;
  std::array<std::uint64_t, 2> here_{};
  struct Area {
    void* at = nullptr;
    std::size_t bytes = 0;
  };
  std::array<Area, 3> areas_{}; ///< what is to be unmapped; the last one is the notes
};

} // namespace zbuf::exec
