#ifndef DAEMON_LINK_ROM_IMPL_H
#define DAEMON_LINK_ROM_IMPL_H
/*
 * rom_impl - packets and frames below the commands of rom.h, shared with ext.c.
 */
#include <stddef.h>
#include <stdint.h>

struct rom;

/* A request: its header is made; `head` (CMD_BLOCK_HEADER bytes at most) and
 * `data` follow it. */
struct rom_packet {
	uint8_t		 op;
	uint32_t	 sum;
	const void	*head;
	size_t		 head_len;
	const void	*data;
	size_t		 len;
};
int rom_request(struct rom *, const struct rom_packet *);

/* The next frame that is whole, in rom->frame; its length.  ERR_TIMEOUT, or
 * ERR_NOISE when something came that was none. */
int rom_next_frame(struct rom *, uint64_t deadline);

/* As above without waiting; 0: none is there. */
int rom_frame_now(struct rom *);

/* Time that `bytes` take on the line; 0 for few. */
unsigned rom_line_ms(const struct rom *, size_t bytes);
#endif
