# tests/unit - modules of the daemon.

if HAVE_CMOCKA
daemon_tests = test_export test_input test_methods
check_PROGRAMS += $(daemon_tests)
TESTS += $(daemon_tests)

test_export_SOURCES = tests/unit/test_export.c
test_export_LDADD = $(DAEMON_LIBS) $(CMOCKA_LIBS)
test_input_SOURCES = tests/unit/test_input.c
test_input_LDADD = $(DAEMON_LIBS) $(CMOCKA_LIBS)
test_methods_SOURCES = tests/unit/test_methods.c
test_methods_LDADD = $(DAEMON_LIBS) $(CMOCKA_LIBS)
endif
