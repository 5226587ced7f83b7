// SPDX-License-Identifier: BSD-2-Clause
// What a program written to bpf(4) includes, with no extension of C or POSIX switched on.
#include <sys/types.h>

#include <machine/atomic.h>
#include <net/bpf.h>
#include <net/dlt.h>

int main(void) {
  struct bpf_zbuf_header header = {7, 0, 0, {0}};
  atomic_store_rel_int(&header.bzh_user_gen, atomic_load_acq_int(&header.bzh_kernel_gen));
  int right = DLT_NULL == 0 && DLT_EN10MB == 1 && DLT_RAW == 12 && DLT_LOOP == 108;
  right = right && DLT_IEEE802_11 == 105 && DLT_PFSYNC == 121 && DLT_USER0 == 147;
  right = right && DLT_IEEE802_11_RADIO == 127 && DLT_LINUX_SLL2 == 276;
  return header.bzh_user_gen == 7 && right && BPF_WORDALIGN(3) == sizeof(long) ? 0 : 1;
}
