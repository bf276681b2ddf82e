/*
 * A blob is made in two passes over its bytes.  The first digests and
 * compresses the data; the second inflates the result again, without keeping
 * it, to learn how much comes out of each piece.  struct blob_work lives from
 * blob_new() until the last step.
 */
#include "proto/image/blob.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <zlib.h>

#include "proto/base/err.h"

enum {
	BLOB_PAD	= 4,		/* flash is written in words */
	BLOB_SCRATCH	= 16 * 1024,	/* inflated bytes thrown away at once */
	BLOB_LEVEL	= 9,
	BLOB_SHA384	= 48,		/* bytes */
	BLOB_DIGESTS	= 8,		/* kept of one blob */
};

struct blob_work {
	EVP_MD_CTX	*md5, *sha256;
	z_stream	 z;
	bool		 deflating, inflating;	/* z must be ended */
	size_t		 pos;		/* first pass: bytes of data done */
	size_t		 fed;		/* second pass: bytes of z given */
	size_t		 mark;		/* last entry of inflated[] known */
	int		 err;		/* it failed, and stays so */
	uint8_t		 scratch[BLOB_SCRATCH];
};

/* A digest of a part; lives as long as its blob, unless too many others are
 * wanted. */
struct blob_digest {
	struct blob_digest	*next;
	size_t			 from, len, bytes;
	size_t			 done;
	EVP_MD_CTX		*ctx;	/* NULL: it is made */
	uint8_t			 sum[EVP_MAX_MD_SIZE];
};

/* Entries of inflated[]: one per piece of z, the last maybe short, and [0]. */
static size_t
mark_count(const struct blob *b)
{
	return (b->z_len + BLOB_MARK - 1) / BLOB_MARK + 1;
}

static void
end_deflate(struct blob_work *w)
{
	if (w->deflating)
		(void)deflateEnd(&w->z);	/* complains when cut short */
	w->deflating = false;
}

static void
work_free(struct blob_work *w)
{
	if (w == NULL)
		return;
	end_deflate(w);
	if (w->inflating)
		(void)inflateEnd(&w->z);	/* nothing to flush */
	EVP_MD_CTX_free(w->md5);
	EVP_MD_CTX_free(w->sha256);
	free(w);
}

static struct blob_work *
work_new(void)
{
	struct blob_work	*w = calloc(1, sizeof *w);

	if (w == NULL)
		return NULL;
	w->md5 = EVP_MD_CTX_new();
	w->sha256 = EVP_MD_CTX_new();
	if (w->md5 == NULL || w->sha256 == NULL ||
	    deflateInit(&w->z, BLOB_LEVEL) != Z_OK) {
		work_free(w);
		return NULL;
	}
	w->deflating = true;
	if (EVP_DigestInit_ex(w->md5, EVP_md5(), NULL) != 1 ||
	    EVP_DigestInit_ex(w->sha256, EVP_sha256(), NULL) != 1)
		w->err = ERR_UNSUPPORTED;
	return w;
}

static void
digests_free(struct blob_digest *d)
{
	struct blob_digest	*next;

	for (; d != NULL; d = next) {
		next = d->next;
		EVP_MD_CTX_free(d->ctx);
		free(d);
	}
}

struct blob *
blob_new(const char *name, uint8_t *data, size_t len)
{
	size_t		 padded = (len + BLOB_PAD - 1) / BLOB_PAD * BLOB_PAD;
	struct blob	*b = calloc(1, sizeof *b);

	if (b == NULL) {
		free(data);
		return NULL;
	}
	b->refs = 1;
	b->data = data;
	b->len = padded;
	b->file_len = len;
	if (len == 0 || len > UINT32_MAX - BLOB_PAD)
		goto fail;
	memset(data + len, 0xff, padded - len);
	b->name = strdup(name);
	/* Of no use unless it is shorter than the data. */
	b->z = malloc(padded - 1);
	b->work = work_new();
	if (b->name == NULL || b->z == NULL || b->work == NULL)
		goto fail;
	b->work->z.next_out = b->z;
	b->work->z.avail_out = (uInt)(padded - 1);
	return b;
fail:
	blob_unref(b);
	return NULL;
}

struct blob *
blob_ref(struct blob *b)
{
	b->refs++;
	return b;
}

void
blob_unref(struct blob *b)
{
	if (b == NULL)
		return;
	assert(b->refs > 0);
	if (--b->refs > 0)
		return;
	for (size_t i = 0; i < BLOB_KIN; i++)
		blob_unref(b->kin[i].blob);
	digests_free(b->digests);
	work_free(b->work);
	free(b->name);
	free(b->data);
	free(b->z);
	free(b->inflated);
	free(b);
}

struct blob *
blob_kin(const struct blob *b, uint64_t key)
{
	for (size_t i = 0; i < BLOB_KIN; i++)
		if (b->kin[i].blob != NULL && b->kin[i].key == key)
			return blob_ref(b->kin[i].blob);
	return NULL;
}

void
blob_add_kin(struct blob *b, uint64_t key, struct blob *made)
{
	for (size_t i = 0; i < BLOB_KIN; i++)
		if (b->kin[i].blob == NULL) {
			b->kin[i] = (struct blob_kin){ key, blob_ref(made) };
			return;
		}
}

/* ---- digests of parts ---- */

static struct blob_digest *
digest_find(const struct blob *b, size_t from, size_t len, size_t bytes)
{
	struct blob_digest	*d = b->digests;

	while (d != NULL && (d->from != from || d->len != len ||
	    d->bytes != bytes))
		d = d->next;
	return d;
}

/* Those that were asked for long ago go: parts are asked for by address, and a
 * user can think of many. */
static void
digests_trim(struct blob *b)
{
	struct blob_digest	**d = &b->digests;

	for (unsigned n = 0; *d != NULL && n < BLOB_DIGESTS; n++)
		d = &(*d)->next;
	digests_free(*d);
	*d = NULL;
}

static struct blob_digest *
digest_new(struct blob *b, size_t from, size_t len, size_t bytes)
{
	struct blob_digest	*d = calloc(1, sizeof *d);

	if (d == NULL)
		return NULL;
	d->from = from;
	d->len = len;
	d->bytes = bytes;
	d->ctx = EVP_MD_CTX_new();
	if (d->ctx == NULL || EVP_DigestInit_ex(d->ctx, bytes == BLOB_SHA384 ?
	    EVP_sha384() : EVP_sha256(), NULL) != 1) {
		digests_free(d);
		return NULL;
	}
	d->next = b->digests;
	b->digests = d;
	digests_trim(b);
	return d;
}

/* One that failed is not gone on with. */
static int
digest_fail(struct blob *b)
{
	digests_free(b->digests);
	b->digests = NULL;
	return ERR_NOMEM;
}

int
blob_digest(struct blob *b, size_t from, size_t len, size_t bytes,
    uint8_t *out)
{
	struct blob_digest	*d = digest_find(b, from, len, bytes);
	size_t			 n;

	assert(b->work == NULL && from <= b->file_len &&
	    len <= b->file_len - from);
	assert(bytes == BLOB_SHA256 || bytes == BLOB_SHA384);
	if (d == NULL && (d = digest_new(b, from, len, bytes)) == NULL)
		return ERR_NOMEM;
	if (d->ctx != NULL) {
		n = d->len - d->done < BLOB_STEP ? d->len - d->done :
		    BLOB_STEP;
		if (EVP_DigestUpdate(d->ctx, b->data + from + d->done, n) != 1)
			return digest_fail(b);
		d->done += n;
		if (d->done < d->len)
			return 1;
		if (EVP_DigestFinal_ex(d->ctx, d->sum, NULL) != 1)
			return digest_fail(b);
		EVP_MD_CTX_free(d->ctx);
		d->ctx = NULL;
	}
	memcpy(out, d->sum, bytes);
	return 0;
}

/* Compress one piece; give up when the result is no shorter than the data. */
static void
deflate_piece(struct blob *b, size_t len, bool last)
{
	struct blob_work	*w = b->work;
	int			 r;

	if (!w->deflating)
		return;
	w->z.next_in = b->data + w->pos;
	w->z.avail_in = (uInt)len;
	r = deflate(&w->z, last ? Z_FINISH : Z_NO_FLUSH);
	if (r == Z_STREAM_END)
		b->z_len = w->z.total_out;
	if (r == Z_STREAM_END || w->z.avail_out == 0)
		end_deflate(w);
}

/* MD5 covers the padding, which goes to the chip; SHA-256 names the file. */
static int
digest_piece(struct blob *b, size_t len)
{
	struct blob_work	*w = b->work;
	const uint8_t		*p = b->data + w->pos;
	size_t			 in_file = b->file_len - w->pos;

	if (in_file > len)
		in_file = len;
	if (EVP_DigestUpdate(w->md5, p, len) != 1 ||
	    EVP_DigestUpdate(w->sha256, p, in_file) != 1)
		return ERR_NOMEM;
	return 0;
}

/* The data is through: take the digests, make ready for the second pass. */
static int
end_first_pass(struct blob *b)
{
	struct blob_work	*w = b->work;
	uint8_t			*shorter;

	if (EVP_DigestFinal_ex(w->md5, b->md5, NULL) != 1 ||
	    EVP_DigestFinal_ex(w->sha256, b->sha256, NULL) != 1)
		return ERR_NOMEM;
	if (b->z_len == 0) {
		free(b->z);
		b->z = NULL;
		return 0;
	}
	if ((shorter = realloc(b->z, b->z_len)) != NULL)
		b->z = shorter;
	b->inflated = calloc(mark_count(b), sizeof b->inflated[0]);
	memset(&w->z, 0, sizeof w->z);
	if (b->inflated == NULL || inflateInit(&w->z) != Z_OK)
		return ERR_NOMEM;
	w->inflating = true;
	return 1;
}

static int
step_first_pass(struct blob *b)
{
	struct blob_work	*w = b->work;
	size_t			 len = b->len - w->pos;
	int			 r;

	if (len > BLOB_STEP)
		len = BLOB_STEP;
	if ((r = digest_piece(b, len)) < 0)
		return r;
	deflate_piece(b, len, w->pos + len == b->len);
	w->pos += len;
	return w->pos < b->len ? 1 : end_first_pass(b);
}

/* A piece of z is used up: note what came out, give the next one. */
static void
next_mark(struct blob *b)
{
	struct blob_work	*w = b->work;
	size_t			 len = b->z_len - w->fed;

	if (w->fed > 0)
		b->inflated[++w->mark] = (uint32_t)w->z.total_out;
	if (len > BLOB_MARK)
		len = BLOB_MARK;
	w->z.next_in = b->z + w->fed;
	w->z.avail_in = (uInt)len;
	w->fed += len;
}

static int
step_second_pass(struct blob *b)
{
	struct blob_work	*w = b->work;

	for (size_t out = 0; out < BLOB_STEP; out += BLOB_SCRATCH) {
		int	r;

		/* Room left over and nothing to read: the piece is through. */
		if (w->z.avail_in == 0 && (w->fed == 0 || w->z.avail_out > 0))
			next_mark(b);
		w->z.next_out = w->scratch;
		w->z.avail_out = sizeof w->scratch;
		r = inflate(&w->z, Z_NO_FLUSH);
		if (r == Z_STREAM_END) {
			/* Our own output: all of it, and nothing behind. */
			assert(w->z.total_out == b->len);
			while (++w->mark < mark_count(b))
				b->inflated[w->mark] = (uint32_t)b->len;
			return 0;
		}
		if (r == Z_MEM_ERROR)
			return ERR_NOMEM;
		if (r != Z_OK && r != Z_BUF_ERROR)
			return ERR_INTERNAL;
	}
	return 1;
}

int
blob_step(struct blob *b)
{
	struct blob_work	*w = b->work;
	int			 r;

	if (w == NULL)
		return 0;
	if (w->err != 0)
		return w->err;
	r = w->inflating ? step_second_pass(b) : step_first_pass(b);
	if (r < 0)
		w->err = r;
	if (r == 0) {
		work_free(w);
		b->work = NULL;
	}
	return r;
}

uint32_t
blob_inflated(const struct blob *b, size_t from, size_t len)
{
	size_t	first = from / BLOB_MARK, last;

	if (from >= b->z_len)
		return 0;
	if (len > b->z_len - from)
		len = b->z_len - from;
	last = (from + len + BLOB_MARK - 1) / BLOB_MARK;
	return b->inflated[last] - b->inflated[first];
}
