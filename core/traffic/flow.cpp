// SPDX-License-Identifier: BSD-2-Clause
#include "core/traffic/flow.h"

#include "core/traffic/layers.h"
#include "core/traffic/wire.h"

namespace zbuf {

namespace {

/// The finalizer of SplitMix64: every bit of the input moves every bit of the result.
std::uint64_t mixed(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

std::uint64_t get64(const std::byte* from) {
  return std::uint64_t{get32(from)} << 32 | get32(from + 4);
}

/// Both ends go in by addition, so that neither is the first.
std::uint32_t hash_of(std::uint64_t one_end, std::uint64_t other_end, std::uint64_t kind) {
  const auto hash = static_cast<std::uint32_t>(mixed(mixed(one_end) + mixed(other_end) + kind) >> 32);
  return hash != 0 ? hash : 1;
}

std::uint64_t end6(const std::byte* address, std::uint64_t port) {
  return mixed(get64(address)) + get64(address + 8) + (port << 48);
}

std::uint32_t hash_of_hardware(std::span<const std::byte> bytes, const Layers& layers) {
  const std::uint64_t to = std::uint64_t{get16(&bytes[0])} << 32 | get32(&bytes[2]);
  const std::uint64_t from = std::uint64_t{get16(&bytes[6])} << 32 | get32(&bytes[8]);
  return hash_of(to, from, std::uint64_t{layers.ether_type} << 16);
}

} // namespace

std::uint32_t flow_hash(std::span<const std::byte> bytes, int link_type) {
  const Layers layers = find_layers(bytes, link_type);
  if (layers.has_addresses) {
    const std::byte* const source = &bytes[layers.source_offset];
    const std::byte* const destination = &bytes[layers.destination_offset];
    const std::uint64_t kind = layers.protocol;
    if (layers.network == Layers::Network::ip6)
      return hash_of(end6(source, layers.source_port), end6(destination, layers.destination_port), kind);
    return hash_of(std::uint64_t{layers.source_port} << 32 | get32(source),
                   std::uint64_t{layers.destination_port} << 32 | get32(destination), kind);
  }
  constexpr std::size_t arp_bytes = 28;
  if (layers.network == Layers::Network::arp && bytes.size() >= layers.network_offset + arp_bytes) {
    const std::byte* const arp = &bytes[layers.network_offset];
    return hash_of(get32(arp + 14), get32(arp + 24), layers.ether_type);
  }
  if (link_type == link_ethernet && layers.complete_link)
    return hash_of_hardware(bytes, layers);
  return 0;
}

} // namespace zbuf
