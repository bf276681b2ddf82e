#include "proto/efuse/efuse.h"

#include <stdio.h>
#include <string.h>

#include "proto/efuse/row.h"

const struct efuse_chip *const efuse_chips[] = {
	&efuse_esp32, &efuse_esp32s2, &efuse_esp32s3, &efuse_esp32c2,
	&efuse_esp32c3, &efuse_esp32c5, &efuse_esp32c6, &efuse_esp32c61,
	&efuse_esp32h2, &efuse_esp32h21, &efuse_esp32h4, &efuse_esp32p4,
	&efuse_esp32p4_v1, &efuse_esp32s31, &efuse_esp32e22,
	NULL
};

#define KEY_BLOCK(n, b, at, wr, rd) \
	{ .name = "BLOCK_KEY" #n, .alias = { "BLOCK" #b }, .read = at, \
	  .wr_dis = wr, .words = 8, .rd_dis = 1u << (rd), \
	  .purpose = "KEY_PURPOSE_" #n }

const struct efuse_meaning efuse_odd_enables[] = {
	{ 0, "Disable" }, { 1, "Enable" }, { 3, "Disable" }, { 7, "Enable" },
	{ 0 }
};

/* ESP32-S2 TRM, "eFuse Controller", and those of its successors. */
const struct efuse_block efuse_blocks_rs[] = {
	{ .name = "BLOCK0", .read = 0x02c, .wr_dis = NONE, .words = 6 },
	{ .name = "MAC_SPI_8M_0", .alias = { "BLOCK1" }, .read = 0x044,
	  .wr_dis = 20, .words = 6 },
	{ .name = "BLOCK_SYS_DATA", .alias = { "BLOCK2" }, .read = 0x05c,
	  .wr_dis = 21, .words = 8 },
	{ .name = "BLOCK_USR_DATA", .alias = { "BLOCK3" }, .read = 0x07c,
	  .wr_dis = 22, .words = 8 },
	KEY_BLOCK(0, 4, 0x09c, 23, 0),
	KEY_BLOCK(1, 5, 0x0bc, 24, 1),
	KEY_BLOCK(2, 6, 0x0dc, 25, 2),
	KEY_BLOCK(3, 7, 0x0fc, 26, 3),
	KEY_BLOCK(4, 8, 0x11c, 27, 4),
	KEY_BLOCK(5, 9, 0x13c, 28, 5),
	{ .name = "BLOCK_SYS_DATA2", .alias = { "BLOCK10" }, .read = 0x15c,
	  .wr_dis = 29, .words = 8, .rd_dis = 1 << 6 },
	{ .name = NULL }
};

const struct efuse_chip *
efuse_chip_find(const struct chip *chip, uint32_t revision)
{
	const struct efuse_chip	*best = NULL;

	for (size_t i = 0; efuse_chips[i]; i++) {
		const struct efuse_chip	*e = efuse_chips[i];

		if (e->chip == chip && revision >= e->from_revision &&
		    (!best || e->from_revision > best->from_revision))
			best = e;
	}
	return best;
}

size_t
efuse_block_count(const struct efuse_chip *e)
{
	size_t	n = 0;

	while (e->blocks[n].name)
		n++;
	return n;
}

int
efuse_block_find(const struct efuse_chip *e, const char *name)
{
	for (int i = 0; e->blocks[i].name; i++) {
		const struct efuse_block	*b = &e->blocks[i];

		if (strcmp(b->name, name) == 0)
			return i;
		for (size_t k = 0; k < 2 && b->alias[k]; k++)
			if (strcmp(b->alias[k], name) == 0)
				return i;
	}
	return -1;
}

/* Purposes that Espressif has given no meaning, for a program's own use. */
enum { CUSTOM_MAX = 32 };
#define NAMES(s) { \
	s "0", s "1", s "2", s "3", s "4", s "5", s "6", s "7", \
	s "8", s "9", s "10", s "11", s "12", s "13", s "14", s "15", \
	s "16", s "17", s "18", s "19", s "20", s "21", s "22", s "23", \
	s "24", s "25", s "26", s "27", s "28", s "29", s "30", s "31" }
static const char *const custom[CUSTOM_MAX] = NAMES("CUSTOM_");
static const char *const digest[CUSTOM_MAX] = NAMES("CUSTOM_DIGEST_");

/* The first row with that value; NULL: it has none. */
static const struct efuse_purpose *
purpose_listed(const struct efuse_chip *e, int value)
{
	if (!e->purposes)
		return NULL;
	for (const struct efuse_purpose *p = e->purposes; p->name; p++)
		if (p->value == value)
			return p;
	return NULL;
}

/* How many values of KEY_PURPOSE_n a custom purpose may have; 0: none. */
static int
custom_count(const struct efuse_chip *e)
{
	if (!(e->flags & EFUSE_CHIP_CUSTOM_KEYS))
		return 0;
	return 1 << e->purpose_bits;
}

/*
 * The i-th custom name and its purpose: for each value without a row one for
 * a key and one for a digest, then the two of the highest value.  false: there
 * are no more.
 */
static bool
custom_get(const struct efuse_chip *e, size_t i, struct efuse_purpose *room)
{
	int	count = custom_count(e);
	size_t	k = i / 2;

	*room = (struct efuse_purpose){ .flags = i % 2 ? EFUSE_DIGEST : 0 };
	for (int v = 0; v < count; v++) {
		if (purpose_listed(e, v))
			continue;
		if (k > 0) {
			k--;
			continue;
		}
		room->value = v;
		room->name = i % 2 ? digest[v] : custom[v];
		return true;
	}
	if (count == 0 || k > 0)
		return false;
	room->value = count - 1;
	room->name = i % 2 ? "CUSTOM_DIGEST_MAX" : "CUSTOM_MAX";
	return true;
}

const struct efuse_purpose *
efuse_purpose_find(const struct efuse_chip *e, const char *name,
    struct efuse_purpose *room)
{
	if (!e->purposes)
		return NULL;
	for (const struct efuse_purpose *p = e->purposes; p->name; p++)
		if (strcmp(p->name, name) == 0)
			return p;
	for (size_t i = 0; custom_get(e, i, room); i++)
		if (strcmp(room->name, name) == 0)
			return room;
	return NULL;
}

const struct efuse_purpose *
efuse_purpose_of(const struct efuse_chip *e, unsigned value,
    struct efuse_purpose *room)
{
	const struct efuse_purpose	*p;

	if (value >= CUSTOM_MAX)
		return NULL;
	if ((p = purpose_listed(e, value)))
		return p;
	for (size_t i = 0; custom_get(e, i, room); i++)
		if (room->value == (int)value)
			return room;
	return NULL;
}

const char *
efuse_purpose_name(const struct efuse_chip *e, size_t i,
    char room[EFUSE_NAME_MAX])
{
	struct efuse_purpose	 p;
	size_t			 n = 0;

	if (!e->purposes)
		return NULL;
	for (; e->purposes[n].name; n++)
		if (n == i)
			return e->purposes[n].name;
	if (!custom_get(e, i - n, &p))
		return NULL;
	snprintf(room, EFUSE_NAME_MAX, "%s", p.name);
	return room;
}
