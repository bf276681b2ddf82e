/*
 * table: where the partitions are that the job names.
 *
 * The table is the one that the job itself writes, or else the one in the flash.
 * Tables differ from board to board, so each link has places of its own.  What
 * is doubtful is refused: a wrong place would cost somebody's data.
 */
#include "daemon/link/link.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/link/images.h"
#include "daemon/link/try.h"
#include "proto/base/err.h"
#include "proto/image/partition.h"

#define GIVE_FILE "give it as a file (partition_table, --partition-table) or " \
	"give addresses"

/* What is read of the flash, and what it says. */
struct search {
	struct link		*link;
	uint8_t			 bytes[PARTITION_BYTES];
	size_t			 len;
	struct partition_table	 table;
};

/* ---- the table in the flash ---- */

static int
sink(void *arg, const void *data, size_t len)
{
	struct search	*s = arg;

	if (len > sizeof s->bytes - s->len)
		return link_fail(s->link, ERR_INTERNAL, "more came of the "
		    "partition table than was asked for");
	memcpy(s->bytes + s->len, data, len);
	s->len += len;
	return 0;
}

static void
sink_again(void *arg)
{
	((struct search *)arg)->len = 0;
}

/* Can it be read at all, as it is? */
static int
may_read(struct link *l)
{
	uint32_t	at = l->flash.table_offset;

	if (link_is_secure(l))
		return link_fail(l, ERR_SECURITY, "in secure download mode the "
		    "partition table in the flash cannot be read; "
		    GIVE_FILE);
	if (l->found.security.encrypted)
		return link_fail(l, ERR_SECURITY, "flash encryption is on, so "
		    "the partition table in the flash cannot be read; "
		    GIVE_FILE);
	if (l->flash.erase_all)
		return link_fail(l, ERR_CONFLICT, "the whole flash is to be "
		    "erased, and with it the partition table that tells where "
		    "the partitions are; write a table, too (at 0x%x), or "
		    GIVE_FILE, at);
	if (at + (uint64_t)PARTITION_BYTES <= link_flash_end(l))
		return 0;
	return link_fail(l, ERR_BEYOND_FLASH, "there can be no partition table "
	    "at 0x%x: the flash ends at 0x%llx", at,
	    (unsigned long long)link_flash_end(l));
}

/* Phase read does it, as if that were the job. */
static int
read_flash(struct search *s)
{
	struct link			*l = s->link;
	const struct link_flash		 flash = l->flash;
	const struct link_resume	 resume = l->resume;
	int				 err;

	memset(&l->resume, 0, sizeof l->resume);
	l->flash.read_offset = flash.table_offset;
	l->flash.read_bytes = sizeof s->bytes;
	l->flash.sink = sink;
	l->flash.sink_again = sink_again;
	l->flash.sink_arg = s;
	err = phase_read(l);
	l->flash = flash;
	l->resume = resume;
	return err;
}

/* A stub ends a read with a digest, a ROM does not; and a table may come
 * without. */
static int
check_bytes(struct search *s)
{
	struct link	*l = s->link;
	uint8_t		 ours[BLOB_MD5], theirs[BLOB_MD5];
	int		 err;

	if (l->rom.stub || s->table.has_md5)
		return 0;
	if (!link_digests(l))
		return link_fail(l, ERR_UNSUPPORTED, "the partition table in "
		    "the flash has no MD5, and without the flasher stub "
		    "nothing else tells whether it was read right; "
		    GIVE_FILE);
	TRY(images_md5(l, s->bytes, sizeof s->bytes, ours));
	err = rom_md5(&l->rom, l->flash.table_offset, sizeof s->bytes, theirs,
	    link_md5_ms(sizeof s->bytes));
	if (err < 0)
		return link_fail_rom(l, err, "digest the partition table");
	return memcmp(ours, theirs, sizeof ours) == 0 ? 0 : link_fail(l,
	    ERR_NOISE, "the partition table came over the line damaged; try "
	    "again, at a lower baud rate");
}

static bool
is_empty(const struct search *s)
{
	for (size_t i = 0; i < s->len; i++)
		if (s->bytes[i] != 0xff)
			return false;
	return true;
}

/* What a chip would find where its table should be. */
static int
parse_flash(struct search *s)
{
	struct link			*l = s->link;
	uint32_t			 at = l->flash.table_offset;
	const struct partition_place	 place = { at, l->chip };
	struct why			 why = { 0 };
	int				 r;

	if (is_empty(s))
		return link_fail(l, ERR_IMAGE, "the flash has no partition "
		    "table at 0x%x: it is empty there (all FF); "
		    GIVE_FILE, at);
	if (!partition_is_binary(s->bytes, s->len))
		return link_fail(l, ERR_IMAGE, "the flash has no partition "
		    "table at 0x%x: what is there begins with %02x %02x; say "
		    "where it is (partition_table_offset), or " GIVE_FILE, at,
		    s->bytes[0], s->bytes[1]);
	r = partition_parse(s->bytes, s->len, &place, &s->table, NULL, &why);
	if (r == 0)
		r = partition_check(&s->table, at, &why);
	if (r < 0)
		return link_fail(l, r, "flash at 0x%x: %.300s; " GIVE_FILE, at,
		    why_text(&why));
	return check_bytes(s);
}

static int
table_of_flash(struct search *s)
{
	TRY(may_read(s->link));
	TRY(read_flash(s));
	return parse_flash(s);
}

/* ---- the table that the job writes ---- */

static uint64_t
end_of(const struct link_write *w)
{
	return (uint64_t)w->offset + w->blob->file_len;
}

/* Does it write where the table is? */
static bool
covers_table(const struct link *l, const struct link_write *w)
{
	uint64_t	at = l->flash.table_offset;

	return !w->open && w->offset < at + PARTITION_AREA && end_of(w) > at;
}

static int
parse_image(struct search *s, const struct link_write *w)
{
	struct link			*l = s->link;
	uint32_t			 at = l->flash.table_offset;
	const struct partition_place	 place = { at, l->chip };
	const uint8_t			*bytes = w->blob->data + (at -
					    w->offset);
	size_t				 len = w->blob->file_len - (at -
					    w->offset);
	struct why			 why = { 0 };
	int				 r;

	if (len > PARTITION_BYTES)
		len = PARTITION_BYTES;
	r = partition_is_binary(bytes, len) ? partition_parse(bytes, len,
	    &place, &s->table, NULL, &why) : why_set(&why, ERR_IMAGE,
	    "that is no binary partition table");
	if (r == 0)
		r = partition_check(&s->table, at, &why);
	return r == 0 ? 0 : link_fail(l, r, "'%.100s' goes where the partition "
	    "table is (0x%x): %.200s; the names of partitions would have no "
	    "meaning then", w->blob->name, at, why_text(&why));
}

/* 1 when the job itself writes the table: then that one counts. */
static int
table_of_job(struct search *s)
{
	struct link			*l = s->link;
	const struct link_write		*found = NULL;

	for (size_t i = 0; i < l->flash.write_count; i++) {
		const struct link_write	*w = &l->flash.writes[i];

		if (!covers_table(l, w))
			continue;
		if (w->offset > l->flash.table_offset || found != NULL)
			return link_fail(l, ERR_CONFLICT, "'%s' at 0x%x goes "
			    "into the middle of the partition table (0x%x), "
			    "which tells where the partitions of this job are; "
			    "write the two one after the other",
			    w->blob->name, w->offset, l->flash.table_offset);
		found = w;
	}
	if (found == NULL)
		return 0;
	TRY(parse_image(s, found));
	return 1;
}

/* ---- places ---- */

static int
find(struct search *s, const char *name, bool alter, struct link_place *place)
{
	struct link		*l = s->link;
	const struct partition	*p;
	struct why		 why = { 0 };
	uint32_t		 bytes = 0;
	int			 r;

	if ((r = partition_get(&s->table, name, &p, &why)) < 0 ||
	    (alter && (r = partition_sectors(&s->table, p, &bytes,
	    &why)) < 0))
		return link_fail(l, r, "%s", why_text(&why));
	if (p->offset + (uint64_t)p->size > link_flash_end(l))
		return link_fail(l, ERR_BEYOND_FLASH, "partition '%s' (0x%x "
		    "bytes at 0x%x) reaches beyond the end of the flash at "
		    "0x%llx: the partition table is for another flash", name,
		    p->size, p->offset,
		    (unsigned long long)link_flash_end(l));
	*place = (struct link_place){ p->offset, p->size,
	    p->type == PARTITION_APP || (p->flags & PARTITION_ENCRYPTED) != 0
	};
	return 0;
}

static bool
needs_table(const struct link *l)
{
	bool	open = l->flash.open;

	for (size_t i = 0; i < l->flash.write_count; i++)
		open |= l->flash.writes[i].open;
	return open;
}

/* Look up all that is open. */
static int
find_all(struct search *s)
{
	struct link		*l = s->link;
	struct link_flash	*f = &l->flash;
	struct link_place	*places = l->resume.places;
	bool			 erases = f->erase_rest || f->erase_bytes > 0;

	if (f->open)
		TRY(find(s, f->partition, erases, &places[0]));
	for (size_t i = 0; i < f->write_count; i++)
		if (f->writes[i].open)
			TRY(find(s, f->writes[i].partition, !f->must_verify,
			    &places[i]));
	return 0;
}

static int
take_write(struct link *l, struct link_write *w, const struct link_place *p)
{
	if (w->blob->file_len > p->bytes)
		return link_fail(l, ERR_BEYOND_FLASH, "'%s' has %zu bytes and "
		    "does not fit into partition '%s', which has %u at 0x%x",
		    w->blob->name, w->blob->file_len, w->partition, p->bytes,
		    p->offset);
	w->offset = p->offset;
	w->secret = p->secret;
	w->open = false;
	return 0;
}

static int
take_range(struct link *l, const struct link_place *p, uint32_t *offset,
    uint32_t *bytes, bool *rest, bool sectors)
{
	if (*bytes > p->bytes)
		return link_fail(l, ERR_BEYOND_FLASH, "0x%x bytes are more than "
		    "partition '%s' has: 0x%x at 0x%x", *bytes,
		    l->flash.partition, p->bytes, p->offset);
	*offset = p->offset;
	if (*rest) {
		*bytes = p->bytes;
		/* None but it is in its last sector; find() has seen to it. */
		if (sectors)
			*bytes = (p->bytes + (FLASH_SECTOR - 1)) &
			    ~(uint32_t)(FLASH_SECTOR - 1);
	}
	*rest = false;
	return 0;
}

static int
take_region(struct link *l, const struct link_place *p)
{
	struct link_flash	*f = &l->flash;

	if (f->erase_rest || f->erase_bytes > 0)
		TRY(take_range(l, p, &f->erase_offset, &f->erase_bytes,
		    &f->erase_rest, true));
	else
		TRY(take_range(l, p, &f->read_offset, &f->read_bytes,
		    &f->read_rest, false));
	f->open = false;
	return 0;
}

/* Two writes in one sector: the later would erase the earlier. */
static int
check_overlap(struct link *l, const struct link_write *a,
    const struct link_write *b)
{
	if (a->offset / FLASH_SECTOR > (end_of(b) - 1) / FLASH_SECTOR ||
	    b->offset / FLASH_SECTOR > (end_of(a) - 1) / FLASH_SECTOR)
		return 0;
	return link_fail(l, ERR_OVERLAP, "%.100s at 0x%x (%s%s) and %.100s at "
	    "0x%x (%s%s) overlap: they share a 4096-byte sector of flash, and "
	    "writing one would erase the other",
	    a->blob->name, a->offset, a->partition[0] != '\0' ? "partition " :
	    "by its address", a->partition, b->blob->name, b->offset,
	    b->partition[0] != '\0' ? "partition " : "by its address",
	    b->partition);
}

/* Use the places that are known now. */
static int
take_all(struct link *l, const struct link_place *places)
{
	struct link_flash	*f = &l->flash;
	size_t			 size = f->write_count * sizeof *f->writes;

	if (f->open)
		return take_region(l, &places[0]);
	if ((l->own_writes = malloc(size)) == NULL)
		return link_fail(l, ERR_NOMEM, "out of memory");
	memcpy(l->own_writes, f->writes, size);
	for (size_t i = 0; i < f->write_count; i++) {
		struct link_write	*w = &l->own_writes[i];

		if (w->open)
			TRY(take_write(l, w, &places[i]));
		for (size_t k = 0; k < i; k++)
			TRY(check_overlap(l, &l->own_writes[k], w));
	}
	f->writes = l->own_writes;
	return 0;
}

/* A table among several images, named by the old one. */
static int
check_table_named(struct link *l)
{
	for (size_t i = 0; i < l->flash.write_count; i++) {
		const struct link_write	*w = &l->flash.writes[i];

		if (l->flash.write_count > 1 && covers_table(l, w) &&
		    w->partition[0] != '\0' && !l->flash.must_verify)
			return link_fail(l, ERR_CONFLICT, "'%s' replaces the "
			    "partition table that told where the partitions "
			    "of this job are; write it by its address, 0x%x, "
			    "and the names go by the new one", w->blob->name,
			    l->flash.table_offset);
	}
	return 0;
}

static int
search(struct search *s)
{
	struct link	*l = s->link;
	int		 r;

	TRY(r = table_of_job(s));
	if (r == 0)
		TRY(table_of_flash(s));
	TRY(find_all(s));
	TRY(take_all(l, l->resume.places));
	if (r == 0)
		TRY(check_table_named(l));
	l->resume.placed = true;
	return 0;
}

/* ---- places that came with the job ---- */

/* They stem from a file; a table that the job writes must have them, too. */
static int
check_agreed(struct search *s)
{
	struct link		*l = s->link;
	const struct partition	*p;
	int			 r;

	TRY(r = table_of_job(s));
	if (r == 0)
		return 0;
	for (size_t i = 0; i < l->flash.write_count; i++) {
		const struct link_write	*w = &l->flash.writes[i];

		if (w->partition[0] == '\0')
			continue;
		p = partition_find(&s->table, w->partition);
		if (p == NULL || p->offset != w->offset ||
		    p->size < w->blob->file_len)
			return link_fail(l, ERR_CONFLICT, "partition '%s' is "
			    "at 0x%x by the table that was given, but not by "
			    "the one that is written; give the same one",
			    w->partition, w->offset);
	}
	return 0;
}

static bool
is_named(const struct link *l)
{
	for (size_t i = 0; i < l->flash.write_count; i++)
		if (l->flash.writes[i].partition[0] != '\0')
			return true;
	return false;
}

/* The chip will decrypt what it reads there. */
static void
note_plain(struct link *l)
{
	for (size_t i = 0; i < l->flash.write_count; i++) {
		const struct link_write	*w = &l->flash.writes[i];

		if (w->secret && !w->encrypt && !l->flash.must_verify &&
		    l->found.security.encrypted)
			link_note(l, "flash encryption is on and partition "
			    "'%s' is an encrypted one, but %s is written as it "
			    "is: right only if it was encrypted before",
			    w->partition, w->blob->name);
	}
}

int
phase_table(struct link *l)
{
	struct search	*s;
	bool		 open = needs_table(l);
	int		 err;

	if (!open && !is_named(l))
		return 0;
	if (open && l->resume.placed)	/* by an attempt before this one */
		return take_all(l, l->resume.places);
	if ((s = calloc(1, sizeof *s)) == NULL)
		return link_fail(l, ERR_NOMEM, "out of memory");
	s->link = l;
	err = open ? search(s) : check_agreed(s);
	free(s);
	if (err == 0)
		note_plain(l);
	return err;
}
