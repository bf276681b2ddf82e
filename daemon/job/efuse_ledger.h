#ifndef DAEMON_JOB_EFUSE_LEDGER_H
#define DAEMON_JOB_EFUSE_LEDGER_H
/*
 * efuse_ledger - who burned what into which chip: the file efuse.log in the
 * setting state-dir, one line of JSON for each plan before its first step, for
 * each step, and for a failure.  It never has key bytes.
 *
 *	{"time", "job", "user", "uid", "pid", "port", "chip", "mac",
 *	 "event": "begin", "steps": [{"block", "late", "bits"}],
 *	 "fields": ["..."]}
 *	{..., "event": "step", "block", "tries", "outcome"}
 *	{..., "event": "failed", "error"}
 *
 * What is said there is also logged, at notice level.
 */
#include "daemon/link/link.h"

struct conf;
struct job;

/* Use these settings from now on; they stay the caller's. */
void efuse_ledger_init(const struct conf *);

/* As the hook `burn` of link.h.  ERR_IO or another with a sentence when it could
 * not be written for good. */
int efuse_ledger_write(const struct job *, const struct link *, size_t done,
    const struct why *failed, struct why *);
#endif
