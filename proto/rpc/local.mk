# proto/rpc - JSON lines, JSON-RPC envelopes, the table of methods.

libproto_a_SOURCES += \
	proto/rpc/frame.c proto/rpc/frame.h \
	proto/rpc/method.c proto/rpc/method.h \
	proto/rpc/rpc.c proto/rpc/rpc.h
