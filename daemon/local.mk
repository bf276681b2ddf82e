# daemon - time, ports, jobs.

DAEMON_LIBS = libdaemon.a $(PROTO_LIBS) $(EVENT_LIBS) $(SERIALPORT_LIBS) \
	$(SYSTEMD_LIBS) $(UDEV_LIBS)
sbin_PROGRAMS += espflashd
noinst_LIBRARIES += libdaemon.a
libdaemon_a_SOURCES =
espflashd_SOURCES = daemon/main.c
espflashd_LDADD = $(DAEMON_LIBS)

include daemon/base/local.mk
include daemon/port/local.mk
include daemon/wire/local.mk
include daemon/link/local.mk
include daemon/job/local.mk
include daemon/rpc/local.mk
