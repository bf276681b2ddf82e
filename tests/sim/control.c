#include "tests/sim/control.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/buffer.h>

#include "proto/base/text.h"
#include "tests/sim/seat.h"

enum { LINE_MAX_BYTES = 256, WORDS = 4 };

/* Who waits for a board's mode. */
struct awaiting {
	unsigned	number;
	char		mode[16];
};

struct control {
	struct seat	**seats;
	size_t		  count;
	struct event	 *ev;
	struct evbuffer	 *in;
	struct awaiting	 *awaiting;	/* one for each seat */
};

static const struct {
	const char	*name;
	enum board_mode	 mode;
} modes[] = {
	{ "reset", BOARD_RESET },
	{ "app", BOARD_APP },
	{ "download", BOARD_ROM },
	{ "stub", BOARD_STUB },
	{ "hung", BOARD_HUNG },
	{ "held", BOARD_HELD },
};

static void
control_error(const char *what)
{
	printf("error %s\n", what);
}

static void
control_reached(void *arg)
{
	const struct awaiting	*a = arg;

	printf("ok await %u %s\n", a->number, a->mode);
	(void)fflush(stdout);
}

static void
control_await(struct control *c, unsigned n, const char *name)
{
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (strcmp(modes[i].name, name) != 0)
			continue;
		c->awaiting[n].number = n;
		(void)snprintf(c->awaiting[n].mode,
		    sizeof(c->awaiting[n].mode), "%s", name);
		seat_await(c->seats[n], modes[i].mode, control_reached,
		    &c->awaiting[n]);
		return;
	}
	control_error("no such mode");
}

static void
control_do(struct control *c, const char *verb, unsigned n)
{
	static const struct {
		const char	*verb;
		int		(*fn)(struct seat *);
		bool		 names;		/* the board has a name then */
	} table[] = {
		{ "plug", seat_plug, true },
		{ "unplug", seat_unplug, false },
		{ "swap", seat_swap, true },
		{ "look", seat_look, false },
	};
	size_t	i, count = sizeof(table) / sizeof(table[0]);
	int	r;

	for (i = 0; i < count && strcmp(table[i].verb, verb) != 0; i++)
		;
	if (i == count) {
		control_error("no such order");
		return;
	}
	r = table[i].fn(c->seats[n]);
	if (r != 0)
		control_error(strerror(-r));
	else
		printf("ok %s %u%s%s\n", verb, n, table[i].names ? " " : "",
		    table[i].names ? seat_title(c->seats[n]) : "");
}

/* Stop at the K-th burning of fuses. */
static void
control_hold(struct control *c, unsigned n, const char *where, const char *k)
{
	struct simefuse	*e = &seat_board(c->seats[n])->efuse;
	uint32_t	 at;

	if (k == NULL || text_u32(k, &at) != 0 || at == 0 ||
	    (strcmp(where, "before") != 0 && strcmp(where, "after") != 0)) {
		control_error("before or after, and a number are needed");
		return;
	}
	e->hold = at;
	e->hold_before = strcmp(where, "before") == 0;
	printf("ok hold %u %s %u\n", n, where, (unsigned)at);
}

/* False: it is another order. */
static bool
control_fuses(struct control *c, const char *verb, unsigned n)
{
	struct board	*b = seat_board(c->seats[n]);

	if (strcmp(verb, "fuses") == 0) {
		printf("ok fuses %u %u\n", n, b->efuse.programs);
		return true;
	}
	if (strcmp(verb, "release") != 0)
		return false;
	b->efuse.hold = 0;
	board_go_on(b);
	printf("ok release %u\n", n);
	return true;
}

static void
control_line(struct control *c, char *line)
{
	char		*word[WORDS] = { NULL };
	size_t		 words = 0;
	char		*at, *rest = line;
	uint32_t	 n;

	while (words < WORDS && (at = strsep(&rest, " ")) != NULL)
		word[words++] = at;
	if (words < 2 || rest != NULL || text_u32(word[1], &n) != 0 ||
	    n >= c->count)
		control_error("an order and a board's number are needed");
	else if (strcmp(word[0], "await") == 0 && words == 3)
		control_await(c, n, word[2]);
	else if (strcmp(word[0], "hold") == 0 && words == 4)
		control_hold(c, n, word[2], word[3]);
	else if (!control_fuses(c, word[0], n))
		control_do(c, word[0], n);
}

static void
control_cb(evutil_socket_t fd, short what, void *ctx)
{
	struct control	*c = ctx;
	char		*line;

	(void)what;
	if (evbuffer_read(c->in, (int)fd, LINE_MAX_BYTES) <= 0) {
		(void)event_del(c->ev);		/* nobody gives orders now */
		return;
	}
	while ((line = evbuffer_readln(c->in, NULL, EVBUFFER_EOL_LF))) {
		control_line(c, line);
		free(line);
	}
	(void)fflush(stdout);
}

struct control *
control_new(struct event_base *base, struct seat **seats, size_t count)
{
	struct control	*c = calloc(1, sizeof(*c));

	if (c == NULL)
		abort();
	c->seats = seats;
	c->count = count;
	c->in = evbuffer_new();
	c->awaiting = calloc(count, sizeof(*c->awaiting));
	c->ev = event_new(base, STDIN_FILENO, EV_READ | EV_PERSIST, control_cb,
	    c);
	if (c->in == NULL || c->awaiting == NULL || c->ev == NULL)
		abort();
	if (event_add(c->ev, NULL) == 0)
		return c;
	fprintf(stderr, "espsim: --control needs a pipe as standard input\n");
	control_free(c);
	return NULL;
}

void
control_free(struct control *c)
{
	if (c == NULL)
		return;
	event_free(c->ev);
	evbuffer_free(c->in);
	free(c->awaiting);
	free(c);
}
