#ifndef DAEMON_JOB_INPUT_H
#define DAEMON_JOB_INPUT_H
/*
 * input - the images of one submission, shared by all its jobs.
 *
 * The files are checked when the job is submitted (regular, not empty, not too
 * long, no overlap) and then read, digested and compressed in
 * small steps of the event loop, so that no board is delayed.  An image that
 * is already in memory under the same name and content is used again.
 *
 * Lives by counted references; the last one lets go of files and images.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/link/link.h"
#include "proto/base/why.h"

struct conf;
struct json_object;
struct input;

/* Descriptors that came with a request; taken ones are set to -1. */
struct input_fds {
	int		*fd;
	size_t		 count;
};

/* The descriptor of a file, a member "fd" or another one `key`, and its length.
 * It stays where it is.  ERR_PARAMS when it did not come along, ERR_IMAGE when
 * it is no regular file, ERR_IO. */
int input_find(const struct input_fds *, struct json_object *file,
    const char *key, size_t *len, struct why *);
/* Read so much of a file, from its beginning.  ERR_IO with a sentence. */
int input_read(int fd, const char *name, void *data, size_t len,
    struct why *);

/* Is descriptor `at` of a job's output there, and a regular file that can be
 * written to?  ERR_PARAMS, ERR_FILE_DENIED; `whose` ends the sentence ("port 1 of 2"). */
int input_check_output(const struct input_fds *, int64_t at, const char *whose,
    struct why *);

/*
 * Take the "images" of the checked parameters, or the one "image" (its offset
 * is 0 then).  Returns 0 with a reference in *out, or ERR_FILE_EMPTY,
 * ERR_IMAGE, ERR_OVERLAP, ERR_BEYOND_FLASH, ERR_LIMIT, ERR_NOMEM with a
 * sentence that names the image.
 */
int input_new(struct json_object *params, struct input_fds *,
    const struct conf *, struct input **out, struct why *);

struct input *input_ref(struct input *);
void input_unref(struct input *);	/* NULL is fine */

/* 1 when all images can be written, 0 when work is left, else the error. */
int input_state(const struct input *, struct why *);

const struct link_write *input_writes(const struct input *, size_t *count);

/* Who is told, from the loop, that some input has become ready or failed. */
void input_set_ready(void (*ready)(void));

/* At exit, after the last input has gone. */
void input_done(void);
#endif
