/*
 * secure_flash - commands that use a key of the chip: to make one, to encrypt
 * and decrypt what is in flash, to digest a bootloader (secure boot v1).
 */
#include "client/secure_impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>
#include <openssl/err.h>
#include <openssl/rand.h>

#include "proto/base/buf.h"
#include "proto/base/err.h"
#include "proto/image/header.h"
#include "proto/secure/flash_crypt.h"
#include "proto/secure/hw_key.h"
#include "proto/secure/sbv1.h"
#include "proto/secure/secret.h"

enum {
	BITS		= 8,
	KEY_FILE_MAX	= 4096,		/* bytes; enough to say how many */
	ESP32		= 0,		/* chip id */
};

static int
put(struct secure_run *run, const char *name, struct json_object *value)
{
	if (value != NULL && json_object_object_add(run->report, name,
	    value) == 0)
		return 0;
	json_object_put(value);
	return why_set(run->why, ERR_NOMEM, "out of memory");
}

static int
put_words(struct secure_run *run, const char *output, const char *scheme)
{
	int	rc = put(run, "output", json_object_new_string(output));

	return rc != 0 ? rc : put(run, "scheme",
	    json_object_new_string(scheme));
}

static int
random_bytes(uint8_t *out, size_t len, struct why *why)
{
	int	rc = RAND_priv_bytes(out, (int)len);

	ERR_clear_error();
	return rc == 1 ? 0 : why_set(why, ERR_INTERNAL, "libcrypto has no "
	    "random numbers");
}

/* The key in a file that was read, and a word on it. */
static int
take_key(struct secure_run *run, struct hw_key *k, enum hw_key_use use,
    const struct secure_file *file)
{
	int	rc = hw_key_take(k, use, file->bytes, file->len, file->path,
		    run->why);

	if (rc != 0)
		return rc;
	secure_say(run, "Using %zu-bit key%s.", k->file_len * BITS,
	    k->file_len < k->len ? " (extended)" : "");
	return put(run, "key_bits",
	    json_object_new_int64((int64_t)(k->file_len * BITS)));
}

/* ---- generate-flash-encryption-key ---- */

static bool
is_key_bits(unsigned bits)
{
	static const unsigned	lengths[] = { 128, 192, 256, 512 };

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
		if (lengths[i] == bits)
			return true;
	return false;
}

/* espsecure makes keys of any length; so do we in its place, and say what they
 * are worth. */
static int
check_key_bits(struct secure_run *run)
{
	unsigned	bits = run->line.keylen;

	if (is_key_bits(bits))
		return 0;
	if (run->as_tool && bits >= BITS &&
	    bits <= HW_KEY_MAX * BITS) {
		secure_warn(run, "no chip has a flash encryption key of %u "
		    "bits", bits);
		return 0;
	}
	return why_set(run->why, ERR_PARAMS, "no chip has a flash encryption "
	    "key of %u bits: --keylen is 256, 192 (ESP32 with 3/4 coding), 128 "
	    "(ESP32-C2) or 512 (AES-XTS with 256 bits)", bits);
}

int
secure_generate_flash_key(struct secure_run *run)
{
	const char	*path = run->line.operand;
	unsigned	 bits = run->line.keylen;
	uint8_t		 key[HW_KEY_MAX];
	int		 rc;

	rc = check_key_bits(run);
	if (rc == 0)
		rc = secure_check_key(run, path, SECURE_KEY_EMPTY);
	if (rc != 0)
		return rc;
	secure_say(run, "Writing %u random bits to key file \"%s\".", bits,
	    path);
	rc = random_bytes(key, bits / BITS, run->why);
	if (rc == 0)
		rc = secure_write_key(run, path, SECURE_KEY_EMPTY, key,
		    bits / BITS);
	secret_wipe(key, sizeof(key));
	if (rc == 0)
		rc = put(run, "output", json_object_new_string(path));
	return rc != 0 ? rc : put(run, "key_bits",
	    json_object_new_int64(bits));
}

/* ---- encrypt-flash-data, decrypt-flash-data ---- */

/* What is encrypted: the whole blocks of a file, and a last one of those bytes
 * that are left and random ones. */
struct flash_data {
	struct secure_file	 file;
	size_t			 whole;		/* bytes of the file */
	uint8_t			 last[FLASH_CRYPT_BLOCK];
	size_t			 last_len;	/* 0: there is none */
};

/* The ESP32's scheme, to encrypt: fill the last block. */
static int
fill_last(struct secure_run *run, struct flash_data *d)
{
	size_t	rest = d->file.len % FLASH_CRYPT_BLOCK;
	size_t	more = FLASH_CRYPT_BLOCK - rest;
	int	rc;

	if (rest == 0)
		return 0;
	rc = random_bytes(d->last + rest, more, run->why);
	if (rc != 0)
		return rc;
	d->whole -= rest;
	memcpy(d->last, d->file.bytes + d->whole, rest);
	d->last_len = sizeof(d->last);
	secure_say(run, "Note: Padding with %zu bytes of random data "
	    "(encrypted data must be multiple of %d bytes long).", more,
	    FLASH_CRYPT_BLOCK);
	return 0;
}

static int
crypt_esp32(struct secure_run *run, const struct hw_key *k,
    struct flash_data *d, bool decrypt)
{
	int64_t		address = run->line.address;
	unsigned	config = run->line.crypt_conf;
	int		rc = 0;

	if (config == 0)
		secure_warn(run, "Setting FLASH_CRYPT_CONF to zero is not "
		    "recommended.");
	if (!decrypt)
		rc = fill_last(run, d);
	if (rc == 0)
		rc = flash_crypt_esp32(k, address, config, decrypt,
		    d->file.bytes, d->whole, run->why);
	if (rc == 0)
		rc = flash_crypt_esp32(k, address + (int64_t)d->whole, config,
		    decrypt, d->last, d->last_len, run->why);
	return rc;
}

static int
crypt_xts(struct secure_run *run, const struct hw_key *k,
    struct flash_data *d, bool decrypt)
{
	return flash_crypt_xts(k, run->line.address, decrypt, d->file.bytes,
	    d->whole, run->why);
}

static int
crypt_data(struct secure_run *run, const struct secure_file *key_file,
    struct flash_data *d, bool decrypt)
{
	bool		xts = run->line.xts;
	struct hw_key	k = { 0 };
	int		rc;

	rc = take_key(run, &k, xts ? HW_KEY_XTS : HW_KEY_ESP32, key_file);
	if (rc == 0 && d->file.len == 0 && (xts ||
	    !run->as_tool))
		rc = why_set(run->why, ERR_FILE_EMPTY, "%s is empty: input "
		    "data must be longer than 0", d->file.path);
	if (rc == 0)
		rc = xts ? crypt_xts(run, &k, d, decrypt) :
		    crypt_esp32(run, &k, d, decrypt);
	hw_key_done(&k);
	return rc;
}

static void
say_where(struct secure_run *run, bool decrypt, size_t len)
{
	int64_t	address = run->line.address;

	secure_say(run, "%s %zu bytes for address %s0x%llx, in \"%s\".",
	    decrypt ? "Decrypted" : "Encrypted", len, address < 0 ? "-" : "",
	    (unsigned long long)llabs(address), run->line.output);
}

static int
write_data(struct secure_run *run, const struct flash_data *d, bool decrypt)
{
	const char	*output = run->line.output;
	struct iovec	 pieces[] = {
		{ d->file.bytes, d->whole },
		{ (void *)d->last, d->last_len },
	};
	size_t		 len = d->whole + d->last_len;
	int		 rc;

	if (len == 0) {		/* espsecure: that is no failure */
		secure_warn(run, "%s is empty, so there is nothing to write "
		    "to %s", d->file.path, output);
		return 0;
	}
	rc = secure_write(run, output, pieces, 2);
	if (rc == 0)
		rc = put_words(run, output,
		    run->line.xts ? "aes-xts" : "esp32");
	if (rc == 0)
		rc = put(run, "address",
		    json_object_new_int64(run->line.address));
	if (rc == 0)
		rc = put(run, "bytes", json_object_new_int64((int64_t)len));
	if (rc == 0 && !run->as_tool)
		say_where(run, decrypt, len);
	return rc;
}

static int
run_crypt(struct secure_run *run, bool decrypt)
{
	struct secure_file	key_file = { 0 };
	struct flash_data	d = { 0 };
	int			rc;

	rc = secure_read(run, &key_file, run->line.keyfile, KEY_FILE_MAX,
	    SECURE_SECRET);
	if (rc == 0)
		rc = secure_read_data(run, &d.file, run->line.operand);
	d.whole = d.file.len;
	if (rc == 0)
		rc = secure_check_output(run, run->line.output, NULL);
	if (rc == 0)
		rc = crypt_data(run, &key_file, &d, decrypt);
	if (rc == 0)
		rc = write_data(run, &d, decrypt);
	secure_file_done(&d.file);
	secure_file_done(&key_file);
	return rc;
}

int
secure_encrypt(struct secure_run *run)
{
	return run_crypt(run, false);
}

int
secure_decrypt(struct secure_run *run)
{
	return run_crypt(run, true);
}

/* ---- digest-secure-bootloader ---- */

/* "x/boot.bin" makes "x/boot-digest-0x0000.bin".  free() it. */
static char *
digest_name(const char *image)
{
	const char	*slash = strrchr(image, '/');
	const char	*name = slash != NULL ? slash + 1 : image;
	const char	*dot = strrchr(name, '.');
	size_t		 len = strlen(image);
	char		*out;

	/* A name that begins with dots has no suffix in them. */
	if (dot != NULL && (size_t)(dot - name) >= strspn(name, "."))
		len = (size_t)(dot - image);
	return asprintf(&out, "%.*s-digest-0x0000.bin", (int)len, image) < 0 ?
	    NULL : out;
}

/* It must be an image, and be all there; does a SHA-256 follow it? */
static int
look_at_image(struct secure_run *run, const struct secure_file *image,
    bool *digested)
{
	struct header	h;
	size_t		at;

	if (header_parse(image->bytes, image->len, true, &h) != 0)
		return why_set(run->why, ERR_IMAGE, "%s is no image of a "
		    "bootloader: it must begin with the byte E9, then a "
		    "header of %d bytes", image->path, HEADER_EXTENDED);
	if (header_digest_at(image->bytes, image->len, &h, &at) != 0)
		return why_set(run->why, ERR_IMAGE, "the image %s is not "
		    "whole: one of its %u segments ends behind the file's "
		    "%zu bytes", image->path, h.segments, image->len);
	if (h.chip_id != ESP32)
		secure_warn(run, "Unexpected chip ID in image. Expected %d but "
		    "value was %u. Is this image for a different chip model?",
		    ESP32, (unsigned)h.chip_id);
	*digested = h.has_digest;
	return 0;
}

static int
make_iv(struct secure_run *run, const struct secure_file *iv_file,
    uint8_t iv[SBV1_IV], size_t *len)
{
	*len = SBV1_IV;
	if (run->line.iv == NULL)
		return random_bytes(iv, SBV1_IV, run->why);
	if (iv_file->len < SBV1_IV)
		*len = iv_file->len;
	memcpy(iv, iv_file->bytes, *len);
	return 0;
}

static int
digest_image(struct secure_run *run, const struct secure_file *key_file,
    const struct secure_file *iv_file, const struct secure_file *image,
    struct buf *out)
{
	uint8_t		iv[SBV1_IV];
	size_t		iv_len = 0;
	bool		digested = false;
	struct hw_key	k = { 0 };
	int		rc;

	if (run->line.iv != NULL)
		secure_warn(run, "--iv argument is for TESTING PURPOSES ONLY");
	rc = look_at_image(run, image, &digested);
	if (rc == 0)
		rc = make_iv(run, iv_file, iv, &iv_len);
	if (rc == 0)
		rc = take_key(run, &k, HW_KEY_ANY, key_file);
	if (rc == 0)
		rc = sbv1_bootloader(&k, iv, iv_len, image->bytes, image->len,
		    digested, out, run->why);
	hw_key_done(&k);
	return rc;
}

static int
write_digest(struct secure_run *run, const char *output,
    const struct buf *made)
{
	struct iovec	piece = { made->data, made->len };
	int		rc = secure_write(run, output, &piece, 1);

	if (rc != 0)
		return rc;
	secure_say(run, "Digest + image written to \"%s\"", output);
	rc = put(run, "output", json_object_new_string(output));
	return rc != 0 ? rc : put(run, "bytes",
	    json_object_new_int64((int64_t)made->len));
}

static int
read_inputs(struct secure_run *run, struct secure_file *key_file,
    struct secure_file *iv_file, struct secure_file *image)
{
	int	rc = secure_read(run, key_file, run->line.keyfile,
		    KEY_FILE_MAX, SECURE_SECRET);

	/* Only its begin is used: it may be what was made before. */
	if (rc == 0 && run->line.iv != NULL)
		rc = secure_read_data(run, iv_file, run->line.iv);
	return rc != 0 ? rc : secure_read_data(run, image,
	    run->line.operand);
}

/* Where it goes; *made is to be freed. */
static int
name_output(struct secure_run *run, const char **output, char **made)
{
	const char	*image = run->line.operand;

	*made = NULL;
	*output = run->line.output;
	if (*output != NULL)
		return 0;
	if (strcmp(image, "-") == 0)
		return why_set(run->why, ERR_USAGE, "an image from standard "
		    "input has no name to make another from: say where it "
		    "goes, with --output");
	*output = *made = digest_name(image);
	return *made != NULL ? 0 : why_set(run->why, ERR_NOMEM,
	    "out of memory");
}

int
secure_digest_bootloader(struct secure_run *run)
{
	struct secure_file	key_file = { 0 }, iv_file = { 0 };
	struct secure_file	image = { 0 };
	struct buf		made;
	const char		*output;
	char			*name;
	int			 rc = name_output(run, &output, &name);

	buf_init(&made, SECURE_DATA_MAX + 2 * SBV1_HEAD);
	if (rc == 0)
		rc = read_inputs(run, &key_file, &iv_file, &image);
	if (rc == 0)
		rc = secure_check_output(run, output, NULL);
	if (rc == 0)
		rc = digest_image(run, &key_file, &iv_file, &image, &made);
	if (rc == 0)
		rc = write_digest(run, output, &made);
	buf_done(&made);
	secure_file_done(&image);
	secure_file_done(&iv_file);
	secure_file_done(&key_file);
	free(name);
	return rc;
}
