#include "tests/sim/efuse.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/bytes.h"
#include "tests/sim/efuse_code.h"

enum {
	/* TRM, "eFuse Controller": EFUSE_CONF_REG and EFUSE_CMD_REG. */
	CONF_PROGRAM	= 0x5a5a,
	CONF_READ	= 0x5aa5,
	CMD_READ_BIT	= 1 << 0,
	CMD_PROGRAM_BIT	= 1 << 1,
	BUSY_LOOKS	= 2,

	DATA_WORDS	= CODE_DATA,

	/* ESP32: CODING_SCHEME is in word 6 of BLOCK0. */
	SCHEME_WORD	= 6,
	SCHEME_34	= 1,

	COUNT_MAX	= 7,		/* wrong bytes, as they are told */
};

/* ---- what the cells hold ---- */

static bool
is_esp32(const struct simefuse *e)
{
	return e->row->wdata[0] != 0;
}

static bool
bit_of(const struct simefuse *e, unsigned bit)
{
	return e->cell[0][bit / 32] >> bit % 32 & 1;
}

static bool
is_locked(const struct simefuse *e, unsigned bit)
{
	return bit != SIMEFUSE_NONE && bit_of(e, bit);
}

static bool
is_hidden(const struct simefuse *e, unsigned bit)
{
	return bit != SIMEFUSE_NONE && bit_of(e, e->row->rd_dis_bit + bit);
}

static bool
is_blank(const uint32_t *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (words[i] != 0)
			return false;
	return true;
}

/* As show_block() found it. */
static void
tell_wrong(struct simefuse *e, unsigned block, int count)
{
	unsigned	at = (block - 1) * 4;
	unsigned	fail = at + (e->row->fail_late ? 7 : 3);

	if (is_esp32(e)) {
		e->dec_status |= (uint32_t)count << at;
		return;
	}
	e->rs[at / 32] |= (uint32_t)(count < 0 ? COUNT_MAX : count) << at % 32;
	if (count < 0 && fail < 64)
		e->rs[fail / 32] |= 1u << fail % 32;
}

static bool
is_coded_34(const struct simefuse *e)
{
	return is_esp32(e) && (e->cell[0][SCHEME_WORD] & 3) == SCHEME_34;
}

/* ESP32, BLOCK0: FLASH_CRYPT_CONFIG, CODING_SCHEME, KEY_STATUS and
 * BLK3_PART_RESERVE, which one bit of RD_DIS hides. */
static const uint32_t hidden_0[] = {
	0, 0, 0, 1 << 14, 0, 0xf0000000, 0x403,
};

/* What can be read of a block.  Returns what is wrong with it: 3/4 coding, a
 * bit for each group; others, bytes, or negative: too many. */
static int
show_block(const struct simefuse *e, unsigned n, uint32_t out[SIMEFUSE_WORDS])
{
	const struct simefuse_block	*b = &e->row->block[n];
	unsigned			 groups;
	int				 wrong = 0;

	memcpy(out, e->cell[n], sizeof(e->cell[n]));
	if (n == 0) {
		if (is_esp32(e) && is_hidden(e, 3))
			for (size_t i = 0; i < b->words; i++)
				out[i] &= ~hidden_0[i];
		return 0;
	}
	if (is_coded_34(e)) {
		code_34_back(e->cell[n], out, &groups);
		wrong = (int)groups;
	} else if (!is_esp32(e)) {
		wrong = e->fault.ruined >> n & 1 ? -1 : code_rs_correct(out);
	}
	for (size_t i = 0; i < b->words; i++)
		if (is_hidden(e, b->rd_high != SIMEFUSE_NONE && i >= 4 ?
		    b->rd_high : b->rd_dis))
			out[i] = 0;
	return wrong;
}

/* The registers show what is burned. */
static void
latch(struct simefuse *e)
{
	uint32_t	out[SIMEFUSE_WORDS];
	int		wrong;

	memset(e->rs, 0, sizeof(e->rs));
	e->dec_status = 0;
	/* WR_DIS, word 0, has no register for this. */
	for (unsigned i = 0; i < e->row->err0_words; i++)
		e->err0[i] = e->torn[i + 1];
	for (unsigned n = 0; n < SIMEFUSE_BLOCKS; n++) {
		const struct simefuse_block	*b = &e->row->block[n];

		if (b->words == 0)
			continue;
		wrong = show_block(e, n, out);
		if (n > 0)
			tell_wrong(e, n, wrong);
		for (size_t i = 0; i < b->words; i++)
			fuse_put(e->fuses, e->row->base + b->read +
			    4 * (uint32_t)i, out[i]);
	}
	if (e->row->secure_download != SIMEFUSE_NONE &&
	    bit_of(e, e->row->secure_download)) {
		e->locks = !e->fuses->secure_download;
		e->fuses->secure_download = true;
	}
}

/* ---- the file ---- */

static void
put_word(const struct simefuse *e, uint8_t *file, size_t at, uint32_t word)
{
	uint8_t	bytes[4];

	le32_put(bytes, word);
	for (size_t i = 0; i < 4; i++)
		file[e->row->window - 1 - (at + i)] = bytes[i];
}

static uint32_t
get_word(const struct simefuse *e, const uint8_t *file, size_t at)
{
	uint8_t	bytes[4];

	for (size_t i = 0; i < 4; i++)
		bytes[i] = file[e->row->window - 1 - (at + i)];
	return le32_get(bytes);
}

/* It is written whole, then takes the old one's place. */
static int
save(struct simefuse *e)
{
	uint8_t		file[SIMEFUSE_WINDOW] = { 0 };
	char		path[SIMEFUSE_PATH + 8];
	uint32_t	out[SIMEFUSE_WORDS];
	FILE		*f;
	bool		 ok;

	if (e->path[0] == '\0')
		return 0;
	for (unsigned n = 0; n < SIMEFUSE_BLOCKS; n++) {
		(void)show_block(e, n, out);
		for (size_t i = 0; i < e->row->block[n].words; i++)
			put_word(e, file, e->row->block[n].read + 4 * i,
			    out[i]);
	}
	(void)snprintf(path, sizeof(path), "%s.new", e->path);
	f = fopen(path, "wbe");
	if (f == NULL)
		return -errno;
	ok = fwrite(file, e->row->window, 1, f) == 1;
	ok &= fclose(f) == 0;
	if (!ok || rename(path, e->path) != 0)
		return errno == 0 ? -EIO : -errno;
	return 0;
}

/* The check bytes that a block with these data was burned with. */
static void
add_check(struct simefuse *e, unsigned n)
{
	if (n == 0)
		return;
	if (is_coded_34(e))
		code_34(e->cell[n]);
	else if (!is_esp32(e) && !is_blank(e->cell[n], DATA_WORDS))
		code_rs(e->cell[n], &e->cell[n][DATA_WORDS]);
}

/* What the chip has shown so far is what is burned. */
static void
take_words(struct simefuse *e, const uint8_t *file)
{
	for (unsigned n = 0; n < SIMEFUSE_BLOCKS; n++) {
		const struct simefuse_block	*b = &e->row->block[n];

		memset(e->cell[n], 0, sizeof(e->cell[n]));
		for (size_t i = 0; i < b->words; i++) {
			uint32_t	at = b->read + 4 * (uint32_t)i, v = 0;

			if (file != NULL)
				v = get_word(e, file, at);
			else
				(void)fuse_read(e->fuses, e->row->base + at,
				    &v);
			e->cell[n][i] = v;
		}
		add_check(e, n);
	}
}

static int
load(struct simefuse *e)
{
	uint8_t	file[SIMEFUSE_WINDOW + 1];
	size_t	len;
	FILE	*f = fopen(e->path, "rbe");

	if (f == NULL)
		return errno == ENOENT ? 0 : -errno;
	len = fread(file, 1, sizeof(file), f);
	(void)fclose(f);
	if (len == 0)
		return 0;
	if (len != e->row->window)
		return -EINVAL;
	take_words(e, file);
	return 0;
}

/* ---- commands ---- */

/* The bits of BLOCK0 that can no longer be burned. */
static void
locked_bits(const struct simefuse *e, uint32_t mask[SIMEFUSE_WORDS])
{
	memset(mask, 0, SIMEFUSE_WORDS * sizeof(*mask));
	for (const struct simefuse_group *g = e->row->groups; g->count > 0;
	    g++) {
		if (!is_locked(e, g->wr_dis))
			continue;
		for (unsigned i = g->first; i < g->first + g->count; i++)
			mask[i / 32] |= 1u << i % 32;
	}
}

static void
burn_words(struct simefuse *e, unsigned n, uint32_t *words, size_t count)
{
	uint32_t	locked[SIMEFUSE_WORDS] = { 0 };

	if (n == 0)
		locked_bits(e, locked);
	else if (is_locked(e, e->row->block[n].wr_dis))
		return;
	for (size_t i = 0; i < count; i++) {
		e->cell[n][i] |= words[i] & ~locked[i];
		if (n == 0)
			e->torn[i] &= ~words[i] | locked[i];
	}
}

/* A weak one does not take its lowest bit. */
static void
weaken(struct simefuse *e, uint32_t *words, size_t count)
{
	size_t	i = 0;

	if (e->fault.weak == 0)
		return;
	while (i < count && words[i] == 0)
		i++;
	if (i == count)
		return;
	words[i] &= words[i] - 1;
	e->fault.weak--;
}

/* Of a bit of BLOCK0 one copy was not taken. */
static void
tear(struct simefuse *e, const uint32_t *words)
{
	if (e->fault.copy == 0)
		return;
	for (size_t i = 1; i <= e->row->err0_words; i++) {
		if (words[i] == 0)
			continue;
		e->torn[i] |= words[i] & -words[i];
		e->fault.copy--;
		return;
	}
}

/* The times that a burning needs were set for this crystal. */
static bool
is_timed(const struct simefuse *e)
{
	for (const struct simefuse_time *t = e->row->times;
	    t != NULL && t->mask != 0; t++)
		if ((t->xtal_mhz == 0 || t->xtal_mhz == e->xtal_mhz) &&
		    (e->timing[t->reg / 4] & t->mask) != t->value)
			return false;
	return true;
}

static void
program(struct simefuse *e, unsigned n)
{
	uint32_t	words[SIMEFUSE_WORDS];

	e->mistimed = !is_timed(e);
	if (e->mistimed)
		return;		/* nothing that one could rely on */
	if (is_esp32(e)) {	/* all of them at once */
		for (unsigned i = 4; i-- > 0;) {
			memcpy(words, e->wdata[i], sizeof(e->wdata[i]));
			weaken(e, words, DATA_WORDS);
			burn_words(e, i, words,
			    i == 0 ? e->row->block[0].words : DATA_WORDS);
		}
	} else if (n < SIMEFUSE_BLOCKS && e->row->block[n].words > 0) {
		memcpy(words, e->pgm, sizeof(words));
		weaken(e, words, SIMEFUSE_WORDS);
		burn_words(e, n, words,
		    n == 0 ? e->row->block[0].words : SIMEFUSE_WORDS);
		if (n == 0)
			tear(e, words);
	}
	if (save(e) != 0)
		abort();	/* the test could no longer see the truth */
}

static void
command(struct simefuse *e, uint32_t cmd)
{
	e->cmd = cmd;
	e->busy = BUSY_LOOKS;
	if ((cmd & CMD_READ_BIT) != 0 && e->conf == CONF_READ) {
		latch(e);
		e->fresh = true;
	} else if ((cmd & CMD_PROGRAM_BIT) != 0 && e->conf == CONF_PROGRAM) {
		e->programs++;
		e->held = e->hold != 0 && e->programs == e->hold;
		if (!e->held || !e->hold_before)
			program(e, cmd >> 2);
	}
}

void
simefuse_resume(struct simefuse *e)
{
	if (e->held && e->hold_before)
		program(e, e->cmd >> 2);
	e->held = false;
}

void
simefuse_reset(struct simefuse *e)
{
	if (e->row == NULL)
		return;
	e->held = e->fresh = e->locks = false;
	e->busy = 0;
	e->conf = e->cmd = 0;
	memset(e->pgm, 0, sizeof(e->pgm));
	memset(e->wdata, 0, sizeof(e->wdata));
	memset(e->timing, 0, sizeof(e->timing));
	latch(e);
	e->locks = false;
}

/* What a key's block holds, protected or not, as in a key file: its last byte
 * first.  0: it is blank. */
static size_t
key_of(const struct simefuse *e, unsigned n, size_t len, uint8_t *out)
{
	uint32_t	words[SIMEFUSE_WORDS];
	unsigned	groups;
	uint8_t		bytes[32];

	memcpy(words, e->cell[n], sizeof(words));
	if (is_coded_34(e))
		code_34_back(e->cell[n], words, &groups);
	else if (!is_esp32(e))
		(void)code_rs_correct(words);	/* else as it is */
	if (is_blank(words, DATA_WORDS))
		return 0;
	for (size_t i = 0; i < DATA_WORDS; i++)
		le32_put(bytes + 4 * i, words[i]);
	for (size_t i = 0; i < len; i++)
		out[i] = bytes[len - 1 - i];
	return len;
}

size_t
simefuse_key(const struct simefuse *e, const struct simchip *c,
    uint8_t out[FUSE_KEY_MAX])
{
	uint32_t	first, second;

	if (e->row == NULL)
		return 0;
	if (is_esp32(e))
		return key_of(e, 1, is_coded_34(e) ? 24 : 32, out);
	if (c->fuses.key_long.width != 0)	/* the ESP32-C2 */
		return key_of(e, 3,
		    fuse_get(e->fuses, &c->fuses.key_long) ? 32 : 16, out);
	first = fuse_get(e->fuses, &c->fuses.purpose[0]);
	second = fuse_get(e->fuses, &c->fuses.purpose[1]);
	if (first == PURPOSE_XTS_256_1 && second == PURPOSE_XTS_256_2)
		return key_of(e, 4, 32, out) == 0 ||
		    key_of(e, 5, 32, out + 32) == 0 ? 0 : 64;
	if (first == PURPOSE_XTS_128)
		return key_of(e, 4, 32, out);
	return second == PURPOSE_XTS_128 ? key_of(e, 5, 32, out) : 0;
}

bool
simefuse_no_download(const struct simefuse *e, uint32_t revision)
{
	return e->row != NULL && revision >= e->row->no_download_from &&
	    bit_of(e, e->row->no_download);
}

/* ---- registers ---- */

/* The word that a register is; NULL: none that can be written. */
static uint32_t *
register_word(struct simefuse *e, uint32_t at)
{
	if (at == e->row->conf)
		return &e->conf;
	if (at == e->row->cmd)
		return &e->cmd;
	for (const struct simefuse_time *t = e->row->times;
	    t != NULL && t->mask != 0; t++)
		if (at == t->reg)
			return &e->timing[at / 4];
	if (!is_esp32(e))
		return at < sizeof(e->pgm) ? &e->pgm[at / 4] : NULL;
	for (unsigned i = 0; i < 4; i++) {
		uint32_t	n = i == 0 ? e->row->block[0].words : 8;

		if (at - e->row->wdata[i] < 4 * n)
			return &e->wdata[i][(at - e->row->wdata[i]) / 4];
	}
	return NULL;
}

static const uint32_t *
error_word(const struct simefuse *e, uint32_t at)
{
	if (at - e->row->err0 < 4u * e->row->err0_words)
		return &e->err0[(at - e->row->err0) / 4];
	if (e->row->rs != 0 && at - e->row->rs < sizeof(e->rs))
		return &e->rs[(at - e->row->rs) / 4];
	if (e->row->dec_status != 0 && at == e->row->dec_status)
		return &e->dec_status;
	return NULL;
}

bool
simefuse_has(const struct simefuse *e, uint32_t addr)
{
	uint32_t	at;

	if (e->row == NULL || addr - e->row->base >= e->row->window)
		return false;
	at = addr - e->row->base;
	return register_word((struct simefuse *)(uintptr_t)e, at) != NULL ||
	    error_word(e, at) != NULL;
}

uint32_t
simefuse_read(struct simefuse *e, uint32_t addr)
{
	uint32_t		 at = addr - e->row->base;
	const uint32_t		*error = error_word(e, at);

	if (error != NULL)
		return *error;
	if (at == e->row->cmd && e->busy > 0 && !e->fault.stuck &&
	    --e->busy == 0)
		e->cmd = 0;
	return *register_word(e, at);
}

void
simefuse_write(struct simefuse *e, uint32_t addr, uint32_t value)
{
	uint32_t	 at = addr - e->row->base;
	uint32_t	*word = register_word(e, at);

	if (word == NULL)
		return;		/* errors are only told */
	if (at == e->row->cmd)
		command(e, value);
	else
		*word = value;
}

/* ---- birth ---- */

static const struct simefuse_row *
row_find(const char *chip, uint32_t revision)
{
	const struct simefuse_row	*best = NULL;

	for (const struct simefuse_row *r = simefuse_rows; r->chip != NULL; r++)
		if (strcmp(r->chip, chip) == 0 &&
		    revision >= r->from_revision &&
		    (best == NULL || r->from_revision > best->from_revision))
			best = r;
	return best;
}

int
simefuse_init(struct simefuse *e, const struct simchip *c, struct fuses *f,
    uint32_t xtal_mhz, const char *path)
{
	int	r;

	memset(e, 0, sizeof(*e));
	e->fuses = f;
	e->xtal_mhz = xtal_mhz;
	e->row = row_find(c->name, 0);
	if (e->row == NULL)
		return 0;
	if (path != NULL)
		(void)snprintf(e->path, sizeof(e->path), "%s", path);
	take_words(e, NULL);
	r = path != NULL ? load(e) : 0;
	if (r != 0)
		return r;
	latch(e);
	e->locks = false;
	e->row = row_find(c->name, fuse_revision(f, c));
	return 0;
}
