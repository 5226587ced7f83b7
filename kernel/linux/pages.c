// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Loaned memory: the user's pages, pinned for writing, and mapped into the
 * kernel in one piece.  They stay whatever the user does to his mapping: unmap
 * it, map something else there, fork, truncate.
 */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/user.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "zbl.h"

struct zbl_pages {
	const struct cred	*whose;	/* locked memory it is, or NULL */
	unsigned long		count;
	struct page		*page[];
};

/*
 * Against RLIMIT_MEMLOCK, and by user: what a process has locked itself ends
 * with fork(2) and execve(2), but its descriptors, and so its loans, do not.
 */
static bool charge(struct zbl_pages *pages)
{
	const unsigned long limit = rlimit(RLIMIT_MEMLOCK) >> PAGE_SHIFT;
	struct user_struct *const user = current_cred()->user;
	long old = atomic_long_read(&user->locked_vm);

	if (capable(CAP_IPC_LOCK))
		return true;
	do {
		if ((unsigned long)old + pages->count > limit)
			return false;
	} while (!atomic_long_try_cmpxchg(&user->locked_vm, &old,
					  old + (long)pages->count));
	pages->whose = get_cred(current_cred());	/* holds the user */
	return true;
}

static void discharge(struct zbl_pages *pages)
{
	if (!pages->whose)
		return;
	atomic_long_sub((long)pages->count, &pages->whose->user->locked_vm);
	put_cred(pages->whose);
}

/* Anonymous and shared memory, and huge pages of either.  A file system would
 * not learn that its page changes, so its files cannot be lent. */
static bool may_be_lent(struct page *page)
{
	struct folio *folio = page_folio(page);

	return folio_test_anon(folio) || folio_test_swapbacked(folio) ||
	       folio_test_hugetlb(folio);
}

static int pin(struct zbl_pages *pages, u64 user)
{
	int got = pin_user_pages_fast(user, (int)pages->count,
				      FOLL_WRITE | FOLL_LONGTERM, pages->page);
	unsigned long i, count = got > 0 ? got : 0;

	for (i = 0; i < count && may_be_lent(pages->page[i]); i++)
		;
	if (i == pages->count)
		return 0;
	unpin_user_pages(pages->page, count);
	return got == -ENOMEM ? ZB_ENOMEM : ZB_EFAULT;
}

int zbl_wire(void *context, u64 user, size_t length, struct zb_memory *memory)
{
	const unsigned long count = length / PAGE_SIZE;
	struct zbl_pages *pages;
	int error = ZB_ENOMEM;

	pages = kvzalloc(struct_size(pages, page, count), GFP_KERNEL_ACCOUNT);
	if (!pages)
		return ZB_ENOMEM;
	pages->count = count;
	if (!charge(pages))
		goto over_limit;
	error = pin(pages, user);
	if (error)
		goto not_pinned;
	*memory = (struct zb_memory){
		.contiguous = vmap(pages->page, (unsigned int)count, VM_MAP,
				   PAGE_KERNEL),
		.handle = pages,
	};
	if (memory->contiguous)
		return 0;
	error = ZB_ENOMEM;
	unpin_user_pages(pages->page, count);
not_pinned:
	discharge(pages);
over_limit:
	kvfree(pages);
	return error;
}

void zbl_unwire(void *context, struct zb_memory *memory, size_t length)
{
	struct zbl_pages *pages = memory->handle;

	vunmap(memory->contiguous);
	unpin_user_pages_dirty_lock(pages->page, pages->count, true);
	discharge(pages);
	kvfree(pages);
}
