// SPDX-License-Identifier: BSD-2-Clause
// A live interface as libpcap sees it: packets with the time at which they arrived, and what was lost.
#pragma once

#include "core/base/result.h"
#include "core/traffic/source.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace zbuf {

/// One interface, opened in promiscuous mode. Single-threaded.
class Tap {
 public:
  enum class State { open, gone };

  /// What happened since the tap was opened.
  struct Counts {
    std::uint64_t received = 0;      ///< packets that the tap gave us
    std::uint64_t lost = 0;          ///< ... that came too fast for it
    std::uint64_t hardware_lost = 0; ///< ... that the interface itself could not take
  };

  /// A packet; `time_ns` is counted from 1970.
  using Handler = std::function<void(const Packet&)>;

  virtual ~Tap() = default;

  /// Gives the handler what has arrived; waits for it, up to so many milliseconds. Errors: io, with libpcap's
  /// words.
  virtual Result<State> take(int timeout_ms, const Handler& handler) = 0;

  virtual Counts counts() = 0;

  /// DLT_ number (pcap-linktype(7)).
  [[nodiscard]] virtual std::uint32_t link_type() const = 0;
};

/// Opens an interface with libpcap. It takes `ring_bytes` of memory for what has arrived and was not yet
/// taken.
///
/// Where packets come in blocks (Linux) they are at most some milliseconds late; their time stamps, in
/// nanoseconds where the system has them, are those of arrival. Needs CAP_NET_RAW; not after this call.
/// Errors: not_found, with the names that there are; io: no permission, interface down, and what libpcap
/// says, each with what to do.
Result<std::unique_ptr<Tap>> open_tap(const std::string& interface, std::size_t ring_bytes);

/// The IPv4 netmask of an interface, in network byte order, if it has one.
std::optional<std::uint32_t> netmask_of(const std::string& interface);

} // namespace zbuf
