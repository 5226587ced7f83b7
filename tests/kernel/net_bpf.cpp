// kernel/include/net/bpf.h says the same as the engine's abi.h: checked by the compiler, so that a program
// built with the one can talk to the other.
#include "kernel/include/net/bpf.h"

extern "C" {
#include "kernel/engine/abi.h"
#include "kernel/engine/shared_header.h"
}

#include <cstddef>

namespace {

#define SAME_REQUEST(name) static_assert((name) == ZB_##name)
SAME_REQUEST(BIOCGBLEN);
SAME_REQUEST(BIOCSBLEN);
SAME_REQUEST(BIOCSETF);
SAME_REQUEST(BIOCFLUSH);
SAME_REQUEST(BIOCPROMISC);
SAME_REQUEST(BIOCGDLT);
SAME_REQUEST(BIOCGETIF);
SAME_REQUEST(BIOCSETIF);
SAME_REQUEST(BIOCSRTIMEOUT);
SAME_REQUEST(BIOCGRTIMEOUT);
SAME_REQUEST(BIOCGSTATS);
SAME_REQUEST(BIOCIMMEDIATE);
SAME_REQUEST(BIOCVERSION);
SAME_REQUEST(BIOCGRSIG);
SAME_REQUEST(BIOCSRSIG);
SAME_REQUEST(BIOCGHDRCMPLT);
SAME_REQUEST(BIOCSHDRCMPLT);
SAME_REQUEST(BIOCGDIRECTION);
SAME_REQUEST(BIOCSDIRECTION);
SAME_REQUEST(BIOCSDLT);
SAME_REQUEST(BIOCGDLTLIST);
SAME_REQUEST(BIOCLOCK);
SAME_REQUEST(BIOCSETWF);
SAME_REQUEST(BIOCFEEDBACK);
SAME_REQUEST(BIOCGETBUFMODE);
SAME_REQUEST(BIOCSETBUFMODE);
SAME_REQUEST(BIOCGETZMAX);
SAME_REQUEST(BIOCROTZBUF);
SAME_REQUEST(BIOCSETZBUF);
SAME_REQUEST(BIOCSETFNR);
SAME_REQUEST(BIOCGTSTAMP);
SAME_REQUEST(BIOCSTSTAMP);
SAME_REQUEST(BIOCSETVLANPCP);

#define SAME_FIELD(ours, field, theirs, other)                                                               \
  static_assert(offsetof(ours, field) == offsetof(theirs, other) &&                                          \
                sizeof(ours::field) == sizeof(theirs::other))
static_assert(sizeof(bpf_zbuf) == sizeof(zb_bpf_zbuf));
SAME_FIELD(bpf_zbuf, bz_bufa, zb_bpf_zbuf, bufa);
SAME_FIELD(bpf_zbuf, bz_bufb, zb_bpf_zbuf, bufb);
SAME_FIELD(bpf_zbuf, bz_buflen, zb_bpf_zbuf, buflen);
static_assert(sizeof(bpf_hdr) == sizeof(zb_bpf_hdr) && sizeof(bpf_xhdr) == sizeof(zb_bpf_hdr));
SAME_FIELD(bpf_hdr, bh_tstamp.tv_sec, zb_bpf_hdr, sec);
SAME_FIELD(bpf_hdr, bh_tstamp.tv_usec, zb_bpf_hdr, frac);
SAME_FIELD(bpf_hdr, bh_caplen, zb_bpf_hdr, caplen);
SAME_FIELD(bpf_hdr, bh_datalen, zb_bpf_hdr, datalen);
SAME_FIELD(bpf_hdr, bh_hdrlen, zb_bpf_hdr, hdrlen);
SAME_FIELD(bpf_xhdr, bh_caplen, zb_bpf_hdr, caplen);
SAME_FIELD(bpf_xhdr, bh_datalen, zb_bpf_hdr, datalen);
SAME_FIELD(bpf_xhdr, bh_hdrlen, zb_bpf_hdr, hdrlen);
static_assert(sizeof(bpf_zbuf_header) == ZB_HEADER_SIZE);
SAME_FIELD(bpf_zbuf_header, bzh_kernel_gen, zb_shared_header, kernel_gen);
SAME_FIELD(bpf_zbuf_header, bzh_kernel_len, zb_shared_header, kernel_len);
SAME_FIELD(bpf_zbuf_header, bzh_user_gen, zb_shared_header, user_gen);
static_assert(sizeof(bpf_insn) == sizeof(zb_bpf_insn));
SAME_FIELD(bpf_insn, code, zb_bpf_insn, code);
SAME_FIELD(bpf_insn, jt, zb_bpf_insn, jt);
SAME_FIELD(bpf_insn, jf, zb_bpf_insn, jf);
SAME_FIELD(bpf_insn, k, zb_bpf_insn, k);
static_assert(sizeof(bpf_program) == sizeof(zb_bpf_program));
SAME_FIELD(bpf_program, bf_len, zb_bpf_program, len);
SAME_FIELD(bpf_program, bf_insns, zb_bpf_program, insns);
static_assert(sizeof(bpf_dltlist) == sizeof(zb_bpf_dltlist));
SAME_FIELD(bpf_dltlist, bfl_len, zb_bpf_dltlist, len);
SAME_FIELD(bpf_dltlist, bfl_list, zb_bpf_dltlist, list);
static_assert(sizeof(bpf_stat) == sizeof(zb_bpf_stat) && sizeof(bpf_version) == sizeof(zb_bpf_version));
static_assert(sizeof(timeval) == sizeof(zb_timeval));
static_assert(BPF_BUFMODE_BUFFER == ZB_BUFMODE_BUFFER && BPF_BUFMODE_ZBUF == ZB_BUFMODE_ZBUF);
static_assert(BPF_D_IN == ZB_D_IN && BPF_D_INOUT == ZB_D_INOUT && BPF_D_OUT == ZB_D_OUT);
static_assert(BPF_T_NANOTIME == ZB_T_NANOTIME && BPF_T_BINTIME == ZB_T_BINTIME && BPF_T_NONE == ZB_T_NONE);
static_assert(BPF_T_FORMAT_MASK == ZB_T_FORMAT_MASK && BPF_T_FLAG_MASK == ZB_T_FLAG_MASK);
static_assert(BPF_WORDALIGN(27) == ZB_WORDALIGN(27) && BPF_MINBUFSIZE == ZB_MIN_BUFSIZE);

constexpr bpf_insn program[] = {BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),
                                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x0800, 0, 1),
                                BPF_STMT(BPF_RET | BPF_K, 65535), BPF_STMT(BPF_RET | BPF_K, 0)};
static_assert(program[0].code == 0x28 && program[1].code == 0x15 && program[1].jf == 1 &&
              program[2].code == 0x06);

} // namespace
