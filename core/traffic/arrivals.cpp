// SPDX-License-Identifier: BSD-2-Clause
#include "core/traffic/arrivals.h"

#include "core/base/assert.h"

#include <cmath>

namespace zbuf {

namespace {
bool usable(double rate) {
  return rate >= min_packets_per_second && rate <= max_packets_per_second;
}
} // namespace

ConstantRate::ConstantRate(double packets_per_second) {
  ZBUF_ASSERT(usable(packets_per_second));
  rate_ = static_cast<std::uint64_t>(std::llround(packets_per_second * 1e6));
  step_ns_ = 1'000'000'000'000'000 / rate_;
  step_remainder_ = 1'000'000'000'000'000 % rate_;
}

PoissonArrivals::PoissonArrivals(double packets_per_second, std::uint64_t seed)
    : random_(seed), mean_gap_(65536e9 / packets_per_second) {
  ZBUF_ASSERT(usable(packets_per_second));
}

} // namespace zbuf
