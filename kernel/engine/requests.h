/*-
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The requests that ioctl(2) makes of a bpf descriptor, one row for each; a
 * part of abi.h, which includes it.  A row says
 *
 *	X(name, direction, group, number and argument (spec 1.1),
 *	    handler, rules (spec section 4))
 *
 * From the rows are made: the constants ZB_name; the engine's table (ioctl.c);
 * the names that a trace shows; the check of net/bpf.h against them; and what
 * Capsicum leaves to a live capture.  A new request needs a row here, and its
 * handler in ioctl.c.
 */
#ifndef ZB_REQUESTS_H
#define ZB_REQUESTS_H

/* The request word: direction << 29 | length << 16 | group << 8 | number. */
#define	ZB_IOC_VOID		0x20000000u
#define	ZB_IOC_OUT		0x40000000u
#define	ZB_IOC_IN		0x80000000u
#define	ZB_IOC_LENGTH(request)	(((request) >> 16) & 0x1fffu)
#define	ZB_IOC_GROUP(request)	(((request) >> 8) & 0xffu)
#define	ZB_IOC_NUMBER(request)	((request) & 0xffu)
#define	ZB_IOC(direction, group, number, length)			\
	((uint32_t)(direction) | (uint32_t)(length) << 16 |		\
	(uint32_t)(group) << 8 | (uint32_t)(number))
#define	ZB_IOC_B(direction, number, length)				\
	ZB_IOC(direction, 'B', number, length)

/* Without an argument; one that the kernel writes; reads; reads and writes. */
#define	ZB_IO(group, number)	ZB_IOC(ZB_IOC_VOID, group, number, 0)
#define	ZB_IOR(group, number, type)					\
	ZB_IOC(ZB_IOC_OUT, group, number, sizeof(type))
#define	ZB_IOW(group, number, type)					\
	ZB_IOC(ZB_IOC_IN, group, number, sizeof(type))
#define	ZB_IOWR(group, number, type)					\
	ZB_IOC(ZB_IOC_IN | ZB_IOC_OUT, group, number, sizeof(type))

/* Room for any argument.  A request with a longer one is unknown. */
#define	ZB_ARGUMENT_BYTES	64u

/* Rules. */
#define	ZB_WHEN_LOCKED	1u	/* allowed after BIOCLOCK; the rest is EPERM */
#define	ZB_ATTACHED	2u	/* EINVAL without an interface (spec 4.10) */
#define	ZB_TAKES_LOCK	4u	/* The handler reaches into the user's memory,
				   allocates, or looks for an interface, so it
				   is called without the descriptor's lock. */
#define	ZB_CAPTURE	8u	/* A live capture makes it: Capsicum leaves it
				   these only (core/device/native.cpp). */

#define	ZB_REQUESTS(X)							\
	X(BIOCGBLEN,		ZB_IOR('B', 102, uint32_t),		\
	    get_buffer_length, ZB_WHEN_LOCKED | ZB_CAPTURE)		\
	X(BIOCSBLEN,		ZB_IOWR('B', 102, uint32_t),		\
	    set_buffer_length, ZB_TAKES_LOCK | ZB_CAPTURE)		\
	X(BIOCSETF,		ZB_IOW('B', 103, struct zb_bpf_program), \
	    set_read_filter, ZB_TAKES_LOCK | ZB_CAPTURE)		\
	X(BIOCFLUSH,		ZB_IO('B', 104),			\
	    flush, ZB_WHEN_LOCKED | ZB_CAPTURE)				\
	X(BIOCPROMISC,		ZB_IO('B', 105),			\
	    make_promiscuous, ZB_ATTACHED | ZB_CAPTURE)			\
	X(BIOCGDLT,		ZB_IOR('B', 106, uint32_t),		\
	    get_link_type, ZB_WHEN_LOCKED | ZB_ATTACHED | ZB_CAPTURE)	\
	X(BIOCGETIF,		ZB_IOR('B', 107, struct zb_ifreq),	\
	    get_interface, ZB_WHEN_LOCKED | ZB_ATTACHED)		\
	X(BIOCSETIF,		ZB_IOW('B', 108, struct zb_ifreq),	\
	    zb_set_interface, ZB_TAKES_LOCK | ZB_CAPTURE)		\
	X(BIOCSRTIMEOUT,	ZB_IOW('B', 109, struct zb_timeval),	\
	    set_timeout, ZB_WHEN_LOCKED | ZB_CAPTURE)			\
	X(BIOCGRTIMEOUT,	ZB_IOR('B', 110, struct zb_timeval),	\
	    get_timeout, ZB_WHEN_LOCKED)				\
	X(BIOCGSTATS,		ZB_IOR('B', 111, struct zb_bpf_stat),	\
	    get_statistics, ZB_WHEN_LOCKED | ZB_CAPTURE)		\
	X(BIOCIMMEDIATE,	ZB_IOW('B', 112, uint32_t),		\
	    set_immediate, ZB_WHEN_LOCKED | ZB_CAPTURE)			\
	X(BIOCVERSION,		ZB_IOR('B', 113, struct zb_bpf_version), \
	    get_version, ZB_WHEN_LOCKED)				\
	X(BIOCGRSIG,		ZB_IOR('B', 114, uint32_t),		\
	    get_signal, ZB_WHEN_LOCKED)					\
	X(BIOCSRSIG,		ZB_IOW('B', 115, uint32_t),		\
	    set_signal, 0)						\
	X(BIOCGHDRCMPLT,	ZB_IOR('B', 116, uint32_t),		\
	    get_header_complete, ZB_WHEN_LOCKED)			\
	X(BIOCSHDRCMPLT,	ZB_IOW('B', 117, uint32_t),		\
	    set_header_complete, 0)					\
	X(BIOCGDIRECTION,	ZB_IOR('B', 118, uint32_t),		\
	    get_direction, 0)						\
	X(BIOCSDIRECTION,	ZB_IOW('B', 119, uint32_t),		\
	    set_direction, 0)						\
	X(BIOCSDLT,		ZB_IOW('B', 120, uint32_t),		\
	    zb_set_link_type, ZB_ATTACHED | ZB_TAKES_LOCK)		\
	X(BIOCGDLTLIST,		ZB_IOWR('B', 121, struct zb_bpf_dltlist), \
	    list_link_types, ZB_WHEN_LOCKED | ZB_ATTACHED | ZB_TAKES_LOCK) \
	X(BIOCLOCK,		ZB_IO('B', 122),			\
	    lock_for_good, ZB_WHEN_LOCKED)				\
	X(BIOCSETWF,		ZB_IOW('B', 123, struct zb_bpf_program), \
	    set_write_filter, ZB_TAKES_LOCK)				\
	X(BIOCFEEDBACK,		ZB_IOW('B', 124, uint32_t),		\
	    set_feedback, ZB_WHEN_LOCKED)				\
	X(BIOCGETBUFMODE,	ZB_IOR('B', 125, uint32_t),		\
	    get_mode, 0)						\
	X(BIOCSETBUFMODE,	ZB_IOW('B', 126, uint32_t),		\
	    set_mode, ZB_CAPTURE)					\
	X(BIOCGETZMAX,		ZB_IOR('B', 127, uint64_t),		\
	    get_zbuf_max, ZB_CAPTURE)					\
	X(BIOCROTZBUF,		ZB_IOR('B', 128, struct zb_bpf_zbuf),	\
	    zb_rotate_zbuf, ZB_WHEN_LOCKED | ZB_CAPTURE)		\
	X(BIOCSETZBUF,		ZB_IOW('B', 129, struct zb_bpf_zbuf),	\
	    zb_set_zbuf, ZB_TAKES_LOCK | ZB_CAPTURE)			\
	X(BIOCSETFNR,		ZB_IOW('B', 130, struct zb_bpf_program), \
	    set_read_filter_without_reset, ZB_TAKES_LOCK | ZB_CAPTURE)	\
	X(BIOCGTSTAMP,		ZB_IOR('B', 131, uint32_t),		\
	    get_timestamp, 0)						\
	X(BIOCSTSTAMP,		ZB_IOW('B', 132, uint32_t),		\
	    set_timestamp, ZB_WHEN_LOCKED | ZB_CAPTURE)			\
	X(BIOCSETVLANPCP,	ZB_IOW('B', 133, uint32_t),		\
	    set_vlan_priority, 0)					\
	X(FIOGETOWN,		ZB_IOR('f', 123, int32_t),		\
	    get_owner, ZB_TAKES_LOCK)					\
	X(FIOSETOWN,		ZB_IOW('f', 124, int32_t),		\
	    set_owner, ZB_TAKES_LOCK)					\
	X(FIOASYNC,		ZB_IOW('f', 125, int32_t),		\
	    set_async, 0)						\
	X(FIONBIO,		ZB_IOW('f', 126, int32_t),		\
	    set_nonblocking, 0)						\
	X(FIONREAD,		ZB_IOR('f', 127, int32_t),		\
	    get_unread_length, ZB_WHEN_LOCKED | ZB_CAPTURE)		\
	X(TIOCSPGRP,		ZB_IOW('t', 118, int32_t),		\
	    set_process_group, ZB_TAKES_LOCK)				\
	X(TIOCGPGRP,		ZB_IOR('t', 119, int32_t),		\
	    get_process_group, ZB_WHEN_LOCKED | ZB_TAKES_LOCK)

#define	ZB_REQUEST(name, request, handler, rules)			\
	ZB_CONSTANT(uint32_t, ZB_##name, request)			\
	_Static_assert(ZB_IOC_LENGTH(ZB_##name) <= ZB_ARGUMENT_BYTES, #name);
ZB_REQUESTS(ZB_REQUEST)
#undef ZB_REQUEST

#endif /* ZB_REQUESTS_H */
