# tests/stubs - our stub as a program for the chips: the images that are kept,
# and what an emulated processor makes of one.

dist_check_SCRIPTS += tests/stubs/check-images tests/stubs/check-lx106
TESTS += tests/stubs/check-images tests/stubs/check-lx106
