# proto/secure

libproto_a_SOURCES += \
	proto/secure/flash_crypt.c proto/secure/flash_crypt.h \
	proto/secure/hw_key.c proto/secure/hw_key.h \
	proto/secure/pem.c proto/secure/pem.h \
	proto/secure/pem_impl.h proto/secure/pem_make.c \
	proto/secure/sbv1.c proto/secure/sbv1.h \
	proto/secure/sbv2.c proto/secure/sbv2.h \
	proto/secure/secret.c proto/secure/secret.h \
	proto/secure/sign.c proto/secure/sign.h \
	proto/secure/sign_rfc6979.c proto/secure/sign_impl.h
