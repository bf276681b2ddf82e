#include "proto/image/appdesc.h"

#include <string.h>

#include "proto/base/bytes.h"
#include "proto/base/err.h"
#include "proto/base/text.h"

enum {
	BOOT_MAGIC	= 0x50,		/* one byte */
	/* Where in an application's. */
	SECURE_AT	= 4,
	VERSION_AT	= 16,
	PROJECT_AT	= 48,
	TIME_AT		= 80,
	DATE_AT		= 96,
	IDF_AT		= 112,
	MIN_EFUSE_AT	= 176,
	MAX_EFUSE_AT	= 178,
	/* Where in a bootloader's. */
	BOOT_SECURE_AT	= 3,
	BOOT_VERSION_AT	= 4,
	BOOT_IDF_AT	= 8,
	BOOT_DATE_AT	= 40,
	/* Bytes of the texts. */
	LONG_TEXT	= 32,
	SHORT_TEXT	= 16,
	DATE_TIME_TEXT	= 24,
};

/* A field of a fixed size; NULs are left out wherever they stand, as esptool
 * does. */
static void
take_text(char out[APPDESC_TEXT], const uint8_t *p, size_t len)
{
	size_t	at = 0, n;

	for (size_t i = 0; i < len; i += n) {
		n = text_letter(p + i, len - i);
		if (n > 0) {
			memcpy(out + at, p + i, n);
			at += n;
			continue;
		}
		if (p[i] != 0)
			out[at++] = '?';
		n = 1;
	}
	out[at] = '\0';
}

int
appdesc_parse(const uint8_t *p, size_t len, struct appdesc *d)
{
	uint8_t	page;

	if (len < APPDESC_BYTES || le32_get(p) != APPDESC_MAGIC)
		return ERR_IMAGE;
	page = p[APPDESC_MMU_PAGE_AT];
	*d = (struct appdesc){
		.secure_version = le32_get(p + SECURE_AT),
		.min_efuse_rev = le16_get(p + MIN_EFUSE_AT),
		.max_efuse_rev = le16_get(p + MAX_EFUSE_AT),
		.mmu_page = page > 0 && page < 32 ? (uint32_t)1 << page : 0,
	};
	take_text(d->version, p + VERSION_AT, LONG_TEXT);
	take_text(d->project, p + PROJECT_AT, LONG_TEXT);
	take_text(d->time, p + TIME_AT, SHORT_TEXT);
	take_text(d->date, p + DATE_AT, SHORT_TEXT);
	take_text(d->idf_version, p + IDF_AT, LONG_TEXT);
	memcpy(d->elf_sha256, p + APPDESC_SHA256_AT, APPDESC_SHA256);
	return 0;
}

int
bootdesc_parse(const uint8_t *p, size_t len, struct bootdesc *d)
{
	if (len < BOOTDESC_BYTES || p[0] != BOOT_MAGIC)
		return ERR_IMAGE;
	*d = (struct bootdesc){
		.secure_version = p[BOOT_SECURE_AT],
		.version = le32_get(p + BOOT_VERSION_AT),
	};
	take_text(d->idf_version, p + BOOT_IDF_AT, LONG_TEXT);
	take_text(d->date_time, p + BOOT_DATE_AT, DATE_TIME_TEXT);
	return 0;
}
