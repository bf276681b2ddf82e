# tests/demo - the main job, on simulated boards.

EXTRA_DIST += tests/demo/demo

.PHONY: demo
demo: all
	@$(AM_TESTS_ENVIRONMENT) $(srcdir)/tests/demo/demo
