// SPDX-License-Identifier: BSD-2-Clause
#include "core/bench/model.h"

#include "core/sim/simulation.h"
#include "core/traffic/synthetic.h"

#include <algorithm>

namespace zbuf {

namespace {

constexpr std::uint64_t patience_ns = 20'000'000; ///< of a reader that sleeps, as in the benchmark
constexpr double record_header = 26;              ///< of Ethernet (spec 1.5)
constexpr std::uint64_t imix_mean_bytes = (7 * 60 + 4 * 590 + 1514) / 12;

ReaderOptions options_of(const BenchCase& one, std::span<const zb_bpf_insn> filter) {
  ReaderOptions options;
  const bool zero_copy = one.way == Way::zero_copy;
  options.mode = zero_copy ? BufferMode::zbuf : BufferMode::buffer;
  options.buffer_bytes = one.buffer_bytes;
  options.waiting = one.policy == ReaderPolicy::sleep               ? Waiting::sleep
                    : one.policy == ReaderPolicy::busy && zero_copy ? Waiting::spin
                                                                    : Waiting::poll;
  options.timeout_ns = one.policy == ReaderPolicy::sleep ? patience_ns : 0;
  options.filter.assign(filter.begin(), filter.end());
  if (options.filter.empty())
    options.filter = {{0x06, 0, 0, 262144}}; // ret #262144: everything
  return options;
}

/// Long enough for what lies in two buffers at the end not to matter.
std::uint64_t run_ns(double packet_ns, std::uint64_t packet_bytes, std::size_t buffer_bytes) {
  constexpr double fills = 64;
  const double packets =
      static_cast<double>(buffer_bytes) / (static_cast<double>(packet_bytes) + record_header);
  return static_cast<std::uint64_t>(std::clamp(fills * packets * packet_ns, 20e6, 200e6));
}

SimConfig config_of(const Costs& costs, const PacketChoice& packets, const BenchCase& one,
                    std::span<const zb_bpf_insn> filter) {
  const std::uint64_t bytes = packets.imix ? imix_mean_bytes : packets.size_bytes;
  const double fastest_ns = std::max(1.0, static_cast<double>(costs.packet_ns + costs.filter_ns) +
                                              static_cast<double>(costs.copy_ps * bytes) / 1000);
  SyntheticConfig traffic;
  traffic.content = Content::pattern;
  traffic.sizes = packets.imix ? SizeModel::imix : SizeModel::fixed;
  traffic.size_bytes = packets.size_bytes;
  traffic.packets_per_second = std::min(1e9, 1.5e9 / fastest_ns);
  SimConfig config;
  config.kernel.tunables.zerocopy_enable = true;
  config.kernel.tunables.maxbufsize = ZB_ZMAX;
  config.costs = costs;
  config.interfaces.push_back({});
  config.interfaces.back().config.mtu = 9216;
  config.traffic.push_back({"em0", [traffic](std::uint64_t seed) mutable {
                              traffic.seed = seed;
                              return make_synthetic(traffic);
                            }});
  SimReader reader;
  reader.options = options_of(one, filter);
  config.readers.push_back(std::move(reader));
  config.duration_ns = config.lead_in_ns + run_ns(fastest_ns, bytes, one.buffer_bytes);
  return config;
}

} // namespace

Result<std::optional<Modelled>> model_case(const Costs& costs, const PacketChoice& packets,
                                           const BenchCase& one, std::span<const zb_bpf_insn> filter) {
  if ((one.way != Way::zero_copy && one.way != Way::read_call) || !packets.capture.empty())
    return std::nullopt;
  SimConfig config = config_of(costs, packets, one, filter);
  const auto lasting_ns = static_cast<double>(*config.duration_ns - config.lead_in_ns);
  auto recorder = Recorder::create({});
  if (!recorder)
    return fail(recorder.error());
  auto simulation = Simulation::create(std::move(config), **recorder);
  if (!simulation)
    return fail(simulation.error());
  const RunResult run = (*simulation)->run();
  if (!run.errors.empty())
    return fail(run.errors.front());
  const Counters total = (*recorder)->state().total();
  const auto per = [](std::uint64_t value, std::uint64_t of) {
    return of > 0 ? static_cast<double>(value) / static_cast<double>(of) : 0;
  };
  Modelled modelled;
  modelled.packets_per_second = static_cast<double>(total.delivered) * 1e9 / lasting_ns;
  modelled.kernel_ns_per_packet = per(run.kernel_busy_ns, total.delivered);
  modelled.reader_ns_per_packet = per(run.readers.front().cpu_ns, total.delivered);
  modelled.user_copied_bytes_per_packet = per(total.bytes_copied_user, total.delivered);
  // As the benchmark counts: each record's header and packet.
  modelled.copied_bytes_per_packet = per(total.bytes_delivered, total.delivered) +
                                     (total.delivered > 0 ? record_header : 0) +
                                     modelled.user_copied_bytes_per_packet;
  modelled.system_calls_per_packet = per(total.reads + total.polls, total.delivered);
  modelled.wakeups_per_packet = per(total.wakeups, total.delivered);
  return modelled;
}

} // namespace zbuf
