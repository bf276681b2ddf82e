# tests/unit - coding, state, users' tables and virtual chips of eFuses.

if HAVE_CMOCKA
efuse_model_tests = test_efuse_coding test_efuse_json test_efuse_state \
	test_efuse_user test_efuse_virt
check_PROGRAMS += $(efuse_model_tests)
TESTS += $(efuse_model_tests)

test_efuse_coding_SOURCES = tests/unit/test_efuse_coding.c tests/unit/unit.h
test_efuse_coding_LDADD = $(UNIT_LIBS)
test_efuse_json_SOURCES = tests/unit/test_efuse_json.c tests/unit/unit.h
test_efuse_json_LDADD = $(UNIT_LIBS) $(JSON_LIBS)
test_efuse_state_SOURCES = tests/unit/test_efuse_state.c tests/unit/unit.h
test_efuse_state_LDADD = $(UNIT_LIBS) $(ZLIB_LIBS) $(JSON_LIBS)
test_efuse_user_SOURCES = tests/unit/test_efuse_user.c tests/unit/unit.h
test_efuse_user_LDADD = $(UNIT_LIBS)
test_efuse_virt_SOURCES = tests/unit/test_efuse_virt.c tests/unit/unit.h
test_efuse_virt_LDADD = $(UNIT_LIBS)
endif
