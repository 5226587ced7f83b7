// SPDX-License-Identifier: BSD-2-Clause
// What arrives, and at what kernel: the options of `zbuf exec`, put together and checked.
#pragma once

#include "core/emulated/kernel.h"
#include "core/exec/feed.h"
#include "core/live/tap.h"
#include "core/scenario/scenario.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace zbuf::exec {

struct PlanOptions {
  std::string capture{};    ///< --pcap: a file to be replayed
  std::string interface {}; ///< --iface: a live interface
  std::string scenario{};   ///< --scenario: path of a scenario, whose traffic and kernel are taken
  /// --traffic: keys of a [[traffic]] table of scenarios/README.md, with commas between: "rate=200kpps,
  /// sizes=imix". Words need no quotes. Together with a capture: how that is replayed.
  std::string traffic{};
  std::string revision{};             ///< empty: the scenario's, or freebsd
  std::vector<std::string> sysctls{}; ///< "net.bpf.bufsize=8192"
};

struct Plan {
  EmulatedKernel::Config kernel{};
  std::vector<std::pair<std::string, std::uint64_t>>
      sysctls{}; ///< to be set, with EmulatedKernel::set_sysctl()
  std::vector<InterfaceConfig> interfaces{};
  struct Stream {
    std::size_t interface = 0; ///< in `interfaces`
    std::function<Result<std::unique_ptr<Source>>()> make_source{};
  };
  std::vector<Stream> streams{};
  std::unique_ptr<Tap> tap{}; ///< instead of streams, for interface 0
  std::string description{};  ///< of the traffic, in one line
};

/// Opens captures and interfaces. All that is wrong, at once. Unlike on FreeBSD, net.bpf.zerocopy_enable
/// is 1.
tl::expected<Plan, Errors> make_plan(const PlanOptions& options);

} // namespace zbuf::exec
