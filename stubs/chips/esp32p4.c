#include "stubs/chip.h"

/* ESP32-P4 from revision 3 on. */
const struct machine machine = {
	.id		= 18,
	.mhz		= 100,
	.caps		= EXT_CAP_4BYTE | EXT_CAP_RESTART,
	.uart		= { .base = 0x500ca000, .write = 0x500ca000,	/* S */
			    .count = 0xff, .divider = 0xfff,
			    .update = 0x98 },
	.usb		= 0x500d2000,					/* S */
	.spi		= { MACHINE_SPI_MEM(0x5008d000) },		/* E, S */
	.watchdog	= { .config = 0x50116000, .protect = 0x50116018, /* S */
			    .super = 0x5011601c, .super_protect = 0x50116020,
			    .super_key = MACHINE_WATCHDOG_KEY,
			    .super_feed = 1 << 18 },
	.timer		= 0x500e2000,					/* S, I */
	.rom		= {
		.attach		= 0x4fc001e8,		/* S */
		.powered	= 0x4fc0fe6e, .powered_from = 7,
		.powered_fuse	= 0x5012d034, .powered_bit = 1 << 16,
		.revision	= 0x4fc00014,
		.restart	= 0x4fc00094,
		.security	= 0x4fc000bc, .security_len = 20,
		.encrypt	= 0x4fc0011c, .encrypt_unit = 16,
		.flash		= 0x4ff3ffe8, .flash_pointer = true,
	},
};
