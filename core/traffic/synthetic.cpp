// SPDX-License-Identifier: BSD-2-Clause
#include "core/traffic/synthetic.h"

#include "core/traffic/arrivals.h"
#include "core/traffic/choice.h"
#include "core/traffic/frames.h"
#include "core/traffic/wire.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <numeric>
#include <span>
#include <string>
#include <variant>

namespace zbuf {

namespace {

constexpr std::uint64_t day_ns = 86'400'000'000'000;
constexpr std::uint64_t longest_ns = std::uint64_t{1} << 62;
constexpr std::uint32_t max_weight = 1'000'000;
constexpr std::uint32_t max_flow_count = 16384;
constexpr std::size_t max_listed_sizes = 4096;
constexpr std::array<ListedSize, 3> imix = {{{60, 7}, {590, 4}, {1514, 1}}};

// ---- Checking a recipe ------------------------------------------------------------------------------------

/// Gathers the first complaint.
class Check {
 public:
  template <typename T>
  void within(std::string_view field, T value, T low, T high, std::string_view unit) {
    if (!(value >= low && value <= high)) // so that NaN is out of range
      complain(fmt::format("{} is {}: it must be {} to {}{}", field, value, low, high, unit));
  }
  void frame_size(std::string_view field, std::uint32_t bytes) {
    within(field, bytes, min_frame_bytes, max_frame_bytes, " bytes (a frame without its FCS)");
  }
  void weight(std::string_view field, std::uint32_t weight) { within(field, weight, 0u, max_weight, ""); }
  void complain(std::string message) {
    if (complaint_.empty())
      complaint_ = std::move(message);
  }
  [[nodiscard]] const std::string& complaint() const { return complaint_; }

 private:
  std::string complaint_;
};

void check_sizes(const SyntheticConfig& config, Check& check) {
  switch (config.sizes) {
  case SizeModel::fixed:
    return check.frame_size("size_bytes", config.size_bytes);
  case SizeModel::uniform:
    check.frame_size("min_size_bytes", config.min_size_bytes);
    check.frame_size("max_size_bytes", config.max_size_bytes);
    if (config.min_size_bytes > config.max_size_bytes)
      check.complain(fmt::format("min_size_bytes is {}: it must be at most max_size_bytes, which is {}",
                                 config.min_size_bytes, config.max_size_bytes));
    return;
  case SizeModel::imix:
    return;
  case SizeModel::weighted:
  case SizeModel::repeated:
    break;
  }
  const auto& sizes = config.listed_sizes;
  check.within("the number of listed_sizes", sizes.size(), std::size_t{1}, max_listed_sizes, "");
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    check.frame_size(fmt::format("listed_sizes[{}].bytes", i), sizes[i].bytes);
    check.weight(fmt::format("listed_sizes[{}].weight", i), sizes[i].weight);
  }
  if (config.sizes == SizeModel::weighted &&
      std::all_of(sizes.begin(), sizes.end(), [](const ListedSize& size) { return size.weight == 0; }))
    check.complain("listed_sizes has weights of 0 only: at least one must be 1 or more");
}

void check_content(const SyntheticConfig& config, Check& check) {
  if (config.outgoing_fraction)
    check.within("outgoing_fraction", *config.outgoing_fraction, 0.0, 1.0, "");
  if (config.content == Content::pattern)
    return;
  check.within("flow_count", config.flow_count, 1u, max_flow_count, " conversations of each protocol");
  for (std::size_t i = 0; i < protocol_count; ++i)
    check.weight(fmt::format("the weight of {}", protocol_names[i]), config.protocol_weights[i]);
  if (config.protocol_weights == std::array<std::uint32_t, protocol_count>{})
    check.complain("protocol_weights has weights of 0 only: at least one protocol must have 1 or more");
}

std::string complaint_about(const SyntheticConfig& config) {
  Check check;
  check.within("packets_per_second", config.packets_per_second, min_packets_per_second,
               max_packets_per_second, " packets/s");
  if (config.arrivals == ArrivalProcess::bursts) {
    check.within("burst_on_ns", config.burst_on_ns, std::uint64_t{1}, day_ns, " ns (one day)");
    check.within("burst_off_ns", config.burst_off_ns, std::uint64_t{0}, day_ns, " ns (one day)");
  }
  check_sizes(config, check);
  check_content(config, check);
  check.within("start_ns", config.start_ns, std::uint64_t{0}, longest_ns, " ns (2^62)");
  check.within("duration_ns", config.duration_ns, std::uint64_t{0}, longest_ns, " ns (2^62)");
  return check.complaint();
}

// ---- Times, sizes, contents -------------------------------------------------------------------------------

using Arrivals = std::variant<ConstantRate, PoissonArrivals, BurstArrivals>;

Arrivals make_arrivals(const SyntheticConfig& config, std::uint64_t seed) {
  switch (config.arrivals) {
  case ArrivalProcess::constant:
    break;
  case ArrivalProcess::poisson:
    return PoissonArrivals(config.packets_per_second, seed);
  case ArrivalProcess::bursts:
    return BurstArrivals(config.packets_per_second, config.burst_on_ns, config.burst_off_ns);
  }
  return ConstantRate(config.packets_per_second);
}

/// The length of one packet after the other.
class Sizes {
 public:
  Sizes(const SyntheticConfig& config, std::uint64_t seed)
      : model_(config.sizes), low_(config.min_size_bytes), count_(config.max_size_bytes - low_ + 1),
        listed_(config.listed_sizes), random_(seed) {
    if (model_ == SizeModel::imix)
      listed_.assign(imix.begin(), imix.end());
    if (model_ == SizeModel::fixed)
      listed_ = {{config.size_bytes, 1}};
    std::vector<std::uint32_t> weights;
    for (const ListedSize& size : listed_)
      weights.push_back(size.weight);
    if (model_ == SizeModel::imix || model_ == SizeModel::weighted)
      choice_.emplace(weights);
  }

  std::uint32_t next() {
    switch (model_) {
    case SizeModel::uniform:
      return low_ + static_cast<std::uint32_t>(random_.below(count_));
    case SizeModel::imix:
    case SizeModel::weighted:
      return listed_[choice_->draw(random_.next())].bytes;
    case SizeModel::fixed:
    case SizeModel::repeated:
      break;
    }
    if (place_ == listed_.size())
      place_ = 0;
    return listed_[place_++].bytes;
  }

 private:
  SizeModel model_;
  std::uint32_t low_;
  std::uint32_t count_;
  std::vector<ListedSize> listed_;
  std::optional<WeightedChoice> choice_{};
  std::size_t place_ = 0;
  Random random_;
};

/// The test packet. (Content::pattern)
class Pattern {
 public:
  Pattern() {
    std::fill_n(frame_.begin(), 6, std::byte{0xff});
    put16(&frame_[6], 0x0200);
    put32(&frame_[8], 1);
    put16(&frame_[12], 0x88b5); // local experimental
    for (std::size_t i = 0; i < ramp_.size(); ++i)
      ramp_[i] = static_cast<std::byte>(i);
  }

  std::span<const std::byte> next(std::uint32_t length) {
    constexpr std::uint32_t numbered = 18;
    const std::uint32_t number = number_++;
    if (length >= numbered) {
      for (std::uint32_t i = 0; i < 4; ++i)
        put8(&frame_[14 + i], number >> (8 * i));
      const std::byte* const ramp = &ramp_[(number + numbered) % 256];
      if (length <= 64) // one fixed copy is cheaper than a call for what is left
        std::memcpy(&frame_[numbered], ramp, 64);
      else
        std::memcpy(&frame_[numbered], ramp, length - numbered);
    } else {
      for (std::uint32_t k = 14; k < length; ++k)
        put8(&frame_[k], number + k);
    }
    return {frame_.data(), length};
  }

 private:
  std::uint32_t number_ = 0;
  std::array<std::byte, max_frame_bytes + 64> frame_{};
  std::array<std::byte, 256 + max_frame_bytes> ramp_;
};

/// Packets of several protocols, in the shares that the weights give.
class Mix {
 public:
  Mix(const SyntheticConfig& config, std::uint64_t seed)
      : frames_(config.protocol_weights, config.flow_count, seed), flow_count_(config.flow_count),
        choice_(config.protocol_weights), random_(~seed) {}

  std::span<const std::byte> next(std::uint32_t length, bool outward) {
    const auto protocol = static_cast<Protocol>(choice_.draw(random_.next()));
    // The flow takes the upper bits, the payload the lower ones.
    const std::uint64_t random = random_.next();
    const auto flow = static_cast<std::uint32_t>(((random >> 32) * flow_count_) >> 32);
    return frames_.build(protocol, flow, outward, length, random & 0xffffffff);
  }

 private:
  Frames frames_;
  std::uint64_t flow_count_;
  WeightedChoice choice_;
  Random random_;
};

// ---- The source -------------------------------------------------------------------------------------------

constexpr std::string_view arrival_names[] = {"constant", "Poisson", "bursts"};

std::string size_text(const SyntheticConfig& config) {
  switch (config.sizes) {
  case SizeModel::fixed:
    return fmt::format("{} bytes", config.size_bytes);
  case SizeModel::uniform:
    return fmt::format("{} to {} bytes", config.min_size_bytes, config.max_size_bytes);
  case SizeModel::imix:
    return "IMIX";
  case SizeModel::weighted:
    return fmt::format("{} weighted sizes", config.listed_sizes.size());
  case SizeModel::repeated:
    return fmt::format("{} sizes in turn", config.listed_sizes.size());
  }
  return {};
}

std::string content_text(const SyntheticConfig& config) {
  if (config.content == Content::pattern)
    return "test pattern";
  std::string protocols;
  for (std::size_t i = 0; i < protocol_count; ++i)
    if (config.protocol_weights[i] != 0)
      protocols += fmt::format("{}{}", protocols.empty() ? "" : "+", protocol_names[i]);
  return fmt::format("{}, {} flow{}", protocols, config.flow_count, config.flow_count == 1 ? "" : "s");
}

class SyntheticSource final : public Source {
 public:
  explicit SyntheticSource(const SyntheticConfig& config) : SyntheticSource(config, Random(config.seed)) {}

  Result<std::optional<Packet>> next() override {
    if (left_ == 0)
      return std::nullopt;
    const std::uint64_t offset_ns = std::visit([](auto& arrivals) { return arrivals.next(); }, arrivals_);
    if (offset_ns >= duration_ns_) {
      left_ = 0;
      return std::nullopt;
    }
    --left_;
    const bool from_here = (directions_.next() >> 32) < outward_share_;
    const std::uint32_t length = sizes_.next();
    const std::span<const std::byte> bytes = mix_ ? mix_->next(length, from_here) : pattern_.next(length);
    return Packet{start_ns_ + offset_ns, bytes, static_cast<std::uint32_t>(bytes.size()),
                  takes_part_ && from_here};
  }

  [[nodiscard]] int link_type() const override { return 1; }
  [[nodiscard]] std::string description() const override { return description_; }

 private:
  /// Each aspect draws from a stream of its own: other sizes do not change the times.
  SyntheticSource(const SyntheticConfig& config, Random seeds)
      : arrivals_(make_arrivals(config, seeds.next())), sizes_(config, seeds.next()),
        directions_(seeds.next()),
        outward_share_(static_cast<std::uint64_t>(config.outgoing_fraction.value_or(0.5) * 4294967296.0)),
        takes_part_(config.outgoing_fraction.has_value()), start_ns_(config.start_ns),
        duration_ns_(config.duration_ns != 0 ? config.duration_ns : longest_ns),
        left_(config.limit_packets != 0 ? config.limit_packets : UINT64_MAX) {
    if (config.content == Content::protocols)
      mix_ = std::make_unique<Mix>(config, seeds.next());
    description_ =
        fmt::format("{}, {} packets/s, {}, {}", arrival_names[static_cast<std::size_t>(config.arrivals)],
                    config.packets_per_second, size_text(config), content_text(config));
  }

  Arrivals arrivals_;
  Sizes sizes_;
  Random directions_;
  std::uint64_t outward_share_; ///< of 2^32
  bool takes_part_;
  std::uint64_t start_ns_;
  std::uint64_t duration_ns_;
  std::uint64_t left_;
  Pattern pattern_;
  std::unique_ptr<Mix> mix_;
  std::string description_;
};

} // namespace

Result<std::unique_ptr<Source>> make_synthetic(const SyntheticConfig& config) {
  std::string complaint = complaint_about(config);
  if (!complaint.empty())
    return fail(Error::Code::bad_input, std::move(complaint));
  return std::make_unique<SyntheticSource>(config);
}

} // namespace zbuf
