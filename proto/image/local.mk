# proto/image

libproto_a_SOURCES += \
	proto/image/appdesc.c proto/image/appdesc.h \
	proto/image/blob.c proto/image/blob.h \
	proto/image/build.c proto/image/build.h \
	proto/image/build_esp32.c proto/image/build_esp8266.c \
	proto/image/build_impl.h proto/image/build_out.c \
	proto/image/elf.c proto/image/elf.h \
	proto/image/flasher_args.c proto/image/flasher_args.h \
	proto/image/header.c proto/image/header.h \
	proto/image/ihex.c proto/image/ihex.h \
	proto/image/info.c proto/image/info.h \
	proto/image/make.c proto/image/make.h \
	proto/image/merge.c proto/image/merge.h \
	proto/image/note.c proto/image/note.h \
	proto/image/partition.c proto/image/partition_csv.c \
	proto/image/partition.h proto/image/partition_impl.h \
	proto/image/segments.c proto/image/segments.h \
	proto/image/uf2.c proto/image/uf2.h
