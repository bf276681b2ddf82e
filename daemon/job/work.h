#ifndef DAEMON_JOB_WORK_H
#define DAEMON_JOB_WORK_H
/*
 * work - jobs that need no board: images made, merged, looked at.
 *
 * Each runs in a process of its own, forked from the daemon: no board waits
 * for it, and a file that would break a parser breaks that process only.  What
 * it does is one function of struct op, which reads the parameters and files of
 * struct work, calls proto/image, writes the outputs and fills the result.
 * The function may take its time and memory; it must not touch a port, the
 * loop or a registry.
 */
#include <stddef.h>
#include <stdint.h>

#include "daemon/job/input.h"
#include "proto/base/why.h"

struct conf;
struct job;
struct json_object;
struct work_parcel;

/* A file that came along, whole in memory. */
struct work_file {
	const char	*name;		/* as the user wrote it */
	const uint8_t	*data;
	size_t		 len;		/* may be 0 */
	uint32_t	 offset;	/* of "images"; else 0 */
};

struct work {
	struct json_object	*params;	/* checked */
	struct json_object	*result;	/* to be filled */
	struct work_file	*images;	/* of "images", in their order */
	size_t			 image_count;
	struct work_file	*file;		/* of a METHOD_FILE, or NULL */
	int			*outputs;	/* of "output" */
	size_t			 output_count;
	int			 tell;		/* where notes go */
};

/* For the functions: tell the user something that is no error. */
void work_note(struct work *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* The same for proto/image, which takes a function: arg is the work. */
void work_note_text(void *work, const char *text);

/* Write all of output `i`, once.  ERR_PARAMS when there is no such output,
 * ERR_IO; with their sentence. */
int work_output(struct work *, size_t i, const void *data, size_t len,
    struct why *);

/*
 * Take the descriptors that the checked parameters name: of each METHOD_FILE
 * and image one that can be read, of "output" ones that can be written.
 * ERR_PARAMS, ERR_IMAGE, ERR_LIMIT, ERR_FILE_DENIED with a sentence that names
 * the file.  The parcel passes to job->parcel.
 */
int work_take(struct json_object *params, struct input_fds *,
    const struct conf *, struct work_parcel **, struct why *);
void work_parcel_free(struct work_parcel *);	/* NULL is fine */

/* Start a job when a processor is free for it; others wait their turn. */
void work_add(struct job *);
/* End a job that waits or runs with this error (sentence in `why`). */
void work_stop(struct job *, const struct why *);
/* The same with all of them; none is left then. */
void work_stop_all(const struct why *);
#endif
