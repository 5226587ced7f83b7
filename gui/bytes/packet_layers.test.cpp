// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/bytes/packet_layers.h"

#include "core/base/random.h"
#include "core/traffic/synthetic.h"

#include <QStringList>

#include <gtest/gtest.h>

namespace zbuf::gui::bytes_view {
namespace {

QStringList names(const std::vector<PacketLayer>& layers) {
  QStringList names;
  for (const PacketLayer& layer : layers)
    names.append(layer.name);
  return names;
}

void expect_cover(const std::vector<PacketLayer>& layers, std::size_t size) {
  std::size_t at = 0;
  for (const PacketLayer& layer : layers) {
    ASSERT_EQ(layer.begin, at);
    ASSERT_GT(layer.end, layer.begin);
    ASSERT_FALSE(layer.name.isEmpty());
    at = layer.end;
  }
  ASSERT_EQ(at, size);
}

TEST(PacketLayers, OfAUdpPacket) {
  std::vector<std::byte> bytes(60);
  bytes[12] = std::byte{0x08};
  bytes[14] = std::byte{0x45};
  bytes[17] = std::byte{38}; // IP length: 20 + 8 + 10
  bytes[23] = std::byte{17};
  const auto layers = packet_layers(bytes, 1);
  EXPECT_EQ(names(layers), (QStringList{"Ethernet", "IPv4", "UDP", "data", "padding"}));
  EXPECT_EQ(layers[1], (PacketLayer{"IPv4", 14, 34}));
  EXPECT_EQ(layers[3], (PacketLayer{"data", 42, 52}));
}

TEST(PacketLayers, CoverAnyBytesWithoutAGap) {
  Random random(3);
  for (int i = 0; i < 20000; ++i) {
    std::vector<std::byte> bytes(random.below(120));
    for (std::byte& byte : bytes)
      byte = static_cast<std::byte>(random.next());
    if (bytes.size() > 30 && i % 2 == 0) { // something like IP
      bytes[12] = std::byte{0x08};
      bytes[13] = std::byte{0};
      bytes[14] = static_cast<std::byte>(0x40 | random.below(16));
      bytes[23] = static_cast<std::byte>(std::array{6, 17, 1, 200}[random.below(4)]);
    }
    const int link = std::array{1, 0, 12, 113, 276, 99}[random.below(6)];
    expect_cover(packet_layers(bytes, link), bytes.size());
  }
}

} // namespace
} // namespace zbuf::gui::bytes_view
