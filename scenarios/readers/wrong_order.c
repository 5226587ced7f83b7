/*-
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Wrong: when both buffers are lent it reads and returns the younger one
 * first.  The kernel goes on only when it has the older one: meanwhile it has
 * a buffer and drops packets.
 */
#include "wrong.h"

int
main(int argc, char *argv[])
{
	begin(argc, argv);
	do {
		if (!is_ours(buffers[0]) || !is_ours(buffers[1]))
			continue;
		for (int i = 1; i >= 0; i--) {
			/* A is the older one: it was filled first. */
			walk(buffers[i], buffers[i]->bzh_kernel_len);
			acknowledge(buffers[i]);
			usleep(2000);	/* what is done with the packets */
		}
	} while (wait_or_rotate());
	return (end());
}
