#ifndef PROTO_SECURE_PEM_IMPL_H
#define PROTO_SECURE_PEM_IMPL_H
/*
 * pem_impl - what a key is made of: for pem and sign alone.
 */
#include <openssl/evp.h>

#include "proto/secure/pem.h"

struct pem_curve {
	const char	*name;		/* libcrypto's */
	enum pem_scheme	 scheme;
	uint8_t		 id;		/* in a signature block */
	size_t		 bytes;		/* of a coordinate, and of r and s */
};

struct pem_key {
	EVP_PKEY		*pkey;
	const struct pem_curve	*curve;		/* NULL: RSA */
	bool			 private;
	char			*name;		/* of the file */
	uint8_t			 public[PEM_PUBLIC_MAX];
	size_t			 public_len;
};

/* The curve of a scheme; NULL: it is RSA. */
const struct pem_curve *pem_curve(enum pem_scheme);

/* A key without numbers.  NULL: no memory. */
struct pem_key *pem_new(const char *name);

/* Take out of k->pkey, which was set, all that is public; what libcrypto left
 * in its list of errors is dropped.  After a failure the key is freed; else it
 * is *out. */
int pem_finish(struct pem_key **out, struct pem_key *k, struct why *);
#endif
