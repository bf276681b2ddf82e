#ifndef TESTS_SHIM_SHIM_H
#define TESTS_SHIM_SHIM_H
/*
 * shim - what the parts of espshim.so share.
 */

/* The simulator's folder; NULL: this process is not concerned. */
const char *shim_dir(void);

/* The function that would be called without us. */
void *shim_next(const char *name);
#endif
