#include "proto/chip/flashid.h"

enum { MAKER_ADESTO = 0x1f };

/*
 * Makers count the capacity in three ways: log2 of the bytes (most), from 0x20
 * on as 64 MB and its doubles, from 0x32 on as 32 more than log2 (a few
 * 1.8 V families).  Source: the makers' datasheets, as esptool has
 * gathered them.
 */
static uint32_t
capacity(uint8_t code)
{
	if (code >= 0x12 && code <= 0x1c)	/* 256 KB .. 256 MB */
		return 1u << code;
	if (code >= 0x20 && code <= 0x22)	/* 64, 128, 256 MB */
		return 1u << (code - 0x20 + 26);
	if (code >= 0x32 && code <= 0x3a)	/* 256 KB .. 64 MB */
		return 1u << (code - 0x20);
	return 0;
}

/* Adesto counts in the low five bits of the second byte, 4 being 512 KB
 * (AT25SF041 and larger, "Manufacturer and Device ID Read"). */
static uint32_t
capacity_adesto(uint8_t type)
{
	uint8_t	code = type & 0x1f;

	return code >= 4 && code <= 9 ? 1u << (code + 15) : 0;
}

void
flashid_parse(uint32_t rdid, struct flashid *id)
{
	uint8_t	type = (uint8_t)(rdid >> 8);
	uint8_t	code = (uint8_t)(rdid >> 16);

	*id = (struct flashid){
		.manufacturer = (uint8_t)rdid,
		.device = (uint16_t)(type << 8 | code),
	};
	id->size = id->manufacturer == MAKER_ADESTO ? capacity_adesto(type) :
	    capacity(code);
}

const char *
flashid_maker(uint8_t manufacturer)
{
	/* JEDEC JEP106; only names of makers of serial flash.  The number of a
	 * bank other than the first can stand for somebody else as well. */
	static const struct {
		uint8_t		 id;
		const char	*name;
	} makers[] = {
		{ 0x01, "Infineon (Spansion)" },
		{ 0x0b, "XTX" },
		{ 0x1c, "EON" },
		{ MAKER_ADESTO, "Adesto" },
		{ 0x20, "XMC or Micron" },	/* XMC took over Micron's number */
		{ 0x37, "AMIC" },
		{ 0x5e, "Zbit" },
		{ 0x68, "Boya" },
		{ 0x85, "Puya" },
		{ 0x8c, "ESMT" },
		{ 0x9d, "ISSI" },
		{ 0xa1, "Fudan" },
		{ 0xba, "Zetta" },
		{ 0xbf, "Microchip (SST)" },
		{ 0xc2, "Macronix" },
		{ 0xc8, "GigaDevice" },
		{ 0xef, "Winbond" },
		{ 0xf8, "Fidelix" },
	};

	for (size_t i = 0; i < sizeof makers / sizeof makers[0]; i++)
		if (makers[i].id == manufacturer)
			return makers[i].name;
	return NULL;
}

int
flashid_absent(uint32_t rdid)
{
	rdid &= 0xffffff;
	return rdid == 0xffffff || rdid == 0 || rdid == 0xffff3f;
}
