#ifndef STUBS_STATE_H
#define STUBS_STATE_H
/*
 * state - all that the stub knows, for the files of its core alone.
 *
 * What is used often stands first and what is big last: on a chip this is one
 * object at a fixed address, and near members make short instructions.
 */
#include <stdbool.h>
#include <stdint.h>

#include "proto/serial/cmd.h"
#include "proto/serial/ext.h"
#include "stubs/hal.h"
#include "stubs/inflate.h"
#include "stubs/md5.h"

/* Bytes that may wait to be worked on: at 2 Mbaud a 64 KB erase lets 30 KB
 * come in.  Where RAM is short, not less than a block of Espressif's protocol
 * (16 KB, escapes on top), of which one comes while the other is written. */
#ifndef STUB_RING
#define STUB_RING	32768u
#endif
/* Of the sources, given by the build; 0: not built for a chip. */
#ifndef STUB_BUILD
#define STUB_BUILD	0u
#endif

enum {
	STUB_BLOCK_MAX	= 16384,	/* data bytes of FLASH_DATA */
	STUB_FRAME	= CMD_HEADER + CMD_BLOCK_HEADER + STUB_BLOCK_MAX + 40,
	STUB_EXT_BLOCK	= 4096,		/* EXT_INFO_BLOCK */
	STUB_PART	= 4096,		/* EXT_INFO_PART */
	STUB_BATCH	= 2048,		/* EXT_INFO_BATCH */
	STUB_SCRATCH	= 16,		/* words of the payload of an answer */
	STUB_SLICE	= 64,		/* bytes of work between two looks at
					 * the line; of an SPI transaction */
};

/* First byte of a status (the second is 0).  Numbers of Espressif's stubs. */
enum status {
	STATUS_OK	= 0,
	STATUS_LENGTH	= 0xc0,		/* also: beyond the flash */
	STATUS_CHECKSUM	= 0xc1,
	STATUS_BLOCK	= 0xc2,
	STATUS_COMMAND	= 0xc3,
	STATUS_SPI	= 0xc4,
	STATUS_UNLOCK	= 0xc5,
	STATUS_CLOSED	= 0xc6,		/* no BEGIN before it */
	STATUS_INFLATE	= 0xc7,
	STATUS_LITTLE	= 0xc8,
	STATUS_MUCH	= 0xc9,
	STATUS_NEVER	= 0xff,		/* this chip cannot */
};

enum writing {
	WRITING_NOTHING,
	WRITING_PLAIN,
	WRITING_DEFLATED,
};

enum reading {
	READING_NOTHING,
	READING_FRAMES,		/* READ_FLASH */
	READING_FLASH,		/* EXT_READ, in the order of enum ext_read */
	READING_MD5_8,
	READING_MD5_16,
};

/* One write of a range: from a BEGIN or EXT_WRITE to its end. */
struct writer {
	uint8_t		 mode;		/* enum writing */
	bool		 stream;	/* by EXT_BLOCK */
	bool		 encrypted;
	bool		 inflated;	/* the zlib stream has ended well */
	bool		 inflating;	/* writer_take() has not yet returned */
	bool		 cut;		/* ...and need not wait any more */
	bool		 owed;		/* an answer to the block */
	uint8_t		 failure;	/* why a stream has ended */
	uint8_t		 asked;		/* round for which a block was asked */
	bool		 asked_any;
	uint8_t		 round;		/* of the last block that came */
	uint32_t	 pos;		/* next byte of flash to program */
	uint32_t	 end;
	uint32_t	 erase;		/* next sector to erase */
	uint32_t	 erase_end;
	uint32_t	 next;		/* number of the next block */
	uint32_t	 finished;	/* blocks of the last stream that ended
					 * well, UINT32_MAX: none did */
};

/* One read: what is sent, part by part. */
struct reader {
	uint8_t		 mode;		/* enum reading */
	uint8_t		 digest;	/* bytes per sector, 0: flash itself */
	bool		 ended;		/* the last part was sent */
	uint32_t	 addr;
	uint32_t	 flash_bytes;
	uint32_t	 bytes;		/* to send */
	uint32_t	 sent;
	uint32_t	 acked;
	uint32_t	 part;
	uint32_t	 window;
};

struct stub {
	void		*hal;
	bool		 official;
	bool		 left;		/* stop: whatever waits gives up */
	/* The first failure since the last answer, enum status.  While it is
	 * not 0 nothing waits, reads or programs any more; the next answer
	 * tells it. */
	uint8_t		 error;

	/* packet.c */
	bool		 frame_begun;
	bool		 frame_escape;
	bool		 frame_bad;
	bool		 frame_whole;
	bool		 answered;
	uint8_t		 op;		/* of the request; see packet_answer() */
	uint32_t	 value;
	uint32_t	 payload_len;
	const void	*payload;
	uint32_t	 frame_len;
	uint32_t	 ring_in;	/* where the next byte goes... */
	uint32_t	 ring_out;	/* ...and comes from */
	uint32_t	 ring_used;
	uint32_t	 send_len;
	uint32_t	 send_crc;

	/* nor.c */
	uint8_t		 nor_maker;
	bool		 nor_no_32k;	/* it ignores the 32 KB erase */
	uint8_t		 nor_work;	/* what it is busy with: a counter of
					 * time, 0: it is idle */
	uint32_t	 nor_polls;	/* how often to ask, at most */
	uint32_t	 nor_size;
	struct hal_spi	 spi;		/* the next one; without data and
					 * address between two */

	uint32_t	 caps;		/* enum ext_cap */
	uint32_t	 mem_pos;	/* MEM_DATA */
	uint32_t	 mem_left;

	/* meter.c */
	uint32_t	 meter_now;	/* the counter that time goes to */
	uint32_t	 meter_since;
	uint32_t	 counters[EXT_COUNTS];

	struct writer	 writer;
	struct reader	 reader;
	uint8_t		 send[STUB_SLICE];
	uint8_t		 slice[STUB_SLICE] __attribute__((aligned(4)));
	uint32_t	 scratch[STUB_SCRATCH];
	struct md5	 md5;
	uint32_t	 crc_table[256];
	union {				/* aligned, for the words in it */
		uint8_t	 frame[STUB_FRAME];
		uint32_t frame_word[STUB_FRAME / 4];
	};
	uint8_t		 ring[STUB_RING];
	struct inflate	 inflate;
};

/* Words on the line are little-endian, and so are the chips. */
static inline uint32_t
stub_le(uint32_t v)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	v = __builtin_bswap32(v);
#endif
	return v;
}

/* The data of the request, by words (not yet stub_le()). */
static inline const uint32_t *
stub_words(const struct stub *s)
{
	return s->frame_word + CMD_HEADER / 4;
}

/* Write a word, of which only the bits of `mask`. */
void stub_poke(struct stub *, uint32_t addr, uint32_t value, uint32_t mask);

/* Serve one request, or do what is to be done meanwhile. */
void stub_turn(struct stub *);

/* Something has failed; what failed first counts. */
void stub_fail(struct stub *, enum status) __attribute__((noinline));
#endif
