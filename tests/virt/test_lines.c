/* Lines, machines and flash of all kinds, as chance wants it: what is reported
 * as written is in flash, and what is reported as read was there. */
#include "tests/virt/virt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/err.h"

enum {
	KB		= 1024,
	FLASH		= 512 * KB,
	BYTES_MAX	= 200 * KB,
	ROUNDS		= 40,
};

static struct virt	v;

static unsigned
between(unsigned least, unsigned most)
{
	return least + (unsigned)random() % (most - least + 1);
}

static uint32_t
any_baud(void)
{
	static const uint32_t	bauds[] = {
		74880, 115200, 230400, 460800, 921600, 1500000, 2000000,
		3000000, 5000000,
	};

	return bauds[between(0, sizeof bauds / sizeof bauds[0] - 1)];
}

/* Of a slow or a fast machine. */
static void
any_cpu(struct machine_cpu *c)
{
	unsigned	percent = between(10, 250);

	c->poll = c->poll * percent / 100;
	c->byte = c->byte * percent / 100;
	c->send = c->send * percent / 100;
	c->spi = c->spi * percent / 100;
	c->spi_byte = c->spi_byte * percent / 100;
}

static void
any_harm(unsigned most)
{
	for (unsigned n = between(0, most); n > 0; n--)
		machine_harm(&v.m, &(struct machine_fault){
		    .way = between(0, 1), .harm = between(0, 2),
		    .at = between(0, BYTES_MAX),
		    .count = between(1, 20) == 1 ? between(1, 3000) : 1 });
}

static void
any_start(void)
{
	virt_start(&v, FLASH, any_baud(), between(0, 20),
	    between(1, 8) == 1);
	any_cpu(&v.m.cpu);
	v.m.queue = between(0, 20000);
	v.m.react = between(0, 5000) * UINT64_C(1000);
	v.m.flash.slow = between(1, 4) == 1 ? between(1, 10) : 1;
}

/* What could not be done is told where one wants to see it. */
static void
tell(int done)
{
	const struct machine	*m = &v.m;

	if (done || getenv("ESPVIRT_ROUNDS") == NULL)
		return;
	print_message("  %u baud%s, byte %u ns, %u bytes lost by the FIFO, "
	    "%u faults: %s\n", v.link.opt.baud, m->official ? ", official" : "",
	    m->cpu.byte, m->overflows, m->fault_count, v.link.why.text);
}

/* 1 when it said that it was done. */
static int
any_write(unsigned harm)
{
	struct blob	*b = virt_blob(between(0, 2), between(1, BYTES_MAX));
	uint32_t	 at = between(0, 70) * W25Q_SECTOR;
	int		 done;

	any_start();
	virt_want(&v, b, at);
	any_harm(harm);
	done = phase_write(&v.link) == 0;
	if (done && !v.m.official)
		assert_memory_equal(v.m.flash.data + at, b->data, b->len);
	else if (done && phase_verify(&v.link) == 0)
		assert_memory_equal(v.m.flash.data + at, b->data, b->len);
	if (v.m.flash.errors > 0)
		fail_msg("flash: %s", v.m.flash.error);
	tell(done);
	virt_stop(&v);
	blob_unref(b);
	return done;
}

static int
any_read(unsigned harm)
{
	uint32_t	n = between(1, BYTES_MAX), at = between(0, FLASH - n);
	int		done;

	any_start();
	for (uint32_t i = 0; i < FLASH; i++)
		v.m.flash.data[i] = (uint8_t)random();
	virt_want_read(&v, at, n);
	any_harm(harm);
	done = phase_read(&v.link) == 0;
	if (done) {
		assert_int_equal(v.sink_len, n);
		assert_memory_equal(v.sink, v.m.flash.data + at, n);
	}
	assert_int_equal(v.m.flash.errors, 0);
	tell(done);
	virt_stop(&v);
	return done;
}

static unsigned
rounds(void)
{
	const char	*n = getenv("ESPVIRT_ROUNDS");

	return n != NULL ? (unsigned)strtoul(n, NULL, 10) : ROUNDS;
}

/* Without harm all of it is done, but by a machine that is too slow for its
 * line. */
static void
test_any_line(void **state)
{
	unsigned	done = 0;

	(void)state;
	for (unsigned i = 0; i < rounds(); i++) {
		srandom(i);
		done += (unsigned)(i % 2 ? any_read(0) : any_write(0));
	}
	print_message("  %u of %u done\n", done, rounds());
}

static void
test_any_bad_line(void **state)
{
	unsigned	done = 0;

	(void)state;
	for (unsigned i = 0; i < rounds(); i++) {
		srandom(i);
		done += (unsigned)(i % 2 ? any_read(8) : any_write(8));
	}
	print_message("  %u of %u done\n", done, rounds());
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_any_line),
		cmocka_unit_test(test_any_bad_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
