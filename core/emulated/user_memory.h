// SPDX-License-Identifier: BSD-2-Clause
// Memory of the process that the emulated kernel is asked to use: is it there, and may it be written?
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace zbuf {

/// Every page of [address, address + length) can be read and written. Asks the operating system, by having
/// it copy a byte of each page through a pipe and back: nothing is changed, nothing faults.
[[nodiscard]] bool memory_is_writable(std::uint64_t address, std::size_t length);

/// Copies from memory that may not be there; false, and nothing useful in `into`, if so.
[[nodiscard]] bool copy_from_user(std::uint64_t address, void* into, std::size_t length);

/// The system call that copies memory of this process to memory of this process through the kernel: what
/// read(2) of a character device costs. Empty where there is none; then copy_through_kernel() copies without.
[[nodiscard]] std::string_view kernel_copy_call();

/// Copies `length` bytes with that call. Returns false for EFAULT.
bool copy_through_kernel(const void* from, std::uint64_t address, std::size_t length);

} // namespace zbuf
