// SPDX-License-Identifier: BSD-2-Clause
// Streams of events without an engine, for tests and benchmarks of the trace: a pencil to write events with,
// and a kernel and reader that only keep books (spec 2.8, 3.10).
#pragma once

#include "core/base/random.h"
#include "core/trace/event.h"

#include <cstdint>
#include <vector>

namespace zbuf::synthetic {

/// Writes events one after another; each call returns the stream, so that a scenario reads as a list.
/// Time goes on by 10 ns an event.
class Pencil {
 public:
  std::vector<Event> events;
  std::uint16_t descriptor = 0;
  std::uint64_t time_ns = 0;
  std::uint32_t packets = 0; ///< seen so far

  Pencil& put(zb_event_kind kind, std::uint8_t buffer = ZB_NO_BUFFER, std::uint32_t a = 0,
              std::uint32_t b = 0, std::uint32_t c = 0, std::uint32_t d = 0,
              std::uint32_t packet = ZB_NO_PACKET) {
    const bool has_descriptor = !contains(kinds_with(ZB_MOVES_INTERFACE | ZB_MOVES_RUN), kind);
    events.push_back(Event{time_ns += 10, packet, a, b, c, d,
                           has_descriptor ? descriptor : static_cast<std::uint16_t>(ZB_NO_DESCRIPTOR),
                           static_cast<std::uint8_t>(kind), buffer});
    return *this;
  }

  /// Opens a zero-copy descriptor with two loans, on an Ethernet interface.
  /// `distance`: from the first byte of A to that of B.
  Pencil& open(std::uint32_t size = 4064, std::int64_t distance = 0x10000) {
    put(ZB_EV_OPENED, ZB_NO_BUFFER, 3, 1000).put(ZB_EV_MODE, ZB_NO_BUFFER, 2);
    put(ZB_EV_LOANED, ZB_A, size);
    put(ZB_EV_LOANED, ZB_B, size, static_cast<std::uint32_t>(distance),
        static_cast<std::uint32_t>(distance >> 32));
    return put(ZB_EV_ATTACHED, ZB_NO_BUFFER, 0, 1, 14);
  }
  /// Opens a read(2) descriptor.
  Pencil& open_buffered(std::uint32_t size = 4096) {
    put(ZB_EV_OPENED, ZB_NO_BUFFER, 3, 1000);
    put(ZB_EV_ALLOCATED, ZB_A, size).put(ZB_EV_ALLOCATED, ZB_B, size);
    return put(ZB_EV_ATTACHED, ZB_NO_BUFFER, 0, 1, 14);
  }

  Pencil& arrive(std::uint32_t length = 100) {
    return put(ZB_EV_ARRIVED, ZB_NO_BUFFER, length, length, 0, 0, packets++);
  }
  Pencil& accept() { return put(ZB_EV_ACCEPTED, ZB_NO_BUFFER, 0xffffffff, 0, 0, 0, packets - 1); }
  Pencil& reject() { return put(ZB_EV_REJECTED, ZB_NO_BUFFER, 0, 0, 0, 0, packets - 1); }
  /// The record alone: header of 26 bytes.
  Pencil& record(zb_which which, std::uint32_t offset, std::uint32_t caplen = 100) {
    return put(ZB_EV_STORED, static_cast<std::uint8_t>(which), offset, caplen, 26, caplen, packets - 1);
  }
  /// A packet from the wire to its record.
  Pencil& store(zb_which which, std::uint32_t offset, std::uint32_t caplen = 100) {
    return arrive(caplen).accept().record(which, offset, caplen);
  }
  Pencil& drop(zb_which store, zb_drop why = ZB_DROP_FULL) {
    return arrive().accept().put(ZB_EV_DROPPED, static_cast<std::uint8_t>(store), why, 126, 0, 0,
                                 packets - 1);
  }
  Pencil& rotate(zb_which from, std::uint32_t length, zb_cause cause = ZB_BY_PACKET) {
    return put(ZB_EV_ROTATED, static_cast<std::uint8_t>(from), length, from == ZB_A ? ZB_B : ZB_A, cause);
  }
  Pencil& publish(zb_which which, std::uint32_t length, std::uint32_t generation, bool in_store = false) {
    return put(ZB_EV_PUBLISHED, static_cast<std::uint8_t>(which), length, generation, in_store);
  }
  Pencil& reclaim(zb_which which, zb_cause cause = ZB_BY_PACKET) {
    return put(ZB_EV_RECLAIMED, static_cast<std::uint8_t>(which), 0, 0, cause);
  }
  Pencil& empty(zb_which which, std::uint32_t length, zb_cause cause = ZB_BY_FLUSH) {
    return put(ZB_EV_EMPTIED, static_cast<std::uint8_t>(which), length, 0, cause);
  }
  Pencil& reset(zb_cause cause = ZB_BY_FLUSH) { return put(ZB_EV_RESET, ZB_NO_BUFFER, 0, 0, cause); }
  Pencil& take(zb_which which, std::uint32_t length, std::uint32_t generation = 0) {
    return put(ZB_EV_TOOK, static_cast<std::uint8_t>(which), length, generation);
  }
  Pencil& handle(zb_which which, std::uint32_t offset, std::uint32_t caplen = 100) {
    return put(ZB_EV_HANDLED, static_cast<std::uint8_t>(which), offset, caplen, 0, caplen);
  }
  Pencil& acknowledge(zb_which which, std::uint32_t generation) {
    return put(ZB_EV_ACKNOWLEDGED, static_cast<std::uint8_t>(which), generation, generation);
  }
  Pencil& wipe(zb_which which) { return put(ZB_EV_WIPED, static_cast<std::uint8_t>(which)); }
};

/// A `freebsd` kernel and its reader, as far as books go: every step is legal, so every invariant holds.
class Books {
 public:
  /// Opens the pencil's descriptor. Packets have 60 to 1514 bytes and come every 700 ns or so.
  Books(Pencil& pencil, std::uint64_t seed, std::uint32_t size, bool zero_copy)
      : pencil_(pencil), random_(seed), size_(size), zero_copy_(zero_copy), descriptor_(pencil.descriptor) {
    if (zero_copy)
      pencil.open(size);
    else
      pencil.open_buffered(size);
  }

  /// A packet arrives, and passes this descriptor. Returns its length.
  std::uint32_t packet() {
    pencil_.descriptor = descriptor_;
    pencil_.time_ns += 200 + random_.below(1000);
    const auto length = 60 + static_cast<std::uint32_t>(random_.below(1455));
    pencil_.arrive(length);
    tap(length);
    return length;
  }
  /// The packet that arrived last passes this descriptor.
  void tap(std::uint32_t length) {
    pencil_.descriptor = descriptor_;
    if (random_.below(16) == 0)
      pencil_.reject();
    else
      catch_packet(length);
  }

  void reader() {
    pencil_.descriptor = descriptor_;
    if (zero_copy_)
      read_loan();
    else
      read_call();
  }

 private:
  struct Buffer {
    std::uint32_t length = 0;
    std::uint32_t kernel_gen = 0;
    std::uint32_t user_gen = 0;
    bool published = false;
    std::vector<std::uint32_t> offsets, caplens;
  };

  void catch_packet(std::uint32_t caplen) {
    pencil_.accept();
    if (hold_ != ZB_NO_BUFFER && zero_copy_ && buffers_[hold_].kernel_gen == buffers_[hold_].user_gen)
      reclaim(ZB_BY_PACKET);
    Buffer* store = &buffers_[store_];
    std::uint32_t at = (store->length + 7) & ~7u;
    if (at + 26 + caplen > size_ || store->published) {
      if (hold_ != ZB_NO_BUFFER) {
        publish(store_, true);
        pencil_.put(ZB_EV_DROPPED, store_, ZB_DROP_FULL, 26 + caplen, store->length, 0, pencil_.packets - 1);
        return;
      }
      rotate(ZB_BY_PACKET);
      store = &buffers_[store_];
      at = 0;
    }
    pencil_.put(ZB_EV_STORED, store_, at, caplen, 26 | (at - store->length) << 16, caplen,
                pencil_.packets - 1);
    store->length = at + 26 + caplen;
    store->offsets.push_back(at);
    store->caplens.push_back(caplen);
  }

  void publish(std::uint8_t which, bool in_store) {
    Buffer& b = buffers_[which];
    if (!zero_copy_ || b.published)
      return;
    b.published = true;
    ++b.kernel_gen;
    pencil_.publish(static_cast<zb_which>(which), b.length, b.kernel_gen, in_store);
  }

  void rotate(zb_cause cause) {
    pencil_.rotate(static_cast<zb_which>(store_), buffers_[store_].length, cause);
    hold_ = store_;
    store_ ^= 1u;
    publish(hold_, false);
    pencil_.put(ZB_EV_WOKEN, ZB_NO_BUFFER, 0, 0, ZB_BY_PACKET);
  }

  void reclaim(zb_cause cause) {
    pencil_.reclaim(static_cast<zb_which>(hold_), cause);
    clear(buffers_[hold_]);
    hold_ = ZB_NO_BUFFER;
  }

  static void clear(Buffer& b) {
    b.length = 0;
    b.published = false;
    b.offsets.clear();
    b.caplens.clear();
  }

  void handle(zb_which which, const Buffer& b) {
    for (std::size_t i = 0; i < b.offsets.size(); ++i)
      pencil_.handle(which, b.offsets[i], b.caplens[i]);
  }

  void read_loan() {
    Buffer& b = buffers_[next_];
    const auto which = static_cast<zb_which>(next_);
    pencil_.put(ZB_EV_LOOKED, next_, b.kernel_gen, b.user_gen, 1);
    if (b.kernel_gen == b.user_gen)
      return;
    pencil_.take(which, b.length, b.kernel_gen);
    handle(which, b);
    b.user_gen = b.kernel_gen;
    pencil_.acknowledge(which, b.kernel_gen);
    next_ ^= 1u;
  }

  void read_call() {
    pencil_.put(ZB_EV_CALL, ZB_NO_BUFFER, ZB_CALL_READ, 0, size_);
    std::uint32_t done = 0;
    if (hold_ != ZB_NO_BUFFER) {
      const Buffer read = buffers_[hold_];
      done = read.length;
      pencil_.put(ZB_EV_COPIED_OUT, hold_, done);
      reclaim(ZB_BY_READ);
      pencil_.put(ZB_EV_RETURN, ZB_NO_BUFFER, ZB_CALL_READ, 0, 0, done);
      pencil_.take(ZB_USER_COPY, done);
      handle(ZB_USER_COPY, read);
    } else {
      pencil_.put(ZB_EV_RETURN, ZB_NO_BUFFER, ZB_CALL_READ, 0, 35);
    }
  }

  Pencil& pencil_;
  Random random_;
  std::uint32_t size_;
  bool zero_copy_;
  std::uint16_t descriptor_;
  Buffer buffers_[2];
  std::uint8_t store_ = ZB_A;
  std::uint8_t hold_ = ZB_NO_BUFFER;
  std::uint8_t next_ = ZB_A;
};

/// A run of `count` packets with two descriptors, zero-copy and read(2), on the same packets. The readers are
/// about as fast as the kernel, so that there are empty looks and drops.
inline std::vector<Event> run(std::uint64_t seed, std::uint32_t count, std::uint32_t size = 32736) {
  Pencil pencil;
  Books loan(pencil, seed, size, true);
  pencil.descriptor = 1;
  Books copy(pencil, seed + 1, size, false);
  Random random(seed + 2);
  const std::uint64_t patience = size / 1000 + 1;
  for (std::uint32_t i = 0; i < count; ++i) {
    copy.tap(loan.packet());
    if (random.below(patience) == 0)
      loan.reader();
    if (random.below(patience) == 0)
      copy.reader();
  }
  pencil.put(ZB_EV_END);
  return pencil.events;
}

} // namespace zbuf::synthetic
