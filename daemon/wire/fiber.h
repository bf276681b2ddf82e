#ifndef DAEMON_WIRE_FIBER_H
#define DAEMON_WIRE_FIBER_H
/*
 * fiber - one suspended C call stack, so that a conversation can be written
 * top to bottom and still run inside the event loop.
 *
 * The rules that keep it harmless:
 * - One fiber per busy port.  It is started by the loop and resumed only by
 *   the loop; fibers never nest (asserted).
 * - Only the wire may suspend one: wire_port.c is the only file that includes
 *   this header.  Conversation code knows neither libevent nor fibers.
 * - A fiber is never freed while suspended.  To end one early, mark its wire,
 *   resume it with the error, and let it return.
 * - Its end is reported from the loop, never from its own stack.
 * - The stack is FIBER_STACK bytes with a guard page below it; packet buffers
 *   live elsewhere.  A test watches the deepest use.
 * - Two fibers must be able to run the same function: no static data there.
 */
#include <stdbool.h>
#include <stddef.h>

enum { FIBER_STACK = 64 * 1024 };	/* bytes */

struct fiber;

/* A fiber that will call main(arg).  NULL when there is no memory. */
struct fiber *fiber_new(void (*main)(void *arg), void *arg);

/* Run it until its next fiber_wait() or its end; `value` is what that wait
 * returns.  True while it lives, false once main has returned. */
bool fiber_resume(struct fiber *, int value);

/* Suspend the running fiber.  Returns the value given to fiber_resume(). */
int fiber_wait(void);

/* Release a fiber whose main has returned (asserted).  NULL is fine. */
void fiber_free(struct fiber *);

/* Deepest stack use so far, bytes. */
size_t fiber_stack_used(const struct fiber *);
#endif
