#include "client/show.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <json-c/json.h>

#include "proto/base/err.h"

/* ECMA-48: what every terminal since the VT100 does. */
#define ESC_ERASE_LINE	"\033[K"
#define ESC_ERASE_BELOW	"\033[J"
#define ESC_UP		"\033[%uA"
#define ESC_GREEN	"\033[32m"
#define ESC_RED		"\033[31m"
#define ESC_NORMAL	"\033[0m"

enum {
	COLUMNS_MAX	= 12,	/* of a table */
	WIDTH		= 120,	/* letters of a line, where nobody says */
	WIDTH_MIN	= 80,
};

void
show_init(struct show *s, bool json, bool no_progress, bool silent)
{
	const char	*term = getenv("TERM");
	const char	*no_color = getenv("NO_COLOR");

	bool		 dumb = term == NULL || strcmp(term, "dumb") == 0;

	*s = (struct show){ .json = json, .silent = silent };
	s->live = !json && !no_progress && !silent && !dumb &&
	    isatty(STDERR_FILENO);
	s->smart = !json && !no_progress && !dumb && isatty(STDOUT_FILENO);
	s->color = s->live && (no_color == NULL || no_color[0] == '\0');
}

void
show_esptool(struct show *s)
{
	s->esptool = true;
	s->live = s->color = false;
}

void
show_size(unsigned *columns, unsigned *rows)
{
	struct winsize	w;

	*columns = 80;
	*rows = 24;
	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &w) < 0)
		return;
	if (w.ws_col > 0)
		*columns = w.ws_col;
	if (w.ws_row > 0)
		*rows = w.ws_row;
}

unsigned
show_width(void)
{
	struct winsize	w;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) < 0 || w.ws_col == 0)
		return WIDTH;
	return w.ws_col < WIDTH_MIN ? WIDTH_MIN : w.ws_col;
}

void
show_block_end(struct show *s)
{
	if (s->drawn > 0)
		(void)fprintf(stderr, ESC_UP "\r" ESC_ERASE_BELOW, s->drawn);
	s->drawn = 0;
}

static void __attribute__((format(printf, 3, 0)))
print_line(FILE *f, const char *prefix, const char *fmt, va_list ap)
{
	(void)fputs(prefix, f);
	(void)vfprintf(f, fmt, ap);
	(void)fputc('\n', f);
}

/* Ends what was printed piece by piece. */
static void
end_line(struct show *s)
{
	if (s->open)
		(void)fputc('\n', stdout);
	s->open = s->redraw = false;
	show_block_end(s);
}

void
show_out(struct show *s, const char *fmt, ...)
{
	va_list	ap;

	if (s->json)
		return;
	end_line(s);
	va_start(ap, fmt);
	print_line(stdout, "", fmt, ap);
	va_end(ap);
	(void)fflush(stdout);
}

void
show_chat(struct show *s, const char *fmt, ...)
{
	va_list	ap;

	if (s->json || s->silent)
		return;
	end_line(s);
	va_start(ap, fmt);
	print_line(s->esptool && !s->aside ? stdout : stderr, "", fmt, ap);
	va_end(ap);
	(void)fflush(stdout);
}

void
show_part(struct show *s, const char *text)
{
	if (s->json || s->silent)
		return;
	if (s->redraw)
		end_line(s);
	(void)fputs(text, stdout);
	(void)fflush(stdout);
	s->open = true;
}

void
show_progress(struct show *s, const char *text)
{
	if (!s->smart) {
		show_chat(s, "%s", text);
		return;
	}
	if (s->json || s->silent)
		return;
	if (s->open && !s->redraw)
		end_line(s);
	(void)fputc('\r', stdout);
	(void)fputs(text, stdout);
	(void)fputs(ESC_ERASE_LINE, stdout);
	(void)fflush(stdout);
	s->open = s->redraw = true;
}

void
show_error(struct show *s, const char *fmt, ...)
{
	va_list	ap;

	end_line(s);
	(void)fflush(stdout);	/* keep the order when both are one file */
	va_start(ap, fmt);
	print_line(stderr, s->esptool ? "" : "espctl: ", fmt, ap);
	va_end(ap);
}

void
show_json(struct show *s, struct json_object *o)
{
	if (!s->json)
		return;
	(void)puts(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN |
	    JSON_C_TO_STRING_NOSLASHESCAPE));
	(void)fflush(stdout);	/* who reads along wants it now */
}

static const char *
mood_color(const struct show *s, enum show_mood mood)
{
	if (!s->color || mood == SHOW_PLAIN)
		return "";
	return mood == SHOW_GOOD ? ESC_GREEN : ESC_RED;
}

void
show_block(struct show *s, const struct show_line *lines, size_t count)
{
	unsigned	columns, rows;
	const char	*color;

	if (!s->live)
		return;
	show_size(&columns, &rows);
	if (s->drawn > 0)
		(void)fprintf(stderr, ESC_UP "\r", s->drawn);
	for (size_t i = 0; i < count; i++) {
		color = mood_color(s, lines[i].mood);
		(void)fprintf(stderr, "%s%.*s%s" ESC_ERASE_LINE "\n", color,
		    (int)columns - 1, lines[i].text,
		    color[0] ? ESC_NORMAL : "");
	}
	if (s->drawn > count)
		(void)fputs(ESC_ERASE_BELOW, stderr);
	s->drawn = (unsigned)count;
}

void
show_table(struct show *s, const char *const *cells, size_t columns,
    size_t rows)
{
	int		width[COLUMNS_MAX] = { 0 };
	const char	*cell;

	if (s->json || columns > COLUMNS_MAX)
		return;
	show_block_end(s);
	for (size_t i = 0; i < rows * columns; i++) {
		cell = cells[i] != NULL ? cells[i] : "-";
		if ((int)strlen(cell) > width[i % columns])
			width[i % columns] = (int)strlen(cell);
	}
	for (size_t i = 0; i < rows * columns; i++) {
		cell = cells[i] != NULL ? cells[i] : "-";
		if ((i + 1) % columns == 0)
			(void)printf("%s\n", cell);
		else
			(void)printf("%-*s  ", width[i % columns], cell);
	}
	(void)fflush(stdout);
}

int
show_flush(struct show *s)
{
	end_line(s);
	if (fflush(stdout) != 0 || ferror(stdout))
		return ERR_IO;
	return 0;
}
