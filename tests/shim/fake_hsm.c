/*
 * fake_hsm - a PKCS#11 module that passes all on to the one that $FAKE_HSM_REAL
 * names, but for what $FAKE_HSM says is amiss: see the functions.
 */
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <p11-kit/pkcs11.h>

enum {
	VENDOR_ANSWER	= 0x123,	/* CKR_VENDOR_DEFINED and it */
	TOO_LONG	= 100000,
	DER_PART_MAX	= 128,
};

/* What is passed on to, and how often the PIN was taken since. */
static CK_FUNCTION_LIST	*real, fake;
static bool		 confirmed, tried;

static bool
is(const char *what)
{
	const char	*mode = getenv("FAKE_HSM");

	return mode != NULL && strcmp(mode, what) == 0;
}

static CK_RV
fake_initialize(void *args)
{
	confirmed = tried = false;
	return is("no-start") ? CKR_GENERAL_ERROR : real->C_Initialize(args);
}

static CK_RV
fake_slots(CK_BBOOL with_token, CK_SLOT_ID *slots, CK_ULONG *count)
{
	if (!is("no-token"))
		return real->C_GetSlotList(with_token, slots, count);
	*count = 0;
	return CKR_OK;
}

static CK_RV
fake_token_info(CK_SLOT_ID slot, CK_TOKEN_INFO *info)
{
	CK_RV	rv = real->C_GetTokenInfo(slot, info);

	if (is("locked"))
		info->flags |= CKF_USER_PIN_LOCKED;
	if (is("empty"))
		info->flags &= ~(CK_FLAGS)CKF_TOKEN_INITIALIZED;
	if (is("no-pin"))
		info->flags &= ~(CK_FLAGS)CKF_USER_PIN_INITIALIZED;
	if (is("open"))
		info->flags &= ~(CK_FLAGS)CKF_LOGIN_REQUIRED;
	if (is("pinpad"))
		info->flags |= CKF_PROTECTED_AUTHENTICATION_PATH;
	if (is("final-try") && tried)
		info->flags |= CKF_USER_PIN_FINAL_TRY;
	if (is("now-locked") && tried)
		info->flags |= CKF_USER_PIN_LOCKED;
	return rv;
}

static CK_RV
fake_open(CK_SLOT_ID slot, CK_FLAGS flags, void *app, CK_NOTIFY notify,
    CK_SESSION_HANDLE *session)
{
	if (is("vendor"))
		return CKR_VENDOR_DEFINED | VENDOR_ANSWER;
	return real->C_OpenSession(slot, flags, app, notify, session);
}

static CK_RV
fake_login(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_UTF8CHAR *pin,
    CK_ULONG len)
{
	tried = true;
	if (is("pin-locked"))
		return CKR_PIN_LOCKED;
	if (is("open"))
		return CKR_FUNCTION_FAILED;
	if (is("pinpad") && pin == NULL)
		return real->C_Login(session, user, (CK_UTF8CHAR *)"1234", 4);
	if (user != CKU_CONTEXT_SPECIFIC)
		return real->C_Login(session, user, pin, len);
	if (is("refuses") || len != 4 || memcmp(pin, "1234", 4) != 0)
		return CKR_PIN_INCORRECT;
	confirmed = true;
	return CKR_OK;
}

static CK_RV
fake_find_init(CK_SESSION_HANDLE session, CK_ATTRIBUTE *t, CK_ULONG count)
{
	if (is("gone"))
		return CKR_DEVICE_REMOVED;
	return real->C_FindObjectsInit(session, t, count);
}

static CK_RV
fake_find(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE *keys, CK_ULONG max,
    CK_ULONG *count)
{
	if (is("too-many")) {
		*count = max + 1;
		return CKR_OK;
	}
	return real->C_FindObjects(session, keys, is("drip") ? 1 : max, count);
}

/* One attribute at a time is asked for. */
static CK_RV
fake_attribute(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key,
    CK_ATTRIBUTE *t, CK_ULONG count)
{
	bool	 number = t->type == CKA_MODULUS || t->type == CKA_EC_POINT;
	CK_RV	 rv;

	if (number && is("silent")) {
		t->ulValueLen = CK_UNAVAILABLE_INFORMATION;
		return CKR_ATTRIBUTE_SENSITIVE;
	}
	if (number && is("claims")) {
		t->ulValueLen = TOO_LONG;
		return CKR_OK;
	}
	if (t->type == CKA_KEY_TYPE && is("strange")) {
		*(CK_KEY_TYPE *)t->pValue = CKK_DSA;
		return CKR_OK;
	}
	if (t->type == CKA_ALWAYS_AUTHENTICATE &&
	    (is("confirm") || is("refuses"))) {
		*(CK_BBOOL *)t->pValue = CK_TRUE;
		t->ulValueLen = sizeof(CK_BBOOL);
		return CKR_OK;
	}
	rv = real->C_GetAttributeValue(session, key, t, count);
	if (rv != CKR_OK || t->type != CKA_EC_POINT)
		return rv;
	if (is("bare-point")) {
		t->ulValueLen -= 2;
		memmove(t->pValue, (uint8_t *)t->pValue + 2, t->ulValueLen);
	}
	if (is("short-point"))
		t->ulValueLen--;
	if (is("compressed"))
		((uint8_t *)t->pValue)[2] = 2;
	if (is("no-point"))
		((uint8_t *)t->pValue)[3] ^= 1;
	return rv;
}

static CK_RV
fake_sign_init(CK_SESSION_HANDLE session, CK_MECHANISM *m,
    CK_OBJECT_HANDLE key)
{
	if (is("no-way"))
		return CKR_MECHANISM_INVALID;
	return real->C_SignInit(session, m, key);
}

/* A number in DER: without zeros in front, but one ahead of a high bit. */
static size_t
der_number(uint8_t *out, const uint8_t *p, size_t len)
{
	size_t	zero;

	while (len > 1 && p[0] == 0) {
		p++;
		len--;
	}
	zero = p[0] >> 7;
	out[0] = 2;
	out[1] = (uint8_t)(len + zero);
	out[2] = 0;
	memcpy(out + 2 + zero, p, len);
	return 2 + zero + len;
}

static CK_ULONG
to_der(uint8_t *p, CK_ULONG len)
{
	uint8_t	parts[DER_PART_MAX];
	size_t	n = der_number(parts, p, len / 2);

	n += der_number(parts + n, p + len / 2, len / 2);
	p[0] = 0x30;
	p[1] = (uint8_t)n;
	memcpy(p + 2, parts, n);
	return n + 2;
}

static CK_RV
fake_sign(CK_SESSION_HANDLE session, CK_BYTE *data, CK_ULONG data_len,
    CK_BYTE *out, CK_ULONG *len)
{
	CK_RV	rv;

	if (is("removed"))
		return CKR_DEVICE_REMOVED;
	if (is("boasts")) {
		*len = TOO_LONG;
		return CKR_OK;
	}
	if (is("confirm") && !confirmed)
		return CKR_USER_NOT_LOGGED_IN;
	rv = real->C_Sign(session, data, data_len, out, len);
	if (rv != CKR_OK)
		return rv;
	if (is("wrong"))
		out[*len / 2] ^= 1;
	if (is("nothing"))
		*len = 0;
	if (is("cut"))
		(*len)--;
	if (is("der"))
		*len = to_der(out, *len);
	return rv;
}

CK_RV C_GetFunctionList(CK_FUNCTION_LIST **list);

CK_RV
C_GetFunctionList(CK_FUNCTION_LIST **list)
{
	const char		*name = getenv("FAKE_HSM_REAL");
	void			*lib = dlopen(name, RTLD_NOW);
	CK_C_GetFunctionList	 get;
	CK_RV			 rv;

	if (lib == NULL)
		return CKR_GENERAL_ERROR;
	/* ISO C has no conversion from an object to a function. */
	*(void **)&get = dlsym(lib, "C_GetFunctionList");
	if (get == NULL || (rv = get(&real)) != CKR_OK)
		return CKR_GENERAL_ERROR;
	fake = *real;
	fake.C_GetFunctionList = C_GetFunctionList;
	fake.C_Initialize = fake_initialize;
	fake.C_GetSlotList = fake_slots;
	fake.C_GetTokenInfo = fake_token_info;
	fake.C_OpenSession = fake_open;
	fake.C_Login = fake_login;
	fake.C_FindObjectsInit = fake_find_init;
	fake.C_FindObjects = fake_find;
	fake.C_GetAttributeValue = fake_attribute;
	fake.C_SignInit = fake_sign_init;
	fake.C_Sign = fake_sign;
	*list = &fake;
	return CKR_OK;
}
