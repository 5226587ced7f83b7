/*-
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Wrong: it adds up all the bytes of the buffer, and not as far as
 * bzh_kernel_len says.  In a fill that is not full it finds what was there before.
 */
#define	LENGTH		(1 << 20)
#define	PATIENCE_MS	5
#include "wrong.h"

static unsigned int sum;

int
main(int argc, char *argv[])
{
	int next = 0;

	begin(argc, argv);
	do {
		while (is_ours(buffers[next])) {
			walk(buffers[next], buffers[next]->bzh_kernel_len);
			for (size_t i = 0; i < LENGTH; i++)
				sum += ((unsigned char *)buffers[next])[i];
			acknowledge(buffers[next]);
			next = 1 - next;
		}
	} while (wait_or_rotate());
	printf("checksum %u\n", sum);
	return (end());
}
