#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/err.h"
#include "proto/efuse/plan_impl.h"

/*
 * burn-key and burn-key-digest on chips whose key blocks have a purpose.  A key
 * of 64 bytes takes two blocks: the one named, and the next that is free - or
 * that holds this half already, when a burn was cut short.
 */

enum { KEY_BYTES = 32, KEYS_MAX = 2 * EFUSE_BLOCKS };

struct key {
	const struct efuse_wish	*wish;
	unsigned		 block;
	struct efuse_purpose	 purpose;
	uint8_t			 data[EFUSE_WISH_BYTES];
	size_t			 len;
};

struct keys {
	struct key	key[KEYS_MAX];
	size_t		count;
};

static bool
key_in_block(const struct keys *k, unsigned block)
{
	for (size_t i = 0; i < k->count; i++)
		if (k->key[i].block == block)
			return true;
	return false;
}

static const struct efuse_field *
purpose_field(const struct efuse_plan *p, unsigned block)
{
	const char	*name = p->before.efuse->blocks[block].purpose;

	return name ? plan_field(p, name) : NULL;
}

unsigned
plan_purpose(const struct efuse_plan *p, const struct efuse_field *f,
    bool wanted)
{
	const struct efuse_field	*high;
	char				 name[EFUSE_NAME_MAX];
	unsigned			 v = 0;

	(void)snprintf(name, sizeof(name), "%s_H", f->name);	/* short */
	high = plan_field(p, name);
	for (size_t i = 0; i < (size_t)f->bits + (high ? 1 : 0); i++) {
		const struct efuse_field *at = i < f->bits ? f : high;
		size_t			  bit = at->bit + (at == f ? i : 0);
		uint32_t		  w;

		w = p->before.words[at->block][bit / 32];
		if (wanted)
			w |= p->want[at->block][bit / 32];
		v |= (w >> bit % 32 & 1) << i;
	}
	return v;
}

static void
turn(uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len / 2; i++) {
		uint8_t	b = data[i];

		data[i] = data[len - 1 - i];
		data[len - 1 - i] = b;
	}
}

/* Does the block hold this half of a key, all of it or what a cut burn left,
 * and has it no other use? */
static bool
holds_half(const struct efuse_plan *p, unsigned block, const struct key *half)
{
	const struct efuse_field	*f = purpose_field(p, block);
	uint8_t				 now[EFUSE_BLOCK_BYTES];
	uint8_t				 data[KEY_BYTES];
	unsigned			 v = plan_purpose(p, f, true);
	bool				 same;

	if (!efuse_block_readable(&p->before, block) ||
	    efuse_block_empty(&p->before, block))
		return false;
	if (v != (unsigned)half->purpose.value &&
	    (v != 0 || !efuse_writable(&p->before, f)))
		return false;
	memcpy(data, half->data, sizeof(data));
	if (half->purpose.flags & EFUSE_REVERSE)
		turn(data, sizeof(data));
	efuse_block_get(&p->before, block, now);
	same = memcmp(now, data, sizeof(data)) == 0;
	if (!same && p->before.failed[block]) {
		same = true;
		for (size_t i = 0; i < sizeof(data); i++)
			same = same && !(now[i] & ~data[i]);
	}
	explicit_bzero(data, sizeof(data));
	explicit_bzero(now, sizeof(now));
	return same;
}

static bool
block_unused(const struct efuse_plan *p, unsigned block)
{
	const struct efuse_field	*f = purpose_field(p, block);

	return efuse_block_readable(&p->before, block) &&
	    efuse_block_writable(&p->before, block) &&
	    plan_purpose(p, f, true) == 0 && efuse_writable(&p->before, f) &&
	    efuse_block_empty(&p->before, block) &&
	    !plan_any(p->want[block], sizeof(p->want[block]));
}

/* The block for the second half: round from the first one's; -1: none. */
static int
second_block(const struct efuse_plan *p, const struct keys *k, unsigned first,
    const struct key *half)
{
	unsigned	count = (unsigned)efuse_block_count(p->before.efuse);
	unsigned	block;

	for (int held = 1; held >= 0; held--)
		for (unsigned i = 1; i < count; i++) {
			block = (first + i) % count;
			if (!purpose_field(p, block) || key_in_block(k, block))
				continue;
			if (half->purpose.flags & EFUSE_NOT_LAST &&
			    strcmp(purpose_field(p, block)->name,
			    "KEY_PURPOSE_5") == 0)
				continue;
			if (held ? holds_half(p, block, half) :
			    block_unused(p, block))
				return (int)block;
		}
	return -1;
}

/* Which of the two purposes is the first half's: _1 of XTS keys, _H of ECDSA
 * keys, whose scalar begins with its highest byte. */
static size_t
first_half(const struct efuse_purpose *v)
{
	size_t	n = strlen(v->halves[0]);

	return n > 2 && (strcmp(v->halves[0] + n - 2, "_1") == 0 ||
	    strcmp(v->halves[0] + n - 2, "_H") == 0) ? 0 : 1;
}

static int
split(struct efuse_plan *p, struct keys *k, size_t i, struct why *why)
{
	struct efuse_purpose		 room, whole = k->key[i].purpose;
	const struct efuse_purpose	*part;
	struct key			*first = &k->key[i];
	struct key			 second = *first;
	size_t				 at = first_half(&whole);
	int				 block;

	if (first->len != 2 * KEY_BYTES)
		return why_set(why, ERR_PARAMS, "Incorrect key file size %zu, "
		    "%s should be 64 bytes", first->len, whole.name);
	if (k->count == KEYS_MAX)
		return why_set(why, ERR_LIMIT, "more keys than %s has blocks",
		    p->before.efuse->chip->name);
	for (size_t h = 0; h < 2; h++) {
		part = efuse_purpose_find(p->before.efuse,
		    whole.halves[h == 0 ? at : 1 - at], &room);
		if (!part)
			return why_set(why, ERR_INTERNAL, "%s has no purpose %s",
			    p->before.efuse->chip->name, whole.halves[h]);
		*(h == 0 ? &first->purpose : &second.purpose) = *part;
	}
	first->len = second.len = KEY_BYTES;
	memcpy(second.data, first->data + KEY_BYTES, KEY_BYTES);
	block = second_block(p, k, first->block, &second);
	if (block < 0)
		return why_set(why, ERR_SECURITY, "%s requires two free "
		    "keyblocks; there is none besides %s", whole.name,
		    p->before.efuse->blocks[first->block].name);
	second.block = (unsigned)block;
	memmove(first + 2, first + 1,
	    (k->count - i - 1) * sizeof(*first));
	first[1] = second;
	k->count++;
	explicit_bzero(&second, sizeof(second));
	return 0;
}

/* Virtual purposes one after the other, as their rows stand: which block the
 * second half of a key comes to depends on it. */
static int
split_all(struct efuse_plan *p, struct keys *k, struct why *why)
{
	const struct efuse_purpose	*v = p->before.efuse->purposes;
	int				 r;

	for (; v && v->name; v++) {
		if (v->value >= 0)
			continue;
		for (size_t i = 0; i < k->count; i++) {
			if (k->key[i].purpose.value != v->value)
				continue;
			r = split(p, k, i, why);
			if (r < 0)
				return r;
		}
	}
	return 0;
}

static int
key_blocks_differ(struct efuse_plan *p, const struct keys *k, struct why *why)
{
	for (size_t i = 0; i < k->count; i++)
		for (size_t j = 0; j < i; j++)
			if (k->key[i].block == k->key[j].block)
				return why_set(why, ERR_CONFLICT, "Found "
				    "repeated ['%s'] in the name list.",
				    p->before.efuse->blocks[
				    k->key[i].block].name);
	return 0;
}

void
plan_key_line(struct efuse_plan *p, const struct efuse_field *f,
    const uint8_t *data, size_t len, const struct efuse_wish *w)
{
	char	text[3 * EFUSE_WISH_BYTES + 1] = "";

	if (w->kind == EFUSE_WISH_KEY)
		p->secrets |= 1u << f->block;
	*(w->show ? &p->shown : &p->hidden) |= 1u << f->block;
	for (size_t i = 0; i < len && i < EFUSE_WISH_BYTES; i++)
		(void)snprintf(text + 3 * i, sizeof(text) - 3 * i,
		    w->show ? "%02x " : "?? ", data[i]);	/* fits */
	if (len > 0)
		text[strlen(text) - 1] = '\0';
	plan_say(p, " - %s -> [%s]", f->name, text);
	explicit_bzero(text, sizeof(text));
}

int
plan_key_length(size_t len, size_t want, struct why *why)
{
	if (len == want)
		return 0;
	return why_set(why, ERR_PARAMS, "Incorrect key file size %zu. Key file "
	    "must be %zu bytes (%zu bits) of raw binary key data.", len, want,
	    8 * want);
}

/* Chips with an ECDSA engine have more than one that wants them reversed. */
static const char *
reversed_for(const struct efuse_plan *p, const struct efuse_purpose *of)
{
	const struct efuse_purpose	*v = p->before.efuse->purposes;

	for (; v->name; v++)
		if (v->flags & EFUSE_ECDSA)
			return of->name;
	return "AES-XTS";
}

static int
set_key_purpose(struct efuse_plan *p, const struct efuse_field *f,
    const struct key *k, struct why *why)
{
	struct efuse_purpose		 room;
	const struct efuse_purpose	*now;
	unsigned			 v = plan_purpose(p, f, false);
	int				 r;

	now = efuse_purpose_of(p->before.efuse, v, &room);
	if (v == (unsigned)k->purpose.value) {
		plan_say(p, "\t'%s' is already '%s'.", f->name,
		    k->purpose.name);
		plan_keep_purpose(p, f, v);
		if (!efuse_writable(&p->before, f))
			return 0;
	} else if (!efuse_writable(&p->before, f)) {
		return why_set(why, ERR_SECURITY, "It is not possible to "
		    "change '%s' to '%s' because write protection bit is set.",
		    f->name, k->purpose.name);
	} else if (k->purpose.value == 0) {
		return why_set(why, ERR_SECURITY, "'%s' is '%s' and can not "
		    "become '%s' again: bits cannot be cleared", f->name,
		    now ? now->name : "FORBIDDEN_STATE", k->purpose.name);
	} else {
		plan_say(p, "\t'%s': '%s' -> '%s'.", f->name,
		    now ? now->name : "FORBIDDEN_STATE", k->purpose.name);
		r = plan_set_purpose(p, f, (unsigned)k->purpose.value, k->wish,
		    why);
		if (r < 0)
			return r;
	}
	plan_say(p, "\tDisabling write to '%s'...", f->name);
	return plan_lock(p, f, k->wish, why);
}

/* ESP32-H2 before 1.2: the secret number of each signature must come from the
 * hardware, else the key leaks (ESP-IDF, "ECDSA"). */
static int
harden_ecdsa(struct efuse_plan *p, const struct key *k, struct why *why)
{
	const struct efuse_field	*f;

	f = plan_field(p, "ECDSA_FORCE_USE_HARDWARE_K");
	if (!f || f->when != EFUSE_OLD_REVISION ||
	    strcmp(k->purpose.name, "ECDSA_KEY") != 0)
		return 0;
	if (efuse_number(&p->before, f->name)) {
		plan_say(p, "\t%s is already '1'", f->name);
		return 0;
	}
	plan_say(p, "\t%s: 0 -> 1", f->name);
	return plan_set_number(p, f->name, 1, k->wish, why);
}

static int
burn_key(struct efuse_plan *p, struct key *k, struct why *why)
{
	const struct efuse_field	*f, *purpose = purpose_field(p, k->block);
	bool				 hide = k->purpose.flags & EFUSE_HIDE;
	uint8_t				 bits[EFUSE_BLOCK_BYTES] = { 0 };
	int				 r;

	f = efuse_field_find(&p->before,
	    p->before.efuse->blocks[k->block].name);
	if (!f || !purpose)
		return why_set(why, ERR_INTERNAL, "no field for a key block of "
		    "%s", p->before.efuse->chip->name);
	if (k->purpose.flags & EFUSE_REVERSE)
		turn(k->data, k->len);
	plan_key_line(p, f, k->data, k->len, k->wish);
	if (k->purpose.flags & EFUSE_REVERSE)
		plan_say(p, "\tReversing byte order for %s hardware "
		    "peripheral...", reversed_for(p, &k->purpose));
	r = plan_key_length(k->len, efuse_field_bits(&p->before, f) / 8, why);
	if (r < 0)
		return r;
	memcpy(bits, k->data, KEY_BYTES);
	r = plan_set(p, f, bits, k->wish, why);
	explicit_bzero(bits, sizeof(bits));
	if (r == 0)
		r = set_key_purpose(p, purpose, k, why);
	if (r == 0)
		r = harden_ecdsa(p, k, why);
	if (r == 0 && hide && !k->wish->readable) {
		plan_say(p, "\tDisabling read to key block...");
		r = plan_hide(p, f, k->wish, why);
	}
	if (r == 0 && !k->wish->writable) {
		plan_say(p, "\tDisabling write to key block...");
		r = plan_lock(p, f, k->wish, why);
	}
	if (r == 0)
		plan_say(p, "%s", "");
	return r;
}

static int
take_wishes(struct efuse_plan *p, const struct efuse_wish *w, size_t count,
    struct keys *k, struct why *why)
{
	struct efuse_purpose	room;

	if (count > KEYS_MAX)
		return why_set(why, ERR_LIMIT, "more keys than %s has blocks",
		    p->before.efuse->chip->name);
	for (size_t i = 0; i < count; i++) {
		struct key	*key = &k->key[i];

		key->wish = &w[i];
		key->block = (unsigned)efuse_block_find(p->before.efuse,
		    w[i].name);
		key->purpose = *efuse_purpose_find(p->before.efuse,
		    w[i].purpose, &room);
		memcpy(key->data, w[i].data, w[i].len);
		key->len = w[i].len;
	}
	k->count = count;
	return 0;
}

int
plan_keys(struct efuse_plan *p, const struct efuse_wish *w, size_t count,
    struct why *why)
{
	const struct efuse_wish	*last = &w[count - 1];
	struct keys		*k = calloc(1, sizeof(*k));
	int			 r;

	if (!k)
		return ERR_NOMEM;
	r = take_wishes(p, w, count, k, why);
	if (r == 0)
		r = split_all(p, k, why);
	if (r == 0)
		r = key_blocks_differ(p, k, why);
	if (r == 0)
		plan_say(p, "Burn keys to blocks:");
	for (size_t i = 0; r == 0 && i < k->count; i++)
		r = burn_key(p, &k->key[i], why);
	if (r == 0 && last->writable)
		plan_say(p, "Keys will remain writeable (due to "
		    "--no-write-protect).");
	if (r == 0 && last->readable)
		plan_say(p, "Keys will remain readable (due to "
		    "--no-read-protect).");
	if (r == 0)
		plan_remember(p, last->kind, last->command, NULL, NULL);
	explicit_bzero(k, sizeof(*k));
	free(k);
	return r;
}
