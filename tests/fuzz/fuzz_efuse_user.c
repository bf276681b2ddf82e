/* proto/efuse/user: any bytes are a table of fields that lie in their blocks,
 * have names of their own and values, or are refused.  The first byte is the
 * chip. */
#include "proto/efuse/user.h"

#include <string.h>

#include "proto/base/err.h"
#include "proto/efuse/state.h"
#include "proto/efuse/virt.h"
#include "tests/fuzz/fuzz.h"

static void
check_field(struct efuse_state *st, const struct efuse_field *f)
{
	char	out[EFUSE_TEXT_MAX];

	FUZZ_CHECK(f->block < efuse_block_count(st->efuse));
	FUZZ_CHECK(f->bits > 0 && f->bit + f->bits <=
	    32 * st->efuse->blocks[f->block].words);
	FUZZ_CHECK(strlen(f->name) < EFUSE_NAME_MAX);
	/* No other one has its name. */
	FUZZ_CHECK(efuse_field_find(st, f->name) == f);
	efuse_value(st, f, out);
	FUZZ_CHECK(out[0] != '\0');
	efuse_raw_hex(st, f, out);
	FUZZ_CHECK(strlen(out) > 2);
}

static void
check_table(const struct efuse_chip *efuse, const struct efuse_user *user)
{
	static struct efuse_state	st;
	static struct efuse_raw		raw;
	const struct efuse_field	*f = NULL;
	size_t				 count = 0;

	virt_new(&raw, efuse);
	raw.revision = efuse->from_revision;
	for (size_t i = 0; i < EFUSE_WINDOW / 4; i++)
		raw.window[i] = 0xfffffffc;	/* ESP32: coding 0 */
	FUZZ_CHECK(efuse_state_read(&st, &raw, user, NULL) == 0);
	for (size_t i = 0; i < user->count; i++)
		check_field(&st, &user->fields[i]);
	while ((f = efuse_field_next(&st, f)) != NULL)
		count += strcmp(f->category, "User") == 0;
	FUZZ_CHECK(count == user->count);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	const struct efuse_chip	*efuse;
	struct efuse_user	 user;
	struct why		 why = { 0 };
	size_t			 count = 0;
	int			 r;

	if (len == 0)
		return 0;
	while (efuse_chips[count] != NULL)
		count++;
	efuse = efuse_chips[p[0] % count];
	r = efuse_user_read(&user, efuse, (const char *)p + 1, len - 1, "table",
	    &why);
	FUZZ_CHECK(r == 0 || r == ERR_PARAMS);
	FUZZ_CHECK(why.err == r);
	FUZZ_CHECK(user.count <= EFUSE_USER_MAX);
	if (r == 0)
		check_table(efuse, &user);
	else
		FUZZ_CHECK(user.fields == NULL);
	efuse_user_done(&user);
	return 0;
}
