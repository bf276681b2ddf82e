#include "daemon/port/bridge.h"

#include <stddef.h>
#include <string.h>

#include "daemon/port/port.h"

/*
 * etc/60-espflashd.rules has the same list; test_bridge holds them together.
 *
 * cp210x.c, ch341.c, ftdi_sio_ids.h, pl2303.h are Linux drivers
 * (drivers/usb/serial); DS is the maker's data sheet.
 *
 * USB-OTG of a ROM loader has the chip's image number as product id.
 */
const struct bridge bridges[] = {
	{ 0x303a, 0x1001, "USB-Serial/JTAG",
	    BRIDGE_ESPRESSIF | BRIDGE_USB_JTAG,
	    "ESP32-C3 Technical Reference Manual, USB Serial/JTAG" },
	{ 0x303a, 0x1002, "ESP USB Bridge", BRIDGE_ESPRESSIF,
	    "github.com/espressif/usb-pids" },
	{ 0x303a, 0x0002, "ESP32-S2 USB-OTG",
	    BRIDGE_ESPRESSIF | BRIDGE_USB_OTG, "ROM of the chip" },
	{ 0x303a, 0x0009, "ESP32-S3 USB-OTG",
	    BRIDGE_ESPRESSIF | BRIDGE_USB_OTG, "ROM of the chip" },
	{ 0x303a, 0x0012, "ESP32-P4 USB-OTG",
	    BRIDGE_ESPRESSIF | BRIDGE_USB_OTG, "ROM of the chip" },
	{ 0x303a, 0x001f, "ESP32-E22 USB-OTG",
	    BRIDGE_ESPRESSIF | BRIDGE_USB_OTG, "image number of the chip" },
	{ 0x303a, 0x0020, "ESP32-S31 USB-OTG",
	    BRIDGE_ESPRESSIF | BRIDGE_USB_OTG, "image number of the chip" },
	/* What applications make of USB-OTG; number blocks are given out. */
	{ 0x303a, 0, "USB-OTG", BRIDGE_ESPRESSIF | BRIDGE_USB_OTG,
	    "github.com/espressif/usb-pids" },
	{ 0x10c4, 0xea60, "CP2102, CP2102N or CP2104", 0, "cp210x.c" },
	{ 0x10c4, 0xea64, "CP2102C", BRIDGE_FLOW_LINES, "esptool 5.3" },
	{ 0x10c4, 0xea70, "CP2105", 0, "cp210x.c" },
	{ 0x10c4, 0xea71, "CP2108", 0, "cp210x.c" },
	{ 0x1a86, 0x7523, "CH340", 0, "ch341.c; DS CH340" },
	{ 0x1a86, 0x7522, "CH340K", 0, "ch341.c; DS CH340" },
	{ 0x1a86, 0x5523, "CH341", 0, "ch341.c; DS CH341" },
	{ 0x1a86, 0x55d3, "CH343", 0, "DS CH343" },
	{ 0x1a86, 0x55d4, "CH9102", 0, "DS CH9102" },
	{ 0x0403, 0x6001, "FT232R", 0, "ftdi_sio_ids.h; DS FT232R" },
	{ 0x0403, 0x6010, "FT2232H", 0, "ftdi_sio_ids.h; DS FT2232H" },
	{ 0x0403, 0x6011, "FT4232H", 0, "ftdi_sio_ids.h; DS FT4232H" },
	{ 0x0403, 0x6014, "FT232H", 0, "ftdi_sio_ids.h; DS FT232H" },
	{ 0x0403, 0x6015, "FT230X or FT231X", 0, "ftdi_sio_ids.h; DS FT230X" },
	{ 0x067b, 0x2303, "PL2303", 0, "pl2303.h; DS PL2303HX" },
	{ 0x067b, 0x23a3, "PL2303GC", 0, "pl2303.h; DS PL2303GC" },
	{ 0x067b, 0x23c3, "PL2303GT", 0, "pl2303.h; DS PL2303GT" },
	{ 0x067b, 0x23d3, "PL2303GL", 0, "pl2303.h; DS PL2303GL" },
	{ 0, 0, NULL, 0, NULL },
};

const struct bridge *
bridge_find(uint16_t vid, uint16_t pid)
{
	const struct bridge	*vendor = NULL;

	if (vid == 0)
		return NULL;
	for (const struct bridge *b = bridges; b->vid != 0; b++) {
		if (b->vid != vid)
			continue;
		if (b->pid == pid && pid != 0)
			return b;
		if (b->pid == 0)
			vendor = b;
	}
	return vendor;
}

bool
bridge_is_adapter(const struct port_info *info)
{
	return info->kind == PORT_TTY &&
	    bridge_find(info->vid, info->pid) != NULL;
}

unsigned
bridge_flags(const struct port_info *info)
{
	const struct bridge	*b = bridge_find(info->vid, info->pid);

	return b != NULL ? b->flags : 0;
}

int
bridge_compare(const struct port_info *a, const struct port_info *b)
{
	bool	first = (bridge_flags(a) & BRIDGE_ESPRESSIF) != 0;
	bool	second = (bridge_flags(b) & BRIDGE_ESPRESSIF) != 0;

	if (first != second)
		return first ? -1 : 1;
	return strverscmp(a->path, b->path);	/* ttyUSB2, ttyUSB10 */
}
