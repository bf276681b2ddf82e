# tests/fuzz - `make check` replays the corpus; --enable-fuzz (CC=clang) builds
# the same targets for libFuzzer: ./fuzz_slip DIR tests/fuzz/corpus/slip

fuzz_targets = fuzz_bootlog fuzz_cmd fuzz_elf fuzz_expand fuzz_frame fuzz_header fuzz_ihex fuzz_info fuzz_rcfile \
	fuzz_reset fuzz_rfc2217 fuzz_segments fuzz_slip fuzz_stub fuzz_stub_frames \
	fuzz_uf2 fuzz_partition \
	fuzz_flasher_args fuzz_efuse_state fuzz_efuse_user fuzz_efuse_wish fuzz_hsm_conf fuzz_pem \
	fuzz_sbv2
if ENABLE_FUZZ
noinst_PROGRAMS += $(fuzz_targets)
FUZZ_MAIN =
FUZZ_LINK = $(HARD_CFLAGS) -fsanitize=fuzzer
else
check_PROGRAMS += $(fuzz_targets)
TESTS += $(fuzz_targets)
FUZZ_MAIN = tests/fuzz/replay.c
FUZZ_LINK = $(HARD_CFLAGS)
endif
EXTRA_DIST += tests/fuzz/corpus tests/fuzz/replay.c
FUZZ_LIBS = libdaemon.a $(PROTO_LIBS)

fuzz_bootlog_SOURCES = tests/fuzz/fuzz_bootlog.c tests/fuzz/fuzz.h $(FUZZ_MAIN)
fuzz_bootlog_LDFLAGS = $(FUZZ_LINK)
fuzz_bootlog_LDADD = $(FUZZ_LIBS)
fuzz_cmd_SOURCES = tests/fuzz/fuzz_cmd.c tests/fuzz/fuzz.h $(FUZZ_MAIN)
fuzz_cmd_LDFLAGS = $(FUZZ_LINK)
fuzz_cmd_LDADD = $(FUZZ_LIBS)
fuzz_elf_SOURCES = tests/fuzz/fuzz_elf.c tests/fuzz/fuzz.h $(FUZZ_MAIN)
fuzz_elf_LDFLAGS = $(FUZZ_LINK)
fuzz_elf_LDADD = $(FUZZ_LIBS)
fuzz_flasher_args_SOURCES = tests/fuzz/fuzz_flasher_args.c tests/fuzz/fuzz.h \
	$(FUZZ_MAIN)
fuzz_flasher_args_LDFLAGS = $(FUZZ_LINK)
fuzz_flasher_args_LDADD = $(FUZZ_LIBS)
fuzz_frame_SOURCES = tests/fuzz/fuzz_frame.c tests/fuzz/fuzz.h $(FUZZ_MAIN)
fuzz_frame_LDFLAGS = $(FUZZ_LINK)
fuzz_frame_LDADD = $(FUZZ_LIBS)
fuzz_header_SOURCES = tests/fuzz/fuzz_header.c tests/fuzz/fuzz.h $(FUZZ_MAIN)
fuzz_header_LDFLAGS = $(FUZZ_LINK)
fuzz_header_LDADD = $(FUZZ_LIBS)
fuzz_reset_SOURCES = tests/fuzz/fuzz_reset.c tests/fuzz/fuzz.h $(FUZZ_MAIN)
fuzz_reset_LDFLAGS = $(FUZZ_LINK)
fuzz_reset_LDADD = $(FUZZ_LIBS)
fuzz_rfc2217_SOURCES = tests/fuzz/fuzz_rfc2217.c tests/fuzz/fuzz.h $(FUZZ_MAIN)
fuzz_rfc2217_LDFLAGS = $(FUZZ_LINK)
fuzz_rfc2217_LDADD = $(FUZZ_LIBS)
fuzz_segments_SOURCES = tests/fuzz/fuzz_segments.c tests/fuzz/fuzz.h $(FUZZ_MAIN)
fuzz_segments_LDFLAGS = $(FUZZ_LINK)
fuzz_segments_LDADD = $(FUZZ_LIBS)
fuzz_slip_SOURCES = tests/fuzz/fuzz_slip.c tests/fuzz/fuzz.h $(FUZZ_MAIN)
fuzz_slip_LDFLAGS = $(FUZZ_LINK)
fuzz_slip_LDADD = $(FUZZ_LIBS)
fuzz_stub_SOURCES = tests/fuzz/fuzz_stub.c tests/fuzz/fuzz.h $(FUZZ_MAIN)
fuzz_stub_LDFLAGS = $(FUZZ_LINK)
fuzz_stub_LDADD = $(FUZZ_LIBS)
fuzz_stub_frames_SOURCES = tests/fuzz/fuzz_stub_frames.c tests/fuzz/fuzz.h \
	$(FUZZ_MAIN)
fuzz_stub_frames_LDFLAGS = $(FUZZ_LINK)
fuzz_stub_frames_LDADD = $(STUB_LIBS) $(FUZZ_LIBS)
fuzz_expand_SOURCES = tests/fuzz/fuzz_expand.c tests/fuzz/fuzz.h $(FUZZ_MAIN)
fuzz_expand_LDFLAGS = $(FUZZ_LINK)
fuzz_expand_LDADD = libclient.a $(FUZZ_LIBS) $(P11KIT_LIBS)
fuzz_ihex_SOURCES = tests/fuzz/fuzz_ihex.c tests/fuzz/fuzz.h $(FUZZ_MAIN)
fuzz_ihex_LDFLAGS = $(FUZZ_LINK)
fuzz_ihex_LDADD = $(FUZZ_LIBS)
fuzz_info_SOURCES = tests/fuzz/fuzz_info.c tests/fuzz/fuzz.h $(FUZZ_MAIN)
fuzz_info_LDFLAGS = $(FUZZ_LINK)
fuzz_info_LDADD = $(FUZZ_LIBS)
fuzz_rcfile_SOURCES = tests/fuzz/fuzz_rcfile.c tests/fuzz/fuzz.h $(FUZZ_MAIN)
fuzz_rcfile_LDFLAGS = $(FUZZ_LINK)
fuzz_rcfile_LDADD = libclient.a $(FUZZ_LIBS) $(P11KIT_LIBS)
fuzz_uf2_SOURCES = tests/fuzz/fuzz_uf2.c tests/fuzz/fuzz.h $(FUZZ_MAIN)
fuzz_uf2_LDFLAGS = $(FUZZ_LINK)
fuzz_uf2_LDADD = $(FUZZ_LIBS)
fuzz_partition_SOURCES = tests/fuzz/fuzz_partition.c tests/fuzz/fuzz.h $(FUZZ_MAIN)
fuzz_partition_LDFLAGS = $(FUZZ_LINK)
fuzz_partition_LDADD = $(FUZZ_LIBS)
fuzz_efuse_state_SOURCES = tests/fuzz/fuzz_efuse_state.c tests/fuzz/fuzz.h \
	$(FUZZ_MAIN)
fuzz_efuse_state_LDFLAGS = $(FUZZ_LINK)
fuzz_efuse_state_LDADD = $(FUZZ_LIBS) $(JSON_LIBS)
fuzz_efuse_user_SOURCES = tests/fuzz/fuzz_efuse_user.c tests/fuzz/fuzz.h \
	$(FUZZ_MAIN)
fuzz_efuse_user_LDFLAGS = $(FUZZ_LINK)
fuzz_efuse_user_LDADD = $(FUZZ_LIBS)
fuzz_efuse_wish_SOURCES = tests/fuzz/fuzz_efuse_wish.c tests/fuzz/fuzz.h \
	$(FUZZ_MAIN)
fuzz_efuse_wish_LDFLAGS = $(FUZZ_LINK)
fuzz_efuse_wish_LDADD = $(FUZZ_LIBS) $(JSON_LIBS)
fuzz_hsm_conf_SOURCES = tests/fuzz/fuzz_hsm_conf.c tests/fuzz/fuzz.h \
	$(FUZZ_MAIN)
fuzz_hsm_conf_LDFLAGS = $(FUZZ_LINK)
fuzz_hsm_conf_LDADD = libclient.a $(FUZZ_LIBS) $(P11KIT_LIBS)
fuzz_pem_SOURCES = tests/fuzz/fuzz_pem.c tests/fuzz/fuzz.h $(FUZZ_MAIN)
fuzz_pem_LDFLAGS = $(FUZZ_LINK)
fuzz_pem_LDADD = $(FUZZ_LIBS)
fuzz_sbv2_SOURCES = tests/fuzz/fuzz_sbv2.c tests/fuzz/fuzz.h $(FUZZ_MAIN)
fuzz_sbv2_LDFLAGS = $(FUZZ_LINK)
fuzz_sbv2_LDADD = $(FUZZ_LIBS)
