// SPDX-License-Identifier: BSD-2-Clause
// Packets and filters that tests and benchmarks of filters share.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <pcap/pcap.h>
#include <string>
#include <vector>

namespace zbuf::testing {

inline constexpr std::array<const char*, 7> common_filters = {
    "tcp port 80",
    "udp port 53",
    "host 192.0.2.1",
    "icmp",
    "ip6",
    "tcp[tcpflags] & (tcp-syn|tcp-fin) != 0",
    "net 198.51.100.0/24 and not port 22",
};

struct FilterPacket {
  std::vector<std::uint8_t> bytes;
  std::uint32_t wire_length = 0;
};

/// The packets of each capture in a folder, in order of file names, whatever their link types. What libpcap
/// cannot read is left out.
inline std::vector<std::vector<FilterPacket>> packets_of_captures(const std::string& folder) {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    paths.push_back(entry.path().string());
  std::sort(paths.begin(), paths.end());
  std::vector<std::vector<FilterPacket>> captures;
  for (const std::string& path : paths) {
    std::array<char, PCAP_ERRBUF_SIZE> error{};
    const std::unique_ptr<pcap_t, void (*)(pcap_t*)> file(pcap_open_offline(path.c_str(), error.data()),
                                                          [](pcap_t* handle) {
                                                            if (handle != nullptr)
                                                              pcap_close(handle);
                                                          });
    if (file == nullptr)
      continue;
    std::vector<FilterPacket>& packets = captures.emplace_back();
    pcap_pkthdr* header = nullptr;
    const u_char* bytes = nullptr;
    while (pcap_next_ex(file.get(), &header, &bytes) == 1)
      packets.push_back({{bytes, bytes + header->caplen}, header->len});
  }
  return captures;
}

} // namespace zbuf::testing
