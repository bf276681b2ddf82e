# etc - what a distribution installs.

systemunitdir = $(prefix)/lib/systemd/system
sysusersdir = $(prefix)/lib/sysusers.d
tmpfilesdir = $(prefix)/lib/tmpfiles.d
udevrulesdir = $(prefix)/lib/udev/rules.d
completiondir = $(datadir)/bash-completion/completions

EXTRA_DIST += etc/espflashd.service.in etc/espflashd.conf \
	etc/espflashd.sysusers etc/espflashd.tmpfiles etc/espctl.bash
dist_systemunit_DATA = etc/espflashd.socket
nodist_systemunit_DATA = etc/espflashd.service
dist_udevrules_DATA = etc/60-espflashd.rules
CLEANFILES += etc/espflashd.service

etc/espflashd.service: $(srcdir)/etc/espflashd.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) etc && $(SED) 's,@sbindir[@],$(sbindir),' \
		$(srcdir)/etc/espflashd.service.in >$@.tmp && mv $@.tmp $@

# Files that have another name where they are read.  A configuration that is
# there stays.
install-data-local: install-etc
install-etc:
	$(MKDIR_P) "$(DESTDIR)$(sysusersdir)" "$(DESTDIR)$(tmpfilesdir)" \
		"$(DESTDIR)$(completiondir)" "$(DESTDIR)$(sysconfdir)"
	$(INSTALL_DATA) $(srcdir)/etc/espflashd.sysusers \
		"$(DESTDIR)$(sysusersdir)/espflashd.conf"
	$(INSTALL_DATA) $(srcdir)/etc/espflashd.tmpfiles \
		"$(DESTDIR)$(tmpfilesdir)/espflashd.conf"
	$(INSTALL_DATA) $(srcdir)/etc/espctl.bash \
		"$(DESTDIR)$(completiondir)/espctl"
	test -e "$(DESTDIR)$(sysconfdir)/espflashd.conf" || \
		$(INSTALL_DATA) $(srcdir)/etc/espflashd.conf \
		"$(DESTDIR)$(sysconfdir)/espflashd.conf"

uninstall-local: uninstall-etc
uninstall-etc:
	rm -f "$(DESTDIR)$(sysusersdir)/espflashd.conf" \
		"$(DESTDIR)$(tmpfilesdir)/espflashd.conf" \
		"$(DESTDIR)$(completiondir)/espctl"
	cmp -s $(srcdir)/etc/espflashd.conf \
		"$(DESTDIR)$(sysconfdir)/espflashd.conf" && \
		rm -f "$(DESTDIR)$(sysconfdir)/espflashd.conf" || :
