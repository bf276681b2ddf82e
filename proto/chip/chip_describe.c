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

/* The same on C5, C61 and S31: no 26 MHz. */
const struct chip_code chip_freqs_80m[] = {
	{ "80m", 0xf, 80000000 }, { "40m", 0x0, 40000000 },
	{ "20m", 0x2, 20000000 }, { 0 }
};

/* H2, H21, H4: the clock of their flash comes from 96 MHz. */
const struct chip_code chip_freqs_48m[] = {
	{ "48m", 0xf, 48000000 }, { "24m", 0x0, 24000000 },
	{ "16m", 0x1, 16000000 }, { "12m", 0x2, 12000000 }, { 0 }
};

/* Of C6, H2, H21: esptool 5.3, targets/esp32c6.py. */
const struct chip_range chip_ranges_c6[] = {
	{ 0x42000000, 0x43000000, "DROM" },
	{ 0x40800000, 0x40880000, "DRAM" },
	{ 0x40800000, 0x40880000, "BYTE_ACCESSIBLE" },
	{ 0x4004ac00, 0x40050000, "DROM_MASK" },
	{ 0x40000000, 0x4004ac00, "IROM_MASK" },
	{ 0x42000000, 0x43000000, "IROM" },
	{ 0x40800000, 0x40880000, "IRAM" },
	{ 0x50000000, 0x50004000, "RTC_IRAM" },
	{ 0x50000000, 0x50004000, "RTC_DRAM" },
	{ 0x600fe000, 0x60100000, "MEM_INTERNAL2" },
	{ 0 }
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
		chip_add_feature(facts, "Unknown Embedded %s%s%s%s", m->kind,
		    name != NULL ? " (" : "", name != NULL ? name : "",
		    name != NULL ? ")" : "");
	else
		chip_add_feature(facts, "Embedded %s %s%s%s%s", m->kind, bytes,
		    name != NULL ? " (" : "", name != NULL ? name : "",
		    name != NULL ? ")" : "");
}

static uint32_t
span(const uint32_t w[CHIP_LAYOUT_WORDS], const struct chip_span *s)
{
	return s->word == 0 ? 0 : chip_bits(w[s->word], s->high, s->low);
}

/* A number of which the highest bits lie elsewhere. */
static uint32_t
two_spans(const uint32_t w[CHIP_LAYOUT_WORDS], const struct chip_span *high,
    const struct chip_span *low)
{
	return span(w, high) << (low->high - low->low + 1) | span(w, low);
}

int
chip_describe(chip_read_reg *read, void *arg, const struct chip_layout *l,
    uint32_t w[CHIP_LAYOUT_WORDS], struct chip_facts *facts)
{
	int	r;

	memset(w, 0, CHIP_LAYOUT_WORDS * sizeof w[0]);
	if ((r = chip_read_words(read, arg, l->addr, w, l->words)) < 0)
		return r;
	facts->revision = two_spans(w, &l->major_high, &l->major) * 100 +
	    two_spans(w, &l->minor_high, &l->minor);
	facts->has_revision = true;
	chip_set_package(facts, l->name, span(w, &l->package), l->packages,
	    l->package_count);
	chip_add_feature(facts, "%s", l->features);
	return 0;
}
