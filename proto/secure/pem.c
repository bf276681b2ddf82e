/*
 * pem - see pem.h.
 *
 * A struct pem_key begins with a key of libcrypto's; pem_finish() takes out of
 * that all that is public.  It is never changed after that.  pem_make.c makes
 * keys of other things than files.
 */
#include "proto/secure/pem.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "proto/base/bytes.h"
#include "proto/base/err.h"
#include "proto/secure/pem_impl.h"

enum {
	RSA_BITS	= 3072,
	RSA_BYTES	= RSA_BITS / 8,
	RSA_R_BITS	= 2 * RSA_BITS,	/* of R * R, R = 2^3072 */
	WORD_BITS	= 32,
	POINT_MIN	= 64,		/* bytes of a point at least */
	GROUP_NAME_MAX	= 64,
};

static const struct pem_curve curves[] = {
	{ "prime192v1", PEM_ECDSA_P192, 1, 24 },
	{ "prime256v1", PEM_ECDSA_P256, 2, 32 },
	{ "secp384r1", PEM_ECDSA_P384, 3, 48 },
};

const struct pem_curve *
pem_curve(enum pem_scheme scheme)
{
	for (size_t i = 0; i < sizeof(curves) / sizeof(curves[0]); i++)
		if (curves[i].scheme == scheme)
			return &curves[i];
	return NULL;
}

struct pem_key *
pem_new(const char *name)
{
	struct pem_key	*k = calloc(1, sizeof(*k));

	if (k == NULL)
		return NULL;
	k->name = strdup(name);
	if (k->name != NULL)
		return k;
	free(k);
	return NULL;
}

/* libcrypto would ask on the terminal: never, but remember that it wanted to. */
static int
no_password(char *buf, int size, int rwflag, void *arg)
{
	bool	*asked = arg;

	(void)buf;
	(void)size;
	(void)rwflag;
	*asked = true;
	return -1;
}

/* A private key first: its file may hold the public one besides. */
static int
read_pem(struct pem_key *k, const void *bytes, size_t len, struct why *why)
{
	bool	 locked = false;
	BIO	*bio = BIO_new_mem_buf(bytes, (int)len);

	if (bio == NULL)
		return why_set(why, ERR_NOMEM, "out of memory");
	k->pkey = PEM_read_bio_PrivateKey(bio, NULL, no_password, &locked);
	k->private = k->pkey != NULL;
	if (k->pkey == NULL && !locked && BIO_reset(bio) >= 0)
		k->pkey = PEM_read_bio_PUBKEY(bio, NULL, no_password, &locked);
	BIO_free(bio);
	if (k->pkey != NULL)
		return 0;
	if (locked)
		return why_set(why, ERR_PARAMS, "the key in %s is locked by a "
		    "password: write it without one (openssl pkey -in FILE "
		    "-out KEY.pem)", k->name);
	return why_set(why, ERR_PARAMS, "%s does not appear to be an RSA or "
	    "ECDSA key in PEM format (-----BEGIN PUBLIC KEY-----, "
	    "-----BEGIN PRIVATE KEY-----)", k->name);
}

/* -1/n modulo 2^32 for an odd n: each turn doubles the bits that are right. */
static uint32_t
negative_inverse(uint32_t n)
{
	uint32_t	x = n;		/* right modulo 8 */

	for (int bits = 3; bits < WORD_BITS; bits *= 2)
		x *= 2 - n * x;
	return -x;
}

/* R * R modulo n, which the RSA unit starts from. */
static bool
put_rr(const BIGNUM *n, uint8_t out[RSA_BYTES])
{
	BN_CTX	*ctx = BN_CTX_new();
	BIGNUM	*rr = BN_new(), *rest = BN_new();
	bool	 ok;

	ok = ctx != NULL && rr != NULL && rest != NULL &&
	    BN_set_bit(rr, RSA_R_BITS) == 1 &&
	    BN_mod(rest, rr, n, ctx) == 1 &&
	    BN_bn2lebinpad(rest, out, RSA_BYTES) == RSA_BYTES;
	BN_free(rest);
	BN_free(rr);
	BN_CTX_free(ctx);
	return ok;
}

/* 1 = e * exponent modulo (prime - 1) */
static bool
exponent_fits(const BIGNUM *e, BIGNUM *exponent, BIGNUM *prime, BN_CTX *ctx)
{
	BIGNUM	*rest = BN_CTX_get(ctx);

	BN_set_flags(exponent, BN_FLG_CONSTTIME);
	BN_set_flags(prime, BN_FLG_CONSTTIME);
	return rest != NULL && BN_is_odd(prime) && !BN_is_one(prime) &&
	    BN_sub_word(prime, 1) == 1 &&
	    BN_mod_mul(rest, e, exponent, prime, ctx) == 1 && BN_is_one(rest);
}

/*
 * Is the public half that of the private one?  A digest of a wrong modulus, once
 * burned, makes a chip that nobody can sign for.  That the primes are prime
 * shows in the first signature, and would take a tenth of a second here.
 */
static bool
halves_fit(const EVP_PKEY *pkey, const BIGNUM *n, const BIGNUM *e)
{
	static const char *const	names[] = {
		OSSL_PKEY_PARAM_RSA_FACTOR1, OSSL_PKEY_PARAM_RSA_FACTOR2,
		OSSL_PKEY_PARAM_RSA_EXPONENT1, OSSL_PKEY_PARAM_RSA_EXPONENT2,
	};
	BIGNUM	*v[4] = { NULL }, *product;
	BN_CTX	*ctx = BN_CTX_new();
	bool	 ok = ctx != NULL;

	for (size_t i = 0; i < 4; i++)
		ok = ok && EVP_PKEY_get_bn_param(pkey, names[i], &v[i]) == 1;
	if (ok) {
		BN_CTX_start(ctx);
		product = BN_CTX_get(ctx);
		ok = product != NULL && BN_mul(product, v[0], v[1], ctx) == 1 &&
		    BN_cmp(product, n) == 0 &&
		    exponent_fits(e, v[2], v[0], ctx) &&
		    exponent_fits(e, v[3], v[1], ctx);
		BN_CTX_end(ctx);
	}
	for (size_t i = 0; i < 4; i++)
		BN_clear_free(v[i]);
	BN_CTX_free(ctx);
	return ok;
}

static int
take_rsa(struct pem_key *k, struct why *why)
{
	BIGNUM	*n = NULL, *e = NULL;
	uint8_t	*p = k->public;
	int	 bits = EVP_PKEY_get_bits(k->pkey);
	bool	 ok;

	if (bits != RSA_BITS)
		return why_set(why, ERR_PARAMS, "the RSA key in %s has %d "
		    "bits: secure boot v2 only supports RSA-3072", k->name,
		    bits);
	ok = EVP_PKEY_get_bn_param(k->pkey, OSSL_PKEY_PARAM_RSA_N, &n) == 1 &&
	    EVP_PKEY_get_bn_param(k->pkey, OSSL_PKEY_PARAM_RSA_E, &e) == 1 &&
	    BN_is_odd(n) && BN_num_bits(n) == RSA_BITS &&
	    (!k->private || halves_fit(k->pkey, n, e)) &&
	    BN_bn2lebinpad(n, p, RSA_BYTES) == RSA_BYTES &&
	    BN_bn2lebinpad(e, p + RSA_BYTES, sizeof(uint32_t)) > 0 &&
	    put_rr(n, p + RSA_BYTES + sizeof(uint32_t));
	BN_free(n);
	BN_free(e);
	if (!ok)
		return why_set(why, ERR_PARAMS, "the RSA key in %s is damaged, "
		    "or its public exponent has more than 32 bits", k->name);
	le32_put(p + PEM_PUBLIC_MAX - sizeof(uint32_t),
	    negative_inverse(le32_get(p)));
	k->public_len = PEM_PUBLIC_MAX;
	return 0;
}

static const struct pem_curve *
find_curve(const EVP_PKEY *pkey)
{
	char	name[GROUP_NAME_MAX];

	if (EVP_PKEY_get_group_name(pkey, name, sizeof(name), NULL) != 1)
		return NULL;
	for (size_t i = 0; i < sizeof(curves) / sizeof(curves[0]); i++)
		if (strcmp(curves[i].name, name) == 0)
			return &curves[i];
	return NULL;
}

/* Is it a point of its curve, and that of its private number? */
static bool
point_fits(EVP_PKEY *pkey, bool private)
{
	EVP_PKEY_CTX	*ctx = EVP_PKEY_CTX_new(pkey, NULL);
	bool		 ok;

	ok = ctx != NULL && EVP_PKEY_public_check(ctx) == 1 &&
	    (!private || EVP_PKEY_pairwise_check(ctx) == 1);
	EVP_PKEY_CTX_free(ctx);
	return ok;
}

/* Files may spell out their curve, or leave y out: what is written from them
 * names the curve and has both, as everybody reads it. */
static bool
write_plain(EVP_PKEY *pkey)
{
	return EVP_PKEY_set_utf8_string_param(pkey,
	    OSSL_PKEY_PARAM_EC_ENCODING, OSSL_PKEY_EC_ENCODING_GROUP) == 1 &&
	    EVP_PKEY_set_utf8_string_param(pkey,
	    OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT,
	    OSSL_PKEY_EC_POINT_CONVERSION_FORMAT_UNCOMPRESSED) == 1;
}

static int
take_ecdsa(struct pem_key *k, struct why *why)
{
	BIGNUM	*x = NULL, *y = NULL;
	uint8_t	*p = k->public;
	size_t	 point;
	int	 n;
	bool	 ok;

	k->curve = find_curve(k->pkey);
	if (k->curve == NULL)
		return why_set(why, ERR_PARAMS, "the ECDSA key in %s is on a "
		    "curve that no chip knows: only NIST192p, NIST256p and "
		    "NIST384p are supported", k->name);
	n = (int)k->curve->bytes;
	ok = point_fits(k->pkey, k->private) &&
	    write_plain(k->pkey) &&
	    EVP_PKEY_get_bn_param(k->pkey, OSSL_PKEY_PARAM_EC_PUB_X, &x) == 1 &&
	    EVP_PKEY_get_bn_param(k->pkey, OSSL_PKEY_PARAM_EC_PUB_Y, &y) == 1 &&
	    BN_bn2lebinpad(x, p + 1, n) == n &&
	    BN_bn2lebinpad(y, p + 1 + n, n) == n;
	BN_free(x);
	BN_free(y);
	if (!ok)
		return why_set(why, ERR_PARAMS, "the ECDSA key in %s is damaged",
		    k->name);
	p[0] = k->curve->id;
	point = 2 * k->curve->bytes;
	k->public_len = 1 + (point < POINT_MIN ? POINT_MIN : point);
	return 0;
}

static int
take_public(struct pem_key *k, struct why *why)
{
	if (EVP_PKEY_is_a(k->pkey, "RSA"))
		return take_rsa(k, why);
	if (EVP_PKEY_is_a(k->pkey, "EC"))
		return take_ecdsa(k, why);
	return why_set(why, ERR_PARAMS, "the key in %s is neither an RSA nor an "
	    "ECDSA one", k->name);
}

int
pem_finish(struct pem_key **out, struct pem_key *k, struct why *why)
{
	int	rc = take_public(k, why);

	ERR_clear_error();
	if (rc != 0)
		pem_free(k);
	else
		*out = k;
	return rc;
}

int
pem_read(struct pem_key **out, const void *bytes, size_t len,
    const char *name, struct why *why)
{
	struct pem_key	*k;
	int		 rc;

	if (len > PEM_FILE_MAX)
		return why_set(why, ERR_PARAMS, "%s has %zu bytes: that is no "
		    "key in PEM format", name, len);
	k = pem_new(name);
	if (k == NULL)
		return why_set(why, ERR_NOMEM, "out of memory");
	rc = read_pem(k, bytes, len, why);
	if (rc == 0)
		return pem_finish(out, k, why);
	ERR_clear_error();
	pem_free(k);
	return rc;
}

void
pem_free(struct pem_key *k)
{
	if (k == NULL)
		return;
	EVP_PKEY_free(k->pkey);		/* wipes what is secret */
	free(k->name);
	free(k);
}

enum pem_scheme
pem_scheme(const struct pem_key *k)
{
	return k->curve != NULL ? k->curve->scheme : PEM_RSA_3072;
}

const char *
pem_scheme_name(enum pem_scheme scheme)
{
	switch (scheme) {
	case PEM_RSA_3072:
		return "RSA-3072";
	case PEM_ECDSA_P192:
		return "ECDSA P-192";
	case PEM_ECDSA_P256:
		return "ECDSA P-256";
	case PEM_ECDSA_P384:
		return "ECDSA P-384";
	}
	return "?";
}

const char *
pem_name(const struct pem_key *k)
{
	return k->name;
}

bool
pem_private(const struct pem_key *k)
{
	return k->private;
}

size_t
pem_public(const struct pem_key *k, uint8_t out[PEM_PUBLIC_MAX])
{
	memcpy(out, k->public, k->public_len);
	return k->public_len;
}

/* In the block both stand with their lowest byte first. */
size_t
pem_point(const struct pem_key *k, uint8_t out[PEM_POINT_MAX])
{
	size_t	n;

	if (k->curve == NULL)
		return 0;
	n = k->curve->bytes;
	for (size_t i = 0; i < n; i++) {
		out[i] = k->public[n - i];
		out[n + i] = k->public[2 * n - i];
	}
	return 2 * n;
}

int
pem_digest(const struct pem_key *k, uint8_t out[PEM_DIGEST])
{
	if (EVP_Digest(k->public, k->public_len, out, NULL, EVP_sha256(),
	    NULL) != 1)
		return ERR_NOMEM;
	return 0;
}

int
pem_scalar(const struct pem_key *k, uint8_t *out, size_t size, struct why *why)
{
	BIGNUM	*d = NULL;
	bool	 ok;

	if (k->curve == NULL)
		return why_set(why, ERR_PARAMS, "%s holds an RSA key: an ECDSA "
		    "private key is needed", k->name);
	if (!k->private)
		return why_set(why, ERR_PARAMS, "%s holds a public key: the "
		    "private one is needed", k->name);
	if (k->curve->bytes > size)
		return why_set(why, ERR_PARAMS, "the key in %s is %s: it has "
		    "%zu bytes, and %zu fit", k->name,
		    pem_scheme_name(k->curve->scheme), k->curve->bytes, size);
	ok = EVP_PKEY_get_bn_param(k->pkey, OSSL_PKEY_PARAM_PRIV_KEY,
	    &d) == 1 && BN_bn2binpad(d, out, (int)size) == (int)size;
	BN_clear_free(d);
	ERR_clear_error();
	if (!ok)
		return why_set(why, ERR_PARAMS, "the private key in %s is "
		    "damaged", k->name);
	return 0;
}
