#ifndef DAEMON_LINK_LINK_H
#define DAEMON_LINK_LINK_H
/*
 * link - the state machine of one attached chip: a table of phases, each a
 * straight-line conversation over a wire.
 *
 * A kind of job is a row of phases.  link_main() runs them one after the other
 * inside a fiber; the first failure ends the row, and `leave` always runs, so
 * that a failed or cancelled job resets its chip all the same.  Everything a
 * phase needs or finds out is in struct link; phases share no other state.
 *
 * Phases return 0 or an enum err and have then set link->why.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/link/fuses.h"
#include "daemon/link/reset.h"
#include "daemon/link/rom.h"
#include "daemon/link/stubs.h"
#include "proto/base/why.h"
#include "proto/chip/chip.h"
#include "proto/chip/flashid.h"
#include "proto/chip/security.h"
#include "proto/image/blob.h"
#include "proto/image/partition.h"
#include "proto/rpc/method.h"

struct link;

/* One phase.  Name and deadline are what the user sees and may rely on. */
struct phase {
	const char	*name;		/* "connect"; NULL ends a row */
	int		(*run)(struct link *);
	unsigned	 deadline_ms;	/* whole phase; 0: set by the data */
};

enum link_before {
	LINK_DEFAULT_RESET,
	LINK_USB_RESET,
	LINK_NO_RESET,
	LINK_NO_RESET_NO_SYNC,
};

enum link_after {
	LINK_HARD_RESET,
	LINK_SOFT_RESET,
	LINK_STAY,		/* no-reset: leave a stub for the ROM loader */
	LINK_STAY_STUB,		/* no-reset-stub: leave everything as it is */
	LINK_WATCHDOG_RESET,
};

/* What --override-vddsdio makes of the flash supply of an ESP32. */
enum link_vddsdio { LINK_VDD_KEEP, LINK_VDD_1V8, LINK_VDD_1V9, LINK_VDD_OFF };

/* Where the flash chip hangs. */
enum link_spi { LINK_SPI_DEFAULT, LINK_SPI_HSPI, LINK_SPI_PINS };

/* What the job asks of every phase. */
struct link_options {
	const struct chip	*chip;		/* NULL: find out */
	uint32_t		 baud;		/* rate for the work */
	enum link_before	 before;
	enum link_after		 after;
	enum stub_choice	 stub;
	/* Resets; 0: for ever.  Another number than LINK_ATTEMPTS was asked
	 * for and is kept to, whatever the phase's deadline. */
	unsigned		 attempts;
	const char		*stub_path;	/* directories, ':' between */
	uint16_t		 usb_vid, usb_pid;	/* of the adapter, or 0 */
	bool			 has_lines;	/* the port has DTR and RTS */
	bool			 remote;	/* rfc2217: line changes travel */
	bool			 flow_lines;	/* BRIDGE_FLOW_LINES */
	enum reset_recipe	 first_recipe;	/* worked here last time */
	struct reset_custom	 reset_custom;	/* into the loader; count 0: none */
	struct reset_custom	 hard_custom;	/* restart; count 0: none */
	enum link_vddsdio	 vddsdio;
	enum link_spi		 spi;
	uint8_t			 spi_pins[CHIP_PADS];	/* CLK, Q, D, HD, CS */
	/* The job works in secure download mode; all others are refused there
	 * by identify, ERR_SECURITY. */
	bool			 secure_ok;
	/* Do it although a guard says no (secure boot, encryption, an image
	 * for another chip). */
	bool			 force;
	/* How often a transfer that was cut short connects anew before it gives
	 * up, without having got further meanwhile. */
	unsigned		 reconnects;
	/* The port went away while connect reset the chip, and is back: it may
	 * be in its loader already, so the first attempt does not reset. */
	bool			 came_back;
	/* The job began on a chip with this MAC and must not go on with another
	 * one: ERR_CHIP_MISMATCH. */
	bool			 has_expected;
	uint8_t			 expected_mac[6];
};

enum {
	LINK_BAUD	= 115200,	/* every ROM speaks this first */
	LINK_ATTEMPTS	= 7,		/* resets, unless told otherwise */
	LINK_RECONNECTS	= 3,		/* in a row, without getting further */
};

enum { LINK_WRITES_MAX = METHOD_IMAGES_MAX };

/* One image and where it goes. */
struct link_write {
	struct blob	*blob;
	uint32_t	 offset;
	bool		 encrypt;	/* the chip encrypts it on the way */
	/* The partition that it is for; "": just an address.  Its place is
	 * open until phase table has found it. */
	char		 partition[PARTITION_NAME + 1];
	bool		 open;
	bool		 secret;	/* the table has it as encrypted */
	struct blob	*old;		/* what the flash should hold now: only
					 * sectors that differ are written; or
					 * NULL */
};

/* What the header of a bootloader is set to: words of struct chip_code, or
 * NULL to keep what is there. */
struct link_header {
	const char	*mode;		/* "qio", "qout", "dio", "dout" */
	const char	*freq;		/* "40m" */
	const char	*size;		/* "4MB", or "detect" */
};

/* The flash chip's status registers, the first one in the low byte. */
struct link_status {
	uint32_t	value;		/* to be written */
	unsigned	bytes;		/* 1..3: how many of them */
	bool		non_volatile;	/* also after a power cycle */
};

/* The chip's memory and registers. */
struct link_mem {
	uint32_t	address;
	uint32_t	value, mask;	/* of a write */
	uint32_t	bytes;		/* of a dump */
};

enum { LINK_SFDP_MAX = 64 };	/* bytes of SFDP that can be read at once */

/* What a job works on. */
struct link_flash {
	const struct link_write	*writes;
	size_t			 write_count;
	bool			 plain;		/* never compress */
	bool			 erase_all;	/* before the first write */
	bool			 skip_flashed;	/* not what is there already */
	bool			 trust_old;	/* link_write.old: unasked */
	bool			 ignore_crypt_config;	/* ESP32, encrypt */
	struct link_header	 header;
	uint32_t		 erase_offset, erase_bytes;	/* erase-region */
	/* From the offset up to the end of the flash: check sets the bytes. */
	bool			 erase_rest, read_rest;
	/* The partition to erase or read; "": an address.  While its place is
	 * open, `rest` means all of it. */
	char			 partition[PARTITION_NAME + 1];
	bool			 open;
	uint32_t		 table_offset;	/* of the partition table */
	bool			 must_verify;	/* not verified is failed */
	uint32_t		 read_offset;
	uint32_t		 read_bytes;
	struct link_status	 status;
	uint32_t		 sfdp_address, sfdp_bytes;
	struct link_mem		 mem;
	/* Bytes of a read, in order.  Returns 0 or an enum err that ends it. */
	int			(*sink)(void *arg, const void *, size_t len);
	/* The next bytes come from the start again; NULL: that cannot be. */
	void			(*sink_again)(void *arg);
	void			*sink_arg;
};

/* A run of sectors that were written because they differed. */
struct link_region {
	uint32_t	addr, sectors;
};

/*
 * One image as this chip gets it, and what became of it.  Made by
 * images_prepare() (daemon/link/images.h), freed by link_done().
 */
struct link_image {
	struct blob	*blob;		/* with its header set */
	struct blob	*data;		/* with FF before and behind it, so that
					 * it can be written from... */
	uint32_t	 start;		/* ...here */
	struct blob	*old;		/* likewise; NULL: written whole */
	bool		 patched;
	bool		 redigested;	/* and its SHA-256 with it */
	uint16_t	 params;	/* of the header then; bytes 2 and 3 */
	bool		 skipped;	/* nothing was written */
	bool		 verified;	/* its MD5 was compared at last */
	bool		 resumed;
	uint32_t	 resumed_at;	/* address, the last time */
	struct link_region *regions;	/* of a differential write */
	size_t		 region_count;
	uint32_t	 sent_z;	/* compressed bytes; 0: sent plain */
	uint32_t	 ms;		/* it took, at least 1; 0: its
					 * turn did not come */
};

/* Where a partition turned out to be. */
struct link_place {
	uint32_t	offset, bytes;
	bool		secret;
};

/* How far a job came, so that the next attempt goes on there. */
struct link_resume {
	/* The names of the job have these places: those of flash.writes in
	 * their order, or the one region. */
	bool		 placed;
	struct link_place places[LINK_WRITES_MAX];
	bool		 judged;	/* its images, by signatures.h */
	bool		 erased;	/* all of the flash */
	size_t		 image;		/* those before it are written */
	uint32_t	 addr;		/* flash holds this one up to here; 0:
					 * nothing is known of it */
	uint32_t	 read_bytes;	/* given to the sink, ... */
	uint8_t		 read_md5[BLOB_MD5];	/* ... with this digest */
};

/* What has been found out so far. */
struct link_found {
	struct chip_facts	facts;
	bool			has_secinfo;
	struct secinfo		secinfo;
	struct security		security;	/* not in secure download */
	bool			stub_was_there;	/* answered SYNC as a stub */
	uint32_t		baud;		/* of the work, before leave */
	uint32_t		rdid;		/* answer of the flash to 0x9F */
	struct flashid		flash;
	uint32_t		flash_bytes;	/* size in use: detected or set */
	uint8_t			md5[BLOB_MD5];	/* of the last verify or read */
	bool			verified;	/* the MD5s were compared */
	uint32_t		word;		/* mem_read */
	uint32_t		status[2];	/* flash: before, and after */
	uint8_t			sfdp[LINK_SFDP_MAX];
	uint32_t		ram_entry, ram_segments; /* of ram */
	uint32_t		resets;		/* done by connect */
	enum reset_recipe	recipe;		/* the last before it answered;
						 * RESET_NONE: none of ours */
	char			boot_log[ROM_BOOT_LOG];	/* printable */
};

/* What the runner tells upwards.  Called from inside the conversation; must
 * not wait.  Any may be NULL. */
struct link_hooks {
	void	(*phase)(void *arg, const struct phase *);
	/* `done` of `total` bytes of the phase; total 0: unknown. */
	void	(*progress)(void *arg, uint64_t done, uint64_t total);
	/* A sentence the user should see though the work goes on. */
	void	(*note)(void *arg, const char *text);
	/* From now on (until false) nobody may see what passes. */
	void	(*secret)(void *arg, bool on);
	/* Burning begins (`done` is 0); so many of its steps are done; or it
	 * `failed` then (else NULL).  An error before the first ends the job,
	 * later ones only get told. */
	int	(*burn)(void *arg, size_t done, const struct why *failed,
		    struct why *);
};

enum { LINK_LEAVE_MS = 3000 };	/* a cancelled job has this long to reset */

struct link {
	struct rom			 rom;
	const struct chip		*chip;	/* NULL before identify */
	struct link_options		 opt;
	struct link_flash		 flash;
	struct link_fuses		 fuses;
	struct link_found		 found;
	struct link_image		 images[LINK_WRITES_MAX];
	struct link_write		*own_writes;	/* with places of this
							 * board; or NULL */
	struct link_resume		 resume;	/* kept by the runner */
	unsigned			 lost;		/* connections since it
							 * got further */
	unsigned			 lost_at_baud;	/* at this rate */
	uint32_t			 baud;	/* of the line now */
	const struct phase		*phases;
	const struct phase		*phase;	/* running, or NULL */
	int				(*leave)(struct link *);
	uint64_t			 phase_ends;	/* wire_now(); 0: open */
	const struct link_hooks		*hooks;
	void				*hook_arg;
	/* Set from outside: end with this error after the running block. */
	int				 halt;
	/* The last refusal was for bytes that the line had damaged. */
	bool				 bad_line;
	/* The chip waits for the rest of a transfer: only a reset helps. */
	bool				 in_transfer;
	/* A stub did not get over at a higher rate. */
	bool				 slow_load;
	/* A recipe was cut short: the lines may hold the chip in reset. */
	bool				 in_reset;
	/* Lets a stopped wire go on for the leave phase; gets hook_arg; may be
	 * NULL. */
	void				(*rearm)(void *arg, unsigned ms);
	struct why			 why;
	int				 result;	/* 0 or an enum err */
};

/* Ready for link_main(); options and flash are set by the caller then. */
void link_init(struct link *, struct wire *);
void link_done(struct link *);

/* Run all phases and leave; the main of a fiber, arg is the struct link.
 * The outcome is in result and why. */
void link_main(void *arg);

/* Record a failure with its sentence (proto/base/why.h); returns err. */
int link_fail(struct link *, int err, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* As above when a rom_*() call failed: adds what the chip answered, or that it
 * fell silent.  `doing` completes "could not ...": "erase the flash". */
int link_fail_rom(struct link *, int err, const char *doing);

/* The end of a sentence about a chip that reported a brown-out. */
#define LINK_WEAK_SUPPLY "its power supply is too weak (brown-out): use " \
	"another supply, a better cable, or a hub with its own supply"

void link_note(struct link *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void link_progress(struct link *, uint64_t done, uint64_t total);

/* The loader can tell the MD5 of its flash. */
bool link_digests(const struct link *);

/* Hand bytes of a read to the job's sink; its failure gets a sentence. */
int link_sink(struct link *, const void *, size_t len);

/* ERR_TIMEOUT with a sentence once the running phase is past its deadline. */
int link_check_deadline(struct link *);

/* Ask a stub that runs whether it is one of ours: rom.ext. */
int link_ask_stub(struct link *);

/* Reads a register for proto/chip; arg is the struct link. */
int link_read_reg(void *arg, uint32_t addr, uint32_t *value);

/* The chip is in secure download mode: registers cannot be read. */
bool link_is_secure(const struct link *);

/* The port is the USB-Serial/JTAG block of the chip itself, by its USB product
 * id; it takes resets of its own. */
bool link_is_usb_jtag(const struct link *);

/* The port is the USB-OTG of the chip itself, served by its ROM or stub; false
 * before the chip is known. */
bool link_is_usb_otg(const struct link *);

/* Take chip and line to another rate.  ERR_UNSUPPORTED: it cannot, with the
 * reason in `why` (not recorded as a failure). */
int link_change_baud(struct link *, uint32_t baud, struct why *why);

/* The end of the flash as far as it is known: never beyond the real one,
 * whatever the user says; 4 GB when nothing is known.  Needs attach. */
uint64_t link_flash_end(const struct link *);

/* Milliseconds the chip gets to erase and program, or to digest, `bytes`. */
unsigned link_write_ms(uint64_t bytes);
unsigned link_md5_ms(uint64_t bytes);

/* The phases; each in daemon/link/phase_NAME.c.  What they need and leave: */
int phase_connect(struct link *);  /* port open -> loader answers, in step */
int phase_identify(struct link *); /* -> chip, found.facts, found.secinfo */
int phase_stub(struct link *);	   /* -> rom.stub, unless none is wanted or fits */
int phase_baud(struct link *);	   /* -> line at opt.baud */
int phase_attach(struct link *);   /* -> found.flash, found.flash_bytes */
int phase_table(struct link *);	   /* places of what is open */
int phase_check(struct link *);	   /* writes, erase and read may be done */
int phase_erase(struct link *);	   /* erase_all, or the region */
int phase_write(struct link *);	   /* all of flash.writes */
int phase_verify(struct link *);   /* MD5 of every write against the chip */
int phase_read(struct link *);	   /* flash.read_* -> flash.sink */
int phase_mem_read(struct link *);   /* flash.mem.address -> found.word */
int phase_mem_write(struct link *);  /* flash.mem */
int phase_mem_dump(struct link *);   /* flash.mem -> flash.sink */
int phase_ram(struct link *);	   /* flash.writes[0] into RAM; it runs */
int phase_run(struct link *);	   /* the program in flash runs */
int phase_efuse_read(struct link *);  /* -> fuses.state; its names are there */
int phase_efuse_fresh(struct link *); /* the same, read anew by the controller */
int phase_efuse_plan(struct link *);  /* fuses.order -> fuses.plan */
int phase_efuse_burn(struct link *);  /* all steps of fuses.plan, or fuses.lost */
int phase_security(struct link *); /* -> found.secinfo, or ERR_UNSUPPORTED */
int phase_status(struct link *);   /* -> found.status[0] */
int phase_set_status(struct link *); /* flash.status -> found.status */
int phase_sfdp(struct link *);	   /* flash.sfdp_* -> found.sfdp */
int phase_leave(struct link *);	   /* as opt.after says */

/* Supply of the flash: as the user wants it, and switched on where a chip needs
 * that.  The last step of identify. */
int link_power(struct link *);

/* The part of attach that needs no register: connect the SPI controller to the
 * pins of the flash. */
int link_attach(struct link *);
#endif
