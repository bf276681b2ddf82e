#ifndef CLIENT_FILE_H
#define CLIENT_FILE_H
/*
 * file - images to send and files to receive.
 *
 * What is read from a chip goes to a file beside the wanted one and takes its
 * name only when it is complete, so that no failure leaves half a file or
 * spoils an old one.
 */
#include <stdint.h>

#include "proto/base/why.h"

/* Open an image.  Returns the descriptor; ERR_FILE_MISSING, ERR_FILE_DENIED,
 * ERR_FILE_EMPTY, ERR_IMAGE (no regular file), ERR_IO. */
int file_open_image(const char *path, uint64_t *bytes, struct why *);

struct file_output {
	int	 fd;		/* to be written to; -1: none */
	char	*path;		/* the wanted name, as it was given */
	char	*target;	/* the same, links followed */
	char	*temp;		/* its name so far; NULL: none, a special file */
};

/* ERR_FILE_MISSING (no such directory), ERR_FILE_DENIED, ERR_IO, ERR_NOMEM. */
int file_output_open(struct file_output *, const char *path, struct why *);

/* It shall have another name, in the same directory.  ERR_NOMEM. */
int file_output_rename(struct file_output *, const char *path, struct why *);

/* All is there: give it its name. */
int file_output_keep(struct file_output *, struct why *);

/* Close; throw away what was not kept.  With `leave` it stays under its
 * temporary name, for a job that goes on. */
void file_output_done(struct file_output *, int leave);

/*
 * The name for one of several ports: "dump.bin" and "/dev/ttyUSB0" make
 * "dump-ttyUSB0.bin".  The caller frees it.
 */
char *file_name_for(const char *path, const char *port);
#endif
