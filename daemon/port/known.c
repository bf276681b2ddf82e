/*
 * All of it is in memory: an array of boards, the one set last at its end, and
 * an array of labels.  The file is {"boards": [{identity, chip, mac, recipe}],
 * "labels": {label: selector}}.
 */
#include "daemon/port/known.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <json-c/json.h>

#include "daemon/base/log.h"
#include "daemon/base/loop.h"
#include "proto/base/err.h"

enum {
	SAVE_MS		= 1000,		/* several changes, one write */
	FILE_MAX	= 4 << 20,	/* bytes: far beyond all limits */
	SELECTOR_MAX	= 320,		/* bytes of a selector with its NUL */
};

struct label {
	char	name[KNOWN_LABEL_MAX];
	char	select[SELECTOR_MAX];
};

static struct known	*boards;
static size_t		 board_count;
static struct label	*labels;
static size_t		 label_count;
static char		 file[512];	/* "": nothing is kept */
static bool		 dirty;
static struct loop_timer save_timer;

/* ---- writing ---- */

static void
add_text(struct json_object *o, const char *name, const char *value)
{
	if (value[0] != '\0')
		json_object_object_add(o, name, json_object_new_string(value));
}

static struct json_object *
known_json(void)
{
	struct json_object	*o = json_object_new_object();
	struct json_object	*list = json_object_new_array();
	struct json_object	*map = json_object_new_object(), *b;

	for (size_t i = 0; i < board_count; i++) {
		b = json_object_new_object();
		add_text(b, "identity", boards[i].identity);
		add_text(b, "chip", boards[i].chip);
		add_text(b, "mac", boards[i].mac);
		add_text(b, "recipe", boards[i].recipe);
		json_object_array_add(list, b);
	}
	for (size_t i = 0; i < label_count; i++)
		add_text(map, labels[i].name, labels[i].select);
	json_object_object_add(o, "boards", list);
	json_object_object_add(o, "labels", map);
	return o;
}

static int
write_all(int fd, const char *data, size_t len)
{
	ssize_t	n;

	while (len > 0) {
		n = write(fd, data, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		data += n;
		len -= (size_t)n;
	}
	return fsync(fd);
}

/* A new file in place of the old one: after a power cut there is one of
 * them, whole. */
static int
replace_file(const char *text)
{
	char	temp[sizeof file + 8];
	int	fd, r;

	(void)snprintf(temp, sizeof temp, "%s.new", file);
	fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
	    0600);
	if (fd < 0)
		return -1;
	r = write_all(fd, text, strlen(text));
	if (close(fd) < 0 || r < 0 || rename(temp, file) < 0) {
		r = errno;
		(void)unlink(temp);
		errno = r;
		return -1;
	}
	return 0;
}

static void
save(void *arg)
{
	struct json_object	*o;

	(void)arg;
	if (!dirty || file[0] == '\0')
		return;
	dirty = false;
	o = known_json();
	if (replace_file(json_object_to_json_string_ext(o,
	    JSON_C_TO_STRING_PRETTY)) < 0)
		log_warn("%s: what is known of the boards could not be "
		    "written: %s, ignoring", file, strerror(errno));
	json_object_put(o);
}

static void
changed(void)
{
	if (file[0] == '\0' || dirty)
		return;
	dirty = true;
	if (loop_timer_set(&save_timer, SAVE_MS, save, NULL) < 0)
		save(NULL);
}

/* ---- boards ---- */

static struct known *
find(const char *identity)
{
	for (size_t i = 0; i < board_count; i++)
		if (strcmp(boards[i].identity, identity) == 0)
			return &boards[i];
	return NULL;
}

const struct known *
known_find(const char *identity)
{
	return find(identity);
}

/* Room for a board that is set now; the oldest goes when there is none. */
static struct known *
add(const char *identity)
{
	struct known	*more;

	if (strlen(identity) >= sizeof boards->identity)
		return NULL;
	if (board_count == KNOWN_MAX) {
		memmove(boards, boards + 1, (KNOWN_MAX - 1) * sizeof *boards);
		board_count--;
	} else {
		more = reallocarray(boards, board_count + 1, sizeof *boards);
		if (more == NULL)
			return NULL;
		boards = more;
	}
	boards[board_count] = (struct known){ 0 };
	memcpy(boards[board_count].identity, identity, strlen(identity) + 1);
	return &boards[board_count++];
}

/* True if that changed something. */
static bool
put(char *member, size_t size, const char *value)
{
	if (value == NULL || value[0] == '\0' || strlen(value) >= size ||
	    strcmp(member, value) == 0)
		return false;
	memcpy(member, value, strlen(value) + 1);
	return true;
}

void
known_set(const char *identity, const char *chip, const char *mac,
    const char *recipe)
{
	struct known	*k = find(identity), last;
	bool		 news = k == NULL;

	if (k == NULL && (k = add(identity)) == NULL)
		return;		/* no memory: it is not remembered */
	news |= put(k->chip, sizeof k->chip, chip);
	news |= put(k->mac, sizeof k->mac, mac);
	news |= put(k->recipe, sizeof k->recipe, recipe);
	last = *k;
	memmove(k, k + 1,
	    (size_t)(boards + board_count - (k + 1)) * sizeof *k);
	boards[board_count - 1] = last;
	if (news)
		changed();
}

/* ---- labels ---- */

static struct label *
find_label(const char *name)
{
	for (size_t i = 0; i < label_count; i++)
		if (strcasecmp(labels[i].name, name) == 0)
			return &labels[i];
	return NULL;
}

const char *
known_label(const char *name)
{
	const struct label	*l = find_label(name);

	return l != NULL ? l->select : NULL;
}

const char *
known_label_at(size_t i, const char **select)
{
	if (i >= label_count)
		return NULL;
	*select = labels[i].select;
	return labels[i].name;
}

static int
check_label(const char *name, struct why *why)
{
	size_t	n = strlen(name);

	if (n == 0 || n >= KNOWN_LABEL_MAX || strcasecmp(name, "all") == 0)
		return why_set(why, ERR_PARAMS, "a label has 1 to %d "
		    "characters and is not \"all\"", KNOWN_LABEL_MAX - 1);
	for (const char *c = name; *c != '\0'; c++)
		if (!isalnum((unsigned char)*c) && strchr("-_.", *c) == NULL)
			return why_set(why, ERR_PARAMS, "the label \"%s\": "
			    "letters, digits, '-', '_' and '.' are possible",
			    name);
	return 0;
}

static void
remove_label(struct label *l)
{
	memmove(l, l + 1,
	    (size_t)(labels + label_count - (l + 1)) * sizeof *l);
	label_count--;
	changed();
}

static int
add_label(const char *name, struct label **out, struct why *why)
{
	struct label	*more;

	if (label_count == KNOWN_LABELS_MAX)
		return why_set(why, ERR_LIMIT, "there are %d labels already; "
		    "remove some", KNOWN_LABELS_MAX);
	more = reallocarray(labels, label_count + 1, sizeof *labels);
	if (more == NULL)
		return ERR_NOMEM;
	labels = more;
	labels[label_count] = (struct label){ 0 };
	memcpy(labels[label_count].name, name, strlen(name) + 1);
	*out = &labels[label_count++];
	return 0;
}

int
known_set_label(const char *name, const char *select, struct why *why)
{
	struct label	*l = find_label(name);
	int		 r;

	if (select == NULL || select[0] == '\0') {
		if (l != NULL)
			remove_label(l);
		return 0;
	}
	if (strlen(select) >= SELECTOR_MAX)
		return why_set(why, ERR_PARAMS, "the selector of a label has "
		    "at most %d characters", SELECTOR_MAX - 1);
	if ((r = check_label(name, why)) < 0 ||
	    (l == NULL && (r = add_label(name, &l, why)) < 0))
		return r;
	memcpy(l->select, select, strlen(select) + 1);
	changed();
	return 0;
}

/* ---- reading ---- */

static const char *
text_of(struct json_object *o, const char *name)
{
	struct json_object	*v = NULL;

	if (!json_object_is_type(o, json_type_object) ||
	    !json_object_object_get_ex(o, name, &v) ||
	    !json_object_is_type(v, json_type_string))
		return NULL;
	return json_object_get_string(v);
}

/* Take over what makes sense; 0, or ERR_PARSE when nothing does. */
static int
take(struct json_object *o)
{
	struct json_object	*list = NULL, *map = NULL, *b;
	struct why		 why = { 0 };

	if (!json_object_is_type(o, json_type_object) ||
	    !json_object_object_get_ex(o, "boards", &list) ||
	    !json_object_is_type(list, json_type_array) ||
	    !json_object_object_get_ex(o, "labels", &map) ||
	    !json_object_is_type(map, json_type_object))
		return ERR_PARSE;
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		b = json_object_array_get_idx(list, i);
		if (text_of(b, "identity") != NULL)
			known_set(text_of(b, "identity"), text_of(b, "chip"),
			    text_of(b, "mac"), text_of(b, "recipe"));
	}
	json_object_object_foreach(map, name, value) {
		why_clear(&why);
		if (json_object_is_type(value, json_type_string))
			(void)known_set_label(name,
			    json_object_get_string(value), &why);
	}
	return 0;
}

/* The whole file; NULL with errno 0 when it makes no sense. */
static struct json_object *
read_file(const char *path)
{
	struct json_object	*o = NULL;
	struct stat		 st;
	int			 fd;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)) < 0)
		return NULL;
	errno = 0;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_size <= FILE_MAX)
		o = json_object_from_fd(fd);
	(void)close(fd);	/* was only read */
	if (o == NULL)
		errno = 0;
	return o;
}

static void
put_aside(const char *path)
{
	char	bad[sizeof file + 8];

	(void)snprintf(bad, sizeof bad, "%s.bad", path);
	if (rename(path, bad) == 0)
		log_warn("%s makes no sense and is now %s; nothing is known "
		    "of the boards, ignoring", path, bad);
	else
		log_warn("%s makes no sense and cannot be put aside: %s, "
		    "ignoring", path, strerror(errno));
}

int
known_open(const char *path, struct why *why)
{
	struct json_object	*o;

	if (strlen(path) >= sizeof file)
		return why_set(why, ERR_PARAMS, "state-dir is too long");
	o = read_file(path);
	if (o == NULL && errno != 0 && errno != ENOENT)
		return why_set(why, ERR_IO, "%s: %s", path, strerror(errno));
	if ((o == NULL && errno == 0) || (o != NULL && take(o) < 0))
		put_aside(path);
	json_object_put(o);
	/* Only from now on: what was read need not be written. */
	memcpy(file, path, strlen(path) + 1);
	return 0;
}

void
known_close(void)
{
	loop_timer_clear(&save_timer);
	save(NULL);
	free(boards);
	free(labels);
	boards = NULL;
	labels = NULL;
	board_count = label_count = 0;
	file[0] = '\0';
	dirty = false;
}
