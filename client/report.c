#include "client/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/client.h"
#include "client/follow.h"
#include "client/member.h"
#include "client/show.h"
#include "client/voice.h"
#include "proto/base/err.h"
#include "proto/rpc/rpc.h"

enum { COLUMNS = 5, CELL = 160 };

/* The last column of the table: what was done. */
static void
outcome(const struct board *b, const char *file, char *out, size_t size)
{
	if (b->why.err != 0)
		(void)snprintf(out, size, "%s (%s)", strcmp(b->state,
		    "failed") == 0 ? "FAILED" : b->state,
		    err_class(b->why.err));
	else
		report_outcome(b, member(b->object, "result"), file, out,
		    size);
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
		f->client->voice->report(f, f->boards,
		    files != NULL ? files[0] : NULL);
	for (size_t i = 0; i < f->count; i++)
		follow_tell(f, &f->boards[i]);
	return err;
}
