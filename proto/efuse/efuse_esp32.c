/*
 * The eFuses of the ESP32.
 *
 * Sources: ESP32 TRM, "eFuse Controller"; esp-idf, components/efuse/esp32/
 * esp_efuse_table.csv; esptool 5.3, efuse_defs/esp32.yaml and
 * espefuse/efuse/esp32/mem_definition.py.
 */
#include "proto/efuse/row.h"

enum {
	BASE		= 0x3ff5a000,	/* DR_REG_EFUSE_BASE */
};

static const struct efuse_block blocks[] = {
	{ .name = "BLOCK0", .read = 0x000, .write = 0x01c, .wr_dis = NONE, .words = 7 },
	{ .name = "BLOCK1", .alias = { "flash_encryption" }, .read = 0x038,
	  .write = 0x098, .wr_dis = 7, .words = 8, .rd_dis = 1 << 0 },
	{ .name = "BLOCK2", .alias = { "secure_boot_v1", "secure_boot_v2" },
	  .read = 0x058, .write = 0x0b8, .wr_dis = 8, .words = 8, .rd_dis = 1 << 1 },
	{ .name = "BLOCK3", .read = 0x078, .write = 0x0d8, .wr_dis = 9, .words = 8,
	  .rd_dis = 1 << 2 },
	{ .name = NULL }
};

static const struct efuse_meaning xpd_sdio_tieh[] = {
	{ 0, "1.8V" }, { 1, "3.3V" },
	{ 0 }
};

static const struct efuse_meaning coding_scheme[] = {
	{ 0, "NONE (BLK1-3 len=256 bits)" }, { 1, "3/4 (BLK1-3 len=192 bits)" },
	{ 2, "REPEAT (BLK1-3 len=128 bits) not supported" },
	{ 3, "NONE (BLK1-3 len=256 bits)" },
	{ 0 }
};

static const struct efuse_meaning mac_version[] = {
	{ 1, "Custom MAC in BLOCK3" },
	{ 0 }
};

static const struct efuse_field fields[] = {
	/*    name, block, bit, [size,] write protection, category */
	/* BLOCK0 */
	UINT("WR_DIS", 0, 0, 16, 1, "config"),
	UINT("RD_DIS", 0, 16, 4, 0, "config"),
	UINT("FLASH_CRYPT_CNT", 0, 20, 7, 2, "flash"),
	BOOL("UART_DOWNLOAD_DIS", 0, 27, 2, "security"),
	BYTES("MAC", 0, 32, 6, 3, "MAC", .class = EFUSE_CLASS_MAC, .alt = "MAC_FACTORY"),
	UINT("MAC_CRC", 0, 80, 8, 3, "MAC", .alt = "MAC_FACTORY_CRC"),
	BOOL("DISABLE_APP_CPU", 0, 96, 3, "config", .alt = "CHIP_VER_DIS_APP_CPU"),
	BOOL("DISABLE_BT", 0, 97, 3, "config", .alt = "CHIP_VER_DIS_BT"),
	BOOL("CHIP_PACKAGE_4BIT", 0, 98, NONE, "identity", .alt = "CHIP_VER_PKG_4BIT"),
	BOOL("DIS_CACHE", 0, 99, 3, "config", .alt = "CHIP_VER_DIS_CACHE"),
	UINT("SPI_PAD_CONFIG_HD", 0, 100, 5, NONE, "spi pad", .class = EFUSE_CLASS_SPIPIN),
	UINT("CHIP_PACKAGE", 0, 105, 3, NONE, "identity", .alt = "CHIP_VER_PKG"),
	BOOL("CHIP_CPU_FREQ_LOW", 0, 108, NONE, "config"),
	BOOL("CHIP_CPU_FREQ_RATED", 0, 109, NONE, "config"),
	BOOL("BLK3_PART_RESERVE", 0, 110, 10, "config", .rd_dis = 1 << 3),
	BOOL("CHIP_VER_REV1", 0, 111, NONE, "identity"),
	UINT("CLK8M_FREQ", 0, 128, 8, 4, "config", .alt = "CK8M_FREQ"),
	UINT("ADC_VREF", 0, 136, 5, 4, "calibration", .class = EFUSE_CLASS_VREF),
	BOOL("XPD_SDIO_REG", 0, 142, 5, "vdd"),
	BOOL("XPD_SDIO_TIEH", 0, 143, 5, "vdd", .alt = "SDIO_TIEH", .meanings = xpd_sdio_tieh),
	BOOL("XPD_SDIO_FORCE", 0, 144, 5, "vdd", .alt = "SDIO_FORCE"),
	UINT("SPI_PAD_CONFIG_CLK", 0, 160, 5, 6, "spi pad", .class = EFUSE_CLASS_SPIPIN),
	UINT("SPI_PAD_CONFIG_Q", 0, 165, 5, 6, "spi pad", .class = EFUSE_CLASS_SPIPIN),
	UINT("SPI_PAD_CONFIG_D", 0, 170, 5, 6, "spi pad", .class = EFUSE_CLASS_SPIPIN),
	UINT("SPI_PAD_CONFIG_CS0", 0, 175, 5, 6, "spi pad", .class = EFUSE_CLASS_SPIPIN),
	BOOL("CHIP_VER_REV2", 0, 180, NONE, "identity"),
	UINT("VOL_LEVEL_HP_INV", 0, 182, 2, 3, "config"),
	UINT("WAFER_VERSION_MINOR", 0, 184, 2, NONE, "identity"),
	UINT("FLASH_CRYPT_CONFIG", 0, 188, 4, 10, "flash",
	    .rd_dis = 1 << 3, .alt = "ENCRYPT_CONFIG"),
	UINT("CODING_SCHEME", 0, 192, 2, 10, "config", .rd_dis = 1 << 3, .meanings = coding_scheme),
	BOOL("CONSOLE_DEBUG_DISABLE", 0, 194, 15, "config"),
	BOOL("DISABLE_SDIO_HOST", 0, 195, NONE, "config"),
	BOOL("ABS_DONE_0", 0, 196, 12, "security"),
	BOOL("ABS_DONE_1", 0, 197, 13, "security"),
	BOOL("JTAG_DISABLE", 0, 198, 14, "jtag", .alt = "DISABLE_JTAG"),
	BOOL("DISABLE_DL_ENCRYPT", 0, 199, 15, "security"),
	BOOL("DISABLE_DL_DECRYPT", 0, 200, 15, "security"),
	BOOL("DISABLE_DL_CACHE", 0, 201, 15, "config"),
	BOOL("KEY_STATUS", 0, 202, 10, "security", .rd_dis = 1 << 3),

	/* BLOCK3 */
	UINT("SECURE_VERSION", 3, 128, 32, 9, "security",
	    .class = EFUSE_CLASS_BITCOUNT, .rd_dis = 1 << 2),
	UINT("MAC_VERSION", 3, 184, 8, 9, "MAC",
	    .rd_dis = 1 << 2, .alt = "MAC_CUSTOM_VER", .meanings = mac_version),

	/* whole blocks */
	KEY("BLOCK1", 1, 7, 0, "ENCRYPT_FLASH_KEY"),
	KEY("BLOCK2", 2, 8, 1, "SECURE_BOOT_KEY"),
	KEY("BLOCK3", 3, 9, 2, NULL),

	/* when MAC_VERSION is 1 */
	UINT("CUSTOM_MAC_CRC", 3, 0, 8, 9, "MAC",
	    .when = EFUSE_CUSTOM_MAC, .rd_dis = 1 << 2, .alt = "MAC_CUSTOM_CRC"),
	BYTES("CUSTOM_MAC", 3, 8, 6, 9, "MAC",
	    .when = EFUSE_CUSTOM_MAC, .class = EFUSE_CLASS_MAC, .rd_dis = 1 << 2,
	    .alt = "MAC_CUSTOM"),

	/* calibration */
	POINT("ADC1_TP_LOW", 3, 96, 7, 9, .rd_dis = 1 << 2),
	POINT("ADC1_TP_HIGH", 3, 103, 9, 9, .rd_dis = 1 << 2),
	POINT("ADC2_TP_LOW", 3, 112, 7, 9, .rd_dis = 1 << 2),
	POINT("ADC2_TP_HIGH", 3, 119, 9, 9, .rd_dis = 1 << 2),

	/* calculated from others */
	CALC("WAFER_VERSION_MAJOR", 0, 3, EFUSE_UINT, "identity",
	    .class = EFUSE_CLASS_WAFER, .parts = "CHIP_VER_REV1 CHIP_VER_REV2"),
	CALC("PKG_VERSION", 0, 4, EFUSE_UINT, "identity",
	    .class = EFUSE_CLASS_PKG, .parts = "CHIP_PACKAGE CHIP_PACKAGE_4BIT"),
	{ .name = NULL }
};

/* Crystal, register, bits, value: TRM, "eFuse Controller", timing. */
static const struct efuse_timing timing[] = {
	{ 26, 0x118, 0x000000ff, 0x00000034 },
	{ 26, 0x0f8, 0x000000ff, 0x000000fa },
	{ 26, 0x0f8, 0x0000ff00, 0x0000ff00 },
	{ 40, 0x118, 0x000000ff, 0x00000050 },
	{ 40, 0x0f8, 0x000000ff, 0x000000a0 },
	{ 40, 0x0f8, 0x0000ff00, 0x0000ff00 },
	{ 0 }
};

static const uint8_t xtals[] = { 26, 40, 0 };

const struct efuse_chip efuse_esp32 = {
	.chip = &chip_esp32,
	.flags = EFUSE_CHIP_ESP32 | EFUSE_CHIP_VOLTAGE,
	.base = BASE,
	.window = 0x120,
	.virt_revision = 300,
	.virt_xtal = 40,
	.blocks = blocks,
	.fields = fields,
	.control = {
		.conf = 0x0fc, .cmd = 0x104,
		.dec_status = 0x11c,
		.timing = timing,
		.xtals = xtals,
	},
	.late = "WR_DIS RD_DIS UART_DOWNLOAD_DIS ABS_DONE_1 FLASH_CRYPT_CNT",
	.signers = EFUSE_SIGNER_RSA,
};
