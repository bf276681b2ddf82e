# tests/unit - the tables of proto/efuse.

if HAVE_CMOCKA
check_PROGRAMS += test_efuse_tables
TESTS += test_efuse_tables

test_efuse_tables_SOURCES = tests/unit/test_efuse_tables.c tests/unit/unit.h
test_efuse_tables_LDADD = $(UNIT_LIBS)
endif
