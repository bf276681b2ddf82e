#ifndef PROTO_EFUSE_CODING_H
#define PROTO_EFUSE_CODING_H
/*
 * coding - check bytes of eFuse blocks.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	CODING_RS_DATA = 32, CODING_RS_CHECK = 12,
	CODING_34_DATA = 6, CODING_34_BYTES = 8,
};

/* Reed-Solomon RS(44,32) over GF(256), polynomial 0x11d, first root 1
 * (ESP32-S2 TRM, eFuse Controller). */
void coding_rs(const uint8_t data[CODING_RS_DATA],
    uint8_t check[CODING_RS_CHECK]);

/* 3/4 coding of the ESP32 (TRM, eFuse Controller): six bytes, their XOR, and
 * the sum of index times number of ones.  `len` is a multiple of 6 bytes, `out`
 * has 8 for each 6. */
void coding_34(const uint8_t *data, size_t len, uint8_t *out);
/* The way back; false: check bytes do not fit.  `len` is a multiple of 8. */
bool coding_34_check(const uint8_t *coded, size_t len, uint8_t *out);

/* CRC-8 of a MAC on the ESP32: polynomial 0x31 reflected, start 0. */
uint8_t coding_mac_crc(const uint8_t mac[6]);
#endif
