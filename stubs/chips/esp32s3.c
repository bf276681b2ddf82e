#include "stubs/chip.h"

/* ESP32-S3.  Nobody arbitrates between SPI0 and SPI1.  Flash that was switched
 * to octal commands is not spoken to. */
const struct machine machine = {
	.id		= 9,
	.mhz		= 80,
	.caps		= EXT_CAP_4BYTE | EXT_CAP_RESTART,
	.uart		= { .base = 0x60000000, .write = 0x60000000,	/* S, R */
			    .count = 0x3ff, .divider = 0xfff },
	.usb		= 0x60038000,					/* S */
	.spi		= { MACHINE_SPI_MEM(0x60002000),		/* E, R */
			    .cache = 0x60003054, .cache_busy = 7 },	/* S */
	.watchdog	= { .config = 0x60008098, .protect = 0x600080b0, /* S */
			    .super = 0x600080b4, .super_protect = 0x600080b8,
			    .super_key = 0x8f1d312a, .super_feed = 1u << 31 },
	.rom		= {
		.attach		= 0x40000aec,		/* S, R */
		.pins		= 0x40001f74,		/* S */
		.restart	= 0x400006d8,
		.security	= 0x40048174, .security_len = 20,
		.encrypt	= 0x4000096c, .encrypt_unit = 16,
		.flash		= 0x3fceffe4, .flash_pointer = true,
	},
};
