// SPDX-License-Identifier: BSD-2-Clause
// A filter program made ready to run on many packets: as machine code where that can be had.
#pragma once

#include "core/base/result.h"

extern "C" {
#include "kernel/engine/abi.h"
}

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace zbuf {

/// One filter program, checked and prepared. It keeps no reference to what it was made of.
///
/// run() gives what libpcap's bpf_filter gives, for every program. Scratch memory that the program has not
/// written reads as 0, as in FreeBSD's kernel: up to libpcap 1.10, bpf_filter finds there what is on the
/// stack.
///
/// Any number of threads may call run() on one object. What has been moved from may only be assigned to or
/// destroyed.
class FilterCode {
 public:
  /// Machine code, through asmjit, in pages of its own: written first and executable afterwards, never both.
  /// Where there is no asmjit, where it is not for this processor (x86-64, arm64), and where the system
  /// refuses executable pages, it is the interpreter instead.
  ///
  /// Errors: bad_input, for what filter_is_valid() refuses.
  static Result<FilterCode> compile(std::span<const zb_bpf_insn> program);

  /// The same, always with libpcap's interpreter.
  static Result<FilterCode> interpret(std::span<const zb_bpf_insn> program);

  /// Returns how many bytes of the packet to keep; 0 rejects it. `bytes`: fewer than 2^31. `wire_length`:
  /// what its "len" is.
  [[nodiscard]] std::uint32_t run(std::span<const std::uint8_t> bytes, std::uint32_t wire_length) const;

  /// Whether this is machine code.
  [[nodiscard]] bool compiled() const { return code_ != nullptr; }

 private:
  using Run = std::uint32_t (*)(const std::uint8_t* bytes, std::uint64_t length, std::uint32_t wire_length,
                                const zb_bpf_insn* program);
  struct Unmap {
    std::size_t size_bytes;
    void operator()(void* pages) const;
  };

  FilterCode() = default;
  static std::uint32_t run_interpreter(const std::uint8_t* bytes, std::uint64_t length,
                                       std::uint32_t wire_length, const zb_bpf_insn* program);

  Run run_ = nullptr;
  std::vector<zb_bpf_insn> program_; ///< for the interpreter
  std::unique_ptr<void, Unmap> code_;
};

#if defined(__clang__)
// The check that a function pointer has the right type looks at bytes before the function: here, at no page.
__attribute__((no_sanitize("function")))
#endif
inline std::uint32_t
FilterCode::run(std::span<const std::uint8_t> bytes, std::uint32_t wire_length) const {
  return run_(bytes.data(), static_cast<std::uint32_t>(bytes.size()), wire_length, program_.data());
}

} // namespace zbuf
