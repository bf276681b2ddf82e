#ifndef DAEMON_LINK_ROM_H
#define DAEMON_LINK_ROM_H
/*
 * rom - the commands of the ROM loader and of the flasher stub, one function
 * each.
 *
 * All of them talk through rom->wire and wait for the answer, so all of them
 * may return ERR_TIMEOUT, ERR_CANCELED, ERR_INTERRUPTED and ERR_UNPLUGGED
 * besides what is listed.  ERR_REFUSED: the chip answered with a status,
 * rom->status tells which; ERR_UNSUPPORTED: the loader does not know the
 * command; ERR_NOISE: the answer makes no sense.  A deadline is the time until
 * the whole answer is there, however it dribbles in.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/link/ext.h"
#include "daemon/wire/wire.h"
#include "proto/base/buf.h"
#include "proto/chip/chip.h"
#include "proto/serial/cmd.h"
#include "proto/serial/secinfo.h"
#include "proto/serial/slip.h"

enum {
	ROM_FRAME_MAX	= 0x1100,	/* longest frame we take: 4096 + room */
	ROM_RX		= 2048,
	ROM_REPLY_MS	= 3000,		/* most commands; esptool 5.3, loader.py */
	ROM_SYNC_MS	= 100,		/* first answer to SYNC */
	ROM_MEM_BLOCK	= 0x1800,	/* bytes of one MEM_DATA */
	USB_OTG_BLOCK	= 0x800,	/* ... and of a stub's over USB-OTG;
					 * esptool 5.3, targets/ */
	ROM_FLASH_BLOCK	= 0x400,	/* bytes of one FLASH_DATA to a ROM */
	STUB_FLASH_BLOCK= 0x4000,	/* ... to a stub */
	ROM_BOOT_LOG	= 512,		/* bytes of boot text kept */
	ROM_REG_BATCH	= 16,		/* register writes in one packet */
	ROM_TRIES	= 3,		/* of a block that came over damaged */
	ROM_READ_SLOW	= 64,		/* bytes of one rom_read_slow() */
};

struct rom {
	struct wire		*wire;
	bool			 stub;		/* a stub answers, not the ROM */
	struct ext		 ext;		/* of a stub of ours */
	bool			 status2;	/* ESP8266 ROM: two status bytes */
	bool			 usb_otg;	/* the chip's own port: small blocks */
	uint32_t		 baud;		/* of the line; 0: no matter */
	uint16_t		 status;	/* of the last refusal */
	uint8_t			 op;		/* of the last command */
	struct slip_decoder	 slip;
	struct cmd_reply	 reply;		/* points into frame */
	struct buf		 tx;		/* the frame being sent */
	uint8_t			 frame[ROM_FRAME_MAX];
	uint8_t			 rx[ROM_RX];	/* received, not yet decoded */
	size_t			 rx_len, rx_pos;
	bool			 noise;		/* heard what was no answer */
	bool			 ohai;		/* a stub has said hello */
	size_t			 text_len;
	char			 text[ROM_BOOT_LOG];	/* heard outside frames */
};

void rom_init(struct rom *, struct wire *);
void rom_done(struct rom *);

/* Bytes of one block: of MEM_DATA, and of FLASH_DATA to whom answers now. */
uint32_t rom_mem_block(const struct rom *);
uint32_t rom_flash_block(const struct rom *);

/* Forget everything received, here and on the line. */
int rom_flush(struct rom *);

/* Take what the chip prints into `text`, until it is quiet for `quiet_ms` but
 * no longer than `ms`; then start with the next frame afresh. */
int rom_listen(struct rom *, unsigned quiet_ms, unsigned ms);

/* One SYNC and its eight answers.  *stub is set when a stub answered (its
 * answers carry the value 0).  ERR_TIMEOUT: nothing after ROM_SYNC_MS;
 * ERR_NOISE: something, but no answer. */
int rom_sync(struct rom *, bool *stub);

int rom_read_reg(struct rom *, uint32_t addr, uint32_t *value);
int rom_write_reg(struct rom *, uint32_t addr, uint32_t value, uint32_t mask,
    uint32_t delay_us);
/* As rom_write_reg(), but nobody waits for an answer: the chip may restart
 * before it is out. */
int rom_post_reg(struct rom *, uint32_t addr, uint32_t value);
/* Up to ROM_REG_BATCH writes in one packet, which a ROM may take or not; it
 * answers when the last one is done. */
int rom_write_packet(struct rom *, const struct chip_regop *, size_t count);
/* Several writes in order: one packet to a stub, one each to a ROM. */
int rom_write_regs(struct rom *, const struct chip_regop *, size_t count);
/* ERR_UNSUPPORTED: a loader without the command. */
int rom_security_info(struct rom *, struct secinfo *);

int rom_mem_begin(struct rom *, uint32_t bytes, uint32_t addr);
int rom_mem_data(struct rom *, uint32_t seq, const void *, size_t len);
/* Jump to `entry`.  A ROM may never answer: 200 ms, silence is fine. */
int rom_mem_end(struct rom *, uint32_t entry);
/* The frame "OHAI" that a stub sends first. */
int rom_wait_stub(struct rom *, unsigned ms);

/* The answer comes at the old rate; the caller then changes its own. */
int rom_change_baud(struct rom *, uint32_t baud, uint32_t old);

int rom_spi_attach(struct rom *, uint32_t pins);
int rom_spi_set_params(struct rom *, uint32_t flash_bytes);

/* A flash write.  `begin_words` is 4 or 5 (struct chip says); `bytes` is what
 * gets erased.  Block functions: `data` is not kept; the deadline is for the
 * chip's answer to this block. */
struct rom_begin {
	uint32_t	bytes;		/* plain: to erase; deflate: inflated */
	uint32_t	blocks;
	uint32_t	block_bytes;
	uint32_t	offset;
	bool		five_words;	/* send the "encrypted" word... */
	bool		encrypt;	/* ...and this in it */
	bool		deflate;
};
int rom_flash_begin(struct rom *, const struct rom_begin *, unsigned ms);
int rom_flash_data(struct rom *, bool deflate, uint32_t seq, const void *,
    size_t len, unsigned ms);
/* stay: 1 keeps the loader, 0 reboots.  To a ROM it leaves the loader. */
int rom_flash_end(struct rom *, bool deflate, bool stay, unsigned ms);
/* Start the program in flash: stub of the ESP8266 only; never answers. */
int rom_run_user_code(struct rom *);

int rom_md5(struct rom *, uint32_t addr, uint32_t bytes, uint8_t md5[16],
    unsigned ms);

/* ROM only: at most 64 bytes. */
int rom_read_slow(struct rom *, uint32_t addr, void *, size_t len);
/* Have the ROM call its flash reader, for no byte; nobody waits for the answer:
 * a stub may have taken the reader's place.  rom_wait_stub() comes next. */
int rom_post_read(struct rom *);

/* Stub only. */
int rom_erase_flash(struct rom *, unsigned ms);
int rom_erase_region(struct rom *, uint32_t addr, uint32_t bytes, unsigned ms);
int rom_read_begin(struct rom *, uint32_t addr, uint32_t bytes,
    uint32_t frame_bytes, uint32_t window);
/* The next frame of a read: its length; *data points into rom->frame. */
int rom_read_frame(struct rom *, const uint8_t **data, unsigned ms);
int rom_read_ack(struct rom *, uint32_t bytes_so_far);
#endif
