/*
 * Values as people read them.  How the factory's calibration is kept: esp-idf,
 * components/esp_adc (esp_adc_cal.c for the ESP32), and esptool 5.3,
 * espefuse/efuse/<chip>/fields.py.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "proto/base/bytes.h"
#include "proto/efuse/coding.h"
#include "proto/efuse/state.h"

enum { TENTHS = 10 };

static void
put(char out[EFUSE_TEXT_MAX], const char *text)
{
	snprintf(out, EFUSE_TEXT_MAX, "%s", text);
}

static void
put_number(char out[EFUSE_TEXT_MAX], int64_t value)
{
	snprintf(out, EFUSE_TEXT_MAX, "%" PRId64, value);
}

/* The lowest 32 bits. */
static uint32_t
number_of(const struct efuse_state *state, const struct efuse_field *field)
{
	uint8_t	bits[EFUSE_BLOCK_BYTES];

	efuse_bits(state, field, bits);
	return le32_get(bits);
}

/* Bytes as hex with `between` between them, from the first on or from the
 * last back. */
static size_t
put_bytes(char out[EFUSE_TEXT_MAX], const uint8_t *bytes, size_t count,
    char between, bool backwards)
{
	size_t	at = 0;

	out[0] = '\0';
	for (size_t i = 0; i < count && at + 4 < EFUSE_TEXT_MAX; i++) {
		if (i > 0)
			out[at++] = between;
		at += (size_t)snprintf(out + at, EFUSE_TEXT_MAX - at, "%02x",
		    bytes[backwards ? count - 1 - i : i]);
	}
	return at;
}

/* A number of any length in decimal: divided by ten again and again. */
static void
put_long_number(char out[EFUSE_TEXT_MAX], uint8_t bits[EFUSE_BLOCK_BYTES])
{
	char		digits[EFUSE_TEXT_MAX];
	size_t		count = 0;
	bool		more = true;

	while (more && count + 1 < sizeof digits) {
		unsigned	rest = 0;

		more = false;
		for (size_t i = EFUSE_BLOCK_BYTES; i-- > 0;) {
			rest = rest << 8 | bits[i];
			bits[i] = (uint8_t)(rest / 10);
			rest %= 10;
			more = more || bits[i] != 0;
		}
		digits[count++] = (char)('0' + rest);
	}
	for (size_t i = 0; i < count; i++)
		out[i] = digits[count - 1 - i];
	out[count] = '\0';
}

/* By its type alone. */
static void
put_plain(const struct efuse_state *state, const struct efuse_field *field,
    char out[EFUSE_TEXT_MAX])
{
	uint8_t	bits[EFUSE_BLOCK_BYTES];

	efuse_bits(state, field, bits);
	if (field->type == EFUSE_BOOL)
		put(out, bits[0] & 1 ? "True" : "False");
	else if (field->type == EFUSE_BYTES)
		put_bytes(out, bits, efuse_field_bits(state, field) / 8, ' ',
		    false);
	else
		put_long_number(out, bits);
}

/* What stands behind a MAC: is it what was burned? */
static void
put_mac_check(const struct efuse_state *state, const struct efuse_field *field,
    const uint8_t mac[6], char *out, size_t size)
{
	unsigned	stored, right;
	bool		custom = strcmp(field->name, "CUSTOM_MAC") == 0;

	if ((state->efuse->flags & EFUSE_CHIP_ESP32) == 0) {
		if (state->errors[field->block] != 0 ||
		    state->failed[field->block])
			snprintf(out, size, " (Block%u has ERRORS:%u FAIL:%s)",
			    field->block, state->errors[field->block],
			    state->failed[field->block] ? "True" : "False");
		else
			snprintf(out, size, " (OK)");
		return;
	}
	stored = efuse_number(state, custom ? "CUSTOM_MAC_CRC" : "MAC_CRC");
	right = coding_mac_crc(mac);
	if (stored == right)
		snprintf(out, size, " (CRC 0x%02x OK)", stored);
	else
		snprintf(out, size, " (CRC 0x%02x invalid - calculated 0x%02x)",
		    stored, right);
}

/*
 * A factory's MAC has its first byte on top of the field, a user's own at its
 * bottom, as the calculated EUI-64 is given (state.c).
 */
static void
put_mac(const struct efuse_state *state, const struct efuse_field *field,
    char out[EFUSE_TEXT_MAX])
{
	uint8_t	bits[EFUSE_BLOCK_BYTES], mac[EFUSE_BLOCK_BYTES] = { 0 };
	size_t	count = efuse_field_bits(state, field) / 8, at;
	bool	upright = field->bit == EFUSE_NOWHERE ||
		    strcmp(field->name, "CUSTOM_MAC") == 0;

	efuse_bits(state, field, bits);
	for (size_t i = 0; i < count; i++)
		mac[i] = bits[upright ? i : count - 1 - i];
	at = put_bytes(out, mac, count, ':', false);
	put_mac_check(state, field, mac, out + at, EFUSE_TEXT_MAX - at);
}

/* Bit 4 of a purpose may be a field of its own, KEY_PURPOSE_n_H. */
static void
put_purpose(const struct efuse_state *state, const struct efuse_field *field,
    char out[EFUSE_TEXT_MAX])
{
	const struct efuse_purpose	*purpose;
	struct efuse_purpose		 room;
	char				 high[EFUSE_NAME_MAX];
	unsigned			 value = number_of(state, field);

	if (state->efuse->flags & EFUSE_CHIP_PURPOSE_HI) {
		snprintf(high, sizeof high, "%s_H", field->name);
		value |= efuse_number(state, high) << field->bits;
	}
	purpose = efuse_purpose_of(state->efuse, value, &room);
	put(out, purpose != NULL ? purpose->name : "FORBIDDEN_STATE");
}

/* A number with its sign on top. */
static int64_t
sign_magnitude(uint32_t value, unsigned bits)
{
	uint32_t	sign = (uint32_t)1 << (bits - 1);

	return value & sign ? -(int64_t)(value & (sign - 1)) :
	    (int64_t)(value & (sign - 1));
}

static void
put_temperature(const struct efuse_state *state,
    const struct efuse_field *field, char out[EFUSE_TEXT_MAX])
{
	int64_t	tenths = sign_magnitude(number_of(state, field), field->bits);

	snprintf(out, EFUSE_TEXT_MAX, "%s%" PRId64 ".%" PRId64,
	    tenths < 0 ? "-" : "", (tenths < 0 ? -tenths : tenths) / TENTHS,
	    (tenths < 0 ? -tenths : tenths) % TENTHS);
}

/* ESP32: what the ADCs read at two points differs from these by steps of four,
 * in two's complement. */
static const struct {
	const char	*name;
	int64_t		 usual;
} esp32_points[] = {
	{ "ADC1_TP_LOW",	 278 },
	{ "ADC2_TP_LOW",	 421 },
	{ "ADC1_TP_HIGH",	3265 },
	{ "ADC2_TP_HIGH",	3406 },
};

enum { ADC_STEP = 4, VREF_USUAL = 1100, VREF_STEP = 7 };

static int64_t
adc_point(const struct efuse_state *state, const struct efuse_field *field)
{
	uint32_t	value = number_of(state, field);
	uint32_t	sign = (uint32_t)1 << (field->bits - 1);

	if ((state->efuse->flags & EFUSE_CHIP_ESP32) == 0)
		return ADC_STEP * sign_magnitude(value, field->bits);
	for (size_t i = 0; i < sizeof esp32_points / sizeof *esp32_points; i++)
		if (strcmp(field->name, esp32_points[i].name) == 0)
			return esp32_points[i].usual + ADC_STEP *
			    ((int64_t)(value & (sign - 1)) -
			    (int64_t)(value & sign));
	return value;
}

void
efuse_value(const struct efuse_state *state, const struct efuse_field *field,
    char out[EFUSE_TEXT_MAX])
{
	uint32_t	value = number_of(state, field);

	switch ((enum efuse_class)field->class) {
	case EFUSE_CLASS_MAC:
		put_mac(state, field, out);
		return;
	case EFUSE_CLASS_KEYPURPOSE:
		put_purpose(state, field, out);
		return;
	case EFUSE_CLASS_VREF:
		put_number(out, VREF_USUAL +
		    VREF_STEP * sign_magnitude(value, field->bits));
		return;
	case EFUSE_CLASS_ADC_TP:
		put_number(out, adc_point(state, field));
		return;
	case EFUSE_CLASS_T_SENSOR:
		put_temperature(state, field, out);
		return;
	case EFUSE_CLASS_SPIPIN:
		/* GPIO 30 and 31 of the ESP32 cannot be pins of a flash. */
		put_number(out, value >= 30 ? value + 2 : value);
		return;
	case EFUSE_CLASS_NONE:
	case EFUSE_CLASS_KEYBLOCK:
	case EFUSE_CLASS_BITCOUNT:
	case EFUSE_CLASS_WAFER:
	case EFUSE_CLASS_PKG:
	case EFUSE_CLASS_PSRAM_CAP:
	case EFUSE_CLASS_RECOVERY:
	case EFUSE_CLASS_ROLLBACK:
		break;
	}
	put_plain(state, field, out);
}

/* The word for what it holds; NULL: there is none. */
static const char *
word_for(const struct efuse_state *state, const struct efuse_field *field)
{
	const struct efuse_meaning	*m = field->meanings;
	uint32_t			 value = number_of(state, field);

	for (; m != NULL && m->text != NULL; m++)
		if (m->value == value)
			return m->text;
	return NULL;
}

void
efuse_meaning(const struct efuse_state *state, const struct efuse_field *field,
    char out[EFUSE_TEXT_MAX])
{
	const char	*word = word_for(state, field);

	if (word != NULL)
		put(out, word);
	else
		efuse_value(state, field, out);
}

static void
hide(char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] == '0')
			text[i] = '?';
}

/* What is protected from reading reads as zeros: they are shown as such that
 * nobody knows.  Two bits protect a half each. */
void
efuse_shown(const struct efuse_state *state, const struct efuse_field *field,
    char out[EFUSE_TEXT_MAX])
{
	uint32_t	hidden = efuse_number(state, "RD_DIS") & field->rd_dis;
	uint32_t	lower = field->rd_dis & -field->rd_dis;
	size_t		len, half;

	efuse_meaning(state, field, out);
	len = strlen(out);
	half = lower != field->rd_dis ? len / 2 : len;
	if (hidden & lower)
		hide(out, half);
	if (hidden & ~lower)
		hide(out + half, len - half);
}

enum efuse_kind
efuse_kind(const struct efuse_state *state, const struct efuse_field *field)
{
	if (!efuse_readable(state, field) || word_for(state, field) != NULL)
		return EFUSE_IS_TEXT;
	switch ((enum efuse_class)field->class) {
	case EFUSE_CLASS_MAC:
	case EFUSE_CLASS_KEYPURPOSE:
		return EFUSE_IS_TEXT;
	case EFUSE_CLASS_T_SENSOR:
		return EFUSE_IS_REAL;
	case EFUSE_CLASS_VREF:
	case EFUSE_CLASS_ADC_TP:
	case EFUSE_CLASS_SPIPIN:
	case EFUSE_CLASS_NONE:
	case EFUSE_CLASS_KEYBLOCK:
	case EFUSE_CLASS_BITCOUNT:
	case EFUSE_CLASS_WAFER:
	case EFUSE_CLASS_PKG:
	case EFUSE_CLASS_PSRAM_CAP:
	case EFUSE_CLASS_RECOVERY:
	case EFUSE_CLASS_ROLLBACK:
		break;
	}
	if (field->type == EFUSE_BOOL)
		return EFUSE_IS_TRUTH;
	return field->type == EFUSE_BYTES ? EFUSE_IS_TEXT : EFUSE_IS_NUMBER;
}

void
efuse_field_type(const struct efuse_state *state,
    const struct efuse_field *field, char out[16])
{
	unsigned	bits = (unsigned)efuse_field_bits(state, field);

	if (field->type == EFUSE_BOOL)
		snprintf(out, 16, "bool");
	else if (field->type == EFUSE_BYTES)
		snprintf(out, 16, "bytes:%u", bits / 8);
	else
		snprintf(out, 16, "uint:%u", bits);
}

/* `count` bits from `from` on as digits, the highest first; each digit has
 * `width` bits. */
static char *
put_digits(char *out, const uint8_t *bits, size_t from, size_t count,
    size_t width)
{
	for (size_t digit = (count + width - 1) / width; digit-- > 0;) {
		unsigned	value = 0;

		for (size_t i = 0; i < width; i++) {
			size_t	at = from + digit * width + i;

			if (at < from + count)
				value |= (bits[at / 8] >> at % 8 & 1u) << i;
		}
		*out++ = "0123456789abcdef"[value];
	}
	*out = '\0';
	return out;
}

void
efuse_raw_hex(const struct efuse_state *state, const struct efuse_field *field,
    char out[EFUSE_TEXT_MAX])
{
	uint8_t	bits[EFUSE_BLOCK_BYTES];
	size_t	count = efuse_field_bits(state, field);
	char	*end = out + 2;

	efuse_bits(state, field, bits);
	out[0] = '0';
	out[1] = 'x';
	if (field->type != EFUSE_BYTES) {
		put_digits(end, bits, 0, count, 4);
		return;
	}
	for (size_t i = 0; i < count / 8; i++)
		end = put_digits(end, bits, 8 * i, 8, 4);
}

/* Whole nibbles as hex; few bits that are none as ones and zeros; many as hex
 * with the rest behind it. */
void
efuse_bits_text(const uint8_t *bits, size_t count, char out[EFUSE_TEXT_MAX])
{
	size_t	rest = count % 4;
	char	*end = out;

	out[0] = '\0';
	if (count == 0 || count > 8 * EFUSE_BLOCK_BYTES)
		return;
	if (rest == 0 || count >= 32) {
		*end++ = '0';
		*end++ = 'x';
		end = put_digits(end, bits, rest, count - rest, 4);
		if (rest == 0)
			return;
		*end++ = ',';
		*end++ = ' ';
	} else
		rest = count;
	*end++ = '0';
	*end++ = 'b';
	put_digits(end, bits, 0, rest, 1);
}

/* Three fuses of the ESP32 and ESP32-S2/-S3; the rest differs in names. */
static void
put_supply(const struct efuse_state *state, const char *pin,
    const char *regulator, const char *high, char *out, size_t size)
{
	if (efuse_number(state, regulator) == 0)
		snprintf(out, size, "Flash voltage (%s) internal regulator "
		    "disabled by efuse.", pin);
	else
		snprintf(out, size, "Flash voltage (%s) set to %s by efuse.",
		    pin, efuse_number(state, high) != 0 ? "3.3V" : "1.8V");
}

static bool
has_field(const struct efuse_state *state, const char *name)
{
	const struct efuse_field	*f = state->efuse->fields;

	while (f->name != NULL && strcmp(f->name, name) != 0)
		f++;
	return f->name != NULL;
}

void
efuse_supply(const struct efuse_state *state, char *out, size_t size)
{
	if (size > 0)
		out[0] = '\0';
	if (has_field(state, "XPD_SDIO_FORCE")) {
		if (efuse_number(state, "XPD_SDIO_FORCE") != 0)
			put_supply(state, "VDD_SDIO", "XPD_SDIO_REG",
			    "XPD_SDIO_TIEH", out, size);
		else
			snprintf(out, size, "Flash voltage (VDD_SDIO) "
			    "determined by GPIO12 on reset "
			    "(High for 1.8V, Low/NC for 3.3V)");
		return;
	}
	if (!has_field(state, "VDD_SPI_FORCE"))
		return;
	if (efuse_number(state, "VDD_SPI_FORCE") != 0)
		put_supply(state, "VDD_SPI", "VDD_SPI_XPD", "VDD_SPI_TIEH",
		    out, size);
	else
		snprintf(out, size, "Flash voltage (VDD_SPI) determined by "
		    "GPIO45 on reset (GPIO45=High: VDD_SPI pin is powered "
		    "from internal 1.8V LDO\nGPIO45=Low or NC: VDD_SPI pin is "
		    "powered directly from VDD3P3_RTC_IO via resistor Rspi. "
		    "Typically this voltage is 3.3 V).");
}
