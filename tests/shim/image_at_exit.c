/*
 * image_at_exit OUT PROGRAM [WORD...] - run a program, and when it is about to
 * leave write all that its memory and its registers hold into the file OUT: what
 * a core dump of that moment would have.  OUT.map tells what stands where, in
 * lines of "offset length permissions start path".
 *
 * The exit status is the program's; 125 when this here failed.
 *
 * The stop is that of PTRACE_O_TRACEEXIT (ptrace(2)): the program has run its
 * last instruction, and its memory is still there.
 */
#include <elf.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	FAILED		= 125,
	NOT_FOUND	= 127,		/* as a shell has it */
	BY_SIGNAL	= 128,
	CHUNK		= 65536,
	REGISTERS	= 65536,	/* AMX has 8 KB of tiles */
	EXIT_EVENT	= SIGTRAP | PTRACE_EVENT_EXIT << 8,
};

struct image {
	pid_t	pid;
	int	memory;		/* /proc/PID/mem */
	FILE	*bytes;
	FILE	*map;
	size_t	written;
};

static void
put(struct image *im, const void *bytes, size_t len)
{
	if (fwrite(bytes, 1, len, im->bytes) != len)
		err(FAILED, "cannot write the image");
	im->written += len;
}

static void
describe(struct image *im, size_t from, const char *mode, uint64_t start,
    const char *path)
{
	if (fprintf(im->map, "%zu %zu %s %" PRIx64 " %s\n", from,
	    im->written - from, mode, start, path) < 0)
		err(FAILED, "cannot write the map");
}

/* What cannot be read ([vvar], pages behind the end of a file) is left out. */
static void
put_range(struct image *im, uint64_t start, uint64_t end)
{
	static uint8_t	chunk[CHUNK];
	size_t		want;
	ssize_t		n;

	for (; start < end; start += (uint64_t)n) {
		want = end - start < CHUNK ? (size_t)(end - start) : CHUNK;
		n = pread(im->memory, chunk, want, (off_t)start);
		if (n <= 0)
			return;
		put(im, chunk, (size_t)n);
	}
}

static void
put_memory(struct image *im)
{
	char		 path[64], line[2048], mode[5], *file;
	uint64_t	 start, end;
	size_t		 from;
	int		 name;
	FILE		*maps;

	(void)snprintf(path, sizeof(path), "/proc/%d/maps", (int)im->pid);
	maps = fopen(path, "re");
	if (maps == NULL)
		err(FAILED, "%s", path);
	while (fgets(line, sizeof(line), maps) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %*s %*s %*s%n",
		    &start, &end, mode, &name) != 3 || mode[0] != 'r')
			continue;
		file = line + name;
		from = im->written;
		put_range(im, start, end);
		describe(im, from, mode, start, file + strspn(file, " "));
	}
	(void)fclose(maps);
}

static void
put_registers(struct image *im)
{
	static const struct {
		unsigned	 set;
		const char	*name;
	} sets[] = {
		{ NT_PRSTATUS, "registers" },
		{ NT_PRFPREG, "floating" },
		{ NT_X86_XSTATE, "vectors" },	/* others refuse it */
	};
	static uint8_t	bytes[REGISTERS];
	struct iovec	iov;
	size_t		from;

	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		iov.iov_base = bytes;
		iov.iov_len = sizeof(bytes);
		if (ptrace(PTRACE_GETREGSET, im->pid, sets[i].set, &iov) != 0)
			continue;
		from = im->written;
		put(im, bytes, iov.iov_len);
		describe(im, from, "rw--", 0, sets[i].name);
	}
	if (im->written == 0)
		err(FAILED, "no registers");
}

static void
write_image(pid_t pid, const char *path)
{
	char		*memory = NULL, *map = NULL;
	struct image	 im = { .pid = pid };

	if (asprintf(&memory, "/proc/%d/mem", (int)pid) < 0 ||
	    asprintf(&map, "%s.map", path) < 0)
		err(FAILED, "asprintf");
	im.memory = open(memory, O_RDONLY | O_CLOEXEC);
	if (im.memory < 0)
		err(FAILED, "%s", memory);
	im.bytes = fopen(path, "we");
	im.map = fopen(map, "we");
	if (im.bytes == NULL || im.map == NULL)
		err(FAILED, "%s", path);
	free(map);
	free(memory);
	put_registers(&im);
	put_memory(&im);
	if (fclose(im.bytes) != 0 || fclose(im.map) != 0)
		err(FAILED, "%s", path);
	(void)close(im.memory);
}

static pid_t
begin(char **words)
{
	pid_t	pid = fork();

	if (pid < 0)
		err(FAILED, "fork");
	if (pid > 0)
		return pid;
	if (ptrace(PTRACE_TRACEME, 0, 0, 0) != 0)
		err(FAILED, "ptrace");
	(void)execv(words[0], words);
	err(NOT_FOUND, "%s", words[0]);
}

/* The next stop, or the end: then *status is the exit status. */
static bool
stopped(pid_t pid, int *status)
{
	while (waitpid(pid, status, 0) < 0)
		if (errno != EINTR)
			err(FAILED, "waitpid");
	if (WIFSTOPPED(*status))
		return true;
	*status = WIFEXITED(*status) ? WEXITSTATUS(*status) :
	    BY_SIGNAL + WTERMSIG(*status);
	return false;
}

int
main(int argc, char **argv)
{
	bool	begun = false;
	int	status, forward;
	pid_t	pid;

	if (argc < 3)
		errx(FAILED, "usage: image_at_exit OUT PROGRAM [WORD...]");
	pid = begin(argv + 2);
	while (stopped(pid, &status)) {
		forward = WSTOPSIG(status);
		if (status >> 8 == EXIT_EVENT)
			write_image(pid, argv[1]);
		/* the first stop is behind exec; at none of ours does the
		 * program get a signal */
		if (!begun && ptrace(PTRACE_SETOPTIONS, pid, 0,
		    PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL) != 0)
			err(FAILED, "ptrace");
		if (!begun || status >> 8 == EXIT_EVENT)
			forward = 0;
		begun = true;
		if (ptrace(PTRACE_CONT, pid, 0, forward) != 0)
			err(FAILED, "ptrace");
	}
	return status;
}
