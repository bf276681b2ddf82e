/*
 * consequence - what a burn makes impossible for ever.
 *
 * Rules are rows: a field, when they hold, a sentence.  What no row can say
 * (which fields a bit of WR_DIS covers, whether anything will start at all) is a
 * function below.  Sources: the Technical Reference Manuals, chapters "eFuse
 * Controller" and "Boot"; ESP-IDF Programming Guide, "Secure Boot v2", "Flash
 * Encryption", "Security Features Enablement Workflows".
 */
#include "proto/efuse/describe.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "proto/efuse/trusted.h"

enum {
	SENTENCE	= 512,		/* bytes, with NUL */
	NAMES		= 320,		/* of a list of names in it */
	RD_DIS_BITS	= 8,		/* as many as any chip has */
	WR_DIS_BITS	= 32,
	CHUNK_34	= 6,		/* bytes that are burned as one */
	UPPER_HALF	= 4,		/* first word of the second 128 bits */
	KEY_MANAGER_XTS	= 1 << 1,	/* in FORCE_USE_KEY_MANAGER_KEY */
};

/* When a rule holds.  ON: more bits than before.  ODD and EVEN: an odd number of
 * ones where it was even, and the other way round.  FULL: no bit is left. */
enum when { ON, ODD, EVEN, FULL };

struct rule {
	const char	*field;
	enum when	 when;
	const char	*text;		/* NULL: what the field is */
	uint32_t	 from_revision;	/* of the chip */
};

struct teller {
	const struct efuse_state	*before, *after;
	void				(*tell)(void *, const char *);
	void				*arg;
};

/* The chip is out of reach, or parts of what it is reached by. */
static const struct rule contact[] = {
	{ .field = "DIS_DOWNLOAD_MODE", .text =
	    "no tool can connect to the loader in ROM again, also not this one" },
	{ .field = "UART_DOWNLOAD_DIS", .from_revision = 300, .text =
	    "no tool can connect to the loader in ROM again, also not this one" },
	{ .field = "ENABLE_SECURITY_DOWNLOAD", .text =
	    "the loader in ROM only writes flash from now on: no stub, no "
	    "reading, no registers, no further eFuses" },
	{ .field = "DIS_USB_SERIAL_JTAG", .text =
	    "USB-Serial-JTAG is gone: no console, no download and no JTAG over it" },
	{ .field = "DIS_USB_SERIAL_JTAG_DOWNLOAD_MODE", .text =
	    "the chip cannot be flashed over USB-Serial-JTAG again" },
	{ .field = "DIS_USB_OTG", .text =
	    "USB OTG is gone: no program can use it, and no download over it" },
	{ .field = "DIS_USB", .text =
	    "USB OTG is gone: no program can use it, and no download over it" },
	{ .field = "DIS_USB_OTG_DOWNLOAD_MODE", .text =
	    "the chip cannot be flashed over USB OTG again" },
	{ .field = "DIS_USB_DOWNLOAD_MODE", .text =
	    "the chip cannot be flashed over USB OTG again" },
	{ .field = "DIS_PCIE_DOWNLOAD", .text =
	    "the chip cannot be flashed over PCIe again" },
	{ .field = NULL }
};

/* What starts, and who can look into it. */
static const struct rule trust[] = {
	{ .field = "SECURE_BOOT_EN", .text =
	    "only signed bootloaders start from now on; that cannot be turned off" },
	{ .field = "ABS_DONE_1", .from_revision = 300, .text =
	    "only signed bootloaders start from now on; that cannot be turned off" },
	{ .field = "ABS_DONE_0", .text =
	    "only a bootloader with the right digest starts from now on; that "
	    "cannot be turned off" },
	{ .field = "SPI_BOOT_CRYPT_CNT", .when = ODD, .text =
	    "flash encryption is on: what lies in flash unencrypted does not start" },
	{ .field = "FLASH_CRYPT_CNT", .when = ODD, .text =
	    "flash encryption is on: what lies in flash unencrypted does not start" },
	{ .field = "SPI_BOOT_CRYPT_CNT", .when = EVEN, .text =
	    "flash encryption is off: what lies in flash encrypted does not start" },
	{ .field = "FLASH_CRYPT_CNT", .when = EVEN, .text =
	    "flash encryption is off: what lies in flash encrypted does not start" },
	{ .field = "SPI_BOOT_CRYPT_CNT", .when = FULL, .text =
	    "flash encryption can never be turned off again" },
	{ .field = "FLASH_CRYPT_CNT", .when = FULL, .text =
	    "flash encryption can never be turned off again" },
	{ .field = "SECURE_BOOT_KEY_REVOKE0", .text =
	    "what is signed with the first secure boot key alone never starts again" },
	{ .field = "SECURE_BOOT_KEY_REVOKE1", .text =
	    "what is signed with the second secure boot key alone never starts again" },
	{ .field = "SECURE_BOOT_KEY_REVOKE2", .text =
	    "what is signed with the third secure boot key alone never starts again" },
	{ .field = "SECURE_BOOT_AGGRESSIVE_REVOKE", .text =
	    "one check of a bootloader that fails revokes its key for ever" },
	{ .field = "SECURE_VERSION", .text =
	    "applications with an older secure version never start again" },
	{ .field = "SECURE_VERSION", .when = FULL, .text =
	    "the secure version can never be raised again" },
	{ .field = "BOOTLOADER_ANTI_ROLLBACK_EN", .text =
	    "bootloaders with an older secure version never start again" },
	{ .field = "JTAG_DISABLE", .text = "no JTAG ever again" },
	{ .field = "HARD_DIS_JTAG", .text = "no JTAG ever again" },
	{ .field = "DIS_PAD_JTAG", .text = "no JTAG on pins ever again" },
	{ .field = "DIS_USB_JTAG", .text = "no JTAG over USB ever again" },
	{ .field = "SOFT_DIS_JTAG", .when = ODD, .text =
	    "no JTAG until a program turns it on with the key of the HMAC unit" },
	{ .field = "DIS_DOWNLOAD_MANUAL_ENCRYPT", .text =
	    "download mode cannot encrypt what it writes to flash again" },
	{ .field = "DISABLE_DL_ENCRYPT", .text =
	    "download mode cannot encrypt what it writes to flash again" },
	{ .field = "DISABLE_DL_DECRYPT", .text =
	    "download mode cannot decrypt flash again" },
	{ .field = "SPI_DOWNLOAD_MSPI_DIS", .text =
	    "download mode has no memory access to flash and PSRAM again" },
	{ .field = "DIS_FORCE_DOWNLOAD", .text =
	    "no program can send the chip into download mode again" },
	{ .field = NULL }
};

#define FLASH_PIN	"the flash is expected at another pin from now on"
#define USB_WIRES	"on boards wired the usual way USB does not work any more"

/* Parts of the chip that are gone, and how it is supplied and wired. */
static const struct rule parts[] = {
	{ .field = "CODING_SCHEME", .text =
	    "BLOCK1 to BLOCK3 have 192 bits, and each part can be burned once only" },
	{ .field = "XPD_SDIO_REG", .text =
	    "the regulator of the flash can no longer be set to off" },
	{ .field = "VDD_SPI_XPD", .text =
	    "the regulator of the flash can no longer be set to off" },
	{ .field = "XPD_SDIO_TIEH", .text =
	    "the regulator of the flash can no longer be set to 1.8 V" },
	{ .field = "VDD_SPI_TIEH", .text =
	    "the regulator of the flash can no longer be set to 1.8 V" },
	{ .field = "PMU_FLASH_POWER_SEL", .text =
	    "the supply of the flash can no longer be set to 1.8 V" },
	{ .field = "PMU_FLASH_POWER_SEL_EN", .text =
	    "the flash gets what PMU_FLASH_POWER_SEL says, 1.8 V while that is 0" },
	{ .field = "VDD_SPI_AS_GPIO", .text =
	    "the pin VDD_SPI cannot supply a flash chip again" },
	{ .field = "FLASH_LDO_EFUSE_SEL", .text =
	    "the voltage of the flash does not follow a strapping pin again" },
	{ .field = "FLASH_LDO_POWER_SEL", .text =
	    "the flash gets its supply from the LDO of 1.2 V" },
	{ .field = "IO_LDO_1P8", .text =
	    "the IO LDO can no longer be set to 3.3 V" },
	{ .field = "HP_PWR_SRC_SEL", .text =
	    "the HP system gets its power from the DC-DC converter for ever" },
	{ .field = "FLASH_TYPE", .text =
	    "a flash chip of the kind used before does not start any more" },
	{ .field = "SPI_PAD_CONFIG_CLK", .text = FLASH_PIN },
	{ .field = "SPI_PAD_CONFIG_Q", .text = FLASH_PIN },
	{ .field = "SPI_PAD_CONFIG_D", .text = FLASH_PIN },
	{ .field = "SPI_PAD_CONFIG_CS", .text = FLASH_PIN },
	{ .field = "SPI_PAD_CONFIG_CS0", .text = FLASH_PIN },
	{ .field = "SPI_PAD_CONFIG_HD", .text = FLASH_PIN },
	{ .field = "SPI_PAD_CONFIG_WP", .text = FLASH_PIN },
	{ .field = "USB_EXCHG_PINS", .text = USB_WIRES },
	{ .field = "USB_DEVICE_EXCHG_PINS", .text = USB_WIRES },
	{ .field = "USB_OTG11_EXCHG_PINS", .text = USB_WIRES },
	{ .field = "USB_OTG_FS_EXCHG_PINS", .text = USB_WIRES },
	{ .field = "USB_PHY_SEL", .text =
	    "the USB controllers have exchanged their pins" },
	{ .field = "FORCE_USE_KEY_MANAGER_KEY", .text =
	    "for these uses key blocks do not count any more, only the Key Manager" },
	{ .field = "KM_DISABLE_DEPLOY_MODE", .text =
	    "the Key Manager takes no new keys for these uses again" },
	{ .field = "KM_DEPLOY_ONLY_ONCE", .text =
	    "the Key Manager takes a key for these uses once only" },
	{ .field = "FORCE_DISABLE_SW_INIT_KEY" },
	{ .field = "ECDSA_DISABLE_P192" },
	{ .field = "SECURE_BOOT_SHA384_EN" },
	{ .field = "DIS_DOWNLOAD_ICACHE" },
	{ .field = "DIS_DOWNLOAD_DCACHE" },
	{ .field = "DISABLE_DL_CACHE" },
	{ .field = "DIS_BOOT_REMAP" },
	{ .field = "XTAL_48M_SEL", .when = ODD, .text =
	    "with a crystal of 40 MHz the chip does not run any more" },
	{ .field = "XTAL_48M_SEL", .when = EVEN, .text =
	    "with a crystal of 48 MHz the chip does not run any more" },
	{ .field = "DISABLE_APP_CPU" },
	{ .field = "DIS_APP_CPU" },
	{ .field = "DIS_CORE1" },
	{ .field = "DIS_CACHE" },
	{ .field = "DIS_ICACHE" },
	{ .field = "DIS_DCACHE" },
	{ .field = "DISABLE_BT", .text = "Bluetooth is off for ever" },
	{ .field = "DIS_WIFI6", .text = "Wi-Fi 6 is off for ever" },
	{ .field = "DIS_TWAI" },
	{ .field = "DISABLE_SDIO_HOST" },
	{ .field = "DIS_SM_CRYPT" },
	{ .field = "DIS_WDT" },
	{ .field = "DIS_SWD" },
	{ .field = "DIS_DIRECT_BOOT" },
	{ .field = "DIS_LEGACY_SPI_BOOT" },
	{ .field = "CONSOLE_DEBUG_DISABLE" },
	{ .field = "UART_PRINT_CONTROL", .when = FULL, .text =
	    "the ROM never prints over UART again" },
	{ .field = "DIS_USB_SERIAL_JTAG_ROM_PRINT" },
	{ .field = "BOOTLOADER_ANTI_ROLLBACK_SECURE_VERSION", .text =
	    "the ROM can refuse bootloaders with an older secure version" },
	{ .field = NULL }
};

static const struct efuse_field *
find_field(const struct efuse_chip *chip, const char *name)
{
	for (const struct efuse_field *f = chip->fields; f->name != NULL; f++)
		if (strcmp(f->name, name) == 0)
			return f;
	return NULL;
}

static bool
is_odd(uint32_t bits)
{
	return __builtin_parity(bits) != 0;
}

static bool
holds(const struct rule *r, const struct efuse_field *f,
    const struct teller *t)
{
	uint32_t	was = efuse_number(t->before, f->name);
	uint32_t	is = efuse_number(t->after, f->name);
	uint32_t	full = (uint32_t)(((uint64_t)1 << f->bits) - 1);
	uint32_t	revision = t->after->raw.revision;

	if (was == is || (revision != 0 && revision < r->from_revision))
		return false;
	switch (r->when) {
	case ON:
		return true;
	case ODD:
		return is_odd(is) && !is_odd(was);
	case EVEN:
		return !is_odd(is) && is_odd(was);
	case FULL:
		return is == full;
	}
	return false;
}

/* What efuse_describe() says begins with a capital, which may be of a name
 * ("USB", "CPU"). */
static char
first_letter(const char *text)
{
	if (isupper((unsigned char)text[1]))
		return text[0];
	return (char)tolower((unsigned char)text[0]);
}

static void
tell_rule(const struct teller *t, const struct rule *r,
    const struct efuse_field *f)
{
	const char	*text = efuse_describe(f);
	char		 line[SENTENCE];

	if (r->text != NULL)
		(void)snprintf(line, sizeof(line), "%s: %s", r->text, f->name);
	else
		(void)snprintf(line, sizeof(line), "%c%s: %s",
		    first_letter(text), text + 1, f->name);
	t->tell(t->arg, line);
}

static void
tell_rules(const struct teller *t, const struct rule *rules)
{
	for (const struct rule *r = rules; r->field != NULL; r++) {
		const struct efuse_field	*f;

		f = find_field(t->after->efuse, r->field);
		if (f != NULL && holds(r, f, t))
			tell_rule(t, r, f);
	}
}

/* Some of the words of a block are not 0; what cannot be read is. */
static bool
holds_data(const struct efuse_state *s, unsigned block)
{
	for (size_t i = 0; i < EFUSE_WORDS; i++)
		if (s->words[block][i] != 0)
			return true;
	return false;
}

/* Has secure boot (v2) something to check with, where it is on? */
static bool
can_start(const struct efuse_state *s)
{
	return efuse_number(s, s->efuse->flags & EFUSE_CHIP_ESP32 ?
	    "ABS_DONE_1" : "SECURE_BOOT_EN") == 0 || efuse_trusts_any(s);
}

static void
tell_start(const struct teller *t)
{
	if (can_start(t->before) && !can_start(t->after))
		t->tell(t->arg, "nothing starts on this chip any more: secure "
		    "boot is on, and no key digest is there that can be read "
		    "and is not revoked");
}

static bool
is_encrypted(const struct efuse_state *s)
{
	return is_odd(efuse_number(s, "SPI_BOOT_CRYPT_CNT")) ||
	    is_odd(efuse_number(s, "FLASH_CRYPT_CNT"));
}

/* A key that cannot be read is taken to be there. */
static bool
has_flash_key(const struct efuse_state *s)
{
	static const char		 xts[] = "XTS_AES_";
	const struct efuse_chip		*chip = s->efuse;
	const struct efuse_purpose	*p;
	struct efuse_purpose		 room;

	if (chip->flags & EFUSE_CHIP_ESP32)
		return !efuse_block_readable(s, 1) || holds_data(s, 1);
	if (chip->flags & EFUSE_CHIP_ONE_KEY)
		return (efuse_number(s, "RD_DIS") & 1) != 0 ||
		    holds_data(s, 3);
	if (efuse_number(s, "FORCE_USE_KEY_MANAGER_KEY") & KEY_MANAGER_XTS)
		return true;
	for (unsigned b = 1; chip->blocks[b].name != NULL; b++) {
		p = efuse_block_purpose(s, b, &room);
		if (p != NULL && strncmp(p->name, xts, sizeof(xts) - 1) == 0 &&
		    strstr(p->name, "PSRAM") == NULL)
			return true;
	}
	return false;
}

static void
tell_no_key(const struct teller *t)
{
	if (is_encrypted(t->after) && !has_flash_key(t->after) &&
	    !is_encrypted(t->before))
		t->tell(t->arg, "flash encryption is on without a key: no "
		    "block is burned for one");
}

/* A list of names, as many as fit, then how many more. */
struct names {
	char	text[NAMES];
	size_t	len, more;
};

static void
names_add(struct names *n, const char *name)
{
	size_t	len = strlen(name);

	if (n->more > 0 || n->len + len + 2 >= sizeof(n->text)) {
		n->more++;
		return;
	}
	n->len += (size_t)snprintf(n->text + n->len, sizeof(n->text) - n->len,
	    "%s%s", n->len > 0 ? ", " : "", name);
}

/* "reason: names (WR_DIS bit 2)"; nothing when there are no names. */
static void
tell_names(const struct teller *t, const char *reason, const struct names *n,
    const char *mask, unsigned bit)
{
	char	line[SENTENCE];

	if (n->len == 0)
		return;
	if (n->more > 0)
		(void)snprintf(line, sizeof(line), "%s: %s and %zu more "
		    "(%s bit %u)", reason, n->text, n->more, mask, bit);
	else
		(void)snprintf(line, sizeof(line), "%s: %s (%s bit %u)",
		    reason, n->text, mask, bit);
	t->tell(t->arg, line);
}

/* Which bits of a mask like RD_DIS are set now and were not. */
static uint32_t
new_bits(const struct teller *t, const char *mask)
{
	return efuse_number(t->after, mask) & ~efuse_number(t->before, mask);
}

/* Does it lie in a larger field that is a whole block?  That one is named. */
static bool
is_part(const struct efuse_chip *chip, const struct efuse_field *f)
{
	for (const struct efuse_field *w = chip->fields; w->name != NULL; w++)
		if (w->class == EFUSE_CLASS_KEYBLOCK &&
		    w->block == f->block && w->bits > f->bits)
			return true;
	return false;
}

/* Both halves of a key block are fields, and each has a bit (ESP32-C2). */
static bool
hidden_by(const struct efuse_chip *chip, const struct efuse_field *f,
    unsigned bit)
{
	return f->rd_dis == (uint32_t)1 << bit &&
	    (f->class == EFUSE_CLASS_KEYBLOCK || !is_part(chip, f));
}

/* RD_DIS has a sentence of its own (tell_exposed). */
static bool
locked_by(const struct efuse_chip *chip, const struct efuse_field *f,
    unsigned bit)
{
	return f->wr_dis == bit && f->bit != EFUSE_NOWHERE &&
	    strcmp(f->name, "RD_DIS") != 0 && !is_part(chip, f);
}

static void
tell_hidden(const struct teller *t)
{
	const struct efuse_chip	*chip = t->after->efuse;
	uint32_t		 bits = new_bits(t, "RD_DIS");

	for (unsigned bit = 0; bit < RD_DIS_BITS; bit++) {
		struct names	n = { .len = 0 };

		if ((bits >> bit & 1) == 0)
			continue;
		for (const struct efuse_field *f = chip->fields; f->name; f++)
			if (hidden_by(chip, f, bit))
				names_add(&n, f->name);
		for (unsigned b = 1; n.len == 0 && chip->blocks[b].name; b++)
			if (chip->blocks[b].rd_dis >> bit & 1)
				names_add(&n, chip->blocks[b].name);
		tell_names(t, "no program and no tool can read that again", &n,
		    "RD_DIS", bit);
	}
}

static void
tell_locked(const struct teller *t)
{
	const struct efuse_chip	*chip = t->after->efuse;
	uint32_t		 bits = new_bits(t, "WR_DIS");

	for (unsigned bit = 0; bit < WR_DIS_BITS; bit++) {
		struct names	n = { .len = 0 };

		if ((bits >> bit & 1) == 0)
			continue;
		for (const struct efuse_field *f = chip->fields; f->name; f++)
			if (locked_by(chip, f, bit))
				names_add(&n, f->name);
		for (unsigned b = 1; n.len == 0 && chip->blocks[b].name; b++)
			if (chip->blocks[b].wr_dis == bit)
				names_add(&n, chip->blocks[b].name);
		tell_names(t, "no bit of these can be burned again", &n,
		    "WR_DIS", bit);
	}
}

/* What the secret in a block is for; NULL: there is none that can be read.  On
 * the ESP32 and ESP32-C2 only one place is for secrets and nothing else. */
static const char *
exposed_secret(const struct efuse_state *s, unsigned b,
    struct efuse_purpose *room)
{
	const struct efuse_chip		*chip = s->efuse;
	const struct efuse_purpose	*p;

	if (chip->flags & EFUSE_CHIP_ONE_KEY) {
		for (size_t i = 0; b == 3 && i < UPPER_HALF; i++)
			if (s->words[b][i] != 0 &&
			    (efuse_number(s, "RD_DIS") & 1) == 0)
				return "flash encryption";
		return NULL;
	}
	if (!efuse_block_readable(s, b) || !holds_data(s, b))
		return NULL;
	if (chip->flags & EFUSE_CHIP_ESP32)
		return b == 1 ? "flash encryption" : NULL;
	p = efuse_block_purpose(s, b, room);
	return p != NULL && (p->flags & EFUSE_HIDE) ? p->name : NULL;
}

/* Keys that stay readable because RD_DIS itself is locked. */
static void
tell_exposed(const struct teller *t)
{
	const struct efuse_chip		*chip = t->after->efuse;
	const struct efuse_field	*rd_dis = find_field(chip, "RD_DIS");
	struct efuse_purpose		 room;
	char				 line[SENTENCE];

	if (rd_dis == NULL || !efuse_writable(t->before, rd_dis) ||
	    efuse_writable(t->after, rd_dis))
		return;
	for (unsigned b = 1; chip->blocks[b].name != NULL; b++) {
		const char	*secret = exposed_secret(t->after, b, &room);

		if (secret == NULL)
			continue;
		(void)snprintf(line, sizeof(line), "every program can read the "
		    "secret key (%s) for ever: %s", secret,
		    chip->blocks[b].name);
		t->tell(t->arg, line);
	}
	t->tell(t->arg, "no block can be protected from reading any more: "
	    "RD_DIS is locked");
}

/* With check bytes a block takes data once only. */
static void
tell_full(const struct teller *t)
{
	const struct efuse_chip	*chip = t->after->efuse;
	char			 line[SENTENCE];

	for (unsigned b = 1; chip->blocks[b].name != NULL; b++) {
		bool	coded = false;

		switch (efuse_block_coding(t->after, b)) {
		case EFUSE_34:
		case EFUSE_RS:
			coded = true;
			break;
		case EFUSE_PLAIN:
		case EFUSE_REPEAT:
		case EFUSE_RECOVERY:
			break;
		}
		if (!coded || !efuse_block_empty(t->before, b) ||
		    efuse_block_empty(t->after, b))
			continue;
		if (efuse_block_coding(t->after, b) == EFUSE_34)
			(void)snprintf(line, sizeof(line), "each group of %d "
			    "bytes that holds something cannot be added to: %s",
			    CHUNK_34, chip->blocks[b].name);
		else
			(void)snprintf(line, sizeof(line), "nothing can be "
			    "added to the block, not even a bit: %s",
			    chip->blocks[b].name);
		t->tell(t->arg, line);
	}
}

/* Words of esptool, which say what the voltage is now. */
static void
tell_supply(const struct teller *t)
{
	char	was[EFUSE_TEXT_MAX * 3], is[EFUSE_TEXT_MAX * 3];
	char	line[SENTENCE + EFUSE_TEXT_MAX];

	efuse_supply(t->before, was, sizeof(was));
	efuse_supply(t->after, is, sizeof(is));
	if (strcmp(was, is) == 0)
		return;
	for (char *p = is; *p != '\0'; p++)
		if (*p == '\n')
			*p = ' ';
	(void)snprintf(line, sizeof(line), "a flash chip that needs another "
	    "supply does not work any more, or is damaged: %s", is);
	t->tell(t->arg, line);
}

void
efuse_consequences(const struct efuse_state *before,
    const struct efuse_state *after, void (*tell)(void *arg, const char *),
    void *arg)
{
	const struct teller	t = { before, after, tell, arg };

	tell_start(&t);
	tell_no_key(&t);
	tell_rules(&t, contact);
	tell_rules(&t, trust);
	tell_exposed(&t);
	tell_hidden(&t);
	tell_supply(&t);
	tell_full(&t);
	tell_locked(&t);
	tell_rules(&t, parts);
}
