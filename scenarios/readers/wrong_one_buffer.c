/*-
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Wrong: it looks at the first buffer only.  When the second one is full, both
 * sides wait for each other.
 */
#include "wrong.h"

int
main(int argc, char *argv[])
{
	begin(argc, argv);
	do {
		while (is_ours(buffers[0])) {
			walk(buffers[0], buffers[0]->bzh_kernel_len);
			acknowledge(buffers[0]);
		}
	} while (wait_or_rotate());
	return (end());
}
