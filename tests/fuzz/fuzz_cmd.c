/*
 * proto/serial/cmd and secinfo: one decoded frame, read in every way a
 * conversation may read it.
 */
#include "proto/serial/cmd.h"

#include <string.h>

#include "proto/base/err.h"
#include "proto/serial/secinfo.h"
#include "tests/fuzz/fuzz.h"

static void
read_status(const struct cmd_reply *reply, size_t payload)
{
	uint16_t	status = 0;
	int		r = cmd_status(reply, payload, &status);

	FUZZ_CHECK(r == 0 || r == ERR_NOISE);
	FUZZ_CHECK(r == 0 || reply->len < payload + 2);
	FUZZ_CHECK(r < 0 || strlen(cmd_status_name(status)) > 0);
	/* A reply without its payload can only be a refusal. */
	FUZZ_CHECK(r < 0 || status != 0 || reply->len >= payload + 2);
}

static void
read_secinfo(const uint8_t *p, size_t len)
{
	struct secinfo	info;
	int		r = secinfo_parse(p, len, &info);

	FUZZ_CHECK((r == 0) == (len >= SECINFO_LEN_S2));
	if (r < 0)
		return;
	FUZZ_CHECK(info.has_chip_id == (len >= SECINFO_LEN));
	for (unsigned bit = 0; bit < 32; bit++)
		FUZZ_CHECK((secinfo_flag_name(1u << bit) != NULL) ==
		    (bit <= 10));
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	static const size_t	payloads[] = { 0, 12, 16, 20, 32, 64 };
	struct cmd_reply	reply;
	char			name[CMD_NAME_MAX];
	int			r = cmd_parse(p, len, &reply);

	FUZZ_CHECK((r == 0) == (len >= CMD_HEADER && p[0] == CMD_REPLY));
	read_secinfo(p, len);
	if (r < 0)
		return 0;
	FUZZ_CHECK(reply.data == p + CMD_HEADER);
	FUZZ_CHECK(reply.len == len - CMD_HEADER);
	FUZZ_CHECK(strlen(cmd_name(reply.op, name)) < CMD_NAME_MAX);
	for (size_t i = 0; i < sizeof payloads / sizeof payloads[0]; i++)
		read_status(&reply, payloads[i]);
	read_secinfo(reply.data, reply.len);
	return 0;
}
