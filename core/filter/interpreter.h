// SPDX-License-Identifier: BSD-2-Clause
// The filter machine of bpf(4): one loop, which decides over packets and which an observer can watch step by
// step.
//
// What a program sees of a packet depends on what the packet is made of, so that is a parameter of the loop.
// FlatPacket is one piece of memory, as a write filter has it. FreeBSD runs read filters over chains of
// pieces, where some loads answer differently (spec 9.26, 9.27): PacketInPieces does so, too, whatever the
// packet lies in here.
#pragma once

extern "C" {
#include "kernel/engine/abi.h"
}

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace zbuf {

/// The bytes of a packet, and its length on the wire.
struct PacketBytes {
  const std::uint8_t* bytes;
  std::size_t length;
  std::uint32_t wire_length;

 protected:
  /// A number of 1, 2 or 4 bytes in network byte order.
  [[nodiscard]] std::optional<std::uint32_t> load_at(std::uint64_t offset, std::uint32_t size) const {
    if (offset + 4 <= length) { // nearly always; then one load and a shift do for every size
      const std::uint8_t* const at = bytes + offset;
      const std::uint32_t word = std::uint32_t{at[0]} << 24 | std::uint32_t{at[1]} << 16 |
                                 std::uint32_t{at[2]} << 8 | std::uint32_t{at[3]};
      return word >> (32 - 8 * size);
    }
    if (offset + size > length)
      return std::nullopt;
    std::uint32_t value = 0;
    for (std::uint64_t end = offset + size; offset < end; ++offset)
      value = value << 8 | bytes[offset];
    return value;
  }
};

/// A packet in one piece. A load beyond the end finds nothing, and neither does one whose offset wraps.
struct FlatPacket : PacketBytes {
  /// Where [x + k] is.
  [[nodiscard]] static std::uint64_t place(std::uint32_t x, std::uint32_t k) { return std::uint64_t{x} + k; }
  [[nodiscard]] std::optional<std::uint32_t> load(std::uint32_t k, std::uint32_t size) const {
    return load_at(k, size);
  }
  [[nodiscard]] std::optional<std::uint32_t> load(std::uint32_t x, std::uint32_t k,
                                                  std::uint32_t size) const {
    return load_at(place(x, k), size);
  }
};

/// A packet in several pieces, as FreeBSD's kernel has it. Two bytes at a fixed offset beyond the end are 0;
/// offsets wrap.
struct PacketInPieces : PacketBytes {
  [[nodiscard]] static std::uint64_t place(std::uint32_t x, std::uint32_t k) { return std::uint32_t{x + k}; }
  [[nodiscard]] std::optional<std::uint32_t> load(std::uint32_t k, std::uint32_t size) const {
    const auto found = load_at(k, size);
    return found || size != 2 ? found : std::optional<std::uint32_t>{0};
  }
  [[nodiscard]] std::optional<std::uint32_t> load(std::uint32_t x, std::uint32_t k,
                                                  std::uint32_t size) const {
    return load_at(place(x, k), size);
  }
};

/// What the packets of a filter are made of.
enum class PacketMade { in_one_piece, in_pieces };

/// One instruction, made ready to run. Names say what it does to A (the accumulator), X (the index), M[].
struct FilterInstruction {
  enum class Op : std::uint8_t {
    test_absolute, ///< A = packet[k] & mask, and on by `yes` if A == with, else by `no`
    test_indirect, ///< the same with packet[X + k]
    header_length, ///< X = 4 * (packet[k] & 15)
    load_constant,
    load_length,
    load_cell,
    index_constant,
    index_length,
    index_cell,
    store_a,
    store_x,
    add,
    subtract,
    multiply,
    divide,
    modulo,
    bit_and,
    bit_or,
    bit_xor,
    shift_left,
    shift_right,
    negate,
    jump,
    if_equal,
    if_greater,
    if_at_least,
    if_common_bits,
    return_constant,
    return_a,
    a_to_x,
    x_to_a,
  };

  Op op = Op::return_constant;
  std::uint8_t size = 0;           ///< bytes that it loads from the packet: 1, 2 or 4
  bool by_x = false;               ///< computes and compares with X, not with k
  std::uint32_t k = 0;             ///< constant, offset, number of a cell
  std::uint32_t mask = 0xffffffff; ///< of a test
  std::uint32_t with = 0;          ///< of a test
  std::uint16_t yes = 1, no = 1;   ///< how many instructions further on the next one is, 1 or more
};

/// Whether several instructions that only lead to one comparison become one: faster, but they cannot be
/// watched one by one.
enum class Fuse { no, yes };

/// As long as the program: instructions stay at their numbers. Pre: filter_is_valid(program).
[[nodiscard]] std::vector<FilterInstruction> prepare_filter(std::span<const zb_bpf_insn> program, Fuse fuse);

/// Watches nothing.
struct NoFilterObserver {
  /// Before each instruction: its number, and the registers.
  void begins(std::size_t, std::uint32_t, std::uint32_t) {}
  /// It loads these bytes of the packet, or ends the program because they are not there.
  void loads(std::uint64_t, std::uint32_t) {}
};

/// Runs a prepared program. Returns how many bytes of the packet to keep; 0 rejects it. A, X and M[] begin
/// as 0 (spec 9.28). How far to shift counts modulo 32 (spec 9.29).
template <typename Packet, typename Observer>
std::uint32_t interpret_filter(const FilterInstruction* program, const Packet& packet, Observer&& observer) {
  using Op = FilterInstruction::Op;
  std::uint32_t a = 0, x = 0;
  std::array<std::uint32_t, 16> cells{};
  for (const FilterInstruction* at = program;;) {
    const FilterInstruction& in = *at;
    observer.begins(static_cast<std::size_t>(at - program), a, x);
    const auto by = [&] { return in.by_x ? x : in.k; };
    const auto go_on = [&](bool holds) { at += holds ? in.yes : in.no; };
    switch (in.op) {
    case Op::test_absolute:
    case Op::test_indirect: {
      const bool indirect = in.op == Op::test_indirect;
      observer.loads(indirect ? Packet::place(x, in.k) : in.k, in.size);
      const auto loaded = indirect ? packet.load(x, in.k, in.size) : packet.load(in.k, in.size);
      if (!loaded)
        return 0;
      a = *loaded & in.mask;
      go_on(a == in.with);
      continue;
    }
    case Op::header_length: {
      observer.loads(in.k, 1);
      const auto loaded = packet.load(in.k, 1);
      if (!loaded)
        return 0;
      x = (*loaded & 15) * 4;
      break;
    }
    case Op::load_constant:
      a = in.k;
      break;
    case Op::load_length:
      a = packet.wire_length;
      break;
    case Op::load_cell:
      a = cells[in.k];
      break;
    case Op::index_constant:
      x = in.k;
      break;
    case Op::index_length:
      x = packet.wire_length;
      break;
    case Op::index_cell:
      x = cells[in.k];
      break;
    case Op::store_a:
      cells[in.k] = a;
      break;
    case Op::store_x:
      cells[in.k] = x;
      break;
    case Op::add:
      a += by();
      break;
    case Op::subtract:
      a -= by();
      break;
    case Op::multiply:
      a *= by();
      break;
    case Op::divide:
      if (by() == 0)
        return 0;
      a /= by();
      break;
    case Op::modulo:
      if (by() == 0)
        return 0;
      a %= by();
      break;
    case Op::bit_and:
      a &= by();
      break;
    case Op::bit_or:
      a |= by();
      break;
    case Op::bit_xor:
      a ^= by();
      break;
    case Op::shift_left:
      a <<= by() % 32;
      break;
    case Op::shift_right:
      a >>= by() % 32;
      break;
    case Op::negate:
      a = 0 - a;
      break;
    case Op::jump:
      at += in.k;
      break;
    case Op::if_equal:
      go_on(a == by());
      continue;
    case Op::if_greater:
      go_on(a > by());
      continue;
    case Op::if_at_least:
      go_on(a >= by());
      continue;
    case Op::if_common_bits:
      go_on((a & by()) != 0);
      continue;
    case Op::return_constant:
      return in.k;
    case Op::return_a:
      return a;
    case Op::a_to_x:
      x = a;
      break;
    case Op::x_to_a:
      a = x;
      break;
    }
    ++at;
  }
}

} // namespace zbuf
