# tests/unit - one program per module.

if HAVE_CMOCKA
UNIT_LIBS = libdaemon.a $(PROTO_LIBS) $(CMOCKA_LIBS)
unit_tests = test_blob test_bootlog test_buf test_build test_bytes test_chip test_cmd test_elf test_err \
	test_flashid test_header test_info test_reset test_secinfo test_security test_segments test_slip test_stubs test_text test_why \
	test_partition
check_PROGRAMS += $(unit_tests)
TESTS += $(unit_tests)

test_blob_SOURCES = tests/unit/test_blob.c tests/unit/unit.h
test_blob_LDADD = $(UNIT_LIBS)
test_bootlog_SOURCES = tests/unit/test_bootlog.c tests/unit/unit.h
test_bootlog_LDADD = $(UNIT_LIBS)
test_buf_SOURCES = tests/unit/test_buf.c tests/unit/unit.h
test_buf_LDADD = $(UNIT_LIBS)
test_build_SOURCES = tests/unit/test_build.c tests/unit/elf_maker.h tests/unit/unit.h
test_build_LDADD = $(UNIT_LIBS)
test_bytes_SOURCES = tests/unit/test_bytes.c tests/unit/unit.h
test_bytes_LDADD = $(UNIT_LIBS)
test_chip_SOURCES = tests/unit/test_chip.c tests/unit/unit.h
test_chip_LDADD = $(UNIT_LIBS)
test_cmd_SOURCES = tests/unit/test_cmd.c tests/unit/unit.h
test_cmd_LDADD = $(UNIT_LIBS)
test_elf_SOURCES = tests/unit/test_elf.c tests/unit/elf_maker.h tests/unit/unit.h
test_elf_LDADD = $(UNIT_LIBS)
test_err_SOURCES = tests/unit/test_err.c tests/unit/unit.h
test_err_LDADD = $(UNIT_LIBS)
test_flashid_SOURCES = tests/unit/test_flashid.c tests/unit/unit.h
test_flashid_LDADD = $(UNIT_LIBS)
test_header_SOURCES = tests/unit/test_header.c tests/unit/unit.h
test_header_LDADD = $(UNIT_LIBS)
test_info_SOURCES = tests/unit/test_info.c tests/unit/unit.h
test_info_LDADD = $(UNIT_LIBS)
test_partition_SOURCES = tests/unit/test_partition.c tests/unit/unit.h
test_partition_LDADD = $(UNIT_LIBS)
test_reset_SOURCES = tests/unit/test_reset.c tests/unit/unit.h
test_reset_LDADD = $(UNIT_LIBS)
test_secinfo_SOURCES = tests/unit/test_secinfo.c tests/unit/unit.h
test_secinfo_LDADD = $(UNIT_LIBS)
test_security_SOURCES = tests/unit/test_security.c tests/unit/unit.h
test_security_LDADD = $(UNIT_LIBS)
test_segments_SOURCES = tests/unit/test_segments.c tests/unit/unit.h
test_segments_LDADD = $(UNIT_LIBS)
test_slip_SOURCES = tests/unit/test_slip.c tests/unit/unit.h
test_slip_LDADD = $(UNIT_LIBS)
test_stubs_SOURCES = tests/unit/test_stubs.c tests/unit/unit.h
test_stubs_LDADD = $(UNIT_LIBS)
test_text_SOURCES = tests/unit/test_text.c tests/unit/unit.h
test_text_LDADD = $(UNIT_LIBS)
test_why_SOURCES = tests/unit/test_why.c tests/unit/unit.h
test_why_LDADD = $(UNIT_LIBS)
endif

include tests/unit/client.mk
include tests/unit/port.mk
include tests/unit/daemon.mk
include tests/unit/efuse_tables.mk
include tests/unit/merge.mk
include tests/unit/stub.mk
include tests/unit/words.mk
include tests/unit/efuse_model.mk
include tests/unit/efuse_plan.mk
include tests/unit/secure_crypt.mk
include tests/unit/boot.mk
