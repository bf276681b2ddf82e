#include "tests/sim/boot.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "proto/base/bytes.h"
#include "tests/sim/secure.h"

enum {
	SEGMENT_HEAD	= 8,
	SUM_SEED	= 0xef,
	SUM_GROUP	= 16,
	SHA256		= 32,
	TEXT_MAX	= 128,
	AT_CHIP		= 12,
	AT_DIGEST	= 23,
	/* A chip without an image resets itself again and again. */
	RESTART_US	= 300000,
	BLANK_LINES	= 4,	/* how often it says that meanwhile */
	PROGRAM_LEN	= 48,	/* of the one that idles */
};

/* ROMs that look at chip id and digest; the older ones do not. */
static bool
is_newer(const struct board *b)
{
	return (b->chip->caps & SIM_SECINFO) != 0;
}

static bool
is_esp8266(const struct board *b)
{
	return b->chip->status_len == 2;
}

void
boot_read(const struct board *b, uint32_t addr, void *out, size_t len)
{
	uint32_t	from = addr & ~(CRYPT_ALIGN - 1u);
	uint8_t		part[BOOT_READ_MAX + 2 * CRYPT_ALIGN];
	size_t		n = addr - from + len;

	assert(len <= BOOT_READ_MAX);
	if (!fuse_encrypts(&b->fuses, b->chip)) {
		flash_read(&b->flash, addr, out, len);
		return;
	}
	n = (n + CRYPT_ALIGN - 1) & ~(size_t)(CRYPT_ALIGN - 1);
	flash_read(&b->flash, from, part, n);
	(void)crypt_run(&b->crypt, true, from, part, n);
	memcpy(out, part + (addr - from), len);
}

void
boot_fail(struct board *b, const char *line, const char *why)
{
	char	text[TEXT_MAX];

	board_text(b, line);
	(void)snprintf(text, sizeof(text), "does not start: %s", why);
	board_note(b, text);
	b->ops->alarm(b->ctx, ALARM_RESTART, RESTART_US);
}

/* ---- an image ---- */

void
boot_image_begin(struct boot_image *i, struct board *b, uint32_t at)
{
	*i = (struct boot_image){ .board = b, .at = at, .sum = SUM_SEED };
	i->sha = EVP_MD_CTX_new();
	(void)EVP_DigestInit_ex(i->sha, EVP_sha256(), NULL);
}

void
boot_image_read(struct boot_image *i, void *out, size_t len, bool sums)
{
	uint8_t	part[BOOT_READ_MAX], *to = out;

	for (size_t n; len > 0; len -= n, i->at += (uint32_t)n) {
		n = len < sizeof(part) ? len : sizeof(part);
		boot_read(i->board, i->at, part, n);
		(void)EVP_DigestUpdate(i->sha, part, n);
		for (size_t k = 0; sums && k < n; k++)
			i->sum ^= part[k];
		if (to != NULL) {
			memcpy(to, part, n);
			to += n;
		}
	}
}

uint8_t
boot_image_sum(struct boot_image *i)
{
	uint8_t	line[SUM_GROUP];
	size_t	n = SUM_GROUP - i->at % SUM_GROUP;

	boot_image_read(i, line, n, false);
	return line[n - 1];
}

void
boot_image_end(struct boot_image *i, uint8_t sha256[SHA256])
{
	uint8_t	sum[EVP_MAX_MD_SIZE] = { 0 };

	(void)EVP_DigestFinal_ex(i->sha, sum, NULL);
	EVP_MD_CTX_free(i->sha);
	memcpy(sha256, sum, SHA256);
}

/* ---- the ROM ---- */

static void
fail_header(struct board *b, uint32_t word)
{
	char	line[TEXT_MAX];

	(void)snprintf(line, sizeof(line), "invalid header: 0x%08x\r\n",
	    (unsigned)word);
	for (int i = 1; i < BLANK_LINES; i++)
		board_text(b, line);
	boot_fail(b, line, "no image");
}

/* What a newer ROM refuses of a header; false: it did. */
static bool
check_header(struct board *b, const uint8_t head[BOOT_HEADER_LONG])
{
	unsigned	id = le16_get(head + AT_CHIP);
	char		line[TEXT_MAX];

	if (head[1] > BOOT_SEGMENTS) {
		(void)snprintf(line, sizeof(line), "Invalid image block "
		    "count: %u (max %d)\r\nets_main.c 329 \r\n", head[1],
		    BOOT_SEGMENTS);
		boot_fail(b, line, "too many segments");
		return false;
	}
	if (id == b->chip->chip_id)
		return true;
	(void)snprintf(line, sizeof(line), "Invalid chip id. Expected %u read "
	    "%u. Bootloader for wrong chip?\r\nets_main.c 329 \r\n",
	    (unsigned)b->chip->chip_id, id);
	boot_fail(b, line, "image for another chip");
	return false;
}

/* The ESP32's does so without a word. */
static bool
check_old_header(struct board *b, const uint8_t head[BOOT_HEADER_LONG])
{
	if (head[1] <= BOOT_SEGMENTS && (is_esp8266(b) ||
	    le16_get(head + AT_CHIP) == b->chip->chip_id))
		return true;
	boot_fail(b, "", "image for another chip, or too many segments");
	return false;
}

/* One segment into RAM; what lies elsewhere is an exception. */
static bool
load_segment(struct boot_image *i)
{
	struct board	*b = i->board;
	uint8_t		 head[SEGMENT_HEAD];
	char		 line[TEXT_MAX];
	uint32_t	 addr, len;

	boot_image_read(i, head, sizeof(head), false);
	addr = le32_get(head);
	len = le32_get(head + 4);
	(void)snprintf(line, sizeof(line), is_newer(b) ?
	    "load:0x%08x,len:0x%x\r\n" : "load:0x%08x,len:%u\r\n",
	    (unsigned)addr, (unsigned)len);
	board_text(b, line);
	if (is_newer(b) && len % 4 != 0) {
		boot_fail(b, "Invalid image block, can't boot.\r\n"
		    "ets_main.c 329 \r\n", "a segment is no multiple of 4");
		return false;
	}
	if (!ram_has(b, addr, len)) {
		boot_fail(b, is_newer(b) ? "Guru Meditation Error: Core 0 "
		    "panic'ed (Store/AMO access fault)\r\n" : "",
		    "a segment is not in RAM");
		return false;
	}
	boot_image_read(i, NULL, len, true);
	return true;
}

static bool
check_sum(struct boot_image *i)
{
	uint8_t	stored = boot_image_sum(i);
	char	line[TEXT_MAX];

	if (stored == i->sum)
		return true;
	(void)snprintf(line, sizeof(line), is_newer(i->board) ?
	    "Checksum failure. Calculated 0x%02x stored 0x%02x\r\n"
	    "ets_main.c 329 \r\n" : "csum err:0x%02x!=0x%02x\r\n", i->sum,
	    stored);
	boot_fail(i->board, line, "the check sum is wrong");
	return false;
}

static void
say_digest(struct board *b, const char *which, const uint8_t sum[SHA256])
{
	char	line[TEXT_MAX];
	int	n = snprintf(line, sizeof(line), "%s: ", which);

	for (int i = 0; i < SHA256; i++)
		n += snprintf(line + n, sizeof(line) - (size_t)n, "%02x",
		    sum[i]);
	board_text(b, line);
	board_text(b, "\r\n");
}

/* Without secure boot that is all that comes of it; and the header's word that
 * there is none is not heard. */
static void
check_digest(struct board *b, uint32_t at, const uint8_t right[SHA256])
{
	uint8_t	stored[SHA256];

	boot_read(b, at, stored, sizeof(stored));
	if (!is_newer(b) || memcmp(stored, right, sizeof(stored)) == 0)
		return;
	board_text(b, "SHA-256 comparison failed:\r\n");
	say_digest(b, "Calculated", right);
	say_digest(b, "Expected", stored);
	board_text(b, "Attempting to boot anyway...\r\n");
}

static bool
load(struct boot_image *i, uint32_t *entry)
{
	struct board	*b = i->board;
	uint8_t		 head[BOOT_HEADER_LONG] = { 0 };

	boot_image_read(i, head, is_esp8266(b) ? BOOT_HEADER :
	    BOOT_HEADER_LONG, false);
	if (head[0] != BOOT_IMAGE_MAGIC) {
		fail_header(b, le32_get(head));
		return false;
	}
	if (!(is_newer(b) ? check_header(b, head) : check_old_header(b, head)))
		return false;
	board_text(b, b->chip->boot_good);
	for (uint8_t n = 0; n < head[1]; n++)
		if (!load_segment(i))
			return false;
	*entry = le32_get(head + 4);
	return check_sum(i);
}

/* False: what was loaded is not jumped to. */
static bool
check_signature(struct board *b, uint32_t end)
{
	if (!secure_on(b))
		return true;
	board_text(b, "secure boot v2 enabled\r\n");
	if (secure_verify(b, b->chip->boot_offset, end, board_text)) {
		board_text(b, "secure boot verification succeeded\r\n");
		return true;
	}
	boot_fail(b, "secure boot verification failed\r\n"
	    "ets_main.c 329 \r\n", "secure boot verification failed");
	return false;
}

void
boot_flash(struct board *b)
{
	struct boot_image	i;
	uint8_t			sha256[SHA256];
	uint32_t		entry = 0;
	char			line[TEXT_MAX];
	bool			good;

	boot_image_begin(&i, b, b->chip->boot_offset);
	good = load(&i, &entry);
	boot_image_end(&i, sha256);
	if (!good)
		return;
	if (!check_signature(b, i.at))
		return;
	check_digest(b, i.at, sha256);
	(void)snprintf(line, sizeof(line), "entry 0x%08x\r\n",
	    (unsigned)entry);
	board_text(b, line);
	if (!is_esp8266(b) && second_start(b))
		return;
	(void)snprintf(line, sizeof(line), "starts: entry 0x%08x",
	    (unsigned)entry);
	board_note(b, line);
}

void
board_program(struct board *b)
{
	uint8_t		image[PROGRAM_LEN + SHA256] = { BOOT_IMAGE_MAGIC, 1 };
	size_t		seg = is_esp8266(b) ? BOOT_HEADER : BOOT_HEADER_LONG;
	uint8_t		sum[EVP_MAX_MD_SIZE];

	le32_put(image + 4, b->chip->ram[0].start);	/* entry */
	if (!is_esp8266(b)) {
		le16_put(image + AT_CHIP, (uint16_t)b->chip->chip_id);
		image[AT_DIGEST] = 1;
	}
	le32_put(image + seg, b->chip->ram[0].start);
	le32_put(image + seg + 4, 4);
	memcpy(image + seg + 8, "idle", 4);
	image[(seg + 12) | 15] = SUM_SEED ^ 'i' ^ 'd' ^ 'l' ^ 'e';
	if (EVP_Digest(image, PROGRAM_LEN, sum, NULL, EVP_sha256(), NULL) == 1)
		memcpy(image + PROGRAM_LEN, sum, SHA256);
	if (fuse_encrypts(&b->fuses, b->chip))
		(void)crypt_run(&b->crypt, false, b->chip->boot_offset, image,
		    sizeof(image));
	/* It was there before anything was protected. */
	memset(b->flash.status, 0, sizeof(b->flash.status));
	(void)flash_program(&b->flash, b->chip->boot_offset, image,
	    sizeof(image));
	flash_power(&b->flash);
}
