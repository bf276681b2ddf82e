#ifndef PROTO_SERIAL_EXT_H
#define PROTO_SERIAL_EXT_H
/*
 * ext - what our own flasher stub (stubs/) understands besides the commands of
 * proto/serial/cmd.h.  Shared by the stub and the daemon; numbers only.
 *
 * Requests and replies are packets as in cmd.h, with two differences:
 * - the checksum of a request is the CRC-32 (IEEE 802.3, as zlib's) of its
 *   bytes 1 to 3 (command and length) followed by its data;
 * - a reply ends, behind payload and the two status bytes, with the CRC-32 of
 *   everything before it (header, payload, status); its length counts that.
 * So a byte that the line lost, doubled or changed never counts as something
 * else.  A request that is damaged is answered only while a stream is open.
 *
 * Any other stub refuses EXT_INFO like every command it does not know, in one
 * round trip; that is how the two are told apart.
 */
#include <stdint.h>

enum ext_op {
	EXT_INFO	= 0xf0,	/* - -> EXT_INFO_BYTES, see below */
	EXT_BATCH	= 0xf1,	/* steps -> what they read */
	EXT_WRITE	= 0xf2,	/* bytes, offset, flags: opens a stream */
	EXT_BLOCK	= 0xf3,	/* round << 24 | number, data */
	EXT_END		= 0xf4,	/* count of blocks: closes the stream */
	EXT_READ	= 0xf5,	/* what, offset, bytes, part bytes, window */
	EXT_ACK		= 0xf6,	/* bytes so far, 1 = go on from there again */
	EXT_COUNTERS	= 0xf7,	/* 1 = from zero again -> counters, see below */
};

enum {
	EXT_VERSION	= 1,	/* of all this */
	EXT_CRC		= 4,	/* bytes at the end of a reply */

	/* EXT_INFO: words of the answer. */
	EXT_INFO_VERSION = 0,
	EXT_INFO_BUILD	= 1,	/* of the sources it was made from */
	EXT_INFO_CAPS	= 2,	/* enum ext_cap */
	EXT_INFO_WINDOW	= 3,	/* bytes on the wire (escapes and delimiters
				 * counted) that may be under way to it */
	EXT_INFO_BLOCK	= 4,	/* most data bytes of an EXT_BLOCK */
	EXT_INFO_PART	= 5,	/* ... of a part of EXT_READ */
	EXT_INFO_BATCH	= 6,	/* most bytes of steps in an EXT_BATCH, and of
				 * what they read */
	EXT_INFO_CHIP	= 7,	/* number of the chip in image headers,
				 * 0xffffffff for the ESP8266 */
	EXT_INFO_BYTES	= 4 * 8,
};

enum ext_cap {
	EXT_CAP_ENCRYPT	= 1 << 0, /* FLASH_BEGIN: the fifth word */
	EXT_CAP_SECINFO	= 1 << 1, /* GET_SECURITY_INFO */
	EXT_CAP_4BYTE	= 1 << 2, /* flash beyond 16 MB */
	EXT_CAP_TICKS	= 1 << 3, /* the counters of time count */
	EXT_CAP_RESTART	= 1 << 4, /* FLASH_END with 0 restarts the ROM loader */
	EXT_CAP_RUN	= 1 << 5, /* RUN_USER_CODE starts what is in flash */
};

/*
 * Writing.  EXT_WRITE opens a stream of numbered blocks (0, 1, 2...) which the
 * host sends without waiting, as long as what is not yet acknowledged stays
 * below EXT_INFO_WINDOW.  The stub erases ahead of the data, inflates and
 * programs while it receives.
 *
 * The answer to EXT_BLOCK: value = number of the block expected next (all
 * before it are taken: a cumulative acknowledgement), payload = one word, the
 * address up to which the flash is programmed.  A block is acknowledged when it
 * is taken, before it is worked on.  Status EXT_AGAIN asks the host to send
 * again from `value` on; any other status ends the stream.
 *
 * The host counts a `round` up (modulo 256) each time it goes back.  For a gap
 * the stub asks once per round; for a packet that came damaged it asks each
 * time.  A block without data asks for nothing but the answer: what the host
 * does when none came for a while (answers come in order, so what is missing in
 * it is lost).
 *
 * EXT_END says how many blocks there were; EXT_AGAIN as above if some are
 * missing, else it is answered when all of them are in flash.  Value and payload
 * of its answer are those of EXT_BLOCK.  It may be asked again if the answer was
 * lost.  Blocks that come after a stream has failed are all answered with that.
 * EXT_WRITE while a stream is open begins a new one.  The answer to a block
 * without data, or to one that was taken before, has status 0.
 */
enum {
	EXT_WRITE_DEFLATE = 1 << 0,	/* flags: a zlib stream comes */
	EXT_BLOCK_HEAD	= 4,		/* bytes before the data */
	EXT_BLOCK_NUMBER = 0xffffff,	/* mask; the round is above it */
	EXT_AGAIN	= 0xc1,		/* first status byte; cmd.h's "checksum
					 * is wrong" */
};

/*
 * Reading: parts come as replies with op EXT_READ, value = how many bytes came
 * before this one, payload = the bytes.  The host acknowledges them with
 * EXT_ACK (cumulative; no answer), and at most `window` bytes are under way.
 * Where a part is missing or damaged the host asks with EXT_ACK's second word
 * for everything from there again.  A part without data and with value = all
 * ends it; a status that is not 0 says why there is no more.  Every other
 * command ends it too, and is carried out.  There is no answer to EXT_READ but
 * the parts; the stub may choose smaller ones than asked for.
 */
enum ext_read {
	EXT_READ_FLASH,		/* bytes of flash */
	/* A digest of each sector of 4096 bytes of the range (the last one may
	 * be shorter): the first 8 bytes of its MD5, or all 16. */
	EXT_READ_MD5_8,
	EXT_READ_MD5_16,
};

/*
 * A row of steps in one command.  Each is EXT_STEP_BYTES long, the bytes that
 * an EXT_STEP_SPI sends follow it, filled up to whole words; what steps read
 * comes back in their order, each filled up to whole words.  The first that
 * fails ends the row; `value` of the reply is how many were done.
 *
 *	kind8 a8 b8 c8 addr32 x32 y32
 */
enum ext_step {
	EXT_STEP_READ	= 1,	/* x words from addr on */
	EXT_STEP_WRITE	= 2,	/* x into addr, only the bits of y */
	EXT_STEP_WAIT	= 3,	/* x microseconds */
	EXT_STEP_POLL	= 4,	/* until addr & y == x, a tenths of a second
				 * at most */
	EXT_STEP_SPI	= 5,	/* to the flash: command a, address addr of
				 * b bits (0: none), c dummy bits, x bytes
				 * sent or y bytes read (64 at most) */
};
enum { EXT_STEP_BYTES = 16, EXT_SPI_MAX = 64 };

/* EXT_COUNTERS: words of the answer.  Times are ticks of a clock that the stub
 * has and whose rate the host can find by asking twice; 0 without one. */
enum ext_counter {
	EXT_COUNT_NOW,		/* the clock now */
	EXT_COUNT_IDLE,		/* waiting for bytes */
	EXT_COUNT_INFLATE,
	EXT_COUNT_ERASE,	/* waiting for an erase */
	EXT_COUNT_PROGRAM,	/* programming, and waiting for that */
	EXT_COUNT_LOST,		/* received bytes that found no room */
	EXT_COUNT_PEAK,		/* most bytes that waited */
	EXT_COUNT_ERASES,
	EXT_COUNT_PROGRAMS,
	EXT_COUNT_BLANK,	/* sectors not erased: they were blank */
	EXT_COUNTS,
};
#endif
