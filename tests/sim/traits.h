#ifndef TESTS_SIM_TRAITS_H
#define TESTS_SIM_TRAITS_H
/*
 * traits - the options of espsim's command line that make a board differ from
 * the usual one with its chip.
 */
#include <stdbool.h>
#include <stddef.h>

#include "tests/sim/board.h"

struct trait_option {
	const char	*name;		/* without the dashes */
	bool		 has_value;
	/* False when the value is none. */
	bool		(*take)(struct board_traits *, const char *value);
};

extern const struct trait_option trait_options[];	/* name NULL ends */
extern const char trait_usage[];
#endif
