# proto - bytes and what they mean.

noinst_LIBRARIES += libproto.a
libproto_a_SOURCES = \
	proto/base/buf.c proto/base/buf.h \
	proto/base/bytes.h \
	proto/base/err.c proto/base/err.h \
	proto/base/text.c proto/base/text.h \
	proto/base/why.c proto/base/why.h \
	proto/serial/cmd.c proto/serial/cmd.h proto/serial/ext.h \
	proto/serial/secinfo.c proto/serial/secinfo.h \
	proto/serial/slip.c proto/serial/slip.h
PROTO_LIBS = libproto.a $(JSON_LIBS) $(ZLIB_LIBS) $(CRYPTO_LIBS) $(ELF_LIBS)

include proto/chip/local.mk
include proto/efuse/local.mk
include proto/image/local.mk
include proto/rpc/local.mk
include proto/secure/local.mk
