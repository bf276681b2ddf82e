/*
 * sign_rfc6979 - ECDSA with nonces that follow from key and digest.
 *
 * Sources: RFC 6979, 2.4 and 3.2; FIPS 186-4, 6.4.  The orders of the three
 * curves have as many bits as their bytes hold, and no digest is shorter: so
 * bits2int is to take the first bytes, and one round of HMAC gives a nonce.
 *
 * How long it takes must not depend on the secrets.  libcrypto multiplies the
 * base point in constant time; what comes after that is done on numbers that
 * were multiplied by a random one, which falls out again at the end.
 */
#include <assert.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/objects.h>

#include "proto/base/err.h"
#include "proto/secure/sign.h"
#include "proto/secure/sign_impl.h"

enum {
	HASH_MAX	= SIGN_DIGEST_MAX,
	SEED_MAX	= HASH_MAX + 1 + 2 * PEM_SCALAR_MAX,
};

/* The generator of RFC 6979, 3.2: K and V. */
struct nonces {
	const char	*hash;
	size_t		 len;		/* of its result */
	uint8_t		 k[HASH_MAX];
	uint8_t		 v[HASH_MAX];
};

/* What one signature is made of; all numbers are of `ctx`. */
struct work {
	BN_CTX		*ctx;
	EC_GROUP	*group;
	EC_POINT	*point;
	BN_MONT_CTX	*mont;		/* modulo the order */
	const BIGNUM	*order;
	const BIGNUM	*d;
	BIGNUM		*z;		/* of the digest */
	BIGNUM		*k;		/* the nonce */
	BIGNUM		*b;		/* what blinds */
	BIGNUM		*r, *s;
	BIGNUM		*x, *y;		/* for all purposes */
};

/* `to` (n->k or n->v) becomes HMAC(K, data). */
static bool
hmac(const struct nonces *n, const uint8_t *data, size_t len, uint8_t *to)
{
	uint8_t	out[HASH_MAX];
	size_t	done = 0;
	bool	ok;

	ok = EVP_Q_mac(NULL, "HMAC", NULL, n->hash, NULL, n->k, n->len, data,
	    len, out, sizeof(out), &done) != NULL && done == n->len;
	if (ok)
		memcpy(to, out, n->len);
	OPENSSL_cleanse(out, sizeof(out));
	return ok;
}

/* K = HMAC(K, V || mark || seed), V = HMAC(K, V) */
static bool
stir(struct nonces *n, uint8_t mark, const uint8_t *seed, size_t seed_len)
{
	uint8_t	text[SEED_MAX];
	bool	ok;

	assert(n->len + 1 + seed_len <= sizeof(text));
	memcpy(text, n->v, n->len);
	text[n->len] = mark;
	if (seed_len > 0)
		memcpy(text + n->len + 1, seed, seed_len);
	ok = hmac(n, text, n->len + 1 + seed_len, n->k) &&
	    hmac(n, n->v, n->len, n->v);
	OPENSSL_cleanse(text, sizeof(text));
	return ok;
}

/* Seed: the private number and the digest modulo the order. */
static bool
nonces_begin(struct nonces *n, const struct work *w, size_t hash_len,
    int bytes)
{
	uint8_t	seed[2 * PEM_SCALAR_MAX];
	bool	ok;

	n->hash = hash_len == PEM_DIGEST ? "SHA256" : "SHA384";
	n->len = hash_len;
	memset(n->v, 1, sizeof(n->v));
	memset(n->k, 0, sizeof(n->k));
	ok = BN_bn2binpad(w->d, seed, bytes) == bytes &&
	    BN_bn2binpad(w->z, seed + bytes, bytes) == bytes &&
	    stir(n, 0, seed, 2 * (size_t)bytes) &&
	    stir(n, 1, seed, 2 * (size_t)bytes);
	OPENSSL_cleanse(seed, sizeof(seed));
	return ok;
}

/* The next nonce of 1 ... order - 1. */
static bool
nonces_next(struct nonces *n, struct work *w, int bytes)
{
	for (;;) {
		if (!hmac(n, n->v, n->len, n->v) ||
		    BN_bin2bn(n->v, bytes, w->k) == NULL)
			return false;
		if (!BN_is_zero(w->k) && BN_cmp(w->k, w->order) < 0)
			return true;
		if (!stir(n, 0, NULL, 0))
			return false;
	}
}

/* r: x of k times the base point, modulo the order. */
static bool
make_r(struct work *w)
{
	return EC_POINT_mul(w->group, w->point, w->k, NULL, NULL,
	    w->ctx) == 1 &&
	    EC_POINT_get_affine_coordinates(w->group, w->point, w->x, NULL,
	    w->ctx) == 1 &&
	    BN_nnmod(w->r, w->x, w->order, w->ctx) == 1;
}

/*
 * s = (z + r d) / k, as (b z + b r d) / (b k) with a random b.  A Montgomery
 * product of two numbers is theirs divided by R; the R of dividend and divisor
 * cancel each other.
 */
static bool
make_s(struct work *w)
{
	do {
		if (BN_priv_rand_range(w->b, w->order) != 1)
			return false;
	} while (BN_is_zero(w->b));
	if (BN_to_montgomery(w->y, w->r, w->mont, w->ctx) != 1 ||
	    BN_mod_mul_montgomery(w->x, w->b, w->d, w->mont, w->ctx) != 1 ||
	    BN_mod_mul_montgomery(w->x, w->x, w->y, w->mont, w->ctx) != 1 ||
	    BN_mod_mul_montgomery(w->y, w->b, w->z, w->mont, w->ctx) != 1 ||
	    BN_mod_add_quick(w->s, w->x, w->y, w->order) != 1 ||
	    BN_mod_mul_montgomery(w->x, w->b, w->k, w->mont, w->ctx) != 1)
		return false;
	BN_set_flags(w->x, BN_FLG_CONSTTIME);
	return BN_mod_inverse(w->y, w->x, w->order, w->ctx) != NULL &&
	    BN_mod_mul(w->s, w->s, w->y, w->order, w->ctx) == 1;
}

static bool
work_begin(struct work *w, const struct pem_curve *curve, const BIGNUM *d,
    const uint8_t *digest)
{
	w->d = d;
	w->ctx = BN_CTX_new();
	w->group = EC_GROUP_new_by_curve_name(OBJ_sn2nid(curve->name));
	w->mont = BN_MONT_CTX_new();
	if (w->ctx == NULL || w->group == NULL || w->mont == NULL)
		return false;
	BN_CTX_start(w->ctx);
	w->point = EC_POINT_new(w->group);
	w->order = EC_GROUP_get0_order(w->group);
	w->z = BN_CTX_get(w->ctx);
	w->k = BN_CTX_get(w->ctx);
	w->b = BN_CTX_get(w->ctx);
	w->r = BN_CTX_get(w->ctx);
	w->s = BN_CTX_get(w->ctx);
	w->x = BN_CTX_get(w->ctx);
	w->y = BN_CTX_get(w->ctx);
	if (w->point == NULL || w->order == NULL || w->y == NULL)
		return false;		/* the last one stands for all */
	BN_set_flags(w->k, BN_FLG_CONSTTIME);
	return BN_MONT_CTX_set(w->mont, w->order, w->ctx) == 1 &&
	    BN_bin2bn(digest, (int)curve->bytes, w->x) != NULL &&
	    BN_nnmod(w->z, w->x, w->order, w->ctx) == 1;
}

/* BN_CTX_free() wipes the numbers. */
static void
work_end(struct work *w)
{
	EC_POINT_clear_free(w->point);
	BN_MONT_CTX_free(w->mont);
	EC_GROUP_free(w->group);
	if (w->ctx != NULL && w->z != NULL)
		BN_CTX_end(w->ctx);
	BN_CTX_free(w->ctx);
}

int
sign_rfc6979(const struct pem_curve *curve, const BIGNUM *d,
    const uint8_t *digest, size_t digest_len, uint8_t *out)
{
	struct nonces	n;
	struct work	w = { 0 };
	int		bytes = (int)curve->bytes;
	bool		ok;

	assert(digest_len == PEM_DIGEST || digest_len == SIGN_DIGEST_MAX);
	assert(digest_len >= curve->bytes);
	ok = work_begin(&w, curve, d, digest) &&
	    nonces_begin(&n, &w, digest_len, bytes);
	while (ok) {
		ok = nonces_next(&n, &w, bytes) && make_r(&w) && make_s(&w);
		if (!ok || (!BN_is_zero(w.r) && !BN_is_zero(w.s)))
			break;
		ok = stir(&n, 0, NULL, 0);
	}
	ok = ok && BN_bn2binpad(w.r, out, bytes) == bytes &&
	    BN_bn2binpad(w.s, out + bytes, bytes) == bytes;
	work_end(&w);
	OPENSSL_cleanse(&n, sizeof(n));
	return ok ? 0 : ERR_INTERNAL;
}
