#include "client/command.h"

#include <string.h>

const struct command commands[] = {
	{ "write-flash", "flash.write", "ADDRESS FILE...", 2, COMMAND_ANY,
	  "Write files to flash and verify them", cmd_write },
	{ "read-flash", "flash.read", "ADDRESS SIZE FILE", 3, 3,
	  "Copy a part of the flash into a file", cmd_read },
	{ "verify-flash", "flash.verify", "ADDRESS FILE...", 2, COMMAND_ANY,
	  "Compare flash with files", cmd_write },
	{ "erase-flash", "flash.erase", "", 0, 0,
	  "Erase the whole flash", cmd_plain },
	{ "erase-region", "flash.erase_region", "ADDRESS SIZE", 2, 2,
	  "Erase a part of the flash", cmd_region },
	{ "flash-id", "flash.id", "", 0, 0,
	  "Show maker, type and size of the flash chip", cmd_plain },
	{ "read-mac", "chip.mac", "", 0, 0,
	  "Show the MAC address", cmd_plain },
	{ "chip-id", "chip.id", "", 0, 0,
	  "Show the chip id (ESP8266) or the MAC address", cmd_plain },
	{ "ports", NULL, "", 0, 0,
	  "List the serial ports", cmd_ports },
	{ "jobs", NULL, "", 0, 0,
	  "List the jobs the daemon remembers", cmd_jobs },
	{ "wait", NULL, "JOB...", 1, COMMAND_ANY,
	  "Follow jobs until they have ended, and show what came out",
	  cmd_wait },
	{ "cancel", NULL, "JOB...", 1, COMMAND_ANY,
	  "Stop jobs; their chips are still reset", cmd_cancel },
	{ "status", NULL, "", 0, 0,
	  "Show how the daemon is doing", cmd_status },
	{ "version", NULL, "", 0, 0,
	  "Show the version of espctl", cmd_version },
	{ "help", NULL, "[COMMAND]", 0, 1,
	  "Show all commands, or the options of one", cmd_help },
	{ .name = NULL }
};

const struct command *
command_find(const char *name)
{
	for (const struct command *c = commands; c->name != NULL; c++)
		if (strcmp(c->name, name) == 0)
			return c;
	return NULL;
}
