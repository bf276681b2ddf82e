# client - argv and terminal.

bin_PROGRAMS += espctl
noinst_LIBRARIES += libclient.a
libclient_a_SOURCES = \
	client/args.c client/args.h \
	client/client.c client/client.h \
	client/cmd_doctor.c \
	client/cmd_flash.c \
	client/cmd_info.c \
	client/cmd_job.c \
	client/cmd_ports.c \
	client/command.c client/command.h \
	client/conn.c client/conn.h \
	client/doctor.c client/doctor.h client/doctor_impl.h \
	client/doctor_tree.c \
	client/doctor_usb.c \
	client/file.c client/file.h \
	client/filter.c client/filter.h \
	client/follow.c client/follow.h \
	client/member.h \
	client/report.c client/report.h \
	client/search.c client/search.h \
	client/show.c client/show.h \
	client/spawn.c client/spawn.h \
	client/tree.c client/tree.h
nodist_libclient_a_SOURCES = client/doctor_ids.h
espctl_SOURCES = client/main.c
espctl_LDADD = libclient.a $(PROTO_LIBS)

# Which adapters boards come with: the lines of the udev rules.
client/doctor_ids.h: $(srcdir)/etc/60-espflashd.rules
	$(AM_V_GEN)$(MKDIR_P) client && { \
		echo '/* Made from etc/60-espflashd.rules. */'; \
		echo '#define DOCTOR_IDS \'; \
		$(SED) -n \
		-e 's/^ATTRS{idVendor}=="\([0-9a-f]*\)", ENV.*/	{ "\1", "" }, \\/p' \
		-e 's/^ATTRS{idVendor}=="\([0-9a-f]*\)", ATTRS{idProduct}=="\([0-9a-f|]*\)", ENV.*/	{ "\1", "\2" }, \\/p' \
		$(srcdir)/etc/60-espflashd.rules; \
		echo; } >$@.tmp && mv $@.tmp $@
BUILT_SOURCES += client/doctor_ids.h
CLEANFILES += client/doctor_ids.h
client/doctor_tree.$(OBJEXT): client/doctor_ids.h
