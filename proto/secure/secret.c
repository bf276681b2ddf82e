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

/* Copies of bytes pass through vector registers, which keep them until the next
 * one.  (AArch64: v8 to v15 belong to the callers.) */
static void
wipe_registers(void)
{
#if defined(__x86_64__)
	if (__builtin_cpu_supports("avx512f"))
		__asm__ volatile (
		    ".irp n,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31\n"
		    "vpxorq %%zmm\\n, %%zmm\\n, %%zmm\\n\n"
		    ".endr" ::);
	if (__builtin_cpu_supports("avx"))
		__asm__ volatile ("vzeroall" ::: "xmm0", "xmm1", "xmm2",
		    "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9",
		    "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
	else
		__asm__ volatile (
		    ".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"
		    "pxor %%xmm\\n, %%xmm\\n\n"
		    ".endr" ::: "xmm0", "xmm1", "xmm2", "xmm3", "xmm4",
		    "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11",
		    "xmm12", "xmm13", "xmm14", "xmm15");
#elif defined(__aarch64__)
	__asm__ volatile (
	    ".irp n,0,1,2,3,4,5,6,7,16,17,18,19,20,21,22,23,24,25,26,27,28,"
	    "29,30,31\n"
	    "movi v\\n\\().16b, #0\n"
	    ".endr" ::: "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v16",
	    "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25",
	    "v26", "v27", "v28", "v29", "v30", "v31");
#endif
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
	/* First: the dynamic linker puts them on the stack where a function is
	 * called for the first time. */
	wipe_registers();
	wipe_frames(FRAMES);
}
