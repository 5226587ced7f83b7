// SPDX-License-Identifier: BSD-2-Clause
// The engine's abi.h says the same as the system's <net/bpf.h>, and both say what spec section 1 says:
// checked by the compiler, on FreeBSD against its own header, elsewhere against the one that this project
// installs.
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

extern "C" {
#include "kernel/engine/abi.h"
#include "kernel/engine/shared_header.h"
}

#include <stddef.h> // and not <cstddef>: so that this file can be checked against a kernel's headers alone

namespace {

// Numbers, from the spec, the system and the engine.
#define SAME(name, number) static_assert((name) == (number) && ZB_##name == (number))
SAME(BIOCGBLEN, 0x40044266);
SAME(BIOCSBLEN, 0xC0044266);
SAME(BIOCSETF, 0x80104267);
SAME(BIOCFLUSH, 0x20004268);
SAME(BIOCPROMISC, 0x20004269);
SAME(BIOCGDLT, 0x4004426A);
SAME(BIOCGETIF, 0x4020426B);
SAME(BIOCSETIF, 0x8020426C);
SAME(BIOCSRTIMEOUT, 0x8010426D);
SAME(BIOCGRTIMEOUT, 0x4010426E);
SAME(BIOCGSTATS, 0x4008426F);
SAME(BIOCIMMEDIATE, 0x80044270);
SAME(BIOCVERSION, 0x40044271);
SAME(BIOCGRSIG, 0x40044272);
SAME(BIOCSRSIG, 0x80044273);
SAME(BIOCGHDRCMPLT, 0x40044274);
SAME(BIOCSHDRCMPLT, 0x80044275);
SAME(BIOCGDIRECTION, 0x40044276);
SAME(BIOCSDIRECTION, 0x80044277);
SAME(BIOCSDLT, 0x80044278);
SAME(BIOCGDLTLIST, 0xC0104279);
SAME(BIOCLOCK, 0x2000427A);
SAME(BIOCSETWF, 0x8010427B);
SAME(BIOCFEEDBACK, 0x8004427C);
SAME(BIOCGETBUFMODE, 0x4004427D);
SAME(BIOCSETBUFMODE, 0x8004427E);
SAME(BIOCGETZMAX, 0x4008427F);
SAME(BIOCROTZBUF, 0x40184280);
SAME(BIOCSETZBUF, 0x80184281);
SAME(BIOCSETFNR, 0x80104282);
SAME(BIOCGTSTAMP, 0x40044283);
SAME(BIOCSTSTAMP, 0x80044284);
#if defined(BIOCSETVLANPCP) // by 13.2
SAME(BIOCSETVLANPCP, 0x80044285);
#endif
#if defined(__FreeBSD__) // elsewhere these are other numbers of the system's own
SAME(FIONREAD, 0x4004667F);
SAME(FIONBIO, 0x8004667E);
SAME(FIOASYNC, 0x8004667D);
SAME(FIOSETOWN, 0x8004667C);
SAME(FIOGETOWN, 0x4004667B);
SAME(TIOCSPGRP, 0x80047476);
SAME(TIOCGPGRP, 0x40047477);
static_assert(IFNAMSIZ == ZB_IFNAMSIZ && sizeof(ifreq) == sizeof(zb_ifreq) && offsetof(ifreq, ifr_name) == 0);
#else
static_assert(ZB_FIONREAD == 0x4004667F && ZB_FIONBIO == 0x8004667E && ZB_FIOASYNC == 0x8004667D &&
              ZB_FIOSETOWN == 0x8004667C && ZB_FIOGETOWN == 0x4004667B && ZB_TIOCSPGRP == 0x80047476 &&
              ZB_TIOCGPGRP == 0x40047477);
static_assert(sizeof(zb_ifreq) == 32 && ZB_IFNAMSIZ == 16);
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
