#include "proto/chip/chip_describe.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* esp-idf, bootloader_support/include/esp_app_format.h,
 * esp_image_flash_size_t: pairs (log2 of bytes, high nibble of byte 3). */
const uint8_t chip_size_codes[] = {
	20, 0, 21, 1, 22, 2, 23, 3, 24, 4, 25, 5, 26, 6, 27, 7, 0,
};

int
chip_read_words(chip_read_reg *read, void *arg, uint32_t addr, uint32_t *out,
    size_t n)
{
	int	r;

	for (size_t i = 0; i < n; i++)
		if ((r = read(arg, addr + 4 * (uint32_t)i, &out[i])) < 0)
			return r;
	return 0;
}

void
chip_add_feature(struct chip_facts *facts, const char *fmt, ...)
{
	size_t	used = strlen(facts->features);
	char	*at = facts->features + used;
	size_t	room = sizeof facts->features - used;
	va_list	ap;

	if (used > 0 && room > 2) {
		memcpy(at, ", ", 3);
		at += 2;
		room -= 2;
	}
	va_start(ap, fmt);
	(void)vsnprintf(at, room, fmt, ap);	/* cut is fine */
	va_end(ap);
}

/* The row of a table by its index; NULL beyond its end. */
static const char *
pick(const char *const *table, size_t n, uint32_t index)
{
	return index < n ? table[index] : NULL;
}

void
chip_set_package(struct chip_facts *facts, const char *chip, uint32_t package,
    const char *const *names, size_t n)
{
	const char	*name = pick(names, n, package);

	if (name != NULL)
		(void)snprintf(facts->description, sizeof facts->description,
		    "%s", name);
	else
		(void)snprintf(facts->description, sizeof facts->description,
		    "%s (unknown package %u)", chip, package);
}

void
chip_add_memory(struct chip_facts *facts, const struct chip_memory *m,
    uint32_t size, uint32_t maker)
{
	const char	*bytes = pick(m->sizes, m->size_count, size);
	const char	*name = pick(m->makers, m->maker_count, maker);

	if (size == 0)
		return;
	if (bytes == NULL)
		chip_add_feature(facts, "Embedded %s of unknown size", m->kind);
	else if (name == NULL)
		chip_add_feature(facts, "Embedded %s %s", m->kind, bytes);
	else
		chip_add_feature(facts, "Embedded %s %s (%s)", m->kind, bytes,
		    name);
}
