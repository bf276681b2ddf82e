#ifndef TESTS_UNIT_SECURE_VECTORS_H
#define TESTS_UNIT_SECURE_VECTORS_H
/*
 * secure_vectors - files of recorded runs of espsecure, in the folder that the
 * environment's ESPFLASHD_VECTORS names.  Each is there as it is, or with ".gz"
 * behind its name.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <zlib.h>

#include "proto/secure/pem.h"
#include "tests/unit/unit.h"

enum { VECTOR_MAX = 256 << 10 };	/* bytes of a file */

/* The folder; NULL: none is named, and the test is to be skipped. */
static inline const char *
vector_folder(void)
{
	const char	*folder = getenv("ESPFLASHD_VECTORS");

	return folder != NULL && access(folder, R_OK) == 0 ? folder : NULL;
}

/* Its bytes, for the caller to free. */
static inline uint8_t *
vector_load(const char *name, size_t *len)
{
	char	 path[512];
	uint8_t	*bytes = malloc(VECTOR_MAX);
	gzFile	 f;
	int	 n;

	assert_non_null(bytes);
	(void)snprintf(path, sizeof(path), "%s/secure/%s", vector_folder(),
	    name);
	if (access(path, R_OK) != 0)
		(void)snprintf(path, sizeof(path), "%s/secure/%s.gz",
		    vector_folder(), name);
	f = gzopen(path, "rb");
	if (f == NULL)
		fail_msg("%s is missing", path);
	n = gzread(f, bytes, VECTOR_MAX);
	(void)gzclose(f);
	assert_in_range(n, 1, VECTOR_MAX - 1);
	*len = (size_t)n;
	return bytes;
}

static inline struct pem_key *
vector_key(const char *name)
{
	struct why	 why = { 0 };
	struct pem_key	*k = NULL;
	size_t		 len;
	uint8_t		*bytes = vector_load(name, &len);

	if (pem_read(&k, bytes, len, name, &why) != 0)
		fail_msg("%s", why.text);
	free(bytes);
	return k;
}
#endif
