# tests/unit - modules of the daemon.

if HAVE_CMOCKA
daemon_tests = test_efuse_tokens test_export test_input test_known test_methods test_place test_select \
	test_work
check_PROGRAMS += $(daemon_tests)
TESTS += $(daemon_tests)

test_export_SOURCES = tests/unit/test_export.c
test_export_LDADD = $(DAEMON_LIBS) $(CMOCKA_LIBS)
test_input_SOURCES = tests/unit/test_input.c
test_input_LDADD = $(DAEMON_LIBS) $(CMOCKA_LIBS)
test_efuse_tokens_SOURCES = tests/unit/test_efuse_tokens.c
test_efuse_tokens_LDADD = $(DAEMON_LIBS) $(CMOCKA_LIBS)
test_known_SOURCES = tests/unit/test_known.c
test_known_LDADD = $(DAEMON_LIBS) $(CMOCKA_LIBS)
test_methods_SOURCES = tests/unit/test_methods.c
test_methods_LDADD = $(DAEMON_LIBS) $(CMOCKA_LIBS)
test_place_SOURCES = tests/unit/test_place.c
test_place_LDADD = $(DAEMON_LIBS) $(CMOCKA_LIBS)
test_select_SOURCES = tests/unit/test_select.c
test_select_LDADD = $(DAEMON_LIBS) $(CMOCKA_LIBS)
test_work_SOURCES = tests/unit/test_work.c
test_work_LDADD = $(DAEMON_LIBS) $(CMOCKA_LIBS)
endif
