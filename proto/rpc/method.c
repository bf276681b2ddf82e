#include "proto/rpc/method.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <json-c/json.h>

#include "proto/base/err.h"
#include "proto/base/text.h"

#define JOBS_RESULT	"jobs: the job made for each port, [{job, port}]"
#define WORK_RESULT	"jobs: the one job, [{job}]"
#define JOB_RESULT	"the job: job, method, port, user, state, phase, " \
			"done, total, notes, result or error"

const struct method_param method_job_params[] = {
	{ "port", METHOD_STRINGS, .required = true,
	  .help = "Serial ports: a device, rfc2217://host:port, "
		"socket://host:port, a label, serial=, location=, mac=, vid=, "
		"pid= or name=, or all; one job is made for each" },
	{ "chip", METHOD_STRING, .initial = "auto",
	  .help = "Chip that must be there, such as esp32c3; "
		"auto: whatever it is" },
	{ "baud", METHOD_NUMBER, .initial = "115200", .min = 300,
	  .max = 20000000, .help = "Line rate for the work, bit/s" },
	{ "before", METHOD_CHOICE, .initial = "default-reset",
	  .choices = "default-reset|usb-reset|no-reset|no-reset-no-sync",
	  .help = "How to get the chip into its loader" },
	{ "after", METHOD_CHOICE, .initial = "hard-reset",
	  .choices = "hard-reset|soft-reset|no-reset|no-reset-stub|"
		"watchdog-reset",
	  .help = "How to leave the chip when all is done" },
	{ "stub", METHOD_CHOICE, .choices = "auto|own|espressif|none",
	  .help = "Whose flasher stub does the work; none: the loader in ROM "
		"alone" },
	{ "no_stub", METHOD_BOOL, .initial = "false",
	  .help = "Work with the loader in ROM alone" },
	{ "connect_attempts", METHOD_NUMBER, .initial = "7",
	  .max = 1000000, .help = "Resets to try before giving up; "
		"0: for ever" },
	{ "reset_sequence", METHOD_STRING,
	  .help = "Steps that bring the chip into its loader, such as "
		"D0|R1|W0.1|D1|R0|W0.05|D0" },
	{ "hard_reset_sequence", METHOD_STRING,
	  .help = "Steps that restart the chip, such as R1|W0.1|R0" },
	{ "reattach_s", METHOD_NUMBER, .initial = "10", .max = 86400,
	  .help = "Seconds a board that went away may take to come back; "
		"0: that ends the job" },
	{ "override_vddsdio", METHOD_CHOICE, .choices = "1.8V|1.9V|OFF",
	  .help = "ESP32: supply of the flash, instead of what pin and eFuses "
		"say" },
	{ "trace", METHOD_BOOL, .initial = "false",
	  .help = "Report every packet as an event" },
	{ .name = NULL }
};

/* Words of an image's header. */
#define FLASH_SIZES	"256KB|512KB|1MB|2MB|2MB-c1|4MB|4MB-c1|8MB|16MB|" \
			"32MB|64MB|128MB"
#define FLASH_MODES	"qio|qout|dio|dout"
#define FLASH_FREQS	"80m|60m|48m|40m|30m|26m|24m|20m|16m|15m|12m"

/* Of all jobs that attach the flash. */
#define SPI_PARAM \
	{ "spi_connection", METHOD_STRING, \
	  .help = "Where the flash hangs: SPI, HSPI, or the pins " \
		"CLK,Q,D,HD,CS" }
#define SIZE_PARAM \
	{ "flash_size", METHOD_CHOICE, .initial = "keep", \
	  .choices = "keep|detect|" FLASH_SIZES, \
	  .help = "Size of the flash; keep: as detected, and what an image " \
		"says of it stays" }
#define MODE_PARAM \
	{ "flash_mode", METHOD_CHOICE, .initial = "keep", \
	  .choices = "keep|" FLASH_MODES, \
	  .help = "Flash mode that a bootloader's header is set to" }
#define FREQ_PARAM \
	{ "flash_freq", METHOD_CHOICE, .initial = "keep", \
	  .choices = "keep|" FLASH_FREQS, \
	  .help = "Flash frequency that a bootloader's header is set to" }
#define TABLE_OFFSET_PARAM \
	{ "partition_table_offset", METHOD_SIZE, .initial = "0x8000", \
	  .help = "Where the partition table is in the flash" }
#define TABLE_PARAMS \
	{ "partition_table", METHOD_FILE, \
	  .help = "Partition table, binary or CSV, for the names of " \
		"partitions; without it that in the chip's flash counts" }, \
	TABLE_OFFSET_PARAM
#define FORCE_PARAM(what) \
	{ "force", METHOD_BOOL, .initial = "false", .help = what }

static const struct method_param attach_params[] = {
	SPI_PARAM, SIZE_PARAM,
	{ .name = NULL }
};

static const struct method_param write_params[] = {
	{ "images", METHOD_IMAGES, .required = true, .places = true,
	  .help = "What to write and where" },
	TABLE_PARAMS,
	{ "plain", METHOD_BOOL, .initial = "false",
	  .help = "Send the data uncompressed" },
	{ "erase_all", METHOD_BOOL, .initial = "false",
	  .help = "Erase the whole flash first" },
	{ "skip_flashed", METHOD_BOOL, .initial = "false",
	  .help = "Do not write an image that is in the flash already" },
	{ "trust_flash_content", METHOD_BOOL, .initial = "false",
	  .help = "Where an image and its \"old\" are the same, believe that "
		"the flash holds it" },
	{ "ignore_flash_enc_efuse", METHOD_BOOL, .initial = "false",
	  .help = "Encrypt although the eFuses say that it will not work" },
	FORCE_PARAM("Write although secure boot, flash encryption or the "
	    "image's chip or revision are against it"),
	MODE_PARAM, FREQ_PARAM, SPI_PARAM, SIZE_PARAM,
	{ .name = NULL }
};

static const struct method_param verify_params[] = {
	{ "images", METHOD_IMAGES, .required = true, .places = true,
	  .help = "What should be in the flash and where" },
	TABLE_PARAMS,
	MODE_PARAM, FREQ_PARAM, SPI_PARAM, SIZE_PARAM,
	{ .name = NULL }
};

static const struct method_param merge_params[] = {
	{ "chip", METHOD_STRING, .required = true,
	  .help = "Chip that the files are for, such as esp32c3" },
	{ "images", METHOD_IMAGES, .required = true,
	  .help = "What goes into the file, and where it is in flash" },
	{ "output", METHOD_FDS, .required = true,
	  .help = "Descriptor to write to" },
	{ "format", METHOD_CHOICE, .initial = "raw", .choices = "raw|uf2|hex",
	  .help = "What the file is to be: the bytes as they are in flash, "
		"UF2, or Intel HEX" },
	{ "chunk_size", METHOD_NUMBER, .min = 4,
	  .help = "UF2: bytes of data in a block, a multiple of 4" },
	{ "md5_disable", METHOD_BOOL, .initial = "false",
	  .help = "UF2: no digest in the blocks" },
	{ "target_offset", METHOD_SIZE, .initial = "0",
	  .help = "Raw: where in flash the file begins" },
	{ "pad_to_size", METHOD_SIZE,
	  .help = "Raw: fill it up with FF to a flash of that size" },
	MODE_PARAM, FREQ_PARAM,
	{ "flash_size", METHOD_CHOICE, .initial = "keep",
	  .choices = "keep|" FLASH_SIZES,
	  .help = "Flash size that a bootloader's header is set to" },
	{ .name = NULL }
};

static const struct method_param partitions_params[] = {
	{ "table", METHOD_FILE, .required = true,
	  .help = "Partition table, binary or CSV" },
	{ "chip", METHOD_STRING, .initial = "auto",
	  .help = "Chip that it is for, such as esp32c3" },
	TABLE_OFFSET_PARAM,
	{ "flash_size", METHOD_CHOICE, .initial = "keep",
	  .choices = "keep|detect|" FLASH_SIZES,
	  .help = "Size of the flash, which must have room for all of them; "
		"keep, detect: not known" },
	{ "images", METHOD_IMAGES, .places = true,
	  .help = "Files that must fit where they go" },
	{ "output", METHOD_FDS,
	  .help = "Descriptor to write the table to" },
	{ "format", METHOD_CHOICE, .choices = "binary|csv",
	  .help = "In which form; without it in the other one than it has" },
	{ "no_md5", METHOD_BOOL, .initial = "false",
	  .help = "Binary: without the MD5 that bootloaders before ESP-IDF "
		"3.1 do not know" },
	{ .name = NULL }
};

static const struct method_param make_params[] = {
	{ "images", METHOD_IMAGES, .required = true,
	  .help = "The segments; their offset is an address in RAM" },
	{ "entry", METHOD_NUMBER, .initial = "0",
	  .help = "Address that the program is entered at" },
	{ "output", METHOD_FDS, .required = true,
	  .help = "Descriptor to write to" },
	{ .name = NULL }
};

static const struct method_param erase_params[] = {
	FORCE_PARAM("Erase although secure boot or flash encryption is on"),
	SPI_PARAM, SIZE_PARAM,
	{ .name = NULL }
};

static const struct method_param read_params[] = {
	{ "offset", METHOD_PLACE, .required = true,
	  .help = "First address in the flash, or the name of a partition" },
	{ "size", METHOD_EXTENT, .required = true, .min = 1,
	  .help = "How much to read, bytes; all: up to the end of the "
		"flash, or of the partition" },
	TABLE_PARAMS,
	{ "output", METHOD_FDS, .required = true,
	  .help = "Descriptors to write to, one for each port" },
	SPI_PARAM, SIZE_PARAM,
	{ .name = NULL }
};

static const struct method_param region_params[] = {
	{ "offset", METHOD_PLACE, .required = true,
	  .help = "First address, a multiple of 4096, or the name of a "
		"partition" },
	{ "size", METHOD_EXTENT, .required = true, .min = 1,
	  .help = "How much to erase, bytes; a multiple of 4096; all: up "
		"to the end of the flash, or of the partition" },
	TABLE_PARAMS,
	FORCE_PARAM("Erase although secure boot or flash encryption is on"),
	SPI_PARAM, SIZE_PARAM,
	{ .name = NULL }
};

static const struct method_param ram_params[] = {
	{ "image", METHOD_FILE, .required = true,
	  .help = "Program to load; it tells where its parts go" },
	{ .name = NULL }
};

static const struct method_param mem_read_params[] = {
	{ "address", METHOD_NUMBER, .required = true,
	  .help = "Of the word, in the chip's address space; a multiple of 4" },
	{ .name = NULL }
};

static const struct method_param mem_write_params[] = {
	{ "address", METHOD_NUMBER, .required = true,
	  .help = "Of the word, in the chip's address space; a multiple of 4" },
	{ "value", METHOD_NUMBER, .required = true,
	  .help = "What to write, 32 bits" },
	{ "mask", METHOD_NUMBER, .initial = "0xffffffff",
	  .help = "Bits to write; the others keep what they are" },
	{ .name = NULL }
};

static const struct method_param mem_dump_params[] = {
	{ "address", METHOD_NUMBER, .required = true,
	  .help = "First byte, in the chip's address space" },
	{ "size", METHOD_SIZE, .required = true, .min = 1,
	  .help = "How much to copy, bytes" },
	{ "output", METHOD_FDS, .required = true,
	  .help = "Descriptors to write to, one for each port" },
	{ .name = NULL }
};

#define BYTES_PARAM \
	{ "bytes", METHOD_NUMBER, .initial = "2", .min = 1, .max = 3, \
	  .help = "How many of the flash chip's status registers" }

static const struct method_param status_params[] = {
	BYTES_PARAM, SPI_PARAM, SIZE_PARAM,
	{ .name = NULL }
};

static const struct method_param set_status_params[] = {
	{ "value", METHOD_NUMBER, .required = true, .max = 0xffffff,
	  .help = "What they shall hold, the first one in the low byte" },
	{ "non_volatile", METHOD_BOOL, .initial = "false",
	  .help = "Also after the flash chip's next power cycle" },
	BYTES_PARAM, SPI_PARAM, SIZE_PARAM,
	{ .name = NULL }
};

static const struct method_param sfdp_params[] = {
	{ "address", METHOD_NUMBER, .required = true, .max = 0xffffff,
	  .help = "First byte within what the flash chip tells of itself" },
	{ "size", METHOD_NUMBER, .initial = "4", .min = 1, .max = 64,
	  .help = "How much to read, bytes" },
	SPI_PARAM, SIZE_PARAM,
	{ .name = NULL }
};

static const struct method_param elf2image_params[] = {
	{ "chip", METHOD_STRING, .required = true,
	  .help = "Chip the image is for, such as esp32c3" },
	{ "elf", METHOD_FILE, .required = true,
	  .help = "The linked program, an ELF file" },
	{ "output", METHOD_FDS, .required = true,
	  .help = "The file to make; two for version 1 of the ESP8266, the "
		"second for what runs from flash" },
	{ "version", METHOD_NUMBER, .initial = "1", .min = 1, .max = 3,
	  .help = "ESP8266: the form of the image" },
	{ "use_segments", METHOD_BOOL, .initial = "false",
	  .help = "Take the program's segments, not its sections" },
	{ "elf_sha256_offset", METHOD_NUMBER,
	  .help = "Where in the image the SHA-256 of the ELF file goes, "
		"bytes; without it, into an application's description" },
	{ "min_rev", METHOD_NUMBER, .initial = "0", .max = 255,
	  .help = "Lowest chip revision, as old bootloaders read it" },
	{ "min_rev_full", METHOD_NUMBER, .initial = "0", .max = 65535,
	  .help = "Lowest chip revision, major * 100 + minor" },
	{ "max_rev_full", METHOD_NUMBER, .initial = "65535", .max = 65535,
	  .help = "Highest chip revision, major * 100 + minor" },
	{ "secure_pad", METHOD_BOOL, .initial = "false",
	  .help = "ESP32: fill up, so that with a signature of secure boot "
		"version 1 it ends at 64 KB" },
	{ "secure_pad_v2", METHOD_BOOL, .initial = "false",
	  .help = "Fill up, so that the signature of secure boot version 2 "
		"begins a page" },
	{ "dont_append_digest", METHOD_BOOL, .initial = "false",
	  .help = "No SHA-256 of the image at its end" },
	{ "flash_mmu_page_size", METHOD_CHOICE,
	  .choices = "8KB|16KB|32KB|64KB|128KB|256KB",
	  .help = "Pages in which flash shows in memory; without it, as the "
		"program says" },
	{ "pad_to_size", METHOD_STRING,
	  .help = "Fill up with FF to a multiple of that, such as 64KB or "
		"4MB" },
	{ "ram_only_header", METHOD_BOOL, .initial = "false",
	  .help = "Show the loader in ROM only what goes to RAM; no digest" },
	{ "flash_mode", METHOD_CHOICE, .initial = "qio",
	  .choices = FLASH_MODES, .help = "Flash mode in the header" },
	{ "flash_freq", METHOD_CHOICE,
	  .choices = FLASH_FREQS,
	  .help = "Flash frequency in the header; without it, the chip's "
		"usual" },
	{ "flash_size", METHOD_CHOICE, .initial = "1MB",
	  .choices = FLASH_SIZES, .help = "Flash size in the header" },
	{ .name = NULL }
};

static const struct method_param info_params[] = {
	{ "chip", METHOD_STRING, .initial = "auto",
	  .help = "Chip the image is for, such as esp32c3; auto: whatever "
		"its header says" },
	{ "image", METHOD_FILE, .required = true,
	  .help = "An image, or Intel HEX or UF2 with one or more of them" },
	{ .name = NULL }
};

#define FUSES_TABLE_PARAM \
	{ "table", METHOD_FILE, \
	  .help = "Further fields that a user named, as CSV " \
		"(esp_efuse_custom_table.csv of ESP-IDF)" }

static const struct method_param fuses_params[] = {
	{ "names", METHOD_STRINGS,
	  .help = "Fields to tell; without it all of them" },
	FUSES_TABLE_PARAM,
	{ .name = NULL }
};

static const struct method_param fuse_params[] = {
	{ "name", METHOD_STRING, .required = true,
	  .help = "Field to tell, such as MAC" },
	FUSES_TABLE_PARAM,
	{ .name = NULL }
};

static const struct method_param dump_params[] = {
	{ "fresh", METHOD_BOOL, .initial = "false",
	  .help = "Have the chip's controller read its eFuses anew first: what "
		"a burn that was cut short has left shows then" },
	{ .name = NULL }
};

static const struct method_param plan_params[] = {
	{ "wishes", METHOD_WISHES, .required = true,
	  .help = "What shall be burned, each {burn, command, name, value, "
		"purpose, bits, offset, fd, ...}" },
	{ "postpone", METHOD_BOOL, .initial = "true",
	  .help = "Burn what protects or locks out last, when all else of "
		"BLOCK0 was seen to be right" },
	FUSES_TABLE_PARAM,
	{ .name = NULL }
};

static const struct method_param burn_params[] = {
	{ "token", METHOD_STRING, .required = true,
	  .help = "What efuse.plan answered for that one port" },
	{ .name = NULL }
};

static const struct method_param job_params[] = {
	{ "job", METHOD_NUMBER, .required = true, .min = 1,
	  .help = "Number of the job" },
	{ .name = NULL }
};

static const struct method_param wait_params[] = {
	{ "job", METHOD_NUMBER, .required = true, .min = 1,
	  .help = "Number of the job" },
	{ "timeout_ms", METHOD_NUMBER, .initial = "0",
	  .help = "How long to wait, milliseconds; 0: for ever" },
	{ .name = NULL }
};

static const struct method_param subscribe_params[] = {
	{ "job", METHOD_NUMBER, .min = 1,
	  .help = "Only events of this job" },
	{ "port", METHOD_STRINGS,
	  .help = "Only events of these ports" },
	{ "types", METHOD_STRINGS,
	  .help = "Only events of these types, such as job.state; "
		"without it all but job.trace" },
	{ .name = NULL }
};

static const struct method_param list_params[] = {
	{ "select", METHOD_STRING,
	  .help = "Only the ports that this selector fits" },
	{ .name = NULL }
};

static const struct method_param find_params[] = {
	{ "port", METHOD_STRINGS, .required = true,
	  .help = "Selectors, as in the jobs" },
	{ .name = NULL }
};

static const struct method_param label_params[] = {
	{ "label", METHOD_STRING, .required = true,
	  .help = "1 to 47 letters, digits, '-', '_' and '.'" },
	{ "select", METHOD_STRING,
	  .help = "Selector it stands for; without it the label is removed" },
	{ .name = NULL }
};

static const struct method_param export_params[] = {
	{ "port", METHOD_STRING, .required = true,
	  .help = "Selector of one port" },
	{ "listen", METHOD_STRING, .initial = "0",
	  .help = "Where: a TCP port of 127.0.0.1 (0: any free one), "
		"[::1]:port, or unix" },
	{ .name = NULL }
};

static const struct method_param unexport_params[] = {
	{ "port", METHOD_STRING, .required = true,
	  .help = "Selector of one port" },
	{ .name = NULL }
};

static const struct method_param hello_params[] = {
	{ "client", METHOD_STRING,
	  .help = "Name and version of the client, for the log" },
	{ .name = NULL }
};

const struct method methods[] = {
	{ "flash.write", "Write images to flash and verify them",
	  write_params, JOBS_RESULT, METHOD_JOB },
	{ "flash.read", "Copy flash into files",
	  read_params, JOBS_RESULT, METHOD_JOB },
	{ "flash.verify", "Compare flash with images by their MD5",
	  verify_params, JOBS_RESULT, METHOD_JOB },
	{ "flash.erase", "Erase the whole flash",
	  erase_params, JOBS_RESULT, METHOD_JOB },
	{ "flash.erase_region", "Erase a part of the flash",
	  region_params, JOBS_RESULT, METHOD_JOB },
	{ "flash.id", "Ask the flash chip what it is",
	  attach_params, JOBS_RESULT, METHOD_JOB },
	{ "flash.status", "Read the flash chip's status registers",
	  status_params, JOBS_RESULT, METHOD_JOB },
	{ "flash.set_status", "Write the flash chip's status registers",
	  set_status_params, JOBS_RESULT, METHOD_JOB },
	{ "flash.sfdp", "Read what the flash chip tells of itself (SFDP)",
	  sfdp_params, JOBS_RESULT, METHOD_JOB },
	{ "chip.mac", "Read the MAC address of the chip",
	  NULL, JOBS_RESULT, METHOD_JOB },
	{ "chip.id", "Read the chip id (ESP8266) or the MAC address",
	  NULL, JOBS_RESULT, METHOD_JOB },
	{ "chip.security", "Tell the chip's security settings",
	  NULL, JOBS_RESULT, METHOD_JOB },
	{ "chip.run", "Start the program in flash",
	  NULL, JOBS_RESULT, METHOD_JOB },
	{ "ram.load", "Load a program into RAM and start it",
	  ram_params, JOBS_RESULT, METHOD_JOB },
	{ "mem.read", "Read a word of memory or a register of the chip",
	  mem_read_params, JOBS_RESULT, METHOD_JOB },
	{ "mem.write", "Write a word of memory or a register of the chip",
	  mem_write_params, JOBS_RESULT, METHOD_JOB },
	{ "mem.dump", "Copy memory of the chip into files",
	  mem_dump_params, JOBS_RESULT, METHOD_JOB },
	{ "efuse.summary", "Tell what the eFuses of the chip mean",
	  fuses_params, JOBS_RESULT, METHOD_JOB },
	{ "efuse.dump", "Read all that the eFuses of the chip hold",
	  dump_params, JOBS_RESULT, METHOD_JOB },
	{ "efuse.read", "Tell what one eFuse of the chip means",
	  fuse_params, JOBS_RESULT, METHOD_JOB },
	{ "efuse.check", "Tell which eFuses the chip reads with errors",
	  NULL, JOBS_RESULT, METHOD_JOB },
	{ "efuse.plan", "Plan what to burn into eFuses and what it would do",
	  plan_params, JOBS_RESULT, METHOD_JOB },
	{ "efuse.burn", "Burn what was planned, for ever",
	  burn_params, JOBS_RESULT, METHOD_JOB },
	{ "image.elf2image", "Make an image from a linked program",
	  elf2image_params, WORK_RESULT, METHOD_WORK },
	{ "image.info", "Tell what an image holds and whether it is whole",
	  info_params, WORK_RESULT, METHOD_WORK },
	{ "image.make", "Make an ESP8266 image of files that go to its RAM",
	  make_params, WORK_RESULT, METHOD_WORK },
	{ "image.merge", "Make one file of several",
	  merge_params, WORK_RESULT, METHOD_WORK },
	{ "image.partitions", "Tell what a partition table says and whether it "
		"is sound", partitions_params, WORK_RESULT, METHOD_WORK },
	{ "port.list", "List the serial ports", list_params,
	  "ports: [{port, kind, state, driver, description, serial, location, "
		"interface, vid, pid, by_id, adapter, search, labels, chip, "
		"mac, recipe, holder, export, export_client, job, user, "
		"phase, waiting}], labels: [{label, select}]", 0 },
	{ "port.find", "Tell which ports selectors stand for",
	  find_params, "ports: as port.list shows them, each once", 0 },
	{ "port.label", "Give a selector a name, or take the name away",
	  label_params, "label, select", 0 },
	{ "port.export", "Lend a port to other programs over RFC 2217 while "
		"no job needs it", export_params, "port, url", 0 },
	{ "port.unexport", "End that", unexport_params, "port", 0 },
	{ "job.list", "List the jobs the daemon remembers",
	  NULL, "jobs: the jobs, as job.get shows them", 0 },
	{ "job.get", "Show a job", job_params, JOB_RESULT, 0 },
	{ "job.wait", "Answer when a job has ended",
	  wait_params, JOB_RESULT, 0 },
	{ "job.cancel", "Stop a job; its chip is still reset",
	  job_params, JOB_RESULT, 0 },
	{ "events.subscribe", "Send events on this connection",
	  subscribe_params, "seq: number of the last event so far", 0 },
	{ "events.unsubscribe", "Send no more events on this connection",
	  NULL, "seq: number of the last event so far", 0 },
	{ "daemon.status", "Tell how the daemon is doing",
	  NULL, "version, api, boot_id, pid, uptime_s, clients, "
		"and counts of jobs and ports", 0 },
	{ "session.hello", "Introduce the client",
	  hello_params, "api, server, boot_id, limits", 0 },
	{ "rpc.discover", "Describe all methods (OpenRPC)",
	  NULL, "an OpenRPC document", 0 },
	{ .name = NULL }
};

const struct method *
method_find(const char *name)
{
	for (const struct method *m = methods; m->name != NULL; m++)
		if (strcmp(m->name, name) == 0)
			return m;
	return NULL;
}

/* The table at hand: 0 is the method's own, 1 the common one of jobs. */
static const struct method_param *
method_table(const struct method *m, int which)
{
	static const struct method_param	none[] = { { .name = NULL } };

	if (which == 0)
		return m->params != NULL ? m->params : none;
	return m->flags & METHOD_JOB ? method_job_params : none;
}

const struct method_param *
method_param(const struct method *m, const char *name)
{
	for (int i = 0; i < 2; i++)
		for (const struct method_param *p = method_table(m, i);
		    p->name != NULL; p++)
			if (strcmp(p->name, name) == 0)
				return p;
	return NULL;
}

/* What a check needs besides the value. */
struct check {
	unsigned	 fd_count;
	struct why	*why;
};

static int
check_bad(struct check *c, const char *name, const char *wanted)
{
	return why_set(c->why, ERR_PARAMS, "parameter \"%s\": %s", name,
	    wanted);
}

/* A whole number, as JSON or as text; sizes may have a suffix. */
static int
check_u32(struct check *c, const char *name, enum method_type type,
    struct json_object *v, uint32_t *value)
{
	const char	*s;
	int64_t		 n;

	if (json_object_is_type(v, json_type_string)) {
		s = json_object_get_string(v);
		/* The length tells of a NUL inside. */
		if (strlen(s) == (size_t)json_object_get_string_len(v) &&
		    (type == METHOD_NUMBER ? text_u32(s, value) :
		    text_size(s, value)) == 0)
			return 0;
	} else if (json_object_is_type(v, json_type_int)) {
		n = json_object_get_int64(v);
		if (n >= 0 && n <= UINT32_MAX) {
			*value = (uint32_t)n;
			return 0;
		}
	}
	return check_bad(c, name, type == METHOD_NUMBER ?
	    "a whole number is wanted, such as 7 or \"0x7\"" :
	    "a number of bytes is wanted, such as 4096, \"0x1000\" or \"4k\", "
	    "below 4 GB");
}

int
method_place(const char *word, uint32_t *address, const char **partition)
{
	static const char	prefix[] = "partition=";
	size_t			len;

	*partition = NULL;
	if (text_size(word, address) == 0)
		return 0;
	if (strncmp(word, prefix, sizeof prefix - 1) == 0)
		word += sizeof prefix - 1;
	else if (word[0] == '-' || (word[0] >= '0' && word[0] <= '9'))
		return ERR_PARAMS;
	len = strlen(word);
	if (len == 0 || len > METHOD_NAME_MAX)
		return ERR_PARAMS;
	*partition = word;
	return 0;
}

/* An address, or the name of a partition. */
static int
check_place(struct check *c, const char *name, struct json_object *v,
    struct json_object **out)
{
	const char	*s, *partition = NULL;
	uint32_t	 address;
	int		 r;

	if (json_object_is_type(v, json_type_string)) {
		s = json_object_get_string(v);
		if (strlen(s) != (size_t)json_object_get_string_len(v) ||
		    method_place(s, &address, &partition) < 0)
			return check_bad(c, name, "an address in flash is "
			    "wanted, such as 65536, \"0x10000\" or \"64k\", "
			    "below 4 GB, or the name of a partition, at most "
			    "16 bytes (\"partition=NAME\" when it begins with "
			    "a digit)");
	} else if ((r = check_u32(c, name, METHOD_SIZE, v, &address)) < 0)
		return r;
	*out = partition != NULL ? json_object_new_string(partition) :
	    json_object_new_int64(address);
	return 0;
}

static bool
check_is_all(const struct method_param *p, struct json_object *v)
{
	return p->type == METHOD_EXTENT &&
	    json_object_is_type(v, json_type_string) &&
	    strcasecmp(json_object_get_string(v), "all") == 0;
}

static int
check_number(struct check *c, const struct method_param *p,
    struct json_object *v, struct json_object **out)
{
	uint32_t	n;
	int		r;

	if (check_is_all(p, v)) {
		*out = json_object_new_int64(0);
		return 0;
	}
	if ((r = check_u32(c, p->name, p->type, v, &n)) < 0)
		return r;
	if (n < p->min)
		return why_set(c->why, ERR_PARAMS, "parameter \"%s\": %u is "
		    "too small, it must be at least %u", p->name, n, p->min);
	if (p->max != 0 && n > p->max)
		return why_set(c->why, ERR_PARAMS, "parameter \"%s\": %u is "
		    "too large, it may be at most %u", p->name, n, p->max);
	*out = json_object_new_int64(n);
	return 0;
}

static int
check_string(struct check *c, const char *name, struct json_object *v,
    struct json_object **out)
{
	const char	*s;

	if (!json_object_is_type(v, json_type_string))
		return check_bad(c, name, "a string is wanted");
	s = json_object_get_string(v);
	if (s[0] == '\0' || strlen(s) != (size_t)json_object_get_string_len(v))
		return check_bad(c, name, "it is empty or has a NUL in it");
	*out = json_object_new_string(s);
	return 0;
}

static int
check_choice(struct check *c, const struct method_param *p,
    struct json_object *v, struct json_object **out)
{
	if (json_object_is_type(v, json_type_string) &&
	    text_choice(p->choices, json_object_get_string(v))) {
		*out = json_object_get(v);
		return 0;
	}
	return why_set(c->why, ERR_PARAMS, "parameter \"%s\": one of %s is "
	    "wanted", p->name, p->choices);
}

static int
check_bool(struct check *c, const char *name, struct json_object *v,
    struct json_object **out)
{
	if (!json_object_is_type(v, json_type_boolean))
		return check_bad(c, name, "true or false is wanted");
	*out = json_object_get(v);
	return 0;
}

static int
check_fd(struct check *c, const char *name, struct json_object *v,
    struct json_object **out)
{
	int64_t	n;

	if (!json_object_is_type(v, json_type_int))
		return check_bad(c, name, "the index of a descriptor sent "
		    "along is wanted");
	n = json_object_get_int64(v);
	if (n < 0 || n >= (int64_t)c->fd_count)
		return why_set(c->why, ERR_PARAMS, "parameter \"%s\": there "
		    "is no descriptor %lld, %u came along", name, (long long)n,
		    c->fd_count);
	*out = json_object_new_int64(n);
	return 0;
}

/* One member of a file, or of an image, into the checked one. */
static int
check_file_member(struct check *c, const struct method_param *p,
    const char *key, struct json_object *v, struct json_object *file)
{
	bool			 image = p->type == METHOD_IMAGES;
	struct json_object	*o = NULL;
	char			 name[32];
	uint32_t		 offset;
	int			 r;

	(void)snprintf(name, sizeof name, "%s.%.12s", p->name, key);
	if (strcmp(key, "fd") == 0 || (image && strcmp(key, "old") == 0))
		r = check_fd(c, name, v, &o);
	else if (strcmp(key, "name") == 0)
		r = check_string(c, name, v, &o);
	else if (p->places && strcmp(key, "offset") == 0)
		r = check_place(c, name, v, &o);
	else if (image && strcmp(key, "offset") == 0) {
		r = check_u32(c, name, METHOD_SIZE, v, &offset);
		if (r == 0)
			o = json_object_new_int64(offset);
	} else if (image && strcmp(key, "encrypt") == 0)
		r = check_bool(c, name, v, &o);
	else
		return why_set(c->why, ERR_PARAMS, "parameter \"%s\": there is "
		    "no member \"%.40s\"", p->name, key);
	if (r == 0)
		json_object_object_add(file, key, o);
	return r;
}

static bool
has(struct json_object *o, const char *key)
{
	return json_object_object_get_ex(o, key, NULL);
}

/* What a file was not given and can do without. */
static int
check_file_rest(struct check *c, const struct method_param *p, size_t i,
    struct json_object *file)
{
	bool	image = p->type == METHOD_IMAGES;
	char	name[32];

	if (!has(file, "fd") || (image && !has(file, "offset")))
		return check_bad(c, p->name, image ?
		    "each must have \"offset\" and \"fd\"" :
		    "it must have \"fd\"");
	if (!has(file, "name")) {
		(void)snprintf(name, sizeof name, "image %zu", i + 1);
		json_object_object_add(file, "name",
		    json_object_new_string(name));
	}
	if (image && !has(file, "encrypt"))
		json_object_object_add(file, "encrypt",
		    json_object_new_boolean(false));
	return 0;
}

/* A file, or image number `i`. */
static int
check_file(struct check *c, const struct method_param *p,
    struct json_object *v, size_t i, struct json_object **out)
{
	struct json_object	*file;
	int			 r = 0;

	if (!json_object_is_type(v, json_type_object))
		return check_bad(c, p->name, p->type == METHOD_IMAGES ?
		    "each is an object with \"offset\" and \"fd\"" :
		    "an object with \"fd\" is wanted");
	file = json_object_new_object();
	json_object_object_foreach(v, key, member) {
		if (member != NULL && r == 0)
			r = check_file_member(c, p, key, member, file);
	}
	if (r == 0)
		r = check_file_rest(c, p, i, file);
	if (r < 0)
		json_object_put(file);
	else
		*out = file;
	return r;
}

/* One element of an array parameter. */
static int
check_element(struct check *c, const struct method_param *p,
    struct json_object *v, size_t i, struct json_object **out)
{
	if (p->type == METHOD_STRINGS)
		return check_string(c, p->name, v, out);
	if (p->type == METHOD_FDS)
		return check_fd(c, p->name, v, out);
	return check_file(c, p, v, i, out);
}

/* An element that stands in the array already: a port twice, or one file for
 * two boards, cannot be meant. */
static bool
check_twice(struct json_object *array, struct json_object *v)
{
	for (size_t i = 0; i < json_object_array_length(array); i++)
		if (json_object_equal(json_object_array_get_idx(array, i), v))
			return true;
	return false;
}

static int
check_array(struct check *c, const struct method_param *p,
    struct json_object *v, struct json_object **out)
{
	struct json_object	*array, *o;
	size_t			 n;
	int			 r = 0;

	if (p->type != METHOD_IMAGES &&
	    !json_object_is_type(v, json_type_array)) {
		if ((r = check_element(c, p, v, 0, &o)) < 0)
			return r;
		*out = json_object_new_array();
		(void)json_object_array_add(*out, o);
		return 0;
	}
	if (!json_object_is_type(v, json_type_array) ||
	    (n = json_object_array_length(v)) == 0)
		return check_bad(c, p->name, "an array with something in it "
		    "is wanted");
	if (p->type == METHOD_IMAGES && n > METHOD_IMAGES_MAX)
		return why_set(c->why, ERR_PARAMS, "parameter \"%s\": %zu "
		    "images are too many, %d are possible", p->name, n,
		    METHOD_IMAGES_MAX);
	array = json_object_new_array();
	for (size_t i = 0; i < n && r == 0; i++) {
		r = check_element(c, p, json_object_array_get_idx(v, i), i, &o);
		if (r < 0)
			break;
		if (check_twice(array, o))
			r = why_set(c->why, ERR_PARAMS, "parameter \"%s\": %s "
			    "is there twice", p->name,
			    json_object_get_string(o));
		(void)json_object_array_add(array, o);
	}
	if (r < 0)
		json_object_put(array);
	else
		*out = array;
	return r;
}

/* The descriptor of a wish: there, and no other one's. */
static int
check_wish_fd(struct check *c, const struct method_param *p,
    struct json_object *array, struct json_object *wish)
{
	struct json_object	*fd, *other, *same, *checked;
	int			 r;

	if (!json_object_object_get_ex(wish, "fd", &fd))
		return 0;
	if ((r = check_fd(c, "wishes.fd", fd, &checked)) < 0)
		return r;
	json_object_put(checked);
	for (size_t i = 0; i < json_object_array_length(array); i++) {
		other = json_object_array_get_idx(array, i);
		if (json_object_object_get_ex(other, "fd", &same) &&
		    json_object_equal(same, fd))
			return check_bad(c, p->name, "a descriptor is there "
			    "twice");
	}
	return 0;
}

/* What they say is read by who carries them out. */
static int
check_wishes(struct check *c, const struct method_param *p,
    struct json_object *v, struct json_object **out)
{
	struct json_object	*array;
	size_t			 n;
	int			 r = 0;

	if (!json_object_is_type(v, json_type_array) ||
	    (n = json_object_array_length(v)) == 0)
		return check_bad(c, p->name, "an array with something in it "
		    "is wanted");
	if (n > METHOD_WISHES_MAX)
		return why_set(c->why, ERR_PARAMS, "parameter \"%s\": %zu "
		    "are too many, %d are possible", p->name, n,
		    METHOD_WISHES_MAX);
	array = json_object_new_array();
	for (size_t i = 0; i < n && r == 0; i++) {
		struct json_object	*o = json_object_array_get_idx(v, i);

		if (!json_object_is_type(o, json_type_object))
			r = check_bad(c, p->name, "each is an object with "
			    "\"burn\"");
		else
			r = check_wish_fd(c, p, array, o);
		(void)json_object_array_add(array, json_object_get(o));
	}
	if (r < 0)
		json_object_put(array);
	else
		*out = array;
	return r;
}

static int
check_value(struct check *c, const struct method_param *p,
    struct json_object *v, struct json_object **out)
{
	switch (p->type) {
	case METHOD_STRING:
		return check_string(c, p->name, v, out);
	case METHOD_NUMBER:
	case METHOD_SIZE:
	case METHOD_EXTENT:
		return check_number(c, p, v, out);
	case METHOD_PLACE:
		return check_place(c, p->name, v, out);
	case METHOD_BOOL:
		return check_bool(c, p->name, v, out);
	case METHOD_CHOICE:
		return check_choice(c, p, v, out);
	case METHOD_FD:
		return check_fd(c, p->name, v, out);
	case METHOD_FILE:
		return check_file(c, p, v, 0, out);
	case METHOD_STRINGS:
	case METHOD_FDS:
	case METHOD_IMAGES:
		return check_array(c, p, v, out);
	case METHOD_WISHES:
		return check_wishes(c, p, v, out);
	}
	return ERR_INTERNAL;
}

/* The value for a parameter that was left out. */
static struct json_object *
method_initial(const struct method_param *p)
{
	uint32_t	n = 0;

	if (p->type == METHOD_BOOL)
		return json_object_new_boolean(strcmp(p->initial, "true") == 0);
	if (p->type == METHOD_NUMBER)
		(void)text_u32(p->initial, &n);		/* our own table */
	else if (p->type == METHOD_SIZE || p->type == METHOD_EXTENT)
		(void)text_size(p->initial, &n);
	else
		return json_object_new_string(p->initial);
	return json_object_new_int64(n);
}

static int
check_param(struct check *c, const struct method_param *p,
    struct json_object *params, struct json_object *checked)
{
	struct json_object	*v = NULL, *o;
	int			 r;

	if (params != NULL)
		(void)json_object_object_get_ex(params, p->name, &v);
	if (v != NULL) {
		if ((r = check_value(c, p, v, &o)) < 0)
			return r;
		json_object_object_add(checked, p->name, o);
		return 0;
	}
	if (p->required)
		return check_bad(c, p->name, "it is missing");
	if (p->initial != NULL)
		json_object_object_add(checked, p->name, method_initial(p));
	return 0;
}

/* One descriptor for each port, neither more nor less. */
static int
check_counts(struct check *c, const struct method *m,
    struct json_object *checked)
{
	struct json_object	*fds, *ports;

	if (!(m->flags & METHOD_JOB) ||
	    !json_object_object_get_ex(checked, "port", &ports))
		return 0;
	for (const struct method_param *p = method_table(m, 0);
	    p->name != NULL; p++) {
		if (p->type != METHOD_FDS ||
		    !json_object_object_get_ex(checked, p->name, &fds))
			continue;
		if (json_object_array_length(fds) !=
		    json_object_array_length(ports))
			return check_bad(c, p->name,
			    "one descriptor for each port is wanted");
	}
	return 0;
}

int
method_check(const struct method *m, struct json_object *params,
    unsigned fd_count, struct json_object **checked, struct why *why)
{
	struct check		 c = { .fd_count = fd_count, .why = why };
	struct json_object	*result;
	int			 r = 0;

	if (params != NULL && !json_object_is_type(params, json_type_object))
		return why_set(why, ERR_PARAMS, "parameters go by name, in an "
		    "object");
	if (params != NULL) {
		json_object_object_foreach(params, key, v) {
			if (v != NULL && method_param(m, key) == NULL)
				return why_set(why, ERR_PARAMS, "%s has no "
				    "parameter \"%.64s\"", m->name, key);
		}
	}
	result = json_object_new_object();
	for (int i = 0; i < 2 && r == 0; i++)
		for (const struct method_param *p = method_table(m, i);
		    p->name != NULL && r == 0; p++)
			r = check_param(&c, p, params, result);
	if (r == 0)
		r = check_counts(&c, m, result);
	if (r < 0)
		json_object_put(result);
	else
		*checked = result;
	return r;
}

int
method_check_value(const struct method_param *p, struct json_object *value,
    struct json_object **checked, struct why *why)
{
	struct check	c = { .why = why };

	return check_value(&c, p, value, checked);
}

static struct json_object *
schema_type(const char *type)
{
	struct json_object	*o = json_object_new_object();

	json_object_object_add(o, "type", json_object_new_string(type));
	return o;
}

/* A number, or a text for it. */
static struct json_object *
schema_number(void)
{
	struct json_object	*o = json_object_new_object();
	struct json_object	*either = json_object_new_array();

	(void)json_object_array_add(either, schema_type("integer"));
	(void)json_object_array_add(either, schema_type("string"));
	json_object_object_add(o, "oneOf", either);
	return o;
}

static struct json_object *
schema_choice(const char *choices)
{
	struct json_object	*o = schema_type("string");
	struct json_object	*words = json_object_new_array();
	size_t			 len;

	do {
		len = strcspn(choices, "|");
		(void)json_object_array_add(words,
		    json_object_new_string_len(choices, (int)len));
		choices += len;
	} while (*choices++ != '\0');
	json_object_object_add(o, "enum", words);
	return o;
}

static struct json_object *
schema_array(struct json_object *items)
{
	struct json_object	*o = schema_type("array");

	json_object_object_add(o, "items", items);
	json_object_object_add(o, "minItems", json_object_new_int(1));
	return o;
}

static struct json_object *
schema_file(bool image)
{
	struct json_object	*o = schema_type("object");
	struct json_object	*members = json_object_new_object();
	struct json_object	*required = json_object_new_array();

	json_object_object_add(members, "fd", schema_type("integer"));
	json_object_object_add(members, "name", schema_type("string"));
	(void)json_object_array_add(required, json_object_new_string("fd"));
	if (image) {
		json_object_object_add(members, "offset", schema_number());
		json_object_object_add(members, "encrypt",
		    schema_type("boolean"));
		json_object_object_add(members, "old", schema_type("integer"));
		(void)json_object_array_add(required,
		    json_object_new_string("offset"));
	}
	json_object_object_add(o, "properties", members);
	json_object_object_add(o, "required", required);
	return o;
}

static struct json_object *
schema(const struct method_param *p)
{
	switch (p->type) {
	case METHOD_STRING:
		return schema_type("string");
	case METHOD_STRINGS:
		return schema_array(schema_type("string"));
	case METHOD_NUMBER:
	case METHOD_SIZE:
	case METHOD_EXTENT:
	case METHOD_PLACE:
		return schema_number();
	case METHOD_BOOL:
		return schema_type("boolean");
	case METHOD_CHOICE:
		return schema_choice(p->choices);
	case METHOD_FD:
		return schema_type("integer");
	case METHOD_FDS:
		return schema_array(schema_type("integer"));
	case METHOD_IMAGES:
		return schema_array(schema_file(true));
	case METHOD_FILE:
		return schema_file(false);
	case METHOD_WISHES:
		return schema_array(schema_type("object"));
	}
	return NULL;
}

static struct json_object *
discover_param(const struct method_param *p)
{
	struct json_object	*o = json_object_new_object(), *s = schema(p);

	json_object_object_add(o, "name", json_object_new_string(p->name));
	json_object_object_add(o, "description",
	    json_object_new_string(p->help));
	json_object_object_add(o, "required",
	    json_object_new_boolean(p->required));
	if (p->initial != NULL)
		json_object_object_add(s, "default", method_initial(p));
	if (p->min != 0)
		json_object_object_add(s, "minimum",
		    json_object_new_int64(p->min));
	if (p->max != 0)
		json_object_object_add(s, "maximum",
		    json_object_new_int64(p->max));
	json_object_object_add(o, "schema", s);
	return o;
}

static struct json_object *
discover_method(const struct method *m)
{
	struct json_object	*o = json_object_new_object();
	struct json_object	*params = json_object_new_array();
	struct json_object	*result = json_object_new_object();

	json_object_object_add(o, "name", json_object_new_string(m->name));
	json_object_object_add(o, "summary", json_object_new_string(m->help));
	json_object_object_add(o, "paramStructure",
	    json_object_new_string("by-name"));
	for (int i = 0; i < 2; i++)
		for (const struct method_param *p = method_table(m, i);
		    p->name != NULL; p++)
			(void)json_object_array_add(params, discover_param(p));
	json_object_object_add(o, "params", params);
	json_object_object_add(result, "name",
	    json_object_new_string("result"));
	json_object_object_add(result, "description",
	    json_object_new_string(m->result));
	json_object_object_add(result, "schema", schema_type("object"));
	json_object_object_add(o, "result", result);
	return o;
}

struct json_object *
method_discover(void)
{
	struct json_object	*o = json_object_new_object();
	struct json_object	*info = json_object_new_object();
	struct json_object	*list = json_object_new_array();

	json_object_object_add(o, "openrpc", json_object_new_string("1.2.6"));
	json_object_object_add(info, "title",
	    json_object_new_string("espflashd"));
	json_object_object_add(info, "version",
	    json_object_new_string(METHOD_API));
	json_object_object_add(o, "info", info);
	for (const struct method *m = methods; m->name != NULL; m++)
		(void)json_object_array_add(list, discover_method(m));
	json_object_object_add(o, "methods", list);
	return o;
}

const char *
method_string(struct json_object *checked, const char *name,
    const char *absent)
{
	struct json_object	*o;

	if (!json_object_object_get_ex(checked, name, &o))
		return absent;
	return json_object_get_string(o);
}

uint32_t
method_number(struct json_object *checked, const char *name, uint32_t absent)
{
	struct json_object	*o;

	if (!json_object_object_get_ex(checked, name, &o))
		return absent;
	return (uint32_t)json_object_get_int64(o);
}

bool
method_bool(struct json_object *checked, const char *name)
{
	struct json_object	*o;

	return json_object_object_get_ex(checked, name, &o) &&
	    json_object_get_boolean(o);
}
