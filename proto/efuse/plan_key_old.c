#include <stdlib.h>
#include <string.h>

#include "proto/base/err.h"
#include "proto/efuse/plan_impl.h"

/*
 * Keys on chips whose blocks have no purpose: the ESP32, where the name that is
 * used for the block says what it is for, and the ESP32-C2, which has one block
 * with two halves.
 */

enum { KEY_BYTES = 32, HALF_BYTES = 16 };

static void
turned(uint8_t *to, const uint8_t *from, size_t len)
{
	for (size_t i = 0; i < len; i++)
		to[i] = from[len - 1 - i];
}

/* Its registers are read last byte first by the hardware (ESP32 TRM, "Flash
 * Encryption" and "Secure Boot"). */
static bool
used_by_hardware(const struct efuse_wish *w)
{
	return w->kind == EFUSE_WISH_KEY &&
	    (strcmp(w->name, "flash_encryption") == 0 ||
	    strcmp(w->name, "secure_boot_v1") == 0);
}

static int
burn_esp32(struct efuse_plan *p, const struct efuse_wish *w, struct why *why)
{
	const struct efuse_field	*f;
	uint8_t				 bits[EFUSE_WISH_BYTES] = { 0 };
	bool				 hardware = used_by_hardware(w);
	int				 block, r;

	block = efuse_block_find(p->before.efuse, w->name);
	f = efuse_field_find(&p->before, p->before.efuse->blocks[block].name);
	if (!f)
		return why_set(why, ERR_INTERNAL, "no field for the key block "
		    "%s", w->name);
	if (hardware)
		turned(bits, w->data, w->len);
	else
		memcpy(bits, w->data, w->len);
	plan_key_line(p, f, bits, w->len, w);
	if (hardware)
		plan_say(p, "\tReversing the byte order...");
	r = plan_key_length(w->len, efuse_field_bits(&p->before, f) / 8, why);
	if (r == 0)
		r = plan_set(p, f, bits, w, why);
	explicit_bzero(bits, sizeof(bits));
	if (r == 0 && hardware && !w->readable) {
		plan_say(p, "\tDisabling read to key block...");
		r = plan_hide(p, f, w, why);
	}
	if (r == 0 && !w->writable) {
		plan_say(p, "\tDisabling write to key block...");
		r = plan_lock(p, f, w, why);
	}
	if (r == 0)
		plan_say(p, "%s", "");
	return r;
}

static int
keys_esp32(struct efuse_plan *p, const struct efuse_wish *w, size_t count,
    struct why *why)
{
	bool	left = w[0].writable;
	int	r;

	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < i; k++)
			if (efuse_block_find(p->before.efuse, w[i].name) ==
			    efuse_block_find(p->before.efuse, w[k].name))
				return why_set(why, ERR_CONFLICT, "Found "
				    "repeated ['%s'] in the name list.",
				    w[i].name);
	plan_say(p, "Burn keys to blocks:");
	for (size_t i = 0; i < count; i++) {
		r = burn_esp32(p, &w[i], why);
		if (r < 0)
			return r;
	}
	if (left)
		plan_say(p, "Key is left unprotected as per --no-protect-key "
		    "argument.");
	plan_say(p, "Burn keys in eFuse blocks.");
	plan_say(p, left ? "The key block will be left readable and writeable "
	    "(due to --no-protect-key). " :
	    "The key block will be read and write protected (no further "
	    "changes or readback). ");
	plan_say(p, "%s", "");
	plan_remember(p, w->kind, w->command, NULL, NULL);
	return 0;
}

static int
digest_esp32(struct efuse_plan *p, const struct efuse_wish *w,
    struct why *why)
{
	const struct efuse_field	*f;
	uint32_t			 revision = p->before.raw.revision;
	uint8_t				 bits[EFUSE_BLOCK_BYTES] = { 0 };
	int				 r;

	if (p->before.coding == EFUSE_34)
		return why_set(why, ERR_UNSUPPORTED, "burn-key-digest only "
		    "works with 'None' coding scheme");
	if (revision < 300)
		return why_set(why, ERR_UNSUPPORTED, "Incorrect chip revision "
		    "for Secure boot v2. Detected: v%u.%u. Expected: >= v3.0",
		    revision / 100, revision % 100);
	f = efuse_field_find(&p->before, "BLOCK2");
	if (!f)
		return why_set(why, ERR_INTERNAL, "no field for BLOCK2");
	r = plan_key_length(w->len, KEY_BYTES, why);
	if (r < 0)
		return r;
	plan_key_line(p, f, w->data, w->len, w);
	memcpy(bits, w->data, w->len);
	r = plan_set(p, f, bits, w, why);
	if (r == 0 && !w->writable) {
		plan_say(p, "Disabling write to eFuse %s...", f->name);
		r = plan_lock(p, f, w, why);
	}
	plan_remember(p, w->kind, w->command, NULL, NULL);
	return r;
}

int
plan_keys_esp32(struct efuse_plan *p, const struct efuse_wish *w,
    size_t count, struct why *why)
{
	if (w->kind == EFUSE_WISH_KEY)
		return keys_esp32(p, w, count, why);
	if (count > 1)
		return why_set(why, ERR_CONFLICT, "there is room for one "
		    "digest only, in BLOCK2");
	return digest_esp32(p, w, why);
}

/* ESP32-C2 TRM, "eFuse Controller": the whole block is a key of 256 bits, or
 * its lower half one of 128 and its upper half the digest. */
static const char *
half_of(const struct efuse_purpose *v)
{
	if (strcmp(v->name, "XTS_AES_128_KEY_DERIVED_FROM_128_EFUSE_BITS") == 0)
		return "BLOCK_KEY0_LOW_128";
	if (v->flags & EFUSE_DIGEST)
		return "BLOCK_KEY0_HI_128";
	return "BLOCK_KEY0";
}

static const char *
purpose_one(const struct efuse_wish *w)
{
	return w->purpose ? w->purpose : "SECURE_BOOT_DIGEST";
}

static int
together(const struct efuse_wish *w, size_t count, struct why *why)
{
	const char	*a, *b;
	bool		 half;

	if (count < 2)
		return 0;
	if (count > 2)
		return why_set(why, ERR_CONFLICT, "there is one key block with "
		    "two halves: two keys at most");
	a = purpose_one(&w[0]);
	b = purpose_one(&w[1]);
	if (strcmp(a, b) == 0)
		return why_set(why, ERR_CONFLICT, "Found repeated ['%s'] in "
		    "the name list.", a);
	half = strcmp(a, "USER") != 0 && strcmp(b, "USER") != 0 &&
	    strcmp(a, "XTS_AES_128_KEY") != 0 &&
	    strcmp(b, "XTS_AES_128_KEY") != 0;
	if (half)
		return 0;
	return why_set(why, ERR_CONFLICT, "These keypurposes are incompatible "
	    "['%s', '%s']", a, b);
}

/* Of a digest only the first half is kept. */
static int
digest_length(struct efuse_plan *p, const struct efuse_wish *w, size_t *len,
    struct why *why)
{
	if (*len != KEY_BYTES && *len != HALF_BYTES)
		return why_set(why, ERR_PARAMS, "Wrong length of this file for "
		    "SECURE_BOOT_DIGEST. Got %zu (expected 32 or 16)", *len);
	if (*len == KEY_BYTES && w->kind == EFUSE_WISH_KEY)
		plan_say(p, "\tProgramming only left-most 128-bits from SHA256 "
		    "hash of public key to highest 128-bits of BLOCK KEY0");
	*len = HALF_BYTES;
	return 0;
}

static int
length_256(struct efuse_plan *p, const struct efuse_wish *w, struct why *why)
{
	if (efuse_number(&p->before, "XTS_KEY_LENGTH_256")) {
		plan_say(p, "\t'XTS_KEY_LENGTH_256' is already '1'");
		return 0;
	}
	plan_say(p, "\tXTS_KEY_LENGTH_256 -> 1");
	return plan_set_number(p, "XTS_KEY_LENGTH_256", 1, w, why);
}

static int
protect_one(struct efuse_plan *p, const struct efuse_field *f,
    const struct efuse_purpose *v, const struct efuse_wish *w,
    struct why *why)
{
	int	r = 0;

	if (v->flags & EFUSE_HIDE && !w->readable) {
		plan_say(p, "\tDisabling read to key block...");
		r = plan_hide(p, f, w, why);
	}
	if (r == 0 && !w->writable) {
		plan_say(p, "\tDisabling write to key block...");
		r = plan_lock(p, f, w, why);
	}
	if (r == 0)
		plan_say(p, "%s", "");
	return r;
}

static int
burn_one(struct efuse_plan *p, const struct efuse_wish *w, struct why *why)
{
	struct efuse_purpose		 room;
	const struct efuse_purpose	*v;
	const struct efuse_field	*f;
	uint8_t				 bits[EFUSE_WISH_BYTES] = { 0 };
	size_t				 len = w->len;
	int				 r = 0;

	v = efuse_purpose_find(p->before.efuse, purpose_one(w), &room);
	f = v ? efuse_field_find(&p->before, half_of(v)) : NULL;
	if (!f)
		return why_set(why, ERR_INTERNAL, "no field for %s",
		    purpose_one(w));
	if (v->flags & EFUSE_DIGEST)
		r = digest_length(p, w, &len, why);
	if (r < 0)
		return r;
	if (v->flags & EFUSE_REVERSE)
		turned(bits, w->data, len);
	else
		memcpy(bits, w->data, len);
	plan_key_line(p, f, bits, len, w);
	if (v->flags & EFUSE_REVERSE)
		plan_say(p, "\tReversing byte order for AES-XTS hardware "
		    "peripheral...");
	r = plan_key_length(len, f->bits / 8, why);
	if (r == 0)
		r = plan_set(p, f, bits, w, why);
	explicit_bzero(bits, sizeof(bits));
	if (r == 0 && strcmp(v->name, "XTS_AES_128_KEY") == 0)
		r = length_256(p, w, why);
	return r == 0 ? protect_one(p, f, v, w, why) : r;
}

int
plan_keys_one(struct efuse_plan *p, const struct efuse_wish *w, size_t count,
    struct why *why)
{
	int	r = together(w, count, why);

	if (r < 0)
		return r;
	plan_say(p, "Burn keys to blocks:");
	for (size_t i = 0; i < count; i++) {
		r = burn_one(p, &w[i], why);
		if (r < 0)
			return r;
	}
	if (w[count - 1].writable)
		plan_say(p, "Keys will remain writeable (due to "
		    "--no-write-protect).");
	if (w[count - 1].readable)
		plan_say(p, "Keys will remain readable (due to "
		    "--no-read-protect).");
	plan_remember(p, w->kind, w->command, NULL, NULL);
	return 0;
}
