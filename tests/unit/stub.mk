# Our own flasher stub, on a machine made for tests.

if HAVE_CMOCKA
stub_tests = test_stub_command test_stub_ext test_stub_inflate test_stub_write
check_PROGRAMS += $(stub_tests)
TESTS += $(stub_tests)
STUB_BOARD = tests/unit/stub_board.c tests/unit/stub_board.h tests/unit/unit.h
STUB_TEST_LIBS = $(STUB_LIBS) $(UNIT_LIBS)

test_stub_command_SOURCES = tests/unit/test_stub_command.c $(STUB_BOARD)
test_stub_command_LDADD = $(STUB_TEST_LIBS)
test_stub_ext_SOURCES = tests/unit/test_stub_ext.c $(STUB_BOARD)
test_stub_ext_LDADD = $(STUB_TEST_LIBS)
test_stub_inflate_SOURCES = tests/unit/test_stub_inflate.c tests/unit/unit.h
test_stub_inflate_LDADD = $(STUB_TEST_LIBS)
test_stub_write_SOURCES = tests/unit/test_stub_write.c $(STUB_BOARD)
test_stub_write_LDADD = $(STUB_TEST_LIBS)
endif
