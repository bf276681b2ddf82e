#include "daemon/link/fuses.h"

#include <stdio.h>
#include <string.h>

#include "daemon/link/link.h"
#include "daemon/link/regs.h"
#include "daemon/link/try.h"
#include "proto/base/bytes.h"
#include "proto/base/err.h"

enum {
	WORD		= 4,
	WORDS		= EFUSE_WINDOW / WORD,
	/* Revision of the system's bus; ESP32 TRM, "Peripherals and their
	 * registers"; tells its third revision bit. */
	ESP32_DATE	= 0x3ff6607c,
	POLL_MS		= 5,
	POLLS_MIN	= 8,		/* on a slow line the time is over
					 * before the first answer */
	/* The ROM looks at fuses after each command: until they have been read
	 * anew it must not (esptool 5.3, espefuse). */
	LATCH_US	= 1000,
	CMD_BUSY	= EFUSE_READ_CMD | EFUSE_PGM_CMD,
};

void
fuses_done(struct link *l)
{
	efuse_plan_free(l->fuses.plan);
	l->fuses.plan = NULL;
	if (l->fuses.user.fields != NULL)
		efuse_user_done(&l->fuses.user);
	explicit_bzero(&l->fuses.state, sizeof l->fuses.state);
}

static const struct efuse_chip *
chip_of(const struct link *l)
{
	return l->fuses.state.efuse;
}

static uint32_t
address(const struct link *l, unsigned offset)
{
	return chip_of(l)->base + offset;
}

/* Must nobody see what passes now? */
static void
hide(struct link *l, bool on)
{
	if (l->hooks != NULL && l->hooks->secret != NULL)
		l->hooks->secret(l->hook_arg, on);
}

static bool
is_secret(const struct link *l, unsigned block)
{
	return l->fuses.plan != NULL &&
	    (efuse_plan_secrets(l->fuses.plan) >> block & 1) != 0;
}

/* Keys have passed through these. */
static void
wipe(struct link *l)
{
	struct rom	*r = &l->rom;

	if (r->tx.data != NULL)
		explicit_bzero(r->tx.data, r->tx.len);
	explicit_bzero(r->frame, sizeof r->frame);
	explicit_bzero(r->rx, r->rx_pos);
}

/* ---- reading ---- */

/* Words `from` .. `from` + `count` of the window. */
static int
read_words(struct link *l, struct efuse_raw *raw, size_t from, size_t count)
{
	uint8_t	bytes[EFUSE_WINDOW];
	size_t	done;
	int	err;

	err = regs_read(&l->rom, address(l, (unsigned)(WORD * from)), bytes,
	    count, &done);
	for (size_t i = 0; i < done && err == 0; i++)
		raw->window[from + i] = le32_get(bytes + WORD * i);
	explicit_bzero(bytes, sizeof bytes);
	return err;
}

/* Which words of the window are wanted. */
struct want {
	bool	word[WORDS];
};

static void
add_words(struct want *w, unsigned offset, size_t count)
{
	for (size_t i = 0; i < count; i++)
		w->word[offset / WORD + i] = true;
}

static int
read_wanted(struct link *l, const struct want *w, struct efuse_raw *raw)
{
	size_t	n;

	for (size_t i = 0; i < WORDS; i += n) {
		for (n = 0; i + n < WORDS && w->word[i + n]; n++)
			;
		if (n > 0)
			TRY(read_words(l, raw, i, n));
		else
			n = 1;
	}
	return 0;
}

static void
want_block(struct want *w, const struct efuse_chip *e, unsigned block)
{
	add_words(w, e->blocks[block].read, e->blocks[block].words);
}

static void
want_errors(struct want *w, const struct efuse_chip *e)
{
	const struct efuse_control	*c = &e->control;
	size_t				 n = efuse_block_count(e);

	if (c->err0 != 0)
		add_words(w, c->err0, c->err0_words);
	if (c->dec_status != 0)
		add_words(w, c->dec_status, 1);
	for (size_t i = 0; i < n; i++) {
		if (c->errors[i].count_reg != 0)
			add_words(w, c->errors[i].count_reg, 1);
		if (c->errors[i].fail_reg != 0)
			add_words(w, c->errors[i].fail_reg, 1);
	}
}

/* Read these and decode everything anew. */
static int
refresh(struct link *l, const struct want *w)
{
	struct efuse_state	*s = &l->fuses.state;
	struct efuse_raw	 raw = s->raw;
	int			 err;

	if ((err = read_wanted(l, w, &raw)) < 0)
		err = link_fail_rom(l, err, "read the eFuses");
	else
		err = efuse_state_read(s, &raw, s->user, &l->why);
	explicit_bzero(&raw, sizeof raw);
	return err;
}

static int
fail_unknown(struct link *l)
{
	return link_fail(l, ERR_UNSUPPORTED, "the eFuses of the %s are not "
	    "known%s", l->chip->name, (l->chip->caps & CHIP_STATUS2) != 0 ?
	    ": it has none that could be burned" : "");
}

/* The fields that a user named, for this chip. */
static int
read_table(struct link *l, const struct efuse_chip *e)
{
	const struct fuses_order	*o = l->fuses.order;

	if (o == NULL || o->table == NULL || l->fuses.user.fields != NULL)
		return 0;
	return efuse_user_read(&l->fuses.user, e, o->table, o->table_len,
	    o->table_name, &l->why);
}

/* A key of this job may be in its block already, and not yet protected. */
static bool
brings_keys(const struct link *l)
{
	const struct fuses_order	*o = l->fuses.order;

	for (size_t i = 0; o != NULL && i < o->wish_count; i++)
		if (o->wishes[i].kind == EFUSE_WISH_KEY ||
		    (o->wishes[i].kind == EFUSE_WISH_FIELD &&
		    o->wishes[i].len > 0))
			return true;
	return false;
}

/* A state with nothing in it yet, and the one word besides the window. */
static int
begin_state(struct link *l)
{
	struct efuse_state	*s = &l->fuses.state;
	int			 err;

	s->efuse = efuse_chip_find(l->chip, l->found.facts.revision);
	if (s->efuse == NULL)
		return fail_unknown(l);
	TRY(read_table(l, s->efuse));
	s->user = l->fuses.user.fields != NULL ? &l->fuses.user : NULL;
	s->raw = (struct efuse_raw){
		.chip = l->chip, .revision = l->found.facts.revision,
		.xtal_mhz = l->found.facts.xtal_mhz,
	};
	if ((s->efuse->flags & EFUSE_CHIP_ESP32) != 0 &&
	    (err = rom_read_reg(&l->rom, ESP32_DATE, &s->raw.date)) < 0)
		return link_fail_rom(l, err, "read the chip's revision");
	return 0;
}

int
fuses_read(struct link *l)
{
	struct want	w = { .word = { false } };
	int		err;

	TRY(begin_state(l));
	for (size_t i = 0; i < WORDS; i++)
		w.word[i] = efuse_raw_needs(chip_of(l), i);
	if (!brings_keys(l))
		return refresh(l, &w);
	hide(l, true);
	err = refresh(l, &w);
	wipe(l);
	hide(l, false);
	return err;
}

int
fuses_read_blocks(struct link *l, uint32_t blocks)
{
	struct want	w = { .word = { false } };

	TRY(begin_state(l));
	for (unsigned b = 0; b < EFUSE_BLOCKS; b++)
		if (b == 0 || (blocks >> b & 1) != 0)
			want_block(&w, chip_of(l), b);
	return refresh(l, &w);
}

bool
fuses_same(const struct efuse_chip *e, const struct efuse_raw *a,
    const struct efuse_raw *b)
{
	size_t	n = efuse_block_count(e);

	for (size_t i = 0; i < n; i++)
		if (memcmp(a->window + e->blocks[i].read / WORD,
		    b->window + e->blocks[i].read / WORD,
		    WORD * (size_t)e->blocks[i].words) != 0)
			return false;
	return a->chip == b->chip && a->revision == b->revision;
}

/* ---- the controller ---- */

static int
put(struct link *l, unsigned offset, uint32_t value)
{
	int	err;

	err = rom_write_reg(&l->rom, address(l, offset), value, UINT32_MAX, 0);
	if (err < 0)
		return link_fail_rom(l, err, "set up the eFuse controller");
	return 0;
}

/* Idle is what it says twice: its first answer may come while the fuses' clock
 * is not there (esptool 5.3, espefuse). */
static int
wait_idle(struct link *l, const char *what)
{
	uint64_t	ends = wire_now(l->rom.wire) + EFUSE_IDLE_MS;
	unsigned	idle = 0;
	uint32_t	v;
	int		err;

	for (unsigned polls = 0; idle < 2; polls++) {
		err = rom_read_reg(&l->rom, address(l,
		    chip_of(l)->control.cmd), &v);
		if (err < 0)
			return link_fail_rom(l, err, "ask whether the eFuse "
			    "controller is done");
		idle = (v & CMD_BUSY) == 0 ? idle + 1 : 0;
		if (idle > 0)
			continue;
		if (polls >= POLLS_MIN && wire_now(l->rom.wire) >= ends)
			return link_fail(l, ERR_VERIFY, "the eFuse controller "
			    "is still busy %u ms after %s: reset the chip and "
			    "check its power supply, then plan again",
			    EFUSE_IDLE_MS, what);
		if ((err = wire_sleep(l->rom.wire, POLL_MS)) < 0)
			return link_fail_rom(l, err, "wait for the eFuse "
			    "controller");
	}
	return 0;
}

/* The command, and in the same packet a pause: a write that changes nothing, and
 * not at the controller, with a delay (esptool 5.3, write_reg()). */
static int
send_read(struct link *l)
{
	const struct efuse_control	*c = &chip_of(l)->control;
	const struct chip_regop		 ops[] = {
		{ address(l, c->cmd), EFUSE_READ_CMD, UINT32_MAX, 0 },
		{ c->aside, 0, 0, LATCH_US },
	};

	return rom_write_packet(&l->rom, ops, c->aside != 0 ? 2 : 1);
}

int
fuses_latch(struct link *l)
{
	int	err;

	TRY(wait_idle(l, "it was found so"));
	TRY(put(l, chip_of(l)->control.conf, EFUSE_READ_CODE));
	if ((err = send_read(l)) < 0)
		return link_fail_rom(l, err, "have the eFuses read anew");
	return wait_idle(l, "the command to read");
}

/* Nothing is in the registers that are burned from: data, and behind them check
 * bytes.  Those of the ESP32 belong to the blocks, and one command burns them
 * all. */
static int
clear(struct link *l)
{
	const struct efuse_chip	*e = chip_of(l);
	size_t			 n = efuse_block_count(e);

	TRY(wait_idle(l, "it was found so"));
	for (unsigned i = 0; e->control.clear_words > 0 &&
	    i < EFUSE_BURN_WORDS; i++)
		TRY(put(l, e->control.clear + WORD * i, 0));
	for (size_t b = 0; b < n && e->control.clear_words == 0; b++)
		for (unsigned i = 0; i < e->blocks[b].words; i++)
			TRY(put(l, e->blocks[b].write + WORD * i, 0));
	return 0;
}

static bool
is_timing(const struct link *l, const struct efuse_timing *t)
{
	return t->xtal_mhz == 0 || t->xtal_mhz == l->fuses.state.raw.xtal_mhz;
}

int
fuses_check_timing(struct link *l)
{
	const struct efuse_timing	*t = chip_of(l)->control.timing;
	bool				 any = false, fits = false;

	for (; t != NULL && t->reg != 0; t++) {
		any |= t->xtal_mhz != 0;
		fits |= t->xtal_mhz != 0 && is_timing(l, t);
	}
	if (!any || fits)
		return 0;
	return link_fail(l, ERR_UNSUPPORTED, "the eFuses of the %s cannot be "
	    "burned with a crystal of %u MHz: no timing is known for it; "
	    "nothing was burned", l->chip->name,
	    l->fuses.state.raw.xtal_mhz);
}

static int
set_timing(struct link *l)
{
	const struct efuse_timing	*t = chip_of(l)->control.timing;
	uint32_t			 v;
	int				 err;

	for (; t != NULL && t->reg != 0; t++) {
		if (!is_timing(l, t))
			continue;
		if ((err = rom_read_reg(&l->rom, address(l, t->reg), &v)) < 0)
			return link_fail_rom(l, err, "read the timing of the "
			    "eFuse controller");
		TRY(put(l, t->reg, (v & ~t->mask) | (t->value & t->mask)));
	}
	return 0;
}

static int
fill(struct link *l, const struct efuse_step *s)
{
	unsigned	at = chip_of(l)->blocks[s->block].write;

	for (size_t i = 0; i < s->burn_words; i++)
		TRY(put(l, at + WORD * (unsigned)i, s->burn[i]));
	return 0;
}

/* From the command on nobody knows for certain what is burned until it has been
 * read. */
static int
program(struct link *l, const struct efuse_step *s, bool *sent)
{
	const struct efuse_chip	*e = chip_of(l);
	uint32_t		 cmd = EFUSE_PGM_CMD;
	int			 err;

	if ((e->flags & EFUSE_CHIP_ESP32) == 0)
		cmd |= s->block << 2;
	TRY(put(l, e->control.conf, EFUSE_WRITE_CODE));
	*sent = true;
	err = rom_write_reg(&l->rom, address(l, e->control.cmd), cmd,
	    UINT32_MAX, 0);
	if (err < 0)
		return link_fail_rom(l, err, "give the command to burn");
	return wait_idle(l, "the command to burn");
}

/* All of a try but looking at what became of it. */
static int
burn_once(struct link *l, const struct efuse_step *s, bool *sent)
{
	TRY(set_timing(l));
	TRY(clear(l));
	TRY(fill(l, s));
	TRY(program(l, s, sent));
	TRY(clear(l));
	return fuses_latch(l);
}

static bool
has_errors(const struct link *l, unsigned block)
{
	return l->fuses.state.errors[block] != 0 ||
	    l->fuses.state.failed[block];
}

/* Read the errors again and again: a bit that is burned weakly is not always
 * read the same.  Then what the block holds. */
static int
look(struct link *l, const struct efuse_step *s)
{
	const struct efuse_chip	*e = chip_of(l);
	struct want		 w = { .word = { false } };

	want_errors(&w, e);
	for (int i = 0; i < FUSES_READS; i++) {
		TRY(fuses_latch(l));
		TRY(refresh(l, &w));
		if (has_errors(l, s->block))
			break;
	}
	want_block(&w, e, 0);
	want_block(&w, e, s->block);
	return refresh(l, &w);
}

static int
burn_step(struct link *l, const struct efuse_step *s, struct fuses_outcome *d,
    bool *sent)
{
	const struct efuse_state	before = l->fuses.state;

	d->step = s;
	for (d->tries = 1; ; d->tries++) {
		TRY(burn_once(l, s, sent));
		TRY(look(l, s));
		if (efuse_step_done(s, &l->fuses.state) ||
		    d->tries == FUSES_TRIES)
			break;
		link_note(l, "%s: not all bits took, or it has errors; it is "
		    "burned again (%u of %d)", chip_of(l)->blocks[s->block].name,
		    d->tries + 1, FUSES_TRIES);
	}
	return efuse_step_outcome(s, &before, &l->fuses.state, d->text,
	    &l->why);
}

int
fuses_burn(struct link *l, const struct efuse_step *s, struct fuses_outcome *d,
    bool *sent)
{
	bool	secret = is_secret(l, s->block);
	int	err;

	*sent = false;
	if (secret)
		hide(l, true);
	err = burn_step(l, s, d, sent);
	if (secret) {
		wipe(l);
		hide(l, false);
	}
	return err;
}
