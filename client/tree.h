#ifndef CLIENT_TREE_H
#define CLIENT_TREE_H
/*
 * tree - the small files of /sys, /proc and /run, below a root: "" is the
 * machine's own, a test has one in a folder.
 *
 * Paths are formats and begin with '/'.  What is not there, cannot be read or
 * is too long counts as absent.
 */
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

enum { TREE_PATH_MAX = 1024 };

/* root + path.  False when it is too long. */
bool tree_path(char out[TREE_PATH_MAX], const char *root, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

bool tree_stat(const char *root, struct stat *, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The first line of a file without its end, printable.  False: absent; `out`
 * is "" then. */
bool tree_line(const char *root, char *out, size_t size, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Where a symbolic link leads, as it is written. */
bool tree_link(const char *root, char *out, size_t size, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* The real path of something, with the root taken off. */
bool tree_real(const char *root, char out[TREE_PATH_MAX], const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* A line of a file for which fits(line, arg) is true: is there one?  Lines
 * longer than 511 bytes are cut. */
bool tree_find_line(const char *root, bool (*fits)(const char *line,
    void *arg), void *arg, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Call fn for each name in a directory but "." and "..", in the order of the
 * alphabet.  False when it cannot be read. */
bool tree_each(const char *root, void (*fn)(const char *name, void *arg),
    void *arg, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
#endif
