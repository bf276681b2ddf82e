#ifndef STUBS_METER_H
#define STUBS_METER_H
/*
 * meter - where the time goes: at each moment one counter of enum ext_counter
 * is running (EXT_COUNT_NOW stands for everything that is not told).
 */
#include "stubs/state.h"

/* Let another counter run; returns which one did. */
uint32_t meter_switch(struct stub *, uint32_t counter);
#endif
