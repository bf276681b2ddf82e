#include "tests/sim/fault.h"

#include <string.h>

#include "proto/base/text.h"
#include "proto/serial/cmd.h"
#include "proto/serial/ext.h"

enum { PART_MAX = 32, PARTS = 5 };

static const char *const kind_names[] = {
	[FAULT_DROP]	= "drop",
	[FAULT_CORRUPT]	= "corrupt",
	[FAULT_DELAY]	= "delay",
	[FAULT_SILENT]	= "silent",
	[FAULT_RESET]	= "reset",
	[FAULT_UNPLUG]	= "unplug",
};

/* Cut "2:unplug@cmd:FLASH_DATA:20" at ':' and '@'; 0 when it does not fit. */
static size_t
fault_split(const char *s, char part[PARTS + 1][PART_MAX])
{
	size_t	n = 0;

	for (;;) {
		size_t	len = strcspn(s, ":@");

		if (n > PARTS || len == 0 || len >= PART_MAX)
			return 0;
		memcpy(part[n], s, len);
		part[n++][len] = '\0';
		if (s[len] == '\0')
			return n;
		/* The one '@' stands between KIND and WHEN. */
		if ((s[len] == '@') != (n == 2))
			return 0;
		s += len + 1;
	}
}

static int
fault_op(const char *name)
{
	char	known[CMD_NAME_MAX];

	if (strcmp(name, "DATA") == 0)
		return FAULT_DATA;
	for (int op = 1; op < 256; op++)
		if (strcmp(cmd_name((uint8_t)op, known), name) == 0)
			return op;
	return -1;
}

bool
fault_parse(struct fault *f, const char *s)
{
	char		part[PARTS + 1][PART_MAX];
	size_t		n = fault_split(s, part);
	size_t		at = 3;
	uint32_t	v;
	size_t		k;

	memset(f, 0, sizeof(*f));
	f->op = -1;
	f->count = 1;
	if (n < 4 || text_u32(part[0], &v) != 0)
		return false;
	f->board = v;
	for (k = 0; k < sizeof(kind_names) / sizeof(kind_names[0]); k++)
		if (strcmp(kind_names[k], part[1]) == 0)
			break;
	if (k == sizeof(kind_names) / sizeof(kind_names[0]))
		return false;
	f->kind = (enum fault_kind)k;
	if (strcmp(part[2], "rx") == 0)
		f->when = FAULT_RX;
	else if (strcmp(part[2], "tx") == 0)
		f->when = FAULT_TX;
	else if (strcmp(part[2], "cmd") == 0)
		f->when = FAULT_COMMAND;
	else
		return false;
	if (f->when == FAULT_COMMAND && (f->op = fault_op(part[at])) >= 0) {
		if (++at == n)
			return true;
	}
	if (text_u32(part[at++], &v) != 0 || v == 0)
		return false;
	f->count = v;
	if (at == n)
		return true;
	if (at + 1 != n || text_u32(part[at], &f->arg) != 0)
		return false;
	f->has_arg = true;
	return true;
}

static void
fault_start(struct fault *f)
{
	f->happened = true;
	if (f->kind == FAULT_DROP || f->kind == FAULT_CORRUPT)
		f->left = f->has_arg ? f->arg : 1;
}

size_t
fault_bytes(struct fault *f, enum fault_when dir, uint8_t *p, size_t len,
    bool *happens)
{
	/* After a command the bytes to the host suffer. */
	enum fault_when	suffers = f->when == FAULT_COMMAND ? FAULT_TX : f->when;
	size_t		n = 0;

	if (suffers != dir || (f->happened && f->left == 0))
		return len;
	for (size_t i = 0; i < len; i++) {
		uint8_t	c = p[i];

		if (!f->happened && f->when == dir && --f->count == 0) {
			fault_start(f);
			*happens = f->left == 0;
		}
		if (f->happened && f->left > 0) {
			f->left--;
			if (f->kind == FAULT_DROP)
				continue;
			c ^= 0x11;
		}
		p[n++] = c;
	}
	return n;
}

static bool
fault_means(const struct fault *f, uint8_t op)
{
	if (f->op == FAULT_DATA)
		return op == CMD_FLASH_DATA || op == CMD_FLASH_DEFL_DATA ||
		    op == EXT_BLOCK;
	return f->op < 0 || f->op == op;
}

bool
fault_command(struct fault *f, uint8_t op)
{
	if (f->when != FAULT_COMMAND || f->happened || !fault_means(f, op) ||
	    --f->count != 0)
		return false;
	fault_start(f);
	return f->left == 0;
}
