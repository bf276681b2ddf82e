#ifndef DAEMON_BASE_CONF_H
#define DAEMON_BASE_CONF_H
/*
 * conf - the settings of the daemon: one table of name, type, default, limits
 * and help; a file of "name = value" lines ('#' comments); environment and
 * command line may override.
 */
#include <stddef.h>
#include <stdint.h>

#include "proto/base/why.h"

struct conf {
	char		socket[108];	/* path of the listening socket */
	char		stub_path[1024];/* directories of stub images, ':' between */
	char		stub[12];	/* auto, own, espressif, none */
	char		log_level[8];
	uint32_t	idle_exit_s;	/* leave when idle that long; 0: never */
	uint32_t	max_clients;
	uint32_t	max_clients_per_user;
	uint32_t	max_jobs;	/* jobs remembered or waiting */
	uint32_t	max_jobs_per_user;	/* waiting or running, per user */
	uint32_t	max_image_bytes;	/* one image */
	uint32_t	max_images_bytes;	/* all images in memory */
	uint32_t	job_keep_s;	/* how long a finished job is remembered */
	char		state_dir[256];	/* what is remembered; "none": nowhere */
	char		export_busy[8];	/* "wait" or "refuse": a job on a port
					 * that a client of an export uses */
	char		burn_group[64];	/* who may burn eFuses; "": everyone */
	uint32_t	hold_port_s;	/* how long an idle tty stays open */
	uint32_t	stop_timeout_s;	/* SIGTERM: how long jobs may take to stop */
};

struct conf_setting {
	const char	*name;		/* "idle-exit-s" */
	const char	*help;		/* one sentence with the unit */
	size_t		 offset;	/* in struct conf */
	size_t		 size;		/* room of a string; 0: a number */
	const char	*initial;	/* default, as written in a file */
	uint32_t	 min, max;	/* of a number */
	const char	*choices;	/* of a string, '|' between; or NULL */
};

/* The table; ends with a row whose name is NULL. */
extern const struct conf_setting conf_settings[];

/* Fill with the defaults. */
void conf_init(struct conf *);

/* Set one by name.  ERR_PARAMS with a sentence for an unknown name or value. */
int conf_set(struct conf *, const char *name, const char *value, struct why *);

/* Read a file.  ERR_FILE_MISSING, ERR_FILE_DENIED, ERR_PARAMS; the sentence
 * names file and line. */
int conf_read(struct conf *, const char *path, struct why *);
#endif
