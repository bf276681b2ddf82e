#ifndef STUBS_STUB_H
#define STUBS_STUB_H
/*
 * stub - the program that runs on the chip while its flash is worked on: one
 * source for all chips and for this machine, where simulator, tests and fuzzer
 * run it (stubs/hal.h says what they must provide).
 *
 * It speaks the protocol of Espressif's stubs (proto/serial/cmd.h; so esptool
 * can use it) and one of our own (proto/serial/ext.h).  All it knows is in
 * struct stub, which nobody else looks into; on a chip there is one.
 */
#include <stdbool.h>
#include <stdint.h>

struct stub;

/* Bytes of a struct stub, for who has to provide one (zeroed). */
uint32_t stub_size(void);

/* Say hello and serve the line; returns only where hal_jump(), hal_restart() or
 * hal_run() do.  `hal` is kept for stub_hal().  `official`: know nothing of
 * the extended protocol, like Espressif's. */
void stub_main(struct stub *, void *hal, bool official);

/* Make stub_main() return soon, where a machine goes away under it: whatever
 * waits gives up, as soon as the HAL function that it is in returns. */
void stub_stop(struct stub *);

/* What was given to stub_main(). */
void *stub_hal(const struct stub *);

/* Take received bytes out of the machine's hands. */
void stub_pump(struct stub *);
#endif
