# tests of daemon/base, daemon/port and daemon/wire

if HAVE_CMOCKA
PORT_TEST_LIBS = $(DAEMON_LIBS) $(CMOCKA_LIBS)
port_tests = test_bridge test_conf test_port test_rfc2217 \
	test_rfc2217_port test_watch \
	test_wire_port
check_PROGRAMS += $(port_tests)
TESTS += $(port_tests)

test_bridge_SOURCES = tests/unit/test_bridge.c
test_bridge_LDADD = $(PORT_TEST_LIBS)
test_conf_SOURCES = tests/unit/test_conf.c
test_conf_LDADD = $(PORT_TEST_LIBS)
test_port_SOURCES = tests/unit/test_port.c
test_port_LDADD = $(PORT_TEST_LIBS)
test_rfc2217_SOURCES = tests/unit/test_rfc2217.c
test_rfc2217_LDADD = $(PORT_TEST_LIBS)
test_watch_SOURCES = tests/unit/test_watch.c tests/unit/fake_udev.c \
	tests/unit/fake_udev.h
test_watch_LDADD = $(PORT_TEST_LIBS)
test_rfc2217_port_SOURCES = tests/unit/test_rfc2217_port.c
test_rfc2217_port_LDADD = $(PORT_TEST_LIBS)
test_wire_port_SOURCES = tests/unit/test_wire_port.c
test_wire_port_LDADD = $(PORT_TEST_LIBS)
endif
