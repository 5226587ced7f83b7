// SPDX-License-Identifier: BSD-2-Clause
#include "core/trace/event_codec.h"

#include "core/base/assert.h"

#include <array>
#include <cstdint>

namespace zbuf {
namespace {

/// The first byte of an event: its kind, and two flags.
constexpr std::uint8_t other_descriptor = 64; ///< not that of the last event of the kind: it follows
constexpr std::uint8_t as_foretold = 128;     ///< nothing else follows; else a byte that says which fields do
enum Field : std::uint8_t {
  time_field = 1,
  packet_field = 2,
  a_field = 4,
  b_field = 8,
  c_field = 16,
  d_field = 32,
  buffer_field = 64,
};
constexpr std::uint8_t all_fields = 127;

constexpr KindMask counts_packets =
    kinds_where([](const KindInfo& info) { return info.packet == ExpectedPacket::next; });
constexpr KindMask goes_with_packet =
    kinds_where([](const KindInfo& info) { return info.packet == ExpectedPacket::same; });

/// What both sides know before they come to an event: the last one of its kind, of each of two descriptors so
/// that they do not disturb each other.
class Foreteller {
 public:
  Foreteller() {
    for (Like& like : likes_)
      like.event.packet = ZB_NO_PACKET;
  }

  [[nodiscard]] std::uint16_t descriptor(std::uint8_t kind) const { return descriptors_[kind]; }

  [[nodiscard]] Event foretell(std::uint8_t kind, std::uint16_t descriptor) const {
    const Like& like = likes_[index(kind, descriptor)];
    Event event = like.event;
    event.time_ns = time_ns_;
    event.a += like.a_step;
    if (contains(counts_packets, kind))
      event.packet += 1;
    else
      event.packet = contains(goes_with_packet, kind) ? packet_ : ZB_NO_PACKET;
    event.descriptor = descriptor;
    event.kind = kind;
    return event;
  }

  void learn(const Event& event) {
    Like& like = likes_[index(event.kind, event.descriptor)];
    like.a_step = event.a - like.event.a;
    like.event = event;
    descriptors_[event.kind] = event.descriptor;
    time_ns_ = event.time_ns;
    packet_ = event.packet;
  }

 private:
  struct Like {
    Event event{};
    std::uint32_t a_step = 0;
  };
  static std::size_t index(std::uint8_t kind, std::uint16_t descriptor) {
    return kind * 2u + (descriptor & 1u);
  }

  std::array<Like, event_kinds * 2> likes_{};
  std::array<std::uint16_t, event_kinds> descriptors_{};
  std::uint64_t time_ns_ = 0;
  std::uint32_t packet_ = ZB_NO_PACKET;
};

// Distances, either way: small ones take few bytes.

std::uint64_t zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}
std::int64_t unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
}
std::int64_t distance(std::uint64_t from, std::uint64_t to) {
  return static_cast<std::int64_t>(to - from);
}
std::int64_t distance(std::uint32_t from, std::uint32_t to) {
  return static_cast<std::int32_t>(to - from);
}

constexpr std::size_t most_bytes = 2 + 3 + 10 + 5 * 5 + 1; ///< of one event

class Output {
 public:
  explicit Output(std::byte* at) : at_(at) {}
  void byte(std::uint8_t value) { *at_++ = std::byte{value}; }
  void number(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7)
      byte(static_cast<std::uint8_t>(value | 0x80));
    byte(static_cast<std::uint8_t>(value));
  }
  template <typename T>
  void step(T from, T to) {
    number(zigzag(distance(from, to)));
  }
  [[nodiscard]] std::byte* at() const { return at_; }

 private:
  std::byte* at_;
};

class Input {
 public:
  explicit Input(std::span<const std::byte> bytes) : at_(bytes.data()), end_(at_ + bytes.size()) {}
  std::uint8_t byte() {
    if (at_ == end_) {
      good_ = false;
      return 0;
    }
    return static_cast<std::uint8_t>(*at_++);
  }
  std::uint64_t number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const std::uint8_t part = byte();
      value |= std::uint64_t{part & 0x7fu} << shift;
      if (part < 0x80)
        return value;
    }
    good_ = false;
    return value;
  }
  void step(std::uint64_t& value) { value += static_cast<std::uint64_t>(unzigzag(number())); }
  void step(std::uint32_t& value) { value += static_cast<std::uint32_t>(unzigzag(number())); }
  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] bool at_end() const { return at_ == end_; }

 private:
  const std::byte* at_;
  const std::byte* end_;
  bool good_ = true;
};

std::uint8_t differences(const Event& foretold, const Event& event) {
  return static_cast<std::uint8_t>(
      (event.time_ns != foretold.time_ns ? time_field : 0) |
      (event.packet != foretold.packet ? packet_field : 0) | (event.a != foretold.a ? a_field : 0) |
      (event.b != foretold.b ? b_field : 0) | (event.c != foretold.c ? c_field : 0) |
      (event.d != foretold.d ? d_field : 0) | (event.buffer != foretold.buffer ? buffer_field : 0));
}

void encode(const Foreteller& foreteller, const Event& event, Output& out) {
  const bool other = event.descriptor != foreteller.descriptor(event.kind);
  const Event foretold = foreteller.foretell(event.kind, event.descriptor);
  const std::uint8_t fields = differences(foretold, event);
  out.byte(static_cast<std::uint8_t>(event.kind | (other ? other_descriptor : 0) |
                                     (fields == 0 ? as_foretold : 0)));
  if (other)
    out.number(event.descriptor);
  if (fields == 0)
    return;
  out.byte(fields);
  if (fields & time_field)
    out.step(foretold.time_ns, event.time_ns);
  if (fields & packet_field)
    out.step(foretold.packet, event.packet);
  if (fields & a_field)
    out.step(foretold.a, event.a);
  if (fields & b_field)
    out.step(foretold.b, event.b);
  if (fields & c_field)
    out.step(foretold.c, event.c);
  if (fields & d_field)
    out.step(foretold.d, event.d);
  if (fields & buffer_field)
    out.byte(event.buffer);
}

void take_fields(std::uint8_t fields, Input& in, Event& event) {
  if (fields & time_field)
    in.step(event.time_ns);
  if (fields & packet_field)
    in.step(event.packet);
  if (fields & a_field)
    in.step(event.a);
  if (fields & b_field)
    in.step(event.b);
  if (fields & c_field)
    in.step(event.c);
  if (fields & d_field)
    in.step(event.d);
  if (fields & buffer_field)
    event.buffer = in.byte();
}

/// False if the bytes are none.
bool decode(const Foreteller& foreteller, Input& in, Event& event) {
  const std::uint8_t first = in.byte();
  const std::uint8_t kind = first & (other_descriptor - 1);
  std::uint64_t descriptor = foreteller.descriptor(kind);
  if (first & other_descriptor)
    descriptor = in.number();
  if (descriptor > 0xffff)
    return false;
  event = foreteller.foretell(kind, static_cast<std::uint16_t>(descriptor));
  if ((first & as_foretold) == 0) {
    const std::uint8_t fields = in.byte();
    if (fields > all_fields)
      return false;
    take_fields(fields, in, event);
  }
  return in.good();
}

} // namespace

std::size_t encoded_room(std::size_t count) {
  return count * most_bytes;
}

std::size_t encode_events(std::span<const Event> events, std::span<std::byte> room) {
  ZBUF_ASSERT(room.size() >= encoded_room(events.size()));
  Output output(room.data());
  Foreteller foreteller;
  for (const Event& event : events) {
    ZBUF_ASSERT(event.kind < event_kinds);
    encode(foreteller, event, output);
    foreteller.learn(event);
  }
  return static_cast<std::size_t>(output.at() - room.data());
}

bool decode_events(std::span<const std::byte> bytes, std::span<Event> events) {
  Input input(bytes);
  Foreteller foreteller;
  for (Event& event : events) {
    if (!decode(foreteller, input, event))
      return false;
    foreteller.learn(event);
  }
  return input.at_end();
}

} // namespace zbuf
