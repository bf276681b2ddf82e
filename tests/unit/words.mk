# tests/unit - the words for fuses, and keys.

if HAVE_CMOCKA
words_tests = test_efuse_words
check_PROGRAMS += $(words_tests)
TESTS += $(words_tests)

test_efuse_words_SOURCES = tests/unit/test_efuse_words.c tests/unit/unit.h
test_efuse_words_LDADD = $(UNIT_LIBS)
endif
