/* efuse_key - keys as people keep them: PEM files and raw bytes. */
#include "client/efuse_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/client.h"
#include "proto/base/err.h"
#include "proto/efuse/trusted.h"
#include "proto/secure/pem.h"

enum {
	SCALAR		= 32,	/* bytes of a wish with an ECDSA key */
	SCALAR_P384	= 64,
};

int
efuse_key_read(struct efuse_run *run, const char *path, uint8_t *out,
    size_t max, size_t *len)
{
	struct why	*why = &run->client->why;
	uint8_t		 more = 0;
	ssize_t		 n = 1;
	int		 fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return why_set(why, err_from_errno(errno), "'%s' cannot be "
		    "read: %s", path, strerror(errno));
	*len = 0;
	while (*len <= max && n > 0) {
		do
			n = read(fd, *len < max ? out + *len : &more,
			    *len < max ? max - *len : 1);
		while (n < 0 && errno == EINTR);
		*len += n > 0 ? (size_t)n : 0;
	}
	explicit_bzero(&more, sizeof more);
	(void)close(fd);
	return n >= 0 ? 0 : why_set(why, ERR_IO, "'%s' cannot be read: %s",
	    path, strerror(errno));
}

/* A key in PEM; pem_free() it. */
static int
read_pem(struct efuse_run *run, const char *path, struct pem_key **key)
{
	struct why	*why = &run->client->why;
	uint8_t		*text;
	size_t		 len;
	int		 r;

	if ((text = malloc(PEM_FILE_MAX)) == NULL)
		return why_set(why, ERR_NOMEM, "out of memory");
	r = efuse_key_read(run, path, text, PEM_FILE_MAX, &len);
	if (r == 0 && len > PEM_FILE_MAX)
		r = why_set(why, ERR_PARAMS, "'%s' is too large to be a key "
		    "in PEM", path);
	if (r == 0)
		r = pem_read(key, text, len, path, why);
	explicit_bzero(text, PEM_FILE_MAX);
	free(text);
	return r;
}

/* The curve that a purpose is for ("ECDSA_KEY_P256"); "ECDSA_KEY" alone is for
 * P-192 or P-256 (ESP32-H2 TRM, "ECDSA": ECDSA_CURVE_MODE). */
static bool
fits(const char *purpose, enum pem_scheme scheme)
{
	static const struct {
		const char	*end;
		enum pem_scheme	 scheme;
	} curves[] = {
		{ "_P192", PEM_ECDSA_P192 }, { "_P256", PEM_ECDSA_P256 },
		{ "_P384", PEM_ECDSA_P384 },
	};
	const char	*end = strrchr(purpose, '_');

	for (size_t i = 0; end != NULL && i < 3; i++)
		if (strcmp(end, curves[i].end) == 0)
			return scheme == curves[i].scheme;
	return scheme == PEM_ECDSA_P192 || scheme == PEM_ECDSA_P256;
}

int
efuse_key_scalar(struct efuse_run *run, struct efuse_wish *w, const char *path)
{
	struct why	*why = &run->client->why;
	struct pem_key	*key = NULL;
	int		 r;

	if ((r = read_pem(run, path, &key)) < 0)
		return r;
	if (!fits(w->purpose, pem_scheme(key)))
		r = why_set(why, ERR_PARAMS, "'%s' is a key of another kind "
		    "(%s) than %s is for", path, pem_scheme_name(pem_scheme(
		    key)), w->purpose);
	else {
		w->len = pem_scheme(key) == PEM_ECDSA_P384 ? SCALAR_P384 :
		    SCALAR;
		r = pem_scalar(key, w->data, w->len, why);
	}
	pem_free(key);
	return r;
}

/* It is burned all the same, as espefuse does: the digest may be for something
 * else than secure boot. */
static void
warn_kind(struct efuse_run *run, const char *path, enum pem_scheme scheme)
{
	const struct efuse_chip	*e = run->at->state.efuse;

	if (!efuse_checks(e->signers, scheme))
		show_error(&run->client->show, "Warning: '%s' is an %s key; "
		    "secure boot of %s does not check such signatures: with "
		    "it on, nothing that is signed with that key starts.",
		    path, pem_scheme_name(scheme), e->chip->name);
}

int
efuse_key_digest(struct efuse_run *run, struct efuse_wish *w, const char *path)
{
	struct pem_key	*key = NULL;
	int		 r;

	if ((r = read_pem(run, path, &key)) < 0)
		return r;
	warn_kind(run, path, pem_scheme(key));
	if (pem_digest(key, w->data) < 0)
		r = why_set(&run->client->why, ERR_NOMEM, "out of memory");
	w->len = PEM_DIGEST;
	pem_free(key);
	return r;
}
