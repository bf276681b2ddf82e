#ifndef TESTS_CONV_BOARD_H
#define TESTS_CONV_BOARD_H
/*
 * board - a wire with a small model of a chip at its end, and a virtual clock:
 * phases can be called as ordinary functions, without a loop or a fiber.
 *
 * The model answers like the mask ROMs and stubs that were recorded; one fault
 * at a time can be put on one command.  Everything that passes is counted.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <zlib.h>

#include "daemon/link/link.h"
#include "daemon/wire/wire.h"
#include "proto/base/buf.h"
#include "proto/serial/slip.h"

enum board_fault {
	FAULT_NONE,
	FAULT_SILENCE,		/* no answer, from then on to anything */
	FAULT_GARBAGE,		/* text instead of an answer, from then on */
	FAULT_HANG,		/* no answer until it is reset */
	FAULT_NOISE,		/* text until it is reset */
	FAULT_REFUSAL,		/* the status below, once */
	FAULT_REFUSAL_ALWAYS,
	FAULT_CANCEL,		/* the wire stops when it is sent */
	FAULT_UNPLUG,
	FAULT_LATE,		/* stub: fails after its answer */
};

enum {
	BOARD_FLASH	= 1024 * 1024,
	BOARD_REGS	= 256,
	BOARD_NOTES	= 2048,
	BOARD_RDID	= 0x1440c8,	/* GigaDevice, 1 MB */
	BOARD_BLOCK	= 0x4200,
	BOARD_SFDP	= 128,
	BOARD_WINDOW	= 24 * 1024,
};

/* The flash chip behind the SPI controller; see spi.c. */
struct board_spi {
	uint8_t		sfdp[BOARD_SFDP];
	uint8_t		status[3];
	uint8_t		locked[3];	/* bits that do not change */
	bool		one_command;	/* has no 0x31 and 0x11 */
	bool		asleep;		/* hears 0xab only */
	bool		never_done;	/* the controller stays at it */
	unsigned	busy_for;	/* polls until a write is done */
	unsigned	busy;		/* ... of the running one */
	bool		write_enabled, reset_enabled;
	uint32_t	rdid_fixed;	/* after the start-up fix of XMC; 0: it
					 * does not help */
	unsigned	fix;		/* steps of it so far */
	char		log[512];	/* "9f 5a@10 01=1c02 " */
};

/* A stub of our own; see ext.c.  The counts say on which packet of these from
 * now on a fault falls; 0: on none. */
struct board_ext {
	bool		there;		/* the stub is one of ours */
	uint32_t	version;	/* it says; 0: as it should */
	uint32_t	caps;		/* ... besides EXT_CAP_TICKS */
	unsigned	lose_request, spoil_request;
	unsigned	lose_answer, spoil_answer;
	unsigned	fail_block, fail_step;
	uint32_t	spoil_block;	/* this one always; 0: none */
	uint32_t	weak;		/* this byte stays 0; 0: none does */
	unsigned	answers, again;	/* counts */
	/* inside */
	bool		open, asked, reading, told;
	uint32_t	expected, round, start;
	uint16_t	end_status;
	uint32_t	what, bytes, part, window, at, acked, all;
};

struct board {
	struct wire		 wire;
	uint64_t		 now;
	const struct chip	*chip;
	bool			 silent, garbage, stub;
	bool			 hung;		/* so until the next reset */
	bool			 no_lines;
	bool			 odd_sync;	/* answers SYNC only once */
	bool			 garbage_sync;	/* text instead of its answers */
	/* Answers to an unknown command: how many (0: as recorded), and how
	 * late all but the first come. */
	unsigned		 copies, late_ms;
	/* A capacitor at EN: the chip starts so long after its release, and
	 * answers only if the boot pin is still low then. */
	unsigned		 slow_en_ms;
	bool			 goes_away;	/* the port, at the next reset */
	const char		*boot_text;	/* printed at every reset */
	enum board_fault	 fault;
	uint8_t			 fault_op;
	unsigned		 fault_skip;	/* let so many pass first */
	uint16_t		 fault_status;
	bool			 fault_again;	/* each time after so many */
	unsigned		 fault_every;
	uint32_t		 spoil_on_reset;	/* a byte of flash changes; 0 */
	unsigned		 silent_after;	/* frames of a read; until a
						 * reset; 0: never */
	unsigned		 damage_frame;	/* of a read, once; 0: none */
	uint16_t		 late;		/* status for the next answer */
	uint32_t		 rdid;
	uint32_t		 chip_id, flags;	/* security info */
	uint32_t		 deaf_above;	/* bad line from this rate on */
	uint32_t		 entry;		/* of the last jump into RAM */
	/* The crystal, and the one that the ROM believes in; 0: the same. */
	uint32_t		 xtal_mhz, xtal_believed;
	uint32_t		 baud;		/* of the line */
	uint32_t		 chip_baud;
	/* counts */
	unsigned		 sent[256];	/* requests by command */
	uint32_t		 words[256][2];	/* the first two of the last */
	size_t			 bytes[256];	/* ... and its length */
	unsigned		 frames, resets, flushes;
	uint32_t		 last_block;	/* bytes of the last *_DATA */
	uint64_t		 block_bytes;	/* of all */
	char			 lines[512];	/* "01 10 00 ", DTR RTS */
	char			 timeline[512];	/* "01@0 10@100 " */
	char			 writes[512];	/* "600080b0=50d83aa1 " */
	char			 mem[256];	/* "3fcdfd00+16 !403dfd00 " */
	struct board_spi	 spi;
	struct board_ext	 ext;
	/* A part of the chip that a test models itself: after a register was
	 * written, before one is read.  Or NULL. */
	void			(*on_write)(struct board *, uint32_t addr,
				    uint32_t value);
	void			(*on_read)(struct board *, uint32_t addr);
	const uint8_t		*ram;		/* what READ_REG reads from */
	uint32_t		 ram_at, ram_len;
	/* inside */
	struct slip_decoder	 slip;
	uint8_t			 frame[2 * BOARD_BLOCK];
	struct buf		 rx, held;	/* to be read; not yet there */
	uint64_t		 en_at;		/* EN was released */
	uint8_t			 last_op;
	struct { uint32_t addr, value; } regs[BOARD_REGS];
	size_t			 reg_count;
	uint8_t			*flash;
	uint32_t		 begin[5];	/* words of the last BEGIN */
	uint32_t		 pos, left;	/* of the running write */
	bool			 writing, deflate, boot_low, rts;
	z_stream		 z;
	uint32_t		 read_pos, read_end, read_start;
	bool			 reading, spoil_read;
	/* what the link told */
	char			 notes[BOARD_NOTES];
	uint64_t		 done, total;
	unsigned		 progress;
};

/* A board with that chip in its loader, flash filled with FF, and a link to it
 * that has all options at their defaults. */
void board_init(struct board *, struct link *, const struct chip *);
void board_done(struct board *, struct link *);

/* Put a fault on the next `op` after `skip` of them. */
void board_fault(struct board *, enum board_fault, uint8_t op, unsigned skip);

/* A register's place in the model. */
uint32_t *board_reg(struct board *, uint32_t addr);

/* The SPI controller was told to start. */
void board_spi(struct board *);

/* The same without it; `addr` may be NULL. */
void board_spi_direct(struct board *, uint8_t command, const uint32_t *addr,
    const uint8_t *sent, size_t sent_len, uint8_t *read, size_t read_len);

/* For ext.c: a request that it understands, whole frame; what it does then. */
bool board_ext(struct board *, const uint8_t *frame, size_t len);
void board_say(struct board *, const void *frame, size_t len);
void board_erase(struct board *, uint32_t at, uint32_t len);
/* A block of the running write; a status. */
uint16_t board_take(struct board *, const uint8_t *, size_t len);
uint32_t board_read(struct board *, uint32_t addr);
void board_write(struct board *, uint32_t addr, uint32_t value);

void board_set_reg(struct board *, uint32_t addr, uint32_t value);

/* Connected and identified, and with a stub if asked: where most tests
 * begin.  Counts start anew. */
void board_ready(struct board *, struct link *, bool stub);

/* A blob of `len` bytes made from `seed`; compressible or not. */
struct blob *board_blob(const char *name, size_t len, unsigned seed,
    bool compressible);
#endif
