// SPDX-License-Identifier: BSD-2-Clause
#include "core/base/link_type.h"

#include <cstdio>
#include <cstring>
#include <gtest/gtest.h>
#include <optional>
#include <pcap/pcap.h>

namespace zbuf {
namespace {

/// The number that libpcap writes to a file; none for what it does not write.
std::optional<std::uint32_t> in_libpcaps_file(int dlt) {
  pcap_t* const pcap = pcap_open_dead(dlt, 65535);
  unsigned char header[24] = {};
  std::FILE* const stream = ::fmemopen(header, sizeof(header), "wb");
  std::setvbuf(stream, nullptr, _IONBF, 0);
  pcap_dumper_t* const dumper = pcap_dump_fopen(pcap, stream); // after an error the stream is ours, or closed
  if (dumper != nullptr)
    pcap_dump_close(dumper);
  pcap_close(pcap);
  if (dumper == nullptr)
    return std::nullopt;
  std::uint32_t number = 0;
  std::memcpy(&number, header + 20, sizeof(number));
  return number;
}

TEST(LinkType, FilesHaveTheNumbersThatLibpcapWrites) {
  unsigned written = 0;
  for (int dlt = 0; dlt < 400; ++dlt)
    if (const auto number = in_libpcaps_file(dlt)) {
      EXPECT_EQ(link_type_in_file(static_cast<std::uint32_t>(dlt)), *number) << "DLT " << dlt;
      ++written;
    }
  EXPECT_GT(written, 200u);
  EXPECT_EQ(link_type_in_file(12), 101u);
  EXPECT_EQ(link_type_in_file(1), 1u);
  EXPECT_EQ(link_type_in_file(54321), 54321u) << "what has no other number keeps it";
}

} // namespace
} // namespace zbuf
