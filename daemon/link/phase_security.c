/*
 * security: what the chip tells of secure boot, encryption and its keys.
 */
#include "daemon/link/link.h"

#include "proto/base/err.h"

int
phase_security(struct link *l)
{
	int	err;

	if (l->found.has_secinfo)
		return 0;
	/* identify does not ask a chip that it knew without. */
	err = rom_security_info(&l->rom, &l->found.secinfo);
	if (err == ERR_UNSUPPORTED)
		return link_fail(l, err, "the %s does not tell its security "
		    "settings: its loader has no command for it",
		    l->chip->name);
	if (err < 0)
		return link_fail_rom(l, err, "ask for the security settings");
	l->found.has_secinfo = true;
	return 0;
}
