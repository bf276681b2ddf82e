# proto/secure

libproto_a_SOURCES += \
	proto/secure/pem.c proto/secure/pem.h
