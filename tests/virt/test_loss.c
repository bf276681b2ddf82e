/* A byte that the line loses, doubles or changes, wherever it is: the data are
 * right in the end, and it costs less than one window. */
#include "tests/virt/virt.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/link/ext.h"
#include "proto/base/err.h"

enum {
	KB		= 1024,
	FLASH		= 256 * KB,
	BAUD		= 921600,
	BYTES		= 72 * KB,	/* more than two windows */
	EDGE		= 32,		/* bytes that are tried one by one */
	STEP		= 4999,		/* ... of those between */
	STEP_BACK	= 11,		/* of the few to the host */
	BURST		= 200,
	LONG_BURST	= 5000,
	BAD_LINES	= 20,
};

static struct virt	v;

/* What a run without harm takes. */
struct calm {
	unsigned	latency;	/* ms */
	uint64_t	ns;
	uint64_t	bytes[MACHINE_WAYS];
	uint64_t	worst;		/* ns that harm has cost */
};

static uint64_t
window_ns(void)
{
	return (uint64_t)v.link.rom.ext.window * 10 * 1000000000 / BAUD;
}

static struct calm
run_calm(struct blob *b, unsigned latency)
{
	struct calm	calm = { .latency = latency };

	virt_start(&v, FLASH, BAUD, latency, false);
	assert_int_equal(virt_write(&v, b, VIRT_OFFSET), 0);
	calm.ns = machine_ns(&v.m);
	for (unsigned i = 0; i < MACHINE_WAYS; i++)
		calm.bytes[i] = v.m.lines[i].sent;
	virt_stop(&v);
	return calm;
}

static void
complain(const struct machine_fault *f, const char *what)
{
	static const char *const	harms[] = {
		"lost", "doubled", "flipped",
	};

	fail_msg("%u bytes from %u on %s %s: %s (%u ms)", f->count,
	    (unsigned)f->at, f->way == MACHINE_TO_CHIP ? "to the chip" :
	    "to the host", harms[f->harm], what,
	    (unsigned)(machine_ns(&v.m) / 1000000));
}

/* One write with that harm. */
static void
check(struct blob *b, struct calm *calm, const struct machine_fault *f)
{
	uint64_t	ns, most;

	virt_start(&v, FLASH, BAUD, calm->latency, false);
	virt_want(&v, b, VIRT_OFFSET);
	machine_harm(&v.m, f);
	if (phase_write(&v.link) != 0)
		complain(f, v.link.why.text);
	virt_assert_written(&v, b, VIRT_OFFSET);
	ns = machine_ns(&v.m) - calm->ns;
	if (machine_ns(&v.m) < calm->ns)
		ns = 0;
	if (ns > calm->worst)
		calm->worst = ns;
	most = window_ns();
	if (f->count > 1)	/* may be asked for twice */
		most = 2 * most + f->count * UINT64_C(10000000000) / BAUD;
	if (ns >= most)
		complain(f, "it cost more than a window");
	virt_stop(&v);
}

static void
tell(const struct calm *calm)
{
	print_message("  at most %u ms of %u, a window takes %u\n",
	    (unsigned)(calm->worst / 1000000), (unsigned)(calm->ns / 1000000),
	    (unsigned)(window_ns() / 1000000));
}

/* All bytes at both ends, and some between. */
static void
step_through(enum virt_data kind, enum machine_way way, unsigned latency,
    unsigned count)
{
	struct blob	*b = virt_blob(kind, BYTES);
	struct calm	 calm = run_calm(b, latency);
	uint64_t	 n = calm.bytes[way];
	unsigned	 step = way == MACHINE_TO_CHIP ? STEP : STEP_BACK;

	for (uint64_t at = 0; at < n; at++) {
		if (at >= EDGE && at + EDGE < n && at % step != 0)
			continue;
		/* Of many in a row not all questions at begin and end: who
		 * repeats them gives up some time. */
		if (count > 1 && (at < EDGE || at + EDGE + count >= n))
			continue;
		for (unsigned h = MACHINE_LOSE; h <= MACHINE_FLIP; h++) {
			if (count > 1 && h == MACHINE_DOUBLE)
				continue;	/* no line does that */
			check(b, &calm, &(struct machine_fault){
			    .way = way, .harm = h, .at = at, .count = count });
		}
	}
	tell(&calm);
	blob_unref(b);
}

static void
test_a_byte_to_the_chip(void **state)
{
	(void)state;
	step_through(VIRT_NOISE, MACHINE_TO_CHIP, 1, 1);
}

static void
test_a_byte_to_the_chip_of_a_deflated_stream(void **state)
{
	(void)state;
	step_through(VIRT_CODE, MACHINE_TO_CHIP, 1, 1);
}

static void
test_a_byte_to_the_host(void **state)
{
	(void)state;
	step_through(VIRT_NOISE, MACHINE_TO_HOST, 1, 1);
}

static void
test_a_byte_to_the_host_of_a_deflated_stream(void **state)
{
	(void)state;
	step_through(VIRT_CODE, MACHINE_TO_HOST, 1, 1);
}

static void
test_a_byte_at_a_long_latency(void **state)
{
	(void)state;
	step_through(VIRT_NOISE, MACHINE_TO_CHIP, 16, 1);
	step_through(VIRT_NOISE, MACHINE_TO_HOST, 16, 1);
}

/* ---- reading ---- */

/* One read with that harm. */
static void
check_read(const struct blob *b, struct calm *calm,
    const struct machine_fault *f)
{
	uint64_t	ns;

	virt_start(&v, FLASH, BAUD, calm->latency, false);
	memcpy(v.m.flash.data + VIRT_OFFSET, b->data, b->len);
	virt_want_read(&v, VIRT_OFFSET, (uint32_t)b->len);
	if (f != NULL)
		machine_harm(&v.m, f);
	if (phase_read(&v.link) != 0)
		complain(f, v.link.why.text);
	assert_int_equal(v.sink_len, b->len);
	assert_memory_equal(v.sink, b->data, b->len);
	ns = machine_ns(&v.m);
	for (unsigned i = 0; f == NULL && i < MACHINE_WAYS; i++)
		calm->bytes[i] = v.m.lines[i].sent;
	if (f == NULL)
		calm->ns = ns;
	else if (ns >= calm->ns + window_ns())
		complain(f, "it cost more than a window");
	else if (ns > calm->ns && ns - calm->ns > calm->worst)
		calm->worst = ns - calm->ns;
	virt_stop(&v);
}

static void
test_a_byte_of_a_read(void **state)
{
	struct blob	*b = virt_blob(VIRT_NOISE, BYTES);
	struct calm	 calm = { .latency = 1 };

	(void)state;
	check_read(b, &calm, NULL);
	for (unsigned way = 0; way < MACHINE_WAYS; way++) {
		uint64_t	n = calm.bytes[way];
		unsigned	step = way == MACHINE_TO_HOST ? STEP :
				    STEP_BACK;

		for (uint64_t at = 0; at < n; at++) {
			if (at >= EDGE && at + EDGE < n && at % step != 0)
				continue;
			for (unsigned h = MACHINE_LOSE; h <= MACHINE_FLIP; h++)
				check_read(b, &calm, &(struct machine_fault){
				    .way = way, .harm = h, .at = at,
				    .count = 1 });
		}
	}
	tell(&calm);
	blob_unref(b);
}

/* ---- more than one byte ---- */

/* A FIFO of an adapter ran over. */
static void
test_bytes_in_a_row(void **state)
{
	(void)state;
	step_through(VIRT_NOISE, MACHINE_TO_CHIP, 1, BURST);
	step_through(VIRT_NOISE, MACHINE_TO_CHIP, 1, LONG_BURST);
	step_through(VIRT_CODE, MACHINE_TO_HOST, 1, BURST);
}

/* Harm all over, both ways: nothing but patience is lost. */
static void
test_a_line_that_is_always_bad(void **state)
{
	struct blob	*b = virt_blob(VIRT_CODE, BYTES);
	struct calm	 calm = run_calm(b, 1);

	(void)state;
	srandom(1);
	for (unsigned i = 0; i < BAD_LINES; i++) {
		virt_start(&v, FLASH, BAUD, 1, false);
		virt_want(&v, b, VIRT_OFFSET);
		for (unsigned k = 0; k < MACHINE_FAULTS; k++) {
			/* There are few bytes to the host. */
			enum machine_way	way = k < 4;

			machine_harm(&v.m, &(struct machine_fault){
			    .way = way, .harm = (unsigned)random() % 3,
			    .at = (uint64_t)random() % calm.bytes[way],
			    .count = 1 + (unsigned)random() % 4 });
		}
		if (phase_write(&v.link) != 0)
			fail_msg("line %u: %s", i, v.link.why.text);
		virt_assert_written(&v, b, VIRT_OFFSET);
		virt_stop(&v);
	}
	blob_unref(b);
}

/* The chip falls silent: whatever was sent by then, it is no success. */
static void
test_a_line_that_breaks(void **state)
{
	struct blob	*b = virt_blob(VIRT_NOISE, BYTES);
	struct calm	 calm = run_calm(b, 1);
	int		 err;

	(void)state;
	for (unsigned way = 0; way < MACHINE_WAYS; way++) {
		uint64_t	step = calm.bytes[way] / 7;

		for (uint64_t at = 0; at < calm.bytes[way]; at += step) {
			virt_start(&v, FLASH, BAUD, 1, false);
			virt_want(&v, b, VIRT_OFFSET);
			machine_harm(&v.m, &(struct machine_fault){
			    .way = way, .harm = MACHINE_LOSE, .at = at,
			    .count = UINT32_MAX });
			err = phase_write(&v.link);
			if (err != ERR_TIMEOUT && err != ERR_NOISE)
				fail_msg("it ended with %d", err);
			assert_int_equal(v.m.flash.errors, 0);
			virt_stop(&v);
		}
	}
	blob_unref(b);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_a_byte_to_the_chip),
		cmocka_unit_test(test_a_byte_to_the_chip_of_a_deflated_stream),
		cmocka_unit_test(test_a_byte_to_the_host),
		cmocka_unit_test(test_a_byte_to_the_host_of_a_deflated_stream),
		cmocka_unit_test(test_a_byte_at_a_long_latency),
		cmocka_unit_test(test_a_byte_of_a_read),
		cmocka_unit_test(test_bytes_in_a_row),
		cmocka_unit_test(test_a_line_that_is_always_bad),
		cmocka_unit_test(test_a_line_that_breaks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
