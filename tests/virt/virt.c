#include "tests/virt/virt.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/link/ext.h"
#include "proto/base/err.h"

enum {
	SEED		= 12345,
	HELLO_MS	= 5,		/* the stub's first word is out */
	PHRASES		= 4096,		/* that code repeats */
};

/* ---- data ---- */

static uint32_t
next_random(uint32_t *seed)
{
	*seed ^= *seed << 13;		/* xorshift32 */
	*seed ^= *seed >> 17;
	return *seed ^= *seed << 5;
}

/* Code: some bytes new, some as a little before. */
static void
fill_code(uint8_t *p, size_t len, uint32_t *seed)
{
	size_t	i = 0;

	while (i < len) {
		size_t	n = 3 + next_random(seed) % 10;
		size_t	back = 1 + next_random(seed) % PHRASES;
		bool	again = next_random(seed) % 100 < 65 && back < i;

		for (; n > 0 && i < len; n--, i++)
			p[i] = again ? p[i - back] :
			    (uint8_t)(next_random(seed) >> 8);
	}
}

struct blob *
virt_blob(enum virt_data kind, size_t len)
{
	uint8_t		*p = malloc(len + 3);
	uint32_t	 seed = SEED;
	struct blob	*b;
	int		 r;

	assert(p != NULL);
	switch (kind) {
	case VIRT_NOISE:
		for (size_t i = 0; i < len; i++)
			p[i] = (uint8_t)(next_random(&seed) >> 8);
		break;
	case VIRT_CODE:
		fill_code(p, len, &seed);
		break;
	case VIRT_EMPTY:
		memset(p, 0xff, len);
		for (size_t i = 0; i < len; i += 1000)
			p[i] = (uint8_t)next_random(&seed);
		break;
	}
	b = blob_new("virt.bin", p, len);
	assert(b != NULL);
	while ((r = blob_step(b)) > 0)
		continue;
	assert(r == 0);
	return b;
}

/* ---- the link ---- */

static void
hear_note(void *arg, const char *text)
{
	struct virt	*v = arg;
	size_t		 at = strlen(v->notes);

	(void)snprintf(v->notes + at, sizeof v->notes - at, "%s\n", text);
}

static void
hear_progress(void *arg, uint64_t done, uint64_t total)
{
	struct virt	*v = arg;

	assert(done <= total && (done >= v->done || done == 0));
	v->done = done;
}

static const struct link_hooks hooks = {
	.note = hear_note, .progress = hear_progress,
};

void
virt_start(struct virt *v, uint32_t flash_bytes, uint32_t baud,
    unsigned latency_ms, bool official)
{
	struct link	*l = &v->link;
	int		 r;

	memset(v, 0, sizeof *v);
	machine_init(&v->m, flash_bytes, baud, latency_ms, official);
	link_init(l, &v->m.wire);
	l->hooks = &hooks;
	l->hook_arg = v;
	l->chip = &chip_esp32c3;
	l->rom.stub = true;
	l->rom.baud = l->baud = l->opt.baud = baud;
	l->opt.attempts = 7;
	l->opt.stub_path = "/nonexistent";
	l->flash.writes = &v->write;
	l->found.flash_bytes = flash_bytes;
	r = wire_sleep(&v->m.wire, HELLO_MS + 2 * latency_ms);
	if (r == 0)
		r = rom_flush(&l->rom);
	if (r == 0)
		r = ext_ask(&l->rom);
	if (r == 0)
		r = rom_spi_set_params(&l->rom, flash_bytes);
	assert_int_equal(r, 0);
	assert_int_equal(l->rom.ext.version != 0, !official);
}

void
virt_stop(struct virt *v)
{
	link_done(&v->link);
	machine_done(&v->m);
	free(v->sink);
}

void
virt_want(struct virt *v, struct blob *b, uint32_t offset)
{
	v->write = (struct link_write){ .blob = b, .offset = offset };
	v->link.flash.write_count = 1;
	v->m.cpu.inflate_byte = b->z_len > 0 ? MACHINE_INFLATE : 0;
	machine_count(&v->m);
}

int
virt_write(struct virt *v, struct blob *b, uint32_t offset)
{
	virt_want(v, b, offset);
	return phase_write(&v->link);
}

void
virt_assert_written(struct virt *v, const struct blob *b, uint32_t offset)
{
	const struct w25q	*n = &v->m.flash;
	uint32_t		 end = offset + (uint32_t)b->len;

	assert_memory_equal(n->data + offset, b->data, b->len);
	if (offset > 0)
		assert_int_equal(n->data[offset - 1], 0x5a);
	end = (end + W25Q_SECTOR - 1) & ~(uint32_t)(W25Q_SECTOR - 1);
	if (end < n->size)
		assert_int_equal(n->data[end], 0x5a);
	if (n->errors > 0)
		fail_msg("flash: %s (%u errors)", n->error, n->errors);
	assert_int_equal(v->m.overflows, 0);
}

static int
take(void *arg, const void *data, size_t len)
{
	struct virt	*v = arg;

	assert(len <= v->sink_size - v->sink_len);
	memcpy(v->sink + v->sink_len, data, len);
	v->sink_len += len;
	return 0;
}

static void
take_again(void *arg)
{
	struct virt	*v = arg;

	v->sink_len = 0;
}

void
virt_want_read(struct virt *v, uint32_t offset, uint32_t bytes)
{
	struct link_flash	*f = &v->link.flash;

	free(v->sink);
	v->sink = malloc(bytes);
	assert(v->sink != NULL);
	v->sink_size = bytes;
	v->sink_len = 0;
	f->read_offset = offset;
	f->read_bytes = bytes;
	f->sink = take;
	f->sink_again = take_again;
	f->sink_arg = v;
	v->done = 0;
	machine_count(&v->m);
}

int
virt_read(struct virt *v, uint32_t offset, uint32_t bytes)
{
	virt_want_read(v, offset, bytes);
	return phase_read(&v->link);
}

double
virt_seconds(const struct virt *v)
{
	return (double)machine_ns(&v->m) / 1e9;
}
