#ifndef TESTS_SIM_PTY_H
#define TESTS_SIM_PTY_H
/*
 * pty - a pair of pseudo terminals: ours and the one that programs open.  Both
 * ends stay open, so that a program may come and go.
 */
#include <stdbool.h>
#include <stdint.h>

struct pty {
	int	 master;	/* non-blocking; -1: not open */
	int	 slave;
	unsigned number;	/* of /dev/pts/ */
	char	 path[32];	/* "/dev/pts/7" */
};

/* A pair with 115200 baud and nothing between the bytes and the program.
 * 0 or negative errno. */
int pty_open(struct pty *);
void pty_close(struct pty *);

/* What the program has set: any rate, 0 when it cannot be told... */
uint32_t pty_bps(const struct pty *);
/* ...and whether its last close is to drop the modem lines. */
bool pty_hupcl(const struct pty *);
#endif
