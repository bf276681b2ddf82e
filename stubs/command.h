#ifndef STUBS_COMMAND_H
#define STUBS_COMMAND_H
/*
 * command - the protocol of Espressif's stubs (proto/serial/cmd.h).
 */
#include "stubs/state.h"

/* Carry out the request in s->frame, whose data has `len` bytes, and answer
 * it. */
void command_run(struct stub *, uint8_t op, uint32_t len);

/* The answer to SYNC, which comes eight times. */
void command_sync(struct stub *);
#endif
