#ifndef STUBS_NOR_H
#define STUBS_NOR_H
/*
 * nor - the flash chip.  Functions return an enum status; each wait for the
 * chip has a limit, and pumps the line.
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

/* Is the range inside the flash? */
bool nor_has(const struct stub *, uint32_t addr, uint32_t len);

/* Somebody else gave it a command: it may be busy. */
void nor_touched(struct stub *);

bool nor_busy(struct stub *);
uint8_t nor_wait(struct stub *);

uint8_t nor_read(struct stub *, uint32_t addr, uint8_t *, uint32_t len);
uint8_t nor_md5(struct stub *, uint32_t addr, uint32_t len,
    uint8_t out[MD5_BYTES]);

/* Clear the bits that protect blocks, if there are any. */
uint8_t nor_unlock(struct stub *);

/* Start to erase at `addr` (of a sector) the biggest block that is aligned and
 * not longer than `len`; *step is how long that is (0: try again, the chip does
 * not know that size).  What is blank is left as it is.  Waits only for what
 * the chip does before. */
uint8_t nor_erase(struct stub *, uint32_t addr, uint32_t len, uint32_t *step);
uint8_t nor_erase_chip(struct stub *);

/* Program what is not FF; does not wait for the last piece. */
uint8_t nor_program(struct stub *, uint32_t addr, const uint8_t *,
    uint32_t len);
#endif
