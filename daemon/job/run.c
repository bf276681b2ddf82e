#include "daemon/job/run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "daemon/base/conf.h"
#include "daemon/base/loop.h"
#include "daemon/job/efuse_ledger.h"
#include "daemon/job/efuse_order.h"
#include "daemon/job/result.h"
#include "daemon/port/bridge.h"
#include "daemon/port/known.h"
#include "daemon/port/port.h"
#include "daemon/wire/wire_port.h"
#include "daemon/wire/wire_trace.h"
#include "proto/base/err.h"
#include "proto/base/text.h"
#include "proto/rpc/method.h"

enum {
	HALT_MS		= 8000,	/* a 16 KB block at 57600 baud, and some */
	SPI_PIN_MAX	= 63,	/* six bits each in SPI_ATTACH */
};

struct run {
	struct job		*job;
	struct wire_port	*wire;
	struct wire_trace	 trace;
	struct link		 link;
	off_t			 written;	/* bytes of a read so far */
	const struct phase	*phase;		/* the last before leave */
	struct loop_timer	 halt;		/* a write had its last block */
	void			(*done)(void *arg);
	void			*arg;
};

static void
on_phase(void *arg, const struct phase *phase)
{
	struct run	*run = arg;
	const struct op	*op = run->job->op;
	bool		 known;

	for (const struct phase *p = op->phases; p->name != NULL; p++)
		if (p == phase)
			run->phase = phase;
	/* The chip is known as soon as identify is over. */
	known = run->link.chip != NULL && strcmp(phase->name, "identify") != 0;
	job_set_phase(run->job, phase,
	    known ? result_found(run->job, &run->link) : NULL);
}

static void
on_progress(void *arg, uint64_t done, uint64_t total)
{
	job_set_progress(((struct run *)arg)->job, done, total);
}

static void
on_note(void *arg, const char *text)
{
	job_add_note(((struct run *)arg)->job, text);
}

/* With or without a trace. */
static void
on_secret(void *arg, bool on)
{
	((struct run *)arg)->trace.hidden = on;
}

static int
on_burn(void *arg, size_t done, const struct why *failed, struct why *why)
{
	struct run	*run = arg;

	return efuse_ledger_write(run->job, &run->link, done, failed, why);
}

static const struct link_hooks hooks = {
	.phase = on_phase, .progress = on_progress, .note = on_note,
	.secret = on_secret, .burn = on_burn,
};

static void
on_trace(void *arg, const char *what, const char *text)
{
	job_trace(((struct run *)arg)->job, what, text);
}

static void
rearm(void *arg, unsigned ms)
{
	wire_port_rearm(((struct run *)arg)->wire, ms);
}

/* Put the bytes of a read into the client's file. */
static int
sink(void *arg, const void *data, size_t len)
{
	struct run	*run = arg;
	const char	*p = data;
	ssize_t		 n;

	while (len > 0) {
		n = pwrite(run->job->output, p, len, run->written);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return link_fail(&run->link, ERR_IO, "the output file "
			    "could not be written after %lld bytes: %s",
			    (long long)run->written,
			    n < 0 ? strerror(errno) : "no room");
		p += n;
		len -= (size_t)n;
		run->written += n;
	}
	return 0;
}

/* What comes next is the start of the file again. */
static void
sink_again(void *arg)
{
	((struct run *)arg)->written = 0;
}

static enum link_before
before_of(const char *word)
{
	return strcmp(word, "usb-reset") == 0 ? LINK_USB_RESET :
	    strcmp(word, "no-reset") == 0 ? LINK_NO_RESET :
	    strcmp(word, "no-reset-no-sync") == 0 ? LINK_NO_RESET_NO_SYNC :
	    LINK_DEFAULT_RESET;
}

static enum link_after
after_of(const char *word)
{
	return strcmp(word, "soft-reset") == 0 ? LINK_SOFT_RESET :
	    strcmp(word, "no-reset") == 0 ? LINK_STAY :
	    strcmp(word, "no-reset-stub") == 0 ? LINK_STAY_STUB :
	    strcmp(word, "watchdog-reset") == 0 ? LINK_WATCHDOG_RESET :
	    LINK_HARD_RESET;
}

/* A sequence of the user's; it was checked when the job was submitted. */
static void
custom_of(const struct job *j, const char *name, struct reset_custom *out)
{
	const char	*text = method_string(j->params, name, NULL);

	out->count = 0;
	if (text != NULL && reset_parse(text, out, NULL) < 0)
		out->count = 0;
}

static enum link_vddsdio
vddsdio_of(const char *word)
{
	return strcmp(word, "1.8V") == 0 ? LINK_VDD_1V8 :
	    strcmp(word, "1.9V") == 0 ? LINK_VDD_1V9 :
	    strcmp(word, "OFF") == 0 ? LINK_VDD_OFF : LINK_VDD_KEEP;
}

/* "6,17,8,11,16": five pins, each once. */
static int
parse_pins(const char *text, uint8_t pins[CHIP_PADS])
{
	for (size_t i = 0; i < CHIP_PADS; i++) {
		size_t		len = strcspn(text, ",");
		char		word[8];
		uint32_t	pin;

		if (len >= sizeof word ||
		    (text[len] == ',') != (i + 1 < CHIP_PADS))
			return ERR_PARAMS;
		memcpy(word, text, len);
		word[len] = '\0';
		if (text_u32(word, &pin) < 0 || pin > SPI_PIN_MAX)
			return ERR_PARAMS;
		pins[i] = (uint8_t)pin;
		for (size_t k = 0; k < i; k++)
			if (pins[k] == pins[i])
				return ERR_PARAMS;
		text += len + 1;
	}
	return 0;
}

static int
spi_of(const char *text, struct link_options *o)
{
	o->spi = LINK_SPI_DEFAULT;
	if (text == NULL || strcasecmp(text, "SPI") == 0)
		return 0;
	o->spi = LINK_SPI_HSPI;
	if (strcasecmp(text, "HSPI") == 0)
		return 0;
	o->spi = LINK_SPI_PINS;
	return parse_pins(text, o->spi_pins);
}

int
run_check_params(struct json_object *params, struct why *why)
{
	const char		*text;
	struct link_options	 scratch;

	text = method_string(params, "spi_connection", NULL);
	if (spi_of(text, &scratch) == 0)
		return 0;
	return why_set(why, ERR_PARAMS, "spi_connection: \"%s\" is none; SPI, "
	    "HSPI or five different pins CLK,Q,D,HD,CS are possible, such as "
	    "6,17,8,11,16", text);
}

/* A word that changes something, or NULL. */
static const char *
word_of(struct json_object *params, const char *name)
{
	const char	*word = method_string(params, name, "keep");

	return strcmp(word, "keep") == 0 ? NULL : word;
}

/* What is to stand in the header of a bootloader; of any job that attaches the
 * flash the size counts. */
static void
take_header(struct link_header *h, const struct job *j)
{
	h->mode = word_of(j->params, "flash_mode");
	h->freq = word_of(j->params, "flash_freq");
	h->size = word_of(j->params, "flash_size");
}

/* Whose code runs on the chip: as the job says, else the settings. */
static enum stub_choice
stub_of(struct json_object *params, const struct conf *conf)
{
	if (method_bool(params, "no_stub"))
		return STUB_NONE;
	return (enum stub_choice)stubs_choice(method_string(params, "stub",
	    conf->stub));
}

/* What the user asked for. */
static void
take_params(struct link_options *o, const struct job *j,
    const struct conf *conf)
{
	struct json_object	*p = j->params;

	o->chip = chip_by_name(method_string(p, "chip", "auto"));
	o->baud = method_number(p, "baud", LINK_BAUD);
	o->before = before_of(method_string(p, "before", ""));
	o->after = after_of(method_string(p, "after", ""));
	o->stub = stub_of(p, conf);
	o->attempts = method_number(p, "connect_attempts", LINK_ATTEMPTS);
	o->force = method_bool(p, "force");
	o->secure_ok = (j->op->flags & OP_SECURE) != 0;
	o->vddsdio = vddsdio_of(method_string(p, "override_vddsdio", ""));
	/* Cannot fail: run_check_params() was asked at submission. */
	(void)spi_of(method_string(p, "spi_connection", NULL), o);
	custom_of(j, "reset_sequence", &o->reset_custom);
	custom_of(j, "hard_reset_sequence", &o->hard_custom);
}

/* What is known of the port and of the board at it. */
static void
take_port(struct link_options *o, const struct port *port)
{
	const struct port_info	*info = port_info(port);
	const struct known	*known;
	char			 identity[PORT_IDENTITY_MAX];

	o->usb_vid = info->vid;
	o->usb_pid = info->pid;
	o->has_lines = port_has_lines(port);
	o->remote = info->kind == PORT_RFC2217;
	o->flow_lines = (bridge_flags(info) & BRIDGE_FLOW_LINES) != 0;
	port_identity(port, identity);
	if ((known = known_find(identity)) != NULL)
		o->first_recipe = reset_by_name(known->recipe);
}

static void
take_past(struct link_options *o, const struct run_past *past,
    const struct phase *connect)
{
	o->came_back = past->lost_in == connect;
	o->has_expected = past->has_mac;
	memcpy(o->expected_mac, past->mac, sizeof o->expected_mac);
}

uint32_t
run_first_baud(const struct job *j)
{
	uint32_t	baud = method_number(j->params, "baud", LINK_BAUD);
	const char	*before = method_string(j->params, "before", "");

	/* What the ROM speaks, or what a chip that must not be touched was
	 * left at. */
	if (before_of(before) == LINK_NO_RESET_NO_SYNC || baud < LINK_BAUD)
		return baud;
	return LINK_BAUD;
}

/* The conversation; runs in its fiber. */
static void
run_main(void *arg)
{
	link_main(&((struct run *)arg)->link);
}

static void
run_over(void *arg)
{
	struct run	*run = arg;

	loop_timer_clear(&run->halt);
	run->done(run->arg);
}

/* The link, as the job wants it. */
static void
run_link(struct run *run, const struct conf *conf, const struct run_past *past)
{
	struct link	*l = &run->link;
	struct job	*j = run->job;
	struct wire	*wire = wire_port_wire(run->wire);
	struct why	 why = { 0 };

	if (method_bool(j->params, "trace"))
		wire = wire_trace_init(&run->trace, wire, on_trace, run);
	link_init(l, wire);
	take_params(&l->opt, j, conf);
	take_port(&l->opt, j->port);
	take_past(&l->opt, past, j->op->phases);
	take_header(&l->flash.header, j);
	/* A board that does not tell who it is begins anew. */
	if (past->has_mac)
		l->resume = past->resume;
	run->written = (off_t)l->resume.read_bytes;
	l->opt.stub_path = conf->stub_path;
	l->baud = port_baud(j->port);
	l->phases = j->op->phases;
	l->leave = phase_leave;
	l->hooks = &hooks;
	l->hook_arg = run;
	l->rearm = rearm;
	l->flash.sink = sink;
	l->flash.sink_again = sink_again;
	l->flash.sink_arg = run;
	if (j->order != NULL)
		l->fuses.order = efuse_order_get(j->order);
	if (j->input != NULL)
		l->flash.writes = input_writes(j->input,
		    &l->flash.write_count);
	/* Cannot fail: the same parameters were accepted at submission. */
	if (j->op->setup != NULL)
		(void)j->op->setup(&l->flash, j->params, &why);
}

struct run *
run_start(struct job *j, const struct conf *conf, const struct run_past *past,
    void (*done)(void *), void *arg)
{
	struct run	*run = calloc(1, sizeof *run);

	if (run == NULL)
		return NULL;
	run->job = j;
	run->done = done;
	run->arg = arg;
	if ((run->wire = wire_port_new(j->port)) == NULL) {
		free(run);
		return NULL;
	}
	run_link(run, conf, past);
	if (wire_port_run(run->wire, run_main, run_over, run) == 0)
		return run;
	run_free(run);
	return NULL;
}

static void
halt_late(void *arg)
{
	struct run	*run = arg;

	wire_port_stop(run->wire, run->link.halt);
}

/* A write gets the time to end its block, so that the flash holds whole
 * blocks and the chip no half packet. */
void
run_stop(struct run *run, int err)
{
	bool	writing = run->job->phase != NULL &&
		    strcmp(run->job->phase->name, "write") == 0;

	if (run_burns(run)) {
		job_add_note(run->job, err == ERR_CANCELED ? "eFuses are being "
		    "burned: that cannot be cancelled, half of it would be "
		    "worse" : "eFuses are being burned: the daemon stops when "
		    "that is done");
		return;
	}
	run->link.halt = err;
	if (writing)
		(void)loop_timer_set(&run->halt, HALT_MS, halt_late, run);
	else
		wire_port_stop(run->wire, err);
}

bool
run_burns(const struct run *run)
{
	return run->link.fuses.burning;
}

/* So that the next job knows the board, and finds it by its MAC. */
static void
remember(const struct run *run, struct run_past *past)
{
	static const uint8_t	none[6];
	const struct link	*l = &run->link;
	char			 identity[PORT_IDENTITY_MAX], mac[TEXT_MAC_MAX];

	if (l->chip == NULL ||
	    memcmp(l->found.facts.mac, none, sizeof none) == 0)
		return;
	port_identity(run->job->port, identity);
	text_mac(mac, l->found.facts.mac);
	known_set(identity, l->chip->cli, mac,
	    l->found.recipe == RESET_NONE ? NULL : reset_name(l->found.recipe));
	/* Another board in its place changes nothing about the job's. */
	if (past->has_mac)
		return;
	past->has_mac = true;
	memcpy(past->mac, l->found.facts.mac, sizeof past->mac);
}

int
run_end(struct run *run, struct run_past *past, struct why *why)
{
	int	err = run->link.result;

	remember(run, past);
	*why = run->link.why;
	if (err == 0) {
		run->job->result = result_json(run->job, &run->link, why);
		return run->job->result != NULL ? 0 : why->err;
	}
	(void)why_set(why, err, "%s", err_sentence(err));
	past->final = run->link.fuses.burned;
	if (err == ERR_UNPLUGGED) {
		past->resume = run->link.resume;
		past->losses++;
		past->lost_in = run->phase;
	}
	return err;
}

void
run_free(struct run *run)
{
	if (run == NULL)
		return;
	loop_timer_clear(&run->halt);
	link_done(&run->link);
	wire_port_free(run->wire);
	free(run);
}
