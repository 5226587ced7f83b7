// SPDX-License-Identifier: BSD-2-Clause
// The DNS look-ups that synthetic traffic makes: a small table of questions with their answers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace zbuf {

/// A message with its transaction number left 0, and the sum of its words for the checksum.
struct DnsMessage {
  std::vector<std::byte> bytes;
  std::uint32_t sum = 0;
};

struct DnsLookup {
  DnsMessage query;
  DnsMessage answer;
};

/// Look-ups of A and AAAA records of example names (RFC 2606), in a fixed order; some names do not exist.
std::vector<DnsLookup> dns_lookups();

} // namespace zbuf
