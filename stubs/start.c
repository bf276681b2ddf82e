/*
 * start - where start_*.S goes on, and the one object that the stub works on:
 * on a chip it is static, and its address a constant.
 */
#include "stubs/state.h"
#include "stubs/stub.h"

void start_main(void);

static struct stub	start_stub;

__attribute__((used)) void
start_main(void)
{
	stub_main(&start_stub, NULL, false);
	for (;;)
		;
}
