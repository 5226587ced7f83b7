/*-
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The Berkeley Packet Filter for programs, where the system has no header of
 * that name: /dev/bpf of this project's Linux module, and zbuf exec.  Programs
 * written to FreeBSD's bpf(4) compile with it unchanged:
 *
 *	cc -I kernel/include program.c
 *
 * Layouts and numbers are FreeBSD's for 64-bit little-endian machines; the
 * compiler checks them against the engine's (core/device/native_abi.cpp).  For
 * what the requests do see bpf(4); where the project's revisions differ,
 * kernel/README.md.
 */
#ifndef _NET_BPF_H_
#define	_NET_BPF_H_

#include <stdint.h>
#include <sys/types.h>
#include <sys/time.h>
#include <time.h>

#include "dlt.h"

struct ifreq;			/* <net/if.h>; BIOCSETIF uses its first 32 bytes */

/* ---- Filter programs ---- */

typedef int32_t		bpf_int32;
typedef uint32_t	bpf_u_int32;
typedef int64_t		bpf_int64;
typedef uint64_t	bpf_u_int64;

/* One instruction: what to do, how far to jump if so and if not, a number. */
struct bpf_insn {
	uint16_t	code;
	uint8_t		jt;
	uint8_t		jf;
	bpf_u_int32	k;
};

struct bpf_program {
	unsigned int	bf_len;		/* instructions; 0: accept everything */
	struct bpf_insn	*bf_insns;
};

#define	BPF_STMT(code, k)	{ (uint16_t)(code), 0, 0, k }
#define	BPF_JUMP(code, k, jt, jf) { (uint16_t)(code), jt, jf, k }

/* What kind of instruction. */
#define	BPF_CLASS(code)	((code) & 0x07)
#define	BPF_LD		0x00	/* A := */
#define	BPF_LDX		0x01	/* X := */
#define	BPF_ST		0x02	/* scratch cell := A */
#define	BPF_STX		0x03	/* scratch cell := X */
#define	BPF_ALU		0x04	/* A := A op operand */
#define	BPF_JMP		0x05
#define	BPF_RET		0x06	/* bytes to keep; 0 rejects */
#define	BPF_MISC	0x07

/* Loads: how much, and from where. */
#define	BPF_SIZE(code)	((code) & 0x18)
#define	BPF_W		0x00	/* 4 bytes, in network order */
#define	BPF_H		0x08	/* 2 */
#define	BPF_B		0x10	/* 1 */
#define	BPF_MODE(code)	((code) & 0xe0)
#define	BPF_IMM		0x00	/* k */
#define	BPF_ABS		0x20	/* packet at k */
#define	BPF_IND		0x40	/* packet at X + k */
#define	BPF_MEM		0x60	/* scratch cell k */
#define	BPF_LEN		0x80	/* length of the packet */
#define	BPF_MSH		0xa0	/* 4 * (byte at k & 15): an IP header's length */

/* Arithmetic and jumps. */
#define	BPF_OP(code)	((code) & 0xf0)
#define	BPF_ADD		0x00
#define	BPF_SUB		0x10
#define	BPF_MUL		0x20
#define	BPF_DIV		0x30
#define	BPF_OR		0x40
#define	BPF_AND		0x50
#define	BPF_LSH		0x60
#define	BPF_RSH		0x70
#define	BPF_NEG		0x80
#define	BPF_MOD		0x90
#define	BPF_XOR		0xa0
#define	BPF_JA		0x00	/* always, by k */
#define	BPF_JEQ		0x10
#define	BPF_JGT		0x20
#define	BPF_JGE		0x30
#define	BPF_JSET	0x40	/* any of these bits */
#define	BPF_SRC(code)	((code) & 0x08)
#define	BPF_K		0x00
#define	BPF_X		0x08

#define	BPF_RVAL(code)	((code) & 0x18)
#define	BPF_A		0x10
#define	BPF_MISCOP(code) ((code) & 0xf8)
#define	BPF_TAX		0x00	/* X := A */
#define	BPF_TXA		0x80	/* A := X */

#define	BPF_MEMWORDS	16	/* scratch cells; all 0 at first */
#define	BPF_MAXINSNS	512
#define	BPF_MAXBUFSIZE	0x80000
#define	BPF_MINBUFSIZE	32

/* ---- Records ---- */

/* Each packet in a buffer begins with a header; the next one begins on a
 * multiple of BPF_ALIGNMENT:
 *	p += BPF_WORDALIGN(h->bh_hdrlen + h->bh_caplen);
 * bh_hdrlen may be less than sizeof(struct bpf_hdr): then the packet's first
 * bytes lie where the structure is padded.  Read the fields before them. */
#define	BPF_ALIGNMENT	sizeof(long)
#define	BPF_WORDALIGN(x) (((x) + (BPF_ALIGNMENT - 1)) & ~(BPF_ALIGNMENT - 1))

struct bpf_hdr {
	struct timeval	bh_tstamp;
	bpf_u_int32	bh_caplen;	/* bytes that are here */
	bpf_u_int32	bh_datalen;	/* bytes that were on the wire */
	uint16_t	bh_hdrlen;	/* from here to the packet */
};

/* The same after BIOCSTSTAMP asked for nanoseconds or binary fractions. */
struct bpf_ts {
	bpf_int64	bt_sec;
	bpf_u_int64	bt_frac;
};
struct bpf_xhdr {
	struct bpf_ts	bh_tstamp;
	bpf_u_int32	bh_caplen;
	bpf_u_int32	bh_datalen;
	uint16_t	bh_hdrlen;
};

/* FreeBSD has this in <sys/time.h>: seconds and 2^-64 of one, and conversions. */
#ifndef _BINTIME_DECLARED
#define	_BINTIME_DECLARED
struct bintime {
	time_t		sec;
	uint64_t	frac;
};

/* ISO C has had struct timespec since 2011, and POSIX for longer. */
#if defined(__cplusplus) || \
    (defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L) || \
    (defined(_POSIX_C_SOURCE) && _POSIX_C_SOURCE >= 199309L)
static __inline void
bintime2timespec(const struct bintime *bt, struct timespec *ts)
{

	ts->tv_sec = bt->sec;
	ts->tv_nsec = (long)((1000000000u * (bt->frac >> 32)) >> 32);
}
#endif

static __inline void
bintime2timeval(const struct bintime *bt, struct timeval *tv)
{

	tv->tv_sec = bt->sec;
	tv->tv_usec = (long)((1000000u * (bt->frac >> 32)) >> 32);
}
#endif

#define	BPF_T_MICROTIME		0x0000
#define	BPF_T_NANOTIME		0x0001
#define	BPF_T_BINTIME		0x0002
#define	BPF_T_NONE		0x0003
#define	BPF_T_FORMAT_MASK	0x0003
#define	BPF_T_NORMAL		0x0000
#define	BPF_T_FAST		0x0100
#define	BPF_T_MONOTONIC		0x0200
#define	BPF_T_FLAG_MASK		0x0300
#define	BPF_T_FORMAT(t)		((t) & BPF_T_FORMAT_MASK)
#define	BPF_T_FLAG(t)		((t) & BPF_T_FLAG_MASK)

/* ---- Zero-copy buffers ---- */

/* At the start of each of the two.  Generations equal: the kernel owns it.
 * Different: the process does, until it has stored bzh_kernel_gen in
 * bzh_user_gen.  Load the former with acquire, store the latter with release.
 * Records begin after this header. */
struct bpf_zbuf_header {
	volatile unsigned int	bzh_kernel_gen;	/* (k) one more for each fill */
	volatile unsigned int	bzh_kernel_len;	/* (k) bytes of records */
	volatile unsigned int	bzh_user_gen;	/* (u) */
	unsigned int		_bzh_pad[5];
};

/* BIOCSETZBUF lends: page-aligned, whole pages, at most BIOCGETZMAX.
 * BIOCROTZBUF answers: which buffer, how many bytes; zeros for none. */
struct bpf_zbuf {
	void	*bz_bufa;
	void	*bz_bufb;
	size_t	bz_buflen;
};

#define	BPF_BUFMODE_BUFFER	1	/* read(2) */
#define	BPF_BUFMODE_ZBUF	2	/* loaned memory */

/* ---- Requests ---- */

struct bpf_stat {
	unsigned int	bs_recv;	/* packets, before the filter */
	unsigned int	bs_drop;
};

struct bpf_version {
	unsigned short	bv_major;
	unsigned short	bv_minor;
};
#define	BPF_MAJOR_VERSION	1
#define	BPF_MINOR_VERSION	1

struct bpf_dltlist {
	unsigned int	bfl_len;
	unsigned int	*bfl_list;
};

enum bpf_direction {
	BPF_D_IN,
	BPF_D_INOUT,
	BPF_D_OUT
};

/* Numbered as on FreeBSD, which is not as <sys/ioctl.h> of Linux does. */
#define	BPF_IOC_(direction, group, number, length)			\
	((unsigned long)(direction) | (unsigned long)(length) << 16 |	\
	(unsigned long)(group) << 8 | (unsigned long)(number))
#define	BPF_IO_(n)		BPF_IOC_(0x20000000u, 'B', n, 0)
#define	BPF_IOR_(n, length)	BPF_IOC_(0x40000000u, 'B', n, length)
#define	BPF_IOW_(n, length)	BPF_IOC_(0x80000000u, 'B', n, length)
#define	BPF_IOWR_(n, length)	BPF_IOC_(0xc0000000u, 'B', n, length)

#define	BIOCGBLEN	BPF_IOR_(102, 4)	/* unsigned: bytes of a buffer */
#define	BIOCSBLEN	BPF_IOWR_(102, 4)	/* unsigned; the answer is what it is */
#define	BIOCSETF	BPF_IOW_(103, 16)	/* struct bpf_program; resets */
#define	BIOCFLUSH	BPF_IO_(104)
#define	BIOCPROMISC	BPF_IO_(105)
#define	BIOCGDLT	BPF_IOR_(106, 4)	/* unsigned: DLT_ */
#define	BIOCGETIF	BPF_IOR_(107, 32)	/* struct ifreq: the name */
#define	BIOCSETIF	BPF_IOW_(108, 32)	/* struct ifreq: the name */
#define	BIOCSRTIMEOUT	BPF_IOW_(109, 16)	/* struct timeval; 0: none */
#define	BIOCGRTIMEOUT	BPF_IOR_(110, 16)
#define	BIOCGSTATS	BPF_IOR_(111, 8)	/* struct bpf_stat */
#define	BIOCIMMEDIATE	BPF_IOW_(112, 4)	/* unsigned: each packet wakes */
#define	BIOCVERSION	BPF_IOR_(113, 4)	/* struct bpf_version */
#define	BIOCGRSIG	BPF_IOR_(114, 4)	/* unsigned: a signal of this system */
#define	BIOCSRSIG	BPF_IOW_(115, 4)
#define	BIOCGHDRCMPLT	BPF_IOR_(116, 4)	/* unsigned: write(2) leaves the */
#define	BIOCSHDRCMPLT	BPF_IOW_(117, 4)	/* source address as it is */
#define	BIOCGDIRECTION	BPF_IOR_(118, 4)	/* unsigned: enum bpf_direction */
#define	BIOCSDIRECTION	BPF_IOW_(119, 4)
#define	BIOCSDLT	BPF_IOW_(120, 4)
#define	BIOCGDLTLIST	BPF_IOWR_(121, 16)	/* struct bpf_dltlist */
#define	BIOCLOCK	BPF_IO_(122)		/* only what reads works from now on */
#define	BIOCSETWF	BPF_IOW_(123, 16)	/* struct bpf_program, for write(2) */
#define	BIOCFEEDBACK	BPF_IOW_(124, 4)	/* unsigned: what is sent comes in */
#define	BIOCGETBUFMODE	BPF_IOR_(125, 4)	/* unsigned: BPF_BUFMODE_ */
#define	BIOCSETBUFMODE	BPF_IOW_(126, 4)
#define	BIOCGETZMAX	BPF_IOR_(127, 8)	/* size_t */
#define	BIOCROTZBUF	BPF_IOR_(128, 24)	/* struct bpf_zbuf */
#define	BIOCSETZBUF	BPF_IOW_(129, 24)	/* struct bpf_zbuf */
#define	BIOCSETFNR	BPF_IOW_(130, 16)	/* BIOCSETF without the reset */
#define	BIOCGTSTAMP	BPF_IOR_(131, 4)	/* unsigned: BPF_T_ */
#define	BIOCSTSTAMP	BPF_IOW_(132, 4)
#define	BIOCSETVLANPCP	BPF_IOW_(133, 4)

#endif /* _NET_BPF_H_ */
