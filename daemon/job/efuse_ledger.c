#include "daemon/job/efuse_ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <json-c/json.h>

#include "daemon/base/conf.h"
#include "daemon/base/log.h"
#include "daemon/job/job.h"
#include "proto/base/err.h"
#include "proto/base/text.h"
#include "proto/efuse/json.h"
#include "proto/rpc/rpc.h"

enum { FIELDS_MAX = 600 };	/* bytes of a log line's names */

static const struct conf *conf;

void
efuse_ledger_init(const struct conf *c)
{
	conf = c;
}

/* ---- lines ---- */

static const char *
block_name(const struct link *l, unsigned block)
{
	return l->fuses.state.efuse->blocks[block].name;
}

static void
add_name(void *arg, const struct efuse_change *c)
{
	(void)json_object_array_add(arg, json_object_new_string(
	    c->field->name));
}

static void
add_begin(const struct link *l, struct json_object *o)
{
	struct json_object	*fields = json_object_new_array();

	efuse_plan_changes(l->fuses.plan, add_name, fields);
	rpc_add_text(o, "event", "begin");
	json_object_object_add(o, "steps", efuse_steps_json(l->fuses.plan));
	json_object_object_add(o, "fields", fields);
}

static void
add_step(const struct link *l, size_t done, struct json_object *o)
{
	const struct fuses_outcome	*d = &l->fuses.done[done - 1];

	rpc_add_text(o, "event", "step");
	rpc_add_text(o, "block", block_name(l, d->step->block));
	json_object_object_add(o, "late",
	    json_object_new_boolean(d->step->late));
	rpc_add_number(o, "tries", d->tries);
	rpc_add_text(o, "outcome", d->text);
}

static void
add_who(const struct job *j, const struct link *l, struct json_object *o)
{
	char		mac[TEXT_MAC_MAX], at[40] = "";
	struct timespec	ts;
	struct tm	tm;

	if (clock_gettime(CLOCK_REALTIME, &ts) == 0 &&
	    gmtime_r(&ts.tv_sec, &tm) != NULL)
		(void)strftime(at, sizeof at, "%Y-%m-%dT%H:%M:%SZ", &tm);
	text_mac(mac, l->found.facts.mac);
	rpc_add_text(o, "time", at);
	rpc_add_number(o, "job", j->id);
	rpc_add_text(o, "user", j->peer.user);
	rpc_add_number(o, "uid", j->peer.uid);
	rpc_add_number(o, "pid", (uint64_t)j->peer.pid);
	rpc_add_text(o, "port", job_port(j));
	rpc_add_text(o, "chip", l->chip->name);
	rpc_add_text(o, "mac", mac);
}

/* ---- the file ---- */

/* A line, at once, so that those of two boards do not mix.  0 or -1 with
 * errno. */
static int
append(int fd, const char *text)
{
	size_t		len = strlen(text);
	struct iovec	line[] = {
		{ (void *)(uintptr_t)text, len }, { (char []){ '\n' }, 1 },
	};
	ssize_t		n;

	do
		n = writev(fd, line, 2);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -1;
	if ((size_t)n != len + 1) {
		errno = ENOSPC;
		return -1;
	}
	return fsync(fd);
}

/* After a power cut a file that was new must still be there. */
static int
sync_dir(void)
{
	int	fd = open(conf->state_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int	r;

	if (fd < 0)
		return -1;
	r = fsync(fd);
	(void)close(fd);	/* was only synced */
	return r;
}

static int
write_line(struct json_object *o, struct why *why)
{
	char		path[sizeof conf->state_dir + 16];
	struct stat	st;
	int		fd, r;
	bool		is_new;

	(void)snprintf(path, sizeof path, "%s/efuse.log", conf->state_dir);
	is_new = stat(path, &st) < 0;
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
	    0640);
	if (fd < 0)
		return why_set(why, err_from_errno(errno), "%s: %s", path,
		    strerror(errno));
	r = append(fd, json_object_to_json_string_ext(o,
	    JSON_C_TO_STRING_PLAIN));
	if (r == 0 && is_new)
		r = sync_dir();
	if (r < 0)
		r = why_set(why, ERR_IO, "%s: %s", path, strerror(errno));
	(void)close(fd);	/* fsync() told */
	return r;
}

/* ---- the log ---- */

struct names {
	char	text[FIELDS_MAX];
	size_t	len;
};

static void
list_name(void *arg, const struct efuse_change *c)
{
	struct names	*n = arg;

	if (n->len < sizeof n->text)
		n->len += (size_t)snprintf(n->text + n->len,
		    sizeof n->text - n->len, " %s", c->field->name);
}

static void
tell(const struct job *j, const struct link *l, const char *what,
    const char *more)
{
	char			id[16], mac[TEXT_MAC_MAX];
	struct log_context	context = {
		.port = job_port(j), .job = id, .phase = "burn",
	};

	(void)snprintf(id, sizeof id, "%u", j->id);
	text_mac(mac, l->found.facts.mac);
	log_line(LOG_LEVEL_NOTICE, &context, "eFuses of %s %s, by %s (uid %u, "
	    "pid %d): %s%s", l->chip->name, mac, j->peer.user,
	    (unsigned)j->peer.uid, (int)j->peer.pid, what, more);
}

static void
tell_begin(const struct job *j, const struct link *l)
{
	struct names	n = { .text = "" };

	efuse_plan_changes(l->fuses.plan, list_name, &n);
	tell(j, l, "burns", n.text);
}

static void
tell_step(const struct job *j, const struct link *l, size_t done)
{
	const struct fuses_outcome	*d = &l->fuses.done[done - 1];
	char				 text[EFUSE_TEXT_MAX + 64];

	(void)snprintf(text, sizeof text, "step %zu of %zu, %s, %u tr%s: ",
	    done, efuse_plan_steps(l->fuses.plan),
	    block_name(l, d->step->block), d->tries,
	    d->tries == 1 ? "y" : "ies");
	tell(j, l, text, d->text);
}

int
efuse_ledger_write(const struct job *j, const struct link *l, size_t done,
    const struct why *failed, struct why *why)
{
	struct json_object	*o = json_object_new_object();
	struct why		 inner = { 0 };
	int			 r = 0;

	add_who(j, l, o);
	if (failed != NULL) {
		rpc_add_text(o, "event", "failed");
		rpc_add_text(o, "error", why_text(failed));
		tell(j, l, "failed: ", why_text(failed));
	} else if (done == 0) {
		add_begin(l, o);
		tell_begin(j, l);
	} else {
		add_step(l, done, o);
		tell_step(j, l, done);
	}
	if (strcmp(conf->state_dir, "none") != 0)
		r = write_line(o, &inner);
	json_object_put(o);
	if (r < 0)
		return why_set(why, r, "what is burned could not be written "
		    "down: %s", why_text(&inner));
	return 0;
}
