/*
 * port_scan - which device is which port, when they come and go.
 *
 * A rescan lists the devices once and then goes through the ports: the same
 * identity under the same name is the same port; what is left over on both
 * sides is matched by identity alone, and then by USB location for
 * Espressif's own devices, which change their product id and serial number
 * when they reset.  The rest is gone, or new.
 */
#include "daemon/port/port_impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libserialport.h>

#include "daemon/base/log.h"
#include "daemon/port/watch.h"
#include "proto/base/err.h"

enum {
	SCAN_MAX	= 4096,		/* devices */
	VID_ESPRESSIF	= 0x303a,
};

/* A device of the list. */
struct device {
	struct port_info	info;
	char			identity[PORT_IDENTITY_MAX];
	bool			claimed;	/* by one of our ports */
};

struct scan {
	struct device	*dev;
	size_t		 count, cap;
	int		 err;
};

static bool	scanning;
static bool	natives_listed;

void
port_scan_reset(void)
{
	natives_listed = false;
}

/* ---- nodes ---- */

void
port_node_get(const char *path, struct port_node *node)
{
	struct stat	st;

	*node = (struct port_node){ 0 };
	if (stat(path, &st) < 0 || !S_ISCHR(st.st_mode))
		return;
	node->dev = st.st_dev;
	node->rdev = st.st_rdev;
	node->ino = st.st_ino;
	node->changed = st.st_ctim;
}

static bool
node_same(const struct port_node *a, const struct port_node *b)
{
	return a->ino != 0 && a->ino == b->ino && a->dev == b->dev &&
	    a->rdev == b->rdev;
}

bool
port_node_same(const struct port *p)
{
	struct port_node	now;

	port_node_get(p->info.path, &now);
	return node_same(&p->node, &now);
}

bool
port_node_untouched(const struct port *p)
{
	struct port_node	now;

	port_node_get(p->info.path, &now);
	return node_same(&p->node, &now) &&
	    p->node.changed.tv_sec == now.changed.tv_sec &&
	    p->node.changed.tv_nsec == now.changed.tv_nsec;
}

static bool
node_exists(const char *path)
{
	struct port_node	now;

	port_node_get(path, &now);
	return now.ino != 0;
}

/* ---- identity ---- */

/*
 * Is that serial number the adapter's own?  Makers who do not number theirs
 * leave what the chip came with: "0001" (CP2102), "0" (ROM of
 * the ESP32-S2), "123456" (TinyUSB's examples).
 */
static bool
serial_is_own(const char *s)
{
	static const char	row[] = "01234567890123456789";
	size_t			n = strlen(s);
	bool			seen[256] = { false };
	unsigned		kinds = 0;

	for (const char *c = s; *c != '\0'; c++) {
		kinds += !seen[(unsigned char)*c];
		seen[(unsigned char)*c] = true;
	}
	return kinds > 2 && strchr(s, '"') == NULL &&
	    !(n < sizeof row && strstr(row, s) != NULL) &&
	    strcmp(s, "0123456789ABCDEF") != 0;
}

/* A value as select.h reads it: in quotes where it holds a separator. */
static const char *
quote(const char *value)
{
	return strpbrk(value, " \t,") != NULL ? "\"" : "";
}

void
port_info_identity(const struct port_info *info, char out[PORT_IDENTITY_MAX])
{
	const char	*q = quote(info->serial);

	if (info->vid != 0 && serial_is_own(info->serial))
		(void)snprintf(out, PORT_IDENTITY_MAX,
		    "serial=%s%s%s vid=%04x%s%s", q, info->serial, q, info->vid,
		    *info->interface ? " interface=" : "", info->interface);
	else if (*info->location != '\0')
		(void)snprintf(out, PORT_IDENTITY_MAX, "location=%s%s%s",
		    info->location, *info->interface ? ":" : "",
		    info->interface);
	else
		(void)snprintf(out, PORT_IDENTITY_MAX, "%s", info->path);
}

/* A port that only has a name: whatever is there is that port. */
static bool
is_plain(const struct port *p)
{
	return p->info.vid == 0 && *p->info.location == '\0';
}

static bool
info_same(const struct port_info *a, const struct port_info *b)
{
	return strcmp(a->path, b->path) == 0 &&
	    strcmp(a->by_id, b->by_id) == 0 &&
	    strcmp(a->driver, b->driver) == 0 &&
	    strcmp(a->description, b->description) == 0 &&
	    strcmp(a->serial, b->serial) == 0 &&
	    strcmp(a->location, b->location) == 0 &&
	    strcmp(a->interface, b->interface) == 0 &&
	    a->vid == b->vid && a->pid == b->pid;
}

/* ---- the list ---- */

static struct device *
scan_find(const struct scan *s, const char *path)
{
	for (size_t i = 0; i < s->count; i++)
		if (strcmp(s->dev[i].info.path, path) == 0)
			return &s->dev[i];
	return NULL;
}

static void
scan_add(void *arg, const struct port_info *info)
{
	struct scan	*s = arg;
	struct device	*more;
	size_t		 cap = s->cap > 0 ? s->cap * 2 : 16;

	if (scan_find(s, info->path) != NULL)
		return;
	if (s->count == s->cap) {
		more = s->cap < SCAN_MAX ?
		    realloc(s->dev, cap * sizeof *more) : NULL;
		if (more == NULL) {
			s->err = s->cap < SCAN_MAX ? ERR_NOMEM : ERR_LIMIT;
			return;
		}
		s->dev = more;
		s->cap = cap;
	}
	s->dev[s->count] = (struct device){ .info = *info };
	port_info_identity(info, s->dev[s->count].identity);
	s->count++;
}

/* Ports that are not on USB.  To find out which of the 8250's are real the
 * library opens them, so this is not done at every plug. */
static void
scan_natives(struct scan *s)
{
	struct port_info  info = { .kind = PORT_TTY };
	struct sp_port	**list;
	char		 *real;

	if (natives_listed)
		return;
	natives_listed = true;
	if (sp_list_ports(&list) != SP_OK) {
		log_warn("the serial ports cannot be listed, ignoring");
		return;
	}
	for (size_t i = 0; list[i] != NULL; i++) {
		if (sp_get_port_transport(list[i]) == SP_TRANSPORT_USB)
			continue;	/* watch.h knows those better */
		if ((real = realpath(sp_get_port_name(list[i]), NULL)) == NULL)
			continue;
		(void)snprintf(info.path, sizeof info.path, "%s", real);
		free(real);
		port_describe(&info);
		scan_add(s, &info);
	}
	sp_free_port_list(list);
}

/* ---- matching ---- */

/* May its name and state change now?  While it is open its conversation must
 * first end. */
static bool
is_free(const struct port *p)
{
	return p->checking || p->state == PORT_CLOSED || p->state == PORT_GONE;
}

/* The device of that port is there. */
static void
found(struct port *p, struct device *d)
{
	bool	changed;

	p->seen = true;
	if (d != NULL)
		d->claimed = true;
	if (!is_free(p)) {
		/* Its descriptor leads to what was there before. */
		if ((d != NULL && strcmp(p->info.path, d->info.path) != 0) ||
		    !port_node_same(p))
			p->lost = true;
		return;
	}
	changed = d != NULL && !info_same(&p->info, &d->info);
	if (d != NULL)
		p->info = d->info;
	port_node_get(p->info.path, &p->node);
	p->lost = false;
	if (p->state == PORT_GONE)
		port_set_state(p, PORT_CLOSED);
	else if (changed)
		port_tell(p, PORT_CHANGED);
}

/* The device of that port is not there any more. */
static void
vanished(struct port *p)
{
	if (p->state == PORT_CLOSED) {
		port_set_state(p, PORT_GONE);
	} else if (p->state != PORT_GONE) {
		p->lost = true;
		/* A wire that uses it will notice by itself. */
		if (p->idle != NULL)
			port_close(p);
	}
}

/* Same name, same identity, same socket? */
static void
match_name(struct scan *s, struct port *p)
{
	struct device	*d = scan_find(s, p->info.path);
	char		 identity[PORT_IDENTITY_MAX];

	port_info_identity(&p->info, identity);
	if (d != NULL && d->claimed)
		d = NULL;
	else if (d != NULL && (is_plain(p) ||
	    (strcmp(identity, d->identity) == 0 &&
	    strcmp(p->info.location, d->info.location) == 0)))
		found(p, d);
	else if (d == NULL && is_plain(p) && node_exists(p->info.path))
		found(p, NULL);
}

/*
 * The port with the identity of that device.  Clones have their serial number
 * in common; then the socket decides, and if that is another one too, nobody
 * can say which one it is.
 */
static struct port *
match_identity(const struct device *d)
{
	struct port	*p, *best = NULL;
	char		 identity[PORT_IDENTITY_MAX];
	size_t		 fit = 0;

	for (p = port_next(NULL); p != NULL; p = port_next(p)) {
		if (p->seen || p->info.kind != PORT_TTY || is_plain(p))
			continue;
		port_info_identity(&p->info, identity);
		if (strcmp(identity, d->identity) != 0)
			continue;
		if (strcmp(p->info.location, d->info.location) == 0)
			return p;
		best = p;
		fit++;
	}
	return fit == 1 ? best : NULL;
}

/* Two boards with the same product id and each a number of its own are not one
 * board that has reset. */
static bool
is_other_board(const struct port_info *a, const struct port_info *b)
{
	return a->pid == b->pid && serial_is_own(a->serial) &&
	    serial_is_own(b->serial) && strcmp(a->serial, b->serial) != 0;
}

/* The port that is known to come back in that socket as something else. */
static struct port *
match_socket(const struct device *d)
{
	const struct port_info	*was;
	struct port		*p;

	if (d->info.vid != VID_ESPRESSIF || *d->info.location == '\0')
		return NULL;
	for (p = port_next(NULL); p != NULL; p = port_next(p)) {
		was = &p->info;
		if (!p->seen && was->vid == VID_ESPRESSIF &&
		    (p->holds > 0 || !is_free(p)) &&
		    strcmp(was->location, d->info.location) == 0 &&
		    (*was->interface == '\0' || *d->info.interface == '\0' ||
		    strcmp(was->interface, d->info.interface) == 0) &&
		    !is_other_board(was, &d->info))
			return p;
	}
	return NULL;
}

static void
match_rest(struct scan *s, struct port *(*match)(const struct device *))
{
	struct port	*p;

	for (size_t i = 0; i < s->count; i++)
		if (!s->dev[i].claimed && (p = match(&s->dev[i])) != NULL)
			found(p, &s->dev[i]);
}

static void
add_new(const struct device *d)
{
	struct port	*p;

	if (port_add(d->info.path, PORT_TTY, &p, NULL) < 0)
		return;		/* full, or no memory: it is not listed */
	p->info = d->info;
	p->has_lines = p->has_lines || d->info.vid != 0;
	p->seen = true;
	port_node_get(p->info.path, &p->node);
	port_tell(p, PORT_ADDED);
}

static void
compare(struct scan *s)
{
	struct port	*p;

	for (p = port_next(NULL); p != NULL; p = port_next(p)) {
		p->seen = p->info.kind != PORT_TTY;
		if (!p->seen && p->state != PORT_GONE)
			match_name(s, p);
	}
	/* After those that are here: a name may have been taken over. */
	for (p = port_next(NULL); p != NULL; p = port_next(p))
		if (!p->seen && p->state == PORT_GONE)
			match_name(s, p);
	for (p = port_next(NULL); p != NULL; p = port_next(p))
		if (!p->seen)
			vanished(p);
	match_rest(s, match_identity);
	match_rest(s, match_socket);
	for (size_t i = 0; i < s->count; i++)
		if (!s->dev[i].claimed)
			add_new(&s->dev[i]);
}

void
port_rescan(void)
{
	struct scan	s = { 0 };
	int		r;

	if (scanning) {		/* the watcher wants one: after this one */
		port_rescan_soon();
		return;
	}
	scanning = true;
	if ((r = watch_list(scan_add, &s)) == 0)
		r = s.err;
	if (r < 0) {
		log_warn("the USB serial devices cannot be listed: %s,"
		    " ignoring", err_sentence(r));
	} else {
		scan_natives(&s);
		compare(&s);
		port_sweep_soon();
	}
	free(s.dev);
	scanning = false;
}
