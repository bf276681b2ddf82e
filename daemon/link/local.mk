# daemon/link - the conversation with one chip.
libdaemon_a_SOURCES += \
	daemon/link/bootlog.c daemon/link/bootlog.h \
	daemon/link/digests.c daemon/link/digests.h \
	daemon/link/ext.c daemon/link/ext.h \
	daemon/link/fuses.c daemon/link/fuses.h \
	daemon/link/guards.c daemon/link/guards.h \
	daemon/link/images.c daemon/link/images.h \
	daemon/link/link.c daemon/link/link.h \
	daemon/link/parts.c daemon/link/parts.h \
	daemon/link/power.c \
	daemon/link/piece.c daemon/link/piece.h \
	daemon/link/regs.c daemon/link/regs.h \
	daemon/link/reset.c daemon/link/reset_parse.c daemon/link/reset.h \
	daemon/link/retry.c daemon/link/retry.h \
	daemon/link/rom.c daemon/link/rom.h daemon/link/rom_impl.h \
	daemon/link/signatures.c daemon/link/signatures.h \
	daemon/link/spiflash.c daemon/link/spiflash.h \
	daemon/link/stream.c daemon/link/stream.h \
	daemon/link/stubs.c daemon/link/stubs.h \
	daemon/link/try.h \
	daemon/link/phase_attach.c \
	daemon/link/phase_baud.c \
	daemon/link/phase_check.c \
	daemon/link/phase_connect.c \
	daemon/link/phase_efuse_burn.c \
	daemon/link/phase_efuse_plan.c \
	daemon/link/phase_efuse_read.c \
	daemon/link/phase_erase.c \
	daemon/link/phase_identify.c \
	daemon/link/phase_leave.c \
	daemon/link/phase_mem.c \
	daemon/link/phase_ram.c \
	daemon/link/phase_read.c \
	daemon/link/phase_run.c \
	daemon/link/phase_security.c \
	daemon/link/phase_sfdp.c \
	daemon/link/phase_status.c \
	daemon/link/phase_stub.c \
	daemon/link/phase_table.c \
	daemon/link/phase_verify.c \
	daemon/link/phase_write.c
