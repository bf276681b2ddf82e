/*
 * pem_make - keys that are made here or come as numbers, and keys as text: see
 * pem.h.
 */
#include <assert.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/encoder.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include "proto/base/err.h"
#include "proto/secure/pem_impl.h"

enum {
	RSA_BITS	= 3072,
	RSA_NUMBER_MAX	= 1024,	/* bytes of n and e that are looked at */
	POINT_PLAIN	= 4,	/* SEC 1, 2.3.3: x and y follow */
};

static int
no_memory(struct why *why)
{
	return why_set(why, ERR_NOMEM, "out of memory");
}

int
pem_generate(struct pem_key **out, enum pem_scheme scheme, const char *name,
    struct why *why)
{
	const struct pem_curve	*curve = pem_curve(scheme);
	struct pem_key		*k = pem_new(name);

	if (k == NULL)
		return no_memory(why);
	k->private = true;
	/* Of RSA libcrypto takes the exponent 65537. */
	if (curve != NULL)
		k->pkey = EVP_PKEY_Q_keygen(NULL, NULL, "EC", curve->name);
	else
		k->pkey = EVP_PKEY_Q_keygen(NULL, NULL, "RSA",
		    (size_t)RSA_BITS);
	if (k->pkey != NULL)
		return pem_finish(out, k, why);
	ERR_clear_error();
	pem_free(k);
	return why_set(why, ERR_INTERNAL, "libcrypto made no key for %s: it has "
	    "no random numbers, or no memory", name);
}

/* A public key of a kind ("RSA", "EC") from its numbers. */
static EVP_PKEY *
from_params(const char *kind, OSSL_PARAM_BLD *build)
{
	EVP_PKEY_CTX	*ctx = EVP_PKEY_CTX_new_from_name(NULL, kind, NULL);
	OSSL_PARAM	*params = OSSL_PARAM_BLD_to_param(build);
	EVP_PKEY	*pkey = NULL;

	if (ctx == NULL || params == NULL ||
	    EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params) != 1)
		pkey = NULL;
	OSSL_PARAM_free(params);
	EVP_PKEY_CTX_free(ctx);
	return pkey;
}

int
pem_from_rsa(struct pem_key **out, const uint8_t *n, size_t n_len,
    const uint8_t *e, size_t e_len, const char *name, struct why *why)
{
	struct pem_key	*k = NULL;
	OSSL_PARAM_BLD	*build = NULL;
	BIGNUM		*n_num = NULL, *e_num = NULL;

	if (n_len <= RSA_NUMBER_MAX && e_len <= RSA_NUMBER_MAX) {
		k = pem_new(name);
		build = OSSL_PARAM_BLD_new();
		n_num = BN_bin2bn(n, (int)n_len, NULL);
		e_num = BN_bin2bn(e, (int)e_len, NULL);
	}
	if (k != NULL && build != NULL && n_num != NULL && e_num != NULL &&
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n_num) == 1 &&
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e_num) == 1)
		k->pkey = from_params("RSA", build);
	OSSL_PARAM_BLD_free(build);
	BN_free(e_num);
	BN_free(n_num);
	if (k != NULL && k->pkey != NULL)
		return pem_finish(out, k, why);
	ERR_clear_error();
	pem_free(k);
	return why_set(why, ERR_PARAMS, "the RSA key in %s is damaged", name);
}

int
pem_from_point(struct pem_key **out, enum pem_scheme scheme,
    const uint8_t *xy, size_t len, const char *name, struct why *why)
{
	const struct pem_curve	*curve = pem_curve(scheme);
	uint8_t			 point[1 + PEM_POINT_MAX] = { POINT_PLAIN };
	struct pem_key		*k = NULL;
	OSSL_PARAM_BLD		*build = NULL;

	assert(curve != NULL);
	if (len == 2 * curve->bytes) {
		memcpy(point + 1, xy, len);
		k = pem_new(name);
		build = OSSL_PARAM_BLD_new();
	}
	if (k != NULL && build != NULL &&
	    OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME,
	    curve->name, 0) == 1 &&
	    OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY,
	    point, 1 + len) == 1)
		k->pkey = from_params("EC", build);
	OSSL_PARAM_BLD_free(build);
	if (k != NULL && k->pkey != NULL)
		return pem_finish(out, k, why);
	ERR_clear_error();
	pem_free(k);
	return why_set(why, ERR_PARAMS, "the key in %s is no point of the "
	    "curve of %s", name, pem_scheme_name(scheme));
}

/* libcrypto wipes the memory of such a BIO when it frees it. */
static int
write_text(const struct pem_key *k, int selection, const char *structure,
    char out[PEM_TEXT_MAX], size_t *len, struct why *why)
{
	OSSL_ENCODER_CTX	*ctx;
	BIO			*bio = BIO_new(BIO_s_mem());
	char			*text = NULL;
	long			 n = 0;

	ctx = OSSL_ENCODER_CTX_new_for_pkey(k->pkey, selection, "PEM",
	    structure, NULL);
	if (bio != NULL && ctx != NULL && OSSL_ENCODER_to_bio(ctx, bio) == 1)
		n = BIO_get_mem_data(bio, &text);
	if (n > 0 && n <= PEM_TEXT_MAX) {
		memcpy(out, text, (size_t)n);
		*len = (size_t)n;
	}
	OSSL_ENCODER_CTX_free(ctx);
	BIO_free(bio);
	ERR_clear_error();
	if (n > 0 && n <= PEM_TEXT_MAX)
		return 0;
	return why_set(why, ERR_PARAMS, "libcrypto does not write the key in "
	    "%s as PEM", k->name);
}

int
pem_write_private(const struct pem_key *k, char out[PEM_TEXT_MAX],
    size_t *len, struct why *why)
{
	if (!k->private)
		return why_set(why, ERR_PARAMS, "%s holds a public key: the "
		    "private one is needed", k->name);
	return write_text(k, EVP_PKEY_KEYPAIR, "type-specific", out, len, why);
}

int
pem_write_public(const struct pem_key *k, char out[PEM_TEXT_MAX],
    size_t *len, struct why *why)
{
	return write_text(k, EVP_PKEY_PUBLIC_KEY, "SubjectPublicKeyInfo", out,
	    len, why);
}
