/*-
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * A packet passes a descriptor (spec 2.7, 2.8): the hot path.
 */
#include "internal.h"

#define	SNAP_ALL	0xffffffffu

/* The 32 bytes before each packet, in the format that was asked for. */
static void
record_header(const struct zb_descriptor *d, const struct zb_packet *p,
    uint32_t caplen, struct zb_bpf_hdr *h)
{
	uint64_t sec = p->time_ns / 1000000000u;
	uint64_t nsec = p->time_ns % 1000000000u;

	switch (d->timestamp & ZB_T_FORMAT_MASK) {
	case ZB_T_NANOTIME:
		h->frac = nsec;
		break;
	case ZB_T_BINTIME:
		/* 2^64 / 10^9, rounded down: below one unit of nsec. */
		h->frac = nsec * 18446744073u;
		break;
	case ZB_T_NONE:
		sec = 0;
		h->frac = 0;
		break;
	default:
		h->frac = nsec / 1000;
		break;
	}
	h->sec = sec;
	h->caplen = caplen;
	h->datalen = p->wire_length;
	h->hdrlen = (uint16_t)d->record_header;
	h->tail[0] = h->tail[1] = h->tail[2] = 0;
}

/* At most 7 bytes, up to a multiple of 8: the bits of `pad` say which stores
   are needed, and each is aligned. */
static void
zero_padding(uint8_t *at, uint32_t pad)
{
	if ((pad & 1) != 0)
		*at++ = 0;
	if ((pad & 2) != 0) {
		*(uint16_t *)(void *)at = 0;
		at += 2;
	}
	if ((pad & 4) != 0)
		*(uint32_t *)(void *)at = 0;
}

/* Puts header and payload at offset `at` of the store; padding before it. */
static void
append(struct zb_descriptor *d, const struct zb_packet *p, uint32_t at,
    uint32_t total)
{
	uint32_t caplen = total - d->record_header;
	uint32_t pad = at - d->store_length;
	struct zb_bpf_hdr header, *in_place;

	if (pad > 0 && d->revision->zeroes_padding) {
		zero_padding(zb_buffer_byte(d->store, d->store_length), pad);
		d->count.appends += zb_is_zbuf(d);
	}
	in_place = total < sizeof(header) ? NULL :
	    zb_buffer_words(d->store, at);
	record_header(d, p, caplen, in_place != NULL ? in_place : &header);
	if (in_place == NULL)
		zb_buffer_write(d->store, d->host, at, &header,
		    total < sizeof(header) ? total : (uint32_t)sizeof(header));
	zb_buffer_write_packet(d->store, d->host, at + d->record_header, p,
	    caplen);
	d->store_length = at + total;
	if (zb_is_zbuf(d))
		d->count.appends += 2;
	zb_emit(d, ZB_EV_STORED, d->store, at, caplen,
	    d->record_header | (d->revision->zeroes_padding ? pad : 0) << 16,
	    p->wire_length);
}

static void
drop(struct zb_descriptor *d, enum zb_drop why, uint32_t total)
{
	d->count.dropped++;
	zb_emit(d, ZB_EV_DROPPED, d->store, (uint32_t)why, total,
	    d->store_length, 0);
}

/* Stores up to snap bytes of the packet, or counts it as dropped.  Returns the
   bytes of the record. */
static uint32_t
catch_packet(struct zb_descriptor *d, const struct zb_packet *p, uint32_t snap)
{
	enum zb_cause wake = 0;
	uint32_t total, at;
	bool fits, writable;

	if (!d->attached && d->revision->drops_when_gone) {
		drop(d, ZB_DROP_GONE, 0);
		return (0);
	}
	if (d->store == NULL) {
		drop(d, ZB_DROP_NO_BUFFER, 0);
		return (0);
	}
	/* BIOCSBLEN goes down to 32 bytes; the header alone may need 36. */
	if (d->record_header > d->buffer_size) {
		drop(d, ZB_DROP_FULL, d->record_header);
		return (0);
	}

	/* The only place where an acknowledgement is noticed. */
	if (d->revision->settles)
		zb_settle(d, ZB_BY_PACKET);
	else if (d->free == NULL && zb_can_free(d))
		zb_reclaim(d, ZB_BY_PACKET);

	total = d->record_header + (snap < p->length ? snap : p->length);
	if (total > d->buffer_size)
		total = d->buffer_size;
	at = ZB_WORDALIGN(d->store_length);

	fits = at <= d->buffer_size && total <= d->buffer_size - at;
	writable = zb_can_write(d);
	if (!fits || !writable) {
		if (d->free == NULL) {
			/* Lend the store too, and lose the packet. */
			zb_publish_store(d);
			drop(d, writable ? ZB_DROP_FULL : ZB_DROP_LENT, total);
			return (0);
		}
		zb_rotate(d, ZB_BY_PACKET);
		wake = ZB_BY_PACKET;
		at = 0;
	} else if (d->immediate || d->wait_state == ZB_TIMED_OUT)
		wake = ZB_BY_IMMEDIATE;

	append(d, p, at, total);
	if (wake != 0)
		zb_wakeup(d, wake);
	return (total);
}

uint32_t
zb_tap_locked(struct zb_descriptor *d, const struct zb_packet *p)
{
	uint32_t snap = SNAP_ALL;

	if (d->writer > 0 ||
	    d->direction == (p->outgoing ? ZB_D_IN : ZB_D_OUT))
		return (0);
	d->count.received++;
	if (d->read_filter != NULL)
		snap = d->host->filter_run(d->read_filter, p);
	if (snap == 0) {
		zb_emit(d, ZB_EV_REJECTED, NULL, 0, 0, 0, 0);
		return (0);
	}
	d->count.matched++;
	zb_emit(d, ZB_EV_ACCEPTED, NULL, snap, 0, 0, 0);
	return (catch_packet(d, p, snap));
}

uint32_t
zb_tap(struct zb_descriptor *d, const struct zb_packet *p)
{
	uint32_t stored;

	zb_lock(d);
	stored = zb_tap_locked(d, p);
	zb_unlock(d);
	return (stored);
}
