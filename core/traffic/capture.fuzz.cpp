// SPDX-License-Identifier: BSD-2-Clause
// libFuzzer: any bytes as a capture, and whatever packets come of them to what names packets.
#include "core/traffic/capture.h"
#include "core/base/assert.h"
#include "core/traffic/flow.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace zbuf;
  ReplayConfig config;
  config.loop_count = 2;
  config.limit_packets = 2000;
  const auto source = open_capture({reinterpret_cast<const std::byte*>(data), size}, "fuzz", config);
  if (!source)
    return 0;
  std::uint64_t last_ns = 0;
  for (;;) {
    const auto packet = (*source)->next();
    if (!packet || !*packet)
      return 0;
    ZBUF_ASSERT((*packet)->time_ns >= last_ns);
    ZBUF_ASSERT((*packet)->bytes.size() <= (*packet)->wire_length);
    last_ns = (*packet)->time_ns;
    flow_hash((*packet)->bytes, (*source)->link_type());
    summarize_packet((*packet)->bytes, (*packet)->wire_length, (*source)->link_type());
  }
}
