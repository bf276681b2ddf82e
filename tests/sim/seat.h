#ifndef TESTS_SIM_SEAT_H
#define TESTS_SIM_SEAT_H
/*
 * seat - one board with its line, its faults and the way to reach it: an
 * RFC 2217 server, a bare TCP port or a pty, in a libevent loop.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <event2/event.h>

#include "tests/sim/board.h"
#include "tests/sim/chips.h"
#include "tests/sim/fault.h"
#include "tests/sim/flash.h"
#include "tests/sim/usb.h"

enum seat_kind { SEAT_RFC2217, SEAT_SOCKET, SEAT_PTY };

struct seat_setup {
	const struct simchip	*chip;
	struct board_traits	 traits;
	unsigned		 number;	/* of the board, from 0 */
	enum seat_kind		 kind;
	const char		*host;		/* numeric address to listen on */
	uint16_t		 port;		/* 0: any */
	uint32_t		 flash_size;
	const char		*flash_path;	/* NULL: in memory */
	const struct flash_times *times;
	bool			 paced;
	uint32_t		 latency_ms;	/* of the line, each way */
	bool			 verbose;	/* notes on stderr */
	const struct fault	*faults;	/* those of all boards */
	size_t			 fault_count;
	struct usb_bus		*bus;		/* ptys are on it; or NULL */
	struct usb_id		 usb_id;
	/* The chip's own USB-OTG: each start of the chip makes it vanish for a
	 * moment and come back, as another product in its loader. */
	bool			 otg;
	unsigned		 circuit;	/* enum board_circuit */
	bool			 program;	/* there is one in flash */
	FILE			*log;		/* see seat_log(); or NULL */
};

struct seat;

/* NULL with a message on stderr when it cannot be had. */
struct seat *seat_new(struct event_base *, const struct seat_setup *);
void seat_free(struct seat *);

/* "rfc2217://127.0.0.1:4000 esp32 24:0a:c4:5e:00:00"; lives with the seat. */
const char *seat_title(const struct seat *);

/*
 * Unplug it, plug it in again: the board has no power meanwhile.  A pty comes
 * back as another device, under another name.  0 or negative errno; -EALREADY
 * when it is so.
 */
int seat_unplug(struct seat *);
int seat_plug(struct seat *);

/* Another board of the same kind, with a MAC and an empty flash of its own, is
 * plugged in instead.  Its flash is in no file. */
int seat_swap(struct seat *);

/* Its board; for the orders that are about its fuses. */
struct board *seat_board(struct seat *);

/* All that happened up to now is in the log.  0. */
int seat_look(struct seat *);

/* Call fn(arg) as soon as the board is in that mode, at once if it is; a new
 * call replaces the one before. */
void seat_await(struct seat *, enum board_mode, void (*fn)(void *), void *arg);
#endif
