# proto/secure

libproto_a_SOURCES += \
	proto/secure/flash_crypt.c proto/secure/flash_crypt.h \
	proto/secure/hw_key.c proto/secure/hw_key.h \
	proto/secure/pem.c proto/secure/pem.h \
	proto/secure/sbv1.h \
	proto/secure/sbv2.h \
	proto/secure/secret.h \
	proto/secure/sign.h
