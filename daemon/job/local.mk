# daemon/job - jobs, their queues, and what each kind of job does.

libdaemon_a_SOURCES += \
	daemon/job/efuse_ledger.c daemon/job/efuse_ledger.h \
	daemon/job/efuse_order.c daemon/job/efuse_order.h \
	daemon/job/efuse_tokens.c daemon/job/efuse_tokens.h \
	daemon/job/input.c daemon/job/input.h \
	daemon/job/job.c daemon/job/job.h \
	daemon/job/op.c daemon/job/op.h \
	daemon/job/op_chip.c \
	daemon/job/op_efuse.c \
	daemon/job/op_flash.c \
	daemon/job/op_image.c \
	daemon/job/op_mem.c \
	daemon/job/op_spi.c \
	daemon/job/place.c daemon/job/place.h \
	daemon/job/queue.c daemon/job/queue.h \
	daemon/job/result.c daemon/job/result.h \
	daemon/job/run.c daemon/job/run.h \
	daemon/job/submit.c daemon/job/submit.h \
	daemon/job/work.c daemon/job/work.h \
	daemon/job/work_parcel.c daemon/job/work_parcel.h \
	daemon/job/work_queue.c daemon/job/work_queue.h \
	daemon/job/work_elf2image.c \
	daemon/job/work_info.c \
	daemon/job/work_merge.c \
	daemon/job/work_partitions.c
