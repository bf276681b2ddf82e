#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <json-c/json.h>

#include "client/client.h"
#include "client/command.h"
#include "client/doctor.h"
#include "proto/base/err.h"

enum { FOUND_PROBLEMS = 1 };	/* exit status */

static void
finding_json(struct client *c, const struct doctor_finding *f)
{
	struct json_object	*o = json_object_new_object();

	json_object_object_add(o, "type", json_object_new_string("finding"));
	json_object_object_add(o, "check", json_object_new_string(f->check));
	json_object_object_add(o, "verdict",
	    json_object_new_string(doctor_verdict_name(f->verdict)));
	json_object_object_add(o, "text", json_object_new_string(f->text));
	if (f->advice[0] != '\0')
		json_object_object_add(o, "advice",
		    json_object_new_string(f->advice));
	show_json(&c->show, o);
	json_object_put(o);
}

static void
show_findings(struct client *c, const struct doctor *d)
{
	for (size_t i = 0; i < d->finding_count; i++) {
		const struct doctor_finding	*f = &d->findings[i];

		show_out(&c->show, "%-7s  %-13s  %s",
		    doctor_verdict_name(f->verdict), f->check, f->text);
		if (f->advice[0] != '\0')
			show_out(&c->show, "%-7s  %-13s  -> %s", "", "",
			    f->advice);
		finding_json(c, f);
	}
}

static void
show_end(struct client *c, size_t problems)
{
	struct json_object	*o = json_object_new_object();

	c->exit = problems > 0 ? FOUND_PROBLEMS : 0;
	if (problems == 0)
		show_chat(&c->show, "No problem was found.");
	else
		show_chat(&c->show, "%zu problem%s found.", problems,
		    problems == 1 ? " was" : "s were");
	json_object_object_add(o, "type", json_object_new_string("result"));
	json_object_object_add(o, "exit", json_object_new_int(c->exit));
	json_object_object_add(o, "problems",
	    json_object_new_int64((int64_t)problems));
	show_json(&c->show, o);
	json_object_put(o);
}

/* All groups of this process, the effective one too; the caller frees. */
static gid_t *
own_groups(size_t *count)
{
	int	 n = getgroups(0, NULL);
	gid_t	*groups;

	groups = calloc((size_t)(n > 0 ? n : 0) + 1, sizeof *groups);
	if (groups == NULL)
		return NULL;
	n = n > 0 ? getgroups(n, groups) : 0;
	*count = n > 0 ? (size_t)n : 0;
	groups[(*count)++] = getegid();
	return groups;
}

int
cmd_doctor(struct client *c)
{
	struct doctor_user	 user = { .uid = geteuid(), .self = true };
	const struct passwd	*pw = getpwuid(user.uid);
	struct doctor		 d;
	gid_t			*groups;
	char			*name;
	int			 r;

	if (asprintf(&name, "%s", pw != NULL ? pw->pw_name : "you") < 0)
		return why_set(&c->why, ERR_NOMEM, "out of memory");
	user.name = name;
	groups = own_groups(&user.group_count);
	user.groups = groups;
	r = groups == NULL ? ERR_NOMEM : doctor_run(&d, "", &user);
	if (r == 0) {
		show_findings(c, &d);
		show_end(c, doctor_problems(&d));
	} else
		(void)why_set(&c->why, r, "out of memory");
	if (groups != NULL)
		doctor_done(&d);
	free(groups);
	free(name);
	return r;
}
