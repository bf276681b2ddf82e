# tests - each folder says what it tests; `make check` runs them all.

EXTRA_DIST += tests/summary

include tests/unit/local.mk
include tests/conv/local.mk
include tests/shim/local.mk
include tests/virt/local.mk
include tests/sim/local.mk
include tests/e2e/local.mk
include tests/fuzz/local.mk
include tests/bench/local.mk
include tests/demo/local.mk
include tests/stubs/local.mk
include tests/lint/local.mk
