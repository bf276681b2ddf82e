/*
 * The eFuses of the ESP32-C5.
 *
 * Sources: ESP32-C5 TRM, "eFuse Controller"; esp-idf, components/efuse/esp32c5/
 * esp_efuse_table.csv; esptool 5.3, efuse_defs/esp32c5.yaml and
 * espefuse/efuse/esp32c5/mem_definition.py.
 */
#include "proto/efuse/row.h"

enum {
	BASE		= 0x600b4800,	/* DR_REG_EFUSE_BASE */
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
	BOOL("BOOTLOADER_ANTI_ROLLBACK_SECURE_VERSION_HI", 0, 39, NONE, "security",
	    .class = EFUSE_CLASS_BITCOUNT),
	BOOL("DIS_ICACHE", 0, 40, 2, "config",
	    .help = "The cache is off for ever"),
	BOOL("DIS_USB_JTAG", 0, 41, 2, "usb"),
	BOOL("BOOTLOADER_ANTI_ROLLBACK_EN", 0, 42, NONE, "config"),
	BOOL("DIS_FORCE_DOWNLOAD", 0, 44, 2, "security"),
	BOOL("SPI_DOWNLOAD_MSPI_DIS", 0, 45, 2, "security"),
	BOOL("DIS_TWAI", 0, 46, 2, "config"),
	BOOL("JTAG_SEL_ENABLE", 0, 47, 2, "jtag"),
	UINT("SOFT_DIS_JTAG", 0, 48, 3, 31, "jtag"),
	BOOL("DIS_PAD_JTAG", 0, 51, 2, "jtag"),
	BOOL("DIS_DOWNLOAD_MANUAL_ENCRYPT", 0, 52, 2, "security"),
	BOOL("USB_EXCHG_PINS", 0, 57, 30, "usb"),
	BOOL("VDD_SPI_AS_GPIO", 0, 58, 30, "vdd"),
	UINT("WDT_DELAY_SEL", 0, 59, 2, 3, "wdt"),
	UINT("BOOTLOADER_ANTI_ROLLBACK_SECURE_VERSION_LO", 0, 61, 3, NONE, "security",
	    .class = EFUSE_CLASS_BITCOUNT),
	UINT("KM_DISABLE_DEPLOY_MODE", 0, 64, 4, 1, "config"),
	UINT("KM_RND_SWITCH_CYCLE", 0, 68, 2, 1, "config"),
	UINT("KM_DEPLOY_ONLY_ONCE", 0, 70, 4, 1, "config"),
	UINT("FORCE_USE_KEY_MANAGER_KEY", 0, 74, 4, 1, "security"),
	BOOL("FORCE_DISABLE_SW_INIT_KEY", 0, 78, 1, "security"),
	BOOL("BOOTLOADER_ANTI_ROLLBACK_UPDATE_IN_ROM", 0, 79, NONE, "config"),
	UINT("SPI_BOOT_CRYPT_CNT", 0, 80, 3, 4, "security",
	    .class = EFUSE_CLASS_BITCOUNT, .meanings = efuse_odd_enables),
	BOOL("SECURE_BOOT_KEY_REVOKE0", 0, 83, 5, "security"),
	BOOL("SECURE_BOOT_KEY_REVOKE1", 0, 84, 6, "security"),
	BOOL("SECURE_BOOT_KEY_REVOKE2", 0, 85, 7, "security"),
	UINT("KEY_PURPOSE_0", 0, 86, 5, 8, "security",
	    .class = EFUSE_CLASS_KEYPURPOSE, .alt = "KEY0_PURPOSE"),
	UINT("KEY_PURPOSE_1", 0, 91, 5, 9, "security",
	    .class = EFUSE_CLASS_KEYPURPOSE, .alt = "KEY1_PURPOSE"),
	UINT("KEY_PURPOSE_2", 0, 96, 5, 10, "security",
	    .class = EFUSE_CLASS_KEYPURPOSE, .alt = "KEY2_PURPOSE"),
	UINT("KEY_PURPOSE_3", 0, 101, 5, 11, "security",
	    .class = EFUSE_CLASS_KEYPURPOSE, .alt = "KEY3_PURPOSE"),
	UINT("KEY_PURPOSE_4", 0, 106, 5, 12, "security",
	    .class = EFUSE_CLASS_KEYPURPOSE, .alt = "KEY4_PURPOSE"),
	UINT("KEY_PURPOSE_5", 0, 111, 5, 13, "security",
	    .class = EFUSE_CLASS_KEYPURPOSE, .alt = "KEY5_PURPOSE"),
	UINT("SEC_DPA_LEVEL", 0, 116, 2, 14, "security"),
	UINT("RECOVERY_BOOTLOADER_FLASH_SECTOR_HI", 0, 118, 3, NONE, "flash"),
	BOOL("SECURE_BOOT_EN", 0, 121, 15, "security"),
	BOOL("SECURE_BOOT_AGGRESSIVE_REVOKE", 0, 122, 16, "security"),
	BOOL("KM_XTS_KEY_LENGTH_256", 0, 123, 1, "security"),
	UINT("FLASH_TPUW", 0, 124, 4, 18, "flash"),
	BOOL("DIS_DOWNLOAD_MODE", 0, 128, 18, "security"),
	BOOL("DIS_DIRECT_BOOT", 0, 129, 18, "config"),
	BOOL("DIS_USB_SERIAL_JTAG_ROM_PRINT", 0, 130, 18, "usb"),
	BOOL("LOCK_KM_KEY", 0, 131, 1, "security"),
	BOOL("DIS_USB_SERIAL_JTAG_DOWNLOAD_MODE", 0, 132, 18, "usb"),
	BOOL("ENABLE_SECURITY_DOWNLOAD", 0, 133, 18, "security"),
	UINT("UART_PRINT_CONTROL", 0, 134, 2, 18, "config", .meanings = uart_print_control),
	BOOL("FORCE_SEND_RESUME", 0, 136, 18, "flash"),
	UINT("SECURE_VERSION", 0, 137, 9, 18, "security", .class = EFUSE_CLASS_BITCOUNT),
	BOOL("SECURE_BOOT_DISABLE_FAST_WAKE", 0, 153, 18, "security"),
	BOOL("HYS_EN_PAD", 0, 154, 2, "config"),
	UINT("XTS_DPA_PSEUDO_LEVEL", 0, 155, 2, 14, "security"),
	BOOL("XTS_DPA_CLK_ENABLE", 0, 157, 14, "security"),
	BOOL("SECURE_BOOT_SHA384_EN", 0, 159, 14, "security"),
	UINT("HUK_GEN_STATE", 0, 160, 9, 19, "config"),
	UINT("XTAL_48M_SEL", 0, 169, 3, 17, "config"),
	BOOL("XTAL_48M_SEL_MODE", 0, 172, 17, "config"),
	BOOL("ECC_FORCE_CONST_TIME", 0, 173, 14, "config"),
	UINT("RECOVERY_BOOTLOADER_FLASH_SECTOR_LO", 0, 174, 9, NONE, "flash"),

	/* BLOCK1, MAC_SPI_8M_0 */
	BYTES("MAC", 1, 0, 6, 20, "MAC", .class = EFUSE_CLASS_MAC, .alt = "MAC_FACTORY"),
	BYTES("MAC_EXT", 1, 48, 2, 20, "MAC", .class = EFUSE_CLASS_MAC),
	UINT("WAFER_VERSION_MINOR", 1, 64, 4, 20, "identity"),
	UINT("WAFER_VERSION_MAJOR", 1, 68, 2, 20, "identity"),
	BOOL("DISABLE_WAFER_VERSION_MAJOR", 1, 70, 20, "identity"),
	BOOL("DISABLE_BLK_VERSION_MAJOR", 1, 71, 20, "identity"),
	UINT("BLK_VERSION_MINOR", 1, 72, 3, 20, "identity"),
	UINT("BLK_VERSION_MAJOR", 1, 75, 2, 20, "identity"),
	UINT("FLASH_CAP", 1, 77, 3, 20, "flash"),
	UINT("FLASH_VENDOR", 1, 80, 3, 20, "flash"),
	UINT("PSRAM_CAP", 1, 83, 3, 20, "config"),
	UINT("PSRAM_VENDOR", 1, 86, 2, 20, "config"),
	UINT("TEMP", 1, 88, 2, 20, "config"),
	UINT("PKG_VERSION", 1, 90, 3, 20, "identity"),
	UINT("PA_TRIM_VERSION", 1, 93, 3, 20, "identity"),
	UINT("TRIM_N_BIAS", 1, 96, 5, 20, "config"),
	UINT("TRIM_P_BIAS", 1, 101, 5, 20, "config"),
	UINT("REF_CURR_CODE", 1, 134, 4, 20, "config"),
	UINT("RES_TUNE_CODE", 1, 138, 5, 20, "config"),

	/* BLOCK2, BLOCK_SYS_DATA */
	BYTES("OPTIONAL_UNIQUE_ID", 2, 0, 16, 21, "identity", .class = EFUSE_CLASS_KEYBLOCK),

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
	POINT("ACTIVE_HP_DBIAS", 1, 106, 4, 20),
	POINT("ACTIVE_LP_DBIAS", 1, 110, 4, 20),
	UINT("LSLP_HP_DBG", 1, 114, 2, 20, "calibration", .when = EFUSE_CALIBRATED),
	POINT("LSLP_HP_DBIAS", 1, 116, 4, 20),
	UINT("DSLP_LP_DBG", 1, 120, 4, 20, "calibration", .when = EFUSE_CALIBRATED),
	POINT("DSLP_LP_DBIAS", 1, 124, 5, 20),
	POINT("LP_HP_DBIAS_VOL_GAP", 1, 129, 5, 20),
	UINT("TEMPERATURE_SENSOR", 2, 128, 9, 21, "calibration", .when = EFUSE_CALIBRATED),
	UINT("OCODE", 2, 137, 8, 21, "calibration", .when = EFUSE_CALIBRATED),
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
	POINT("ADC1_CH5_ATTEN0_INITCODE_DIFF", 2, 245, 4, 21),
	POINT("PVT_DBIAS", 2, 249, 5, 21),

	/* calculated from others */
	CALC("MAC_EUI64", 1, 64, EFUSE_BYTES, "MAC",
	    .class = EFUSE_CLASS_MAC, .parts = "MAC MAC_EXT"),
	CALC("RECOVERY_BOOTLOADER_FLASH_SECTOR", 0, 12, EFUSE_UINT, "config",
	    .class = EFUSE_CLASS_RECOVERY,
	    .parts = "RECOVERY_BOOTLOADER_FLASH_SECTOR_LO RECOVERY_BOOTLOADER_FLASH_SECTOR_HI"),
	CALC("BOOTLOADER_ANTI_ROLLBACK_SECURE_VERSION", 0, 4, EFUSE_UINT, "config",
	    .class = EFUSE_CLASS_ROLLBACK, .parts = "BOOTLOADER_ANTI_ROLLBACK_SECURE_VERSION_LO "
	        "BOOTLOADER_ANTI_ROLLBACK_SECURE_VERSION_HI"),
	{ .name = NULL }
};

static const struct efuse_purpose purposes[] = {
	PURPOSE("USER", 0, 0),
	PURPOSE("ECDSA_KEY_P256", 1, EFUSE_REVERSE | EFUSE_HIDE | EFUSE_ECDSA),
	PURPOSE("ECDSA_KEY", 1, EFUSE_REVERSE | EFUSE_HIDE | EFUSE_ECDSA),
	PURPOSE("RESERVED", 1, 0),
	PURPOSE("XTS_AES_128_KEY", 4, EFUSE_REVERSE | EFUSE_HIDE),
	PURPOSE("HMAC_DOWN_ALL", 5, EFUSE_HIDE),
	PURPOSE("HMAC_DOWN_JTAG", 6, EFUSE_HIDE),
	PURPOSE("HMAC_DOWN_DIGITAL_SIGNATURE", 7, EFUSE_HIDE),
	PURPOSE("HMAC_UP", 8, EFUSE_HIDE),
	PURPOSE("SECURE_BOOT_DIGEST0", 9, EFUSE_DIGEST),
	PURPOSE("SECURE_BOOT_DIGEST1", 10, EFUSE_DIGEST),
	PURPOSE("SECURE_BOOT_DIGEST2", 11, EFUSE_DIGEST),
	PURPOSE("KM_INIT_KEY", 12, EFUSE_HIDE),
	PURPOSE("XTS_AES_128_PSRAM_KEY", 15, EFUSE_REVERSE | EFUSE_HIDE),
	PURPOSE("ECDSA_KEY_P192", 16, EFUSE_REVERSE | EFUSE_HIDE | EFUSE_ECDSA),
	PURPOSE("ECDSA_KEY_P384_L", 17, EFUSE_REVERSE | EFUSE_HIDE),
	PURPOSE("ECDSA_KEY_P384_H", 18, EFUSE_REVERSE | EFUSE_HIDE),
	VIRTUAL("ECDSA_KEY_P384", -3, EFUSE_HIDE | EFUSE_ECDSA,
	    "ECDSA_KEY_P384_L", "ECDSA_KEY_P384_H"),
	{ .name = NULL }
};

/* Crystal, register, bits, value: esptool 5.3, set_efuse_timing(). */
static const struct efuse_timing timing[] = {
	TIMING_USUAL(0x1ec, 0x1f4, 0x1f8),
	{ 0 }
};

static const uint8_t xtals[] = { 40, 48, 0 };

const struct efuse_chip efuse_esp32c5 = {
	.chip = &chip_esp32c5,
	.flags = EFUSE_CHIP_CUSTOM_KEYS,
	.base = BASE,
	.window = 0x200,
	.virt_revision = 0,
	.virt_xtal = 40,
	.blocks = efuse_blocks_rs,
	.fields = fields,
	.purposes = purposes,
	.purpose_bits = 5,
	.control = {
		.conf = 0x1cc, .cmd = 0x1d8,
		.clear = 0x000, .clear_words = 8,
		.aside = 0x6000007c,
		.err0 = 0x17c, .err0_words = 5,
		.timing = timing,
		.xtals = xtals,
		.errors = ERRORS_RS(0x190, 0x194),
	},
	.late = LATE_USUAL,
	.calibrated_from = 1,
	.signers = EFUSE_SIGNER_RSA | EFUSE_SIGNER_ECDSA |
	    EFUSE_SIGNER_P384,
};
