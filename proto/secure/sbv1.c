/*
 * sbv1 - see sbv1.h.
 */
#include "proto/secure/sbv1.h"

#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>

#include "proto/base/bytes.h"
#include "proto/base/err.h"
#include "proto/secure/sign.h"

enum {
	VERSION_BYTES	= SBV1_SIGNATURE - SBV1_RAW,
	VERSION		= 0,
	SHA256_BYTES	= 32,
	BOOT_BLOCK	= 128,		/* what the hardware reads at once */
	AES_BLOCK	= 16,
	AES_KEY		= 32,
	CHUNK		= 1024,		/* bytes encrypted in one call */
	ERASED		= 0xFF,
};

/*
 * signatures of applications
 */

static int
check_curve(const struct pem_key *k, struct why *why)
{
	if (pem_scheme(k) == PEM_ECDSA_P256)
		return 0;
	return why_set(why, ERR_PARAMS, "the key in %s is %s: secure boot v1 "
	    "only supports ECDSA NIST256p (openssl calls this curve "
	    "prime256v1)", pem_name(k), pem_scheme_name(pem_scheme(k)));
}

static int
take_digest(const void *data, size_t len, uint8_t out[SHA256_BYTES],
    struct why *why)
{
	if (sign_digest(data, len, out, SHA256_BYTES) != 0)
		return why_set(why, ERR_NOMEM, "out of memory");
	return 0;
}

static void
put_signature(const uint8_t *raw, uint8_t out[SBV1_SIGNATURE])
{
	le32_put(out, VERSION);
	memcpy(out + VERSION_BYTES, raw, SBV1_RAW);
}

int
sbv1_sign(const struct pem_key *k, const void *data, size_t len,
    uint8_t out[SBV1_SIGNATURE], struct why *why)
{
	uint8_t	digest[SHA256_BYTES], raw[SIGN_MAX];
	size_t	raw_len;
	int	rc = check_curve(k, why);

	if (rc == 0)
		rc = take_digest(data, len, digest, why);
	if (rc == 0)
		rc = sign_make(k, digest, sizeof(digest), SIGN_RFC6979, raw,
		    &raw_len, why);
	if (rc == 0)
		put_signature(raw, out);
	return rc;
}

int
sbv1_take(const struct pem_key *k, const void *data, size_t len,
    const uint8_t raw[SBV1_RAW], uint8_t out[SBV1_SIGNATURE], struct why *why)
{
	uint8_t	digest[SHA256_BYTES];
	int	rc = check_curve(k, why);

	if (rc == 0)
		rc = take_digest(data, len, digest, why);
	if (rc != 0)
		return rc;
	if (sign_check(k, digest, sizeof(digest), raw, SBV1_RAW) != 0)
		return why_set(why, ERR_SIGNATURE, "the signature was not made "
		    "from this data with the private half of the key in %s",
		    pem_name(k));
	put_signature(raw, out);
	return 0;
}

int
sbv1_check(const struct pem_key *k, const void *file, size_t len,
    struct why *why)
{
	const uint8_t	*end;
	uint8_t		 digest[SHA256_BYTES];
	int		 rc = check_curve(k, why);

	if (rc != 0)
		return rc;
	if (len < SBV1_SIGNATURE)
		return why_set(why, ERR_IMAGE, "%zu bytes are too few: a file "
		    "signed for secure boot v1 ends with a signature of %d "
		    "bytes", len, SBV1_SIGNATURE);
	end = (const uint8_t *)file + len - SBV1_SIGNATURE;
	if (le32_get(end) != VERSION)
		return why_set(why, ERR_IMAGE, "the signature block has version "
		    "%u, and only version %d is known: the file is not signed "
		    "for secure boot v1, or damaged at its end",
		    (unsigned)le32_get(end), VERSION);
	rc = take_digest(file, len - SBV1_SIGNATURE, digest, why);
	if (rc != 0)
		return rc;
	if (sign_check(k, digest, sizeof(digest), end + VERSION_BYTES,
	    SBV1_RAW) != 0)
		return why_set(why, ERR_SIGNATURE, "Signature is not valid: the "
		    "data was changed after it was signed, or signed with "
		    "another key than that in %s", pem_name(k));
	return 0;
}

/*
 * digest of a bootloader
 */

struct digester {
	EVP_CIPHER_CTX	*aes;
	EVP_MD_CTX	*sha;
};

static void
turn(uint8_t *out, const uint8_t *in, size_t len)
{
	for (size_t i = 0; i < len; i++)
		out[i] = in[len - 1 - i];
}

static void
turn_words(uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i += sizeof(uint32_t))
		le32_put(p + i, be32_get(p + i));
}

/* At most CHUNK bytes, whole AES blocks.  The hardware hands each block to AES
 * with its last byte first, and takes it back with its last word first. */
static bool
digest_chunk(struct digester *d, const uint8_t *in, size_t len)
{
	uint8_t	plain[CHUNK], cipher[CHUNK];
	int	n;

	for (size_t i = 0; i < len; i += AES_BLOCK)
		turn(plain + i, in + i, AES_BLOCK);
	if (EVP_EncryptUpdate(d->aes, cipher, &n, plain, (int)len) != 1 ||
	    (size_t)n != len)
		return false;
	for (size_t i = 0; i < len; i += AES_BLOCK)
		turn(plain + i, cipher + i, AES_BLOCK);
	turn_words(plain, len);
	return EVP_DigestUpdate(d->sha, plain, len) == 1;
}

static bool
digest_bytes(struct digester *d, const uint8_t *p, size_t len)
{
	size_t	n;

	for (; len > 0; p += n, len -= n) {
		n = len < CHUNK ? len : CHUNK;
		if (!digest_chunk(d, p, n))
			return false;
	}
	return true;
}

static bool
digest_boot(struct digester *d, const struct hw_key *k, const uint8_t *iv,
    size_t iv_len, const uint8_t *image, size_t len, uint8_t out[SBV1_DIGEST])
{
	if (d->aes == NULL || d->sha == NULL ||
	    EVP_EncryptInit_ex2(d->aes, EVP_aes_256_ecb(), k->bytes, NULL,
	    NULL) != 1 ||
	    EVP_CIPHER_CTX_set_padding(d->aes, 0) != 1 ||
	    EVP_DigestInit_ex(d->sha, EVP_sha512(), NULL) != 1)
		return false;
	if (!digest_bytes(d, iv, iv_len) || !digest_bytes(d, image, len) ||
	    EVP_DigestFinal_ex(d->sha, out, NULL) != 1)
		return false;
	turn_words(out, SBV1_DIGEST);
	return true;
}

static int
make_digest(const struct hw_key *k, const uint8_t *iv, size_t iv_len,
    const uint8_t *image, size_t len, uint8_t out[SBV1_DIGEST],
    struct why *why)
{
	struct digester	d = {
		.aes = EVP_CIPHER_CTX_new(),
		.sha = EVP_MD_CTX_new(),
	};
	bool		ok = digest_boot(&d, k, iv, iv_len, image, len, out);

	EVP_CIPHER_CTX_free(d.aes);	/* wipes the key */
	EVP_MD_CTX_free(d.sha);
	ERR_clear_error();
	return ok ? 0 : why_set(why, ERR_NOMEM, "out of memory");
}

static int
check_boot(const struct hw_key *k, size_t iv_len, struct why *why)
{
	if (k->len != AES_KEY)
		return why_set(why, ERR_PARAMS, "secure boot v1 has a key of "
		    "128, 192 or 256 bits, not of %zu", 8 * k->len);
	if (iv_len == 0 || iv_len > SBV1_IV || iv_len % AES_BLOCK != 0)
		return why_set(why, ERR_PARAMS, "the initial bytes (IV) are "
		    "%zu: %d are needed", iv_len, SBV1_IV);
	return 0;
}

/* What of the image counts, with a SHA-256 at its end or without. */
static size_t
seen_bytes(size_t len, bool digested)
{
	size_t	rest = len % BOOT_BLOCK;

	return digested && rest <= SHA256_BYTES ? len - rest : len;
}

int
sbv1_bootloader(const struct hw_key *k, const uint8_t *iv, size_t iv_len,
    const void *image, size_t len, bool digested, struct buf *out,
    struct why *why)
{
	uint8_t	*at;
	size_t	 seen = seen_bytes(len, digested), whole;
	int	 rc = check_boot(k, iv_len, why);

	if (rc != 0)
		return rc;
	if (seen > SIZE_MAX - SBV1_HEAD - BOOT_BLOCK)
		return why_set(why, ERR_LIMIT, "the image is too large");
	whole = (seen + BOOT_BLOCK - 1) / BOOT_BLOCK * BOOT_BLOCK;
	rc = buf_reserve(out, SBV1_HEAD + whole, &at);
	if (rc == ERR_LIMIT)
		return why_set(why, rc, "the image of %zu bytes is too large",
		    len);
	if (rc != 0)
		return why_set(why, rc, "out of memory");
	memset(at, ERASED, SBV1_HEAD + whole);
	memcpy(at, iv, iv_len);
	if (seen > 0)
		memcpy(at + SBV1_HEAD, image, seen);
	rc = make_digest(k, iv, iv_len, at + SBV1_HEAD, whole, at + iv_len,
	    why);
	if (rc == 0)
		buf_commit(out, SBV1_HEAD + whole);
	return rc;
}
