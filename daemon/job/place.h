#ifndef DAEMON_JOB_PLACE_H
#define DAEMON_JOB_PLACE_H
/*
 * place - the names of partitions in a job's parameters, where its table came
 * along as a file.  Without a file they stay, and phase table of the link finds
 * the places in each chip's own table.
 */
#include <stdbool.h>
#include <stdint.h>

#include "daemon/job/input.h"
#include "proto/base/why.h"
#include "proto/image/partition.h"

struct json_object;

/*
 * Put addresses in place of the names in "images", or in "offset" and "size":
 * beside an address then stand "partition" (its name), "room" (bytes) and
 * "secret" (it is marked as encrypted).  `alters`: the job writes or erases
 * there.  The descriptor stays the caller's.  ERR_PARAMS, ERR_IMAGE,
 * ERR_OVERLAP, ERR_ALIGN, ERR_BEYOND_FLASH, ERR_IO and the like, with a
 * sentence.
 */
int place_resolve(struct json_object *params, const struct input_fds *,
    bool alters, struct why *);

/* The place of an image or a region of checked parameters, resolved or not. */
struct place {
	uint32_t	offset;			/* 0 while it is open */
	char		partition[PARTITION_NAME + 1];	/* "": an address */
	bool		open;			/* a name without a place */
	bool		secret;
	uint32_t	room;			/* bytes; 0: no limit is known */
};

void place_of(struct json_object *, struct place *);
#endif
