#ifndef CLIENT_VOICE_H
#define CLIENT_VOICE_H
/*
 * voice - in whose words a run of espctl speaks: its own, or esptool's.
 *
 * Both do the same jobs; a voice only says what happens and what came out.
 */
#include <stdbool.h>
#include <stddef.h>

struct board;
struct client;
struct follow;
struct json_object;

struct voice {
	/* No port was named; so many are tried, one after the other. */
	void	(*search)(struct client *, size_t count);
	/* That one is tried; the user has chosen it. */
	void	(*port)(struct client *, const char *port, bool chosen);
	/* It did not answer (client->why); the next is tried. */
	void	(*passed)(struct client *, const char *port);
	/* It is tried again, because of client->why. */
	void	(*again)(struct client *, bool first);
	/* Others come first (board->waits), or no longer. */
	void	(*waits)(struct follow *, struct board *);
	/* board->phase has begun; board->found tells of the chip, or is
	 * NULL. */
	void	(*phase)(struct follow *, struct board *);
	void	(*progress)(struct follow *, struct board *);
	void	(*note)(struct follow *, struct board *, const char *text);
	void	(*trace)(struct follow *, struct board *,
		    struct json_object *event);
	void	(*ended)(struct follow *, struct board *);
	/* What came out of the one board; `file` is that of a read. */
	void	(*report)(struct follow *, struct board *, const char *file);
	/* Why it failed. */
	void	(*tell)(struct follow *, struct board *);
	/* client->why: nothing came of it. */
	void	(*failed)(struct client *);
};

extern const struct voice voice_espctl, voice_esptool;
#endif
