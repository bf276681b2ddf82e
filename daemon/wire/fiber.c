#include "daemon/wire/fiber.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FIBER_ASAN	1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define FIBER_ASAN	1
#endif

/* AddressSanitizer must be told when the stack changes under it. */
#ifdef FIBER_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#define SWITCH_BEGIN(save, bottom, size) \
	__sanitizer_start_switch_fiber(save, bottom, size)
#define SWITCH_END(save, bottom, size) \
	__sanitizer_finish_switch_fiber(save, bottom, size)
#define UNPOISON(p, len)	__asan_unpoison_memory_region(p, len)
#else
#define SWITCH_BEGIN(save, bottom, size)	((void)(save))
#define SWITCH_END(save, bottom, size)		((void)(save))
#define UNPOISON(p, len)			((void)(p))
#endif

struct fiber {
	ucontext_t	 here;		/* where the fiber stopped */
	ucontext_t	 caller;	/* where fiber_resume() was called */
	void		(*main)(void *arg);
	void		*arg;
	int		 value;		/* handed from resume to wait */
	bool		 done;
	char		*map;		/* guard page, then the stack */
	size_t		 page;		/* bytes of the guard */
	const void	*caller_bottom;	/* for AddressSanitizer only */
	size_t		 caller_size;
};

static struct fiber	*fiber_running;

/* The first function on the new stack; never returns. */
static void
fiber_start(void)
{
	struct fiber	*f = fiber_running;

	SWITCH_END(NULL, &f->caller_bottom, &f->caller_size);
	f->main(f->arg);
	f->done = true;
	SWITCH_BEGIN(NULL, f->caller_bottom, f->caller_size);
	(void)setcontext(&f->caller);	/* does not return */
	abort();
}

/* Set apart from fiber_new(): getcontext() can return twice. */
static int
fiber_prepare(struct fiber *f)
{
	if (mprotect(f->map, f->page, PROT_NONE) < 0 ||
	    getcontext(&f->here) < 0)
		return -1;
	f->here.uc_stack.ss_sp = f->map + f->page;
	f->here.uc_stack.ss_size = FIBER_STACK;
	makecontext(&f->here, fiber_start, 0);
	return 0;
}

struct fiber *
fiber_new(void (*main)(void *arg), void *arg)
{
	struct fiber	*f;

	if ((f = calloc(1, sizeof *f)) == NULL)
		return NULL;
	f->page = (size_t)sysconf(_SC_PAGESIZE);
	f->main = main;
	f->arg = arg;
	f->map = mmap(NULL, f->page + FIBER_STACK, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	if (f->map == MAP_FAILED) {
		free(f);
		return NULL;
	}
	if (fiber_prepare(f) < 0) {
		(void)munmap(f->map, f->page + FIBER_STACK);
		free(f);
		return NULL;
	}
	return f;
}

bool
fiber_resume(struct fiber *f, int value)
{
	void	*save = NULL;

	assert(fiber_running == NULL && !f->done);
	f->value = value;
	fiber_running = f;
	SWITCH_BEGIN(&save, f->map + f->page, FIBER_STACK);
	if (swapcontext(&f->caller, &f->here) < 0)
		abort();	/* only for a bad address */
	SWITCH_END(save, NULL, NULL);
	fiber_running = NULL;
	return !f->done;
}

int
fiber_wait(void)
{
	struct fiber	*f = fiber_running;
	void		*save = NULL;

	assert(f != NULL);
	SWITCH_BEGIN(&save, f->caller_bottom, f->caller_size);
	if (swapcontext(&f->here, &f->caller) < 0)
		abort();
	SWITCH_END(save, &f->caller_bottom, &f->caller_size);
	return f->value;
}

void
fiber_free(struct fiber *f)
{
	if (f == NULL)
		return;
	assert(f->done);
	/* What is mapped here next must not inherit the marks of our frames. */
	UNPOISON(f->map + f->page, FIBER_STACK);
	(void)munmap(f->map, f->page + FIBER_STACK);
	free(f);
}

/* Fresh pages are zero: the first byte that is not was written by a frame. */
__attribute__((no_sanitize_address)) size_t
fiber_stack_used(const struct fiber *f)
{
	const char	*stack = f->map + f->page;
	size_t		 i = 0;

	while (i < FIBER_STACK && stack[i] == 0)
		i++;
	return FIBER_STACK - i;
}
