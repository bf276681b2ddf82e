#include "tests/sim/chips.h"

#include <string.h>

const struct simchip *const simchips[] = {
	&simchip_esp8266, &simchip_esp32, &simchip_esp32s2, &simchip_esp32s3,
	&simchip_esp32c2, &simchip_esp32c3, &simchip_esp32c5, &simchip_esp32c6,
	&simchip_esp32c61, &simchip_esp32h2, &simchip_esp32h21,
	&simchip_esp32h4, &simchip_esp32p4, &simchip_esp32s31,
	&simchip_esp32e22, NULL
};

const struct simchip *
simchip_find(const char *name)
{
	for (size_t i = 0; simchips[i] != NULL; i++)
		if (strcmp(simchips[i]->name, name) == 0)
			return simchips[i];
	return NULL;
}
