/*
 * Run a fuzz target over its corpus: the files named as arguments, else those
 * of tests/fuzz/corpus/NAME when the program is called fuzz_NAME.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

enum { FILE_MAX = 4 << 20 };

static int
run_file(const char *path)
{
	uint8_t	*data = malloc(FILE_MAX), *exact;
	FILE	*f = fopen(path, "rb");
	size_t	 len;

	if (data == NULL || f == NULL) {
		(void)fprintf(stderr, "%s: %s\n", path, strerror(errno));
		exit(1);
	}
	len = fread(data, 1, FILE_MAX, f);
	if (ferror(f) || len == FILE_MAX) {
		(void)fprintf(stderr, "%s: unreadable or too long\n", path);
		exit(1);
	}
	(void)fclose(f);	/* only read from */
	/* As long as the input and no longer: a sanitizer sees each overrun. */
	if ((exact = malloc(len + (len == 0))) == NULL)
		exit(1);
	memcpy(exact, data, len);
	free(data);
	(void)LLVMFuzzerTestOneInput(exact, len);	/* always 0 */
	free(exact);
	return 1;
}

static int
visible(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

static int
run_corpus(const char *target)
{
	const char	 *top = getenv("srcdir");	/* set by automake */
	struct dirent	**names;
	char		  path[1024];
	int		  n, done = 0;

	(void)snprintf(path, sizeof path, "%s/tests/fuzz/corpus/%s",
	    top != NULL ? top : ".", target);
	if ((n = scandir(path, &names, visible, alphasort)) < 0) {
		(void)fprintf(stderr, "%s: %s\n", path, strerror(errno));
		exit(1);
	}
	for (int i = 0; i < n; i++) {
		(void)snprintf(path, sizeof path, "%s/tests/fuzz/corpus/%s/%s",
		    top != NULL ? top : ".", target, names[i]->d_name);
		done += run_file(path);
		free(names[i]);
	}
	free(names);
	return done;
}

int
main(int argc, char **argv)
{
	const char	*slash = strrchr(argv[0], '/');
	const char	*name = strchr(slash != NULL ? slash : argv[0], '_');
	int		 done = 0;

	for (int i = 1; i < argc; i++)
		done += run_file(argv[i]);
	if (argc < 2 && name != NULL)
		done = run_corpus(name + 1);
	(void)printf("%d inputs\n", done);
	return done > 0 ? 0 : 1;
}
