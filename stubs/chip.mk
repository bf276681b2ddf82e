# chip - our own flasher stub as a program for the chips.  Its images are kept in
# stubs/own, because cross compilers are not on every machine.

# What "make stubs-own" makes.
STUB_OWN = \
	stubs/own/esp8266.json stubs/own/esp32.json \
	stubs/own/esp32s2.json stubs/own/esp32s3.json \
	stubs/own/esp32c2.json stubs/own/esp32c3.json \
	stubs/own/esp32c5.json stubs/own/esp32c6.json \
	stubs/own/esp32c61.json stubs/own/esp32h2.json \
	stubs/own/esp32h4.json stubs/own/esp32p4.json \
	stubs/own/esp32p4-rev1.json stubs/own/esp32s31.json

EXTRA_DIST += stubs/build stubs/link.ld stubs/start.c stubs/start_riscv.S \
	stubs/start_xtensa.S stubs/lib.c stubs/hal_esp.c stubs/chip.h \
	stubs/chips/map stubs/chips/esp8266.c stubs/chips/esp32.c \
	stubs/chips/esp32s2.c stubs/chips/esp32s3.c stubs/chips/esp32c2.c \
	stubs/chips/esp32c3.c stubs/chips/esp32c5.c stubs/chips/esp32c6.c \
	stubs/chips/esp32c61.c stubs/chips/esp32h2.c stubs/chips/esp32h4.c \
	stubs/chips/esp32p4.c stubs/chips/esp32p4-rev1.c \
	stubs/chips/esp32s31.c

.PHONY: stubs-own stubs-check
stubs-own:
	@$(srcdir)/stubs/build $(srcdir)/stubs/own

stubs-check:
	@$(AM_TESTS_ENVIRONMENT) $(srcdir)/tests/stubs/check-images
