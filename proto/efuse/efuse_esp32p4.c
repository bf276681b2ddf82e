/*
 * The eFuses of the ESP32-P4 from revision 3.0 on.
 *
 * Sources: ESP32-P4 TRM, "eFuse Controller"; esp-idf, components/efuse/esp32p4/
 * esp_efuse_table.csv; esptool 5.3, efuse_defs/esp32p4_v3.0.yaml and
 * espefuse/efuse/esp32p4/mem_definition.py.
 */
#include "proto/efuse/row.h"

enum {
	BASE		= 0x5012d000,	/* DR_REG_EFUSE_BASE */
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
	UINT("RECOVERY_BOOTLOADER_FLASH_SECTOR_0_1", 0, 39, 2, NONE, "flash"),
	BOOL("DIS_USB_JTAG", 0, 41, 2, "usb"),
	BOOL("RECOVERY_BOOTLOADER_FLASH_SECTOR_2_2", 0, 42, NONE, "flash"),
	BOOL("DIS_FORCE_DOWNLOAD", 0, 44, 2, "security"),
	BOOL("SPI_DOWNLOAD_MSPI_DIS", 0, 45, 2, "security"),
	BOOL("DIS_TWAI", 0, 46, 2, "config"),
	BOOL("JTAG_SEL_ENABLE", 0, 47, 2, "jtag"),
	UINT("SOFT_DIS_JTAG", 0, 48, 3, 31, "jtag"),
	BOOL("DIS_PAD_JTAG", 0, 51, 2, "jtag"),
	BOOL("DIS_DOWNLOAD_MANUAL_ENCRYPT", 0, 52, 2, "security"),
	UINT("RECOVERY_BOOTLOADER_FLASH_SECTOR_3_6", 0, 53, 4, NONE, "flash"),
	BOOL("USB_PHY_SEL", 0, 57, NONE, "usb"),
	UINT("HUK_GEN_STATE", 0, 58, 5, 19, "config"),
	BOOL("RECOVERY_BOOTLOADER_FLASH_SECTOR_7_7", 0, 63, NONE, "flash"),
	UINT("RECOVERY_BOOTLOADER_FLASH_SECTOR_8_10", 0, 64, 3, NONE, "flash"),
	BOOL("RECOVERY_BOOTLOADER_FLASH_SECTOR_11_11", 0, 67, NONE, "flash"),
	BOOL("KM_RND_SWITCH_CYCLE", 0, 68, 1, "config"),
	UINT("KM_DEPLOY_ONLY_ONCE", 0, 69, 4, 1, "config"),
	UINT("FORCE_USE_KEY_MANAGER_KEY", 0, 73, 4, 1, "security"),
	BOOL("FORCE_DISABLE_SW_INIT_KEY", 0, 77, 1, "security"),
	BOOL("KM_XTS_KEY_LENGTH_256", 0, 78, 1, "security",
	    .help = "Key length of the Key Manager for flash; Espressif's texts disagree on 1"),
	BOOL("ECC_FORCE_CONST_TIME", 0, 79, 14, "config"),
	BOOL("DOWNLOAD_MODE_XPD_ON", 0, 80, NONE, "vdd"),
	BOOL("WDT_DELAY_SEL", 0, 81, 2, "wdt"),
	UINT("SPI_BOOT_CRYPT_CNT", 0, 82, 3, 4, "security",
	    .class = EFUSE_CLASS_BITCOUNT, .meanings = spi_boot_crypt_cnt),
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
	BOOL("XTS_DPA_CLK_ENABLE", 0, 115, 14, "security"),
	BOOL("SECURE_BOOT_EN", 0, 116, 15, "security"),
	BOOL("SECURE_BOOT_AGGRESSIVE_REVOKE", 0, 117, 16, "security"),
	BOOL("KM_DEPLOY_ONLY_ONCE_H", 0, 118, 1, "config"),
	BOOL("FORCE_USE_KEY_MANAGER_KEY_H", 0, 119, 1, "security"),
	BOOL("FLASH_ECC_EN", 0, 122, 18, "flash"),
	BOOL("DIS_USB_OTG_DOWNLOAD_MODE", 0, 123, 18, "usb"),
	UINT("FLASH_TPUW", 0, 124, 4, 18, "flash"),
	BOOL("DIS_DOWNLOAD_MODE", 0, 128, 18, "security"),
	BOOL("DIS_DIRECT_BOOT", 0, 129, 18, "config"),
	BOOL("DIS_USB_SERIAL_JTAG_ROM_PRINT", 0, 130, 18, "usb"),
	BOOL("LOCK_KM_KEY", 0, 131, 1, "security"),
	BOOL("DIS_USB_SERIAL_JTAG_DOWNLOAD_MODE", 0, 132, 18, "usb"),
	BOOL("ENABLE_SECURITY_DOWNLOAD", 0, 133, 18, "security"),
	UINT("UART_PRINT_CONTROL", 0, 134, 2, 18, "config"),
	BOOL("FORCE_SEND_RESUME", 0, 136, 18, "flash"),
	UINT("SECURE_VERSION", 0, 137, 16, 18, "security", .class = EFUSE_CLASS_BITCOUNT),
	BOOL("SECURE_BOOT_DISABLE_FAST_WAKE", 0, 153, 18, "security"),
	BOOL("HYS_EN_PAD", 0, 154, 2, "config"),
	BOOL("KEY_PURPOSE_0_H", 0, 155, 8, "security"),
	BOOL("KEY_PURPOSE_1_H", 0, 156, 9, "security"),
	BOOL("KEY_PURPOSE_2_H", 0, 157, 10, "security"),
	BOOL("KEY_PURPOSE_3_H", 0, 158, 11, "security"),
	BOOL("KEY_PURPOSE_4_H", 0, 159, 12, "security"),
	UINT("PXA0_TIEH_SEL_0", 0, 160, 2, 2, "config"),
	BOOL("PVT_GLITCH_EN", 0, 162, 3, "config"),
	BOOL("KEY_PURPOSE_5_H", 0, 164, 13, "security"),
	BOOL("KM_DISABLE_DEPLOY_MODE_H", 0, 167, 1, "config"),
	UINT("KM_DISABLE_DEPLOY_MODE", 0, 168, 4, 1, "config"),
	UINT("XTS_DPA_PSEUDO_LEVEL", 0, 176, 2, 14, "security"),
	BOOL("HP_PWR_SRC_SEL", 0, 178, 17, "config"),
	BOOL("SECURE_BOOT_SHA384_EN", 0, 179, NONE, "security"),
	BOOL("DIS_WDT", 0, 180, 2, "wdt"),
	BOOL("DIS_SWD", 0, 181, 2, "config"),
	UINT("PVT_GLITCH_MODE", 0, 182, 2, 3, "config"),

	/* BLOCK1, MAC_SPI_8M_0 */
	BYTES("MAC", 1, 0, 6, 20, "MAC", .class = EFUSE_CLASS_MAC, .alt = "MAC_FACTORY"),
	UINT("WAFER_VERSION_MINOR", 1, 64, 4, 20, "identity"),
	UINT("WAFER_VERSION_MAJOR_LO", 1, 68, 2, 20, "identity"),
	BOOL("DISABLE_WAFER_VERSION_MAJOR", 1, 70, 20, "identity"),
	BOOL("DISABLE_BLK_VERSION_MAJOR", 1, 71, 20, "identity"),
	UINT("BLK_VERSION_MINOR", 1, 72, 3, 20, "identity"),
	UINT("BLK_VERSION_MAJOR", 1, 75, 2, 20, "identity"),
	UINT("PSRAM_CAP", 1, 77, 3, 20, "config"),
	UINT("TEMP", 1, 80, 2, 20, "config"),
	UINT("PSRAM_VENDOR", 1, 82, 2, 20, "config"),
	UINT("PKG_VERSION", 1, 84, 3, 20, "identity"),
	BOOL("WAFER_VERSION_MAJOR_HI", 1, 87, 20, "identity"),
	UINT("PVT_400M_BIAS", 1, 171, 5, 20, "config"),
	UINT("PVT_40M_BIAS", 1, 176, 5, 20, "config"),
	UINT("PVT_100M_BIAS", 1, 181, 5, 20, "config"),

	/* BLOCK2, BLOCK_SYS_DATA */
	BYTES("OPTIONAL_UNIQUE_ID", 2, 0, 16, 21, "identity", .class = EFUSE_CLASS_KEYBLOCK),

	/* BLOCK3, BLOCK_USR_DATA */
	BYTES("CUSTOM_MAC", 3, 200, 6, 22, "MAC",
	    .class = EFUSE_CLASS_MAC, .alt = "MAC_CUSTOM USER_DATA_MAC_CUSTOM"),

	/* BLOCK10, BLOCK_SYS_DATA2 */
	BOOL("USB_DEVICE_EXCHG_PINS", 10, 228, 29, "usb", .rd_dis = 1 << 6),
	BOOL("USB_OTG11_EXCHG_PINS", 10, 229, 29, "usb", .rd_dis = 1 << 6),

	/* whole blocks */
	BYTES("BLOCK_USR_DATA", 3, 0, 32, 22, "config", .alt = "USER_DATA"),
	KEY("BLOCK_KEY0", 4, 23, 0, "KEY0"),
	KEY("BLOCK_KEY1", 5, 24, 1, "KEY1"),
	KEY("BLOCK_KEY2", 6, 25, 2, "KEY2"),
	KEY("BLOCK_KEY3", 7, 26, 3, "KEY3"),
	KEY("BLOCK_KEY4", 8, 27, 4, "KEY4"),
	KEY("BLOCK_KEY5", 9, 28, 5, "KEY5"),

	/* calibration */
	POINT("LDO_VO1_DREF", 1, 88, 4, 20),
	POINT("LDO_VO2_DREF", 1, 92, 4, 20),
	POINT("LDO_VO1_MUL", 1, 96, 3, 20),
	POINT("LDO_VO2_MUL", 1, 99, 3, 20),
	POINT("LDO_VO3_K", 1, 102, 8, 20),
	POINT("LDO_VO3_VOS", 1, 110, 6, 20),
	POINT("LDO_VO3_C", 1, 116, 6, 20),
	POINT("LDO_VO4_K", 1, 122, 8, 20),
	POINT("LDO_VO4_VOS", 1, 130, 6, 20),
	POINT("LDO_VO4_C", 1, 136, 6, 20),
	POINT("ACTIVE_HP_DBIAS", 1, 144, 4, 20),
	POINT("ACTIVE_LP_DBIAS", 1, 148, 4, 20),
	UINT("DSLP_DBG", 1, 156, 4, 20, "calibration", .when = EFUSE_CALIBRATED),
	POINT("DSLP_LP_DBIAS", 1, 160, 5, 20),
	POINT("LP_DCDC_DBIAS_VOL_GAP", 1, 165, 5, 20),
	POINT("ADC1_AVE_INITCODE_ATTEN0", 2, 128, 10, 21),
	POINT("ADC1_AVE_INITCODE_ATTEN1", 2, 138, 10, 21),
	POINT("ADC1_AVE_INITCODE_ATTEN2", 2, 148, 10, 21),
	POINT("ADC1_AVE_INITCODE_ATTEN3", 2, 158, 10, 21),
	POINT("ADC2_AVE_INITCODE_ATTEN0", 2, 168, 10, 21),
	POINT("ADC2_AVE_INITCODE_ATTEN1", 2, 178, 10, 21),
	POINT("ADC2_AVE_INITCODE_ATTEN2", 2, 188, 10, 21),
	POINT("ADC2_AVE_INITCODE_ATTEN3", 2, 198, 10, 21),
	POINT("ADC1_HI_DOUT_ATTEN0", 2, 208, 10, 21),
	POINT("ADC1_HI_DOUT_ATTEN1", 2, 218, 10, 21),
	POINT("ADC1_HI_DOUT_ATTEN2", 2, 228, 10, 21),
	POINT("ADC1_HI_DOUT_ATTEN3", 2, 238, 10, 21),
	POINT("ADC2_HI_DOUT_ATTEN0", 10, 0, 10, 29, .rd_dis = 1 << 6),
	POINT("ADC2_HI_DOUT_ATTEN1", 10, 10, 10, 29, .rd_dis = 1 << 6),
	POINT("ADC2_HI_DOUT_ATTEN2", 10, 20, 10, 29, .rd_dis = 1 << 6),
	POINT("ADC2_HI_DOUT_ATTEN3", 10, 30, 10, 29, .rd_dis = 1 << 6),
	POINT("ADC1_CH0_ATTEN0_INITCODE_DIFF", 10, 40, 4, 29, .rd_dis = 1 << 6),
	POINT("ADC1_CH1_ATTEN0_INITCODE_DIFF", 10, 44, 4, 29, .rd_dis = 1 << 6),
	POINT("ADC1_CH2_ATTEN0_INITCODE_DIFF", 10, 48, 4, 29, .rd_dis = 1 << 6),
	POINT("ADC1_CH3_ATTEN0_INITCODE_DIFF", 10, 52, 4, 29, .rd_dis = 1 << 6),
	POINT("ADC1_CH4_ATTEN0_INITCODE_DIFF", 10, 56, 4, 29, .rd_dis = 1 << 6),
	POINT("ADC1_CH5_ATTEN0_INITCODE_DIFF", 10, 60, 4, 29, .rd_dis = 1 << 6),
	POINT("ADC1_CH6_ATTEN0_INITCODE_DIFF", 10, 64, 4, 29, .rd_dis = 1 << 6),
	POINT("ADC1_CH7_ATTEN0_INITCODE_DIFF", 10, 68, 4, 29, .rd_dis = 1 << 6),
	POINT("ADC2_CH0_ATTEN0_INITCODE_DIFF", 10, 72, 4, 29, .rd_dis = 1 << 6),
	POINT("ADC2_CH1_ATTEN0_INITCODE_DIFF", 10, 76, 4, 29, .rd_dis = 1 << 6),
	POINT("ADC2_CH2_ATTEN0_INITCODE_DIFF", 10, 80, 4, 29, .rd_dis = 1 << 6),
	POINT("ADC2_CH3_ATTEN0_INITCODE_DIFF", 10, 84, 4, 29, .rd_dis = 1 << 6),
	POINT("ADC2_CH4_ATTEN0_INITCODE_DIFF", 10, 88, 4, 29, .rd_dis = 1 << 6),
	POINT("ADC2_CH5_ATTEN0_INITCODE_DIFF", 10, 92, 4, 29, .rd_dis = 1 << 6),
	UINT("TEMPERATURE_SENSOR", 10, 96, 10, 29, "calibration",
	    .when = EFUSE_CALIBRATED, .rd_dis = 1 << 6),

	/* calculated from others */
	CALC("WAFER_VERSION_MAJOR", 0, 3, EFUSE_UINT, "identity",
	    .class = EFUSE_CLASS_WAFER, .parts = "WAFER_VERSION_MAJOR_LO WAFER_VERSION_MAJOR_HI"),
	CALC("RECOVERY_BOOTLOADER_FLASH_SECTOR", 0, 12, EFUSE_UINT, "config",
	    .class = EFUSE_CLASS_RECOVERY, .parts = "RECOVERY_BOOTLOADER_FLASH_SECTOR_0_1 "
	        "RECOVERY_BOOTLOADER_FLASH_SECTOR_2_2 "
	        "RECOVERY_BOOTLOADER_FLASH_SECTOR_3_6 "
	        "RECOVERY_BOOTLOADER_FLASH_SECTOR_7_7 "
	        "RECOVERY_BOOTLOADER_FLASH_SECTOR_8_10 "
	        "RECOVERY_BOOTLOADER_FLASH_SECTOR_11_11"),
	{ .name = NULL }
};

static const struct efuse_purpose purposes[] = {
	PURPOSE("USER", 0, 0),
	PURPOSE("ECDSA_KEY_P256", 1, EFUSE_REVERSE | EFUSE_HIDE | EFUSE_ECDSA),
	PURPOSE("ECDSA_KEY", 1, EFUSE_REVERSE | EFUSE_HIDE | EFUSE_ECDSA),
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
	PURPOSE("KM_INIT_KEY", 12, EFUSE_HIDE),
	VIRTUAL("XTS_AES_256_KEY", -1, 0,
	    "XTS_AES_256_KEY_1", "XTS_AES_256_KEY_2"),
	PURPOSE("ECDSA_KEY_P192", 16, EFUSE_REVERSE | EFUSE_HIDE | EFUSE_ECDSA),
	PURPOSE("ECDSA_KEY_P384_L", 17, EFUSE_REVERSE | EFUSE_HIDE),
	PURPOSE("ECDSA_KEY_P384_H", 18, EFUSE_REVERSE | EFUSE_HIDE),
	VIRTUAL("ECDSA_KEY_P384", -3, EFUSE_HIDE | EFUSE_ECDSA,
	    "ECDSA_KEY_P384_L", "ECDSA_KEY_P384_H"),
	{ .name = NULL }
};

static const uint8_t xtals[] = { 40, 0 };

const struct efuse_chip efuse_esp32p4 = {
	.chip = &chip_esp32p4,
	.flags = EFUSE_CHIP_CUSTOM_KEYS | EFUSE_CHIP_PURPOSE_HI,
	.base = BASE,
	.window = 0x200,
	.virt_revision = 300,
	.virt_xtal = 40,
	.blocks = efuse_blocks_rs,
	.fields = fields,
	.purposes = purposes,
	.purpose_bits = 5,
	.control = {
		.conf = 0x1cc, .cmd = 0x1d4,
		.clear = 0x000, .clear_words = 8,
		.aside = 0x500ca08c,
		.err0 = 0x17c, .err0_words = 5,
		.xtals = xtals,
		.errors = ERRORS_RS(0x1c0, 0x1c4),
	},
	.late = LATE_USUAL,
	.calibrated_from = 1,
	.from_revision = 300,
	.signers = EFUSE_SIGNER_RSA | EFUSE_SIGNER_ECDSA |
	    EFUSE_SIGNER_P384,
};
