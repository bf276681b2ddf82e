# tests/virt - the daemon's phases and our stub together, in virtual time.

if HAVE_CMOCKA
VIRT_BOARD = tests/virt/machine.c tests/virt/machine.h \
	tests/virt/w25q.c tests/virt/w25q.h \
	tests/virt/virt.c tests/virt/virt.h
VIRT_LIBS = libdaemon.a $(STUB_LIBS) $(PROTO_LIBS) $(CMOCKA_LIBS)
virt_tests = test_flash test_flash_small test_job test_lines test_lines_small \
	test_loss test_speed
check_PROGRAMS += $(virt_tests)
TESTS += $(virt_tests)
test_flash_SOURCES = tests/virt/test_flash.c $(VIRT_BOARD)
test_flash_LDADD = $(VIRT_LIBS)
test_speed_SOURCES = tests/virt/test_speed.c $(VIRT_BOARD)
test_speed_LDADD = $(VIRT_LIBS)
test_job_SOURCES = tests/virt/test_job.c $(VIRT_BOARD)
test_job_LDADD = $(VIRT_LIBS)
test_lines_SOURCES = tests/virt/test_lines.c $(VIRT_BOARD)
test_lines_LDADD = $(VIRT_LIBS)

# The stub as it is on the ESP8266 (stubs/chips/map).
check_LIBRARIES = libstubsmall.a
libstubsmall_a_SOURCES = $(libstub_a_SOURCES)
libstubsmall_a_CPPFLAGS = $(AM_CPPFLAGS) -DSTUB_RING=18432u
VIRT_SMALL_LIBS = libdaemon.a libstubsmall.a $(PROTO_LIBS) $(CMOCKA_LIBS)
test_flash_small_SOURCES = $(test_flash_SOURCES)
test_flash_small_LDADD = $(VIRT_SMALL_LIBS)
test_lines_small_SOURCES = $(test_lines_SOURCES)
test_lines_small_LDADD = $(VIRT_SMALL_LIBS)

test_loss_SOURCES = tests/virt/test_loss.c $(VIRT_BOARD)
test_loss_LDADD = $(VIRT_LIBS)
endif
