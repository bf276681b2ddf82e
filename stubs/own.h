#ifndef STUBS_OWN_H
#define STUBS_OWN_H
/*
 * own - the images of our own flasher stub that are part of this program: the
 * files stubs/own/NAME.json as they are (made from stubs/ by "make stubs-own").
 */

struct own_stub {
	const char	*name;		/* "esp32c3"; NULL ends the list */
	const char	*json;
};

extern const struct own_stub own_stubs[];
#endif
