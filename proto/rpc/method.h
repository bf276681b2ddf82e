#ifndef PROTO_RPC_METHOD_H
#define PROTO_RPC_METHOD_H
/*
 * method - THE table of methods: what each takes, in which units, what it is
 * for when left out, and what it answers.  The daemon checks parameters by it,
 * espctl makes its options and --help from it, rpc.discover prints it, and the
 * manual is held to it by a test.
 *
 * A method with METHOD_JOB starts one job per port and answers at once
 *	{"jobs": [{"job": 7, "port": "/dev/ttyUSB0"}, ...]}
 * One with METHOD_WORK needs no port and starts one job, which has no "port".
 * The job then outlives the connection.  A job is shown (job.get, job.list,
 * job.wait, events) as
 *	{"job": 7, "method": "flash.write", "port": "...", "user": "anna",
 *	 "state": "queued" | "running" | "done" | "failed" | "cancelled" |
 *		  "interrupted",
 *	 "phase": "write", "done": 4096, "total": 65536,
 *	 "notes": ["..."], "submitted": t, "started": t, "ended": t (seconds),
 *	 "ahead": 1, "waiting_for": {"job": 6, "user": "...", "method": "..."},
 *	 "result": {...} | "error": {"code", "message", "data": {"class","exit"}}}
 * with the members that apply.  Clients ignore members they do not know.
 *
 * On accepting a connection the server sends a notification "hello" with the
 * params that session.hello answers.
 *
 * Events (after events.subscribe) are notifications "event" with params
 *	{"seq": 12, "time": t, "type": "job.state" | "job.phase" |
 *	 "job.progress" | "job.note" | "job.trace" | "port.state", "job": 7,
 *	 "port": "...", ...the changed members of the object...}
 * "job.phase" has what is known of the chip as "found" (chip, description, mac
 * and the rest that every result begins with) once it is identified.
 * "job.state" of an ended job carries its whole object as "object", "port.state"
 * that of the port; its state is also "gone" (unplugged) or "removed" (no longer
 * listed).
 */
#include <stdbool.h>
#include <stdint.h>

#include "proto/base/why.h"

struct json_object;

enum method_type {
	METHOD_STRING,
	METHOD_STRINGS,		/* array of strings; one string is fine */
	METHOD_NUMBER,		/* number or "0x1000"; min..max */
	METHOD_SIZE,		/* number or "0x1000", "4k", "4MB"; bytes */
	METHOD_EXTENT,		/* the same, or "all", which becomes 0 */
	METHOD_PLACE,		/* an address in flash, as METHOD_SIZE, or the
				 * name of a partition, which stays a string
				 * (see method_place()) */
	METHOD_BOOL,
	METHOD_CHOICE,		/* one of `choices` */
	METHOD_FD,		/* index into the descriptors sent along */
	METHOD_FDS,		/* array of such, all different; in a
				 * METHOD_JOB one per port, in their order */
	METHOD_FILE,		/* {"fd": index, "name": string}; checked, it
				 * has both */
	METHOD_IMAGES,		/* array of such with "offset": size, and with
				 * "encrypt": bool and "old": index of a file
				 * that is in the flash there, both optional;
				 * checked, each has all but "old" */
	METHOD_WISHES,		/* array of objects of proto/efuse/wish.h, which
				 * reads them; "fd" is checked, its data are a
				 * regular file of their own */
};

enum {
	METHOD_IMAGES_MAX = 64,		/* images of one job */
	METHOD_WISHES_MAX = 256,
	METHOD_NAME_MAX = 16,		/* bytes of a partition's name */
};

/* Version of the interface: major changes break clients, minor ones add. */
#define METHOD_API	"1.5"

struct method_param {
	const char		*name;		/* "erase_all"; NULL ends */
	enum method_type	 type;
	bool			 required;
	const char		*initial;	/* when left out; NULL: nothing */
	const char		*choices;	/* "a|b|c" */
	uint32_t		 min, max;	/* of numbers; max 0: no limit */
	bool			 places;	/* METHOD_IMAGES: "offset" is a
						 * METHOD_PLACE */
	const char		*help;		/* one sentence, with the unit */
};

enum method_flag {
	METHOD_JOB	= 1 << 0,	/* starts jobs; takes method_job_params too */
	METHOD_WORK	= 1 << 1,	/* starts one job that needs no port */
};

struct method {
	const char			*name;		/* "flash.write"; NULL ends */
	const char			*help;		/* one sentence */
	const struct method_param	*params;	/* its own; NULL: none */
	const char			*result;	/* what it answers */
	unsigned			 flags;
};

extern const struct method methods[];

/* What every METHOD_JOB takes besides its own: port (METHOD_STRINGS,
 * required), chip, baud, before, after, no_stub, connect_attempts,
 * reset_sequence, hard_reset_sequence, reattach_s, trace. */
extern const struct method_param method_job_params[];

const struct method *method_find(const char *name);

/* The parameter of that name, own or common; NULL. */
const struct method_param *method_param(const struct method *, const char *name);

/*
 * Check `params` (NULL: none) against the table before anything happens:
 * unknown names, wrong types, missing or out-of-range values are ERR_PARAMS
 * with a sentence that names the parameter.  `fd_count` descriptors came
 * along.  On success *checked is a new object where every value has its plain
 * type (numbers as integers), defaults filled in, null members left out.
 */
int method_check(const struct method *, struct json_object *params,
    unsigned fd_count, struct json_object **checked, struct why *);

/* Check one value that needs no descriptors as above; *checked has its plain
 * type. */
int method_check_value(const struct method_param *, struct json_object *value,
    struct json_object **checked, struct why *);

/*
 * A place in flash as people write it: what reads as a number is an address,
 * and then *partition is NULL; everything else is the name of a partition.  One
 * that begins with a digit or '-' is a mistyped address more often than a name:
 * "partition=2nd" names it for certain, and any other.  *partition points into
 * `word`.  ERR_PARAMS: it is neither.
 */
int method_place(const char *word, uint32_t *address, const char **partition);

/* The OpenRPC document of all methods. */
struct json_object *method_discover(void);

/* Readers of a checked object: present by construction, or the given value. */
const char *method_string(struct json_object *checked, const char *name,
    const char *absent);
uint32_t method_number(struct json_object *checked, const char *name,
    uint32_t absent);
bool method_bool(struct json_object *checked, const char *name);
#endif
