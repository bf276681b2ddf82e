#ifndef TESTS_SIM_SECURE_H
#define TESTS_SIM_SECURE_H
/*
 * secure - secure boot V2 as ROMs and esp-idf's bootloader do it: an image
 * starts only if the sector behind it has a signature by a key whose digest is
 * in the fuses.
 *
 * Written from esp-idf (rom/secure_boot.h, esp_image_format.c), on purpose
 * without proto/secure, so that the two can disagree.  What the ROMs print was
 * seen of those of the ESP32, ESP32-C3 and ESP32-S3 in an emulator.
 *
 * A board without any digest starts all: most tests that have secure boot on are
 * about what the loader forbids then.
 */
#include "tests/sim/board.h"

/* Does it look at signatures? */
bool secure_on(const struct board *);

/* Has the image at `at`, whose check sum is before `end`, a signature that
 * counts?  `say` gets what the ROM says of each block, or is NULL. */
bool secure_verify(struct board *, uint32_t at, uint32_t end,
    void (*say)(struct board *, const char *));
#endif
