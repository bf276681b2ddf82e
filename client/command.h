#ifndef CLIENT_COMMAND_H
#define CLIENT_COMMAND_H
/*
 * command - the table of espctl's commands.
 */
#include <stddef.h>

struct client;
struct show;

enum { COMMAND_ANY = 1000000 };		/* any number of operands */

/* Options of espctl itself that only some commands take. */
enum command_option {
	COMMAND_FOLLOW	= 1 << 0,	/* --follow */
	COMMAND_REMOVE	= 1 << 1,	/* --remove */
	COMMAND_FILTER	= 1 << 2,	/* --port-filter; those of jobs do */
	COMMAND_WRITE	= 1 << 3,	/* what goes with files to write */
	COMMAND_VERIFY	= 1 << 4,	/* --diff */
	COMMAND_JOB	= 1 << 5,	/* set for those with a METHOD_JOB */
	COMMAND_ESPTOOL	= 1 << 6,	/* esptool has it, too */
	COMMAND_BUILD	= 1 << 7,	/* a build directory; --no-encrypt */
	COMMAND_OUTPUT	= 1 << 8,	/* --output */
	COMMAND_SEGMENTS = 1 << 9,	/* --segfile, --segaddr */
	COMMAND_PLACES	= 1 << 10,	/* names of partitions, ... */
	COMMAND_TABLE	= 1 << 11,	/* ... and --partition-table */
};

struct command {
	const char	*name;		/* "write-flash"; NULL ends */
	const char	*method;	/* whose parameters are its options; NULL */
	const char	*operands;	/* "ADDRESS FILE...", for help */
	unsigned	 min, max;	/* how many operands */
	const char	*help;		/* one sentence */
	/* Returns 0 or an enum err, with client->why set unless all was said. */
	int		(*run)(struct client *);
	unsigned	 options;	/* command_option */
	/* Parameters that the operands are, in their order: whole numbers;
	 * NULL: run takes the operands itself. */
	const char	*numbers;
};

extern const struct command commands[];

const struct command *command_find(const char *name);

/* A line of the result for each command that has those options (0: all). */
void command_list(struct show *, unsigned options);

/* cmd_flash.c: everything that starts jobs */
int cmd_write(struct client *);		/* verify-flash too */
int cmd_read(struct client *);
int cmd_region(struct client *);
int cmd_dump(struct client *);
int cmd_numbers(struct client *);	/* those with `numbers` */
int cmd_load_ram(struct client *);
int cmd_plain(struct client *);		/* methods without operands */
/* cmd_elf2image.c */
int cmd_elf2image(struct client *);
/* cmd_merge.c */
int cmd_merge(struct client *);
int cmd_make_image(struct client *);
/* image_info.c */
int cmd_image_info(struct client *);
/* cmd_build.c */
int cmd_build(struct client *);
/* cmd_partitions.c */
int cmd_partitions(struct client *);
/* efuse.c: called where its command line was not seen to be one */
int cmd_efuse(struct client *);
/* secure.c: likewise */
int cmd_secure(struct client *);
/* cmd_job.c */
int cmd_jobs(struct client *);
int cmd_wait(struct client *);
int cmd_cancel(struct client *);
/* cmd_ports.c */
int cmd_ports(struct client *);
int cmd_label(struct client *);
int cmd_labels(struct client *);
int cmd_export(struct client *);
int cmd_unexport(struct client *);
/* cmd_doctor.c */
int cmd_doctor(struct client *);
/* cmd_info.c */
int cmd_daemon_status(struct client *);
int cmd_version(struct client *);
int cmd_help(struct client *);
#endif
