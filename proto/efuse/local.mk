# proto/efuse

libproto_a_SOURCES += \
	proto/efuse/coding.h proto/efuse/consequence.c proto/efuse/describe.c \
	proto/efuse/describe.h proto/efuse/efuse.h \
	proto/efuse/json.h proto/efuse/plan.h proto/efuse/state.h \
	proto/efuse/trusted.c proto/efuse/trusted.h \
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

libproto_a_SOURCES += proto/efuse/plan.c proto/efuse/plan_after.c \
	proto/efuse/plan_bits.c proto/efuse/plan_block.c \
	proto/efuse/plan_burn.c proto/efuse/plan_check.c \
	proto/efuse/plan_chip.c proto/efuse/plan_confirm.c \
	proto/efuse/plan_field.c proto/efuse/plan_finish.c \
	proto/efuse/plan_impl.h proto/efuse/plan_key.c \
	proto/efuse/plan_key_old.c proto/efuse/plan_protect.c \
	proto/efuse/plan_value.c proto/efuse/wish.c proto/efuse/wish_json.c
