/*-
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Stands in for FreeBSD's bpf.c around the drop-in buffer models: one interface
 * (Ethernet, MTU 1500), any number of descriptors, time that passes only where
 * a process waits.  It calls the models in the order of spec 2 and 4, so that
 * what was recorded on a real kernel can be replayed through them.
 */
#ifndef ZBUF_FREEBSD_TEST_STAND_IN_H
#define ZBUF_FREEBSD_TEST_STAND_IN_H

#include "kernel/engine/abi.h"

struct stand_in; /* an open descriptor */

/* What the process around provides. */
bool stand_in_memory_is_writable(uint64_t address, size_t length);
uint64_t stand_in_frame_of(uint64_t page_address); /* physical memory */
uint32_t stand_in_run_filter(const struct zb_bpf_insn*, uint32_t count, const uint8_t* packet,
                             uint32_t length);
void stand_in_probe(const char* name);

struct stand_in* stand_in_open(bool nonblocking);
void stand_in_close(struct stand_in*);
/* Errors are FreeBSD's numbers. */
int stand_in_ioctl(struct stand_in*, uint32_t request, void* data);
int stand_in_read(struct stand_in*, void* to, size_t length, size_t* done);
int stand_in_write(struct stand_in*, size_t length);
/* poll(2) for input: 1 if ready, else 0 after that time. */
int stand_in_poll(struct stand_in*, uint64_t timeout_ns);
/* A packet passes.  */
void stand_in_tap(struct stand_in*, const uint8_t* packet, uint32_t length);
/* Its interface is gone. */
void stand_in_departed(struct stand_in*);
/* False: not attached. */
bool stand_in_stats(struct stand_in*, struct zb_xbpf_d*);

/* sysctl(8) */
void stand_in_set_enable(bool);
void stand_in_set_strict(bool);

/* Pages that are wired now, and pieces of memory that were not freed. */
unsigned stand_in_wired_pages(void);
unsigned stand_in_allocations(void);

#endif /* ZBUF_FREEBSD_TEST_STAND_IN_H */
