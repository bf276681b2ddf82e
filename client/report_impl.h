#ifndef CLIENT_REPORT_IMPL_H
#define CLIENT_REPORT_IMPL_H
/*
 * report_impl - what report_work.c and report_flash.c share.
 */
#include "client/client.h"
#include "client/follow.h"
#include "client/member.h"

/* One result that is to be told. */
struct work {
	struct client		*client;
	struct show		*show;
	const struct board	*board;
	struct json_object	*result;
	const char		*file;		/* of a read, or NULL */
};

static inline long long
number(struct json_object *o, const char *name)
{
	return (long long)member_number(o, name, 0);
}

static inline bool
truth(struct json_object *o, const char *name)
{
	return json_object_get_boolean(member(o, name));
}

/* report_flash.c: what reads, writes and erases came to; in full, and in a few
 * words. */
void work_write(const struct work *);
void work_verify(const struct work *);
void work_read(const struct work *);
void work_dump(const struct work *);
void work_erase(const struct work *);
void work_region(const struct work *);
void few_write(const struct work *, char *out, size_t size);
void few_verify(const struct work *, char *out, size_t size);
void few_read(const struct work *, char *out, size_t size);
void few_erase(const struct work *, char *out, size_t size);
#endif
