// SPDX-License-Identifier: BSD-2-Clause
// The other program, zbuflab: it draws what this one has measured.
#pragma once

#include "core/base/result.h"

#include <string>

namespace zbuf {

/// Where this program is; "zbuf" if the system does not tell.
[[nodiscard]] std::string program_path();

/// zbuflab: beside this program, where the build leaves it, or in $PATH. Errors: not_found, with `otherwise`:
/// what to do without it.
Result<std::string> find_window_program(const std::string& otherwise);

/// Draws saved results of the benchmark; the ending of `picture` says how: .png, .svg, .pdf. Errors: what
/// zbuflab had to say, it has said on standard error; io.
Result<void> draw_results(const std::string& window_program, const std::string& results,
                          const std::string& picture);

/// Errors: bad_input: an ending that cannot be drawn.
Result<void> check_picture_name(const std::string& picture);

} // namespace zbuf
