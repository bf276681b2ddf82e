/* voice_esptool - in the words of esptool, where scripts look for them
 * (esptool 5.3, cmds.py and its tests). */
#include "client/voice.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "client/client.h"
#include "client/command.h"
#include "client/follow.h"
#include "client/image.h"
#include "client/member.h"
#include "client/option.h"
#include "client/report.h"
#include "proto/base/err.h"
#include "proto/chip/chip.h"
#include "proto/chip/flashid.h"

enum {
	BAR		= 30,
	LINE_MAX	= 160,
	SYNCS		= 5,		/* that one reset is followed by */
};

static int64_t
now_ms(void)
{
	struct timespec	ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static const char *
param(const struct client *c, const char *name, const char *absent)
{
	return member_text(c->args.params, name, absent);
}

static bool
flag(const struct client *c, const char *name)
{
	return json_object_get_boolean(member(c->args.params, name));
}

static bool
is_method(const struct client *c, const char *name)
{
	return strcmp(c->args.command->method, name) == 0;
}

static void
search(struct client *c, size_t count)
{
	c->esptool.searched = count != 1;
	show_chat(&c->show, "Found %zu serial ports...", count);
}

static void
port(struct client *c, const char *name, bool chosen)
{
	(void)chosen;
	c->esptool.chip_told = c->esptool.stub_told = false;
	c->esptool.baud_told = 0;
	show_chat(&c->show, "Serial port %s:", name);
}

/* "Failed to connect to ESP32: ..." where it did not answer. */
static void
reason(const struct client *c, const struct why *why, char *out, size_t size)
{
	const struct chip	*chip = chip_by_name(param(c, "chip", "auto"));
	const char		*text = why_text(why);
	static const char	 forbidden[] = "this command";

	if (why->err == ERR_SECURITY &&
	    strncmp(text, forbidden, sizeof forbidden - 1) == 0)
		(void)snprintf(out, size, "The '%s' command%s",
		    c->args.command->name, text + sizeof forbidden - 1);
	else if (why->err == ERR_NO_SYNC || why->err == ERR_BOOT_MODE)
		(void)snprintf(out, size, "Failed to connect to %s: %s",
		    chip != NULL ? chip->name : "Espressif device", text);
	else if (why->err == ERR_PARAMS && strstr(text, "reset_sequence: "))
		(void)snprintf(out, size, "Invalid custom reset sequence "
		    "option format: %s", text);
	else if (why->err == ERR_PORT_UNKNOWN || why->err == ERR_PORT_BUSY ||
	    why->err == ERR_PORT_DENIED)
		(void)snprintf(out, size, "Could not open the port: %s", text);
	else if (why->err == ERR_VERIFY && is_method(c, "flash.verify"))
		(void)snprintf(out, size, "Verification failed. %s", text);
	else
		(void)snprintf(out, size, "%s", text);
}

static void
passed(struct client *c, const char *name)
{
	char	text[2 * WHY_MAX];

	reason(c, &c->why, text, sizeof text);
	show_error(&c->show, "%s failed to connect: %s", name, text);
}

static void
again(struct client *c, bool first)
{
	char	text[2 * WHY_MAX];

	if (!first)
		return;
	reason(c, &c->why, text, sizeof text);
	show_chat(&c->show, "%s", text);
	show_chat(&c->show, "Retrying failed connection");
}

static void
waits(struct follow *f, struct board *b)
{
	if (b->waits[0] != '\0')
		show_chat(&f->client->show, "Note: %s %s", b->port, b->waits);
}

/* The block about the chip, as soon as it is known. */
static void
tell_chip(struct client *c, struct board *b)
{
	const char	*name = member_text(b->found, "chip", "?");
	struct show	*show = &c->show;

	if (b->found == NULL || c->esptool.chip_told)
		return;
	c->esptool.chip_told = true;
	if (strcmp(param(c, "chip", "auto"), "auto") == 0)
		show_chat(show, "Detecting chip type... %s", name);
	show_chat(show, "Connected to %s on %s:", name, b->port);
	if (!show->silent)
		report_chip(show, b->found);
	show_chat(show, "%s", "");
}

/* What the phase before this one came to. */
static void
tell_past(struct client *c, struct board *b)
{
	struct esptool	*e = &c->esptool;
	uint32_t	 baud = (uint32_t)member_number(b->found, "baud", 0);

	if (!e->stub_told && strcmp(b->spoken, "stub") == 0 &&
	    json_object_get_boolean(member(b->found, "stub"))) {
		e->stub_told = true;
		show_chat(&c->show, "Running stub flasher...");
		show_chat(&c->show, "Stub flasher running.");
	}
	if (strcmp(b->spoken, "baud") == 0 && e->baud_told != 0 &&
	    baud == e->baud_told)
		show_chat(&c->show, "Changed.");
	if (strcmp(b->spoken, "erase") == 0 && is_method(c, "flash.write") &&
	    flag(c, "erase_all") && strcmp(b->phase, "leave") != 0)
		show_chat(&c->show, "Flash memory erased successfully in %.1f "
		    "seconds.", (double)(now_ms() - e->erase_ms) / 1000);
}

static void
begin_baud(struct client *c, struct board *b)
{
	uint32_t	wanted = (uint32_t)member_number(c->args.params,
			    "baud", 0);

	(void)b;
	c->esptool.baud_told = wanted > 115200 ? wanted : 0;
	if (c->esptool.baud_told != 0)
		show_chat(&c->show, "Changing baud rate to %u...", wanted);
}

static void
begin_erase(struct client *c, struct board *b)
{
	(void)b;
	c->esptool.erase_ms = now_ms();
	if (is_method(c, "flash.erase_region"))
		show_chat(&c->show, "Erasing flash memory region (this may take "
		    "a while)...");
	else if (is_method(c, "flash.erase") || flag(c, "erase_all"))
		show_chat(&c->show, "Erasing flash memory (this may take a "
		    "while)...");
}

/* Which sectors the files of a write need. */
static void
begin_write(struct client *c, struct board *b)
{
	const struct images	*all = c->images;

	if (json_object_get_boolean(member(b->found, "secure_download")))
		show_chat(&c->show, "Warning: Security features enabled, so "
		    "not changing any flash settings.");
	if (all == NULL || flag(c, "erase_all") || flag(c, "skip_flashed") ||
	    c->args.diff_with.count > 0)
		return;
	for (size_t i = 0; i < all->count; i++) {
		const struct image	*im = &all->list[i];
		uint32_t		 over = im->offset % FLASH_SECTOR;
		uint64_t		 end = im->offset + im->bytes;

		if (im->bytes == 0)
			continue;
		if (all->count > 1)
			show_chat(&c->show, "\nWriting '%s' at 0x%08x...",
			    im->name, im->offset);
		end = (end + FLASH_SECTOR - 1) / FLASH_SECTOR * FLASH_SECTOR;
		show_chat(&c->show, "Flash will be erased from 0x%08x to "
		    "0x%08llx...", im->offset - over,
		    (unsigned long long)end - 1);
	}
}

static void
begin_verify(struct client *c, struct board *b)
{
	const struct images	*all = c->images;

	(void)b;
	if (is_method(c, "flash.write")) {
		show_chat(&c->show, "Verifying written data...");
		return;
	}
	for (size_t i = 0; all != NULL && i < all->count; i++)
		show_chat(&c->show, "Verifying 0x%llx (%llu) bytes at 0x%08x "
		    "in flash against '%s'...",
		    (unsigned long long)all->list[i].bytes,
		    (unsigned long long)all->list[i].bytes,
		    all->list[i].offset, all->list[i].name);
}

/* The dots of a connection that did not come about: one for each SYNC. */
static void
tell_dots(struct client *c)
{
	int64_t	attempts = member_number(c->args.params, "connect_attempts",
		    7);

	for (int64_t i = 0; i < attempts * SYNCS && i < LINE_MAX; i++)
		show_part(&c->show, ".");
	show_part(&c->show, "\n");
	c->show.open = false;
}

static void
begin_connect(struct client *c, struct board *b)
{
	(void)b;
	show_part(&c->show, "Connecting...");
}

static void
begin_stub(struct client *c, struct board *b)
{
	/* Secure download mode takes none, and a note tells so. */
	if (!flag(c, "no_stub") && member(b->found, "secure_download") == NULL)
		show_chat(&c->show, "Uploading stub flasher...");
}

static void
begin_attach(struct client *c, struct board *b)
{
	if (!json_object_get_boolean(member(b->found, "stub")))
		show_chat(&c->show, "Enabling default SPI flash mode...");
	if (is_method(c, "flash.write") || is_method(c, "flash.read") ||
	    is_method(c, "flash.verify"))
		show_chat(&c->show, "Configuring flash size...");
}

static void
begin_reattach(struct client *c, struct board *b)
{
	(void)b;
	show_chat(&c->show, "Lost connection, waiting for the board to come "
	    "back...");
}

static const struct {
	const char	*phase;
	void		(*begin)(struct client *, struct board *);
} begins[] = {
	{ "connect", begin_connect },
	{ "stub", begin_stub },
	{ "baud", begin_baud },
	{ "reattach", begin_reattach },
	{ "attach", begin_attach },
	{ "erase", begin_erase },
	{ "write", begin_write },
	{ "verify", begin_verify },
};

static void
phase(struct follow *f, struct board *b)
{
	struct client	*c = f->client;

	if (c->show.silent)
		return;
	if (strcmp(b->spoken, "connect") == 0 &&
	    strcmp(b->phase, "identify") != 0)
		tell_dots(c);
	tell_chip(c, b);
	tell_past(c, b);
	(void)snprintf(b->spoken, sizeof b->spoken, "%s", b->phase);
	for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++)
		if (strcmp(begins[i].phase, b->phase) == 0)
			begins[i].begin(c, b);
}

static void
bar(char out[BAR + 1], int64_t done, int64_t total)
{
	int	full = (int)(BAR * done / total);

	for (int i = 0; i < BAR; i++)
		out[i] = i < full - 1 || full == BAR ? '=' :
		    i == full - 1 ? '>' : ' ';
	out[BAR] = '\0';
}

/* Where in the flash that byte of the work is. */
static uint32_t
address_of(const struct client *c, int64_t done)
{
	const struct images	*all = c->images;
	const struct image	*im = NULL;

	for (size_t i = 0; all != NULL && i < all->count; i++) {
		if (all->list[i].bytes == 0)
			continue;
		im = &all->list[i];
		if ((uint64_t)done <= im->bytes)
			break;
		done -= (int64_t)im->bytes;
	}
	if (im != NULL)
		return im->offset + (uint32_t)done;
	return (uint32_t)(member_number(c->args.params, "offset",
	    member_number(c->args.params, "address", 0)) + done);
}

static void
progress(struct follow *f, struct board *b)
{
	struct client	*c = f->client;
	const char	*doing = strcmp(b->phase, "write") == 0 ?
			    flag(c, "skip_flashed") ? "Comparing or writing "
			    "at" : "Writing at" :
			    strcmp(b->phase, "read") == 0 ? "Reading from" :
			    strcmp(b->phase, "dump") == 0 ? "Dumping from" :
			    NULL;
	char		 letters[BAR + 1], line[LINE_MAX];

	if (doing == NULL || b->total <= 0 || c->show.silent ||
	    (c->args.no_progress && !(c->args.own & 1u << OWN_VERBOSE)))
		return;
	if (b->done == b->total && c->esptool.progress_full)
		return;			/* told already */
	c->esptool.progress_full = b->done == b->total;
	bar(letters, b->done, b->total);
	(void)snprintf(line, sizeof line, "%s 0x%08x [%s] %5.1f%% %lld/%lld "
	    "bytes... ", doing, address_of(c, b->done), letters,
	    100.0 * (double)b->done / (double)b->total, (long long)b->done,
	    (long long)b->total);
	show_progress(&c->show, line);
}

static void
note(struct follow *f, struct board *b, const char *text)
{
	(void)b;
	show_chat(&f->client->show, "%s%s",
	    strncmp(text, "Warning: ", 9) == 0 ? "" : "Note: ", text);
}

static void
ended(struct follow *f, struct board *b)
{
	(void)f;		/* report and tell say it */
	(void)b;
}

/* How the chip was left. */
static void
tell_leave(struct client *c, const struct board *b)
{
	const struct chip	*chip = chip_by_name(member_text(b->found,
				    "chip", "auto"));
	const char		*after = param(c, "after", "hard-reset");
	bool			 watchdog;

	if (chip == NULL)
		return;			/* it was never there */
	watchdog = strcmp(after, "watchdog-reset") == 0 &&
	    (chip->caps & CHIP_WDT_RESET) != 0;
	show_chat(&c->show, "%s", "");
	if (is_method(c, "ram.load"))
		show_chat(&c->show, "Exiting immediately.");
	else if (strcmp(after, "soft-reset") == 0)
		show_chat(&c->show, "Soft resetting...");
	else if (strcmp(after, "no-reset-stub") == 0)
		show_chat(&c->show, "Staying in flasher stub.");
	else if (strcmp(after, "no-reset") == 0)
		show_chat(&c->show, "Staying in bootloader.");
	else
		show_chat(&c->show, watchdog ?
		    "Hard resetting with a watchdog..." :
		    "Hard resetting via RTS pin...");
}

/* esptool fails when it cannot do that, after all the work. */
static void
check_soft_reset(struct client *c, struct json_object *result)
{
	if (strcmp(param(c, "after", ""), "soft-reset") != 0 ||
	    !json_object_get_boolean(member(result, "stub")) ||
	    strcmp(member_text(result, "chip", ""), "ESP8266") == 0)
		return;
	show_error(&c->show, "\nA fatal error occurred: Soft resetting is "
	    "currently only supported on ESP8266");
	c->exit = 2;
}

static void
report(struct follow *f, struct board *b, const char *file)
{
	struct json_object	*result = member(b->object, "result");

	report_work(f->client, b, result, file);
	tell_leave(f->client, b);
	check_soft_reset(f->client, result);
}

static void
fatal(struct client *c, const struct why *why)
{
	char	text[2 * WHY_MAX];

	if (c->args.command == NULL || c->args.command->method == NULL ||
	    why->err == ERR_USAGE || why->err == ERR_OVERLAP) {
		show_error(&c->show, "Error: %s", why_text(why));
		return;
	}
	reason(c, why, text, sizeof text);
	if (esptool_exit(why->err) == 1)
		show_error(&c->show, "\nA serial exception error occurred: "
		    "%s", text);
	else if (why->err == ERR_CANCELED)
		show_error(&c->show, "KeyboardInterrupt: Run cancelled by "
		    "user. %s", text);
	else
		show_error(&c->show, "\nA fatal error occurred: %s", text);
}

static void
tell(struct follow *f, struct board *b)
{
	if (b->why.err == ERR_VERIFY && is_method(f->client, "flash.verify"))
		show_chat(&f->client->show, "Verification failed (digest "
		    "mismatch).");
	tell_leave(f->client, b);
	fatal(f->client, &b->why);
}

static void
failed(struct client *c)
{
	if (c->esptool.searched && c->why.err != ERR_USAGE)
		show_error(&c->show, "\nA fatal error occurred: Could not "
		    "connect to an Espressif device: %s", why_text(&c->why));
	else
		fatal(c, &c->why);
}

const struct voice voice_esptool = {
	.search = search, .port = port, .passed = passed, .again = again,
	.waits = waits, .phase = phase, .progress = progress, .note = note,
	.trace = esptool_trace, .ended = ended, .report = report, .tell = tell,
	.failed = failed,
};
