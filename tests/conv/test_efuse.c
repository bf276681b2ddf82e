/* eFuses: reading them, and burning against a controller that does as it should
 * or does not. */
#include <stdio.h>
#include <stdlib.h>

#include "proto/base/text.h"
#include "tests/conv/conv.h"

enum { WORD = 4, ALWAYS = 1000 };

/* The controller of the board, written from the manuals: a command works only
 * behind its code, and what was burned shows after a command to read. */
static struct model {
	const struct efuse_chip	*e;
	uint32_t	 fuse[EFUSE_BLOCKS][EFUSE_BURN_WORDS];
	unsigned	 busy_for, busy;	/* polls */
	bool		 stuck;			/* from the next program on */
	/* Of this block the first so many programs change nothing, or leave
	 * errors behind. */
	unsigned	 block, deaf, sick;
	unsigned	 programs, reads, pauses;
	char		 order[128];		/* "4 0 0 " */
	bool		 dirty;			/* a program found old words */
	/* When the n-th program (from 1) is read back. */
	unsigned	 at;
	void		(*event)(void);
	bool		 secret, leaked;	/* told to be; was not */
	uint32_t	 key_word;
} m;

static uint32_t *
reg(unsigned offset)
{
	return board_reg(&b, m.e->base + offset);
}

static uint32_t
protected_blocks(void)
{
	/* TRM: RD_DIS of the ESP32 is bits 16..19 of word 0, that of the
	 * ESP32-C3 bits 0..6 of word 1. */
	return m.e->chip == &chip_esp32 ? m.fuse[0][0] >> 16 & 0xf :
	    m.fuse[0][1] & 0x7f;
}

static void
latch(void)
{
	size_t	n = efuse_block_count(m.e);

	for (size_t i = 0; i < n; i++) {
		const struct efuse_block	*k = &m.e->blocks[i];
		bool	hidden = (protected_blocks() & k->rd_dis) != 0;

		for (unsigned w = 0; w < k->words; w++)
			*reg(k->read + WORD * w) = hidden ? 0 : m.fuse[i][w];
	}
}

/* Where the words for a block are. */
static unsigned
source(size_t block)
{
	return m.e->control.clear_words > 0 ? m.e->control.clear :
	    m.e->blocks[block].write;
}

static void
program_block(size_t i)
{
	if (i == m.block && m.deaf > 0) {
		m.deaf--;
		return;
	}
	for (unsigned w = 0; w < m.e->blocks[i].words; w++)
		m.fuse[i][w] |= *reg(source(i) + WORD * w);
}

static void
set_error(size_t i, bool on)
{
	const struct efuse_error	*e = &m.e->control.errors[i];
	uint32_t			 bits = 1u << e->count_shift;

	if (i == 0)
		*reg(m.e->control.err0) = on;
	else if (e->count_reg != 0)
		*reg(e->count_reg) = (*reg(e->count_reg) & ~bits) |
		    (on ? bits : 0);
}

static void
program(uint32_t cmd)
{
	size_t	block = cmd >> 2 & 0xf, n = efuse_block_count(m.e);
	size_t	at = strlen(m.order);

	m.programs++;
	(void)snprintf(m.order + at, sizeof m.order - at, "%zu ", block);
	if (m.e->control.clear_words > 0)
		program_block(block);
	for (size_t i = 0; i < n && m.e->control.clear_words == 0; i++)
		program_block(i);
	if (block == m.block && m.sick > 0)
		set_error(block, --m.sick > 0);
}

static void
on_write(struct board *board, uint32_t addr, uint32_t value)
{
	uint32_t	conf = *board_reg(board, m.e->base +
			    m.e->control.conf);

	m.leaked |= m.key_word != 0 && value == m.key_word && !m.secret;
	if (addr != m.e->base + m.e->control.cmd)
		return;
	if ((value & EFUSE_PGM_CMD) != 0 && conf == EFUSE_WRITE_CODE) {
		program(value);
		m.busy = m.stuck ? UINT32_MAX : m.busy_for;
	} else if ((value & EFUSE_READ_CMD) != 0 && conf == EFUSE_READ_CODE) {
		m.reads++;
		m.pauses += board->bytes[CMD_WRITE_REG] == 32;
		m.busy = m.busy_for;
		latch();
		if (m.event != NULL && m.programs == m.at) {
			m.at = 0;
			m.event();
		}
	}
}

static void
on_read(struct board *board, uint32_t addr)
{
	if (addr != m.e->base + m.e->control.cmd)
		return;
	*board_reg(board, addr) = m.busy > 0 ? EFUSE_READ_CMD : 0;
	m.busy -= m.busy > 0;
}

/* ---- wishes ---- */

static struct efuse_wish	wishes[8];
static struct fuses_order	order;

static char *
own(const char *s)
{
	char	*copy = s != NULL ? strdup(s) : NULL;

	assert_true(s == NULL || copy != NULL);
	return copy;
}

static struct efuse_wish *
wish(enum efuse_wish_kind kind, const char *name, const char *value)
{
	struct efuse_wish	*w = &wishes[order.wish_count++];

	*w = (struct efuse_wish){ .kind = kind, .name = own(name),
	    .value = own(value), .command = (unsigned)order.wish_count };
	return w;
}

static void
wish_key(const char *block, const char *purpose)
{
	struct efuse_wish	*w = wish(EFUSE_WISH_KEY, block, NULL);

	w->purpose = own(purpose);
	w->len = 32;
	for (size_t i = 0; i < w->len; i++)
		w->data[i] = (uint8_t)(0x11 + 3 * i);
	m.key_word = 0x1a171411;
}

/* ---- hooks ---- */

static unsigned	told;		/* calls of the hook `burn` */
static int	refuse;		/* what its first one answers */
static char	failed_text[WHY_MAX];

static int
on_burn(void *arg, size_t done, const struct why *failed, struct why *why)
{
	(void)arg;
	told++;
	if (failed != NULL)
		(void)snprintf(failed_text, sizeof failed_text, "%s",
		    failed->text);
	return done == 0 && refuse != 0 && failed == NULL ?
	    why_set(why, refuse, "the ledger is full") : 0;
}

static void
on_secret(void *arg, bool on)
{
	(void)arg;
	m.secret = on;
}

static void
on_note(void *arg, const char *text)
{
	struct board	*board = arg;
	size_t		 at = strlen(board->notes);

	(void)snprintf(board->notes + at, sizeof board->notes - at, "%s\n",
	    text);
}

static const struct link_hooks	hooks = {
	.note = on_note, .secret = on_secret, .burn = on_burn,
};

static void
start(const struct chip *chip)
{
	m = (struct model){ .e = efuse_chip_find(chip, 4), .busy_for = 3,
	    .block = UINT32_MAX };
	order = (struct fuses_order){ .wishes = wishes, .postpone = true };
	told = 0;
	refuse = 0;
	failed_text[0] = '\0';
	board_init(&b, &l, chip);
	assert_non_null(m.e);
	b.on_write = on_write;
	b.on_read = on_read;
	/* Its MAC as the board has it. */
	for (size_t i = 0; i < EFUSE_BLOCKS && m.e->blocks[i].name; i++)
		for (unsigned w = 0; w < m.e->blocks[i].words; w++)
			m.fuse[i][w] = *reg(m.e->blocks[i].read + WORD * w);
	board_ready(&b, &l, false);
	l.hooks = &hooks;
	l.hook_arg = &b;
	l.fuses.order = &order;
}

static void
end(void)
{
	board_done(&b, &l);
	for (size_t i = 0; i < order.wish_count; i++)
		efuse_wish_done(&wishes[i]);
}

static int
burn(void)
{
	int	err;

	if ((err = phase_efuse_fresh(&l)) < 0 ||
	    (err = phase_efuse_plan(&l)) < 0)
		return err;
	return phase_efuse_burn(&l);
}

/* ---- reading ---- */

static void
test_what_counts_is_read_and_nothing_is_written(void **state)
{
	unsigned	wanted = 0;

	(void)state;
	start(&chip_esp32c3);
	m.fuse[0][2] = 1u << 18;	/* SPI_BOOT_CRYPT_CNT, lowest bit */
	latch();
	for (size_t i = 0; i < EFUSE_WINDOW / WORD; i++)
		wanted += efuse_raw_needs(m.e, i);
	assert_int_equal(phase_efuse_read(&l), 0);
	assert_int_equal(efuse_number(&l.fuses.state, "SPI_BOOT_CRYPT_CNT"),
	    1);
	assert_int_equal(b.sent[CMD_READ_REG], wanted);
	assert_int_equal(b.sent[CMD_WRITE_REG], 0);
	end();
}

static void
test_a_name_that_is_none_is_told(void **state)
{
	static const char *const	names[] = { "MAC", "MACC" };

	(void)state;
	start(&chip_esp32c3);
	order.names = names;
	order.name_count = 2;
	assert_int_equal(phase_efuse_read(&l), ERR_PARAMS);
	assert_contains(l.why.text, "\"MACC\"");
	end();
}

static void
test_a_chip_without_fuses_is_refused(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp8266);
	board_ready(&b, &l, false);
	assert_int_equal(phase_efuse_read(&l), ERR_UNSUPPORTED);
	assert_contains(l.why.text, "ESP8266");
	board_done(&b, &l);
}

static void
test_faults_of_reading(void **state)
{
	(void)state;
	check_faults(&chip_esp32c3, false, phase_efuse_read, NULL,
	    CMD_READ_REG, 5);
}

/* ---- burning ---- */

/* Bits in BLOCK0 that lock out come last; registers are empty at the end; the
 * command to read has its pause. */
static void
test_a_field_is_burned(void **state)
{
	(void)state;
	start(&chip_esp32c3);
	(void)wish(EFUSE_WISH_FIELD, "DIS_PAD_JTAG", NULL);
	(void)wish(EFUSE_WISH_FIELD, "SPI_BOOT_CRYPT_CNT", "1");
	assert_int_equal(burn(), 0);
	assert_string_equal(m.order, "0 0 ");
	assert_int_equal(efuse_number(&l.fuses.state, "DIS_PAD_JTAG"), 1);
	assert_int_equal(efuse_number(&l.fuses.state, "SPI_BOOT_CRYPT_CNT"),
	    1);
	assert_int_equal(l.fuses.done_count, 2);
	assert_false(l.fuses.done[0].step->late);
	assert_true(l.fuses.done[1].step->late);
	assert_int_equal(l.fuses.done[1].tries, 1);
	assert_contains(l.fuses.done[0].text, "BURN BLOCK0  - OK");
	assert_int_equal(told, 3);
	assert_false(l.fuses.burning);
	for (unsigned i = 0; i < EFUSE_BURN_WORDS; i++)
		assert_int_equal(*reg(WORD * i), 0);
	assert_int_equal(m.pauses, m.reads);
	end();
}

/* The ROM must not look at fuses while they are read; but not by writing to the
 * controller. */
static void
test_where_the_pause_is_made(void **state)
{
	(void)state;
	for (size_t i = 0; efuse_chips[i] != NULL; i++) {
		const struct efuse_chip	*e = efuse_chips[i];
		bool	pause = (e->flags & EFUSE_CHIP_ESP32) == 0;

		assert_int_equal(e->control.aside != 0, pause);
		assert_true(e->control.aside - e->base >= EFUSE_WINDOW);
	}
}

/* DAC_CLK_DIV 0x28, DAC_NUM 0xff, PWR_ON_NUM 0x3000, PWR_OFF_NUM 0x190; the other
 * bits of the registers stay (esptool 5.3, esp32c3). */
static void
test_the_timing_is_set(void **state)
{
	(void)state;
	start(&chip_esp32c3);
	*reg(0x1e8) = 0xfffc0000;
	(void)wish(EFUSE_WISH_FIELD, "DIS_PAD_JTAG", NULL);
	assert_int_equal(burn(), 0);
	assert_int_equal(*reg(0x1e8), 0xfffdfe28 & (0xfffc0000 | 0x1fe28));
	assert_int_equal(*reg(0x1f4) & 0x190, 0x190);
	end();
}

static void
test_a_key_is_hidden_and_goes_before_its_protection(void **state)
{
	(void)state;
	start(&chip_esp32c3);
	wish_key("BLOCK_KEY0", "HMAC_UP");
	assert_int_equal(burn(), 0);
	assert_string_equal(m.order, "4 0 0 ");
	assert_false(m.leaked);
	assert_false(m.secret);
	assert_int_equal(m.fuse[4][0], m.key_word);
	/* Nobody can read it. */
	assert_int_equal(l.fuses.state.words[4][0], 0);
	for (size_t i = 0; i < l.rom.tx.len; i++)
		assert_int_not_equal(le32_get(l.rom.tx.data +
		    (i + 4 <= l.rom.tx.len ? i : 0)), m.key_word);
	end();
}

static void
test_what_did_not_take_is_burned_again(void **state)
{
	(void)state;
	start(&chip_esp32c3);
	m.block = 0;
	m.deaf = 2;
	(void)wish(EFUSE_WISH_FIELD, "DIS_PAD_JTAG", NULL);
	assert_int_equal(burn(), 0);
	assert_int_equal(m.programs, 3);
	assert_int_equal(l.fuses.done[0].tries, 3);
	assert_contains(b.notes, "burned again (3 of 3)");
	end();
}

/* And nothing of what comes behind is burned. */
static void
test_what_never_takes_is_an_error(void **state)
{
	(void)state;
	start(&chip_esp32c3);
	m.block = 0;
	m.deaf = ALWAYS;
	(void)wish(EFUSE_WISH_FIELD, "DIS_PAD_JTAG", NULL);
	(void)wish(EFUSE_WISH_FIELD, "SPI_BOOT_CRYPT_CNT", "1");
	wish_key("BLOCK_KEY1", "USER");
	assert_int_equal(burn(), ERR_VERIFY);
	assert_string_equal(m.order, "5 0 0 0 ");
	assert_contains(l.why.text, "1 of 3 steps are done (BLOCK_KEY1)");
	assert_string_equal(failed_text, l.why.text);
	assert_false(l.fuses.burning);
	end();
}

static void
test_a_block_with_errors_is_burned_again(void **state)
{
	(void)state;
	start(&chip_esp32c3);
	m.block = 5;
	m.sick = 2;
	wish_key("BLOCK_KEY1", "USER");
	assert_int_equal(burn(), 0);
	assert_string_equal(m.order, "5 5 0 ");
	end();
}

static void
test_a_controller_that_stays_busy(void **state)
{
	(void)state;
	start(&chip_esp32c3);
	m.stuck = true;
	(void)wish(EFUSE_WISH_FIELD, "DIS_PAD_JTAG", NULL);
	assert_int_equal(burn(), ERR_VERIFY);
	assert_contains(l.why.text, "still busy 250 ms after the command to "
	    "burn");
	assert_int_equal(m.programs, 1);
	end();
}

static void
test_nothing_is_left_to_burn(void **state)
{
	(void)state;
	start(&chip_esp32c3);
	(void)wish(EFUSE_WISH_FIELD, "DIS_PAD_JTAG", NULL);
	m.fuse[0][1] |= 1u << 19;
	assert_int_equal(burn(), 0);
	assert_int_equal(m.programs, 0);
	assert_int_equal(told, 0);
	end();
}

static void
test_what_cannot_be_written_down_is_not_burned(void **state)
{
	(void)state;
	start(&chip_esp32c3);
	refuse = ERR_IO;
	(void)wish(EFUSE_WISH_FIELD, "DIS_PAD_JTAG", NULL);
	assert_int_equal(burn(), ERR_IO);
	assert_contains(l.why.text, "the ledger is full");
	assert_int_equal(m.programs, 0);
	end();
}

static void
test_a_cancel_before_the_first_step(void **state)
{
	(void)state;
	start(&chip_esp32c3);
	l.halt = ERR_CANCELED;
	(void)wish(EFUSE_WISH_FIELD, "DIS_PAD_JTAG", NULL);
	assert_int_equal(burn(), ERR_CANCELED);
	assert_int_equal(m.programs, 0);
	assert_int_equal(told, 0);
	end();
}

/* ---- a plan for another chip, or one that has changed ---- */

static void
bind(void)
{
	assert_int_equal(phase_efuse_fresh(&l), 0);
	order.bound = true;
	memcpy(order.mac, l.found.facts.mac, sizeof order.mac);
	order.raw = l.fuses.state.raw;
}

static void
test_a_plan_is_for_one_chip(void **state)
{
	(void)state;
	start(&chip_esp32c3);
	(void)wish(EFUSE_WISH_FIELD, "DIS_PAD_JTAG", NULL);
	bind();
	order.mac[5] ^= 1;
	assert_int_equal(burn(), ERR_CHIP_MISMATCH);
	assert_contains(l.why.text, "another board");
	assert_int_equal(m.programs, 0);
	end();
}

static void
test_a_chip_that_has_changed_is_planned_again(void **state)
{
	(void)state;
	start(&chip_esp32c3);
	(void)wish(EFUSE_WISH_FIELD, "DIS_PAD_JTAG", NULL);
	bind();
	m.fuse[0][1] |= 1u << 20;
	assert_int_equal(burn(), ERR_CONFLICT);
	assert_contains(l.why.text, "have changed");
	assert_int_equal(m.programs, 0);
	end();
}

static void
test_a_plan_fits_its_chip(void **state)
{
	(void)state;
	start(&chip_esp32c3);
	(void)wish(EFUSE_WISH_FIELD, "DIS_PAD_JTAG", NULL);
	bind();
	assert_int_equal(burn(), 0);
	assert_int_equal(m.programs, 1);
	end();
}

/* ---- faults in the middle ---- */

static void
fall_silent(void)
{
	b.silent = true;
}

static void
unplug(void)
{
	b.wire.stop = ERR_UNPLUGGED;
}

static void
two_steps(void (*event)(void), unsigned at)
{
	start(&chip_esp32c3);
	(void)wish(EFUSE_WISH_FIELD, "DIS_PAD_JTAG", NULL);
	wish_key("BLOCK_KEY1", "USER");
	m.event = event;
	m.at = at;
}

static void
test_a_silence_between_steps(void **state)
{
	(void)state;
	two_steps(fall_silent, 1);
	assert_int_equal(burn(), ERR_TIMEOUT);
	assert_contains(l.why.text, "fell silent");
	assert_contains(l.why.text, "0 of 3 steps are done; the same burned "
	    "again finishes it");
	assert_true(l.fuses.burned);
	end();
	two_steps(fall_silent, 2);
	assert_int_equal(burn(), ERR_TIMEOUT);
	assert_contains(l.why.text, "1 of 3 steps are done (BLOCK_KEY1)");
	end();
}

static void
test_an_unplugged_board_between_steps(void **state)
{
	(void)state;
	two_steps(unplug, 2);
	assert_int_equal(burn(), ERR_UNPLUGGED);
	assert_contains(l.why.text, "1 of 3 steps are done (BLOCK_KEY1)");
	assert_string_equal(m.order, "5 0 ");
	end();
}

/* What was burned is left out the next time. */
static void
test_the_rest_of_a_plan_that_was_cut(void **state)
{
	struct model	before;

	(void)state;
	two_steps(unplug, 2);
	assert_int_equal(burn(), ERR_UNPLUGGED);
	before = m;
	end();
	two_steps(NULL, 0);
	memcpy(m.fuse, before.fuse, sizeof m.fuse);
	assert_int_equal(burn(), 0);
	assert_string_equal(m.order, "0 ");
	assert_true(l.fuses.done[0].step->late);
	end();
}

/* The same before and after each command of a burn, whatever it is: an error,
 * and never a step that is not told. */
static void
test_refusals_anywhere(void **state)
{
	(void)state;
	for (unsigned skip = 0; ; skip += 7) {
		int	err;

		two_steps(NULL, 0);
		board_fault(&b, FAULT_REFUSAL_ALWAYS, CMD_WRITE_REG, skip);
		err = burn();
		assert_true(err == ERR_REFUSED || err == 0);
		if (err != 0)
			assert_int_equal(l.why.err, ERR_REFUSED);
		assert_true(l.fuses.done_count <= m.programs);
		assert_int_equal(l.fuses.burned, m.programs > 0 ||
		    l.fuses.burned);
		end();
		if (err == 0)
			break;
		assert_true(skip < 1000);
	}
}

/* ---- chips that shut us out as planned ---- */

/* The ROM answers no more, not even after a reset. */
static void
shut_loader(void)
{
	b.silent = true;
	b.no_lines = false;
}

static void
test_a_chip_whose_loader_is_shut(void **state)
{
	(void)state;
	start(&chip_esp32c3);
	(void)wish(EFUSE_WISH_FIELD, "DIS_DOWNLOAD_MODE", NULL);
	m.event = shut_loader;
	m.at = 1;
	assert_int_equal(burn(), 0);
	assert_contains(l.fuses.lost, "DIS_DOWNLOAD_MODE");
	assert_contains(l.fuses.lost, "as it was planned");
	assert_int_equal(l.fuses.done_count, 1);
	assert_int_equal(told, 2);
	assert_int_equal(l.why.err, 0);
	end();
}

/* The same silence without that field is an error. */
static void
test_a_silence_that_was_not_planned(void **state)
{
	(void)state;
	start(&chip_esp32c3);
	(void)wish(EFUSE_WISH_FIELD, "DIS_PAD_JTAG", NULL);
	m.event = shut_loader;
	m.at = 1;
	assert_int_equal(burn(), ERR_TIMEOUT);
	assert_string_equal(l.fuses.lost, "");
	end();
}

static void
secure_mode(void)
{
	b.flags |= SECINFO_SECURE_DOWNLOAD;
	board_fault(&b, FAULT_REFUSAL_ALWAYS, CMD_READ_REG, 0);
}

static void
test_a_chip_in_secure_download_mode_as_planned(void **state)
{
	(void)state;
	start(&chip_esp32c3);
	(void)wish(EFUSE_WISH_FIELD, "ENABLE_SECURITY_DOWNLOAD", NULL);
	m.event = secure_mode;
	m.at = 1;
	assert_int_equal(burn(), 0);
	assert_contains(l.fuses.lost, "ENABLE_SECURITY_DOWNLOAD");
	assert_contains(l.fuses.lost, "secure download mode");
	end();
}

/* Over the chip's own USB; over another port that would be an accident. */
static void
test_a_chip_that_leaves_its_usb_as_planned(void **state)
{
	(void)state;
	for (int own = 0; own < 2; own++) {
		start(&chip_esp32c3);
		l.opt.usb_vid = own ? 0x303a : 0x10c4;
		l.opt.usb_pid = own ? 0x1001 : 0xea60;
		(void)wish(EFUSE_WISH_FIELD, "DIS_USB_SERIAL_JTAG", NULL);
		m.event = unplug;
		m.at = 1;
		assert_int_equal(burn(), own ? 0 : ERR_UNPLUGGED);
		if (own)
			assert_contains(l.fuses.lost, "has left its USB port");
		else
			assert_string_equal(l.fuses.lost, "");
		end();
	}
}

/* It only had to be reset: then it is read and all is well. */
static void
stumble(void)
{
	b.silent = b.hung = true;
}

static void
test_a_chip_that_comes_back_is_read(void **state)
{
	(void)state;
	start(&chip_esp32c3);
	(void)wish(EFUSE_WISH_FIELD, "DIS_DOWNLOAD_MODE", NULL);
	m.event = stumble;
	m.at = 1;
	assert_int_equal(burn(), 0);
	assert_string_equal(l.fuses.lost, "");
	assert_int_equal(efuse_number(&l.fuses.state, "DIS_DOWNLOAD_MODE"), 1);
	end();
}

/* ---- the ESP32 ---- */

/* One command burns the registers of all blocks: none may hold old words. */
static void
test_an_esp32_burns_only_what_it_should(void **state)
{
	(void)state;
	start(&chip_esp32);
	*reg(m.e->blocks[2].write) = 0xdeadbeef;
	(void)wish(EFUSE_WISH_FIELD, "JTAG_DISABLE", NULL);
	wish_key("BLOCK3", NULL);
	assert_int_equal(burn(), 0);
	assert_int_equal(m.fuse[2][0], 0);
	for (unsigned k = 0; k < 4; k++)
		for (unsigned w = 0; w < m.e->blocks[k].words; w++)
			assert_int_equal(*reg(m.e->blocks[k].write + WORD * w),
			    0);
	assert_int_equal(efuse_number(&l.fuses.state, "JTAG_DISABLE"), 1);
	end();
}

static void
test_an_esp32_with_an_odd_crystal(void **state)
{
	(void)state;
	start(&chip_esp32);
	l.found.facts.xtal_mhz = 24;
	(void)wish(EFUSE_WISH_FIELD, "JTAG_DISABLE", NULL);
	assert_int_equal(burn(), ERR_UNSUPPORTED);
	assert_contains(l.why.text, "24");
	assert_int_equal(m.programs, 0);
	end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_what_counts_is_read_and_nothing_is_written),
		cmocka_unit_test(test_a_name_that_is_none_is_told),
		cmocka_unit_test(test_a_chip_without_fuses_is_refused),
		cmocka_unit_test(test_faults_of_reading),
		cmocka_unit_test(test_a_field_is_burned),
		cmocka_unit_test(test_where_the_pause_is_made),
		cmocka_unit_test(test_the_timing_is_set),
		cmocka_unit_test(
		    test_a_key_is_hidden_and_goes_before_its_protection),
		cmocka_unit_test(test_what_did_not_take_is_burned_again),
		cmocka_unit_test(test_what_never_takes_is_an_error),
		cmocka_unit_test(test_a_block_with_errors_is_burned_again),
		cmocka_unit_test(test_a_controller_that_stays_busy),
		cmocka_unit_test(test_nothing_is_left_to_burn),
		cmocka_unit_test(
		    test_what_cannot_be_written_down_is_not_burned),
		cmocka_unit_test(test_a_cancel_before_the_first_step),
		cmocka_unit_test(test_a_plan_is_for_one_chip),
		cmocka_unit_test(
		    test_a_chip_that_has_changed_is_planned_again),
		cmocka_unit_test(test_a_plan_fits_its_chip),
		cmocka_unit_test(test_a_silence_between_steps),
		cmocka_unit_test(test_an_unplugged_board_between_steps),
		cmocka_unit_test(test_the_rest_of_a_plan_that_was_cut),
		cmocka_unit_test(test_refusals_anywhere),
		cmocka_unit_test(test_a_chip_whose_loader_is_shut),
		cmocka_unit_test(test_a_silence_that_was_not_planned),
		cmocka_unit_test(
		    test_a_chip_in_secure_download_mode_as_planned),
		cmocka_unit_test(test_a_chip_that_leaves_its_usb_as_planned),
		cmocka_unit_test(test_a_chip_that_comes_back_is_read),
		cmocka_unit_test(test_an_esp32_burns_only_what_it_should),
		cmocka_unit_test(test_an_esp32_with_an_odd_crystal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
