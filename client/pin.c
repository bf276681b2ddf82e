/*
 * pin - see pin.h.
 *
 * While the terminal does not show what is typed, the signals that would end or
 * stop the process wait: they are seen on a descriptor, the terminal is set back
 * and only then they are let in.  After being stopped and continued it is asked
 * again.
 */
#include "client/pin.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "proto/base/err.h"
#include "proto/secure/secret.h"

enum outcome { LINE, END, TOO_LONG, SIGNAL, FAILED };

/* A prompt that cannot be shown is no reason not to take the answer. */
static void
say(int fd, const char *text)
{
	(void)!write(fd, text, strlen(text));
}

/* Wait for a byte or, where sigs is one, for a signal. */
static enum outcome
wait_for(int fd, int sigs)
{
	struct pollfd	p[] = { { .fd = sigs, .events = POLLIN },
				{ .fd = fd, .events = POLLIN } };

	while (poll(p, 2, -1) < 0)
		if (errno != EINTR)
			return FAILED;
	return p[0].revents != 0 ? SIGNAL : LINE;
}

/* A line without its end.  Byte by byte: what follows is for others. */
static enum outcome
read_line(int fd, int sigs, char out[PIN_MAX + 1])
{
	size_t		n = 0;
	enum outcome	o;
	ssize_t		got;

	while ((o = wait_for(fd, sigs)) == LINE) {
		got = read(fd, out + n, 1);
		if (got < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (got < 0)
			return FAILED;
		if (got == 0)
			return n > 0 ? LINE : END;
		if (out[n] == '\n') {
			if (n > 0 && out[n - 1] == '\r')
				n--;
			out[n] = '\0';
			return LINE;
		}
		if (++n > PIN_MAX)
			return TOO_LONG;
	}
	return o;
}

static void
signals_that_end(sigset_t *set)
{
	static const int	all[] = { SIGHUP, SIGINT, SIGQUIT, SIGPIPE,
				    SIGALRM, SIGTERM, SIGTSTP, SIGTTIN,
				    SIGTTOU };

	(void)sigemptyset(set);
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		(void)sigaddset(set, all[i]);
}

/* On a terminal, which is set back in any case. */
static enum outcome
ask_hidden(int fd, const char *prompt, char out[PIN_MAX + 1])
{
	struct termios	was, quiet;
	sigset_t	ends, before;
	enum outcome	o;
	int		sigs;

	signals_that_end(&ends);
	sigs = signalfd(-1, &ends, SFD_CLOEXEC);
	if (sigs < 0)
		return FAILED;
	do {
		if (tcgetattr(fd, &was) < 0) {
			o = FAILED;
			break;
		}
		quiet = was;
		quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
		(void)sigprocmask(SIG_BLOCK, &ends, &before);
		o = FAILED;
		if (tcsetattr(fd, TCSAFLUSH, &quiet) == 0) {
			say(fd, prompt);
			o = read_line(fd, sigs, out);
			(void)tcsetattr(fd, TCSAFLUSH, &was);
			say(fd, "\n");
		}
		(void)sigprocmask(SIG_SETMASK, &before, NULL);
	} while (o == SIGNAL);
	(void)close(sigs);
	return o;
}

static int
judge(enum outcome o, const char *pin, struct why *why)
{
	switch (o) {
	case LINE:
		if (pin[0] != '\0')
			return 0;
		break;
	case TOO_LONG:
		return why_set(why, ERR_HSM, "that PIN has more than %d bytes",
		    PIN_MAX);
	case SIGNAL:
	case FAILED:
		return why_set(why, ERR_HSM, "the PIN cannot be asked for: %s",
		    strerror(errno));
	case END:
		break;
	}
	return why_set(why, ERR_HSM, "no PIN was given: the configuration's "
	    "credentials can have it, or it is asked for");
}

int
pin_ask(char **pin, const char *prompt, struct why *why)
{
	int		 fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	char		*text = calloc(1, PIN_MAX + 2);
	enum outcome	 o;
	int		 r;

	if (text == NULL) {
		r = why_set(why, ERR_NOMEM, "out of memory");
	} else {
		if (fd >= 0)
			o = ask_hidden(fd, prompt, text);
		else if (isatty(STDIN_FILENO))
			o = ask_hidden(STDIN_FILENO, prompt, text);
		else
			o = read_line(STDIN_FILENO, -1, text);
		r = judge(o, text, why);
	}
	if (fd >= 0)
		(void)close(fd);
	if (r == 0) {
		*pin = text;
		return 0;
	}
	if (text != NULL)
		secret_wipe(text, PIN_MAX + 2);
	free(text);
	return r;
}
