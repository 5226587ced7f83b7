/*-
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * A reader with read(2): the kernel copies each fill into memory of ours.
 *
 * usage: read_reader INTERFACE [SECONDS]
 */
#include <sys/types.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <net/if.h>
#include <net/bpf.h>

#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int
main(int argc, char *argv[])
{
	const time_t until = argc > 2 ? time(NULL) + atol(argv[2]) : 0;
	struct timeval patience = { .tv_sec = 0, .tv_usec = 100000 };
	struct bpf_stat stat;
	struct ifreq ifr;
	unsigned long long packets = 0;
	unsigned int length = 65536;
	unsigned char *buffer;
	ssize_t got;
	int fd;

	if (argc < 2)
		errx(2, "usage: read_reader INTERFACE [SECONDS]");
	if ((fd = open("/dev/bpf", O_RDWR)) == -1)
		err(1, "/dev/bpf");
	memset(&ifr, 0, sizeof(ifr));
	strncpy(ifr.ifr_name, argv[1], sizeof(ifr.ifr_name) - 1);
	/* The size first; reads must then ask for exactly that. */
	if (ioctl(fd, BIOCSBLEN, &length) == -1 ||
	    ioctl(fd, BIOCSETIF, &ifr) == -1 ||
	    ioctl(fd, BIOCSRTIMEOUT, &patience) == -1)
		err(1, "%s", argv[1]);
	if ((buffer = malloc(length)) == NULL)
		err(1, "malloc");
	while (until == 0 || time(NULL) < until) {
		if ((got = read(fd, buffer, length)) == -1)
			err(1, "read");
		for (ssize_t at = 0; at < got;) {
			const struct bpf_hdr *h =
			    (const struct bpf_hdr *)(const void *)(buffer + at);

			packets++;
			at += (ssize_t)BPF_WORDALIGN(h->bh_hdrlen + h->bh_caplen);
		}
	}
	if (ioctl(fd, BIOCGSTATS, &stat) == -1)
		err(1, "BIOCGSTATS");
	printf("%llu packets, %u dropped\n", packets, stat.bs_drop);
	return (0);
}
