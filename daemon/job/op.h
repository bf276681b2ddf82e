#ifndef DAEMON_JOB_OP_H
#define DAEMON_JOB_OP_H
/*
 * op - what a kind of job is: the method that starts it, its row of phases,
 * and what it answers.  A new kind of job is a row in one of the files op_*.c,
 * perhaps a line in op.c and a row in the method table (proto/rpc/method.c).
 */
#include "daemon/link/link.h"

struct json_object;
struct job;
struct work;

struct op {
	const char		*method;	/* "flash.write"; NULL ends */
	const struct phase	*phases;
	/* Fill link->flash from the checked parameters; ERR_ALIGN and the like
	 * with a sentence.  Called when the job is submitted, with a link that
	 * is not connected (only `flash` is kept), and again when it starts.
	 * NULL: nothing to fill. */
	int			(*setup)(struct link_flash *,
				    struct json_object *params, struct why *);
	/* Add the members of a successful job's result.  NULL: none. */
	void			(*result)(const struct link *,
				    struct json_object *result);
	/* The same for what needs to know the job; an error with its sentence
	 * is the job's.  NULL: nothing. */
	int			(*finish)(struct job *, const struct link *,
				    struct json_object *result, struct why *);
	/* Instead of all these: a job without a port (work.h).  0 with the
	 * result filled, or an error with its sentence. */
	int			(*work)(struct work *, struct why *);
	unsigned		 flags;
};

enum op_flag {
	OP_OUTPUT	= 1 << 0,	/* needs a descriptor to write to */
	OP_IMAGES	= 1 << 1,	/* needs images */
	OP_SECURE	= 1 << 2,	/* works in secure download mode */
	OP_PLACES	= 1 << 3,	/* takes names of partitions, ... */
	OP_ALTERS	= 1 << 4,	/* ... and alters what is there */
	OP_FUSES	= 1 << 5,	/* takes an order (efuse_order.h), or */
	OP_TOKEN	= 1 << 6,	/* the token of one */
	OP_BURNS	= 1 << 7,	/* for those who may burn eFuses */
};

/* Add what is known of the flash chip, as "flash". */
void op_flash_result(const struct link *, struct json_object *result);

/* How every job begins, and how one that works on the flash does. */
#define PHASES_IDENTIFY \
	{ "connect",	phase_connect,	0 },	/* attempts decide */ \
	{ "identify",	phase_identify,	10000 }
#define PHASES_ATTACH \
	PHASES_IDENTIFY, \
	{ "stub",	phase_stub,	20000 }, \
	{ "baud",	phase_baud,	5000 }, \
	{ "attach",	phase_attach,	10000 }

/* What image jobs do; each in a work_*.c of its own. */
int work_elf2image(struct work *, struct why *);
int work_info(struct work *, struct why *);
int work_make(struct work *, struct why *);
int work_merge(struct work *, struct why *);
int work_partitions(struct work *, struct why *);

const struct op *op_find(const char *method);

/* The rows, for op.c only; each table ends with a NULL method. */
extern const struct op op_flash[], op_spi[], op_chip[], op_mem[], op_efuse[],
    op_image[];
#endif
