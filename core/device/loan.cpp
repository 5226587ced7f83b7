// SPDX-License-Identifier: BSD-2-Clause
#include "core/device/loan.h"

#include "core/base/assert.h"

extern "C" {
#include "kernel/engine/abi.h"
}

#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <sys/mman.h>
#include <utility>

namespace zbuf {

Result<Loan> Loan::allocate(std::size_t bytes) {
  constexpr std::size_t page = ZB_PAGE_SIZE;
  constexpr std::size_t most = std::size_t{1} << 30;
  if (bytes == 0 || bytes > most)
    return fail(Error::Code::bad_input, fmt::format("buffer of {} bytes: expected 1 to {}", bytes, most));
  Loan loan;
  loan.size_ = (bytes + page - 1) / page * page;
  loan.mapped_ = 2 * (loan.size_ + page);
  void* const memory = ::mmap(nullptr, loan.mapped_, PROT_NONE, MAP_PRIVATE | MAP_ANON, -1, 0);
  if (memory == MAP_FAILED)
    return fail(Error::Code::io, fmt::format("mmap of {} bytes: {}", loan.mapped_, std::strerror(errno)));
  loan.memory_ = static_cast<std::byte*>(memory);
  loan.address_ = {loan.memory_, loan.memory_ + loan.size_ + page};
  for (std::byte* const buffer : loan.address_)
    if (::mprotect(buffer, loan.size_, PROT_READ | PROT_WRITE) != 0)
      return fail(Error::Code::io, fmt::format("mprotect of {} bytes: {}", loan.size_, std::strerror(errno)));
  return loan;
}

Loan::~Loan() {
  if (memory_ != nullptr)
    ::munmap(memory_, mapped_);
}

Loan::Loan(Loan&& other) noexcept {
  *this = std::move(other);
}

Loan& Loan::operator=(Loan&& other) noexcept {
  std::swap(memory_, other.memory_);
  std::swap(mapped_, other.mapped_);
  std::swap(size_, other.size_);
  std::swap(address_, other.address_);
  return *this;
}

void Loan::make_read_only() {
  for (std::byte* const buffer : address_)
    ZBUF_ASSERT(::mprotect(buffer, size_, PROT_READ) == 0);
}

void Loan::unmap(zb_which which) {
  // Kept as address space, so that nothing else comes to lie there.
  ZBUF_ASSERT(::mprotect(address_[which], size_, PROT_NONE) == 0);
}

} // namespace zbuf
