# tests/unit - files merged and made.

if HAVE_CMOCKA
merge_tests = test_make test_merge test_uf2
check_PROGRAMS += $(merge_tests)
TESTS += $(merge_tests)

test_make_SOURCES = tests/unit/test_make.c tests/unit/unit.h
test_make_LDADD = $(UNIT_LIBS)
test_merge_SOURCES = tests/unit/test_merge.c tests/unit/unit.h
test_merge_LDADD = $(UNIT_LIBS)
test_uf2_SOURCES = tests/unit/test_uf2.c tests/unit/unit.h
test_uf2_LDADD = $(UNIT_LIBS)
endif
