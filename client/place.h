#ifndef CLIENT_PLACE_H
#define CLIENT_PLACE_H
/*
 * place - operands that say where in the flash: an address, or the name of a
 * partition.
 */
#include <stdint.h>

struct client;
struct json_object;
struct parcel;

struct place {
	uint32_t	 offset;	/* of an address; else 0 */
	const char	*partition;	/* its name, in the operand; or NULL */
};

/* ERR_USAGE with a sentence.  In esptool's place, and for commands without
 * COMMAND_PLACES, only addresses are some. */
int place_parse(struct client *, const char *word, struct place *);

/* As a parameter; the caller's. */
struct json_object *place_json(const struct place *);

/* --partition-table, when it was given: opened, as parameter
 * "partition_table".  The errors of file_open_image(). */
int place_table(struct client *, struct parcel *);
#endif
