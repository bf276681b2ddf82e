#include "proto/image/flasher_args.h"

#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "proto/base/err.h"
#include "proto/base/text.h"

enum {
	DEPTH_MAX	= 16,	/* of nested JSON; the real one has 3 */
	OPTION_MAX	= 40,	/* of an option */
};

const char *const flasher_value_names[FLASHER_VALUES] = {
	[FLASHER_CHIP] = "chip", [FLASHER_BEFORE] = "before",
	[FLASHER_AFTER] = "after", [FLASHER_MODE] = "flash_mode",
	[FLASHER_FREQ] = "flash_freq", [FLASHER_SIZE] = "flash_size",
	[FLASHER_SPI] = "spi_connection",
};

const char *const flasher_flag_names[FLASHER_FLAGS] = {
	[FLASHER_NO_STUB] = "no_stub", [FLASHER_PLAIN] = "plain",
	[FLASHER_ERASE_ALL] = "erase_all",
	[FLASHER_SKIP_FLASHED] = "skip_flashed", [FLASHER_FORCE] = "force",
	[FLASHER_IGNORE_EFUSE] = "ignore_flash_enc_efuse",
};

/* What an option of esptool is to us. */
enum kind {
	KIND_VALUE,		/* sets values[which] */
	KIND_FLAG,		/* sets flags[which] */
	KIND_CLEAR,		/* clears flags[which] */
	KIND_IDLE,		/* changes nothing here */
	KIND_ENCRYPT,		/* all files */
	KIND_ENCRYPT_FILES,	/* those that follow */
};

static const struct option {
	const char	*name;		/* long, with dashes */
	const char	*key;		/* behind one '-'; NULL */
	enum kind	 kind;
	int		 which;
} options[] = {
	{ "chip", "c", KIND_VALUE, FLASHER_CHIP },
	{ "before", NULL, KIND_VALUE, FLASHER_BEFORE },
	{ "after", "a", KIND_VALUE, FLASHER_AFTER },
	{ "flash-mode", "fm", KIND_VALUE, FLASHER_MODE },
	{ "flash-freq", "ff", KIND_VALUE, FLASHER_FREQ },
	{ "flash-size", "fs", KIND_VALUE, FLASHER_SIZE },
	{ "spi-connection", "sc", KIND_VALUE, FLASHER_SPI },
	{ "no-stub", NULL, KIND_FLAG, FLASHER_NO_STUB },
	{ "no-compress", "u", KIND_FLAG, FLASHER_PLAIN },
	{ "compress", "z", KIND_CLEAR, FLASHER_PLAIN },
	{ "erase-all", "e", KIND_FLAG, FLASHER_ERASE_ALL },
	{ "skip-flashed", "s", KIND_FLAG, FLASHER_SKIP_FLASHED },
	{ "force", NULL, KIND_FLAG, FLASHER_FORCE },
	{ "ignore-flash-enc-efuse", NULL, KIND_FLAG, FLASHER_IGNORE_EFUSE },
	{ "ignore-flash-encryption-efuse-setting", NULL, KIND_FLAG,
	  FLASHER_IGNORE_EFUSE },
	{ "encrypt", NULL, KIND_ENCRYPT, 0 },
	{ "encrypt-files", NULL, KIND_ENCRYPT_FILES, 0 },
	{ "no-progress", "p", KIND_IDLE, 0 },
	{ "verify", NULL, KIND_IDLE, 0 },	/* it always is */
};

/* Words being read, from a text or from an array of JSON. */
struct reader {
	struct flasher_args	*args;
	struct why		*why;
	const struct option	*waits;	/* for its value; NULL */
	char			*offset;	/* of a file that follows; NULL */
	bool			 all;		/* are encrypted */
	bool			 these;		/* files from here on are */
	bool			 no_files;	/* options alone may be there */
};

static int
out_of_memory(struct why *why)
{
	return why_set(why, ERR_NOMEM, "out of memory");
}

/* Does an option go by that name?  '_' and '-' are one letter there. */
static bool
is_named(const char *name, const char *word, size_t len)
{
	if (strlen(name) != len)
		return false;
	for (size_t i = 0; i < len; i++)
		if (name[i] != word[i] && (name[i] != '-' || word[i] != '_'))
			return false;
	return true;
}

static const struct option *
option_of(const char *word, size_t len)
{
	bool	is_long = word[1] == '-';

	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
		const struct option	*o = &options[i];

		if (is_long && is_named(o->name, word + 2, len - 2))
			return o;
		if (!is_long && o->key != NULL && strlen(o->key) == len - 1 &&
		    strncmp(o->key, word + 1, len - 1) == 0)
			return o;
	}
	return NULL;
}

/* A value is said once, or the same again. */
static int
set_value(struct flasher_args *a, int which, const char *value,
    struct why *why)
{
	char	*old = a->values[which];

	if (value[0] == '\0')
		return why_set(why, ERR_IMAGE, "%s is empty",
		    flasher_value_names[which]);
	if (strlen(value) > FLASHER_TEXT_MAX)
		return why_set(why, ERR_LIMIT, "%s is longer than %d bytes",
		    flasher_value_names[which], FLASHER_TEXT_MAX);
	if (old != NULL && strcmp(old, value) != 0)
		return why_set(why, ERR_IMAGE, "%s is \"%.40s\" in one place "
		    "and \"%.40s\" in another", flasher_value_names[which],
		    old, value);
	if (old == NULL && (a->values[which] = strdup(value)) == NULL)
		return out_of_memory(why);
	return 0;
}

static int
add_file(struct flasher_args *a, const char *offset, const char *path,
    bool encrypt, struct why *why)
{
	struct flasher_file	 f = { .encrypt = encrypt };
	struct flasher_file	*files;

	if (text_size(offset, &f.offset) < 0)
		return why_set(why, ERR_IMAGE, "\"%.40s\" is no address",
		    offset);
	if (path[0] == '\0')
		return why_set(why, ERR_IMAGE, "the file at %.40s has no name",
		    offset);
	if (strlen(path) > FLASHER_TEXT_MAX)
		return why_set(why, ERR_LIMIT, "the name of the file at %.40s "
		    "is longer than %d bytes", offset, FLASHER_TEXT_MAX);
	if (a->count == FLASHER_FILES_MAX)
		return why_set(why, ERR_LIMIT, "there are more than %d files",
		    FLASHER_FILES_MAX);
	files = realloc(a->files, (a->count + 1) * sizeof *files);
	if (files == NULL)
		return out_of_memory(why);
	a->files = files;
	if ((f.path = strdup(path)) == NULL)
		return out_of_memory(why);
	files[a->count++] = f;
	return 0;
}

/* The last word has all that it needs behind it. */
static int
complete(const struct reader *r)
{
	if (r->waits != NULL)
		return why_set(r->why, ERR_IMAGE, "--%s has no value",
		    r->waits->name);
	if (r->offset != NULL)
		return why_set(r->why, ERR_IMAGE, "there is no file behind "
		    "the address %.40s", r->offset);
	return 0;
}

static int
read_option(struct reader *r, const char *word)
{
	const char		*value = strchr(word, '=');
	const struct option	*o;
	int			 e;

	if ((e = complete(r)) < 0)
		return e;
	o = option_of(word, strcspn(word, "="));
	if (o == NULL)
		return why_set(r->why, ERR_IMAGE, "the option %.*s is not "
		    "known there", OPTION_MAX, word);
	if (value != NULL && o->kind != KIND_VALUE)
		return why_set(r->why, ERR_IMAGE, "--%s takes no value",
		    o->name);
	r->these = false;
	switch (o->kind) {
	case KIND_VALUE:
		if (value != NULL)
			return set_value(r->args, o->which, value + 1, r->why);
		r->waits = o;
		break;
	case KIND_FLAG:
		r->args->flags[o->which] = true;
		break;
	case KIND_CLEAR:
		r->args->flags[o->which] = false;
		break;
	case KIND_IDLE:
		break;
	case KIND_ENCRYPT:
		r->all = true;
		break;
	case KIND_ENCRYPT_FILES:
		r->these = true;
		break;
	}
	return 0;
}

static int
read_word(struct reader *r, const char *word)
{
	int	e;

	if (word[0] == '-' && word[1] != '\0')
		return read_option(r, word);
	if (r->waits != NULL) {
		e = set_value(r->args, r->waits->which, word, r->why);
		r->waits = NULL;
		return e;
	}
	if (r->no_files)
		return why_set(r->why, ERR_IMAGE, "\"%.40s\" is no option",
		    word);
	if (r->offset == NULL) {
		r->offset = strdup(word);
		return r->offset != NULL ? 0 : out_of_memory(r->why);
	}
	e = add_file(r->args, r->offset, word, r->these, r->why);
	free(r->offset);
	r->offset = NULL;
	return e;
}

static int
parse_words(struct reader *r, const char *text, size_t len)
{
	char	*word = malloc(len + 1);
	size_t	 at = 0, n;
	int	 e;

	if (word == NULL)
		return out_of_memory(r->why);
	while ((e = text_word(text, len, &at, word, &n)) > 0) {
		if (strlen(word) != n)
			e = why_set(r->why, ERR_IMAGE, "it is no text");
		else
			e = read_word(r, word);
		if (e < 0)
			break;
	}
	free(word);
	if (e == ERR_PARAMS)
		return why_set(r->why, ERR_IMAGE, "a quote has no end");
	return e < 0 ? e : complete(r);
}

/* A string without NUL in it; NULL when it is none. */
static const char *
string_of(struct json_object *v)
{
	const char	*s;

	if (!json_object_is_type(v, json_type_string))
		return NULL;
	s = json_object_get_string(v);
	return strlen(s) == (size_t)json_object_get_string_len(v) ? s : NULL;
}

/* A member that may be left out, of that type. */
static int
get(struct json_object *o, const char *name, json_type type,
    struct json_object **v, struct why *why)
{
	*v = NULL;
	if (!json_object_object_get_ex(o, name, v) || *v == NULL ||
	    json_object_is_type(*v, type))
		return 0;
	return why_set(why, ERR_IMAGE, "\"%s\" is no %s", name,
	    json_type_to_name(type));
}

/* true, false, and the texts for them. */
static int
get_bool(struct json_object *o, const char *name, bool absent, bool *value,
    struct why *why)
{
	struct json_object	*v = NULL;
	const char		*s;

	*value = absent;
	(void)json_object_object_get_ex(o, name, &v);
	if (v == NULL)
		return 0;
	if (json_object_is_type(v, json_type_boolean)) {
		*value = json_object_get_boolean(v);
		return 0;
	}
	s = string_of(v);
	if (s == NULL || (strcmp(s, "true") != 0 && strcmp(s, "false") != 0))
		return why_set(why, ERR_IMAGE, "\"%s\" is neither true nor "
		    "false", name);
	*value = s[0] == 't';
	return 0;
}

/* The values of `group`, an object of texts, among those from `first` on. */
static int
take_values(struct flasher_args *a, struct json_object *root,
    const char *group, int first, int last, struct why *why)
{
	struct json_object	*o, *v;
	int			 r;

	if ((r = get(root, group, json_type_object, &o, why)) < 0 || o == NULL)
		return r;
	for (int i = first; i <= last; i++) {
		v = NULL;
		(void)json_object_object_get_ex(o, flasher_value_names[i], &v);
		if (v == NULL)
			continue;
		if (string_of(v) == NULL)
			return why_set(why, ERR_IMAGE, "\"%s\" of \"%s\" is no "
			    "text", flasher_value_names[i], group);
		if ((r = set_value(a, i, string_of(v), why)) < 0)
			return r;
	}
	return 0;
}

static int
take_extra(struct flasher_args *a, struct json_object *root, struct why *why)
{
	struct json_object	*o;
	bool			 stub;
	int			 r;

	if ((r = take_values(a, root, "extra_esptool_args", FLASHER_CHIP,
	    FLASHER_AFTER, why)) < 0 ||
	    !json_object_object_get_ex(root, "extra_esptool_args", &o))
		return r;
	if ((r = get_bool(o, "stub", true, &stub, why)) < 0)
		return r;
	if (!stub)
		a->flags[FLASHER_NO_STUB] = true;
	return 0;
}

static int
take_options(struct reader *r, struct json_object *root)
{
	struct json_object	*words;
	const char		*word;
	int			 e;

	if ((e = get(root, "write_flash_args", json_type_array, &words,
	    r->why)) < 0 || words == NULL)
		return e;
	r->no_files = true;
	for (size_t i = 0; i < json_object_array_length(words); i++) {
		word = string_of(json_object_array_get_idx(words, i));
		if (word == NULL)
			return why_set(r->why, ERR_IMAGE, "word %zu of "
			    "\"write_flash_args\" is no text", i + 1);
		if ((e = read_word(r, word)) < 0)
			return e;
	}
	return complete(r);
}

static int
take_files(struct flasher_args *a, struct json_object *root, struct why *why)
{
	struct json_object	*files;
	int			 r;

	if ((r = get(root, "flash_files", json_type_object, &files, why)) < 0)
		return r;
	if (files == NULL)
		return 0;
	json_object_object_foreach(files, offset, path) {
		if (string_of(path) == NULL)
			return why_set(why, ERR_IMAGE, "the file at %.40s is "
			    "no text", offset);
		if ((r = add_file(a, offset, string_of(path), false, why)) < 0)
			return r;
	}
	return 0;
}

/* "app": {"offset", "file", "encrypted"} and its like say which of the files
 * the chip is to encrypt. */
static int
take_entry(struct flasher_args *a, const char *name, struct json_object *o,
    struct why *why)
{
	struct json_object	*v;
	uint32_t		 offset;
	bool			 encrypted;
	int			 r;

	if (!json_object_is_type(o, json_type_object) ||
	    !json_object_object_get_ex(o, "offset", &v))
		return 0;
	if ((r = get_bool(o, "encrypted", false, &encrypted, why)) < 0)
		return r;
	if (!encrypted)
		return 0;
	if (string_of(v) == NULL || text_size(string_of(v), &offset) < 0)
		return why_set(why, ERR_IMAGE, "the offset of \"%.40s\" is no "
		    "address", name);
	for (size_t i = 0; i < a->count; i++)
		if (a->files[i].offset == offset)
			a->files[i].encrypt = true;
	return 0;
}

static int
take_all(struct reader *r, struct json_object *root)
{
	struct flasher_args	*a = r->args;
	int			 e;

	if (!json_object_is_type(root, json_type_object))
		return why_set(r->why, ERR_IMAGE, "it is no object");
	if ((e = take_options(r, root)) < 0 ||
	    (e = take_values(a, root, "flash_settings", FLASHER_MODE,
	    FLASHER_SIZE, r->why)) < 0 ||
	    (e = take_extra(a, root, r->why)) < 0 ||
	    (e = take_files(a, root, r->why)) < 0)
		return e;
	json_object_object_foreach(root, name, v)
		if ((e = take_entry(a, name, v, r->why)) < 0)
			return e;
	return 0;
}

static int
parse_json(struct reader *r, const char *text, size_t len)
{
	struct json_tokener	*t = json_tokener_new_ex(DEPTH_MAX);
	struct json_object	*root;
	size_t			 end;
	int			 e;

	if (t == NULL)
		return out_of_memory(r->why);
	json_tokener_set_flags(t, JSON_TOKENER_STRICT |
	    JSON_TOKENER_ALLOW_TRAILING_CHARS);
	root = json_tokener_parse_ex(t, text, (int)len);
	end = json_tokener_get_parse_end(t);
	while (end < len && strchr(" \t\r\n", text[end]) != NULL &&
	    text[end] != '\0')
		end++;
	if (root == NULL)
		e = why_set(r->why, ERR_IMAGE, "at byte %zu it is no JSON "
		    "(%s)", end, json_tokener_error_desc(
		    json_tokener_get_error(t)));
	else if (end < len)
		e = why_set(r->why, ERR_IMAGE, "there is something behind its "
		    "end, at byte %zu", end);
	else
		e = take_all(r, root);
	json_object_put(root);
	json_tokener_free(t);
	return e;
}

int
flasher_args_parse(const char *text, size_t len, struct flasher_args *out,
    struct why *why)
{
	struct flasher_args	a = { .count = 0 };
	struct reader		r = { .args = &a, .why = why };
	size_t			at = 0;
	int			e;

	if (len > FLASHER_ARGS_MAX)
		return why_set(why, ERR_LIMIT, "it is larger than %d bytes",
		    FLASHER_ARGS_MAX);
	while (at < len && (text[at] == ' ' || text[at] == '\t' ||
	    text[at] == '\r' || text[at] == '\n'))
		at++;
	if (at < len && text[at] == '{')
		e = parse_json(&r, text, len);
	else
		e = parse_words(&r, text, len);
	free(r.offset);
	if (e == 0 && a.count == 0)
		e = why_set(why, ERR_IMAGE, "it names no files");
	if (e < 0) {
		flasher_args_done(&a);
		return e;
	}
	for (size_t i = 0; r.all && i < a.count; i++)
		a.files[i].encrypt = true;
	*out = a;
	return 0;
}

void
flasher_args_done(struct flasher_args *a)
{
	for (int i = 0; i < FLASHER_VALUES; i++)
		free(a->values[i]);
	for (size_t i = 0; i < a->count; i++)
		free(a->files[i].path);
	free(a->files);
	*a = (struct flasher_args){ .count = 0 };
}
