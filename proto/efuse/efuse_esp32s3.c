/*
 * The eFuses of the ESP32-S3.
 *
 * Sources: ESP32-S3 TRM, "eFuse Controller"; esp-idf, components/efuse/esp32s3/
 * esp_efuse_table.csv; esptool 5.3, efuse_defs/esp32s3.yaml and
 * espefuse/efuse/esp32s3/mem_definition.py.
 */
#include "proto/efuse/row.h"

enum {
	BASE		= 0x60007000,	/* DR_REG_EFUSE_BASE */
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

static const struct efuse_meaning usb_phy_sel[] = {
	{ 0, "internal PHY is assigned to USB Device while external PHY is assigned to USB OTG" },
	{ 1, "internal PHY is assigned to USB OTG while external PHY is assigned to USB Device" },
	{ 0 }
};

static const struct efuse_meaning disables[] = {
	{ 0, "Enable" }, { 1, "Disable" },
	{ 0 }
};

static const struct efuse_meaning flash_ecc_mode[] = {
	{ 0, "16to18 byte" }, { 1, "16to17 byte" },
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

static const struct efuse_meaning flash_cap[] = {
	{ 0, "None" }, { 1, "8M" }, { 2, "4M" },
	{ 0 }
};

static const struct efuse_meaning flash_temp[] = {
	{ 0, "None" }, { 1, "105C" }, { 2, "85C" },
	{ 0 }
};

static const struct efuse_meaning flash_vendor[] = {
	{ 0, "None" }, { 1, "XMC" }, { 2, "GD" }, { 3, "FM" }, { 4, "TT" },
	{ 5, "BY" },
	{ 0 }
};

static const struct efuse_meaning psram_cap[] = {
	{ 0, "None" }, { 1, "8M" }, { 2, "2M" }, { 3, "16M" },
	{ 0 }
};

static const struct efuse_meaning psram_vendor[] = {
	{ 0, "None" }, { 1, "AP_3v3" }, { 2, "AP_1v8" },
	{ 0 }
};

static const struct efuse_meaning blk_version_major[] = {
	{ 0, "No calib" }, { 1, "ADC calib V1" },
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
	BOOL("DIS_USB_OTG", 0, 45, 2, "usb", .alt = "DIS_USB"),
	BOOL("DIS_TWAI", 0, 46, 2, "config", .alt = "DIS_CAN"),
	BOOL("DIS_APP_CPU", 0, 47, 2, "config"),
	UINT("SOFT_DIS_JTAG", 0, 48, 3, 31, "jtag"),
	BOOL("DIS_PAD_JTAG", 0, 51, 2, "jtag", .alt = "HARD_DIS_JTAG"),
	BOOL("DIS_DOWNLOAD_MANUAL_ENCRYPT", 0, 52, 2, "security"),
	BOOL("USB_EXCHG_PINS", 0, 57, 30, "usb"),
	BOOL("USB_EXT_PHY_ENABLE", 0, 58, 30, "usb", .alt = "EXT_PHY_ENABLE"),
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
	BOOL("DIS_USB_JTAG", 0, 118, 2, "usb"),
	BOOL("DIS_USB_SERIAL_JTAG", 0, 119, 2, "usb", .alt = "DIS_USB_DEVICE"),
	BOOL("STRAP_JTAG_SEL", 0, 120, 2, "jtag"),
	BOOL("USB_PHY_SEL", 0, 121, 2, "usb", .meanings = usb_phy_sel),
	UINT("FLASH_TPUW", 0, 124, 4, 18, "flash"),
	BOOL("DIS_DOWNLOAD_MODE", 0, 128, 18, "security"),
	BOOL("DIS_DIRECT_BOOT", 0, 129, 18, "config", .alt = "DIS_LEGACY_SPI_BOOT"),
	BOOL("DIS_USB_SERIAL_JTAG_ROM_PRINT", 0, 130, 18, "usb",
	    .alt = "UART_PRINT_CHANNEL", .meanings = disables),
	BOOL("FLASH_ECC_MODE", 0, 131, 18, "flash", .meanings = flash_ecc_mode),
	BOOL("DIS_USB_SERIAL_JTAG_DOWNLOAD_MODE", 0, 132, 18, "usb",
	    .alt = "DIS_USB_DOWNLOAD_MODE"),
	BOOL("ENABLE_SECURITY_DOWNLOAD", 0, 133, 18, "security"),
	UINT("UART_PRINT_CONTROL", 0, 134, 2, 18, "config", .meanings = uart_print_control),
	BOOL("PIN_POWER_SELECTION", 0, 136, 18, "config", .meanings = pin_power_selection),
	BOOL("FLASH_TYPE", 0, 137, 18, "flash", .meanings = flash_type),
	UINT("FLASH_PAGE_SIZE", 0, 138, 2, 18, "flash"),
	BOOL("FLASH_ECC_EN", 0, 140, 18, "flash"),
	BOOL("FORCE_SEND_RESUME", 0, 141, 18, "flash"),
	UINT("SECURE_VERSION", 0, 142, 16, 18, "security", .class = EFUSE_CLASS_BITCOUNT),
	BOOL("DIS_USB_OTG_DOWNLOAD_MODE", 0, 159, 19, "usb"),
	BOOL("DISABLE_WAFER_VERSION_MAJOR", 0, 160, 19, "identity"),
	BOOL("DISABLE_BLK_VERSION_MAJOR", 0, 161, 19, "identity"),

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
	UINT("WAFER_VERSION_MINOR_LO", 1, 114, 3, 20, "identity"),
	UINT("PKG_VERSION", 1, 117, 3, 20, "identity"),
	UINT("BLK_VERSION_MINOR", 1, 120, 3, 20, "identity"),
	UINT("FLASH_CAP", 1, 123, 3, 20, "flash", .meanings = flash_cap),
	UINT("FLASH_TEMP", 1, 126, 2, 20, "flash", .meanings = flash_temp),
	UINT("FLASH_VENDOR", 1, 128, 3, 20, "flash", .meanings = flash_vendor),
	UINT("PSRAM_CAP", 1, 131, 2, 20, "config", .meanings = psram_cap),
	UINT("PSRAM_TEMP", 1, 133, 2, 20, "config", .meanings = flash_temp),
	UINT("PSRAM_VENDOR", 1, 135, 2, 20, "config", .meanings = psram_vendor),
	BOOL("PSRAM_CAP_3", 1, 179, 20, "config"),
	BOOL("WAFER_VERSION_MINOR_HI", 1, 183, 20, "identity"),
	UINT("WAFER_VERSION_MAJOR", 1, 184, 2, 20, "identity"),

	/* BLOCK2, BLOCK_SYS_DATA */
	BYTES("OPTIONAL_UNIQUE_ID", 2, 0, 16, 21, "identity", .class = EFUSE_CLASS_KEYBLOCK),
	UINT("BLK_VERSION_MAJOR", 2, 128, 2, 21, "identity", .meanings = blk_version_major),

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
	POINT("K_RTC_LDO", 1, 141, 7, 20),
	POINT("K_DIG_LDO", 1, 148, 7, 20),
	POINT("V_RTC_DBIAS20", 1, 155, 8, 20),
	POINT("V_DIG_DBIAS20", 1, 163, 8, 20),
	POINT("DIG_DBIAS_HVT", 1, 171, 5, 20),
	POINT("ADC2_CAL_VOL_ATTEN3", 1, 186, 6, 20),
	UINT("TEMP_CALIB", 2, 132, 9, 21, "calibration",
	    .when = EFUSE_CALIBRATED, .class = EFUSE_CLASS_T_SENSOR),
	UINT("OCODE", 2, 141, 8, 21, "calibration", .when = EFUSE_CALIBRATED),
	POINT("ADC1_INIT_CODE_ATTEN0", 2, 149, 8, 21),
	POINT("ADC1_INIT_CODE_ATTEN1", 2, 157, 6, 21),
	POINT("ADC1_INIT_CODE_ATTEN2", 2, 163, 6, 21),
	POINT("ADC1_INIT_CODE_ATTEN3", 2, 169, 6, 21),
	POINT("ADC2_INIT_CODE_ATTEN0", 2, 175, 8, 21),
	POINT("ADC2_INIT_CODE_ATTEN1", 2, 183, 6, 21),
	POINT("ADC2_INIT_CODE_ATTEN2", 2, 189, 6, 21),
	POINT("ADC2_INIT_CODE_ATTEN3", 2, 195, 6, 21),
	POINT("ADC1_CAL_VOL_ATTEN0", 2, 201, 8, 21),
	POINT("ADC1_CAL_VOL_ATTEN1", 2, 209, 8, 21),
	POINT("ADC1_CAL_VOL_ATTEN2", 2, 217, 8, 21),
	POINT("ADC1_CAL_VOL_ATTEN3", 2, 225, 8, 21),
	POINT("ADC2_CAL_VOL_ATTEN0", 2, 233, 8, 21),
	POINT("ADC2_CAL_VOL_ATTEN1", 2, 241, 7, 21),
	POINT("ADC2_CAL_VOL_ATTEN2", 2, 248, 7, 21),

	/* calculated from others */
	CALC("WAFER_VERSION_MINOR", 0, 4, EFUSE_UINT, "identity",
	    .class = EFUSE_CLASS_WAFER, .parts = "WAFER_VERSION_MINOR_LO WAFER_VERSION_MINOR_HI"),
	CALC("PSRAM_CAPACITY", 0, 3, EFUSE_UINT, "identity",
	    .class = EFUSE_CLASS_PSRAM_CAP, .parts = "PSRAM_CAP PSRAM_CAP_3"),
	{ .name = NULL }
};

static const struct efuse_purpose purposes[] = {
	PURPOSE("USER", 0, 0),
	PURPOSE("RESERVED", 1, 0),
	PURPOSE("XTS_AES_256_KEY_1", 2, EFUSE_REVERSE | EFUSE_HIDE | EFUSE_NOT_LAST),
	PURPOSE("XTS_AES_256_KEY_2", 3, EFUSE_REVERSE | EFUSE_HIDE | EFUSE_NOT_LAST),
	PURPOSE("XTS_AES_128_KEY", 4, EFUSE_REVERSE | EFUSE_HIDE | EFUSE_NOT_LAST),
	PURPOSE("HMAC_DOWN_ALL", 5, EFUSE_HIDE),
	PURPOSE("HMAC_DOWN_JTAG", 6, EFUSE_HIDE),
	PURPOSE("HMAC_DOWN_DIGITAL_SIGNATURE", 7, EFUSE_HIDE),
	PURPOSE("HMAC_UP", 8, EFUSE_HIDE),
	PURPOSE("SECURE_BOOT_DIGEST0", 9, EFUSE_DIGEST),
	PURPOSE("SECURE_BOOT_DIGEST1", 10, EFUSE_DIGEST),
	PURPOSE("SECURE_BOOT_DIGEST2", 11, EFUSE_DIGEST),
	VIRTUAL("XTS_AES_256_KEY", -1, EFUSE_NOT_LAST,
	    "XTS_AES_256_KEY_1", "XTS_AES_256_KEY_2"),
	{ .name = NULL }
};

/* Crystal, register, bits, value: esptool 5.3, set_efuse_timing(). */
static const struct efuse_timing timing[] = {
	TIMING_USUAL(0x1e8, 0x1f4, 0x1f8),
	{ 0 }
};

static const uint8_t xtals[] = { 40, 0 };

const struct efuse_chip efuse_esp32s3 = {
	.chip = &chip_esp32s3,
	.flags = EFUSE_CHIP_VOLTAGE | EFUSE_CHIP_USB_PAIR,
	.base = BASE,
	.window = 0x200,
	.virt_revision = 2,
	.virt_xtal = 40,
	.blocks = efuse_blocks_rs,
	.fields = fields,
	.purposes = purposes,
	.control = {
		.conf = 0x1cc, .cmd = 0x1d4,
		.clear = 0x000, .clear_words = 8,
		.aside = 0x60000080,
		.err0 = 0x17c, .err0_words = 5,
		.timing = timing,
		.xtals = xtals,
		.errors = ERRORS_RS(0x1c0, 0x1c4),
	},
	.late = LATE_USUAL,
	.calibrated_from = 100,
	.signers = EFUSE_SIGNER_RSA,
};
