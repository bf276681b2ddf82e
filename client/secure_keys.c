/* secure_keys - keys in PEM: make them, and take out of them what chips know. */
#include "client/secure_impl.h"

#include <string.h>

#include <json-c/json.h>

#include "client/client.h"
#include "proto/base/err.h"
#include "proto/base/text.h"
#include "proto/secure/secret.h"
#include "proto/secure/sign.h"

int
secure_read_pem(struct secure_run *run, const char *path, struct pem_key **key)
{
	struct secure_file	f;
	int			r;

	if ((r = secure_read(run, &f, path, PEM_FILE_MAX, SECURE_SECRET)) < 0)
		return r;
	r = pem_read(key, f.bytes, f.len, path, run->why);
	secure_file_done(&f);
	return r;
}

int
secure_public_key(struct secure_run *run, struct pem_key **key)
{
	struct secure_hsm	hsm = { .hsm = NULL };
	int			r;

	if (!run->line.hsm)
		return secure_read_pem(run, run->line.keyfile, key);
	if ((r = secure_hsm_read(run, &hsm)) == 0 &&
	    (r = secure_hsm_open(run, &hsm)) == 0)
		r = secure_hsm_public(run, &hsm, key);
	secure_hsm_close(run, &hsm);
	return r;
}

int
secure_need_private(struct secure_run *run, const struct pem_key *key)
{
	if (pem_private(key))
		return 0;
	return why_set(run->why, ERR_PARAMS, "'%s' holds a public key; a "
	    "private one is needed (BEGIN ... PRIVATE KEY)", pem_name(key));
}

int
secure_need_v1(struct secure_run *run, const struct pem_key *key)
{
	if (pem_scheme(key) == PEM_ECDSA_P256)
		return 0;
	return why_set(run->why, ERR_PARAMS, "'%s' is an %s key; secure boot "
	    "v1 has ECDSA on P-256 only (prime256v1, NIST256p): with other "
	    "keys it is --version 2", pem_name(key),
	    pem_scheme_name(pem_scheme(key)));
}

/* Which key --version and --scheme ask for, and how espsecure names it. */
struct kind {
	const char	*scheme;
	enum pem_scheme	 pem;
	const char	*name;
};

static const struct kind kinds[] = {
	{ "rsa3072", PEM_RSA_3072, "RSA 3072" },
	{ "ecdsa192", PEM_ECDSA_P192, "ECDSA NIST192p" },
	{ "ecdsa256", PEM_ECDSA_P256, "ECDSA NIST256p" },
	{ "ecdsa384", PEM_ECDSA_P384, "ECDSA NIST384p" },
};

static const struct kind *
kind_wanted(struct secure_run *run)
{
	const char	*usual = run->line.version == 1 ? "ecdsa256" :
			    "rsa3072";
	const char	*scheme = run->line.scheme ? run->line.scheme : usual;

	if (run->line.version == 1 && strcmp(scheme, usual) != 0) {
		(void)why_set(run->why, ERR_PARAMS, "secure boot v1 has %s "
		    "only; %s goes with --version 2", usual, scheme);
		return NULL;
	}
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (strcmp(kinds[i].scheme, scheme) == 0)
			return &kinds[i];
	return NULL;		/* the command line was checked */
}

int
secure_generate_signing_key(struct secure_run *run)
{
	const char		*path = run->line.operand;
	const struct kind	*kind;
	struct pem_key		*key;
	char			 text[PEM_TEXT_MAX];
	size_t			 len;
	int			 r;

	if ((r = secure_check_key(run, path, SECURE_KEY_NEW)) < 0)
		return r;
	if ((kind = kind_wanted(run)) == NULL)
		return run->why->err;
	if ((r = pem_generate(&key, kind->pem, path, run->why)) < 0)
		return r;
	if ((r = pem_write_private(key, text, &len, run->why)) == 0)
		r = secure_write_key(run, path, SECURE_KEY_NEW, text, len);
	secret_wipe(text, sizeof text);
	pem_free(key);
	if (r < 0)
		return r;
	secure_say(run, "%s private key in PEM format written to \"%s\".",
	    kind->name, path);
	json_object_object_add(run->report, "output",
	    json_object_new_string(path));
	json_object_object_add(run->report, "scheme",
	    json_object_new_string(kind->scheme));
	return 0;
}

/* What is written: v1 the bare numbers, v2 PEM. */
static int
public_bytes(struct secure_run *run, const struct pem_key *key,
    char out[PEM_TEXT_MAX], size_t *len)
{
	uint8_t	point[PEM_POINT_MAX];
	int	r;

	/* A module has the private half. */
	if (!run->line.hsm && (r = secure_need_private(run, key)) < 0)
		return r;
	if (run->line.version == 2)
		return pem_write_public(key, out, len, run->why);
	if ((r = secure_need_v1(run, key)) < 0)
		return r;
	*len = pem_point(key, point);
	memcpy(out, point, *len);
	return 0;
}

int
secure_extract_public_key(struct secure_run *run)
{
	const struct secure_line	*l = &run->line;
	struct pem_key			*key;
	struct iovec			 piece;
	char				 text[PEM_TEXT_MAX];
	size_t				 len;
	int				 r;

	if ((r = secure_hsm_check_line(run)) < 0)
		return r;
	if (l->hsm && (l->keyfile != NULL || l->version == 1))
		return why_set(run->why, ERR_USAGE, "--hsm goes with "
		    "--version 2, and without --keyfile");
	if ((r = secure_public_key(run, &key)) < 0)
		return r;
	if ((r = secure_check_output(run, l->operand, NULL)) == 0 &&
	    (r = public_bytes(run, key, text, &len)) == 0) {
		piece = (struct iovec){ text, len };
		r = secure_write(run, l->operand, &piece, 1);
	}
	if (r == 0) {
		secure_say(run, "\"%s\" public key extracted to \"%s\".",
		    pem_name(key), l->operand);
		json_object_object_add(run->report, "output",
		    json_object_new_string(l->operand));
		json_object_object_add(run->report, "scheme",
		    json_object_new_string(pem_scheme_name(pem_scheme(key))));
	}
	pem_free(key);
	return r;
}

int
secure_digest_public_key(struct secure_run *run)
{
	const struct secure_line	*l = &run->line;
	struct pem_key			*key;
	struct iovec			 piece;
	uint8_t				 digest[PEM_DIGEST];
	char				 hex[2 * PEM_DIGEST + 1];
	int				 r;

	if ((r = secure_read_pem(run, l->keyfile, &key)) < 0)
		return r;
	if ((r = secure_check_output(run, l->output, NULL)) < 0)
		goto out;
	if ((r = pem_digest(key, digest)) < 0) {
		r = why_set(run->why, r, "out of memory");
		goto out;
	}
	secure_say(run, "Writing the public key digest of \"%s\" to \"%s\".",
	    l->keyfile, l->output);
	piece = (struct iovec){ digest, sizeof digest };
	if ((r = secure_write(run, l->output, &piece, 1)) < 0)
		goto out;
	text_hex(hex, digest, sizeof digest);
	json_object_object_add(run->report, "digest",
	    json_object_new_string(hex));
	json_object_object_add(run->report, "output",
	    json_object_new_string(l->output));
out:
	pem_free(key);
	return r;
}

/*
 * 3/4 coding has room for 192 bits.  espsecure takes any other number as well,
 * writes 256 bits, and says that it wrote 192.
 */
static int
private_digest_bytes(struct secure_run *run, size_t *len)
{
	unsigned	bits = run->line.keylen;

	*len = bits == 192 ? 24 : PEM_DIGEST;
	if (bits == 192 || bits == 256)
		return 0;
	if (!run->as_tool)
		return why_set(run->why, ERR_PARAMS, "--keylen: eFuses hold "
		    "such a digest with 256 bits, or 192 (3/4 coding of an "
		    "ESP32), not %u", bits);
	secure_warn(run, "--keylen %u is neither 192 nor 256: all 256 bits "
	    "are written", bits);
	return 0;
}

/* SHA-256 of the private number, as secure boot v1 wants it in eFuses. */
static int
private_digest(struct secure_run *run, const struct pem_key *key,
    uint8_t out[PEM_DIGEST])
{
	uint8_t	scalar[PEM_DIGEST];	/* P-256: as long as its digest */
	int	r;

	if ((r = secure_need_private(run, key)) < 0 ||
	    (r = secure_need_v1(run, key)) < 0)
		return r;
	r = pem_scalar(key, scalar, sizeof scalar, run->why);
	if (r == 0 && sign_digest(scalar, sizeof scalar, out, PEM_DIGEST) < 0)
		r = why_set(run->why, ERR_NOMEM, "out of memory");
	secret_wipe(scalar, sizeof scalar);
	return r;
}

int
secure_digest_private_key(struct secure_run *run)
{
	const struct secure_line	*l = &run->line;
	struct pem_key			*key;
	uint8_t				 digest[PEM_DIGEST];
	size_t				 len = 0;
	int				 r;

	if ((r = secure_read_pem(run, l->keyfile, &key)) < 0)
		return r;
	if ((r = secure_check_output(run, l->operand, NULL)) == 0 &&
	    (r = secure_check_key(run, l->operand, SECURE_KEY_EMPTY)) == 0 &&
	    (r = private_digest_bytes(run, &len)) == 0 &&
	    (r = private_digest(run, key, digest)) == 0)
		r = secure_write_key(run, l->operand, SECURE_KEY_EMPTY,
		    digest, len);
	secret_wipe(digest, sizeof digest);
	pem_free(key);
	if (r < 0)
		return r;
	secure_say(run, "SHA-256 digest of private key \"%s\"%s written to "
	    "\"%s\".", l->keyfile, len < PEM_DIGEST ?
	    " (truncated to 192 bits)" : "", l->operand);
	json_object_object_add(run->report, "output",
	    json_object_new_string(l->operand));
	return 0;
}
