/*-
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The interface between a process and bpf(4), as numbers and layouts (spec
 * section 1; LP64, little endian).  The names carry ZB_ so that this file can
 * stand beside a system's own net/bpf.h; the words after it are the same.
 */
#ifndef ZB_ABI_H
#define ZB_ABI_H

#include "types.h"

/* Constants (spec 1.4). */
#define	ZB_BUFMODE_BUFFER	1u
#define	ZB_BUFMODE_ZBUF		2u
#define	ZB_PAGE_SIZE		4096u
#define	ZB_MAX_PAGES		512u
#define	ZB_ZMAX			(ZB_MAX_PAGES * ZB_PAGE_SIZE)
#define	ZB_MIN_BUFSIZE		32u
#define	ZB_D_IN			0u
#define	ZB_D_INOUT		1u
#define	ZB_D_OUT		2u
#define	ZB_IFNAMSIZ		16
#define	ZB_NSIG			32u

/* Time stamp formats (BIOCSTSTAMP). */
#define	ZB_T_MICROTIME		0x0000u
#define	ZB_T_NANOTIME		0x0001u
#define	ZB_T_BINTIME		0x0002u
#define	ZB_T_NONE		0x0003u
#define	ZB_T_FORMAT_MASK	0x0003u
#define	ZB_T_FLAG_MASK		0x0300u

/*
 * FreeBSD's error numbers, ZB_name; they cross to the user as they are.
 * X(name, number)
 */
#define	ZB_ERRORS(X)							\
	X(EPERM, 1)							\
	X(ESRCH, 3)							\
	X(EINTR, 4)							\
	X(ENXIO, 6)							\
	X(EBADF, 9)							\
	X(ENOMEM, 12)							\
	X(EFAULT, 14)							\
	X(EBUSY, 16)							\
	X(EINVAL, 22)							\
	X(EWOULDBLOCK, 35)						\
	X(EMSGSIZE, 40)							\
	X(EOPNOTSUPP, 45)						\
	X(EAFNOSUPPORT, 47)						\
	X(ENETDOWN, 50)							\
	X(ENOBUFS, 55)

#define	ZB_ERROR(name, number)	ZB_CONSTANT(int, ZB_##name, number)
ZB_ERRORS(ZB_ERROR)
#undef ZB_ERROR

/* poll(2) bits. */
#define	ZB_POLLIN		0x0001
#define	ZB_POLLPRI		0x0002
#define	ZB_POLLOUT		0x0004
#define	ZB_POLLHUP		0x0010
#define	ZB_POLLRDNORM		0x0040
#define	ZB_POLLWRNORM		ZB_POLLOUT

/* Structures (spec 1.3). */
struct zb_bpf_zbuf {
	uint64_t	bufa;
	uint64_t	bufb;
	uint64_t	buflen;
};

struct zb_bpf_hdr {		/* bpf_hdr and bpf_xhdr: alike but for frac */
	uint64_t	sec;
	uint64_t	frac;		/* microseconds, nanoseconds or 2^-64 s */
	uint32_t	caplen;
	uint32_t	datalen;
	uint16_t	hdrlen;
	uint16_t	tail[3];
};

struct zb_bpf_stat {
	uint32_t	recv;
	uint32_t	drop;
};

struct zb_bpf_version {
	uint16_t	major;
	uint16_t	minor;
};

struct zb_bpf_insn {
	uint16_t	code;
	uint8_t		jt;
	uint8_t		jf;
	uint32_t	k;
};

struct zb_bpf_program {
	uint32_t	len;
	uint32_t	unused;
	uint64_t	insns;
};

struct zb_bpf_dltlist {
	uint32_t	len;
	uint32_t	unused;
	uint64_t	list;
};

struct zb_timeval {
	int64_t		sec;
	int64_t		usec;
};

struct zb_ifreq {
	char		name[ZB_IFNAMSIZ];
	uint8_t		unused[16];
};

struct zb_xbpf_d {		/* net.bpf.stats: one per attached descriptor */
	uint32_t	structsize;
	uint8_t		promisc;
	uint8_t		immediate;
	uint8_t		unused[6];
	int32_t		hdrcmplt;
	int32_t		direction;
	int32_t		feedback;
	int32_t		async;
	uint32_t	unused2;
	uint64_t	rcount;
	uint64_t	dcount;
	uint64_t	fcount;
	int32_t		sig;
	int32_t		slen;
	int32_t		hlen;
	int32_t		bufsize;
	int32_t		pid;
	char		ifname[ZB_IFNAMSIZ];
	int32_t		locked;
	uint64_t	wcount;
	uint64_t	wfcount;
	uint64_t	wdcount;
	uint64_t	zcopy;
	uint32_t	bufmode;
	uint32_t	unused3;
	uint64_t	spare[4];
};

_Static_assert(sizeof(struct zb_bpf_zbuf) == 24, "bpf_zbuf");
_Static_assert(sizeof(struct zb_bpf_hdr) == 32, "bpf_hdr");
_Static_assert(sizeof(struct zb_bpf_program) == 16, "bpf_program");
_Static_assert(sizeof(struct zb_bpf_insn) == 8, "bpf_insn");
_Static_assert(sizeof(struct zb_ifreq) == 32, "ifreq");
_Static_assert(sizeof(struct zb_xbpf_d) == 168, "xbpf_d");
_Static_assert(offsetof(struct zb_xbpf_d, rcount) == 32 &&
    offsetof(struct zb_xbpf_d, sig) == 56 &&
    offsetof(struct zb_xbpf_d, slen) == 60 &&
    offsetof(struct zb_xbpf_d, ifname) == 76 &&
    offsetof(struct zb_xbpf_d, locked) == 92 &&
    offsetof(struct zb_xbpf_d, zcopy) == 120 &&
    offsetof(struct zb_xbpf_d, bufmode) == 128, "xbpf_d offsets");

/* Records lie on multiples of 8 (spec 1.5). */
#define	ZB_WORDALIGN(x)		(((x) + 7u) & ~7u)

#include "requests.h"

#endif /* ZB_ABI_H */
