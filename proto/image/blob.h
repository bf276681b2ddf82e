#ifndef PROTO_IMAGE_BLOB_H
#define PROTO_IMAGE_BLOB_H
/*
 * blob - the bytes of one image, read once, digested once, compressed once and
 * shared read-only by every board that writes it.
 *
 * Lives by counted references.  The work of compressing is done in small
 * steps, so that an event loop stays awake: call blob_step() until it returns
 * 0.  After that nothing in a blob changes but its kin and its further digests.
 */
#include <stddef.h>
#include <stdint.h>

enum {
	BLOB_MD5	= 16,		/* bytes */
	BLOB_SHA256	= 32,
	BLOB_STEP	= 64 * 1024,	/* input bytes handled by one step */
	BLOB_MARK	= 1024,		/* compressed bytes between two marks */
	BLOB_KIN	= 4,
};

struct blob_digest;

/* A blob made from another one, with something changed; `key` tells what. */
struct blob_kin {
	uint64_t	 key;
	struct blob	*blob;		/* NULL: unused */
};

struct blob {
	unsigned	 refs;
	char		*name;		/* for messages: the file's name */
	uint8_t		*data;		/* padded with 0xFF to a multiple of 4 */
	size_t		 len;		/* with the padding */
	size_t		 file_len;	/* without */
	uint8_t		 md5[BLOB_MD5];	/* of data, padding included */
	uint8_t		 sha256[BLOB_SHA256];	/* of the file as it was */
	uint8_t		*z;		/* zlib stream, level 9 */
	size_t		 z_len;		/* 0: it does not shrink, send it plain */
	uint32_t	*inflated;	/* inflated[i]: bytes that come out of the
					 * first i * BLOB_MARK bytes of z; NULL
					 * when z_len is 0 */
	struct blob_work *work;		/* while it is being made; else NULL */
	struct blob_kin	 kin[BLOB_KIN];	/* held as long as this one lives */
	struct blob_digest *digests;	/* see blob_digest(); newest first */
};

/* Take over `data` (malloc'ed, with room for 3 more bytes; freed with the
 * blob, also on failure).  NULL when there is no memory or len is 0. */
struct blob *blob_new(const char *name, uint8_t *data, size_t len);

/* Do a piece of the work: 1 while there is more, 0 when ready.  ERR_NOMEM;
 * ERR_UNSUPPORTED when libcrypto has no MD5 here (a FIPS set-up).  A blob that
 * failed stays so. */
int blob_step(struct blob *);

struct blob *blob_ref(struct blob *);
void blob_unref(struct blob *);		/* NULL is fine */

/* What was made from it under that key, so that it is made only once: a
 * reference, or NULL.  It may still need steps; whoever waits does some. */
struct blob *blob_kin(const struct blob *, uint64_t key);
/* Keep `made`, which stays the caller's too; when there is no room it is not
 * kept, that is all. */
void blob_add_kin(struct blob *, uint64_t key, struct blob *made);

/*
 * SHA-256 or SHA-384 (`bytes` 32 or 48) of the `len` bytes of the file from
 * `from` on; made only once, in small steps that whoever waits may do: 1 while
 * there is more, 0 with `out` filled.  ERR_NOMEM.  Only for a blob that is ready.
 */
int blob_digest(struct blob *, size_t from, size_t len, size_t bytes,
    uint8_t *out);

/* Bytes that inflate from z[from..from+len), for time budgets and progress;
 * exact when from and len are multiples of BLOB_MARK or reach the end of z,
 * else rounded up.  Only for a blob that is ready. */
uint32_t blob_inflated(const struct blob *, size_t from, size_t len);
#endif
