/* A flash chip that is slow, protected, stuck or that takes nothing; and the
 * other things that the daemon does with it over our stub. */
#include "tests/virt/virt.h"

#include <string.h>

#include "daemon/link/ext.h"
#include "proto/base/err.h"

enum {
	KB		= 1024,
	MB		= 1024 * 1024,
	BYTES		= 72 * KB,
	BAUD		= 921600,
	SLOW		= 13,		/* maximum of a data sheet: 64 KB in 2 s,
					 * a sector in 0.4 s */
	PROTECTED	= 0x1c,		/* BP0..BP2 */
	STUB_FLASH	= 0xc400,	/* status: the flash does not answer */
	STUB_UNLOCK	= 0xc500,
	ATTACH_TURNS	= 8,
};

/* Of the test that runs. */
static struct virt	v;

static void
start(void)
{
	virt_start(&v, MB, BAUD, 1, false);
}

static void
test_the_slowest_flash_is_waited_for(void **state)
{
	static const enum virt_data	kinds[] = { VIRT_NOISE, VIRT_CODE };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct blob	*b = virt_blob(kinds[i], 6 * BYTES);

		start();
		v.m.flash.slow = SLOW;
		assert_int_equal(virt_write(&v, b, VIRT_OFFSET), 0);
		virt_assert_written(&v, b, VIRT_OFFSET);
		assert_string_equal(v.notes, "");
		/* Whatever takes so long, nothing is sent twice. */
		assert_in_range(v.m.lines[MACHINE_TO_CHIP].sent, 0,
		    (b->z_len > 0 ? b->z_len : b->len) * 102 / 100);
		virt_stop(&v);
		blob_unref(b);
	}
}

static void
test_protection_is_lifted(void **state)
{
	struct blob	*b = virt_blob(VIRT_CODE, BYTES);

	(void)state;
	start();
	v.m.flash.status[0] = PROTECTED;
	v.m.flash.status[1] = 2;	/* QE is kept */
	assert_int_equal(virt_write(&v, b, VIRT_OFFSET), 0);
	virt_assert_written(&v, b, VIRT_OFFSET);
	assert_int_equal(v.m.flash.status[0], 0);
	assert_int_equal(v.m.flash.status[1], 2);
	virt_stop(&v);
	blob_unref(b);
}

static void
test_protection_for_good_is_a_failure(void **state)
{
	struct blob	*b = virt_blob(VIRT_CODE, BYTES);

	(void)state;
	start();
	v.m.flash.status[0] = v.m.flash.locked = PROTECTED;
	assert_int_equal(virt_write(&v, b, VIRT_OFFSET), ERR_REFUSED);
	assert_int_equal(v.link.rom.status, STUB_UNLOCK);
	assert_int_equal(v.m.flash.programs, 0);
	virt_stop(&v);
	blob_unref(b);
}

/* Busy for ever, from some moment on: an end, and no success. */
static void
test_a_stuck_flash_is_a_failure(void **state)
{
	struct blob	*b = virt_blob(VIRT_NOISE, BYTES);
	int		 err;

	(void)state;
	for (unsigned stuck = 0; stuck < 60; stuck += 12) {
		start();
		v.m.flash.stuck_after = stuck;
		err = virt_write(&v, b, VIRT_OFFSET);
		/* The stub counts up to some seconds, the host waits so. */
		if (err == ERR_REFUSED)
			assert_int_equal(v.link.rom.status, STUB_FLASH);
		else
			assert_int_equal(err, ERR_TIMEOUT);
		assert_int_equal(v.m.flash.errors, 0);
		virt_stop(&v);
	}
	blob_unref(b);
}

static void
test_all_is_erased(void **state)
{
	(void)state;
	start();
	v.m.flash.slow = SLOW;
	v.link.flash.erase_all = true;
	assert_int_equal(phase_erase(&v.link), 0);
	for (uint32_t i = 0; i < MB; i += KB)
		assert_int_equal(v.m.flash.data[i], 0xff);
	assert_int_equal(v.m.flash.errors, 0);
	virt_stop(&v);
}

static void
test_a_region_is_erased_in_large_steps(void **state)
{
	const uint32_t	from = 0x7000, to = 0x5b000;
	struct w25q	*f = &v.m.flash;

	(void)state;
	start();
	f->slow = SLOW;
	v.link.flash.erase_offset = from;
	v.link.flash.erase_bytes = to - from;
	machine_count(&v.m);
	assert_int_equal(phase_erase(&v.link), 0);
	for (uint32_t i = 0; i < MB; i++)
		assert_int_equal(f->data[i], i >= from && i < to ? 0xff :
		    0x5a);
	/* 7000; 8000; 10000 to 40000; 50000; 58000 to 5a000 */
	assert_int_equal(f->sector_erases, 1 + 3);
	assert_int_equal(f->half_erases, 1 + 1);
	assert_int_equal(f->block_erases, 4);
	assert_int_equal(f->errors, 0);
	virt_stop(&v);
}

static void
test_what_was_written_is_verified(void **state)
{
	struct blob	*b = virt_blob(VIRT_CODE, BYTES);

	(void)state;
	start();
	assert_int_equal(virt_write(&v, b, VIRT_OFFSET), 0);
	assert_int_equal(phase_verify(&v.link), 0);
	assert_true(v.link.found.verified);
	v.m.flash.data[VIRT_OFFSET + BYTES / 2] ^= 1;
	v.link.images[0].verified = false;
	assert_int_equal(phase_verify(&v.link), ERR_VERIFY);
	assert_false(v.link.found.verified);
	virt_stop(&v);
	blob_unref(b);
}

/* At a long latency nothing counts but the turns. */
static void
test_attaching_takes_few_turns(void **state)
{
	(void)state;
	virt_start(&v, 4 * MB, BAUD, 8, false);
	v.link.found.flash_bytes = 0;
	machine_count(&v.m);
	assert_int_equal(phase_attach(&v.link), 0);
	assert_int_equal(v.link.found.flash_bytes, 4 * MB);
	assert_int_equal(v.m.flash.errors, 0);
	print_message("  attach: %u turns, %u ms\n", v.m.turns,
	    (unsigned)(machine_ns(&v.m) / 1000000));
	assert_in_range(v.m.turns, 1, ATTACH_TURNS);
	virt_stop(&v);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_the_slowest_flash_is_waited_for),
		cmocka_unit_test(test_protection_is_lifted),
		cmocka_unit_test(test_protection_for_good_is_a_failure),
		cmocka_unit_test(test_a_stuck_flash_is_a_failure),
		cmocka_unit_test(test_all_is_erased),
		cmocka_unit_test(test_a_region_is_erased_in_large_steps),
		cmocka_unit_test(test_what_was_written_is_verified),
		cmocka_unit_test(test_attaching_takes_few_turns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
