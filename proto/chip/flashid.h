#ifndef PROTO_CHIP_FLASHID_H
#define PROTO_CHIP_FLASHID_H
/*
 * flashid - what a flash chip says about itself: the JEDEC id (command 0x9F).
 */
#include <stddef.h>
#include <stdint.h>

enum { FLASH_SECTOR = 4096 };	/* bytes; the least a NOR flash erases */

struct flashid {
	uint8_t		manufacturer;
	uint16_t	device;		/* type << 8 | capacity */
	uint32_t	size;		/* bytes; 0: the id does not tell */
};

/* From the answer to 0x9F as the SPI controller holds it: manufacturer in the
 * low byte, then type, then capacity. */
void flashid_parse(uint32_t rdid, struct flashid *);

/* Maker's name by JEDEC number ("Winbond"); NULL when unknown. */
const char *flashid_maker(uint8_t manufacturer);

/* 1 when the id is one that an absent or dead chip gives
 * (FFFFFF, 000000, FFFF3F). */
int flashid_absent(uint32_t rdid);
#endif
