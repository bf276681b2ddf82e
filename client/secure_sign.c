/*
 * secure_sign - sign-data.
 *
 * A job reads the image, looks at what signatures it has, reads the keys, signs,
 * checks what came out, and only then writes.
 */
#include "client/secure_impl.h"

#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "client/client.h"
#include "proto/base/err.h"
#include "proto/base/text.h"
#include "proto/secure/sbv1.h"
#include "proto/secure/sbv2.h"
#include "proto/secure/sign.h"

enum {
	SIGNATURE_FILE_MAX = 4096,	/* bytes of a --signature */
	VERSION_AT	= 1,		/* in a signature block */
};

/* One of the signatures to be made. */
struct signer {
	struct pem_key	*key;
	uint8_t		 signature[SIGN_MAX];
	size_t		 len;		/* 0: not made yet */
};

struct job {
	struct secure_run	*run;
	struct secure_file	 data;
	size_t			 len;	/* bytes of the image, filled up */
	struct signer		 signers[SBV2_BLOCKS];
	size_t			 count;
	struct secure_hsm	 hsm;
	uint8_t			 sector[SBV2_SECTOR];
	unsigned		 blocks;	/* in it */
};

/* What goes with what. */
static int
check_line(struct secure_run *run)
{
	const struct secure_line	*l = &run->line;
	int				 r;

	if ((r = secure_hsm_check_line(run)) < 0)
		return r;
	if (l->hsm && l->version == 1)
		return why_set(run->why, ERR_USAGE, "Secure Boot V1 does not "
		    "support signing using an external Hardware Security "
		    "Module (HSM)");
	if ((l->hsm || l->signatures.count > 0) && l->keys.count > 0)
		return why_set(run->why, ERR_USAGE, "--keyfile does not go "
		    "with %s: one of them makes the signatures", l->hsm ?
		    "--hsm" : "--signature");
	if (l->hsm && l->signatures.count > 0)
		return why_set(run->why, ERR_USAGE, "--signature does not go "
		    "with --hsm: one of them makes the signatures");
	if (!l->hsm && l->signatures.count == 0 && l->pub_keys.count > 0)
		return why_set(run->why, ERR_USAGE, "--pub-key is for "
		    "--signature and --hsm");
	if (strcmp(l->operand, "-") == 0 && l->output == NULL)
		return why_set(run->why, ERR_USAGE, "what comes from standard "
		    "input cannot be signed in place; say with --output where "
		    "it goes");
	return 0;
}

/* How many signatures there will be, and of what. */
static int
count_signers(struct job *j)
{
	const struct secure_line	*l = &j->run->line;
	size_t				 keys = l->pub_keys.count;
	size_t				 room = SBV2_BLOCKS - j->blocks;

	if (l->version == 1)
		room = 1;
	else if (l->hsm && keys == 0)
		keys = 1;		/* the module has it */
	j->count = l->hsm ? 1 : l->signatures.count;
	if (j->count == 0)
		j->count = keys = l->keys.count;
	else if (!l->hsm)
		secure_say(j->run, "Pre-calculated signatures found...");
	if (j->count != keys)
		return why_set(j->run->why, ERR_PARAMS, "Number of public keys "
		    "(%zu) not equal to the number of signatures (%zu).",
		    keys, j->count);
	if (j->count > room && l->version == 1)
		return why_set(j->run->why, ERR_PARAMS, "Secure Boot V1 only "
		    "supports one signing key.");
	if (j->count > room)
		return why_set(j->run->why, ERR_PARAMS, "Number of keys (%zu) "
		    "more than the empty signature blocks (%zu).", j->count,
		    room);
	if (l->version == 2)
		secure_say(j->run, "%zu signing key(s) found.", j->count);
	if (j->count == 0)
		return why_set(j->run->why, ERR_USAGE, "nothing signs: give "
		    "--keyfile, --signature and --pub-key, or --hsm");
	return 0;
}

/* A signature that was made elsewhere. */
static int
read_signature(struct job *j, size_t n)
{
	struct signer		*s = &j->signers[n];
	enum pem_scheme		 scheme = pem_scheme(s->key);
	bool			 plain = scheme == PEM_RSA_3072 ||
				    j->run->line.version == 1;
	size_t			 want = sign_bytes(scheme);
	struct secure_file	 f;
	int			 r;

	r = secure_read(j->run, &f, j->run->line.signatures.names[n],
	    SIGNATURE_FILE_MAX, SECURE_PUBLIC);
	if (r < 0)
		return r;
	if (!plain)
		r = sign_from_der(scheme, f.bytes, f.len, s->signature,
		    &s->len, j->run->why);
	else if (f.len != want)
		r = why_set(j->run->why, ERR_PARAMS, "'%s' has %zu bytes; a "
		    "signature by '%s' (%s) has %zu", f.path, f.len,
		    pem_name(s->key), pem_scheme_name(scheme), want);
	else {
		memcpy(s->signature, f.bytes, f.len);
		s->len = f.len;
	}
	secure_file_done(&f);
	return r;
}

/* Its key and, where it is made already, its signature. */
static int
read_signer(struct job *j, size_t n)
{
	const struct secure_line	*l = &j->run->line;
	struct signer			*s = &j->signers[n];
	bool				 private = l->keys.count > 0;
	const char			*path;
	int				 r;

	if (l->hsm && l->pub_keys.count == 0)
		return 0;		/* the module has it */
	path = private ? l->keys.names[n] : l->pub_keys.names[n];
	if ((r = secure_read_pem(j->run, path, &s->key)) < 0)
		return r;
	if (private && (r = secure_need_private(j->run, s->key)) < 0)
		return r;
	if (l->version == 1 && (r = secure_need_v1(j->run, s->key)) < 0)
		return r;
	return l->signatures.count > 0 ? read_signature(j, n) : 0;
}

/* Where it goes: back into its place if nothing else was said. */
static const char *
output_of(const struct job *j)
{
	const struct secure_line	*l = &j->run->line;

	return l->output != NULL ? l->output : l->operand;
}

static int
read_signers(struct job *j)
{
	int	r;

	if ((r = count_signers(j)) < 0)
		return r;
	for (size_t i = 0; i < j->count; i++)
		if ((r = read_signer(j, i)) < 0)
			return r;
	if (j->run->line.hsm &&
	    (r = secure_hsm_read(j->run, &j->hsm)) < 0)
		return r;
	if (j->run->line.output == NULL && !S_ISREG(j->data.st.st_mode))
		return why_set(j->run->why, ERR_USAGE, "'%s' is no regular "
		    "file and cannot be signed in place; say with --output "
		    "where it goes", j->data.path);
	return secure_check_output(j->run, output_of(j), j->data.path);
}

static int
sign_v1(struct job *j)
{
	const struct signer	*s = &j->signers[0];
	uint8_t			 tail[SBV1_SIGNATURE];
	struct iovec		 pieces[2];
	int			 r;

	if ((r = read_signers(j)) < 0)
		return r;
	r = s->len > 0 ?
	    sbv1_take(s->key, j->data.bytes, j->data.len, s->signature, tail,
	    j->run->why) :
	    sbv1_sign(s->key, j->data.bytes, j->data.len, tail, j->run->why);
	if (r < 0)
		return r;
	pieces[0] = (struct iovec){ j->data.bytes, j->data.len };
	pieces[1] = (struct iovec){ tail, sizeof tail };
	if ((r = secure_write(j->run, output_of(j), pieces, 2)) < 0)
		return r;
	secure_say(j->run, "Signed %zu bytes of data from \"%s\".",
	    j->data.len, j->data.path);
	return 0;
}

/* The image is what is to be signed; FF behind it up to whole sectors. */
static int
fill_up(struct job *j)
{
	size_t	 pad = SBV2_SECTOR - j->data.len % SBV2_SECTOR;
	uint8_t	*bytes;

	if (j->run->line.signatures.count > 0)
		return why_set(j->run->why, ERR_IMAGE, "Secure Boot V2 "
		    "requires the signature block to start from a 4KB aligned "
		    "sector but '%s' is not sector aligned: fill it up with "
		    "FF ahead of signing it elsewhere", j->data.path);
	if (j->run->line.skip_padding) {
		secure_say(j->run, "Skipping sector padding. Data contents "
		    "are not sector aligned.");
		return 0;
	}
	secure_say(j->run, "Padding data contents by %zu bytes so signature "
	    "sector aligns at sector boundary.", pad);
	if ((bytes = realloc(j->data.bytes, j->data.len + pad)) == NULL)
		return why_set(j->run->why, ERR_NOMEM, "out of memory");
	memset(bytes + j->data.len, 0xFF, pad);
	j->data.bytes = bytes;
	j->data.size = j->data.len + pad;
	j->len = j->data.size;
	return 0;
}

/* An intact block is one that a chip may take: of this image, and signed. */
static int
check_block(struct job *j, unsigned n, const struct sbv2_block *b)
{
	uint8_t	digest[SIGN_DIGEST_MAX];

	if (sign_digest(j->data.bytes, j->data.len - SBV2_SECTOR, digest,
	    b->digest_len) < 0)
		return why_set(j->run->why, ERR_NOMEM, "out of memory");
	if (memcmp(digest, b->digest, b->digest_len) != 0)
		return why_set(j->run->why, ERR_SIGNATURE, "signature block "
		    "%u of '%s' is of another content than the image before "
		    "it, so it was changed after it was signed; sign the "
		    "image without its last 4096 bytes afresh", n,
		    j->data.path);
	if (sbv2_check_own(b) < 0)
		return why_set(j->run->why, ERR_SIGNATURE, "the signature in "
		    "block %u of '%s' does not fit the key beside it; sign "
		    "the image without its last 4096 bytes afresh", n,
		    j->data.path);
	return 0;
}

/* Was this made as a sector of signatures?  By chance no image ends like it. */
static bool
looks_signed(const uint8_t *sector)
{
	for (size_t i = (size_t)SBV2_BLOCKS * SBV2_BLOCK; i < SBV2_SECTOR; i++)
		if (sector[i] != 0xFF)
			return false;
	return sector[0] == 0xE7 && (sector[VERSION_AT] == 2 ||
	    sector[VERSION_AT] == 3);
}

/* Blocks are used from the first on.  What is intact behind the place where the
 * next goes would be lost, or be signed as a part of the image. */
static int
check_rest(struct job *j, const uint8_t *sector)
{
	struct sbv2_block	b;
	enum sbv2_place		place;
	bool			damaged = false;

	for (unsigned n = j->blocks; n < SBV2_BLOCKS; n++) {
		place = sbv2_read(sector, n, &b);
		damaged |= place == SBV2_DAMAGED;
		if (place == SBV2_STRANGE)
			return why_set(j->run->why, ERR_SIGNATURE, "signature "
			    "block %u of '%s' is of a kind that is not known "
			    "here, and nothing can be added to it", n,
			    j->data.path);
		if (place != SBV2_EMPTY && place != SBV2_DAMAGED)
			return why_set(j->run->why, ERR_SIGNATURE, "signature "
			    "block %u of '%s' is empty or damaged, but block "
			    "%u is intact; sign the image without its last "
			    "4096 bytes afresh", j->blocks, j->data.path, n);
	}
	if (j->blocks == 0 && looks_signed(sector))
		return why_set(j->run->why, ERR_SIGNATURE, "'%s' ends with a "
		    "signature sector whose first block is damaged; sign the "
		    "image without its last 4096 bytes afresh", j->data.path);
	if (damaged && j->blocks > 0)
		secure_warn(j->run, "what stands behind the last intact "
		    "signature block of '%s' is damaged and is dropped",
		    j->data.path);
	return 0;
}

/* The blocks that stand behind the image already. */
static int
keep_blocks(struct job *j)
{
	const uint8_t		*sector = j->data.bytes + j->len - SBV2_SECTOR;
	struct sbv2_block	 b;
	enum sbv2_place		 place;
	int			 r;

	for (; j->blocks < SBV2_BLOCKS; j->blocks++) {
		place = sbv2_read(sector, j->blocks, &b);
		if (place != SBV2_BLOCK_RSA && place != SBV2_BLOCK_ECDSA)
			break;
		secure_say(j->run, "Signature block %u is valid (%s).",
		    j->blocks, place == SBV2_BLOCK_RSA ? "RSA" : "ECDSA");
		if ((r = check_block(j, j->blocks, &b)) < 0)
			return r;
		memcpy(j->sector + j->blocks * SBV2_BLOCK,
		    sector + j->blocks * SBV2_BLOCK, SBV2_BLOCK);
	}
	if ((r = check_rest(j, sector)) < 0)
		return r;
	if (j->blocks == 0) {
		secure_say(j->run, "No valid signature blocks found. "
		    "Discarding --append-signature and proceeding to sign the "
		    "image afresh.");
		return 0;
	}
	secure_say(j->run, "%u valid signature block(s) already present in "
	    "the signature sector.", j->blocks);
	if (j->blocks == SBV2_BLOCKS)
		return why_set(j->run->why, ERR_PARAMS, "Up to %d signature "
		    "blocks are supported (For ESP32-ECO3 only 1 signature "
		    "block is supported).", SBV2_BLOCKS);
	j->len -= SBV2_SECTOR;
	return 0;
}

/* What of the file is the image, and what its signatures. */
static int
take_apart(struct job *j)
{
	const struct secure_line	*l = &j->run->line;
	bool				 aligned = j->len % SBV2_SECTOR == 0;
	int				 r;

	if (!aligned && !(l->append && l->skip_padding &&
	    j->len > SBV2_SECTOR)) {
		if (l->append)
			secure_say(j->run, "There is no signature sector to "
			    "append to.");
		return fill_up(j);
	}
	if (l->append) {
		r = keep_blocks(j);
		if (r == 0 && !aligned && j->blocks == 0)
			r = fill_up(j);
		return r;
	}
	if (looks_signed(j->data.bytes + j->len - SBV2_SECTOR))
		secure_warn(j->run, "'%s' ends with a signature sector, which "
		    "is signed here as a part of the image; no chip finds "
		    "signatures there. --append-signatures adds to it.",
		    j->data.path);
	return 0;
}

/* What a security module has: its key, unless that was given. */
static int
sign_by_hsm(struct job *j, struct signer *s, const uint8_t *digest,
    size_t digest_len)
{
	return secure_hsm_sign(j->run, &j->hsm, s->key, digest, digest_len,
	    s->signature, &s->len);
}

static int
open_hsm(struct job *j)
{
	struct signer	*s = &j->signers[0];
	int		 r;

	if (!j->run->line.hsm)
		return 0;
	if ((r = secure_hsm_open(j->run, &j->hsm)) < 0 || s->key != NULL)
		return r;
	return secure_hsm_public(j->run, &j->hsm, &s->key);
}

static int
make_signature(struct job *j, struct signer *s, const uint8_t *digest,
    size_t digest_len)
{
	if (j->run->line.hsm)
		return sign_by_hsm(j, s, digest, digest_len);
	if (s->len == 0)
		return sign_make(s->key, digest, digest_len, SIGN_RANDOM,
		    s->signature, &s->len, j->run->why);
	if (sign_check(s->key, digest, digest_len, s->signature, s->len) == 0)
		return 0;
	return why_set(j->run->why, ERR_SIGNATURE, "Signature verification "
	    "failed: Invalid Signature. The pre-calculated signature has not "
	    "been signed using the given public key ('%s'), or is of another "
	    "content than '%s'.", pem_name(s->key), j->data.path);
}

/* For --json: who signed. */
static void
report_signer(struct json_object *list, const struct pem_key *key)
{
	struct json_object	*o = json_object_new_object();
	uint8_t			 digest[PEM_DIGEST];
	char			 hex[2 * PEM_DIGEST + 1];

	json_object_object_add(o, "scheme", json_object_new_string(
	    pem_scheme_name(pem_scheme(key))));
	if (pem_digest(key, digest) == 0) {
		text_hex(hex, digest, sizeof digest);
		json_object_object_add(o, "key_digest",
		    json_object_new_string(hex));
	}
	(void)json_object_array_add(list, o);
}

/* The next block of the sector. */
static int
add_block(struct job *j, struct signer *s)
{
	uint8_t			*at = j->sector + j->blocks * SBV2_BLOCK;
	size_t			 len = sign_digest_bytes(pem_scheme(s->key));
	uint8_t			 digest[SIGN_DIGEST_MAX];
	struct sbv2_block	 b;
	enum sbv2_place		 place;
	int			 r;

	if (sign_digest(j->data.bytes, j->len, digest, len) < 0)
		return why_set(j->run->why, ERR_NOMEM, "out of memory");
	if ((r = make_signature(j, s, digest, len)) < 0)
		return r;
	sbv2_write(s->key, digest, len, s->signature, s->len, at);
	place = sbv2_read(j->sector, j->blocks, &b);
	if ((place != SBV2_BLOCK_RSA && place != SBV2_BLOCK_ECDSA) ||
	    sbv2_check_own(&b) < 0)
		return why_set(j->run->why, ERR_INTERNAL, "the signature block "
		    "that was made is not a sound one");
	j->blocks++;
	return 0;
}

static int
sign_v2(struct job *j)
{
	struct json_object	*list;
	struct iovec		 pieces[2];
	int			 r;

	memset(j->sector, 0xFF, sizeof j->sector);
	if ((r = take_apart(j)) < 0 || (r = read_signers(j)) < 0 ||
	    (r = open_hsm(j)) < 0)
		return r;
	list = json_object_new_array();
	json_object_object_add(j->run->report, "signers", list);
	for (size_t i = 0; i < j->count; i++) {
		if ((r = add_block(j, &j->signers[i])) < 0)
			return r;
		report_signer(list, j->signers[i].key);
	}
	pieces[0] = (struct iovec){ j->data.bytes, j->len };
	pieces[1] = (struct iovec){ j->sector, sizeof j->sector };
	if ((r = secure_write(j->run, output_of(j), pieces, 2)) < 0)
		return r;
	secure_say(j->run, "Signed %zu bytes of data from \"%s\". Signature "
	    "sector now has %u signature blocks.", j->len, j->data.path,
	    j->blocks);
	json_object_object_add(j->run->report, "blocks",
	    json_object_new_int((int)j->blocks));
	return 0;
}

static void
warn_ignored(struct secure_run *run)
{
	if (run->line.version == 1 && run->line.append)
		secure_warn(run, "--append-signatures is for version 2, "
		    "ignoring");
	if (run->line.version == 1 && run->line.skip_padding)
		secure_warn(run, "--skip-padding is for version 2, ignoring");
}

static int
run_job(struct job *j)
{
	struct secure_run	*run = j->run;
	int			 r;

	if ((r = secure_read_data(run, &j->data, run->line.operand)) < 0)
		return r;
	if (j->data.len == 0)
		return why_set(run->why, ERR_FILE_EMPTY, "'%s' is empty; there "
		    "is nothing to sign", j->data.path);
	j->len = j->data.len;
	r = run->line.version == 1 ? sign_v1(j) : sign_v2(j);
	if (r < 0)
		return r;
	json_object_object_add(run->report, "output",
	    json_object_new_string(output_of(j)));
	json_object_object_add(run->report, "signed_bytes",
	    json_object_new_int64((int64_t)j->len));
	return 0;
}

int
secure_sign_data(struct secure_run *run)
{
	struct job	*j;
	int		 r;

	if ((r = check_line(run)) < 0)
		return r;
	warn_ignored(run);
	if ((j = calloc(1, sizeof *j)) == NULL)
		return why_set(run->why, ERR_NOMEM, "out of memory");
	j->run = run;
	r = run_job(j);
	for (size_t i = 0; i < SBV2_BLOCKS; i++)
		pem_free(j->signers[i].key);
	secure_hsm_close(run, &j->hsm);
	secure_file_done(&j->data);
	free(j);
	return r;
}
