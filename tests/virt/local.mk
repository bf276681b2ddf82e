# tests/virt - the daemon's phases and our stub together, in virtual time.

if HAVE_CMOCKA
VIRT_BOARD = tests/virt/machine.c tests/virt/machine.h \
	tests/virt/w25q.c tests/virt/w25q.h \
	tests/virt/virt.c tests/virt/virt.h
VIRT_LIBS = libdaemon.a $(STUB_LIBS) $(PROTO_LIBS) $(CMOCKA_LIBS)
virt_tests = test_flash test_loss test_speed
check_PROGRAMS += $(virt_tests)
TESTS += $(virt_tests)
test_flash_SOURCES = tests/virt/test_flash.c $(VIRT_BOARD)
test_flash_LDADD = $(VIRT_LIBS)
test_speed_SOURCES = tests/virt/test_speed.c $(VIRT_BOARD)
test_speed_LDADD = $(VIRT_LIBS)
test_loss_SOURCES = tests/virt/test_loss.c $(VIRT_BOARD)
test_loss_LDADD = $(VIRT_LIBS)
endif
