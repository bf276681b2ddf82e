# tests/sim - simulated boards.

noinst_PROGRAMS += espsim
ESPSIM_BOARD = \
	tests/sim/board.c tests/sim/board.h \
	tests/sim/boot.c tests/sim/boot.h tests/sim/second.c \
	tests/sim/chips.c tests/sim/chips.h \
	tests/sim/chips_c.c tests/sim/chips_h.c tests/sim/chips_p.c \
	tests/sim/chips_xtensa.c \
	tests/sim/crypt.c tests/sim/crypt.h \
	tests/sim/efuse.c tests/sim/efuse.h \
	tests/sim/efuse_code.c tests/sim/efuse_code.h \
	tests/sim/efuse_tables.c \
	tests/sim/fault.c tests/sim/fault.h \
	tests/sim/flash.c tests/sim/flash.h \
	tests/sim/fuse.c tests/sim/fuse.h \
	tests/sim/line.c tests/sim/line.h \
	tests/sim/power.c \
	tests/sim/regs.c \
	tests/sim/rfc2217.c tests/sim/rfc2217.h \
	tests/sim/rom.c \
	tests/sim/secure.c tests/sim/secure.h \
	tests/sim/stub.c \
	daemon/wire/fiber.c daemon/wire/fiber.h
espsim_SOURCES = \
	$(ESPSIM_BOARD) \
	tests/shim/lines.h \
	tests/sim/control.c tests/sim/control.h \
	tests/sim/main.c \
	tests/sim/pty.c tests/sim/pty.h \
	tests/sim/seat.c tests/sim/seat.h \
	tests/sim/traits.c tests/sim/traits.h \
	tests/sim/usb.c tests/sim/usb.h
espsim_LDADD = $(STUB_LIBS) $(PROTO_LIBS) $(EVENT_LIBS)

if HAVE_CMOCKA
check_PROGRAMS += test_sim test_sim_boot test_sim_chips test_sim_crypt test_sim_efuse test_sim_stub test_sim_traits test_sim_usb test_sim_wire
TESTS += test_sim test_sim_boot test_sim_chips test_sim_crypt test_sim_efuse test_sim_stub test_sim_traits test_sim_usb test_sim_wire
test_sim_SOURCES = $(ESPSIM_BOARD) tests/sim/bench.c tests/sim/bench.h \
	tests/sim/test_sim.c
test_sim_LDADD = $(STUB_LIBS) $(PROTO_LIBS) $(CMOCKA_LIBS)
test_sim_boot_SOURCES = $(ESPSIM_BOARD) tests/sim/bench.c tests/sim/bench.h \
	tests/sim/test_sim_boot.c
test_sim_boot_LDADD = $(STUB_LIBS) $(PROTO_LIBS) $(CMOCKA_LIBS)
test_sim_chips_SOURCES = $(ESPSIM_BOARD) tests/sim/bench.c tests/sim/bench.h \
	tests/sim/test_sim_chips.c
test_sim_chips_LDADD = $(STUB_LIBS) $(PROTO_LIBS) $(CMOCKA_LIBS)
test_sim_crypt_SOURCES = tests/sim/crypt.c tests/sim/crypt.h \
	tests/sim/test_sim_crypt.c
test_sim_crypt_LDADD = $(PROTO_LIBS) $(CMOCKA_LIBS)
test_sim_efuse_SOURCES = $(ESPSIM_BOARD) tests/sim/bench.c tests/sim/bench.h \
	tests/sim/test_sim_efuse.c
test_sim_efuse_LDADD = $(STUB_LIBS) $(PROTO_LIBS) $(CMOCKA_LIBS)
test_sim_stub_SOURCES = $(ESPSIM_BOARD) tests/sim/bench.c tests/sim/bench.h \
	tests/sim/test_sim_stub.c
test_sim_stub_LDADD = $(STUB_LIBS) $(PROTO_LIBS) $(CMOCKA_LIBS)
test_sim_traits_SOURCES = $(ESPSIM_BOARD) tests/sim/bench.c tests/sim/bench.h \
	tests/sim/test_sim_traits.c tests/sim/traits.c tests/sim/traits.h
test_sim_traits_LDADD = $(STUB_LIBS) $(PROTO_LIBS) $(CMOCKA_LIBS)
test_sim_usb_SOURCES = tests/shim/lines.h tests/sim/pty.c tests/sim/pty.h \
	tests/sim/test_sim_usb.c tests/sim/usb.c tests/sim/usb.h
test_sim_usb_LDADD = $(PROTO_LIBS) $(EVENT_LIBS) $(CMOCKA_LIBS)
test_sim_wire_SOURCES = $(ESPSIM_BOARD) tests/sim/bench.c tests/sim/bench.h \
	tests/sim/test_sim_wire.c
test_sim_wire_LDADD = $(STUB_LIBS) $(PROTO_LIBS) $(CMOCKA_LIBS)
endif
