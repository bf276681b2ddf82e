/* proto/secure/pem: any bytes are a key that is complete, or are refused with a
 * sentence; a key gives its numbers and its text, and is made of them again.
 * And sign: any bytes are a signature in DER, or are refused. */
#include "proto/secure/pem.h"

#include <string.h>

#include "proto/base/err.h"
#include "proto/secure/sign.h"
#include "tests/fuzz/fuzz.h"

static void
check_public(const struct pem_key *k)
{
	uint8_t	out[PEM_PUBLIC_MAX];
	size_t	len = pem_public(k, out), want = 0;
	uint8_t	curve = 0;

	switch (pem_scheme(k)) {
	case PEM_RSA_3072:
		want = PEM_PUBLIC_MAX;
		break;
	case PEM_ECDSA_P192:
		want = 65;
		curve = 1;
		break;
	case PEM_ECDSA_P256:
		want = 65;
		curve = 2;
		break;
	case PEM_ECDSA_P384:
		want = 97;
		curve = 3;
		break;
	}
	FUZZ_CHECK(len == want);
	FUZZ_CHECK(curve == 0 || out[0] == curve);
	FUZZ_CHECK(curve != 0 || (out[0] & 1) == 1);	/* an odd modulus */
}

static void
check_same(const struct pem_key *a, const struct pem_key *b)
{
	uint8_t	one[PEM_PUBLIC_MAX], two[PEM_PUBLIC_MAX];
	size_t	len = pem_public(a, one);

	FUZZ_CHECK(pem_scheme(a) == pem_scheme(b));
	FUZZ_CHECK(pem_public(b, two) == len && memcmp(one, two, len) == 0);
}

/* By its numbers it is the same key. */
static void
check_numbers(const struct pem_key *k)
{
	uint8_t		 block[PEM_PUBLIC_MAX], n[384], e[4], xy[PEM_POINT_MAX];
	struct pem_key	*again = NULL;
	size_t		 len = pem_point(k, xy);

	if (len > 0) {
		FUZZ_CHECK(pem_from_point(&again, pem_scheme(k), xy, len, "xy",
		    NULL) == 0);
	} else {
		(void)pem_public(k, block);
		for (size_t i = 0; i < sizeof n; i++)
			n[i] = block[sizeof n - 1 - i];
		for (size_t i = 0; i < sizeof e; i++)
			e[i] = block[sizeof n + sizeof e - 1 - i];
		FUZZ_CHECK(pem_from_rsa(&again, n, sizeof n, e, sizeof e,
		    "ne", NULL) == 0);
	}
	check_same(k, again);
	FUZZ_CHECK(!pem_private(again));
	pem_free(again);
}

/* By its text it is the same key. */
static void
check_text(const struct pem_key *k)
{
	static char	 text[PEM_TEXT_MAX];
	struct pem_key	*again = NULL;
	size_t		 len = 0;

	FUZZ_CHECK(pem_write_public(k, text, &len, NULL) == 0);
	FUZZ_CHECK(pem_read(&again, text, len, "text", NULL) == 0);
	check_same(k, again);
	FUZZ_CHECK(!pem_private(again));
	pem_free(again);
	FUZZ_CHECK((pem_write_private(k, text, &len, NULL) == 0) ==
	    pem_private(k));
	if (!pem_private(k))
		return;
	again = NULL;
	FUZZ_CHECK(pem_read(&again, text, len, "text", NULL) == 0);
	check_same(k, again);
	FUZZ_CHECK(pem_private(again));
	pem_free(again);
}

static void
check_der(const uint8_t *data, size_t size)
{
	static const enum pem_scheme	schemes[] = {
		PEM_ECDSA_P192, PEM_ECDSA_P256, PEM_ECDSA_P384,
	};
	uint8_t				out[SIGN_MAX];
	struct why			why;
	size_t				len = 0;

	for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
		memset(&why, 0, sizeof why);
		if (sign_from_der(schemes[i], data, size, out, &len, &why) < 0)
			FUZZ_CHECK(why.text[0] != '\0');
		else
			FUZZ_CHECK(len == sign_bytes(schemes[i]));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pem_key	*k = NULL;
	struct why	 why = { 0 };
	uint8_t		 digest[PEM_DIGEST], scalar[64];
	bool		 secret;

	check_der(data, size);
	if (pem_read(&k, data, size, "key.pem", &why) != 0) {
		FUZZ_CHECK(k == NULL && why.text[0] != '\0');
		return 0;
	}
	check_public(k);
	FUZZ_CHECK(pem_digest(k, digest) == 0);
	secret = pem_private(k) && pem_scheme(k) != PEM_RSA_3072;
	FUZZ_CHECK((pem_scalar(k, scalar, sizeof scalar, &why) == 0) == secret);
	check_numbers(k);
	check_text(k);
	pem_free(k);
	return 0;
}
