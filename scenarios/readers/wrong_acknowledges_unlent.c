/*-
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Wrong: it counts generations itself, one for each time that it wakes up, and
 * so acknowledges what it was not lent.  The kernel takes the next fill for
 * acknowledged before anybody has read it.
 */
#include "wrong.h"

int
main(int argc, char *argv[])
{
	int next = 0;

	begin(argc, argv);
	do {
		if (is_ours(buffers[next]))
			walk(buffers[next], buffers[next]->bzh_kernel_len);
		buffers[next]->bzh_user_gen++;
		next = 1 - next;
	} while (wait_or_rotate());
	return (end());
}
