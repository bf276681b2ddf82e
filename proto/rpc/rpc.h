#ifndef PROTO_RPC_RPC_H
#define PROTO_RPC_RPC_H
/*
 * rpc - the envelopes of JSON-RPC 2.0.  Every function that returns a
 * json_object gives it to the caller; every json_object argument is taken over
 * unless it is const.
 */
#include <stdbool.h>
#include <stdint.h>

#include "proto/base/why.h"

struct json_object;

struct rpc_request {
	struct json_object	*id;	 /* borrowed; NULL for a notification
					  * (has_id tells it from "id": null) */
	bool			 has_id;
	const char		*method; /* borrowed from the message */
	struct json_object	*params; /* borrowed; NULL when absent */
};

/* Check that `message` is a request and take it apart.  ERR_REQUEST with a
 * sentence. */
int rpc_request_parse(struct json_object *message, struct rpc_request *,
    struct why *);

struct json_object *rpc_request(const char *method, struct json_object *params,
    int id);
struct json_object *rpc_notification(const char *method,
    struct json_object *params);
struct json_object *rpc_result(const struct json_object *id,
    struct json_object *result);
/* {"code", "message", "data": {"class", "exit", ...}}; `data` may be NULL,
 * class and exit are added to it. */
struct json_object *rpc_error(const struct json_object *id,
    const struct why *why, struct json_object *data);
/* The error object alone, as it stands inside a failed job too. */
struct json_object *rpc_error_object(const struct why *why,
    struct json_object *data);
/* Read such an object back. */
void rpc_error_read(struct json_object *error, struct why *why);

/* Add a member; an empty text is left out. */
void rpc_add_text(struct json_object *, const char *name, const char *text);
void rpc_add_number(struct json_object *, const char *name, uint64_t value);

/* A number of seconds, written with three decimals. */
struct json_object *rpc_seconds(double);
#endif
