#include "proto/image/uf2.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "proto/base/buf.h"
#include "proto/base/bytes.h"
#include "proto/base/err.h"
#include "proto/chip/chip.h"

enum {
	HEAD		= 32,
	MD5		= 16,
	AT_SECOND	= 4,
	AT_FLAGS	= 8,
	AT_ADDRESS	= 12,
	AT_LEN		= 16,
	AT_NUMBER	= 20,
	AT_TOTAL	= 24,
	AT_FAMILY	= 28,
	AT_END		= HEAD + UF2_DATA,
	FLAG_NO_FLASH	= 0x00000001,	/* a remark */
	FLAG_FILE	= 0x00001000,	/* of a file system */
	FLAG_FAMILY	= 0x00002000,
	FLAG_MD5	= 0x00004000,
	MAGIC_FIRST	= 0x0a324655,
	MAGIC_END	= 0x0ab16f30,
	NAMES_MAX	= 200,
};

#define MAGIC_SECOND	0x9e5d5157u

static int
fail_memory(struct why *why)
{
	return why_set(why, ERR_NOMEM, "out of memory");
}

bool
uf2_is(const void *file, size_t len)
{
	const uint8_t	*p = file;

	return len >= AT_FLAGS && le32_get(p) == MAGIC_FIRST &&
	    le32_get(p + AT_SECOND) == MAGIC_SECOND;
}

/* ---- reading ---- */

struct parse {
	const uint8_t		*file;
	struct uf2_region	*blocks;	/* that have bytes for the flash */
	size_t			 count, used;	/* `used`: bytes of them all */
	uint32_t		 next, total;	/* of the numbering */
	struct why		*why;
};

static int
bad(struct parse *p, size_t block, const char *what)
{
	return why_set(p->why, ERR_IMAGE, "block %zu of the UF2 file %s",
	    block, what);
}

/* A digest that stands at `at` and is of this block: is it right?  One of a
 * longer piece of flash says what is there already, which is no matter of
 * ours. */
static bool
digest_fits(const uint8_t *block, uint32_t at, uint32_t address, uint32_t len)
{
	const uint8_t	*d = block + HEAD + at;
	uint8_t		 sum[EVP_MAX_MD_SIZE];

	if (le32_get(d) != address || le32_get(d + 4) != len)
		return true;
	/* Without MD5 (a FIPS set-up) it is not compared. */
	return EVP_Digest(block + HEAD, len, sum, NULL, EVP_md5(), NULL) != 1 ||
	    memcmp(sum, d + 8, MD5) == 0;
}

/* It stands at the end of the data, or where esptool puts it: behind the bytes
 * that are there. */
static bool
check_digest(const uint8_t *block, uint32_t address, uint32_t len)
{
	return len > UF2_DATA - UF2_MD5 ||
	    (digest_fits(block, len, address, len) &&
	    digest_fits(block, UF2_DATA - UF2_MD5, address, len));
}

/* Nothing may be missing. */
static int
take_number(struct parse *p, size_t i, const uint8_t *block)
{
	uint32_t	number = le32_get(block + AT_NUMBER);
	uint32_t	total = le32_get(block + AT_TOTAL);

	if (p->next == 0)
		p->total = total;
	if (number >= total || total != p->total || number != p->next)
		return why_set(p->why, ERR_IMAGE, "block %zu of the UF2 file "
		    "has number %u of %u where %u of %u is due; blocks are "
		    "missing or out of order", i, number, total, p->next,
		    p->total);
	p->next = number + 1 == total ? 0 : number + 1;
	return 0;
}

static int
take_block(struct parse *p, size_t i)
{
	const uint8_t	*b = p->file + i * UF2_BLOCK;
	uint32_t	 flags = le32_get(b + AT_FLAGS);
	uint32_t	 address = le32_get(b + AT_ADDRESS);
	uint32_t	 len = le32_get(b + AT_LEN);
	int		 r;

	if (!uf2_is(b, UF2_BLOCK) || le32_get(b + AT_END) != MAGIC_END)
		return bad(p, i, "does not look like one");
	if ((r = take_number(p, i, b)) < 0)
		return r;
	if ((flags & FLAG_NO_FLASH) != 0 || len == 0)
		return 0;
	if ((flags & FLAG_FILE) != 0)
		return bad(p, i, "is for a file on the board, not for its "
		    "flash");
	if (len > UF2_DATA)
		return bad(p, i, "says to hold more than it can");
	if ((uint64_t)address + len > (uint64_t)UINT32_MAX + 1)
		return bad(p, i, "goes beyond 4 GB");
	if ((flags & FLAG_MD5) != 0 && !check_digest(b, address, len))
		return bad(p, i, "is damaged: its digest does not fit");
	p->blocks[p->count++] = (struct uf2_region){
		.family = (flags & FLAG_FAMILY) != 0 ?
		    le32_get(b + AT_FAMILY) : 0,
		.address = address, .len = len, .data = b + HEAD,
	};
	p->used += len;
	return 0;
}

static int
take_blocks(struct parse *p, size_t len)
{
	int	r;

	if (len == 0 || len % UF2_BLOCK != 0)
		return why_set(p->why, ERR_IMAGE, "the UF2 file ends within a "
		    "block; it is not whole");
	p->blocks = calloc(len / UF2_BLOCK, sizeof *p->blocks);
	if (p->blocks == NULL)
		return fail_memory(p->why);
	for (size_t i = 0; i < len / UF2_BLOCK; i++)
		if ((r = take_block(p, i)) < 0)
			return r;
	if (p->next != 0)
		return why_set(p->why, ERR_IMAGE, "the UF2 file ends behind "
		    "block %u of %u; it is not whole", p->next, p->total);
	if (p->count == 0)
		return why_set(p->why, ERR_IMAGE, "the UF2 file holds nothing "
		    "for the flash");
	return 0;
}

static int
by_place(const void *a, const void *b)
{
	const struct uf2_region	*x = a, *y = b;

	if (x->family != y->family)
		return x->family < y->family ? -1 : 1;
	return x->address < y->address ? -1 : x->address > y->address;
}

/* The blocks in order, as regions without gaps. */
static int
join(struct parse *p, struct uf2 *u)
{
	struct uf2_region	*last = NULL;
	const struct uf2_region	*b;
	size_t			 at = 0;

	qsort(p->blocks, p->count, sizeof *p->blocks, by_place);
	for (size_t i = 0; i < p->count; i++) {
		b = &p->blocks[i];
		if (last != NULL && last->family != b->family)
			last = NULL;
		if (last != NULL && b->address - last->address < last->len)
			return why_set(p->why, ERR_OVERLAP, "the UF2 file sets "
			    "the byte at 0x%x twice", b->address);
		memcpy(u->bytes + at, b->data, b->len);
		if (last != NULL && b->address - last->address == last->len)
			last->len += b->len;
		else {
			last = &u->regions[u->count++];
			*last = *b;
			last->data = u->bytes + at;
		}
		at += b->len;
	}
	return 0;
}

int
uf2_parse(const void *file, size_t len, struct uf2 *u, struct why *why)
{
	struct parse	p = { .file = file, .why = why };
	int		r;

	*u = (struct uf2){ .count = 0 };
	if ((r = take_blocks(&p, len)) == 0) {
		u->regions = calloc(p.count, sizeof *u->regions);
		u->bytes = malloc(p.used);
		r = u->regions != NULL && u->bytes != NULL ? join(&p, u) :
		    fail_memory(why);
	}
	free(p.blocks);
	if (r < 0)
		uf2_done(u);
	return r;
}

void
uf2_done(struct uf2 *u)
{
	free(u->regions);
	free(u->bytes);
	*u = (struct uf2){ .count = 0 };
}

/* ---- whom it is for ---- */

bool
uf2_has(const struct uf2 *u, uint32_t family)
{
	for (size_t i = 0; i < u->count; i++)
		if (u->regions[i].family == 0 ||
		    u->regions[i].family == family)
			return true;
	return false;
}

/* The chip of a family; NULL: none that we know.  The ESP32-E22 has that of the
 * ESP32, which comes first.  *name is for people. */
static const struct chip *
chip_of(uint32_t family, char *name, size_t size)
{
	const struct chip	*found = NULL;

	for (size_t i = 0; chips[i] != NULL && found == NULL; i++)
		if (chips[i]->uf2_family == family)
			found = chips[i];
	if (found == NULL)
		(void)snprintf(name, size, "family 0x%08x", family);
	else
		(void)snprintf(name, size, "%s", found->name);
	return found;
}

int
uf2_chip(const struct uf2 *u, const struct chip **chip, struct why *why)
{
	const struct chip	*found = NULL;
	char			 names[NAMES_MAX], name[40];
	uint32_t		 last = 0;
	unsigned		 count = 0;
	size_t			 at = 0;

	for (size_t i = 0; i < u->count; i++) {
		if (u->regions[i].family == last)
			continue;
		last = u->regions[i].family;
		found = chip_of(last, name, sizeof name);
		if (at < sizeof names)
			at += (size_t)snprintf(names + at, sizeof names - at,
			    "%s%s", count > 0 ? ", " : "", name);
		count++;
	}
	if (count > 1)
		return why_set(why, ERR_IMAGE, "the UF2 file is for %u kinds "
		    "of chips (%s); say --chip", count, names);
	*chip = found;
	return 0;
}

/* ---- writing ---- */

uint32_t
uf2_chunk_max(bool md5)
{
	return md5 ? UF2_DATA - UF2_MD5 : UF2_DATA;
}

static uint64_t
blocks_of(const struct uf2_region *regions, size_t count,
    const struct uf2_form *f)
{
	uint64_t	n = 0;

	for (size_t i = 0; i < count; i++)
		n += regions[i].len / f->chunk +
		    (regions[i].len % f->chunk != 0);
	return n;
}

uint64_t
uf2_size(const struct uf2_region *regions, size_t count,
    const struct uf2_form *f)
{
	return blocks_of(regions, count, f) * UF2_BLOCK;
}

static int
put_digest(uint8_t *block, uint32_t address, uint32_t len, struct why *why)
{
	uint8_t	*d = block + HEAD + len, sum[EVP_MAX_MD_SIZE];

	if (EVP_Digest(block + HEAD, len, sum, NULL, EVP_md5(), NULL) != 1)
		return why_set(why, ERR_UNSUPPORTED, "libcrypto has no MD5 "
		    "here; --md5-disable writes blocks without it");
	le32_put(d, address);
	le32_put(d + 4, len);
	memcpy(d + 8, sum, MD5);
	return 0;
}

struct place {
	uint32_t	number, total;
	uint32_t	address, len;
};

static int
put_block(struct buf *out, const struct uf2_form *f, const struct place *at,
    const uint8_t *data, struct why *why)
{
	uint8_t	*b;
	int	 r;

	if ((r = buf_reserve(out, UF2_BLOCK, &b)) < 0)
		return why_set(why, r, "no memory for the UF2 file");
	memset(b, 0, UF2_BLOCK);
	le32_put(b, MAGIC_FIRST);
	le32_put(b + AT_SECOND, MAGIC_SECOND);
	le32_put(b + AT_FLAGS, FLAG_FAMILY | (f->md5 ? FLAG_MD5 : 0));
	le32_put(b + AT_ADDRESS, at->address);
	le32_put(b + AT_LEN, at->len);
	le32_put(b + AT_NUMBER, at->number);
	le32_put(b + AT_TOTAL, at->total);
	le32_put(b + AT_FAMILY, f->family);
	le32_put(b + AT_END, MAGIC_END);
	memcpy(b + HEAD, data, at->len);
	if (f->md5 && (r = put_digest(b, at->address, at->len, why)) < 0)
		return r;
	buf_commit(out, UF2_BLOCK);
	return 0;
}

int
uf2_write(const struct uf2_region *regions, size_t count,
    const struct uf2_form *f, struct buf *out, struct why *why)
{
	uint64_t	total = blocks_of(regions, count, f);
	struct place	at = { .total = (uint32_t)total };
	size_t		len;
	int		r;

	assert(f->chunk > 0 && f->chunk <= uf2_chunk_max(f->md5));
	if (total > UINT32_MAX)
		return why_set(why, ERR_LIMIT, "too much for a UF2 file");
	for (size_t i = 0; i < count; i++)
		for (size_t pos = 0; pos < regions[i].len; pos += len) {
			len = regions[i].len - pos;
			if (len > f->chunk)
				len = f->chunk;
			at.address = regions[i].address + (uint32_t)pos;
			at.len = (uint32_t)len;
			if ((r = put_block(out, f, &at,
			    regions[i].data + pos, why)) < 0)
				return r;
			at.number++;
		}
	return 0;
}
