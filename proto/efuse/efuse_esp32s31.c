/*
 * The eFuses of the ESP32-S31.
 *
 * Sources: ESP32-S31 TRM, "eFuse Controller"; esp-idf, components/efuse/esp32s31/
 * esp_efuse_table.csv; esptool 5.3, efuse_defs/esp32s31.yaml and
 * espefuse/efuse/esp32s31/mem_definition.py.
 */
#include "proto/efuse/row.h"

enum {
	BASE		= 0x20715000,	/* DR_REG_EFUSE_BASE */
};

static const struct efuse_block blocks[] = {
	{ .name = "BLOCK0", .read = 0x02c, .wr_dis = NONE, .words = 9 },
	{ .name = "MAC_SPI_8M_0", .alias = { "BLOCK1" }, .read = 0x050, .wr_dis = 20,
	  .words = 6 },
	{ .name = "BLOCK_SYS_DATA", .alias = { "BLOCK2" }, .read = 0x068, .wr_dis = 21,
	  .words = 8 },
	{ .name = "BLOCK_USR_DATA", .alias = { "BLOCK3" }, .read = 0x088, .wr_dis = 22,
	  .words = 8 },
	{ .name = "BLOCK_KEY0", .alias = { "BLOCK4" }, .read = 0x0a8, .wr_dis = 23,
	  .words = 8, .rd_dis = 1 << 0, .purpose = "KEY_PURPOSE_0" },
	{ .name = "BLOCK_KEY1", .alias = { "BLOCK5" }, .read = 0x0c8, .wr_dis = 24,
	  .words = 8, .rd_dis = 1 << 1, .purpose = "KEY_PURPOSE_1" },
	{ .name = "BLOCK_KEY2", .alias = { "BLOCK6" }, .read = 0x0e8, .wr_dis = 25,
	  .words = 8, .rd_dis = 1 << 2, .purpose = "KEY_PURPOSE_2" },
	{ .name = "BLOCK_KEY3", .alias = { "BLOCK7" }, .read = 0x108, .wr_dis = 26,
	  .words = 8, .rd_dis = 1 << 3, .purpose = "KEY_PURPOSE_3" },
	{ .name = "BLOCK_KEY4", .alias = { "BLOCK8" }, .read = 0x128, .wr_dis = 27,
	  .words = 8, .rd_dis = 1 << 4, .purpose = "KEY_PURPOSE_4" },
	{ .name = "BLOCK_SYS_DATA2", .alias = { "BLOCK9" }, .read = 0x148,
	  .wr_dis = 28, .words = 8, .rd_dis = 1 << 5 },
	{ .name = NULL }
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
	BOOL("DIS_USB_JTAG", 0, 42, 2, "usb"),
	BOOL("DIS_FORCE_DOWNLOAD", 0, 44, 2, "security"),
	BOOL("SPI_DOWNLOAD_MSPI_DIS", 0, 45, 2, "security"),
	BOOL("DIS_TWAI", 0, 46, 2, "config"),
	BOOL("JTAG_SEL_ENABLE", 0, 47, 2, "jtag"),
	UINT("SOFT_DIS_JTAG", 0, 48, 3, 31, "jtag"),
	BOOL("DIS_PAD_JTAG", 0, 51, 2, "jtag"),
	BOOL("DIS_DOWNLOAD_MANUAL_ENCRYPT", 0, 52, 2, "security"),
	UINT("HUK_GEN_STATE", 0, 55, 5, 19, "config"),
	BOOL("KM_RND_SWITCH_CYCLE", 0, 64, 1, "config"),
	UINT("KM_DISABLE_DEPLOY_MODE", 0, 66, 5, 1, "config",
	    .help = "Not deployed anew: bit 0 ECDSA, 1 flash, 2 HMAC, AES, 3 DS, RMA, 4 PSRAM"),
	UINT("KM_DEPLOY_ONLY_ONCE", 0, 71, 5, 1, "config",
	    .help = "Deployed only once: bit 0 ECDSA, 1 flash, 2 HMAC, AES, 3 DS, RMA, 4 PSRAM"),
	UINT("FORCE_USE_KEY_MANAGER_KEY", 0, 76, 5, 1, "security",
	    .help = "Keys only from the Key Manager: bit 0 ECDSA, 1 flash, 4 PSRAM"),
	BOOL("FORCE_DISABLE_SW_INIT_KEY", 0, 81, 1, "security"),
	BOOL("KM_XTS_KEY_LENGTH_256", 0, 82, 1, "security",
	    .help = "Key length of the Key Manager for flash; Espressif's texts disagree on 1"),
	BOOL("WDT_DELAY_SEL", 0, 83, 2, "wdt"),
	BOOL("DIS_SM_CRYPT", 0, 84, 14, "config"),
	UINT("SPI_BOOT_CRYPT_CNT", 0, 85, 3, 4, "security",
	    .class = EFUSE_CLASS_BITCOUNT, .meanings = spi_boot_crypt_cnt),
	BOOL("SECURE_BOOT_KEY_REVOKE0", 0, 88, 5, "security"),
	BOOL("SECURE_BOOT_KEY_REVOKE1", 0, 89, 6, "security"),
	BOOL("SECURE_BOOT_KEY_REVOKE2", 0, 90, 7, "security"),
	UINT("KEY_PURPOSE_0", 0, 96, 5, 8, "security",
	    .class = EFUSE_CLASS_KEYPURPOSE, .alt = "KEY0_PURPOSE"),
	UINT("KEY_PURPOSE_1", 0, 101, 5, 9, "security",
	    .class = EFUSE_CLASS_KEYPURPOSE, .alt = "KEY1_PURPOSE"),
	UINT("KEY_PURPOSE_2", 0, 106, 5, 10, "security",
	    .class = EFUSE_CLASS_KEYPURPOSE, .alt = "KEY2_PURPOSE"),
	UINT("KEY_PURPOSE_3", 0, 111, 5, 11, "security",
	    .class = EFUSE_CLASS_KEYPURPOSE, .alt = "KEY3_PURPOSE"),
	UINT("KEY_PURPOSE_4", 0, 116, 5, 12, "security",
	    .class = EFUSE_CLASS_KEYPURPOSE, .alt = "KEY4_PURPOSE"),
	BOOL("ECC_FORCE_CONST_TIME", 0, 121, 14, "config"),
	BOOL("ECDSA_DISABLE_SOFT_K", 0, 122, 14, "security"),
	UINT("SEC_DPA_LEVEL", 0, 123, 2, 14, "security"),
	BOOL("XTS_DPA_CLK_ENABLE", 0, 125, 14, "security"),
	UINT("XTS_DPA_PSEUDO_LEVEL", 0, 128, 2, 14, "security"),
	BOOL("SECURE_BOOT_EN", 0, 130, 15, "security"),
	BOOL("SECURE_BOOT_AGGRESSIVE_REVOKE", 0, 131, 16, "security"),
	BOOL("FLASH_TYPE", 0, 133, 18, "flash",
	    .help = "Kind of the flash: 0 NOR, 1 NAND"),
	BOOL("DIS_USB_OTG_DOWNLOAD_MODE", 0, 137, 18, "usb"),
	UINT("FLASH_TPUW", 0, 140, 4, 18, "flash"),
	BOOL("DIS_DOWNLOAD_MODE", 0, 144, 18, "security"),
	BOOL("DIS_DIRECT_BOOT", 0, 145, 18, "config"),
	BOOL("DIS_USB_SERIAL_JTAG_ROM_PRINT", 0, 146, 18, "usb"),
	BOOL("LOCK_KM_KEY", 0, 147, 1, "security",
	    .help = "The flash encryption key in eFuse is locked"),
	BOOL("DIS_USB_SERIAL_JTAG_DOWNLOAD_MODE", 0, 148, 18, "usb"),
	BOOL("ENABLE_SECURITY_DOWNLOAD", 0, 149, 18, "security"),
	UINT("UART_PRINT_CONTROL", 0, 150, 2, 18, "config"),
	BOOL("FORCE_SEND_RESUME", 0, 152, 18, "flash"),
	UINT("SECURE_VERSION", 0, 160, 16, 18, "security", .class = EFUSE_CLASS_BITCOUNT),
	BOOL("SECURE_BOOT_DISABLE_FAST_WAKE", 0, 176, 2, "security"),
	BOOL("HYS_EN_PAD", 0, 177, NONE, "config"),
	BOOL("DCDC_VSET_EN", 0, 194, NONE, "config"),
	BOOL("DIS_WDT", 0, 195, 2, "wdt"),
	BOOL("DIS_SWD", 0, 196, 2, "config"),
	BOOL("SECURE_BOOT_SHA384_EN", 0, 203, NONE, "security"),
	UINT("BOOTLOADER_ANTI_ROLLBACK_SECURE_VERSION", 0, 204, 4, NONE, "security",
	    .class = EFUSE_CLASS_BITCOUNT),
	BOOL("BOOTLOADER_ANTI_ROLLBACK_EN", 0, 208, NONE, "config"),
	BOOL("BOOTLOADER_ANTI_ROLLBACK_UPDATE_IN_ROM", 0, 209, NONE, "config"),
	UINT("RECOVERY_BOOTLOADER_FLASH_SECTOR", 0, 210, 12, NONE, "flash"),
	UINT("RMA_ENA", 0, 222, 2, NONE, "config"),
	UINT("RMA_SESSION_COUNTER", 0, 224, 3, NONE, "config"),
	UINT("RMA_NONCE_ENA", 0, 227, 2, 14, "config"),
	BOOL("RMA_CHIP_INFO_SOURCE", 0, 229, 14, "config"),
	BOOL("RMA_DISABLE_FAST_VEF", 0, 230, 14, "config"),
	BOOL("PVT_0_GLITCH_EN", 0, 231, 3, "config"),
	UINT("PVT_0_GLITCH_MODE", 0, 232, 2, 3, "config"),
	BOOL("PVT_1_GLITCH_EN", 0, 234, 3, "config"),
	UINT("PVT_1_GLITCH_MODE", 0, 235, 2, 3, "config"),
	BOOL("PMU_FLASH_POWER_SEL", 0, 237, 2, "flash"),
	BOOL("PMU_FLASH_POWER_SEL_EN", 0, 238, 2, "flash"),
	UINT("POWER_GLITCH_EN", 0, 239, 4, 2, "config"),
	BOOL("ENA_XTS_SHADOW", 0, 243, 14, "config"),
	BOOL("ENA_SPI_BOOT_CRYPT_SCRAMBLER", 0, 244, 14, "config"),
	BOOL("RE_ENABLE_JTAG_SOURCE", 0, 245, 14, "jtag"),

	/* BLOCK1, MAC_SPI_8M_0 */
	BYTES("MAC", 1, 0, 6, 20, "MAC", .class = EFUSE_CLASS_MAC, .alt = "MAC_FACTORY"),
	BYTES("MAC_EXT", 1, 48, 2, 20, "MAC", .class = EFUSE_CLASS_MAC),
	UINT("WAFER_VERSION_MINOR", 1, 114, 4, 20, "identity"),
	UINT("WAFER_VERSION_MAJOR", 1, 118, 2, 20, "identity"),
	BOOL("DISABLE_WAFER_VERSION_MAJOR", 1, 120, 20, "identity"),
	BOOL("DISABLE_BLK_VERSION_MAJOR", 1, 121, 20, "identity"),
	UINT("BLK_VERSION_MINOR", 1, 122, 3, 20, "identity"),
	UINT("BLK_VERSION_MAJOR", 1, 125, 2, 20, "identity"),
	UINT("PSRAM_CAP", 1, 127, 3, 20, "config"),
	UINT("TEMP", 1, 130, 2, 20, "config"),
	UINT("PSRAM_VENDOR", 1, 132, 2, 20, "config"),
	UINT("PKG_VERSION", 1, 134, 2, 20, "identity"),

	/* BLOCK2, BLOCK_SYS_DATA */
	BYTES("OPTIONAL_UNIQUE_ID", 2, 0, 16, 21, "identity", .class = EFUSE_CLASS_KEYBLOCK),

	/* BLOCK3, BLOCK_USR_DATA */
	BYTES("CUSTOM_MAC", 3, 200, 6, 22, "MAC",
	    .class = EFUSE_CLASS_MAC, .alt = "MAC_CUSTOM USER_DATA_MAC_CUSTOM"),

	/* BLOCK9, BLOCK_SYS_DATA2 */
	BOOL("USB_DEVICE_EXCHG_PINS", 9, 192, 28, "usb"),

	/* whole blocks */
	BYTES("BLOCK_USR_DATA", 3, 0, 32, 22, "config", .alt = "USER_DATA"),
	KEY("BLOCK_KEY0", 4, 23, 0, "KEY0"),
	KEY("BLOCK_KEY1", 5, 24, 1, "KEY1"),
	KEY("BLOCK_KEY2", 6, 25, 2, "KEY2"),
	KEY("BLOCK_KEY3", 7, 26, 3, "KEY3"),
	KEY("BLOCK_KEY4", 8, 27, 4, "KEY4"),
	UINT("BLOCK_SYS_DATA2", 9, 0, 32, 28, "config", .alt = "SYS_DATA_PART2"),
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
	PURPOSE("XTS_AES_256_PSRAM_KEY_1", 13, EFUSE_REVERSE | EFUSE_HIDE),
	PURPOSE("XTS_AES_256_PSRAM_KEY_2", 14, EFUSE_REVERSE | EFUSE_HIDE),
	PURPOSE("XTS_AES_128_PSRAM_KEY", 15, EFUSE_REVERSE | EFUSE_HIDE),
	PURPOSE("ECDSA_KEY_P192", 16, EFUSE_REVERSE | EFUSE_HIDE | EFUSE_ECDSA),
	PURPOSE("ECDSA_KEY_P384_L", 17, EFUSE_REVERSE | EFUSE_HIDE),
	PURPOSE("ECDSA_KEY_P384_H", 18, EFUSE_REVERSE | EFUSE_HIDE),
	PURPOSE("SDC_KEY_DIGEST", 19, EFUSE_HIDE),
	VIRTUAL("XTS_AES_256_KEY", -1, 0,
	    "XTS_AES_256_KEY_1", "XTS_AES_256_KEY_2"),
	VIRTUAL("XTS_AES_256_PSRAM_KEY", -2, 0,
	    "XTS_AES_256_PSRAM_KEY_1", "XTS_AES_256_PSRAM_KEY_2"),
	VIRTUAL("ECDSA_KEY_P384", -3, EFUSE_HIDE | EFUSE_ECDSA,
	    "ECDSA_KEY_P384_L", "ECDSA_KEY_P384_H"),
	{ .name = NULL }
};

const struct efuse_chip efuse_esp32s31 = {
	.chip = &chip_esp32s31,
	.flags = EFUSE_CHIP_CUSTOM_KEYS,
	.base = BASE,
	.window = 0x200,
	.virt_revision = 0,
	.virt_xtal = 40,
	.blocks = blocks,
	.fields = fields,
	.purposes = purposes,
	.purpose_bits = 5,
	.control = {
		.conf = 0x1cc, .cmd = 0x1d8,
		.clear = 0x000, .clear_words = 11,
		.aside = 0x2038a08c,
		.err0 = 0x168, .err0_words = 8,
		.errors = {
			[1] = ERRORS(0x188, 0, 0x188, 3),
			[2] = ERRORS(0x188, 4, 0x188, 7),
			[3] = ERRORS(0x188, 8, 0x188, 11),
			[4] = ERRORS(0x188, 12, 0x188, 15),
			[5] = ERRORS(0x188, 16, 0x188, 19),
			[6] = ERRORS(0x188, 20, 0x188, 23),
			[7] = ERRORS(0x188, 24, 0x188, 27),
			[8] = ERRORS(0x188, 28, 0x188, 31),
			/* efuse_reg.h; esptool 5.3: bits that are reserved */
			[9] = ERRORS(0x18c, 0, 0x18c, 3),
		},
	},
	.late = LATE_USUAL,
};
