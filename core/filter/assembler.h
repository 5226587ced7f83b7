// SPDX-License-Identifier: BSD-2-Clause
// The machine code of one filter program, with asmjit; one implementation for each kind of processor.
#pragma once

#include "core/filter/plan.h"

#include <asmjit/core.h>

namespace zbuf {

/// Puts the machine code of `program` into the text section of `code`, which is initialised for the processor
/// and empty. It runs wherever it is put, as a C function:
///   uint32_t (const uint8_t* bytes, uint64_t length, uint32_t wire_length)
/// with length < 2^31, touches nothing but the packet and its own stack frame, and calls nothing.
/// Pre: as plan_filter, whose result `plan` is. Returns false, and the text is of no use, where asmjit fails.
bool assemble_filter(std::span<const zb_bpf_insn> program, const FilterPlan& plan, asmjit::CodeHolder& code);

/// Whether asmjit met an error.
struct AssemblerErrors : asmjit::ErrorHandler {
  bool any = false;
  void handleError(asmjit::Error, const char*, asmjit::BaseEmitter*) override { any = true; }
};

} // namespace zbuf
