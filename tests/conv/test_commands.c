/* Memory, programs in RAM, the flash chip's registers, security settings. */
#include <stdio.h>
#include <stdlib.h>

#include <openssl/evp.h>

#include "daemon/link/spiflash.h"
#include "tests/conv/conv.h"

static void
start(const struct chip *chip, bool stub)
{
	board_init(&b, &l, chip);
	board_ready(&b, &l, stub);
}

/* What a dump gave. */
static struct buf	got;

static int
take(void *arg, const void *p, size_t len)
{
	(void)arg;
	return buf_add(&got, p, len);
}

static int
full_disk(void *arg, const void *p, size_t len)
{
	(void)arg;
	(void)p;
	(void)len;
	return ERR_IO;
}

/* ---- memory ---- */

static void
test_a_word_is_read(void **state)
{
	(void)state;
	for (int stub = 0; stub < 2; stub++) {
		start(&chip_esp32, stub);
		board_set_reg(&b, 0x3ff40014, 0x12345678);
		l.flash.mem.address = 0x3ff40014;
		assert_int_equal(phase_mem_read(&l), 0);
		assert_int_equal(l.found.word, 0x12345678);
		assert_int_equal(b.frames, 1);
		board_done(&b, &l);
	}
}

static void
test_a_word_is_written_under_its_mask(void **state)
{
	(void)state;
	for (int stub = 0; stub < 2; stub++) {
		start(&chip_esp32c3, stub);
		board_set_reg(&b, 0x3fc80000, 0x11223344);
		l.flash.mem = (struct link_mem){ .address = 0x3fc80000,
		    .value = 0xffff00ff, .mask = 0x00ff0000 };
		assert_int_equal(phase_mem_write(&l), 0);
		assert_int_equal(*board_reg(&b, 0x3fc80000), 0x11ff3344);
		assert_int_equal(b.frames, 1);
		board_done(&b, &l);
	}
}

static uint8_t	ram[4096];

static void
set_dump(struct link *link)
{
	for (size_t i = 0; i < sizeof ram; i++)
		ram[i] = (uint8_t)(i * 37 + i / 256);
	b.ram = ram;
	b.ram_at = 0x3ffb0000;
	b.ram_len = sizeof ram;
	link->flash.mem = (struct link_mem){ .address = 0x3ffb0000,
	    .bytes = 2600 };
	link->flash.sink = take;
}

/* Dump that much from there, and compare. */
static void
dump(bool stub, uint32_t from, uint32_t len)
{
	start(&chip_esp32, stub);
	set_dump(&l);
	l.flash.mem.address = b.ram_at + from;
	l.flash.mem.bytes = len;
	buf_init(&got, sizeof ram);
	assert_int_equal(phase_mem_dump(&l), 0);
	assert_int_equal(got.len, len);
	assert_memory_equal(got.data, ram + from, len);
	/* One command for each word that has a byte in it. */
	assert_int_equal(b.sent[CMD_READ_REG],
	    (from + len + 3) / 4 - from / 4);
	assert_int_equal(b.done, len);
	assert_int_equal(b.total, len);
	buf_done(&got);
	board_done(&b, &l);
}

/* esptool drops the last 1 to 3 bytes (9.20 of the list of its defects). */
static void
test_a_dump_keeps_the_bytes_after_the_last_whole_word(void **state)
{
	(void)state;
	for (uint32_t len = 1; len < 10; len++)
		dump(false, 0, len);
	dump(false, 0, 4095);
}

static void
test_a_dump_begins_and_ends_anywhere(void **state)
{
	(void)state;
	for (uint32_t from = 0; from < 4; from++)
		for (uint32_t len = 1; len < 6; len++)
			dump(true, from, len);
	dump(false, 3, 1025);
	dump(true, 1, 4094);
}

static void
test_a_dump_tells_how_far_it_is(void **state)
{
	(void)state;
	start(&chip_esp32, false);
	set_dump(&l);
	buf_init(&got, sizeof ram);
	assert_int_equal(phase_mem_dump(&l), 0);
	assert_int_equal(b.progress, 4);	/* 0, 1024, 2048, 2600 */
	buf_done(&got);
	board_done(&b, &l);
}

static void
test_a_dump_ends_when_the_file_takes_no_more(void **state)
{
	(void)state;
	start(&chip_esp32, false);
	set_dump(&l);
	l.flash.sink = full_disk;
	assert_int_equal(phase_mem_dump(&l), ERR_IO);
	assert_contains(l.why.text, "could not be stored");
	assert_int_equal(b.sent[CMD_READ_REG], 256);
	board_done(&b, &l);
}

static void
test_faults_in_memory_commands(void **state)
{
	(void)state;
	for (int stub = 0; stub < 2; stub++) {
		check_faults(&chip_esp32, stub, phase_mem_read, NULL,
		    CMD_READ_REG, 0);
		check_faults(&chip_esp32, stub, phase_mem_write, NULL,
		    CMD_WRITE_REG, 0);
		buf_init(&got, sizeof ram * 8);
		check_faults(&chip_esp32, stub, phase_mem_dump, set_dump,
		    CMD_READ_REG, 300);
		/* What came before the fault has been handed on. */
		assert_int_equal(got.len, 5 * 1024);
		buf_done(&got);
	}
}

/* ---- programs in RAM ---- */

/* A program of two segments, for a chip with that number (-1: ESP8266). */
static size_t
make_program(uint8_t out[512], int chip_id, uint32_t addr)
{
	uint8_t	sum = 0xef;
	size_t	at = chip_id < 0 ? 8 : 24;

	memset(out, 0, 512);
	out[0] = 0xe9;
	out[1] = 2;
	le32_put(out + 4, addr + 8);
	if (chip_id >= 0)
		le16_put(out + 12, (uint16_t)chip_id);
	for (unsigned i = 0; i < 2; i++) {
		le32_put(out + at, addr + i * 0x1000);
		le32_put(out + at + 4, 20 + i);
		for (unsigned k = 0; k < 20 + i; k++)
			sum ^= out[at + 8 + k] = (uint8_t)(k + 7 * i);
		at += 8 + 20 + i;
	}
	at = at / 16 * 16 + 15;
	out[at] = sum;
	return at + 1;
}

static struct blob *
blob_of(const uint8_t *p, size_t len)
{
	uint8_t		*copy = malloc(len + 3);
	struct blob	*blob;

	assert_non_null(copy);
	memcpy(copy, p, len);
	assert_non_null(blob = blob_new("hello.bin", copy, len));
	while (blob_step(blob) > 0)
		continue;
	return blob;
}

static struct link_write	ram_write;

static void
set_program(struct link *link, const uint8_t *p, size_t len)
{
	ram_write = (struct link_write){ .blob = blob_of(p, len) };
	link->flash.writes = &ram_write;
	link->flash.write_count = 1;
}

static void
drop_program(void)
{
	blob_unref(ram_write.blob);
	board_done(&b, &l);
}

/* `link_main` with that phase alone, so that leave has its turn. */
static void
run_alone(const char *name, int (*phase)(struct link *))
{
	const struct phase	row[] = { { name, phase, 0 }, { 0 } };

	l.phases = row;
	link_main(&l);
	l.phases = NULL;
}

static void
test_a_program_is_loaded_and_left_running(void **state)
{
	static const struct chip *const	list[] = {
		&chip_esp32, &chip_esp32c3, &chip_esp8266,
	};
	uint8_t				p[512];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		start(list[i], false);
		set_program(&l, p, make_program(p, list[i]->image_id,
		    0x40080000));
		run_alone("load", phase_ram);
		assert_int_equal(l.result, 0);
		assert_string_equal(b.mem, "40080000+20 #0:20 "
		    "40081000+21 #0:21 !40080008 ");
		assert_int_equal(l.found.ram_entry, 0x40080008);
		assert_int_equal(l.found.ram_segments, 2);
		assert_int_equal(b.done, 41);
		/* No reset, no command: the program has the chip. */
		assert_string_equal(b.lines, "");
		assert_int_equal(b.last_op, CMD_MEM_END);
		drop_program();
	}
}

static void
test_a_long_segment_goes_in_blocks(void **state)
{
	static uint8_t	p[24 + 8 + 0x3100];

	(void)state;
	memset(p, 0, sizeof p);
	p[0] = 0xe9;
	p[1] = 1;
	le16_put(p + 12, 5);
	le32_put(p + 4, 0x40380000);
	le32_put(p + 24, 0x40380000);
	le32_put(p + 28, 0x30d8);
	p[12543] = 0xef;	/* the checksum of zeroes */
	start(&chip_esp32c3, false);
	set_program(&l, p, 12544);
	run_alone("load", phase_ram);
	assert_int_equal(l.result, 0);
	assert_string_equal(b.mem, "40380000+12504 #0:6144 #1:6144 #2:216 "
	    "!40380000 ");
	drop_program();
}

/* A ROM may jump before its answer is out. */
static void
test_a_rom_that_jumps_without_an_answer_is_fine(void **state)
{
	uint8_t	p[512];

	(void)state;
	start(&chip_esp32, false);
	set_program(&l, p, make_program(p, 0, 0x40080000));
	board_fault(&b, FAULT_GARBAGE, CMD_MEM_END, 0);
	run_alone("load", phase_ram);
	assert_int_equal(l.result, 0);
	assert_string_equal(b.lines, "");
	drop_program();
}

/* Load what `spoil` made of a sound program. */
static void
refuse(size_t at, uint8_t value, size_t cut, const char *says)
{
	uint8_t	p[512];
	size_t	len = make_program(p, 0, 0x40080000);

	start(&chip_esp32, false);
	if (cut == 0)
		p[at] = value;
	set_program(&l, p, cut != 0 ? cut : len);
	assert_int_equal(phase_ram(&l), ERR_IMAGE);
	assert_contains(l.why.text, "hello.bin");
	assert_contains(l.why.text, says);
	assert_int_equal(b.frames, 0);
	drop_program();
}

static void
test_a_program_that_is_not_whole_is_not_loaded(void **state)
{
	(void)state;
	refuse(0, 0x7f, 0, "its first byte is 0x7f");
	refuse(0, 0xea, 0, "runs from flash only");
	refuse(1, 0, 0, "0 segments");
	refuse(1, 17, 0, "17 segments");
	refuse(0, 0, 20, "its header alone takes 24");
	refuse(0, 0, 28, "ends before segment 1");
	refuse(0, 0, 45, "ends within segment 1");
	refuse(0, 0, 60, "ends within segment 2");
	refuse(0, 0, 89, "ends before its checksum");
	refuse(31, 0xff, 0, "ends within segment 1");	/* its size */
	refuse(40, 0xff, 0, "it is damaged");
	refuse(1, 4, 0, "ends before segment 4");
}

static void
test_a_program_for_another_chip_is_not_loaded(void **state)
{
	uint8_t	p[512];
	size_t	len = make_program(p, 5, 0x40080000);

	(void)state;
	start(&chip_esp32, false);
	set_program(&l, p, len);
	assert_int_equal(phase_ram(&l), ERR_IMAGE);
	assert_contains(l.why.text, "for the ESP32-C3, this is an ESP32");
	assert_int_equal(b.frames, 0);
	l.opt.force = true;
	assert_int_equal(phase_ram(&l), 0);
	drop_program();
	start(&chip_esp32, false);
	set_program(&l, p, make_program(p, 77, 0x40080000));
	assert_int_equal(phase_ram(&l), ERR_IMAGE);
	assert_contains(l.why.text, "for the chip number 77");
	drop_program();
}

/* A stub file: code at 40090000 (64 bytes), data at 3ffb0100, bss below. */
static char	stub_dir[] = "/tmp/conv-ram-XXXXXX";

static void
write_stub(void)
{
	char	path[64], text[129] = { 0 };
	FILE	*f;

	memset(text, 'A', 88);
	assert_non_null(mkdtemp(stub_dir));
	(void)snprintf(path, sizeof path, "%s/esp32.json", stub_dir);
	assert_non_null(f = fopen(path, "w"));
	assert_true(fprintf(f, "{\"text\":\"%s\",\"text_start\":%u,"
	    "\"entry\":%u,\"data\":\"AAAA\",\"data_start\":%u,"
	    "\"bss_start\":%u}", text, 0x40090000, 0x40090000, 0x3ffb0100,
	    0x3ffb0000) > 0);
	assert_int_equal(fclose(f), 0);
}

static void
drop_stub(void)
{
	char	path[64];

	(void)snprintf(path, sizeof path, "%s/esp32.json", stub_dir);
	assert_int_equal(remove(path), 0);
	assert_int_equal(remove(stub_dir), 0);
}

/* Load at `addr` while a stub runs. */
static void
load_over_stub(uint32_t addr, int err, const char *says)
{
	uint8_t	p[512];

	start(&chip_esp32, true);
	l.opt.stub_path = stub_dir;
	set_program(&l, p, make_program(p, 0, addr));
	assert_int_equal(phase_ram(&l), err);
	if (err < 0) {
		assert_contains(l.why.text, says);
		assert_contains(l.why.text, "nothing was loaded");
		assert_int_equal(b.frames, 0);
	} else {
		assert_contains(b.mem, "!");
	}
	drop_program();
}

static void
test_a_program_must_not_overwrite_the_stub_that_loads_it(void **state)
{
	(void)state;
	write_stub();
	load_over_stub(0x40090020, ERR_IMAGE, "0x40090000-0x40090042");
	load_over_stub(0x4008f030, ERR_IMAGE, "segment 2 (0x40090030");
	load_over_stub(0x3ffb0050, ERR_IMAGE, "0x3ffb0000-0x3ffb0103");
	load_over_stub(0x4008f000 - 21, 0, NULL);	/* ends where it begins */
	load_over_stub(0x40090042, 0, NULL);
	drop_stub();
}

static void
test_a_stub_of_unknown_place_is_noted(void **state)
{
	uint8_t	p[512];

	(void)state;
	start(&chip_esp32, true);
	set_program(&l, p, make_program(p, 0, 0x40080000));
	assert_int_equal(phase_ram(&l), 0);
	assert_contains(b.notes, "it is not known where");
	drop_program();
}

static void
set_hello(struct link *link)
{
	static uint8_t	p[512];
	size_t		len = make_program(p, 0, 0x40080000);

	if (ram_write.blob != NULL)
		blob_unref(ram_write.blob);
	set_program(link, p, len);
}

static void
test_faults_in_loading_a_program(void **state)
{
	(void)state;
	ram_write.blob = NULL;
	for (int stub = 0; stub < 2; stub++) {
		check_faults(&chip_esp32, stub, phase_ram, set_hello,
		    CMD_MEM_BEGIN, 1);
		check_faults(&chip_esp32, stub, phase_ram, set_hello,
		    CMD_MEM_DATA, 1);
	}
	check_faults(&chip_esp32, true, phase_ram, set_hello, CMD_MEM_END, 0);
	blob_unref(ram_write.blob);
}

/* ---- the program in flash ---- */

static void
test_a_reset_starts_the_program_and_once_is_enough(void **state)
{
	(void)state;
	start(&chip_esp32, false);
	run_alone("run", phase_run);
	assert_int_equal(l.result, 0);
	assert_int_equal(b.frames, 0);
	assert_int_equal(b.resets, 1);
	board_done(&b, &l);
}

static void
test_without_lines_the_rom_starts_the_program(void **state)
{
	(void)state;
	start(&chip_esp32c3, false);
	l.opt.has_lines = false;
	run_alone("run", phase_run);
	assert_int_equal(l.result, 0);
	assert_int_equal(b.sent[CMD_SPI_ATTACH], 1);
	assert_int_equal(b.sent[CMD_FLASH_BEGIN], 1);
	assert_int_equal(b.sent[CMD_FLASH_END], 1);
	assert_int_equal(b.last_op, CMD_FLASH_END);
	assert_string_equal(b.lines, "");
	assert_string_equal(b.notes, "");
	board_done(&b, &l);
}

static void
test_a_stub_cannot_start_the_program_in_flash(void **state)
{
	(void)state;
	start(&chip_esp32, true);
	l.opt.after = LINK_STAY;
	assert_int_equal(phase_run(&l), ERR_UNSUPPORTED);
	assert_contains(l.why.text, "only a reset can");
	assert_int_equal(b.frames, 0);
	board_done(&b, &l);
}

static void
set_stay(struct link *link)
{
	link->opt.after = LINK_STAY;
}

static void
test_faults_in_run(void **state)
{
	(void)state;
	check_faults(&chip_esp32, false, phase_run, set_stay, CMD_SPI_ATTACH,
	    0);
	check_faults(&chip_esp32, false, phase_run, set_stay,
	    CMD_FLASH_BEGIN, 0);
}

/* ---- security ---- */

static void
test_security_settings_are_asked_once(void **state)
{
	(void)state;
	start(&chip_esp32c3, false);
	b.flags = SECINFO_SECURE_BOOT;
	assert_int_equal(phase_security(&l), 0);
	assert_int_equal(b.frames, 0);	/* identify has them */
	l.found.has_secinfo = false;
	assert_int_equal(phase_security(&l), 0);
	assert_int_equal(b.sent[CMD_GET_SECURITY_INFO], 1);
	assert_int_equal(l.found.secinfo.flags, SECINFO_SECURE_BOOT);
	assert_int_equal(l.found.secinfo.chip_id, 5);
	board_done(&b, &l);
}

static void
test_chips_without_security_info_say_so(void **state)
{
	static const struct chip *const	list[] = { &chip_esp32, &chip_esp8266 };

	(void)state;
	for (int i = 0; i < 4; i++) {
		start(list[i % 2], i >= 2);
		assert_int_equal(phase_security(&l), ERR_UNSUPPORTED);
		assert_contains(l.why.text, list[i % 2]->name);
		assert_contains(l.why.text, "does not tell its security");
		board_done(&b, &l);
	}
}

static void
forget_security(struct link *link)
{
	link->found.has_secinfo = false;
}

static void
test_faults_in_security(void **state)
{
	static const struct fault_case	cases[] = {
		{ FAULT_SILENCE, ERR_TIMEOUT, "fell silent" },
		{ FAULT_GARBAGE, ERR_NOISE, "makes no sense" },
		{ FAULT_CANCEL, ERR_CANCELED, "cancelled before" },
		{ FAULT_UNPLUG, ERR_UNPLUGGED, "port went away" },
		/* A refusal is how a stub tells that it has no such command. */
		{ FAULT_REFUSAL_ALWAYS, ERR_UNSUPPORTED, "does not tell" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		start(&chip_esp32c3, false);
		forget_security(&l);
		board_fault(&b, cases[i].fault, CMD_GET_SECURITY_INFO, 0);
		assert_int_equal(phase_security(&l), cases[i].err);
		assert_contains(l.why.text, cases[i].says);
		board_done(&b, &l);
	}
}

/* ---- the flash chip's registers ---- */

static const struct chip *const	spi_chips[] = {
	&chip_esp8266, &chip_esp32, &chip_esp32s3, &chip_esp32c3,
};
enum { SPI_CHIPS = sizeof spi_chips / sizeof spi_chips[0] };

static void
set_registers(uint8_t one, uint8_t two, uint8_t three)
{
	b.spi.status[0] = one;
	b.spi.status[1] = two;
	b.spi.status[2] = three;
}

static void
test_status_registers_are_read(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2 * SPI_CHIPS; i++) {
		for (unsigned n = 1; n <= 3; n++) {
			start(spi_chips[i / 2], i % 2);
			set_registers(0x1c, 0x42, 0x60);
			l.flash.status.bytes = n;
			assert_int_equal(phase_status(&l), 0);
			assert_int_equal(l.found.status[0],
			    0x60421c & ((1u << 8 * n) - 1));
			assert_string_equal(b.spi.log, n == 1 ? "05 " :
			    n == 2 ? "05 35 " : "05 35 15 ");
			board_done(&b, &l);
		}
	}
}

static void
set_status(struct link *link, uint32_t value, unsigned bytes, bool keep)
{
	link->flash.status = (struct link_status){ .value = value,
	    .bytes = bytes, .non_volatile = keep };
}

static void
test_one_status_register_is_written(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2 * SPI_CHIPS; i++) {
		start(spi_chips[i / 2], i % 2);
		set_registers(0, 0x02, 0);
		set_status(&l, 0x1c, 1, false);
		assert_int_equal(phase_set_status(&l), 0);
		/* Enable, write, busy twice, done; disable; read again. */
		assert_string_equal(b.spi.log,
		    "05 50 01=1c 05 05 05 04 05 ");
		assert_int_equal(l.found.status[0], 0);
		assert_int_equal(l.found.status[1], 0x1c);
		assert_int_equal(b.spi.status[1], 0x02);
		board_done(&b, &l);
	}
}

static void
test_two_status_registers_take_the_long_form(void **state)
{
	(void)state;
	start(&chip_esp32, true);
	b.spi.one_command = true;
	set_status(&l, 0x0240, 2, true);
	assert_int_equal(phase_set_status(&l), 0);
	assert_string_equal(b.spi.log,
	    "05 35 06 01=4002 05 05 05 05 35 04 05 35 ");
	assert_int_equal(l.found.status[1], 0x0240);
	board_done(&b, &l);
}

static void
test_two_status_registers_may_need_a_command_each(void **state)
{
	(void)state;
	start(&chip_esp8266, false);
	set_status(&l, 0x0240, 2, true);
	assert_int_equal(phase_set_status(&l), 0);
	assert_contains(b.spi.log, "06 01=40 05 05 05 06 31=02 ");
	assert_int_equal(l.found.status[1], 0x0240);
	board_done(&b, &l);
}

static void
test_three_status_registers_are_written(void **state)
{
	(void)state;
	start(&chip_esp32c3, true);
	set_status(&l, 0x600240, 3, false);
	assert_int_equal(phase_set_status(&l), 0);
	assert_contains(b.spi.log, "50 01=40 ");
	assert_contains(b.spi.log, "50 31=02 ");
	assert_contains(b.spi.log, "50 11=60 ");
	assert_int_equal(l.found.status[1], 0x600240);
	board_done(&b, &l);
}

static void
test_protected_status_bits_are_no_success(void **state)
{
	(void)state;
	start(&chip_esp32, true);
	set_registers(0x80, 0, 0);
	memset(b.spi.locked, 0xff, sizeof b.spi.locked);
	set_status(&l, 0x1c, 1, true);
	assert_int_equal(phase_set_status(&l), ERR_FLASH);
	assert_contains(l.why.text, "is 0x80 after 0x1c was written (0x80 "
	    "before)");
	assert_contains(l.why.text, "bits 0x9c did not change");
	assert_int_equal(l.found.status[0], 0x80);
	assert_int_equal(l.found.status[1], 0x80);
	board_done(&b, &l);
}

/* Busy and write-enabled tell a state and cannot be written. */
static void
test_the_two_lowest_status_bits_are_not_compared(void **state)
{
	(void)state;
	start(&chip_esp32, true);
	set_status(&l, 0x1f, 1, true);
	b.spi.locked[0] = 0x03;
	assert_int_equal(phase_set_status(&l), 0);
	assert_int_equal(l.found.status[1], 0x1c);
	board_done(&b, &l);
}

static void
test_a_flash_that_stays_busy_is_given_up(void **state)
{
	(void)state;
	start(&chip_esp32, true);
	set_status(&l, 0x1c, 1, true);
	b.spi.busy_for = 1000000;
	assert_int_equal(phase_set_status(&l), ERR_FLASH);
	assert_contains(l.why.text, "still busy after 1000 ms");
	assert_in_range(b.now, 1000, 1100);
	board_done(&b, &l);
}

static void
test_a_controller_that_stays_busy_is_reported(void **state)
{
	(void)state;
	start(&chip_esp32, false);
	b.spi.never_done = true;
	l.flash.status.bytes = 1;
	assert_int_equal(phase_status(&l), ERR_FLASH);
	assert_contains(l.why.text, "does not finish a command");
	board_done(&b, &l);
}

static void
set_two(struct link *link)
{
	set_status(link, 0x0240, 2, false);
}

static void
test_faults_in_status(void **state)
{
	(void)state;
	for (int stub = 0; stub < 2; stub++) {
		for (unsigned skip = 0; skip < 4; skip++)
			check_faults(&chip_esp32, stub, phase_status, set_two,
			    CMD_READ_REG, skip);
		for (unsigned skip = 0; skip < 7; skip++)
			check_faults(&chip_esp32, stub, phase_set_status,
			    set_two, CMD_WRITE_REG, skip);
	}
}

/* ---- SFDP ---- */

static void
test_sfdp_is_read_from_any_address(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2 * SPI_CHIPS; i++) {
		start(spi_chips[i / 2], i % 2);
		for (size_t k = 8; k < sizeof b.spi.sfdp; k++)
			b.spi.sfdp[k] = (uint8_t)(k * 3);
		l.flash.sfdp_address = 1;
		l.flash.sfdp_bytes = 3;
		assert_int_equal(phase_sfdp(&l), 0);
		assert_memory_equal(l.found.sfdp, "FDP", 3);
		l.flash.sfdp_address = 0x11;
		l.flash.sfdp_bytes = 64;
		assert_int_equal(phase_sfdp(&l), 0);
		assert_memory_equal(l.found.sfdp, b.spi.sfdp + 0x11, 64);
		assert_string_equal(b.spi.log, "5a@1 5a@0 5a@11 5a@0 ");
		assert_string_equal(b.notes, "");
		board_done(&b, &l);
	}
}

static void
test_a_flash_without_sfdp_is_noted(void **state)
{
	(void)state;
	start(&chip_esp32, true);
	memset(b.spi.sfdp, 0xff, sizeof b.spi.sfdp);
	l.flash.sfdp_bytes = 4;
	assert_int_equal(phase_sfdp(&l), 0);
	assert_memory_equal(l.found.sfdp, "\xff\xff\xff\xff", 4);
	assert_contains(b.notes, "has no SFDP");
	assert_string_equal(b.spi.log, "5a@0 ");
	board_done(&b, &l);
}

static void
set_sfdp(struct link *link)
{
	link->flash.sfdp_bytes = 8;
}

static void
test_faults_in_sfdp(void **state)
{
	(void)state;
	for (int stub = 0; stub < 2; stub++) {
		check_faults(&chip_esp32, stub, phase_sfdp, set_sfdp,
		    CMD_READ_REG, 3);
		check_faults(&chip_esp32, stub, phase_sfdp, set_sfdp,
		    CMD_WRITE_REG, 0);
	}
	start(&chip_esp32, false);
	b.spi.never_done = true;
	l.flash.sfdp_bytes = 4;
	assert_int_equal(phase_sfdp(&l), ERR_FLASH);
	assert_contains(l.why.text, "does not finish a command");
	board_done(&b, &l);
}

/* ---- attaching the flash ---- */

static void
test_attach_looks_and_resets(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2 * SPI_CHIPS; i++) {
		start(spi_chips[i / 2], i % 2);
		assert_int_equal(phase_attach(&l), 0);
		assert_string_equal(b.spi.log, "9f 5a@10 66 99 ");
		assert_int_equal(l.found.rdid, BOARD_RDID);
		assert_string_equal(b.notes, "");
		board_done(&b, &l);
	}
}

/* esptool needs 37 writes and 20 reads for this on an ESP32 without a stub. */
static void
test_attach_needs_few_round_trips(void **state)
{
	(void)state;
	start(&chip_esp32, true);
	assert_int_equal(phase_attach(&l), 0);
	assert_int_equal(b.sent[CMD_WRITE_REG], 4);
	assert_int_equal(b.sent[CMD_READ_REG], 7);
	board_done(&b, &l);
	start(&chip_esp32c3, false);
	assert_int_equal(phase_attach(&l), 0);
	assert_int_equal(b.sent[CMD_WRITE_REG], 17);
	assert_int_equal(b.sent[CMD_READ_REG], 7);
	board_done(&b, &l);
}

/* An XMC part of 4 MB that gives a wrong id until it is restarted. */
static void
start_bad_xmc(bool stub)
{
	start(&chip_esp32, stub);
	b.rdid = 0x000020;
	b.spi.sfdp[0x10] = 0x20;
}

static void
test_an_xmc_flash_that_did_not_start_up_is_helped(void **state)
{
	(void)state;
	for (int stub = 0; stub < 2; stub++) {
		start_bad_xmc(stub);
		b.spi.rdid_fixed = 0x164020;
		assert_int_equal(phase_attach(&l), 0);
		assert_string_equal(b.spi.log,
		    "9f 5a@10 b9 79 ff ab 9f 66 99 ");
		assert_int_equal(l.found.rdid, 0x164020);
		assert_int_equal(l.found.flash_bytes, 4 << 20);
		assert_contains(b.notes, "has helped");
		assert_true(b.now >= 2);
		board_done(&b, &l);
	}
}

static void
test_an_xmc_flash_that_cannot_be_helped_is_noted(void **state)
{
	(void)state;
	start_bad_xmc(true);
	assert_int_equal(phase_attach(&l), 0);
	assert_contains(b.notes, "did not help");
	assert_contains(b.notes, "does not tell its size");
	board_done(&b, &l);
}

static void
test_an_xmc_flash_that_started_up_is_left_alone(void **state)
{
	static const uint32_t	ids[] = {
		0x134020, 0x204020, 0x174120, 0x155020, 0x165020,
	};

	(void)state;
	for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
		start(&chip_esp32, true);
		b.rdid = ids[i];
		b.spi.sfdp[0x10] = 0x20;
		assert_int_equal(phase_attach(&l), 0);
		assert_string_equal(b.spi.log, "9f 5a@10 66 99 ");
		board_done(&b, &l);
	}
}

static void
test_a_sleeping_flash_is_woken(void **state)
{
	(void)state;
	start(&chip_esp32c3, false);
	b.spi.asleep = true;
	assert_int_equal(phase_attach(&l), 0);
	assert_string_equal(b.spi.log, "9f 5a@10 5a@0 ab 66 99 9f 66 99 ");
	assert_int_equal(l.found.flash_bytes, 1 << 20);
	board_done(&b, &l);
}

static void
test_a_flash_that_answers_by_sfdp_only_is_there(void **state)
{
	(void)state;
	start(&chip_esp32, true);
	b.rdid = 0xffffff;
	assert_int_equal(phase_attach(&l), 0);
	assert_string_equal(b.spi.log, "9f 5a@10 5a@0 66 99 ");
	assert_contains(b.notes, "does not tell its size");
	board_done(&b, &l);
}

/* Fix 26 of esptool: a flash that does not tell its size is used all the same,
 * and its real size counts, whatever the user says. */
static void
test_fix_26_size_of_the_flash_chip(void **state)
{
	static const struct {
		uint32_t	 rdid;
		const char	*given, *says;
		uint32_t	 size, told;
	} cases[] = {
		{ 0x1440c8, NULL, "", 1 << 20, 1 << 20 },
		{ 0x1440c8, "detect", "", 1 << 20, 1 << 20 },
		{ 0x1440c8, "512KB", "", 512 << 10, 512 << 10 },
		{ 0x1440c8, "4MB", "the flash chip has 1MB, not 4MB",
		    1 << 20, 1 << 20 },
		{ 0x0140c8, NULL, "does not tell its size", 0, 16 << 20 },
		{ 0x0140c8, "4MB", "", 4 << 20, 4 << 20 },
		{ 0x0140c8, "2MB-c1", "", 2 << 20, 2 << 20 },
		{ 0x0140c8, "detect", "does not tell its size", 0, 16 << 20 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		start(&chip_esp32, i % 2);
		b.rdid = cases[i].rdid;
		l.flash.header.size = cases[i].given;
		assert_int_equal(phase_attach(&l), 0);
		assert_int_equal(l.found.flash_bytes, cases[i].size);
		assert_int_equal(b.words[CMD_SPI_SET_PARAMS][1],
		    cases[i].told);
		if (cases[i].says[0] == '\0')
			assert_string_equal(b.notes, "");
		assert_contains(b.notes, cases[i].says);
		board_done(&b, &l);
	}
}

static void
test_a_flash_of_more_than_16_mb(void **state)
{
	(void)state;
	for (int stub = 0; stub < 2; stub++) {
		start(&chip_esp32s3, stub);
		b.rdid = 0x1940ef;
		assert_int_equal(phase_attach(&l), 0);
		assert_int_equal(l.found.flash.size, 32 << 20);
		assert_int_equal(l.found.flash_bytes, stub ? 32 << 20 :
		    16 << 20);
		if (stub)
			assert_string_equal(b.notes, "");
		else
			assert_contains(b.notes, "of which 16MB can be "
			    "reached");
		board_done(&b, &l);
	}
}

/* Fix 10 of esptool: without SPI_SET_PARAMS the ROM takes the flash for one of
 * 2 MB and does not touch what lies beyond. */
static void
test_fix_10_the_rom_is_told_a_size_in_secure_download_mode(void **state)
{
	(void)state;
	for (int given = 0; given < 2; given++) {
		start(&chip_esp32c3, false);
		l.found.secinfo.flags = SECINFO_SECURE_DOWNLOAD;
		l.flash.header.size = given ? "8MB" : NULL;
		assert_int_equal(phase_attach(&l), 0);
		/* No register may be asked for there. */
		assert_int_equal(b.sent[CMD_READ_REG], 0);
		assert_int_equal(b.sent[CMD_WRITE_REG], 0);
		assert_int_equal(b.frames, 2);
		assert_int_equal(l.found.flash_bytes, given ? 8 << 20 : 0);
		assert_int_equal(b.words[CMD_SPI_SET_PARAMS][1],
		    given ? 8 << 20 : 16 << 20);
		if (given)
			assert_string_equal(b.notes, "");
		else
			assert_contains(b.notes, "the loader is told 16MB");
		board_done(&b, &l);
	}
}

static void
test_a_size_that_cannot_be_detected_is_refused_before_anything(void **state)
{
	(void)state;
	start(&chip_esp32c3, false);
	l.found.secinfo.flags = SECINFO_SECURE_DOWNLOAD;
	l.flash.header.size = "detect";
	assert_int_equal(phase_attach(&l), ERR_SECURITY);
	assert_contains(l.why.text, "Detecting flash size is not supported in "
	    "secure download mode.");
	assert_int_equal(b.frames, 0);
	board_done(&b, &l);
}

static void
set_pins(uint8_t clk, uint8_t q, uint8_t d, uint8_t hd, uint8_t cs)
{
	const uint8_t	pins[] = { clk, q, d, hd, cs };

	l.opt.spi = LINK_SPI_PINS;
	memcpy(l.opt.spi_pins, pins, sizeof pins);
}

static void
test_pins_go_into_one_word(void **state)
{
	(void)state;
	for (int stub = 0; stub < 2; stub++) {
		start(&chip_esp32, stub);
		set_pins(6, 7, 8, 9, 11);	/* recorded with esptool */
		assert_int_equal(phase_attach(&l), 0);
		assert_int_equal(b.sent[CMD_SPI_ATTACH], 1);
		assert_int_equal(b.words[CMD_SPI_ATTACH][0], 0x092c81c6);
		assert_int_equal(b.bytes[CMD_SPI_ATTACH], stub ? 4 : 8);
		board_done(&b, &l);
		start(&chip_esp32s3, stub);
		l.opt.spi = LINK_SPI_HSPI;
		assert_int_equal(phase_attach(&l), 0);
		assert_int_equal(b.words[CMD_SPI_ATTACH][0], 1);
		board_done(&b, &l);
	}
}

static void
refuse_pins(const struct chip *chip, int err, const char *says)
{
	assert_int_equal(phase_attach(&l), err);
	assert_contains(l.why.text, says);
	assert_contains(l.why.text, chip->name);
	assert_int_equal(b.frames, 0);
	board_done(&b, &l);
}

static void
test_pins_that_cannot_carry_a_flash_are_refused(void **state)
{
	(void)state;
	start(&chip_esp32, false);
	set_pins(6, 7, 30, 9, 11);
	refuse_pins(&chip_esp32, ERR_PARAMS, "D cannot be pin 30: SPI pin "
	    "numbers must be in the range 0-29, 32-33");
	start(&chip_esp32s3, true);
	set_pins(6, 7, 8, 47, 11);
	refuse_pins(&chip_esp32s3, ERR_PARAMS, "HD cannot be pin 47");
	start(&chip_esp32s3, true);
	set_pins(6, 7, 8, 9, 22);
	refuse_pins(&chip_esp32s3, ERR_PARAMS, "CS cannot be pin 22: SPI pin "
	    "numbers must be in the range 0-21, 26-48");
	start(&chip_esp8266, false);
	set_pins(6, 7, 8, 9, 11);
	refuse_pins(&chip_esp8266, ERR_UNSUPPORTED, "not supported by it");
	start(&chip_esp8266, true);
	l.opt.spi = LINK_SPI_HSPI;
	refuse_pins(&chip_esp8266, ERR_UNSUPPORTED, "not supported by it");
}

static void
test_a_pin_of_the_usb_port_is_noted(void **state)
{
	(void)state;
	start(&chip_esp32c3, false);
	set_pins(6, 7, 8, 9, 18);
	assert_int_equal(phase_attach(&l), 0);
	assert_contains(b.notes, "pin 18 is one of the USB port");
	board_done(&b, &l);
}

/* Fix 29 of esptool, second half: the flash in the package of an ESP32 hangs
 * on pins that its eFuses name. */
static void
test_fix_29_the_rom_attaches_a_flash_in_the_package(void **state)
{
	const uint32_t	efuse = chip_esp32.efuse_base;

	(void)state;
	start(&chip_esp32, false);
	board_set_reg(&b, efuse + 0x14, 6 | 17 << 5 | 8 << 10 | 16 << 15);
	board_set_reg(&b, efuse + 0x0c, 11 << 4);
	assert_int_equal(phase_attach(&l), 0);
	assert_int_equal(b.words[CMD_SPI_ATTACH][0],
	    11 << 24 | 16 << 18 | 8 << 12 | 17 << 6 | 6);
	board_done(&b, &l);
	start(&chip_esp32, true);
	assert_int_equal(phase_attach(&l), 0);
	assert_int_equal(b.sent[CMD_SPI_ATTACH], 0);	/* the stub has */
	board_done(&b, &l);
}

static void
test_a_flash_on_chosen_pins_that_is_not_there(void **state)
{
	(void)state;
	start(&chip_esp32, false);
	set_pins(6, 7, 8, 9, 11);
	b.rdid = 0;
	memset(b.spi.sfdp, 0, sizeof b.spi.sfdp);
	assert_int_equal(phase_attach(&l), ERR_FLASH);
	assert_contains(l.why.text, "other parts may use these pins");
	board_done(&b, &l);
}

static void
set_vdd(struct link *link)
{
	link->opt.vddsdio = LINK_VDD_1V8;
}

static void
test_the_supply_of_the_flash_is_overridden(void **state)
{
	static const struct {
		enum link_vddsdio	vdd;
		uint32_t		value;
		const char		*volts;
	} cases[] = {
		{ LINK_VDD_OFF, 0x00600000, "OFF" },
		{ LINK_VDD_1V8, 0x80600000, "1.8V" },
		{ LINK_VDD_1V9, 0xfe600000, "1.9V" },
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		start(&chip_esp32, false);
		l.opt.vddsdio = cases[i].vdd;
		assert_int_equal(link_power(&l), 0);
		assert_int_equal(*board_reg(&b, 0x3ff48074), cases[i].value);
		assert_string_equal(l.found.facts.flash_voltage,
		    cases[i].volts);
		assert_int_equal(b.frames, 1);
		board_done(&b, &l);
	}
	start(&chip_esp32c3, false);
	set_vdd(&l);
	assert_int_equal(link_power(&l), ERR_UNSUPPORTED);
	assert_contains(l.why.text, "not supported by the ESP32-C3");
	assert_int_equal(b.frames, 0);
	board_done(&b, &l);
	check_faults(&chip_esp32, false, link_power, set_vdd, CMD_WRITE_REG,
	    0);
}

static const struct phase	attach_row[] = {
	{ "attach", phase_attach, 0 }, { 0 },
};

static void
set_p4(struct link *link)
{
	link->phases = attach_row;
	link->found.facts.revision = 301;
}

/* Power for a P4 of that revision, with that fuse word; how many commands. */
static unsigned
power_p4(uint32_t revision, uint32_t fuses, const struct phase *row)
{
	unsigned	frames;

	start(&chip_esp32p4, false);
	l.phases = row;
	l.found.facts.revision = revision;
	board_set_reg(&b, chip_esp32p4.flash_power.rom_does.addr, fuses);
	assert_int_equal(link_power(&l), 0);
	frames = b.frames;
	l.phases = NULL;
	board_done(&b, &l);
	return frames;
}

static void
test_a_p4_that_leaves_its_flash_off_is_switched_on(void **state)
{
	const uint32_t	fuse = chip_esp32p4.flash_power.rom_does.mask;
	unsigned	on = power_p4(301, 0, attach_row);

	(void)state;
	assert_true(on > 5);
	assert_int_equal(power_p4(301, fuse, attach_row), on);
	assert_int_equal(power_p4(302, 0, attach_row), on + 1);
	/* The ROM did it: one question, one answer to its defect. */
	assert_in_range(power_p4(302, fuse, attach_row), 2, 3);
	assert_int_equal(power_p4(300, 0, attach_row), 0);
	assert_int_equal(power_p4(303, 0, attach_row), 0);
	/* A job that leaves the flash alone. */
	assert_int_equal(power_p4(301, 0, NULL), 0);
	check_faults(&chip_esp32p4, false, link_power, set_p4, CMD_WRITE_REG,
	    3);
}

static void
bad_xmc(struct link *link)
{
	(void)link;
	b.rdid = 0x000020;
	b.spi.sfdp[0x10] = 0x20;
}

static void
test_faults_in_every_step_of_attach(void **state)
{
	(void)state;
	for (unsigned skip = 0; skip < 7; skip++) {
		check_faults(&chip_esp32, false, phase_attach, NULL,
		    CMD_READ_REG, skip);
		check_faults(&chip_esp32, true, phase_attach, bad_xmc,
		    CMD_READ_REG, skip);
	}
	for (unsigned skip = 0; skip < 4; skip++)
		check_faults(&chip_esp32, true, phase_attach, bad_xmc,
		    CMD_WRITE_REG, skip);
	check_faults(&chip_esp8266, false, phase_attach, NULL,
	    CMD_FLASH_BEGIN, 0);
}

/* ---- what esptool had to mend (the numbers are those of a list of its
 * fixes) ---- */

static void
test_fix_03_a_read_after_a_failed_one_tells_what_is_wrong(void **state)
{
	(void)state;
	for (int stub = 0; stub < 2; stub++) {
		start(&chip_esp32, stub);
		l.flash.read_bytes = 4096;
		l.flash.sink = take;
		buf_init(&got, sizeof ram);
		board_fault(&b, FAULT_SILENCE, stub ? CMD_READ_FLASH :
		    CMD_READ_FLASH_SLOW, 0);
		for (int i = 0; i < 3; i++) {
			why_clear(&l.why);
			assert_int_equal(phase_read(&l), ERR_TIMEOUT);
			assert_contains(l.why.text, "fell silent");
		}
		l.flash.mem.address = 0x40001000;
		why_clear(&l.why);
		assert_int_equal(phase_mem_read(&l), ERR_TIMEOUT);
		assert_contains(l.why.text, "0x40001000");
		assert_contains(l.why.text, "fell silent");
		buf_done(&got);
		board_done(&b, &l);
	}
}

/* Some adapters deliver the copies of an answer late. */
static void
test_fix_20_late_answers_to_an_unknown_command_are_drained(void **state)
{
	(void)state;
	start(&chip_esp32, false);
	b.copies = 8;
	b.late_ms = 150;
	assert_int_equal(phase_security(&l), ERR_UNSUPPORTED);
	board_set_reg(&b, 0x3ff40014, 0x12345678);
	l.flash.mem.address = 0x3ff40014;
	assert_int_equal(phase_mem_read(&l), 0);
	assert_int_equal(l.found.word, 0x12345678);
	board_done(&b, &l);
}

static int
take_and_mute(void *arg, const void *p, size_t len)
{
	(void)arg;
	b.hung = b.silent = true;
	return buf_add(&got, p, len);
}

static void
test_fix_22_a_read_that_stops_coming_ends(void **state)
{
	(void)state;
	for (int stub = 0; stub < 2; stub++) {
		start(&chip_esp32, stub);
		l.flash.read_bytes = 16384;
		l.flash.sink = take_and_mute;
		l.opt.before = LINK_NO_RESET;	/* no reset may help */
		buf_init(&got, 16384);
		assert_int_equal(phase_read(&l), ERR_TIMEOUT);
		assert_contains(l.why.text, stub ? "0x1000" : "0x40");
		assert_int_equal(got.len, stub ? 4096 : 64);
		assert_in_range(b.now, ROM_REPLY_MS, 20000);
		buf_done(&got);
		board_done(&b, &l);
	}
}

static void
test_fix_25_a_stub_that_runs_is_spoken_to_as_one(void **state)
{
	uint8_t	md5[16], want[16];

	(void)state;
	board_init(&b, &l, &chip_esp32);
	b.stub = true;
	assert_int_equal(phase_connect(&l), 0);
	assert_true(l.rom.stub);
	assert_int_equal(phase_identify(&l), 0);
	assert_ptr_equal(l.chip, &chip_esp32);
	assert_int_equal(phase_attach(&l), 0);
	assert_int_equal(b.sent[CMD_SPI_ATTACH], 0);
	/* Two status bytes, and a digest that is no text. */
	b.flash[0] = 1;
	assert_int_equal(rom_md5(&l.rom, 0, 1, md5, 1000), 0);
	assert_int_equal(EVP_Digest("\1", 1, want, NULL, EVP_md5(), NULL), 1);
	assert_memory_equal(md5, want, 16);
	board_done(&b, &l);
}

static void
test_fix_27_lines_that_are_not_there_are_not_moved(void **state)
{
	const char	*first;

	(void)state;
	board_init(&b, &l, &chip_esp32);
	b.no_lines = true;
	l.opt.has_lines = false;
	assert_int_equal(phase_connect(&l), 0);
	assert_int_equal(phase_identify(&l), 0);
	run_alone("read", phase_mem_read);
	assert_int_equal(l.result, 0);
	assert_string_equal(b.lines, "");
	/* Once that it was not reset, and once that nothing starts it. */
	first = strstr(b.notes, "NOT reset");
	assert_non_null(first);
	assert_null(strstr(first + 1, "NOT reset"));
	first = strstr(b.notes, "reset the chip by hand");
	assert_non_null(first);
	assert_null(strstr(first + 1, "reset the chip by hand"));
	board_done(&b, &l);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_a_word_is_read),
		cmocka_unit_test(test_a_word_is_written_under_its_mask),
		cmocka_unit_test(
		    test_a_dump_keeps_the_bytes_after_the_last_whole_word),
		cmocka_unit_test(test_a_dump_begins_and_ends_anywhere),
		cmocka_unit_test(test_a_dump_tells_how_far_it_is),
		cmocka_unit_test(test_a_dump_ends_when_the_file_takes_no_more),
		cmocka_unit_test(test_faults_in_memory_commands),
		cmocka_unit_test(test_a_program_is_loaded_and_left_running),
		cmocka_unit_test(test_a_long_segment_goes_in_blocks),
		cmocka_unit_test(
		    test_a_rom_that_jumps_without_an_answer_is_fine),
		cmocka_unit_test(
		    test_a_program_that_is_not_whole_is_not_loaded),
		cmocka_unit_test(
		    test_a_program_for_another_chip_is_not_loaded),
		cmocka_unit_test(
		    test_a_program_must_not_overwrite_the_stub_that_loads_it),
		cmocka_unit_test(test_a_stub_of_unknown_place_is_noted),
		cmocka_unit_test(test_faults_in_loading_a_program),
		cmocka_unit_test(
		    test_a_reset_starts_the_program_and_once_is_enough),
		cmocka_unit_test(test_without_lines_the_rom_starts_the_program),
		cmocka_unit_test(test_a_stub_cannot_start_the_program_in_flash),
		cmocka_unit_test(test_faults_in_run),
		cmocka_unit_test(test_security_settings_are_asked_once),
		cmocka_unit_test(test_chips_without_security_info_say_so),
		cmocka_unit_test(test_faults_in_security),
		cmocka_unit_test(test_status_registers_are_read),
		cmocka_unit_test(test_one_status_register_is_written),
		cmocka_unit_test(test_two_status_registers_take_the_long_form),
		cmocka_unit_test(
		    test_two_status_registers_may_need_a_command_each),
		cmocka_unit_test(test_three_status_registers_are_written),
		cmocka_unit_test(test_protected_status_bits_are_no_success),
		cmocka_unit_test(
		    test_the_two_lowest_status_bits_are_not_compared),
		cmocka_unit_test(
		    test_a_size_that_cannot_be_detected_is_refused_before_anything),
		cmocka_unit_test(test_a_flash_that_stays_busy_is_given_up),
		cmocka_unit_test(test_a_controller_that_stays_busy_is_reported),
		cmocka_unit_test(test_faults_in_status),
		cmocka_unit_test(test_sfdp_is_read_from_any_address),
		cmocka_unit_test(test_a_flash_without_sfdp_is_noted),
		cmocka_unit_test(test_faults_in_sfdp),
		cmocka_unit_test(test_attach_looks_and_resets),
		cmocka_unit_test(test_attach_needs_few_round_trips),
		cmocka_unit_test(
		    test_an_xmc_flash_that_did_not_start_up_is_helped),
		cmocka_unit_test(
		    test_an_xmc_flash_that_cannot_be_helped_is_noted),
		cmocka_unit_test(
		    test_an_xmc_flash_that_started_up_is_left_alone),
		cmocka_unit_test(test_a_sleeping_flash_is_woken),
		cmocka_unit_test(
		    test_a_flash_that_answers_by_sfdp_only_is_there),
		cmocka_unit_test(test_fix_26_size_of_the_flash_chip),
		cmocka_unit_test(test_a_flash_of_more_than_16_mb),
		cmocka_unit_test(
		    test_fix_10_the_rom_is_told_a_size_in_secure_download_mode),
		cmocka_unit_test(test_pins_go_into_one_word),
		cmocka_unit_test(
		    test_pins_that_cannot_carry_a_flash_are_refused),
		cmocka_unit_test(test_a_pin_of_the_usb_port_is_noted),
		cmocka_unit_test(
		    test_fix_29_the_rom_attaches_a_flash_in_the_package),
		cmocka_unit_test(test_a_flash_on_chosen_pins_that_is_not_there),
		cmocka_unit_test(test_the_supply_of_the_flash_is_overridden),
		cmocka_unit_test(
		    test_a_p4_that_leaves_its_flash_off_is_switched_on),
		cmocka_unit_test(test_faults_in_every_step_of_attach),
		cmocka_unit_test(
		    test_fix_03_a_read_after_a_failed_one_tells_what_is_wrong),
		cmocka_unit_test(
		    test_fix_20_late_answers_to_an_unknown_command_are_drained),
		cmocka_unit_test(test_fix_22_a_read_that_stops_coming_ends),
		cmocka_unit_test(
		    test_fix_25_a_stub_that_runs_is_spoken_to_as_one),
		cmocka_unit_test(
		    test_fix_27_lines_that_are_not_there_are_not_moved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
