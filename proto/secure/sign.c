/*
 * sign - see sign.h.
 */
#include "proto/secure/sign.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "proto/base/err.h"
#include "proto/secure/sign_impl.h"

enum {
	RSA_BYTES	= 384,
	SALT		= 32,		/* of PSS */
	SHA256		= 32,		/* bytes */
	SHA384		= 48,
};

size_t
sign_bytes(enum pem_scheme scheme)
{
	const struct pem_curve	*curve = pem_curve(scheme);

	return curve != NULL ? 2 * curve->bytes : RSA_BYTES;
}

size_t
sign_digest_bytes(enum pem_scheme scheme)
{
	return scheme == PEM_ECDSA_P384 ? SHA384 : SHA256;
}

static const EVP_MD *
hash_of(size_t digest_len)
{
	return digest_len == SHA384 ? EVP_sha384() : EVP_sha256();
}

int
sign_digest(const void *bytes, size_t len, uint8_t *out, size_t out_len)
{
	assert(out_len == SHA256 || out_len == SHA384);
	if (EVP_Digest(bytes, len, out, NULL, hash_of(out_len), NULL) == 1)
		return 0;
	ERR_clear_error();
	return ERR_NOMEM;
}

/* What both directions of PSS agree on. */
static bool
set_pss(EVP_PKEY_CTX *ctx)
{
	return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) > 0 &&
	    EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) > 0 &&
	    EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, EVP_sha256()) > 0 &&
	    EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, SALT) > 0;
}

/* libcrypto's signature: RSA as it is, ECDSA in DER. */
static bool
make_plain(const struct pem_key *k, const uint8_t *digest, size_t digest_len,
    uint8_t *out, size_t *len)
{
	EVP_PKEY_CTX	*ctx = EVP_PKEY_CTX_new(k->pkey, NULL);
	bool		 ok;

	ok = ctx != NULL && EVP_PKEY_sign_init(ctx) == 1 &&
	    (k->curve != NULL ?
	    EVP_PKEY_CTX_set_signature_md(ctx, hash_of(digest_len)) > 0 :
	    set_pss(ctx)) &&
	    EVP_PKEY_sign(ctx, out, len, digest, digest_len) == 1;
	EVP_PKEY_CTX_free(ctx);
	return ok;
}

static bool
make_rsa(const struct pem_key *k, const uint8_t *digest, size_t digest_len,
    uint8_t out[SIGN_MAX])
{
	size_t	len = SIGN_MAX;

	return make_plain(k, digest, digest_len, out, &len) &&
	    len == RSA_BYTES;
}

static bool
make_random(const struct pem_key *k, const uint8_t *digest,
    size_t digest_len, uint8_t out[SIGN_MAX])
{
	uint8_t	der[SIGN_DER_MAX];
	size_t	der_len = sizeof(der), len;

	return make_plain(k, digest, digest_len, der, &der_len) &&
	    sign_from_der(k->curve->scheme, der, der_len, out, &len,
	    NULL) == 0;
}

static bool
make_steady(const struct pem_key *k, const uint8_t *digest,
    size_t digest_len, uint8_t out[SIGN_MAX])
{
	BIGNUM	*d = BN_secure_new();
	bool	 ok;

	if (d == NULL)
		return false;
	BN_set_flags(d, BN_FLG_CONSTTIME);
	ok = EVP_PKEY_get_bn_param(k->pkey, OSSL_PKEY_PARAM_PRIV_KEY,
	    &d) == 1 && sign_rfc6979(k->curve, d, digest, digest_len,
	    out) == 0;
	BN_clear_free(d);
	return ok;
}

int
sign_make(const struct pem_key *k, const uint8_t *digest, size_t digest_len,
    enum sign_nonce nonce, uint8_t out[SIGN_MAX], size_t *len,
    struct why *why)
{
	uint8_t	signature[SIGN_MAX];
	size_t	n = sign_bytes(pem_scheme(k));
	bool	ok;

	assert(digest_len == sign_digest_bytes(pem_scheme(k)));
	if (!k->private)
		return why_set(why, ERR_PARAMS, "%s holds a public key: the "
		    "private one is needed to sign", k->name);
	if (k->curve == NULL)
		ok = make_rsa(k, digest, digest_len, signature);
	else if (nonce == SIGN_RFC6979)
		ok = make_steady(k, digest, digest_len, signature);
	else
		ok = make_random(k, digest, digest_len, signature);
	ERR_clear_error();
	if (!ok)
		return why_set(why, ERR_INTERNAL, "libcrypto made no signature "
		    "with the key in %s: that is damaged, or there are no "
		    "random numbers", k->name);
	if (sign_check(k, digest, digest_len, signature, n) != 0)
		return why_set(why, ERR_PARAMS, "the private key in %s is "
		    "damaged: its signatures do not fit its public key",
		    k->name);
	memcpy(out, signature, n);
	*len = n;
	return 0;
}

/* r and s as libcrypto wants them; the length of the DER, or 0. */
static size_t
to_der(const struct pem_curve *curve, const uint8_t *rs,
    uint8_t der[SIGN_DER_MAX])
{
	ECDSA_SIG	*sig = ECDSA_SIG_new();
	BIGNUM		*r = BN_bin2bn(rs, (int)curve->bytes, NULL);
	BIGNUM		*s = BN_bin2bn(rs + curve->bytes, (int)curve->bytes,
			    NULL);
	int		 len = 0;

	if (sig == NULL || r == NULL || s == NULL ||
	    ECDSA_SIG_set0(sig, r, s) != 1) {
		BN_free(r);
		BN_free(s);
	} else if (i2d_ECDSA_SIG(sig, NULL) <= SIGN_DER_MAX)
		len = i2d_ECDSA_SIG(sig, &der);
	ECDSA_SIG_free(sig);
	return len > 0 ? (size_t)len : 0;
}

int
sign_check(const struct pem_key *k, const uint8_t *digest, size_t digest_len,
    const uint8_t *signature, size_t len)
{
	EVP_PKEY_CTX	*ctx;
	uint8_t		 der[SIGN_DER_MAX];
	bool		 ok;

	if (len != sign_bytes(pem_scheme(k)) ||
	    digest_len != sign_digest_bytes(pem_scheme(k)))
		return ERR_SIGNATURE;
	if (k->curve != NULL) {
		len = to_der(k->curve, signature, der);
		signature = der;
	}
	ctx = EVP_PKEY_CTX_new(k->pkey, NULL);
	ok = ctx != NULL && EVP_PKEY_verify_init(ctx) == 1 &&
	    (k->curve != NULL || set_pss(ctx)) &&
	    EVP_PKEY_verify(ctx, signature, len, digest, digest_len) == 1;
	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error();
	return ok ? 0 : ERR_SIGNATURE;
}

int
sign_from_der(enum pem_scheme scheme, const uint8_t *der, size_t der_len,
    uint8_t out[SIGN_MAX], size_t *len, struct why *why)
{
	const struct pem_curve	*curve = pem_curve(scheme);
	const uint8_t		*at = der;
	ECDSA_SIG		*sig;
	int			 n;
	bool			 ok;

	assert(curve != NULL);
	n = (int)curve->bytes;
	sig = der_len <= SIGN_DER_MAX ?
	    d2i_ECDSA_SIG(NULL, &at, (long)der_len) : NULL;
	ok = sig != NULL && at == der + der_len &&
	    !BN_is_zero(ECDSA_SIG_get0_r(sig)) &&
	    !BN_is_zero(ECDSA_SIG_get0_s(sig)) &&
	    BN_num_bytes(ECDSA_SIG_get0_r(sig)) <= n &&
	    BN_num_bytes(ECDSA_SIG_get0_s(sig)) <= n &&
	    BN_bn2binpad(ECDSA_SIG_get0_r(sig), out, n) == n &&
	    BN_bn2binpad(ECDSA_SIG_get0_s(sig), out + n, n) == n;
	ECDSA_SIG_free(sig);
	ERR_clear_error();
	if (!ok)
		return why_set(why, ERR_PARAMS, "that is no %s signature in "
		    "DER", pem_scheme_name(scheme));
	*len = 2 * curve->bytes;
	return 0;
}
