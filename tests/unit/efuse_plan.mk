# tests/unit - plans of burning eFuses.

if HAVE_CMOCKA
efuse_plan_tests = test_efuse_plan test_efuse_plan_random test_efuse_wish
check_PROGRAMS += $(efuse_plan_tests)
TESTS += $(efuse_plan_tests)

test_efuse_plan_SOURCES = tests/unit/test_efuse_plan.c \
	tests/unit/efuse_plan.h tests/unit/unit.h
test_efuse_plan_LDADD = $(UNIT_LIBS)
test_efuse_plan_random_SOURCES = tests/unit/test_efuse_plan_random.c \
	tests/unit/efuse_plan.h tests/unit/unit.h
test_efuse_plan_random_LDADD = $(UNIT_LIBS)
test_efuse_wish_SOURCES = tests/unit/test_efuse_wish.c tests/unit/unit.h
test_efuse_wish_LDADD = $(UNIT_LIBS) $(JSON_LIBS)
endif
