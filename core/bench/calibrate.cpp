// SPDX-License-Identifier: BSD-2-Clause
#include "core/bench/calibrate.h"

#include "core/bench/single_costs.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>

namespace zbuf {

namespace {

constexpr std::array<std::uint32_t, 3> sizes{64, 590, 1514};
constexpr std::size_t buffer_bytes = 524288;
constexpr double record_header = 26; ///< of Ethernet (spec 1.5)

BenchPlan saturation_plan() {
  BenchPlan plan;
  plan.packets.clear();
  for (const std::uint32_t size : sizes)
    plan.packets.push_back({.size_bytes = size});
  plan.buffer_bytes = {buffer_bytes};
  plan.policies = {ReaderPolicy::busy, ReaderPolicy::sleep};
  plan.rounds = 7;
  plan.case_ns = 100'000'000;
  return plan;
}

/// How each mode is read at saturation. A read(2) reader that tries again and again would contend for the
/// descriptor's lock, which the model does not have.
ReaderPolicy policy_of(Way way) {
  return way == Way::zero_copy ? ReaderPolicy::busy : ReaderPolicy::sleep;
}

const CaseResult& case_of(const BenchResult& result, Way way, std::size_t packets) {
  return *std::find_if(result.cases.begin(), result.cases.end(), [&](const CaseResult& one) {
    return one.one.way == way && one.one.packets == packets && one.one.policy == policy_of(way);
  });
}

std::uint64_t rounded(double value, double least) {
  return static_cast<std::uint64_t>(std::llround(std::max(value, least)));
}

double median(const CaseResult& one, double (Measurement::*figure)() const) {
  return one.spread(figure).median;
}

/// What the kernel's thread spends on each packet that it stores. Nobody drops where the reader keeps up.
double kernel_ns(const BenchResult& result, std::size_t packets) {
  return median(case_of(result, Way::zero_copy, packets), &Measurement::kernel_ns_per_packet);
}

/// From runs at saturation: zero-copy is bound by the kernel's side, read(2) by its reader's.
void take_rates(const BenchResult& result, Costs& costs) {
  const std::size_t last = sizes.size() - 1;
  const double bytes = sizes[last] - sizes[0];
  const double copy_ps = 1000 * (kernel_ns(result, last) - kernel_ns(result, 0)) / bytes;
  costs.copy_ps = rounded(copy_ps, 1);
  const double short_copy_ns = copy_ps * (sizes[0] + record_header) / 1000;
  costs.packet_ns = rounded(kernel_ns(result, 0) - short_copy_ns - static_cast<double>(costs.filter_ns), 1);
  const double reader_ns = median(case_of(result, Way::read_call, last), &Measurement::reader_ns_per_packet);
  costs.copy_out_ps =
      rounded(1000 * (reader_ns - static_cast<double>(costs.handle_ns)) / (sizes[last] + record_header), 1);
}

} // namespace

Result<double> predict_pps(const Costs& costs, BufferMode mode, std::uint32_t packet_bytes) {
  const Way way = mode == BufferMode::zbuf ? Way::zero_copy : Way::read_call;
  const auto modelled =
      model_case(costs, {.size_bytes = packet_bytes}, {way, 0, buffer_bytes, policy_of(way)});
  if (!modelled)
    return fail(modelled.error());
  return (*modelled)->packets_per_second;
}

Result<Calibration> calibrate(const std::function<bool(double done)>& progress) {
  Calibration calibration;
  Bench bench(saturation_plan());
  if (auto prepared = bench.prepare(); !prepared)
    return fail(prepared.error());
  calibration.costs = measure_single_costs();
  const BenchResult result = bench.run([&](const BenchProgress& now) {
    if (progress && !progress(static_cast<double>(now.done) / static_cast<double>(now.total + 1)))
      bench.interrupt();
  });
  if (result.interrupted)
    return fail(Error::Code::interrupted, "calibration stopped; nothing was measured");
  take_rates(result, calibration.costs);
  calibration.machine = result.machine;
  calibration.crossing = result.crossing;
  calibration.noise = result.noise;
  for (std::size_t i = 0; i < sizes.size(); ++i)
    for (const Way way : {Way::zero_copy, Way::read_call}) {
      Prediction prediction;
      prediction.mode = way == Way::zero_copy ? BufferMode::zbuf : BufferMode::buffer;
      prediction.packet_bytes = sizes[i];
      prediction.measured_pps = case_of(result, way, i).spread(&Measurement::packets_per_second);
      const auto modelled = predict_pps(calibration.costs, prediction.mode, sizes[i]);
      if (!modelled)
        return fail(modelled.error());
      prediction.modelled_pps = *modelled;
      calibration.predictions.push_back(prediction);
    }
  return calibration;
}

std::string costs_as_toml(const Calibration& calibration) {
  std::string text = fmt::format(
      "# Costs of the model, measured by zbuf calibrate on {}{}{}, {} core{}{}.\n"
      "# For zbuf run --costs, or to paste into a scenario.\n[costs]\n",
      calibration.machine.processor, calibration.machine.processor.empty() ? "" : ", ",
      calibration.machine.system, calibration.machine.cores, calibration.machine.cores == 1 ? "" : "s",
      calibration.noise.noisy() ? ", while the machine was noisy" : "");
  for (const CostInfo& cost : cost_infos)
    text += fmt::format("{} = {}\n", cost.name, calibration.costs.*cost.member);
  return text;
}

std::string calibration_as_text(const Calibration& calibration) {
  std::string text = costs_as_toml(calibration);
  text += fmt::format("\n{:<28}  {:>10}  {:>10}  {}\n", "At saturation, packets/s", "measured", "modelled",
                      "deviation");
  for (const Prediction& prediction : calibration.predictions)
    text +=
        fmt::format("{:<28}  {:>10.3g}  {:>10.3g}  {:+.0f} %\n",
                    fmt::format("{}, {} bytes", prediction.mode == BufferMode::zbuf ? "zero-copy" : "read(2)",
                                prediction.packet_bytes),
                    prediction.measured_pps.median, prediction.modelled_pps, 100 * prediction.deviation());
  for (const std::string& reason : calibration.noise.reasons)
    text += "NOISY: " + reason + "\n";
  return text;
}

} // namespace zbuf
