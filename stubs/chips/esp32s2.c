#include "stubs/chip.h"

/* ESP32-S2.  Nobody arbitrates between SPI0 and SPI1. */
const struct machine machine = {
	.id		= 2,
	.mhz		= 80,
	.caps		= EXT_CAP_4BYTE | EXT_CAP_RESTART,
	.uart		= { .base = 0x3f400000, .write = 0x3f400000,	/* S */
			    .count = 0x3ff, .divider = 0xfffff },
	.spi		= { MACHINE_SPI_MEM(0x3f402000),		/* E */
			    .cache = 0x3f403054, .cache_busy = 7 },	/* S */
	.watchdog	= { .config = 0x3f408094, .protect = 0x3f4080ac, /* S */
			    .super = 0x3f4080b0, .super_protect = 0x3f4080b4,
			    .super_key = 0x8f1d312a, .super_feed = 1u << 31 },
	.rom		= {
		.attach		= 0x40017004,		/* S */
		.pins		= 0x4000e4a0,
		.restart	= 0x40010068,
		.security	= 0x40012098, .security_len = 12,
		.encrypt	= 0x400177e0, .encrypt_unit = 16,
		.flash		= 0x3ffffd3c,
	},
};
