#include "daemon/link/bootlog.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "proto/base/text.h"

enum { REASON_MAX = 40 };	/* bytes of a reason that are kept */

struct piece {
	const char	*at;
	size_t		 len;
};

/* What stands behind the last `key`; at is NULL when there is none. */
static struct piece
behind(struct piece text, const char *key)
{
	struct piece	found = { NULL, 0 };
	size_t		n = strlen(key);
	const char	*at = text.at, *end = text.at + text.len;

	while ((at = memmem(at, (size_t)(end - at), key, n)) != NULL) {
		at += n;
		found = (struct piece){ at, (size_t)(end - at) };
	}
	return found;
}

static bool
has(struct piece text, const char *key)
{
	return memmem(text.at, text.len, key, strlen(key)) != NULL;
}

/* Bytes up to one of `ends`, the end of the line or of the text. */
static size_t
up_to(struct piece p, const char *ends)
{
	size_t	n = 0;

	while (n < p.len && p.at[n] != '\0' && p.at[n] != '\r' &&
	    p.at[n] != '\n' && strchr(ends, p.at[n]) == NULL)
		n++;
	return n;
}

static bool
read_hex(struct piece p, uint32_t *value)
{
	char	number[2 + 8 + 1] = "0x";
	size_t	n = 0;

	while (n < 8 && n < p.len && isxdigit((unsigned char)p.at[n])) {
		number[2 + n] = p.at[n];
		n++;
	}
	return text_u32(number, value) == 0;
}

/* "rst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)": ROMs from the
 * ESP32 on. */
static void
read_start(struct bootlog *log, struct piece text)
{
	struct piece	p = behind(text, "rst:0x");
	uint32_t	number;
	size_t		n;

	if (p.at != NULL && read_hex(p, &number)) {
		n = up_to(p, ")");
		n += n < p.len && p.at[n] == ')';
		log->has_reset = true;
		memcpy(log->reset, "rst:0x", 6);
		text_printable(log->reset + 6, sizeof log->reset - 6, p.at, n);
	}
	p = behind(text, "boot:0x");
	if (p.at != NULL && read_hex(p, &number)) {
		log->has_boot = true;
		log->boot = number;
	}
}

/* The reason in the brackets behind `key`, as far as it was printed. */
static void
read_crash(struct bootlog *log, struct piece text, const char *key,
    const char *name)
{
	struct piece	p = behind(text, key);
	char		reason[REASON_MAX];
	size_t		skip, n;

	if (p.at == NULL)
		return;
	skip = up_to(p, "(");
	if (skip + 1 < p.len && p.at[skip] == '(') {
		p = (struct piece){ p.at + skip + 1, p.len - skip - 1 };
		n = up_to(p, ")");
	} else
		n = 0;
	text_printable(reason, sizeof reason, p.at, n);
	(void)snprintf(log->crash, sizeof log->crash, "%s%s%s", name,
	    n > 0 ? ": " : "", reason);
}

void
bootlog_read(struct bootlog *log, const char *at, size_t len)
{
	struct piece	text = { at, len };

	if (len == 0)
		return;
	read_start(log, text);
	/* ESP32 and C3 say "waiting for download", the S3 "wait uart0
	 * download"; recorded from their ROMs. */
	log->waits |= has(text, "waiting for download") ||
	    has(text, "wait uart");
	/* Number 15 on all of them, whatever they call it (esp-idf, rtc.h,
	 * RESET_REASON); the other is what a program of esp-idf says. */
	log->brownout |= has(text, "rst:0xf (") ||
	    has(text, "Brownout detector was triggered");
	/* What a ROM prints again and again when it cannot start the flash. */
	log->no_program |= has(text, "invalid header: 0x") ||
	    has(text, "flash read err, ");
	/* Seen of the ROMs of the ESP32, ESP32-C3 and ESP32-S3. */
	log->untrusted |= has(text, "secure boot verification failed");
	read_crash(log, text, "Guru Meditation Error", "Guru Meditation Error");
	/* The ESP8266's. */
	read_crash(log, text, "Fatal exception", "Fatal exception");
}
