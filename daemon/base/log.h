#ifndef DAEMON_BASE_LOG_H
#define DAEMON_BASE_LOG_H
/*
 * log - lines for the journal or a terminal, on stderr.
 *
 * Under systemd (JOURNAL_STREAM set) each line begins with the "<3>" priority
 * prefix of sd-daemon(3); otherwise with a time.  A context of port, job and
 * phase is put before the text: "port=/dev/ttyUSB0 job=3 phase=write: text".
 */
enum log_level {
	LOG_LEVEL_ERR, LOG_LEVEL_WARN, LOG_LEVEL_NOTICE, LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG,
};

struct log_context {
	const char	*port;	/* each may be NULL: left out */
	const char	*job;
	const char	*phase;
};

/* Lines above `level` are dropped from now on (default LOG_LEVEL_INFO). */
void log_set_level(enum log_level);

/* "err", "warn", "notice", "info", "debug"; ERR_PARAMS for another word. */
int log_level_parse(const char *, enum log_level *);

void log_line(enum log_level, const struct log_context *, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#define log_err(...)	log_line(LOG_LEVEL_ERR, NULL, __VA_ARGS__)
#define log_warn(...)	log_line(LOG_LEVEL_WARN, NULL, __VA_ARGS__)
#define log_info(...)	log_line(LOG_LEVEL_INFO, NULL, __VA_ARGS__)
#define log_debug(...)	log_line(LOG_LEVEL_DEBUG, NULL, __VA_ARGS__)
#endif
