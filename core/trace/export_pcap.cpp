// SPDX-License-Identifier: BSD-2-Clause
#include "core/trace/export.h"

#include "core/base/link_type.h"
#include "core/base/pcap_file.h"
#include "core/base/pcapng_file.h"
#include "core/trace/fold.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace zbuf {
namespace {

constexpr std::uint32_t snaplen = 262144;

/// Nanoseconds since 1970 when the run began ("boot_time_ns"), and what files say above the link type of each
/// interface ("link_bits": the length of the FCS), where the metadata have them.
nlohmann::json metadata_of(const Recording& recording) {
  return nlohmann::json::parse(recording.metadata(), nullptr, false);
}

std::uint64_t boot_time_of(const Recording& recording) {
  const auto json = metadata_of(recording);
  const auto found = json.find("boot_time_ns");
  return found != json.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

std::uint32_t link_bits_of(const Recording& recording, std::uint32_t interface) {
  const auto json = metadata_of(recording);
  const auto found = json.find("link_bits");
  if (found == json.end() || !found->is_array() || interface >= found->size() ||
      !(*found)[interface].is_number_unsigned())
    return 0;
  return (*found)[interface].get<std::uint32_t>() & 0xffff0000;
}

/// The link type of the descriptor, if it has only one, as files have it.
Result<std::uint32_t> link_type_of(const Recording& recording, std::uint16_t descriptor) {
  const KindMask attached = mask_of({ZB_EV_ATTACHED});
  const auto forward = Recording::Direction::forward;
  std::optional<std::uint64_t> n = recording.next(attached, 0, forward, descriptor);
  const State before = recording.state_after(0); // of a bounded recording
  const bool was_attached = descriptor < before.descriptors.size() && before.descriptors[descriptor].attached;
  if (!n && !was_attached)
    return fail(
        Error::Code::not_found,
        fmt::format(
            "descriptor {} was never attached to an interface, so it was delivered no packets. Choose "
            "another descriptor",
            descriptor));
  const std::uint32_t type = was_attached ? before.descriptors[descriptor].link_type : recording.event(*n).b;
  const std::uint32_t interface =
      was_attached ? before.descriptors[descriptor].interface : recording.event(*n).a;
  for (; n; n = recording.next(attached, *n + 1, forward, descriptor))
    if (recording.event(*n).b != type)
      return fail(
          Error::Code::unsupported,
          fmt::format(
              "descriptor {} has link type {}, and {} from event {} on: a pcap file has one link type",
              descriptor, type, recording.event(*n).b, *n));
  return link_type_in_file(type) | link_bits_of(recording, interface);
}

/// Packets to a stream, in either format.
class PacketStream {
 public:
  PacketStream(std::ostream& out, bool pcapng, std::uint32_t link_type) : out_(out), pcapng_(pcapng) {
    if (pcapng)
      PcapngWriter(block_).begin(snaplen, link_type);
    else
      append(bytes_of(PcapFileHeader{.snaplen = snaplen, .link_type = link_type}));
    send();
  }
  void write(std::uint64_t time_ns, std::span<const std::byte> bytes, std::uint32_t wire_length) {
    if (pcapng_) {
      PcapngWriter(block_).packet(time_ns, bytes, wire_length);
    } else {
      append(bytes_of(PcapPacketHeader(time_ns, static_cast<std::uint32_t>(bytes.size()), wire_length)));
      append(bytes);
    }
    send();
  }

 private:
  void append(std::span<const std::byte> bytes) { block_.insert(block_.end(), bytes.begin(), bytes.end()); }
  void send() {
    out_.write(reinterpret_cast<const char*>(block_.data()), static_cast<std::streamsize>(block_.size()));
    block_.clear();
  }

  std::ostream& out_;
  bool pcapng_;
  std::vector<std::byte> block_;
};

void write_packet(PacketStream& out, const Recording& recording, const Event& e, std::uint64_t boot_ns) {
  const std::optional<Recording::PacketBytes> packet = recording.packet(e.packet);
  const auto bytes = packet ? packet->bytes : std::span<const std::byte>();
  const std::uint64_t time_ns = boot_ns + (packet ? packet->time_ns : e.time_ns);
  const auto caplen = static_cast<std::uint32_t>(std::min<std::size_t>(bytes.size(), e.b));
  out.write(time_ns, bytes.first(caplen), std::max(e.d, caplen));
}

} // namespace

Result<std::uint64_t> export_pcap(const Recording& recording, std::ostream& out, std::uint16_t descriptor,
                                  bool pcapng) {
  const Result<std::uint32_t> link_type = link_type_of(recording, descriptor);
  if (!link_type)
    return fail(link_type.error());
  PacketStream packets(out, pcapng, *link_type);

  const std::uint64_t boot_ns = boot_time_of(recording);
  State state = recording.state_after(0);
  const std::uint64_t before =
      descriptor < state.descriptors.size() ? state.descriptors[descriptor].total.delivered : 0;
  std::uint64_t delivered = before;
  recording.for_each(0, recording.event_count(), [&](std::uint64_t, const Event& e) {
    fold(state, e);
    if (e.kind != ZB_EV_HANDLED || e.descriptor != descriptor)
      return;
    const std::uint64_t now = state.descriptors[descriptor].total.delivered;
    if (now != delivered && out.good())
      write_packet(packets, recording, e, boot_ns);
    delivered = now;
  });
  out.flush();
  if (!out.good())
    return fail(Error::Code::io,
                "the capture could not be written: the disk may be full. Choose another place");
  return delivered - before;
}

} // namespace zbuf
