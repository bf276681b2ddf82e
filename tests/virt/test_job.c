/* A whole job with a stub that runs already, phase by phase as the daemon runs
 * it: what it costs besides the work. */
#include "tests/virt/virt.h"

#include <string.h>

#include "proto/base/err.h"

enum {
	KB		= 1024,
	MB		= 1024 * 1024,
	BYTES		= 64 * KB,
	FAST		= 921600,
	CLKDIV		= 347,		/* 115200 at 40 MHz */
};

/* Of the test that runs. */
static struct virt	v;

static const struct phase	phases[] = {
	{ "connect", phase_connect, 30000 },
	{ "identify", phase_identify, 3000 },
	{ "stub", phase_stub, 5000 },
	{ "baud", phase_baud, 3000 },
	{ "attach", phase_attach, 3000 },
	{ "check", phase_check, 0 },
	{ "write", phase_write, 0 },
	{ "verify", phase_verify, 0 },
	{ .name = NULL },
};

/* The registers that tell an ESP32-C3. */
static void
set_identity(struct machine *m)
{
	const struct chip	*c = &chip_esp32c3;

	machine_set(m, CHIP_MAGIC_REG, c->magic);
	machine_set(m, c->mac.addr, 0x33445566);
	machine_set(m, c->mac.addr + 4, 0xabcd1122);
	machine_set(m, c->uart_clkdiv, CLKDIV);
}

static void
start(unsigned latency, enum link_after after)
{
	struct link	*l = &v.link;

	virt_start(&v, 4 * MB, LINK_BAUD, latency, false);
	set_identity(&v.m);
	l->chip = NULL;
	l->rom.stub = false;
	memset(&l->rom.ext, 0, sizeof l->rom.ext);
	l->found.flash_bytes = 0;
	l->opt.baud = FAST;
	l->opt.before = LINK_NO_RESET;
	l->opt.after = after;
	l->phases = phases;
	l->leave = phase_leave;
	v.m.cpu.read_byte = MACHINE_MD5;
}

static void
test_a_job_costs_little_besides_its_work(void **state)
{
	static const struct {
		unsigned	latency, turns, ms;
	} rows[] = {
		{ 1, 18, 300 }, { 8, 18, 500 },
	};
	struct blob	*b = virt_blob(VIRT_CODE, BYTES);

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		unsigned	ms;

		start(rows[i].latency, LINK_STAY_STUB);
		virt_want(&v, b, VIRT_OFFSET);
		link_main(&v.link);
		if (v.link.result != 0)
			fail_msg("%s", v.link.why.text);
		virt_assert_written(&v, b, VIRT_OFFSET);
		assert_true(v.link.found.verified);
		assert_true(v.link.found.stub_was_there);
		assert_int_equal(v.m.left, MACHINE_RUNS);
		ms = (unsigned)(machine_ns(&v.m) / 1000000) -
		    v.link.images[0].ms;
		print_message("  %u ms latency: %u turns, %u ms besides "
		    "writing\n%s", rows[i].latency, v.m.turns, ms, v.notes);
		assert_in_range(v.m.turns, 1, rows[i].turns);
		assert_in_range(ms, 1, rows[i].ms);
		virt_stop(&v);
	}
	blob_unref(b);
}

/* Leaving as the user asked. */
static void
test_the_stub_restarts_the_chip(void **state)
{
	struct blob	*b = virt_blob(VIRT_CODE, BYTES);

	(void)state;
	start(1, LINK_STAY);
	virt_want(&v, b, VIRT_OFFSET);
	link_main(&v.link);
	assert_int_equal(v.link.result, 0);
	virt_assert_written(&v, b, VIRT_OFFSET);
	assert_int_equal(v.m.left, MACHINE_RESTARTED);
	virt_stop(&v);
	blob_unref(b);
}

/* Nothing depends on when or where a test runs. */
static void
test_each_run_is_the_same(void **state)
{
	struct blob	*b = virt_blob(VIRT_NOISE, BYTES);
	uint64_t	 host[2], chip[2], bytes[2];

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		start(3, LINK_STAY_STUB);
		virt_want(&v, b, VIRT_OFFSET);
		link_main(&v.link);
		assert_int_equal(v.link.result, 0);
		host[i] = v.m.host;
		chip[i] = v.m.now;
		bytes[i] = v.m.lines[MACHINE_TO_HOST].sent;
		virt_stop(&v);
	}
	assert_int_equal(host[0], host[1]);
	assert_int_equal(chip[0], chip[1]);
	assert_int_equal(bytes[0], bytes[1]);
	blob_unref(b);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_a_job_costs_little_besides_its_work),
		cmocka_unit_test(test_the_stub_restarts_the_chip),
		cmocka_unit_test(test_each_run_is_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
