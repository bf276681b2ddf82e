/* secure_verify - verify-signature and signature-info-v2. */
#include "client/secure_impl.h"

#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "client/client.h"
#include "proto/base/err.h"
#include "proto/base/text.h"
#include "proto/secure/sbv1.h"
#include "proto/secure/sbv2.h"
#include "proto/secure/sign.h"

enum { HEX_SPACED = 3 * PEM_DIGEST };	/* bytes of "aa bb ..." with NUL */

static int
check_line(struct secure_run *run)
{
	const struct secure_line	*l = &run->line;
	int				 r;

	if ((r = secure_hsm_check_line(run)) < 0)
		return r;
	if (l->hsm && l->version == 1)
		return why_set(run->why, ERR_USAGE, "--hsm is for version 2; "
		    "version 1 needs --keyfile");
	if (l->hsm && l->keyfile != NULL)
		return why_set(run->why, ERR_USAGE, "--keyfile does not go "
		    "with --hsm: one of them has the key");
	if (!l->hsm && l->keyfile == NULL)
		return why_set(run->why, ERR_USAGE, "%s needs --keyfile FILE, "
		    "the key that the signature shall be of", l->verb->name);
	return 0;
}

/* In PEM, or x and y as extract-public-key --version 1 writes them. */
static int
read_key_v1(struct secure_run *run, struct pem_key **key)
{
	struct secure_file	f;
	int			r;

	r = secure_read(run, &f, run->line.keyfile, PEM_FILE_MAX,
	    SECURE_SECRET);
	if (r < 0)
		return r;
	if (f.len == SBV1_RAW && memmem(f.bytes, f.len, "-BEGIN", 6) == NULL)
		r = pem_from_point(key, PEM_ECDSA_P256, f.bytes, f.len, f.path,
		    run->why);
	else
		r = pem_read(key, f.bytes, f.len, f.path, run->why);
	secure_file_done(&f);
	if (r == 0 && (r = secure_need_v1(run, *key)) < 0) {
		pem_free(*key);
		*key = NULL;
	}
	return r;
}

static int
verify_v1(struct secure_run *run, const struct secure_file *data)
{
	struct pem_key	*key = NULL;
	int		 r;

	if ((r = read_key_v1(run, &key)) < 0)
		return r;
	if (data->len >= SBV1_SIGNATURE)
		secure_say(run, "Verifying %zu bytes of data...",
		    data->len - SBV1_SIGNATURE);
	r = sbv1_check(key, data->bytes, data->len, run->why);
	if (r == ERR_SIGNATURE) {
		why_clear(run->why);
		r = why_set(run->why, r, "Signature is not valid. '%s' was "
		    "changed, or not signed by the key in '%s'.", data->path,
		    pem_name(key));
	} else if (r == 0)
		secure_tell(run, "Signature is valid.");
	pem_free(key);
	return r;
}

/* A row for --json. */
static struct json_object *
report_block(struct json_object *list, unsigned n, enum sbv2_place place,
    const struct sbv2_block *b)
{
	static const char *const	 states[] = {
		[SBV2_EMPTY] = "empty", [SBV2_DAMAGED] = "damaged",
		[SBV2_STRANGE] = "unknown", [SBV2_BLOCK_RSA] = "intact",
		[SBV2_BLOCK_ECDSA] = "intact",
	};
	struct json_object		*o = json_object_new_object();
	uint8_t				 digest[PEM_DIGEST];
	char				 hex[2 * PEM_DIGEST + 1];

	json_object_object_add(o, "block", json_object_new_int((int)n));
	json_object_object_add(o, "state",
	    json_object_new_string(states[place]));
	if ((place == SBV2_BLOCK_RSA || place == SBV2_BLOCK_ECDSA) &&
	    sbv2_key_digest(b, digest) == 0) {
		text_hex(hex, digest, PEM_DIGEST);
		json_object_object_add(o, "scheme",
		    json_object_new_string(pem_scheme_name(b->scheme)));
		json_object_object_add(o, "key_digest",
		    json_object_new_string(hex));
	}
	(void)json_object_array_add(list, o);
	return o;
}

/* Is the block one of this image?  Then 0. */
static int
check_digest(struct secure_run *run, const struct secure_file *data,
    unsigned n, const struct sbv2_block *b)
{
	uint8_t	digest[SIGN_DIGEST_MAX];
	char	is[2 * SIGN_DIGEST_MAX + 1], was[2 * SIGN_DIGEST_MAX + 1];

	if (sign_digest(data->bytes, data->len - SBV2_SECTOR, digest,
	    b->digest_len) < 0)
		return why_set(run->why, ERR_NOMEM, "out of memory");
	if (memcmp(digest, b->digest, b->digest_len) == 0)
		return 0;
	text_hex(is, digest, b->digest_len);
	text_hex(was, b->digest, b->digest_len);
	return why_set(run->why, ERR_SIGNATURE, "Signature block image digest "
	    "does not match the actual image digest %s. Expected %s. '%s' was "
	    "changed after block %u was signed.", is, was, data->path, n);
}

static int
check_size(struct secure_run *run, const struct secure_file *data)
{
	if (data->len < SBV2_SECTOR && run->line.skip_padding)
		return why_set(run->why, ERR_IMAGE, "Invalid datafile. File "
		    "too small (must be at least 4096 bytes). '%s' has %zu.",
		    data->path, data->len);
	if (data->len < SBV2_SECTOR || (data->len % SBV2_SECTOR != 0 &&
	    !run->line.skip_padding))
		return why_set(run->why, ERR_IMAGE, "Invalid datafile. Data "
		    "size should be non-zero & a multiple of 4096. '%s' has "
		    "%zu bytes%s.", data->path, data->len,
		    data->len > SBV2_SECTOR ? "; perhaps it was signed with "
		    "--skip-padding" : "");
	return 0;
}

static const char *
kind_name(enum pem_scheme scheme)
{
	return scheme == PEM_RSA_3072 ? "RSA" : "ECDSA";
}

/* Does the block bring that key?  It is the one that a chip computes with, when
 * it trusts its digest. */
static bool
brings(const struct sbv2_block *b, const struct pem_key *key)
{
	uint8_t	public[PEM_PUBLIC_MAX];

	return pem_public(key, public) == b->key_len &&
	    memcmp(public, b->key, b->key_len) == 0;
}

/* Did the key sign that block, and will a chip see that? */
static bool
verify_block(struct secure_run *run, unsigned n, const struct sbv2_block *b,
    const struct pem_key *key)
{
	if (sbv2_check(b, key) < 0)
		secure_say(run, "Signature block %u is not signed by the "
		    "supplied key. Checking the next block...", n);
	else if (!brings(b, key))
		secure_say(run, "Signature block %u is signed by the supplied "
		    "key, but brings another one, so no chip accepts it. "
		    "Checking the next block...", n);
	else {
		secure_tell(run, "Signature block %u verification successful "
		    "using the supplied key (%s).", n,
		    kind_name(pem_scheme(key)));
		return true;
	}
	return false;
}

/* All places of the sector; *valid: one is signed by the key. */
static int
verify_blocks(struct secure_run *run, const struct secure_file *data,
    const struct pem_key *key, bool *valid)
{
	const uint8_t		*sector = data->bytes + data->len - SBV2_SECTOR;
	struct json_object	*list = json_object_new_array(), *row;
	struct sbv2_block	 b;
	enum sbv2_place		 place;
	bool			 by;
	int			 r;

	json_object_object_add(run->report, "blocks", list);
	for (unsigned n = 0; n < SBV2_BLOCKS; n++) {
		place = sbv2_read(sector, n, &b);
		row = report_block(list, n, place, &b);
		if (place != SBV2_BLOCK_RSA && place != SBV2_BLOCK_ECDSA) {
			secure_say(run, "Signature block %u invalid. "
			    "Skipping.", n);
			continue;
		}
		secure_say(run, "Signature block %u is valid (%s).", n,
		    kind_name(b.scheme));
		if ((r = check_digest(run, data, n, &b)) < 0)
			return r;
		by = verify_block(run, n, &b, key);
		json_object_object_add(row, "by_key",
		    json_object_new_boolean(by));
		*valid |= by;
	}
	return 0;
}

static int
verify_v2(struct secure_run *run, const struct secure_file *data)
{
	struct pem_key	*key = NULL;
	bool		 valid = false;
	int		 r;

	if ((r = secure_public_key(run, &key)) < 0)
		return r;
	if ((r = check_size(run, data)) == 0)
		r = verify_blocks(run, data, key, &valid);
	if (r == 0 && !valid)
		r = why_set(run->why, ERR_SIGNATURE, "Checked all blocks. "
		    "Signature could not be verified with the provided key.");
	pem_free(key);
	return r;
}

int
secure_verify_signature(struct secure_run *run)
{
	struct secure_file	data;
	int			r;

	if ((r = check_line(run)) < 0 ||
	    (r = secure_read_data(run, &data, run->line.operand)) < 0)
		return r;
	if (run->line.version == 1 && run->line.skip_padding)
		secure_warn(run, "--skip-padding is for version 2, ignoring");
	r = run->line.version == 1 ? verify_v1(run, &data) :
	    verify_v2(run, &data);
	json_object_object_add(run->report, "valid",
	    json_object_new_boolean(r == 0));
	secure_file_done(&data);
	return r;
}

/* "aa bb cc" */
static void
hex_spaced(char out[HEX_SPACED], const uint8_t digest[PEM_DIGEST])
{
	for (size_t i = 0; i < PEM_DIGEST; i++)
		(void)snprintf(out + 3 * i, 4 - (i + 1 == PEM_DIGEST),
		    i + 1 < PEM_DIGEST ? "%02x " : "%02x", digest[i]);
}

/* Blocks are used from the first on: what is behind an unused one is none. */
static int
show_blocks(struct secure_run *run, const struct secure_file *data)
{
	const uint8_t		*sector = data->bytes + data->len - SBV2_SECTOR;
	struct json_object	*list = json_object_new_array();
	uint8_t			 digest[PEM_DIGEST];
	char			 hex[HEX_SPACED];
	struct sbv2_block	 b;
	enum sbv2_place		 place;
	int			 r;

	json_object_object_add(run->report, "blocks", list);
	for (unsigned n = 0; n < SBV2_BLOCKS; n++) {
		place = sbv2_read(sector, n, &b);
		(void)report_block(list, n, place, &b);
		if (place != SBV2_BLOCK_RSA && place != SBV2_BLOCK_ECDSA) {
			secure_tell(run, "Signature block %u absent/invalid. "
			    "Skipping checking next blocks...", n);
			return 0;
		}
		secure_tell(run, "Signature block %u is valid (%s).", n,
		    kind_name(b.scheme));
		if ((r = check_digest(run, data, n, &b)) < 0)
			return r;
		if (sbv2_key_digest(&b, digest) < 0)
			return why_set(run->why, ERR_NOMEM, "out of memory");
		hex_spaced(hex, digest);
		secure_tell(run, "Public key digest for block %u: %s", n, hex);
		if (sbv2_check_own(&b) < 0)
			secure_warn(run, "the signature in block %u does not "
			    "fit the key beside it; no chip accepts it", n);
	}
	return 0;
}

int
secure_signature_info(struct secure_run *run)
{
	struct secure_file	data;
	int			r;

	if ((r = secure_read_data(run, &data, run->line.operand)) < 0)
		return r;
	if ((r = check_size(run, &data)) == 0)
		r = show_blocks(run, &data);
	secure_file_done(&data);
	return r;
}
