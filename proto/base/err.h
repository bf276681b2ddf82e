#ifndef PROTO_BASE_ERR_H
#define PROTO_BASE_ERR_H
/*
 * err - the one table of everything that can go wrong.
 *
 * Each row: the enum (negative, so that functions return "0 or more" or an
 * enum err), the JSON-RPC error code, the `class` word (the contract for
 * programs), the exit status of espctl, and a sentence that is true without
 * knowing more.  The sentence a user reads is made where the facts are
 * (proto/base/why.h); this one is what remains when nobody knew better.
 *
 * JSON-RPC codes: -32700..-32600 as in the JSON-RPC 2.0 specification,
 * -32000..-32099 are ours.
 */
#define ERR_TABLE(E) \
/*  enum           code    class              exit  sentence */ \
E(INTERNAL,       -32603, "internal",           1, "the program has a defect here; please report it") \
E(NOMEM,          -32001, "no_memory",          1, "out of memory") \
E(IO,             -32002, "io",                 1, "a file or socket could not be read or written") \
E(LIMIT,          -32003, "limit",             47, "a limit was reached") \
E(PARSE,          -32700, "parse",             45, "that is not JSON") \
E(REQUEST,        -32600, "invalid_request",   45, "that is not a JSON-RPC 2.0 request") \
E(METHOD,         -32601, "unknown_method",    46, "there is no such method") \
E(PARAMS,         -32602, "invalid_params",     2, "the parameters do not fit the method") \
E(USAGE,          -32602, "usage",              2, "the command line is wrong") \
E(PORT_UNKNOWN,   -32010, "port_unknown",      10, "there is no such port") \
E(PORT_BUSY,      -32011, "port_busy",         18, "another program has the port") \
E(PORT_DENIED,    -32012, "port_denied",       41, "no permission to open the port") \
E(PORT_FAILED,    -32013, "port_failed",       17, "the port cannot do what was asked") \
E(UNPLUGGED,      -32014, "unplugged",         16, "the port went away") \
E(TIMEOUT,        -32020, "timeout",           43, "no answer came in time") \
E(NO_SYNC,        -32021, "no_sync",           11, "the chip does not answer") \
E(BOOT_MODE,      -32022, "boot_mode",         11, "the chip is not in download mode") \
E(NOISE,          -32023, "noise",             19, "what came over the line makes no sense") \
E(REFUSED,        -32024, "refused",           13, "the chip refused a command") \
E(UNSUPPORTED,    -32025, "unsupported",       27, "this chip or loader cannot do that") \
E(CHIP_UNKNOWN,   -32026, "chip_unknown",      12, "this chip is not known") \
E(CHIP_MISMATCH,  -32027, "chip_mismatch",     12, "this is another chip than was asked for") \
E(STUB,           -32028, "stub",              14, "the flasher stub did not start") \
E(FLASH,          -32029, "flash",             13, "the flash chip does not answer") \
E(SECURITY,       -32033, "security",          28, "the chip's security settings forbid that") \
E(SIGNATURE,      -32034, "signature_invalid", 29, "the signature does not fit") \
E(HSM,            -32035, "hsm",               30, "the security module does not do that") \
E(VERIFY,         -32030, "verify_mismatch",   13, "flash does not hold what was written") \
E(IMAGE,          -32040, "image_invalid",     20, "the image is not usable") \
E(FILE_MISSING,   -32041, "file_missing",      21, "there is no such file") \
E(FILE_DENIED,    -32042, "file_denied",       22, "the file may not be read or written") \
E(FILE_EMPTY,     -32043, "file_empty",        23, "the file is empty") \
E(OVERLAP,        -32044, "overlap",           24, "two images overlap") \
E(BEYOND_FLASH,   -32045, "beyond_flash",      25, "that lies beyond the end of the flash") \
E(ALIGN,          -32046, "misaligned",        26, "the address or length is not aligned") \
E(CANCELED,       -32050, "cancelled",         42, "the job was cancelled") \
E(INTERRUPTED,    -32051, "interrupted",       48, "the daemon was stopped before the job was done") \
E(JOB_UNKNOWN,    -32052, "job_unknown",       49, "there is no such job") \
E(CONFLICT,       -32053, "conflict",          50, "that contradicts something already there") \
E(GROUP,          -32054, "group_failed",      44, "some of the boards failed") \
E(DAEMON,         -32060, "daemon_unreachable",40, "the daemon does not answer") \
E(DENIED,         -32061, "not_permitted",     41, "that is not permitted")

enum err {
	ERR_OK = 0,
#define E(name, code, class, exit, sentence) ERR_INDEX_##name,
	ERR_TABLE(E)
#undef E
	ERR_COUNT,
#define E(name, code, class, exit, sentence) ERR_##name = -ERR_INDEX_##name,
	ERR_TABLE(E)
#undef E
};

/* All of these take an enum err (0 or negative); a number that is none is
 * answered as ERR_INTERNAL.  The strings live for ever. */
const char *err_name(int err);		/* "ERR_TIMEOUT", for logs and tests */
const char *err_class(int err);		/* "timeout" */
const char *err_sentence(int err);
int err_rpc_code(int err);
int err_exit(int err);			/* exit status of espctl, 0..255 */

/* The error with that class word; ERR_INTERNAL for an unknown one. */
int err_from_class(const char *class);

/* The error that fits an errno value of open(2), read(2), write(2) on a file:
 * ERR_FILE_MISSING, ERR_FILE_DENIED, ERR_NOMEM or ERR_IO. */
int err_from_errno(int errnum);
#endif
