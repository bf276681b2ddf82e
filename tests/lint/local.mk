# tests/lint - the rules of HACKING.md that a machine can check.

EXTRA_DIST += tests/lint/fixes
dist_check_SCRIPTS += tests/lint/check-source
TESTS += tests/lint/check-source

.PHONY: check-source
check-source: all
	@$(AM_TESTS_ENVIRONMENT) $(srcdir)/tests/lint/check-source
