#ifndef TESTS_UNIT_UNIT_H
#define TESTS_UNIT_UNIT_H
/*
 * unit - what every cmocka program needs, in the order cmocka wants it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define UNIT_COUNT(a)	(sizeof (a) / sizeof (a)[0])
#endif
