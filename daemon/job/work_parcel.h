#ifndef DAEMON_JOB_WORK_PARCEL_H
#define DAEMON_JOB_WORK_PARCEL_H
/*
 * work_parcel - the files of a job that needs no board, as they came along with
 * its request: open, checked, not yet read.
 */
#include <stddef.h>
#include <stdint.h>

#include "daemon/job/input.h"
#include "proto/base/why.h"
#include "proto/rpc/method.h"

struct conf;
struct json_object;

enum {
	WORK_FILES_MAX		= METHOD_IMAGES_MAX + 1,
	WORK_OUTPUTS_MAX	= 8,
};

struct work_parcel_file {
	char		*name;		/* as the user wrote it */
	int		 fd;		/* can be read */
	size_t		 len;
	uint32_t	 offset;	/* of "images"; else 0 */
};

struct work_parcel {
	struct work_parcel_file	*file;		/* of a METHOD_FILE, or NULL */
	struct work_parcel_file	 files[WORK_FILES_MAX];	/* images first */
	size_t			 file_count, image_count;
	uint64_t		 bytes;		/* of all files */
	int			 outputs[WORK_OUTPUTS_MAX];	/* of "output" */
	size_t			 output_count;
};

/*
 * Take the descriptors that the checked parameters name: of each METHOD_FILE
 * and image one that can be read, of "output" ones that can be written.
 * ERR_PARAMS, ERR_IMAGE, ERR_LIMIT, ERR_FILE_DENIED with a sentence that names
 * the file.
 */
int work_parcel_take(struct json_object *params, struct input_fds *,
    const struct conf *, struct work_parcel **, struct why *);
void work_parcel_free(struct work_parcel *);	/* NULL is fine */
#endif
