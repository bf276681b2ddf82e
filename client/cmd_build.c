/* cmd_build - what a build directory of ESP-IDF says is flashed. */
#include "client/command.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/args.h"
#include "client/client.h"
#include "client/image.h"
#include "client/member.h"
#include "client/submit.h"
#include "proto/base/err.h"
#include "proto/chip/chip.h"
#include "proto/image/flasher_args.h"

struct build {
	char			*path;		/* of the file that tells */
	struct flasher_args	 args;
	struct image		*files;		/* as many as args has */
};

static int
out_of_memory(struct client *c)
{
	return why_set(&c->why, ERR_NOMEM, "out of memory");
}

/* "dir/name"; NULL when there is no memory. */
static char *
within(const char *dir, const char *name)
{
	char	*path;

	if (asprintf(&path, "%s%s%s", dir,
	    dir[strlen(dir) - 1] == '/' ? "" : "/", name) < 0)
		return NULL;
	return path;
}

/* Nothing there tells; perhaps it is the project and not its build. */
static int
not_found(const char *dir, struct client *c)
{
	char	*below = within(dir, "build/flasher_args.json");
	bool	 is_project = below != NULL && access(below, F_OK) == 0;

	free(below);
	if (is_project)
		return why_set(&c->why, ERR_FILE_MISSING, "there is no "
		    "flasher_args.json in '%s', but in its folder build; give "
		    "that one", dir);
	return why_set(&c->why, ERR_FILE_MISSING, "there is no "
	    "flasher_args.json in '%s'; a build directory of ESP-IDF has one "
	    "once all is built (idf.py build)", dir);
}

/* The file that tells: the one that was named, or one of the directory. */
static int
find(struct build *b, struct client *c)
{
	static const char *const	names[] = { "flasher_args.json",
					    "flash_args",
					    "flash_project_args" };
	const char			*word = c->args.operands[0];
	struct stat			 st;

	/* As one would write it behind write-flash. */
	if (word[0] == '@' && word[1] != '\0')
		word++;
	if (stat(word, &st) < 0)
		return why_set(&c->why, err_from_errno(errno), "'%s' cannot be "
		    "read: %s", word, strerror(errno));
	if (!S_ISDIR(st.st_mode)) {
		b->path = strdup(word);
		return b->path != NULL ? 0 : out_of_memory(c);
	}
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if ((b->path = within(word, names[i])) == NULL)
			return out_of_memory(c);
		if (access(b->path, F_OK) == 0)
			return 0;
		free(b->path);
		b->path = NULL;
	}
	return not_found(word, c);
}

/* The whole file; at most one byte more than it may have. */
static char *
slurp(const char *path, size_t *len, struct why *why)
{
	int	 fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	char	*text = fd >= 0 ? malloc(FLASHER_ARGS_MAX + 1) : NULL;
	ssize_t	 n = -1;

	*len = 0;
	while (text != NULL && *len <= FLASHER_ARGS_MAX &&
	    (n = read(fd, text + *len, FLASHER_ARGS_MAX + 1 - *len)) > 0)
		*len += (size_t)n;
	if (n < 0) {
		(void)why_set(why, err_from_errno(errno), "'%s' cannot be "
		    "read: %s", path, strerror(errno));
		free(text);
		text = NULL;
	}
	if (fd >= 0)
		(void)close(fd);
	return text;
}

static int
load(struct build *b, struct client *c)
{
	struct why	 why = { 0 };
	size_t		 len;
	char		*text;
	int		 r;

	if ((r = find(b, c)) < 0)
		return r;
	if ((text = slurp(b->path, &len, &c->why)) == NULL)
		return c->why.err;
	r = flasher_args_parse(text, len, &b->args, &why);
	free(text);
	if (r < 0)
		return why_set(&c->why, r, "'%s': %s", b->path,
		    why_text(&why));
	return 0;
}

/* A build is for one chip, and no option makes it one for another. */
static int
check_chip(const struct build *b, struct client *c)
{
	const char		*built = b->args.values[FLASHER_CHIP];
	const char		*given = member_text(c->args.params, "chip",
				    "auto");
	const struct chip	*chip = built != NULL ? chip_by_name(built) :
				    NULL;

	if (strcmp(given, "auto") == 0) {
		json_object_object_del(c->args.params, "chip");
		return 0;
	}
	if (chip == NULL || chip == chip_by_name(given))
		return 0;
	return why_set(&c->why, ERR_CHIP_MISMATCH, "the build is for the %s "
	    "('%s'), and --chip or ESPTOOL_CHIP says %s", chip->name, b->path,
	    given);
}

/* The settings become parameters; those of the command line stay. */
static int
settings(const struct build *b, struct client *c)
{
	char	source[WHY_MAX];
	int	r;

	if ((r = check_chip(b, c)) < 0)
		return r;
	for (int i = 0; i < FLASHER_VALUES; i++) {
		(void)snprintf(source, sizeof source, "'%.256s': %s", b->path,
		    flasher_value_names[i]);
		if (b->args.values[i] != NULL && (r = args_default(&c->args,
		    flasher_value_names[i], source, b->args.values[i],
		    &c->why)) < 0)
			return r;
	}
	for (int i = 0; i < FLASHER_FLAGS; i++)
		if (b->args.flags[i] && member(c->args.params,
		    flasher_flag_names[i]) == NULL)
			json_object_object_add(c->args.params,
			    flasher_flag_names[i],
			    json_object_new_boolean(true));
	return 0;
}

/* Names are seen from the folder that the file is in. */
static char *
resolve(const char *from, const char *path)
{
	const char	*slash = strrchr(from, '/');
	char		*name;

	if (path[0] == '/' || slash == NULL)
		return strdup(path);
	if (asprintf(&name, "%.*s/%s", (int)(slash - from), from, path) < 0)
		return NULL;
	return name;
}

/* Which files the chip encrypts. */
static int
files(struct build *b, struct client *c)
{
	const struct args	*a = &c->args;
	size_t			 encrypted = 0;

	if (a->encrypt && a->no_encrypt)
		return why_set(&c->why, ERR_USAGE, "--encrypt and "
		    "--no-encrypt exclude each other");
	b->files = calloc(b->args.count, sizeof *b->files);
	if (b->files == NULL)
		return out_of_memory(c);
	for (size_t i = 0; i < b->args.count; i++) {
		const struct flasher_file	*f = &b->args.files[i];

		b->files[i] = (struct image){ .offset = f->offset,
		    .encrypt = !a->no_encrypt && (a->encrypt || f->encrypt),
		    .fd = -1, .old_fd = -1 };
		b->files[i].name = resolve(b->path, f->path);
		if (b->files[i].name == NULL)
			return out_of_memory(c);
		encrypted += f->encrypt && b->files[i].encrypt;
	}
	if (encrypted > 0)
		show_chat(&c->show, "The build wants %zu of %zu files "
		    "encrypted by the chip; --no-encrypt writes them as they "
		    "are.", encrypted, b->args.count);
	return 0;
}

static void
build_done(struct build *b)
{
	for (size_t i = 0; b->files != NULL && i < b->args.count; i++)
		free((char *)b->files[i].name);
	free(b->files);
	flasher_args_done(&b->args);
	free(b->path);
}

int
cmd_build(struct client *c)
{
	struct parcel	p = { 0 };
	struct images	images = { .count = 0 };
	struct build	b = { .path = NULL };
	int		r;

	if ((r = load(&b, c)) == 0 && (r = settings(&b, c)) == 0 &&
	    (r = files(&b, c)) == 0 && (r = images_add(&images, c, &p,
	    b.files, b.args.count)) == 0) {
		c->images = &images;
		r = submit_run(c, &p);
		c->images = NULL;
	}
	images_done(&images);
	parcel_done(&p);
	build_done(&b);
	return r;
}
