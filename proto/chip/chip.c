#include "proto/chip/chip.h"

#include <ctype.h>
#include <string.h>

#include "proto/base/bytes.h"
#include "proto/base/err.h"
#include "proto/chip/chip_describe.h"

/* THE list.  The word is both the suffix of the row's name and the name on the
 * command line (a test compares the two). */
#define CHIPS(C) \
	C(esp8266) \
	C(esp32) \
	C(esp32s2) \
	C(esp32s3) \
	C(esp32c2) \
	C(esp32c3) \
	C(esp32c5) \
	C(esp32c6) \
	C(esp32c61) \
	C(esp32h2) \
	C(esp32h21) \
	C(esp32h4) \
	C(esp32p4) \
	C(esp32s31) \
	C(esp32e22)

const struct chip *const chips[] = {
#define C(cli)	&chip_##cli,
	CHIPS(C)
#undef C
	NULL
};

const char *
chip_names(void)
{
#define C(cli)	", " #cli
	static const char	names[] = CHIPS(C);
#undef C

	return names + 2;
}

/* The next character of a chip's name that counts, in lower case. */
static int
next_char(const char **s)
{
	while (**s != '\0' && strchr("-()", **s) != NULL)
		(*s)++;
	return **s == '\0' ? 0 : tolower((unsigned char)*(*s)++);
}

const struct chip *
chip_by_name(const char *name)
{
	for (const struct chip *const *c = chips; *c != NULL; c++) {
		const char	*a = name, *b = (*c)->cli;
		int		 x, y;

		do {
			x = next_char(&a);
			y = next_char(&b);
		} while (x == y && x != 0);
		if (x == y)
			return *c;
	}
	return NULL;
}

const struct chip *
chip_by_image_id(uint32_t id)
{
	for (const struct chip *const *c = chips; *c != NULL; c++)
		if ((*c)->image_id >= 0 && (uint32_t)(*c)->image_id == id)
			return *c;
	return NULL;
}

const struct chip *
chip_by_magic(uint32_t magic)
{
	for (const struct chip *const *c = chips; *c != NULL; c++)
		if ((*c)->by_magic && (*c)->magic == magic)
			return *c;
	return NULL;
}

const struct chip *
chip_without_id(void)
{
	for (const struct chip *const *c = chips; *c != NULL; c++)
		if ((*c)->by_magic && ((*c)->caps & CHIP_ROM_SECINFO) != 0)
			return *c;
	return NULL;
}

/*
 * MAC of an ESP8266 (RTOS SDK, esp_efuse_mac_get_default(); esptool):
 * the first three bytes are in the fourth OTP word; old chips have zero there
 * and a number for the prefix in the second word.
 */
static int
mac_esp8266(uint32_t w0, uint32_t w1, uint32_t w3, uint8_t mac[6])
{
	static const uint32_t	prefixes[] = { 0x18fe34, 0xacd074 };
	uint32_t		old = w1 >> 16 & 0xff;
	uint32_t		prefix = w3 & 0xffffff;

	if (w3 == 0) {
		if (old >= sizeof prefixes / sizeof prefixes[0])
			return ERR_CHIP_UNKNOWN;
		prefix = prefixes[old];
	}
	be32_put(mac, prefix << 8 | (w1 >> 8 & 0xff));
	mac[4] = (uint8_t)w1;
	mac[5] = (uint8_t)(w0 >> 24);
	return 0;
}

static int
read_mac(const struct chip_mac *at, chip_read_reg *read, void *arg,
    struct chip_facts *facts)
{
	uint8_t		*mac = facts->mac;
	uint32_t	 w0, w1, w3;
	int		 r;

	if ((r = read(arg, at->addr, &w0)) < 0 ||
	    (r = read(arg, at->addr + 4, &w1)) < 0)
		return r;
	switch (at->form) {
	case CHIP_MAC_EFUSE:
		mac[0] = (uint8_t)(w1 >> 8);
		mac[1] = (uint8_t)w1;
		be32_put(mac + 2, w0);
		facts->mac_ext[0] = (uint8_t)(w1 >> 24);
		facts->mac_ext[1] = (uint8_t)(w1 >> 16);
		return 0;
	case CHIP_MAC_ESP8266:
		if ((r = read(arg, at->addr + 12, &w3)) < 0)
			return r;
		/* The vendor's SDK makes its system_get_chip_id() so. */
		facts->id = w1 << 8 | w0 >> 24;
		return mac_esp8266(w0, w1, w3, mac);
	}
	return ERR_INTERNAL;
}

/*
 * The ROM has measured the host's rate when it synchronised and set its
 * divider by it: crystal = rate * divider.  The measurement is coarse, so it
 * only tells 26, 40 and 48 MHz apart.
 */
static int
read_xtal(const struct chip *chip, chip_read_reg *read, void *arg,
    uint32_t baud, uint32_t *mhz)
{
	enum { CLKDIV_MASK = 0xfffff };	/* whole part of UART_CLKDIV */
	uint32_t	 div;
	uint64_t	 khz;
	int		 r;

	if (!(chip->caps & CHIP_XTAL_MEASURED)) {
		*mhz = chip->xtal_mhz;
		return 0;
	}
	if ((r = read(arg, chip->uart_clkdiv, &div)) < 0)
		return r;
	khz = (uint64_t)baud * (div & CLKDIV_MASK) / 1000 / chip->xtal_divider;
	*mhz = khz > 45000 ? 48 : khz > 33000 ? 40 : 26;
	return 0;
}

/* Which bits of a field are set; 0 for a chip that has no such field. */
static int
read_field(const struct chip_field *f, chip_read_reg *read, void *arg,
    uint32_t *bits)
{
	int	r;

	*bits = 0;
	if (f->addr == 0)
		return 0;
	if ((r = read(arg, f->addr, bits)) < 0)
		return r;
	*bits &= f->mask;
	return 0;
}

/* A program that took the regulator over; NULL: nobody did. */
static int
supply_by_program(const struct chip_supply *s, chip_read_reg *read, void *arg,
    const char **volts)
{
	uint32_t	conf;
	int		r;

	*volts = NULL;
	if (s->rtc == 0)
		return 0;
	if ((r = read(arg, s->rtc, &conf)) < 0)
		return r;
	if ((conf & CHIP_SDIO_FORCE) == 0)
		return 0;
	*volts = (conf & CHIP_SDIO_DREFH) != 0 ? "1.9V" :
	    (conf & CHIP_SDIO_XPD) != 0 ? "1.8V" : "OFF";
	return 0;
}

static int
supply_by_fuse(const struct chip_supply *s, chip_read_reg *read, void *arg,
    const char **volts)
{
	uint32_t	force, on, high;
	int		r;

	*volts = NULL;
	if ((r = read_field(&s->fuse_force, read, arg, &force)) < 0 ||
	    force == 0)
		return r;
	if ((r = read_field(&s->fuse_on, read, arg, &on)) < 0 ||
	    (r = read_field(&s->fuse_3v3, read, arg, &high)) < 0)
		return r;
	*volts = on == 0 ? "OFF" : high == 0 ? "1.8V" : "3.3V";
	return 0;
}

static int
read_supply(const struct chip_supply *s, chip_read_reg *read, void *arg,
    struct chip_facts *facts)
{
	uint32_t	pin;
	int		r;

	if (s->pin_1v8.addr == 0)
		return 0;
	facts->flash_voltage_by = "RTC_CNTL";
	if ((r = supply_by_program(s, read, arg, &facts->flash_voltage)) < 0 ||
	    facts->flash_voltage != NULL)
		return r;
	facts->flash_voltage_by = "eFuse";
	if ((r = supply_by_fuse(s, read, arg, &facts->flash_voltage)) < 0 ||
	    facts->flash_voltage != NULL)
		return r;
	if ((r = read_field(&s->pin_1v8, read, arg, &pin)) < 0)
		return r;
	facts->flash_voltage_by = "a strapping pin";
	facts->flash_voltage = pin != 0 ? "1.8V" : "3.3V";
	return 0;
}

static int
describe(const struct chip *chip, chip_read_reg *read, void *arg,
    struct chip_facts *facts)
{
	uint32_t	w[CHIP_LAYOUT_WORDS];

	if (chip->describe != NULL)
		return chip->describe(read, arg, facts);
	return chip_describe(read, arg, chip->layout, w, facts);
}

int
chip_identify(const struct chip *chip, chip_read_reg *read, void *arg,
    uint32_t baud, struct chip_facts *facts)
{
	uint32_t	octal;
	int		r;

	memset(facts, 0, sizeof *facts);
	if ((r = describe(chip, read, arg, facts)) < 0 ||
	    (r = read_xtal(chip, read, arg, baud, &facts->xtal_mhz)) < 0 ||
	    (r = read_field(&chip->octal, read, arg, &octal)) < 0 ||
	    (r = read_supply(&chip->supply, read, arg, facts)) < 0)
		return r;
	facts->octal = octal != 0;
	return read_mac(&chip->mac, read, arg, facts);
}
