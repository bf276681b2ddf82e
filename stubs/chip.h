#ifndef STUBS_CHIP_H
#define STUBS_CHIP_H
/*
 * chip - what the stub has to know of the chip that it is built for.  The
 * build takes one file of stubs/chips/, which is a `machine` and nothing else.
 * Nobody takes its address, so the compiler leaves out what a chip does not
 * have.
 *
 * Addresses of registers, and of functions in ROM; 0: this chip has none, or
 * it is not certain.  Each row tells its sources by letters:
 *
 *	S  esp-stub-lib, src/target/CHIP (registers: include/soc, ROM: ld)
 *	F  esp-flasher-stub and esptool-legacy-flasher-stub (RAM map, start)
 *	E  esptool 5.3, targets/CHIP.py
 *	I  esp-idf, components/soc/CHIP
 *	R  seen to work with the genuine mask ROM in an emulator
 *
 * What none of them has: USB-OTG.  The ROM's driver of it needs interrupts, and
 * here there are none (see start_xtensa.S), so a chip that was entered over
 * USB-OTG keeps its ROM loader or gets Espressif's stub.
 */
#include <stdbool.h>
#include <stdint.h>

#include "proto/serial/ext.h"

/* Where the parts of an SPI controller are, from its base. */
struct machine_spi {
	uint32_t	base;		/* of SPI1 */
	uint8_t		user, user1, user2;
	uint8_t		sent, read;	/* lengths; 0: they are in user1 */
	uint8_t		data;		/* 64 bytes */
	bool		addr_high;	/* the address fills from bit 31 */
	/* SPI0 shares the pins and nobody arbitrates: idle when these bits are
	 * 0. */
	uint32_t	cache, cache_busy;
};

#define MACHINE_SPI_8266(b)						\
	.base = (b), .user = 0x1c, .user1 = 0x20, .user2 = 0x24,	\
	.data = 0x40, .addr_high = true
#define MACHINE_SPI_32(b)						\
	.base = (b), .user = 0x1c, .user1 = 0x20, .user2 = 0x24,	\
	.sent = 0x28, .read = 0x2c, .data = 0x80, .addr_high = true
#define MACHINE_SPI_MEM(b)						\
	.base = (b), .user = 0x18, .user1 = 0x1c, .user2 = 0x20,	\
	.sent = 0x24, .read = 0x28, .data = 0x58

struct machine_uart {
	uint32_t	base;		/* of UART0 */
	uint32_t	write;		/* where its FIFO is written */
	uint16_t	count;		/* bits of a FIFO's fill level */
	uint32_t	divider;	/* bits of its whole part */
	uint8_t		update;		/* makes a new divider count; 0: it does
					 * so by itself */
	bool		no_fraction;
};

/* The RTC watchdog, and the one that watches it (it feeds itself when told so).
 * They run where the loader was entered over USB-Serial/JTAG. */
struct machine_watchdog {
	uint32_t	config, protect;
	uint32_t	super, super_protect, super_key, super_feed;
};

/* Functions of the mask ROM.  Windowed ones on all Xtensa chips but the
 * ESP8266. */
struct machine_rom {
	uint32_t	pads;		/* void (void): before attach */
	uint32_t	attach;		/* void (pins, bool legacy) */
	/* ... instead of it from such a revision on, if that fuse is burnt: the
	 * ROM has switched the flash on, which it must not do again.  Third
	 * argument true. */
	uint32_t	powered, powered_from, powered_fuse, powered_bit;
	uint32_t	pins;		/* pins (void): by the fuses */
	uint32_t	restart;	/* void (void): digital core, straps as
					 * they were latched */
	uint32_t	security;	/* int (0, 0, uint8_t *) */
	uint8_t		security_len;
	uint32_t	revision;	/* of the ROM: a word in it */
	uint32_t	security_from, security_old;	/* before that one */
	/* int (addr, const void *, len): it programs; both are multiples of
	 * the unit.  First it writes the flash's status, each time (R). */
	uint32_t	encrypt, encrypt_unit;
	/* What it checks `encrypt` against: struct of id, size... */
	uint32_t	flash;
	bool		flash_pointer;	/* there is its address only */
	/* ESP8266: start what is in flash. */
	uint32_t	user_start;	/* void (address) */
	uint32_t	boot;		/* not a function, see start_leave */
};

struct machine {
	uint32_t		id;	/* in image headers; UINT32_MAX: none */
	uint32_t		mhz;	/* of the CPU, at most, in the loader */
	uint32_t		caps;	/* enum ext_cap, besides what follows
					 * from this table */
	struct machine_uart	uart;
	uint32_t		usb;	/* USB-Serial/JTAG */
	struct machine_spi	spi;
	struct machine_watchdog	watchdog;
	uint32_t		timer;	/* SYSTIMER, where the CPU has no
					 * counter of cycles */
	uint32_t		strap;	/* ESP32: its pins at the start */
	struct machine_rom	rom;
};

extern const struct machine machine;

enum { MACHINE_WATCHDOG_KEY = 0x50d83aa1 };

#endif
