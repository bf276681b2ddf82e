/*
 * Recorded conversations of genuine mask ROMs and stubs: our code understands
 * every recorded answer, and our phases come through when the recorded chip
 * answers them.
 *
 * The recordings are not part of this project.  ESPFLASHD_VECTORS names the
 * directory that has wire/tr and wire/in; without it the test is skipped.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <zlib.h>

#include "daemon/link/link.h"
#include "proto/base/bytes.h"
#include "proto/base/err.h"
#include "tests/conv/tape.h"

enum {
	SKIPPED = 77, PATH_SIZE = 1024, STUB_TEXT = 65536,
	MISSING_MAX = 11,	/* registers that the tape does not have */
};

static const char	*vectors;
static struct tape	 tape;
static struct link	 l;
static char		 notes[4096];

/* Bytes of the answer before its status. */
static size_t
payload_of(uint8_t op, size_t len, bool stub)
{
	switch (op) {
	case CMD_SPI_FLASH_MD5:
		return stub ? 16 : 32;
	case CMD_READ_FLASH_SLOW:
		return 64;
	case CMD_GET_SECURITY_INFO:
		return len >= SECINFO_LEN + 2 ? SECINFO_LEN : 0;
	default:
		return 0;
	}
}

/* `seen` tells the commands sent so far: an answer may be late. */
static void
check_reply(const char *name, uint8_t op, const uint8_t *f, size_t len,
    bool stub, const bool seen[256])
{
	struct cmd_reply	r;
	struct secinfo		info;
	uint16_t		status;

	if (cmd_parse(f, len, &r) < 0)
		fail_msg("%s: not an answer: %zu bytes", name, len);
	if (cmd_status(&r, r.op == op ? payload_of(op, r.len, stub) : 0,
	    &status) < 0)
		fail_msg("%s: no status in the answer to %02x", name, op);
	/* An unknown command repeats an earlier answer as "invalid". */
	if (r.op != op && status != 0x0105 && !seen[r.op])
		fail_msg("%s: %02x answers %02x", name, r.op, op);
	if (status != 0)
		assert_string_not_equal(cmd_status_name(status),
		    "unknown error");
	if (op == CMD_GET_SECURITY_INFO && r.op == op && status == 0)
		assert_int_equal(secinfo_parse(r.data, SECINFO_LEN, &info),
		    0);
}

/* Every frame of one turn; what it means depends on the request.  Counts the
 * answers. */
static unsigned
check_turn(const char *name, const struct tape_turn *turn, bool *stub,
    bool seen[256])
{
	static uint8_t		frame[TAPE_FRAME];
	struct slip_decoder	d;
	size_t			used;
	unsigned		answers = 0, raw = 0;
	uint8_t			op = turn->sent_len < CMD_HEADER ? 0 :
				    turn->sent[1];

	seen[op] = true;
	slip_init(&d, frame, sizeof frame);
	for (size_t at = 0; at < turn->got_len; at += used) {
		int	n = slip_decode(&d, turn->got + at,
			    turn->got_len - at, &used);

		if (n == 0)
			continue;
		assert_true(n > 0);
		if (n == 4 && memcmp(frame, "OHAI", 4) == 0) {
			*stub = true;
		} else if (op == 0 || (op == CMD_READ_FLASH && answers > 0)) {
			assert_true(n <= 0x1000);
			raw++;
		} else {
			check_reply(name, op, frame, (size_t)n, *stub,
			    seen);
			answers++;
		}
	}
	return answers + raw;
}

static void
check_request(const char *name, const struct tape_turn *turn)
{
	const uint8_t	*f = turn->sent;
	bool		 block;

	if (turn->sent_len < CMD_HEADER)
		return;
	assert_int_equal(f[0], CMD_REQUEST);
	if (le16_get(f + 2) != turn->sent_len - CMD_HEADER)
		fail_msg("%s: length of %02x", name, f[1]);
	block = f[1] == CMD_MEM_DATA || f[1] == CMD_FLASH_DATA ||
	    f[1] == CMD_FLASH_DEFL_DATA;
	if (block)
		assert_int_equal(le32_get(f + 4), cmd_checksum(f + 24,
		    turn->sent_len - 24));
}

static const struct chip *
chip_of(const char *name)
{
	if (strncmp(name, "esp32c3", 7) == 0)
		return &chip_esp32c3;
	return strncmp(name, "esp32s3", 7) == 0 ? &chip_esp32s3 : &chip_esp32;
}

static void
test_every_recorded_answer_is_understood(void **state)
{
	char		 path[PATH_SIZE];
	unsigned	 files = 0, answers = 0;
	struct dirent	*e;
	DIR		*dir;

	(void)state;
	(void)snprintf(path, sizeof path, "%s/wire/tr", vectors);
	assert_non_null(dir = opendir(path));
	while ((e = readdir(dir)) != NULL) {
		bool	stub = false, seen[256] = { false };

		if (strstr(e->d_name, ".txt") == NULL)
			continue;
		(void)snprintf(path, sizeof path, "%s/wire/tr/%s", vectors,
		    e->d_name);
		assert_true(tape_load(&tape, chip_of(e->d_name), path));
		assert_true(tape.count > 0);
		for (size_t i = 0; i < tape.count; i++) {
			check_request(e->d_name, &tape.turns[i]);
			answers += check_turn(e->d_name, &tape.turns[i],
			    &stub, seen);
		}
		files++;
		tape_done(&tape);
	}
	(void)closedir(dir);
	print_message("%u recordings, %u answers\n", files, answers);
	assert_true(files >= 100);
	assert_true(answers > 10 * files);
}

/* What is replayed and with which outcome. */
enum what { NOTHING, WRITE, VERIFY, READ, ERASE };

struct replay {
	const char		*name;
	const struct chip	*chip;
	const char		*mac;
	enum what		 what;
	const char		*file;	/* in wire/in */
	uint32_t		 offset;
	bool			 plain;
	uint32_t		 baud;
};

#define MACC3	"\xc4\x0a\x24\xfe\x10\x01"

static const struct replay replays[] = {
	{ "esp32-stub-flash-id", &chip_esp32, "", NOTHING, NULL, 0, 0, 0 },
	{ "esp32-stub-write-comp100k", &chip_esp32, "", WRITE,
	    "comp100k.bin", 0x10000, 0, 0 },
	{ "esp32-stub-write-rand40k-no-compress", &chip_esp32, "", WRITE,
	    "rand40k.bin", 0x40000, 1, 0 },
	{ "esp32-stub-write-odd-over-pattern", &chip_esp32, "", WRITE,
	    "odd.bin", 0x201000, 0, 0 },
	{ "esp32-stub-read-64k", &chip_esp32, "", READ, NULL,
	    0x200000, 0, 0 },
	{ "esp32-stub-read-64k-baud921600", &chip_esp32, "", READ, NULL,
	    0x200000, 0, 921600 },
	{ "esp32-stub-verify-good", &chip_esp32, "", VERIFY,
	    "pattern64k.bin", 0x200000, 0, 0 },
	{ "esp32-stub-erase-region", &chip_esp32, "", ERASE, NULL, 0x204000,
	    0, 0 },
	{ "esp32-nostub-read-64k", &chip_esp32, "", READ, NULL,
	    0x200000, 0, 0 },
	{ "esp32c3-stub-flash-id", &chip_esp32c3, MACC3, NOTHING, NULL, 0, 0,
	    0 },
	{ "esp32c3-stub-write-comp100k-no-compress", &chip_esp32c3, MACC3,
	    WRITE, "comp100k.bin", 0x10000, 1, 0 },
	{ "esp32c3-stub-write-baud921600", &chip_esp32c3, MACC3, WRITE,
	    "comp100k.bin", 0x10000, 0, 921600 },
	{ "esp32c3-stub-read-64k-baud921600", &chip_esp32c3, MACC3, READ, NULL,
	    0x200000, 0, 921600 },
	{ "esp32c3-stub-verify-good", &chip_esp32c3, MACC3, VERIFY,
	    "pattern64k.bin", 0x200000, 0, 0 },
	{ "esp32c3-stub-erase-region", &chip_esp32c3, MACC3, ERASE, NULL,
	    0x204000, 0, 0 },
	{ "esp32c3-nostub-flash-id", &chip_esp32c3, MACC3, NOTHING, NULL, 0,
	    0, 0 },
	{ "esp32c3-nostub-write-comp100k", &chip_esp32c3, MACC3, WRITE,
	    "comp100k.bin", 0x10000, 1, 0 },
	{ "esp32c3-nostub-write-rand40k-no-compress", &chip_esp32c3, MACC3,
	    WRITE, "rand40k.bin", 0x40000, 1, 0 },
	{ "esp32c3-nostub-read-64k", &chip_esp32c3, MACC3, READ, NULL,
	    0x200000, 0, 0 },
	{ "esp32c3-nostub-verify-good", &chip_esp32c3, MACC3, VERIFY,
	    "pattern64k.bin", 0x200000, 0, 0 },
	{ "esp32c3-nostub-erase-region", &chip_esp32c3, MACC3, ERASE, NULL,
	    0x204000, 0, 0 },
	{ "esp32s3-nostub-flash-id-auto", &chip_esp32s3, NULL, NOTHING, NULL,
	    0, 0, 0 },
	{ "esp32s3-nostub-write-baud921600", &chip_esp32s3, NULL, WRITE,
	    "comp100k.bin", 0x10000, 1, 921600 },
	{ "esp32s3-nostub-read-64k", &chip_esp32s3, NULL, READ, NULL,
	    0x200000, 0, 0 },
	{ "esp32s3-nostub-verify-good", &chip_esp32s3, NULL, VERIFY,
	    "pattern64k.bin", 0x200000, 0, 0 },
};

static bool
load(const struct replay *r)
{
	char	path[PATH_SIZE];

	(void)snprintf(path, sizeof path, "%s/wire/tr/%s.txt", vectors,
	    r->name);
	if (tape_load(&tape, r->chip, path))
		return true;
	(void)snprintf(path, sizeof path, "%s/wire/tr/%s.txt.gz", vectors,
	    r->name);
	return tape_load(&tape, r->chip, path);
}

/* A file of wire/in or wire/out as a blob; gzread() takes plain files too. */
static struct blob *
load_blob(const char *dir, const char *file)
{
	char		 path[PATH_SIZE];
	uint8_t		*data = malloc((1 << 20) + 3);
	struct blob	*b;
	gzFile		 f;
	int		 n;

	assert_non_null(data);
	(void)snprintf(path, sizeof path, "%s/wire/%s/%s", vectors, dir,
	    file);
	if ((f = gzopen(path, "rb")) == NULL) {
		(void)snprintf(path, sizeof path, "%s/wire/%s/%s.gz", vectors,
		    dir, file);
		assert_non_null(f = gzopen(path, "rb"));
	}
	n = gzread(f, data, 1 << 20);
	assert_true(n > 0);
	(void)gzclose(f);
	assert_non_null(b = blob_new(file, data, (size_t)n));
	while ((n = blob_step(b)) > 0)
		continue;
	assert_int_equal(n, 0);
	return b;
}

/* The stub that was recorded, as a file that phase_stub() finds. */
static char	stub_dir[] = "/tmp/conv-tape-XXXXXX";

static void
write_stub(const char *path)
{
	static char	text[2][STUB_TEXT];
	uint32_t	start[2] = { 0 }, entry = 0;
	unsigned	parts = 0;
	FILE		*f;

	text[0][0] = text[1][0] = '\0';
	for (size_t i = 0; i < tape.count; i++) {
		const struct tape_turn	*t = &tape.turns[i];
		const uint8_t		*p = t->sent;

		if (t->sent_len < CMD_HEADER || entry != 0)
			continue;
		if (p[1] == CMD_MEM_BEGIN && parts < 2)
			start[parts++] = le32_get(p + 20);
		if (p[1] == CMD_MEM_DATA)
			(void)EVP_EncodeBlock((unsigned char *)text[parts - 1]
			    + strlen(text[parts - 1]), p + 24,
			    (int)t->sent_len - 24);
		if (p[1] == CMD_MEM_END)
			entry = le32_get(p + 12);
	}
	assert_non_null(f = fopen(path, "w"));
	assert_true(fprintf(f, "{\"entry\": %u, \"text\": \"%s\", "
	    "\"text_start\": %u, \"data\": \"%s\", \"data_start\": %u, "
	    "\"bss_start\": 0}", entry, text[0], start[0], text[1],
	    start[1]) > 0);
	assert_int_equal(fclose(f), 0);
}

static void
hear(void *arg, const char *text)
{
	size_t	at = strlen(notes);

	(void)arg;
	(void)snprintf(notes + at, sizeof notes - at, "%s\n", text);
}

static const struct link_hooks	hooks = { .note = hear };

struct sink {
	const struct blob	*want;
	size_t			 at;
};

static int
take(void *arg, const void *p, size_t len)
{
	struct sink	*s = arg;

	assert_true(s->at + len <= s->want->len);
	assert_memory_equal(s->want->data + s->at, p, len);
	s->at += len;
	return 0;
}

static const struct phase	all_phases[] = {
	{ "connect", phase_connect, 30000 },
	{ "identify", phase_identify, 3000 },
	{ "stub", phase_stub, 5000 },
	{ "baud", phase_baud, 1000 },
	{ "attach", phase_attach, 3000 },
	{ "check", phase_check, 1000 },
	{ "erase", phase_erase, 0 },
	{ "write", phase_write, 0 },
	{ "verify", phase_verify, 0 },
	{ "read", phase_read, 0 },
	{ NULL, NULL, 0 },
};

static void
set_job(const struct replay *r, struct link_write *w, struct sink *s)
{
	struct link_flash	*f = &l.flash;

	f->plain = r->plain;
	if (r->what == WRITE || r->what == VERIFY) {
		f->writes = w;
		f->write_count = 1;
	}
	if (r->what == READ) {
		f->read_offset = r->offset;
		f->read_bytes = (uint32_t)w->blob->len;
		f->sink = take;
		f->sink_arg = s;
	}
	if (r->what == ERASE) {
		f->erase_offset = r->offset;
		f->erase_bytes = 0x3000;
	}
}

static void
check_outcome(const struct replay *r, const struct sink *s)
{
	if (l.result != 0)
		fail_msg("%s: %s", r->name, why_text(&l.why));
	assert_ptr_equal(l.chip, r->chip);
	assert_int_equal(l.found.rdid, 0x1640c8);
	assert_int_equal(l.found.flash_bytes, 4 * 1024 * 1024);
	if (r->mac != NULL && r->mac[0] != '\0')
		assert_memory_equal(l.found.facts.mac, r->mac, 6);
	if (r->chip == &chip_esp32)
		assert_memory_equal(l.found.facts.mac,
		    "\x10\x01\x00\xc4\x0a\x24", 6);
	if (r->what == READ)
		assert_int_equal(s->at, s->want->len);
	if (r->what == WRITE || r->what == VERIFY)
		assert_true(l.found.verified);
}

/* What is written, or what genuine esptool read. */
static struct blob *
job_blob(const struct replay *r)
{
	char	name[96];

	if (r->what != READ)
		return r->file != NULL ? load_blob("in", r->file) : NULL;
	(void)snprintf(name, sizeof name, "%s.bin", r->name);
	return load_blob("out", name);
}

/* Was it recorded with a stub? */
static bool
has_stub(const struct replay *r)
{
	return strstr(r->name, "-stub-") != NULL;
}

static void
stub_path(const struct replay *r, char path[PATH_SIZE])
{
	(void)snprintf(path, PATH_SIZE, "%s/%s.json", stub_dir, r->chip->cli);
}

/* A link to the recorded chip, for those phases. */
static void
begin_replay(const struct replay *r, const struct phase *phases)
{
	char	path[PATH_SIZE];

	if (!load(r))
		fail_msg("%s is missing", r->name);
	link_init(&l, &tape.wire);
	notes[0] = '\0';
	l.hooks = &hooks;
	l.phases = phases;
	l.opt.before = LINK_NO_RESET;
	l.opt.after = LINK_STAY_STUB;
	l.opt.stub = has_stub(r) ? STUB_ESPRESSIF : STUB_NONE;
	l.opt.stub_path = stub_dir;
	if (!has_stub(r))
		return;
	stub_path(r, path);
	write_stub(path);
}

/* Only facts about package and features may be off the tape, and the flash size
 * where esptool had no use for it; and what the fuses say of security, which
 * each job asks for. */
static void
end_replay(const struct replay *r)
{
	char	path[PATH_SIZE];

	assert_int_equal(l.rom.stub, has_stub(r));
	assert_true(tape.blank <= MISSING_MAX);
	print_message("%s: %u requests, %u not on the tape\n", r->name,
	    tape.asked, tape.blank);
	stub_path(r, path);
	if (has_stub(r))
		(void)unlink(path);
	link_done(&l);
	tape_done(&tape);
}

static void
run_replay(const struct replay *r)
{
	static struct phase	phases[sizeof all_phases /
				    sizeof all_phases[0]];
	struct blob		*b = job_blob(r);
	struct link_write	w = { .blob = b, .offset = r->offset };
	struct sink		s = { b, 0 };
	size_t			n = 0;

	for (size_t i = 0; i < sizeof phases / sizeof phases[0]; i++)
		if (all_phases[i].run != phase_write || r->what == WRITE)
			phases[n++] = all_phases[i];
	begin_replay(r, phases);
	l.opt.baud = r->baud != 0 ? r->baud : LINK_BAUD;
	set_job(r, &w, &s);
	link_main(&l);
	check_outcome(r, &s);
	assert_string_equal(notes, "");
	end_replay(r);
	blob_unref(b);
}

static void
test_recorded_chips_accept_our_requests(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof replays / sizeof replays[0]; i++)
		run_replay(&replays[i]);
}

/* A command that is no transfer, and what genuine esptool got. */
struct command {
	const char		*name;
	const struct chip	*chip;
	int			(*phase)(struct link *);
	bool			 attach;
	uint32_t		 a, b, c;	/* address or bytes; value; mask */
};

static const struct command	commands[] = {
	{ "esp32-stub-read-mem", &chip_esp32, phase_mem_read, false,
	    0x40001000, 0x00f01d83, 0 },
	{ "esp32-nostub-read-mem-ram", &chip_esp32, phase_mem_read, false,
	    0x3ffb2000, 0, 0 },
	{ "esp32c3-stub-read-mem", &chip_esp32c3, phase_mem_read, false,
	    0x40001000, 0x1b31506f, 0 },
	{ "esp32c3-stub-read-mem-ram", &chip_esp32c3, phase_mem_read, false,
	    0x3fc90000, 0, 0 },
	{ "esp32c3-nostub-read-mem", &chip_esp32c3, phase_mem_read, false,
	    0x40001000, 0x1b31506f, 0 },
	{ "esp32s3-nostub-read-mem-ram", &chip_esp32s3, phase_mem_read, false,
	    0x3fcb0000, 0, 0 },
	{ "esp32-stub-write-mem", &chip_esp32, phase_mem_write, false,
	    0x3ffb2000, 0x12345678, 0xffffffff },
	{ "esp32-stub-write-mem-mask", &chip_esp32, phase_mem_write, false,
	    0x3ffb2000, 0xffffffff, 0x0000ff00 },
	{ "esp32-nostub-write-mem", &chip_esp32, phase_mem_write, false,
	    0x3ffb2000, 0x12345678, 0xffffffff },
	{ "esp32c3-stub-write-mem-mask", &chip_esp32c3, phase_mem_write,
	    false, 0x3fc90000, 0xffffffff, 0x0000ff00 },
	{ "esp32c3-nostub-write-mem", &chip_esp32c3, phase_mem_write, false,
	    0x3fc90000, 0x12345678, 0xffffffff },
	{ "esp32c3-nostub-write-mem-mask", &chip_esp32c3, phase_mem_write,
	    false, 0x3fc90000, 0xffffffff, 0x0000ff00 },
	{ "esp32s3-nostub-write-mem", &chip_esp32s3, phase_mem_write, false,
	    0x3fcb0000, 0x12345678, 0xffffffff },
	{ "esp32-nostub-dump-mem", &chip_esp32, phase_mem_dump, false,
	    0x40000000, 0, 0 },
	{ "esp32c3-stub-dump-mem", &chip_esp32c3, phase_mem_dump, false,
	    0x40000000, 0, 0 },
	{ "esp32s3-nostub-dump-mem", &chip_esp32s3, phase_mem_dump, false,
	    0x40000000, 0, 0 },
	{ "esp32-stub-load-ram", &chip_esp32, phase_ram, false, 0, 0, 0 },
	{ "esp32-nostub-load-ram", &chip_esp32, phase_ram, false, 0, 0, 0 },
	{ "esp32c3-nostub-load-ram", &chip_esp32c3, phase_ram, false, 0, 0,
	    0 },
	{ "esp32s3-nostub-load-ram", &chip_esp32s3, phase_ram, false, 0, 0,
	    0 },
	{ "esp32c3-nostub-run", &chip_esp32c3, phase_run, false, 0, 0, 0 },
	{ "esp32c3-stub-get-security-info", &chip_esp32c3, phase_security,
	    false, 0, 5, 0 },
	{ "esp32s3-nostub-get-security-info", &chip_esp32s3, phase_security,
	    false, 0, 9, 0 },
	{ "esp32-stub-read-flash-status", &chip_esp32, phase_status, true, 2,
	    0, 0 },
	{ "esp32-stub-read-flash-status-1", &chip_esp32, phase_status, true,
	    1, 0, 0 },
	{ "esp32-nostub-read-flash-status", &chip_esp32, phase_status, true,
	    2, 0, 0 },
	{ "esp32-nostub-read-flash-status-3", &chip_esp32, phase_status, true,
	    3, 0, 0 },
	{ "esp32c3-stub-read-flash-status-1", &chip_esp32c3, phase_status,
	    true, 1, 0, 0 },
	{ "esp32c3-stub-read-flash-status-3", &chip_esp32c3, phase_status,
	    true, 3, 0, 0 },
	{ "esp32c3-nostub-read-flash-status", &chip_esp32c3, phase_status,
	    true, 2, 0, 0 },
	{ "esp32s3-nostub-read-flash-status", &chip_esp32s3, phase_status,
	    true, 2, 0, 0 },
	{ "esp32-stub-write-flash-status", &chip_esp32, phase_set_status,
	    true, 1, 0, 0 },
	{ "esp32-nostub-write-flash-status", &chip_esp32, phase_set_status,
	    true, 1, 0, 0 },
	{ "esp32c3-nostub-write-flash-status", &chip_esp32c3,
	    phase_set_status, true, 1, 0, 0 },
	{ "esp32-stub-read-flash-sfdp", &chip_esp32, phase_sfdp, true, 4, 0,
	    0 },
	{ "esp32-nostub-read-flash-sfdp-16", &chip_esp32, phase_sfdp, true, 4,
	    16, 0 },
	{ "esp32c3-stub-read-flash-sfdp", &chip_esp32c3, phase_sfdp, true, 4,
	    0, 0 },
	{ "esp32c3-stub-read-flash-sfdp-16", &chip_esp32c3, phase_sfdp, true,
	    4, 16, 0 },
	{ "esp32c3-nostub-read-flash-sfdp", &chip_esp32c3, phase_sfdp, true,
	    4, 0, 0 },
};

static void
set_command(const struct command *c, struct link_write *w, struct sink *s)
{
	struct link_flash	*f = &l.flash;

	f->mem = (struct link_mem){ .address = c->a, .value = c->b,
	    .mask = c->c, .bytes = s->want ? (uint32_t)s->want->file_len : 0 };
	f->status.bytes = c->a;
	f->sfdp_bytes = c->a;
	f->sfdp_address = c->b;
	f->sink = take;
	f->sink_arg = s;
	f->writes = w;
	f->write_count = 1;
}

static void
check_command(const struct command *c, const struct sink *s)
{
	if (l.result != 0)
		fail_msg("%s: %s", c->name, why_text(&l.why));
	if (c->phase == phase_mem_read)
		assert_int_equal(l.found.word, c->b);
	if (c->phase == phase_mem_write)
		assert_int_equal(tape.differ[CMD_WRITE_REG], 0);
	if (c->phase == phase_mem_dump)
		assert_int_equal(s->at, s->want->file_len);
	if (c->phase == phase_ram || c->phase == phase_run) {
		for (int op = CMD_FLASH_BEGIN; op <= CMD_MEM_DATA; op++)
			assert_int_equal(tape.differ[op], 0);
		assert_null(l.leave);
	}
	if (c->phase == phase_security) {
		assert_int_equal(l.found.secinfo.chip_id, c->b);
		assert_int_equal(l.found.secinfo.flags, 0);
	}
	if (c->phase == phase_status || c->phase == phase_set_status)
		assert_int_equal(l.found.status[0], 0);
	if (c->phase == phase_set_status)
		assert_int_equal(l.found.status[1], 0);
	if (c->phase == phase_sfdp)
		assert_memory_equal(l.found.sfdp, "\0\0\0\0", 4);
}

/* What is loaded, or what genuine esptool read. */
static struct blob *
command_blob(const struct command *c)
{
	char	name[96];

	if (c->phase == phase_ram) {
		(void)snprintf(name, sizeof name, "helloworld-%s.bin",
		    c->chip->cli);
		return load_blob("in", name);
	}
	if (c->phase != phase_mem_dump)
		return NULL;
	(void)snprintf(name, sizeof name, "%s.bin", c->name);
	return load_blob("out", name);
}

static void
run_command(const struct command *c)
{
	const struct replay	r = { .name = c->name, .chip = c->chip };
	struct blob		*b = command_blob(c);
	struct link_write	w = { .blob = b };
	struct sink		s = { b, 0 };
	struct phase		phases[6] = {
		{ "connect", phase_connect, 30000 },
		{ "identify", phase_identify, 3000 },
		{ "stub", phase_stub, 5000 },
	};

	if (c->attach)
		phases[3] = (struct phase){ "attach", phase_attach, 3000 };
	phases[c->attach ? 4 : 3] = (struct phase){ "work", c->phase, 0 };
	begin_replay(&r, phases);
	set_command(c, &w, &s);
	link_main(&l);
	check_command(c, &s);
	end_replay(&r);
	blob_unref(b);
}

static void
test_recorded_chips_do_what_the_commands_ask(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
		run_command(&commands[i]);
}

static int
make_dir(void **state)
{
	(void)state;
	return mkdtemp(stub_dir) == NULL;
}

static int
drop_dir(void **state)
{
	(void)state;
	return rmdir(stub_dir);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_every_recorded_answer_is_understood),
		cmocka_unit_test(test_recorded_chips_accept_our_requests),
		cmocka_unit_test(test_recorded_chips_do_what_the_commands_ask),
	};

	if ((vectors = getenv("ESPFLASHD_VECTORS")) == NULL ||
	    access(vectors, R_OK) != 0) {
		(void)fputs("skipped: ESPFLASHD_VECTORS names no folder (a "
		    "directory with recorded conversations in wire/)\n",
		    stderr);
		return SKIPPED;
	}
	return cmocka_run_group_tests(tests, make_dir, drop_dir);
}
