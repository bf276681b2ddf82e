# proto/efuse

libproto_a_SOURCES += \
	proto/efuse/coding.h proto/efuse/consequence.c proto/efuse/describe.c \
	proto/efuse/describe.h proto/efuse/efuse.h \
	proto/efuse/json.h proto/efuse/plan.h proto/efuse/state.h \
	proto/efuse/user.h proto/efuse/virt.h proto/efuse/wish.h

libproto_a_SOURCES += \
	proto/efuse/efuse.c proto/efuse/row.h \
	proto/efuse/efuse_esp32.c \
	proto/efuse/efuse_esp32c2.c \
	proto/efuse/efuse_esp32c3.c \
	proto/efuse/efuse_esp32c5.c \
	proto/efuse/efuse_esp32c6.c \
	proto/efuse/efuse_esp32c61.c \
	proto/efuse/efuse_esp32e22.c \
	proto/efuse/efuse_esp32h2.c \
	proto/efuse/efuse_esp32h21.c \
	proto/efuse/efuse_esp32h4.c \
	proto/efuse/efuse_esp32p4.c \
	proto/efuse/efuse_esp32p4_v1.c \
	proto/efuse/efuse_esp32s2.c \
	proto/efuse/efuse_esp32s3.c \
	proto/efuse/efuse_esp32s31.c

libproto_a_SOURCES += proto/efuse/coding.c proto/efuse/state.c \
	proto/efuse/value.c proto/efuse/virt.c proto/efuse/user.c \
	proto/efuse/json.c proto/efuse/json_plan.c
