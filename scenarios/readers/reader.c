/*-
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * A zero-copy reader, as bpf(4) describes it.  Runs on FreeBSD, and on Linux
 * under `zbuf exec`:
 *
 *	cc -I kernel/include -o reader reader.c && zbuf exec -- ./reader em0 3
 *
 * usage: reader INTERFACE [SECONDS [BYTES]]
 */
#include <sys/types.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <net/if.h>
#include <net/bpf.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t done;
static unsigned long long packets, bytes;

static void
stop(int number)
{
	(void)number;
	done = 1;
}

/* Lends two buffers, then attaches: in this order. */
static int
open_bpf(const char *interface, size_t length, unsigned char *buffers[2])
{
	struct bpf_zbuf zbuf;
	struct ifreq ifr;
	unsigned int mode = BPF_BUFMODE_ZBUF;
	size_t most;
	int fd;

	if ((fd = open("/dev/bpf", O_RDWR)) == -1)
		err(1, "/dev/bpf");
	if (ioctl(fd, BIOCSETBUFMODE, &mode) == -1)
		err(1, "BIOCSETBUFMODE (sysctl net.bpf.zerocopy_enable=1)");
	if (ioctl(fd, BIOCGETZMAX, &most) == -1)
		err(1, "BIOCGETZMAX");
	if (length > most)
		length = most;
	for (int i = 0; i < 2; i++) {
		buffers[i] = mmap(NULL, length, PROT_READ | PROT_WRITE,
		    MAP_ANON | MAP_PRIVATE, -1, 0);
		if (buffers[i] == MAP_FAILED)
			err(1, "mmap");
	}
	zbuf.bz_bufa = buffers[0];
	zbuf.bz_bufb = buffers[1];
	zbuf.bz_buflen = length;
	if (ioctl(fd, BIOCSETZBUF, &zbuf) == -1)
		err(1, "BIOCSETZBUF");
	memset(&ifr, 0, sizeof(ifr));
	strncpy(ifr.ifr_name, interface, sizeof(ifr.ifr_name) - 1);
	if (ioctl(fd, BIOCSETIF, &ifr) == -1)
		err(1, "%s", interface);
	return (fd);
}

/* The buffer is ours while the generations differ.  Acquire: what the kernel
   wrote before it raised its generation is there to be read after this. */
static int
is_ours(struct bpf_zbuf_header *header)
{
	return (__atomic_load_n(&header->bzh_kernel_gen, __ATOMIC_ACQUIRE) !=
	    header->bzh_user_gen);
}

static void
take(struct bpf_zbuf_header *header)
{
	const unsigned char *p = (const unsigned char *)(header + 1);
	const unsigned char *end = p + header->bzh_kernel_len;

	while (p < end) {
		const struct bpf_hdr *h = (const struct bpf_hdr *)(const void *)p;

		packets++;		/* the packet is at p + h->bh_hdrlen */
		bytes += h->bh_datalen;
		p += BPF_WORDALIGN(h->bh_hdrlen + h->bh_caplen);
	}
	/* Release: our reading is over before the kernel may write again. */
	__atomic_store_n(&header->bzh_user_gen, header->bzh_kernel_gen,
	    __ATOMIC_RELEASE);
}

int
main(int argc, char *argv[])
{
	const double seconds = argc > 2 ? atof(argv[2]) : 1e9;
	const size_t page = 4096;
	size_t length = argc > 3 ? (size_t)atol(argv[3]) : 16 * page;
	unsigned char *buffers[2];
	struct pollfd pfd = { .events = POLLIN };
	struct timespec start, now;
	struct bpf_zbuf rotated;
	struct bpf_stat stat;
	int next = 0, ready;

	if (argc < 2)
		errx(2, "usage: reader INTERFACE [SECONDS [BYTES]]");
	length = (length + page - 1) / page * page;
	pfd.fd = open_bpf(argv[1], length, buffers);
	signal(SIGINT, stop);
	clock_gettime(CLOCK_MONOTONIC, &start);
	do {
		/* The buffers are filled, and so read, in turn. */
		while (is_ours((struct bpf_zbuf_header *)(void *)buffers[next])) {
			take((struct bpf_zbuf_header *)(void *)buffers[next]);
			next = 1 - next;
		}
		/* Nothing there.  If there is nothing for a while, we take
		   what has come so far. */
		ready = poll(&pfd, 1, 100);
		if (ready == -1 && errno != EINTR)
			err(1, "poll");
		if (ready == 0 &&
		    !is_ours((struct bpf_zbuf_header *)(void *)buffers[next]) &&
		    ioctl(pfd.fd, BIOCROTZBUF, &rotated) == -1)
			err(1, "BIOCROTZBUF");
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while (!done && (double)(now.tv_sec - start.tv_sec) +
	    (double)(now.tv_nsec - start.tv_nsec) * 1e-9 < seconds);
	if (ioctl(pfd.fd, BIOCGSTATS, &stat) == -1)
		err(1, "BIOCGSTATS");
	printf("%llu packets, %llu bytes, %u dropped\n", packets, bytes,
	    stat.bs_drop);
	return (0);
}
