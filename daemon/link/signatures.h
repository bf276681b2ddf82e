#ifndef DAEMON_LINK_SIGNATURES_H
#define DAEMON_LINK_SIGNATURES_H
/*
 * signatures - images that this chip would not start: its secure boot is on, and
 * they are not signed, not as they were signed, or not by a key that it trusts.
 *
 * Only images that begin as one are looked into, those that start where this
 * chip's bootloader does in a longer file too; so not what is encrypted already.
 * What is wrong is told (link_note), it is no failure: the flash is the user's,
 * and a signature may yet follow.
 *
 * Secure boot V2: the sector behind the image, which was filled up to a multiple
 * of 4096; the digests of trusted keys are read from the fuses, unless the chip
 * is in secure download mode.  V1 (ESP32): that 68 bytes follow an application;
 * its key is part of the bootloader and not known here.
 *
 * Sources: ESP-IDF Programming Guide, "Secure Boot v2" and "Secure Boot v1";
 * esp-idf, bootloader_support, esp_image_format.c.
 */
#include "daemon/link/link.h"

/* Look at all of l->images, which are prepared.  Digests are made in steps and
 * fuses are read, so this may return the errors of wire.h and rom.h, with their
 * sentence; ERR_NOMEM.  Does nothing the second time. */
int signatures_check(struct link *);
#endif
