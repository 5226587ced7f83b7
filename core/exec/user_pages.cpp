// SPDX-License-Identifier: BSD-2-Clause
#include "core/exec/user_pages.h"

#include <algorithm>
#include <sys/mman.h>
#include <unistd.h>

namespace zbuf::exec {

namespace {

/// Further apart than this, buffers are mapped where there is room, and their distance is not kept.
constexpr std::uint64_t most_span_bytes = std::uint64_t{1} << 46;

void* reserve(std::size_t bytes) {
  void* const at = ::mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return at == MAP_FAILED ? nullptr : at;
}

} // namespace

UserPages::UserPages(int file, std::array<Wish, 2> wishes, std::size_t bytes) : file_(file), wishes_(wishes) {
  for (std::size_t i = 0; i < 2; ++i)
    here_[i] = wishes[i].address;
  if (file >= 0) {
    void* const notes = ::mmap(nullptr, notes_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (notes != MAP_FAILED)
      areas_[2] = {notes, notes_bytes};
  }
  if (bytes == 0 || bytes % 4096 != 0 || (wishes[0].usable && wishes[1].usable && map_together(bytes)))
    return;
  for (std::size_t i = 0; i < 2; ++i) {
    if (!wishes[i].usable)
      continue;
    areas_[i] = {reserve(bytes), bytes};
    map_one(i, bytes, static_cast<std::byte*>(areas_[i].at));
  }
}

bool UserPages::map_together(std::size_t bytes) {
  const std::uint64_t low = std::min(wishes_[0].address, wishes_[1].address);
  const std::uint64_t span = std::max(wishes_[0].address, wishes_[1].address) + bytes - low;
  void* const area = span > most_span_bytes ? nullptr : reserve(span);
  if (area == nullptr)
    return false;
  areas_[0] = {area, span};
  for (std::size_t i = 0; i < 2; ++i)
    map_one(i, bytes, static_cast<std::byte*>(area) + (wishes_[i].address - low));
  return true;
}

void UserPages::map_one(std::size_t which, std::size_t bytes, std::byte* at) {
  here_[which] = reinterpret_cast<std::uintptr_t>(at);
  if (at == nullptr || !wishes_[which].there || file_ < 0)
    return;
  // Refused (which it is not, of a file of that size): the reservation stays, and the loan ends in EFAULT.
  (void)::mmap(at, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED | MAP_POPULATE, file_,
               static_cast<off_t>(wishes_[which].address));
}

UserPages::~UserPages() {
  for (const Area& area : areas_)
    if (area.at != nullptr)
      ::munmap(area.at, area.bytes);
  if (file_ >= 0)
    ::close(file_);
}

std::uint64_t UserPages::user_address(std::uint64_t address) const {
  for (std::size_t i = 0; i < 2; ++i)
    if (address == here_[i])
      return wishes_[i].address;
  return address;
}

LoanNotes* UserPages::notes(unsigned slot) const {
  return areas_[2].at == nullptr || slot >= loan_slots ? nullptr
                                                       : static_cast<LoanNotes*>(areas_[2].at) + slot;
}

} // namespace zbuf::exec
