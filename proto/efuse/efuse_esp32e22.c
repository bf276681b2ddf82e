/*
 * The eFuses of the ESP32-E22.
 *
 * Sources: ESP32-E22 TRM, "eFuse Controller"; esp-idf, components/efuse/esp32e22/
 * esp_efuse_table.csv; esptool 5.3, efuse_defs/esp32e22.yaml and
 * espefuse/efuse/esp32e22/mem_definition.py.
 */
#include "proto/efuse/row.h"

enum {
	BASE		= 0xc4008000,	/* DR_REG_EFUSE_BASE */
};

static const struct efuse_field fields[] = {
	/*    name, block, bit, [size,] write protection, category */
	/* BLOCK0 */
	UINT("WR_DIS", 0, 0, 32, NONE, "config"),
	UINT("RD_DIS", 0, 32, 7, 0, "config"),
	BOOL("DIS_PCIE_DOWNLOAD", 0, 39, NONE, "security"),
	BOOL("USB_OTG11_EXCHG_PINS", 0, 40, NONE, "usb"),
	BOOL("POWERGLITCH_EN", 0, 42, NONE, "config"),
	BOOL("DIS_FORCE_DOWNLOAD", 0, 44, NONE, "security"),
	BOOL("SPI_DOWNLOAD_MSPI_DIS", 0, 45, NONE, "security"),
	BOOL("DIS_TWAI", 0, 46, NONE, "config"),
	BOOL("JTAG_SEL_ENABLE", 0, 47, NONE, "jtag"),
	UINT("SOFT_DIS_JTAG", 0, 48, 3, NONE, "jtag"),
	BOOL("DIS_PAD_JTAG", 0, 51, NONE, "jtag"),
	BOOL("USB_PHY_SEL", 0, 57, NONE, "usb"),
	BOOL("DIS_REDUNDANCY", 0, 79, NONE, "config"),
	UINT("WDT_DELAY_SEL", 0, 80, 2, NONE, "wdt"),
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
	BOOL("DIS_USB_OTG_DOWNLOAD_MODE", 0, 122, NONE, "usb"),
	UINT("FLASH_TPUW", 0, 123, 4, NONE, "flash"),
	BOOL("DIS_DOWNLOAD_MODE", 0, 127, NONE, "security"),
	BOOL("DIS_DIRECT_BOOT", 0, 128, NONE, "config"),
	BOOL("DIS_USB_SERIAL_JTAG_DOWNLOAD_MODE", 0, 131, NONE, "usb"),
	BOOL("ENABLE_SECURITY_DOWNLOAD", 0, 132, NONE, "security"),
	UINT("UART_PRINT_CONTROL", 0, 133, 2, NONE, "config"),
	BOOL("FORCE_SEND_RESUME", 0, 135, NONE, "flash"),
	UINT("SECURE_VERSION", 0, 136, 16, NONE, "security", .class = EFUSE_CLASS_BITCOUNT),
	BOOL("SECURE_BOOT_DISABLE_FAST_WAKE", 0, 152, NONE, "security"),
	UINT("PAD_MODE_SELECT", 0, 154, 6, NONE, "config"),
	UINT("USB_OTG11_DREFL", 0, 174, 2, NONE, "usb"),
	BOOL("DIS_WDT", 0, 178, NONE, "wdt"),
	UINT("PVT_GLITCH_MODE", 0, 181, 2, NONE, "config"),
	BOOL("PVT_GLITCH_EN", 0, 183, NONE, "config"),

	/* BLOCK1, MAC_SPI_8M_0 */
	BYTES("MAC", 1, 0, 6, 20, "MAC", .class = EFUSE_CLASS_MAC, .alt = "MAC_FACTORY"),
	BYTES("MAC_EXT", 1, 48, 2, 20, "MAC", .class = EFUSE_CLASS_MAC),

	/* BLOCK2, BLOCK_SYS_DATA */
	BYTES("SYS_DATA_PART1", 2, 0, 32, 21, "config"),

	/* BLOCK3, BLOCK_USR_DATA */
	BYTES("CUSTOM_MAC", 3, 200, 6, 22, "MAC",
	    .class = EFUSE_CLASS_MAC, .alt = "MAC_CUSTOM USER_DATA_MAC_CUSTOM"),

	/* BLOCK10, BLOCK_SYS_DATA2 */
	BYTES("SYS_DATA_PART2", 10, 0, 32, 29, "config",
	    .rd_dis = 1 << 6, .alt = "BLOCK_SYS_DATA2"),

	/* whole blocks */
	BYTES("BLOCK_USR_DATA", 3, 0, 32, 22, "config", .alt = "USER_DATA"),
	KEY("BLOCK_KEY0", 4, 23, 0, "KEY0"),
	KEY("BLOCK_KEY1", 5, 24, 1, "KEY1"),
	KEY("BLOCK_KEY2", 6, 25, 2, "KEY2"),
	KEY("BLOCK_KEY3", 7, 26, 3, "KEY3"),
	KEY("BLOCK_KEY4", 8, 27, 4, "KEY4"),
	KEY("BLOCK_KEY5", 9, 28, 5, "KEY5"),
	{ .name = NULL }
};

static const struct efuse_purpose purposes[] = {
	PURPOSE("USER", 0, 0),
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
	{ .name = NULL }
};

const struct efuse_chip efuse_esp32e22 = {
	.chip = &chip_esp32e22,
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
		.aside = 0xc310208c,
		.err0 = 0x17c, .err0_words = 5,
		.errors = ERRORS_RS(0x190, 0x194),
	},
	.late =
	    "WR_DIS RD_DIS ENABLE_SECURITY_DOWNLOAD DIS_DOWNLOAD_MODE SECURE_BOOT_EN",
	.calibrated_from = 1,
};
