/*-
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What is behind the kernel's names in shim.h.
 */
#include <stdio.h>
#include <stdlib.h>

static void *
take_memory(size_t size)
{
	return (calloc(1, size));
}

static void
give_memory(void *p)
{
	free(p);
}

#include "shim.h"
#include "stand_in.h"

static unsigned locks_held;
static unsigned allocations;
static vm_page_t pages;

_Noreturn void
shim_panic(const char *what)
{
	fprintf(stderr, "panic: %s\n", what);
	abort();
}

static void
may_sleep(void)
{
	KASSERT(locks_held == 0, ("sleeps with a lock held"));
}

void
shim_lock(struct mtx *m)
{
	KASSERT(!m->owned, ("recursed"));
	m->owned = true;
	locks_held++;
}

void
shim_unlock(struct mtx *m)
{
	KASSERT(m->owned, ("not owned"));
	m->owned = false;
	locks_held--;
}

/* There is one thread: nobody could end the wait. */
int
mtx_sleep(void *channel, struct mtx *m, int priority, const char *what,
    int timeout)
{
	(void)channel, (void)m, (void)priority, (void)timeout;
	shim_panic(what);
}

void *
shim_malloc(size_t size, int flags)
{
	uint8_t *p = take_memory(size);

	if ((flags & M_WAITOK) != 0)
		may_sleep();
	if ((flags & M_ZERO) == 0)
		memset(p, 0xa5, size);
	allocations++;
	return (p);
}

void
shim_free(void *p)
{
	if (p == NULL)
		return;
	allocations--;
	give_memory(p);
}

void
shim_probe(const char *name)
{
	stand_in_probe(name);
}

void
m_copydata(const struct mbuf *m, int offset, int length, void *to)
{
	uint8_t *at = to;
	int n;

	while (offset >= m->m_len && m->m_next != NULL) {
		offset -= m->m_len;
		m = m->m_next;
	}
	for (; length > 0; m = m->m_next, offset = 0) {
		KASSERT(m != NULL, ("beyond the chain"));
		n = MIN(m->m_len - offset, length);
		memcpy(at, m->m_data + offset, (size_t)n);
		at += n;
		length -= n;
	}
}

int
uiomove(void *from, int length, struct uio *uio)
{
	int n = MIN(length, uio->resid);

	may_sleep();
	memcpy(uio->to, from, (size_t)n);
	uio->resid -= n;
	return (0);
}

/* The page at an address: one for each frame, however often it is mapped. */
static vm_page_t
page_of(uintptr_t address)
{
	uintptr_t frame = (uintptr_t)stand_in_frame_of(address);
	vm_page_t page;

	for (page = pages; page != NULL; page = page->next)
		if (page->address == frame)
			return (page);
	page = take_memory(sizeof(*page));
	page->address = frame;
	page->next = pages;
	pages = page;
	return (page);
}

int
vm_fault_quick_hold_pages(struct vm_map *map, vm_offset_t address,
    vm_size_t length, int protection, vm_page_t *result, int count)
{
	(void)map;
	may_sleep();
	KASSERT(protection == (VM_PROT_READ | VM_PROT_WRITE), (""));
	KASSERT((int)(length / PAGE_SIZE) <= count, ("array too small"));
	if (!stand_in_memory_is_writable(address, length))
		return (-1);
	for (int i = 0; i < count; i++) {
		result[i] = page_of(address + (vm_size_t)i * PAGE_SIZE);
		result[i]->wired++;
	}
	return (count);
}

void
vm_page_unhold_pages(vm_page_t *held, int count)
{
	for (int i = 0; i < count; i++) {
		KASSERT(held[i]->wired > 0, ("not wired"));
		held[i]->wired--;
	}
}

/* What is no longer wired is forgotten, too. */
unsigned
stand_in_wired_pages(void)
{
	unsigned wired = 0;
	vm_page_t *link = &pages;

	while (*link != NULL) {
		vm_page_t page = *link;

		wired += page->wired;
		if (page->wired > 0) {
			link = &page->next;
			continue;
		}
		*link = page->next;
		give_memory(page);
	}
	return (wired);
}

unsigned
stand_in_allocations(void)
{
	return (allocations);
}
