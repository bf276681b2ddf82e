#include "client/follow.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "client/client.h"
#include "client/member.h"
#include "client/search.h"
#include "client/voice.h"
#include "proto/base/err.h"
#include "proto/base/text.h"
#include "proto/rpc/rpc.h"

enum {
	DRAW_MS		= 100,		/* not more often than that */
	BAR		= 16,		/* letters of the bar */
	PORT_MAX	= 28,		/* letters of a port in the block */
};

static int64_t
now_ms(void)
{
	struct timespec	ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Everything but traces, unless they are wanted. */
static struct json_object *
event_types(const struct args *a)
{
	static const char *const	 types[] = { "job.state", "job.phase",
					    "job.progress", "job.note" };
	struct json_object		*o = json_object_new_object();
	struct json_object		*list = json_object_new_array();

	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		(void)json_object_array_add(list,
		    json_object_new_string(types[i]));
	if (json_object_get_boolean(member(a->params, "trace")))
		(void)json_object_array_add(list,
		    json_object_new_string("job.trace"));
	json_object_object_add(o, "types", list);
	return o;
}

int
follow_begin(struct follow *f, struct client *c, bool own)
{
	struct json_object	*o = NULL;
	sigset_t		 set;
	int			 r;

	*f = (struct follow){ .client = c, .own = own, .signals = -1 };
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGINT);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0 ||
	    (f->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)) < 0)
		return why_set(&c->why, ERR_IO, "signals cannot be caught");
	r = client_call(c, "events.subscribe", event_types(&c->args), &o);
	json_object_put(o);
	return r;
}

void
follow_done(struct follow *f)
{
	sigset_t	set;

	for (size_t i = 0; i < f->count; i++) {
		free(f->boards[i].port);
		free(f->boards[i].method);
		json_object_put(f->boards[i].object);
		json_object_put(f->boards[i].found);
	}
	free(f->boards);
	f->boards = NULL;
	f->count = 0;
	if (f->signals < 0)
		return;
	(void)close(f->signals);
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGINT);
	(void)sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static struct board *
board_of(struct follow *f, int64_t job)
{
	for (size_t i = 0; i < f->count; i++)
		if (f->boards[i].job == job)
			return &f->boards[i];
	return NULL;
}

/* The reason for an end that was no success. */
static void
board_why(struct board *b)
{
	struct json_object	*error = member(b->object, "error");
	struct why		 why = { 0 };

	if (strcmp(b->state, "done") == 0)
		return;
	if (error != NULL)
		rpc_error_read(error, &why);
	if (why.err == 0)
		(void)why_set(&why, strcmp(b->state, "cancelled") == 0 ?
		    ERR_CANCELED : strcmp(b->state, "interrupted") == 0 ?
		    ERR_INTERRUPTED : ERR_INTERNAL, "the job is %s", b->state);
	b->why = why;
}

bool
follow_passes(const struct follow *f, const struct board *b)
{
	if (f->hold && b->why.err == ERR_VERIFY)
		return true;
	return f->search && !b->worked && search_goes_on(b->why.err);
}

void
follow_tell(struct follow *f, struct board *b)
{
	if (b->why.err == 0 || b->told || f->client->show.json)
		return;
	b->told = true;
	f->client->voice->tell(f, b);
}

static void
board_end(struct follow *f, struct board *b, struct json_object *object)
{
	if (b->ended)
		return;
	b->ended = true;
	f->left--;
	b->object = json_object_get(object);
	board_why(b);
	if (!f->alone)
		f->client->voice->ended(f, b);
}

static bool
state_is_end(const char *state)
{
	return strcmp(state, "queued") != 0 && strcmp(state, "running") != 0;
}

static void
board_phase(struct follow *f, struct board *b, const char *phase,
    struct json_object *found)
{
	if (found != NULL) {
		json_object_put(b->found);
		b->found = json_object_get(found);
	}
	if (strcmp(b->phase, phase) == 0)
		return;
	if (b->phase_ms > 0 && (strcmp(b->phase, "read") == 0 ||
	    strcmp(b->phase, "dump") == 0 || strcmp(b->phase, "erase") == 0))
		b->work_ms = now_ms() - b->phase_ms;
	b->phase_ms = now_ms();
	(void)snprintf(b->phase, sizeof b->phase, "%s", phase);
	if (strcmp(phase, "connect") != 0 && strcmp(phase, "identify") != 0 &&
	    strcmp(phase, "reattach") != 0 && strcmp(phase, "leave") != 0)
		b->worked = true;
	b->done = b->total = 0;
	b->rate_ms = 0;
	f->client->voice->phase(f, b);
}

static void
board_progress(struct board *b, int64_t done, int64_t total)
{
	b->done = done;
	b->total = total;
	if (b->rate_ms == 0 || done < b->rate_done) {
		b->rate_ms = now_ms();
		b->rate_done = done;
	}
}

/* Whose turn it is. */
static void
board_waits(struct follow *f, struct board *b, struct json_object *object)
{
	struct json_object	*first = member(object, "waiting_for");

	if (first == NULL)
		return;
	(void)snprintf(b->waits, sizeof b->waits,
	    "waits for job %lld of %s (%s), %lld ahead",
	    (long long)member_number(first, "job", 0),
	    member_text(first, "user", "somebody"),
	    member_text(first, "method", "?"),
	    (long long)member_number(object, "ahead", 0));
	f->client->voice->waits(f, b);
}

/* A job that was over before we knew its number: what it had to say came as
 * events of a job unknown. */
static void
board_notes(struct follow *f, struct board *b, struct json_object *object)
{
	struct json_object	*notes = member_array(object, "notes");

	for (size_t i = 0; i < array_count(notes); i++)
		f->client->voice->note(f, b, json_object_get_string(
		    json_object_array_get_idx(notes, i)));
}

int
follow_add(struct follow *f, int64_t job)
{
	struct json_object	*o = json_object_new_object(), *object = NULL;
	struct board		*b, *boards;
	int			 r;

	if (board_of(f, job) != NULL) {
		json_object_put(o);
		return 0;
	}
	json_object_object_add(o, "job", json_object_new_int64(job));
	if ((r = client_call(f->client, "job.get", o, &object)) < 0)
		return r;
	boards = realloc(f->boards, (f->count + 1) * sizeof *boards);
	if (boards == NULL) {
		json_object_put(object);
		return why_set(&f->client->why, ERR_NOMEM, "out of memory");
	}
	f->boards = boards;
	b = &f->boards[f->count++];
	f->left++;
	*b = (struct board){ .job = job, .started_ms = now_ms(),
	    .port = strdup(member_text(object, "port", "?")),
	    .method = strdup(member_text(object, "method", "")) };
	(void)snprintf(b->state, sizeof b->state, "%s",
	    member_text(object, "state", "queued"));
	board_waits(f, b, object);
	if (member(object, "phase") != NULL) {
		board_phase(f, b, member_text(object, "phase", ""), NULL);
		b->phase_ms = 0;	/* it has begun before */
		board_progress(b, member_number(object, "done", 0),
		    member_number(object, "total", 0));
	}
	if (state_is_end(b->state)) {
		board_notes(f, b, object);
		board_end(f, b, object);
	}
	json_object_put(object);
	return 0;
}

static void
event_state(struct follow *f, struct board *b, struct json_object *event)
{
	const char	*state = member_text(event, "state", b->state);

	if (strcmp(state, "running") == 0 && b->waits[0] != '\0') {
		b->waits[0] = '\0';
		f->client->voice->waits(f, b);
	}
	(void)snprintf(b->state, sizeof b->state, "%s", state);
	if (state_is_end(state))
		board_end(f, b, member(event, "object"));
}

static void
follow_event(struct follow *f, struct json_object *event)
{
	struct board	*b = board_of(f, member_number(event, "job", 0));
	struct show	*show = &f->client->show;
	const char	*type = member_text(event, "type", "");

	if (b == NULL || b->ended)
		return;
	f->dirty = true;
	show_json(show, event);
	if (strcmp(type, "job.state") == 0)
		event_state(f, b, event);
	else if (strcmp(type, "job.phase") == 0)
		board_phase(f, b, member_text(event, "phase", ""),
		    member(event, "found"));
	else if (strcmp(type, "job.progress") == 0) {
		board_progress(b, member_number(event, "done", 0),
		    member_number(event, "total", 0));
		f->client->voice->progress(f, b);
	} else if (strcmp(type, "job.note") == 0)
		f->client->voice->note(f, b, member_text(event, "text", ""));
	else if (strcmp(type, "job.trace") == 0)
		f->client->voice->trace(f, b, event);
}

/* The end of a long port name tells more than its beginning. */
static const char *
short_port(const char *port)
{
	size_t	len = strlen(port);

	return len > PORT_MAX ? port + len - PORT_MAX : port;
}

static void
bar(char out[BAR + 3], int64_t done, int64_t total)
{
	int	full = total > 0 ? (int)(done * BAR / total) : 0;

	if (full > BAR)
		full = BAR;
	out[0] = '[';
	for (int i = 0; i < BAR; i++)
		out[1 + i] = i < full ? '=' : i == full ? '>' : ' ';
	out[BAR + 1] = ']';
	out[BAR + 2] = '\0';
}

/* Work with a known end: how far, how fast. */
static void
line_progress(const struct board *b, char *out, size_t size)
{
	char	letters[BAR + 3], rate[32] = "";
	int64_t	ms = now_ms() - b->rate_ms;

	bar(letters, b->done, b->total);
	if (ms > DRAW_MS && b->done > b->rate_done)
		(void)snprintf(rate, sizeof rate, "%7lld kbit/s",	/* bit/ms */
		    (long long)((b->done - b->rate_done) * 8 / ms));
	(void)snprintf(out, size, "%-8s %s %3d%% %s", b->phase, letters,
	    (int)(b->done * 100 / b->total), rate);
}

static void
line_of(const struct board *b, int width, struct show_line *line)
{
	char	what[SHOW_LINE_MAX], clean[SHOW_LINE_MAX];

	line->mood = !b->ended ? SHOW_PLAIN :
	    b->why.err == 0 ? SHOW_GOOD : SHOW_BAD;
	if (b->ended)
		(void)snprintf(what, sizeof what, "%s%s%.200s", b->state,
		    b->why.err ? ": " : "", b->why.err ? why_text(&b->why) : "");
	else if (b->waits[0] != '\0')
		(void)snprintf(what, sizeof what, "%s", b->waits);
	else if (b->total > 0)
		line_progress(b, what, sizeof what);
	else
		(void)snprintf(what, sizeof what, "%s",
		    b->phase[0] ? b->phase : b->state);
	text_clean(clean, sizeof clean, what);
	(void)snprintf(line->text, sizeof line->text, "%-*s  %.220s", width,
	    short_port(b->port), clean);
}

/* More boards than lines: one line for all of them. */
static void
line_summary(const struct follow *f, struct show_line *line)
{
	size_t	good = 0, bad = 0, queued = 0;
	int	percent = 0;

	for (size_t i = 0; i < f->count; i++) {
		const struct board	*b = &f->boards[i];

		good += b->ended && b->why.err == 0;
		bad += b->ended && b->why.err != 0;
		queued += strcmp(b->state, "queued") == 0;
		percent += b->ended ? 100 : b->total > 0 ?
		    (int)(b->done * 100 / b->total) : 0;
	}
	*line = (struct show_line){ .mood = bad > 0 ? SHOW_BAD : SHOW_PLAIN };
	(void)snprintf(line->text, sizeof line->text, "%zu boards: %zu done, "
	    "%zu failed, %zu at work, %zu waiting; steps %d%%", f->count, good,
	    bad, f->count - good - bad - queued, queued,
	    percent / (int)f->count);
}

static void
follow_draw(struct follow *f)
{
	struct show_line	*lines;
	unsigned		 columns, rows;
	int			 width = 0, n;

	f->dirty = false;
	f->drawn_ms = now_ms();
	if (!f->client->show.live || f->alone || f->count == 0 ||
	    (lines = calloc(f->count, sizeof *lines)) == NULL)
		return;
	show_size(&columns, &rows);
	if (f->count + 1 > rows) {
		line_summary(f, lines);
		show_block(&f->client->show, lines, 1);
		free(lines);
		return;
	}
	for (size_t i = 0; i < f->count; i++) {
		n = (int)strlen(short_port(f->boards[i].port));
		width = n > width ? n : width;
	}
	for (size_t i = 0; i < f->count; i++)
		line_of(&f->boards[i], width, &lines[i]);
	show_block(&f->client->show, lines, f->count);
	free(lines);
}

/* "12, 14" */
static void
running_jobs(const struct follow *f, char *out, size_t size)
{
	int	n, at = 0;

	out[0] = '\0';
	for (size_t i = 0; i < f->count && at < (int)size; i++) {
		if (f->boards[i].ended)
			continue;
		n = snprintf(out + at, size - (size_t)at, "%s%lld",
		    at > 0 ? " " : "", (long long)f->boards[i].job);
		at += n;
	}
}

/* Ctrl-C, if it was pressed: first cancel, then leave. */
static int
follow_signal(struct follow *f)
{
	struct signalfd_siginfo	 info;
	struct client		*c = f->client;
	struct json_object	*o;
	char			 jobs[200];
	int			 r;

	if (read(f->signals, &info, sizeof info) != (ssize_t)sizeof info)
		return 0;
	if (!f->own || f->cancelled) {
		f->left_alone = true;
		running_jobs(f, jobs, sizeof jobs);
		(void)why_set(&c->why, ERR_CANCELED, f->cancelled ? "not "
		    "waiting until the jobs are cancelled; \"espctl wait %s\" "
		    "shows how they end" : "the jobs go on without espctl; "
		    "\"espctl wait %s\" shows them again", jobs);
		return 0;
	}
	f->cancelled = true;
	show_chat(&c->show, "Cancelling; once more to leave at once.");
	for (size_t i = 0; i < f->count; i++) {
		if (f->boards[i].ended)
			continue;
		o = json_object_new_object();
		json_object_object_add(o, "job",
		    json_object_new_int64(f->boards[i].job));
		if ((r = conn_post(&c->conn, "job.cancel", o, &c->why)) < 0)
			return r;
	}
	return 0;
}

/* The daemon is gone: what it had not ended is in doubt. */
static void
follow_lost(struct follow *f, const struct why *why)
{
	for (size_t i = 0; i < f->count; i++) {
		struct board	*b = &f->boards[i];

		if (b->ended)
			continue;
		(void)snprintf(b->state, sizeof b->state, "unknown");
		b->ended = true;
		f->left--;
		(void)why_set(&b->why, ERR_DAEMON, "%s before job %lld had "
		    "ended", why_text(why), (long long)b->job);
	}
}

/* How long nothing has to be drawn; -1: until something happens. */
static int
draw_timeout(const struct follow *f)
{
	int64_t	left = DRAW_MS - (now_ms() - f->drawn_ms);

	if (!f->dirty)
		return -1;
	return left > 0 ? (int)left : 0;
}

int
follow_run(struct follow *f)
{
	struct client		*c = f->client;
	struct json_object	*event;
	struct why		 why = { 0 };
	int			 r = 0;

	f->dirty = true;
	while (f->left > 0 && !f->left_alone) {
		if (f->dirty && draw_timeout(f) == 0)
			follow_draw(f);
		r = conn_event(&c->conn, f->signals, draw_timeout(f), &event,
		    &why);
		if (r < 0)
			break;
		if (r > 0) {
			follow_event(f, event);
			json_object_put(event);
			continue;
		}
		/* A timeout finds no signal waiting, and does no harm. */
		if ((r = follow_signal(f)) < 0)
			break;
	}
	if (r < 0)
		follow_lost(f, r == why.err ? &why : &c->why);
	follow_draw(f);
	return r < 0 ? r : 0;
}

int
follow_outcome(const struct follow *f)
{
	int	err = 0;
	bool	any_good = false;

	for (size_t i = 0; i < f->count; i++) {
		const struct board	*b = &f->boards[i];

		if (b->why.err == 0)
			any_good = true;
		else if (err == 0)
			err = b->why.err;
		else if (err != b->why.err)
			err = ERR_GROUP;
	}
	return err != 0 && any_good ? ERR_GROUP : err;
}
