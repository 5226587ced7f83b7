// SPDX-License-Identifier: BSD-2-Clause
// FilterDecision for x86-64.
#pragma once

#include "core/filter/decision.h"

#include <asmjit/x86.h>

namespace zbuf {

/// Writes code that takes the arguments of assemble_filter()'s and returns, but goes on behind itself, with
/// the arguments as they were, for packets that are too short for the decision.
void assemble_decision(const FilterDecision& decision, asmjit::x86::Assembler& out);

} // namespace zbuf
