// SPDX-License-Identifier: BSD-2-Clause
// Linux's own ring of packets in shared memory, packet(7) with TPACKET_V3: what zero-copy BPF is measured
// against.
#pragma once

#include <cstddef>
#include <cstdint>
#include <linux/if_packet.h>
#include <span>
#include <string>

namespace zbuf {

class PacketRing {
 public:
  /// Of what arrives at that interface. The test fails if it cannot be had.
  PacketRing(const std::string& interface, unsigned blocks, std::size_t block_bytes);
  ~PacketRing();
  PacketRing(const PacketRing&) = delete;
  PacketRing& operator=(const PacketRing&) = delete;

  [[nodiscard]] unsigned blocks() const { return blocks_; }
  [[nodiscard]] std::uint64_t calls() const { return calls_; }
  /// Packets that the kernel dropped since the last time.
  [[nodiscard]] std::uint64_t dropped();

  /// Is the next block ours?
  [[nodiscard]] bool has_block() const {
    return (__atomic_load_n(&next()->hdr.bh1.block_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER) != 0;
  }
  /// poll(2) until something comes, at most 200 ms. Returns false if nothing did.
  bool wait();

  /// Gives each packet of the next block to `use`, and the block back. What the kernel says is read once, and
  /// checked against the block's end.
  template <typename Use>
  void take_block(Use&& use) {
    tpacket_block_desc* const block = next();
    const std::span<const std::byte> bytes(reinterpret_cast<const std::byte*>(block), block_bytes_);
    std::size_t at = block->hdr.bh1.offset_to_first_pkt;
    for (std::uint32_t left = block->hdr.bh1.num_pkts; left > 0 && at + sizeof(tpacket3_hdr) <= bytes.size();
         --left) {
      const auto* const header = reinterpret_cast<const tpacket3_hdr*>(bytes.data() + at);
      const std::size_t start = at + header->tp_mac, length = header->tp_snaplen;
      if (start + length > bytes.size())
        break;
      use(bytes.subspan(start, length));
      at += header->tp_next_offset;
    }
    __atomic_store_n(&block->hdr.bh1.block_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
    next_ = (next_ + 1) % blocks_;
  }

 private:
  [[nodiscard]] tpacket_block_desc* next() const {
    return reinterpret_cast<tpacket_block_desc*>(memory_ + next_ * block_bytes_);
  }

  const unsigned blocks_;
  const std::size_t block_bytes_;
  int socket_ = -1;
  std::byte* memory_ = nullptr;
  unsigned next_ = 0;
  std::uint64_t calls_ = 0;
};

} // namespace zbuf
