/* How fast the daemon and our stub are together, as shares of what line and
 * flash allow; in virtual time, so that each run has the same result. */
#include "tests/virt/virt.h"

#include <string.h>

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
		cmocka_unit_test(test_windows_are_never_slower_than_lock_step),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
