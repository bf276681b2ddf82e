#ifndef CLIENT_WORK_H
#define CLIENT_WORK_H
/*
 * work - commands that need no board: their job from parameters and files to
 * its result.
 */
#include "client/submit.h"

struct client;
struct json_object;

/* Open a file, put it into the parcel and make it parameter `name` ({"fd",
 * "name"}).  The errors of file_open_image(). */
int work_file(struct client *, struct parcel *, const char *name,
    const char *path);

/*
 * Outputs become parameter "output".  They are temporary files beside `path`,
 * one after the other, and take their names by work_keep() only: what fails
 * leaves nothing behind.  The errors of file_output_open().
 */
int work_output(struct client *, struct parcel *, const char *path);

/*
 * Do the command's method with client->args.params and the parcel, and tell its
 * notes.  0 with the result, which is the caller's; else an enum err with
 * client->why set.
 */
int work_run(struct client *, struct parcel *, struct json_object **result);

/* Give output `i` its name: `path`, or the one it was opened with (NULL).
 * The errors of file_output_keep(). */
int work_keep(struct client *, struct parcel *, size_t i, const char *path);
#endif
