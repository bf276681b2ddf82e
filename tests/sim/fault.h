#ifndef TESTS_SIM_FAULT_H
#define TESTS_SIM_FAULT_H
/*
 * fault - what goes wrong, and when: "BOARD:KIND@WHEN[:ARG]".
 *
 *	WHEN	rx:N		the N-th byte that reaches the chip
 *		tx:N		the N-th byte that reaches the host
 *		cmd:N		the N-th command
 *		cmd:NAME[:N]	the N-th (1) command of that name; DATA is any
 *				that brings a block for the flash
 *	KIND	drop		ARG bytes (1) get lost
 *		corrupt		ARG bytes (1) get bits flipped
 *		delay		nothing reaches the host for ARG ms (1000)
 *		silent		nothing reaches the host for ARG ms (for ever)
 *		reset		the chip resets (ARG 1: into download mode)
 *		unplug		the port goes away; back after ARG ms (never)
 *
 * Bytes and commands are counted from 1 and from the program's start.  Each
 * fault happens once; after a command, drop and corrupt hit the next bytes
 * to the host.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fault_kind {
	FAULT_DROP,
	FAULT_CORRUPT,
	FAULT_DELAY,
	FAULT_SILENT,
	FAULT_RESET,
	FAULT_UNPLUG,
};

enum fault_when {
	FAULT_RX,
	FAULT_TX,
	FAULT_COMMAND,
};

enum { FAULT_DATA = 256 };	/* in the place of an opcode */

struct fault {
	unsigned	board;
	enum fault_kind	kind;
	enum fault_when	when;
	int		op;		/* of commands; -1: any; FAULT_DATA */
	uint64_t	count;		/* still to pass before it happens */
	bool		has_arg;
	uint32_t	arg;
	bool		happened;
	uint32_t	left;		/* bytes still to drop or corrupt */
};

/* False when the text is not a fault. */
bool fault_parse(struct fault *, const char *);

/* `len` bytes pass in this direction.  Bytes are dropped and changed in
 * place; the new length is returned.  *happens is set when the fault (delay,
 * silent, reset, unplug) begins within them. */
size_t fault_bytes(struct fault *, enum fault_when, uint8_t *, size_t len,
    bool *happens);

/* A command arrived; true when the fault begins with it. */
bool fault_command(struct fault *, uint8_t op);
#endif
