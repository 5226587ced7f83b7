// Memory of the process that the emulated kernel is asked to use: is it there, and may it be written?
#pragma once

#include <cstddef>
#include <cstdint>

namespace zbuf {

/// Every page of [address, address + length) can be read and written. Asks the operating system, by having
/// it copy a byte of each page through a pipe and back: nothing is changed, nothing faults.
[[nodiscard]] bool memory_is_writable(std::uint64_t address, std::size_t length);

/// Copies from memory that may not be there; false, and nothing useful in `into`, if so.
[[nodiscard]] bool copy_from_user(std::uint64_t address, void* into, std::size_t length);

} // namespace zbuf
