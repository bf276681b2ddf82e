#include "client/command.h"

#include <string.h>

const struct command commands[] = {
	{ "write-flash", "flash.write", "ADDRESS FILE...", 2, COMMAND_ANY,
	  "Write files to flash and verify them", cmd_write, 0 },
	{ "read-flash", "flash.read", "ADDRESS SIZE FILE", 3, 3,
	  "Copy a part of the flash into a file", cmd_read, 0 },
	{ "verify-flash", "flash.verify", "ADDRESS FILE...", 2, COMMAND_ANY,
	  "Compare flash with files", cmd_write, 0 },
	{ "erase-flash", "flash.erase", "", 0, 0,
	  "Erase the whole flash", cmd_plain, 0 },
	{ "erase-region", "flash.erase_region", "ADDRESS SIZE", 2, 2,
	  "Erase a part of the flash", cmd_region, 0 },
	{ "flash-id", "flash.id", "", 0, 0,
	  "Show maker, type and size of the flash chip", cmd_plain, 0 },
	{ "read-mac", "chip.mac", "", 0, 0,
	  "Show the MAC address", cmd_plain, 0 },
	{ "chip-id", "chip.id", "", 0, 0,
	  "Show the chip id (ESP8266) or the MAC address", cmd_plain, 0 },
	{ "ports", NULL, "[SELECTOR]", 0, 1,
	  "List the serial ports, or follow their changes", cmd_ports,
	  COMMAND_FOLLOW | COMMAND_FILTER },
	{ "label", NULL, "NAME [SELECTOR]", 1, 2,
	  "Give a port a name of your own", cmd_label, COMMAND_REMOVE },
	{ "labels", NULL, "", 0, 0,
	  "List the names given to ports", cmd_labels, 0 },
	{ "export", "port.export", "[PORT]", 0, 1,
	  "Lend a port to another program as RFC 2217, and print where",
	  cmd_export, 0 },
	{ "unexport", "port.unexport", "[PORT]", 0, 1,
	  "Lend a port no longer", cmd_unexport, 0 },
	{ "doctor", NULL, "", 0, 0,
	  "Look for what keeps boards from being flashed", cmd_doctor, 0 },
	{ "jobs", NULL, "", 0, 0,
	  "List the jobs the daemon remembers", cmd_jobs, 0 },
	{ "wait", NULL, "JOB...", 1, COMMAND_ANY,
	  "Follow jobs until they have ended, and show what came out",
	  cmd_wait, 0 },
	{ "cancel", NULL, "JOB...", 1, COMMAND_ANY,
	  "Stop jobs; their chips are still reset", cmd_cancel, 0 },
	{ "status", NULL, "", 0, 0,
	  "Show how the daemon is doing", cmd_status, 0 },
	{ "version", NULL, "", 0, 0,
	  "Show the version of espctl", cmd_version, 0 },
	{ "help", NULL, "[COMMAND]", 0, 1,
	  "Show all commands, or the options of one", cmd_help, 0 },
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
