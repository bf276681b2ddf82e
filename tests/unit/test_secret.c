/*
 * test_secret - what was wiped is not there any more.
 *
 * Memory that was given back, and the stack below a function, are read through
 * /proc/self/mem: no pointer of C may.
 */
#include "proto/secure/secret.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "tests/unit/unit.h"

enum {
	LARGE	= 3000,		/* bytes; below what malloc(3) maps by itself */
	DEEP	= 65536,	/* of the stack */
	MARK	= 0xa7,
};

/* What secret_begin() said before all else, and in a process that had used
 * libcrypto. */
static bool	began, began_late;

static void
read_memory(uintptr_t at, uint8_t *out, size_t len)
{
	int	fd = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(pread(fd, out, len, (off_t)at), len);
	(void)close(fd);
}

/* The longest row of marks. */
static size_t
longest(const uint8_t *bytes, size_t len)
{
	size_t	most = 0, n = 0;

	for (size_t i = 0; i < len; i++) {
		n = bytes[i] == MARK ? n + 1 : 0;
		most = n > most ? n : most;
	}
	return most;
}

static void
test_only_before_libcrypto_was_used_it_can_begin(void **state)
{
	(void)state;
	assert_true(began);
	assert_false(began_late);
}

static bool
begin_late(void)
{
	int	status = 0;
	pid_t	pid = fork();

	if (pid == 0) {
		OPENSSL_free(OPENSSL_malloc(1));
		_exit(secret_begin());
	}
	return pid < 0 || waitpid(pid, &status, 0) != pid || status != 0;
}

static void
test_no_core_is_left(void **state)
{
	struct rlimit	limit;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_CORE, &limit), 0);
	assert_in_range(limit.rlim_cur, 0, 1);
}

/* malloc(3) keeps its own numbers in the first bytes of what it got back. */
static void
check_wiped(uintptr_t at)
{
	static uint8_t	now[LARGE];

	read_memory(at, now, sizeof(now));
	assert_in_range(longest(now, sizeof(now)), 0, 7);
}

static void
test_what_libcrypto_gives_back_is_wiped(void **state)
{
	uint8_t		*p = OPENSSL_malloc(LARGE);
	uintptr_t	 at = (uintptr_t)p;

	(void)state;
	assert_non_null(p);
	memset(p, MARK, LARGE);
	OPENSSL_free(p);
	check_wiped(at);
	OPENSSL_free(NULL);
}

static void
test_what_libcrypto_makes_larger_is_wiped_at_its_old_place(void **state)
{
	uint8_t		*p = OPENSSL_malloc(LARGE), *q;
	uintptr_t	 at = (uintptr_t)p;

	(void)state;
	assert_non_null(p);
	memset(p, MARK, LARGE);
	q = OPENSSL_realloc(p, 4 * LARGE);
	assert_non_null(q);
	assert_true((uintptr_t)q != at);
	assert_int_equal(longest(q, LARGE), LARGE);
	check_wiped(at);

	/* and when it is made smaller all that is left is as it was */
	q = OPENSSL_realloc(q, 100);
	assert_non_null(q);
	assert_int_equal(longest(q, 100), 100);
	OPENSSL_free(q);
}

static void
test_bytes_are_overwritten(void **state)
{
	uint8_t	bytes[64];

	(void)state;
	memset(bytes, MARK, sizeof(bytes));
	secret_wipe(bytes + 1, sizeof(bytes) - 2);
	assert_int_equal(bytes[0], MARK);
	assert_int_equal(bytes[63], MARK);
	assert_int_equal(longest(bytes, sizeof(bytes)), 1);
	secret_wipe(bytes, 0);
	assert_int_equal(bytes[0], MARK);
}

/* Leave marks far below the caller; where they stand. */
static __attribute__((noinline)) uintptr_t
leave_marks(unsigned depth)
{
	volatile uint8_t	frame[1024];
	uintptr_t		at = (uintptr_t)frame;

	for (size_t i = 0; i < sizeof(frame); i++)
		frame[i] = MARK;
	if (depth > 0)
		at = leave_marks(depth - 1);
	return at + (frame[0] - MARK);
}

static void
test_the_stack_below_is_wiped(void **state)
{
	static uint8_t	below[DEEP];
	uintptr_t	lowest;

	(void)state;
#if defined(__SANITIZE_ADDRESS__)
	skip();		/* its frames have gaps between variables */
#endif
	lowest = leave_marks(DEEP / 1024);
	read_memory(lowest, below, sizeof(below));
	assert_in_range(longest(below, sizeof(below)), 1000, DEEP);
	secret_wipe_stack();
	read_memory(lowest, below, sizeof(below));
	assert_in_range(longest(below, sizeof(below)), 0, 15);
}

#if defined(__x86_64__)
static void
test_vector_registers_are_wiped(void **state)
{
	uint64_t	after = 1;

	(void)state;
	__asm__ volatile ("movq %0, %%xmm5\n\tmovq %0, %%xmm15"
	    :: "r" (UINT64_C(0xa7a7a7a7a7a7a7a7)) : "xmm5", "xmm15");
	secret_wipe_stack();
	__asm__ volatile ("por %%xmm15, %%xmm5\n\tmovq %%xmm5, %0"
	    : "=r" (after) :: "xmm5");
	assert_true(after == 0);
}
#endif

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_only_before_libcrypto_was_used_it_can_begin),
		cmocka_unit_test(test_no_core_is_left),
		cmocka_unit_test(test_what_libcrypto_gives_back_is_wiped),
		cmocka_unit_test(
		    test_what_libcrypto_makes_larger_is_wiped_at_its_old_place),
		cmocka_unit_test(test_bytes_are_overwritten),
		cmocka_unit_test(test_the_stack_below_is_wiped),
#if defined(__x86_64__)
		cmocka_unit_test(test_vector_registers_are_wiped),
#endif
	};

	began_late = begin_late();
	began = secret_begin();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
