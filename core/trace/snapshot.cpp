// SPDX-License-Identifier: BSD-2-Clause
// One list of fields serves both directions; the order of the list is the format.
#include "core/trace/snapshot.h"

#include <algorithm>
#include <limits>
#include <type_traits>

namespace zbuf {
namespace {

template <typename S, typename F>
void visit_buffer(S& b, F& f) {
  f.signed_number(b.distance);
  f(b.size, b.present, b.shared);
  f(b.kernel_gen, b.kernel_len, b.user_gen);
  f(b.last_generation, b.published, b.lent, b.taken, b.orphaned, b.damaged);
  f(b.fill, b.fill_event, b.fill_ns, b.moved_event);
  f.up_to(ZB_NO_BUFFER, b.source);
  f(b.bytes, b.records, b.last_offset, b.handled, b.handled_offset, b.taken_length);
}

template <typename S, typename F>
void visit_descriptor(S& d, F& f) {
  f(d.known, d.open, d.attached, d.immediate, d.reader_asleep, d.mode);
  f.up_to(ZB_CALL_POLL, d.call);
  f.up_to(ZB_READER_STOPPED, d.reader);
  f.wait(d.wait);
  f(d.revision, d.hz, d.interface, d.link_type, d.link_header_bytes, d.timeout_ticks, d.filter_instructions);
  f.up_to(ZB_NO_BUFFER, d.store, d.hold, d.free, d.last_published);
  f(d.overlapping, d.aliased, d.store_length, d.hold_length);
  f.up_to(static_cast<int>(d.round_start.size()), d.open_rounds);
  for (auto& start : d.round_start)
    for (auto& value : start)
      f(value);
  f.signed_number(d.under_way);
  f(d.since_reset.received, d.since_reset.accepted, d.since_reset.dropped);
  for_each_counter(d.total, [&](const char*, auto& value) { f(value); });
  for (auto& b : d.buffers)
    visit_buffer(b, f);
}

template <typename S, typename F>
void visit_state(S& state, F& f) {
  f(state.events, state.time_ns, state.faults, state.chapters, state.chapter, state.lost_events, state.ended);
  for (auto& v : state.broken)
    f(v.count, v.first_event, v.first_ns, v.descriptor);
  f.resize(state.descriptors, std::size_t{ZB_NO_DESCRIPTOR});
  for (auto& d : state.descriptors)
    visit_descriptor(d, f);
  f.resize(state.interfaces, std::size_t{max_interfaces});
  for (auto& i : state.interfaces)
    f(i.seen, i.up, i.gone, i.arrived, i.missed, i.bytes);
}

class Encoder {
 public:
  explicit Encoder(std::vector<std::byte>& out) : out_(out) {}

  template <typename... T>
  void operator()(const T&... values) {
    (put(static_cast<std::uint64_t>(values)), ...);
  }
  template <typename... T>
  void up_to(int, const T&... values) {
    (put(values), ...);
  }
  void wait(WaitState value) { put(static_cast<std::uint64_t>(value)); }
  template <typename T>
  void signed_number(T value) {
    put(static_cast<std::make_unsigned_t<T>>(value));
  }
  template <typename T>
  void resize(const std::vector<T>& values, std::size_t) {
    put(values.size());
  }

 private:
  void put(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7)
      out_.push_back(static_cast<std::byte>(value | 0x80));
    out_.push_back(static_cast<std::byte>(value));
  }
  std::vector<std::byte>& out_;
};

class Decoder {
 public:
  explicit Decoder(std::span<const std::byte> bytes) : rest_(bytes) {}

  [[nodiscard]] bool complete() const { return good_ && rest_.empty(); }

  template <typename... T>
  void operator()(T&... values) {
    ((values = static_cast<T>(get(std::numeric_limits<T>::max()))), ...);
  }
  template <typename... T>
  void up_to(int limit, T&... values) {
    ((values = static_cast<T>(get(static_cast<std::uint64_t>(limit)))), ...);
  }
  void wait(WaitState& value) {
    value = static_cast<WaitState>(get(static_cast<std::uint64_t>(WaitState::timed_out)));
  }
  template <typename T>
  void signed_number(T& value) {
    value = static_cast<T>(get(std::numeric_limits<std::make_unsigned_t<T>>::max()));
  }
  template <typename T>
  void resize(std::vector<T>& values, std::size_t limit) {
    // An element is at least one byte a field, and has more than one field.
    const std::size_t count = get(std::min<std::uint64_t>(limit, rest_.size()));
    values.resize(good_ ? count : 0);
  }

 private:
  std::uint64_t get(std::uint64_t limit) {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && good_; shift += 7) {
      if (rest_.empty())
        break;
      const auto byte = std::to_integer<std::uint64_t>(rest_.front());
      rest_ = rest_.subspan(1);
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        if (value > limit)
          break;
        return value;
      }
    }
    good_ = false;
    return 0;
  }

  std::span<const std::byte> rest_;
  bool good_ = true;
};

/// Counts that are subtracted from one another must not go below zero.
bool sane(const State& state) {
  for (const DescriptorState& d : state.descriptors)
    for (const BufferState& b : d.buffers)
      if (b.handled > b.records)
        return false;
  return true;
}

} // namespace

void encode_snapshot(const State& state, std::vector<std::byte>& out) {
  Encoder encoder(out);
  visit_state(state, encoder);
}

std::optional<State> decode_snapshot(std::span<const std::byte> bytes) {
  State state;
  Decoder decoder(bytes);
  visit_state(state, decoder);
  if (!decoder.complete() || !sane(state))
    return std::nullopt;
  return state;
}

} // namespace zbuf
