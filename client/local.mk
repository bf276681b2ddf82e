# client - argv and terminal.

bin_PROGRAMS += espctl
noinst_LIBRARIES += libclient.a
libclient_a_SOURCES = \
	client/args.c client/args.h client/args_impl.h client/args_value.c \
	client/called.c client/called.h \
	client/client.c client/client.h \
	client/cmd_build.c \
	client/cmd_doctor.c \
	client/cmd_elf2image.c \
	client/cmd_flash.c \
	client/cmd_info.c \
	client/cmd_job.c client/cmd_merge.c \
	client/cmd_partitions.c \
	client/cmd_ports.c \
	client/command.c client/command.h \
	client/rcfile.c client/rcfile.h \
	client/conn.c client/conn.h \
	client/doctor.c client/doctor.h client/doctor_impl.h \
	client/doctor_tree.c \
	client/doctor_usb.c \
	client/efuse.c client/efuse.h client/efuse_impl.h \
	client/efuse_adc.c client/efuse_burn.c client/efuse_job.c \
	client/efuse_help.c client/efuse_key.c \
	client/efuse_line.c client/efuse_line.h \
	client/efuse_read.c client/efuse_summary.c \
	client/efuse_target.c client/efuse_want.c \
	client/esptool.c client/esptool.h \
	client/esptool_trace.c \
	client/expand.c client/expand.h \
	client/file.c client/file.h \
	client/filter.c client/filter.h \
	client/follow.c client/follow.h \
	client/hsm.c client/hsm.h client/hsm_impl.h client/hsm_key.c \
	client/hsm_conf.c client/hsm_conf.h \
	client/image.c client/image.h \
	client/image_info.c client/image_info.h \
	client/ini.c client/ini.h \
	client/member.h \
	client/nearest.c client/nearest.h \
	client/option.c client/option.h \
	client/parts.c client/parts.h \
	client/pin.c client/pin.h \
	client/place.c client/place.h \
	client/report.c client/report.h \
	client/report_flash.c client/report_impl.h client/report_work.c \
	client/search.c client/search.h \
	client/secure.c client/secure.h client/secure_impl.h \
	client/secure_file.c client/secure_flash.c client/secure_hsm.c \
	client/secure_keys.c \
	client/secure_line.c client/secure_line.h \
	client/secure_sign.c client/secure_verify.c \
	client/show.c client/show.h \
	client/spawn.c client/spawn.h \
	client/submit.c client/submit.h \
	client/tree.c client/tree.h \
	client/verify.c client/verify.h \
	client/voice.h client/voice_espctl.c client/voice_esptool.c \
	client/work.c client/work.h
nodist_libclient_a_SOURCES = client/doctor_ids.h
espctl_SOURCES = client/main.c
espctl_LDADD = libclient.a $(PROTO_LIBS) $(P11KIT_LIBS)

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

# The names that scripts call, where they shadow nobody's own esptool.
install-exec-hook:
	$(MKDIR_P) $(DESTDIR)$(pkglibexecdir)
	for n in esptool esptool.py espefuse espefuse.py \
		espsecure espsecure.py; do \
		rm -f $(DESTDIR)$(pkglibexecdir)/$$n && \
		ln -s $(bindir)/espctl $(DESTDIR)$(pkglibexecdir)/$$n || \
		exit 1; done
uninstall-hook:
	for n in esptool esptool.py espefuse espefuse.py \
		espsecure espsecure.py; do \
		rm -f $(DESTDIR)$(pkglibexecdir)/$$n; done
