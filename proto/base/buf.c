#include "proto/base/buf.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/err.h"

enum { BUF_FIRST = 64 };	/* bytes of the first allocation */

void
buf_init(struct buf *b, size_t max)
{
	*b = (struct buf){ .max = max };
}

void
buf_done(struct buf *b)
{
	free(b->data);
	*b = (struct buf){ .max = b->max };
}

void
buf_clear(struct buf *b)
{
	b->len = 0;
}

int
buf_reserve(struct buf *b, size_t len, uint8_t **at)
{
	size_t	 cap = b->cap ? b->cap : BUF_FIRST;
	uint8_t	*data;

	if (len > b->max || b->len > b->max - len)
		return ERR_LIMIT;
	if (b->len + len > SIZE_MAX / 2)	/* cap would wrap */
		return ERR_NOMEM;
	while (cap < b->len + len)
		cap *= 2;
	if (cap > b->max)
		cap = b->max;
	if (cap > b->cap) {
		if ((data = realloc(b->data, cap)) == NULL)
			return ERR_NOMEM;
		b->data = data;
		b->cap = cap;
	}
	*at = b->data + b->len;
	return 0;
}

void
buf_commit(struct buf *b, size_t len)
{
	assert(len <= b->cap - b->len);
	b->len += len;
}

int
buf_add(struct buf *b, const void *p, size_t len)
{
	uint8_t	*at;
	int	 r;

	if (len == 0)
		return 0;
	if ((r = buf_reserve(b, len, &at)) < 0)
		return r;
	memcpy(at, p, len);
	b->len += len;
	return 0;
}

int
buf_add_byte(struct buf *b, uint8_t byte)
{
	return buf_add(b, &byte, 1);
}

void
buf_consume(struct buf *b, size_t len)
{
	assert(len <= b->len);
	b->len -= len;
	if (b->len > 0)
		memmove(b->data, b->data + len, b->len);
}
