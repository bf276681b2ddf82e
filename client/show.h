#ifndef CLIENT_SHOW_H
#define CLIENT_SHOW_H
/*
 * show - everything espctl prints; no other file does.
 *
 * Results go to stdout, chat to stderr.  On a terminal a block of lines can be
 * redrawn in place (live); lines printed meanwhile go above it.  With `json`
 * only lines of JSON are printed, on stdout.  With `esptool` all but errors goes
 * to stdout, as that tool has it, and a line may be printed piece by piece.
 * Whatever is printed is there at once, also when it goes into a pipe.
 */
#include <stdbool.h>
#include <stddef.h>

struct json_object;

enum { SHOW_LINE_MAX = 256 };	/* bytes of a line of the block, with NUL */

enum show_mood { SHOW_PLAIN, SHOW_GOOD, SHOW_BAD };

struct show_line {
	char		text[SHOW_LINE_MAX];	/* printable ASCII */
	enum show_mood	mood;
};

struct show {
	bool		json;
	bool		silent;		/* results and errors only */
	bool		esptool;	/* its streams, no "espctl: " */
	bool		aside;		/* esptool: stdout is a file's, chat
					 * goes to stderr all the same */
	bool		open;		/* esptool: a line is not ended yet */
	bool		redraw;		/* esptool: that line is a progress */
	bool		smart;		/* esptool: stdout is a terminal */
	bool		live;		/* a block can be redrawn */
	bool		color;
	unsigned	drawn;		/* lines of the block on the terminal */
};

/* Looks at stderr, stdout, TERM and NO_COLOR. */
void show_init(struct show *, bool json, bool no_progress, bool silent);
/* From now on as esptool does. */
void show_esptool(struct show *);

/* A line of the result, on stdout; nothing with json. */
void show_out(struct show *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* A line of chat, on stderr; nothing with json or silent. */
void show_chat(struct show *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* esptool: a piece of a line of chat, and a progress that takes the place of
 * the last one where stdout is a terminal. */
void show_part(struct show *, const char *text);
void show_progress(struct show *, const char *text);

/* "espctl: ..." on stderr, with json too. */
void show_error(struct show *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* One line of JSON on stdout; nothing without json. */
void show_json(struct show *, struct json_object *);

/* Size of the terminal; 80 x 24 when unknown. */
void show_size(unsigned *columns, unsigned *rows);

/* Columns for a table on stdout: the terminal's, at least 80; 120 elsewhere. */
unsigned show_width(void);

/* Draw the block in place of the last; only when live. */
void show_block(struct show *, const struct show_line *, size_t count);
/* Wipe it out. */
void show_block_end(struct show *);

/* A table on stdout: rows of `columns` texts, the first row its head.  NULL is
 * shown as "-". */
void show_table(struct show *, const char *const *cells, size_t columns,
    size_t rows);

/* 0, or ERR_IO when something could not be printed. */
int show_flush(struct show *);
#endif
