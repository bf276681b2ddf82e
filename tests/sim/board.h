#ifndef TESTS_SIM_BOARD_H
#define TESTS_SIM_BOARD_H
/*
 * board - one simulated board: boot straps, reset, ROM loader, stub, registers,
 * RAM and flash.  It knows no clock, socket or event loop of its own: who owns
 * it hands in bytes and line changes and gets bytes and alarms back.
 *
 * Which uploaded code is a flasher stub: the sim cannot run code, so it looks
 * for the greeting in what was uploaded before MEM_END: the four bytes "OHAI",
 * or the RISC-V instruction that loads their upper part (every official stub
 * has one of the two).  With it MEM_END starts our own stub, from its source
 * (stub.c).  Only where "OHAIESPF" was in it, as in each of our images, does
 * that know our own protocol; any other counts as one of Espressif's.
 *
 * Without a greeting the code is taken for a program that says, again and
 * again, the first text in what was uploaded: eight printable characters or
 * more, then a zero byte.  So does esptool's "Hello world!", for which this is
 * made; a program with no such text never speaks.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <zlib.h>

#include "proto/base/buf.h"
#include "tests/sim/chips.h"
#include "tests/sim/crypt.h"
#include "tests/sim/efuse.h"
#include "tests/sim/flash.h"
#include "tests/sim/fuse.h"

enum board_mode {
	BOARD_RESET,		/* EN is low, or not yet powered */
	BOARD_APP,		/* runs something that does not listen */
	BOARD_ROM,		/* download mode */
	BOARD_STUB,
	BOARD_HUNG,		/* crashed in the loader; only EN helps */
	BOARD_HELD,		/* stopped at a burning of fuses: board_go_on() */
};

/*
 * What stands between the modem lines and the pins, besides the usual two
 * transistors and a capacitor of some ms at EN; may be combined.
 */
enum board_circuit {
	/* No capacitor at EN: the chip starts the moment EN rises, so that
	 * both lines must change at once. */
	CIRCUIT_TIGHT	= 1 << 0,
	/* A supervisor that takes both lines asserted out of idle for a
	 * failure and ignores them until both are released: not in the way of
	 * who moves one line after the other from "EN low" on. */
	CIRCUIT_CLASSIC	= 1 << 1,
	/* A large capacitor at EN: it takes 300 ms to rise. */
	CIRCUIT_SLOW	= 1 << 2,
	/* None; the chip's USB-Serial/JTAG block looks at the lines. */
	CIRCUIT_USB_JTAG = 1 << 3,
	/* None; what runs on the chip's USB-OTG looks at them and restarts the
	 * chip; for the loader it sets the chip's "force download" first. */
	CIRCUIT_USB_OTG	= 1 << 5,
	/* The boot pin is not connected. */
	CIRCUIT_NO_BOOT	= 1 << 4,
};

enum board_alarm {
	ALARM_WORK,		/* the chip is busy until then */
	ALARM_EN,		/* EN has risen: sample the straps */
	ALARM_RESTART,		/* a watchdog resets the chip */
	ALARM_DOG,		/* ...that nobody had set up: see traits */
	ALARM_SPEAK,		/* what runs from RAM says its text again */
	ALARM_COUNT,
};
#define ALARM_OFF UINT64_MAX

struct board_ops {
	/* Bytes leave the chip's UART at `bps`. */
	void (*send)(void *ctx, const void *, size_t, uint32_t bps);
	/* Call board_alarm() in `us` microseconds (ALARM_OFF: do not); a new
	 * time replaces the old one. */
	void (*alarm)(void *ctx, enum board_alarm, uint64_t us);
	uint64_t (*now_us)(void *ctx);
	/* A request with this opcode has arrived; may be NULL. */
	void (*command)(void *ctx, uint8_t op);
	/* For people: "reset: download"; may be NULL. */
	void (*note)(void *ctx, const char *);
	/* The chip has started, in board->mode; may be NULL. */
	void (*booted)(void *ctx);
};

enum {
	BOARD_PACKET	= 0x4000 + 0x100,	/* longest frame, decoded */
	BOARD_DATA	= 8,		/* where a packet's data begins */
	BOARD_BLOCK	= BOARD_DATA + 16, /* where a *_DATA block begins */
	BOARD_REPLY	= 80,		/* ROM's reply buffer */
	BOARD_CELLS	= 64,		/* registers that keep what is written */
	BOARD_RAM_PAGE	= 4096,
	BOARD_TEXT	= 128,
};

enum transfer_kind {
	TRANSFER_NONE,
	TRANSFER_MEM,
	TRANSFER_FLASH,
	TRANSFER_DEFL,
};

/* What *_BEGIN began. */
struct transfer {
	enum transfer_kind kind;
	uint32_t	size;		/* bytes, inflated */
	uint32_t	blocks;
	uint32_t	addr;
	uint32_t	seq;		/* the next one expected */
	uint32_t	written;	/* bytes, inflated */
	bool		inflating;	/* z is in use */
	bool		ended;		/* the zlib stream has */
	bool		encrypted;	/* what lands in flash is */
	uint8_t		tail[CRYPT_ALIGN];	/* not yet enough to encrypt */
	uint32_t	tail_len;
	z_stream	z;
};

struct ram_page {
	uint32_t	 addr;
	uint8_t		*data;
};

/* How a board differs from the usual one with its chip. */
struct board_traits {
	struct fuse_traits	fuse;
	/* Where its fuses are kept; a folder when '/' is last; NULL: nowhere. */
	const char		*fuse_path;
	struct simefuse_fault	fuse_fault;
	struct flash_traits	flash;
	uint32_t		xtal_hz;	/* 0: the chip's usual one */
	/* Which pins the flash hangs on, as SPI_ATTACH says it: 0 the usual
	 * ones, 1 HSPI, or five numbers of six bits each. */
	uint32_t		spi_pins;
	uint32_t		second_pins;	/* of a second flash; 0: none */
	/* Chips with USB-Serial/JTAG: both watchdogs run in the loader, as they
	 * do after a reset over that USB, and restart the chip some seconds
	 * later if the host does not stop both. */
	bool			watchdogs;
};
extern const struct board_traits board_usual;

struct board {
	const struct simchip	*chip;
	const struct board_ops	*ops;
	void			*ctx;
	uint8_t			 mac[6];
	struct board_traits	 traits;
	struct fuses		 fuses;
	struct simefuse		 efuse;
	struct crypt		 crypt;
	struct flash		 flash;		/* that is attached, or was... */
	struct flash		 other;		/* ...and the second one */
	bool			 swapped;	/* they have changed places */

	bool		dtr, rts;	/* asserted */
	bool		en, io0;	/* levels */
	bool		no_lines;	/* no modem lines: always downloads */
	unsigned	circuit;	/* enum board_circuit */
	bool		strap_low;	/* boot pin, as it was sampled */
	bool		force;		/* into the loader whatever it was */
	bool		locked;		/* CIRCUIT_CLASSIC ignores the lines */
	uint64_t	en_us;		/* when EN will be high; 0: it is, or
					 * it is held low */
	bool		looping;	/* resets itself again: noted once */
	enum board_mode	mode;
	uint32_t	bps;		/* of the chip's UART now */
	bool		autobaud;	/* the ROM still measures the host */

	struct buf	in;		/* received, not yet looked at */
	uint8_t		packet[BOARD_PACKET];	/* never cleared by the ROM */
	size_t		packet_len;
	bool		inside, escape;	/* of a SLIP frame */

	struct buf	out;		/* replies of the running command */
	uint64_t	before_us;	/* work before the reply... */
	uint64_t	after_us;	/* ...and after it */
	enum { WORK_NONE, WORK_BEFORE, WORK_AFTER } work;
	uint32_t	next_bps;	/* after the reply; 0: stays */
	/* Likewise: reset with the boot pin as it is, into the loader, into
	 * the program in flash; or start what was uploaded. */
	enum { LEAVE_NOT, LEAVE_REBOOT, LEAVE_LOADER, LEAVE_RUN, LEAVE_START }
			leave;

	struct {			/* the ROM's reply, kept like there */
		uint8_t		op;
		uint32_t	value;
		uint8_t		data[BOARD_REPLY];
	} reply;
	bool		attached;	/* the flash's pins are connected */
	bool		powered;	/* so is its supply */
	bool		tied;		/* see power.c */
	bool		dog_stopped, dog_fed;	/* the two watchdogs */
	bool		cold;		/* not reset since power came */
	uint64_t	last_bytes;	/* of the MEM_DATA stream: a window */
	bool		greeting;	/* "OHAI" was in it... */
	bool		own_greeting;	/* ...and "ESPF" behind that */
	char		text[BOARD_TEXT];	/* the first text in it... */
	size_t		text_len;
	bool		text_done;	/* ...and it is complete */
	uint32_t	params_size;	/* SPI_SET_PARAMS */
	struct transfer	transfer;
	struct stub_run	*stub;		/* see stub.c; NULL before the first */

	uint32_t	spi[64];	/* registers of the flash controller */
	struct simreg	cell[BOARD_CELLS];
	size_t		cells;
	struct ram_page	*ram;
	size_t		rams;
};

/* `path` as in flash_init(); `number` makes the MAC.  0 or negative errno;
 * -EOPNOTSUPP when the chip cannot have these traits. */
int board_init(struct board *, const struct simchip *,
    const struct board_traits *, unsigned number, uint32_t flash_size,
    const char *path, const struct board_ops *, void *ctx);
void board_done(struct board *);

/* Power comes on: boots as the lines say. */
void board_power(struct board *);

/* Power goes away; the lines with it. */
void board_unpower(struct board *);

/* DTR and RTS (true: asserted) change together. */
void board_lines(struct board *, bool dtr, bool rts);
/* ...or did so at a time not long ago (now_us()). */
void board_lines_since(struct board *, bool dtr, bool rts, uint64_t us);

/* The EN button is pressed and let go: boots as IO0 says.  `rst` is the text
 * for the boot log (chip->rst_...). */
void board_reset(struct board *, const char *rst);

/* Bytes arrive, clean, at board->bps. */
void board_receive(struct board *, const void *, size_t);

void board_alarm(struct board *, enum board_alarm);

/* It was held: burn what was still to be burned, and answer. */
void board_go_on(struct board *);

/* ---- for rom.c, stub.c and regs.c ---- */

/* A whole packet is in board->packet. */
void rom_packet(struct board *, size_t len);
/* The answer to a WRITE_REG. */
void rom_written(struct board *);

/* Our stub starts, in BOARD_STUB; the board is given up, or reset; that is over
 * for good. */
void board_stub_start(struct board *);
void board_stub_stop(struct board *);
void board_stub_free(struct board *);
/* Bytes are waiting in board->in; ALARM_WORK has rung. */
void board_stub_receive(struct board *);
void board_stub_alarm(struct board *);
/* The board's time, us: the stub's may be a little ahead of the owner's. */
uint64_t board_now(const struct board *);
/* A byte from the host: true when it completes a packet in board->packet. */
bool board_slip(struct board *, uint8_t);
/* A register was written over the wire: it may have been the fuses'.  False:
 * no answer. */
bool board_fused(struct board *);
/* Do what was to be done after the reply: board->leave. */
void board_leave(struct board *);

/* Time the chip spends on this command: before its reply, or after it when
 * the reply was made already. */
void board_spend(struct board *, uint64_t us);

/* The crystal that the ROM reckons with, Hz. */
uint32_t board_rom_xtal(const struct board *);

/* Append one SLIP frame to what the command answers. */
void board_frame(struct board *, const void *head, size_t head_len,
    const void *data, size_t len);

void board_text(struct board *, const char *);
/* For the log of the simulator. */
void board_note(struct board *, const char *);
void board_crash(struct board *);

/* The address space.  A read outside everything is 0, a write is lost; where
 * the core would take an exception the board hangs. */
uint32_t regs_read(struct board *, uint32_t addr);
void regs_write(struct board *, uint32_t addr, uint32_t value, uint32_t mask);
void regs_init(struct board *);
/* A register that keeps what is written has this value now. */
void regs_set(struct board *, uint32_t addr, uint32_t value);

/* The flash's supply, after a reset; `cold`: power has just come. */
void power_init(struct board *, bool cold);
/* That register was written. */
void power_written(struct board *, uint32_t addr);

/* SPI_ATTACH with this word. */
void board_attach(struct board *, uint32_t pins);

/* The flash can be reached: attached and powered. */
bool board_flash_there(const struct board *);

/*
 * The bytes of a running transfer that go into flash now, for data that just
 * came: the same, or its ciphertext, in which what does not fill a block waits
 * for more (or, at the transfer's end, is filled up with FF).  *addr says
 * where.  `sealed` holds the ciphertext and is the caller's.
 */
const uint8_t *board_seal(struct board *, const uint8_t *, size_t *len,
    uint32_t *addr, struct buf *sealed);

/* The 24 bits of an address that a loader without four-byte commands sends. */
uint32_t board_reach(uint32_t addr);

/* What was uploaded is started. */
void board_start(struct board *);

/* Bytes of MEM_DATA: write them and look out for the stub's greeting. */
void board_upload(struct board *, uint32_t addr, const void *, size_t);

/* The word at hook_addr is not the ROM's. */
bool regs_hooked(struct board *);

bool ram_has(const struct board *, uint32_t addr, uint32_t len);
void ram_write(struct board *, uint32_t addr, const void *, size_t len);
void ram_forget(struct board *);

/* Inflate one block of the running transfer into `out` (at most `max`
 * bytes): Z_OK, Z_STREAM_END, Z_BUF_ERROR when there would be more, or what
 * inflate() says.  *adler is true when only the check sum is wrong. */
int transfer_inflate(struct transfer *, const uint8_t *, size_t len,
    struct buf *out, bool *adler);
bool transfer_begin(struct transfer *, enum transfer_kind, uint32_t size,
    uint32_t blocks, uint32_t addr);
void transfer_done(struct transfer *);
#endif
