/*
 * hsm - see hsm.h.  Here: the module and its session; hsm_key.c: keys in it.
 *
 * A struct hsm is undone step by step in the order it was made, so that
 * hsm_close() takes one that was never finished.  The module is not managed by
 * libp11-kit: nobody else in this process uses it.
 *
 * Source: OASIS PKCS #11 Cryptographic Token Interface Base Specification 2.40:
 * 5.4 (C_Initialize), 5.5 (slots), 5.6 (sessions), 3.2 (flags of a token).
 */
#include "client/hsm.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <p11-kit/p11-kit.h>

#include "client/hsm_impl.h"
#include "proto/base/err.h"
#include "proto/base/text.h"
#include "proto/secure/secret.h"

enum {
	SLOTS_MAX	= 256,		/* more are not looked at */
	LIST_MAX	= 256,		/* bytes of a list for people */
	TOKEN_LABEL	= 32,		/* CK_TOKEN_INFO */
};

/* The library itself: a name without a '/' would be looked for elsewhere. */
static int
load(struct hsm *h, const struct hsm_conf *conf, struct why *why)
{
	char		*path = realpath(conf->lib, NULL);
	const char	*message;
	CK_RV		 rv;

	if (path == NULL)
		return why_set(why, errno == ENOENT || errno == ENOTDIR ?
		    ERR_FILE_MISSING : err_from_errno(errno), "the security "
		    "module's library '%s' cannot be opened: %s; pkcs11_lib "
		    "names it", conf->lib, strerror(errno));
	h->f = p11_kit_module_load(path, P11_KIT_MODULE_UNMANAGED);
	free(path);
	if (h->f == NULL) {
		message = p11_kit_message();
		return why_set(why, ERR_HSM, "'%s' is no PKCS#11 library that "
		    "can be loaded%s%s", conf->lib,
		    message != NULL ? ": " : "", message != NULL ? message : "");
	}
	rv = p11_kit_module_initialize(h->f);
	if (rv != CKR_OK)
		return hsm_refused(why, rv, "begin its work (is '%s' set up for "
		    "this user?)", conf->lib);
	h->started = true;
	return 0;
}

static CK_RV
list_slots(struct hsm *h, CK_BBOOL with_token, CK_SLOT_ID *slots,
    CK_ULONG *count)
{
	CK_RV	rv;

	*count = SLOTS_MAX;
	rv = h->f->C_GetSlotList(with_token, slots, count);
	if (rv == CKR_OK && *count > SLOTS_MAX)
		*count = SLOTS_MAX;
	return rv;
}

/* "5 'label', 1108821954 'other'": the tokens there are. */
static void
name_tokens(struct hsm *h, const CK_SLOT_ID *slots, CK_ULONG count,
    char out[LIST_MAX])
{
	CK_TOKEN_INFO	info;
	char		label[TOKEN_LABEL + 1];
	size_t		n = 0, len;

	out[0] = '\0';
	for (CK_ULONG i = 0; i < count && n + 1 < LIST_MAX; i++) {
		if (h->f->C_GetTokenInfo(slots[i], &info) != CKR_OK)
			continue;
		for (len = TOKEN_LABEL; len > 0 && info.label[len - 1] == ' ';)
			len--;
		text_printable(label, sizeof label, info.label, len);
		n += (size_t)snprintf(out + n, LIST_MAX - n, "%s%lu '%s'",
		    n > 0 ? ", " : "", slots[i], label);
	}
}

/* The slot must be one that has a token. */
static int
find_slot(struct hsm *h, struct why *why)
{
	CK_SLOT_ID	slots[SLOTS_MAX];
	CK_ULONG	count;
	char		tokens[LIST_MAX];
	CK_RV		rv = list_slots(h, CK_TRUE, slots, &count);

	if (rv != CKR_OK)
		return hsm_refused(why, rv, "tell its slots");
	for (CK_ULONG i = 0; i < count; i++)
		if (slots[i] == h->slot)
			return 0;
	name_tokens(h, slots, count, tokens);
	if (tokens[0] == '\0')
		return why_set(why, ERR_HSM, "the security module has no token "
		    "in any slot: is it plugged in?");
	return why_set(why, ERR_HSM, "the security module has no token in slot "
	    "%lu; it has them in: %s", h->slot, tokens);
}

/* A PIN that cannot be right is not tried: each try counts. */
static int
check_token(const struct hsm *h, const CK_TOKEN_INFO *info, struct why *why)
{
	if (!(info->flags & CKF_TOKEN_INITIALIZED))
		return why_set(why, ERR_HSM, "the token in slot %lu is empty: it "
		    "must be initialized first, and keys made in it", h->slot);
	if (info->flags & CKF_USER_PIN_LOCKED)
		return why_set(why, ERR_HSM, "the PIN of the token in slot %lu "
		    "is locked after too many wrong ones: its security officer "
		    "can unlock it", h->slot);
	if ((info->flags & CKF_LOGIN_REQUIRED) &&
	    !(info->flags & CKF_USER_PIN_INITIALIZED))
		return why_set(why, ERR_HSM, "the token in slot %lu has no user "
		    "PIN yet: its security officer must set one", h->slot);
	if (h->pin[0] == '\0' && (info->flags & CKF_LOGIN_REQUIRED) &&
	    !(info->flags & CKF_PROTECTED_AUTHENTICATION_PATH))
		return why_set(why, ERR_HSM, "no PIN was given for the token in "
		    "slot %lu", h->slot);
	return 0;
}

/* What a wrong PIN leaves. */
static const char *
tries_left(struct hsm *h)
{
	CK_TOKEN_INFO	info;

	if (h->f->C_GetTokenInfo(h->slot, &info) != CKR_OK)
		return "";
	if (info.flags & CKF_USER_PIN_LOCKED)
		return "; it is locked now";
	if (info.flags & CKF_USER_PIN_FINAL_TRY)
		return "; one more wrong one locks it";
	return "";
}

static int
log_in(struct hsm *h, const CK_TOKEN_INFO *info, struct why *why)
{
	size_t		 len = strlen(h->pin);
	CK_UTF8CHAR	*pin = len > 0 ? (CK_UTF8CHAR *)h->pin : NULL;
	CK_RV		 rv;

	if (!(info->flags & CKF_LOGIN_REQUIRED))
		return 0;
	/* None is for a token that has keys of its own to enter it. */
	rv = h->f->C_Login(h->session, CKU_USER, pin, len);
	if (rv == CKR_PIN_INCORRECT || rv == CKR_PIN_INVALID ||
	    rv == CKR_PIN_LEN_RANGE)
		return why_set(why, ERR_HSM, "the PIN is wrong for the token in "
		    "slot %lu (%s)%s", h->slot, hsm_answer(rv), tries_left(h));
	if (rv != CKR_OK && rv != CKR_USER_ALREADY_LOGGED_IN)
		return hsm_refused(why, rv, "log in to slot %lu", h->slot);
	h->logged_in = true;
	return 0;
}

static int
open_session(struct hsm *h, struct why *why)
{
	CK_TOKEN_INFO	info;
	CK_RV		rv;
	int		r = find_slot(h, why);

	if (r < 0)
		return r;
	rv = h->f->C_GetTokenInfo(h->slot, &info);
	if (rv != CKR_OK)
		return hsm_refused(why, rv, "tell of the token in slot %lu",
		    h->slot);
	if ((r = check_token(h, &info, why)) < 0)
		return r;
	/* Nothing is written to the token. */
	rv = h->f->C_OpenSession(h->slot, CKF_SERIAL_SESSION, NULL, NULL,
	    &h->session);
	if (rv != CKR_OK)
		return hsm_refused(why, rv, "open a session with slot %lu",
		    h->slot);
	h->open = true;
	return log_in(h, &info, why);
}

int
hsm_open(struct hsm **out, const struct hsm_conf *conf, struct why *why)
{
	struct hsm	*h = calloc(1, sizeof *h);
	int		 r;

	if (h == NULL || (h->pin = strdup(conf->pin != NULL ? conf->pin :
	    "")) == NULL) {
		free(h);
		return why_set(why, ERR_NOMEM, "out of memory");
	}
	h->slot = conf->slot;
	r = load(h, conf, why);
	if (r == 0)
		r = open_session(h, why);
	if (r == 0)
		*out = h;
	else
		hsm_close(h);
	return r;
}

void
hsm_close(struct hsm *h)
{
	if (h == NULL)
		return;
	/* What was to be signed is signed: a module that does not want to be
	 * left changes nothing. */
	if (h->logged_in)
		(void)h->f->C_Logout(h->session);
	if (h->open)
		(void)h->f->C_CloseSession(h->session);
	if (h->started)
		(void)p11_kit_module_finalize(h->f);
	if (h->f != NULL)
		p11_kit_module_release(h->f);
	secret_wipe(h->pin, strlen(h->pin));
	free(h->pin);
	free(h);
}
