/*
 * The eFuses of the ESP32-C2.
 *
 * Sources: ESP32-C2 TRM, "eFuse Controller"; esp-idf, components/efuse/esp32c2/
 * esp_efuse_table.csv; esptool 5.3, efuse_defs/esp32c2.yaml and
 * espefuse/efuse/esp32c2/mem_definition.py.
 */
#include "proto/efuse/row.h"

enum {
	BASE		= 0x60008800,	/* DR_REG_EFUSE_BASE */
};

static const struct efuse_block blocks[] = {
	{ .name = "BLOCK0", .read = 0x02c, .wr_dis = NONE, .words = 2 },
	{ .name = "BLOCK1", .read = 0x034, .wr_dis = 5, .words = 3 },
	{ .name = "BLOCK2", .read = 0x040, .wr_dis = 6, .words = 8 },
	{ .name = "BLOCK_KEY0", .alias = { "BLOCK3" }, .read = 0x060, .wr_dis = 7,
	  .words = 8, .rd_dis = 1 << 0 | 1 << 1 },
	{ .name = NULL }
};

static const struct efuse_meaning wdt_delay_sel[] = {
	{ 0, "40000" }, { 1, "80000" }, { 2, "160000" }, { 3, "320000" },
	{ 0 }
};

static const struct efuse_meaning xts_key_length_256[] = {
	{ 0, "128 bits key" }, { 1, "256 bits key" },
	{ 0 }
};

static const struct efuse_meaning uart_print_control[] = {
	{ 0, "Enable" }, { 1, "Enable when GPIO8 is low at reset" },
	{ 2, "Enable when GPIO8 is high at reset" }, { 3, "Disable" },
	{ 0 }
};

static const struct efuse_meaning blk_version_minor[] = {
	{ 0, "No calib" }, { 1, "With calib" },
	{ 0 }
};

static const struct efuse_field fields[] = {
	/*    name, block, bit, [size,] write protection, category */
	/* BLOCK0 */
	UINT("WR_DIS", 0, 0, 8, NONE, "config"),
	UINT("RD_DIS", 0, 32, 2, 0, "config"),
	UINT("WDT_DELAY_SEL", 0, 34, 2, 1, "wdt", .meanings = wdt_delay_sel),
	BOOL("DIS_PAD_JTAG", 0, 36, 1, "jtag"),
	BOOL("DIS_DOWNLOAD_ICACHE", 0, 37, 1, "security"),
	BOOL("DIS_DOWNLOAD_MANUAL_ENCRYPT", 0, 38, 2, "security"),
	UINT("SPI_BOOT_CRYPT_CNT", 0, 39, 3, 2, "security",
	    .class = EFUSE_CLASS_BITCOUNT, .meanings = efuse_odd_enables),
	BOOL("XTS_KEY_LENGTH_256", 0, 42, 2, "security", .meanings = xts_key_length_256),
	UINT("UART_PRINT_CONTROL", 0, 43, 2, 3, "config", .meanings = uart_print_control),
	BOOL("FORCE_SEND_RESUME", 0, 45, 3, "flash"),
	BOOL("DIS_DOWNLOAD_MODE", 0, 46, 3, "security"),
	BOOL("DIS_DIRECT_BOOT", 0, 47, 3, "config"),
	BOOL("ENABLE_SECURITY_DOWNLOAD", 0, 48, 3, "security"),
	UINT("FLASH_TPUW", 0, 49, 4, 3, "flash"),
	BOOL("SECURE_BOOT_EN", 0, 53, 2, "security"),
	UINT("SECURE_VERSION", 0, 54, 4, 4, "security", .class = EFUSE_CLASS_BITCOUNT),
	BOOL("CUSTOM_MAC_USED", 0, 58, 4, "MAC", .alt = "ENABLE_CUSTOM_MAC"),
	BOOL("DISABLE_WAFER_VERSION_MAJOR", 0, 59, 4, "identity"),
	BOOL("DISABLE_BLK_VERSION_MAJOR", 0, 60, 4, "identity"),

	/* BLOCK1 */
	BYTES("CUSTOM_MAC", 1, 0, 6, 5, "MAC",
	    .class = EFUSE_CLASS_MAC, .alt = "MAC_CUSTOM USER_DATA_MAC_CUSTOM"),

	/* BLOCK2 */
	BYTES("MAC", 2, 0, 6, 6, "MAC", .class = EFUSE_CLASS_MAC, .alt = "MAC_FACTORY"),
	UINT("WAFER_VERSION_MINOR", 2, 48, 4, 6, "identity"),
	UINT("WAFER_VERSION_MAJOR", 2, 52, 2, 6, "identity"),
	UINT("PKG_VERSION", 2, 54, 3, 6, "identity"),
	UINT("BLK_VERSION_MINOR", 2, 57, 3, 6, "identity", .meanings = blk_version_minor),
	UINT("BLK_VERSION_MAJOR", 2, 60, 2, 6, "identity"),
	UINT("FLASH_VENDOR", 2, 248, 3, 6, "flash"),
	UINT("FLASH_TEMP", 2, 251, 2, 6, "flash"),
	UINT("FLASH_CAP", 2, 253, 3, 6, "flash"),

	/* whole blocks */
	BYTES("BLOCK_KEY0", 3, 0, 32, 7, "security",
	    .class = EFUSE_CLASS_KEYBLOCK, .rd_dis = 1 << 0 | 1 << 1, .alt = "KEY0",
	    .help = "Flash encryption key; or one of 128 bits and the secure boot digest"),
	BYTES("BLOCK_KEY0_LOW_128", 3, 0, 16, 7, "security",
	    .class = EFUSE_CLASS_KEYBLOCK, .rd_dis = 1 << 0),
	BYTES("BLOCK_KEY0_HI_128", 3, 128, 16, 7, "security",
	    .class = EFUSE_CLASS_KEYBLOCK, .rd_dis = 1 << 1),

	/* calibration */
	UINT("OCODE", 2, 62, 7, 6, "calibration", .when = EFUSE_CALIBRATED),
	UINT("TEMP_CALIB", 2, 69, 9, 6, "calibration",
	    .when = EFUSE_CALIBRATED, .class = EFUSE_CLASS_T_SENSOR),
	POINT("ADC1_INIT_CODE_ATTEN0", 2, 78, 8, 6),
	POINT("ADC1_INIT_CODE_ATTEN3", 2, 86, 5, 6),
	POINT("ADC1_CAL_VOL_ATTEN0", 2, 91, 8, 6),
	POINT("ADC1_CAL_VOL_ATTEN3", 2, 99, 6, 6),
	POINT("DIG_DBIAS_HVT", 2, 105, 5, 6),
	POINT("DIG_LDO_SLP_DBIAS2", 2, 110, 7, 6),
	POINT("DIG_LDO_SLP_DBIAS26", 2, 117, 8, 6),
	POINT("DIG_LDO_ACT_DBIAS26", 2, 125, 6, 6),
	POINT("DIG_LDO_ACT_STEPD10", 2, 131, 4, 6),
	POINT("RTC_LDO_SLP_DBIAS13", 2, 135, 7, 6),
	POINT("RTC_LDO_SLP_DBIAS29", 2, 142, 9, 6),
	POINT("RTC_LDO_SLP_DBIAS31", 2, 151, 6, 6),
	POINT("RTC_LDO_ACT_DBIAS31", 2, 157, 6, 6),
	POINT("RTC_LDO_ACT_DBIAS13", 2, 163, 8, 6),
	POINT("ADC_CALIBRATION_3", 2, 192, 11, 6),
	{ .name = NULL }
};

static const struct efuse_purpose purposes[] = {
	PURPOSE("USER", 0, 0),
	PURPOSE("XTS_AES_128_KEY", 1, EFUSE_REVERSE | EFUSE_HIDE),
	PURPOSE("XTS_AES_128_KEY_DERIVED_FROM_128_EFUSE_BITS", 2, EFUSE_REVERSE | EFUSE_HIDE),
	PURPOSE("SECURE_BOOT_DIGEST", 3, EFUSE_DIGEST),
	{ .name = NULL }
};

/* Crystal, register, bits, value: esptool 5.3, set_efuse_timing(). */
static const struct efuse_timing timing[] = {
	{ 0, 0x108, 0x0001fe00, 0x0001fe00 },
	{ 0, 0x108, 0x000000ff, 0x00000028 },
	{ 0, 0x114, 0x00ffff00, 0x00300000 },
	{ 0, 0x118, 0x0000ffff, 0x00000190 },
	{ 40, 0x110, 0x0000ff00, 0x0000c800 },
	{ 26, 0x110, 0x0000ff00, 0x00008200 },
	{ 0 }
};

static const uint8_t xtals[] = { 26, 40, 0 };

const struct efuse_chip efuse_esp32c2 = {
	.chip = &chip_esp32c2,
	.flags = EFUSE_CHIP_ONE_KEY,
	.base = BASE,
	.window = 0x200,
	.virt_revision = 100,
	.virt_xtal = 40,
	.blocks = blocks,
	.fields = fields,
	.purposes = purposes,
	.control = {
		.conf = 0x08c, .cmd = 0x094,
		.clear = 0x000, .clear_words = 8,
		.aside = 0x6000007c,
		.err0 = 0x080, .err0_words = 1,
		.timing = timing,
		.xtals = xtals,
		.errors = {
			[1] = ERRORS(0x084, 0, 0x084, 3),
			[2] = ERRORS(0x084, 4, 0x084, 7),
			[3] = ERRORS(0x084, 8, 0x084, 11),
		},
	},
	.late = LATE_USUAL,
	.calibrated_from = 1,
	.signers = EFUSE_SIGNER_ECDSA,
};
