#ifndef TESTS_VIRT_MACHINE_H
#define TESTS_VIRT_MACHINE_H
/*
 * machine - a board in virtual time: our flasher stub, as compiled for chips,
 * on a machine with a serial line, a flash chip and a slow CPU; and the wire to
 * it, over which the phases of daemon/link can be called as functions.
 *
 * Two clocks run: the host's, moved by the wire's calls, and the chip's, moved
 * by the HAL's.  The stub lives in a fiber; it is resumed whenever the host
 * waits, up to the moment at which the host would hear something, and looks at
 * its line only when everything the host sent before is known.  So the outcome
 * is the same in every run, and depends on nothing but the settings.
 *
 * What is modelled: the rate of the line, both ways; a constant latency each
 * way; an adapter that hands over once in a ms; the host's output queue, and
 * the time it takes to react; the chip's FIFOs of 128 bytes, of which the
 * receiving one overflows; bytes at the wrong rate; SPI at 20 MHz; the flash
 * (w25q.h); the time that code needs (struct machine_cpu); bytes that the line
 * loses, doubles or changes.
 */
#include <stdbool.h>
#include <stdint.h>

#include "daemon/wire/wire.h"
#include "stubs/stub.h"
#include "tests/virt/w25q.h"

struct fiber;

enum {
	MACHINE_FIFO	= 128,		/* bytes, either way */
	MACHINE_LINE	= 1 << 16,	/* bytes that may be under way */
	MACHINE_REGS	= 64,
	MACHINE_FAULTS	= 32,
	MACHINE_INFLATE	= 85 * 25,	/* ns; of struct machine_cpu */
	MACHINE_MD5	= 34 * 25,
};

enum machine_way { MACHINE_TO_CHIP, MACHINE_TO_HOST, MACHINE_WAYS };

enum machine_harm { MACHINE_LOSE, MACHINE_DOUBLE, MACHINE_FLIP };

/* What happens to `count` bytes from number `at` on, counted one way. */
struct machine_fault {
	enum machine_way	way;
	enum machine_harm	harm;
	uint64_t		at;
	unsigned		count;
};

/*
 * What the code on the chip takes, ns.  Instructions were counted (callgrind,
 * -Os: inflating 78 to 87 a byte, MD5 33, CRC 9), the rest is a guess with
 * some room for slow accesses to the registers of devices; at 25 ns each: a
 * chip runs at 40 MHz if nobody has made it faster.
 */
struct machine_cpu {
	unsigned	poll;		/* look at the FIFO: 20 */
	unsigned	byte;		/* take, unslip, CRC, copy: 50 */
	unsigned	send;		/* one byte: 25 */
	unsigned	spi;		/* set up one transaction: 80 */
	unsigned	spi_byte;	/* to and from its buffer: 4 */
	uint64_t	inflate_byte;	/* one that comes out: 85; 0: nothing
					 * is inflated */
	unsigned	read_byte;	/* of flash, besides; MD5: 34, or 0 */
};

struct machine_byte {
	uint64_t	at;		/* when it is there, ns */
	uint32_t	baud;		/* of who sent it */
	uint8_t		value;
};

struct machine_line {
	struct machine_byte	*bytes;
	uint64_t		 in, out;	/* counts */
	uint64_t		 free;		/* the line is, from then on */
	uint64_t		 frame;		/* ns between two times at which
						 * bytes get off it */
	uint64_t		 sent;		/* bytes since machine_count() */
};

/* Why the stub is no longer there. */
enum machine_left {
	MACHINE_RUNS,
	MACHINE_JUMPED,
	MACHINE_RESTARTED,
	MACHINE_RAN,			/* the program in flash */
};

struct machine {
	struct wire		 wire;
	/* Settings. */
	uint64_t		 latency;	/* ns, each way */
	uint64_t		 react;		/* ns, of the host */
	unsigned		 queue;		/* bytes that its system takes */
	struct machine_cpu	 cpu;
	struct machine_fault	 faults[MACHINE_FAULTS];
	unsigned		 fault_count;
	uint32_t		 chip;		/* number in image headers */
	uint32_t		 caps;
	/* State. */
	uint64_t		 host, now;	/* the two clocks */
	uint64_t		 limit;		/* of the chip's, now */
	bool			 listening;	/* the first byte ends the run */
	uint32_t		 host_baud, chip_baud;
	struct machine_line	 lines[MACHINE_WAYS];
	uint8_t			 fifo[MACHINE_FIFO];
	unsigned		 fifo_len;
	struct w25q		 flash;
	uint64_t		 debt;		/* ns of inflating to come */
	uint32_t		 piece;		/* bytes programmed of the one that
					 * was inflated */
	struct { uint32_t addr, value; } regs[MACHINE_REGS];
	unsigned		 reg_count;
	struct stub		*stub;
	struct fiber		*fiber;
	bool			 official;
	enum machine_left	 left;
	uint32_t		 entry;
	/* Counts, since machine_count(). */
	uint64_t		 since;		/* host's clock then */
	uint64_t		 spi_ns;	/* transactions but status reads */
	unsigned		 overflows;	/* of the FIFO */
	unsigned		 turns;		/* the host waited for an answer */
	bool			 asked;		/* it has sent since */
	unsigned		 spoilt;	/* bytes at the wrong rate */
};

/* A machine whose stub is about to say hello; the line is as fast as told at
 * both ends.  Flash is filled with 5A, so it wants to be erased. */
void machine_init(struct machine *, uint32_t flash_bytes, uint32_t baud,
    unsigned latency_ms, bool official);
void machine_done(struct machine *);

/* A register. */
void machine_set(struct machine *, uint32_t addr, uint32_t value);

/* Start to count anew. */
void machine_count(struct machine *);

/* Harm bytes, counted from now on; until machine_count(). */
void machine_harm(struct machine *, const struct machine_fault *);

/* Since machine_count(): time, ns; the part of it that the line to the chip was
 * busy (1.0 is all); and what the flash alone needs for it, ns. */
uint64_t machine_ns(const struct machine *);
double machine_use(const struct machine *, enum machine_way);
uint64_t machine_floor(const struct machine *);
#endif
