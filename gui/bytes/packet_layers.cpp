// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/bytes/packet_layers.h"

#include "core/traffic/layers.h"
#include "core/traffic/view.h"

#include <QCoreApplication>

#include <algorithm>

namespace zbuf::gui::bytes_view {

namespace {

struct Names {
  Q_DECLARE_TR_FUNCTIONS(Bytes)
};

QString link_name(int link_type) {
  switch (link_type) {
  case link_ethernet:
    return "Ethernet";
  case link_null:
  case link_loop:
    return Names::tr("loopback header");
  case link_linux_sll:
  case link_linux_sll2:
    return "Linux SLL";
  default:
    return Names::tr("link header");
  }
}

QString network_name(const Layers& layers) {
  switch (layers.network) {
  case Layers::Network::ip4:
    return "IPv4";
  case Layers::Network::ip6:
    return "IPv6";
  case Layers::Network::arp:
    return "ARP";
  default:
    return Names::tr("data");
  }
}

struct Transport {
  QString name;
  std::size_t size; ///< of its header; 0: not one of ours
};

Transport transport_of(const Layers& layers, const View& view) {
  switch (layers.protocol) {
  case 6:
    return {"TCP", std::size_t{view.u8(layers.transport_offset + 12)} / 16 * 4};
  case 17:
    return {"UDP", 8};
  case 1:
    return {"ICMP", 8};
  case 58:
    return {"ICMPv6", 8};
  default:
    return {{}, 0};
  }
}

} // namespace

std::vector<PacketLayer> packet_layers(std::span<const std::byte> bytes, int link_type) {
  std::vector<PacketLayer> layers;
  std::size_t at = 0;
  const auto until = [&](std::size_t end, const QString& name) {
    end = std::min(end, bytes.size());
    if (end <= at)
      return;
    layers.push_back({name, at, end});
    at = end;
  };
  const Layers found = find_layers(bytes, link_type);
  if (found.complete_link)
    until(found.network_offset, link_name(link_type));
  if (found.has_addresses) {
    const std::size_t end = found.end_offset == 0 ? bytes.size() : found.end_offset;
    until(found.transport_offset == 0 ? end : std::min(found.transport_offset, end), network_name(found));
    if (found.transport_offset != 0) {
      const Transport transport = transport_of(found, View(bytes));
      until(std::min(found.transport_offset + transport.size, end), transport.name);
    }
    until(end, Names::tr("data"));
    until(bytes.size(), Names::tr("padding"));
    return layers;
  }
  if (found.network == Layers::Network::arp)
    until(found.network_offset + 28, network_name(found));
  until(bytes.size(), found.network == Layers::Network::arp ? Names::tr("padding") : Names::tr("data"));
  return layers;
}

} // namespace zbuf::gui::bytes_view
