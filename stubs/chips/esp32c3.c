#include "stubs/chip.h"

/* ESP32-C3.  Nobody arbitrates between SPI0 and SPI1. */
const struct machine machine = {
	.id		= 5,
	.mhz		= 80,
	.caps		= EXT_CAP_4BYTE | EXT_CAP_RESTART,
	.uart		= { .base = 0x60000000, .write = 0x60000000,	/* S, R */
			    .count = 0x3ff, .divider = 0xfff },
	.usb		= 0x60043000,					/* S */
	.spi		= { MACHINE_SPI_MEM(0x60002000),		/* E, R */
			    .cache = 0x60003054, .cache_busy = 7 << 4 }, /* S */
	.watchdog	= { .config = 0x60008090, .protect = 0x600080a8, /* S */
			    .super = 0x600080ac, .super_protect = 0x600080b0,
			    .super_key = 0x8f1d312a, .super_feed = 1u << 31 },
	.timer		= 0x60023000,					/* S, R */
	.rom		= {
		.attach		= 0x40000164,		/* S, R */
		.pins		= 0x4000071c,		/* S */
		.restart	= 0x40000090,
		.security	= 0x4004d51e, .security_len = 20,
		.revision	= 0x40000014, .security_from = 7,
		.security_old	= 0x4004b9da,
		.encrypt	= 0x40000110, .encrypt_unit = 16,
		.flash		= 0x3fcdfff0, .flash_pointer = true,
	},
};
