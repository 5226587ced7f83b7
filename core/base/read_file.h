// SPDX-License-Identifier: BSD-2-Clause
// The whole of a file that a person wrote or a program saved, such as a scenario.
#pragma once

#include "core/base/result.h"

#include <cstddef>
#include <string>

namespace zbuf {

/// What is in a file, or comes out of a pipe, of at most `most_bytes`. `expected` ends the sentence of an
/// error: "a scenario (*.toml)". Errors: not_found; bad_input: a folder, or larger; io, with the system's
/// words. Each has the path as its file.
[[nodiscard]] Result<std::string> read_file(const std::string& path, const std::string& expected,
                                            std::size_t most_bytes);

} // namespace zbuf
