// SPDX-License-Identifier: BSD-2-Clause
// From one file to the documents of the runs that it compares: the base, and one for each [[compare]], with
// what that sets set. Private to this room.
#pragma once

#include "core/scenario/scenario.h"

#include <optional>
#include <string>
#include <string_view>
#include <toml++/toml.h>
#include <vector>

namespace zbuf {

/// A run, as a document of its own. Nodes keep their places in the file.
struct VariantDocument {
  std::string name{}; ///< empty for a base run that has none of its own
  toml::table document{};
  std::optional<std::size_t>
      compare{}; ///< which [[compare]] it is of; none: the base run, or of mode = "both"
  Place place{}; ///< of that [[compare]]
};

/// The whole of a TOML text; nothing, and reported, if it is none.
std::optional<toml::table> parse_document(std::string_view text, Diagnostics& diagnostics);

/// Splits a file. Empty, and reported, if it is not TOML at all; what cannot be set is reported as well.
std::vector<VariantDocument> split_variants(std::string_view toml, const Overrides& overrides,
                                            Diagnostics& diagnostics);

} // namespace zbuf
