#ifndef CLIENT_PIN_H
#define CLIENT_PIN_H
/*
 * pin - ask for a secret word on the terminal, which does not show it.
 */
#include "proto/base/why.h"

enum { PIN_MAX = 256 };		/* bytes of it */

/*
 * Show `prompt` and read a line: on the process's terminal, else from stdin (a
 * pipe, where nothing is shown).  *pin is the caller's, to be wiped and freed.
 * ERR_HSM: the line is empty or too long, or there is none.  A signal that ends
 * the process finds the terminal as it was.
 */
int pin_ask(char **pin, const char *prompt, struct why *);
#endif
