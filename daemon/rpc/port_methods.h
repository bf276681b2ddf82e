#ifndef DAEMON_RPC_PORT_METHODS_H
#define DAEMON_RPC_PORT_METHODS_H
/*
 * port_methods - the methods port.*, and the events about ports.
 */
#include "daemon/port/port.h"
#include "daemon/rpc/methods.h"

method_fn port_method_list, port_method_find, port_method_label,
    port_method_export, port_method_unexport;

/* The watcher of all ports (port_set_watcher): tells queues and clients. */
void port_methods_event(struct port *, enum port_event);
#endif
