/*
 * hsm_key - keys in a security module: see hsm.h.
 *
 * What a module answers is believed only as far as it can be checked: lengths
 * are compared, and a signature counts when the public key says so.
 *
 * Sources: OASIS PKCS #11 Base Specification 2.40, 4.7 to 4.9 (keys), 5.7
 * (objects), 5.11 (signing); OASIS PKCS #11 Current Mechanisms 2.40, 2.1.10 (RSA
 * PSS), 2.3.1 (ECDSA signatures), 2.3.3 (CKA_EC_PARAMS, CKA_EC_POINT); RFC 5480,
 * 2.1.1.1 (names of curves).
 */
#include "client/hsm.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "client/hsm_impl.h"
#include "proto/base/err.h"
#include "proto/base/text.h"

enum {
	ATTRIBUTE_MAX	= 1024,		/* bytes: RSA-3072 needs 384 */
	NAMED_MAX	= 8,		/* keys that a sentence lists */
	LIST_MAX	= 256,
	LABEL_MAX	= 64,		/* of a label in a sentence */
	KEY_NAME_MAX	= 128,
	DOING_MAX	= 160,
	SALT		= 32,		/* of PSS, as secure boot has it */
	OCTET_STRING	= 0x04,		/* DER */
	UNCOMPRESSED	= 0x04,		/* a point of a curve, SEC 1 2.3.3 */
	OCTET_HEAD	= 2,		/* tag, length below 128 */
};

#define N(x)	{ x, #x, NULL }
#define T(x, t)	{ x, #x, t }

static const struct answer {
	CK_RV		 rv;
	const char	*name;
	const char	*means;		/* NULL: the name says it */
} answers[] = {
	N(CKR_CANCEL),
	N(CKR_HOST_MEMORY),
	N(CKR_SLOT_ID_INVALID),
	T(CKR_GENERAL_ERROR, "its own log may tell more"),
	T(CKR_FUNCTION_FAILED, "its configuration, its environment variables "
	    "or the rights of this user may be amiss"),
	N(CKR_ARGUMENTS_BAD),
	N(CKR_CANT_LOCK),
	N(CKR_ATTRIBUTE_SENSITIVE),
	N(CKR_ATTRIBUTE_TYPE_INVALID),
	N(CKR_DATA_INVALID),
	N(CKR_DATA_LEN_RANGE),
	T(CKR_DEVICE_ERROR, "its own log may tell more"),
	N(CKR_DEVICE_MEMORY),
	T(CKR_DEVICE_REMOVED, "the token was taken out of its slot"),
	N(CKR_FUNCTION_CANCELED),
	N(CKR_FUNCTION_NOT_SUPPORTED),
	N(CKR_KEY_HANDLE_INVALID),
	N(CKR_KEY_SIZE_RANGE),
	N(CKR_KEY_TYPE_INCONSISTENT),
	T(CKR_KEY_FUNCTION_NOT_PERMITTED, "the key was not made for signing: "
	    "CKA_SIGN is false"),
	T(CKR_MECHANISM_INVALID, "the module does not know that way of signing"),
	N(CKR_MECHANISM_PARAM_INVALID),
	N(CKR_OBJECT_HANDLE_INVALID),
	N(CKR_OPERATION_ACTIVE),
	N(CKR_OPERATION_NOT_INITIALIZED),
	N(CKR_PIN_INCORRECT),
	N(CKR_PIN_INVALID),
	N(CKR_PIN_LEN_RANGE),
	N(CKR_PIN_EXPIRED),
	T(CKR_PIN_LOCKED, "after too many wrong ones; the token's security "
	    "officer can unlock it"),
	N(CKR_SESSION_CLOSED),
	N(CKR_SESSION_COUNT),
	N(CKR_SESSION_HANDLE_INVALID),
	N(CKR_SESSION_READ_WRITE_SO_EXISTS),
	T(CKR_TOKEN_NOT_PRESENT, "the token was taken out of its slot"),
	N(CKR_TOKEN_NOT_RECOGNIZED),
	N(CKR_USER_NOT_LOGGED_IN),
	N(CKR_USER_PIN_NOT_INITIALIZED),
	N(CKR_USER_TYPE_INVALID),
	T(CKR_USER_ANOTHER_ALREADY_LOGGED_IN, "the security officer is"),
	N(CKR_USER_TOO_MANY_TYPES),
	N(CKR_BUFFER_TOO_SMALL),
	N(CKR_CRYPTOKI_NOT_INITIALIZED),
	N(CKR_CRYPTOKI_ALREADY_INITIALIZED),
	N(CKR_FUNCTION_REJECTED),
};

/* The curves of secure boot, as CKA_EC_PARAMS names them (DER). */
static const struct curve {
	enum pem_scheme	scheme;
	uint8_t		der[10];
	size_t		len;
} curves[] = {
	{ PEM_ECDSA_P192, { 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03,
	    0x01, 0x01 }, 10 },
	{ PEM_ECDSA_P256, { 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03,
	    0x01, 0x07 }, 10 },
	{ PEM_ECDSA_P384, { 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22 }, 7 },
};

struct attribute {
	uint8_t	p[ATTRIBUTE_MAX];
	size_t	len;
};

static const struct answer *
find_answer(CK_RV rv)
{
	for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++)
		if (answers[i].rv == rv)
			return &answers[i];
	return NULL;
}

const char *
hsm_answer(CK_RV rv)
{
	const struct answer	*a = find_answer(rv);

	return a != NULL ? a->name : NULL;
}

int
hsm_refused(struct why *why, CK_RV rv, const char *doing, ...)
{
	const struct answer	*a = find_answer(rv);
	char			 what[DOING_MAX];
	va_list			 ap;

	va_start(ap, doing);
	(void)vsnprintf(what, sizeof what, doing, ap);	/* cut is fine */
	va_end(ap);
	if (a == NULL)
		return why_set(why, ERR_HSM, "the security module cannot %s: its "
		    "answer is 0x%lx", what, rv);
	return why_set(why, ERR_HSM, "the security module cannot %s: %s%s%s%s",
	    what, a->name, a->means != NULL ? " (" : "",
	    a->means != NULL ? a->means : "", a->means != NULL ? ")" : "");
}

static const char *
half(CK_OBJECT_CLASS class)
{
	return class == CKO_PRIVATE_KEY ? "private" : "public";
}

/* One attribute of an object; false: there is none, or none that fits. */
static bool
read_attribute(struct hsm *h, CK_OBJECT_HANDLE key, CK_ATTRIBUTE_TYPE type,
    struct attribute *a)
{
	CK_ATTRIBUTE	t = { type, a->p, sizeof a->p };

	if (h->f->C_GetAttributeValue(h->session, key, &t, 1) != CKR_OK ||
	    t.ulValueLen > sizeof a->p)
		return false;
	a->len = t.ulValueLen;
	return true;
}

/* Keys of that half, and of that label unless it is NULL. */
static CK_RV
search(struct hsm *h, CK_OBJECT_CLASS class, const char *label,
    CK_OBJECT_HANDLE *keys, CK_ULONG max, CK_ULONG *count)
{
	CK_ATTRIBUTE	t[] = {
		{ CKA_CLASS, &class, sizeof class },
		{ CKA_LABEL, (void *)(uintptr_t)label,
		    label != NULL ? strlen(label) : 0 },
	};
	CK_RV		rv = h->f->C_FindObjectsInit(h->session, t,
			    label != NULL ? 2 : 1);

	if (rv != CKR_OK)
		return rv;
	*count = 0;
	rv = h->f->C_FindObjects(h->session, keys, max, count);
	/* A module may hand over fewer at a time than there are. */
	while (rv == CKR_OK && *count > 0 && *count < max) {
		CK_ULONG	more = 0;

		rv = h->f->C_FindObjects(h->session, keys + *count,
		    max - *count, &more);
		if (rv != CKR_OK || more == 0 || more > max - *count)
			break;
		*count += more;
	}
	if (rv == CKR_OK && *count > max)
		rv = CKR_GENERAL_ERROR;
	(void)h->f->C_FindObjectsFinal(h->session);	/* nothing to lose */
	return rv;
}

/* "'a', 'b'": the labels that keys of that half have. */
static void
name_keys(struct hsm *h, CK_OBJECT_CLASS class, char out[LIST_MAX])
{
	CK_OBJECT_HANDLE	keys[NAMED_MAX];
	CK_ULONG		count;
	struct attribute	label;
	char			text[LABEL_MAX];
	size_t			n = 0;

	out[0] = '\0';
	if (search(h, class, NULL, keys, NAMED_MAX, &count) != CKR_OK)
		return;
	for (CK_ULONG i = 0; i < count && n + 1 < LIST_MAX; i++) {
		if (!read_attribute(h, keys[i], CKA_LABEL, &label))
			continue;
		text_printable(text, sizeof text, label.p, label.len);
		n += (size_t)snprintf(out + n, LIST_MAX - n, "%s'%s'",
		    n > 0 ? ", " : "", text);
	}
}

/* The one key of that half and label. */
static int
find_key(struct hsm *h, CK_OBJECT_CLASS class, const char *label,
    CK_OBJECT_HANDLE *key, struct why *why)
{
	CK_OBJECT_HANDLE	keys[2];
	CK_ULONG		count;
	char			list[LIST_MAX];
	CK_RV			rv = search(h, class, label, keys, 2, &count);

	if (rv != CKR_OK)
		return hsm_refused(why, rv, "look for the %s key '%s'",
		    half(class), label);
	if (count > 1)
		return why_set(why, ERR_HSM, "the token in slot %lu has several "
		    "%s keys with the label '%s': which one is meant cannot be "
		    "told, give them labels of their own", h->slot, half(class),
		    label);
	if (count == 1) {
		*key = keys[0];
		return 0;
	}
	name_keys(h, class, list);
	return why_set(why, ERR_HSM, "the token in slot %lu has no %s key with "
	    "the label '%s'; %s%s", h->slot, half(class), label,
	    list[0] != '\0' ? "it has " : "it has none at all", list);
}

static int
unknown_kind(const char *name, struct why *why)
{
	return why_set(why, ERR_PARAMS, "%s is of a kind that secure boot does "
	    "not know: RSA with 3072 bits, or ECDSA on P-192, P-256 or P-384",
	    name);
}

static int
unreadable(const char *name, struct why *why)
{
	return why_set(why, ERR_HSM, "the security module does not tell all "
	    "numbers of %s", name);
}

static int
read_rsa(struct hsm *h, CK_OBJECT_HANDLE key, const char *name,
    struct pem_key **out, struct why *why)
{
	struct attribute	n, e;

	if (!read_attribute(h, key, CKA_MODULUS, &n) ||
	    !read_attribute(h, key, CKA_PUBLIC_EXPONENT, &e))
		return unreadable(name, why);
	return pem_from_rsa(out, n.p, n.len, e.p, e.len, name, why);
}

/* x and y.  They come uncompressed, in an octet string as the standard has it,
 * or bare as some modules have it. */
static bool
point_of(const struct attribute *a, size_t bytes, const uint8_t **xy)
{
	const uint8_t	*p = a->p;

	if (a->len == OCTET_HEAD + 1 + bytes && p[0] == OCTET_STRING &&
	    p[1] == 1 + bytes)
		p += OCTET_HEAD;
	else if (a->len != 1 + bytes)
		return false;
	if (p[0] != UNCOMPRESSED)
		return false;
	*xy = p + 1;
	return true;
}

static int
read_point(struct hsm *h, CK_OBJECT_HANDLE key, const char *name,
    struct pem_key **out, struct why *why)
{
	struct attribute	 params, point;
	const struct curve	*c = curves;
	const uint8_t		*xy;

	if (!read_attribute(h, key, CKA_EC_PARAMS, &params) ||
	    !read_attribute(h, key, CKA_EC_POINT, &point))
		return unreadable(name, why);
	while (params.len != c->len || memcmp(params.p, c->der, c->len) != 0)
		if (++c == curves + sizeof curves / sizeof curves[0])
			return unknown_kind(name, why);
	if (!point_of(&point, sign_bytes(c->scheme), &xy))
		return why_set(why, ERR_HSM, "the security module tells the "
		    "point of %s in a form that nobody knows", name);
	return pem_from_point(out, c->scheme, xy, sign_bytes(c->scheme), name,
	    why);
}

static bool
read_type(struct hsm *h, CK_OBJECT_HANDLE key, CK_KEY_TYPE *type)
{
	CK_ATTRIBUTE	t = { CKA_KEY_TYPE, type, sizeof *type };

	return h->f->C_GetAttributeValue(h->session, key, &t, 1) == CKR_OK &&
	    t.ulValueLen == sizeof *type;
}

int
hsm_public(struct hsm *h, const char *label, struct pem_key **out,
    struct why *why)
{
	char			name[KEY_NAME_MAX], text[LABEL_MAX];
	CK_OBJECT_HANDLE	key;
	CK_KEY_TYPE		type;
	int			r = find_key(h, CKO_PUBLIC_KEY, label, &key, why);

	if (r < 0)
		return r;
	text_printable(text, sizeof text, label, strlen(label));
	(void)snprintf(name, sizeof name, "the token's key '%s'", text);
	if (!read_type(h, key, &type))
		return unreadable(name, why);
	if (type == CKK_RSA)
		return read_rsa(h, key, name, out, why);
	if (type == CKK_EC)
		return read_point(h, key, name, out, why);
	return unknown_kind(name, why);
}

/* Some keys want the PIN before each signature. */
static int
confirm(struct hsm *h, CK_OBJECT_HANDLE key, const char *label,
    struct why *why)
{
	CK_BBOOL	always = CK_FALSE;
	CK_ATTRIBUTE	t = { CKA_ALWAYS_AUTHENTICATE, &always, sizeof always };
	size_t		len = strlen(h->pin);
	CK_RV		rv;

	if (h->f->C_GetAttributeValue(h->session, key, &t, 1) != CKR_OK ||
	    t.ulValueLen != sizeof always || !always)
		return 0;
	rv = h->f->C_Login(h->session, CKU_CONTEXT_SPECIFIC,
	    len > 0 ? (CK_UTF8CHAR *)h->pin : NULL, len);
	if (rv != CKR_OK)
		return hsm_refused(why, rv, "take the PIN for the key '%s'",
		    label);
	return 0;
}

static int
make(struct hsm *h, CK_OBJECT_HANDLE key, const char *label, bool rsa,
    const uint8_t *digest, size_t digest_len, struct attribute *out,
    struct why *why)
{
	CK_RSA_PKCS_PSS_PARAMS	pss = { CKM_SHA256, CKG_MGF1_SHA256, SALT };
	CK_MECHANISM		mechanism = { CKM_ECDSA, NULL, 0 };
	CK_ULONG		len = sizeof out->p;
	CK_RV			rv;
	int			r;

	if (rsa)
		mechanism = (CK_MECHANISM){ CKM_RSA_PKCS_PSS, &pss, sizeof pss };
	rv = h->f->C_SignInit(h->session, &mechanism, key);
	if (rv != CKR_OK)
		return hsm_refused(why, rv, "begin to sign with the key '%s' by "
		    "%s", label, rsa ? "CKM_RSA_PKCS_PSS" : "CKM_ECDSA");
	if ((r = confirm(h, key, label, why)) < 0)
		return r;
	rv = h->f->C_Sign(h->session, (CK_BYTE *)(uintptr_t)digest, digest_len,
	    out->p, &len);
	if (rv != CKR_OK)
		return hsm_refused(why, rv, "sign with the key '%s'", label);
	if (len > sizeof out->p)
		return why_set(why, ERR_HSM, "the security module's signature "
		    "has %lu bytes, which none has", len);
	out->len = len;
	return 0;
}

/* r and s, which are of the same length and may lack bytes in front. */
static bool
fill_up(const struct attribute *a, size_t bytes, uint8_t out[SIGN_MAX])
{
	size_t	part = bytes / 2, n = a->len / 2;

	if (a->len == 0 || a->len > bytes || a->len % 2 != 0)
		return false;
	memset(out, 0, bytes);
	memcpy(out + part - n, a->p, n);
	memcpy(out + bytes - n, a->p + n, n);
	return true;
}

/* The signature in our form, if the public key takes it in one of the forms
 * that modules have: plain, or ECDSA in DER against the standard. */
static bool
accept(const struct pem_key *public, const uint8_t *digest, size_t digest_len,
    const struct attribute *a, uint8_t out[SIGN_MAX], size_t *len)
{
	enum pem_scheme	scheme = pem_scheme(public);
	size_t		bytes = sign_bytes(scheme);

	*len = bytes;
	if (scheme == PEM_RSA_3072) {
		if (a->len != bytes)
			return false;
		memcpy(out, a->p, bytes);
		return sign_check(public, digest, digest_len, out, bytes) == 0;
	}
	if (fill_up(a, bytes, out) &&
	    sign_check(public, digest, digest_len, out, bytes) == 0)
		return true;
	return sign_from_der(scheme, a->p, a->len, out, len, NULL) == 0 &&
	    sign_check(public, digest, digest_len, out, *len) == 0;
}

int
hsm_sign(struct hsm *h, const char *label, const struct pem_key *public,
    const uint8_t *digest, size_t digest_len, uint8_t out[SIGN_MAX],
    size_t *len, struct why *why)
{
	bool			rsa = pem_scheme(public) == PEM_RSA_3072;
	CK_OBJECT_HANDLE	key;
	CK_KEY_TYPE		type;
	struct attribute	a;
	int			r = find_key(h, CKO_PRIVATE_KEY, label, &key, why);

	if (r < 0)
		return r;
	if (!read_type(h, key, &type) || type != (rsa ? CKK_RSA : CKK_EC))
		return why_set(why, ERR_HSM, "the token's private key '%s' and "
		    "%s are not of the same kind: label and label_pubkey must "
		    "name the two halves of one key", label, pem_name(public));
	r = make(h, key, label, rsa, digest, digest_len, &a, why);
	if (r < 0)
		return r;
	if (!accept(public, digest, digest_len, &a, out, len))
		return why_set(why, ERR_SIGNATURE, "the signature that the "
		    "token's key '%s' made does not fit %s: label and "
		    "label_pubkey must name the two halves of one key", label,
		    pem_name(public));
	return 0;
}
