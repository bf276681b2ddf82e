#ifndef CLIENT_REPORT_H
#define CLIENT_REPORT_H
/*
 * report - what came out of jobs, in the words people know from esptool.
 */
#include <stddef.h>

struct board;
struct client;
struct follow;
struct json_object;
struct show;

/*
 * All boards: one in full, several as a table; why others failed on stderr;
 * with --json the last line.  `files` names the file of each board of a read,
 * or is NULL.  Returns follow_outcome().
 */
int report_follow(struct follow *, char *const *files);

/* Which chip it was: the lines that stand before every result, from what is
 * known of it. */
void report_chip(struct show *, struct json_object *found);
void report_mac(struct show *, struct json_object *found);

/* report_work.c: what is special of each method, in full or in a few words. */
void report_work(struct client *, const struct board *,
    struct json_object *result, const char *file);
void report_outcome(const struct board *, struct json_object *result,
    const char *file, char *out, size_t size);
#endif
