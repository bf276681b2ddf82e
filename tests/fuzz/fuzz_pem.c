/* proto/secure/pem: any bytes are a key that is complete, or are refused with a
 * sentence. */
#include "proto/secure/pem.h"

#include "proto/base/err.h"
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

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pem_key	*k = NULL;
	struct why	 why = { 0 };
	uint8_t		 digest[PEM_DIGEST], scalar[64];
	bool		 secret;

	if (pem_read(&k, data, size, "key.pem", &why) != 0) {
		FUZZ_CHECK(k == NULL && why.text[0] != '\0');
		return 0;
	}
	check_public(k);
	FUZZ_CHECK(pem_digest(k, digest) == 0);
	secret = pem_private(k) && pem_scheme(k) != PEM_RSA_3072;
	FUZZ_CHECK((pem_scalar(k, scalar, sizeof scalar, &why) == 0) == secret);
	pem_free(k);
	return 0;
}
