# tests/stubs - our stub as a program for the chips: the images that are kept,
# and what an emulated processor makes of one.

EXTRA_DIST += tests/stubs/check-images
