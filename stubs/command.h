#ifndef STUBS_COMMAND_H
#define STUBS_COMMAND_H
/*
 * command - all requests that the stub knows: those of Espressif's protocol
 * (proto/serial/cmd.h) are here, ours are in extended.c.
 */
#include "stubs/state.h"

/* Carry out the request s->op in s->frame, whose data has `len` bytes, and
 * answer it. */
void command_run(struct stub *, uint32_t len);
#endif
