/*-
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What the wrong readers share, and do right: opening (see reader.c, which is
 * complete and correct), and when to stop.
 */
#ifndef WRONG_H
#define WRONG_H

#include <sys/types.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <net/if.h>
#include <net/bpf.h>

#include <err.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#ifndef LENGTH
#define	LENGTH	65536		/* of each buffer */
#endif
#ifndef PATIENCE_MS
#define	PATIENCE_MS 50		/* then a fill is taken as it is */
#endif

static int fd;
static struct bpf_zbuf_header *buffers[2];
static unsigned long long packets;
static double until;

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return ((double)t.tv_sec + (double)t.tv_nsec * 1e-9);
}

static void
begin(int argc, char *argv[])
{
	struct bpf_zbuf zbuf = { .bz_buflen = LENGTH };
	struct ifreq ifr;
	unsigned int mode = BPF_BUFMODE_ZBUF;

	if (argc < 3)
		errx(2, "usage: %s INTERFACE SECONDS", argv[0]);
	until = now() + atof(argv[2]);
	if ((fd = open("/dev/bpf", O_RDWR)) == -1)
		err(1, "/dev/bpf");
	for (int i = 0; i < 2; i++) {
		buffers[i] = mmap(NULL, LENGTH, PROT_READ | PROT_WRITE,
		    MAP_ANON | MAP_PRIVATE, -1, 0);
		if (buffers[i] == MAP_FAILED)
			err(1, "mmap");
	}
	zbuf.bz_bufa = buffers[0];
	zbuf.bz_bufb = buffers[1];
	memset(&ifr, 0, sizeof(ifr));
	strncpy(ifr.ifr_name, argv[1], sizeof(ifr.ifr_name) - 1);
	if (ioctl(fd, BIOCSETBUFMODE, &mode) == -1 ||
	    ioctl(fd, BIOCSETZBUF, &zbuf) == -1 ||
	    ioctl(fd, BIOCSETIF, &ifr) == -1)
		err(1, "%s", argv[1]);
}

static int
is_ours(struct bpf_zbuf_header *header)
{
	return (__atomic_load_n(&header->bzh_kernel_gen, __ATOMIC_ACQUIRE) !=
	    header->bzh_user_gen);
}

static void
walk(struct bpf_zbuf_header *header, size_t length)
{
	const unsigned char *p = (const unsigned char *)(header + 1);
	const unsigned char *end = p + length;

	while (p < end) {
		const struct bpf_hdr *h = (const struct bpf_hdr *)(const void *)p;

		if (h->bh_hdrlen == 0)
			break;		/* never written */
		packets++;
		p += BPF_WORDALIGN(h->bh_hdrlen + h->bh_caplen);
	}
}

static inline void
acknowledge(struct bpf_zbuf_header *header)
{
	__atomic_store_n(&header->bzh_user_gen, header->bzh_kernel_gen,
	    __ATOMIC_RELEASE);
}

/* Waits for a fill; if none comes, asks for what there is. */
static int
wait_or_rotate(void)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	struct bpf_zbuf rotated;

	if (poll(&pfd, 1, PATIENCE_MS) == 0 &&
	    ioctl(fd, BIOCROTZBUF, &rotated) == -1)
		err(1, "BIOCROTZBUF");
	return (now() < until);
}

static int
end(void)
{
	printf("%llu packets\n", packets);
	return (0);
}

#endif /* WRONG_H */
