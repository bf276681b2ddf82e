#include "proto/chip/chip_describe.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* esp-idf, bootloader_support/include/esp_app_format.h,
 * esp_image_flash_size_t: high nibble of byte 3. */
const struct chip_code chip_sizes[] = {
	{ "1MB", 0, 1 << 20 }, { "2MB", 1, 2 << 20 }, { "4MB", 2, 4 << 20 },
	{ "8MB", 3, 8 << 20 }, { "16MB", 4, 16 << 20 },
	{ "32MB", 5, 32 << 20 }, { "64MB", 6, 64 << 20 },
	{ "128MB", 7, 128 << 20 }, { 0 }
};

/* The same, esp_image_spi_freq_t: low nibble. */
const struct chip_code chip_freqs[] = {
	{ "80m", 0xf, 80000000 }, { "40m", 0x0, 40000000 },
	{ "26m", 0x1, 26000000 }, { "20m", 0x2, 20000000 }, { 0 }
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
