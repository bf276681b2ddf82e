#include "stubs/chip.h"

/* ESP32-H2. */
const struct machine machine = {
	.id		= 16,
	.mhz		= 64,
	.caps		= EXT_CAP_4BYTE | EXT_CAP_RESTART,
	.uart		= { .base = 0x60000000, .write = 0x60000000,	/* S */
			    .count = 0xff, .divider = 0xfff,
			    .update = 0x98 },
	.usb		= 0x6000f000,					/* S */
	.spi		= { MACHINE_SPI_MEM(0x60003000) },		/* E, S */
	.watchdog	= { .config = 0x600b1c00, .protect = 0x600b1c1c, /* S */
			    .super = 0x600b1c20, .super_protect = 0x600b1c24,
			    .super_key = MACHINE_WATCHDOG_KEY,
			    .super_feed = 1 << 18 },
	.timer		= 0x6000b000,					/* S, I */
	.rom		= {
		.attach		= 0x400001d4,		/* S */
		.restart	= 0x40000090,
		.security	= 0x400000bc, .security_len = 20,
		.encrypt	= 0x4000010c, .encrypt_unit = 16,
		.flash		= 0x4084ffec, .flash_pointer = true,
	},
};
