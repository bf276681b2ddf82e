#include "client/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/client.h"
#include "client/follow.h"
#include "client/member.h"
#include "client/show.h"
#include "proto/base/err.h"
#include "proto/base/text.h"
#include "proto/rpc/rpc.h"

enum { COLUMNS = 5, CELL = 160 };

/* kbit/s, as esptool counts: 1000 bits. */
static double
kbits(int64_t bytes, double seconds)
{
	return seconds > 0 ? (double)bytes * 8 / seconds / 1000 : 0;
}

static void
size_name(struct json_object *flash, char *out, size_t size)
{
	int64_t	bytes = member_number(flash, "size", 0);

	if (bytes > 0)
		text_size_name(out, size, (uint32_t)bytes);
	else
		(void)snprintf(out, size, "Unknown");
}

static void
report_chip(struct show *show, struct json_object *result)
{
	const char	*revision = member_text(result, "revision", NULL);
	const char	*text = member_text(result, "description",
			    member_text(result, "chip", "?"));

	if (revision != NULL && strstr(text, "revision") == NULL)
		show_out(show, "%-20s%s (revision %s)", "Chip type:", text,
		    revision);
	else
		show_out(show, "%-20s%s", "Chip type:", text);
	if (member(result, "features") != NULL)
		show_out(show, "%-20s%s", "Features:",
		    member_text(result, "features", ""));
	if (member(result, "crystal_mhz") != NULL)
		show_out(show, "%-20s%lldMHz", "Crystal frequency:",
		    (long long)member_number(result, "crystal_mhz", 0));
	if (member(result, "mac") != NULL)
		show_out(show, "%-20s%s", "MAC:",
		    member_text(result, "mac", ""));
}

static void
report_flash(struct show *show, struct json_object *flash)
{
	const char	*maker = member_text(flash, "maker", NULL);
	char		 size[32];

	size_name(flash, size, sizeof size);
	show_out(show, "Manufacturer: %s%s%s%s",
	    member_text(flash, "manufacturer", "?"), maker ? " (" : "",
	    maker ? maker : "", maker ? ")" : "");
	show_out(show, "Device: %s", member_text(flash, "device", "?"));
	show_out(show, "Detected flash size: %s", size);
}

/* `seconds` of the write, when it was this image alone; else 0. */
static void
report_written(struct show *show, struct json_object *image, double seconds)
{
	long long	bytes = member_number(image, "bytes", 0);
	long long	packed = member_number(image, "compressed", 0);
	char		compressed[48] = "", time[64] = "";

	if (packed > 0)
		(void)snprintf(compressed, sizeof compressed,
		    " (%lld compressed)", packed);
	if (seconds > 0)
		(void)snprintf(time, sizeof time, " in %.1f seconds "
		    "(%.1f kbit/s)", seconds, kbits(bytes, seconds));
	show_out(show, "Wrote %lld bytes%s at 0x%08llx%s.", bytes, compressed,
	    (long long)member_number(image, "offset", 0), time);
	if (json_object_get_boolean(member(image, "verified")))
		show_out(show, "Hash of data verified.");
}

static void
report_writes(struct show *show, struct json_object *result)
{
	struct json_object	*images = member_array(result, "images");
	double			 seconds = member_double(result,
				    "write_seconds");
	size_t			 n = array_count(images);
	long long		 bytes = 0;

	for (size_t i = 0; i < n; i++) {
		report_written(show, json_object_array_get_idx(images, i),
		    n == 1 ? seconds : 0);
		bytes += member_number(json_object_array_get_idx(images, i),
		    "bytes", 0);
	}
	if (n > 1 && seconds > 0)
		show_out(show, "Together %lld bytes in %.1f seconds "
		    "(%.1f kbit/s).", bytes, seconds, kbits(bytes, seconds));
}

static void
report_verified(struct show *show, struct json_object *result)
{
	struct json_object	*images = member_array(result, "images");
	struct json_object	*image;

	for (size_t i = 0; i < array_count(images); i++) {
		image = json_object_array_get_idx(images, i);
		show_out(show, "'%s' at 0x%08llx, %lld bytes:",
		    member_text(image, "name", "?"),
		    (long long)member_number(image, "offset", 0),
		    (long long)member_number(image, "bytes", 0));
		if (json_object_get_boolean(member(image, "verified")))
			show_out(show, "Verification successful "
			    "(digest matched).");
	}
}

/* What is special of each method. */
static void
report_work(struct show *show, const struct board *b,
    struct json_object *result, const char *file)
{
	long long	bytes = member_number(result, "bytes", 0);
	long long	offset = member_number(result, "offset", 0);
	double		seconds = member_double(result, "seconds");
	char		chip_id[16];

	if (strcmp(b->method, "flash.write") == 0)
		report_writes(show, result);
	else if (strcmp(b->method, "flash.verify") == 0)
		report_verified(show, result);
	else if (strcmp(b->method, "flash.id") == 0)
		report_flash(show, member(result, "flash"));
	else if (strcmp(b->method, "flash.read") == 0)
		show_out(show, "Read %lld bytes from 0x%08llx in %.1f seconds "
		    "(%.1f kbit/s)%s%s%s.", bytes, offset, seconds,
		    kbits(bytes, seconds), file ? " to '" : "",
		    file ? file : "", file ? "'" : "");
	else if (strcmp(b->method, "flash.erase") == 0)
		show_out(show, "Flash memory erased successfully in %.1f "
		    "seconds.", seconds);
	else if (strcmp(b->method, "flash.erase_region") == 0)
		show_out(show, "%lld bytes from 0x%08llx erased successfully "
		    "in %.1f seconds.", bytes, offset, seconds);
	else if (strcmp(b->method, "chip.id") == 0 &&
	    member(result, "chip_id") != NULL) {
		(void)snprintf(chip_id, sizeof chip_id, "0x%08llx",
		    (long long)member_number(result, "chip_id", 0));
		show_out(show, "Chip ID: %s", chip_id);
	} else if (strcmp(b->method, "chip.id") == 0)
		show_chat(show, "%s has no chip id; its MAC address is as "
		    "good.", member_text(result, "chip", "This chip"));
}

static void
report_one(struct show *show, const struct board *b, const char *file)
{
	struct json_object	*result = member(b->object, "result");

	report_chip(show, result);
	report_work(show, b, result, file);
}

static bool
all_verified(struct json_object *images)
{
	for (size_t i = 0; i < array_count(images); i++)
		if (!json_object_get_boolean(member(json_object_array_get_idx(
		    images, i), "verified")))
			return false;
	return true;
}

/* The last column of the table: what was done. */
static void
outcome(const struct board *b, const char *file, char *out, size_t size)
{
	struct json_object	*result = member(b->object, "result");
	struct json_object	*images = member_array(result, "images");
	struct json_object	*flash = member(result, "flash");
	long long		 bytes = member_number(result, "bytes", 0);
	char			 name[32];

	size_name(flash, name, sizeof name);
	for (size_t i = 0; i < array_count(images); i++)
		bytes += member_number(json_object_array_get_idx(images, i),
		    "bytes", 0);
	if (b->why.err != 0)
		(void)snprintf(out, size, "%s (%s)", strcmp(b->state,
		    "failed") == 0 ? "FAILED" : b->state,
		    err_class(b->why.err));
	else if (strcmp(b->method, "flash.write") == 0)
		(void)snprintf(out, size, "wrote %lld bytes, %s", bytes,
		    all_verified(images) ? "verified" : "NOT verified");
	else if (strcmp(b->method, "flash.verify") == 0)
		(void)snprintf(out, size, "%lld bytes match", bytes);
	else if (strcmp(b->method, "flash.read") == 0)
		(void)snprintf(out, size, "read %lld bytes%s%.100s", bytes,
		    file ? " to " : "", file ? file : "");
	else if (strcmp(b->method, "flash.id") == 0)
		(void)snprintf(out, size, "%s %s, %s",
		    member_text(flash, "maker",
		    member_text(flash, "manufacturer", "?")),
		    member_text(flash, "device", "?"), name);
	else if (strncmp(b->method, "flash.erase", 11) == 0)
		(void)snprintf(out, size, "erased %lld bytes", bytes);
	else if (member(result, "chip_id") != NULL)
		(void)snprintf(out, size, "chip id 0x%08llx",
		    (long long)member_number(result, "chip_id", 0));
	else
		(void)snprintf(out, size, "%s",
		    member_text(result, "description", "done"));
}

static void
report_table(struct show *show, const struct board *boards, size_t count,
    char *const *files)
{
	static const char *const	 head[COLUMNS] = { "PORT", "CHIP",
					    "MAC", "SECONDS", "RESULT" };
	const char			**cells, **row;
	char				(*text)[2][CELL];
	struct json_object		*result;

	cells = calloc((count + 1) * COLUMNS, sizeof *cells);
	text = calloc(count, sizeof *text);
	if (cells == NULL || text == NULL) {
		free(cells);
		free(text);
		return;
	}
	memcpy(cells, head, sizeof head);
	for (size_t i = 0; i < count; i++) {
		row = cells + (i + 1) * COLUMNS;
		result = member(boards[i].object, "result");
		row[0] = boards[i].port;
		row[1] = member_text(result, "chip", NULL);
		row[2] = member_text(result, "mac", NULL);
		if (member(result, "seconds") != NULL) {
			(void)snprintf(text[i][0], CELL, "%.1f",
			    member_double(result, "seconds"));
			row[3] = text[i][0];
		}
		outcome(&boards[i], files ? files[i] : NULL, text[i][1], CELL);
		row[4] = text[i][1];
	}
	show_table(show, cells, COLUMNS, count + 1);
	free(text);
	free(cells);
}

/* The job as the daemon showed it; what went wrong on our side is added. */
static struct json_object *
board_json(const struct board *b)
{
	struct json_object	*o = json_object_get(b->object);

	if (o == NULL) {
		o = json_object_new_object();
		json_object_object_add(o, "job", json_object_new_int64(b->job));
		json_object_object_add(o, "method",
		    json_object_new_string(b->method));
		json_object_object_add(o, "port",
		    json_object_new_string(b->port));
	}
	if (b->why.err != 0 && member(o, "error") == NULL) {
		json_object_object_add(o, "state",
		    json_object_new_string(b->state));
		json_object_object_add(o, "error",
		    rpc_error_object(&b->why, NULL));
	}
	return o;
}

static void
report_json(struct show *show, const struct follow *f, int err)
{
	struct json_object	*o = json_object_new_object();
	struct json_object	*list = json_object_new_array();

	for (size_t i = 0; i < f->count; i++)
		(void)json_object_array_add(list, board_json(&f->boards[i]));
	json_object_object_add(o, "type", json_object_new_string("result"));
	json_object_object_add(o, "exit", json_object_new_int(err_exit(err)));
	json_object_object_add(o, "jobs", list);
	show_json(show, o);
	json_object_put(o);
}

int
report_follow(struct follow *f, char *const *files)
{
	struct show	*show = &f->client->show;
	int		 err = follow_outcome(f);

	show_block_end(show);
	if (show->json) {
		report_json(show, f, err);
		return err;
	}
	if (f->count > 1)
		report_table(show, f->boards, f->count, files);
	else if (err == 0)
		report_one(show, f->boards, files != NULL ? files[0] : NULL);
	for (size_t i = 0; i < f->count; i++)
		follow_tell(f, &f->boards[i]);
	return err;
}
