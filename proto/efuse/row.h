#ifndef PROTO_EFUSE_ROW_H
#define PROTO_EFUSE_ROW_H
/*
 * row - how the tables of the chips (efuse_CHIP.c) are written: a field is one
 * row, BOOL of one bit, UINT of `size` bits, BYTES of `size` bytes, CALC of no
 * bits of its own; what is not usual follows by name.  Only they include this.
 */
#include "proto/efuse/efuse.h"

enum { NONE = EFUSE_NO_BIT };

#define BOOL(n, blk, at, wr, cat, ...) \
	{ .name = n, .block = blk, .bit = at, .bits = 1, .wr_dis = wr, \
	  .type = EFUSE_BOOL, .category = cat, __VA_ARGS__ }
#define UINT(n, blk, at, size, wr, cat, ...) \
	{ .name = n, .block = blk, .bit = at, .bits = size, .wr_dis = wr, \
	  .type = EFUSE_UINT, .category = cat, __VA_ARGS__ }
#define BYTES(n, blk, at, size, wr, cat, ...) \
	{ .name = n, .block = blk, .bit = at, .bits = 8 * (size), \
	  .wr_dis = wr, .type = EFUSE_BYTES, .category = cat, __VA_ARGS__ }
#define CALC(n, blk, size, t, cat, ...) \
	{ .name = n, .block = blk, .bit = EFUSE_NOWHERE, .bits = size, \
	  .wr_dis = NONE, .type = t, .category = cat, __VA_ARGS__ }

/* A block that is one field: a key of 32 bytes. */
#define KEY(n, blk, wr, rd, older) \
	BYTES(n, blk, 0, 32, wr, "security", .class = EFUSE_CLASS_KEYBLOCK, \
	    .rd_dis = 1u << (rd), .alt = older)
/* Measured in the factory: a number with a sign. */
#define POINT(n, blk, at, size, wr, ...) \
	UINT(n, blk, at, size, wr, "calibration", \
	    .when = EFUSE_CALIBRATED, .class = EFUSE_CLASS_ADC_TP, __VA_ARGS__)

#define PURPOSE(n, v, f) { .name = n, .value = v, .flags = f }
#define VIRTUAL(n, v, f, first, second) \
	{ .name = n, .value = v, .flags = f, .halves = { first, second } }

/* Where a block's errors are told: register and lowest bit of the count (of
 * three bits), register and bit that says that they were too many. */
#define ERRORS(reg, shift, freg, fbit) \
	{ .count_reg = reg, .count_shift = shift, .count_mask = 7, \
	  .fail_reg = freg, .fail_bit = fbit }
/* Blocks 1 to 8 in one register, 9 and 10 in the next, four bits each. */
#define ERRORS_RS(low, high) { \
	[1] = ERRORS(low, 0, low, 3), [2] = ERRORS(low, 4, low, 7), \
	[3] = ERRORS(low, 8, low, 11), [4] = ERRORS(low, 12, low, 15), \
	[5] = ERRORS(low, 16, low, 19), [6] = ERRORS(low, 20, low, 23), \
	[7] = ERRORS(low, 24, low, 27), [8] = ERRORS(low, 28, low, 31), \
	[9] = ERRORS(high, 0, high, 3), [10] = ERRORS(high, 4, high, 7) }
#define COUNT_ONLY(reg, shift) \
	{ .count_reg = reg, .count_shift = shift, .count_mask = 7 }

/* The DAC's number and divider, and how long it is switched on and off. */
#define TIMING_USUAL(dac, on, off) \
	{ 0, dac, 0x0001fe00, 0x0001fe00 }, { 0, dac, 0x000000ff, 0x00000028 }, \
	{ 0, on, 0x00ffff00, 0x00300000 }, { 0, off, 0x0000ffff, 0x00000190 }

/* What is burned at the very end: what protects, and what shuts us out. */
#define LATE_USUAL \
	"WR_DIS RD_DIS ENABLE_SECURITY_DOWNLOAD DIS_DOWNLOAD_MODE " \
	"SPI_BOOT_CRYPT_CNT SECURE_BOOT_EN"

/* Most chips with Reed-Solomon coding have these. */
extern const struct efuse_block efuse_blocks_rs[];

/* A counter of three bits: an odd number of ones switches on. */
extern const struct efuse_meaning efuse_odd_enables[];

extern const struct efuse_chip efuse_esp32, efuse_esp32s2, efuse_esp32s3,
    efuse_esp32c2, efuse_esp32c3, efuse_esp32c5, efuse_esp32c6, efuse_esp32c61,
    efuse_esp32h2, efuse_esp32h21, efuse_esp32h4, efuse_esp32p4,
    efuse_esp32p4_v1, efuse_esp32s31, efuse_esp32e22;
#endif
