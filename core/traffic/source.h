// SPDX-License-Identifier: BSD-2-Clause
// Where packets come from: the one interface of every source, synthetic, replayed or live.
#pragma once

#include "core/base/result.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace zbuf {

/// One packet on its way to an interface. `bytes` belongs to the source, until its next call of next().
struct Packet {
  std::uint64_t time_ns = 0;          ///< when its last bit arrives, since the start of the source
  std::span<const std::byte> bytes{}; ///< what is at hand of it; at most `wire_length`
  std::uint32_t wire_length = 0;      ///< bytes on the wire, without FCS
  bool outgoing = false;              ///< sent by this host, not received
};

/// What a source could not play as its records say.
struct SourceRemarks {
  std::uint64_t skipped = 0;        ///< records left out; what cannot be read up to the end counts as one
  std::uint64_t mended = 0;         ///< records played with another length than they say
  std::vector<std::string> lines{}; ///< which, why and where: the first few of them
};

/// A stream of packets in order of time. Single-threaded. The same arguments and seed give the same
/// packets, bit for bit, on every compiler.
class Source {
 public:
  virtual ~Source() = default;

  /// The next packet; nothing at the end. An error ends the stream: what came before it stands, and
  /// the error says how many packets that were and at which byte the fault lies.
  virtual Result<std::optional<Packet>> next() = 0;

  /// DLT_ number (pcap-linktype(7)) of all its packets; 1 is Ethernet.
  [[nodiscard]] virtual int link_type() const = 0;

  /// So far.
  [[nodiscard]] virtual SourceRemarks remarks() const { return {}; }

  /// One line for a report: "Poisson, 812000 packets/s, IMIX, 4 flows".
  [[nodiscard]] virtual std::string description() const = 0;
};

} // namespace zbuf
