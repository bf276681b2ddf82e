/* How fast the daemon and our stub are together, as shares of what line and
 * flash allow; in virtual time, so that each run has the same result. */
#include "tests/virt/virt.h"

#include <string.h>

#include "daemon/link/parts.h"
#include "proto/base/err.h"

enum {
	KB		= 1024,
	MB		= 1024 * 1024,
	SMALL		= 256 * KB,
};

/* Of the test that runs; too large for a stack frame. */
static struct virt	v;

static void
report(const char *what)
{
	const struct machine	*m = &v.m;

	print_message("  %-34s %7.3f s, line %5.1f %% to, %5.1f %% from the "
	    "chip, flash %5.1f %%, %u turns\n", what, virt_seconds(&v),
	    100 * machine_use(m, MACHINE_TO_CHIP),
	    100 * machine_use(m, MACHINE_TO_HOST),
	    100.0 * (double)machine_floor(m) / (double)machine_ns(m),
	    m->turns);
}

/* Write `kind` and see that it is there; the seconds it took. */
static double
write_one(const char *what, uint32_t baud, unsigned latency, bool official,
    enum virt_data kind, size_t len)
{
	struct blob	*b = virt_blob(kind, len);
	double		 s;

	virt_start(&v, 4 * MB, baud, latency, official);
	assert_int_equal(virt_write(&v, b, VIRT_OFFSET), 0);
	virt_assert_written(&v, b, VIRT_OFFSET);
	report(what);
	assert_string_equal(v.notes, "");
	s = virt_seconds(&v);
	blob_unref(b);
	return s;
}

/* ---- what cannot be compressed ---- */

static void
test_noise_fills_the_line_at_a_short_latency(void **state)
{
	(void)state;
	write_one("noise, 921600, 1 ms", 921600, 1, false, VIRT_NOISE, SMALL);
	assert_true(machine_use(&v.m, MACHINE_TO_CHIP) >= 0.985);
	assert_true(v.m.lines[MACHINE_TO_CHIP].sent <= SMALL * 1.015);
	virt_stop(&v);
}

static void
test_noise_fills_the_line_at_a_long_latency(void **state)
{
	(void)state;
	write_one("noise, 921600, 8 ms", 921600, 8, false, VIRT_NOISE, SMALL);
	assert_true(machine_use(&v.m, MACHINE_TO_CHIP) >= 0.97);
	virt_stop(&v);
}

static void
test_a_slow_line_is_full(void **state)
{
	(void)state;
	write_one("noise, 115200, 1 ms", 115200, 1, false, VIRT_NOISE,
	    64 * KB);
	assert_true(machine_use(&v.m, MACHINE_TO_CHIP) >= 0.985);
	virt_stop(&v);
}

/* Faster than the flash: nothing but the flash is waited for. */
static void
test_a_fast_line_leaves_the_flash_no_pause(void **state)
{
	static const unsigned	latencies[] = { 1, 8 };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		write_one("noise, 2000000", 2000000, latencies[i], false,
		    VIRT_NOISE, MB);
		assert_true((double)machine_floor(&v.m) * 1.05 >=
		    (double)machine_ns(&v.m));
		virt_stop(&v);
	}
}

/* ---- large ones, and other flash ---- */

static void
test_all_of_a_large_flash(void **state)
{
	struct blob	*b = virt_blob(VIRT_NOISE, 16 * MB - VIRT_OFFSET);

	(void)state;
	virt_start(&v, 16 * MB, 921600, 1, false);
	assert_int_equal(virt_write(&v, b, VIRT_OFFSET), 0);
	virt_assert_written(&v, b, VIRT_OFFSET);
	report("noise, 921600, 16 MB");
	assert_true(machine_use(&v.m, MACHINE_TO_CHIP) >= 0.99);
	virt_stop(&v);
	blob_unref(b);
}

/* Beyond 16 MB the flash wants addresses of four bytes. */
static void
test_across_16_megabytes(void **state)
{
	struct blob	*b = virt_blob(VIRT_NOISE, SMALL);
	uint32_t	 at = 16 * MB - SMALL / 2;

	(void)state;
	virt_start(&v, 32 * MB, 921600, 1, false);
	assert_int_equal(virt_write(&v, b, at), 0);
	virt_assert_written(&v, b, at);
	report("noise, 921600, across 16 MB");
	assert_true(machine_use(&v.m, MACHINE_TO_CHIP) >= 0.985);
	assert_int_equal(virt_read(&v, at, SMALL), 0);
	assert_memory_equal(v.sink, b->data, SMALL);
	virt_stop(&v);
	blob_unref(b);
}

static void
test_blank_flash_is_not_erased(void **state)
{
	struct blob	*b = virt_blob(VIRT_CODE, SMALL);
	struct w25q	*f = &v.m.flash;

	(void)state;
	virt_start(&v, 4 * MB, 921600, 1, false);
	memset(f->data, 0xff, f->size);
	assert_int_equal(virt_write(&v, b, VIRT_OFFSET), 0);
	assert_memory_equal(f->data + VIRT_OFFSET, b->data, b->len);
	assert_int_equal(f->erases, 0);
	assert_int_equal(f->errors, 0);
	report("code, 921600, blank flash");
	assert_true(machine_use(&v.m, MACHINE_TO_CHIP) >= 0.95);
	virt_stop(&v);
	blob_unref(b);
}

/* ---- reading ---- */

static void
test_reading_fills_the_line(void **state)
{
	static const struct {
		const char	*what;
		uint32_t	 baud;
		unsigned	 latency;
		double		 use;
	} rows[] = {
		{ "read, 921600, 1 ms", 921600, 1, 0.985 },
		{ "read, 921600, 8 ms", 921600, 8, 0.97 },
		{ "read, 2000000, 1 ms", 2000000, 1, 0.97 },
		{ "read, 2000000, 8 ms", 2000000, 8, 0.95 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct blob	*b = virt_blob(VIRT_NOISE, SMALL);

		virt_start(&v, 4 * MB, rows[i].baud, rows[i].latency, false);
		memcpy(v.m.flash.data + VIRT_OFFSET, b->data, SMALL);
		assert_int_equal(virt_read(&v, VIRT_OFFSET, SMALL), 0);
		assert_memory_equal(v.sink, b->data, SMALL);
		report(rows[i].what);
		assert_true(machine_use(&v.m, MACHINE_TO_HOST) >=
		    rows[i].use);
		virt_stop(&v);
		blob_unref(b);
	}
}

/* ---- digests ---- */

static int
count_bytes(void *arg, const uint8_t *p, size_t len)
{
	(void)p;
	*(size_t *)arg += len;
	return 0;
}

/* What the chip needs to read its flash and to digest it. */
static uint64_t
digesting_ns(uint64_t bytes)
{
	return v.m.spi_ns + bytes * v.m.cpu.read_byte;
}

static void
test_digests_of_4_megabytes_cost_the_line_nothing(void **state)
{
	size_t		came = 0;
	struct parts	p = {
		.rom = &v.link.rom, .what = EXT_READ_MD5_8,
		.bytes = 4 * MB, .take = count_bytes, .arg = &came,
	};
	uint64_t	beyond;

	(void)state;
	virt_start(&v, 4 * MB, 921600, 1, false);
	v.m.cpu.read_byte = MACHINE_MD5;
	machine_count(&v.m);
	assert_int_equal(parts_read(&p), 0);
	assert_int_equal(came, 8 * 4 * MB / W25Q_SECTOR);
	report("digests of 4 MB");
	beyond = machine_ns(&v.m) - digesting_ns(4 * MB);
	print_message("  %-34s %7.3f s\n", "... beyond reading and MD5",
	    (double)beyond / 1e9);
	assert_true(beyond < 50 * 1000000);
	virt_stop(&v);
}

/* Nothing is written where all is there already, little where little is not. */
static void
test_what_is_there_is_not_written(void **state)
{
	struct blob	*b = virt_blob(VIRT_NOISE, 2 * MB);
	struct w25q	*f = &v.m.flash;

	(void)state;
	for (unsigned changed = 0; changed < 2; changed++) {
		virt_start(&v, 4 * MB, 921600, 1, false);
		v.m.cpu.read_byte = MACHINE_MD5;
		v.link.flash.skip_flashed = true;
		memcpy(f->data + VIRT_OFFSET, b->data, b->len);
		f->data[VIRT_OFFSET + MB] ^= changed;
		assert_int_equal(virt_write(&v, b, VIRT_OFFSET), 0);
		virt_assert_written(&v, b, VIRT_OFFSET);
		assert_int_equal(f->erases, changed);
		assert_int_equal(f->programmed, changed * W25Q_SECTOR);
		report(changed ? "2 MB, one sector differs" :
		    "2 MB, all the same");
		virt_stop(&v);
	}
	blob_unref(b);
}

/* ---- what can ---- */

/* With the stub of the same source that is told to know the official protocol
 * only. */
static double
compare(const char *what, uint32_t baud, unsigned latency,
    enum virt_data kind)
{
	double	ours, theirs;

	ours = write_one(what, baud, latency, false, kind, SMALL);
	virt_stop(&v);
	theirs = write_one("... in lock-step", baud, latency, true, kind,
	    SMALL);
	virt_stop(&v);
	print_message("  %-34s %7.3f of lock-step\n", what, ours / theirs);
	return ours / theirs;
}

static void
test_windows_are_never_slower_than_lock_step(void **state)
{
	(void)state;
	assert_true(compare("noise, 921600, 1 ms", 921600, 1, VIRT_NOISE) < 1);
	assert_true(compare("noise, 921600, 8 ms", 921600, 8, VIRT_NOISE) <
	    0.95);
	assert_true(compare("code, 921600, 1 ms", 921600, 1, VIRT_CODE) < 1);
	assert_true(compare("code, 921600, 8 ms", 921600, 8, VIRT_CODE) < 1);
	assert_true(compare("code, 2000000, 8 ms", 2000000, 8, VIRT_CODE) < 1);
	assert_true(compare("empty, 921600, 8 ms", 921600, 8, VIRT_EMPTY) <
	    1.01);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_noise_fills_the_line_at_a_short_latency),
		cmocka_unit_test(test_noise_fills_the_line_at_a_long_latency),
		cmocka_unit_test(test_a_slow_line_is_full),
		cmocka_unit_test(test_a_fast_line_leaves_the_flash_no_pause),
		cmocka_unit_test(test_all_of_a_large_flash),
		cmocka_unit_test(test_across_16_megabytes),
		cmocka_unit_test(test_blank_flash_is_not_erased),
		cmocka_unit_test(test_reading_fills_the_line),
		cmocka_unit_test(
		    test_digests_of_4_megabytes_cost_the_line_nothing),
		cmocka_unit_test(test_what_is_there_is_not_written),
		cmocka_unit_test(test_windows_are_never_slower_than_lock_step),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
