# proto/chip

libproto_a_SOURCES += \
	proto/chip/chip.c proto/chip/chip.h \
	proto/chip/chip_describe.c proto/chip/chip_describe.h \
	proto/chip/chip_esp32.c \
	proto/chip/chip_esp32c2.c \
	proto/chip/chip_esp32c3.c \
	proto/chip/chip_esp32c5.c \
	proto/chip/chip_esp32c6.c \
	proto/chip/chip_esp32c61.c \
	proto/chip/chip_esp32e22.c \
	proto/chip/chip_esp32h2.c \
	proto/chip/chip_esp32h21.c \
	proto/chip/chip_esp32h4.c \
	proto/chip/chip_esp32p4.c \
	proto/chip/chip_esp32s2.c \
	proto/chip/chip_esp32s3.c \
	proto/chip/chip_esp32s31.c \
	proto/chip/chip_esp8266.c \
	proto/chip/flashid.c proto/chip/flashid.h \
	proto/chip/security.c proto/chip/security.h
