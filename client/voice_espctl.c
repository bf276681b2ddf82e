/* voice_espctl - its own words: chat on stderr, unless a live block shows it. */
#include "client/voice.h"

#include "client/client.h"
#include "client/follow.h"
#include "client/member.h"
#include "client/report.h"

static void
search(struct client *c, size_t count)
{
	(void)c;
	(void)count;
}

static void
port(struct client *c, const char *name, bool chosen)
{
	if (!chosen)
		show_chat(&c->show, "Port %s", name);
}

static void
passed(struct client *c, const char *name)
{
	show_chat(&c->show, "%s: %s", name, why_text(&c->why));
}

static void
again(struct client *c, bool first)
{
	if (first)
		show_chat(&c->show, "%s, retrying", why_text(&c->why));
}

static void
waits(struct follow *f, struct board *b)
{
	if (!f->client->show.live)
		show_chat(&f->client->show, "%s: %s", b->port,
		    b->waits[0] != '\0' ? b->waits : "its turn");
}

static void
phase(struct follow *f, struct board *b)
{
	if (!f->client->show.live)
		show_chat(&f->client->show, "%s: %s", b->port, b->phase);
}

static void
progress(struct follow *f, struct board *b)
{
	(void)f;		/* the block shows it */
	(void)b;
}

static void
note(struct follow *f, struct board *b, const char *text)
{
	if (f->alone)
		show_chat(&f->client->show, "%s", text);
	else
		show_chat(&f->client->show, "%s: %s", b->port, text);
}

static void
trace(struct follow *f, struct board *b, struct json_object *event)
{
	show_chat(&f->client->show, "%s: %7.3f %s %s", b->port,
	    (double)member_number(event, "ms", 0) / 1000,
	    member_text(event, "what", ""), member_text(event, "text", ""));
}

static void
ended(struct follow *f, struct board *b)
{
	if (f->client->show.live)
		return;			/* the block shows it */
	if (b->why.err == 0)
		show_chat(&f->client->show, "%s: done", b->port);
	else if (!follow_passes(f, b))
		follow_tell(f, b);
}

static void
report(struct follow *f, struct board *b, const char *file)
{
	struct json_object	*result = member(b->object, "result");

	report_chip(&f->client->show, result);
	report_work(f->client, b, result, file);
}

static void
tell(struct follow *f, struct board *b)
{
	show_error(&f->client->show, "%s: %s", b->port, why_text(&b->why));
}

static void
failed(struct client *c)
{
	show_error(&c->show, "%s", why_text(&c->why));
}

const struct voice voice_espctl = {
	.search = search, .port = port, .passed = passed, .again = again,
	.waits = waits, .phase = phase, .progress = progress, .note = note,
	.trace = trace, .ended = ended, .report = report, .tell = tell,
	.failed = failed,
};
