#include <stdio.h>
#include <string.h>

#include "proto/base/err.h"
#include "proto/base/text.h"
#include "proto/efuse/plan_impl.h"

/* burn-bit and burn-block-data: bits of a block, whatever fields they are. */

/* A block that holds keys: what is put into it may be one.  On the ESP32 these
 * are the first two; the third has the MAC and what a program likes. */
static void
mark_secret(struct efuse_plan *p, unsigned block)
{
	const struct efuse_chip	*e = p->before.efuse;

	if (e->blocks[block].purpose ||
	    (e->flags & EFUSE_CHIP_ONE_KEY && e->blocks[block].rd_dis) ||
	    (e->flags & EFUSE_CHIP_ESP32 && (block == 1 || block == 2)))
		p->secrets |= 1u << block;
}

static void
want_words(struct efuse_plan *p, unsigned block, const uint8_t *bytes,
    const struct efuse_wish *w)
{
	size_t	count = 8 * efuse_block_bytes(&p->before, block);

	plan_bits_or(p->want[block], 0, count, bytes);
	if (w->write_always)
		p->always |= 1u << block;
	p->force |= w->force;
	mark_secret(p, block);
	plan_remember(p, w->kind, w->command, NULL, NULL);
}

/* "BLOCK_KEY0      (BLOCK4          ) [4 ] regs_to_write: 00000000 ..." */
static void
registers_line(struct efuse_plan *p, unsigned block, const uint8_t *bytes)
{
	const struct efuse_block	*b = &p->before.efuse->blocks[block];
	size_t				 n = efuse_block_bytes(&p->before, block);
	char				 alias[2 * EFUSE_NAME_MAX] = "";
	char				 words[9 * EFUSE_WORDS + 1] = "";

	if (b->alias[0])
		(void)snprintf(alias, sizeof(alias), "%s%s%s", b->alias[0],
		    b->alias[1] ? " " : "", b->alias[1] ? b->alias[1] : "");
	for (size_t i = 0; i < n / 4; i++)
		(void)snprintf(words + 9 * i, sizeof(words) - 9 * i,
		    " %02x%02x%02x%02x", bytes[4 * i + 3], bytes[4 * i + 2],
		    bytes[4 * i + 1], bytes[4 * i]);	/* fits */
	plan_say(p, "%-15s (%-16.16s) [%-2u] regs_to_write:%s", b->name, alias,
	    block, words);
}

int
plan_block_bits(struct efuse_plan *p, const struct efuse_wish *w,
    struct why *why)
{
	unsigned	block = (unsigned)efuse_block_find(p->before.efuse,
			    w->name);
	size_t		count = 8 * efuse_block_bytes(&p->before, block);
	uint8_t		bytes[EFUSE_BLOCK_BYTES] = { 0 };
	char		text[EFUSE_TEXT_MAX];

	for (size_t i = 0; i < w->bit_count; i++) {
		if (w->bits[i] >= count)
			return why_set(why, ERR_PARAMS, "%s has bit_number in "
			    "[0..%zu]", w->name, count - 1);
		bytes[w->bits[i] / 8] |= (uint8_t)(1 << w->bits[i] % 8);
	}
	efuse_bits_text(bytes, count, text);
	plan_say(p, "bit_number:   [%03zu]............................"
	    "............................[0]", count - 1);
	plan_say(p, "BLOCK%2u   : %s", block, text);
	registers_line(p, block, bytes);
	want_words(p, block, bytes, w);
	return 0;
}

int
plan_block_data(struct efuse_plan *p, const struct efuse_wish *w,
    struct why *why)
{
	unsigned	block = (unsigned)efuse_block_find(p->before.efuse,
			    w->name);
	size_t		size = efuse_block_bytes(&p->before, block), n = 0;
	uint8_t		bytes[EFUSE_BLOCK_BYTES] = { 0 };
	char		text[3 * EFUSE_BLOCK_BYTES + 1] = "";

	if (w->offset > 0 && w->offset >= size)
		return why_set(why, ERR_PARAMS, "Invalid offset: the block%u "
		    "only holds %zu bytes.", block, size);
	if (w->offset + w->len > size || (w->offset == 0 && w->len != size))
		return why_set(why, ERR_PARAMS, "Data does not fit: the "
		    "block%u size is %zu bytes, data file is %zu bytes, offset %zu.",
		    block, size, w->len, w->offset);
	memcpy(bytes + w->offset, w->data, w->len);
	for (size_t i = 0; i < size; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%02x",
		    i ? " " : "", bytes[i]);
	plan_say(p, "[%02u] %-20s size=%02zu bytes, offset=%02zu - > [%s].",
	    block, p->before.efuse->blocks[block].name, size, w->offset, text);
	want_words(p, block, bytes, w);
	explicit_bzero(bytes, sizeof(bytes));
	explicit_bzero(text, sizeof(text));
	return 0;
}
