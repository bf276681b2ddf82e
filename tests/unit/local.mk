# tests/unit - one program per module.

if HAVE_CMOCKA
UNIT_LIBS = libdaemon.a $(PROTO_LIBS) $(CMOCKA_LIBS)
unit_tests = test_blob test_chip test_flashid test_stubs
check_PROGRAMS += $(unit_tests)
TESTS += $(unit_tests)

test_blob_SOURCES = tests/unit/test_blob.c tests/unit/unit.h
test_blob_LDADD = $(UNIT_LIBS)
test_chip_SOURCES = tests/unit/test_chip.c tests/unit/unit.h
test_chip_LDADD = $(UNIT_LIBS)
test_flashid_SOURCES = tests/unit/test_flashid.c tests/unit/unit.h
test_flashid_LDADD = $(UNIT_LIBS)
test_stubs_SOURCES = tests/unit/test_stubs.c tests/unit/unit.h
test_stubs_LDADD = $(UNIT_LIBS)
endif

include tests/unit/client.mk
