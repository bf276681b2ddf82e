# tests of daemon/base, daemon/port and daemon/wire

if HAVE_CMOCKA
PORT_TEST_LIBS = $(DAEMON_LIBS) $(CMOCKA_LIBS)
port_tests = test_wire_port
check_PROGRAMS += $(port_tests)
TESTS += $(port_tests)

test_wire_port_SOURCES = tests/unit/test_wire_port.c
test_wire_port_LDADD = $(PORT_TEST_LIBS)
endif
