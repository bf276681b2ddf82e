#include "stubs/chip.h"

/* ESP8266.  RAM from 0x40100000 on takes words only; the ROM's data and stack
 * are above 0x3fffc000 (F). */
const struct machine machine = {
	.id		= UINT32_MAX,
	.mhz		= 80,
	.caps		= EXT_CAP_RESTART | EXT_CAP_RUN,
	.uart		= { .base = 0x60000000, .write = 0x60000000,	/* S, F */
			    .count = 0xff, .divider = 0xfffff,
			    .no_fraction = true },
	.spi		= { MACHINE_SPI_8266(0x60000200) },		/* E */
	.rom		= {
		.pads		= 0x40003f58,		/* S, F */
		.attach		= 0x40004644,
		.restart	= 0x4000264c,
		.user_start	= 0x40000fbc,		/* F: given 0 before */
		.boot		= 0x400010a8,		/* F */
	},
};
