#ifndef TESTS_SIM_CONTROL_H
#define TESTS_SIM_CONTROL_H
/*
 * control - orders for the boards on standard input, one a line:
 *
 *	unplug N	board N is unplugged
 *	plug N		and plugged in again
 *	swap N		another one is plugged in in its place
 *	look N		what happened up to now is in the log
 *	await N MODE	board N is in that mode: reset, app, download, stub,
 *			hung, held
 *	fuses N		how many commands to burn fuses it has had so far
 *	hold N before K	board N stops at the K-th of them, before it burns...
 *	hold N after K	...or behind it, and answers nothing...
 *	release N	...until now; a reset lets it go, too
 *
 * When it is done the line is repeated on standard output with "ok " before
 * it, after "plug" and "swap" with the board's title (seat.h) behind it, after
 * "fuses" with the number; "error "
 * and the reason when it cannot be done.
 */
#include <stddef.h>

#include <event2/event.h>

struct seat;
struct control;

/* NULL with a message when standard input is no pipe or terminal.  `seats`
 * stays the caller's and must live longer. */
struct control *control_new(struct event_base *, struct seat **seats,
    size_t count);
void control_free(struct control *);
#endif
