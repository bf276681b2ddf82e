#ifndef CLIENT_ESPTOOL_H
#define CLIENT_ESPTOOL_H
/*
 * esptool - being called in its place: "espctl esptool ...", or by the name of
 * esptool or esptool.py.
 *
 * The command line, the jobs and the results are espctl's; what is printed,
 * where it goes and how a run ends is as scripts know it from esptool
 * (voice_esptool.c, and its exit status).
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/serial/slip.h"

struct board;
struct client;
struct follow;
struct json_object;

/* The release whose command line this is. */
#define ESPTOOL_VERSION	"5.3.1"

enum { ESPTOOL_FRAME_MAX = 128 };	/* bytes of a traced frame */

/* What is remembered while a job is followed. */
struct esptool {
	bool			 searched;	/* for a board, not just one */
	bool			 chip_told;	/* the block about the chip */
	bool			 stub_told;
	bool			 progress_full;	/* all was done */
	uint32_t		 baud_told;
	int64_t			 erase_ms;	/* when it began */
	int64_t			 trace_ms;	/* of the last traced piece */
	struct slip_decoder	 slip;		/* of what was received */
	uint8_t			 frame[ESPTOOL_FRAME_MAX];
};

/* What all tools of its family say of a name with ".py", and of older
 * spellings (an array of sentences). */
void esptool_tell_py(struct client *, const char *tool);
void esptool_tell_older(struct client *, struct json_object *older);

/* Begin: banner, configuration, older spellings; ERR_USAGE for options that
 * exclude each other and commands that esptool has not. */
int esptool_begin(struct client *);

/* Its exit status for that error: 0, 1 or 2. */
int esptool_exit(int err);

/* esptool_trace.c: show an event "job.trace". */
void esptool_trace(struct follow *, struct board *, struct json_object *event);

int esptool_help(struct client *);
int esptool_version(struct client *);
#endif
