/* report_work - what came out of each method: a table of them. */
#include "client/report.h"

#include <stdio.h>
#include <string.h>

#include "client/command.h"
#include "client/report_impl.h"
#include "client/show.h"
#include "proto/base/text.h"

enum { BITS_MAX = 40, LIST_MAX = 200 };

static void
size_name(struct json_object *flash, char *out, size_t size)
{
	int64_t	bytes = member_number(flash, "size", 0);

	if (bytes > 0)
		text_size_name(out, size, (uint32_t)bytes);
	else
		(void)snprintf(out, size, "Unknown");
}

static void
title(struct show *show, const char *text)
{
	show_out(show, "%s", text);
	show_out(show, "%.*s", (int)strlen(text),
	    "================================");
}

void
report_mac(struct show *show, struct json_object *found)
{
	const char	*mac = member_text(found, "mac", NULL);
	const char	*eui64 = member_text(found, "eui64", NULL);

	if (eui64 != NULL) {
		show_out(show, "%-20s%s", "MAC:", eui64);
		show_out(show, "%-20s%s", "BASE MAC:", mac ? mac : "?");
		show_out(show, "%-20s%s", "MAC_EXT:",
		    member_text(found, "mac_ext", "?"));
	} else if (mac != NULL)
		show_out(show, "%-20s%s", "MAC:", mac);
}

void
report_chip(struct show *show, struct json_object *found)
{
	const char	*revision = member_text(found, "revision", NULL);
	const char	*chip = member_text(found, "chip", "?");
	const char	*text = member_text(found, "description", chip);

	if (truth(found, "secure_download")) {
		show_out(show, "%-20s%s in Secure Download Mode",
		    "Chip type:", chip);
		return;
	}
	if (revision != NULL && strstr(text, "revision") == NULL)
		show_out(show, "%-20s%s (revision %s)", "Chip type:", text,
		    revision);
	else
		show_out(show, "%-20s%s", "Chip type:", text);
	if (member(found, "features") != NULL)
		show_out(show, "%-20s%s", "Features:",
		    member_text(found, "features", ""));
	if (member(found, "crystal_mhz") != NULL)
		show_out(show, "%-20s%lldMHz", "Crystal frequency:",
		    number(found, "crystal_mhz"));
	if (member(found, "usb_mode") != NULL)
		show_out(show, "%-20s%s", "USB mode:",
		    member_text(found, "usb_mode", ""));
	report_mac(show, found);
}

static void
flash_chip(const struct work *w, struct json_object *flash)
{
	const char	*maker = member_text(flash, "maker", NULL);
	char		 size[32];

	if (w->show->esptool)
		maker = NULL;		/* scripts read the number only */
	size_name(flash, size, sizeof size);
	show_out(w->show, "Manufacturer: %s%s%s%s",
	    member_text(flash, "manufacturer", "?"), maker ? " (" : "",
	    maker ? maker : "", maker ? ")" : "");
	show_out(w->show, "Device: %s", member_text(flash, "device", "?"));
	show_out(w->show, "Detected flash size: %s", size);
}

static void
work_flash_id(const struct work *w)
{
	struct json_object	*flash = member(w->result, "flash");
	int64_t			 lines;

	if (w->show->esptool)
		title(w->show, "Flash Memory Information:");
	flash_chip(w, flash);
	lines = member_number(flash, "lines", 0);
	if (lines == 4 || lines == 8)
		show_out(w->show, "Flash type set in eFuse: %s (%lld data "
		    "lines)", lines == 4 ? "quad" : "octal", (long long)lines);
	if (member(flash, "voltage") != NULL)
		show_out(w->show, "Flash voltage set by %s: %s",
		    member_text(flash, "voltage_by", "the chip"),
		    member_text(flash, "voltage", "?"));
}

static void
few_flash_id(const struct work *w, char *out, size_t size)
{
	struct json_object	*flash = member(w->result, "flash");
	char			 name[32];

	size_name(flash, name, sizeof name);
	(void)snprintf(out, size, "%s %s, %s", member_text(flash, "maker",
	    member_text(flash, "manufacturer", "?")),
	    member_text(flash, "device", "?"), name);
}

static void
work_chip_id(const struct work *w)
{
	const char	*chip = member_text(w->result, "chip", "This chip");

	if (member(w->result, "chip_id") != NULL)
		show_out(w->show, "Chip ID: 0x%08llx",
		    number(w->result, "chip_id"));
	else if (w->show->esptool) {
		show_chat(w->show, "Warning: %s has no chip ID. Reading MAC "
		    "address instead.", chip);
		report_mac(w->show, w->result);
	} else
		show_chat(w->show, "%s has no chip id; its MAC address is as "
		    "good.", chip);
}

static void
few_chip_id(const struct work *w, char *out, size_t size)
{
	if (member(w->result, "chip_id") != NULL)
		(void)snprintf(out, size, "chip id 0x%08llx",
		    number(w->result, "chip_id"));
	else
		(void)snprintf(out, size, "%s",
		    member_text(w->result, "description", "done"));
}

static void
work_mac(const struct work *w)
{
	if (w->show->esptool)
		report_mac(w->show, w->result);
}

static void
work_mem_read(const struct work *w)
{
	show_out(w->show, "0x%08llx = 0x%08llx", number(w->result, "address"),
	    number(w->result, "value"));
}

static void
few_mem_read(const struct work *w, char *out, size_t size)
{
	(void)snprintf(out, size, "0x%08llx = 0x%08llx",
	    number(w->result, "address"), number(w->result, "value"));
}

static void
work_mem_write(const struct work *w)
{
	show_out(w->show, "Wrote 0x%08llx with mask 0x%08llx to 0x%08llx.",
	    number(w->result, "value"), number(w->result, "mask"),
	    number(w->result, "address"));
}

static void
work_load_ram(const struct work *w)
{
	const struct args	*a = &w->client->args;
	/* "espctl wait 7" does not know the file. */
	bool			 ours = a->command->run == cmd_load_ram;

	show_out(w->show, "Loaded %lld segments%s%s%s to RAM, executing at "
	    "0x%08llx.", number(w->result, "segments"), ours ? " from '" : "",
	    ours ? a->operands[0] : "", ours ? "'" : "",
	    number(w->result, "entry"));
}

static void
work_run(const struct work *w)
{
	if (!w->show->esptool)
		show_out(w->show, "What is in flash has been started.");
}

static void
work_status(const struct work *w)
{
	show_out(w->show, "Flash memory status: 0x%04llx",
	    number(w->result, "status"));
}

static void
few_status(const struct work *w, char *out, size_t size)
{
	(void)snprintf(out, size, "status 0x%04llx",
	    number(w->result, "status"));
}

static void
work_set_status(const struct work *w)
{
	int	digits = 2 * (int)member_number(w->result, "bytes", 2);

	show_out(w->show, "Initial flash memory status: 0x%0*llx", digits,
	    number(w->result, "before"));
	show_out(w->show, "Setting flash memory status: 0x%0*llx", digits,
	    number(w->result, "wanted"));
	show_out(w->show, "After flash memory status:   0x%0*llx", digits,
	    number(w->result, "after"));
}

static void
work_sfdp(const struct work *w)
{
	const char	*hex = member_text(w->result, "data", "");
	long long	 from = number(w->result, "address");
	size_t		 n = strlen(hex) / 2;
	char		 bytes[64 * 5 + 1] = "";

	for (size_t i = 0; i < n && i < 64; i++)
		(void)snprintf(bytes + 5 * i, sizeof bytes - 5 * i,
		    "0x%.2s ", hex + 2 * i);
	flash_chip(w, member(w->result, "flash"));
	show_out(w->show, "Flash memory SFDP[%lld..%lld]: %s", from,
	    from + (long long)n - 1, bytes);
}

/* "0b101", as Python has it. */
static void
binary(char out[BITS_MAX], uint32_t value)
{
	char	*p = out;
	int	 bit = 31;

	*p++ = '0';
	*p++ = 'b';
	while (bit > 0 && (value >> bit & 1) == 0)
		bit--;
	for (; bit >= 0; bit--)
		*p++ = (char)('0' + (value >> bit & 1));
	*p = '\0';
}

static void
key_purposes(const struct work *w)
{
	struct json_object	*keys = member_array(w->result,
				    "key_purposes");
	char			 list[LIST_MAX] = "";
	int			 at = 0;

	if (array_count(keys) == 0)
		return;
	for (size_t i = 0; i < array_count(keys) && at < LIST_MAX; i++)
		at += snprintf(list + at, (size_t)(LIST_MAX - at), "%s%lld",
		    i > 0 ? ", " : "", number(json_object_array_get_idx(keys,
		    i), "purpose"));
	show_out(w->show, "Key Purposes: (%s)", list);
	for (size_t i = 0; i < array_count(keys); i++) {
		struct json_object	*k = json_object_array_get_idx(keys, i);

		if (member(k, "name") != NULL)
			show_out(w->show, "  BLOCK_KEY%lld - %s",
			    number(k, "key"), member_text(k, "name", "?"));
	}
}

static bool
has_flag(const struct work *w, const char *name)
{
	struct json_object	*names = member_array(w->result, "flag_names");

	for (size_t i = 0; i < array_count(names); i++)
		if (strcmp(json_object_get_string(json_object_array_get_idx(
		    names, i)), name) == 0)
			return true;
	return false;
}

/* What single flags say; esptool's words. */
static void
security_flags(const struct work *w)
{
	static const struct {
		const char	*flag, *text;
	} rows[] = {
		{ "SECURE_BOOT_AGGRESSIVE_REVOKE",
		  "Secure Boot Aggressive key revocation: Enabled" },
		{ "SECURE_BOOT_KEY_REVOKE0", "Secure Boot Key0 is Revoked" },
		{ "SECURE_BOOT_KEY_REVOKE1", "Secure Boot Key1 is Revoked" },
		{ "SECURE_BOOT_KEY_REVOKE2", "Secure Boot Key2 is Revoked" },
		{ "DIS_DOWNLOAD_DCACHE",
		  "Dcache in UART download mode: Disabled" },
		{ "DIS_DOWNLOAD_ICACHE",
		  "Icache in UART download mode: Disabled" },
		{ "HARD_DIS_JTAG", "JTAG: Permanently Disabled" },
		{ "DIS_USB", "USB Access: Disabled" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (has_flag(w, rows[i].flag))
			show_out(w->show, "%s", rows[i].text);
	if (has_flag(w, "SOFT_DIS_JTAG") && !has_flag(w, "HARD_DIS_JTAG"))
		show_out(w->show, "JTAG: Software Access Disabled");
}

static void
work_security(const struct work *w)
{
	uint32_t	flags = (uint32_t)number(w->result, "flags");
	char		bits[BITS_MAX];

	binary(bits, flags);
	title(w->show, "Security Information:");
	show_out(w->show, "Flags: 0x%08x (%s)", flags, bits);
	key_purposes(w);
	if (member(w->result, "chip_id") != NULL)
		show_out(w->show, "Chip ID: %lld", number(w->result,
		    "chip_id"));
	if (member(w->result, "api_version") != NULL)
		show_out(w->show, "API Version: %lld", number(w->result,
		    "api_version"));
	show_out(w->show, "Secure Boot: %s", truth(w->result, "secure_boot") ?
	    "Enabled" : "Disabled");
	show_out(w->show, "Flash Encryption: %s",
	    truth(w->result, "encrypted") ? "Enabled" : "Disabled");
	show_out(w->show, "SPI Boot Crypt Count (SPI_BOOT_CRYPT_CNT): 0x%llx",
	    number(w->result, "crypt_count"));
	security_flags(w);
}

static void
few_security(const struct work *w, char *out, size_t size)
{
	(void)snprintf(out, size, "secure boot %s, encryption %s%s",
	    truth(w->result, "secure_boot") ? "on" : "off",
	    truth(w->result, "encrypted") ? "on" : "off",
	    truth(w->result, "secure_download") ? ", secure download" : "");
}

static const struct row {
	const char	*method;
	void		(*work)(const struct work *);
	/* In a few words; NULL: "done". */
	void		(*few)(const struct work *, char *out, size_t size);
} rows[] = {
	{ "flash.write", work_write, few_write },
	{ "flash.verify", work_verify, few_verify },
	{ "flash.read", work_read, few_read },
	{ "flash.erase", work_erase, few_erase },
	{ "flash.erase_region", work_region, few_erase },
	{ "flash.id", work_flash_id, few_flash_id },
	{ "flash.status", work_status, few_status },
	{ "flash.set_status", work_set_status, NULL },
	{ "flash.sfdp", work_sfdp, NULL },
	{ "chip.id", work_chip_id, few_chip_id },
	{ "chip.mac", work_mac, few_chip_id },
	{ "chip.security", work_security, few_security },
	{ "chip.run", work_run, NULL },
	{ "mem.read", work_mem_read, few_mem_read },
	{ "mem.write", work_mem_write, NULL },
	{ "mem.dump", work_dump, few_read },
	{ "ram.load", work_load_ram, NULL },
};

static const struct row *
row_of(const struct board *b)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (strcmp(rows[i].method, b->method) == 0)
			return &rows[i];
	return NULL;
}

void
report_work(struct client *c, const struct board *b,
    struct json_object *result, const char *file)
{
	const struct work	 w = { c, &c->show, b, result, file };
	const struct row	*row = row_of(b);

	if (row != NULL)
		row->work(&w);
}

void
report_outcome(const struct board *b, struct json_object *result,
    const char *file, char *out, size_t size)
{
	const struct work	 w = { .result = result, .file = file };
	const struct row	*row = row_of(b);

	if (row != NULL && row->few != NULL)
		row->few(&w, out, size);
	else
		(void)snprintf(out, size, "done");
}
