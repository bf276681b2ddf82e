#ifndef TESTS_VIRT_VIRT_H
#define TESTS_VIRT_VIRT_H
/*
 * virt - what the tests in virtual time share: a machine, a link to it whose
 * stub has been found, data to write, and what came of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/link/link.h"
#include "tests/virt/machine.h"

enum {
	VIRT_NOTES	= 4096,
	VIRT_OFFSET	= 0x10000,	/* where writes go */
};

struct virt {
	struct machine		 m;
	struct link		 link;
	struct link_write	 write;
	char			 notes[VIRT_NOTES];
	uint64_t		 done;		/* of the progress */
	uint8_t			*sink;
	size_t			 sink_len, sink_size;
};

enum virt_data {
	VIRT_NOISE,		/* does not shrink */
	VIRT_CODE,		/* shrinks to about a half, like code */
	VIRT_EMPTY,		/* nearly all of it FF */
};

/* A blob that is ready; the same each time. */
struct blob *virt_blob(enum virt_data, size_t len);

/* A machine, and a link that has come past its phase "attach". */
void virt_start(struct virt *, uint32_t flash_bytes, uint32_t baud,
    unsigned latency_ms, bool official);
void virt_stop(struct virt *);

/* What phase_write() shall write, and where; counts anew. */
void virt_want(struct virt *, struct blob *, uint32_t offset);

/* And write it; the result of phase_write(). */
int virt_write(struct virt *, struct blob *, uint32_t offset);

/* The flash holds it there, untouched around it, and neither flash nor FIFO
 * have been maltreated. */
void virt_assert_written(struct virt *, const struct blob *, uint32_t offset);

/* What phase_read() shall read, into v->sink; counts anew. */
void virt_want_read(struct virt *, uint32_t offset, uint32_t bytes);

/* And read it; the result of phase_read(). */
int virt_read(struct virt *, uint32_t offset, uint32_t bytes);

double virt_seconds(const struct virt *);
#endif
