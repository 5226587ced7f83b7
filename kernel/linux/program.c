// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Filters: FreeBSD's programs for the kernel's own compiler.
 *
 * Both run the same classic BPF, with four differences, which are written out
 * of the program before the compiler sees it:
 *   - Here an offset of 2^31 or more asks the kernel about itself (SKF_AD_OFF
 *     and its like); there it lies outside of every packet, and the packet is
 *     rejected.  A fixed one becomes "ret #0"; one that X is added to is
 *     guarded by a comparison.  The accumulator is free for it: the load is
 *     about to overwrite it.  On receipt X + k wraps, for write(2) it does not
 *     (spec 9.27).
 *   - There, on receipt, "ldh" at a fixed offset beyond the end gives 0 and
 *     goes on (spec 9.26).
 *   - Here a scratch cell must be written before it is read; there it is 0.
 *     Each cell that is read is written first.
 *   - Here a shift by 32 or more is refused; there the processor takes it
 *     modulo 32.
 * Inserted instructions move the targets of jumps; a conditional jump that no
 * longer reaches goes by way of two unconditional ones.
 */
#include <linux/filter.h>
#include <linux/slab.h>

#include "zbl.h"

#define OUTSIDE		0x80000000u

struct rewrite {
	const struct zb_bpf_insn *in;
	u32		n;
	bool		flat;		/* for write(2) */
	u16		cells;		/* scratch cells that are read */
	u32		*at;		/* new place of each, and of the end */
	bool		*far;		/* a conditional jump by three */
	struct sock_filter *out;
	u32		length;
};

static bool is_indirect(const struct zb_bpf_insn *i)
{
	return BPF_CLASS(i->code) == BPF_LD && BPF_MODE(i->code) == BPF_IND;
}

/* Loads that look outside of every packet. */
static bool is_hopeless(const struct zb_bpf_insn *i)
{
	const u16 class = BPF_CLASS(i->code), mode = BPF_MODE(i->code);

	return i->k >= OUTSIDE &&
	       ((class == BPF_LD && mode == BPF_ABS) ||
		(class == BPF_LDX && mode == BPF_MSH));
}

/* The load that never rejects on receipt. */
static bool is_lenient(const struct rewrite *r, const struct zb_bpf_insn *i)
{
	return !r->flat && i->code == (BPF_LD | BPF_H | BPF_ABS);
}

static bool is_conditional(const struct zb_bpf_insn *i)
{
	return BPF_CLASS(i->code) == BPF_JMP && BPF_OP(i->code) != BPF_JA;
}

static u32 new_length(const struct rewrite *r, u32 i)
{
	if (is_lenient(r, &r->in[i]))
		return r->in[i].k >= OUTSIDE ? 1 : 5;
	if (is_indirect(&r->in[i]))
		return r->flat && r->in[i].k >= OUTSIDE ? 1 : r->flat ? 4 : 5;
	return r->far[i] ? 3 : 1;
}

/* Every jump lands inside; what else can be wrong the compiler finds. */
static bool survey(struct rewrite *r)
{
	for (u32 i = 0; i < r->n; i++) {
		const struct zb_bpf_insn *insn = &r->in[i];
		const u32 rest = r->n - i - 1;

		if (is_conditional(insn)) {
			if (insn->jt >= rest || insn->jf >= rest)
				return false;
		} else if (BPF_CLASS(insn->code) == BPF_JMP) {
			if (insn->k >= rest)
				return false;
		} else if ((BPF_CLASS(insn->code) == BPF_LD ||
			    BPF_CLASS(insn->code) == BPF_LDX) &&
			   BPF_MODE(insn->code) == BPF_MEM &&
			   insn->k < BPF_MEMWORDS)
			r->cells |= (u16)BIT(insn->k);
	}
	return true;
}

/* Where everything comes to lie.  A jump that became far moves others. */
static void lay_out(struct rewrite *r)
{
	bool moved;

	do {
		u32 at = hweight16(r->cells);

		for (u32 i = 0; i < r->n; i++) {
			r->at[i] = at;
			at += new_length(r, i);
		}
		r->at[r->n] = at;
		moved = false;
		for (u32 i = 0; i < r->n; i++) {
			const struct zb_bpf_insn *insn = &r->in[i];
			const u32 from = r->at[i] + 1;

			if (is_conditional(insn) && !r->far[i] &&
			    (r->at[i + 1 + insn->jt] - from > 255 ||
			     r->at[i + 1 + insn->jf] - from > 255))
				r->far[i] = moved = true;
		}
	} while (moved);
	r->length = r->at[r->n];
}

static void emit_jump(const struct rewrite *r, u32 i)
{
	const struct zb_bpf_insn *insn = &r->in[i];
	struct sock_filter *out = &r->out[r->at[i]];
	const u32 from = r->at[i] + 1;
	u32 yes, no;

	if (!is_conditional(insn)) {
		out[0].k = r->at[i + 1 + insn->k] - from;
		return;
	}
	yes = r->at[i + 1 + insn->jt] - from;
	no = r->at[i + 1 + insn->jf] - from;
	if (!r->far[i]) {
		out[0].jt = (u8)yes;
		out[0].jf = (u8)no;
		return;
	}
	out[0].jt = 0;
	out[0].jf = 1;
	out[1] = (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, yes - 1);
	out[2] = (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, no - 2);
}

static void emit(const struct rewrite *r, u32 i)
{
	const struct zb_bpf_insn *insn = &r->in[i];
	struct sock_filter *out = &r->out[r->at[i]];
	const struct sock_filter same = { insn->code, insn->jt, insn->jf,
					  insn->k };

	if (is_lenient(r, insn)) {
		u32 n = 0;

		if (insn->k < OUTSIDE) {
			out[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W |
								BPF_LEN, 0);
			out[n++] = (struct sock_filter)BPF_JUMP(
				BPF_JMP | BPF_JGE | BPF_K, insn->k + 2, 0, 2);
			out[n++] = same;
			out[n++] = (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA,
								1);
		}
		out[n] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_IMM, 0);
	} else if (is_hopeless(insn) ||
		   (is_indirect(insn) && r->flat && insn->k >= OUTSIDE)) {
		out[0] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, 0);
	} else if (is_indirect(insn)) {
		u32 n = 0;

		out[n++] = (struct sock_filter)BPF_STMT(BPF_MISC | BPF_TXA, 0);
		if (!r->flat)
			out[n++] = (struct sock_filter)BPF_STMT(
				BPF_ALU | BPF_ADD | BPF_K, insn->k);
		out[n++] = (struct sock_filter)BPF_JUMP(
			BPF_JMP | BPF_JGE | BPF_K,
			r->flat ? OUTSIDE - insn->k : OUTSIDE, 0, 1);
		out[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, 0);
		out[n] = same;
	} else {
		out[0] = same;
		if (BPF_CLASS(insn->code) == BPF_JMP)
			emit_jump(r, i);
		else if (insn->code == (BPF_ALU | BPF_LSH | BPF_K) ||
			 insn->code == (BPF_ALU | BPF_RSH | BPF_K))
			out[0].k &= 31;
	}
}

static struct bpf_prog *compile(struct rewrite *r)
{
	struct sock_fprog_kern whole;
	struct bpf_prog *prog;
	u32 cell, at = 0;

	lay_out(r);
	if (r->length > BPF_MAXINSNS)
		return NULL;
	r->out = kvcalloc(r->length, sizeof(*r->out), GFP_KERNEL);
	if (!r->out)
		return NULL;
	/* The accumulator begins as 0. */
	for (cell = 0; cell < BPF_MEMWORDS; cell++)
		if (r->cells & BIT(cell))
			r->out[at++] = (struct sock_filter)BPF_STMT(BPF_ST, cell);
	for (u32 i = 0; i < r->n; i++)
		emit(r, i);
	whole.len = (u16)r->length;
	whole.filter = r->out;
	if (bpf_prog_create(&prog, &whole))
		prog = NULL;
	kvfree(r->out);
	return prog;
}

void *zbl_filter_new(void *context, const struct zb_bpf_insn *program, u32 n,
		     bool for_write)
{
	struct rewrite r = { .in = program, .n = n, .flat = for_write };
	struct bpf_prog *prog = NULL;

	r.at = kvcalloc(n + 1, sizeof(*r.at), GFP_KERNEL);
	r.far = kvcalloc(n, sizeof(*r.far), GFP_KERNEL);
	if (r.at && r.far && survey(&r))
		prog = compile(&r);
	kvfree(r.at);
	kvfree(r.far);
	return prog;
}

void zbl_filter_free(void *context, void *filter)
{
	bpf_prog_destroy(filter);
}

/* Locked, so the processor stays the same. */
u32 zbl_filter_run(const void *filter, const struct zb_packet *packet)
{
	const u32 length = bpf_prog_run(filter, packet->chain);

	if (length)
		zbl_stamp(packet);
	return length;
}
