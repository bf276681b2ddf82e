# tests/unit - proto/rpc and client.

if HAVE_CMOCKA
client_tests = test_args test_called test_client_conn test_doctor test_efuse_line test_expand test_flasher_args test_frame test_hsm test_hsm_conf test_ihex \
	test_method test_rcfile test_rpc
check_PROGRAMS += $(client_tests)
TESTS += $(client_tests)

test_args_SOURCES = tests/unit/test_args.c
test_args_LDADD = libclient.a $(UNIT_LIBS) $(P11KIT_LIBS)
test_client_conn_SOURCES = tests/unit/test_client_conn.c
test_client_conn_LDADD = libclient.a $(UNIT_LIBS) $(P11KIT_LIBS)
test_doctor_SOURCES = tests/unit/test_doctor.c
test_doctor_LDADD = libclient.a $(UNIT_LIBS) $(P11KIT_LIBS)
test_called_SOURCES = tests/unit/test_called.c tests/unit/unit.h
test_called_LDADD = libclient.a $(UNIT_LIBS) $(P11KIT_LIBS)
test_efuse_line_SOURCES = tests/unit/test_efuse_line.c
test_efuse_line_LDADD = libclient.a $(UNIT_LIBS) $(P11KIT_LIBS)
test_expand_SOURCES = tests/unit/test_expand.c tests/unit/unit.h
test_expand_LDADD = libclient.a $(UNIT_LIBS) $(P11KIT_LIBS)
test_flasher_args_SOURCES = tests/unit/test_flasher_args.c tests/unit/unit.h
test_flasher_args_LDADD = $(UNIT_LIBS)
test_frame_SOURCES = tests/unit/test_frame.c
test_frame_LDADD = $(UNIT_LIBS)
test_hsm_SOURCES = tests/unit/test_hsm.c tests/unit/unit.h \
	tests/shim/token.c tests/shim/token.h
test_hsm_LDADD = libclient.a $(UNIT_LIBS) $(P11KIT_LIBS)
test_hsm_conf_SOURCES = tests/unit/test_hsm_conf.c tests/unit/unit.h
test_hsm_conf_LDADD = libclient.a $(UNIT_LIBS) $(P11KIT_LIBS)
test_ihex_SOURCES = tests/unit/test_ihex.c tests/unit/unit.h
test_ihex_LDADD = $(UNIT_LIBS)
test_method_SOURCES = tests/unit/test_method.c
test_method_LDADD = $(UNIT_LIBS)
test_rcfile_SOURCES = tests/unit/test_rcfile.c tests/unit/unit.h
test_rcfile_LDADD = libclient.a $(UNIT_LIBS) $(P11KIT_LIBS)
test_rpc_SOURCES = tests/unit/test_rpc.c
test_rpc_LDADD = $(UNIT_LIBS)
endif
