#include "tests/shim/token.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <p11-kit/p11-kit.h>

#define SO_PIN	"12345678"

enum { SLOTS_MAX = 64, LABEL_MAX = 32, DER_MAX = 10, PATH_BYTES = 512 };

static const struct kind {
	const char	*name;
	CK_ULONG	 bits;		/* RSA; 0: a curve */
	uint8_t		 der[DER_MAX];	/* its name */
	CK_ULONG	 der_len;
} kinds[] = {
	{ "rsa2048", 2048, { 0 }, 0 },
	{ "rsa3072", 3072, { 0 }, 0 },
	{ "p192", 0, { 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 1 }, 10 },
	{ "p256", 0, { 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7 }, 10 },
	{ "p384", 0, { 6, 5, 0x2b, 0x81, 4, 0, 0x22 }, 7 },
	{ "p521", 0, { 6, 5, 0x2b, 0x81, 4, 0, 0x23 }, 7 },
};

static void
die(const char *what, CK_RV rv)
{
	(void)fprintf(stderr, "token: %s: 0x%lx\n", what, rv);
	exit(1);
}

static void
need(const char *what, CK_RV rv)
{
	if (rv != CKR_OK)
		die(what, rv);
}

const char *
token_softhsm(void)
{
	static const char *const	places[] = {
		"/usr/lib/softhsm/libsofthsm2.so",
		"/usr/lib64/pkcs11/libsofthsm2.so",
		"/usr/lib/pkcs11/libsofthsm2.so",
		"/usr/local/lib/softhsm/libsofthsm2.so",
	};

	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
		if (access(places[i], R_OK) == 0)
			return places[i];
	return NULL;
}

void
token_keep_in(const char *dir)
{
	char	 path[PATH_BYTES];
	FILE	*f;

	(void)snprintf(path, sizeof path, "%s/tokens", dir);
	(void)mkdir(path, 0700);	/* there already: as well */
	(void)snprintf(path, sizeof path, "%s/softhsm2.conf", dir);
	f = fopen(path, "w");
	if (f == NULL || fprintf(f, "directories.tokendir = %s/tokens\n"
	    "objectstore.backend = file\nlog.level = ERROR\n", dir) < 0 ||
	    fclose(f) != 0 || setenv("SOFTHSM2_CONF", path, 1) < 0)
		die(path, 0);
}

static CK_FUNCTION_LIST *
load(const char *lib)
{
	CK_FUNCTION_LIST	*f;

	f = p11_kit_module_load(lib, P11_KIT_MODULE_UNMANAGED);
	if (f == NULL)
		die(lib, 0);
	need("C_Initialize", p11_kit_module_initialize(f));
	return f;
}

static void
unload(CK_FUNCTION_LIST *f)
{
	need("C_Finalize", p11_kit_module_finalize(f));
	p11_kit_module_release(f);
}

/* The slot whose token has that label; NULL: one without a token's content. */
static CK_SLOT_ID
find(CK_FUNCTION_LIST *f, const uint8_t *label)
{
	CK_SLOT_ID	slots[SLOTS_MAX];
	CK_ULONG	count = SLOTS_MAX;
	CK_TOKEN_INFO	info;

	need("C_GetSlotList", f->C_GetSlotList(CK_TRUE, slots, &count));
	for (CK_ULONG i = 0; i < count; i++) {
		need("C_GetTokenInfo", f->C_GetTokenInfo(slots[i], &info));
		if (label == NULL ? !(info.flags & CKF_TOKEN_INITIALIZED) :
		    memcmp(info.label, label, LABEL_MAX) == 0)
			return slots[i];
	}
	die("no such slot", 0);
	return 0;
}

static CK_UTF8CHAR *
pin_of(const char *pin)
{
	return (CK_UTF8CHAR *)(uintptr_t)pin;
}

unsigned long
token_make(const char *lib, const char *label, const char *pin)
{
	CK_FUNCTION_LIST	*f = load(lib);
	uint8_t			 padded[LABEL_MAX];
	CK_SLOT_ID		 slot;
	CK_SESSION_HANDLE	 session;

	memset(padded, ' ', sizeof padded);
	memcpy(padded, label, strnlen(label, sizeof padded));
	need("C_InitToken", f->C_InitToken(find(f, NULL), pin_of(SO_PIN),
	    strlen(SO_PIN), padded));
	slot = find(f, padded);
	need("C_OpenSession", f->C_OpenSession(slot, CKF_SERIAL_SESSION |
	    CKF_RW_SESSION, NULL, NULL, &session));
	need("C_Login", f->C_Login(session, CKU_SO, pin_of(SO_PIN),
	    strlen(SO_PIN)));
	need("C_InitPIN", f->C_InitPIN(session, pin_of(pin), strlen(pin)));
	need("C_CloseSession", f->C_CloseSession(session));
	unload(f);
	/* SoftHSM numbers its slots anew when it starts. */
	f = load(lib);
	slot = find(f, padded);
	unload(f);
	return slot;
}

static void
make_pair(CK_FUNCTION_LIST *f, CK_SESSION_HANDLE session,
    const struct kind *k, const char *label, const char *label_public, bool sign)
{
	CK_BBOOL		yes = CK_TRUE, no = CK_FALSE;
	CK_BBOOL		signs = sign ? CK_TRUE : CK_FALSE;
	CK_ULONG		bits = k->bits;
	uint8_t			e[] = { 1, 0, 1 };
	CK_ATTRIBUTE		public[] = {
		{ CKA_TOKEN, &yes, sizeof yes },
		{ CKA_PRIVATE, &no, sizeof no },
		{ CKA_VERIFY, &yes, sizeof yes },
		{ CKA_LABEL, pin_of(label_public), strlen(label_public) },
		{ CKA_EC_PARAMS, (void *)(uintptr_t)k->der, k->der_len },
		{ CKA_PUBLIC_EXPONENT, e, sizeof e },
	};
	CK_ATTRIBUTE		private[] = {
		{ CKA_TOKEN, &yes, sizeof yes },
		{ CKA_PRIVATE, &yes, sizeof yes },
		{ CKA_SENSITIVE, &yes, sizeof yes },
		{ CKA_SIGN, &signs, sizeof signs },
		{ CKA_LABEL, pin_of(label), strlen(label) },
	};
	CK_MECHANISM		rsa = { CKM_RSA_PKCS_KEY_PAIR_GEN, NULL, 0 };
	CK_MECHANISM		ec = { CKM_EC_KEY_PAIR_GEN, NULL, 0 };
	CK_OBJECT_HANDLE	a, b;

	if (bits > 0)
		public[4] = (CK_ATTRIBUTE){ CKA_MODULUS_BITS, &bits,
		    sizeof bits };
	need("C_GenerateKeyPair", f->C_GenerateKeyPair(session,
	    bits > 0 ? &rsa : &ec, public, bits > 0 ? 6 : 5, private, 5, &a,
	    &b));
	if (label_public[0] == '\0')
		need("C_DestroyObject", f->C_DestroyObject(session, a));
	if (label[0] == '\0')
		need("C_DestroyObject", f->C_DestroyObject(session, b));
}

void
token_key(const char *lib, unsigned long slot, const char *pin,
    const char *kind, const char *label, const char *label_public, bool sign)
{
	CK_FUNCTION_LIST	*f = load(lib);
	CK_SESSION_HANDLE	 session;
	const struct kind	*k = kinds;

	while (strcmp(k->name, kind) != 0)
		if (++k == kinds + sizeof kinds / sizeof kinds[0])
			die(kind, 0);
	need("C_OpenSession", f->C_OpenSession(slot, CKF_SERIAL_SESSION |
	    CKF_RW_SESSION, NULL, NULL, &session));
	need("C_Login", f->C_Login(session, CKU_USER, pin_of(pin),
	    strlen(pin)));
	make_pair(f, session, k, label, label_public, sign);
	need("C_CloseSession", f->C_CloseSession(session));
	unload(f);
}
