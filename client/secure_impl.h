#ifndef CLIENT_SECURE_IMPL_H
#define CLIENT_SECURE_IMPL_H
/*
 * secure_impl - what the files of a run of espsecure share.
 *
 * A command first reads all its files (secure_read), then says where its output
 * goes (secure_check_output), then works, and writes last (secure_write), so
 * that nothing is left of one that fails.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "client/client.h"
#include "client/hsm.h"
#include "client/hsm_conf.h"
#include "client/secure.h"
#include "client/secure_line.h"
#include "proto/base/why.h"
#include "proto/secure/pem.h"

struct json_object;

enum {
	SECURE_DATA_MAX		= 256 << 20,	/* bytes of an image */
	SECURE_INPUTS_MAX	= 16,		/* files that a command reads */
};

/* What was read, to know an output that is the same file. */
struct secure_input {
	const char	*path;
	struct stat	 st;
};

struct secure_run {
	struct client		*client;
	bool			 as_tool;	/* as espsecure */
	struct secure_line	 line;
	struct why		*why;		/* of the client */
	struct json_object	*report;	/* members of the result line */
	struct secure_input	 inputs[SECURE_INPUTS_MAX];
	size_t			 input_count;
};

/* Words: in the voice of espsecure all of it goes to stdout. */

/* What the work says, and warns of: chat. */
#define secure_say(run, ...)	show_chat(&(run)->client->show, __VA_ARGS__)
#define secure_warn(run, ...)	secure_say(run, "Warning: " __VA_ARGS__)
/* What was asked for: a line of the result. */
#define secure_tell(run, ...)	show_out(&(run)->client->show, __VA_ARGS__)

/* secure_file.c: files. */

enum secure_secrecy {
	SECURE_PUBLIC,
	SECURE_SECRET,		/* wiped by secure_file_done() */
};

struct secure_file {
	const char	*path;		/* as it was given, for sentences */
	uint8_t		*bytes;		/* never NULL after secure_read() */
	size_t		 len;
	size_t		 size;		/* allocated */
	struct stat	 st;
	enum secure_secrecy secrecy;
};

/*
 * Read a file whole; "-" is stdin, pipes are fine.  Of more than `max` bytes:
 * ERR_LIMIT.  ERR_FILE_MISSING, ERR_FILE_DENIED, ERR_IO, ERR_NOMEM.
 * secure_file_done() also after a failure; a zeroed one is fine.
 */
int secure_read(struct secure_run *, struct secure_file *, const char *path,
    size_t max, enum secure_secrecy);
/* An image, and the like. */
int secure_read_data(struct secure_run *, struct secure_file *,
    const char *path);
void secure_file_done(struct secure_file *);

/* An output may be none of the files that were read, but `except` (a path, or
 * NULL).  ERR_CONFLICT. */
int secure_check_output(struct secure_run *, const char *path,
    const char *except);

/*
 * Write the pieces to a file that is there at once and whole, or not at all.
 * What had that name is replaced and its mode kept; a link is followed.  "-":
 * stdout.  The errors of file_output_open().
 */
int secure_write(struct secure_run *, const char *path,
    const struct iovec *pieces, size_t count);

/* A file that holds a secret: for its owner alone, and never in the place of
 * another. */
enum secure_key_place {
	SECURE_KEY_NEW,		/* nothing has that name yet */
	SECURE_KEY_EMPTY,	/* or an empty file has, which is filled */
};
/* Ahead of the work: can it be?  ERR_CONFLICT. */
int secure_check_key(struct secure_run *, const char *path,
    enum secure_key_place);
int secure_write_key(struct secure_run *, const char *path,
    enum secure_key_place, const void *bytes, size_t len);

/* secure_keys.c: keys in PEM. */

/* Read a key; pem_free() it. */
int secure_read_pem(struct secure_run *, const char *path, struct pem_key **);
/* The public key of the module with --hsm, else of --keyfile; pem_free() it. */
int secure_public_key(struct secure_run *, struct pem_key **);
/* ERR_PARAMS unless it is a private one; on P-256 where secure boot v1 has
 * it. */
int secure_need_private(struct secure_run *, const struct pem_key *);
int secure_need_v1(struct secure_run *, const struct pem_key *);
int secure_generate_signing_key(struct secure_run *);
int secure_extract_public_key(struct secure_run *);
int secure_digest_public_key(struct secure_run *);
int secure_digest_private_key(struct secure_run *);

/* secure_sign.c, secure_verify.c */
int secure_sign_data(struct secure_run *);
int secure_verify_signature(struct secure_run *);
int secure_signature_info(struct secure_run *);

/* secure_flash.c */
int secure_digest_bootloader(struct secure_run *);
int secure_generate_flash_key(struct secure_run *);
int secure_encrypt(struct secure_run *);
int secure_decrypt(struct secure_run *);

/* secure_hsm.c: the security module of --hsm-config.  Zeroed to begin with. */
struct secure_hsm {
	struct hsm_conf	 conf;
	struct hsm	*hsm;		/* NULL: closed */
};
/* Do --hsm and --hsm-config go with each other? */
int secure_hsm_check_line(struct secure_run *);
/* Read the configuration: ahead of secure_check_output(), as all that is read.
 * secure_hsm_close() also after a failure. */
int secure_hsm_read(struct secure_run *, struct secure_hsm *);
/* Ask for the PIN where the configuration has none, log in. */
int secure_hsm_open(struct secure_run *, struct secure_hsm *);
void secure_hsm_close(struct secure_run *, struct secure_hsm *);
/* Its public key; pem_free() it. */
int secure_hsm_public(struct secure_run *, struct secure_hsm *,
    struct pem_key **);
/* As hsm_sign(). */
int secure_hsm_sign(struct secure_run *, struct secure_hsm *,
    const struct pem_key *public, const uint8_t *digest, size_t digest_len,
    uint8_t out[SIGN_MAX], size_t *len);

#endif
