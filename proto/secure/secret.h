#ifndef PROTO_SECURE_SECRET_H
#define PROTO_SECURE_SECRET_H
/*
 * secret - key bytes leave nothing behind: what libcrypto frees is wiped, and
 * so is what is read of keys here.
 *
 * libcrypto wipes its numbers, but not every buffer that a key in PEM passes
 * through on its way to them.
 */
#include <stddef.h>
#include <stdint.h>

#include "proto/base/why.h"

/* From now on all memory that libcrypto gives back is wiped, and the process
 * leaves no core dump (its limit is 1 byte: at 0 one is still made where cores
 * are piped to a program).  To be called before libcrypto is used at all; false:
 * it was used before. */
_Bool secret_begin(void);

/* Overwrite; the compiler may not leave it out. */
void secret_wipe(void *, size_t len);

/* Overwrite the stack below the caller, where functions that have returned left
 * their variables, and the vector registers. */
void secret_wipe_stack(void);
#endif
