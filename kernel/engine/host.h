/*-
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What a kernel gives to the engine: one table.  The first argument is always
 * the descriptor's host_context.  Functions that return int return 0 or one of
 * the error numbers of abi.h.  "Locked" means: called with the descriptor's
 * lock held; the rest are called without it.  Tick = 1/hz second.
 */
#ifndef ZB_HOST_H
#define ZB_HOST_H

#include "types.h"
#include "abi.h"

/* Loaned memory, wired and reachable by the kernel. */
struct zb_memory {
	uint8_t		*contiguous;	/* all of it in one piece, or NULL */
	uint8_t		*const *pages;	/* else a page at a time */
	void		*handle;	/* the host's own */
};

/* A packet on its way through the taps.  Belongs to the host. */
struct zb_packet {
	const uint8_t	*bytes;		/* in one piece; NULL: copy_packet, or
					   no bytes at all */
	const void	*chain;		/* the host's form, for copy_packet */
	uint64_t	time_ns;	/* since 1970 */
	uint32_t	length;		/* bytes at hand */
	uint32_t	wire_length;
	uint32_t	number;		/* for the trace */
	bool		outgoing;
};

/* An interface, as far as a descriptor cares. */
struct zb_link {
	char		name[ZB_IFNAMSIZ];
	uint32_t	number;
	uint32_t	type;		/* DLT_ */
	uint32_t	header_length;	/* of the link layer, bytes */
};

/* How write(2) sends. */
struct zb_sending {
	bool	header_complete;	/* the source address is there */
	bool	feedback;		/* once sent it also comes in */
	bool	untapped;		/* no descriptor sees it go out */
};

/* What a sleeper waits for. */
enum zb_channel {
	ZB_FOR_DATA,		/* something to read */
	ZB_FOR_HOLD		/* the end of a copy out of the hold buffer */
};

struct zb_host {
	/* One lock per descriptor.  NULL where one thread does everything. */
	void	(*lock)(void *);
	void	(*unlock)(void *);

	/* Locked; gives the lock up while asleep.  ticks 0: no limit.
	   0 woken, ZB_EWOULDBLOCK time is up, ZB_EINTR signal, unless a signal
	   is to wait. */
	int	(*sleep)(void *, enum zb_channel, uint32_t ticks,
		    bool interruptible);
	/* Locked.  Those who sleep for it. */
	void	(*wake)(void *, enum zb_channel);
	/* Locked.  There is news for poll and select and kqueue; and where
	   signal is not 0, it is for the owner. */
	void	(*notify)(void *, uint32_t signal);
	/* Locked.  When it fires the host calls zb_timer(). */
	void	(*timer_arm)(void *, uint32_t ticks);
	void	(*timer_cancel)(void *);

	void	*(*alloc)(void *, size_t);	/* zeroed, or NULL */
	void	(*free)(void *, void *, size_t);
	int	(*copy_in)(void *, uint64_t user, void *, size_t);
	int	(*copy_out)(void *, const void *, uint64_t user, size_t);

	/* Loaned memory: present, readable and writable, or ZB_EFAULT. */
	int	(*wire)(void *, uint64_t user, size_t, struct zb_memory *);
	void	(*unwire)(void *, struct zb_memory *, size_t);

	/* Locked.  Kernel memory to kernel memory. */
	void	(*copy)(void *to, const void *from, size_t);
	/* Locked.  For packets that are not in one piece. */
	void	(*copy_packet)(const struct zb_packet *, uint32_t offset,
		    void *to, size_t);

	/* A checked and prepared program, or NULL if it is not valid.  One for
	   write(2) runs over frames in one piece; some loads answer otherwise
	   there (spec 9.26, 9.27). */
	void	*(*filter_new)(void *, const struct zb_bpf_insn *, uint32_t n,
		    bool for_write);
	void	(*filter_free)(void *, void *filter);
	/* Locked.  Bytes to keep; 0 rejects. */
	uint32_t (*filter_run)(const void *filter, const struct zb_packet *);

	/* Interfaces.  find: ZB_ENXIO. */
	int	(*find)(void *, const char *name, struct zb_link *);
	int	(*find_type)(void *, uint32_t interface, uint32_t type,
		    struct zb_link *);
	/* Locked.  The DLT_ numbers it can have, at most room; how many. */
	uint32_t (*types)(void *, uint32_t interface, uint32_t *list,
		    uint32_t room);
	/* Locked.  On the interface's list, and off that of the one before.
	   ZB_ENXIO if it has gone since it was found: then nothing changes. */
	int	(*attach)(void *, const struct zb_link *);
	/* Locked.  Off the list. */
	void	(*detach)(void *, uint32_t interface);
	/* Locked. */
	int	(*promiscuous)(void *, uint32_t interface, bool on);
	/* Locked.  MTU, or 0 if the interface is down. */
	uint32_t (*mtu)(void *, uint32_t interface);

	/* The owner, who gets the signal: a process, or minus a group, or 0 for
	   nobody.  set_owner: ZB_ESRCH, ZB_EPERM, and then it is nobody.
	   get_owner: 0, too, where it has ended since. */
	int	(*set_owner)(void *, int32_t who);
	int32_t	(*get_owner)(void *);

	/* write(2): takes the frame from the user, sends or drops it. */
	int	(*frame_in)(void *, uint64_t user, uint32_t length,
		    struct zb_packet *);
	void	(*frame_drop)(void *, struct zb_packet *);
	int	(*frame_send)(void *, uint32_t interface, struct zb_packet *,
		    const struct zb_sending *);
};

/* net.bpf.* and kern.hz: read at each use, so they can change any time. */
struct zb_tunables {
	uint32_t	bufsize;	/* 4096 */
	uint32_t	maxbufsize;	/* 524288 */
	uint32_t	maxinsns;	/* 512 */
	uint32_t	hz;		/* 1000, or 100 in virtual machines */
	bool		zerocopy_enable;/* off, as on FreeBSD */
	uint32_t	optimize_writers;	/* 0: off */
};

#endif /* ZB_HOST_H */
