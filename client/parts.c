#include "client/parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "proto/base/err.h"
#include "proto/chip/chip.h"
#include "proto/image/ihex.h"
#include "proto/image/uf2.h"

struct part_list {
	struct part	*list;
	size_t			 count;
	uint32_t		 unit;		/* that has one part at most */
};

static int
append(struct part *p, const void *data, size_t len, struct why *why)
{
	const char	*from = data;
	ssize_t		 n;

	p->bytes += len;
	while (len > 0) {
		n = write(p->fd, from, len);
		if (n < 0 && errno != EINTR)
			return why_set(why, err_from_errno(errno), "no room "
			    "for a part of it: %s", strerror(errno));
		if (n > 0) {
			from += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

/* FF up to an address. */
static int
fill_up(struct part *p, uint32_t address, struct why *why)
{
	char	ff[256];
	size_t	n;
	int	r;

	memset(ff, 0xff, sizeof ff);
	while (p->offset + p->bytes < address) {
		n = address - (size_t)(p->offset + p->bytes);
		if ((r = append(p, ff, n < sizeof ff ? n : sizeof ff,
		    why)) < 0)
			return r;
	}
	return 0;
}

/* The next region: a part of its own, unless it begins in the piece where the
 * last one ends. */
static int
add_part(struct part_list *l, uint32_t address, const void *data, size_t len,
    struct why *why)
{
	struct part	*p = &l->list[l->count];
	uint64_t		 end = 0;
	int			 r;

	if (l->count > 0)
		end = p[-1].offset + p[-1].bytes;
	/* Those of another family may lie before it. */
	if (l->count > 0 && address >= end &&
	    (end - 1) / l->unit == address / l->unit) {
		r = fill_up(p - 1, address, why);
		return r < 0 ? r : append(p - 1, data, len, why);
	}
	if (l->count == PARTS_MAX)
		return why_set(why, ERR_LIMIT, "it has more than %d parts with "
		    "gaps between them", PARTS_MAX);
	*p = (struct part){ memfd_create("espctl", MFD_CLOEXEC), address,
	    0 };
	if (p->fd < 0)
		return why_set(why, err_from_errno(errno), "no room for a part "
		    "of it: %s", strerror(errno));
	l->count++;
	return append(p, data, len, why);
}

static int
begin_parts(struct part_list *l, uint32_t unit, struct why *why)
{
	*l = (struct part_list){ .unit = unit,
	    .list = calloc(PARTS_MAX + 1, sizeof *l->list) };
	return l->list != NULL ? 0 : why_set(why, ERR_NOMEM, "out of memory");
}

/* The end of making them: their number, or nothing is left of them. */
static int
end_parts(struct part_list *l, int r, struct part **parts)
{
	if (r == 0) {
		*parts = l->list;
		return (int)l->count;
	}
	for (size_t i = 0; i < l->count; i++)
		(void)close(l->list[i].fd);
	free(l->list);
	return r;
}

static int
hex_parts(const char *text, size_t len, uint32_t unit,
    struct part **parts, struct why *why)
{
	struct part_list	l;
	struct ihex		h;
	int			r;

	r = ihex_parse(text, len, &h, why);
	if (r == ERR_IMAGE)
		return 0;		/* it just begins like one */
	if (r < 0)
		return r;
	if ((r = begin_parts(&l, unit, why)) == 0) {
		for (size_t i = 0; i < h.count && r == 0; i++)
			r = add_part(&l, h.regions[i].address,
			    h.regions[i].data, h.regions[i].len, why);
		r = end_parts(&l, r, parts);
	}
	ihex_done(&h);
	return r;
}

/* Is it for the chip?  With none, for which is it? */
static int
uf2_for(const struct uf2 *u, const struct chip **chip, struct why *why)
{
	const struct chip	*other = NULL;

	if (*chip == NULL)
		return uf2_chip(u, chip, why);
	if (uf2_has(u, (*chip)->uf2_family))
		return 0;
	(void)uf2_chip(u, &other, NULL);
	return why_set(why, ERR_CHIP_MISMATCH, "the UF2 file is for %s%s, not "
	    "for the %s", other != NULL ? "the " : "", other != NULL ?
	    other->name : "other chips", (*chip)->name);
}

static int
uf2_parts(const void *file, size_t len, uint32_t unit,
    const struct chip **chip, struct part **parts, struct why *why)
{
	struct part_list	l;
	struct uf2		u;
	int			r;

	if ((r = uf2_parse(file, len, &u, why)) < 0)
		return r;
	if ((r = uf2_for(&u, chip, why)) == 0 &&
	    (r = begin_parts(&l, unit, why)) == 0) {
		for (size_t i = 0; i < u.count && r == 0; i++) {
			const struct uf2_region	*g = &u.regions[i];

			if (*chip == NULL || g->family == 0 ||
			    g->family == (*chip)->uf2_family)
				r = add_part(&l, g->address, g->data, g->len,
				    why);
		}
		r = end_parts(&l, r, parts);
	}
	uf2_done(&u);
	return r;
}

int
parts_open(int fd, uint64_t bytes, uint32_t unit, const struct chip **chip,
    struct part **parts, struct why *why)
{
	char	*text;
	int	 r = 0;

	text = mmap(NULL, bytes, PROT_READ, MAP_PRIVATE, fd, 0);
	if (text == MAP_FAILED)
		return why_set(why, ERR_IO, "it cannot be mapped: %s",
		    strerror(errno));
	if (text[0] == ':')
		r = hex_parts(text, bytes, unit, parts, why);
	else if (uf2_is(text, bytes))
		r = uf2_parts(text, bytes, unit, chip, parts, why);
	(void)munmap(text, bytes);
	return r;
}
