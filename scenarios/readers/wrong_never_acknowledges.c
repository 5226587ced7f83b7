/*-
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Wrong: it never gives a buffer back.  It sees two fills, and no packet more.
 */
#include "wrong.h"

int
main(int argc, char *argv[])
{
	unsigned int seen[2] = { 0, 0 };

	begin(argc, argv);
	do {
		for (int i = 0; i < 2; i++)
			if (is_ours(buffers[i]) &&
			    buffers[i]->bzh_kernel_gen != seen[i]) {
				walk(buffers[i], buffers[i]->bzh_kernel_len);
				seen[i] = buffers[i]->bzh_kernel_gen;
			}
	} while (wait_or_rotate());
	return (end());
}
