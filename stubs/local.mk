# stubs - which code may run on the chip.  Our own stub's images become part of
# the daemon; Espressif's are fetched on request into stubs/ of the build tree,
# and installed from there.

include stubs/chip.mk
EXTRA_DIST += $(STUB_OWN) stubs/embed stubs/own.h
nodist_libdaemon_a_SOURCES = stubs/own.c
CLEANFILES += stubs/own.c

stubs/own.c: $(STUB_OWN) stubs/embed
	@$(MKDIR_P) stubs
	$(AM_V_GEN)(cd $(srcdir) && stubs/embed $(STUB_OWN)) >$@.part && \
	    mv $@.part $@

EXTRA_DIST += stubs/fetch stubs/esptool-js.sha256

# Our own stub as a library: for the simulator, the tests and the fuzzer.
noinst_LIBRARIES += libstub.a
libstub_a_SOURCES = stubs/hal.h stubs/stub.h stubs/state.h \
	stubs/batch.c stubs/batch.h \
	stubs/command.c stubs/command.h \
	stubs/core.c \
	stubs/crc.c stubs/crc.h \
	stubs/extended.c stubs/extended.h \
	stubs/inflate.c stubs/inflate.h \
	stubs/md5.c stubs/md5.h \
	stubs/meter.c stubs/meter.h \
	stubs/nor.c stubs/nor.h \
	stubs/packet.c stubs/packet.h \
	stubs/reader.c stubs/reader.h \
	stubs/writer.c stubs/writer.h
STUB_LIBS = libstub.a

.PHONY: stubs
stubs:
	@$(srcdir)/stubs/fetch stubs

install-data-local: install-stubs
install-stubs:
	@set -e; for f in stubs/*.json; do \
		test -f "$$f" || continue; \
		$(MKDIR_P) "$(DESTDIR)$(pkgdatadir)/stubs"; \
		$(INSTALL_DATA) "$$f" "$(DESTDIR)$(pkgdatadir)/stubs"; \
	done

uninstall-local: uninstall-stubs
uninstall-stubs:
	-cut -c 67- $(srcdir)/stubs/esptool-js.sha256 | while read -r f; do \
		rm -f "$(DESTDIR)$(pkgdatadir)/stubs/$$f"; \
	done
	-rmdir "$(DESTDIR)$(pkgdatadir)/stubs" 2>/dev/null

distclean-local:
	-rm -rf stubs/*.json
