/*-
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * As much of a FreeBSD kernel as the two buffer models ask for, in a process:
 * every kernel header that they include leads here (CMakeLists.txt).  Types and
 * names are the kernel's, what is behind them is not.  What may not sleep is
 * checked: taking memory or pages with a lock held is an assertion.
 */
#ifndef ZBUF_FREEBSD_TEST_SHIM_H
#define ZBUF_FREEBSD_TEST_SHIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define _KERNEL 1
#define __FreeBSD_version 1302001
#define __unused __attribute__((unused))
#define _VM_PAGE_

typedef char* caddr_t;
typedef unsigned int u_int;

#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define bzero(p, n) memset(p, 0, n)

/* errno: FreeBSD's numbers, which are not all this system's. */
#define EFAULT 14
#define EINVAL 22
#define EOPNOTSUPP 45

_Noreturn void shim_panic(const char* what);
#define KASSERT(condition, message)                                                                          \
  do {                                                                                                       \
    if (!(condition))                                                                                        \
      shim_panic(#condition);                                                                                \
  } while (0)

/* ---- mutex(9) ---- */

struct mtx {
  bool owned;
};

void shim_lock(struct mtx*);
void shim_unlock(struct mtx*);
int mtx_sleep(void* channel, struct mtx*, int priority, const char* what, int timeout);

/* ---- malloc(9) ---- */

#define M_BPF 0
#define M_WAITOK 1
#define M_ZERO 2
#define malloc(size, type, flags) shim_malloc(size, flags)
#define free(p, type) shim_free(p)
void* shim_malloc(size_t size, int flags);
void shim_free(void*);

/* ---- sysctl(9): a variable that the stand-in can find by name ---- */

#define CTLFLAG_RW 0
#define CTLFLAG_RWTUN 0
#define SYSCTL_INT(parent, number, name, access, p, value, text) int* const shim_sysctl_##name = (p)
#define SYSCTL_UINT(parent, number, name, access, p, value, text) u_int* const shim_sysctl_##name = (p)
extern int* const shim_sysctl_zerocopy_strict;
extern u_int *const shim_sysctl_bufsize, *const shim_sysctl_maxbufsize;

/* ---- SDT(9): a probe tells its name ---- */

void shim_probe(const char* name);
#define SDT_PROVIDER_DEFINE(provider) struct shim_unused
#define SDT_PROVIDER_DECLARE(provider) struct shim_unused
#define SDT_PROBE_DEFINE1(p, m, f, n, t0) struct shim_unused
#define SDT_PROBE_DEFINE2(p, m, f, n, t0, t1) struct shim_unused
#define SDT_PROBE_DEFINE3(p, m, f, n, t0, t1, t2) struct shim_unused
#define SDT_PROBE_DEFINE4(p, m, f, n, t0, t1, t2, t3) struct shim_unused
#define SDT_PROBE_DEFINE5(p, m, f, n, t0, t1, t2, t3, t4) struct shim_unused
#define SHIM_PROBE(f, n, ...) shim_probe(#f ":" #n)
#define SDT_PROBE1(p, m, f, n, ...) SHIM_PROBE(f, n, __VA_ARGS__)
#define SDT_PROBE2(p, m, f, n, ...) SHIM_PROBE(f, n, __VA_ARGS__)
#define SDT_PROBE3(p, m, f, n, ...) SHIM_PROBE(f, n, __VA_ARGS__)
#define SDT_PROBE4(p, m, f, n, ...) SHIM_PROBE(f, n, __VA_ARGS__)
#define SDT_PROBE5(p, m, f, n, ...) SHIM_PROBE(f, n, __VA_ARGS__)

/* ---- mbuf(9), uio(9) ---- */

struct mbuf {
  struct mbuf* m_next;
  const uint8_t* m_data;
  int m_len;
};
void m_copydata(const struct mbuf*, int offset, int length, void* to);

struct uio {
  uint8_t* to;
  int resid;
};
int uiomove(void* from, int length, struct uio*);

/* ---- Virtual memory ---- */

#define PAGE_SIZE 4096u
#define VM_PROT_READ 1
#define VM_PROT_WRITE 2
#define PMAP_HAS_DMAP 1
#define PHYS_TO_DMAP(x) (x)
#define VM_PAGE_TO_PHYS(page) ((page)->address)
typedef uintptr_t vm_offset_t;
typedef size_t vm_size_t;
typedef struct vm_page {
  uintptr_t address;
  unsigned wired; /* how often it is held */
  struct vm_page* next;
} * vm_page_t;
struct vm_map {
  int unused;
};
struct vmspace {
  struct vm_map vm_map;
};
struct proc {
  struct vmspace* p_vmspace;
};
struct thread {
  struct proc* td_proc;
};
int vm_fault_quick_hold_pages(struct vm_map*, vm_offset_t address, vm_size_t length, int protection,
                              vm_page_t* pages, int count);
void vm_page_unhold_pages(vm_page_t* pages, int count);

/* ---- net/bpf.h, net/bpfdesc.h: what buffer models and bpf.c share ---- */

#define BPF_BUFMODE_BUFFER 1
#define BPF_BUFMODE_ZBUF 2
#define BPF_MAXBUFSIZE 0x80000
#define BPF_MINBUFSIZE 32

struct bpf_zbuf {
  void* bz_bufa;
  void* bz_bufb;
  size_t bz_buflen;
};

struct bpf_d {
  caddr_t bd_sbuf;
  caddr_t bd_hbuf;
  caddr_t bd_fbuf;
  int bd_hbuf_in_use;
  int bd_slen;
  int bd_hlen;
  int bd_bufsize;
  void* bd_bif; /* not NULL: attached */
  u_int bd_bufmode;
  struct mtx bd_lock;
};

#define BPFD_LOCK(d) shim_lock(&(d)->bd_lock)
#define BPFD_UNLOCK(d) shim_unlock(&(d)->bd_lock)
#define BPFD_LOCK_ASSERT(d) KASSERT((d)->bd_lock.owned, (""))

void bpf_bufheld(struct bpf_d*);

/* Spec 2.2. */
#define ROTATE_BUFFERS(d)                                                                                    \
  do {                                                                                                       \
    (d)->bd_hbuf = (d)->bd_sbuf;                                                                             \
    (d)->bd_hlen = (d)->bd_slen;                                                                             \
    (d)->bd_sbuf = (d)->bd_fbuf;                                                                             \
    (d)->bd_slen = 0;                                                                                        \
    (d)->bd_fbuf = NULL;                                                                                     \
    bpf_bufheld(d);                                                                                          \
  } while (0)

#endif /* ZBUF_FREEBSD_TEST_SHIM_H */
