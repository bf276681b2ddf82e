#include "daemon/link/stubs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <json-c/json.h>
#include <openssl/evp.h>

#include "proto/base/err.h"
#include "stubs/own.h"

enum {
	STUB_DEPTH	= 8,	/* nesting of the JSON text; images need 3 */
	STUB_BASE64	= 4,	/* characters for three bytes */
};

static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
stubs_free(struct stub_image *stub)
{
	if (stub == NULL)
		return;
	free(stub->text);
	free(stub->data);
	free(stub);
}

/* A number that must be there and be an address. */
static int
get_address(struct json_object *o, const char *key, uint32_t *out,
    struct why *why)
{
	struct json_object	*v;
	int64_t			 n;

	if (!json_object_object_get_ex(o, key, &v))
		return why_set(why, ERR_IMAGE, "\"%s\" is missing", key);
	if (!json_object_is_type(v, json_type_int))
		return why_set(why, ERR_IMAGE, "\"%s\" is not a whole number",
		    key);
	/* What does not fit comes out as the largest or smallest number. */
	n = json_object_get_int64(v);
	if (n < 0 || n > UINT32_MAX)
		return why_set(why, ERR_IMAGE,
		    "\"%s\" is not a 32-bit address", key);
	*out = (uint32_t)n;
	return 0;
}

/* Decode `s`; EVP_DecodeBlock() is lax about '=' and white space, so what is
 * not plain base64 is refused here. */
static int
decode(const char *key, const char *s, size_t len, uint8_t **out, size_t *size,
    struct why *why)
{
	size_t	 digits = strspn(s, base64_digits);
	size_t	 pad = len - digits;
	uint8_t	*p;

	if (len % STUB_BASE64 != 0 || pad > 2 ||
	    strspn(s + digits, "=") != pad)
		return why_set(why, ERR_IMAGE, "\"%s\" is not base64", key);
	if ((p = malloc(len / STUB_BASE64 * 3)) == NULL)
		return why_set(why, ERR_NOMEM,
		    "no memory for the %zu characters of \"%s\"", len, key);
	if (EVP_DecodeBlock(p, (const unsigned char *)s, (int)len) < 0) {
		free(p);
		return why_set(why, ERR_IMAGE, "\"%s\" is not base64", key);
	}
	*out = p;
	*size = len / STUB_BASE64 * 3 - pad;
	return 0;
}

/* Bytes in base64; an absent or empty string leaves *out NULL. */
static int
get_bytes(struct json_object *o, const char *key, uint8_t **out, size_t *size,
    struct why *why)
{
	struct json_object	*v;
	size_t			 len;

	if (!json_object_object_get_ex(o, key, &v))
		return 0;
	if (!json_object_is_type(v, json_type_string))
		return why_set(why, ERR_IMAGE, "\"%s\" is not a string", key);
	if ((len = (size_t)json_object_get_string_len(v)) == 0)
		return 0;
	return decode(key, json_object_get_string(v), len, out, size, why);
}

/* Last address of a segment; it must not run over the end of the memory. */
static bool
fits(uint32_t start, size_t len)
{
	return len <= UINT32_MAX - start;
}

/* What a wrong file would make the chip do is unknown: check all there is. */
static int
check(const struct stub_image *s, struct why *why)
{
	if (!fits(s->text_start, s->text_len) ||
	    !fits(s->data_start, s->data_len))
		return why_set(why, ERR_IMAGE,
		    "a segment runs beyond the end of the address space");
	if (s->entry < s->text_start ||
	    s->entry - s->text_start >= s->text_len)
		return why_set(why, ERR_IMAGE,
		    "the entry 0x%08x is not inside the text", s->entry);
	if (s->data_len > 0 &&
	    s->data_start < s->text_start + s->text_len &&
	    s->text_start < s->data_start + s->data_len)
		return why_set(why, ERR_IMAGE, "text and data overlap");
	return 0;
}

static int
fill(struct json_object *o, struct stub_image *s, struct why *why)
{
	int	r;

	if (!json_object_is_type(o, json_type_object))
		return why_set(why, ERR_IMAGE, "it is not a JSON object");
	if ((r = get_bytes(o, "text", &s->text, &s->text_len, why)) < 0 ||
	    (r = get_bytes(o, "data", &s->data, &s->data_len, why)) < 0)
		return r;
	if (s->text_len == 0)
		return why_set(why, ERR_IMAGE, "\"text\" is missing or empty");
	if ((r = get_address(o, "text_start", &s->text_start, why)) < 0 ||
	    (r = get_address(o, "entry", &s->entry, why)) < 0)
		return r;
	if (s->data_len > 0 &&
	    (r = get_address(o, "data_start", &s->data_start, why)) < 0)
		return r;
	if (json_object_object_get_ex(o, "bss_start", NULL) &&
	    (r = get_address(o, "bss_start", &s->bss_start, why)) < 0)
		return r;
	return check(s, why);
}

/* The text as an object; NULL when it is no JSON or more than one value. */
static struct json_object *
parse(const char *json, size_t len, struct why *why)
{
	struct json_tokener	*t = json_tokener_new_ex(STUB_DEPTH);
	struct json_object	*o;

	if (t == NULL) {
		(void)why_set(why, ERR_NOMEM, "no memory to read JSON");
		return NULL;
	}
	json_tokener_set_flags(t, JSON_TOKENER_STRICT);
	o = json_tokener_parse_ex(t, json, (int)len);
	if (o == NULL || json_tokener_get_error(t) != json_tokener_success) {
		enum json_tokener_error	e = json_tokener_get_error(t);

		/* Success without an object is a lone null. */
		if (e == json_tokener_continue || e == json_tokener_success)
			(void)why_set(why, ERR_IMAGE,
			    "it is not a whole JSON object");
		else
			(void)why_set(why, ERR_IMAGE, "it is not JSON: %s",
			    json_tokener_error_desc(e));
		json_object_put(o);
		o = NULL;
	}
	/* The tokener takes a NUL for the end and looks no further. */
	for (size_t at = json_tokener_get_parse_end(t); o != NULL && at < len;
	    at++)
		if (strchr(" \t\r\n", json[at]) == NULL || json[at] == '\0') {
			(void)why_set(why, ERR_IMAGE,
			    "there is something behind the JSON object");
			json_object_put(o);
			o = NULL;
		}
	json_tokener_free(t);
	return o;
}

int
stubs_parse(const char *json, size_t len, struct stub_image **out,
    struct why *why)
{
	struct stub_image	*s;
	struct json_object	*o;
	struct why		 local = { 0 };
	int			 r;

	if (len > STUB_MAX)
		return why_set(why, ERR_IMAGE, "it is larger than %d KB",
		    STUB_MAX / 1024);
	if ((o = parse(json, len, &local)) == NULL)
		return why_set(why, local.err, "%s", local.text);
	if ((s = calloc(1, sizeof *s)) == NULL)
		r = why_set(why, ERR_NOMEM, "no memory for a stub image");
	else
		r = fill(o, s, why);
	json_object_put(o);
	if (r < 0) {
		stubs_free(s);
		return r;
	}
	*out = s;
	return 0;
}

/* Read a whole file of at most `size` bytes; returns how many, or -errno.
 * One byte more than the cap is asked for, so that a longer file shows. */
static ssize_t
read_file(const char *path, char *buf, size_t size)
{
	size_t		len = 0;
	struct stat	st;
	ssize_t		n;
	int		fd, r = 0;

	/* O_NONBLOCK: somebody may have put a fifo there. */
	if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)) < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		r = -errno;
	else if (!S_ISREG(st.st_mode))
		r = S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
	while (r == 0 && len < size) {
		if ((n = read(fd, buf + len, size - len)) < 0) {
			if (errno != EINTR)
				r = -errno;
		} else if (n == 0)
			break;
		else
			len += (size_t)n;
	}
	(void)close(fd);	/* only read from */
	return r < 0 ? r : (ssize_t)len;
}

/* Load one file; ERR_FILE_MISSING (without a sentence) when it is not there. */
static int
load(const char *path, struct stub_image **out, struct why *why)
{
	char		*json = malloc(STUB_MAX + 1);
	struct why	 inner = { 0 };
	ssize_t		 n;
	int		 r;

	if (json == NULL)
		return why_set(why, ERR_NOMEM, "no memory for a stub image");
	if ((n = read_file(path, json, STUB_MAX + 1)) < 0) {
		free(json);
		r = err_from_errno((int)-n);
		if (r == ERR_FILE_MISSING)
			return r;
		return why_set(why, r, "the stub image %s cannot be read: %s",
		    path, strerror((int)-n));
	}
	r = stubs_parse(json, (size_t)n, out, &inner);
	free(json);
	if (r < 0)
		return why_set(why, r, "%s is no stub image: %s", path,
		    inner.text);
	(void)snprintf((*out)->path, sizeof (*out)->path, "%s", path);
	return 0;
}

/* Espressif's, in the first directory that has one. */
static int
load_installed(const char *path, const char *name, struct stub_image **out,
    struct why *why)
{
	char	file[sizeof (*out)->path];
	size_t	len;
	int	n, r;

	for (; path != NULL && *path != '\0'; path += len) {
		path += *path == ':';
		if ((len = strcspn(path, ":")) == 0)
			continue;
		n = snprintf(file, sizeof file, "%.*s/%s.json", (int)len, path,
		    name);
		if (n < 0 || (size_t)n >= sizeof file)
			return why_set(why, ERR_IMAGE, "a directory of the "
			    "stub path is too long: %.64s...", path);
		if ((r = load(file, out, why)) != ERR_FILE_MISSING)
			return r;
	}
	return ERR_FILE_MISSING;
}

static int
load_own(const char *name, struct stub_image **out, struct why *why)
{
	int	r;

	for (const struct own_stub *o = own_stubs; o->name != NULL; o++) {
		if (strcmp(o->name, name) != 0)
			continue;
		if ((r = stubs_parse(o->json, strlen(o->json), out, why)) == 0)
			(void)snprintf((*out)->path, sizeof (*out)->path,
			    "%s.json (our own)", name);
		return r;
	}
	return ERR_FILE_MISSING;
}

/* ---- which one ---- */

int
stubs_choice(const char *word)
{
	static const char *const	words[] = {
		[STUB_AUTO] = "auto", [STUB_OWN] = "own",
		[STUB_ESPRESSIF] = "espressif", [STUB_NONE] = "none",
	};

	for (int i = 0; i <= STUB_NONE; i++)
		if (strcmp(word, words[i]) == 0)
			return i;
	return -1;
}

enum stub_choice
stubs_first(const struct chip *chip, const char **reason)
{
	static const struct {
		const struct chip	*chip;
		const char		*reason;
	}	ours[] = {
		{ &chip_esp32,	 "ours was tried on the genuine mask ROM" },
		{ &chip_esp32s3, "ours was tried on the genuine mask ROM" },
		{ &chip_esp32c3, "ours was tried on the genuine mask ROM" },
	};

	for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++)
		if (ours[i].chip == chip) {
			*reason = ours[i].reason;
			return STUB_OWN;
		}
	*reason = "ours was built for it and never ran on one";
	return STUB_ESPRESSIF;
}

static int
load_one(const struct stub_wish *w, enum stub_choice which,
    struct stub_image **out, struct why *why)
{
	const char	*name = w->revision < w->chip->stub_old_below ?
			    w->chip->stub_old : w->chip->cli;

	if (which == STUB_ESPRESSIF)
		return load_installed(w->path, name, out, why);
	return w->usb_otg ? ERR_FILE_MISSING : load_own(name, out, why);
}

int
stubs_load(const struct stub_wish *w, struct stub_image **out,
    struct why *why)
{
	enum stub_choice	 first = w->choice;
	const char		*reason;
	int			 r;

	if (first == STUB_AUTO)
		first = stubs_first(w->chip, &reason);
	r = load_one(w, first, out, why);
	if (r != ERR_FILE_MISSING || w->choice != STUB_AUTO)
		return r;
	return load_one(w, first == STUB_OWN ? STUB_ESPRESSIF : STUB_OWN, out,
	    why);
}
