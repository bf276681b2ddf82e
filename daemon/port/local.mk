# daemon/port
libdaemon_a_SOURCES += \
	daemon/port/bridge.c daemon/port/bridge.h \
	daemon/port/known.c daemon/port/known.h \
	daemon/port/select.c daemon/port/select.h \
	daemon/port/holder.c daemon/port/holder.h \
	daemon/port/latency.c daemon/port/latency.h \
	daemon/port/port.c daemon/port/port.h \
	daemon/port/port_desc.c \
	daemon/port/port_impl.h daemon/port/port_io.h \
	daemon/port/port_rfc2217.c \
	daemon/port/port_scan.c \
	daemon/port/port_tcp.c \
	daemon/port/port_tty.c \
	daemon/port/rfc2217.c daemon/port/rfc2217.h \
	daemon/port/rfc2217_server.c daemon/port/rfc2217_server.h \
	daemon/port/tcp.c daemon/port/tcp.h \
	daemon/port/watch.c daemon/port/watch.h
