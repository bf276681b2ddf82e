#ifndef DAEMON_JOB_WORK_H
#define DAEMON_JOB_WORK_H
/*
 * work - what is done with files alone: images made, merged, looked at.
 *
 * Each job of that kind runs in a process of its own, forked from the daemon
 * (work_queue): no board waits for it, and a file that would break a parser
 * breaks that process only.  What it does is one function of struct op, which
 * reads the parameters and files of struct work, calls proto/image, writes the
 * outputs and fills the result.  The function may take its time and memory; it
 * must not touch a port, the loop or a registry.
 *
 * The process tells its end over a pipe, a JSON text per line:
 *
 *	{"note": "..."}			any number of these, then one of
 *	{"result": {...}}
 *	{"error": {...}}		as rpc_error_object() makes it
 *
 * What ends without one of the last two died of something else.
 */
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "proto/base/why.h"

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
	const int		*outputs;	/* of "output" */
	size_t			 output_count;
	int			 tell;		/* where notes go */
};

/* 0 with the result filled, or an error with its sentence. */
typedef int work_fn(struct work *, struct why *);

/* For the functions: tell the user something that is no error. */
void work_note(struct work *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* The same for proto/image, which takes a function: arg is the work. */
void work_note_text(void *work, const char *text);

/* Write all of output `i`, once.  ERR_PARAMS when there is no such output,
 * ERR_IO; with their sentence. */
int work_output(struct work *, size_t i, const void *data, size_t len,
    struct why *);

/* All of the process's life: `pipe` is where it tells, `daemon` its parent. */
void work_main(work_fn *, const struct work_parcel *,
    struct json_object *params, int pipe, pid_t daemon)
    __attribute__((noreturn));
#endif
