/*
 * The eFuses of the ESP32-C61.
 *
 * Sources: ESP32-C61 TRM, "eFuse Controller"; esp-idf, components/efuse/esp32c61/
 * esp_efuse_table.csv; esptool 5.3, efuse_defs/esp32c61.yaml and
 * espefuse/efuse/esp32c61/mem_definition.py.
 */
#include "proto/efuse/row.h"

enum {
	BASE		= 0x600b4800,	/* DR_REG_EFUSE_BASE */
};

static const struct efuse_field fields[] = {
	/*    name, block, bit, [size,] write protection, category */
	/* BLOCK0 */
	UINT("WR_DIS", 0, 0, 32, NONE, "config"),
	UINT("RD_DIS", 0, 32, 7, 0, "config"),
	BOOL("DIS_ICACHE", 0, 39, 2, "config",
	    .help = "The cache is off for ever"),
	BOOL("DIS_USB_JTAG", 0, 40, 2, "usb"),
	BOOL("DIS_FORCE_DOWNLOAD", 0, 42, 2, "security"),
	BOOL("SPI_DOWNLOAD_MSPI_DIS", 0, 43, 2, "security"),
	BOOL("JTAG_SEL_ENABLE", 0, 44, 2, "jtag"),
	BOOL("DIS_PAD_JTAG", 0, 45, 2, "jtag"),
	BOOL("DIS_DOWNLOAD_MANUAL_ENCRYPT", 0, 46, 2, "security"),
	BOOL("USB_EXCHG_PINS", 0, 51, 30, "usb"),
	BOOL("VDD_SPI_AS_GPIO", 0, 52, 30, "vdd"),
	UINT("WDT_DELAY_SEL", 0, 53, 2, 3, "wdt"),
	UINT("SPI_BOOT_CRYPT_CNT", 0, 55, 3, 4, "security",
	    .class = EFUSE_CLASS_BITCOUNT, .meanings = efuse_odd_enables),
	BOOL("SECURE_BOOT_KEY_REVOKE0", 0, 58, 5, "security"),
	BOOL("SECURE_BOOT_KEY_REVOKE1", 0, 59, 6, "security"),
	BOOL("SECURE_BOOT_KEY_REVOKE2", 0, 60, 7, "security"),
	UINT("KEY_PURPOSE_0", 0, 64, 4, 8, "security",
	    .class = EFUSE_CLASS_KEYPURPOSE, .alt = "KEY0_PURPOSE"),
	UINT("KEY_PURPOSE_1", 0, 68, 4, 9, "security",
	    .class = EFUSE_CLASS_KEYPURPOSE, .alt = "KEY1_PURPOSE"),
	UINT("KEY_PURPOSE_2", 0, 72, 4, 10, "security",
	    .class = EFUSE_CLASS_KEYPURPOSE, .alt = "KEY2_PURPOSE"),
	UINT("KEY_PURPOSE_3", 0, 76, 4, 11, "security",
	    .class = EFUSE_CLASS_KEYPURPOSE, .alt = "KEY3_PURPOSE"),
	UINT("KEY_PURPOSE_4", 0, 80, 4, 12, "security",
	    .class = EFUSE_CLASS_KEYPURPOSE, .alt = "KEY4_PURPOSE"),
	UINT("KEY_PURPOSE_5", 0, 84, 4, 13, "security",
	    .class = EFUSE_CLASS_KEYPURPOSE, .alt = "KEY5_PURPOSE"),
	UINT("SEC_DPA_LEVEL", 0, 88, 2, 14, "security"),
	BOOL("SECURE_BOOT_EN", 0, 90, 15, "security"),
	BOOL("SECURE_BOOT_AGGRESSIVE_REVOKE", 0, 91, 16, "security"),
	UINT("FLASH_TPUW", 0, 92, 4, 18, "flash"),
	BOOL("DIS_DOWNLOAD_MODE", 0, 96, 18, "security"),
	BOOL("DIS_DIRECT_BOOT", 0, 97, 18, "config"),
	BOOL("DIS_USB_SERIAL_JTAG_ROM_PRINT", 0, 98, 18, "usb"),
	BOOL("DIS_USB_SERIAL_JTAG_DOWNLOAD_MODE", 0, 99, 18, "usb"),
	BOOL("ENABLE_SECURITY_DOWNLOAD", 0, 100, 18, "security"),
	UINT("UART_PRINT_CONTROL", 0, 101, 2, 18, "config"),
	BOOL("FORCE_SEND_RESUME", 0, 103, 18, "flash"),
	UINT("SECURE_VERSION", 0, 104, 16, 18, "security", .class = EFUSE_CLASS_BITCOUNT),
	BOOL("SECURE_BOOT_DISABLE_FAST_WAKE", 0, 120, 18, "security"),
	BOOL("HYS_EN_PAD", 0, 121, 2, "config"),
	BOOL("XTS_DPA_CLK_ENABLE", 0, 122, 14, "security"),
	UINT("XTS_DPA_PSEUDO_LEVEL", 0, 123, 2, 14, "security"),
	BOOL("DIS_WIFI6", 0, 125, 2, "config"),
	BOOL("ECDSA_DISABLE_P192", 0, 126, 14, "security"),
	BOOL("ECC_FORCE_CONST_TIME", 0, 127, 14, "config"),
	UINT("BOOTLOADER_ANTI_ROLLBACK_SECURE_VERSION", 0, 128, 4, NONE, "security",
	    .class = EFUSE_CLASS_BITCOUNT),
	BOOL("BOOTLOADER_ANTI_ROLLBACK_EN", 0, 132, NONE, "config"),
	BOOL("BOOTLOADER_ANTI_ROLLBACK_UPDATE_IN_ROM", 0, 133, NONE, "config"),
	UINT("RECOVERY_BOOTLOADER_FLASH_SECTOR", 0, 134, 12, NONE, "flash"),
	UINT("REPEAT_DATA4", 0, 160, 24, NONE, "config"),

	/* BLOCK1, MAC_SPI_8M_0 */
	BYTES("MAC", 1, 0, 6, 20, "MAC", .class = EFUSE_CLASS_MAC, .alt = "MAC_FACTORY"),
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
	POINT("ACTIVE_HP_DBIAS", 1, 93, 4, 20),
	POINT("ACTIVE_LP_DBIAS", 1, 97, 4, 20),
	UINT("LSLP_HP_DBG", 1, 101, 2, 20, "calibration", .when = EFUSE_CALIBRATED),
	POINT("LSLP_HP_DBIAS", 1, 103, 4, 20),
	UINT("DSLP_LP_DBG", 1, 107, 4, 20, "calibration", .when = EFUSE_CALIBRATED),
	POINT("DSLP_LP_DBIAS", 1, 111, 5, 20),
	POINT("LP_HP_DBIAS_VOL_GAP", 1, 116, 5, 20),
	UINT("TEMPERATURE_SENSOR", 2, 128, 9, 21, "calibration", .when = EFUSE_CALIBRATED),
	UINT("OCODE", 2, 137, 8, 21, "calibration", .when = EFUSE_CALIBRATED),
	POINT("ADC1_AVE_INIT_CODE_ATTEN0", 2, 145, 10, 21),
	POINT("ADC1_AVE_INIT_CODE_ATTEN1", 2, 155, 10, 21),
	POINT("ADC1_AVE_INIT_CODE_ATTEN2", 2, 165, 10, 21),
	POINT("ADC1_AVE_INIT_CODE_ATTEN3", 2, 175, 10, 21),
	POINT("ADC1_HI_DOUT_ATTEN0", 2, 185, 10, 21),
	POINT("ADC1_HI_DOUT_ATTEN1", 2, 195, 10, 21),
	POINT("ADC1_HI_DOUT_ATTEN2", 2, 205, 10, 21),
	POINT("ADC1_HI_DOUT_ATTEN3", 2, 215, 10, 21),
	POINT("ADC1_CH0_ATTEN0_INITCODE_DIFF", 2, 225, 4, 21),
	POINT("ADC1_CH1_ATTEN0_INITCODE_DIFF", 2, 229, 4, 21),
	POINT("ADC1_CH2_ATTEN0_INITCODE_DIFF", 2, 233, 4, 21),
	POINT("ADC1_CH3_ATTEN0_INITCODE_DIFF", 2, 237, 4, 21),
	{ .name = NULL }
};

static const struct efuse_purpose purposes[] = {
	PURPOSE("USER", 0, 0),
	PURPOSE("ECDSA_KEY", 1, EFUSE_REVERSE | EFUSE_HIDE | EFUSE_ECDSA),
	PURPOSE("XTS_AES_128_KEY", 4, EFUSE_REVERSE | EFUSE_HIDE),
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

static const uint8_t xtals[] = { 40, 0 };

const struct efuse_chip efuse_esp32c61 = {
	.chip = &chip_esp32c61,
	.base = BASE,
	.window = 0x200,
	.virt_revision = 0,
	.virt_xtal = 40,
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
		/* esp-idf, efuse_reg.h; esptool 5.3 looks at 0x1c0 and 0x1c4,
		 * where they are not told. */
		.errors = ERRORS_RS(0x190, 0x194),
	},
	.late = LATE_USUAL,
	.calibrated_from = 1,
	.signers = EFUSE_SIGNER_ECDSA,
};
