#ifndef STUBS_NOR_H
#define STUBS_NOR_H
/*
 * nor - the flash chip.  Each wait for it has a limit, and pumps the line.  What
 * fails is kept in s->error, and as long as it is there nothing more is done.
 *
 * Opcodes and status bits: data sheets of the W25Q, GD25Q and MX25L families,
 * JESD216 for the commands with addresses of four bytes.
 */
#include "stubs/state.h"

enum {
	NOR_SECTOR	= 4096,
	NOR_BLOCK32	= 32 * 1024,
	NOR_BLOCK	= 64 * 1024,
};

/* Find out how big it is; again after it was connected in another way. */
void nor_identify(struct stub *);

/* Is the range inside the flash?  If not, that is a failure. */
bool nor_has(struct stub *, uint32_t addr, uint32_t len);

/* Somebody else gave it a command: it may be busy (s->nor_work is
 * EXT_COUNT_IDLE until it was asked). */
void nor_touched(struct stub *);

bool nor_busy(struct stub *);
void nor_wait(struct stub *);

/* Up to STUB_SLICE bytes, into s->slice. */
void nor_read(struct stub *, uint32_t addr, uint32_t len);

/* The digest of a range, into s->scratch. */
void nor_md5(struct stub *, uint32_t addr, uint32_t len);

/* Clear the bits that protect blocks, if there are any. */
void nor_unlock(struct stub *);

/* Start to erase at `addr` (of a sector) the biggest block that is aligned and
 * not longer than `len`.  Returns how long it is (0: try again, the chip does
 * not know that size).  What is blank is left as it is.  Waits only for what
 * the chip does before. */
uint32_t nor_erase(struct stub *, uint32_t addr, uint32_t len);
void nor_erase_chip(struct stub *);

/* Program what is not FF; does not wait for the last piece. */
void nor_program(struct stub *, uint32_t addr, const uint8_t *, uint32_t len);
#endif
