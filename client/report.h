#ifndef CLIENT_REPORT_H
#define CLIENT_REPORT_H
/*
 * report - what came out of jobs, in the words people know from esptool.
 */
struct follow;

/*
 * All boards: one in full, several as a table; why others failed on stderr;
 * with --json the last line.  `files` names the file of each board of a read,
 * or is NULL.  Returns follow_outcome().
 */
int report_follow(struct follow *, char *const *files);
#endif
