# daemon/rpc - clients of the daemon.

libdaemon_a_SOURCES += \
	daemon/rpc/conn.c daemon/rpc/conn.h \
	daemon/rpc/export.c daemon/rpc/export.h \
	daemon/rpc/export_client.c daemon/rpc/export_client.h \
	daemon/rpc/listen.c daemon/rpc/listen.h \
	daemon/rpc/methods.c daemon/rpc/methods.h \
	daemon/rpc/port_methods.c daemon/rpc/port_methods.h \
	daemon/rpc/sock.c daemon/rpc/sock.h
