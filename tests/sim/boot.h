#ifndef TESTS_SIM_BOOT_H
#define TESTS_SIM_BOOT_H
/*
 * boot - what a board says and does when it starts from its flash.
 *
 * Its ROM loads the image at boot_offset into RAM, and complains as those of
 * the ESP32, ESP32-S3 and ESP32-C3 were seen to (in an emulator); the others
 * that answer GET_SECURITY_INFO are taken to do as these two.
 *
 * That is esp-idf's second stage if there is a partition table at 0x8000: then
 * the first application of the table is checked as esp-idf's bootloader does
 * (esp_image_format.c), which says so in its words.  Where secure boot V2 is on
 * both check signatures (secure.h).
 *
 * The log of the simulator says "starts: entry 0x40380000" or, of an
 * application, "starts: app at 0x10000, entry 0x403802f4", or "does not start:"
 * and why.
 */
#include "tests/sim/board.h"

enum {
	BOOT_IMAGE_MAGIC	= 0xe9,
	BOOT_SEGMENTS		= 16,
	BOOT_HEADER		= 8,	/* bytes; of the ESP8266, */
	BOOT_HEADER_LONG	= 24,	/* of all others */
	BOOT_READ_MAX		= 256,	/* of boot_read() */
};

/* Print what the ROM and the second stage say; what does not start restarts
 * after a while. */
void boot_flash(struct board *);

/* Put a program into its empty flash.  Without one a chip that boots from flash
 * resets itself again and again, and so also sees a boot pin that is low only
 * later. */
void board_program(struct board *);

/* ---- for boot.c and second.c ---- */

/* What the cache shows: deciphered, if the fuses say so. */
void boot_read(const struct board *, uint32_t addr, void *, size_t len);

/* An image, piece by piece. */
struct boot_image {
	struct board	*board;
	uint32_t	 at;		/* of the next byte */
	uint8_t		 sum;
	void		*sha;		/* EVP_MD_CTX of all up to `at` */
};

void boot_image_begin(struct boot_image *, struct board *, uint32_t at);
/* Read on; `sums`: into the check sum, too.  `out` may be NULL. */
void boot_image_read(struct boot_image *, void *out, size_t len, bool sums);
/* Read to the end of the line that has the check sum; what it holds. */
uint8_t boot_image_sum(struct boot_image *);
/* The SHA-256 of all that was read; ends the use. */
void boot_image_end(struct boot_image *, uint8_t sha256[32]);

/* Print a line, log why and restart after a while. */
void boot_fail(struct board *, const char *line, const char *why);

/* The application; false when there is no partition table. */
bool second_start(struct board *);
#endif
