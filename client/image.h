#ifndef CLIENT_IMAGE_H
#define CLIENT_IMAGE_H
/*
 * image - the files that a command line names with their addresses: opened,
 * checked against each other, and put into a parcel.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct client;
struct parcel;

struct image {
	const char	*name;		/* as the user wrote it */
	uint32_t	 offset;
	const char	*partition;	/* instead of an offset; or NULL */
	uint64_t	 bytes;		/* 0: not to be written */
	bool		 encrypt;
	int		 fd;		/* within the parcel; -1: none */
	int		 old_fd;	/* --diff-with, so too */
};

struct images {
	struct image	*list;
	size_t		 count;
};

/*
 * Operands, --encrypt-files and --diff-with of client->args become parameter
 * "images" and descriptors in the parcel.  Empty files are left out with a
 * warning when others remain; ERR_FILE_EMPTY else.  images_done() even after a
 * failure; the descriptors are the parcel's.  What a UF2 file is for becomes
 * parameter "chip", where that says nothing.
 */
int images_open(struct images *, struct client *, struct parcel *);

/* The same of files that are known already: name, offset and encrypt of each
 * are given.  Nothing is taken over; the names must outlast the images. */
int images_add(struct images *, struct client *, struct parcel *,
    const struct image *given, size_t count);

/* The same of a command that needs no board, where an empty file is one like
 * any other. */
int images_open_all(struct images *, struct client *, struct parcel *);
void images_done(struct images *);
#endif
