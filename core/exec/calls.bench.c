// SPDX-License-Identifier: BSD-2-Clause
/*
 * What the preloaded library costs calls on other files: each is made many
 * times.  Run it as it is, and under the preload, some times in turn:
 *
 *   bench_exec_calls
 *   zbuf exec --traffic rate=1000,duration=1ms -- bench_exec_calls
 *
 * and compare medians.  Prints nanoseconds a call; for a pair, of both.
 */
#define	_GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define	CALLS	200000

static double
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return ((double)t.tv_sec * 1e9 + (double)t.tv_nsec);
}

#define	MEASURE(name, call) do {					\
	double best = 1e18;						\
	for (int round = 0; round < 20; round++) {			\
		double from = now_ns();					\
		for (int i = 0; i < CALLS / 20; i++)			\
			(void)!(call);					\
		double each = (now_ns() - from) / (CALLS / 20);		\
		if (each < best)					\
			best = each;					\
	}								\
	printf("%s %.1f\n", name, best);				\
} while (0)

int
main(int argc, char *argv[])
{
	int zero = open("/dev/zero", O_RDWR), ends[2], queued, set;
	/* With an argument, an emulated descriptor is open beside the others. */
	int bpf = argc > 1 ? open(argv[1], O_RDWR) : -1;
	struct epoll_event event = { .events = EPOLLOUT };
	struct stat status;
	struct pollfd one;
	char byte = 0;

	if (zero == -1 || pipe(ends) == -1 || (argc > 1 && bpf == -1))
		return (1);
	one = (struct pollfd){ .fd = ends[0], .events = POLLIN };
	set = epoll_create1(0);
	epoll_ctl(set, EPOLL_CTL_ADD, ends[1], &event);
	MEASURE("read", read(zero, &byte, 1));
	MEASURE("write", write(zero, &byte, 1));
	MEASURE("ioctl", ioctl(ends[0], FIONREAD, &queued));
	MEASURE("fcntl", fcntl(zero, F_GETFL));
	MEASURE("fstat", fstat(zero, &status));
	MEASURE("stat", stat("/dev/zero", &status));
	MEASURE("poll", poll(&one, 1, 0));
	MEASURE("epoll_wait", epoll_wait(set, &event, 1, 0));
	MEASURE("select", ({
		fd_set in;
		struct timeval now = { 0, 0 };
		FD_ZERO(&in);
		FD_SET(ends[0], &in);
		select(ends[0] + 1, &in, NULL, NULL, &now);
	}));
	MEASURE("dup+close", close(dup(zero)));
	MEASURE("open+close", close(open("/dev/zero", O_RDONLY)));
	return (0);
}
