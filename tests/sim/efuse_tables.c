/*
 * The controllers of the chips.
 *
 * From esp-idf: components/soc/CHIP/register/soc/efuse_reg.h (registers) and
 * components/efuse/CHIP/esp_efuse_table.csv (which bit of WR_DIS protects what:
 * its rows WR_DIS.NAME).  Of the ESP32-E22 there is nothing there yet: its
 * numbers are esptool's.
 */
#include "tests/sim/efuse.h"

enum { NONE = SIMEFUSE_NONE };

static const struct simefuse_group esp32_groups[] = {
	{ 1, 0, 16 }, { 0, 16, 4 }, { 2, 20, 8 }, { 3, 32, 56 }, { 3, 96, 2 },
	{ 3, 99, 1 }, { 10, 110, 1 }, { 4, 128, 13 }, { 5, 142, 3 },
	{ 6, 160, 20 }, { 3, 182, 2 }, { 10, 188, 6 }, { 15, 194, 1 },
	{ 12, 196, 1 }, { 13, 197, 1 }, { 14, 198, 1 }, { 15, 199, 3 },
	{ 10, 202, 1 },
	{ .count = 0 }
};

static const struct simefuse_group esp32s2_groups[] = {
	{ 0, 32, 7 }, { 2, 40, 8 }, { 2, 49, 3 }, { 30, 56, 5 }, { 3, 68, 3 },
	{ 3, 80, 2 }, { 4, 82, 3 }, { 5, 85, 1 }, { 6, 86, 1 }, { 7, 87, 1 },
	{ 8, 88, 4 }, { 9, 92, 4 }, { 10, 96, 4 }, { 11, 100, 4 },
	{ 12, 104, 4 }, { 13, 108, 4 }, { 15, 116, 1 }, { 16, 117, 1 },
	{ 18, 124, 7 }, { 18, 132, 23 },
	{ .count = 0 }
};

static const struct simefuse_group esp32s3_groups[] = {
	{ 0, 32, 7 }, { 2, 40, 8 }, { 31, 48, 3 }, { 2, 51, 2 }, { 30, 57, 2 },
	{ 3, 68, 3 }, { 3, 80, 2 }, { 4, 82, 3 }, { 5, 85, 1 }, { 6, 86, 1 },
	{ 7, 87, 1 }, { 8, 88, 4 }, { 9, 92, 4 }, { 10, 96, 4 },
	{ 11, 100, 4 }, { 12, 104, 4 }, { 13, 108, 4 }, { 15, 116, 1 },
	{ 16, 117, 1 }, { 2, 118, 4 }, { 18, 124, 34 }, { 19, 159, 3 },
	{ .count = 0 }
};

static const struct simefuse_group esp32c2_groups[] = {
	{ 0, 32, 2 }, { 1, 34, 4 }, { 2, 38, 5 }, { 3, 43, 10 }, { 2, 53, 1 },
	{ 4, 54, 7 },
	{ .count = 0 }
};

static const struct simefuse_group esp32c3_groups[] = {
	{ 0, 32, 7 }, { 2, 40, 5 }, { 2, 46, 2 }, { 31, 48, 3 }, { 2, 51, 2 },
	{ 30, 57, 2 }, { 3, 80, 2 }, { 4, 82, 3 }, { 5, 85, 1 }, { 6, 86, 1 },
	{ 7, 87, 1 }, { 8, 88, 4 }, { 9, 92, 4 }, { 10, 96, 4 },
	{ 11, 100, 4 }, { 12, 104, 4 }, { 13, 108, 4 }, { 15, 116, 1 },
	{ 16, 117, 1 }, { 18, 124, 7 }, { 18, 132, 4 }, { 18, 141, 17 },
	{ 19, 159, 3 },
	{ .count = 0 }
};

static const struct simefuse_group esp32c5_groups[] = {
	{ 0, 32, 7 }, { 2, 40, 2 }, { 2, 44, 4 }, { 31, 48, 3 }, { 2, 51, 2 },
	{ 30, 57, 2 }, { 3, 59, 2 }, { 1, 64, 15 }, { 4, 80, 3 }, { 5, 83, 1 },
	{ 6, 84, 1 }, { 7, 85, 1 }, { 8, 86, 5 }, { 9, 91, 5 }, { 10, 96, 5 },
	{ 11, 101, 5 }, { 12, 106, 5 }, { 13, 111, 5 }, { 14, 116, 2 },
	{ 15, 121, 1 }, { 16, 122, 1 }, { 1, 123, 1 }, { 18, 124, 7 },
	{ 1, 131, 1 }, { 18, 132, 14 }, { 18, 153, 1 }, { 2, 154, 1 },
	{ 14, 155, 3 }, { 14, 159, 1 }, { 19, 160, 9 }, { 17, 169, 4 },
	{ 14, 173, 1 },
	{ .count = 0 }
};

static const struct simefuse_group esp32c6_groups[] = {
	{ 0, 32, 7 }, { 2, 39, 6 }, { 17, 45, 1 }, { 2, 46, 2 }, { 31, 48, 3 },
	{ 2, 51, 2 }, { 30, 57, 2 }, { 3, 80, 2 }, { 4, 82, 3 }, { 5, 85, 1 },
	{ 6, 86, 1 }, { 7, 87, 1 }, { 8, 88, 4 }, { 9, 92, 4 }, { 10, 96, 4 },
	{ 11, 100, 4 }, { 12, 104, 4 }, { 13, 108, 4 }, { 14, 112, 2 },
	{ 1, 114, 1 }, { 15, 116, 1 }, { 16, 117, 1 }, { 18, 124, 7 },
	{ 18, 132, 4 }, { 18, 141, 17 }, { 19, 158, 1 }, { 19, 160, 2 },
	{ .count = 0 }
};

static const struct simefuse_group esp32c61_groups[] = {
	{ 0, 32, 7 }, { 2, 39, 2 }, { 2, 42, 5 }, { 30, 51, 2 }, { 3, 53, 2 },
	{ 4, 55, 3 }, { 5, 58, 1 }, { 6, 59, 1 }, { 7, 60, 1 }, { 8, 64, 4 },
	{ 9, 68, 4 }, { 10, 72, 4 }, { 11, 76, 4 }, { 12, 80, 4 },
	{ 13, 84, 4 }, { 14, 88, 2 }, { 15, 90, 1 }, { 16, 91, 1 },
	{ 18, 92, 29 }, { 2, 121, 1 }, { 14, 122, 3 }, { 2, 125, 1 },
	{ 14, 126, 2 },
	{ .count = 0 }
};

static const struct simefuse_group esp32h2_groups[] = {
	{ 0, 32, 7 }, { 2, 40, 3 }, { 2, 44, 4 }, { 31, 48, 3 }, { 2, 51, 2 },
	{ 30, 57, 2 }, { 17, 59, 3 }, { 14, 62, 2 }, { 3, 80, 2 },
	{ 4, 82, 3 }, { 5, 85, 1 }, { 6, 86, 1 }, { 7, 87, 1 }, { 8, 88, 4 },
	{ 9, 92, 4 }, { 10, 96, 4 }, { 11, 100, 4 }, { 12, 104, 4 },
	{ 13, 108, 4 }, { 14, 112, 2 }, { 14, 115, 1 }, { 15, 116, 1 },
	{ 16, 117, 1 }, { 2, 118, 5 }, { 18, 124, 7 }, { 18, 132, 22 },
	{ 19, 154, 28 },
	{ .count = 0 }
};

static const struct simefuse_group esp32h21_groups[] = {
	{ 0, 32, 7 }, { 2, 39, 4 }, { 2, 44, 4 }, { 31, 48, 3 }, { 2, 51, 2 },
	{ 30, 57, 2 }, { 17, 59, 3 }, { 14, 62, 2 }, { 3, 80, 2 },
	{ 4, 82, 3 }, { 5, 85, 1 }, { 6, 86, 1 }, { 7, 87, 1 }, { 8, 88, 4 },
	{ 9, 92, 4 }, { 10, 96, 4 }, { 11, 100, 4 }, { 12, 104, 4 },
	{ 13, 108, 4 }, { 14, 112, 2 }, { 14, 115, 1 }, { 15, 116, 1 },
	{ 16, 117, 1 }, { 2, 118, 5 }, { 18, 124, 7 }, { 18, 132, 22 },
	{ 19, 154, 28 },
	{ .count = 0 }
};

static const struct simefuse_group esp32h4_groups[] = {
	{ 0, 32, 7 }, { 2, 39, 1 }, { 2, 41, 6 }, { 2, 50, 1 }, { 2, 52, 2 },
	{ 4, 55, 3 }, { 5, 58, 1 }, { 6, 59, 1 }, { 7, 60, 1 }, { 8, 64, 5 },
	{ 9, 69, 5 }, { 10, 74, 5 }, { 11, 79, 5 }, { 12, 84, 5 },
	{ 13, 89, 5 }, { 14, 94, 7 }, { 15, 101, 1 }, { 16, 102, 1 },
	{ 1, 103, 20 }, { 18, 123, 3 }, { 18, 127, 24 }, { 19, 151, 5 },
	{ 30, 168, 3 }, { 31, 171, 3 },
	{ .count = 0 }
};

static const struct simefuse_group esp32p4_v1_groups[] = {
	{ 0, 32, 7 }, { 30, 39, 2 }, { 2, 41, 1 }, { 2, 44, 4 }, { 31, 48, 3 },
	{ 2, 51, 2 }, { 30, 57, 1 }, { 19, 58, 9 }, { 1, 67, 12 },
	{ 2, 80, 2 }, { 4, 82, 3 }, { 5, 85, 1 }, { 6, 86, 1 }, { 7, 87, 1 },
	{ 8, 88, 4 }, { 9, 92, 4 }, { 10, 96, 4 }, { 11, 100, 4 },
	{ 12, 104, 4 }, { 13, 108, 4 }, { 14, 112, 2 }, { 17, 114, 1 },
	{ 14, 115, 1 }, { 15, 116, 1 }, { 16, 117, 1 }, { 18, 119, 12 },
	{ 1, 131, 1 }, { 18, 132, 22 }, { 2, 154, 1 }, { 2, 160, 8 },
	{ 1, 168, 4 }, { 3, 178, 1 }, { 2, 180, 2 },
	{ .count = 0 }
};

static const struct simefuse_group esp32p4_groups[] = {
	{ 0, 32, 7 }, { 2, 41, 1 }, { 2, 44, 4 }, { 31, 48, 3 }, { 2, 51, 2 },
	{ 19, 58, 5 }, { 1, 68, 11 }, { 14, 79, 1 }, { 2, 81, 1 },
	{ 4, 82, 3 }, { 5, 85, 1 }, { 6, 86, 1 }, { 7, 87, 1 }, { 8, 88, 4 },
	{ 9, 92, 4 }, { 10, 96, 4 }, { 11, 100, 4 }, { 12, 104, 4 },
	{ 13, 108, 4 }, { 14, 112, 2 }, { 14, 115, 1 }, { 15, 116, 1 },
	{ 16, 117, 1 }, { 1, 118, 2 }, { 18, 122, 9 }, { 1, 131, 1 },
	{ 18, 132, 22 }, { 2, 154, 1 }, { 8, 155, 1 }, { 9, 156, 1 },
	{ 10, 157, 1 }, { 11, 158, 1 }, { 12, 159, 1 }, { 2, 160, 2 },
	{ 3, 162, 1 }, { 13, 164, 1 }, { 1, 167, 5 }, { 14, 176, 2 },
	{ 17, 178, 1 }, { 2, 180, 2 }, { 3, 182, 2 },
	{ .count = 0 }
};

static const struct simefuse_group esp32s31_groups[] = {
	{ 0, 32, 7 }, { 2, 42, 1 }, { 2, 44, 4 }, { 31, 48, 3 }, { 2, 51, 2 },
	{ 19, 55, 5 }, { 1, 64, 1 }, { 1, 66, 17 }, { 2, 83, 1 },
	{ 14, 84, 1 }, { 4, 85, 3 }, { 5, 88, 1 }, { 6, 89, 1 }, { 7, 90, 1 },
	{ 8, 96, 5 }, { 9, 101, 5 }, { 10, 106, 5 }, { 11, 111, 5 },
	{ 12, 116, 5 }, { 14, 121, 5 }, { 14, 128, 2 }, { 15, 130, 1 },
	{ 16, 131, 1 }, { 18, 133, 1 }, { 18, 137, 1 }, { 18, 140, 7 },
	{ 1, 147, 1 }, { 18, 148, 5 }, { 18, 160, 16 }, { 2, 176, 1 },
	{ 2, 195, 2 }, { 14, 227, 4 }, { 3, 231, 6 }, { 2, 237, 6 },
	{ 14, 243, 3 },
	{ .count = 0 }
};


static const struct simefuse_group esp32e22_groups[] = {
	{ 0, 32, 7 }, { 5, 85, 1 }, { 6, 86, 1 }, { 7, 87, 1 }, { 8, 88, 4 },
	{ 9, 92, 4 }, { 10, 96, 4 }, { 11, 100, 4 }, { 12, 104, 4 },
	{ 13, 108, 4 }, { 15, 116, 1 }, { 16, 117, 1 },
	{ .count = 0 }
};

/*
 * Times: the manuals, "eFuse Controller", programming; esp-idf, efuse_hal.c and
 * esp_efuse_utility.c.  Where esp-idf and esptool do not set the same
 * (ESP32-C5, H21, H4) or neither sets any, there are none here.
 */
static const struct simefuse_time esp32_times[] = {
	{ 26, 0x118, 0xff, 52 }, { 40, 0x118, 0xff, 80 },
	{ 26, 0x0f8, 0xffff, 250 | 255 << 8 },
	{ 40, 0x0f8, 0xffff, 160 | 255 << 8 },
	{ .mask = 0 }
};

static const struct simefuse_time esp32s2_times[] = {
	{ 0, 0x1e8, 0xff, 0x50 }, { 0, 0x1f0, 0xffffffff, 0x01900201 },
	{ 0, 0x1f4, 0xffffff, 0x510001 }, { 0, 0x1f8, 0xffff, 0x80 },
	{ .mask = 0 }
};

static const struct simefuse_time esp32s3_times[] = {
	{ 0, 0x1e8, 0x1feff, 0xff << 9 | 0x28 },
	{ 0, 0x1f4, 0xffff00, 0x300000 }, { 0, 0x1f8, 0xffff, 0x190 },
	{ .mask = 0 }
};

static const struct simefuse_time esp32c2_times[] = {
	{ 0, 0x108, 0x1feff, 0xff << 9 | 0x28 },
	{ 40, 0x110, 0xff00, 200 << 8 }, { 26, 0x110, 0xff00, 130 << 8 },
	{ 0, 0x114, 0xffff00, 0x300000 }, { 0, 0x118, 0xffff, 0x190 },
	{ .mask = 0 }
};

/* Of the ESP32-C3, C6, C61 and H2. */
static const struct simefuse_time riscv_times[] = {
	{ 0, 0x1e8, 0x1feff, 0xff << 9 | 0x28 },
	{ 0, 0x1f0, 0xffff00, 0x300000 }, { 0, 0x1f4, 0xffff, 0x190 },
	{ .mask = 0 }
};

/* Eleven blocks: most chips. */
#define KEY(at, wr, rd) { at, 8, wr, rd, NONE }
#define USUAL_BLOCKS { \
	{ 0x02c, 6, NONE, NONE, NONE }, { 0x044, 6, 20, NONE, NONE }, \
	{ 0x05c, 8, 21, NONE, NONE }, { 0x07c, 8, 22, NONE, NONE }, \
	KEY(0x09c, 23, 0), KEY(0x0bc, 24, 1), KEY(0x0dc, 25, 2), \
	KEY(0x0fc, 26, 3), KEY(0x11c, 27, 4), KEY(0x13c, 28, 5), \
	KEY(0x15c, 29, 6) }

#define USUAL(name, at, command, errors) \
	.chip = #name, .base = at, .window = 0x200, .conf = 0x1cc, \
	.cmd = command, .block = USUAL_BLOCKS, .groups = name##_groups, \
	.err0 = 0x17c, .err0_words = 5, .rs = errors, .rd_dis_bit = 32

const struct simefuse_row simefuse_rows[] = {
	{
		.chip = "esp32", .base = 0x3ff5a000, .window = 0x120,
		.conf = 0x0fc, .cmd = 0x104,
		.block = { { 0x000, 7, NONE, NONE, NONE },
			   { 0x038, 8, 7, 0, NONE }, { 0x058, 8, 8, 1, NONE },
			   { 0x078, 8, 9, 2, NONE } },
		.groups = esp32_groups,
		.wdata = { 0x01c, 0x098, 0x0b8, 0x0d8 },
		.dec_status = 0x11c, .rd_dis_bit = 16,
		.secure_download = NONE,
		.no_download = 27, .no_download_from = 300,
		.times = esp32_times,
	},
	{
		.chip = "esp32c2", .base = 0x60008800, .window = 0x200,
		.conf = 0x08c, .cmd = 0x094,
		.block = { { 0x02c, 2, NONE, NONE, NONE },
			   { 0x034, 3, 5, NONE, NONE },
			   { 0x040, 8, 6, NONE, NONE }, { 0x060, 8, 7, 0, 1 } },
		.groups = esp32c2_groups,
		.err0 = 0x080, .err0_words = 1, .rs = 0x084, .rd_dis_bit = 32,
		.secure_download = 48, .no_download = 46,
		.times = esp32c2_times,
	},
	{
		.chip = "esp32s31", .base = 0x20715000, .window = 0x200,
		.conf = 0x1cc, .cmd = 0x1d8,
		.block = { { 0x02c, 9, NONE, NONE, NONE },
			   { 0x050, 6, 20, NONE, NONE },
			   { 0x068, 8, 21, NONE, NONE },
			   { 0x088, 8, 22, NONE, NONE },
			   KEY(0x0a8, 23, 0), KEY(0x0c8, 24, 1),
			   KEY(0x0e8, 25, 2), KEY(0x108, 26, 3),
			   KEY(0x128, 27, 4), KEY(0x148, 28, 5) },
		.groups = esp32s31_groups,
		.err0 = 0x168, .err0_words = 8, .rs = 0x188, .rd_dis_bit = 32,
		.secure_download = 149, .no_download = 144,
	},
	{
		USUAL(esp32s2, 0x3f41a000, 0x1d4, 0x1c0),
		.secure_download = 133, .no_download = 128,
		.times = esp32s2_times,
	},
	{
		USUAL(esp32s3, 0x60007000, 0x1d4, 0x1c0),
		.secure_download = 133, .no_download = 128,
		.times = esp32s3_times,
	},
	{
		USUAL(esp32c3, 0x60008800, 0x1d4, 0x1c0),
		.secure_download = 133, .no_download = 128, .fail_late = true,
		.times = riscv_times,
	},
	{
		USUAL(esp32c5, 0x600b4800, 0x1d8, 0x190),
		.secure_download = 133, .no_download = 128,
	},
	{
		USUAL(esp32c6, 0x600b0800, 0x1d4, 0x1c0),
		.secure_download = 133, .no_download = 128,
		.times = riscv_times,
	},
	{
		USUAL(esp32c61, 0x600b4800, 0x1d4, 0x190),
		.secure_download = 100, .no_download = 96,
		.times = riscv_times,
	},
	{
		USUAL(esp32h2, 0x600b0800, 0x1d4, 0x1c0),
		.secure_download = 133, .no_download = 128,
		.times = riscv_times,
	},
	{
		USUAL(esp32h21, 0x600b4000, 0x1d4, 0x190),
		.secure_download = 133, .no_download = 128,
	},
	{
		USUAL(esp32h4, 0x600b1800, 0x1d8, 0x190),
		.secure_download = 131, .no_download = 127,
	},
	{
		USUAL(esp32p4, 0x5012d000, 0x1d4, 0x1c0),
		.secure_download = 133, .no_download = 128, .from_revision = 300,
	},
	{
		.chip = "esp32p4", .base = 0x5012d000, .window = 0x200,
		.conf = 0x1cc, .cmd = 0x1d4, .block = USUAL_BLOCKS,
		.groups = esp32p4_v1_groups, .err0 = 0x17c, .err0_words = 5,
		.rs = 0x1c0, .rd_dis_bit = 32,
		.secure_download = 133, .no_download = 128,
	},
	{
		USUAL(esp32e22, 0xc4008000, 0x1d4, 0x190),
		.secure_download = 132, .no_download = 127,
	},
	{ .chip = NULL }
};
