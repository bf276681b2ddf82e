# proto/efuse

libproto_a_SOURCES += \
	proto/efuse/coding.h proto/efuse/describe.h proto/efuse/efuse.h \
	proto/efuse/json.h proto/efuse/plan.h proto/efuse/state.h \
	proto/efuse/user.h proto/efuse/virt.h proto/efuse/wish.h
