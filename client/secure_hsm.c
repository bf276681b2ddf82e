/*
 * secure_hsm - sign and verify with the key in a security module: the module of
 * --hsm-config, and what is said about it on the way (espsecure 5.3,
 * esp_hsm_sign).
 */
#include "client/secure_impl.h"

#include "client/pin.h"
#include "proto/base/err.h"

#define PROMPT	"Please enter the PIN of your HSM:\n"

int
secure_hsm_check_line(struct secure_run *run)
{
	const struct secure_line	*l = &run->line;

	if (l->hsm && l->hsm_config == NULL)
		return why_set(run->why, ERR_USAGE, "--hsm needs --hsm-config "
		    "FILE, which tells where the security module is");
	if (!l->hsm && l->hsm_config != NULL)
		return why_set(run->why, ERR_USAGE, "--hsm-config goes with "
		    "--hsm");
	return 0;
}

int
secure_hsm_read(struct secure_run *run, struct secure_hsm *s)
{
	struct secure_file	file = { .bytes = NULL };
	int			r;

	/* Secret: it may have the PIN in it. */
	r = secure_read(run, &file, run->line.hsm_config, HSM_CONF_MAX,
	    SECURE_SECRET);
	if (r == 0)
		r = hsm_conf_parse(&s->conf, (const char *)file.bytes, file.len,
		    file.path, run->why);
	secure_file_done(&file);
	return r;
}

int
secure_hsm_open(struct secure_run *run, struct secure_hsm *s)
{
	int	r = 0;

	if (s->conf.pin == NULL)
		r = pin_ask(&s->conf.pin, PROMPT, run->why);
	if (r < 0)
		return r;
	secure_say(run, "Trying to establish a session with the HSM...");
	r = hsm_open(&s->hsm, &s->conf, run->why);
	if (r == 0)
		secure_say(run, "Session creation successful with HSM slot %lu.",
		    s->conf.slot);
	return r;
}

void
secure_hsm_close(struct secure_run *run, struct secure_hsm *s)
{
	if (s->hsm != NULL) {
		hsm_close(s->hsm);
		secure_say(run, "Connection closed successfully.");
	}
	hsm_conf_done(&s->conf);
	*s = (struct secure_hsm){ .hsm = NULL };
}

int
secure_hsm_public(struct secure_run *run, struct secure_hsm *s,
    struct pem_key **key)
{
	const char	*label = s->conf.label_public;
	int		 r;

	secure_say(run, "Trying to extract public key from the HSM...");
	if (label == NULL) {
		label = s->conf.label;
		secure_say(run, "Config option 'label_pubkey' not found, using "
		    "config option 'label' for public key.");
	}
	r = hsm_public(s->hsm, label, key, run->why);
	if (r == 0)
		secure_say(run, "Got public key with label %s.", label);
	return r;
}

int
secure_hsm_sign(struct secure_run *run, struct secure_hsm *s,
    const struct pem_key *public, const uint8_t *digest, size_t digest_len,
    uint8_t out[SIGN_MAX], size_t *len)
{
	int	r;

	secure_say(run, "Signing payload using the HSM...");
	r = hsm_sign(s->hsm, s->conf.label, public, digest, digest_len, out, len,
	    run->why);
	if (r == 0)
		secure_say(run, "Signature generation successful.");
	return r;
}
