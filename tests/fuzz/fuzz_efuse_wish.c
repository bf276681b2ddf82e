/* proto/efuse: any JSON is a list of wishes, or is refused; what they lead to is
 * what the chip holds when it was burned, and no bit is cleared.  The first byte
 * is the chip, the rest of it what its fuses hold, up to the first '['. */
#include <string.h>

#include <json-c/json.h>

#include "proto/base/err.h"
#include "proto/efuse/json.h"
#include "proto/efuse/plan.h"
#include "proto/efuse/virt.h"
#include "tests/fuzz/fuzz.h"

enum { WISHES = 16, DATA = 32 };

static struct efuse_raw		raw;
static struct efuse_state	before, now;

/* What wishes with a descriptor find there: bytes that depend on its number. */
static void
fill(struct efuse_wish *w, int fd)
{
	if (fd < 0)
		return;
	w->len = fd % 2 ? 2 * DATA : DATA;
	for (size_t i = 0; i < w->len; i++)
		w->data[i] = (uint8_t)((size_t)fd * 7 + i);
}

static int
add_wishes(struct efuse_plan *plan, struct json_object *list)
{
	size_t	count = json_object_array_length(list);
	int	r = 0;

	for (size_t i = 0; i < count && i < WISHES && r == 0; i++) {
		struct efuse_wish	w;
		struct why		why = { 0 };
		int			fd = -1;

		if (efuse_wish_parse(&w, json_object_array_get_idx(list, i),
		    &fd, &why) < 0) {
			FUZZ_CHECK(why.text[0] != '\0');
			continue;
		}
		fill(&w, fd);
		r = efuse_plan_add(plan, &w, &why);
		FUZZ_CHECK(r == 0 || why.text[0] != '\0');
		efuse_wish_done(&w);
	}
	return r;
}

static void
burn(const struct efuse_plan *plan)
{
	size_t	count = efuse_plan_steps(plan);

	FUZZ_CHECK(count <= EFUSE_STEPS_MAX);
	for (size_t i = 0; i < count; i++)
		FUZZ_CHECK(virt_burn(&raw, efuse_plan_step(plan, i),
		    NULL) == 0);
	FUZZ_CHECK(efuse_state_read(&now, &raw, NULL, NULL) == 0);
	for (size_t b = 0; b < efuse_block_count(now.efuse); b++)
		FUZZ_CHECK(memcmp(now.words[b],
		    efuse_plan_after(plan)->words[b],
		    sizeof now.words[b]) == 0);
}

static void
try_plan(struct json_object *list)
{
	struct efuse_plan	*plan = efuse_plan_new(&before, true);
	struct why		 why = { 0 };

	FUZZ_CHECK(plan != NULL);
	if (add_wishes(plan, list) == 0) {
		if (efuse_plan_finish(plan, &why) == 0)
			burn(plan);
		else
			FUZZ_CHECK(why.text[0] != '\0');
		json_object_put(efuse_plan_json(plan));
	}
	efuse_plan_free(plan);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	const uint8_t		*text = memchr(p, '[', len);
	const struct efuse_chip	*efuse;
	struct json_object	*list;
	struct json_tokener	*tok;
	size_t			 count = 0;

	if (text == NULL || text == p)
		return 0;
	while (efuse_chips[count] != NULL)
		count++;
	efuse = efuse_chips[p[0] % count];
	virt_new(&raw, efuse);
	/* Block 0 is left empty: its errors would be the chip's, not ours. */
	for (size_t i = 1; p + i < text && i < 64; i++)
		raw.window[efuse->blocks[1 + i % 3].read / 4 + i / 8 % 4] ^=
		    (uint32_t)p[i] << i % 4 * 8;
	FUZZ_CHECK(efuse_state_read(&before, &raw, NULL, NULL) == 0);
	tok = json_tokener_new();
	list = json_tokener_parse_ex(tok, (const char *)text,
	    (int)(len - (size_t)(text - p)));
	if (json_object_is_type(list, json_type_array))
		try_plan(list);
	json_object_put(list);
	json_tokener_free(tok);
	return 0;
}
