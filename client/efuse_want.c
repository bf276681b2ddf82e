/* efuse_want - commands that burn, as wishes for a plan. */
#include "client/efuse_impl.h"

#include <stdlib.h>
#include <string.h>

#include "client/client.h"
#include "client/nearest.h"
#include "proto/base/err.h"
#include "proto/base/text.h"

void
efuse_wishes_done(struct efuse_run *run)
{
	for (size_t i = 0; i < run->wish_count; i++)
		efuse_wish_done(&run->wishes[i]);
	free(run->wishes);
	run->wishes = NULL;
	run->wish_count = 0;
}

int
efuse_unknown_field(struct efuse_run *run, const char *name)
{
	const struct efuse_state	*s = &run->at->state;
	const struct efuse_field	*f = NULL;
	struct nearest			 n;
	char				 hint[NEAREST_HINT];

	nearest_init(&n, name);
	while ((f = efuse_field_next(s, f)) != NULL)
		nearest_try(&n, f->name);
	return why_set(&run->client->why, ERR_USAGE, "Invalid value: "
	    "Invalid eFuse name '%.60s': %s has no such eFuse%s", name,
	    s->efuse->chip->name,
	    nearest_hint(&n, "", hint));
}

/* One more wish; it is the run's. */
static struct efuse_wish *
wish_new(struct efuse_run *run, size_t command, enum efuse_wish_kind kind)
{
	const struct efuse_command	*c = &run->line.commands[command];
	struct why			*why = &run->client->why;
	struct efuse_wish		*w;

	if (run->wish_count == EFUSE_WISHES_MAX) {
		(void)why_set(why, ERR_LIMIT, "more than %d things to burn at "
		    "once are too many", EFUSE_WISHES_MAX);
		return NULL;
	}
	if (run->wishes == NULL)	/* key bytes must not move */
		run->wishes = calloc(EFUSE_WISHES_MAX, sizeof *run->wishes);
	if (run->wishes == NULL) {
		(void)why_set(why, ERR_NOMEM, "out of memory");
		return NULL;
	}
	w = &run->wishes[run->wish_count++];
	w->kind = kind;
	w->command = (unsigned)command;
	w->writable = c->writable;
	w->readable = c->readable;
	w->force = c->force;
	w->write_always = c->always;
	w->show = c->show || run->line.debug;
	return w;
}

static int
wish_text(struct efuse_run *run, char **out, const char *text)
{
	if (text != NULL && (*out = strdup(text)) == NULL)
		return why_set(&run->client->why, ERR_NOMEM, "out of memory");
	return 0;
}

/* The bytes of a file that are burned as they are. */
static int
wish_data(struct efuse_run *run, struct efuse_wish *w, const char *path)
{
	int	r;

	r = efuse_key_read(run, path, w->data, sizeof w->data, &w->len);
	if (r == 0 && w->len > sizeof w->data) {
		w->len = 0;
		r = why_set(&run->client->why, ERR_PARAMS, "'%s' does not fit: "
		    "it has more than %zu bytes, and no block holds as many",
		    path, sizeof w->data);
	}
	return r;
}

int
efuse_want_fields(struct efuse_run *run, size_t command)
{
	const struct efuse_command	*c = &run->line.commands[command];
	struct efuse_wish		*w;
	int				 r;

	if (c->count > 1 && c->count % 2 != 0)
		return why_set(&run->client->why, ERR_USAGE, "The list does "
		    "not have a valid pair (name value): '%.60s' has no value",
		    c->words[c->count - 1]);
	for (size_t i = 0; i < c->count; i += 2) {
		if (efuse_field_find(&run->at->state, c->words[i]) == NULL)
			return efuse_unknown_field(run, c->words[i]);
		w = wish_new(run, command, EFUSE_WISH_FIELD);
		if (w == NULL)
			return run->client->why.err;
		if ((r = wish_text(run, &w->name, c->words[i])) < 0 ||
		    (r = wish_text(run, &w->value, c->count > 1 ?
		    c->words[i + 1] : NULL)) < 0)
			return r;
	}
	return 0;
}

/* ERR_USAGE unless there is a block of that name. */
static int
check_block(struct efuse_run *run, const char *name)
{
	const struct efuse_chip	*e = run->at->state.efuse;
	struct nearest		 n;
	char			 hint[NEAREST_HINT];

	if (efuse_block_find(e, name) >= 0)
		return 0;
	nearest_init(&n, name);
	for (const struct efuse_block *b = e->blocks; b->name != NULL; b++) {
		nearest_try(&n, b->name);
		for (size_t i = 0; i < 2 && b->alias[i] != NULL; i++)
			nearest_try(&n, b->alias[i]);
	}
	return why_set(&run->client->why, ERR_USAGE, "'%.60s' is no block of "
	    "%s%s", name, e->chip->name, nearest_hint(&n, "", hint));
}

int
efuse_want_bits(struct efuse_run *run, size_t command)
{
	const struct efuse_command	*c = &run->line.commands[command];
	struct why			*why = &run->client->why;
	struct efuse_wish		*w;
	uint32_t			 bit;
	int				 r;

	if ((r = check_block(run, c->words[0])) < 0)
		return r;
	if ((w = wish_new(run, command, EFUSE_WISH_BITS)) == NULL ||
	    wish_text(run, &w->name, c->words[0]) < 0)
		return why->err;
	for (size_t i = 1; i < c->count; i++) {
		if (text_u32(c->words[i], &bit) < 0)
			return why_set(why, ERR_USAGE, "'%.40s' is no number "
			    "of a bit", c->words[i]);
		if (w->bit_count == EFUSE_WISH_BITS_MAX)
			return why_set(why, ERR_USAGE, "no block has as many "
			    "bits as are named");
		w->bits[w->bit_count++] = bit < UINT16_MAX ? (uint16_t)bit :
		    UINT16_MAX;
	}
	return 0;
}

/* Several of `size` words each. */
static int
check_groups(struct efuse_run *run, const struct efuse_command *c, size_t size)
{
	if (c->count % size == 0)
		return 0;
	return why_set(&run->client->why, ERR_USAGE, "%s: Expected multiple "
	    "of %zu values, got %zu", c->verb->name, size, c->count);
}

/* A block has room for one file. */
static int
check_repeated(struct efuse_run *run, const struct efuse_command *c)
{
	const struct efuse_chip	*e = run->at->state.efuse;

	for (size_t i = 0; i < c->count; i += 2)
		for (size_t k = 0; k < i; k += 2)
			if (efuse_block_find(e, c->words[i]) ==
			    efuse_block_find(e, c->words[k]))
				return why_set(&run->client->why, ERR_PARAMS,
				    "Found repeated ['%.60s'] in the name "
				    "list: a block is burned once",
				    c->words[i]);
	return 0;
}

int
efuse_want_data(struct efuse_run *run, size_t command)
{
	const struct efuse_command	*c = &run->line.commands[command];
	struct efuse_wish		*w;
	int				 r;

	if ((r = check_groups(run, c, 2)) < 0)
		return r;
	if (c->offset != 0 && c->count > 2)
		return why_set(&run->client->why, ERR_PARAMS, "The 'offset' "
		    "option is not applicable when a few blocks are passed. "
		    "With 'offset', should only one block be used.");
	for (size_t i = 0; i < c->count; i += 2)
		if ((r = check_block(run, c->words[i])) < 0)
			return r;
	if ((r = check_repeated(run, c)) < 0)
		return r;
	for (size_t i = 0; i < c->count; i += 2) {
		w = wish_new(run, command, EFUSE_WISH_DATA);
		if (w == NULL)
			return run->client->why.err;
		w->offset = c->offset;
		if ((r = wish_text(run, &w->name, c->words[i])) < 0 ||
		    (r = wish_data(run, w, c->words[i + 1])) < 0)
			return r;
	}
	return 0;
}

/* Has the chip one word that says what a key is for, beside each block? */
static bool
has_purposes(const struct efuse_chip *e)
{
	return !(e->flags & EFUSE_CHIP_ESP32);
}

static int
check_purpose(struct efuse_run *run, const char *name)
{
	const struct efuse_chip	*e = run->at->state.efuse;
	struct efuse_purpose	 room;
	struct nearest		 n;
	const char		*other;
	char			 text[EFUSE_NAME_MAX], hint[NEAREST_HINT];

	if (efuse_purpose_find(e, name, &room) != NULL)
		return 0;
	nearest_init(&n, name);
	for (size_t i = 0; (other = efuse_purpose_name(e, i, text)); i++)
		nearest_try(&n, other);
	return why_set(&run->client->why, ERR_USAGE, "'%.60s' is not a key "
	    "purpose of %s%s", name, e->chip->name, nearest_hint(&n, "",
	    hint));
}

/* A key of one block, or the first of two. */
static int
want_key(struct efuse_run *run, size_t command, const char *const *words,
    bool purpose)
{
	const struct efuse_chip		*e = run->at->state.efuse;
	const struct efuse_purpose	*p;
	struct efuse_purpose		 room;
	struct efuse_wish		*w;
	int				 r;

	if ((r = check_block(run, words[0])) < 0 ||
	    (purpose && (r = check_purpose(run, words[2])) < 0))
		return r;
	if ((w = wish_new(run, command, EFUSE_WISH_KEY)) == NULL)
		return run->client->why.err;
	if ((r = wish_text(run, &w->name, words[0])) < 0 ||
	    (r = wish_text(run, &w->purpose, purpose ? words[2] : NULL)) < 0)
		return r;
	p = purpose ? efuse_purpose_find(e, words[2], &room) : NULL;
	return p != NULL && (p->flags & EFUSE_ECDSA) ?
	    efuse_key_scalar(run, w, words[1]) : wish_data(run, w, words[1]);
}

int
efuse_want_key(struct efuse_run *run, size_t command)
{
	const struct efuse_command	*c = &run->line.commands[command];
	bool				 purpose;
	size_t				 size;
	int				 r;

	purpose = has_purposes(run->at->state.efuse);
	size = purpose ? 3 : 2;
	if ((r = check_groups(run, c, size)) < 0)
		return r;
	for (size_t i = 0; i < c->count && r == 0; i += size)
		r = want_key(run, command, c->words + i, purpose);
	return r;
}

static int
want_digest(struct efuse_run *run, size_t command, const char *block,
    const char *path, const char *purpose)
{
	struct efuse_wish	*w;
	int			 r;

	if ((block != NULL && (r = check_block(run, block)) < 0) ||
	    (purpose != NULL && (r = check_purpose(run, purpose)) < 0))
		return r;
	if ((w = wish_new(run, command, EFUSE_WISH_DIGEST)) == NULL)
		return run->client->why.err;
	if ((r = wish_text(run, &w->name, block)) < 0 ||
	    (r = wish_text(run, &w->purpose, purpose)) < 0)
		return r;
	return efuse_key_digest(run, w, path);
}

int
efuse_want_digest(struct efuse_run *run, size_t command)
{
	const struct efuse_command	*c = &run->line.commands[command];
	const struct efuse_chip		*e = run->at->state.efuse;
	int				 r;

	if (e->flags & (EFUSE_CHIP_ESP32 | EFUSE_CHIP_ONE_KEY)) {
		if (c->count != 1)
			return why_set(&run->client->why, ERR_USAGE,
			    "%s on %s takes one file", c->verb->name,
			    e->chip->name);
		return want_digest(run, command, NULL, c->words[0], NULL);
	}
	if ((r = check_groups(run, c, 3)) < 0)
		return r;
	for (size_t i = 0; i < c->count && r == 0; i += 3)
		r = want_digest(run, command, c->words[i], c->words[i + 1],
		    c->words[i + 2]);
	return r;
}

/* One wish with a value, or without. */
static int
want_value(struct efuse_run *run, size_t command, enum efuse_wish_kind kind,
    const char *value)
{
	struct efuse_wish	*w = wish_new(run, command, kind);

	if (w == NULL)
		return run->client->why.err;
	return wish_text(run, &w->value, value);
}

int
efuse_want_mac(struct efuse_run *run, size_t command)
{
	return want_value(run, command, EFUSE_WISH_MAC,
	    run->line.commands[command].words[0]);
}

int
efuse_want_voltage(struct efuse_run *run, size_t command)
{
	const char	*value = run->line.commands[command].words[0];

	if (!text_choice("1.8V|3.3V|OFF", value))
		return why_set(&run->client->why, ERR_USAGE, "'%.40s' is not "
		    "one of '1.8V', '3.3V', 'OFF'", value);
	return want_value(run, command, EFUSE_WISH_VOLTAGE, value);
}

int
efuse_want_repair(struct efuse_run *run, size_t command)
{
	return want_value(run, command, EFUSE_WISH_REPAIR, NULL);
}

static int
want_protection(struct efuse_run *run, size_t command,
    enum efuse_wish_kind kind)
{
	const struct efuse_command	*c = &run->line.commands[command];
	struct efuse_wish		*w;
	int				 r;

	for (size_t i = 0; i < c->count; i++) {
		if (efuse_field_find(&run->at->state, c->words[i]) == NULL)
			return efuse_unknown_field(run, c->words[i]);
		if ((w = wish_new(run, command, kind)) == NULL)
			return run->client->why.err;
		if ((r = wish_text(run, &w->name, c->words[i])) < 0)
			return r;
	}
	return 0;
}

int
efuse_want_hide(struct efuse_run *run, size_t command)
{
	return want_protection(run, command, EFUSE_WISH_HIDE);
}

int
efuse_want_lock(struct efuse_run *run, size_t command)
{
	return want_protection(run, command, EFUSE_WISH_LOCK);
}
