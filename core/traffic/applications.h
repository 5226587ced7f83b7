// SPDX-License-Identifier: BSD-2-Clause
// What lies on top of TCP and UDP: names DNS, TLS, HTTP, SSH and others by how they begin, else by port.
#pragma once

#include "core/traffic/view.h"

#include <array>
#include <fmt/format.h>
#include <string>
#include <string_view>

namespace zbuf {

/// A protocol, and what there is to say of one packet of it.
struct Naming {
  std::string protocol;
  std::string details;
};

/// The protocol of a TCP segment with this payload, between these ports; "TCP" where none is known.
Naming name_stream(View payload, unsigned source_port, unsigned destination_port);

/// The same of a UDP datagram; "UDP" where none is known.
Naming name_datagram(View payload, unsigned source_port, unsigned destination_port);

/// The name with this number; where there is none, `what` and the number.
template <std::size_t n>
std::string name_or_number(const std::array<std::string_view, n>& names, unsigned number,
                           std::string_view what) {
  if (number < n && !names[number].empty())
    return std::string(names[number]);
  return fmt::format("{} {}", what, number);
}

} // namespace zbuf
