#include "daemon/base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "proto/base/err.h"

enum { LOG_MAX = 1024 };	/* bytes of a line; longer is cut */

static enum log_level log_level = LOG_LEVEL_INFO;

static const struct {
	const char	*name;
	int		 priority;	/* of syslog(3) */
} log_levels[] = {
	[LOG_LEVEL_ERR]		= { "err", 3 },
	[LOG_LEVEL_WARN]	= { "warn", 4 },
	[LOG_LEVEL_NOTICE]	= { "notice", 5 },
	[LOG_LEVEL_INFO]	= { "info", 6 },
	[LOG_LEVEL_DEBUG]	= { "debug", 7 },
};

void
log_set_level(enum log_level level)
{
	log_level = level;
}

int
log_level_parse(const char *word, enum log_level *level)
{
	for (size_t i = 0; i < sizeof log_levels / sizeof *log_levels; i++) {
		if (strcmp(word, log_levels[i].name) != 0)
			continue;
		*level = (enum log_level)i;
		return 0;
	}
	return ERR_PARAMS;
}

/* What a line begins with: the journal reads the priority, people the time. */
static void
log_prefix(char *out, size_t size, enum log_level level)
{
	struct timespec	ts;
	struct tm	tm;
	char		at[32] = "";

	if (getenv("JOURNAL_STREAM") != NULL) {
		(void)snprintf(out, size, "<%d>", log_levels[level].priority);
		return;
	}
	if (clock_gettime(CLOCK_REALTIME, &ts) == 0 &&
	    localtime_r(&ts.tv_sec, &tm) != NULL)
		(void)strftime(at, sizeof at, "%H:%M:%S", &tm);
	(void)snprintf(out, size, "%s.%03ld %s: ", at, ts.tv_nsec / 1000000,
	    log_levels[level].name);
}

/* "port=... job=... phase=...: ", or nothing. */
static void
log_put_context(FILE *f, const struct log_context *c)
{
	const struct { const char *name, *value; } part[] = {
		{ "port", c->port }, { "job", c->job }, { "phase", c->phase },
	};
	const char	*gap = "";

	for (size_t i = 0; i < sizeof part / sizeof *part; i++) {
		if (part[i].value == NULL)
			continue;
		(void)fprintf(f, "%s%s=%s", gap, part[i].name, part[i].value);
		gap = " ";
	}
	if (*gap != '\0')
		(void)fputs(": ", f);
}

/* A line must stay one line, whatever a name or a chip put into it. */
static void
log_flatten(char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			*s = ' ';
}

void
log_line(enum log_level level, const struct log_context *context,
    const char *fmt, ...)
{
	char	 line[LOG_MAX] = "", prefix[64];
	FILE	*f;
	va_list	 ap;

	if (level > log_level)
		return;
	if ((f = fmemopen(line, sizeof line, "w")) == NULL)
		return;		/* no memory: there is no one to tell */
	if (context != NULL)
		log_put_context(f, context);
	va_start(ap, fmt);
	(void)vfprintf(f, fmt, ap);
	va_end(ap);
	(void)fclose(f);	/* a line too long is cut */
	line[sizeof line - 1] = '\0';
	log_flatten(line);
	log_prefix(prefix, sizeof prefix, level);
	(void)fprintf(stderr, "%s%s\n", prefix, line);
}
