/*
 * identify, stub, baud, attach, check, erase, leave, and the runner.
 */
#include "tests/conv/conv.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "daemon/link/spiflash.h"

/* Connected, nothing known yet. */
static void
connected(const struct chip *chip)
{
	board_init(&b, &l, chip);
	assert_int_equal(phase_connect(&l), 0);
}

static void
test_newer_chip_is_known_by_its_id(void **state)
{
	(void)state;
	connected(&chip_esp32c3);
	assert_int_equal(phase_identify(&l), 0);
	assert_ptr_equal(l.chip, &chip_esp32c3);
	assert_true(l.found.has_secinfo);
	assert_int_equal(l.found.facts.mac[0], 0x11);
	assert_int_equal(l.found.facts.mac[5], 0x66);
	board_done(&b, &l);
}

/* The ROM repeats its SYNC answer eight times as "invalid message". */
static void
test_older_chip_is_known_by_its_rom(void **state)
{
	(void)state;
	connected(&chip_esp32);
	b.now = 0;
	assert_int_equal(phase_identify(&l), 0);
	assert_ptr_equal(l.chip, &chip_esp32);
	assert_false(l.found.has_secinfo);
	assert_int_equal(b.now, 0);	/* and none of it is waited for */
	board_done(&b, &l);
	connected(&chip_esp8266);
	assert_int_equal(phase_identify(&l), 0);
	assert_ptr_equal(l.chip, &chip_esp8266);
	assert_true(l.rom.status2);
	board_done(&b, &l);
}

static void
test_named_older_chip_is_not_asked_what_it_does_not_know(void **state)
{
	(void)state;
	connected(&chip_esp32);
	l.opt.chip = &chip_esp32;
	assert_int_equal(phase_identify(&l), 0);
	assert_int_equal(b.sent[CMD_GET_SECURITY_INFO], 0);
	board_done(&b, &l);
}

static void
test_running_stub_of_an_older_chip_is_identified(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32);
	b.stub = true;
	assert_int_equal(phase_connect(&l), 0);
	assert_int_equal(phase_identify(&l), 0);
	assert_ptr_equal(l.chip, &chip_esp32);
	board_done(&b, &l);
}

static void
test_another_chip_than_asked_for(void **state)
{
	(void)state;
	connected(&chip_esp32c3);
	l.opt.chip = &chip_esp32;
	assert_int_equal(phase_identify(&l), ERR_CHIP_MISMATCH);
	assert_contains(l.why.text, "this is an ESP32-C3, not an ESP32");
	board_done(&b, &l);
	connected(&chip_esp32);
	l.opt.chip = &chip_esp32s3;
	assert_int_equal(phase_identify(&l), ERR_CHIP_MISMATCH);
	assert_contains(l.why.text, "this is an ESP32, not an ESP32-S3");
	board_done(&b, &l);
}

static void
test_unknown_chip_tells_its_number(void **state)
{
	(void)state;
	connected(&chip_esp32c3);
	b.chip_id = 99;
	board_set_reg(&b, CHIP_MAGIC_REG, 0x12345678);
	assert_int_equal(phase_identify(&l), ERR_CHIP_UNKNOWN);
	assert_contains(l.why.text, "chip id 99");
	assert_contains(l.why.text, "esp32c3");
	board_done(&b, &l);
}

static void
test_secure_download_mode_reads_no_register(void **state)
{
	(void)state;
	connected(&chip_esp32c3);
	b.flags = SECINFO_SECURE_DOWNLOAD;
	l.opt.secure_ok = true;
	assert_int_equal(phase_identify(&l), 0);
	assert_ptr_equal(l.chip, &chip_esp32c3);
	assert_int_equal(phase_stub(&l), 0);
	assert_int_equal(phase_attach(&l), 0);
	assert_int_equal(b.sent[CMD_READ_REG] + b.sent[CMD_WRITE_REG], 0);
	assert_int_equal(b.sent[CMD_MEM_BEGIN], 0);
	assert_contains(b.notes, "secure download mode");
	board_done(&b, &l);
}

static void
test_watchdogs_are_stopped_over_usb(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32c3);
	l.opt.usb_pid = 0x1001;
	assert_int_equal(phase_connect(&l), 0);
	assert_int_equal(phase_identify(&l), 0);
	assert_true(b.sent[CMD_WRITE_REG] > 0);
	board_done(&b, &l);
}

static void
forget(struct link *to)
{
	to->chip = NULL;
}

static void
test_faults_in_identify(void **state)
{
	(void)state;
	check_faults(&chip_esp32, false, phase_identify, forget, CMD_READ_REG,
	    0);
	check_faults(&chip_esp32, false, phase_identify, forget, CMD_READ_REG,
	    3);
}

/* A directory with a stub for the ESP32. */
static char	stub_dir[] = "/tmp/conv-stub-XXXXXX";

static int
make_stub(void **state)
{
	char	path[64];
	FILE	*f;

	(void)state;
	assert_non_null(mkdtemp(stub_dir));
	(void)snprintf(path, sizeof path, "%s/esp32.json", stub_dir);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fprintf(f, "{\"entry\": 1074520064, \"text\": \"%s\", "
	    "\"text_start\": 1074520064, \"data\": \"CIH+Pw==\", "
	    "\"data_start\": 1073605544, \"bss_start\": 1073545216}",
	    "AQIDBAUGBwg=") > 0);
	assert_int_equal(fclose(f), 0);
	return 0;
}

static int
drop_stub(void **state)
{
	char	path[64];

	(void)state;
	(void)snprintf(path, sizeof path, "%s/esp32.json", stub_dir);
	(void)unlink(path);
	return rmdir(stub_dir);
}

static void
with_stub(struct link *to)
{
	to->opt.stub_path = stub_dir;
}

static void
test_stub_is_loaded_and_started(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32);
	board_ready(&b, &l, false);
	with_stub(&l);
	assert_int_equal(phase_stub(&l), 0);
	assert_true(l.rom.stub);
	assert_int_equal(b.sent[CMD_MEM_BEGIN], 2);
	assert_int_equal(b.sent[CMD_MEM_DATA], 2);
	assert_int_equal(b.sent[CMD_MEM_END], 1);
	board_done(&b, &l);
}

/* Where the ROM can, the stub comes over at a higher rate... */
static void
test_stub_is_loaded_faster(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32c3);
	board_ready(&b, &l, false);
	with_stub(&l);
	l.opt.stub = STUB_OWN;
	l.opt.baud = 2000000;
	assert_int_equal(phase_stub(&l), 0);
	assert_true(l.rom.stub);
	assert_int_equal(b.sent[CMD_CHANGE_BAUDRATE], 1);
	assert_int_equal(b.words[CMD_CHANGE_BAUDRATE][0], 460800);
	assert_int_equal(b.chip_baud, 460800);
	assert_int_equal(b.resets, 0);
	assert_int_equal(phase_baud(&l), 0);
	assert_int_equal(b.chip_baud, 2000000);
	board_done(&b, &l);
}

/* ... and after a reset at the first one, if that did not work. */
static void
test_stub_that_does_not_load_faster(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32c3);
	board_ready(&b, &l, false);
	with_stub(&l);
	l.opt.stub = STUB_OWN;
	l.opt.baud = 921600;
	b.deaf_above = 460800;
	assert_int_equal(phase_stub(&l), 0);
	assert_true(l.rom.stub);
	assert_int_equal(b.resets, 1);
	assert_int_equal(l.baud, 115200);
	assert_int_equal(b.chip_baud, 115200);
	assert_int_equal(l.why.err, 0);
	board_done(&b, &l);
}

static void
test_missing_stub_is_noted_and_the_rom_works(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32c3);
	board_ready(&b, &l, false);
	with_stub(&l);
	assert_int_equal(phase_stub(&l), 0);
	assert_false(l.rom.stub);
	assert_contains(b.notes, "no flasher stub for ESP32-C3 found; the "
	    "ROM loader does the work, slower (none in ");
	assert_contains(b.notes, "--no-stub");
	board_done(&b, &l);
}

static void
test_running_stub_is_not_loaded_again(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32);
	board_ready(&b, &l, true);
	with_stub(&l);
	l.opt.stub = STUB_NONE;
	assert_int_equal(phase_stub(&l), 0);
	assert_int_equal(b.sent[CMD_MEM_BEGIN], 0);
	assert_int_equal(b.frames, 0);	/* identify has asked it */
	assert_contains(b.notes, "already running");
	board_done(&b, &l);
}

static void
test_stub_that_does_not_start(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32);
	board_ready(&b, &l, false);
	with_stub(&l);
	board_fault(&b, FAULT_SILENCE, CMD_MEM_END, 0);
	assert_int_equal(phase_stub(&l), ERR_STUB);
	assert_contains(l.why.text, "did not start");
	assert_int_equal(b.now, 200 + 3000);
	board_done(&b, &l);
}

static void
test_faults_in_stub(void **state)
{
	(void)state;
	check_faults(&chip_esp32, false, phase_stub, with_stub, CMD_MEM_BEGIN,
	    1);
	check_faults(&chip_esp32, false, phase_stub, with_stub, CMD_MEM_DATA,
	    0);
}

static void
go_fast(struct link *to)
{
	to->opt.baud = 921600;
}

static void
test_rate_is_changed_and_proved(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32c3);
	board_ready(&b, &l, false);
	go_fast(&l);
	assert_int_equal(phase_baud(&l), 0);
	assert_int_equal(b.baud, 921600);
	assert_int_equal(b.chip_baud, 921600);
	assert_int_equal(l.baud, 921600);
	assert_int_equal(b.sent[CMD_SYNC], 1);
	board_done(&b, &l);
}

static void
test_same_rate_sends_nothing(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32c3);
	board_ready(&b, &l, false);
	assert_int_equal(phase_baud(&l), 0);
	assert_int_equal(b.frames, 0);
	board_done(&b, &l);
}

static void
test_line_too_bad_for_the_rate(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32c3);
	board_ready(&b, &l, false);
	go_fast(&l);
	b.deaf_above = 500000;
	assert_int_equal(phase_baud(&l), ERR_TIMEOUT);
	assert_string_equal(l.why.text, "the chip does not answer at 921600 "
	    "baud; try --baud 115200");
	assert_true(b.now < 1000);
	board_done(&b, &l);
}

static void
test_esp8266_rom_stays_at_its_rate(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp8266);
	board_ready(&b, &l, false);
	go_fast(&l);
	assert_int_equal(phase_baud(&l), 0);
	assert_int_equal(b.frames, 0);
	assert_contains(b.notes, "stays at 115200 baud");
	board_done(&b, &l);
}

/* 8.5 MHz oscillator counted 512 of the ROM's "40 MHz" cycles: 26 MHz. */
static void
test_esp32_rom_gets_a_scaled_rate(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32);
	board_ready(&b, &l, false);
	go_fast(&l);
	/* 510 * 15625 * 200 / 40 = 39843750 Hz believed, 40 MHz real. */
	board_set_reg(&b, 0x3ff5f06c, 510 << 7);
	board_set_reg(&b, 0x3ff5a010, 200);
	b.deaf_above = 0;
	assert_int_equal(phase_baud(&l), ERR_TIMEOUT);
	assert_int_equal(b.chip_baud, 918000);	/* what was asked for */
	board_done(&b, &l);
}

static void
test_esp32_rom_without_calibration_stays(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32);
	board_ready(&b, &l, false);
	go_fast(&l);
	assert_int_equal(phase_baud(&l), 0);
	assert_int_equal(b.sent[CMD_CHANGE_BAUDRATE], 0);
	assert_int_equal(l.baud, 115200);
	assert_contains(b.notes, "stays at 115200 baud");
	board_done(&b, &l);
}

static void
test_faults_in_baud(void **state)
{
	(void)state;
	check_faults(&chip_esp32c3, false, phase_baud, go_fast,
	    CMD_CHANGE_BAUDRATE, 0);
}

static void
test_flash_is_attached_and_measured(void **state)
{
	(void)state;
	for (int stub = 0; stub < 2; stub++) {
		board_init(&b, &l, &chip_esp32);
		board_ready(&b, &l, stub);
		l.found.flash_bytes = 0;
		assert_int_equal(phase_attach(&l), 0);
		assert_int_equal(l.found.rdid, BOARD_RDID);
		assert_int_equal(l.found.flash_bytes, 1024 * 1024);
		assert_int_equal(b.sent[CMD_SPI_ATTACH], !stub);
		assert_int_equal(b.sent[CMD_SPI_SET_PARAMS], 1);
		/* Few round trips: writes to a stub go in one packet. */
		assert_int_equal(b.frames, stub ? 12 : 28);
		board_done(&b, &l);
	}
}

static void
test_esp8266_rom_attaches_by_flash_begin(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp8266);
	board_ready(&b, &l, false);
	l.found.flash_bytes = 0;
	assert_int_equal(phase_attach(&l), 0);
	assert_int_equal(l.found.flash_bytes, 1024 * 1024);
	assert_int_equal(b.sent[CMD_FLASH_BEGIN], 1);
	assert_int_equal(b.begin[0], 0);
	assert_int_equal(b.sent[CMD_SPI_ATTACH], 0);
	assert_int_equal(b.sent[CMD_SPI_SET_PARAMS], 0);
	board_done(&b, &l);
}

static void
test_absent_flash_is_an_error(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32);
	board_ready(&b, &l, false);
	b.rdid = 0xffffff;
	memset(b.spi.sfdp, 0xff, sizeof b.spi.sfdp);
	assert_int_equal(phase_attach(&l), ERR_FLASH);
	assert_contains(l.why.text, "0xffffff");
	assert_contains(l.why.text, "check its wiring");
	board_done(&b, &l);
}

static void
test_flash_of_unknown_size_is_noted(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32);
	board_ready(&b, &l, false);
	b.rdid = 0x0140c8;
	assert_int_equal(phase_attach(&l), 0);
	assert_int_equal(l.found.flash_bytes, 0);
	assert_contains(b.notes, "does not tell its size");
	board_done(&b, &l);
}

static void
test_spi_command_leaves_the_controller_as_it_was(void **state)
{
	uint32_t	id, usr = chip_esp32.spi.base + chip_esp32.spi.usr;
	struct spiflash	f;

	(void)state;
	board_init(&b, &l, &chip_esp32);
	board_ready(&b, &l, false);
	board_set_reg(&b, usr, 0x800000c0);
	assert_int_equal(spiflash_open(&f, &l.rom, &chip_esp32), 0);
	assert_int_equal(spiflash_id(&f, &id), 0);
	assert_int_equal(spiflash_close(&f), 0);
	assert_int_equal(id, BOARD_RDID);
	assert_int_equal(rom_read_reg(&l.rom, usr, &id), 0);
	assert_int_equal(id, 0x800000c0);
	board_done(&b, &l);
}

static void
test_faults_in_attach(void **state)
{
	(void)state;
	check_faults(&chip_esp32, false, phase_attach, NULL, CMD_SPI_ATTACH,
	    0);
	check_faults(&chip_esp32, false, phase_attach, NULL, CMD_WRITE_REG,
	    2);
	check_faults(&chip_esp32, true, phase_attach, NULL,
	    CMD_SPI_SET_PARAMS, 0);
}

/* Check one write of that blob; the error expected. */
static void
check_one(struct blob *blob, uint32_t offset, int err, const char *says)
{
	struct link_write	w = { .blob = blob, .offset = offset };

	board_init(&b, &l, &chip_esp32);
	board_ready(&b, &l, false);
	l.flash.writes = &w;
	l.flash.write_count = 1;
	assert_int_equal(phase_check(&l), err);
	if (err < 0)
		assert_contains(l.why.text, says);
	assert_int_equal(b.frames, 0);
	board_done(&b, &l);
}

/* An image of `len` bytes for that chip id. */
static struct blob *
image_blob(uint16_t id)
{
	uint8_t		*p = calloc(1, 4096);
	struct blob	*blob;

	assert_non_null(p);
	p[0] = 0xe9;
	p[1] = 3;
	p[12] = (uint8_t)id;
	p[13] = (uint8_t)(id >> 8);
	p[23] = 1;
	assert_non_null(blob = blob_new("app.bin", p, 1024));
	while (blob_step(blob) > 0)
		continue;
	return blob;
}

static void
test_check_of_a_write(void **state)
{
	struct blob	*data = board_blob("data.bin", 5000, 1, false);
	struct blob	*esp32 = image_blob(0), *c3 = image_blob(5);
	struct blob	*c6 = image_blob(99);

	(void)state;
	check_one(data, 0x10000, 0, NULL);
	check_one(data, BOARD_FLASH - 5000, 0, NULL);
	check_one(data, BOARD_FLASH - 4096, ERR_BEYOND_FLASH,
	    "File 'data.bin' (length 5000) at offset 0x000ff000 will not fit "
	    "in 1048576 bytes of flash: it ends at 0x100000 (1MB)");
	check_one(data, 0xfffffffc, ERR_BEYOND_FLASH, "offset 0xfffffffc");
	check_one(data, 0x10001, 0, NULL);
	check_one(esp32, 0x1000, 0, NULL);
	check_one(c3, 0x1000, ERR_IMAGE,
	    "'app.bin' is not an ESP32 image. Use the force argument to flash "
	    "anyway. Unexpected chip ID in image. Expected 0 but value was 5. "
	    "Is this image for a different chip model? (5 is ESP32-C3.)");
	check_one(c6, 0x1000, ERR_IMAGE, "value was 99");
	blob_unref(data);
	blob_unref(esp32);
	blob_unref(c3);
	blob_unref(c6);
}

static void
test_check_of_an_erase_and_a_read(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32);
	board_ready(&b, &l, false);
	l.flash.erase_offset = 0x1000;
	l.flash.erase_bytes = 0x2000;
	l.flash.read_bytes = BOARD_FLASH;
	assert_int_equal(phase_check(&l), 0);
	l.flash.erase_bytes = 0x1800;
	assert_int_equal(phase_check(&l), ERR_ALIGN);
	why_clear(&l.why);
	l.flash.erase_bytes = BOARD_FLASH;
	assert_int_equal(phase_check(&l), ERR_BEYOND_FLASH);
	assert_contains(l.why.text, "to erase");
	why_clear(&l.why);
	l.flash.erase_bytes = 0;
	l.flash.read_offset = 1;
	assert_int_equal(phase_check(&l), ERR_BEYOND_FLASH);
	assert_contains(l.why.text, "to read");
	board_done(&b, &l);
}

static void
region(struct link *to)
{
	to->flash.erase_offset = 0x20000;
	to->flash.erase_bytes = 0x3000;
}

static void
whole(struct link *to)
{
	to->flash.erase_all = true;
}

static void
test_region_is_erased_and_nothing_else(void **state)
{
	(void)state;
	for (int stub = 0; stub < 2; stub++) {
		board_init(&b, &l, &chip_esp32c3);
		board_ready(&b, &l, stub);
		memset(b.flash, 0, BOARD_FLASH);
		region(&l);
		assert_int_equal(phase_erase(&l), 0);
		assert_int_equal(b.flash[0x1ffff], 0);
		assert_int_equal(b.flash[0x20000], 0xff);
		assert_int_equal(b.flash[0x22fff], 0xff);
		assert_int_equal(b.flash[0x23000], 0);
		assert_int_equal(b.sent[CMD_ERASE_REGION], stub);
		board_done(&b, &l);
	}
}

static void
test_whole_flash_is_erased(void **state)
{
	(void)state;
	for (int stub = 0; stub < 2; stub++) {
		board_init(&b, &l, &chip_esp32);
		board_ready(&b, &l, stub);
		memset(b.flash, 0, BOARD_FLASH);
		whole(&l);
		assert_int_equal(phase_erase(&l), 0);
		assert_int_equal(b.flash[0], 0xff);
		assert_int_equal(b.flash[BOARD_FLASH - 1], 0xff);
		board_done(&b, &l);
	}
}

static void
test_esp8266_rom_does_not_erase_a_region(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp8266);
	board_ready(&b, &l, false);
	region(&l);
	assert_int_equal(phase_erase(&l), ERR_UNSUPPORTED);
	assert_contains(l.why.text, "needs the flasher stub");
	assert_int_equal(b.frames, 0);
	board_done(&b, &l);
}

static void
test_faults_in_erase(void **state)
{
	(void)state;
	check_faults(&chip_esp32, true, phase_erase, region, CMD_ERASE_REGION,
	    0);
	check_faults(&chip_esp32, true, phase_erase, whole, CMD_ERASE_FLASH,
	    0);
	check_faults(&chip_esp32, false, phase_erase, region, CMD_FLASH_BEGIN,
	    0);
}

static void
test_erase_has_time_for_its_bytes(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32);
	board_ready(&b, &l, true);
	whole(&l);
	board_fault(&b, FAULT_SILENCE, CMD_ERASE_FLASH, 0);
	assert_int_equal(phase_erase(&l), ERR_TIMEOUT);
	assert_int_equal(b.now, 120000);
	board_done(&b, &l);
}

static const struct phase	erase_phases[] = {
	{ "connect", phase_connect, 30000 },
	{ "identify", phase_identify, 3000 },
	{ "attach", phase_attach, 3000 },
	{ "check", phase_check, 1000 },
	{ "erase", phase_erase, 0 },
	{ NULL, NULL, 0 },
};

static void
test_row_of_phases_runs_to_its_end(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32);
	l.phases = erase_phases;
	region(&l);
	link_main(&l);
	assert_int_equal(l.result, 0);
	assert_int_equal(b.resets, 2);
	assert_false(b.boot_low);
	assert_null(l.phase);
	board_done(&b, &l);
}

static void
test_cancelled_job_resets_its_chip(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32);
	l.phases = erase_phases;
	region(&l);
	board_fault(&b, FAULT_CANCEL, CMD_SPI_SET_PARAMS, 0);
	link_main(&l);
	assert_int_equal(l.result, ERR_CANCELED);
	assert_int_equal(b.sent[CMD_FLASH_BEGIN], 0);
	assert_int_equal(b.resets, 2);
	board_done(&b, &l);
}

static void
test_unplugged_port_is_left_alone(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32);
	l.phases = erase_phases;
	board_fault(&b, FAULT_UNPLUG, CMD_SPI_SET_PARAMS, 0);
	link_main(&l);
	assert_int_equal(l.result, ERR_UNPLUGGED);
	assert_int_equal(b.resets, 1);
	assert_string_equal(b.notes, "");
	board_done(&b, &l);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_newer_chip_is_known_by_its_id),
		cmocka_unit_test(test_older_chip_is_known_by_its_rom),
		cmocka_unit_test(
		    test_named_older_chip_is_not_asked_what_it_does_not_know),
		cmocka_unit_test(
		    test_running_stub_of_an_older_chip_is_identified),
		cmocka_unit_test(test_another_chip_than_asked_for),
		cmocka_unit_test(test_unknown_chip_tells_its_number),
		cmocka_unit_test(test_secure_download_mode_reads_no_register),
		cmocka_unit_test(test_watchdogs_are_stopped_over_usb),
		cmocka_unit_test(test_faults_in_identify),
		cmocka_unit_test(test_stub_is_loaded_and_started),
		cmocka_unit_test(test_stub_is_loaded_faster),
		cmocka_unit_test(test_stub_that_does_not_load_faster),
		cmocka_unit_test(test_missing_stub_is_noted_and_the_rom_works),
		cmocka_unit_test(test_running_stub_is_not_loaded_again),
		cmocka_unit_test(test_stub_that_does_not_start),
		cmocka_unit_test(test_faults_in_stub),
		cmocka_unit_test(test_rate_is_changed_and_proved),
		cmocka_unit_test(test_same_rate_sends_nothing),
		cmocka_unit_test(test_line_too_bad_for_the_rate),
		cmocka_unit_test(test_esp8266_rom_stays_at_its_rate),
		cmocka_unit_test(test_esp32_rom_gets_a_scaled_rate),
		cmocka_unit_test(test_esp32_rom_without_calibration_stays),
		cmocka_unit_test(test_faults_in_baud),
		cmocka_unit_test(test_flash_is_attached_and_measured),
		cmocka_unit_test(test_esp8266_rom_attaches_by_flash_begin),
		cmocka_unit_test(test_absent_flash_is_an_error),
		cmocka_unit_test(test_flash_of_unknown_size_is_noted),
		cmocka_unit_test(
		    test_spi_command_leaves_the_controller_as_it_was),
		cmocka_unit_test(test_faults_in_attach),
		cmocka_unit_test(test_check_of_a_write),
		cmocka_unit_test(test_check_of_an_erase_and_a_read),
		cmocka_unit_test(test_region_is_erased_and_nothing_else),
		cmocka_unit_test(test_whole_flash_is_erased),
		cmocka_unit_test(test_esp8266_rom_does_not_erase_a_region),
		cmocka_unit_test(test_faults_in_erase),
		cmocka_unit_test(test_erase_has_time_for_its_bytes),
		cmocka_unit_test(test_row_of_phases_runs_to_its_end),
		cmocka_unit_test(test_cancelled_job_resets_its_chip),
		cmocka_unit_test(test_unplugged_port_is_left_alone),
	};

	return cmocka_run_group_tests(tests, make_stub, drop_stub);
}
