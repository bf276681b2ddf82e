#include "client/secure.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "client/client.h"
#include "client/command.h"
#include "client/esptool.h"
#include "client/member.h"
#include "client/secure_impl.h"
#include "client/voice.h"
#include "config.h"
#include "proto/base/err.h"
#include "proto/rpc/rpc.h"
#include "proto/secure/secret.h"

#define CRYPT_NEEDED	(SECURE_OPT_KEYFILE | SECURE_OPT_OUTPUT | \
			    SECURE_OPT_ADDRESS)
#define CRYPT_OPTIONS	(CRYPT_NEEDED | SECURE_OPT_CRYPT_CONF | SECURE_OPT_XTS)

const struct secure_verb secure_verbs[] = {
	{ "generate-signing-key", "KEYFILE",
	  "Make a private key for secure boot",
	  true, SECURE_OPT_VERSION | SECURE_OPT_SCHEME,
	  .run = secure_generate_signing_key },
	{ "sign-data", "DATAFILE",
	  "Sign an image for secure boot", false,
	  SECURE_OPT_VERSION | SECURE_OPT_KEYFILES | SECURE_OPT_OUTPUT |
	  SECURE_OPT_APPEND | SECURE_OPT_HSM | SECURE_OPT_PRECALC |
	  SECURE_OPT_SKIP, SECURE_OPT_VERSION, .run = secure_sign_data },
	{ "verify-signature", "DATAFILE",
	  "Check that an image was signed by a key", false,
	  SECURE_OPT_VERSION | SECURE_OPT_KEYFILE | SECURE_OPT_HSM |
	  SECURE_OPT_SKIP, SECURE_OPT_VERSION,
	  .run = secure_verify_signature },
	{ "signature-info-v2", "DATAFILE",
	  "Show the signatures of an image and whose they are", false,
	  .run = secure_signature_info },
	{ "extract-public-key", "PUBLIC_KEYFILE",
	  "Take the public key out of a private one",
	  true, SECURE_OPT_VERSION | SECURE_OPT_KEYFILE | SECURE_OPT_HSM,
	  SECURE_OPT_KEYFILE, .run = secure_extract_public_key },
	{ "digest-sbv2-public-key", NULL,
	  "Write the digest of a public key, as it is burned to trust it",
	  false, SECURE_OPT_KEYFILE | SECURE_OPT_OUTPUT,
	  SECURE_OPT_KEYFILE | SECURE_OPT_OUTPUT,
	  .run = secure_digest_public_key },
	{ "digest-rsa-public-key", NULL,
	  "An older name of digest-sbv2-public-key",
	  false, SECURE_OPT_KEYFILE | SECURE_OPT_OUTPUT,
	  SECURE_OPT_KEYFILE | SECURE_OPT_OUTPUT,
	  .today = "digest-sbv2-public-key", .run = secure_digest_public_key },
	{ "digest-private-key", "DIGEST_FILE",
	  "Write the digest of a private key, for secure boot v1",
	  true, SECURE_OPT_KEYFILE | SECURE_OPT_KEYLEN, SECURE_OPT_KEYFILE,
	  .run = secure_digest_private_key },
	{ "digest-secure-bootloader", "IMAGE",
	  "Put the digest of secure boot v1 before a bootloader",
	  false, SECURE_OPT_KEYFILE | SECURE_OPT_OUTPUT | SECURE_OPT_IV,
	  SECURE_OPT_KEYFILE, .run = secure_digest_bootloader },
	{ "generate-flash-encryption-key", "KEY_FILE",
	  "Make a key for the encryption of flash",
	  true, SECURE_OPT_KEYLEN, .run = secure_generate_flash_key },
	{ "encrypt-flash-data", "PLAINTEXT_FILE",
	  "Encrypt data as flash holds them",
	  false, CRYPT_OPTIONS, CRYPT_NEEDED, .run = secure_encrypt },
	{ "decrypt-flash-data", "ENCRYPTED_FILE",
	  "Decrypt what was read from flash",
	  false, CRYPT_OPTIONS, CRYPT_NEEDED, .run = secure_decrypt },
	{ .name = NULL }
};

static const char *
program(const struct secure_run *run)
{
	return run->as_tool ? "espsecure" : "espctl secure";
}

static int
help_verb(struct secure_run *run)
{
	const struct secure_verb	*v = run->line.verb;
	struct show			*s = &run->client->show;

	show_out(s, "Usage: %s %s [OPTIONS]%s%s", program(run), v->name,
	    v->operand != NULL ? " " : "", v->operand ? v->operand : "");
	show_out(s, "\n%s.\n\nOptions:", v->help);
	secure_line_options(s, v);
	return 0;
}

static int
help(struct secure_run *run)
{
	struct show	*s = &run->client->show;

	if (run->line.verb != NULL)
		return help_verb(run);
	show_out(s, "Usage: %s COMMAND [OPTIONS] [FILE]", program(run));
	show_out(s, "\nKeys and signatures for secure boot, and encryption of "
	    "flash.\n\nOptions:");
	secure_line_options(s, NULL);
	show_out(s, "\nCommands:");
	for (const struct secure_verb *v = secure_verbs; v->name; v++)
		show_out(s, "  %-30s %s", v->name, v->help);
	show_out(s, "\n\"%s COMMAND --help\" shows the options of one; "
	    "espsecure(1) tells more.", program(run));
	return 0;
}

/* Spellings, then the name, then what is out of date: as espsecure has them. */
static void
say_begin(struct secure_run *run)
{
	struct show			*show = &run->client->show;
	const struct secure_verb	*v = run->line.verb;

	esptool_tell_py(run->client, "espsecure");
	esptool_tell_older(run->client, run->line.older);
	if (run->as_tool && v != NULL)
		show_chat(show, "espsecure v" ESPTOOL_VERSION " (espflashd "
		    PACKAGE_VERSION ")");
	if (v == NULL || v->today == NULL || run->line.help)
		return;
	if (run->as_tool)
		show_error(show, "DeprecationWarning: The command '%s' is "
		    "deprecated.", v->name);
	else
		secure_warn(run, "%s is an older name of %s", v->name,
		    v->today);
}

/* The last line of --json: of a failure what was found out, too. */
static void
show_result(struct secure_run *run, int err)
{
	struct client		*c = run->client;
	struct json_object	*o = json_object_new_object();

	json_object_object_add(o, "type", json_object_new_string("result"));
	json_object_object_add(o, "exit", json_object_new_int(err_exit(err)));
	if (err < 0)
		json_object_object_add(o, "error",
		    rpc_error_object(&c->why, NULL));
	json_object_object_foreach(run->report, name, value)
		json_object_object_add(o, name, json_object_get(value));
	show_json(&c->show, o);
	json_object_put(o);
	why_clear(&c->why);		/* all was said */
}

static int
do_command(struct secure_run *run)
{
	/* What a failure is one of: the work, no longer the command line. */
	static const struct command	work = { .name = "secure",
					    .method = "secure" };
	struct client			*c = run->client;
	int				 r;

	c->args.command = &work;
	if (c->show.json && c->show.aside)
		return why_set(&c->why, ERR_USAGE, "--json and an output \"-\" "
		    "both want standard output");
	r = run->line.verb->run(run);
	if (c->show.json)
		show_result(run, r);
	return r;
}

/* Does the output go to stdout?  Then nothing else does. */
static bool
to_stdout(const struct secure_line *l)
{
	const char	*output = l->output;

	if (l->verb != NULL && l->verb->makes)
		output = l->operand;
	return output != NULL && strcmp(output, "-") == 0;
}

/* A file that must not grow is an error of write(2), which is told, not the end
 * of the process. */
static void
ignore_limits(void)
{
	struct sigaction	ignore = { .sa_handler = SIG_IGN };

	(void)sigaction(SIGXFSZ, &ignore, NULL);
}

int
secure_main(struct client *c, int argc, char **argv)
{
	struct secure_run	run = { .client = c, .why = &c->why,
				    .as_tool = c->called.as_tool };
	int			r;

	if (!secret_begin())
		return why_set(&c->why, ERR_INTERNAL, "keys cannot be kept "
		    "from staying behind in memory, so none is read");
	ignore_limits();
	run.report = json_object_new_object();
	r = secure_line_parse(&run.line, argc, argv, &c->why);
	show_init(&c->show, run.line.json, run.line.plain, run.line.silent);
	if (run.as_tool)
		show_esptool(&c->show);
	c->show.aside = to_stdout(&run.line);
	say_begin(&run);
	if (r == 0)
		r = run.line.help || run.line.verb == NULL ? help(&run) :
		    do_command(&run);
	json_object_put(run.report);
	secure_line_done(&run.line);
	secret_wipe_stack();
	return r;
}

int
cmd_secure(struct client *c)
{
	return why_set(&c->why, ERR_USAGE, "write \"espctl secure\" first, "
	    "and options behind it");
}
