# tests/unit - the words for fuses, and keys.

if HAVE_CMOCKA
words_tests = test_efuse_words test_pem test_secret test_sign
check_PROGRAMS += $(words_tests)
TESTS += $(words_tests)

test_efuse_words_SOURCES = tests/unit/test_efuse_words.c tests/unit/unit.h
test_efuse_words_LDADD = $(UNIT_LIBS)
test_pem_SOURCES = tests/unit/test_pem.c tests/unit/unit.h
test_pem_LDADD = $(UNIT_LIBS)
test_secret_SOURCES = tests/unit/test_secret.c tests/unit/unit.h
test_secret_LDADD = $(UNIT_LIBS)
test_sign_SOURCES = tests/unit/test_sign.c tests/unit/unit.h
test_sign_LDADD = $(UNIT_LIBS)
endif
