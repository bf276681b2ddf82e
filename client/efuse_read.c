/* efuse_read - the commands that show what is in the fuses, but the summary, in
 * espefuse's layout (espefuse 5.3, base_operations.py). */
#include "client/efuse_impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <json-c/json.h>

#include "client/client.h"
#include "client/file.h"
#include "proto/base/err.h"
#include "proto/base/text.h"

bool
efuse_format_is(const struct efuse_command *c, const char *format)
{
	size_t	len = strlen(format);

	return strncmp(c->format, format, len) == 0 &&
	    (c->format[len] == '\0' || c->format[len] == '|');
}

char *
efuse_name_for(const struct efuse_run *run, const char *path)
{
	return run->count > 1 ? file_name_for(path, run->at->port) :
	    strdup(path);
}

int
efuse_write_file(const char *path, const void *p, size_t len,
    struct why *why)
{
	struct file_output	o;
	int			r;

	if ((r = file_output_open(&o, path, why)) < 0)
		return r;
	if (write(o.fd, p, len) != (ssize_t)len)
		r = why_set(why, ERR_IO, "'%s' cannot be written", path);
	else
		r = file_output_keep(&o, why);
	file_output_done(&o, false);
	return r;
}

/* "BLOCK_KEY0      (BLOCK4          ) [4 ] dump: 00000000 ..." */
static void
tell_block(struct efuse_run *run, unsigned block, const char *what)
{
	struct efuse_state		*s = &run->at->state;
	const struct efuse_block	*b = &s->efuse->blocks[block];
	char				 alias[2 * EFUSE_NAME_MAX];
	char				 words[EFUSE_WORDS * 9 + 1] = "";
	size_t				 n = efuse_block_bytes(s, block) / 4;

	(void)snprintf(alias, sizeof alias, "%s%s%s", b->alias[0] ?
	    b->alias[0] : "", b->alias[1] ? " " : "", b->alias[1] ?
	    b->alias[1] : "");
	for (size_t i = 0; i < n; i++)
		(void)snprintf(words + 9 * i, sizeof words - 9 * i, " %08x",
		    s->words[block][i]);
	show_out(&run->client->show, "%-15s (%-16.16s) [%-2u] %s:%s", b->name,
	    alias, block, what, words);
}

/* Registers that tell of errors, as espefuse --debug has them. */
static void
show_errors(struct efuse_run *run)
{
	const struct efuse_state	*s = &run->at->state;
	const struct efuse_control	*c = &s->efuse->control;
	struct show			*show = &run->client->show;
	char				 words[EFUSE_WORDS * 9 + 1] = "";
	uint16_t			 reg, last = 0;

	if (s->efuse->flags & EFUSE_CHIP_ESP32) {
		show_chat(show, "\nEFUSE_REG_DEC_STATUS        0x%08x",
		    s->raw.window[c->dec_status / 4]);
		return;
	}
	for (size_t i = 0; i < efuse_block_bytes(s, 0) / 4; i++)
		(void)snprintf(words + 9 * i, sizeof words - 9 * i, " %08x",
		    s->err0[i]);
	show_chat(show, "\n%-15s (%-16s) [%-2u] err__regs:%s",
	    s->efuse->blocks[0].name, "", 0, words);
	for (unsigned n = 0;; n++) {
		reg = UINT16_MAX;
		for (size_t i = 0; i < EFUSE_BLOCKS; i++)
			if (c->errors[i].count_reg > last &&
			    c->errors[i].count_reg < reg)
				reg = c->errors[i].count_reg;
		if (reg == UINT16_MAX)
			return;
		show_chat(show, "EFUSE_RD_RS_ERR%u_REG        0x%08x", n,
		    s->raw.window[reg / 4]);
		last = reg;
	}
}

void
efuse_show_all(struct efuse_run *run)
{
	const struct efuse_state	*s = &run->at->state;

	if (!run->line.debug)
		return;
	for (unsigned i = 0; i < efuse_block_count(s->efuse); i++)
		tell_block(run, i, "read_regs");
	show_errors(run);
}

/* A block's file: "d.bin" and 4 make "d4.bin". */
static char *
block_name(const char *path, unsigned block)
{
	const char	*slash = strrchr(path, '/');
	const char	*base = slash != NULL ? slash + 1 : path;
	const char	*dot = strrchr(base, '.');
	char		*name;
	int		 len;

	/* Dots that a name begins with are no extension. */
	if (dot == NULL || strspn(base, ".") > (size_t)(dot - base))
		dot = base + strlen(base);
	len = (int)(dot - path);
	return asprintf(&name, "%.*s%u%s", len, path, block, dot) < 0 ? NULL :
	    name;
}

static int
dump_split(struct efuse_run *run, const char *path)
{
	struct efuse_state	*s = &run->at->state;
	uint8_t			 bytes[EFUSE_BLOCK_BYTES];
	char			*name;
	int			 r = 0;

	for (unsigned i = 0; i < efuse_block_count(s->efuse) && r == 0; i++) {
		if ((name = block_name(path, i)) == NULL)
			return why_set(&run->client->why, ERR_NOMEM,
			    "out of memory");
		show_chat(&run->client->show, "Dump eFuse block%u -> %s", i,
		    name);
		efuse_block_get(s, i, bytes);
		r = efuse_write_file(name, bytes, efuse_block_bytes(s, i),
		    &run->client->why);
		free(name);
	}
	return r;
}

static int
dump_joint(struct efuse_run *run, const char *path)
{
	struct efuse_state	*s = &run->at->state;
	uint8_t			 all[EFUSE_BLOCKS * EFUSE_BLOCK_BYTES];
	uint8_t			 bytes[EFUSE_BLOCK_BYTES];
	size_t			 len = 0, n;

	show_chat(&run->client->show, "Dump eFuse blocks -> %s", path);
	for (unsigned i = 0; i < efuse_block_count(s->efuse); i++) {
		efuse_block_get(s, i, bytes);
		n = efuse_block_bytes(s, i);
		memcpy(all + len, bytes, n);
		len += n;
	}
	return efuse_write_file(path, all, len, &run->client->why);
}

/* A line of hex for each block. */
static void
dump_hex(struct efuse_run *run)
{
	struct efuse_state	*s = &run->at->state;
	uint8_t			 bytes[EFUSE_BLOCK_BYTES];
	char			 hex[2 * EFUSE_BLOCK_BYTES + 1];

	for (unsigned i = 0; i < efuse_block_count(s->efuse); i++) {
		efuse_block_get(s, i, bytes);
		text_hex(hex, bytes, efuse_block_bytes(s, i));
		show_out(&run->client->show, "%s", hex);
	}
}

static struct json_object *
dump_object(const struct efuse_state *s)
{
	struct json_object	*list = json_object_new_array();
	char			 word[16];

	for (unsigned i = 0; i < efuse_block_count(s->efuse); i++) {
		struct json_object	*o = json_object_new_object();
		struct json_object	*words = json_object_new_array();

		for (size_t w = 0; w < efuse_block_bytes(s, i) / 4; w++) {
			(void)snprintf(word, sizeof word, "0x%08x",
			    s->words[i][w]);
			(void)json_object_array_add(words,
			    json_object_new_string(word));
		}
		json_object_object_add(o, "name",
		    json_object_new_string(s->efuse->blocks[i].name));
		json_object_object_add(o, "number",
		    json_object_new_int((int)i));
		json_object_object_add(o, "words", words);
		(void)json_object_array_add(list, o);
	}
	return list;
}

int
efuse_read_dump(struct efuse_run *run, size_t command)
{
	const struct efuse_command	*c = &run->line.commands[command];
	const struct efuse_state	*s = &run->at->state;
	char				*path;
	int				 r;

	if (run->at->report != NULL)
		json_object_object_add(run->at->report, "blocks",
		    dump_object(s));
	if (c->file == NULL) {
		if (!efuse_format_is(c, "default"))
			dump_hex(run);
		else
			for (unsigned i = 0; i < efuse_block_count(s->efuse);
			    i++)
				tell_block(run, i, "dump");
		return 0;
	}
	if ((path = efuse_name_for(run, c->file)) == NULL)
		return why_set(&run->client->why, ERR_NOMEM, "out of memory");
	/* A file and no format: one for each block, as of old. */
	r = efuse_format_is(c, "joint") ? dump_joint(run, path) :
	    dump_split(run, path);
	free(path);
	return r;
}

int
efuse_read_mac(struct efuse_run *run, size_t command)
{
	struct efuse_state		*s = &run->at->state;
	struct show			*show = &run->client->show;
	bool				 esp32;
	const struct efuse_field	*f;
	char				 value[EFUSE_TEXT_MAX];
	uint32_t			 version;

	(void)command;
	esp32 = s->efuse->flags & EFUSE_CHIP_ESP32;
	version = esp32 ? efuse_number(s, "MAC_VERSION") : 0;
	if (esp32 && version == 0) {
		show_out(show, "Custom MAC Address is not set in the device.");
		return 0;
	}
	if ((f = efuse_field_find(s, "CUSTOM_MAC")) == NULL)
		return why_set(&run->client->why, ERR_UNSUPPORTED, "%s has no "
		    "place for a MAC address of one's own",
		    s->efuse->chip->name);
	efuse_value(s, f, value);
	if (run->at->report != NULL)
		json_object_object_add(run->at->report, "custom_mac",
		    json_object_new_string(value));
	if (esp32)
		show_out(show, "Custom MAC Address version %u: %s", version,
		    value);
	else
		show_out(show, "Custom MAC Address: %s", value);
	return 0;
}

/* A line about something with errors; false: that can never be repaired. */
static bool
error_line(struct efuse_run *run, unsigned block, const char *name,
    const char *value, bool writable)
{
	show_out(&run->client->show, "BLOCK%-2u: %-40s = %-8s (%s)", block,
	    name, value, writable ? "writable" : "not writable");
	return writable;
}

static bool
errors_block0(struct efuse_run *run)
{
	struct efuse_state		*s = &run->at->state;
	const struct efuse_field	*f = NULL;
	char				 value[EFUSE_TEXT_MAX];
	bool				 writable = true;

	while ((f = efuse_field_next(s, f)) != NULL) {
		if (f->block != 0 || !efuse_field_bad(s, f))
			continue;
		efuse_value(s, f, value);
		writable &= error_line(run, 0, f->name, value,
		    efuse_writable(s, f));
	}
	return writable;
}

static bool
errors_block(struct efuse_run *run, unsigned i)
{
	struct efuse_state	*s = &run->at->state;
	uint8_t			 bytes[EFUSE_BLOCK_BYTES];
	char			 name[2 * EFUSE_NAME_MAX];
	char			 value[EFUSE_TEXT_MAX];

	(void)snprintf(name, sizeof name, "%s [ERRORS:%u FAIL:%d]",
	    s->efuse->blocks[i].name, s->errors[i], s->failed[i]);
	efuse_block_get(s, i, bytes);
	efuse_bits_text(bytes, 8 * efuse_block_bytes(s, i), value);
	return error_line(run, i, name, value, efuse_block_writable(s, i));
}

/* Tell of all errors; false: there are none. */
static bool
errors_tell(struct efuse_run *run)
{
	struct efuse_state	*s = &run->at->state;
	struct show		*show = &run->client->show;
	bool			 any = false, writable = true;

	for (unsigned i = 0; i < efuse_block_count(s->efuse); i++)
		if (s->failed[i] || s->errors[i] != 0) {
			any = true;
			show_out(show, "Error(s) in BLOCK%u [ERRORS:%u "
			    "FAIL:%s].", i, s->errors[i], s->failed[i] ?
			    "True" : "False");
		}
	for (unsigned i = 0; i < efuse_block_count(s->efuse); i++) {
		if (!s->failed[i] && s->errors[i] == 0)
			continue;
		writable &= i == 0 ? errors_block0(run) :
		    errors_block(run, i);
	}
	if (!writable)
		show_out(show, "Not all errors can be fixed because some "
		    "fields are write-protected!");
	return any;
}

int
efuse_read_check(struct efuse_run *run, size_t command)
{
	const struct efuse_command	*c = &run->line.commands[command];
	bool				 any = errors_tell(run);
	int				 r;

	if (any && c->recovery) {
		if ((r = efuse_want_repair(run, command)) < 0 ||
		    (r = efuse_burn_plan(run, command)) < 0 ||
		    (r = efuse_burn_now(run, command,
		    "Recovery of block coding errors")) < 0)
			return r;
		any = errors_tell(run);
	}
	if (any)
		return why_set(&run->client->why, ERR_VERIFY,
		    "Error(s) were detected in eFuses.%s", c->recovery ? "" :
		    " check-error --recovery may repair them");
	show_out(&run->client->show, "No errors detected.");
	return 0;
}
