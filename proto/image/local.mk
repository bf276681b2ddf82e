# proto/image

libproto_a_SOURCES += \
	proto/image/blob.c proto/image/blob.h
