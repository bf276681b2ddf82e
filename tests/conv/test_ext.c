/* Our own stub: asking what it is, and the stream that it takes. */
#include "tests/conv/conv.h"

#include "daemon/link/ext.h"
#include "daemon/link/regs.h"
#include "daemon/link/stream.h"

enum { AT = 0x10000, LARGE = 300000 };

static struct blob	*noise, *code, *large;
static struct link_write write_one;

static void
start_with(uint32_t caps)
{
	board_init(&b, &l, &chip_esp32c3);
	b.ext.there = true;
	b.ext.caps = caps;
	board_ready(&b, &l, true);
	assert_int_equal(ext_ask(&l.rom), 0);
	assert_true(ext_there(&l.rom));
}

static void
start(void)
{
	start_with(0);
}

static void
put(struct blob *blob)
{
	write_one = (struct link_write){ .blob = blob, .offset = AT };
	l.flash.writes = &write_one;
	l.flash.write_count = 1;
}

static void
assert_written(const struct blob *blob)
{
	assert_memory_equal(b.flash + AT, blob->data, blob->len);
}

static void
write_and_verify(void)
{
	assert_int_equal(phase_write(&l), 0);
	assert_int_equal(phase_verify(&l), 0);
	assert_written(write_one.blob);
}

static void
end(void)
{
	board_done(&b, &l);
}

/* Blocks of 4 KB that a blob is sent in. */
static unsigned
blocks_of(size_t len)
{
	return (unsigned)((len + 4095) / 4096);
}

/* ---- who is it ---- */

static void
test_our_stub_tells_what_it_can(void **state)
{
	(void)state;
	start();
	assert_int_equal(l.rom.ext.window, BOARD_WINDOW);
	assert_int_equal(l.rom.ext.block, 4096);
	assert_int_equal(l.rom.ext.build, 0x1234);
	assert_int_equal(b.sent[EXT_INFO], 1);
	end();
}

static void
test_another_stub_refuses_in_one_round_trip(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32c3);
	board_ready(&b, &l, true);
	assert_int_equal(ext_ask(&l.rom), 0);
	assert_false(ext_there(&l.rom));
	assert_int_equal(b.sent[EXT_INFO], 1);
	assert_int_equal(b.now, 0);
	end();
}

static void
test_another_version_is_left_alone(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32c3);
	b.ext.there = true;
	b.ext.version = EXT_VERSION + 1;
	board_ready(&b, &l, true);
	assert_int_equal(ext_ask(&l.rom), 0);
	assert_false(ext_there(&l.rom));
	end();
}

static void
test_lost_and_damaged_answers_are_asked_for_again(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		board_init(&b, &l, &chip_esp32c3);
		b.ext.there = true;
		board_ready(&b, &l, true);
		*(i == 0 ? &b.ext.lose_request : i == 1 ? &b.ext.spoil_request
		    : i == 2 ? &b.ext.lose_answer : &b.ext.spoil_answer) = 1;
		assert_int_equal(ext_ask(&l.rom), 0);
		assert_true(ext_there(&l.rom));
		assert_int_equal(b.sent[EXT_INFO], 2);
		assert_in_range(b.now, 1, 1000);
		end();
	}
}

static void
test_silent_stub_is_no_stub_of_ours(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32c3);
	board_ready(&b, &l, true);
	board_fault(&b, FAULT_SILENCE, EXT_INFO, 0);
	assert_int_equal(ext_ask(&l.rom), 0);
	assert_false(ext_there(&l.rom));
	end();
	board_init(&b, &l, &chip_esp32c3);
	board_ready(&b, &l, true);
	board_fault(&b, FAULT_UNPLUG, EXT_INFO, 0);
	assert_int_equal(ext_ask(&l.rom), ERR_UNPLUGGED);
	end();
}

static void
test_reset_forgets_what_the_stub_was(void **state)
{
	(void)state;
	start();
	b.stub = false;
	assert_int_equal(phase_connect(&l), 0);
	assert_false(ext_there(&l.rom));
	assert_int_equal(l.rom.ext.version, 0);
	end();
}

/* ---- writing ---- */

static void
test_stream_writes_plain_and_compressed(void **state)
{
	struct blob *const	all[] = { noise, code, large };

	(void)state;
	for (size_t i = 0; i < 3; i++)
		for (int plain = 0; plain < 2; plain++) {
			start();
			put(all[i]);
			l.flash.plain = plain;
			write_and_verify();
			assert_int_equal(b.sent[EXT_WRITE], 1);
			assert_int_equal(b.sent[EXT_BLOCK], blocks_of(
			    plain || all[i]->z_len == 0 ? all[i]->len :
			    all[i]->z_len));
			assert_int_equal(b.sent[EXT_END], 1);
			assert_int_equal(b.sent[CMD_FLASH_BEGIN] +
			    b.sent[CMD_FLASH_DEFL_BEGIN], 0);
			assert_int_equal(b.done, b.total);
			assert_int_equal(b.now, 0);
			assert_string_equal(b.notes, "");
			end();
		}
}

/* One packet of each kind in turn, either way. */
static void
test_whatever_packet_is_lost_or_damaged_the_flash_is_right(void **state)
{
	unsigned	packets = blocks_of(large->len) + 2;

	(void)state;
	for (int i = 0; i < 4; i++)
		for (unsigned n = 1; n <= packets; n++) {
			start();
			put(large);
			l.flash.plain = true;
			*(i == 0 ? &b.ext.lose_request :
			    i == 1 ? &b.ext.spoil_request :
			    i == 2 ? &b.ext.lose_answer :
			    &b.ext.spoil_answer) = n;
			write_and_verify();
			/* Below one window, and no reset. */
			assert_in_range(b.sent[EXT_BLOCK],
			    blocks_of(large->len),
			    blocks_of(large->len) + BOARD_WINDOW / 4096 + 1);
			assert_int_equal(b.resets, 0);
			assert_in_range(b.now, 0, 1000);
			end();
		}
}

static void
test_damage_is_told_once(void **state)
{
	(void)state;
	start();
	put(large);
	b.ext.spoil_request = 7;
	write_and_verify();
	assert_contains(b.notes, "the line lost or damaged something 1 time "
	    "while large.bin was written");
	end();
}

static void
test_failure_of_the_flash_ends_the_stream(void **state)
{
	(void)state;
	start();
	put(large);
	b.ext.fail_block = 5;
	assert_int_equal(phase_write(&l), ERR_REFUSED);
	assert_contains(l.why.text, "large.bin at 0x10000 (block");
	assert_contains(l.why.text, "the flash chip did not do it");
	assert_contains(l.why.text, "status 0xc400");
	assert_int_equal(b.resets, 0);
	end();
}

/* What was programmed stays, and the write goes on behind it. */
static void
test_silence_in_the_stream_goes_on_where_the_flash_is(void **state)
{
	(void)state;
	for (int op = EXT_WRITE; op <= EXT_END; op++) {
		start();
		put(large);
		l.flash.plain = true;
		board_fault(&b, FAULT_HANG, (uint8_t)op,
		    op == EXT_BLOCK ? 20 : 0);
		/* The ROM cannot be given a stub here, so it says so. */
		assert_int_equal(phase_write(&l), ERR_TIMEOUT);
		assert_contains(l.why.text, "fell silent at EXT_");
		assert_contains(l.why.text, "another loader answers");
		if (op == EXT_BLOCK)
			assert_int_equal(l.resume.addr, AT + 20 * 4096);
		end();
	}
}

static void
test_faults_of_the_stream(void **state)
{
	static const struct fault_case	cases[] = {
		{ FAULT_SILENCE, ERR_TIMEOUT, "fell silent" },
		{ FAULT_GARBAGE, ERR_NOISE, "makes no sense" },
		{ FAULT_CANCEL, ERR_CANCELED, "cancelled before" },
		{ FAULT_UNPLUG, ERR_UNPLUGGED, "port went away" },
	};

	(void)state;
	for (int op = EXT_WRITE; op <= EXT_END; op++)
		for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
			start();
			put(large);
			l.opt.before = LINK_NO_RESET_NO_SYNC;
			board_fault(&b, cases[i].fault, (uint8_t)op, 0);
			assert_int_equal(phase_write(&l), cases[i].err);
			assert_contains(l.why.text, cases[i].says);
			end();
		}
}

static void
test_line_that_always_damages_a_block_is_given_up(void **state)
{
	(void)state;
	start();
	put(large);
	l.flash.plain = true;
	l.opt.before = LINK_NO_RESET_NO_SYNC;
	b.ext.spoil_block = 9;
	assert_int_equal(phase_write(&l), ERR_NOISE);
	assert_contains(l.why.text, "(block 10 of 74)");
	assert_int_equal(l.resume.addr, AT + 9 * 4096);
	end();
}

/* Set by the progress hook of the running test. */
static void
halt_soon(void *arg, uint64_t done, uint64_t total)
{
	(void)arg;
	(void)total;
	if (done >= 100000)
		l.halt = ERR_INTERRUPTED;
}

static void
test_halt_lets_what_is_under_way_be_taken(void **state)
{
	const struct link_hooks	hooks = { .progress = halt_soon };

	(void)state;
	start();
	put(large);
	l.flash.plain = true;
	l.hooks = &hooks;
	assert_int_equal(phase_write(&l), ERR_INTERRUPTED);
	assert_contains(l.why.text, "the daemon was stopped");
	assert_int_equal(b.sent[EXT_END], 0);
	/* ... and one without data, whose answer comes after the rest. */
	assert_int_equal(b.sent[EXT_BLOCK], b.ext.expected + 1);
	assert_in_range(l.resume.addr, AT + 100000, AT + 110000);
	end();
}

static void
test_what_the_chip_encrypts_is_no_stream(void **state)
{
	(void)state;
	start();
	put(noise);
	write_one.encrypt = true;
	assert_int_equal(phase_write(&l), ERR_UNSUPPORTED);
	assert_contains(l.why.text, "cannot let the ESP32-C3 encrypt");
	assert_int_equal(b.sent[CMD_FLASH_BEGIN], 0);
	end();
	start_with(EXT_CAP_ENCRYPT);
	put(noise);
	write_one.encrypt = true;
	assert_int_equal(phase_write(&l), 0);
	assert_int_equal(b.sent[EXT_WRITE], 0);
	assert_int_equal(b.sent[CMD_FLASH_BEGIN], 1);
	assert_int_equal(b.begin[4], 1);
	end();
}

/* ---- reading ---- */

static uint8_t	heard[LARGE];
static size_t	heard_len;

static int
sink(void *arg, const void *data, size_t len)
{
	(void)arg;
	assert_in_range(heard_len + len, 0, sizeof heard);
	memcpy(heard + heard_len, data, len);
	heard_len += len;
	return 0;
}

static void
start_read(uint32_t bytes)
{
	start();
	memcpy(b.flash + AT, large->data, LARGE);
	heard_len = 0;
	l.flash.read_offset = AT;
	l.flash.read_bytes = bytes;
	l.flash.sink = sink;
}

static void
test_read_comes_in_parts(void **state)
{
	static const uint32_t	sizes[] = { 1, 4096, 4097, LARGE };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		start_read(sizes[i]);
		assert_int_equal(phase_read(&l), 0);
		assert_int_equal(heard_len, sizes[i]);
		assert_memory_equal(heard, large->data, sizes[i]);
		assert_int_equal(b.sent[EXT_READ], 1);
		assert_int_equal(b.sent[CMD_READ_FLASH], 0);
		assert_int_equal(b.now, 0);
		assert_string_equal(b.notes, "");
		end();
	}
}

static void
test_whatever_is_lost_of_a_read_comes_again(void **state)
{
	unsigned	parts = blocks_of(LARGE) + 1, again;

	(void)state;
	for (int i = 0; i < 3; i++)
		for (unsigned n = 1; n <= parts; n++) {
			start_read(LARGE);
			*(i == 0 ? &b.ext.lose_request :
			    i == 1 ? &b.ext.lose_answer :
			    &b.ext.spoil_answer) = n;
			assert_int_equal(phase_read(&l), 0);
			assert_int_equal(heard_len, LARGE);
			assert_memory_equal(heard, large->data, LARGE);
			assert_int_equal(b.resets, 0);
			assert_in_range(b.now, 0, 4000);
			again = b.ext.answers - parts;
			/* Two windows, and an answer to settle it. */
			assert_in_range(again, 0, 2 * 8 + 2);
			end();
		}
}

static void
test_read_that_is_refused_tells_why(void **state)
{
	(void)state;
	start_read(4096);
	l.flash.read_offset = BOARD_FLASH;
	assert_int_equal(phase_read(&l), ERR_REFUSED);
	assert_contains(l.why.text, "the chip refused EXT_READ");
	end();
}

static void
test_faults_of_a_read(void **state)
{
	static const struct fault_case	cases[] = {
		{ FAULT_SILENCE, ERR_TIMEOUT, "fell silent" },
		{ FAULT_GARBAGE, ERR_NOISE, "makes no sense" },
		{ FAULT_CANCEL, ERR_CANCELED, "cancelled before" },
		{ FAULT_UNPLUG, ERR_UNPLUGGED, "port went away" },
	};

	(void)state;
	for (int op = EXT_READ; op <= EXT_ACK; op++)
		for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
			start_read(LARGE);
			l.opt.before = LINK_NO_RESET_NO_SYNC;
			board_fault(&b, cases[i].fault, (uint8_t)op, 0);
			assert_int_equal(phase_read(&l), cases[i].err);
			assert_contains(l.why.text, cases[i].says);
			end();
		}
}

/* ---- only what differs ---- */

static void
start_skipping(void)
{
	start();
	put(large);
	l.flash.skip_flashed = true;
	memcpy(b.flash + AT, large->data, large->len);
}

static void
test_what_is_flashed_is_known_by_its_digests(void **state)
{
	(void)state;
	start_skipping();
	write_and_verify();
	assert_true(l.images[0].skipped && l.images[0].verified);
	assert_int_equal(b.sent[EXT_READ], 1);
	assert_int_equal(b.sent[EXT_WRITE], 0);
	assert_int_equal(b.sent[CMD_SPI_FLASH_MD5], 0);
	end();
}

static void
test_only_sectors_that_differ_are_written(void **state)
{
	(void)state;
	start_skipping();
	b.flash[AT] ^= 1;
	b.flash[AT + 5 * 4096 + 77] ^= 1;
	b.flash[AT + 6 * 4096] ^= 1;
	b.flash[AT + LARGE - 1] ^= 1;
	write_and_verify();
	assert_false(l.images[0].skipped);
	assert_true(l.images[0].verified);
	assert_int_equal(l.images[0].region_count, 3);
	assert_int_equal(l.images[0].regions[1].addr, AT + 5 * 4096);
	assert_int_equal(l.images[0].regions[1].sectors, 2);
	assert_int_equal(b.sent[EXT_WRITE], 3);
	assert_int_equal(b.sent[EXT_BLOCK], 4);
	assert_int_equal(b.sent[CMD_SPI_FLASH_MD5], 1);
	end();
}

static void
test_another_image_is_written_in_one_go(void **state)
{
	(void)state;
	start_skipping();
	memset(b.flash + AT, 0, LARGE);
	write_and_verify();
	assert_int_equal(l.images[0].region_count, 0);
	assert_int_equal(b.sent[EXT_WRITE], 1);
	end();
}

/* A sector that does not take what is written to it. */
static void
test_sectors_that_did_not_help_are_told(void **state)
{
	(void)state;
	start_skipping();
	b.flash[AT + 9 * 4096] ^= 1;
	b.ext.weak = AT + 9 * 4096 + 3;
	assert_int_equal(phase_write(&l), 0);
	assert_contains(b.notes, "all of it is written");
	assert_int_equal(b.sent[EXT_WRITE], 2);
	assert_int_equal(phase_verify(&l), ERR_VERIFY);
	end();
}

static void
test_lost_digests_come_again(void **state)
{
	(void)state;
	for (unsigned n = 1; n < 10; n++) {
		start_skipping();
		b.flash[AT + 20 * 4096] ^= 1;
		b.ext.spoil_answer = n;
		write_and_verify();
		assert_int_equal(b.sent[EXT_WRITE], 1);
		assert_int_equal(l.images[0].region_count, 1);
		assert_int_equal(b.resets, 0);
		end();
	}
}

/* ---- what it can do ---- */

static void
test_flash_beyond_16_mb_needs_a_stub_that_reaches_it(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		start_with(i == 0 ? 0 : EXT_CAP_4BYTE);
		l.chip = b.chip = &chip_esp32s3;
		b.rdid = 0x1940c8;	/* 32 MB */
		assert_int_equal(phase_attach(&l), 0);
		assert_int_equal(l.found.flash_bytes, (i == 0 ? 16 : 32) << 20);
		end();
	}
}

static void
test_program_in_flash_is_started_by_a_stub_that_can(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		start_with(i == 0 ? 0 : EXT_CAP_RUN);
		l.opt.after = LINK_SOFT_RESET;
		assert_int_equal(phase_leave(&l), i == 0 ? ERR_UNSUPPORTED : 0);
		assert_int_equal(b.sent[CMD_RUN_USER_CODE], i);
		end();
		start_with(i == 0 ? 0 : EXT_CAP_RUN);
		l.opt.after = LINK_STAY;
		assert_int_equal(phase_run(&l), i == 0 ? ERR_UNSUPPORTED : 0);
		assert_int_equal(b.sent[CMD_RUN_USER_CODE], i);
		assert_true((l.leave == NULL) == i);
		end();
	}
}

/* ---- rows of steps ---- */

static void
test_batch_reads_writes_and_talks_to_the_flash(void **state)
{
	const uint8_t		status[2] = { 0x02, 0x40 };
	uint8_t			word[4], id[3];
	const struct ext_do	ops[] = {
		{ .step = EXT_STEP_WRITE, .addr = 0x60008000, .x = 0xaabb,
		    .y = UINT32_MAX },
		{ .step = EXT_STEP_WRITE, .addr = 0x60008000, .x = 0xff11,
		    .y = 0xff },
		{ .step = EXT_STEP_READ, .addr = 0x60008000, .x = 1,
		    .read = word },
		{ .step = EXT_STEP_SPI, .command = 0x9f, .y = 3, .read = id },
		{ .step = EXT_STEP_SPI, .command = 0x06 },
		{ .step = EXT_STEP_SPI, .command = 0x01, .send = status,
		    .x = 2 },
		{ .step = EXT_STEP_WAIT, .x = 1000 },
	};
	size_t			done;

	(void)state;
	start();
	assert_int_equal(ext_batch(&l.rom, ops, 7, &done), 0);
	assert_int_equal(done, 7);
	assert_int_equal(b.sent[EXT_BATCH], 1);
	assert_int_equal(le32_get(word), 0xaa11);
	assert_int_equal(id[0] | id[1] << 8 | id[2] << 16, BOARD_RDID);
	assert_string_equal(b.spi.log, "9f 06 01=0240 ");
	end();
}

static void
test_long_batch_takes_several_commands(void **state)
{
	enum { COUNT = 200 };
	static struct ext_do	ops[COUNT];
	uint8_t		words[COUNT][4];

	(void)state;
	start();
	for (uint32_t i = 0; i < COUNT; i++) {
		board_set_reg(&b, 0x60008000 + 4 * (i % 40), i % 40);
		ops[i] = (struct ext_do){ .step = EXT_STEP_READ, .x = 1,
		    .addr = 0x60008000 + 4 * (i % 40), .read = words[i] };
	}
	assert_int_equal(ext_batch(&l.rom, ops, COUNT, NULL), 0);
	assert_in_range(b.sent[EXT_BATCH], 2, 5);
	for (uint32_t i = 0; i < COUNT; i++)
		assert_int_equal(le32_get(words[i]), i % 40);
	end();
}

static void
test_failed_step_tells_how_many_were_done(void **state)
{
	const struct ext_do	ops[] = {
		{ .step = EXT_STEP_WRITE, .addr = 0x60008000, .x = 1,
		    .y = UINT32_MAX },
		{ .step = EXT_STEP_WRITE, .addr = 0x60008004, .x = 1,
		    .y = UINT32_MAX },
	};
	size_t			done = 9;

	(void)state;
	start();
	b.ext.fail_step = 2;
	assert_int_equal(ext_batch(&l.rom, ops, 2, &done), ERR_REFUSED);
	assert_int_equal(done, 1);
	assert_int_equal(l.rom.status, 0xc400);
	end();
}

/* What steps do twice may differ from doing it once. */
static void
test_batch_that_changes_something_is_not_sent_again(void **state)
{
	const struct ext_do	op = {
		.step = EXT_STEP_WRITE, .addr = 0x60008000,
	};

	(void)state;
	for (int i = 0; i < 3; i++) {
		start();
		*(i == 0 ? &b.ext.lose_request : i == 1 ? &b.ext.lose_answer :
		    &b.ext.spoil_answer) = 1;
		assert_int_equal(ext_batch(&l.rom, &op, 1, NULL), i < 2 ?
		    ERR_TIMEOUT : ERR_NOISE);
		assert_int_equal(b.sent[EXT_BATCH], 1);
		end();
	}
}

static void
test_batch_that_only_reads_is_sent_again(void **state)
{
	uint8_t			id[3];
	const struct ext_do	op = {
		.step = EXT_STEP_SPI, .command = 0x9f, .y = 3, .read = id,
	};

	(void)state;
	for (int i = 0; i < 3; i++) {
		start();
		*(i == 0 ? &b.ext.lose_request : i == 1 ? &b.ext.lose_answer :
		    &b.ext.spoil_answer) = 1;
		assert_int_equal(ext_batch(&l.rom, &op, 1, NULL), 0);
		assert_int_equal(id[0], (uint8_t)BOARD_RDID);
		assert_int_equal(b.sent[EXT_BATCH], 2);
		/* And nothing comes late. */
		assert_int_equal(b.sent[EXT_INFO], 2);
		end();
	}
}

/* ---- a handful of round trips ---- */

static void
test_attach_takes_three_round_trips(void **state)
{
	(void)state;
	start();
	b.frames = 0;
	assert_int_equal(phase_attach(&l), 0);
	assert_int_equal(b.frames, 3);
	assert_int_equal(b.sent[EXT_BATCH], 2);
	assert_int_equal(b.sent[CMD_SPI_SET_PARAMS], 1);
	assert_string_equal(b.spi.log, "9f 5a@10 66 99 ");
	assert_int_equal(l.found.rdid, BOARD_RDID);
	assert_string_equal(b.writes, "");
	end();
}

static void
test_sleeping_flash_is_woken_up(void **state)
{
	(void)state;
	start();
	b.spi.asleep = true;
	assert_int_equal(phase_attach(&l), 0);
	assert_string_equal(b.spi.log, "9f 5a@10 5a@0 ab 66 99 9f 66 99 ");
	end();
}

static void
test_status_is_written_and_read(void **state)
{
	(void)state;
	start();
	l.flash.status = (struct link_status){ .value = 0x4002, .bytes = 2 };
	assert_int_equal(phase_set_status(&l), 0);
	assert_int_equal(b.spi.status[1], 0x40);
	assert_int_equal(l.found.status[1] & 0x4000, 0x4000);
	assert_int_equal(b.sent[CMD_WRITE_REG] + b.sent[CMD_READ_REG], 0);
	end();
}

static void
test_faults_in_attach(void **state)
{
	static const struct fault_case	cases[] = {
		{ FAULT_SILENCE, ERR_TIMEOUT, "fell silent" },
		{ FAULT_GARBAGE, ERR_NOISE, "makes no sense" },
		{ FAULT_CANCEL, ERR_CANCELED, "cancelled before" },
		{ FAULT_UNPLUG, ERR_UNPLUGGED, "port went away" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		start();
		board_fault(&b, cases[i].fault, EXT_BATCH, i % 2);
		assert_int_equal(phase_attach(&l), cases[i].err);
		assert_contains(l.why.text, cases[i].says);
		end();
	}
	start();
	b.ext.fail_step = 2;
	assert_int_equal(phase_attach(&l), ERR_REFUSED);
	assert_contains(l.why.text, "the chip refused EXT_BATCH");
	end();
}

static void
test_running_stub_is_identified_in_a_few_round_trips(void **state)
{
	struct chip_facts	facts;
	unsigned		frames;

	(void)state;
	for (const struct chip *const *c = chips; *c != NULL; c++) {
		board_init(&b, &l, *c);
		board_ready(&b, &l, false);
		b.stub = l.rom.stub = true;
		b.frames = 0;
		assert_int_equal(phase_identify(&l), 0);
		facts = l.found.facts;
		frames = b.frames;
		b.ext.there = true;
		b.frames = 0;
		assert_int_equal(phase_identify(&l), 0);
		assert_true(ext_there(&l.rom));
		assert_memory_equal(l.found.facts.mac, facts.mac, 6);
		assert_string_equal(l.found.facts.description,
		    facts.description);
		assert_int_equal(l.found.facts.revision, facts.revision);
		assert_in_range(b.frames, 1, frames);
		if ((*c)->mac.form == CHIP_MAC_EFUSE)
			assert_in_range(b.frames, 1, 10);
		end();
	}
}

static void
test_dump_takes_a_round_trip_for_a_kilobyte(void **state)
{
	static uint8_t	ram[LARGE];

	(void)state;
	for (uint32_t from = 0; from < 5; from++) {
		start();
		for (size_t i = 0; i < sizeof ram; i++)
			ram[i] = (uint8_t)(i * 37 + i / 256);
		b.ram = ram;
		b.ram_at = 0x3ffb0000;
		b.ram_len = sizeof ram;
		l.flash.mem = (struct link_mem){
			.address = b.ram_at + from, .bytes = 10003,
		};
		l.flash.sink = sink;
		heard_len = 0;
		assert_int_equal(phase_mem_dump(&l), 0);
		assert_int_equal(heard_len, 10003);
		assert_memory_equal(heard, ram + from, heard_len);
		assert_in_range(b.sent[EXT_BATCH], 10, 11);
		assert_int_equal(b.sent[CMD_READ_REG], 0);
		end();
	}
}

static void
test_register_steps_go_in_one_command(void **state)
{
	struct chip_regop	list[30] = { { .addr = 0 } };

	(void)state;
	start();
	for (uint32_t i = 0; i < 3; i++)
		list[i] = (struct chip_regop){ 0x60008000, 1u << i, 1u << i,
		    1000 };
	board_set_reg(&b, 0x60008000, 0x100);
	assert_int_equal(regs_apply(&l.rom, list), 0);
	assert_int_equal(*board_reg(&b, 0x60008000), 0x107);
	assert_int_equal(b.sent[EXT_BATCH], 1);
	assert_int_equal(b.now, 3);
	for (uint32_t i = 0; i < 29; i++)
		list[i] = (struct chip_regop){ 0x60008000 + 4 * i, i + 1,
		    UINT32_MAX, 1 };
	assert_int_equal(regs_apply(&l.rom, list), 0);
	for (uint32_t i = 0; i < 29; i++)
		assert_int_equal(*board_reg(&b, 0x60008000 + 4 * i), i + 1);
	end();
}

static void
test_counters_come_as_words(void **state)
{
	uint32_t	words[EXT_COUNTS];

	(void)state;
	start();
	assert_int_equal(ext_counters(&l.rom, true, words), 0);
	assert_int_equal(words[EXT_COUNT_NOW], 7);
	end();
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_our_stub_tells_what_it_can),
		cmocka_unit_test(test_another_stub_refuses_in_one_round_trip),
		cmocka_unit_test(test_another_version_is_left_alone),
		cmocka_unit_test(
		    test_lost_and_damaged_answers_are_asked_for_again),
		cmocka_unit_test(test_silent_stub_is_no_stub_of_ours),
		cmocka_unit_test(test_reset_forgets_what_the_stub_was),
		cmocka_unit_test(test_stream_writes_plain_and_compressed),
		cmocka_unit_test(
		    test_whatever_packet_is_lost_or_damaged_the_flash_is_right),
		cmocka_unit_test(test_damage_is_told_once),
		cmocka_unit_test(test_failure_of_the_flash_ends_the_stream),
		cmocka_unit_test(
		    test_silence_in_the_stream_goes_on_where_the_flash_is),
		cmocka_unit_test(test_faults_of_the_stream),
		cmocka_unit_test(
		    test_line_that_always_damages_a_block_is_given_up),
		cmocka_unit_test(test_halt_lets_what_is_under_way_be_taken),
		cmocka_unit_test(test_what_the_chip_encrypts_is_no_stream),
		cmocka_unit_test(test_read_comes_in_parts),
		cmocka_unit_test(test_whatever_is_lost_of_a_read_comes_again),
		cmocka_unit_test(test_read_that_is_refused_tells_why),
		cmocka_unit_test(test_faults_of_a_read),
		cmocka_unit_test(test_what_is_flashed_is_known_by_its_digests),
		cmocka_unit_test(test_only_sectors_that_differ_are_written),
		cmocka_unit_test(test_another_image_is_written_in_one_go),
		cmocka_unit_test(test_sectors_that_did_not_help_are_told),
		cmocka_unit_test(test_lost_digests_come_again),
		cmocka_unit_test(
		    test_flash_beyond_16_mb_needs_a_stub_that_reaches_it),
		cmocka_unit_test(
		    test_program_in_flash_is_started_by_a_stub_that_can),
		cmocka_unit_test(
		    test_batch_reads_writes_and_talks_to_the_flash),
		cmocka_unit_test(test_long_batch_takes_several_commands),
		cmocka_unit_test(test_failed_step_tells_how_many_were_done),
		cmocka_unit_test(
		    test_batch_that_changes_something_is_not_sent_again),
		cmocka_unit_test(test_batch_that_only_reads_is_sent_again),
		cmocka_unit_test(test_attach_takes_three_round_trips),
		cmocka_unit_test(test_sleeping_flash_is_woken_up),
		cmocka_unit_test(test_status_is_written_and_read),
		cmocka_unit_test(test_faults_in_attach),
		cmocka_unit_test(
		    test_running_stub_is_identified_in_a_few_round_trips),
		cmocka_unit_test(test_dump_takes_a_round_trip_for_a_kilobyte),
		cmocka_unit_test(test_register_steps_go_in_one_command),
		cmocka_unit_test(test_counters_come_as_words),
	};
	int	r;

	noise = board_blob("noise.bin", 10001, 1, false);
	code = board_blob("code.bin", 60000, 2, true);
	large = board_blob("large.bin", LARGE, 3, false);
	r = cmocka_run_group_tests(tests, NULL, NULL);
	blob_unref(noise);
	blob_unref(code);
	blob_unref(large);
	return r;
}
