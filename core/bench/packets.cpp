// SPDX-License-Identifier: BSD-2-Clause
#include "core/bench/packets.h"

#include "core/traffic/capture.h"
#include "core/traffic/synthetic.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <fmt/format.h>

namespace zbuf {

namespace {

constexpr std::size_t ring_bytes = 8u << 20;
constexpr std::size_t line_bytes = 64;

Result<std::unique_ptr<Source>> source_of(const PacketChoice& choice) {
  if (!choice.capture.empty()) {
    auto opened = open_capture(choice.capture, {});
    if (!opened)
      return fail(opened.error());
    return std::unique_ptr<Source>(std::move(*opened));
  }
  SyntheticConfig config;
  config.content = Content::pattern;
  config.sizes = choice.imix ? SizeModel::imix : SizeModel::fixed;
  config.size_bytes = choice.size_bytes;
  return make_synthetic(config);
}

struct Taken {
  std::vector<std::byte> bytes;
  std::uint32_t wire_length;
  bool outgoing;
};

/// As many as fill a ring, or all there are.
Result<std::vector<Taken>> take(Source& source, const PacketChoice& choice) {
  std::vector<Taken> taken;
  std::size_t total = 0;
  while (total < ring_bytes) {
    const auto next = source.next();
    if (!next)
      return fail(next.error());
    if (!*next)
      break;
    const Packet& packet = **next;
    if (packet.bytes.empty() || packet.bytes.size() > max_frame_bytes)
      return fail(Error::Code::bad_input, fmt::format("{}: a packet of {} bytes; expected 1 to {}",
                                                      choice.name(), packet.bytes.size(), max_frame_bytes));
    taken.push_back({{packet.bytes.begin(), packet.bytes.end()}, packet.wire_length, packet.outgoing});
    total += std::max<std::size_t>(packet.bytes.size(), 2048);
  }
  if (taken.empty())
    return fail(Error::Code::bad_input,
                fmt::format("{}: no packets in it; expected one at least", choice.name()));
  return taken;
}

} // namespace

std::string PacketChoice::name() const {
  return imix ? "imix" : !capture.empty() ? capture : std::to_string(size_bytes);
}

Result<PacketChoice> parse_packet_choice(const std::string& word) {
  PacketChoice choice;
  if (word == "imix") {
    choice.imix = true;
    return choice;
  }
  const bool number =
      !word.empty() && std::all_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!number) {
    choice.capture = word;
    if (word.empty())
      return fail(Error::Code::bad_input, "an empty packet size; expected 14 to 9216, imix, or a capture");
    return choice;
  }
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), choice.size_bytes);
  if (error != std::errc{} || choice.size_bytes < min_frame_bytes || choice.size_bytes > max_frame_bytes)
    return fail(Error::Code::bad_input,
                fmt::format("packets of {} bytes; expected {} to {}, imix, or a capture", word,
                            min_frame_bytes, max_frame_bytes));
  return choice;
}

Result<PacketRing> PacketRing::make(const PacketChoice& choice) {
  auto source = source_of(choice);
  if (!source)
    return fail(source.error());
  auto taken = take(**source, choice);
  if (!taken)
    return fail(taken.error());
  PacketRing ring;
  ring.link_type_ = (*source)->link_type();
  for (const Taken& packet : *taken)
    ring.largest_ = std::max(ring.largest_, static_cast<std::uint32_t>(packet.bytes.size()));
  // As network cards have it: slots of 2 KiB, or larger for larger frames.
  const std::size_t slot =
      std::max<std::size_t>(2048, (ring.largest_ + line_bytes - 1) / line_bytes * line_bytes);
  const std::size_t slots = ring_bytes / slot;
  ring.memory_.resize(slots * slot + line_bytes);
  const auto first = reinterpret_cast<std::uintptr_t>(ring.memory_.data());
  std::byte* at = ring.memory_.data() + (line_bytes - first % line_bytes) % line_bytes;
  for (std::size_t i = 0; i < slots; ++i, at += slot) {
    const Taken& packet = (*taken)[i % taken->size()];
    std::memcpy(at, packet.bytes.data(), packet.bytes.size());
    ring.arrivals_.push_back({{at, packet.bytes.size()}, packet.wire_length, packet.outgoing});
  }
  return ring;
}

double PacketRing::mean_bytes() const {
  double sum = 0;
  for (const Arrival& arrival : arrivals_)
    sum += static_cast<double>(arrival.bytes.size());
  return sum / static_cast<double>(arrivals_.size());
}

} // namespace zbuf
