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

/* ioctl requests (spec 1.1): direction << 29 | parameter length << 16 | group << 8 | number. */
#define	ZB_IOC_VOID		0x20000000u
#define	ZB_IOC_OUT		0x40000000u
#define	ZB_IOC_IN		0x80000000u
#define	ZB_IOC_LENGTH(request)	(((request) >> 16) & 0x1fffu)
#define	ZB_IOC(direction, group, number, length)			\
	((uint32_t)(direction) | (uint32_t)(length) << 16 |		\
	(uint32_t)(group) << 8 | (uint32_t)(number))
#define	ZB_IOC_B(direction, number, length)				\
	ZB_IOC(direction, 'B', number, length)

#define	ZB_BIOCGBLEN		ZB_IOC_B(ZB_IOC_OUT, 102, 4)
#define	ZB_BIOCSBLEN		ZB_IOC_B(ZB_IOC_IN | ZB_IOC_OUT, 102, 4)
#define	ZB_BIOCSETF		ZB_IOC_B(ZB_IOC_IN, 103, 16)
#define	ZB_BIOCFLUSH		ZB_IOC_B(ZB_IOC_VOID, 104, 0)
#define	ZB_BIOCPROMISC		ZB_IOC_B(ZB_IOC_VOID, 105, 0)
#define	ZB_BIOCGDLT		ZB_IOC_B(ZB_IOC_OUT, 106, 4)
#define	ZB_BIOCGETIF		ZB_IOC_B(ZB_IOC_OUT, 107, 32)
#define	ZB_BIOCSETIF		ZB_IOC_B(ZB_IOC_IN, 108, 32)
#define	ZB_BIOCSRTIMEOUT	ZB_IOC_B(ZB_IOC_IN, 109, 16)
#define	ZB_BIOCGRTIMEOUT	ZB_IOC_B(ZB_IOC_OUT, 110, 16)
#define	ZB_BIOCGSTATS		ZB_IOC_B(ZB_IOC_OUT, 111, 8)
#define	ZB_BIOCIMMEDIATE	ZB_IOC_B(ZB_IOC_IN, 112, 4)
#define	ZB_BIOCVERSION		ZB_IOC_B(ZB_IOC_OUT, 113, 4)
#define	ZB_BIOCGRSIG		ZB_IOC_B(ZB_IOC_OUT, 114, 4)
#define	ZB_BIOCSRSIG		ZB_IOC_B(ZB_IOC_IN, 115, 4)
#define	ZB_BIOCGHDRCMPLT	ZB_IOC_B(ZB_IOC_OUT, 116, 4)
#define	ZB_BIOCSHDRCMPLT	ZB_IOC_B(ZB_IOC_IN, 117, 4)
#define	ZB_BIOCGDIRECTION	ZB_IOC_B(ZB_IOC_OUT, 118, 4)
#define	ZB_BIOCSDIRECTION	ZB_IOC_B(ZB_IOC_IN, 119, 4)
#define	ZB_BIOCSDLT		ZB_IOC_B(ZB_IOC_IN, 120, 4)
#define	ZB_BIOCGDLTLIST		ZB_IOC_B(ZB_IOC_IN | ZB_IOC_OUT, 121, 16)
#define	ZB_BIOCLOCK		ZB_IOC_B(ZB_IOC_VOID, 122, 0)
#define	ZB_BIOCSETWF		ZB_IOC_B(ZB_IOC_IN, 123, 16)
#define	ZB_BIOCFEEDBACK		ZB_IOC_B(ZB_IOC_IN, 124, 4)
#define	ZB_BIOCGETBUFMODE	ZB_IOC_B(ZB_IOC_OUT, 125, 4)
#define	ZB_BIOCSETBUFMODE	ZB_IOC_B(ZB_IOC_IN, 126, 4)
#define	ZB_BIOCGETZMAX		ZB_IOC_B(ZB_IOC_OUT, 127, 8)
#define	ZB_BIOCROTZBUF		ZB_IOC_B(ZB_IOC_OUT, 128, 24)
#define	ZB_BIOCSETZBUF		ZB_IOC_B(ZB_IOC_IN, 129, 24)
#define	ZB_BIOCSETFNR		ZB_IOC_B(ZB_IOC_IN, 130, 16)
#define	ZB_BIOCGTSTAMP		ZB_IOC_B(ZB_IOC_OUT, 131, 4)
#define	ZB_BIOCSTSTAMP		ZB_IOC_B(ZB_IOC_IN, 132, 4)
#define	ZB_BIOCSETVLANPCP	ZB_IOC_B(ZB_IOC_IN, 133, 4)
#define	ZB_FIOGETOWN		ZB_IOC(ZB_IOC_OUT, 'f', 123, 4)
#define	ZB_FIOSETOWN		ZB_IOC(ZB_IOC_IN, 'f', 124, 4)
#define	ZB_FIOASYNC		ZB_IOC(ZB_IOC_IN, 'f', 125, 4)
#define	ZB_FIONBIO		ZB_IOC(ZB_IOC_IN, 'f', 126, 4)
#define	ZB_FIONREAD		ZB_IOC(ZB_IOC_OUT, 'f', 127, 4)
#define	ZB_TIOCSPGRP		ZB_IOC(ZB_IOC_IN, 't', 118, 4)
#define	ZB_TIOCGPGRP		ZB_IOC(ZB_IOC_OUT, 't', 119, 4)

_Static_assert(ZB_BIOCSBLEN == 0xC0044266u && ZB_BIOCSETIF == 0x8020426Cu &&
    ZB_BIOCROTZBUF == 0x40184280u && ZB_BIOCSETZBUF == 0x80184281u &&
    ZB_BIOCGETZMAX == 0x4008427Fu && ZB_FIONREAD == 0x4004667Fu &&
    ZB_TIOCSPGRP == 0x80047476u, "ioctl numbers as spec 1.1");

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

/* FreeBSD's error numbers; they cross to the user as they are. */
#define	ZB_EPERM		1
#define	ZB_EINTR		4
#define	ZB_ENXIO		6
#define	ZB_EBADF		9
#define	ZB_ENOMEM		12
#define	ZB_EFAULT		14
#define	ZB_EBUSY		16
#define	ZB_EINVAL		22
#define	ZB_EWOULDBLOCK		35
#define	ZB_EMSGSIZE		40
#define	ZB_EOPNOTSUPP		45
#define	ZB_ENETDOWN		50

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

#endif /* ZB_ABI_H */
