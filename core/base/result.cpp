// SPDX-License-Identifier: BSD-2-Clause
#include "core/base/result.h"

#include <fmt/format.h>

namespace zbuf {

std::string Error::text() const {
  std::string place = file;
  if (line != 0)
    place += fmt::format("{}{}", place.empty() ? "line " : ":", line);
  if (line != 0 && column != 0)
    place += fmt::format(":{}", column);
  if (has_offset)
    place += fmt::format("{}byte {}", place.empty() ? "" : ": ", offset);
  return place.empty() ? message : fmt::format("{}: {}", place, message);
}

} // namespace zbuf
