// SPDX-License-Identifier: BSD-2-Clause
// Filter programs: from an expression (pcap-filter(7)) to instructions, and what makes them valid.
#pragma once

#include "core/base/result.h"

extern "C" {
#include "kernel/engine/abi.h"
}

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace zbuf {

/// libpcap's compiler. `snaplen`: bytes that an accepted packet keeps, 1 to 262144. `netmask`: of the
/// interface, in network byte order, where it is known ("ip broadcast"). An empty expression accepts
/// everything, of any link type. Errors: libpcap's message, with the expression; unsupported, for an
/// expression that takes a loop ("protochain" in pcap-filter(7)): bpf(4) refuses jumps back; and for one that
/// asks what only Linux's kernel knows of a packet ("inbound", "ifindex"): bpf(4) rejects every packet with
/// it.
Result<std::vector<zb_bpf_insn>> compile_filter(const std::string& expression, int link_type,
                                                std::uint32_t snaplen,
                                                std::optional<std::uint32_t> netmask = {});

/// The rules of the kernel's bpf_validate: instructions that there are, jumps that lead forward and stay
/// inside, scratch words 0 to 15, no division by a constant 0, and a return at the end.
[[nodiscard]] bool filter_is_valid(std::span<const zb_bpf_insn> program);

/// "(000) ldh      [12]": one line per instruction, as tcpdump -d prints it.
[[nodiscard]] std::vector<std::string> list_filter(std::span<const zb_bpf_insn> program);

} // namespace zbuf
