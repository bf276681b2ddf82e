#include "stubs/chip.h"

/* ESP32-S31. */
const struct machine machine = {
	.id		= 32,
	.mhz		= 100,
	.caps		= EXT_CAP_4BYTE | EXT_CAP_RESTART,
	.uart		= { .base = 0x2038a000, .write = 0x2038a000,	/* S */
			    .count = 0xff, .divider = 0xfff,
			    .update = 0x98 },
	.usb		= 0x20391000,					/* S */
	.spi		= { MACHINE_SPI_MEM(0x20501000) },		/* E, S */
	.watchdog	= { .config = 0x20801000, .protect = 0x20801018, /* I */
			    .super = 0x2080101c, .super_protect = 0x20801020,
			    .super_key = MACHINE_WATCHDOG_KEY,
			    .super_feed = 1 << 18 },
	.timer		= 0x20399000,					/* S, I */
	.rom		= {
		.attach		= 0x2f800200,		/* S */
		.restart	= 0x2f800094,
		.security	= 0x2f8000c4, .security_len = 20,
		.encrypt	= 0x2f800130, .encrypt_unit = 16,
		.flash		= 0x2f07ffe0, .flash_pointer = true,
	},
};
