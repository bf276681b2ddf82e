#ifndef TESTS_SIM_EFUSE_CODE_H
#define TESTS_SIM_EFUSE_CODE_H
/*
 * efuse_code - what the controllers make of the check bytes in their blocks.
 *
 * Sources: ESP32-S2 technical reference manual, "eFuse Controller",
 * Reed-Solomon RS(44, 32): up to six wrong bytes are put right; ESP32's, the
 * 3/4 coding.  Words are little-endian bytes.
 */
#include <stdbool.h>
#include <stdint.h>

enum {
	CODE_DATA	= 8,		/* words of data... */
	CODE_WORDS	= 11,		/* ...and with check bytes */
	CODE_CORRECTED	= 6,		/* bytes, most */
};

/* Check bytes for these data. */
void code_rs(const uint32_t data[CODE_DATA], uint32_t check[3]);

/* Put right what can be: how many bytes were wrong; negative: more than
 * that, and nothing is changed. */
int code_rs_correct(uint32_t words[CODE_WORDS]);

/* Six words become eight; the way back, with two words of zeros behind, and a
 * bit in *wrong for each eight bytes whose check bytes do not fit. */
void code_34(uint32_t words[CODE_DATA]);
void code_34_back(const uint32_t coded[CODE_DATA], uint32_t out[CODE_DATA],
    unsigned *wrong);
#endif
