// SPDX-License-Identifier: BSD-2-Clause
// The subcommands of zbuf, a file each. Each adds itself to the program, with its options, its help and
// examples.
#pragma once

#include "core/base/result.h"
#include "core/cli/terminal.h"
#include "core/scenario/scenario.h"

#include <CLI/CLI.hpp>

namespace zbuf {

/// Exit statuses.
inline constexpr int status_good = 0;
inline constexpr int status_failed = 1;    ///< a check, an invariant, an observation, or a program
inline constexpr int status_bad_input = 2; ///< bad usage, bad input, or a file that cannot be read or written
inline constexpr int status_interrupted = 130; ///< Ctrl-C, as shells have it

/// What all of them share. It outlives the program's options, which refer to it.
struct CommandContext {
  Colour colour = Colour::automatic;
  std::string folder{}; ///< --scenarios
  int status = status_good;
};

void add_run(CLI::App& app, CommandContext& context);
void add_check(CLI::App& app, CommandContext& context);
void add_list(CLI::App& app, CommandContext& context);
void add_trace(CLI::App& app, CommandContext& context);
void add_attach(CLI::App& app, CommandContext& context);
#ifdef ZBUF_HAS_EXEC
void add_exec(CLI::App& app, CommandContext& context);
#endif
void add_conform(CLI::App& app, CommandContext& context);
void add_bench(CLI::App& app, CommandContext& context);
void add_calibrate(CLI::App& app, CommandContext& context);
void add_convert(CLI::App& app, CommandContext& context);
void add_stat(CLI::App& app, CommandContext& context);
void add_doctor(CLI::App& app, CommandContext& context);
void add_completion(CLI::App& app, CommandContext& context);

/// Writes errors to standard error, one a line.
void tell(const Errors& errors);
void tell(const Error& error);

/// An option that takes the name of a revision.
CLI::Option* add_revision_option(CLI::App& app, std::string& revision, const std::string& help);

} // namespace zbuf
