// SPDX-License-Identifier: BSD-2-Clause
// This machine's costs, for the model of virtual time (core/sim/costs.h), and how well the model then
// predicts.
#pragma once

#include "core/base/result.h"
#include "core/bench/bench.h"
#include "core/sim/costs.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace zbuf {

/// What the model says about one case, next to what was measured: packets per second delivered while packets
/// arrive faster than anybody could take them. Buffers of 512 KiB; the zero-copy reader is busy, that of
/// read(2) sleeps.
struct Prediction {
  BufferMode mode = BufferMode::zbuf;
  std::uint32_t packet_bytes = 0;
  Spread measured_pps{};
  double modelled_pps = 0;

  /// 0.1: the model says 10 % more.
  [[nodiscard]] double deviation() const {
    return measured_pps.median > 0 ? modelled_pps / measured_pps.median - 1 : 0;
  }
};

struct Calibration {
  Machine machine{};
  std::string crossing{}; ///< as in BenchResult
  Costs costs{};
  Noise noise{};
  std::vector<Prediction> predictions{}; ///< 64, 590 and 1514 bytes, in both modes
};

/// Measures for about ten seconds. `progress` is called now and then with the share that is done, 0 to 1, and
/// returns whether to go on. Errors: interrupted; those of the bench.
Result<Calibration> calibrate(const std::function<bool(double done)>& progress = {});

/// What the model delivers, in packets per second. Nothing is measured: the same costs give the same figure.
Result<double> predict_pps(const Costs& costs, BufferMode mode, std::uint32_t packet_bytes);

/// TOML: [costs] as scenarios have it, with where each came from, and the machine in comments.
[[nodiscard]] std::string costs_as_toml(const Calibration& calibration);

/// For people.
[[nodiscard]] std::string calibration_as_text(const Calibration& calibration);

} // namespace zbuf
