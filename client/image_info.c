#include "client/image_info.h"

#include <stdio.h>
#include <string.h>

#include "client/client.h"
#include "client/command.h"
#include "client/member.h"
#include "client/work.h"
#include "proto/image/header.h"

enum {
	TITLE_MAX	= 96,		/* bytes */
	MEMORY_MAX	= 160,
	REV_MAX		= 24,
	LOADED_BYTES	= 4,		/* what is loaded comes in words */
	WORD_MAX	= 16,
};

/* A line, with a line of `under` as long as it is. */
static void
underline(struct show *s, const char *title)
{
	char	line[TITLE_MAX + 1];
	size_t	len = strlen(title);

	if (len > TITLE_MAX)
		len = TITLE_MAX;
	memset(line, '=', len);
	line[len] = '\0';
	show_out(s, "%s", title);
	show_out(s, "%s", line);
}

static void
section(struct show *s, const char *what, const char *title)
{
	char	text[TITLE_MAX + 1];

	(void)snprintf(text, sizeof text, "%s%s%s", what,
	    what[0] != '\0' ? " " : "", title);
	show_out(s, "%s", "");
	underline(s, text);
}

static unsigned
number(struct json_object *o, const char *name)
{
	return (unsigned)member_number(o, name, 0);
}

static const char *
text(struct json_object *o, const char *name)
{
	return member_text(o, name, "");
}

static bool
truth(struct json_object *o, const char *name)
{
	return json_object_get_boolean(member(o, name));
}

/* ---- one image ---- */

static void
show_flash(struct show *s, struct json_object *o)
{
	const char	*mode = member_text(o, "flash_mode", NULL);
	char		 word[WORD_MAX];
	size_t		 i;

	if (member(o, "flash_size") != NULL)
		show_out(s, "Flash size: %s", text(o, "flash_size"));
	else
		show_out(s, "Warning: Invalid flash size (0x%x)",
		    number(o, "flash_size_code") << 4);
	if (member(o, "flash_freq") != NULL)
		show_out(s, "Flash freq: %s", text(o, "flash_freq"));
	else
		show_out(s, "Warning: Invalid flash frequency (0x%x)",
		    number(o, "flash_freq_code"));
	if (mode == NULL) {
		show_out(s, "Warning: Invalid flash mode (%u)",
		    number(o, "flash_mode_code"));
		return;
	}
	for (i = 0; mode[i] != '\0' && i < sizeof word - 1; i++)
		word[i] = mode[i] >= 'a' && mode[i] <= 'z' ?
		    (char)(mode[i] - 'a' + 'A') : mode[i];
	word[i] = '\0';
	show_out(s, "Flash mode: %s", word);
}

static void
show_header(struct show *s, struct json_object *o)
{
	section(s, text(o, "chip"), "Image Header");
	show_out(s, "Image version: %u", number(o, "version"));
	if (number(o, "entry") != 0)
		show_out(s, "Entry point: %#8x", number(o, "entry"));
	else
		show_out(s, "Entry point not set");
	show_out(s, "Segments: %zu", array_count(member_array(o, "segments")));
	show_flash(s, o);
}

static void
revision(char out[REV_MAX], struct json_object *o, const char *name)
{
	(void)snprintf(out, REV_MAX, "%u.%u", number(o, name) / 100,
	    number(o, name) % 100);
}

static void
show_extended(struct show *s, struct json_object *o)
{
	struct json_object	*x = member(o, "extended");
	struct json_object	*drive = member(x, "drive");
	char			 from[REV_MAX], to[REV_MAX];

	if (x == NULL)
		return;
	revision(from, x, "min_rev_full");
	revision(to, x, "max_rev_full");
	section(s, text(o, "chip"), "Extended Image Header");
	show_out(s, "WP pin: 0x%x%s", number(x, "wp_pin"),
	    number(x, "wp_pin") == HEADER_WP_NONE ? " (disabled)" : "");
	show_out(s, "Flash pins drive settings: clk_drv: 0x%x, q_drv: 0x%x, "
	    "d_drv: 0x%x, cs0_drv: 0x%x, hd_drv: 0x%x, wp_drv: 0x%x",
	    number(drive, "clk"), number(drive, "q"), number(drive, "d"),
	    number(drive, "cs0"), number(drive, "hd"), number(drive, "wp"));
	show_out(s, "Chip ID: %u (%s)", number(x, "chip_id"),
	    member_text(x, "chip", "Unknown ID"));
	show_out(s, "Minimal chip revision: v%s, (legacy min_rev = %u)", from,
	    number(x, "min_rev"));
	show_out(s, "Maximal chip revision: v%s", to);
}

/* "DRAM, IRAM" */
static void
memory_names(struct json_object *segment, char out[MEMORY_MAX])
{
	struct json_object	*list = member_array(segment, "memory");
	size_t			 at = 0;

	out[0] = '\0';
	for (size_t i = 0; i < array_count(list) && at < MEMORY_MAX; i++) {
		const char	*name = json_object_get_string(
				    json_object_array_get_idx(list, i));

		at += (size_t)snprintf(out + at, MEMORY_MAX - at, "%s%s",
		    i > 0 ? ", " : "", name != NULL ? name : "");
	}
}

static void
show_segments(struct show *s, struct json_object *o)
{
	struct json_object	*list = member_array(o, "segments");

	section(s, "", "Segments Information");
	show_out(s, "%7s  %7s  %10s  %10s  %s", "Segment", "Length",
	    "Load addr", "File offs", "Memory types");
	show_out(s, "-------  -------  ----------  ----------  ------------");
	for (size_t i = 0; i < array_count(list); i++) {
		struct json_object	*x = json_object_array_get_idx(list, i);
		unsigned		 len = number(x, "bytes");
		char			 names[MEMORY_MAX];

		/* Tell what is loaded; only padding is not. */
		if (number(x, "address") != 0)
			len = (len + LOADED_BYTES - 1) / LOADED_BYTES *
			    LOADED_BYTES;
		memory_names(x, names);
		show_out(s, "%7zu  0x%05x  0x%08x  0x%08x  %s", i, len,
		    number(x, "address"), number(x, "file_offset"), names);
	}
}

static void
show_footer(struct show *s, struct json_object *o)
{
	struct json_object	*sum = member(o, "checksum");
	struct json_object	*digest = member(o, "digest");

	section(s, text(o, "chip"), "Image Footer");
	if (truth(sum, "valid"))
		show_out(s, "Checksum: 0x%02x (valid)", number(sum, "stored"));
	else
		show_out(s, "Checksum: 0x%02x (invalid - calculated 0x%02x)",
		    number(sum, "stored"), number(sum, "calculated"));
	if (digest != NULL)
		show_out(s, "Validation hash: %s (%s)", text(digest, "sha256"),
		    truth(digest, "valid") ? "valid" : "invalid");
}

static void
show_app(struct show *s, struct json_object *x)
{
	char	from[REV_MAX], to[REV_MAX];

	revision(from, x, "min_efuse_rev");
	revision(to, x, "max_efuse_rev");
	section(s, "", "Application Information");
	show_out(s, "Project name: %s", text(x, "project"));
	show_out(s, "App version: %s", text(x, "version"));
	show_out(s, "Compile time: %s %s", text(x, "date"), text(x, "time"));
	show_out(s, "ELF file SHA256: %s", text(x, "elf_sha256"));
	show_out(s, "ESP-IDF: %s", text(x, "idf_version"));
	show_out(s, "Minimal eFuse block revision: %s", from);
	show_out(s, "Maximal eFuse block revision: %s", to);
	if (member(x, "mmu_page_size") != NULL)
		show_out(s, "MMU page size: %u KB",
		    number(x, "mmu_page_size") / 1024);
	show_out(s, "Secure version: %u", number(x, "secure_version"));
}

static void
show_bootloader(struct show *s, struct json_object *x)
{
	section(s, "", "Bootloader Information");
	show_out(s, "Bootloader version: %u", number(x, "version"));
	show_out(s, "ESP-IDF: %s", text(x, "idf_version"));
	show_out(s, "Compile time: %s", text(x, "date_time"));
}

static void
show_warnings(struct show *s, struct json_object *o)
{
	struct json_object	*list = member_array(o, "warnings");

	for (size_t i = 0; i < array_count(list); i++)
		show_out(s, "Warning: %s", json_object_get_string(
		    json_object_array_get_idx(list, i)));
}

static void
show_image(struct show *s, struct json_object *o)
{
	show_warnings(s, o);
	show_header(s, o);
	show_extended(s, o);
	show_segments(s, o);
	show_footer(s, o);
	if (member(o, "app") != NULL)
		show_app(s, member(o, "app"));
	if (member(o, "bootloader") != NULL)
		show_bootloader(s, member(o, "bootloader"));
}

/* ---- all of a file ---- */

static void
show_part_title(struct show *s, struct json_object *o, size_t i, size_t count)
{
	char	title[TITLE_MAX + 1], line[TITLE_MAX + 1];
	int	len = snprintf(title, sizeof title, "Processing file %zu/%zu, "
		    "offset: 0x%x, size: %u bytes", i + 1, count,
		    number(o, "offset"), number(o, "bytes"));

	memset(line, '=', (size_t)len);
	line[len] = '\0';
	show_out(s, "%s", "");
	show_out(s, "%s", line);
	underline(s, title);
}

static void
show_merged(struct show *s, struct json_object *list, bool detected)
{
	size_t	count = array_count(list);

	show_out(s, "Merged binary image detected. Processing each file "
	    "individually.");
	for (size_t i = 0; i < count; i++) {
		struct json_object *o = json_object_array_get_idx(list, i);

		show_part_title(s, o, i, count);
		if (member(o, "error") != NULL) {
			show_error(s, "Error processing file %zu/%zu: %s",
			    i + 1, count, text(o, "error"));
			show_error(s, "Probably not a valid firmware image "
			    "(e.g. partition table).");
			continue;
		}
		if (i == 0 && detected)
			show_out(s, "Detected image type: %s", text(o, "chip"));
		show_image(s, o);
	}
}

void
image_info_show(struct show *s, struct json_object *result)
{
	struct json_object	*list = member_array(result, "images"), *o;

	if (truth(result, "merged")) {
		show_merged(s, list, truth(result, "detected"));
		return;
	}
	if (array_count(list) == 0)
		return;
	o = json_object_array_get_idx(list, 0);
	show_out(s, "Image size: %u bytes", number(o, "bytes"));
	if (truth(result, "detected"))
		show_out(s, "Detected image type: %s", text(o, "chip"));
	show_image(s, o);
}

int
cmd_image_info(struct client *c)
{
	struct parcel		 p = { 0 };
	struct json_object	*result = NULL;
	int			 r;

	if ((r = work_file(c, &p, "image", c->args.operands[0])) == 0 &&
	    (r = work_run(c, &p, &result)) == 0) {
		image_info_show(&c->show, result);
		client_result(c, result);
	}
	parcel_done(&p);
	return r;
}
