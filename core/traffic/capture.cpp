// SPDX-License-Identifier: BSD-2-Clause
#include "core/traffic/capture.h"

#include "core/traffic/layers.h"
#include "core/traffic/pcap_reader.h"
#include "core/traffic/replay_clock.h"
#include "core/traffic/wire.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace zbuf {

namespace {

class PcapSource final : public CaptureSource {
 public:
  PcapSource(Rewind rewind, std::string name, const ReplayConfig& config)
      : rewind_(std::move(rewind)), name_(std::move(name)), config_(config), clock_(config) {}

  /// Begins the first round. Nothing, or what is wrong.
  std::optional<Error> open() {
    std::optional<Error> error = reader_.open(rewind_, name_);
    if (!error)
      link_type_ = reader_.link_type(), link_bits_ = reader_.link_bits();
    return error;
  }

  Result<std::optional<Packet>> next() override {
    if (!reader_.is_open() || (config_.limit_packets != 0 && delivered_ == config_.limit_packets))
      return end();
    for (;;) {
      pcap_pkthdr header{};
      const u_char* data = nullptr;
      const PcapReader::Read read = reader_.read(header, data, config_.strict);
      if (rounds_ == 0)
        remarks_ = reader_.remarks();
      if (read == PcapReader::Read::packet)
        return deliver(header, data);
      if (read == PcapReader::Read::failed) {
        end();
        return fail(reader_.error());
      }
      ++rounds_;
      if (in_round_ == 0 || rounds_ == config_.loop_count)
        return end();
      clock_.begin_round();
      in_round_ = 0;
      if (std::optional<Error> error = reader_.open(rewind_, name_)) {
        end();
        return fail(*std::move(error));
      }
      if (reader_.link_type() != link_type_)
        return fail_here("the file has changed since the last round, and has another link type now");
    }
  }

  [[nodiscard]] int link_type() const override { return link_type_; }
  [[nodiscard]] std::uint32_t link_bits() const override { return link_bits_; }
  [[nodiscard]] std::uint64_t held_back_count() const override { return clock_.held_back_count(); }
  [[nodiscard]] std::string description() const override;
  [[nodiscard]] SourceRemarks remarks() const override;

 private:
  Result<std::optional<Packet>> deliver(const pcap_pkthdr& header, const u_char* data) {
    // tv_usec counts nanoseconds here. Both fields are what the file says, and may be anything.
    const auto stamp = ReplayClock::Stamp{header.ts.tv_sec} * 1'000'000'000 + header.ts.tv_usec;
    const std::optional<std::uint64_t> time_ns = clock_.next(stamp, header.len);
    if (!time_ns)
      return fail_here(fmt::format("its time stamp, {} s, lies too far after that of the first packet",
                                   static_cast<std::int64_t>(header.ts.tv_sec)));
    if (config_.duration_ns != 0 && *time_ns >= config_.duration_ns)
      return end();
    ++in_round_;
    ++delivered_;
    const std::span bytes(reinterpret_cast<const std::byte*>(data), header.caplen);
    return Packet{*time_ns, bytes, header.len, sent_from_here(bytes)};
  }

  /// Linux's cooked headers say how a packet came to the host that recorded it.
  [[nodiscard]] bool sent_from_here(std::span<const std::byte> bytes) const {
    constexpr unsigned outgoing = 4; // LINUX_SLL_OUTGOING
    if (link_type_ == link_linux_sll)
      return bytes.size() >= 2 && get16(bytes.data()) == outgoing;
    if (link_type_ == link_linux_sll2)
      return bytes.size() > 10 && std::to_integer<unsigned>(bytes[10]) == outgoing;
    return false;
  }

  std::nullopt_t end() {
    reader_.close();
    return std::nullopt;
  }

  tl::unexpected<Error> fail_here(std::string_view what) {
    const std::uint64_t record = std::max<std::uint64_t>(reader_.records(), 1);
    const std::string before = delivered_ == 1 ? "The 1 packet before it was"
                                               : fmt::format("The {} packets before it were", delivered_);
    Error error{
        Error::Code::bad_input,
        fmt::format("packet {} of the capture cannot be replayed: {}. {} delivered; record or copy the "
                    "capture anew to have the rest",
                    record, what, before),
        name_};
    const std::optional<std::uint64_t> offset = reader_.offset_after(record - 1);
    end();
    if (offset) {
      error.offset = *offset;
      error.has_offset = true;
    }
    return fail(std::move(error));
  }

  Rewind rewind_;
  std::string name_;
  ReplayConfig config_;
  ReplayClock clock_;
  PcapReader reader_;
  int link_type_ = 0;
  std::uint32_t link_bits_ = 0;
  SourceRemarks remarks_; ///< of the first round
  std::uint64_t in_round_ = 0;
  std::uint64_t rounds_ = 0;
  std::uint64_t delivered_ = 0;
};

SourceRemarks PcapSource::remarks() const {
  SourceRemarks all = remarks_;
  if (const std::uint64_t count = clock_.went_back_count(); count != 0)
    all.lines.push_back(fmt::format(
        "the clock of the capture went back {}, by {:.9g} s at most: such packets are played as soon "
        "as the one before them",
        count == 1 ? "once" : fmt::format("{} times", count),
        static_cast<double>(clock_.furthest_back()) / 1e9));
  return all;
}

std::string PcapSource::description() const {
  std::string timing;
  switch (config_.timing) {
  case ReplayTiming::original:
    timing = "original timing";
    break;
  case ReplayTiming::scaled:
    timing = fmt::format("time times {}", config_.time_factor);
    break;
  case ReplayTiming::rate:
    timing = fmt::format("{} packets/s", config_.packets_per_second);
    break;
  case ReplayTiming::line:
    timing = fmt::format("back to back at {} bit/s", config_.line_bits_per_second);
    break;
  }
  std::string loops = "endless";
  if (config_.loop_count != 0)
    loops = config_.loop_count == 1 ? "once" : fmt::format("{} times", config_.loop_count);
  return fmt::format("capture {}, {}, {}", name_, timing, loops);
}

std::string complaint_about(const ReplayConfig& config) {
  const auto outside = [](auto value, auto low, auto high) { return !(value >= low && value <= high); };
  if (config.timing == ReplayTiming::scaled && outside(config.time_factor, 1e-6, 1e6))
    return fmt::format("time_factor is {}: it must be 0.000001 to 1000000", config.time_factor);
  if (config.timing == ReplayTiming::rate &&
      outside(config.packets_per_second, min_packets_per_second, max_packets_per_second))
    return fmt::format("packets_per_second is {}: it must be {} to {}", config.packets_per_second,
                       min_packets_per_second, max_packets_per_second);
  if (outside(config.line_bits_per_second, 1000u, 1'000'000'000'000u))
    return fmt::format("line_bits_per_second is {}: it must be 1000 to 1000000000000",
                       config.line_bits_per_second);
  return {};
}

Result<std::unique_ptr<CaptureSource>> open_source(Rewind rewind, std::string name,
                                                   const ReplayConfig& config) {
  if (std::string complaint = complaint_about(config); !complaint.empty())
    return fail(Error::Code::bad_input, std::move(complaint));
  auto source = std::make_unique<PcapSource>(std::move(rewind), std::move(name), config);
  if (std::optional<Error> error = source->open())
    return fail(*std::move(error));
  return source;
}

} // namespace

Result<std::unique_ptr<CaptureSource>> open_capture(const std::string& path, const ReplayConfig& config) {
  Result<Rewind> rewind = rewind_of_file(path);
  if (!rewind)
    return fail(std::move(rewind.error()));
  return open_source(*std::move(rewind), path, config);
}

Result<std::unique_ptr<CaptureSource>> open_capture(std::span<const std::byte> bytes, std::string name,
                                                    const ReplayConfig& config) {
  return open_source(rewind_of_memory(bytes), std::move(name), config);
}

} // namespace zbuf
