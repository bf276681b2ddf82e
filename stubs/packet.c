#include "stubs/packet.h"

#include "stubs/crc.h"
#include "stubs/stub.h"

enum {				/* RFC 1055 */
	SLIP_END	= 0xc0,
	SLIP_ESC	= 0xdb,
	SLIP_ESC_END	= 0xdc,
	SLIP_ESC_ESC	= 0xdd,
};

void
stub_pump(struct stub *s)
{
	uint32_t	room = STUB_RING - s->ring_used;
	uint32_t	ahead = STUB_RING - s->ring_in;
	uint32_t	n;

	if (room == 0) {
		uint8_t	lost[STUB_SLICE];

		s->counters[EXT_COUNT_LOST] +=
		    hal_receive(s, lost, sizeof(lost));
		return;
	}
	n = hal_receive(s, s->ring + s->ring_in, room < ahead ? room : ahead);
	s->ring_used += n;
	s->ring_in += n;
	if (s->ring_in == STUB_RING)
		s->ring_in = 0;
	if (s->counters[EXT_COUNT_PEAK] < s->ring_used)
		s->counters[EXT_COUNT_PEAK] = s->ring_used;
}

/* ---- receiving ---- */

/* The end of one frame is the begin of the next; an empty one is none. */
static bool
packet_delimiter(struct stub *s)
{
	bool	whole = s->frame_begun && (s->frame_len > 0 || s->frame_bad ||
	    s->frame_escape);

	if (s->frame_escape)
		s->frame_bad = true;
	s->frame_begun = true;
	s->frame_escape = false;
	return whole;
}

/* One byte of the line; true when it ends a frame. */
static inline bool
packet_byte(struct stub *s, uint8_t c)
{
	if (c == SLIP_END)
		return packet_delimiter(s);
	if (c == SLIP_ESC && !s->frame_escape) {
		s->frame_escape = true;
		return false;
	}
	if (s->frame_escape) {
		s->frame_escape = false;
		if (c == SLIP_ESC_END)
			c = SLIP_END;
		else if (c == SLIP_ESC_ESC)
			c = SLIP_ESC;
		else
			s->frame_bad = true;
	}
	if (s->frame_len < STUB_FRAME)
		s->frame[s->frame_len++] = c;
	else
		s->frame_bad = true;
	return false;
}

int32_t
packet_next(struct stub *s)
{
	uint32_t	n, done;

	if (s->frame_whole) {
		s->frame_whole = s->frame_bad = false;
		s->frame_len = 0;
	}
	do {
		stub_pump(s);
		n = STUB_RING - s->ring_out;
		if (n > s->ring_used)
			n = s->ring_used;
		if (n > STUB_SLICE)
			n = STUB_SLICE;
		for (done = 0; done < n && !s->frame_whole; done++)
			s->frame_whole = packet_byte(s,
			    s->ring[s->ring_out + done]);
		s->ring_used -= done;
		s->ring_out += done;
		if (s->ring_out == STUB_RING)
			s->ring_out = 0;
	} while (done > 0 && !s->frame_whole);
	if (!s->frame_whole)
		return PACKET_NONE;
	return s->frame_bad ? PACKET_DAMAGED : (int32_t)s->frame_len;
}

/* ---- sending ---- */

static void
packet_flush(struct stub *s)
{
	uint32_t	done = 0, n;

	while (done < s->send_len && !s->left) {
		n = hal_send(s, s->send + done, s->send_len - done);
		done += n;
		stub_pump(s);
		if (n == 0)
			hal_idle(s);
	}
	s->send_len = 0;
}

static void
packet_raw(struct stub *s, uint8_t c)
{
	s->send[s->send_len++] = c;
	if (s->send_len == sizeof(s->send))
		packet_flush(s);
}

void
packet_add(struct stub *s, const void *data, uint32_t len)
{
	const uint8_t	*p = data;

	while (len-- > 0) {
		uint8_t	c = *p++;

		s->send_crc = crc_byte(s->crc_table, s->send_crc, c);
		if (c == SLIP_END || c == SLIP_ESC) {
			packet_raw(s, SLIP_ESC);
			c = c == SLIP_END ? SLIP_ESC_END : SLIP_ESC_ESC;
		}
		packet_raw(s, c);
	}
}

void
packet_begin(struct stub *s)
{
	s->send_crc = UINT32_MAX;
	packet_raw(s, SLIP_END);
}

void
packet_end(struct stub *s)
{
	packet_raw(s, SLIP_END);
	packet_flush(s);
	hal_send_end(s);
}

static void
packet_word(struct stub *s, uint32_t v)
{
	v = stub_le(v);
	packet_add(s, &v, sizeof(v));
}

static bool
packet_has_crc(const struct stub *s)
{
	return s->op >= EXT_INFO && !s->official;
}

void
packet_reply(struct stub *s, uint32_t value, uint32_t len)
{
	len += packet_has_crc(s) ? 2 + EXT_CRC : 2;
	packet_begin(s);
	packet_word(s, CMD_REPLY | (uint32_t)s->op << 8 | len << 16);
	packet_word(s, value);
}

void
packet_status(struct stub *s)
{
	const uint8_t	status[2] = { s->error, 0 };

	packet_add(s, status, sizeof(status));
	if (packet_has_crc(s))
		packet_word(s, ~s->send_crc);
	packet_end(s);
	s->error = STATUS_OK;
}

void
packet_answer(struct stub *s)
{
	packet_reply(s, s->value, s->payload_len);
	packet_add(s, s->payload, s->payload_len);
	packet_status(s);
	s->answered = true;
}
