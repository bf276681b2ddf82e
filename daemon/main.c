/* espflashd - owns the serial ports of a machine and flashes what hangs there. */
#include "config.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>

#include "daemon/base/conf.h"
#include "daemon/base/log.h"
#include "daemon/base/loop.h"
#include "daemon/job/efuse_ledger.h"
#include "daemon/job/efuse_tokens.h"
#include "daemon/job/queue.h"
#include "daemon/job/work_queue.h"
#include "daemon/port/known.h"
#include "daemon/port/port.h"
#include "daemon/port/watch.h"
#include "daemon/rpc/export.h"
#include "daemon/rpc/conn.h"
#include "daemon/rpc/listen.h"
#include "daemon/rpc/methods.h"
#include "daemon/rpc/port_methods.h"
#include "proto/base/err.h"

enum { TICK_MS = 1000 };	/* idle check, forgetting old jobs */

static struct conf conf;
static struct loop_timer tick_timer, stop_timer;
static uint64_t idle_since;
static bool stopping;

static const struct option options[] = {
	{ "config",	required_argument, NULL, 'c' },
	{ "socket",	required_argument, NULL, 's' },
	{ "stub-path",	required_argument, NULL, 'p' },
	{ "idle-exit",	required_argument, NULL, 'i' },
	{ "log-level",	required_argument, NULL, 'l' },
	{ "set",	required_argument, NULL, 'S' },
	{ "help",	no_argument,	   NULL, 'h' },
	{ "version",	no_argument,	   NULL, 'V' },
	{ 0 },
};

static const char usage[] =
"usage: espflashd [options]\n"
"  --config FILE      settings to read first (default " SYSCONFDIR
"/espflashd.conf)\n"
"  --socket PATH      where clients come to\n"
"  --stub-path DIRS   where flasher stub images are, ':' between\n"
"  --idle-exit S      leave when nothing was to do for S seconds (0: never)\n"
"  --log-level WORD   err, warn, notice, info or debug\n"
"  --set NAME=VALUE   any setting of espflashd.conf(5)\n"
"  --version, --help\n";

/* Everything has ended: leave the loop. */
static void
leave(void)
{
	loop_stop();
}

/* Half a plan is worse than being late: who burns is waited for, and has its
 * time to leave the chip in order only then. */
static void
stop_late(void *arg)
{
	static bool	burned;
	bool		burns = queue_burns();

	(void)arg;
	if (burns || burned) {
		burned = burns;
		(void)loop_timer_set(&stop_timer, burns ? TICK_MS :
		    conf.stop_timeout_s * 1000, stop_late, NULL);
		return;
	}
	log_warn("some jobs did not end within %u s, leaving all the same",
	    conf.stop_timeout_s);
	/* A suspended conversation cannot be freed: leave as we are. */
	conn_close_all();
	_exit(EXIT_FAILURE);
}

/* No new clients, no new jobs; running writes end their block. */
static void
stop(void *arg)
{
	(void)arg;
	if (stopping)
		return;
	stopping = true;
	log_info("stopping");
	(void)sd_notify(0, "STOPPING=1");
	listen_stop();
	export_close_all();
	(void)loop_timer_set(&stop_timer, conf.stop_timeout_s * 1000, stop_late,
	    NULL);
	work_stop_all(ERR_INTERRUPTED);
	queue_stop(leave);
}

/* Once a second: forget old jobs, and leave when nobody needs us. */
static void
tick(void *arg)
{
	uint64_t	now = loop_now();

	(void)arg;
	job_forget_old(&conf);
	if (conn_count() > 0 || job_active() > 0 || export_count() > 0)
		idle_since = now;
	if (conf.idle_exit_s > 0 && now - idle_since >=
	    (uint64_t)conf.idle_exit_s * 1000) {
		log_info("nothing to do for %u s", conf.idle_exit_s);
		stop(NULL);
		return;
	}
	(void)loop_timer_set(&tick_timer, TICK_MS, tick, NULL);
}

/* A short option's setting. */
static const char *
setting_of(int c)
{
	switch (c) {
	case 's':
		return "socket";
	case 'p':
		return "stub-path";
	case 'i':
		return "idle-exit-s";
	default:
		return "log-level";
	}
}

/* Set from "name=value". */
static int
set_pair(const char *pair, struct why *why)
{
	const char	*equals = strchr(pair, '=');
	char		 name[64];

	if (equals == NULL || (size_t)(equals - pair) >= sizeof name)
		return why_set(why, ERR_USAGE, "--set: \"%s\" is not "
		    "NAME=VALUE", pair);
	memcpy(name, pair, (size_t)(equals - pair));
	name[equals - pair] = '\0';
	return conf_set(&conf, name, equals + 1, why);
}

/* The file that --config names; without it the default one, if it is there. */
static int
read_config(int argc, char **argv, struct why *why)
{
	const char	*path = NULL;
	int		 c, r;

	opterr = 0;	/* the second pass complains */
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1)
		if (c == 'c')
			path = optarg;
	optind = 1;
	opterr = 1;
	if (path != NULL)
		return conf_read(&conf, path, why);
	r = conf_read(&conf, SYSCONFDIR "/espflashd.conf", why);
	if (r != ERR_FILE_MISSING)
		return r;
	why_clear(why);
	return 0;
}

/* What a private daemon inherits from the one who needed it. */
static int
read_environment(struct why *why)
{
	const char	*stubs = getenv("ESPFLASHD_STUBS");

	return stubs == NULL || stubs[0] == '\0' ? 0 :
	    conf_set(&conf, "stub-path", stubs, why);
}

/* 0 to go on, 1 when all is said, or an error with its sentence. */
static int
parse(int argc, char **argv, struct why *why)
{
	int	c, r;

	if ((r = read_config(argc, argv, why)) < 0 ||
	    (r = read_environment(why)) < 0)
		return r;
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 'c':
			break;
		case 'h':
			(void)fputs(usage, stdout);
			return 1;
		case 'V':
			(void)puts(PACKAGE_STRING);
			return 1;
		case 'S':
			r = set_pair(optarg, why);
			break;
		case '?':
			return why_set(why, ERR_USAGE, "see espflashd --help");
		default:
			r = conf_set(&conf, setting_of(c), optarg, why);
		}
		if (r < 0)
			return r;
	}
	if (optind < argc)
		return why_set(why, ERR_USAGE, "\"%s\" is no option; see "
		    "espflashd --help", argv[optind]);
	return 0;
}

/* What was remembered when the daemon last ran. */
static int
remember(struct why *why)
{
	char	path[sizeof conf.state_dir + 16];

	if (strcmp(conf.state_dir, "none") == 0)
		return 0;
	(void)snprintf(path, sizeof path, "%s/boards.json", conf.state_dir);
	return known_open(path, why);
}

/* Know the ports, and tell queues and clients of every change. */
static void
watch_ports(void)
{
	port_set_watcher(port_methods_event);
	if (watch_start(port_rescan) < 0)
		log_warn("nobody tells of devices that are plugged in (no "
		    "udev): ports are looked for when a client asks, ignoring");
	port_rescan();
}

/* A client has come to an exported port, or has left it. */
static void
export_changed(struct port *port)
{
	port_methods_event(port, PORT_CHANGED);
}

static int
start(struct why *why)
{
	enum log_level	level;
	int		r;

	if (log_level_parse(conf.log_level, &level) == 0)
		log_set_level(level);
	if (loop_init() < 0 ||
	    loop_on_signal(SIGTERM, stop, NULL) < 0 ||
	    loop_on_signal(SIGINT, stop, NULL) < 0)
		return why_set(why, ERR_NOMEM, "the event loop cannot be made");
	methods_init();
	queue_init(&conf);
	efuse_ledger_init(&conf);
	export_init(&conf);
	export_set_watcher(export_changed);
	job_set_watcher(conn_job_event);
	if ((r = remember(why)) < 0)
		return r;
	watch_ports();
	if ((r = listen_start(&conf, why)) < 0)
		return r;
	idle_since = loop_now();
	return loop_timer_set(&tick_timer, TICK_MS, tick, NULL);
}

static void
finish(void)
{
	loop_timer_clear(&tick_timer);
	loop_timer_clear(&stop_timer);
	listen_stop();
	conn_close_all();
	port_set_watcher(NULL);
	watch_stop();
	queue_done();
	job_forget_all();
	efuse_tokens_done();
	port_forget_all();
	known_close();
	loop_done();
}

int
main(int argc, char **argv)
{
	struct why	why = { 0 };
	int		r;

	conf_init(&conf);
	if ((r = parse(argc, argv, &why)) > 0)
		return EXIT_SUCCESS;
	if (r == 0)
		r = start(&why);
	if (r < 0) {
		log_err("%s", why_text(&why));
		return err_exit(r);
	}
	(void)sd_notify(0, "READY=1");
	log_info("ready");
	r = loop_run();
	finish();
	return r == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
