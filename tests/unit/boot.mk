# tests/unit - signatures and digests of secure boot.

if HAVE_CMOCKA
boot_tests = test_sbv1 test_sbv2
check_PROGRAMS += $(boot_tests)
TESTS += $(boot_tests)

test_sbv1_SOURCES = tests/unit/test_sbv1.c tests/unit/secure_vectors.h \
	tests/unit/unit.h
test_sbv1_LDADD = $(UNIT_LIBS)
test_sbv2_SOURCES = tests/unit/test_sbv2.c tests/unit/secure_vectors.h \
	tests/unit/unit.h
test_sbv2_LDADD = $(UNIT_LIBS)
endif
