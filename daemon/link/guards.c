#include "daemon/link/guards.h"

#include "daemon/link/try.h"
#include "proto/base/err.h"

enum {
	/* The bootloader of an ESP32 with secure boot V1 is made for this very
	 * chip; esptool 5.3, cmds.py. */
	SBV1_END	= 0x8000,
	/* What the key manager recovers its keys from. */
	KEY_INFO_END	= 0x2000,
};

#define BRICK "Use the force argument to override, please use with caution, " \
	"otherwise it may brick your device!"

static bool
has_odd_bits(unsigned n)
{
	return __builtin_popcount(n) % 2 != 0;
}

/* Does flash encryption with a key of the key manager run? */
static bool
manages_key(const struct link *l)
{
	return l->found.security.encrypted && l->found.security.key_is_managed;
}

static int
guard_boot_area(struct link *l, const struct link_write *w)
{
	if (l->found.security.secure_boot_v1 && w->offset < SBV1_END)
		return link_fail(l, ERR_SECURITY, "%s at 0x%x: Secure Boot V1 "
		    "detected, writing to flash regions < 0x%x is disabled to "
		    "protect the bootloader. " BRICK, w->blob->name,
		    w->offset, SBV1_END);
	if (manages_key(l) && w->offset < KEY_INFO_END)
		return link_fail(l, ERR_SECURITY, "%s at 0x%x: Flash "
		    "encryption with Key Manager detected, writing to flash "
		    "region 0x0-0x%x is disabled to protect key recovery "
		    "info. " BRICK, w->blob->name, w->offset, KEY_INFO_END);
	return 0;
}

/* Bytes that the chip would take for encrypted ones, and cannot make so. */
static int
guard_plain(struct link *l, const struct link_write *w)
{
	if (link_is_secure(l) && has_odd_bits(l->found.secinfo.crypt_count))
		return link_fail(l, ERR_SECURITY, "%s: Detected flash "
		    "encryption and secure download mode enabled. Flashing "
		    "plaintext binary may brick your device! Use the force "
		    "argument to override the warning.", w->blob->name);
	if (l->found.security.encrypted && l->found.security.no_encrypt)
		return link_fail(l, ERR_SECURITY, "%s: Detected flash "
		    "encryption enabled and download manual encrypt disabled. "
		    "Data must be encrypted appropriately before flashing. "
		    "Flashing plaintext data may brick your device! Use the "
		    "force argument to override the warning.", w->blob->name);
	return 0;
}

/* Can this chip and loader encrypt, with fuses that make sense of it? */
static int
guard_cipher(struct link *l)
{
	const struct security	*s = &l->found.security;

	if (l->chip->encrypt_align == 0)
		return link_fail(l, ERR_UNSUPPORTED, "the %s does not support "
		    "encrypted flashing", l->chip->name);
	if (!l->rom.stub && (l->chip->caps & CHIP_ROM_BEGIN5) == 0)
		return link_fail(l, ERR_UNSUPPORTED, "the %s ROM bootloader "
		    "does not support encrypted writes; only the flasher stub "
		    "does (do not use --no-stub)", l->chip->name);
	if (link_is_secure(l))
		return 0;	/* what the fuses say cannot be read */
	if (s->no_encrypt)
		return link_fail(l, ERR_SECURITY, "This chip has encrypt "
		    "functionality in UART download mode disabled. This is "
		    "the Flash Encryption configuration for Production mode "
		    "instead of Development mode.");
	if (l->flash.ignore_crypt_config)
		return 0;
	if (s->crypt_config_bad || !s->has_key)
		return link_fail(l, ERR_SECURITY, "Can't perform encrypted "
		    "flash write: %s%s%s; --ignore-flash-enc-efuse writes all "
		    "the same", s->crypt_config_bad ? "unexpected "
		    "FLASH_CRYPT_CONFIG value, it should be 0xf" : "",
		    s->crypt_config_bad && !s->has_key ? ", and " : "",
		    s->has_key ? "" : "Flash encryption key is not "
		    "programmed");
	return 0;
}

static int
guard_encrypted(struct link *l, const struct link_write *w)
{
	TRY(guard_cipher(l));
	if (w->offset % l->chip->encrypt_align == 0)
		return 0;
	return link_fail(l, ERR_ALIGN, "'%s' (address 0x%x) is not %u byte "
	    "aligned, can't flash encrypted", w->blob->name, w->offset,
	    l->chip->encrypt_align);
}

int
guards_write(struct link *l)
{
	for (size_t i = 0; i < l->flash.write_count; i++) {
		const struct link_write	*w = &l->flash.writes[i];

		if (w->encrypt)
			TRY(guard_encrypted(l, w));
		if (l->opt.force)
			continue;
		TRY(guard_boot_area(l, w));
		if (!w->encrypt)
			TRY(guard_plain(l, w));
	}
	return 0;
}

int
guards_erase(struct link *l, uint32_t offset, uint32_t bytes)
{
	const struct security	*s = &l->found.security;

	if (l->opt.force)
		return 0;
	if (manages_key(l) && (bytes == 0 || offset < KEY_INFO_END))
		return link_fail(l, ERR_SECURITY, "Flash encryption with Key "
		    "Manager detected, erasing flash region 0x0-0x%x is "
		    "disabled to protect key recovery info. " BRICK,
		    KEY_INFO_END);
	if (s->encrypted || s->secure_boot || s->secure_boot_v1)
		return link_fail(l, ERR_SECURITY, "Active security features "
		    "detected, erasing flash is disabled as a safety measure. "
		    BRICK);
	return 0;
}
