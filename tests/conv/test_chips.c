/*
 * What is special about one chip or another in identify, stub, baud and leave.
 */
#include "tests/conv/conv.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	USB_JTAG	= 0x1001,
	ENTRY		= 0x40379000,	/* of the stubs below */
	S3_HOOK		= 0x3fcef688,
	READER		= 0x40001234,	/* what the hook held before */
	C5_XTAL		= 0x60096110,
	CLKDIV		= 0x60000014,
};

static char	stub_dir[] = "/tmp/conv-chips-XXXXXX";

static void
stub_file(char *path, size_t size, const char *name)
{
	(void)snprintf(path, size, "%s/%s.json", stub_dir, name);
}

/* A stub for every chip, and the one for old P4s. */
static void
make_stub(const char *name)
{
	char	 path[128];
	FILE	*f;

	stub_file(path, sizeof path, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fprintf(f, "{\"entry\": %d, \"text\": \"AQIDBAUGBwg=\", "
	    "\"text_start\": %d}", ENTRY, ENTRY) > 0);
	assert_int_equal(fclose(f), 0);
}

static void
drop_stub(const char *name)
{
	char	path[128];

	stub_file(path, sizeof path, name);
	assert_int_equal(unlink(path), 0);
}

static int
make_stubs(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(stub_dir));
	for (const struct chip *const *c = chips; *c != NULL; c++)
		make_stub((*c)->cli);
	return 0;
}

static int
drop_stubs(void **state)
{
	(void)state;
	for (const struct chip *const *c = chips; *c != NULL; c++)
		drop_stub((*c)->cli);
	return rmdir(stub_dir);
}

static void
on_usb(uint16_t pid)
{
	l.opt.usb_vid = 0x303a;
	l.opt.usb_pid = pid;
}

/* A chip whose loader has answered; what identify finds can still be set. */
static void
connected(const struct chip *chip)
{
	board_init(&b, &l, chip);
	assert_int_equal(phase_connect(&l), 0);
	l.opt.stub_path = stub_dir;
}

static void
in_secure_download(const struct chip *chip)
{
	connected(chip);
	b.flags = SECINFO_SECURE_DOWNLOAD;
	l.opt.secure_ok = true;
}

static void
identified(void)
{
	assert_int_equal(phase_identify(&l), 0);
	b.writes[0] = '\0';
	memset(b.sent, 0, sizeof b.sent);
}

static void
test_each_chip_is_known_by_itself(void **state)
{
	(void)state;
	for (const struct chip *const *c = chips; *c != NULL; c++) {
		connected(*c);
		assert_int_equal(phase_identify(&l), 0);
		assert_ptr_equal(l.chip, *c);
		assert_true(l.found.facts.description[0] != '\0');
		board_done(&b, &l);
	}
}

static void
test_each_chip_is_known_when_it_is_named(void **state)
{
	(void)state;
	for (const struct chip *const *c = chips; *c != NULL; c++) {
		connected(*c);
		l.opt.chip = *c;
		assert_int_equal(phase_identify(&l), 0);
		assert_ptr_equal(l.chip, *c);
		board_done(&b, &l);
		connected(*c);
		l.opt.chip = *c == &chip_esp32 ? &chip_esp8266 : &chip_esp32;
		assert_int_equal(phase_identify(&l), ERR_CHIP_MISMATCH);
		assert_contains(l.why.text, (*c)->name);
		board_done(&b, &l);
	}
}

static void
test_silent_c2_at_a_low_rate_is_told_of_a_higher_one(void **state)
{
	(void)state;
	for (uint32_t baud = 57600; baud <= 115200; baud *= 2) {
		board_init(&b, &l, &chip_esp32c2);
		b.silent = true;
		l.opt.baud = baud;
		l.opt.chip = &chip_esp32c2;
		assert_int_equal(phase_connect(&l), ERR_NO_SYNC);
		assert_int_equal(strstr(b.notes, "try a higher baud rate") !=
		    NULL, baud < 115200);
		board_done(&b, &l);
	}
}

/* Known by the short form of its security info, as nothing can be read. */
static void
test_s2_in_secure_download_mode_is_known(void **state)
{
	(void)state;
	for (int named = 0; named < 2; named++) {
		in_secure_download(&chip_esp32s2);
		l.opt.chip = named ? &chip_esp32s2 : NULL;
		assert_int_equal(phase_identify(&l), 0);
		assert_ptr_equal(l.chip, &chip_esp32s2);
		assert_int_equal(b.sent[CMD_READ_REG], 0);
		assert_string_equal(l.found.facts.description, "ESP32-S2");
		board_done(&b, &l);
	}
}

/* Before anything is done: the question itself is all that is sent. */
static void
test_what_secure_download_mode_forbids_is_refused_at_once(void **state)
{
	(void)state;
	for (const struct chip *const *c = chips; *c != NULL; c++) {
		if (((*c)->caps & CHIP_ROM_SECINFO) == 0)
			continue;
		in_secure_download(*c);
		l.opt.secure_ok = false;
		b.frames = 0;
		assert_int_equal(phase_identify(&l), ERR_SECURITY);
		assert_contains(l.why.text,
		    "not available in secure download mode");
		assert_contains(l.why.text, (*c)->name);
		assert_int_equal(b.frames, 1);
		assert_int_equal(b.sent[CMD_GET_SECURITY_INFO], 1);
		board_done(&b, &l);
	}
}

/* Fix of esptool 5.3.1: such a chip refuses every write to a register. */
static void
test_fix_02_secure_download_over_usb_jtag_writes_no_register(void **state)
{
	(void)state;
	for (const struct chip *const *c = chips; *c != NULL; c++) {
		if (((*c)->caps & CHIP_USB_JTAG) == 0)
			continue;
		in_secure_download(*c);
		on_usb(USB_JTAG);
		assert_int_equal(phase_identify(&l), 0);
		assert_int_equal(phase_stub(&l), 0);
		assert_int_equal(phase_leave(&l), 0);
		assert_int_equal(b.sent[CMD_WRITE_REG], 0);
		assert_int_equal(b.sent[CMD_READ_REG], 0);
		board_done(&b, &l);
	}
}

/* Fix of esptool 5.3.0: the USB-OTG takes small blocks, registers or not. */
static void
test_fix_06_usb_mode_is_known_in_secure_download_mode(void **state)
{
	(void)state;
	for (const struct chip *const *c = chips; *c != NULL; c++) {
		if (((*c)->caps & CHIP_USB_OTG) == 0)
			continue;
		in_secure_download(*c);
		on_usb((uint16_t)(*c)->image_id);
		assert_int_equal(phase_identify(&l), 0);
		assert_true(link_is_usb_otg(&l));
		assert_true(l.rom.usb_otg);
		assert_int_equal(rom_mem_block(&l.rom), 0x800);
		board_done(&b, &l);
	}
}

static void
test_fuses_are_read_when_the_chip_is_identified(void **state)
{
	struct link_write	w = { .blob = NULL };

	(void)state;
	for (int encrypt = 0; encrypt < 2; encrypt++) {
		connected(&chip_esp32c6);
		board_set_reg(&b, 0x600b0834, 1u << 18 | 4u << 24);
		board_set_reg(&b, 0x600b0838, 1u << 20);
		w.encrypt = encrypt;
		l.flash.writes = &w;
		l.flash.write_count = 1;
		identified();
		assert_true(l.found.security.encrypted);
		assert_true(l.found.security.secure_boot);
		/* The key is of interest only to who encrypts. */
		assert_int_equal(l.found.security.has_key, encrypt);
		assert_false(l.found.security.no_encrypt);
		board_done(&b, &l);
	}
}

/* Fix of esptool 4.6.1: wrong registers once let the chip restart in the
 * middle of a slow flash. */
static void
test_fix_30_watchdogs_stopped_over_usb_jtag_are_the_chips(void **state)
{
	static const struct { const struct chip *chip; const char *writes; }
	rows[] = {
		{ &chip_esp32c3, "600080a8=50d83aa1 60008090=0 600080a8=0 "
		    "600080b0=8f1d312a 600080ac=80000000 600080b0=0 " },
		{ &chip_esp32s3, "600080b0=50d83aa1 60008098=0 600080b0=0 "
		    "600080b8=8f1d312a 600080b4=80000000 600080b8=0 " },
		{ &chip_esp32c6, "600b1c18=50d83aa1 600b1c00=0 600b1c18=0 "
		    "600b1c20=50d83aa1 600b1c1c=40000 600b1c20=0 " },
		{ &chip_esp32c5, "600b1c18=50d83aa1 600b1c00=0 600b1c18=0 "
		    "600b1c20=50d83aa1 600b1c1c=40000 600b1c20=0 " },
		{ &chip_esp32c61, "600b1c18=50d83aa1 600b1c00=0 600b1c18=0 "
		    "600b1c20=50d83aa1 600b1c1c=40000 600b1c20=0 " },
		{ &chip_esp32h2, "600b1c1c=50d83aa1 600b1c00=0 600b1c1c=0 "
		    "600b1c24=50d83aa1 600b1c20=40000 600b1c24=0 " },
		{ &chip_esp32h21, "600b1c1c=50d83aa1 600b1c00=0 600b1c1c=0 "
		    "600b1c24=50d83aa1 600b1c20=40000 600b1c24=0 " },
		{ &chip_esp32h4, "60090064=50d83aa1 60090048=0 60090064=0 "
		    "600b5420=50d83aa1 600b541c=40000 600b5420=0 " },
		{ &chip_esp32p4, "50116018=50d83aa1 50116000=0 50116018=0 "
		    "50116020=50d83aa1 5011601c=40000 50116020=0 " },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		connected(rows[i].chip);
		on_usb(USB_JTAG);
		assert_int_equal(phase_identify(&l), 0);
		assert_string_equal(b.writes, rows[i].writes);
		board_done(&b, &l);
		/* Over a UART they have been reset with the rest. */
		connected(rows[i].chip);
		assert_int_equal(phase_identify(&l), 0);
		assert_string_equal(b.writes, "");
		board_done(&b, &l);
	}
}

/* Word of BLOCK1 that tells the revision of an ESP32-P4, and others. */
enum { P4_W2 = 0x5012d04c, P4_REPEAT1 = 0x5012d034, PMU_DATE = 0x501153fc };

static const struct phase	attach_row[] = {
	{ "attach", phase_attach, 0 }, { 0 }
};

static void
test_p4_powers_its_flash_on_before_a_stub_looks_for_it(void **state)
{
	(void)state;
	connected(&chip_esp32p4);
	l.phases = attach_row;
	board_set_reg(&b, P4_W2, 3u << 4 | 1);
	board_set_reg(&b, 0x501151b8, 0x7f800001);
	board_set_reg(&b, 0x501151bc, 0x2);
	board_set_reg(&b, PMU_DATE, 0x2311000);
	b.now = 0;
	assert_int_equal(phase_identify(&l), 0);
	assert_int_equal(l.found.facts.revision, 301);
	assert_string_equal(b.writes, "5011010c=1 501151bc=8000002 "
	    "501151b8=7f800081 501153fc=2311003 501151bc=2 501151b8=81 "
	    "501151b8=81 501151b8=1 ");
	assert_int_equal(b.now, 2);	/* settled */
	board_done(&b, &l);
}

static void
test_p4_whose_fuse_powers_the_flash_only_lets_go_of_two_bits(void **state)
{
	(void)state;
	connected(&chip_esp32p4);
	l.phases = attach_row;
	board_set_reg(&b, P4_W2, 3u << 4 | 2);
	board_set_reg(&b, P4_REPEAT1, 1u << 16);
	board_set_reg(&b, PMU_DATE, 0x2311003);
	assert_int_equal(phase_identify(&l), 0);
	assert_string_equal(b.writes, "501153fc=2311000 ");
	board_done(&b, &l);
}

/* Fix of esptool 5.0.2, first half. */
static void
test_fix_21_c3_with_secure_boot_gets_no_stub(void **state)
{
	(void)state;
	for (int by_fuse = 0; by_fuse < 2; by_fuse++) {
		connected(&chip_esp32c3);
		if (by_fuse)
			board_set_reg(&b, 0x60008838, 1u << 20);
		else
			b.flags = SECINFO_SECURE_BOOT;
		identified();
		assert_int_equal(phase_stub(&l), 0);
		assert_false(l.rom.stub);
		assert_int_equal(b.sent[CMD_MEM_BEGIN], 0);
		assert_contains(b.notes, "Stub flasher is not supported on "
		    "this chip with Secure Boot");
		assert_contains(b.notes, "the ROM loader does the work");
		board_done(&b, &l);
	}
}

/* Fix of esptool 5.0.2, second half. */
static void
test_fix_21_s3_with_secure_boot_starts_it_by_its_reader(void **state)
{
	(void)state;
	connected(&chip_esp32s3);
	b.flags = SECINFO_SECURE_BOOT;
	board_set_reg(&b, 0x60007038, 1u << 20);
	board_set_reg(&b, S3_HOOK, READER);
	identified();
	assert_int_equal(phase_stub(&l), 0);
	assert_true(l.rom.stub);
	assert_true(b.stub);
	assert_int_equal(b.entry, ENTRY);
	assert_int_equal(b.sent[CMD_MEM_END], 1);
	assert_int_equal(b.sent[CMD_READ_FLASH_SLOW], 1);
	assert_string_equal(b.writes, "3fcef688=40379000 3fcef688=40001234 ");
	board_done(&b, &l);
}

static void
test_s3_whose_reader_does_not_start_the_stub_fails(void **state)
{
	(void)state;
	connected(&chip_esp32s3);
	b.flags = SECINFO_SECURE_BOOT;
	board_set_reg(&b, S3_HOOK, READER);
	identified();
	board_fault(&b, FAULT_SILENCE, CMD_READ_FLASH_SLOW, 0);
	assert_int_equal(phase_stub(&l), ERR_STUB);
	assert_contains(l.why.text, "did not start; try without a stub");
	assert_false(l.rom.stub);
	board_done(&b, &l);
	connected(&chip_esp32s3);
	b.flags = SECINFO_SECURE_BOOT;
	identified();
	board_fault(&b, FAULT_REFUSAL_ALWAYS, CMD_READ_REG, 0);
	assert_int_equal(phase_stub(&l), ERR_REFUSED);
	assert_contains(l.why.text, "start the flasher stub");
	board_done(&b, &l);
}

static void
test_secure_boot_of_other_chips_takes_a_stub_as_ever(void **state)
{
	static const struct chip *const	rows[] = {
		&chip_esp32s2, &chip_esp32c6, &chip_esp32h2, &chip_esp32c5,
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		connected(rows[i]);
		b.flags = SECINFO_SECURE_BOOT;
		identified();
		assert_int_equal(phase_stub(&l), 0);
		assert_true(l.rom.stub);
		assert_int_equal(b.entry, ENTRY);
		assert_int_equal(b.sent[CMD_READ_FLASH_SLOW], 0);
		board_done(&b, &l);
	}
}

static void
test_chips_without_a_stub_are_worked_on_by_their_rom(void **state)
{
	static const struct chip *const	rows[] = {
		&chip_esp32h21, &chip_esp32e22,
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		connected(rows[i]);
		identified();
		assert_int_equal(phase_stub(&l), 0);
		assert_false(l.rom.stub);
		assert_contains(b.notes, "there is no flasher stub for the");
		assert_contains(b.notes, rows[i]->name);
		assert_int_equal(b.sent[CMD_MEM_BEGIN], 0);
		board_done(&b, &l);
		/* Who asked for none need not hear it. */
		connected(rows[i]);
		identified();
		l.opt.stub = STUB_NONE;
		assert_int_equal(phase_stub(&l), 0);
		assert_string_equal(b.notes, "");
		board_done(&b, &l);
	}
}

static void
test_first_c2_has_no_stub(void **state)
{
	(void)state;
	connected(&chip_esp32c2);
	board_set_reg(&b, 0x60008844, 0);
	identified();
	assert_int_equal(l.found.facts.revision, 0);
	assert_int_equal(phase_stub(&l), 0);
	assert_false(l.rom.stub);
	assert_contains(b.notes, "v0.0");
	board_done(&b, &l);
	connected(&chip_esp32c2);
	board_set_reg(&b, 0x60008844, 1u << 20);	/* v1.0 */
	identified();
	assert_int_equal(l.found.facts.revision, 100);
	assert_int_equal(phase_stub(&l), 0);
	assert_true(l.rom.stub);
	board_done(&b, &l);
}

/* The file for the new silicon must not be taken for the old. */
static void
test_old_p4_takes_its_own_stub(void **state)
{
	(void)state;
	connected(&chip_esp32p4);
	identified();
	assert_int_equal(phase_stub(&l), 0);
	assert_false(l.rom.stub);
	assert_contains(b.notes, "no flasher stub for ESP32-P4 found");
	board_done(&b, &l);
	make_stub("esp32p4-rev1");
	connected(&chip_esp32p4);
	identified();
	assert_int_equal(phase_stub(&l), 0);
	assert_true(l.rom.stub);
	board_done(&b, &l);
	drop_stub("esp32p4-rev1");
}

/* Fix of esptool 5.3.0. */
static void
test_missing_stub_file_leaves_the_work_to_the_rom(void **state)
{
	(void)state;
	connected(&chip_esp32c6);
	l.opt.stub_path = "/nonexistent";
	identified();
	assert_int_equal(phase_stub(&l), 0);
	assert_false(l.rom.stub);
	assert_contains(b.notes, "no flasher stub for ESP32-C6 found; the ROM "
	    "loader does the work");
	board_done(&b, &l);
}

/* A chip that counted `div` ticks of its crystal in a bit at 115200 baud. */
static void
with_crystal(const struct chip *chip, uint32_t div, uint32_t mhz,
    uint32_t believed)
{
	connected(chip);
	board_set_reg(&b, CLKDIV, div);
	b.xtal_mhz = mhz;
	b.xtal_believed = believed;
	if (chip == &chip_esp32c5)
		board_set_reg(&b, C5_XTAL, believed << 24 | 0x8000ff);
	identified();
	assert_int_equal(l.found.facts.xtal_mhz, mhz);
	l.opt.baud = 921600;
}

static void
test_c2_and_c5_are_told_a_rate_for_the_crystal_they_believe_in(void **state)
{
	static const struct {
		const struct chip	*chip;
		uint32_t		 div, mhz, believed;
	} rows[] = {
		{ &chip_esp32c2, 226, 26, 40 }, { &chip_esp32c2, 347, 40, 40 },
		{ &chip_esp32c5, 417, 48, 40 }, { &chip_esp32c5, 347, 40, 48 },
		{ &chip_esp32c5, 347, 40, 40 }, { &chip_esp32c5, 417, 48, 48 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		with_crystal(rows[i].chip, rows[i].div, rows[i].mhz,
		    rows[i].believed);
		assert_int_equal(phase_baud(&l), 0);
		assert_int_equal(b.chip_baud, 921600);
		assert_int_equal(l.baud, 921600);
		board_done(&b, &l);
	}
}

/* A register that holds nonsense changes nothing. */
static void
test_c5_that_believes_in_no_crystal_is_told_the_rate(void **state)
{
	(void)state;
	with_crystal(&chip_esp32c5, 417, 48, 48);
	board_set_reg(&b, C5_XTAL, 0);
	assert_int_equal(phase_baud(&l), 0);
	assert_int_equal(b.chip_baud, 921600);
	board_done(&b, &l);
}

static void
test_stub_of_a_c2_is_told_the_rate_as_it_is(void **state)
{
	(void)state;
	with_crystal(&chip_esp32c2, 226, 26, 40);
	b.stub = l.rom.stub = true;
	assert_int_equal(phase_baud(&l), 0);
	assert_int_equal(b.chip_baud, 921600);
	board_done(&b, &l);
}

/* Fix of esptool 5.2.0. */
static void
test_fix_13_c2_and_c5_in_secure_download_keep_their_rate(void **state)
{
	static const struct chip *const	rows[] = {
		&chip_esp32c2, &chip_esp32c5,
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		in_secure_download(rows[i]);
		identified();
		l.opt.baud = 921600;
		assert_int_equal(phase_baud(&l), 0);
		assert_int_equal(b.sent[CMD_CHANGE_BAUDRATE], 0);
		assert_int_equal(b.baud, 115200);
		assert_contains(b.notes, "stays at 115200 baud");
		board_done(&b, &l);
	}
	/* Others change it. */
	in_secure_download(&chip_esp32c3);
	identified();
	l.opt.baud = 921600;
	assert_int_equal(phase_baud(&l), 0);
	assert_int_equal(b.chip_baud, 921600);
	board_done(&b, &l);
}

/* Identified over that USB and with a stub or not, to be left so. */
static void
to_leave(const struct chip *chip, uint16_t pid, enum link_after after)
{
	connected(chip);
	on_usb(pid);
	identified();
	b.lines[0] = b.timeline[0] = b.notes[0] = '\0';
	b.now = 0;
	l.opt.after = after;
}

#define S2_WDT	"3f4080ac=50d83aa1 3f408098=7d0 3f408094=d0000102 3f4080ac=0 "
#define P4_WDT	"50116018=50d83aa1 50116004=7d0 50116000=d0000102 50116018=0 "
#define S31_WDT	"20801018=50d83aa1 20801004=7d0 20801000=d0000102 20801018=0 "
#define C2_WDT	"6000809c=50d83aa1 60008088=7d0 60008084=d0000102 6000809c=0 "
#define LP_WDT	"600b1c18=50d83aa1 600b1c04=7d0 600b1c00=d0000102 600b1c18=0 "

static void
test_s2_on_otg_restarts_by_its_watchdog_when_strapped(void **state)
{
	enum { PINS = 0x3f404038, FORCE = 0x3f408128 };
	static const struct { uint32_t pins, force; const char *writes; }
	rows[] = {
		{ 0, 0, S2_WDT }, { 8, 0, "" }, { 0, 1, "" }, { 8, 1, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		to_leave(&chip_esp32s2, 2, LINK_HARD_RESET);
		board_set_reg(&b, PINS, rows[i].pins);
		board_set_reg(&b, FORCE, rows[i].force);
		assert_int_equal(phase_leave(&l), 0);
		assert_string_equal(b.writes, rows[i].writes);
		assert_string_equal(b.timeline, rows[i].writes[0] != '\0' ?
		    "" : "01@0 00@200 ");
		assert_string_equal(b.notes, "");
		board_done(&b, &l);
	}
}

static void
test_p4_and_s31_on_otg_always_restart_by_their_watchdog(void **state)
{
	static const struct { const struct chip *chip; const char *writes; }
	rows[] = { { &chip_esp32p4, P4_WDT }, { &chip_esp32s31, S31_WDT } };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		to_leave(rows[i].chip, (uint16_t)rows[i].chip->image_id,
		    LINK_HARD_RESET);
		assert_int_equal(phase_leave(&l), 0);
		assert_string_equal(b.writes, rows[i].writes);
		assert_string_equal(b.lines, "");
		assert_int_equal(b.now, 500);
		board_done(&b, &l);
		/* Over USB-Serial/JTAG the lines do. */
		to_leave(rows[i].chip, USB_JTAG, LINK_HARD_RESET);
		assert_int_equal(phase_leave(&l), 0);
		assert_string_equal(b.writes, "");
		assert_string_equal(b.timeline, "01@0 00@200 ");
		board_done(&b, &l);
		/* Nor can a register be reached in secure download mode. */
		in_secure_download(rows[i].chip);
		on_usb((uint16_t)rows[i].chip->image_id);
		identified();
		b.lines[0] = '\0';
		assert_int_equal(phase_leave(&l), 0);
		assert_string_equal(b.writes, "");
		assert_string_equal(b.lines, "01 00 ");
		board_done(&b, &l);
	}
}

static void
test_e22_on_otg_is_reset_by_the_lines_and_told_of_its_pin(void **state)
{
	(void)state;
	to_leave(&chip_esp32e22, 31, LINK_HARD_RESET);
	board_set_reg(&b, 0xc310d000, 0);
	assert_int_equal(phase_leave(&l), 0);
	assert_string_equal(b.writes, "");
	assert_string_equal(b.lines, "01 00 ");
	assert_contains(b.notes, "the boot pin was low");
	assert_null(strstr(b.notes, "watchdog-reset"));
	board_done(&b, &l);
	to_leave(&chip_esp32e22, 31, LINK_HARD_RESET);
	board_set_reg(&b, 0xc310d000, 8);
	assert_int_equal(phase_leave(&l), 0);
	assert_string_equal(b.lines, "01 00 ");
	assert_string_equal(b.notes, "");
	board_done(&b, &l);
}

static void
test_c5_over_usb_jtag_is_held_in_reset_and_waited_for(void **state)
{
	(void)state;
	to_leave(&chip_esp32c5, USB_JTAG, LINK_HARD_RESET);
	assert_int_equal(phase_leave(&l), 0);
	assert_string_equal(b.timeline, "01@0 00@200 ");
	assert_int_equal(b.now, 400);
	board_done(&b, &l);
}

static void
test_watchdogs_that_restart_a_chip_are_those_of_the_chip(void **state)
{
	static const struct { const struct chip *chip; const char *writes; }
	rows[] = {
		{ &chip_esp32s2, S2_WDT }, { &chip_esp32c2, C2_WDT },
		{ &chip_esp32c5, LP_WDT }, { &chip_esp32c61, LP_WDT },
		{ &chip_esp32p4, P4_WDT }, { &chip_esp32s31, S31_WDT },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		to_leave(rows[i].chip, 0, LINK_WATCHDOG_RESET);
		assert_int_equal(phase_leave(&l), 0);
		assert_string_equal(b.writes, rows[i].writes);
		assert_string_equal(b.lines, "");
		assert_string_equal(b.notes, "");
		board_done(&b, &l);
	}
}

/* Fix of esptool 4.9: the port of such an ESP32-C6 stays away until the power
 * goes.  The others have no watchdog that could do it. */
static void
test_fix_24_c6_is_not_reset_by_its_watchdog(void **state)
{
	static const struct chip *const	rows[] = {
		&chip_esp32c6, &chip_esp32h2, &chip_esp32h21, &chip_esp32h4,
		&chip_esp32e22,
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		to_leave(rows[i], USB_JTAG, LINK_WATCHDOG_RESET);
		assert_int_equal(phase_leave(&l), 0);
		assert_string_equal(b.writes, "");
		assert_string_equal(b.timeline, "01@0 00@200 ");
		assert_contains(b.notes, "Watchdog hard reset is not supported: the ");
		assert_contains(b.notes, rows[i]->name);
		board_done(&b, &l);
	}
}

/* Fix of esptool 4.9: what answers the first SYNC decides, before anything
 * else is asked. */
static void
test_stub_found_running_is_spoken_to_as_a_stub_at_once(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32s3);
	b.stub = true;
	on_usb(USB_JTAG);
	assert_int_equal(phase_connect(&l), 0);
	assert_true(l.rom.stub);
	assert_int_equal(phase_identify(&l), 0);
	/* Its loader has seen to the watchdogs when it started it. */
	assert_string_equal(b.writes, "");
	assert_int_equal(phase_stub(&l), 0);
	assert_int_equal(b.sent[CMD_MEM_BEGIN], 0);
	board_done(&b, &l);
}

/* Words of fuses are asked for once: a whole round trip each. */
static void
test_each_fuse_is_read_once(void **state)
{
	static const struct {
		const struct chip	*chip;
		unsigned		 reads;	/* of any register */
	} rows[] = {
		{ &chip_esp8266, 6 }, { &chip_esp32, 12 },
		{ &chip_esp32s3, 16 }, { &chip_esp32c3, 9 },
		{ &chip_esp32c6, 8 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		board_init(&b, &l, rows[i].chip);
		assert_int_equal(phase_connect(&l), 0);
		assert_int_equal(phase_identify(&l), 0);
		assert_int_equal(b.sent[CMD_READ_REG], rows[i].reads);
		board_done(&b, &l);
	}
}

/* Seen on the genuine ESP32: Espressif's stub gives the UART a faster clock,
 * and a crystal of 40 MHz was told as one of 48. */
static void
test_crystal_is_not_measured_while_a_stub_runs(void **state)
{
	(void)state;
	for (int stub = 0; stub < 2; stub++) {
		board_init(&b, &l, &chip_esp32);
		b.stub = stub;
		board_set_reg(&b, chip_esp32.uart_clkdiv, 417);
		assert_int_equal(phase_connect(&l), 0);
		assert_int_equal(phase_identify(&l), 0);
		assert_int_equal(l.found.facts.xtal_mhz, stub ? 0 : 48);
		board_done(&b, &l);
	}
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_each_chip_is_known_by_itself),
		cmocka_unit_test(test_each_fuse_is_read_once),
		cmocka_unit_test(
		    test_crystal_is_not_measured_while_a_stub_runs),
		cmocka_unit_test(test_each_chip_is_known_when_it_is_named),
		cmocka_unit_test(
		    test_silent_c2_at_a_low_rate_is_told_of_a_higher_one),
		cmocka_unit_test(test_s2_in_secure_download_mode_is_known),
		cmocka_unit_test(
		    test_what_secure_download_mode_forbids_is_refused_at_once),
		cmocka_unit_test(
		    test_fix_02_secure_download_over_usb_jtag_writes_no_register),
		cmocka_unit_test(
		    test_fix_06_usb_mode_is_known_in_secure_download_mode),
		cmocka_unit_test(
		    test_fuses_are_read_when_the_chip_is_identified),
		cmocka_unit_test(
		    test_fix_30_watchdogs_stopped_over_usb_jtag_are_the_chips),
		cmocka_unit_test(
		    test_p4_powers_its_flash_on_before_a_stub_looks_for_it),
		cmocka_unit_test(
		    test_p4_whose_fuse_powers_the_flash_only_lets_go_of_two_bits),
		cmocka_unit_test(test_fix_21_c3_with_secure_boot_gets_no_stub),
		cmocka_unit_test(
		    test_fix_21_s3_with_secure_boot_starts_it_by_its_reader),
		cmocka_unit_test(
		    test_s3_whose_reader_does_not_start_the_stub_fails),
		cmocka_unit_test(
		    test_secure_boot_of_other_chips_takes_a_stub_as_ever),
		cmocka_unit_test(
		    test_chips_without_a_stub_are_worked_on_by_their_rom),
		cmocka_unit_test(test_first_c2_has_no_stub),
		cmocka_unit_test(test_old_p4_takes_its_own_stub),
		cmocka_unit_test(
		    test_missing_stub_file_leaves_the_work_to_the_rom),
		cmocka_unit_test(
		    test_c2_and_c5_are_told_a_rate_for_the_crystal_they_believe_in),
		cmocka_unit_test(
		    test_c5_that_believes_in_no_crystal_is_told_the_rate),
		cmocka_unit_test(test_stub_of_a_c2_is_told_the_rate_as_it_is),
		cmocka_unit_test(
		    test_fix_13_c2_and_c5_in_secure_download_keep_their_rate),
		cmocka_unit_test(
		    test_s2_on_otg_restarts_by_its_watchdog_when_strapped),
		cmocka_unit_test(
		    test_p4_and_s31_on_otg_always_restart_by_their_watchdog),
		cmocka_unit_test(
		    test_e22_on_otg_is_reset_by_the_lines_and_told_of_its_pin),
		cmocka_unit_test(
		    test_c5_over_usb_jtag_is_held_in_reset_and_waited_for),
		cmocka_unit_test(
		    test_watchdogs_that_restart_a_chip_are_those_of_the_chip),
		cmocka_unit_test(
		    test_fix_24_c6_is_not_reset_by_its_watchdog),
		cmocka_unit_test(
		    test_stub_found_running_is_spoken_to_as_a_stub_at_once),
	};

	return cmocka_run_group_tests_name("chips", tests, make_stubs,
	    drop_stubs);
}
