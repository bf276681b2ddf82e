#ifndef CLIENT_SUBMIT_H
#define CLIENT_SUBMIT_H
/*
 * submit - from checked parameters to what came out: find the daemon and the
 * ports, submit the job with its descriptors, follow it, report.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/file.h"

struct client;

/* What goes along with a request. */
struct parcel {
	int			*fds;		/* closed by parcel_done() */
	size_t			 fd_count, fd_room;
	/* Files to receive; their descriptors come last in `fds`. */
	struct file_output	*outputs;
	size_t			 output_count;
	/* A read: the wanted name, and for each port that of its output. */
	const char		*output;	/* NULL: it is none */
	char			**names;
	size_t			 of;		/* boards that are searched */
	bool			 hold;		/* a difference is told by the
						 * caller */
};

/* Put a descriptor into the parcel, which owns it from now on, also after a
 * failure; returns its index or ERR_NOMEM. */
int parcel_add(struct parcel *, int fd, struct client *);
/* Open a file to receive (client/file.h) as one more output; returns the index
 * of its descriptor or an error. */
int parcel_add_output(struct parcel *, const char *path, struct client *);
void parcel_done(struct parcel *);

/* Do the command's method with client->args.params and the parcel.  Returns 0
 * or an enum err, with client->why set unless all was said. */
int submit_run(struct client *, struct parcel *);

/*
 * An operand into a parameter: a number with a suffix ("0x1000", "4k").
 * `what` is "address" or "size".  ERR_USAGE with a sentence.
 */
int submit_size(struct client *, const char *what, const char *word,
    uint32_t *value);

/* More for a sentence about operands, when one of them looks like the port that
 * somebody gave behind -p where it means another option; or "". */
const char *submit_port_hint(const struct client *);
#endif
