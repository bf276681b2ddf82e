#include "daemon/base/conf.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/log.h"
#include "proto/base/err.h"
#include "proto/base/text.h"

enum { CONF_LINE = 2048 };	/* bytes of a line of the file */

#define STRING(field)	.offset = offsetof(struct conf, field), \
			.size = sizeof ((struct conf *)0)->field
#define NUMBER(field)	.offset = offsetof(struct conf, field)

const struct conf_setting conf_settings[] = {
	{ "socket", "path of the socket that clients connect to",
	  STRING(socket), .initial = RUNSTATEDIR "/espflashd/espflashd.sock" },
	{ "stub-path", "directories of stub images, separated by ':'",
	  STRING(stub_path), .initial = PKGDATADIR "/stubs" },
	{ "stub", "whose flasher stub does the work; none: the loader in ROM"
	  " alone",
	  STRING(stub), .initial = "auto",
	  .choices = "auto|own|espressif|none" },
	{ "log-level", "the least important lines that are logged",
	  STRING(log_level), .initial = "info",
	  .choices = "err|warn|notice|info|debug" },
	{ "idle-exit-s", "leave after so many seconds without clients and jobs"
	  " (0: never)",
	  NUMBER(idle_exit_s), .initial = "0", .max = 7 * 86400 },
	{ "max-clients", "connections at one time",
	  NUMBER(max_clients), .initial = "256", .min = 1, .max = 65536 },
	{ "max-clients-per-user", "connections of one user at one time",
	  NUMBER(max_clients_per_user), .initial = "64", .min = 1,
	  .max = 65536 },
	{ "max-jobs", "jobs waiting, running or remembered",
	  NUMBER(max_jobs), .initial = "4096", .min = 1, .max = 1000000 },
	{ "max-jobs-per-user", "jobs of one user waiting or running",
	  NUMBER(max_jobs_per_user), .initial = "1024", .min = 1,
	  .max = 1000000 },
	{ "max-image-bytes", "bytes of one firmware image (32MB, 65536)",
	  NUMBER(max_image_bytes), .initial = "32MB", .min = 1,
	  .max = UINT32_MAX },
	{ "max-images-bytes", "bytes of all images in memory at one time; "
	  "also of the files of a job without a board",
	  NUMBER(max_images_bytes), .initial = "512MB", .min = 1,
	  .max = UINT32_MAX },
	{ "job-keep-s", "seconds a finished job is remembered",
	  NUMBER(job_keep_s), .initial = "3600", .max = 30 * 86400 },
	{ "state-dir", "directory of what is remembered from one start to the"
	  " next (boards, labels); none: nothing is",
	  STRING(state_dir), .initial = "none" },
	{ "hold-port-s", "seconds a serial device stays open after its last"
	  " job, so that no line moves between two jobs (0: closed at once)",
	  NUMBER(hold_port_s), .initial = "60", .max = UINT32_MAX },
	{ "export-busy", "what becomes of a job on a port that a client of an"
	  " export uses",
	  STRING(export_busy), .initial = "wait", .choices = "wait|refuse" },
	{ "burn-group", "Unix group whose members may burn eFuses over this"
	  " daemon, besides root and the daemon's own user; empty: everyone who"
	  " may connect",
	  STRING(burn_group), .initial = "" },
	{ "stop-timeout-s", "seconds jobs may take to stop when the daemon is"
	  " told to leave",
	  NUMBER(stop_timeout_s), .initial = "30", .min = 1, .max = 3600 },
	{ .name = NULL },
};

void
conf_init(struct conf *c)
{
	const struct conf_setting	*s;
	int				 r;

	*c = (struct conf){ 0 };
	for (s = conf_settings; s->name != NULL; s++) {
		r = conf_set(c, s->name, s->initial, NULL);
		assert(r == 0);
		(void)r;	/* without assertions */
	}
}

static int
conf_set_string(struct conf *c, const struct conf_setting *s,
    const char *value, struct why *why)
{
	if (*value == '\0' && *s->initial != '\0')
		return why_set(why, ERR_PARAMS, "%s is empty", s->name);
	if (strlen(value) >= s->size)
		return why_set(why, ERR_PARAMS,
		    "%s is longer than %zu characters", s->name, s->size - 1);
	if (s->choices != NULL && !text_choice(s->choices, value))
		return why_set(why, ERR_PARAMS, "%s is one of %s, not \"%s\"",
		    s->name, s->choices, value);
	(void)snprintf((char *)c + s->offset, s->size, "%s", value);
	return 0;
}

/* Only amounts of bytes may be written with a unit. */
static bool
conf_is_bytes(const struct conf_setting *s)
{
	static const char	end[] = "-bytes";
	size_t			len = strlen(s->name);

	return len >= sizeof end &&
	    strcmp(s->name + len - (sizeof end - 1), end) == 0;
}

static int
conf_set_number(struct conf *c, const struct conf_setting *s,
    const char *value, struct why *why)
{
	uint32_t	n;
	int		r;

	r = conf_is_bytes(s) ? text_size(value, &n) : text_u32(value, &n);
	if (r < 0)
		return why_set(why, ERR_PARAMS,
		    "%s is a whole number, not \"%s\"", s->name, value);
	if (n < s->min || n > s->max)
		return why_set(why, ERR_PARAMS,
		    "%s is %u to %u, not %s", s->name, s->min, s->max, value);
	memcpy((char *)c + s->offset, &n, sizeof n);
	return 0;
}

int
conf_set(struct conf *c, const char *name, const char *value, struct why *why)
{
	const struct conf_setting	*s;

	for (s = conf_settings; s->name != NULL; s++) {
		if (strcmp(s->name, name) != 0)
			continue;
		if (s->size > 0)
			return conf_set_string(c, s, value, why);
		return conf_set_number(c, s, value, why);
	}
	return why_set(why, ERR_PARAMS, "there is no setting \"%s\"", name);
}

/* Cut the blanks at both ends, in place. */
static char *
conf_trim(char *s)
{
	char	*end;

	while (isspace((unsigned char)*s))
		s++;
	end = s + strlen(s);
	while (end > s && isspace((unsigned char)end[-1]))
		end--;
	*end = '\0';
	return s;
}

/* One line of a file; a comment begins with '#' as the first thing. */
static int
conf_line(struct conf *c, char *line, struct why *why)
{
	char	*name = conf_trim(line), *value;

	if (*name == '\0' || *name == '#')
		return 0;
	if ((value = strchr(name, '=')) == NULL)
		return why_set(why, ERR_PARAMS,
		    "\"%s\" is not \"name = value\"", name);
	*value++ = '\0';
	return conf_set(c, conf_trim(name), conf_trim(value), why);
}

static int
conf_lines(struct conf *c, FILE *f, const char *path, struct why *why)
{
	char		line[CONF_LINE];
	struct why	inner;
	unsigned	n = 0;
	int		r;

	while (fgets(line, sizeof line, f) != NULL) {
		n++;
		if (strlen(line) == sizeof line - 1)
			return why_set(why, ERR_PARAMS,
			    "%s:%u: the line is longer than %d characters",
			    path, n, CONF_LINE - 2);
		why_clear(&inner);
		if ((r = conf_line(c, line, &inner)) < 0)
			return why_set(why, r, "%s:%u: %s", path, n,
			    why_text(&inner));
	}
	if (ferror(f))
		return why_set(why, ERR_IO, "%s: %s", path, strerror(errno));
	return 0;
}

int
conf_read(struct conf *c, const char *path, struct why *why)
{
	FILE	*f;
	int	 r;

	if ((f = fopen(path, "re")) == NULL)
		return why_set(why, err_from_errno(errno), "%s: %s", path,
		    strerror(errno));
	r = conf_lines(c, f, path, why);
	(void)fclose(f);	/* was only read */
	return r;
}
