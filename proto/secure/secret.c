/*
 * secret - see secret.h.
 */
#include "proto/secure/secret.h"

#include <malloc.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <openssl/crypto.h>

enum {
	FRAME		= 2048,		/* bytes of the stack at a time */
	FRAMES		= 96,		/* libcrypto goes less deep */
};

static void *
take(size_t len, const char *file, int line)
{
	(void)file;
	(void)line;
	return malloc(len);
}

static void
give(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	if (p == NULL)
		return;
	secret_wipe(p, malloc_usable_size(p));
	free(p);
}

/* realloc(3) would leave the bytes at the old place. */
static void *
move(void *p, size_t len, const char *file, int line)
{
	void	*to;
	size_t	 old;

	if (p == NULL)
		return take(len, file, line);
	if (len == 0) {
		give(p, file, line);
		return NULL;
	}
	to = malloc(len);
	if (to == NULL)
		return NULL;
	old = malloc_usable_size(p);
	memcpy(to, p, old < len ? old : len);
	give(p, file, line);
	return to;
}

/*
 * A limit of 1, not 0: where cores are piped to a program the kernel looks at no
 * limit but this one (core(5), fs/coredump.c), and no core fits into it either.
 */
static void
forbid_core(void)
{
	struct rlimit	limit;

	if (getrlimit(RLIMIT_CORE, &limit) != 0)
		return;
	limit.rlim_cur = limit.rlim_max < 1 ? limit.rlim_max : 1;
	(void)setrlimit(RLIMIT_CORE, &limit);	/* lowering cannot fail */
}

bool
secret_begin(void)
{
	forbid_core();
	return CRYPTO_set_mem_functions(take, move, give) == 1;
}

void
secret_wipe(void *p, size_t len)
{
	OPENSSL_cleanse(p, len);
}

/* One frame after the other, each below the last. */
static __attribute__((noinline)) void
wipe_frames(unsigned left)
{
	uint8_t	frame[FRAME];

	if (left > 0)
		wipe_frames(left - 1);
	secret_wipe(frame, sizeof(frame));
}

void
secret_wipe_stack(void)
{
	wipe_frames(FRAMES);
}
