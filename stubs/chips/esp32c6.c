#include "stubs/chip.h"

/* ESP32-C6. */
const struct machine machine = {
	.id		= 13,
	.mhz		= 80,
	.caps		= EXT_CAP_4BYTE | EXT_CAP_RESTART,
	.uart		= { .base = 0x60000000, .write = 0x60000000,	/* S */
			    .count = 0xff, .divider = 0xfff,
			    .update = 0x98 },
	.usb		= 0x6000f000,					/* S */
	.spi		= { MACHINE_SPI_MEM(0x60003000) },		/* E, S */
	.watchdog	= { .config = 0x600b1c00, .protect = 0x600b1c18, /* S */
			    .super = 0x600b1c1c, .super_protect = 0x600b1c20,
			    .super_key = MACHINE_WATCHDOG_KEY,
			    .super_feed = 1 << 18 },
	.timer		= 0x6000a000,					/* S, I */
	.rom		= {
		.attach		= 0x400001dc,		/* S */
		.restart	= 0x40000090,
		.security	= 0x400000bc, .security_len = 20,
		.encrypt	= 0x40000114, .encrypt_unit = 16,
		.flash		= 0x4087ffec, .flash_pointer = true,
	},
};
