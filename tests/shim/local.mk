# tests/shim - a preload library between the daemon and simulated USB ports.
# Not sanitized: whoever loads it brings the sanitizer's library, if any.

noinst_PROGRAMS += espshim.so
espshim_so_SOURCES = tests/shim/espshim.c tests/shim/lines.h \
	tests/shim/shim.h tests/shim/shim_udev.c
espshim_so_CFLAGS = -std=gnu11 -fPIC $(WARN_CFLAGS) $(UDEV_CFLAGS)
espshim_so_LDFLAGS = -shared
espshim_so_LDADD = -ldl

# What a program leaves in its memory, for tests/e2e/test_secrets.py.
check_PROGRAMS += image_at_exit
image_at_exit_SOURCES = tests/shim/image_at_exit.c

# Tokens with keys for those who sign in one, and a module with faults.
noinst_PROGRAMS += fake_hsm.so
check_PROGRAMS += hsm_keys
fake_hsm_so_SOURCES = tests/shim/fake_hsm.c
fake_hsm_so_CFLAGS = -std=gnu11 -fPIC $(WARN_CFLAGS) $(P11KIT_CFLAGS)
fake_hsm_so_LDFLAGS = -shared
fake_hsm_so_LDADD = -ldl
hsm_keys_SOURCES = tests/shim/hsm_keys.c tests/shim/token.c \
	tests/shim/token.h
hsm_keys_LDADD = $(P11KIT_LIBS)
