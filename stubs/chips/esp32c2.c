#include "stubs/chip.h"

/* ESP32-C2 (ESP8684).  No fuses tell pins of a flash. */
const struct machine machine = {
	.id		= 12,
	.mhz		= 80,
	.caps		= EXT_CAP_4BYTE | EXT_CAP_RESTART,
	.uart		= { .base = 0x60000000, .write = 0x60000000,	/* S */
			    .count = 0x3ff, .divider = 0xfff },
	.spi		= { MACHINE_SPI_MEM(0x60002000) },		/* E */
	.watchdog	= { .config = 0x60008084, .protect = 0x6000809c, /* S */
			    .super = 0x600080a0, .super_protect = 0x600080a4,
			    .super_key = 0x8f1d312a, .super_feed = 1u << 31 },
	.timer		= 0x60023000,					/* S, I */
	.rom		= {
		.attach		= 0x40000178,		/* S */
		.restart	= 0x40000088,
		.security	= 0x400000b0, .security_len = 20,
		.encrypt	= 0x40000100, .encrypt_unit = 16,
		.flash		= 0x3fcdfff0, .flash_pointer = true,
	},
};
