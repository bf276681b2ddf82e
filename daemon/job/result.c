#include "daemon/job/result.h"

#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "daemon/base/loop.h"
#include "daemon/job/job.h"
#include "daemon/link/ext.h"
#include "daemon/port/port.h"
#include "proto/base/text.h"
#include "proto/rpc/rpc.h"

/* Some chips have eight bytes: two more stand in the middle. */
static void
add_mac(const struct link *l, struct json_object *o)
{
	const struct chip_facts	*f = &l->found.facts;
	char			 mac[TEXT_MAC_MAX], ext[8];
	char			 eui64[TEXT_MAC_MAX + sizeof ext];

	text_mac(mac, f->mac);
	rpc_add_text(o, "mac", mac);
	if ((l->chip->caps & CHIP_EUI64) == 0)
		return;
	(void)snprintf(ext, sizeof ext, "%02x:%02x", f->mac_ext[0],
	    f->mac_ext[1]);
	(void)snprintf(eui64, sizeof eui64, "%.8s:%s:%s", mac, ext, mac + 9);
	rpc_add_text(o, "mac_ext", ext);
	rpc_add_text(o, "eui64", eui64);
}

/* What can be read of a chip only while it lets us. */
static void
add_facts(const struct link *l, struct json_object *o)
{
	const struct chip_facts	*f = &l->found.facts;
	char			 text[32];

	if (f->features[0] != '\0')
		rpc_add_text(o, "features", f->features);
	if (f->has_revision) {
		(void)snprintf(text, sizeof text, "v%u.%u", f->revision / 100,
		    f->revision % 100);
		rpc_add_text(o, "revision", text);
	}
	if (f->xtal_mhz != 0)
		rpc_add_number(o, "crystal_mhz", f->xtal_mhz);
	add_mac(l, o);
}

static void
add_chip(const struct link *l, struct json_object *o)
{
	rpc_add_text(o, "chip", l->chip->name);
	rpc_add_text(o, "description", l->found.facts.description);
	if (link_is_secure(l))
		json_object_object_add(o, "secure_download",
		    json_object_new_boolean(true));
	else
		add_facts(l, o);
	if (link_is_usb_jtag(l) && (l->chip->caps & CHIP_USB_JTAG) != 0)
		rpc_add_text(o, "usb_mode", "USB-Serial/JTAG");
	else if (link_is_usb_otg(l))
		rpc_add_text(o, "usb_mode", "USB-OTG");
}

/* The rate of the work; one that the adapter had to round is told as well,
 * unless leaving the chip has changed it. */
static void
add_line(const struct job *j, const struct link *l, struct json_object *o)
{
	uint32_t	real = port_baud(j->port);
	char		build[12];

	json_object_object_add(o, "stub", json_object_new_boolean(l->rom.stub));
	if (l->rom.stub && ext_there(&l->rom)) {
		(void)snprintf(build, sizeof build, "%08x", l->rom.ext.build);
		rpc_add_text(o, "own_stub", build);
	}
	rpc_add_number(o, "baud", l->found.baud);
	if (real != l->baud && l->baud == l->found.baud)
		rpc_add_number(o, "real_baud", real);
}

struct json_object *
result_found(const struct job *j, const struct link *l)
{
	struct json_object	*o = json_object_new_object();

	add_chip(l, o);
	add_line(j, l, o);
	return o;
}

struct json_object *
result_json(struct job *j, const struct link *l, struct why *why)
{
	struct json_object	*o = result_found(j, l);

	if (j->op->result != NULL)
		j->op->result(l, o);
	if (j->op->finish != NULL && j->op->finish(j, l, o, why) < 0) {
		json_object_put(o);
		return NULL;
	}
	json_object_object_add(o, "seconds", rpc_seconds(
	    (double)(loop_now() - j->started_ms) / 1000));
	return o;
}
