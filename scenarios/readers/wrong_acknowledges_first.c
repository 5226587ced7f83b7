/*-
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Wrong: it gives the buffer back, and reads it then.  Mostly that works: the
 * kernel needs a while to get round to writing there.
 */
#include "wrong.h"

int
main(int argc, char *argv[])
{
	int next = 0;

	begin(argc, argv);
	do {
		while (is_ours(buffers[next])) {
			unsigned int length = buffers[next]->bzh_kernel_len;

			acknowledge(buffers[next]);
			walk(buffers[next], length);
			next = 1 - next;
		}
	} while (wait_or_rotate());
	return (end());
}
