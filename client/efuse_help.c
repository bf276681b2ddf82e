/* efuse_help - what --help says, with the names that the chip has. */
#include "client/efuse_impl.h"

#include <stdio.h>
#include <string.h>

#include "client/client.h"
#include "client/member.h"
#include "proto/efuse/virt.h"

enum { LINE = 78 };		/* letters of a line of names */

/* Names, one after the other, on lines that are not too long. */
struct names {
	struct show	*show;
	char		 line[LINE + EFUSE_NAME_MAX + 4];
	size_t		 len;
};

static void
names_flush(struct names *n, const char *end)
{
	show_out(n->show, "  %s%s", n->line, end);
	n->len = 0;
	n->line[0] = '\0';
}

static void
names_add(struct names *n, const char *name)
{
	if (n->len > 0) {
		n->len += (size_t)snprintf(n->line + n->len,
		    sizeof n->line - n->len, ",");
		if (n->len + strlen(name) + 2 > LINE)
			names_flush(n, "");
	}
	n->len += (size_t)snprintf(n->line + n->len, sizeof n->line - n->len,
	    "%s%.63s", n->len > 0 ? " " : "", name);
}

static void
show_fields(struct show *show, struct efuse_state *s, enum efuse_about about)
{
	struct names			 n = { .show = show };
	const struct efuse_field	*f = NULL;

	show_out(show, "\neFuses of %s:", s->efuse->chip->name);
	while ((f = efuse_field_next(s, f)) != NULL) {
		if ((about == EFUSE_ABOUT_HIDDEN && f->rd_dis == 0) ||
		    (about == EFUSE_ABOUT_LOCKED &&
		    f->wr_dis == EFUSE_NO_BIT))
			continue;
		names_add(&n, f->name);
	}
	names_flush(&n, "");
}

/* Blocks; `keys`: those that keys may be burned into. */
static void
show_blocks(struct show *show, const struct efuse_chip *e, bool keys)
{
	struct names	n = { .show = show };

	show_out(show, "\nBlock is one of:");
	for (const struct efuse_block *b = e->blocks; b->name != NULL; b++) {
		if (keys && (b == e->blocks || (b->purpose == NULL &&
		    !(e->flags & EFUSE_CHIP_ESP32))))
			continue;
		names_add(&n, b->name);
		for (size_t i = 0; i < 2 && b->alias[i] != NULL; i++)
			names_add(&n, b->alias[i]);
	}
	names_flush(&n, "");
}

static void
show_purposes(struct show *show, const struct efuse_chip *e, bool digests)
{
	struct names			 n = { .show = show };
	struct efuse_purpose		 room;
	const struct efuse_purpose	*p;
	const char			*name;
	char				 text[EFUSE_NAME_MAX];

	show_out(show, "\nKey purpose is one of:");
	for (size_t i = 0; (name = efuse_purpose_name(e, i, text)); i++) {
		p = efuse_purpose_find(e, name, &room);
		if (!digests || (p != NULL && (p->flags & EFUSE_DIGEST)))
			names_add(&n, name);
	}
	names_flush(&n, "");
}

static int
show_names(struct efuse_run *run, enum efuse_about about)
{
	struct show		*show = &run->client->show;
	const struct efuse_chip	*e = efuse_named_chip(run);
	struct efuse_state	 s;
	struct efuse_raw	 raw;
	bool			 digests = about == EFUSE_ABOUT_DIGESTS;
	int			 r;

	if (e == NULL)
		return run->client->why.err;
	virt_new(&raw, e);
	r = efuse_state_read(&s, &raw, NULL, &run->client->why);
	if (r < 0)
		return r;
	if (strcmp(member_text(run->line.params, "chip", "auto"), "auto") == 0)
		show_out(show, "\nOf other chips: with --chip.");
	if (about < EFUSE_ABOUT_BLOCKS) {
		(void)efuse_field_find(&s, "CUSTOM_MAC");
		show_fields(show, &s, about);
		return 0;
	}
	if (digests && (e->flags & (EFUSE_CHIP_ESP32 | EFUSE_CHIP_ONE_KEY)))
		return 0;
	show_blocks(show, e, about != EFUSE_ABOUT_BLOCKS);
	if (about != EFUSE_ABOUT_BLOCKS && !(e->flags & EFUSE_CHIP_ESP32))
		show_purposes(show, e, digests);
	return 0;
}

/* The command that --help stands behind; NULL: none. */
static const struct efuse_command *
helped(const struct efuse_line *l)
{
	for (size_t i = 0; i < l->count; i++)
		if (l->commands[i].help)
			return &l->commands[i];
	return NULL;
}

static int
help_command(struct efuse_run *run, const struct efuse_verb *v,
    const char *program)
{
	struct show	*s = &run->client->show;

	show_out(s, "Usage: %s [OPTIONS] %s [OPTIONS] %s", program, v->name,
	    v->operands);
	show_out(s, "\n%s.", v->help);
	if (v->formats != NULL)
		show_out(s, "Formats: %s", v->formats);
	if (v->options != 0) {
		show_out(s, "\nOptions:");
		efuse_line_options(s, v->options);
	}
	return v->about == EFUSE_ABOUT_NOTHING ? 0 :
	    show_names(run, v->about);
}

int
efuse_help(struct efuse_run *run)
{
	const struct efuse_command	*one = helped(&run->line);
	const char			*program;
	struct show			*s = &run->client->show;

	program = run->as_tool ? "espefuse" :
	    "espctl efuse";
	if (one != NULL)
		return help_command(run, one->verb, program);
	show_out(s, "Usage: %s [OPTIONS] COMMAND1 [ARGS]... "
	    "[COMMAND2 [ARGS]...]...", program);
	show_out(s, "\nReads and burns the eFuses of a chip.\n\nOptions:");
	efuse_line_options(s, 0);
	for (int burns = 1; burns >= 0; burns--) {
		show_out(s, burns ? "\nBurn commands:" : "\nRead commands:");
		for (const struct efuse_verb *v = efuse_verbs; v->name; v++)
			if (v->burns == burns)
				show_out(s, "  %-22s %s", v->name, v->help);
	}
	show_out(s, "\n\"%s COMMAND --help\" shows the options of one; "
	    "espefuse(1) tells more.", program);
	return 0;
}
