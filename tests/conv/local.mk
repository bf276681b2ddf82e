# tests/conv - the phases of the link, each against a board with a virtual
# clock.

EXTRA_DIST += tests/conv/conv.h
if HAVE_CMOCKA
CONV_BOARD = tests/conv/board.c tests/conv/ext.c tests/conv/spi.c \
	tests/conv/board.h \
	tests/conv/conv.h
CONV_LIBS = libdaemon.a $(PROTO_LIBS) $(CMOCKA_LIBS)
conv_tests = test_chips test_commands test_connect test_efuse test_ext test_leave test_phases test_signatures \
	test_table test_transfer test_wire_vectors test_write
check_PROGRAMS += $(conv_tests)
TESTS += $(conv_tests)

test_commands_SOURCES = tests/conv/test_commands.c $(CONV_BOARD)
test_commands_LDADD = $(CONV_LIBS)
test_chips_SOURCES = tests/conv/test_chips.c $(CONV_BOARD)
test_chips_LDADD = $(CONV_LIBS)
test_connect_SOURCES = tests/conv/test_connect.c $(CONV_BOARD)
test_connect_LDADD = $(CONV_LIBS)
test_efuse_SOURCES = tests/conv/test_efuse.c $(CONV_BOARD)
test_efuse_LDADD = $(CONV_LIBS)
test_ext_SOURCES = tests/conv/test_ext.c $(CONV_BOARD)
test_ext_LDADD = $(CONV_LIBS)
test_leave_SOURCES = tests/conv/test_leave.c $(CONV_BOARD)
test_leave_LDADD = $(CONV_LIBS)
test_phases_SOURCES = tests/conv/test_phases.c $(CONV_BOARD)
test_phases_LDADD = $(CONV_LIBS)
test_signatures_SOURCES = tests/conv/test_signatures.c $(CONV_BOARD)
test_signatures_LDADD = $(CONV_LIBS) $(ZLIB_LIBS)
test_table_SOURCES = tests/conv/test_table.c $(CONV_BOARD)
test_table_LDADD = $(CONV_LIBS)
test_transfer_SOURCES = tests/conv/test_transfer.c $(CONV_BOARD)
test_transfer_LDADD = $(CONV_LIBS)
test_wire_vectors_SOURCES = tests/conv/test_wire_vectors.c \
	tests/conv/tape.c tests/conv/tape.h
test_wire_vectors_LDADD = $(CONV_LIBS)
test_write_SOURCES = tests/conv/test_write.c $(CONV_BOARD)
test_write_LDADD = $(CONV_LIBS)
endif
