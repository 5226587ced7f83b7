// SPDX-License-Identifier: BSD-2-Clause
// Observations from anywhere: replaying them must not crash, hang or eat the machine.
#include "core/observation/conform.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t most_bytes = 4096;
  if (size > most_bytes)
    return 0;
  static const zbuf::MakeBed make_bed = zbuf::emulated_beds(zb_revisions[ZB_FREEBSD]);
  zbuf::Conformance result;
  (void)zbuf::replay_observations({reinterpret_cast<const char*>(data), size}, "fuzz.jsonl", make_bed,
                                  result);
  return 0;
}
