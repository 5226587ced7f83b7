// SPDX-License-Identifier: BSD-2-Clause
// What the preloaded library and the emulated kernel say to each other.
//
// The kernel lives in `zbuf exec`, beside the program: as of a real kernel, the program cannot reach into it,
// and its end, however sudden, is seen there. There is one stream socket for each open descriptor, whose only
// message is `open` (its last close is the descriptor's), and one for each thread that makes calls: a
// request, a reply, and so on. Plain numbers in the order of this machine; both ends are of one build.
#pragma once

extern "C" {
#include "kernel/engine/abi.h"
}

#include <cstddef>
#include <cstdint>

namespace zbuf::exec {

/// The environment variable that tells the library where the kernel listens: the path of a socket.
inline constexpr char socket_variable[] = "ZBUF_EXEC_SOCKET";
/// "0": the library does not guard loaned memory (preload/watch.h).
inline constexpr char watch_variable[] = "ZBUF_EXEC_WATCH";

enum class Call : std::uint32_t {
  hello,   ///< a thread's first; payload of the reply: the Interfaces
  open,    ///< value: flags of open(2); extra: unit + 1 of /dev/bpfN, 0 for /dev/bpf. The socket is the
           ///< descriptor from then on
  control, ///< ioctl(2): `request`, `argument`
  read,    ///< value: bytes. Payload of the reply: what was read
  write,   ///< payload: the packet
  poll,   ///< payload: PollEntry[]; value: time-out in ns, as signed. Answered when one is ready, the time is
          ///< up, or by EINTR after `cancel`; the reply's payload is the entries again
  closed, ///< the program closed a number of `descriptor`. If that was the last one, the reply comes when the
          ///< kernel has detached it: no memory that it was lent is written any more (spec 2.19)
  cancel, ///< ends the call that is under way, if one still is. Has no reply of its own
  mistake, ///< value: MistakeKind; extra: offset in the buffer; request: enum zb_which
  status,  ///< payload of the reply: DescriptorStatus[], one for each descriptor (descriptor_status.h)
};

/// What a request says of memory that the program lends: bits of Request::extra for BIOCSETZBUF.
enum LoanFlags : std::uint64_t {
  loan_a_there = 1, ///< A is in the file that comes with the request
  loan_b_there = 2,
  loan_a_stack = 4, ///< A lies on the stack of the thread that lends it
  loan_b_stack = 8,
  loan_slot_shift = 8, ///< which LoanNotes of that file are its own
};

inline constexpr std::size_t argument_bytes = ZB_ARGUMENT_BYTES; ///< room for that of any ioctl

struct Request {
  Call call{};
  std::uint32_t request = 0;
  std::uint64_t descriptor = 0; ///< inode number of the descriptor's socket
  std::uint64_t value = 0;
  std::uint64_t extra = 0;
  std::uint32_t length = 0; ///< bytes of payload that follow
  std::int32_t pid = 0;
  alignas(8) std::byte argument[argument_bytes]{};
};

struct Reply {
  std::int32_t error = 0;   ///< of this system's errno.h
  std::uint32_t length = 0; ///< bytes of payload that follow
  std::uint64_t value = 0;
  alignas(8) std::byte argument[argument_bytes]{};
};

struct PollEntry {
  std::uint64_t descriptor = 0;
  std::int16_t events = 0;
  std::int16_t ready = 0; ///< POLLNVAL: no such descriptor
  std::uint32_t unused = 0;
};

/// An emulated interface, for programs that look it up.
struct InterfaceEntry {
  char name[16]{};
  std::uint32_t link_type = 0;
  std::uint32_t mtu = 0;
  std::uint32_t index = 0;
  std::uint8_t mac[6]{};
  std::uint8_t address[4]{}; ///< IPv4, a /24
  std::uint8_t unused[6]{};
};

/// The largest payload of a request: an Ethernet frame, or a filter.
inline constexpr std::uint32_t max_request_bytes = 1u << 17;
inline constexpr std::uint32_t max_poll_entries = 1024;

// ---- Loaned memory ----
//
// The library puts a file of shared memory under the pages that the program lends. An address of the program
// is an offset in the file. No program has memory in its first 64 KiB of addresses: notes are kept there.

inline constexpr std::uint64_t memory_file_bytes = std::uint64_t{1} << 47;
inline constexpr std::size_t notes_bytes = 8192;
inline constexpr unsigned loan_slots = 16;

/// Something that the program should not have done, seen by the guard (preload/watch.h).
struct Touch {
  std::uint64_t count = 0;
  std::uint64_t first_ns = 0; ///< CLOCK_MONOTONIC
  std::uint64_t offset = 0;   ///< of the first one, in the buffer
};

/// The guard's notes on one loan, by buffer.
struct LoanNotes {
  Touch read_not_owned[2]{}; ///< while the kernel owned it
  Touch wrote_not_owned[2]{};
  Touch past_length[2]{};        ///< read behind the page in which the published records end
  Touch unlooked[2]{};           ///< taken without a look at the generations since it was given back
  Touch counted[2]{};            ///< user_gen was incremented, not stored
  Touch walked[4][2]{};          ///< of these kinds: walked_unaligned, and the three that follow it
  std::uint64_t opened_ns[2]{};  ///< when its records were touched first since it was lent; CLOCK_MONOTONIC
  std::uint64_t looked[2]{};     ///< how often the generations were looked at first
  std::uint32_t closed = 0;      ///< the kernel has let go of the loan: nothing is guarded any more
  std::uint32_t given_back[2]{}; ///< it was the program's once, and has been given back since
  std::uint32_t unused = 0;
};
static_assert(sizeof(LoanNotes) * loan_slots <= notes_bytes);

} // namespace zbuf::exec
