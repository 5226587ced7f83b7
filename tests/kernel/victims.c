// SPDX-License-Identifier: BSD-2-Clause
/*
 * Processes that are killed while they lend: victims INTERFACE CYCLES.  Each
 * opens /dev/bpf, lends two buffers, attaches, and dies; nobody closes
 * anything.  Small, static and in C, because a machine without KVM forks ten
 * thousand of them in a test, and because it is a program as others would write
 * it, with nothing but <net/bpf.h>.
 */
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <net/bpf.h>

#define	BUFFER	(4 * 4096)

/* 'y' to `told` once everything is taken. */
static void
live(const char *interface, unsigned n, char *memory, int told)
{
	struct bpf_zbuf loan = { memory, memory + BUFFER, BUFFER };
	unsigned mode = BPF_BUFMODE_ZBUF;
	struct ifreq request;
	int bpf, good;

	memset(&request, 0, sizeof(request));
	strncpy(request.ifr_name, interface, IFNAMSIZ - 1);
	bpf = open("/dev/bpf", O_RDWR);
	good = bpf >= 0 && ioctl(bpf, BIOCSETBUFMODE, &mode) == 0 &&
	    ioctl(bpf, BIOCSETZBUF, &loan) == 0 &&
	    ioctl(bpf, BIOCSETIF, &request) == 0 &&
	    (n % 8 != 0 || ioctl(bpf, BIOCPROMISC, NULL) == 0);
	if (write(told, good ? "y" : "n", 1) != 1)
		_exit(1);
	for (;;)
		pause();
}

int
main(int argc, char **argv)
{
	unsigned n, refused = 0, cycles = argc > 2 ? (unsigned)atoi(argv[2]) : 0;
	int told[2];
	char answer;
	pid_t child;
	char *memory;

	memory = mmap(NULL, 2 * BUFFER, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (cycles == 0 || memory == MAP_FAILED || pipe(told) != 0)
		return (2);
	for (n = 0; n < cycles; n++) {
		child = fork();
		if (child == 0)
			live(argv[1], n, memory, told[1]);
		if (child < 0 || read(told[0], &answer, 1) != 1)
			return (2);
		refused += answer != 'y';
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
	}
	printf("%u of %u were refused\n", refused, cycles);
	return (refused != 0);
}
