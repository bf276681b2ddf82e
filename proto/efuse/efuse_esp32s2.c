/*
 * The eFuses of the ESP32-S2.
 *
 * Sources: ESP32-S2 TRM, "eFuse Controller"; esp-idf, components/efuse/esp32s2/
 * esp_efuse_table.csv; esptool 5.3, efuse_defs/esp32s2.yaml and
 * espefuse/efuse/esp32s2/mem_definition.py.
 */
#include "proto/efuse/row.h"

enum {
	BASE		= 0x3f41a000,	/* DR_REG_EFUSE_BASE */
};

static const struct efuse_meaning vdd_spi_tieh[] = {
	{ 0, "VDD_SPI connects to 1.8 V LDO" },
	{ 1, "VDD_SPI connects to VDD3P3_RTC_IO" },
	{ 0 }
};

static const struct efuse_meaning wdt_delay_sel[] = {
	{ 0, "40000" }, { 1, "80000" }, { 2, "160000" }, { 3, "320000" },
	{ 0 }
};

static const struct efuse_meaning uart_print_channel[] = {
	{ 0, "UART0" }, { 1, "UART1" },
	{ 0 }
};

static const struct efuse_meaning uart_print_control[] = {
	{ 0, "Enable" }, { 1, "Enable when GPIO46 is low at reset" },
	{ 2, "Enable when GPIO46 is high at reset" }, { 3, "Disable" },
	{ 0 }
};

static const struct efuse_meaning pin_power_selection[] = {
	{ 0, "VDD3P3_CPU" }, { 1, "VDD_SPI" },
	{ 0 }
};

static const struct efuse_meaning flash_type[] = {
	{ 0, "4 data lines" }, { 1, "8 data lines" },
	{ 0 }
};

static const struct efuse_meaning blk_version_minor[] = {
	{ 0, "No calib" }, { 1, "ADC calib V1" }, { 2, "ADC calib V2" },
	{ 0 }
};

static const struct efuse_field fields[] = {
	/*    name, block, bit, [size,] write protection, category */
	/* BLOCK0 */
	UINT("WR_DIS", 0, 0, 32, NONE, "config"),
	UINT("RD_DIS", 0, 32, 7, 0, "config"),
	BOOL("DIS_ICACHE", 0, 40, 2, "config"),
	BOOL("DIS_DCACHE", 0, 41, 2, "config"),
	BOOL("DIS_DOWNLOAD_ICACHE", 0, 42, 2, "security"),
	BOOL("DIS_DOWNLOAD_DCACHE", 0, 43, 2, "security"),
	BOOL("DIS_FORCE_DOWNLOAD", 0, 44, 2, "security"),
	BOOL("DIS_USB", 0, 45, 2, "usb"),
	BOOL("DIS_TWAI", 0, 46, 2, "config", .alt = "DIS_CAN"),
	BOOL("DIS_BOOT_REMAP", 0, 47, 2, "config"),
	BOOL("SOFT_DIS_JTAG", 0, 49, 2, "jtag",
	    .help = "JTAG is off; the HMAC unit can turn it on"),
	BOOL("HARD_DIS_JTAG", 0, 50, 2, "jtag"),
	BOOL("DIS_DOWNLOAD_MANUAL_ENCRYPT", 0, 51, 2, "security"),
	BOOL("USB_EXCHG_PINS", 0, 56, 30, "usb"),
	BOOL("USB_EXT_PHY_ENABLE", 0, 57, 30, "usb", .alt = "EXT_PHY_ENABLE"),
	BOOL("USB_FORCE_NOPERSIST", 0, 58, 30, "usb"),
	UINT("BLOCK0_VERSION", 0, 59, 2, 30, "identity"),
	BOOL("VDD_SPI_XPD", 0, 68, 3, "vdd"),
	BOOL("VDD_SPI_TIEH", 0, 69, 3, "vdd", .meanings = vdd_spi_tieh),
	BOOL("VDD_SPI_FORCE", 0, 70, 3, "vdd"),
	UINT("WDT_DELAY_SEL", 0, 80, 2, 3, "wdt", .meanings = wdt_delay_sel),
	UINT("SPI_BOOT_CRYPT_CNT", 0, 82, 3, 4, "security",
	    .class = EFUSE_CLASS_BITCOUNT, .meanings = efuse_odd_enables),
	BOOL("SECURE_BOOT_KEY_REVOKE0", 0, 85, 5, "security"),
	BOOL("SECURE_BOOT_KEY_REVOKE1", 0, 86, 6, "security"),
	BOOL("SECURE_BOOT_KEY_REVOKE2", 0, 87, 7, "security"),
	UINT("KEY_PURPOSE_0", 0, 88, 4, 8, "security",
	    .class = EFUSE_CLASS_KEYPURPOSE, .alt = "KEY0_PURPOSE"),
	UINT("KEY_PURPOSE_1", 0, 92, 4, 9, "security",
	    .class = EFUSE_CLASS_KEYPURPOSE, .alt = "KEY1_PURPOSE"),
	UINT("KEY_PURPOSE_2", 0, 96, 4, 10, "security",
	    .class = EFUSE_CLASS_KEYPURPOSE, .alt = "KEY2_PURPOSE"),
	UINT("KEY_PURPOSE_3", 0, 100, 4, 11, "security",
	    .class = EFUSE_CLASS_KEYPURPOSE, .alt = "KEY3_PURPOSE"),
	UINT("KEY_PURPOSE_4", 0, 104, 4, 12, "security",
	    .class = EFUSE_CLASS_KEYPURPOSE, .alt = "KEY4_PURPOSE"),
	UINT("KEY_PURPOSE_5", 0, 108, 4, 13, "security",
	    .class = EFUSE_CLASS_KEYPURPOSE, .alt = "KEY5_PURPOSE"),
	BOOL("SECURE_BOOT_EN", 0, 116, 15, "security"),
	BOOL("SECURE_BOOT_AGGRESSIVE_REVOKE", 0, 117, 16, "security"),
	UINT("FLASH_TPUW", 0, 124, 4, 18, "flash",
	    .help = "Wait from power-up until flash is used, in half milliseconds"),
	BOOL("DIS_DOWNLOAD_MODE", 0, 128, 18, "security"),
	BOOL("DIS_LEGACY_SPI_BOOT", 0, 129, 18, "config"),
	BOOL("UART_PRINT_CHANNEL", 0, 130, 18, "config", .meanings = uart_print_channel),
	BOOL("DIS_USB_DOWNLOAD_MODE", 0, 132, 18, "usb"),
	BOOL("ENABLE_SECURITY_DOWNLOAD", 0, 133, 18, "security"),
	UINT("UART_PRINT_CONTROL", 0, 134, 2, 18, "config", .meanings = uart_print_control),
	BOOL("PIN_POWER_SELECTION", 0, 136, 18, "config", .meanings = pin_power_selection),
	BOOL("FLASH_TYPE", 0, 137, 18, "flash", .meanings = flash_type),
	BOOL("FORCE_SEND_RESUME", 0, 138, 18, "flash"),
	UINT("SECURE_VERSION", 0, 139, 16, 18, "security", .class = EFUSE_CLASS_BITCOUNT),
	BOOL("DISABLE_WAFER_VERSION_MAJOR", 0, 160, NONE, "identity"),
	BOOL("DISABLE_BLK_VERSION_MAJOR", 0, 161, NONE, "identity"),

	/* BLOCK1, MAC_SPI_8M_0 */
	BYTES("MAC", 1, 0, 6, 20, "MAC", .class = EFUSE_CLASS_MAC, .alt = "MAC_FACTORY"),
	UINT("SPI_PAD_CONFIG_CLK", 1, 48, 6, 20, "spi pad"),
	UINT("SPI_PAD_CONFIG_Q", 1, 54, 6, 20, "spi pad"),
	UINT("SPI_PAD_CONFIG_D", 1, 60, 6, 20, "spi pad"),
	UINT("SPI_PAD_CONFIG_CS", 1, 66, 6, 20, "spi pad"),
	UINT("SPI_PAD_CONFIG_HD", 1, 72, 6, 20, "spi pad"),
	UINT("SPI_PAD_CONFIG_WP", 1, 78, 6, 20, "spi pad"),
	UINT("SPI_PAD_CONFIG_DQS", 1, 84, 6, 20, "spi pad"),
	UINT("SPI_PAD_CONFIG_D4", 1, 90, 6, 20, "spi pad"),
	UINT("SPI_PAD_CONFIG_D5", 1, 96, 6, 20, "spi pad"),
	UINT("SPI_PAD_CONFIG_D6", 1, 102, 6, 20, "spi pad"),
	UINT("SPI_PAD_CONFIG_D7", 1, 108, 6, 20, "spi pad"),
	UINT("WAFER_VERSION_MAJOR", 1, 114, 2, 20, "identity"),
	BOOL("WAFER_VERSION_MINOR_HI", 1, 116, 20, "identity"),
	UINT("FLASH_VERSION", 1, 117, 4, 20, "flash"),
	UINT("BLK_VERSION_MAJOR", 1, 121, 2, 20, "identity"),
	UINT("PSRAM_VERSION", 1, 124, 4, 20, "identity"),
	UINT("PKG_VERSION", 1, 128, 4, 20, "identity"),
	UINT("WAFER_VERSION_MINOR_LO", 1, 132, 3, 20, "identity"),

	/* BLOCK2, BLOCK_SYS_DATA */
	BYTES("OPTIONAL_UNIQUE_ID", 2, 0, 16, 21, "identity", .class = EFUSE_CLASS_KEYBLOCK),
	UINT("BLK_VERSION_MINOR", 2, 132, 3, 21, "identity", .meanings = blk_version_minor),

	/* BLOCK3, BLOCK_USR_DATA */
	BYTES("CUSTOM_MAC", 3, 200, 6, 22, "MAC",
	    .class = EFUSE_CLASS_MAC, .alt = "MAC_CUSTOM USER_DATA_MAC_CUSTOM"),

	/* whole blocks */
	BYTES("BLOCK_USR_DATA", 3, 0, 32, 22, "config", .alt = "USER_DATA"),
	KEY("BLOCK_KEY0", 4, 23, 0, "KEY0"),
	KEY("BLOCK_KEY1", 5, 24, 1, "KEY1"),
	KEY("BLOCK_KEY2", 6, 25, 2, "KEY2"),
	KEY("BLOCK_KEY3", 7, 26, 3, "KEY3"),
	KEY("BLOCK_KEY4", 8, 27, 4, "KEY4"),
	KEY("BLOCK_KEY5", 9, 28, 5, "KEY5"),
	BYTES("BLOCK_SYS_DATA2", 10, 0, 32, 29, "config",
	    .rd_dis = 1 << 6, .alt = "SYS_DATA_PART2"),

	/* calibration */
	POINT("ADC_CALIB", 2, 128, 4, 21),
	UINT("TEMP_CALIB", 2, 135, 9, 21, "calibration",
	    .when = EFUSE_CALIBRATED, .class = EFUSE_CLASS_T_SENSOR),
	UINT("RTCCALIB_V1IDX_A10H", 2, 144, 8, 21, "calibration", .when = EFUSE_CALIBRATED),
	UINT("RTCCALIB_V1IDX_A11H", 2, 152, 8, 21, "calibration", .when = EFUSE_CALIBRATED),
	UINT("RTCCALIB_V1IDX_A12H", 2, 160, 8, 21, "calibration", .when = EFUSE_CALIBRATED),
	UINT("RTCCALIB_V1IDX_A13H", 2, 168, 8, 21, "calibration", .when = EFUSE_CALIBRATED),
	UINT("RTCCALIB_V1IDX_A20H", 2, 176, 8, 21, "calibration", .when = EFUSE_CALIBRATED),
	UINT("RTCCALIB_V1IDX_A21H", 2, 184, 8, 21, "calibration", .when = EFUSE_CALIBRATED),
	UINT("RTCCALIB_V1IDX_A22H", 2, 192, 8, 21, "calibration", .when = EFUSE_CALIBRATED),
	UINT("RTCCALIB_V1IDX_A23H", 2, 200, 8, 21, "calibration", .when = EFUSE_CALIBRATED),
	UINT("RTCCALIB_V1IDX_A10L", 2, 208, 6, 21, "calibration", .when = EFUSE_CALIBRATED),
	UINT("RTCCALIB_V1IDX_A11L", 2, 214, 6, 21, "calibration", .when = EFUSE_CALIBRATED),
	UINT("RTCCALIB_V1IDX_A12L", 2, 220, 6, 21, "calibration", .when = EFUSE_CALIBRATED),
	UINT("RTCCALIB_V1IDX_A13L", 2, 226, 6, 21, "calibration", .when = EFUSE_CALIBRATED),
	UINT("RTCCALIB_V1IDX_A20L", 2, 232, 6, 21, "calibration", .when = EFUSE_CALIBRATED),
	UINT("RTCCALIB_V1IDX_A21L", 2, 238, 6, 21, "calibration", .when = EFUSE_CALIBRATED),
	UINT("RTCCALIB_V1IDX_A22L", 2, 244, 6, 21, "calibration", .when = EFUSE_CALIBRATED),
	UINT("RTCCALIB_V1IDX_A23L", 2, 250, 6, 21, "calibration", .when = EFUSE_CALIBRATED),

	/* calculated from others */
	CALC("WAFER_VERSION_MINOR", 0, 4, EFUSE_UINT, "identity",
	    .class = EFUSE_CLASS_WAFER, .parts = "WAFER_VERSION_MINOR_LO WAFER_VERSION_MINOR_HI"),
	{ .name = NULL }
};

static const struct efuse_purpose purposes[] = {
	PURPOSE("USER", 0, 0),
	PURPOSE("RESERVED", 1, 0),
	PURPOSE("XTS_AES_256_KEY_1", 2, EFUSE_REVERSE | EFUSE_HIDE),
	PURPOSE("XTS_AES_256_KEY_2", 3, EFUSE_REVERSE | EFUSE_HIDE),
	PURPOSE("XTS_AES_128_KEY", 4, EFUSE_REVERSE | EFUSE_HIDE),
	PURPOSE("HMAC_DOWN_ALL", 5, EFUSE_HIDE),
	PURPOSE("HMAC_DOWN_JTAG", 6, EFUSE_HIDE),
	PURPOSE("HMAC_DOWN_DIGITAL_SIGNATURE", 7, EFUSE_HIDE),
	PURPOSE("HMAC_UP", 8, EFUSE_HIDE),
	PURPOSE("SECURE_BOOT_DIGEST0", 9, EFUSE_DIGEST),
	PURPOSE("SECURE_BOOT_DIGEST1", 10, EFUSE_DIGEST),
	PURPOSE("SECURE_BOOT_DIGEST2", 11, EFUSE_DIGEST),
	VIRTUAL("XTS_AES_256_KEY", -1, 0,
	    "XTS_AES_256_KEY_1", "XTS_AES_256_KEY_2"),
	{ .name = NULL }
};

/* Crystal, register, bits, value: TRM, "eFuse Controller". */
static const struct efuse_timing timing[] = {
	{ 0, 0x1f4, 0x000000ff, 0x00000001 },
	{ 0, 0x1f0, 0xffff0000, 0x01900000 },
	{ 0, 0x1f0, 0x000000ff, 0x00000001 },
	{ 0, 0x1f0, 0x0000ff00, 0x00000200 },
	{ 0, 0x1e8, 0x000000ff, 0x00000050 },
	{ 0, 0x1f4, 0x00ffff00, 0x00510000 },
	{ 0, 0x1f8, 0x0000ffff, 0x00000080 },
	{ 0, 0x1ec, 0x0000ff00, 0x00000200 },
	{ 0, 0x1ec, 0x000000ff, 0x00000001 },
	{ 0 }
};

static const uint8_t xtals[] = { 40, 0 };

const struct efuse_chip efuse_esp32s2 = {
	.chip = &chip_esp32s2,
	.flags = EFUSE_CHIP_VOLTAGE,
	.base = BASE,
	.window = 0x200,
	.virt_revision = 100,
	.virt_xtal = 40,
	.blocks = efuse_blocks_rs,
	.fields = fields,
	.purposes = purposes,
	.control = {
		.conf = 0x1cc, .cmd = 0x1d4,
		.clear = 0x000, .clear_words = 8,
		.aside = 0x60000078,
		.err0 = 0x17c, .err0_words = 5,
		.timing = timing,
		.xtals = xtals,
		/* esp-idf, efuse_reg.h; esptool 5.3 looks at 0x194 and 0x198,
		 * where they are not told. */
		.errors = ERRORS_RS(0x1c0, 0x1c4),
	},
	.late = LATE_USUAL,
	.calibrated_from = 1,
	.signers = EFUSE_SIGNER_RSA,
};
