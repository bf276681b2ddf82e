/*
 * lib - what the compilers call without being asked, and what their libraries
 * lack: Debian's libgcc for the lx106 has no division.  Marked as used, because
 * whole-program optimisation does not see such calls before it is too late.
 */
#include <stddef.h>
#include <stdint.h>

#define LIB __attribute__((used))

void *memcpy(void *, const void *, size_t);
void *memset(void *, int, size_t);
uint32_t __bswapsi2(uint32_t);

LIB void *
memcpy(void *to, const void *from, size_t n)
{
	uint8_t		*t = to;
	const uint8_t	*f = from;

	if (((uintptr_t)t | (uintptr_t)f) % sizeof(uint32_t) == 0) {
		for (; n >= 4; n -= 4, t += 4, f += 4)
			*(uint32_t *)(void *)t = *(const uint32_t *)
			    (const void *)f;
	}
	while (n--)
		*t++ = *f++;
	return to;
}

LIB void *
memset(void *to, int c, size_t n)
{
	uint8_t	*t = to;

	while (n--)
		*t++ = c;
	return to;
}

/* Byte by byte: written with shifts, the compiler would see what that is and
 * call this function for it. */
LIB uint32_t
__bswapsi2(uint32_t n)
{
	uint32_t	result = 0;

	for (int i = 0; i < 4; i++, n >>= 8)
		result = result << 8 | (n & 0xff);
	return result;
}

#ifdef __XTENSA__
uint32_t __udivsi3(uint32_t, uint32_t);
uint32_t __umodsi3(uint32_t, uint32_t);

/* By shifting and subtracting; division by 0 gives all ones. */
static uint32_t
lib_divide(uint32_t n, uint32_t by, uint32_t *rest)
{
	uint32_t	result = 0, r = 0;

	for (int i = 31; i >= 0; i--) {
		r = r << 1 | (n >> i & 1);
		if (r < by)
			continue;
		r -= by;
		result |= 1u << i;
	}
	*rest = r;
	return result;
}

LIB uint32_t
__udivsi3(uint32_t n, uint32_t by)
{
	uint32_t	rest;

	return lib_divide(n, by, &rest);
}

LIB uint32_t
__umodsi3(uint32_t n, uint32_t by)
{
	uint32_t	rest;

	(void)lib_divide(n, by, &rest);
	return rest;
}
#endif
