#ifndef TESTS_SIM_EFUSE_H
#define TESTS_SIM_EFUSE_H
/*
 * efuse - the eFuse controller of a board's chip: registers to fill, the
 * commands to program and to read, write and read protection, check bytes and
 * the registers that tell of errors.
 *
 * What is burned shows in the registers after a READ command or a reset only.
 * Where check bytes do not fit, what can be put right is, and told; a block
 * with more wrong bytes than that shows what it holds and counts as failed.
 * While the registers for the times of a burning hold others than the
 * manual's, nothing is burned.
 *
 * Its tables (efuse_tables.c) are written from esp-idf, independently of
 * proto/efuse, on purpose: see chips.h.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/sim/chips.h"
#include "tests/sim/fuse.h"

enum {
	SIMEFUSE_BLOCKS	= 11,
	SIMEFUSE_WORDS	= 11,		/* with check bytes */
	SIMEFUSE_WINDOW	= 0x200,	/* bytes of registers, most */
	SIMEFUSE_NONE	= 0xff,		/* no such bit */
	SIMEFUSE_ERR0	= 8,
	SIMEFUSE_PATH	= 512,
};

struct simefuse_block {
	uint16_t	read;		/* offset; words 0: no such block */
	uint8_t		words;
	uint8_t		wr_dis;		/* bit of WR_DIS */
	uint8_t		rd_dis, rd_high;	/* bits of RD_DIS: all, or the
						 * lower and the upper half */
};

/* Bits of BLOCK0 that one bit of WR_DIS protects. */
struct simefuse_group {
	uint8_t		wr_dis;
	uint16_t	first, count;	/* count 0 ends a list */
};

/* What a register must hold at a burning. */
struct simefuse_time {
	uint8_t		xtal_mhz;	/* with this crystal; 0: any */
	uint16_t	reg;
	uint32_t	mask, value;	/* mask 0 ends a list */
};

struct simefuse_row {
	const char	*chip;		/* NULL ends */
	uint32_t	 from_revision;	/* highest one reached counts */
	uint32_t	 base;
	uint16_t	 window, conf, cmd;
	struct simefuse_block block[SIMEFUSE_BLOCKS];
	const struct simefuse_group *groups;
	uint16_t	 err0, err0_words;	/* BLOCK0's copies differ */
	uint16_t	 rs;		/* counts of the other blocks */
	bool		 fail_late;	/* failure of block n: bit of n + 1 */
	/* ESP32: a register for each word of each block, other coding. */
	uint16_t	 wdata[4];	/* 0: it is no ESP32 */
	uint16_t	 dec_status;
	uint8_t		 rd_dis_bit;	/* where RD_DIS begins in BLOCK0 */
	uint8_t		 wr_dis_bits;
	uint8_t		 secure_download, no_download;	/* bits of BLOCK0 */
	uint32_t	 no_download_from;	/* revision */
	const struct simefuse_time *times;	/* NULL: as after a reset */
};

/* What goes wrong. */
struct simefuse_fault {
	unsigned	 weak;		/* so many programs lose their lowest
					 * bit */
	unsigned	 copy;		/* so many of BLOCK0 leave one of its
					 * copies without a bit */
	uint32_t	 ruined;	/* bit n: block n has failed, whatever
					 * it holds */
	bool		 stuck;		/* no command ever ends */
};

struct simefuse {
	const struct simefuse_row *row;	/* NULL: the chip has none */
	struct fuses	*fuses;		/* what the registers show */
	char		 path[SIMEFUSE_PATH];	/* "": in no file */
	struct simefuse_fault fault;
	uint32_t	 cell[SIMEFUSE_BLOCKS][SIMEFUSE_WORDS];
	uint32_t	 pgm[SIMEFUSE_WORDS];
	uint32_t	 wdata[4][8];	/* ESP32 */
	uint32_t	 timing[SIMEFUSE_WINDOW / 4];
	uint32_t	 xtal_mhz;
	uint32_t	 torn[SIMEFUSE_WORDS];	/* BLOCK0: its copies differ */
	bool		 mistimed;	/* the last burning was in vain */
	uint32_t	 conf, cmd;
	unsigned	 busy;		/* looks at `cmd` until it is done */
	uint32_t	 err0[SIMEFUSE_ERR0], rs[2], dec_status;
	unsigned	 programs;	/* so many PROGRAM commands came */
	unsigned	 hold;		/* stop at that one; 0: at none */
	bool		 hold_before;	/* ...before it burns */
	bool		 held;		/* it has: the board is to fall still */
	bool		 locks;		/* secure download began with that */
	bool		 fresh;		/* a READ command came: its owner looks
					 * at what it makes of that */
};

/* The rows, one without a name at the end. */
extern const struct simefuse_row simefuse_rows[];

/*
 * `fuses` holds what the board begins with, and from then on what its registers
 * show.  When there is a file at `path` (NULL: none) its fuses win; what is
 * burned is written there: registers from the base on, little-endian, turned
 * end to end, as espefuse keeps a virtual chip.  0 or negative errno.
 */
int simefuse_init(struct simefuse *, const struct simchip *, struct fuses *,
    uint32_t xtal_mhz, const char *path);

/* Is that one of its registers (blocks are not)? */
bool simefuse_has(const struct simefuse *, uint32_t addr);
uint32_t simefuse_read(struct simefuse *, uint32_t addr);
void simefuse_write(struct simefuse *, uint32_t addr, uint32_t value);
/* It was stopped before a program: burn it now. */
void simefuse_resume(struct simefuse *);
/* A reset: the registers show what is burned. */
void simefuse_reset(struct simefuse *);
/* The chip's loader cannot be entered. */
bool simefuse_no_download(const struct simefuse *, uint32_t revision);
/* The key of the flash in the first two blocks for keys, as in a key file; 0:
 * there is none. */
size_t simefuse_key(const struct simefuse *, const struct simchip *,
    uint8_t out[FUSE_KEY_MAX]);
#endif
