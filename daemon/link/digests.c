#include "daemon/link/digests.h"

#include <stdio.h>
#include <string.h>

#include "daemon/link/images.h"
#include "daemon/link/parts.h"
#include "daemon/link/try.h"
#include "proto/base/err.h"

enum {
	/* Written in one go when more than so many of so many differ: a region
	 * is a transfer of its own. */
	MANY		= 3,
	OF		= 4,
	REGIONS		= 64,
};

/* A comparison under way. */
struct compare {
	struct link	*link;
	size_t		 i;
	uint32_t	 done;		/* bytes of the image */
	uint32_t	 sectors;	/* that differ */
};

bool
digests_can(const struct link *l, size_t i)
{
	return ext_there(&l->rom) && l->images[i].start % FLASH_SECTOR == 0;
}

/* The digests of some more sectors. */
static int
on_digests(void *arg, const uint8_t *md5s, size_t len)
{
	struct compare		*c = arg;
	struct link_image	*im = &c->link->images[c->i];
	uint8_t			 sum[BLOB_MD5];

	if (len % BLOB_MD5 != 0)
		return ERR_NOISE;
	for (size_t at = 0; at < len; at += BLOB_MD5) {
		uint32_t	left = (uint32_t)im->data->len - c->done;
		uint32_t	n = left < FLASH_SECTOR ? left : FLASH_SECTOR;

		TRY(images_md5(c->link, im->data->data + c->done, n, sum));
		if (memcmp(sum, md5s + at, BLOB_MD5) != 0) {
			images_add_sector(im, im->start + c->done);
			c->sectors++;
		}
		c->done += n;
	}
	return link_check_deadline(c->link);
}

static int
compare(struct compare *c)
{
	struct link		*l = c->link;
	struct link_image	*im = &l->images[c->i];
	struct parts		 p = {
		.rom = &l->rom, .what = EXT_READ_MD5_16, .offset = im->start,
		.bytes = (uint32_t)im->data->len, .take = on_digests, .arg = c,
	};
	char			 doing[WHY_MAX / 2];
	int			 err;

	TRY(images_no_sectors(l, c->i));
	if ((err = parts_read(&p)) == 0)
		return 0;
	(void)snprintf(doing, sizeof doing, "compare the flash at 0x%x with "
	    "%s", im->start, im->blob->name);
	return link_fail_rom(l, err, doing);
}

int
digests_diff(struct link *l, size_t i)
{
	struct link_image	*im = &l->images[i];
	struct compare		 c = { .link = l, .i = i };
	uint32_t		 all;

	TRY(compare(&c));
	all = ((uint32_t)im->data->len + FLASH_SECTOR - 1) / FLASH_SECTOR;
	if (c.sectors == 0 || (im->region_count <= REGIONS &&
	    c.sectors * OF <= all * MANY))
		return 0;
	im->region_count = 0;
	return 1;
}
