// SPDX-License-Identifier: BSD-2-Clause
#include "core/base/link_type.h"

#include <pcap/dlt.h> // this system's numbers

namespace zbuf {

std::uint32_t link_type_in_file(std::uint32_t dlt) {
  struct Pair {
    std::uint32_t dlt, in_file;
  };
  // All that differ; link_type.test.cpp compares every number with what libpcap writes.
  static constexpr Pair different[] = {
      {DLT_ATM_RFC1483, 100}, {DLT_RAW, 101},      {DLT_SLIP_BSDOS, 102},
      {DLT_PPP_BSDOS, 103},   {DLT_ATM_CLIP, 106}, {DLT_PFSYNC, 246},
  };
  for (const Pair& pair : different)
    if (pair.dlt == dlt)
      return pair.in_file;
  return dlt;
}

} // namespace zbuf
