# client - argv and terminal.

bin_PROGRAMS += espctl
noinst_LIBRARIES += libclient.a
libclient_a_SOURCES = \
	client/args.c client/args.h \
	client/client.c client/client.h \
	client/cmd_flash.c \
	client/cmd_info.c \
	client/cmd_job.c \
	client/cmd_ports.c \
	client/command.c client/command.h \
	client/conn.c client/conn.h \
	client/file.c client/file.h \
	client/filter.c client/filter.h \
	client/follow.c client/follow.h \
	client/member.h \
	client/report.c client/report.h \
	client/search.c client/search.h \
	client/show.c client/show.h \
	client/spawn.c client/spawn.h
espctl_SOURCES = client/main.c
espctl_LDADD = libclient.a $(PROTO_LIBS)
