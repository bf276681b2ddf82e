/*
 * sfdp: what the flash chip tells of itself (JESD216).
 */
#include "daemon/link/link.h"

#include <string.h>

#include "daemon/link/spiflash.h"
#include "daemon/link/try.h"
#include "proto/base/err.h"

enum { SIGNATURE = 4 };

static int
read_sfdp(struct link *l, uint8_t signature[SIGNATURE])
{
	const struct link_flash	*w = &l->flash;
	struct spiflash		 f;

	TRY(spiflash_open(&f, &l->rom, l->chip));
	TRY(spiflash_sfdp(&f, w->sfdp_address, l->found.sfdp, w->sfdp_bytes));
	if (w->sfdp_address == 0 && w->sfdp_bytes >= SIGNATURE)
		memcpy(signature, l->found.sfdp, SIGNATURE);
	else
		TRY(spiflash_sfdp(&f, 0, signature, SIGNATURE));
	return spiflash_close(&f);
}

int
phase_sfdp(struct link *l)
{
	uint8_t	signature[SIGNATURE];
	int	err;

	err = read_sfdp(l, signature);
	if (err == ERR_FLASH)
		return link_fail(l, err, "could not read the SFDP: the SPI "
		    "controller of the %s does not finish a command",
		    l->chip->name);
	if (err < 0)
		return link_fail_rom(l, err, "read the SFDP");
	if (memcmp(signature, "SFDP", SIGNATURE) != 0)
		link_note(l, "the flash chip has no SFDP: what was read does "
		    "not describe it");
	return 0;
}
