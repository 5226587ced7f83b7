// SPDX-License-Identifier: BSD-2-Clause
// The program of `zbuf exec`: whether a preloaded library can reach it, and its life.
#pragma once

#include "core/base/result.h"

#include <functional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace zbuf::exec {

/// Where execvp(3) would find it. Errors: not_found; bad_input: it is no file that can be executed.
Result<std::string> find_program(const std::string& name);

/// Refuses what ld.so would not preload a library into, with the reason: statically linked programs, setuid
/// and setgid ones and those with capabilities, those for another machine or another C library. Of a script,
/// what interprets it. Errors: unsupported, io.
Result<void> check_program(const std::string& path);

/// The library that is preloaded: beside this program as it was built, or as it was installed. Errors:
/// not_found.
Result<std::string> find_preload();

/// Starts it with the arguments (the first is its name) and, over those of this process, the environment
/// variables
/// ("NAME=value"). Signals have their defaults there. Errors: io.
Result<pid_t> start_program(const std::string& path, const std::vector<std::string>& arguments,
                            const std::vector<std::string>& environment);

/// How a program ended.
struct Ending {
  int status = 0; ///< exit status
  int signal = 0; ///< 0: none; else what killed it
  /// As shells have it: the status, or 128 and the signal.
  [[nodiscard]] int shell_status() const { return signal != 0 ? 128 + signal : status; }
};

/// Waits for it. Meanwhile signals to this process go on to the program: SIGTERM and SIGHUP, and SIGINT and
/// SIGQUIT if somebody sent them; from a terminal the program gets those itself.
Ending wait_for_program(pid_t pid);

/// While it lives, SIGINT, SIGTERM and the like are noted instead. Pre: start_program() was called.
class Interruption {
 public:
  Interruption();
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;
  [[nodiscard]] bool came() const;
};

} // namespace zbuf::exec
