// SPDX-License-Identifier: BSD-2-Clause
// Where scenarios are found: by path, by the number of a lesson, or by a part of its name.
#pragma once

#include "core/base/result.h"

#include <string>
#include <vector>

namespace zbuf {

/// The folder with the lessons: `option` if given, else $ZBUF_SCENARIOS, else where this program was built
/// from, else where it lies as installed beside the program, or was to be installed. Empty if none of these
/// exists.
[[nodiscard]] std::string scenario_folder(const std::string& option);

/// The scenarios of a folder, sorted by name.
[[nodiscard]] std::vector<std::string> scenarios_in(const std::string& folder);

/// The files that an argument means: a file, all scenarios of a folder, a lesson by its number ("4"), or the
/// one whose name contains the text ("slow-reader"). Errors: not_found, with the nearest name; bad_input, if
/// several are meant.
Result<std::vector<std::string>> find_scenarios(const std::string& argument, const std::string& folder);

} // namespace zbuf
