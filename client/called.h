#ifndef CLIENT_CALLED_H
#define CLIENT_CALLED_H
/*
 * called - which program espctl is called as: itself, a part of it that has a
 * command line of its own, or in the place of a tool of esptool's family, as
 * "espctl esptool ..." or by the name of esptool or esptool.py.
 */
#include <stdbool.h>

enum called_part {
	CALLED_JOBS,		/* espctl's commands, and esptool's */
	CALLED_EFUSE,		/* "espctl efuse", espefuse */
	CALLED_SECURE,		/* "espctl secure", espsecure */
};

struct called {
	enum called_part part;
	bool		 as_tool;	/* in a tool's words, with its exit
					 * statuses */
	bool		 py;		/* ... by its name with ".py" */
};

/*
 * Look at argv.  Words ahead of a tool's command line, which begins with its own
 * name, are taken out, and so is the "efuse" or "secure" of espctl.
 */
struct called called_as(int *argc, char ***argv);
#endif
