# tests/unit - keys of the AES hardware, encrypted flash.

if HAVE_CMOCKA
secure_crypt_tests = test_hw_key test_flash_crypt
check_PROGRAMS += $(secure_crypt_tests)
TESTS += $(secure_crypt_tests)

test_hw_key_SOURCES = tests/unit/test_hw_key.c tests/unit/unit.h
test_hw_key_LDADD = $(PROTO_LIBS) $(CMOCKA_LIBS)
test_flash_crypt_SOURCES = tests/unit/test_flash_crypt.c \
	tests/unit/unit.h tests/sim/crypt.c tests/sim/crypt.h
test_flash_crypt_LDADD = $(PROTO_LIBS) $(CMOCKA_LIBS)
endif
