/* proto/efuse/coding */
#include "proto/efuse/coding.h"

#include <stdlib.h>
#include <string.h>

#include "proto/base/text.h"
#include "tests/unit/unit.h"

/* Blocks and their check bytes as the hardware has them: esptool 5.3,
 * test/test_modules.py, "FPGA verified". */
static const struct {
	const char	*data, *check;
} reed_solomon[] = {
	{ "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf"
	  "b0b1b2b3b4b5b6b7b8b9babbbcbdbebf", "0404992ae0b12cb0ef0d4fd3" },
	{ "11a1a2a3a4a5a6a7a8a9aaabacadaeaf"
	  "b0b1b2b3b4b5b6b7b8b9babbbcbd11bf", "e001803c2130884c190d57d5" },
	{ "22a1a2a3a4a5a6a7a8a9aaabacadaeaf"
	  "b0b1b2b3b4b5b6b7b8b9babbbcbd22bf", "6c32056dd3fcc33fa6193773" },
	{ "0a1a2a3a4a5a6a7a8a9aaabacadaeafa"
	  "0b1b2b3b4b5b6b7b8b9babbbcbdbebfb", "08149eef461af628943c2661" },
	{ "b3f455fb0b275123dec0e73c4becca19"
	  "246bf2b103df401844a3bdcd3fd01a95", "500409183fa1b8e680568da7" },
	{ "435777773fb1e36f7d6b5f1e99afaa7a"
	  "57f16be0ed36bc057c7dae6a266d1504", "815d3007153d797bd6630d0e" },
	{ "20a126c10f50ee871f43cfcfe4e62a49"
	  "2e3f729a6c48348a58863f3a482a69fe", "36150928f41dcacf396c0893" },
	{ "a8d5fbda18d75605c422d2b10ac7f732"
	  "83a5c9609d6b8c90ffaa96b84f133582", "a4f21330282242c9e20b6acf" },
	{ "4296abb9a44432c8656d5605feffc25d"
	  "71941fd0abf0ff0d61a01a19315a264c", "1bb4c3afd14b9023b33a2f15" },
	{ "206e4f83f8173635d7d554d96b84586f"
	  "bc3a4280b4403cba5834d3dc8e99a682", "1b7edac989c569cb08f9efd9" },
	{ "57e8dc1b37c6b53a428fc6d7242114ea"
	  "f3d80b0447bb642703120a257cf7ec52", "5ee82f785f3d5e19df92635b" },
	{ "ffffffffffffffffffffffffffffffff"
	  "ffffffffffffffffffffffffffffffff", "13a36292597404257375e0aa" },
	{ "f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0"
	  "f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0", "f66cb1ba3ee5d164a19668a0" },
	{ "abad1deaabad1deaabad1deaabad1dea"
	  "abad1deaabad1deaabad1deaabad1dea", "1171924a9b34c16878e182a5" },
	{ "abad1deadeadbeefabadbabecafebabe"
	  "11223344556677889900aabbccddeeff", "7601266085196663727c6522" },
	{ "00000000000000000000000000000000"
	  "00000000000000000000000000000000", "000000000000000000000000" },
	{ "10000000000000000000000000000000"
	  "00000000000000000000000000000000", "b6f06eae2266cc0bfca685ca" },
	{ "0001000100010001000a000b000c000d"
	  "000e000f000100010001000100010001", "6dc2afb4820bb002d9263544" },
	{ "00000000000000000000000000000000"
	  "00000000000000000000000000000001", "44774376dc1f07545c7fd561" },
};

static void
test_rs_check_bytes_are_those_of_the_hardware(void **state)
{
	uint8_t	data[CODING_RS_DATA], check[CODING_RS_CHECK];
	char	hex[2 * CODING_RS_CHECK + 1];

	(void)state;
	assert_int_equal(UNIT_COUNT(reed_solomon), 19);
	for (size_t i = 0; i < UNIT_COUNT(reed_solomon); i++) {
		assert_int_equal(text_unhex(reed_solomon[i].data, data,
		    sizeof data), CODING_RS_DATA);
		coding_rs(data, check);
		text_hex(hex, check, sizeof check);
		assert_string_equal(hex, reed_solomon[i].check);
	}
}

/* The code is linear: what is burned over a block in two steps has the sum of
 * both check bytes, which is why it cannot be written twice. */
static void
test_rs_is_linear(void **state)
{
	uint8_t	a[32], b[32], both[32], ca[12], cb[12], cboth[12];

	(void)state;
	for (unsigned i = 0; i < 32; i++) {
		a[i] = (uint8_t)(i * 37 + 5);
		b[i] = (uint8_t)(i * 101 + 17);
		both[i] = a[i] ^ b[i];
	}
	coding_rs(a, ca);
	coding_rs(b, cb);
	coding_rs(both, cboth);
	for (unsigned i = 0; i < 12; i++)
		assert_int_equal(ca[i] ^ cb[i], cboth[i]);
}

/* ESP32 TRM, "3/4 Coding Scheme": data, XOR, sum of index * ones. */
static void
test_34_check_bytes(void **state)
{
	static const uint8_t	six[12] = { 0x01, 0x03, 0x07, 0x0f, 0x1f, 0x3f,
	    0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	static const uint8_t	want[16] = {
		/* 1+4+9+16+25+36 */
		0x01, 0x03, 0x07, 0x0f, 0x1f, 0x3f, 0x2a, 91,
		/* 8 * (1+2+3+4+5+6) */
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00, 168 };
	uint8_t	out[16], back[12];

	(void)state;
	coding_34(six, sizeof six, out);
	assert_memory_equal(out, want, sizeof want);
	assert_true(coding_34_check(out, sizeof out, back));
	assert_memory_equal(back, six, sizeof six);
}

static void
test_34_finds_every_single_wrong_bit(void **state)
{
	static const uint8_t	six[6] = { 0xaa, 0x00, 0x12, 0xff, 0x80, 0x01 };
	uint8_t	out[8], back[6];

	(void)state;
	coding_34(six, sizeof six, out);
	for (unsigned bit = 0; bit < 64; bit++) {
		out[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_false(coding_34_check(out, sizeof out, back));
		out[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	assert_true(coding_34_check(out, sizeof out, back));
}

/* CRC-8/MAXIM, whose check value over "123456789" is 0xa1; six bytes here. */
static void
test_mac_crc(void **state)
{
	static const struct {
		uint8_t	mac[6], crc;
	} cases[] = {
		{ { 0xaa, 0xcd, 0xef, 0x01, 0x02, 0x03 }, 0x56 },
		{ { 1, 2, 3, 4, 5, 6 }, 0x80 },
		{ { 0x24, 0x0a, 0xc4, 0, 0, 1 }, 0xbe },
		{ { 0 }, 0 },
	};

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(cases); i++)
		assert_int_equal(coding_mac_crc(cases[i].mac), cases[i].crc);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rs_check_bytes_are_those_of_the_hardware),
		cmocka_unit_test(test_rs_is_linear),
		cmocka_unit_test(test_34_check_bytes),
		cmocka_unit_test(test_34_finds_every_single_wrong_bit),
		cmocka_unit_test(test_mac_crc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
