#include "daemon/rpc/methods.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include <json-c/json.h>

#include "config.h"
#include "daemon/base/conf.h"
#include "daemon/base/loop.h"
#include "daemon/job/queue.h"
#include "daemon/job/submit.h"
#include "daemon/job/work_queue.h"
#include "daemon/port/port.h"
#include "daemon/rpc/conn.h"
#include "daemon/rpc/export.h"
#include "daemon/rpc/port_methods.h"
#include "proto/base/err.h"
#include "proto/base/text.h"
#include "proto/rpc/frame.h"
#include "proto/rpc/method.h"
#include "proto/rpc/rpc.h"

static char boot_id[17];
static uint64_t started_ms;

/* The job that the parameters name. */
static int
job_of(const struct call *call, struct job **job, struct why *why)
{
	uint32_t	id = method_number(call->params, "job", 0);

	if ((*job = job_find(id)) == NULL)
		return why_set(why, ERR_JOB_UNKNOWN, "there is no job %u; it "
		    "never was, or it ended long ago and was forgotten", id);
	return 0;
}

static int
job_get(const struct call *call, struct json_object **result, struct why *why)
{
	struct job	*job;
	int		 r;

	if ((r = job_of(call, &job, why)) == 0)
		*result = job_json(job);
	return r;
}

static int
job_list(const struct call *call, struct json_object **result, struct why *why)
{
	struct json_object	*list = json_object_new_array();

	(void)call;
	(void)why;
	for (struct job *j = job_next(NULL); j != NULL; j = job_next(j))
		json_object_array_add(list, job_json(j));
	*result = json_object_new_object();
	json_object_object_add(*result, "jobs", list);
	return 0;
}

static int
job_wait(const struct call *call, struct json_object **result, struct why *why)
{
	struct job	*job;
	int		 r;

	if ((r = job_of(call, &job, why)) < 0)
		return r;
	if (job_ended(job)) {
		*result = job_json(job);
		return 0;
	}
	r = conn_wait(call->conn, call->id, job,
	    method_number(call->params, "timeout_ms", 0), why);
	return r < 0 ? r : CONN_LATER;
}

static int
job_cancel(const struct call *call, struct json_object **result,
    struct why *why)
{
	const struct peer	*peer = conn_peer(call->conn);
	struct job		*job;
	int			 r;

	if ((r = job_of(call, &job, why)) < 0)
		return r;
	if (peer->uid != job->peer.uid && peer->uid != 0)
		return why_set(why, ERR_DENIED, "job %u belongs to %s; only "
		    "they or root may cancel it", job->id, job->peer.user);
	job_ref(job);
	if (job->op->work != NULL)
		work_stop(job, ERR_CANCELED);
	else
		queue_cancel(job);
	*result = job_json(job);
	job_unref(job);
	return 0;
}

/* The answer to both: the number of the last event. */
static struct json_object *
seq_json(void)
{
	struct json_object	*o = json_object_new_object();

	json_object_object_add(o, "seq",
	    json_object_new_int64((int64_t)conn_event_seq()));
	return o;
}

static int
events_subscribe(const struct call *call, struct json_object **result,
    struct why *why)
{
	(void)why;
	conn_subscribe(call->conn, call->params);
	*result = seq_json();
	return 0;
}

static int
events_unsubscribe(const struct call *call, struct json_object **result,
    struct why *why)
{
	(void)why;
	conn_subscribe(call->conn, NULL);
	*result = seq_json();
	return 0;
}

static struct json_object *
hello(const struct conf *conf)
{
	struct json_object	*o = json_object_new_object();
	struct json_object	*limits = json_object_new_object();

	rpc_add_number(limits, "line_bytes", FRAME_LINE_MAX);
	rpc_add_number(limits, "image_bytes", conf->max_image_bytes);
	rpc_add_number(limits, "descriptors", CONN_FDS_MAX);
	rpc_add_text(o, "api", METHOD_API);
	rpc_add_text(o, "server", PACKAGE_STRING);
	rpc_add_text(o, "boot_id", boot_id);
	json_object_object_add(o, "limits", limits);
	return o;
}

static int
session_hello(const struct call *call, struct json_object **result,
    struct why *why)
{
	(void)why;
	*result = hello(conn_conf(call->conn));
	return 0;
}

static int
daemon_status(const struct call *call, struct json_object **result,
    struct why *why)
{
	struct json_object	*o = json_object_new_object();
	unsigned		 ports = 0;

	(void)call;
	(void)why;
	for (struct port *p = port_next(NULL); p != NULL; p = port_next(p))
		ports += port_state(p) == PORT_OPEN;
	rpc_add_text(o, "version", PACKAGE_VERSION);
	rpc_add_text(o, "api", METHOD_API);
	rpc_add_text(o, "boot_id", boot_id);
	rpc_add_number(o, "pid", (uint64_t)getpid());
	rpc_add_number(o, "uptime_s", (loop_now() - started_ms) / 1000);
	rpc_add_number(o, "clients", conn_count());
	rpc_add_number(o, "jobs", job_active());
	rpc_add_number(o, "open_ports", ports);
	rpc_add_number(o, "exports", export_count());
	*result = o;
	return 0;
}

static int
rpc_discover(const struct call *call, struct json_object **result,
    struct why *why)
{
	(void)call;
	(void)why;
	*result = method_discover();
	return 0;
}

static const struct {
	const char	*name;
	method_fn	*fn;
} functions[] = {
	{ "port.list",		port_method_list },
	{ "port.find",		port_method_find },
	{ "port.label",		port_method_label },
	{ "port.export",	port_method_export },
	{ "port.unexport",	port_method_unexport },
	{ "job.get",		job_get },
	{ "job.list",		job_list },
	{ "job.wait",		job_wait },
	{ "job.cancel",		job_cancel },
	{ "events.subscribe",	events_subscribe },
	{ "events.unsubscribe",	events_unsubscribe },
	{ "session.hello",	session_hello },
	{ "daemon.status",	daemon_status },
	{ "rpc.discover",	rpc_discover },
};

static method_fn *
function_of(const char *name)
{
	for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++)
		if (strcmp(functions[i].name, name) == 0)
			return functions[i].fn;
	return NULL;
}

const char *
methods_missing(void)
{
	for (const struct method *m = methods; m->name != NULL; m++)
		if (m->flags & (METHOD_JOB | METHOD_WORK) ? op_find(m->name) == NULL :
		    function_of(m->name) == NULL)
			return m->name;
	return NULL;
}

static int
serve(struct conn *conn, const struct rpc_request *rq,
    struct input_fds *fds, struct json_object **result, struct why *why)
{
	const struct method	*m = method_find(rq->method);
	struct call		 call = { .conn = conn, .id = rq->id };
	method_fn		*fn;
	char			 name[64];
	int			 r;

	if (m == NULL) {
		text_clean(name, sizeof name, rq->method);
		return why_set(why, ERR_METHOD, "there is no method \"%s\"; "
		    "rpc.discover lists them all", name);
	}
	r = method_check(m, rq->params, (unsigned)fds->count, &call.params,
	    why);
	if (r < 0)
		return r;
	fn = function_of(m->name);
	if (m->flags & (METHOD_JOB | METHOD_WORK))
		r = submit(m, call.params, fds, conn_peer(conn),
		    conn_conf(conn), result, why);
	else if (fn != NULL)
		r = fn(&call, result, why);
	else
		r = why_set(why, ERR_INTERNAL, "%s has no function", m->name);
	json_object_put(call.params);
	return r;
}

void
methods_init(void)
{
	static const struct conn_service	service = {
		.call = serve, .hello = hello,
	};
	uint8_t					random[8] = { 0 };

	/* Without randomness all starts look alike, nothing worse. */
	if (getrandom(random, sizeof random, GRND_NONBLOCK) < 0)
		memset(random, 0, sizeof random);
	text_hex(boot_id, random, sizeof random);
	started_ms = loop_now();
	conn_serve(&service);
}
