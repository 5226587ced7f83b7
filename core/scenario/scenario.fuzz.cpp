// SPDX-License-Identifier: BSD-2-Clause
// Scenarios from anywhere: parsing opens nothing, and must not crash, hang or eat the machine.
#include "core/scenario/scenario.h"
#include "core/base/assert.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t most_bytes = 16384;
  if (size > most_bytes)
    return 0;
  const auto scenario = zbuf::parse_scenario({reinterpret_cast<const char*>(data), size}, "fuzz.toml", "");
  if (scenario)
    ZBUF_ASSERT(!scenario->runs.empty());
  else
    ZBUF_ASSERT(!scenario.error().empty());
  return 0;
}
