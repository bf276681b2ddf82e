/* secure_hsm - see secure_impl.h.  There is no module to open yet. */
#include "client/secure_impl.h"

#include "proto/base/err.h"

static int
refuse(struct secure_run *run)
{
	return why_set(run->why, ERR_UNSUPPORTED, "this espctl was built "
	    "without security modules (PKCS#11); sign with --keyfile, or take "
	    "the signature with --signature");
}

int
secure_hsm_open(struct secure_run *run, struct secure_hsm *h)
{
	(void)h;
	return refuse(run);
}

void
secure_hsm_close(struct secure_run *run, struct secure_hsm *h)
{
	(void)run;
	hsm_conf_done(&h->conf);
}

int
secure_hsm_public(struct secure_run *run, struct secure_hsm *h,
    struct pem_key **key)
{
	(void)h;
	(void)key;
	return refuse(run);
}

int
secure_hsm_sign(struct secure_run *run, struct secure_hsm *h,
    const struct pem_key *public, const uint8_t *digest, size_t digest_len,
    uint8_t out[SIGN_MAX], size_t *len)
{
	(void)h;
	(void)public;
	(void)digest;
	(void)digest_len;
	(void)out;
	(void)len;
	return refuse(run);
}
