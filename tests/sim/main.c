/*
 * espsim - boards to flash where there are none.
 *
 * One line per board is printed when it can be reached: URL or device, chip,
 * MAC.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "proto/base/text.h"
#include "tests/sim/control.h"
#include "tests/sim/seat.h"
#include "tests/sim/traits.h"

enum {
	GROUPS_MAX = 32, FAULTS_MAX = 64, COUNT_MAX = 1024, PATH_LEN = 512,
	LATENCY_MAX = 1000,
};

/* One --chip with the options that follow it. */
struct group {
	const struct simchip	*chip;
	struct board_traits	 traits;
	uint32_t		 count;
	enum seat_kind		 kind;
	uint32_t		 flash_size;
	struct usb_id		 usb_id;
	bool			 otg;
	bool			 program;
	unsigned		 circuit;
};

struct options {
	struct group	 group[GROUPS_MAX];
	size_t		 groups;
	struct fault	 fault[FAULTS_MAX];
	size_t		 faults;
	char		 host[64];
	uint16_t	 port;
	bool		 paced;
	uint32_t	 latency_ms;
	bool		 verbose;
	const struct flash_times *times;
	const char	*flash_file;
	const char	*flash_dir;
	const char	*usb_dir;
	struct usb_bus	 bus;
	const char	*log_file;
	FILE		*log;
	bool		 control;
};

static const char usage[] =
"usage: espsim --chip NAME [--count N] [--flash-size SIZE] [--pty|--socket] ...\n"
"  --chip NAME        esp8266, esp32, esp32s2, esp32s3, esp32c2, esp32c3,\n"
"                     esp32c5, esp32c6, esp32c61, esp32h2, esp32h21, esp32h4,\n"
"                     esp32p4, esp32s31, esp32e22; begins a group\n"
"  --count N          that many boards in the group (1)\n"
"  --flash-size SIZE  of the group's boards, 256KB to 256MB (4MB)\n"
"  --socket           the group's boards are bare TCP, in download mode\n"
"  --pty              the group's boards are ptys, in download mode\n"
"  --usb-id VID:PID   of the adapters of the group's ptys (10c4:ea60)\n"
"  --usb-serial TEXT  their serial number; \"none\": they have none\n"
"  --usb-ports N      each has N boards (1)\n"
"  --otg              their USB is the chip's: it goes away and comes back\n"
"                     with each reset, as 303a:4001 or in the loader with\n"
"                     the chip's number (0009 of the ESP32-S3)\n"
"  --reset-by KIND    which lines reset the group's boards, see\n"
"                     tests/sim/board.h: tight, classic, slow, usb-jtag,\n"
"                     never; several with commas between them\n"
"  --program          there is a program in their flash; without, a chip\n"
"                     resets itself again and again\n"
"  --usb DIR          ptys are USB devices with modem lines, see\n"
"                     tests/sim/usb.h; they begin with their program\n"
"  --listen HOST:PORT first board's address, the others count on\n"
"                     (127.0.0.1:0; port 0: any free one for each)\n"
"  --flash FILE       flash contents of the only board\n"
"  --flash-dir DIR    flash contents in DIR/board-N.bin\n"
"  --line MODE        instant (default) or paced\n"
"  --latency MS       each byte arrives so much later, both ways (0)\n"
"  --flash-time MODE  instant (default) or typical\n"
"  --fault BOARD:KIND@WHEN[:ARG]   see tests/sim/fault.h\n"
"  --lines-log FILE   the modem lines and what the boards do, with times\n"
"  --control          commands on standard input, see tests/sim/control.h\n"
"  --verbose          tell on standard error what the boards do\n"
"How a group's boards differ from the usual ones, see tests/sim/board.h:\n";

static int
fail(const char *what, const char *value)
{
	fprintf(stderr, "espsim: %s: %s\n", what, value);
	return 2;
}

static bool
option_listen(struct options *o, const char *s)
{
	const char	*colon = strrchr(s, ':');
	uint32_t	 port;

	if (colon == NULL || (size_t)(colon - s) >= sizeof(o->host) ||
	    text_u32(colon + 1, &port) != 0 || port > UINT16_MAX)
		return false;
	memcpy(o->host, s, (size_t)(colon - s));
	o->host[colon - s] = '\0';
	o->port = (uint16_t)port;
	return true;
}

static bool
option_mode(const char *s, const char *on, bool *value)
{
	*value = strcmp(s, on) == 0;
	return *value || strcmp(s, "instant") == 0;
}

static bool
option_chip(struct options *o, const char *name)
{
	struct group	*g;

	if (o->groups == GROUPS_MAX)
		return false;
	g = &o->group[o->groups];
	*g = (struct group){ .count = 1, .flash_size = 4 << 20,
	    .traits = board_usual };
	g->chip = simchip_find(name);
	g->usb_id = (struct usb_id){ .vid = 0x10c4, .pid = 0xea60, .ports = 1 };
	o->groups += g->chip != NULL;
	return g->chip != NULL;
}

static bool
option_size(struct group *g, const char *s)
{
	return text_size(s, &g->flash_size) == 0 &&
	    g->flash_size >= 256 << 10 && g->flash_size <= 256u << 20 &&
	    (g->flash_size & (g->flash_size - 1)) == 0;
}

enum {
	OPT_CHIP = 256, OPT_COUNT, OPT_SIZE, OPT_SOCKET, OPT_PTY, OPT_LISTEN,
	OPT_FLASH, OPT_DIR, OPT_LINE, OPT_LATENCY, OPT_TIME, OPT_FAULT,
	OPT_VERBOSE, OPT_USB, OPT_USB_ID, OPT_USB_SERIAL, OPT_USB_PORTS, OPT_LOG,
	OPT_CONTROL, OPT_OTG, OPT_PROGRAM, OPT_RESET,
	OPT_HELP,
	OPT_TRAIT	/* and on: those of trait_options[] */
};

enum { LONGS_MAX = 64 };

static struct option longs[LONGS_MAX] = {
	{ "chip", required_argument, NULL, OPT_CHIP },
	{ "count", required_argument, NULL, OPT_COUNT },
	{ "flash-size", required_argument, NULL, OPT_SIZE },
	{ "socket", no_argument, NULL, OPT_SOCKET },
	{ "pty", no_argument, NULL, OPT_PTY },
	{ "listen", required_argument, NULL, OPT_LISTEN },
	{ "flash", required_argument, NULL, OPT_FLASH },
	{ "flash-dir", required_argument, NULL, OPT_DIR },
	{ "line", required_argument, NULL, OPT_LINE },
	{ "latency", required_argument, NULL, OPT_LATENCY },
	{ "flash-time", required_argument, NULL, OPT_TIME },
	{ "fault", required_argument, NULL, OPT_FAULT },
	{ "usb", required_argument, NULL, OPT_USB },
	{ "usb-id", required_argument, NULL, OPT_USB_ID },
	{ "usb-serial", required_argument, NULL, OPT_USB_SERIAL },
	{ "usb-ports", required_argument, NULL, OPT_USB_PORTS },
	{ "otg", no_argument, NULL, OPT_OTG },
	{ "program", no_argument, NULL, OPT_PROGRAM },
	{ "reset-by", required_argument, NULL, OPT_RESET },
	{ "lines-log", required_argument, NULL, OPT_LOG },
	{ "control", no_argument, NULL, OPT_CONTROL },
	{ "verbose", no_argument, NULL, OPT_VERBOSE },
	{ "help", no_argument, NULL, OPT_HELP },
};

/* Those of a board's traits follow the others; zeros end the list. */
static void
option_traits(void)
{
	size_t	n = 0;

	while (longs[n].name != NULL)
		n++;
	for (int i = 0; trait_options[i].name != NULL && n < LONGS_MAX - 1;
	    i++)
		longs[n++] = (struct option){ trait_options[i].name,
		    trait_options[i].has_value ? required_argument :
		    no_argument, NULL, OPT_TRAIT + i };
}

static bool
option_serial(struct usb_id *id, const char *s)
{
	if (strlen(s) >= sizeof(id->serial))
		return false;
	id->no_serial = strcmp(s, "none") == 0;
	(void)snprintf(id->serial, sizeof(id->serial), "%s", s);
	return true;
}

static bool
option_circuit(unsigned *circuit, const char *s)
{
	static const struct {
		const char		*name;
		enum board_circuit	 circuit;
	} table[] = {
		{ "tight", CIRCUIT_TIGHT },
		{ "classic", CIRCUIT_CLASSIC },
		{ "slow", CIRCUIT_SLOW },
		{ "usb-jtag", CIRCUIT_USB_JTAG },
		{ "never", CIRCUIT_NO_BOOT },
	};
	size_t	len, i;

	for (;; s += len + 1) {
		len = strcspn(s, ",");
		for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
			if (strlen(table[i].name) == len &&
			    memcmp(table[i].name, s, len) == 0)
				break;
		if (i == sizeof(table) / sizeof(table[0]))
			return false;
		*circuit |= table[i].circuit;
		if (s[len] == '\0')
			return true;
	}
}

/* A chip's own USB-Serial/JTAG needs no circuit. */
static bool
option_usb_id(struct group *g, const char *s)
{
	if (!usb_parse_id(&g->usb_id, s))
		return false;
	if (g->usb_id.vid == 0x303a && g->usb_id.pid == 0x1001)
		g->circuit |= CIRCUIT_USB_JTAG;
	return true;
}

/* Options that belong to the last --chip. */
static bool
option_group(struct options *o, int c)
{
	struct group	*g = &o->group[o->groups - 1];

	if (c >= OPT_TRAIT)
		return trait_options[c - OPT_TRAIT].take(&g->traits, optarg);
	switch (c) {
	case OPT_COUNT:
		return text_u32(optarg, &g->count) == 0 && g->count > 0 &&
		    g->count <= COUNT_MAX;
	case OPT_SIZE:
		return option_size(g, optarg);
	case OPT_SOCKET:
		g->kind = SEAT_SOCKET;
		return true;
	case OPT_USB_ID:
		return option_usb_id(g, optarg);
	case OPT_OTG:
		g->otg = true;
		g->circuit |= CIRCUIT_USB_OTG;
		return true;
	case OPT_PROGRAM:
		g->program = true;
		return true;
	case OPT_RESET:
		return option_circuit(&g->circuit, optarg);
	case OPT_USB_SERIAL:
		return option_serial(&g->usb_id, optarg);
	case OPT_USB_PORTS:
		return text_u32(optarg, &g->usb_id.ports) == 0 &&
		    g->usb_id.ports > 0 && g->usb_id.ports <= 4;
	default:
		g->kind = SEAT_PTY;
		return true;
	}
}

static bool
option_take(struct options *o, int c)
{
	bool	typical, ok;

	switch (c) {
	case OPT_CHIP:
		return option_chip(o, optarg);
	case OPT_LISTEN:
		return option_listen(o, optarg);
	case OPT_FLASH:
		o->flash_file = optarg;
		return true;
	case OPT_DIR:
		o->flash_dir = optarg;
		return true;
	case OPT_LINE:
		return option_mode(optarg, "paced", &o->paced);
	case OPT_LATENCY:
		return text_u32(optarg, &o->latency_ms) == 0 &&
		    o->latency_ms <= LATENCY_MAX;
	case OPT_TIME:
		ok = option_mode(optarg, "typical", &typical);
		o->times = typical ? &flash_typical : &flash_instant;
		return ok;
	case OPT_FAULT:
		return o->faults < FAULTS_MAX &&
		    fault_parse(&o->fault[o->faults++], optarg);
	case OPT_VERBOSE:
		o->verbose = true;
		return true;
	case OPT_USB:
		o->usb_dir = optarg;
		return true;
	case OPT_LOG:
		o->log_file = optarg;
		return true;
	case OPT_CONTROL:
		o->control = true;
		return true;
	default:
		return o->groups > 0 && option_group(o, c);
	}
}

/* 0, or the exit status. */
static int
options_read(struct options *o, int argc, char **argv)
{
	size_t	boards = 0;
	int	c, at;

	memset(o, 0, sizeof(*o));
	memcpy(o->host, "127.0.0.1", sizeof("127.0.0.1"));
	o->times = &flash_instant;
	option_traits();
	for (;;) {
		at = optind;
		c = getopt_long(argc, argv, "", longs, NULL);
		if (c == -1)
			break;
		if (c == '?')
			return 2;
		if (c == OPT_HELP) {
			fputs(usage, stdout);
			fputs(trait_usage, stdout);
			exit(0);
		}
		if (!option_take(o, c))
			return fail("this does not fit", argv[at]);
	}
	if (optind < argc)
		return fail("what is this", argv[optind]);
	if (o->groups == 0)
		return fail("at least one is needed", "--chip");
	for (size_t i = 0; i < o->groups; i++)
		boards += o->group[i].count;
	if (o->flash_file != NULL && boards != 1)
		return fail("only with one board", "--flash");
	return 0;
}

static struct seat *
start_board(struct event_base *base, struct options *o,
    const struct group *g, unsigned number, unsigned k)
{
	char			path[PATH_LEN];
	struct seat_setup	u = {
		.chip = g->chip, .number = number, .kind = g->kind,
		.host = o->host, .flash_size = g->flash_size,
		.flash_path = o->flash_file, .times = o->times,
		.paced = o->paced, .latency_ms = o->latency_ms, .verbose = o->verbose,
		.faults = o->fault, .fault_count = o->faults,
		.bus = o->usb_dir != NULL ? &o->bus : NULL,
		.usb_id = g->usb_id, .log = o->log, .otg = g->otg,
		.circuit = g->circuit, .program = g->program,
		.traits = g->traits,
	};

	u.usb_id.place = k % g->usb_id.ports;
	if (o->port != 0)
		u.port = (uint16_t)(o->port + number);
	if (o->flash_dir != NULL) {
		(void)mkdir(o->flash_dir, 0777);	/* may exist */
		(void)snprintf(path, sizeof(path), "%s/board-%u.bin",
		    o->flash_dir, number);
		u.flash_path = path;
	}
	return seat_new(base, &u);
}

static void
on_signal(evutil_socket_t sig, short what, void *base)
{
	(void)sig;
	(void)what;
	(void)event_base_loopbreak(base);
}

static int
run(struct event_base *base, struct options *o, struct seat **seat)
{
	struct control	*control;
	unsigned	 n = 0;
	int		 r;

	for (size_t i = 0; i < o->groups; i++) {
		for (uint32_t k = 0; k < o->group[i].count; k++) {
			seat[n] = start_board(base, o, &o->group[i], n, k);
			if (seat[n] == NULL)
				return 1;
			puts(seat_title(seat[n++]));
			fflush(stdout);
		}
	}
	control = o->control ? control_new(base, seat, n) : NULL;
	r = event_base_dispatch(base) < 0;
	control_free(control);
	return r;
}

/* 0, or the exit status. */
static int
prepare(struct options *o)
{
	int	r;

	if (o->usb_dir != NULL && (r = usb_bus_open(&o->bus, o->usb_dir)) != 0)
		return fail(o->usb_dir, strerror(-r));
	if (o->log_file != NULL &&
	    (o->log = fopen(o->log_file, "we")) == NULL)
		return fail(o->log_file, strerror(errno));
	return 0;
}

int
main(int argc, char **argv)
{
	static struct options	 o;
	static struct seat	*seat[GROUPS_MAX * COUNT_MAX];
	struct event_config	*config = event_config_new();
	struct event_base	*base = NULL;
	struct event		*term, *intr;
	struct sigaction	 ignore = { .sa_handler = SIG_IGN };
	int			 r = options_read(&o, argc, argv);

	if (r != 0 || (r = prepare(&o)) != 0)
		return r;
	(void)sigaction(SIGPIPE, &ignore, NULL);
	/* Waits are microseconds; else each takes a tick of 4 ms. */
	if (config != NULL) {
		(void)event_config_set_flag(config,
		    EVENT_BASE_FLAG_PRECISE_TIMER);
		base = event_base_new_with_config(config);
		event_config_free(config);
	}
	if (base == NULL)
		return fail("cannot start", "event loop");
	term = evsignal_new(base, SIGTERM, on_signal, base);
	intr = evsignal_new(base, SIGINT, on_signal, base);
	(void)event_add(term, NULL);
	(void)event_add(intr, NULL);
	r = run(base, &o, seat);
	for (size_t i = 0; seat[i] != NULL; i++)
		seat_free(seat[i]);
	event_free(term);
	event_free(intr);
	event_base_free(base);
	if (o.log != NULL)
		(void)fclose(o.log);
	return r;
}
