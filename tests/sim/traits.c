#include "tests/sim/traits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/text.h"

const char trait_usage[] =
"  --revision V.N     the chip's revision\n"
"  --xtal MHZ         its crystal: 26, 32, 40, 48\n"
"  --efuse ADDR=WORD  a word of its fuses; any number of these\n"
"  --efuse-file FILE  where its fuses are kept, as espefuse keeps a virtual\n"
"                     chip's; a folder (with '/' behind): board-N.fuses in it\n"
"  --efuse-fault KIND weak:N (so many burnings lose a bit), copy:N (so many of\n"
"                     BLOCK0 lose it in one of its copies), ruined:N (block N\n"
"                     has failed), stuck (no command ends); may be repeated\n"
"  --secure-download  it was locked for secure download mode\n"
"  --secure-boot N    it checks signatures, version 1 or 2\n"
"  --flash-encryption it encrypts its flash...\n"
"  --flash-key FILE   ...with the key in FILE; without, with one of zeros\n"
"  --no-encrypt       ...but its loader does not\n"
"  --spi-pins PINS    the flash is not where it usually is: HSPI or five\n"
"                     numbers CLK,Q,D,HD,CS\n"
"  --second-flash PINS  there is another one of 8 MB, in memory\n"
"  --flash-is KIND    octal (ESP32-S3), no-sfdp, xmc-failed; several with\n"
"                     commas between them\n"
"  --flash-status HEX the flash's status registers when new, 1 lowest\n"
"  --flash-fixed HEX  bits of them that never change\n"
"  --watchdogs        they run in the loader until the host stops them\n";

static bool
take_revision(struct board_traits *t, const char *s)
{
	char		 major[8];
	const char	*dot = strchr(s, '.');
	uint32_t	 v, n;

	if (dot == NULL || (size_t)(dot - s) >= sizeof(major))
		return false;
	memcpy(major, s, (size_t)(dot - s));
	major[dot - s] = '\0';
	if (text_u32(major, &v) != 0 || text_u32(dot + 1, &n) != 0 ||
	    v > 15 || n > 99)
		return false;
	t->fuse.revision = v * 100 + n;
	return true;
}

static bool
take_xtal(struct board_traits *t, const char *s)
{
	uint32_t	mhz;

	if (text_u32(s, &mhz) != 0 ||
	    (mhz != 26 && mhz != 32 && mhz != 40 && mhz != 48))
		return false;
	t->xtal_hz = mhz * 1000000;
	return true;
}

static bool
take_efuse(struct board_traits *t, const char *s)
{
	char		 addr[16];
	const char	*equal = strchr(s, '=');
	struct simreg	 r;

	if (equal == NULL || (size_t)(equal - s) >= sizeof(addr) ||
	    t->fuse.words == FUSE_EXTRA)
		return false;
	memcpy(addr, s, (size_t)(equal - s));
	addr[equal - s] = '\0';
	if (text_u32(addr, &r.addr) != 0 || r.addr % 4 != 0 ||
	    text_u32(equal + 1, &r.value) != 0)
		return false;
	t->fuse.word[t->fuse.words++] = r;
	return true;
}

static bool
take_efuse_file(struct board_traits *t, const char *s)
{
	t->fuse_path = s;
	return s[0] != '\0' && strlen(s) < SIMEFUSE_PATH - 32;
}

static bool
take_efuse_fault(struct board_traits *t, const char *s)
{
	const char	*colon = strchr(s, ':');
	uint32_t	 count;

	if (strcmp(s, "stuck") == 0) {
		t->fuse_fault.stuck = true;
		return true;
	}
	if (colon == NULL || text_u32(colon + 1, &count) != 0)
		return false;
	if (strncmp(s, "weak:", 5) == 0)
		t->fuse_fault.weak = count;
	else if (strncmp(s, "copy:", 5) == 0)
		t->fuse_fault.copy = count;
	else if (strncmp(s, "ruined:", 7) == 0 && count > 0 &&
	    count < SIMEFUSE_BLOCKS)
		t->fuse_fault.ruined |= 1u << count;
	else
		return false;
	return true;
}

static bool
take_secure_download(struct board_traits *t, const char *s)
{
	(void)s;
	t->fuse.secure_download = true;
	return true;
}

static bool
take_secure_boot(struct board_traits *t, const char *s)
{
	uint32_t	version;

	if (text_u32(s, &version) != 0 || version < 1 || version > 2)
		return false;
	t->fuse.secure_boot = version;
	return true;
}

static bool
take_encryption(struct board_traits *t, const char *s)
{
	(void)s;
	t->fuse.encryption = true;
	return true;
}

static bool
take_key(struct board_traits *t, const char *path)
{
	FILE	*f = fopen(path, "rbe");
	char	 more;
	bool	 whole;

	if (f == NULL)
		return false;
	t->fuse.key_len = fread(t->fuse.key, 1, sizeof(t->fuse.key), f);
	whole = fread(&more, 1, 1, f) == 0 && ferror(f) == 0;
	(void)fclose(f);
	return whole && t->fuse.key_len > 0;
}

static bool
take_no_encrypt(struct board_traits *t, const char *s)
{
	(void)s;
	t->fuse.no_encrypt = true;
	return true;
}

/* The word that SPI_ATTACH takes: HD, CS, D, Q, CLK from the top. */
static bool
read_pins(uint32_t *word, const char *s)
{
	static const unsigned	shift[] = { 0, 6, 12, 24, 18 };
	size_t			len;

	*word = strcmp(s, "HSPI") == 0;
	if (*word != 0)
		return true;
	for (size_t i = 0; i < sizeof(shift) / sizeof(shift[0]); i++) {
		char		number[4];
		uint32_t	pin;

		len = strcspn(s, ",");
		if (len >= sizeof(number) || (s[len] == '\0') != (i == 4))
			return false;
		memcpy(number, s, len);
		number[len] = '\0';
		if (text_u32(number, &pin) != 0 || pin > 63)
			return false;
		*word |= pin << shift[i];
		s += len + 1;
	}
	return true;
}

static bool
take_pins(struct board_traits *t, const char *s)
{
	return read_pins(&t->spi_pins, s);
}

static bool
take_second(struct board_traits *t, const char *s)
{
	return read_pins(&t->second_pins, s);
}

static bool
take_kind(struct board_traits *t, const char *s)
{
	for (size_t len;; s += len + 1) {
		len = strcspn(s, ",");
		if (len == 5 && memcmp(s, "octal", len) == 0)
			t->flash.octal = t->fuse.octal = true;
		else if (len == 7 && memcmp(s, "no-sfdp", len) == 0)
			t->flash.no_sfdp = true;
		else if (len == 10 && memcmp(s, "xmc-failed", len) == 0)
			t->flash.xmc_failed = true;
		else
			return false;
		if (s[len] == '\0')
			return true;
	}
}

static bool
take_status(struct board_traits *t, const char *s)
{
	return text_u32(s, &t->flash.status) == 0 &&
	    t->flash.status >> 24 == 0;
}

static bool
take_fixed(struct board_traits *t, const char *s)
{
	return text_u32(s, &t->flash.fixed) == 0 && t->flash.fixed >> 24 == 0;
}

static bool
take_watchdogs(struct board_traits *t, const char *s)
{
	(void)s;
	t->watchdogs = true;
	return true;
}

const struct trait_option trait_options[] = {
	{ "revision", true, take_revision },
	{ "xtal", true, take_xtal },
	{ "efuse", true, take_efuse },
	{ "efuse-file", true, take_efuse_file },
	{ "efuse-fault", true, take_efuse_fault },
	{ "secure-download", false, take_secure_download },
	{ "secure-boot", true, take_secure_boot },
	{ "flash-encryption", false, take_encryption },
	{ "flash-key", true, take_key },
	{ "no-encrypt", false, take_no_encrypt },
	{ "spi-pins", true, take_pins },
	{ "second-flash", true, take_second },
	{ "flash-is", true, take_kind },
	{ "flash-status", true, take_status },
	{ "flash-fixed", true, take_fixed },
	{ "watchdogs", false, take_watchdogs },
	{ NULL, false, NULL }
};
