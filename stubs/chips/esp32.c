#include "stubs/chip.h"

/* ESP32.  Its ROM receives packets from 0x3ffc0000 on (R): nothing may be
 * loaded there.  Its FIFO is written through another bus than it is read. */
const struct machine machine = {
	.id		= 0,
	.mhz		= 80,
	.caps		= EXT_CAP_4BYTE | EXT_CAP_RESTART,
	.uart		= { .base = 0x3ff40000, .write = 0x60000000,	/* S, R */
			    .count = 0xff, .divider = 0xfffff },
	.spi		= { MACHINE_SPI_32(0x3ff42000) },		/* E, R */
	.watchdog	= { .config = 0x3ff4808c, .protect = 0x3ff480a4 }, /* S */
	.strap		= 0x3ff44038,					/* S */
	.rom		= {
		.attach		= 0x40062a6c,		/* S, R */
		.pins		= 0x40008658,		/* S */
		.restart	= 0x4000824c,		/* S, F */
		.encrypt	= 0x40062e78, .encrypt_unit = 32,		/* S, F */
		.flash		= 0x3ffae270,		/* S */
	},
};
