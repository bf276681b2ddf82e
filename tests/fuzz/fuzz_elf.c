/*
 * proto/image/elf and build: any file as a program for any chip.  The first
 * bytes choose chip and options, the rest is the ELF file.
 */
#include "proto/base/bytes.h"
#include "proto/image/build.h"
#include "tests/fuzz/fuzz.h"

enum { CHOICE = 8 };

static const struct chip *
choose_chip(uint8_t byte)
{
	size_t	count = 0;

	while (chips[count] != NULL)
		count++;
	return chips[byte % count];
}

static void
choose(const uint8_t *p, struct build_options *o)
{
	o->chip = choose_chip(p[0]);
	o->version = 1 + p[1] % 3;
	o->use_segments = (p[2] & 1) != 0;
	o->ram_only_header = (p[2] & 2) != 0;
	o->no_digest = (p[2] & 4) != 0;
	o->secure_pad = (p[2] & 8) != 0;
	o->secure_pad_v2 = (p[2] & 16) != 0;
	o->max_rev_full = HEADER_ANY_REV;
	o->elf_sha_at = le16_get(p + 4);
	o->mmu_page = p[3] % 16 != 0 ? UINT32_C(1) << p[3] % 32 : 0;
	o->pad_to = p[6] * UINT32_C(1024);
}

/* What a loader walks through must be there, up to the check sum. */
static void
check(const struct build_options *o, const struct build *b)
{
	const struct buf	*f = &b->files[0].bytes;
	size_t			 at = o->chip->image_id < 0 ? HEADER_BYTES :
				    HEADER_EXTENDED;
	uint32_t		 addr, bytes;

	FUZZ_CHECK(b->file_count >= 1 && b->file_count <= BUILD_FILES);
	FUZZ_CHECK(f->len > at);
	if (o->chip->image_id < 0 && o->version == 2)
		return;
	for (unsigned i = 0; i < f->data[1]; i++)
		FUZZ_CHECK(header_segment(f->data, f->len, &at, &addr,
		    &bytes) == 0);
	FUZZ_CHECK(header_sum_at(at) < f->len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct build_options	o = { 0 };
	struct build		b;
	struct why		why = { 0 };

	if (len < CHOICE)
		return 0;
	choose(p, &o);
	if (build_image(p + CHOICE, len - CHOICE, &o, &b, NULL, &why) < 0)
		FUZZ_CHECK(why.text[0] != '\0');
	else
		check(&o, &b);
	build_done(&b);
	return 0;
}
