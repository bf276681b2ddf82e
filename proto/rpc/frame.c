#include "proto/rpc/frame.h"

#include <string.h>

#include <json-c/json.h>

#include "proto/base/err.h"

void
frame_init(struct frame *f)
{
	/* A line almost complete, and a chunk as long behind it. */
	buf_init(&f->line, 2 * (FRAME_LINE_MAX + 1));
	f->taken = f->scanned = f->tail = 0;
}

void
frame_done(struct frame *f)
{
	buf_done(&f->line);
	f->taken = f->scanned = f->tail = 0;
}

/* Length of the unfinished line once `len` bytes follow `tail` of them. */
static int
frame_tail(size_t tail, const uint8_t *p, size_t len, size_t *result)
{
	const uint8_t	*nl;
	size_t		 n;

	while ((nl = memchr(p, '\n', len)) != NULL) {
		n = (size_t)(nl - p);
		if (n > FRAME_LINE_MAX - tail)
			return ERR_LIMIT;
		tail = 0;
		p += n + 1;
		len -= n + 1;
	}
	if (len > FRAME_LINE_MAX - tail)
		return ERR_LIMIT;
	*result = tail + len;
	return 0;
}

int
frame_add(struct frame *f, const void *p, size_t len)
{
	size_t	tail;
	int	r;

	if (len == 0)
		return 0;
	/* Lines that were taken go now, once for all of them: dropping each
	 * when it is taken would move the rest a thousand times. */
	if (f->taken > 0) {
		buf_consume(&f->line, f->taken);
		f->scanned -= f->taken;
		f->taken = 0;
	}
	if ((r = frame_tail(f->tail, p, len, &tail)) < 0 ||
	    (r = buf_add(&f->line, p, len)) < 0)
		return r;
	f->tail = tail;
	return 0;
}

/* One line without its newline, followed by a NUL.  json-c gives NULL for the
 * text "null" too, so that only its error tells. */
static int
frame_parse(const char *line, size_t len, struct json_object **json,
    struct why *why)
{
	struct json_tokener	*tok;
	enum json_tokener_error	 error;
	struct json_object	*o;
	size_t			 end;

	/* json-c counts the outermost value as a level of its own. */
	if ((tok = json_tokener_new_ex(FRAME_DEPTH_MAX + 1)) == NULL)
		return why_set(why, ERR_NOMEM, "out of memory");
	json_tokener_set_flags(tok, JSON_TOKENER_STRICT |
	    JSON_TOKENER_VALIDATE_UTF8);
	o = json_tokener_parse_ex(tok, line, (int)len + 1);
	error = json_tokener_get_error(tok);
	end = json_tokener_get_parse_end(tok);
	json_tokener_free(tok);
	if (error == json_tokener_error_depth)
		return why_set(why, ERR_LIMIT, "the JSON is nested deeper "
		    "than %d levels", FRAME_DEPTH_MAX);
	if (error == json_tokener_error_parse_eof ||
	    error == json_tokener_continue)
		return why_set(why, ERR_PARSE,
		    "the JSON ends in the middle of a value");
	if (error == json_tokener_success && end < len) {
		json_object_put(o);
		return why_set(why, ERR_PARSE, "something follows the JSON "
		    "value at byte %zu", end);
	}
	if (error != json_tokener_success)
		return why_set(why, ERR_PARSE, "not JSON at byte %zu: %s", end,
		    json_tokener_error_desc(error));
	*json = o;
	return 0;
}

static int
frame_blank(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (strchr(" \t\r", s[i]) == NULL || s[i] == '\0')
			return 0;
	return 1;
}

int
frame_next(struct frame *f, struct json_object **json, struct why *why)
{
	uint8_t	*nl;
	char	*line;
	size_t	 len;
	int	 r;

	for (;;) {
		if (f->scanned == f->line.len)
			return 0;
		nl = memchr(f->line.data + f->scanned, '\n',
		    f->line.len - f->scanned);
		if (nl == NULL) {
			f->scanned = f->line.len;
			return 0;
		}
		line = (char *)f->line.data + f->taken;
		len = (size_t)((char *)nl - line);
		*nl = '\0';
		f->taken += len + 1;
		f->scanned = f->taken;
		if (frame_blank(line, len))
			continue;
		r = frame_parse(line, len, json, why);
		return r < 0 ? r : 1;
	}
}
