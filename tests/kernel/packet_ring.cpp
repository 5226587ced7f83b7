// SPDX-License-Identifier: BSD-2-Clause
#include "tests/kernel/packet_ring.h"

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <gtest/gtest.h>
#include <net/if.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

namespace zbuf {

PacketRing::PacketRing(const std::string& interface, unsigned blocks, std::size_t block_bytes)
    : blocks_(blocks), block_bytes_(block_bytes) {
  socket_ = ::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
  const int version = TPACKET_V3;
  EXPECT_EQ(::setsockopt(socket_, SOL_PACKET, PACKET_VERSION, &version, sizeof(version)), 0);
  tpacket_req3 request{};
  request.tp_block_size = static_cast<unsigned>(block_bytes);
  request.tp_block_nr = blocks;
  request.tp_frame_size = 2048;
  request.tp_frame_nr = static_cast<unsigned>(block_bytes / 2048 * blocks);
  request.tp_retire_blk_tov = 50; // ms
  EXPECT_EQ(::setsockopt(socket_, SOL_PACKET, PACKET_RX_RING, &request, sizeof(request)), 0)
      << std::strerror(errno);
  void* const memory = ::mmap(nullptr, blocks * block_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, socket_, 0);
  EXPECT_NE(memory, MAP_FAILED) << std::strerror(errno);
  memory_ = static_cast<std::byte*>(memory);
  sockaddr_ll from{};
  from.sll_family = AF_PACKET;
  from.sll_protocol = htons(0x0003); // ETH_P_ALL
  from.sll_ifindex = static_cast<int>(if_nametoindex(interface.c_str()));
  EXPECT_EQ(::bind(socket_, reinterpret_cast<const sockaddr*>(&from), sizeof(from)), 0)
      << std::strerror(errno);
}

PacketRing::~PacketRing() {
  ::munmap(memory_, blocks_ * block_bytes_);
  ::close(socket_);
}

std::uint64_t PacketRing::dropped() {
  tpacket_stats_v3 statistics{};
  socklen_t length = sizeof(statistics);
  EXPECT_EQ(::getsockopt(socket_, SOL_PACKET, PACKET_STATISTICS, &statistics, &length), 0);
  return statistics.tp_drops;
}

bool PacketRing::wait() {
  ++calls_;
  pollfd asked{socket_, POLLIN, 0};
  return ::poll(&asked, 1, 200) > 0; // partial blocks come after 50 ms
}

} // namespace zbuf
