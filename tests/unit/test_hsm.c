/* Keys in a token of SoftHSM, and a module that does what it should not. */
#include "client/hsm.h"

#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/base/err.h"
#include "tests/shim/token.h"
#include "tests/unit/unit.h"

#define PIN	"1234"
#define FAKE	"fake_hsm.so"

static struct why	 why;
static struct hsm_conf	 conf;
static char		 root[] = "/tmp/test_hsm.XXXXXX", fake[PATH_MAX];
static const char	*softhsm;
static char		 lib[PATH_MAX], pin[] = PIN, wrong_pin[] = "9999";

/* The module of the next test, with a fault or none. */
static void
use(const char *fault)
{
	if (softhsm == NULL)
		skip();
	why_clear(&why);
	(void)snprintf(lib, sizeof lib, "%s", fault != NULL ? fake : softhsm);
	conf.lib = lib;
	conf.pin = pin;
	assert_int_equal(setenv("FAKE_HSM", fault != NULL ? fault : "", 1), 0);
}

/* Get the public key and sign by it; what is refused is in `why`. */
static int
sign_with(const char *label, const char *label_public)
{
	uint8_t		 digest[SIGN_DIGEST_MAX], out[SIGN_MAX];
	struct hsm	*h = NULL;
	struct pem_key	*key = NULL;
	size_t		 digest_len, len = 0;
	int		 r = hsm_open(&h, &conf, &why);

	if (r == 0)
		r = hsm_public(h, label_public, &key, &why);
	if (r == 0) {
		digest_len = sign_digest_bytes(pem_scheme(key));
		memset(digest, 0x5a, sizeof digest);
		r = hsm_sign(h, label, key, digest, digest_len, out, &len, &why);
		if (r == 0) {
			assert_int_equal(len, sign_bytes(pem_scheme(key)));
			assert_int_equal(sign_check(key, digest, digest_len,
			    out, len), 0);
			digest[0] ^= 1;
			assert_int_equal(sign_check(key, digest, digest_len,
			    out, len), ERR_SIGNATURE);
		}
	}
	assert_int_equal(r, why.err);
	pem_free(key);
	hsm_close(h);
	return r;
}

static void
refused(const char *label, const char *label_public, int err,
    const char *sentence)
{
	assert_int_equal(sign_with(label, label_public), err);
	if (strstr(why.text, sentence) == NULL)
		fail_msg("\"%s\" has no \"%s\"", why.text, sentence);
	assert_null(strstr(why.text, PIN));
}

static void
test_a_key_of_each_kind_signs(void **state)
{
	static const struct {
		const char	*label;
		enum pem_scheme	 scheme;
	} all[] = {
		{ "rsa", PEM_RSA_3072 }, { "p192", PEM_ECDSA_P192 },
		{ "p256", PEM_ECDSA_P256 }, { "p384", PEM_ECDSA_P384 },
	};
	struct hsm	*h;
	struct pem_key	*key;

	(void)state;
	use(NULL);
	for (size_t i = 0; i < UNIT_COUNT(all); i++) {
		assert_int_equal(sign_with(all[i].label, all[i].label), 0);
		assert_int_equal(hsm_open(&h, &conf, &why), 0);
		assert_int_equal(hsm_public(h, all[i].label, &key, &why), 0);
		assert_int_equal(pem_scheme(key), all[i].scheme);
		assert_false(pem_private(key));
		pem_free(key);
		hsm_close(h);
	}
}

static void
test_the_halves_may_have_labels_of_their_own(void **state)
{
	(void)state;
	use(NULL);
	assert_int_equal(sign_with("secret half", "public half"), 0);
}

static void
test_a_key_that_is_not_there_is_named_with_those_that_are(void **state)
{
	(void)state;
	use(NULL);
	refused("none", "p256", ERR_HSM, "has no private key with the label "
	    "'none'; it has '");
	why_clear(&why);
	refused("p256", "none", ERR_HSM, "has no public key with the label "
	    "'none'; it has '");
}

static void
test_two_keys_of_one_label_are_refused(void **state)
{
	(void)state;
	use(NULL);
	refused("twin", "p256", ERR_HSM, "several private keys with the label "
	    "'twin'");
	why_clear(&why);
	refused("p256", "twin", ERR_HSM, "several public keys");
}

static void
test_keys_that_secure_boot_does_not_know_are_refused(void **state)
{
	(void)state;
	use(NULL);
	refused("p521", "p521", ERR_PARAMS, "the token's key 'p521' is of a "
	    "kind that secure boot does not know");
	why_clear(&why);
	refused("rsa2048", "rsa2048", ERR_PARAMS, "2048");
}

static void
test_halves_of_two_keys_are_noticed(void **state)
{
	(void)state;
	use(NULL);
	refused("rsa", "p256", ERR_HSM, "not of the same kind");
	why_clear(&why);
	refused("p256", "secret half", ERR_HSM, "has no public key");
	why_clear(&why);
	refused("p256", "public half", ERR_SIGNATURE, "does not fit the "
	    "token's key 'public half'");
	why_clear(&why);
	refused("p384", "p256", ERR_SIGNATURE, "does not fit");
}

static void
test_a_key_that_may_not_sign_says_so(void **state)
{
	(void)state;
	use(NULL);
	refused("idle", "idle", ERR_HSM, "CKR_KEY_FUNCTION_NOT_PERMITTED (the "
	    "key was not made for signing");
}

static void
test_a_wrong_pin_is_told(void **state)
{
	(void)state;
	use(NULL);
	conf.pin = wrong_pin;
	refused("p256", "p256", ERR_HSM, "the PIN is wrong for the token in "
	    "slot ");
	assert_non_null(strstr(why.text, "(CKR_PIN_INCORRECT)"));
	assert_null(strstr(why.text, wrong_pin));
	use("final-try");
	conf.pin = wrong_pin;
	refused("p256", "p256", ERR_HSM, "; one more wrong one locks it");
	use("now-locked");
	conf.pin = wrong_pin;
	refused("p256", "p256", ERR_HSM, "; it is locked now");
	use("pin-locked");
	refused("p256", "p256", ERR_HSM, "CKR_PIN_LOCKED (after too many");
}

static void
test_no_pin_is_tried_that_cannot_be_right(void **state)
{
	static char	empty[] = "";

	(void)state;
	use(NULL);
	conf.pin = empty;
	refused("p256", "p256", ERR_HSM, "no PIN was given");
	why_clear(&why);
	conf.pin = NULL;
	refused("p256", "p256", ERR_HSM, "no PIN was given");
	use("locked");
	refused("p256", "p256", ERR_HSM, "is locked after too many wrong ones");
	use("no-pin");
	refused("p256", "p256", ERR_HSM, "has no user PIN yet");
	use("empty");
	refused("p256", "p256", ERR_HSM, "is empty: it must be initialized");
}

static void
test_a_token_with_keys_of_its_own_needs_no_pin(void **state)
{
	(void)state;
	use("pinpad");
	conf.pin = NULL;
	assert_int_equal(sign_with("p256", "p256"), 0);
}

static void
test_a_token_without_login_is_not_logged_in_to(void **state)
{
	struct hsm	*h;
	struct pem_key	*key;

	(void)state;
	use("open");
	conf.pin = NULL;
	assert_int_equal(hsm_open(&h, &conf, &why), 0);
	assert_int_equal(hsm_public(h, "p256", &key, &why), 0);
	pem_free(key);
	hsm_close(h);
}

static void
test_a_slot_without_a_token_is_told_with_those_that_have_one(void **state)
{
	unsigned long	slot = conf.slot;

	(void)state;
	use(NULL);
	conf.slot = 7777;
	refused("p256", "p256", ERR_HSM, "no token in slot 7777; it has them "
	    "in: ");
	assert_non_null(strstr(why.text, "'unit test'"));
	conf.slot = slot;
	use("no-token");
	refused("p256", "p256", ERR_HSM, "has no token in any slot");
}

static void
test_a_library_that_is_none_is_told(void **state)
{
	(void)state;
	use(NULL);
	(void)snprintf(lib, sizeof lib, "/nowhere/libp11.so");
	refused("p256", "p256", ERR_FILE_MISSING, "'/nowhere/libp11.so' cannot "
	    "be opened: No such file");
	why_clear(&why);
	(void)snprintf(lib, sizeof lib, "/proc/self/cmdline");
	refused("p256", "p256", ERR_HSM, "is no PKCS#11 library that can be "
	    "loaded");
	why_clear(&why);
	(void)snprintf(lib, sizeof lib, "%s", root);
	refused("p256", "p256", ERR_HSM, "is no PKCS#11 library");
	use("no-start");
	refused("p256", "p256", ERR_HSM, "cannot begin its work");
	use("vendor");
	refused("p256", "p256", ERR_HSM, "its answer is 0x80000123");
}

static void
test_a_token_that_is_taken_out_is_told(void **state)
{
	(void)state;
	use("gone");
	refused("p256", "p256", ERR_HSM, "cannot look for the public key "
	    "'p256': CKR_DEVICE_REMOVED (the token was taken out");
	use("removed");
	refused("p256", "p256", ERR_HSM, "cannot sign with the key 'p256': "
	    "CKR_DEVICE_REMOVED");
}

static void
test_a_module_that_cannot_sign_so_says_so(void **state)
{
	(void)state;
	use("no-way");
	refused("rsa", "rsa", ERR_HSM, "by CKM_RSA_PKCS_PSS: "
	    "CKR_MECHANISM_INVALID");
	why_clear(&why);
	refused("p256", "p256", ERR_HSM, "by CKM_ECDSA: CKR_MECHANISM_INVALID");
}

static void
test_a_key_may_want_the_pin_for_each_signature(void **state)
{
	(void)state;
	use("confirm");
	assert_int_equal(sign_with("p256", "p256"), 0);
	assert_int_equal(sign_with("rsa", "rsa"), 0);
	use("refuses");
	refused("p256", "p256", ERR_HSM, "cannot take the PIN for the key "
	    "'p256': CKR_PIN_INCORRECT");
}

static void
test_other_forms_of_the_same_numbers_are_read(void **state)
{
	static const char *const	labels[] = { "p192", "p256", "p384" };

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(labels); i++) {
		use("bare-point");
		assert_int_equal(sign_with(labels[i], labels[i]), 0);
		use("der");
		assert_int_equal(sign_with(labels[i], labels[i]), 0);
		use("drip");
		assert_int_equal(sign_with(labels[i], labels[i]), 0);
	}
	refused("twin", "p256", ERR_HSM, "several private keys");
}

static void
test_nothing_that_a_module_says_is_believed_blindly(void **state)
{
	static const struct {
		const char	*fault, *label;
		int		 err;
		const char	*sentence;
	} all[] = {
		{ "silent", "rsa", ERR_HSM, "does not tell all numbers" },
		{ "silent", "p256", ERR_HSM, "does not tell all numbers" },
		{ "claims", "rsa", ERR_HSM, "does not tell all numbers" },
		{ "claims", "p384", ERR_HSM, "does not tell all numbers" },
		{ "strange", "p256", ERR_PARAMS, "of a kind that" },
		{ "short-point", "p256", ERR_HSM, "in a form that nobody" },
		{ "compressed", "p256", ERR_HSM, "in a form that nobody" },
		{ "no-point", "p256", ERR_PARAMS, "the token's key 'p256'" },
		{ "too-many", "p256", ERR_HSM, "CKR_GENERAL_ERROR" },
		{ "wrong", "p256", ERR_SIGNATURE, "does not fit" },
		{ "wrong", "rsa", ERR_SIGNATURE, "does not fit" },
		{ "nothing", "p256", ERR_SIGNATURE, "does not fit" },
		{ "nothing", "rsa", ERR_SIGNATURE, "does not fit" },
		{ "cut", "p256", ERR_SIGNATURE, "does not fit" },
		{ "cut", "rsa", ERR_SIGNATURE, "does not fit" },
		{ "boasts", "p256", ERR_HSM, "100000 bytes" },
	};

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(all); i++) {
		use(all[i].fault);
		refused(all[i].label, all[i].label, all[i].err,
		    all[i].sentence);
	}
}

static void
test_what_was_never_opened_is_closed(void **state)
{
	(void)state;
	hsm_close(NULL);
}

static int
setup(void **state)
{
	static const char *const	kinds[] = { "rsa2048", "p192", "p256",
					    "p384", "p521" };

	(void)state;
	softhsm = token_softhsm();
	if (softhsm == NULL)
		return 0;
	if (mkdtemp(root) == NULL || realpath(FAKE, fake) == NULL ||
	    setenv("FAKE_HSM_REAL", softhsm, 1) < 0)
		return -1;
	token_keep_in(root);
	conf.slot = token_make(softhsm, "unit test", PIN);
	token_key(softhsm, conf.slot, PIN, "rsa3072", "rsa", "rsa", true);
	for (size_t i = 0; i < UNIT_COUNT(kinds); i++)
		token_key(softhsm, conf.slot, PIN, kinds[i], kinds[i],
		    kinds[i], true);
	token_key(softhsm, conf.slot, PIN, "p256", "secret half",
	    "public half", true);
	token_key(softhsm, conf.slot, PIN, "p256", "idle", "idle", false);
	token_key(softhsm, conf.slot, PIN, "p256", "twin", "twin", true);
	token_key(softhsm, conf.slot, PIN, "p256", "twin", "twin", true);
	return 0;
}

static int
drop(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static int
teardown(void **state)
{
	(void)state;
	return softhsm == NULL ? 0 : nftw(root, drop, 8, FTW_DEPTH | FTW_PHYS);
}

int
main(void)
{
	static const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_a_key_of_each_kind_signs),
		cmocka_unit_test(test_the_halves_may_have_labels_of_their_own),
		cmocka_unit_test(
		    test_a_key_that_is_not_there_is_named_with_those_that_are),
		cmocka_unit_test(test_two_keys_of_one_label_are_refused),
		cmocka_unit_test(
		    test_keys_that_secure_boot_does_not_know_are_refused),
		cmocka_unit_test(test_halves_of_two_keys_are_noticed),
		cmocka_unit_test(test_a_key_that_may_not_sign_says_so),
		cmocka_unit_test(test_a_wrong_pin_is_told),
		cmocka_unit_test(test_no_pin_is_tried_that_cannot_be_right),
		cmocka_unit_test(test_a_token_with_keys_of_its_own_needs_no_pin),
		cmocka_unit_test(test_a_token_without_login_is_not_logged_in_to),
		cmocka_unit_test(
		    test_a_slot_without_a_token_is_told_with_those_that_have_one),
		cmocka_unit_test(test_a_library_that_is_none_is_told),
		cmocka_unit_test(test_a_token_that_is_taken_out_is_told),
		cmocka_unit_test(test_a_module_that_cannot_sign_so_says_so),
		cmocka_unit_test(test_a_key_may_want_the_pin_for_each_signature),
		cmocka_unit_test(test_other_forms_of_the_same_numbers_are_read),
		cmocka_unit_test(
		    test_nothing_that_a_module_says_is_believed_blindly),
		cmocka_unit_test(test_what_was_never_opened_is_closed),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
