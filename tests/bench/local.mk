# tests/bench - ratios, for people to read; not part of make check.

EXTRA_DIST += tests/bench/bench

.PHONY: bench
bench: all
	@$(AM_TESTS_ENVIRONMENT) $(srcdir)/tests/bench/bench
