#ifndef DAEMON_LINK_BOOTLOG_H
#define DAEMON_LINK_BOOTLOG_H
/*
 * bootlog - what a chip's ROM and its program print while they start, and what
 * it means.  Pure: text in, facts out.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BOOTLOG_CRASH = 64, BOOTLOG_RESET = 48 };

struct bootlog {
	bool		has_reset;	/* the chip told why it was reset ... */
	char		reset[BOOTLOG_RESET];	/* ... "rst:0x1 (POWERON)" */
	bool		has_boot;	/* ... and what it boots from */
	uint32_t	boot;		/* number behind "boot:" */
	bool		waits;		/* the loader waits for download */
	bool		brownout;	/* its supply sagged */
	bool		no_program;	/* the ROM finds none in flash */
	bool		untrusted;	/* the ROM does not accept its signature */
	char		crash[BOOTLOG_CRASH];	/* of its program, or "" */
};

/* Add to *log what `text` says; of what may change the last word counts. */
void bootlog_read(struct bootlog *log, const char *text, size_t len);
#endif
