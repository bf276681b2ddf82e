/*
 * The eFuses of the ESP32-H4.
 *
 * Sources: ESP32-H4 TRM, "eFuse Controller"; esp-idf, components/efuse/esp32h4/
 * esp_efuse_table.csv; esptool 5.3, efuse_defs/esp32h4.yaml and
 * espefuse/efuse/esp32h4/mem_definition.py.
 */
#include "proto/efuse/row.h"

enum {
	BASE		= 0x600b1800,	/* DR_REG_EFUSE_BASE */
};

static const struct efuse_meaning spi_boot_crypt_cnt[] = {
	{ 0, "Disable" }, { 1, "Enable" }, { 3, "Disable" }, { 7, "Enable" },
	{ 0 }
};

static const struct efuse_field fields[] = {
	/*    name, block, bit, [size,] write protection, category */
	/* BLOCK0 */
	UINT("WR_DIS", 0, 0, 32, NONE, "config"),
	UINT("RD_DIS", 0, 32, 7, 0, "config"),
	BOOL("DIS_USB_JTAG", 0, 39, 2, "usb"),
	BOOL("DIS_FORCE_DOWNLOAD", 0, 41, 2, "security"),
	BOOL("SPI_DOWNLOAD_MSPI_DIS", 0, 42, 2, "security"),
	BOOL("DIS_TWAI", 0, 43, 2, "config"),
	BOOL("JTAG_SEL_ENABLE", 0, 44, 2, "jtag"),
	BOOL("DIS_PAD_JTAG", 0, 45, 2, "jtag"),
	BOOL("DIS_DOWNLOAD_MANUAL_ENCRYPT", 0, 46, 2, "security"),
	BOOL("PVT_GLITCH_EN", 0, 50, 2, "config"),
	UINT("PVT_GLITCH_MODE", 0, 52, 2, 2, "config"),
	BOOL("DIS_CORE1", 0, 54, NONE, "config"),
	UINT("SPI_BOOT_CRYPT_CNT", 0, 55, 3, 4, "security",
	    .class = EFUSE_CLASS_BITCOUNT, .meanings = spi_boot_crypt_cnt),
	BOOL("SECURE_BOOT_KEY_REVOKE0", 0, 58, 5, "security"),
	BOOL("SECURE_BOOT_KEY_REVOKE1", 0, 59, 6, "security"),
	BOOL("SECURE_BOOT_KEY_REVOKE2", 0, 60, 7, "security"),
	UINT("KEY_PURPOSE_0", 0, 64, 5, 8, "security",
	    .class = EFUSE_CLASS_KEYPURPOSE, .alt = "KEY0_PURPOSE"),
	UINT("KEY_PURPOSE_1", 0, 69, 5, 9, "security",
	    .class = EFUSE_CLASS_KEYPURPOSE, .alt = "KEY1_PURPOSE"),
	UINT("KEY_PURPOSE_2", 0, 74, 5, 10, "security",
	    .class = EFUSE_CLASS_KEYPURPOSE, .alt = "KEY2_PURPOSE"),
	UINT("KEY_PURPOSE_3", 0, 79, 5, 11, "security",
	    .class = EFUSE_CLASS_KEYPURPOSE, .alt = "KEY3_PURPOSE"),
	UINT("KEY_PURPOSE_4", 0, 84, 5, 12, "security",
	    .class = EFUSE_CLASS_KEYPURPOSE, .alt = "KEY4_PURPOSE"),
	UINT("KEY_PURPOSE_5", 0, 89, 5, 13, "security",
	    .class = EFUSE_CLASS_KEYPURPOSE, .alt = "KEY5_PURPOSE"),
	UINT("SEC_DPA_LEVEL", 0, 94, 2, 14, "security"),
	UINT("XTS_DPA_PSEUDO_LEVEL", 0, 96, 2, 14, "security"),
	BOOL("XTS_DPA_CLK_ENABLE", 0, 98, 14, "security"),
	BOOL("ECC_FORCE_CONST_TIME", 0, 99, 14, "config"),
	BOOL("SECURE_BOOT_SHA384_EN", 0, 100, 14, "security"),
	BOOL("SECURE_BOOT_EN", 0, 101, 15, "security"),
	BOOL("SECURE_BOOT_AGGRESSIVE_REVOKE", 0, 102, 16, "security"),
	UINT("KM_DISABLE_DEPLOY_MODE", 0, 103, 5, 1, "config"),
	UINT("KM_RND_SWITCH_CYCLE", 0, 108, 2, 1, "config"),
	UINT("KM_DEPLOY_ONLY_ONCE", 0, 110, 5, 1, "config"),
	UINT("FORCE_USE_KEY_MANAGER_KEY", 0, 115, 5, 1, "security"),
	BOOL("FORCE_DISABLE_SW_INIT_KEY", 0, 120, 1, "security"),
	BOOL("KM_XTS_KEY_LENGTH_256", 0, 121, 1, "security"),
	BOOL("LOCK_KM_KEY", 0, 122, 1, "security"),
	UINT("FLASH_TPUW", 0, 123, 3, 18, "flash"),
	BOOL("DIS_DOWNLOAD_MODE", 0, 127, 18, "security"),
	BOOL("DIS_DIRECT_BOOT", 0, 128, 18, "config"),
	BOOL("DIS_USB_SERIAL_JTAG_ROM_PRINT", 0, 129, 18, "usb"),
	BOOL("DIS_USB_SERIAL_JTAG_DOWNLOAD_MODE", 0, 130, 18, "usb"),
	BOOL("ENABLE_SECURITY_DOWNLOAD", 0, 131, 18, "security"),
	UINT("UART_PRINT_CONTROL", 0, 132, 2, 18, "config"),
	BOOL("FORCE_SEND_RESUME", 0, 134, 18, "flash"),
	UINT("SECURE_VERSION", 0, 135, 16, 18, "security", .class = EFUSE_CLASS_BITCOUNT),
	UINT("HUK_GEN_STATE", 0, 151, 5, 19, "config"),
	BOOL("FLASH_LDO_EFUSE_SEL", 0, 156, NONE, "flash"),
	BOOL("USB_EXCHG_PINS", 0, 168, 30, "usb"),
	BOOL("USB_OTG_FS_EXCHG_PINS", 0, 169, 30, "usb"),
	BOOL("USB_PHY_SEL", 0, 170, 30, "usb"),
	UINT("SOFT_DIS_JTAG", 0, 171, 3, 31, "jtag"),
	BOOL("DCDC_CCM_EN", 0, 183, NONE, "config"),

	/* BLOCK1, MAC_SPI_8M_0 */
	BYTES("MAC", 1, 0, 6, 20, "MAC", .class = EFUSE_CLASS_MAC, .alt = "MAC_FACTORY"),
	BYTES("MAC_EXT", 1, 48, 2, 20, "MAC", .class = EFUSE_CLASS_MAC),
	UINT("PVT_LIMIT", 1, 64, 16, 20, "config"),
	UINT("PVT_CELL_SELECT", 1, 80, 7, 20, "config"),
	UINT("PVT_PUMP_LIMIT", 1, 87, 8, 20, "config"),
	UINT("PUMP_DRV", 1, 96, 4, 20, "config"),
	UINT("WDT_DELAY_SEL", 1, 100, 2, 20, "wdt"),
	BOOL("HYS_EN_PAD", 1, 102, 20, "config"),
	BOOL("PVT_GLITCH_CHARGE_RESET", 1, 103, 20, "config"),
	UINT("VDD_SPI_LDO_ADJUST", 1, 105, 8, 20, "vdd"),
	BOOL("FLASH_LDO_POWER_SEL", 1, 113, 20, "flash"),
	UINT("WAFER_VERSION_MINOR", 1, 114, 4, 20, "identity"),
	UINT("WAFER_VERSION_MAJOR", 1, 118, 2, 20, "identity"),
	BOOL("DISABLE_WAFER_VERSION_MAJOR", 1, 120, 20, "identity"),
	BOOL("DISABLE_BLK_VERSION_MAJOR", 1, 121, 20, "identity"),
	UINT("BLK_VERSION_MINOR", 1, 122, 3, 20, "identity"),
	UINT("BLK_VERSION_MAJOR", 1, 125, 2, 20, "identity"),
	UINT("FLASH_CAP", 1, 127, 3, 20, "flash"),
	UINT("FLASH_VENDOR", 1, 130, 3, 20, "flash"),
	UINT("PSRAM_CAP", 1, 133, 3, 20, "config"),
	UINT("PSRAM_VENDOR", 1, 136, 2, 20, "config"),
	UINT("TEMP", 1, 138, 2, 20, "config"),
	UINT("PKG_VERSION", 1, 140, 3, 20, "identity"),
	UINT("ADJUST_1V2", 1, 148, 4, 20, "config"),
	UINT("ADJUST_1V8", 1, 152, 4, 20, "config"),
	UINT("ACTIVE_DCDC_1V25", 1, 156, 4, 20, "config"),
	UINT("ACTIVE_DCDC_1V35", 1, 160, 4, 20, "config"),
	UINT("SLP_DCDC", 1, 164, 5, 20, "config"),

	/* BLOCK2, BLOCK_SYS_DATA */
	BYTES("OPTIONAL_UNIQUE_ID", 2, 0, 16, 21, "identity", .class = EFUSE_CLASS_KEYBLOCK),
	UINT("VDD_3V4_DOUT", 2, 144, 10, 21, "config"),
	UINT("INITCODE_DIFF_1P8_3P3", 2, 241, 5, 21, "config"),
	UINT("HI_DOUT_DIFF_1P8_3P3", 2, 246, 5, 21, "config"),

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
	POINT("IO_LDO_ADJUST", 0, 174, 8, NONE),
	BOOL("IO_LDO_1P8", 0, 182, NONE, "calibration",
	    .when = EFUSE_CALIBRATED, .class = EFUSE_CLASS_ADC_TP),
	POINT("PVT_DBIAS", 1, 143, 5, 20),
	UINT("LSLP_HP_DRVB", 1, 169, 5, 20, "calibration", .when = EFUSE_CALIBRATED),
	POINT("DSLP_LP_DBIAS", 1, 174, 2, 20),
	UINT("TEMP_CALIB", 1, 176, 10, 20, "calibration",
	    .when = EFUSE_CALIBRATED, .class = EFUSE_CLASS_T_SENSOR),
	UINT("OCODE", 2, 128, 8, 21, "calibration", .when = EFUSE_CALIBRATED),
	UINT("DCDC_OCODE", 2, 136, 8, 21, "calibration", .when = EFUSE_CALIBRATED),
	POINT("ADC1_AVE_INITCODE_ATTEN0", 2, 154, 9, 21),
	POINT("ADC1_AVE_INITCODE_ATTEN1", 2, 163, 9, 21),
	POINT("ADC1_AVE_INITCODE_ATTEN2", 2, 172, 9, 21),
	POINT("ADC1_AVE_INITCODE_ATTEN3", 2, 181, 9, 21),
	POINT("ADC1_HI_DOUT_ATTEN0", 2, 190, 9, 21),
	POINT("ADC1_HI_DOUT_ATTEN1", 2, 199, 9, 21),
	POINT("ADC1_HI_DOUT_ATTEN2", 2, 208, 9, 21),
	POINT("ADC1_HI_DOUT_ATTEN3", 2, 217, 9, 21),
	POINT("ADC1_CH0_ATTEN0_INITCODE_DIFF", 2, 226, 3, 21),
	POINT("ADC1_CH1_ATTEN0_INITCODE_DIFF", 2, 229, 3, 21),
	POINT("ADC1_CH2_ATTEN0_INITCODE_DIFF", 2, 232, 3, 21),
	POINT("ADC1_CH3_ATTEN0_INITCODE_DIFF", 2, 235, 3, 21),
	POINT("ADC1_CH4_ATTEN0_INITCODE_DIFF", 2, 238, 3, 21),

	/* calculated from others */
	CALC("MAC_EUI64", 1, 64, EFUSE_BYTES, "MAC",
	    .class = EFUSE_CLASS_MAC, .parts = "MAC MAC_EXT"),
	{ .name = NULL }
};

static const struct efuse_purpose purposes[] = {
	PURPOSE("USER", 0, 0),
	PURPOSE("ECDSA_KEY_P256", 1, EFUSE_REVERSE | EFUSE_HIDE | EFUSE_ECDSA),
	PURPOSE("ECDSA_KEY", 1, EFUSE_REVERSE | EFUSE_HIDE | EFUSE_ECDSA),
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
	PURPOSE("KM_INIT_KEY", 12, EFUSE_HIDE),
	PURPOSE("XTS_AES_256_PSRAM_KEY_1", 13, EFUSE_REVERSE | EFUSE_HIDE | EFUSE_NOT_LAST),
	PURPOSE("XTS_AES_256_PSRAM_KEY_2", 14, EFUSE_REVERSE | EFUSE_HIDE | EFUSE_NOT_LAST),
	PURPOSE("XTS_AES_128_PSRAM_KEY", 15, EFUSE_REVERSE | EFUSE_HIDE | EFUSE_NOT_LAST),
	PURPOSE("ECDSA_KEY_P192", 16, EFUSE_REVERSE | EFUSE_HIDE | EFUSE_ECDSA),
	PURPOSE("ECDSA_KEY_P384_L", 17, EFUSE_REVERSE | EFUSE_HIDE),
	PURPOSE("ECDSA_KEY_P384_H", 18, EFUSE_REVERSE | EFUSE_HIDE),
	VIRTUAL("XTS_AES_256_KEY", -1, EFUSE_NOT_LAST,
	    "XTS_AES_256_KEY_1", "XTS_AES_256_KEY_2"),
	VIRTUAL("XTS_AES_256_PSRAM_KEY", -2, EFUSE_NOT_LAST,
	    "XTS_AES_256_PSRAM_KEY_1", "XTS_AES_256_PSRAM_KEY_2"),
	VIRTUAL("ECDSA_KEY_P384", -3, EFUSE_HIDE | EFUSE_ECDSA,
	    "ECDSA_KEY_P384_L", "ECDSA_KEY_P384_H"),
	{ .name = NULL }
};

static const uint8_t xtals[] = { 32, 0 };

const struct efuse_chip efuse_esp32h4 = {
	.chip = &chip_esp32h4,
	.flags = EFUSE_CHIP_CUSTOM_KEYS,
	.base = BASE,
	.window = 0x200,
	.virt_revision = 0,
	.virt_xtal = 32,
	.blocks = efuse_blocks_rs,
	.fields = fields,
	.purposes = purposes,
	.purpose_bits = 5,
	.control = {
		.conf = 0x1cc, .cmd = 0x1d8,
		.clear = 0x000, .clear_words = 8,
		.aside = 0x6001207c,
		.err0 = 0x17c, .err0_words = 5,
		.xtals = xtals,
		.errors = ERRORS_RS(0x190, 0x194),
	},
	.late = LATE_USUAL,
};
