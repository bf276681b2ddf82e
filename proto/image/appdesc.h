#ifndef PROTO_IMAGE_APPDESC_H
#define PROTO_IMAGE_APPDESC_H
/*
 * appdesc - what a program says of itself: which project and version it is,
 * when and with what it was built.
 *
 * An application has 256 bytes at the start of its data in flash, a bootloader
 * 80 bytes at the start of its data in RAM.
 * Source: ESP-IDF, esp_app_desc.h and esp_bootloader_desc.h; programming guide,
 * "App Image Format".
 */
#include <stddef.h>
#include <stdint.h>

enum {
	APPDESC_BYTES		= 256,
	APPDESC_SHA256_AT	= 144,	/* of the ELF file */
	APPDESC_MMU_PAGE_AT	= 180,	/* log2 of its bytes; 0: not told */
	APPDESC_SHA256		= 32,
	BOOTDESC_BYTES		= 80,
	APPDESC_TEXT		= 33,	/* longest text and NUL */
};

#define APPDESC_MAGIC	0xabcd5432u	/* its first word */

/* Texts are UTF-8 without control characters; what was none is '?'. */
struct appdesc {
	uint32_t	secure_version;
	char		version[APPDESC_TEXT];
	char		project[APPDESC_TEXT];
	char		time[APPDESC_TEXT], date[APPDESC_TEXT];
	char		idf_version[APPDESC_TEXT];
	uint8_t		elf_sha256[APPDESC_SHA256];
	/* Of the eFuse block, major * 100 + minor. */
	uint16_t	min_efuse_rev, max_efuse_rev;
	uint32_t	mmu_page;	/* bytes; 0: not told, or senseless */
};

struct bootdesc {
	uint8_t		secure_version;
	uint32_t	version;
	char		idf_version[APPDESC_TEXT];
	char		date_time[APPDESC_TEXT];
};

/* 0, or ERR_IMAGE when there is none at the start of these bytes. */
int appdesc_parse(const uint8_t *, size_t len, struct appdesc *);
int bootdesc_parse(const uint8_t *, size_t len, struct bootdesc *);
#endif
