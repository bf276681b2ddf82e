#include "client/command.h"

#include <string.h>

#include "client/show.h"

enum {			/* letters, in a list of all */
	NAME_WIDTH	= 18,
	OPERANDS_WIDTH	= 22,
};

const struct command commands[] = {
	{ "write-flash", "flash.write", "ADDRESS|PARTITION FILE...", 2,
	  COMMAND_ANY, "Write files to flash and verify them", cmd_write,
	  .options = COMMAND_WRITE | COMMAND_PLACES | COMMAND_TABLE | COMMAND_ESPTOOL },
	{ "flash", "flash.write", "BUILD", 1, 1,
	  "Write all files of an ESP-IDF build, as it says itself", cmd_build,
	  .options = COMMAND_BUILD },
	{ "read-flash", "flash.read",
	  "ADDRESS SIZE|ALL FILE | PARTITION [SIZE|ALL] FILE", 2, 3,
	  "Copy a part of the flash, or a partition, into a file", cmd_read,
	  .options = COMMAND_PLACES | COMMAND_TABLE | COMMAND_ESPTOOL },
	{ "verify-flash", "flash.verify", "ADDRESS|PARTITION FILE...", 2,
	  COMMAND_ANY, "Compare flash with files", cmd_write,
	  .options = COMMAND_VERIFY | COMMAND_PLACES | COMMAND_TABLE | COMMAND_ESPTOOL },
	{ "erase-flash", "flash.erase", "", 0, 0,
	  "Erase the whole flash", cmd_plain, .options = COMMAND_ESPTOOL },
	{ "erase-region", "flash.erase_region",
	  "ADDRESS SIZE|ALL | PARTITION [SIZE|ALL]", 1, 2,
	  "Erase a part of the flash, or a partition", cmd_region,
	  .options = COMMAND_PLACES | COMMAND_TABLE | COMMAND_ESPTOOL },
	{ "flash-id", "flash.id", "", 0, 0,
	  "Show maker, type and size of the flash chip", cmd_plain,
	  .options = COMMAND_ESPTOOL },
	{ "read-flash-status", "flash.status", "", 0, 0,
	  "Read the status registers of the flash chip", cmd_plain,
	  .options = COMMAND_ESPTOOL },
	{ "write-flash-status", "flash.set_status", "VALUE", 1, 1,
	  "Write the status registers of the flash chip", cmd_numbers,
	  .options = COMMAND_ESPTOOL,
	  .numbers = "value" },
	{ "read-flash-sfdp", "flash.sfdp", "ADDRESS [BYTES]", 1, 2,
	  "Read what the flash chip tells of itself", cmd_numbers,
	  .options = COMMAND_ESPTOOL,
	  .numbers = "address size" },
	{ "read-mac", "chip.mac", "", 0, 0,
	  "Show the MAC address", cmd_plain, .options = COMMAND_ESPTOOL },
	{ "chip-id", "chip.id", "", 0, 0,
	  "Show the chip id (ESP8266) or the MAC address", cmd_plain,
	  .options = COMMAND_ESPTOOL },
	{ "get-security-info", "chip.security", "", 0, 0,
	  "Show what secure boot, encryption and keys are set to", cmd_plain,
	  .options = COMMAND_ESPTOOL },
	{ "load-ram", "ram.load", "FILE", 1, 1,
	  "Load a program into RAM and start it", cmd_load_ram,
	  .options = COMMAND_ESPTOOL },
	{ "run", "chip.run", "", 0, 0,
	  "Leave the loader and start what is in flash", cmd_plain,
	  .options = COMMAND_ESPTOOL },
	{ "read-mem", "mem.read", "ADDRESS", 1, 1,
	  "Read a word of memory or a register", cmd_numbers,
	  .options = COMMAND_ESPTOOL,
	  .numbers = "address" },
	{ "write-mem", "mem.write", "ADDRESS VALUE [MASK]", 2, 3,
	  "Write a word of memory or a register", cmd_numbers,
	  .options = COMMAND_ESPTOOL,
	  .numbers = "address value mask" },
	{ "dump-mem", "mem.dump", "ADDRESS SIZE FILE", 3, 3,
	  "Copy a part of the memory into a file", cmd_dump,
	  .options = COMMAND_ESPTOOL },
	{ "elf2image", "image.elf2image", "FILE", 1, 1,
	  "Make an image for the flash from a linked program (ELF)",
	  cmd_elf2image, .options = COMMAND_OUTPUT | COMMAND_ESPTOOL },
	{ "image-info", "image.info", "FILE", 1, 1,
	  "Show what an image holds and whether it is whole", cmd_image_info,
	  .options = COMMAND_ESPTOOL },
	{ "merge-bin", "image.merge", "ADDRESS FILE...", 2, COMMAND_ANY,
	  "Make one file of several: raw, UF2 or Intel HEX", cmd_merge,
	  .options = COMMAND_OUTPUT | COMMAND_ESPTOOL },
	{ "make-image", "image.make", "FILE", 1, 1,
	  "Make an ESP8266 image of files that go to its RAM", cmd_make_image,
	  .options = COMMAND_SEGMENTS | COMMAND_ESPTOOL },
	{ "partition-table", "image.partitions",
	  "TABLE [ADDRESS|PARTITION FILE]...", 1, COMMAND_ANY,
	  "Show and check a partition table; turn CSV into binary and back",
	  cmd_partitions, .options = COMMAND_PLACES | COMMAND_OUTPUT },
	{ "efuse", NULL, "COMMAND...", 1, COMMAND_ANY,
	  "Read eFuses and burn them; \"espctl efuse --help\" lists its "
		"commands", cmd_efuse, .options = 0 },
	{ "secure", NULL, "COMMAND...", 1, COMMAND_ANY,
	  "Keys, signatures and flash encryption; \"espctl secure --help\" "
		"lists its commands", cmd_secure, .options = 0 },
	{ "ports", NULL, "[SELECTOR]", 0, 1,
	  "List the serial ports, or follow their changes", cmd_ports,
	  .options = COMMAND_FOLLOW | COMMAND_FILTER },
	{ "label", NULL, "NAME [SELECTOR]", 1, 2,
	  "Give a port a name of your own", cmd_label, .options = COMMAND_REMOVE },
	{ "labels", NULL, "", 0, 0,
	  "List the names given to ports", cmd_labels, .options = 0 },
	{ "export", "port.export", "[PORT]", 0, 1,
	  "Lend a port to another program as RFC 2217, and print where",
	  cmd_export, .options = 0 },
	{ "unexport", "port.unexport", "[PORT]", 0, 1,
	  "Lend a port no longer", cmd_unexport, .options = 0 },
	{ "doctor", NULL, "", 0, 0,
	  "Look for what keeps boards from being flashed", cmd_doctor, .options = 0 },
	{ "jobs", NULL, "", 0, 0,
	  "List the jobs the daemon remembers", cmd_jobs, .options = 0 },
	{ "wait", NULL, "JOB...", 1, COMMAND_ANY,
	  "Follow jobs until they have ended, and show what came out",
	  cmd_wait, .options = 0 },
	{ "cancel", NULL, "JOB...", 1, COMMAND_ANY,
	  "Stop jobs; their chips are still reset", cmd_cancel, .options = 0 },
	{ "status", NULL, "", 0, 0,
	  "Show how the daemon is doing", cmd_daemon_status, .options = 0 },
	{ "version", NULL, "", 0, 0,
	  "Show the version of espctl", cmd_version, .options = COMMAND_ESPTOOL },
	{ "help", NULL, "[COMMAND]", 0, 1,
	  "Show all commands, or the options of one", cmd_help, .options = 0 },
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

void
command_list(struct show *show, unsigned options)
{
	for (const struct command *k = commands; k->name != NULL; k++) {
		if ((k->options & options) != options)
			continue;
		if (strlen(k->operands) <= OPERANDS_WIDTH)
			show_out(show, "  %-*s %-*s %s", NAME_WIDTH, k->name,
			    OPERANDS_WIDTH, k->operands, k->help);
		else
			show_out(show, "  %-*s %s\n  %-*s %s", NAME_WIDTH,
			    k->name, k->operands, NAME_WIDTH + 1 +
			    OPERANDS_WIDTH, "", k->help);
	}
}
