#include "stubs/chip.h"

/* ESP32-H4.  E has the super watchdog four bytes lower than S and I. */
const struct machine machine = {
	.id		= 28,
	.mhz		= 64,
	.caps		= EXT_CAP_4BYTE | EXT_CAP_RESTART,
	.uart		= { .base = 0x60012000, .write = 0x60012000,	/* S */
			    .count = 0xff, .divider = 0xfff,
			    .update = 0x98 },
	.usb		= 0x6001d000,					/* S */
	.spi		= { MACHINE_SPI_MEM(0x60099000) },		/* E, S */
	.watchdog	= { .config = 0x600b5400, .protect = 0x600b541c, /* S */
			    .super = 0x600b5420, .super_protect = 0x600b5424,
			    .super_key = MACHINE_WATCHDOG_KEY,
			    .super_feed = 1 << 18 },
	.timer		= 0x60023000,					/* S, I */
	.rom		= {
		.attach		= 0x400001e4,		/* S */
		.restart	= 0x40000094,
		.security	= 0x400000bc, .security_len = 20,
		.encrypt	= 0x40000118, .encrypt_unit = 16,
		.flash		= 0x4085ffe8, .flash_pointer = true,
	},
};
