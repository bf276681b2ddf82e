#include "daemon/job/efuse_tokens.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "daemon/base/loop.h"
#include "daemon/job/efuse_order.h"
#include "daemon/port/port.h"
#include "proto/base/err.h"
#include "proto/base/text.h"

enum {
	RANDOM	= 16,		/* bytes */
	TICK_MS	= 10000,	/* between two looks for old ones */
};

struct token {
	char			 text[EFUSE_TOKEN_LEN];
	uid_t			 uid;
	char			 identity[PORT_IDENTITY_MAX];
	struct efuse_order	*order;
	uint64_t		 ends;		/* loop_now() */
};

/* The oldest first. */
static struct token	tokens[EFUSE_TOKENS_MAX];
static size_t		count;
static struct loop_timer timer;

static void
take_out(size_t i)
{
	count--;
	memmove(&tokens[i], &tokens[i + 1], (count - i) * sizeof tokens[0]);
	explicit_bzero(&tokens[count], sizeof tokens[0]);
}

static void
drop(size_t i)
{
	efuse_order_unref(tokens[i].order);
	take_out(i);
}

static void
forget_old(void *arg)
{
	uint64_t	now = loop_now();

	(void)arg;
	while (count > 0 && tokens[0].ends <= now)
		drop(0);
	if (count > 0)
		(void)loop_timer_set(&timer, TICK_MS, forget_old, NULL);
}

int
efuse_tokens_add(struct efuse_order *order, uid_t uid, const char *identity,
    char token[EFUSE_TOKEN_LEN], struct why *why)
{
	uint8_t		random[RANDOM];
	struct token	*t;

	/* A guess must not be worth a try: nothing less will do. */
	if (getrandom(random, sizeof random, 0) != sizeof random)
		return why_set(why, ERR_INTERNAL, "there are no random numbers "
		    "for a token");
	forget_old(NULL);
	if (count == EFUSE_TOKENS_MAX)
		drop(0);
	t = &tokens[count++];
	text_hex(t->text, random, sizeof random);
	t->uid = uid;
	(void)snprintf(t->identity, sizeof t->identity, "%s", identity);
	t->order = efuse_order_ref(order);
	t->ends = loop_now() + (uint64_t)EFUSE_TOKEN_S * 1000;
	memcpy(token, t->text, EFUSE_TOKEN_LEN);
	return loop_timer_set(&timer, TICK_MS, forget_old, NULL);
}

int
efuse_tokens_take(const char *token, uid_t uid, const char *identity,
    struct efuse_order **out, struct why *why)
{
	size_t	i;

	forget_old(NULL);
	for (i = 0; i < count && strcmp(tokens[i].text, token) != 0; i++)
		;
	if (i == count)
		return why_set(why, ERR_PARAMS, "token: there is no such plan: "
		    "it was burned, is older than %d minutes, or the daemon "
		    "was started anew; plan again", EFUSE_TOKEN_S / 60);
	if (tokens[i].uid != uid)
		return why_set(why, ERR_DENIED, "token: another user made "
		    "that plan; make your own");
	if (strcmp(tokens[i].identity, identity) != 0)
		return why_set(why, ERR_CONFLICT, "token: the plan was made for "
		    "the board at %s, not for the one at %s; plan again",
		    tokens[i].identity, identity);
	*out = tokens[i].order;
	take_out(i);
	return 0;
}

size_t
efuse_tokens_count(void)
{
	return count;
}

void
efuse_tokens_done(void)
{
	while (count > 0)
		drop(0);
	loop_timer_clear(&timer);
}
