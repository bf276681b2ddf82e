# tests/demo - the main job, on simulated boards.

EXTRA_DIST += tests/demo/demo

# Without network the ROM loaders do the work.
.PHONY: demo
demo: all
	-@$(srcdir)/stubs/fetch stubs
	@$(AM_TESTS_ENVIRONMENT) $(srcdir)/tests/demo/demo
