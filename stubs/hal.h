#ifndef STUBS_HAL_H
#define STUBS_HAL_H
/*
 * hal - what the flasher stub needs of the machine that it runs on: a chip
 * (stubs/hal_esp.c, registers), a simulated board, or a test with a clock of
 * its own.  Nothing above it names a register.
 *
 * None of these may wait longer than told.  On a chip no interrupt is used:
 * received bytes wait in a FIFO of 128 bytes, so whoever waits for something
 * calls stub_pump() meanwhile.
 */
#include <stddef.h>
#include <stdint.h>

struct stub;

/* Once, before anything else: watchdogs off, clock of the counters on, flash
 * attached as the ROM would. */
void hal_init(struct stub *);

/* ---- line ---- */

/* Take at most `max` bytes that have been received; returns how many. */
uint32_t hal_receive(struct stub *, uint8_t *, uint32_t max);

/* Hand over at most `len` bytes; returns how many there was room for. */
uint32_t hal_send(struct stub *, const uint8_t *, uint32_t len);

/* A packet is complete: see that it leaves. */
void hal_send_end(struct stub *);

/* After all that was sent has left: another rate.  `was` is the rate that the
 * host believes in, baud. */
void hal_baud(struct stub *, uint32_t was, uint32_t baud);

/* ---- flash ---- */

/* One transaction of the SPI controller: command, address, dummy bits, then
 * bytes sent or bytes read. */
struct hal_spi {
	uint8_t		 command;
	uint8_t		 addr_bits;	/* 0, 24 or 32 */
	uint8_t		 dummy_bits;
	uint32_t	 addr;
	const uint8_t	*send;
	uint32_t	 send_len;	/* at most 64 */
	uint8_t		*read;
	uint32_t	 read_len;	/* at most 64 */
};
void hal_spi(struct stub *, const struct hal_spi *);

/* Connect the controller to the flash; `pins` as in SPI_ATTACH. */
void hal_attach(struct stub *, uint32_t pins);

/* Program bytes that the chip encrypts on the way; the flash is erased there.
 * At most HAL_SEAL bytes, as many as there are: each call costs a write of the
 * flash's status register, which wears out.  The data are aligned to words;
 * addr and len are multiples of 16, and those of chips that encrypt by 32
 * (ESP32) must be of 32.  0, or -1. */
enum { HAL_SEAL = 4096 };
int hal_encrypt(struct stub *, uint32_t addr, const uint8_t *, uint32_t len);

/* ---- the rest ---- */

/* What this machine can do: enum ext_cap (proto/serial/ext.h). */
uint32_t hal_caps(struct stub *);
/* Its number in image headers; UINT32_MAX: it has none. */
uint32_t hal_chip(struct stub *);

/* The answer to GET_SECURITY_INFO into `out` (HAL_SECINFO bytes); returns its
 * length, 0 when this chip has none. */
enum { HAL_SECINFO = 64 };
uint32_t hal_security(struct stub *, uint8_t *out);

/* Registers and memory, by words. */
uint32_t hal_read(struct stub *, uint32_t addr);
void hal_write(struct stub *, uint32_t addr, uint32_t value);

/* At least so long. */
void hal_delay(struct stub *, uint32_t us);

/* A clock that wraps around; 0 for ever where there is none. */
uint32_t hal_ticks(struct stub *);

/* There is nothing to do but to wait, for bytes or for the flash.  Nothing on a
 * chip; a simulated one lets time pass. */
void hal_idle(struct stub *);

/* Leave for good: jump to what was loaded into memory; restart into what the
 * boot pins say; start the program in flash (EXT_CAP_RUN). */
void hal_jump(struct stub *, uint32_t entry);
void hal_restart(struct stub *);
void hal_run(struct stub *);
#endif
