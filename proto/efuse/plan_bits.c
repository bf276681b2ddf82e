#include <string.h>

#include "proto/base/bytes.h"
#include "proto/efuse/plan_impl.h"

void
plan_bits_get(const uint32_t *words, size_t bit, size_t count,
    uint8_t out[EFUSE_BLOCK_BYTES])
{
	memset(out, 0, EFUSE_BLOCK_BYTES);
	for (size_t i = 0; i < count; i++)
		if (words[(bit + i) / 32] >> (bit + i) % 32 & 1)
			out[i / 8] |= (uint8_t)(1 << i % 8);
}

void
plan_bits_or(uint32_t *words, size_t bit, size_t count, const uint8_t *bits)
{
	for (size_t i = 0; i < count; i++)
		if (bits[i / 8] >> i % 8 & 1)
			words[(bit + i) / 32] |= 1u << (bit + i) % 32;
}

void
plan_bits_of_number(uint32_t number, uint8_t out[EFUSE_BLOCK_BYTES])
{
	memset(out, 0, EFUSE_BLOCK_BYTES);
	le32_put(out, number);
}

bool
plan_any(const void *p, size_t len)
{
	const uint8_t	*b = p;

	while (len-- > 0)
		if (*b++)
			return true;
	return false;
}

const struct efuse_field *
plan_field(const struct efuse_plan *p, const char *name)
{
	const struct efuse_field	*f = NULL;

	while ((f = efuse_field_next(&p->before, f)))
		if (strcmp(f->name, name) == 0)
			return f;
	return NULL;
}

bool
plan_word_at(const char *list, size_t i, char out[EFUSE_NAME_MAX])
{
	size_t	n;

	for (; list && *list; list += n, list += strspn(list, " ")) {
		n = strcspn(list, " ");
		if (i-- > 0 || n >= EFUSE_NAME_MAX)
			continue;
		memcpy(out, list, n);
		out[n] = '\0';
		return true;
	}
	return false;
}

bool
plan_readable(const struct efuse_state *s, const struct efuse_field *f)
{
	return efuse_readable(s, f) &&
	    (f->rd_dis || efuse_block_readable(s, f->block));
}

uint32_t
plan_number(const struct efuse_plan *p, const char *name)
{
	const struct efuse_field	*f = plan_field(p, name);
	uint8_t				 bits[EFUSE_BLOCK_BYTES];

	if (!f)
		return 0;
	plan_bits_get(p->want[f->block], f->bit, f->bits, bits);
	return efuse_number(&p->before, name) | le32_get(bits);
}
