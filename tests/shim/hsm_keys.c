/*
 * hsm_keys DIR TOKEN PIN [KIND:LABEL:PUBLIC-LABEL]...: a SoftHSM token in DIR
 * with those key pairs (token.h).  Prints SoftHSM's library and the slot.  Exit
 * status 77: SoftHSM is not installed.
 */
#include <stdio.h>
#include <string.h>

#include "tests/shim/token.h"

enum { SKIPPED = 77, WORD_MAX = 256 };

static int
make_key(const char *lib, unsigned long slot, const char *pin,
    const char *words)
{
	char	 copy[WORD_MAX], *label, *label_public;

	(void)snprintf(copy, sizeof copy, "%s", words);
	label = strchr(copy, ':');
	label_public = label != NULL ? strchr(label + 1, ':') : NULL;
	if (label_public == NULL)
		return -1;
	*label++ = '\0';
	*label_public++ = '\0';
	token_key(lib, slot, pin, copy, label, label_public, true);
	return 0;
}

int
main(int argc, char **argv)
{
	const char	*lib = token_softhsm();
	unsigned long	 slot;

	if (argc < 4)
		return 2;
	if (lib == NULL)
		return SKIPPED;
	token_keep_in(argv[1]);
	slot = token_make(lib, argv[2], argv[3]);
	for (int i = 4; i < argc; i++)
		if (make_key(lib, slot, argv[3], argv[i]) < 0)
			return 2;
	(void)printf("%s\n%lu\n", lib, slot);
	return 0;
}
