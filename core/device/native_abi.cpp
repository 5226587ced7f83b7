// SPDX-License-Identifier: BSD-2-Clause
// The engine's abi.h says the same as the system's <net/bpf.h>, and both say what spec section 1 says:
// checked by the compiler, on FreeBSD against its own header, elsewhere against the one that this project
// installs.
extern "C" {
#include "kernel/engine/abi.h"
#include "kernel/engine/shared_header.h"
}

namespace {

/// What the name of a request is until the system's header defines it.
struct Undefined {};
#define UNDEFINED(name, number, handler, rules) [[maybe_unused]] constexpr Undefined name{};
ZB_REQUESTS(UNDEFINED)
#undef UNDEFINED

} // namespace

#if defined(__FreeBSD__)
#include <sys/types.h>

#include <sys/filio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <net/bpf.h>
#include <net/if.h>
#else
#include "kernel/include/net/bpf.h"
#endif

#include <stddef.h> // and not <cstddef>: so that this file can be checked against a kernel's headers alone

namespace {

// Requests. What is not bpf's own has other numbers on other systems.
#if defined(__FreeBSD__)
constexpr bool all_are_freebsds = true;
constexpr unsigned last_of_header = 132; // BIOCSTSTAMP; BIOCSETVLANPCP came by 13.2
#else
constexpr bool all_are_freebsds = false;
constexpr unsigned last_of_header = 133;
#endif
constexpr bool agrees(Undefined, unsigned long ours) {
  return ZB_IOC_NUMBER(ours) > last_of_header;
}
constexpr bool agrees(unsigned long theirs, unsigned long ours) {
  return theirs == ours;
}
#define AGREES(name, number, handler, rules)                                                                 \
  static_assert((ZB_IOC_GROUP(number) != 'B' && !all_are_freebsds) || agrees(name, ZB_##name), #name);
ZB_REQUESTS(AGREES)
#undef AGREES

static_assert(sizeof(zb_ifreq) == 32 && ZB_IFNAMSIZ == 16);
#if defined(__FreeBSD__)
static_assert(IFNAMSIZ == ZB_IFNAMSIZ && sizeof(ifreq) == sizeof(zb_ifreq) && offsetof(ifreq, ifr_name) == 0);
#endif

static_assert(BPF_BUFMODE_BUFFER == 1 && ZB_BUFMODE_BUFFER == 1 && BPF_BUFMODE_ZBUF == 2 &&
              ZB_BUFMODE_ZBUF == 2);
static_assert(BPF_T_MICROTIME == ZB_T_MICROTIME && BPF_T_NANOTIME == ZB_T_NANOTIME &&
              BPF_T_BINTIME == ZB_T_BINTIME && BPF_T_NONE == ZB_T_NONE);
static_assert(int{BPF_D_IN} == int{ZB_D_IN} && int{BPF_D_INOUT} == int{ZB_D_INOUT} &&
              int{BPF_D_OUT} == int{ZB_D_OUT});
static_assert(BPF_MAJOR_VERSION == 1 && BPF_MINOR_VERSION == 1);
static_assert(BPF_ALIGNMENT == 8 && BPF_WORDALIGN(33) == 40 && ZB_WORDALIGN(33) == 40);
static_assert(ZB_PAGE_SIZE == 4096 && ZB_MAX_PAGES == 512 && ZB_ZMAX == 2097152 && ZB_MIN_BUFSIZE == 32);

// Layouts.
#define FIELD(type, field, ours, other, at)                                                                  \
  static_assert(offsetof(type, field) == (at) && offsetof(ours, other) == (at) &&                            \
                sizeof(type::field) == sizeof(ours::other))
static_assert(sizeof(bpf_zbuf) == 24 && sizeof(zb_bpf_zbuf) == 24);
FIELD(bpf_zbuf, bz_bufa, zb_bpf_zbuf, bufa, 0);
FIELD(bpf_zbuf, bz_bufb, zb_bpf_zbuf, bufb, 8);
FIELD(bpf_zbuf, bz_buflen, zb_bpf_zbuf, buflen, 16);
static_assert(sizeof(bpf_zbuf_header) == 32 && sizeof(zb_shared_header) == 32 && ZB_HEADER_SIZE == 32);
static_assert(offsetof(bpf_zbuf_header, bzh_kernel_gen) == 0 &&
              offsetof(bpf_zbuf_header, bzh_kernel_len) == 4 && offsetof(bpf_zbuf_header, bzh_user_gen) == 8);
static_assert(sizeof(bpf_hdr) == 32 && sizeof(bpf_xhdr) == 32 && sizeof(zb_bpf_hdr) == 32);
FIELD(bpf_hdr, bh_caplen, zb_bpf_hdr, caplen, 16);
FIELD(bpf_hdr, bh_datalen, zb_bpf_hdr, datalen, 20);
FIELD(bpf_hdr, bh_hdrlen, zb_bpf_hdr, hdrlen, 24);
FIELD(bpf_xhdr, bh_caplen, zb_bpf_hdr, caplen, 16);
FIELD(bpf_xhdr, bh_datalen, zb_bpf_hdr, datalen, 20);
FIELD(bpf_xhdr, bh_hdrlen, zb_bpf_hdr, hdrlen, 24);
static_assert(offsetof(bpf_hdr, bh_tstamp) == 0 && sizeof(bpf_hdr::bh_tstamp) == 16 && sizeof(timeval) == 16);
FIELD(bpf_ts, bt_sec, zb_bpf_hdr, sec, 0);
FIELD(bpf_ts, bt_frac, zb_bpf_hdr, frac, 8);
static_assert(sizeof(bpf_stat) == 8 && sizeof(zb_bpf_stat) == 8);
FIELD(bpf_stat, bs_recv, zb_bpf_stat, recv, 0);
FIELD(bpf_stat, bs_drop, zb_bpf_stat, drop, 4);
static_assert(sizeof(bpf_program) == 16 && sizeof(zb_bpf_program) == 16);
FIELD(bpf_program, bf_len, zb_bpf_program, len, 0);
// NOLINTNEXTLINE(bugprone-sizeof-expression): the size of the pointer is meant
FIELD(bpf_program, bf_insns, zb_bpf_program, insns, 8);
static_assert(sizeof(bpf_insn) == 8 && sizeof(zb_bpf_insn) == 8);
FIELD(bpf_insn, code, zb_bpf_insn, code, 0);
FIELD(bpf_insn, jt, zb_bpf_insn, jt, 2);
FIELD(bpf_insn, jf, zb_bpf_insn, jf, 3);
FIELD(bpf_insn, k, zb_bpf_insn, k, 4);
FIELD(bpf_dltlist, bfl_len, zb_bpf_dltlist, len, 0);
FIELD(bpf_dltlist, bfl_list, zb_bpf_dltlist, list, 8);
static_assert(sizeof(bpf_version) == 4 && sizeof(zb_bpf_version) == 4);
static_assert(sizeof(zb_timeval) == sizeof(timeval));

} // namespace
