/*
 * The eFuses of the ESP32-H2.
 *
 * Sources: ESP32-H2 TRM, "eFuse Controller"; esp-idf, components/efuse/esp32h2/
 * esp_efuse_table.csv; esptool 5.3, efuse_defs/esp32h2.yaml and
 * espefuse/efuse/esp32h2/mem_definition.py.
 */
#include "proto/efuse/row.h"

enum {
	BASE		= 0x600b0800,	/* DR_REG_EFUSE_BASE */
};

static const struct efuse_meaning uart_print_control[] = {
	{ 0, "Enable" }, { 1, "Enable when GPIO8 is low at reset" },
	{ 2, "Enable when GPIO8 is high at reset" }, { 3, "Disable" },
	{ 0 }
};

static const struct efuse_field fields[] = {
	/*    name, block, bit, [size,] write protection, category */
	/* BLOCK0 */
	UINT("WR_DIS", 0, 0, 32, NONE, "config"),
	UINT("RD_DIS", 0, 32, 7, 0, "config"),
	BOOL("DIS_ICACHE", 0, 40, 2, "config"),
	BOOL("DIS_USB_JTAG", 0, 41, 2, "usb"),
	BOOL("POWERGLITCH_EN", 0, 42, 2, "config"),
	BOOL("DIS_FORCE_DOWNLOAD", 0, 44, 2, "security"),
	BOOL("SPI_DOWNLOAD_MSPI_DIS", 0, 45, 2, "security"),
	BOOL("DIS_TWAI", 0, 46, 2, "config", .alt = "DIS_CAN"),
	BOOL("JTAG_SEL_ENABLE", 0, 47, 2, "jtag"),
	UINT("SOFT_DIS_JTAG", 0, 48, 3, 31, "jtag"),
	BOOL("DIS_PAD_JTAG", 0, 51, 2, "jtag"),
	BOOL("DIS_DOWNLOAD_MANUAL_ENCRYPT", 0, 52, 2, "security"),
	BOOL("USB_EXCHG_PINS", 0, 57, 30, "usb"),
	BOOL("VDD_SPI_AS_GPIO", 0, 58, 30, "vdd"),
	UINT("ECDSA_CURVE_MODE", 0, 59, 2, 17, "security"),
	BOOL("ECC_FORCE_CONST_TIME", 0, 61, 17, "config"),
	UINT("XTS_DPA_PSEUDO_LEVEL", 0, 62, 2, 14, "security"),
	UINT("WDT_DELAY_SEL", 0, 80, 2, 3, "wdt"),
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
	UINT("SEC_DPA_LEVEL", 0, 112, 2, 14, "security"),
	BOOL("CRYPT_DPA_ENABLE", 0, 115, 14, "security"),
	BOOL("SECURE_BOOT_EN", 0, 116, 15, "security"),
	BOOL("SECURE_BOOT_AGGRESSIVE_REVOKE", 0, 117, 16, "security"),
	UINT("POWERGLITCH_EN1", 0, 118, 5, 2, "config"),
	UINT("FLASH_TPUW", 0, 124, 4, 18, "flash"),
	BOOL("DIS_DOWNLOAD_MODE", 0, 128, 18, "security"),
	BOOL("DIS_DIRECT_BOOT", 0, 129, 18, "config"),
	BOOL("DIS_USB_SERIAL_JTAG_ROM_PRINT", 0, 130, 18, "usb", .alt = "DIS_USB_PRINT"),
	BOOL("DIS_USB_SERIAL_JTAG_DOWNLOAD_MODE", 0, 132, 18, "usb"),
	BOOL("ENABLE_SECURITY_DOWNLOAD", 0, 133, 18, "security"),
	UINT("UART_PRINT_CONTROL", 0, 134, 2, 18, "config", .meanings = uart_print_control),
	BOOL("FORCE_SEND_RESUME", 0, 136, 18, "flash"),
	UINT("SECURE_VERSION", 0, 137, 16, 18, "security", .class = EFUSE_CLASS_BITCOUNT),
	BOOL("SECURE_BOOT_DISABLE_FAST_WAKE", 0, 153, 18, "security"),
	UINT("HYS_EN_PAD0", 0, 154, 6, 19, "config"),
	UINT("HYS_EN_PAD1", 0, 160, 22, 19, "config"),

	/* BLOCK1, MAC_SPI_8M_0 */
	BYTES("MAC", 1, 0, 6, 20, "MAC", .class = EFUSE_CLASS_MAC, .alt = "MAC_FACTORY"),
	BYTES("MAC_EXT", 1, 48, 2, 20, "MAC", .class = EFUSE_CLASS_MAC),
	UINT("RXIQ_VERSION", 1, 64, 3, 20, "identity"),
	UINT("RXIQ_0", 1, 67, 7, 20, "config"),
	UINT("RXIQ_1", 1, 74, 7, 20, "config"),
	UINT("WAFER_VERSION_MINOR", 1, 114, 3, 20, "identity"),
	UINT("WAFER_VERSION_MAJOR", 1, 117, 2, 20, "identity"),
	BOOL("DISABLE_WAFER_VERSION_MAJOR", 1, 119, 20, "identity"),
	UINT("FLASH_CAP", 1, 120, 3, 20, "flash"),
	UINT("FLASH_TEMP", 1, 123, 2, 20, "flash"),
	UINT("FLASH_VENDOR", 1, 125, 3, 20, "flash"),
	UINT("PKG_VERSION", 1, 128, 3, 20, "identity"),

	/* BLOCK2, BLOCK_SYS_DATA */
	BYTES("OPTIONAL_UNIQUE_ID", 2, 0, 16, 21, "identity", .class = EFUSE_CLASS_KEYBLOCK),
	UINT("BLK_VERSION_MINOR", 2, 130, 3, 21, "identity"),
	UINT("BLK_VERSION_MAJOR", 2, 133, 2, 21, "identity"),
	BOOL("DISABLE_BLK_VERSION_MAJOR", 2, 135, 21, "identity"),

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
	POINT("ACTIVE_HP_DBIAS", 1, 81, 5, 20),
	POINT("ACTIVE_LP_DBIAS", 1, 86, 5, 20),
	POINT("DSLP_DBIAS", 1, 91, 4, 20),
	POINT("DBIAS_VOL_GAP", 1, 95, 5, 20),
	POINT("LSLP_HP_DBIAS", 1, 100, 3, 20),
	UINT("TEMP_CALIB", 2, 136, 9, 21, "calibration",
	    .when = EFUSE_CALIBRATED, .class = EFUSE_CLASS_T_SENSOR),
	POINT("ADC1_AVE_INITCODE_ATTEN0", 2, 145, 10, 21),
	POINT("ADC1_AVE_INITCODE_ATTEN1", 2, 155, 10, 21),
	POINT("ADC1_AVE_INITCODE_ATTEN2", 2, 165, 10, 21),
	POINT("ADC1_AVE_INITCODE_ATTEN3", 2, 175, 10, 21),
	POINT("ADC1_HI_DOUT_ATTEN0", 2, 185, 10, 21),
	POINT("ADC1_HI_DOUT_ATTEN1", 2, 195, 10, 21),
	POINT("ADC1_HI_DOUT_ATTEN2", 2, 205, 10, 21),
	POINT("ADC1_HI_DOUT_ATTEN3", 2, 215, 10, 21),
	POINT("ADC1_CH0_ATTEN0_INITCODE_DIFF", 2, 225, 4, 21),
	POINT("ADC1_CH1_ATTEN0_INITCODE_DIFF", 2, 229, 4, 21),
	POINT("ADC1_CH2_ATTEN0_INITCODE_DIFF", 2, 233, 4, 21),
	POINT("ADC1_CH3_ATTEN0_INITCODE_DIFF", 2, 237, 4, 21),
	POINT("ADC1_CH4_ATTEN0_INITCODE_DIFF", 2, 241, 4, 21),

	/* calculated from others */
	CALC("MAC_EUI64", 1, 64, EFUSE_BYTES, "MAC",
	    .class = EFUSE_CLASS_MAC, .parts = "MAC MAC_EXT"),

	/* up to revision 1.1 */
	BOOL("ECDSA_FORCE_USE_HARDWARE_K", 0, 114, 17, "security", .when = EFUSE_OLD_REVISION),
	{ .name = NULL }
};

static const struct efuse_purpose purposes[] = {
	PURPOSE("USER", 0, 0),
	PURPOSE("ECDSA_KEY", 1, EFUSE_REVERSE | EFUSE_HIDE | EFUSE_ECDSA | EFUSE_NOT_LAST),
	PURPOSE("RESERVED", 2, 0),
	PURPOSE("XTS_AES_128_KEY", 4, EFUSE_REVERSE | EFUSE_HIDE | EFUSE_NOT_LAST),
	PURPOSE("HMAC_DOWN_ALL", 5, EFUSE_HIDE),
	PURPOSE("HMAC_DOWN_JTAG", 6, EFUSE_HIDE),
	PURPOSE("HMAC_DOWN_DIGITAL_SIGNATURE", 7, EFUSE_HIDE),
	PURPOSE("HMAC_UP", 8, EFUSE_HIDE),
	PURPOSE("SECURE_BOOT_DIGEST0", 9, EFUSE_DIGEST),
	PURPOSE("SECURE_BOOT_DIGEST1", 10, EFUSE_DIGEST),
	PURPOSE("SECURE_BOOT_DIGEST2", 11, EFUSE_DIGEST),
	{ .name = NULL }
};

/* Crystal, register, bits, value: esptool 5.3, set_efuse_timing(). */
static const struct efuse_timing timing[] = {
	TIMING_USUAL(0x1e8, 0x1f0, 0x1f4),
	{ 0 }
};

static const uint8_t xtals[] = { 32, 0 };

const struct efuse_chip efuse_esp32h2 = {
	.chip = &chip_esp32h2,
	.base = BASE,
	.window = 0x200,
	.virt_revision = 0,
	.virt_xtal = 32,
	.blocks = efuse_blocks_rs,
	.fields = fields,
	.purposes = purposes,
	.control = {
		.conf = 0x1cc, .cmd = 0x1d4,
		.clear = 0x000, .clear_words = 8,
		.aside = 0x6000007c,
		.err0 = 0x17c, .err0_words = 5,
		.timing = timing,
		.xtals = xtals,
		.errors = ERRORS_RS(0x1c0, 0x1c4),
	},
	.late = LATE_USUAL,
	.calibrated_from = 2,
	.old_until = 102,
	.signers = EFUSE_SIGNER_RSA | EFUSE_SIGNER_ECDSA,
};
