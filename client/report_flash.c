/* report_flash - what reads, writes and erases came to. */
#include "client/report_impl.h"

#include <stdio.h>
#include <string.h>

#include "client/show.h"
#include "proto/base/text.h"

enum { PARTITION_MAX = 40 };

/* kbit/s, as esptool counts: 1000 bits. */
static double
kbits(int64_t bytes, double seconds)
{
	return seconds > 0 ? (double)bytes * 8 / seconds / 1000 : 0;
}

/* " (partition nvs)", where one was named. */
static const char *
partition(struct json_object *o, char out[PARTITION_MAX])
{
	const char	*name = member_text(o, "partition", NULL);

	out[0] = '\0';
	if (name != NULL)
		(void)snprintf(out, PARTITION_MAX, " (partition %s)", name);
	return out;
}

/* How long the work itself took, and not all that goes with it. */
static double
work_seconds(const struct work *w)
{
	return w->board->work_ms > 0 ? (double)w->board->work_ms / 1000 :
	    member_double(w->result, "seconds");
}

/* What a differential write did. */
static void
differences(const struct work *w, struct json_object *image)
{
	struct json_object	*regions = member_array(image, "regions");
	long long		 n;

	if (array_count(regions) == 0)
		return;
	show_out(w->show, "Changed data sectors found, fast reflashing...");
	for (size_t i = 0; i < array_count(regions); i++) {
		struct json_object	*r;

		r = json_object_array_get_idx(regions, i);
		n = number(r, "sectors");
		show_out(w->show, "Reflashing %lld changed sector%s at "
		    "0x%08llx...", n, n > 1 ? "s" : "", number(r, "offset"));
	}
}

static void
written_how(const struct work *w, struct json_object *image)
{
	if (member(image, "patched") != NULL)
		show_out(w->show, "Flash parameters set to %s.",
		    member_text(image, "patched", "?"));
	if (truth(image, "digest_updated"))
		show_out(w->show, "SHA digest in image updated.");
	differences(w, image);
}

/* `seconds` of the write, when it was this image alone; else 0. */
static void
written(const struct work *w, struct json_object *image, double seconds)
{
	long long	bytes = number(image, "bytes");
	long long	packed = number(image, "compressed");
	char		compressed[48] = "", time[64] = "";
	char		name[PARTITION_MAX];

	if (member(image, "seconds") != NULL)
		seconds = member_double(image, "seconds");
	if (truth(image, "skipped")) {
		show_out(w->show, "'%s' at 0x%08llx already in flash, "
		    "skipping write.", member_text(image, "name", "?"),
		    number(image, "offset"));
		return;
	}
	written_how(w, image);
	if (packed > 0)
		(void)snprintf(compressed, sizeof compressed,
		    " (%lld compressed)", packed);
	if (seconds > 0)
		(void)snprintf(time, sizeof time, " in %.1f seconds "
		    "(%.1f kbit/s)", seconds, kbits(bytes, seconds));
	show_out(w->show, "Wrote %lld bytes%s at 0x%08llx%s%s.", bytes,
	    compressed, number(image, "offset"), partition(image, name),
	    time);
	if (truth(image, "verified"))
		show_out(w->show, "Hash of data verified.");
	else if (truth(image, "encrypted") ||
	    truth(w->result, "secure_download"))
		show_out(w->show, "Cannot verify written data if encrypted "
		    "or in secure download mode.");
}

static long long
images_bytes(struct json_object *result)
{
	struct json_object	*images = member_array(result, "images");
	long long		 bytes = 0;

	for (size_t i = 0; i < array_count(images); i++)
		bytes += number(json_object_array_get_idx(images, i), "bytes");
	return bytes;
}

void
work_write(const struct work *w)
{
	struct json_object	*images = member_array(w->result, "images");
	double			 seconds = member_double(w->result,
				    "write_seconds");
	size_t			 n = array_count(images);
	long long		 bytes = images_bytes(w->result);

	for (size_t i = 0; i < n; i++) {
		struct json_object	*image;

		image = json_object_array_get_idx(images, i);
		written(w, image, n == 1 ? seconds : 0);
	}
	if (n > 1 && seconds > 0 && !w->show->esptool)
		show_out(w->show, "Together %lld bytes in %.1f seconds "
		    "(%.1f kbit/s).", bytes, seconds, kbits(bytes, seconds));
}

void
few_write(const struct work *w, char *out, size_t size)
{
	struct json_object	*images = member_array(w->result, "images");
	size_t			 verified = 0, skipped = 0;
	size_t			 n = array_count(images);

	for (size_t i = 0; i < n; i++) {
		struct json_object	*image;

		image = json_object_array_get_idx(images, i);
		verified += truth(image, "verified");
		skipped += truth(image, "skipped");
	}
	if (skipped == n)
		(void)snprintf(out, size, "all was there already");
	else
		(void)snprintf(out, size, "wrote %lld bytes, %s",
		    images_bytes(w->result), verified == n ? "verified" :
		    "NOT verified");
}

void
work_verify(const struct work *w)
{
	struct json_object	*images = member_array(w->result, "images");
	struct json_object	*image;
	char			 name[PARTITION_MAX];

	for (size_t i = 0; i < array_count(images); i++) {
		image = json_object_array_get_idx(images, i);
		if (!w->show->esptool)
			show_out(w->show, "'%s' at 0x%08llx%s, %lld bytes:",
			    member_text(image, "name", "?"),
			    number(image, "offset"), partition(image, name),
			    number(image, "bytes"));
		if (truth(image, "verified"))
			show_out(w->show, "Verification successful "
			    "(digest matched).");
	}
}

void
few_verify(const struct work *w, char *out, size_t size)
{
	(void)snprintf(out, size, "%lld bytes match", images_bytes(w->result));
}

/* "Read 4096 bytes from ..." and "Dumped ...". */
static void
moved(const struct work *w, const char *verb, long long from)
{
	long long	bytes = number(w->result, "bytes");
	double		seconds = work_seconds(w);
	char		name[PARTITION_MAX];

	show_out(w->show, "%s %lld bytes from 0x%08llx%s in %.1f seconds "
	    "(%.1f kbit/s)%s%s%s.", verb, bytes, from,
	    partition(w->result, name), seconds, kbits(bytes, seconds),
	    w->file ? " to '" : "", w->file ? w->file : "", w->file ? "'" : "");
}

void
work_read(const struct work *w)
{
	moved(w, "Read", number(w->result, "offset"));
}

void
few_read(const struct work *w, char *out, size_t size)
{
	(void)snprintf(out, size, "read %lld bytes%s%.100s",
	    number(w->result, "bytes"), w->file ? " to " : "",
	    w->file ? w->file : "");
}

void
work_dump(const struct work *w)
{
	moved(w, "Dumped", number(w->result, "address"));
}

void
work_erase(const struct work *w)
{
	show_out(w->show, "Flash memory erased successfully in %.1f seconds.",
	    work_seconds(w));
}

void
work_region(const struct work *w)
{
	struct json_object	*params = w->client->args.params;
	long long		 bytes = number(w->result, "bytes");
	long long		 offset = number(w->result, "offset");
	double			 seconds = work_seconds(w);
	char			 name[PARTITION_MAX];

	if (strcmp(member_text(params, "size", ""), "all") == 0 &&
	    member(w->result, "partition") == NULL) {
		text_size_name(name, sizeof name, (uint32_t)(offset + bytes));
		show_out(w->show, "Detected flash size: %s", name);
	}
	if (w->show->esptool)
		show_out(w->show, "Flash memory region erased successfully in "
		    "%.1f seconds.", seconds);
	else
		show_out(w->show, "%lld bytes from 0x%08llx%s erased "
		    "successfully in %.1f seconds.", bytes, offset,
		    partition(w->result, name), seconds);
}

void
few_erase(const struct work *w, char *out, size_t size)
{
	(void)snprintf(out, size, "erased %lld bytes",
	    number(w->result, "bytes"));
}
