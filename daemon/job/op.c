#include "daemon/job/op.h"

#include <stddef.h>
#include <string.h>

static const struct op *const tables[] = {
	op_flash, op_spi, op_chip, op_mem, op_efuse, op_image,
};

const struct op *
op_find(const char *method)
{
	for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
		for (const struct op *op = tables[i]; op->method; op++)
			if (strcmp(op->method, method) == 0)
				return op;
	return NULL;
}
