# proto/chip

libproto_a_SOURCES += \
	proto/chip/chip.c proto/chip/chip.h \
	proto/chip/chip_describe.c proto/chip/chip_describe.h \
	proto/chip/chip_esp32.c \
	proto/chip/chip_esp32c3.c \
	proto/chip/chip_esp32s3.c \
	proto/chip/chip_esp8266.c \
	proto/chip/flashid.c proto/chip/flashid.h \
	proto/chip/security.h
