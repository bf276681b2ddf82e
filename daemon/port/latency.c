#include "daemon/port/latency.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "proto/base/text.h"

void
latency_file(const char *device, char out[LATENCY_FILE_MAX])
{
	const char	*slash = strrchr(device, '/');

	(void)snprintf(out, LATENCY_FILE_MAX,
	    "/sys/class/tty/%.200s/device/latency_timer",
	    slash != NULL ? slash + 1 : device);
}

static bool
latency_set(const char *file, int ms)
{
	FILE	*f = fopen(file, "r+e");
	bool	 ok;

	if (f == NULL)
		return false;
	ok = fprintf(f, "%d\n", ms) > 0;
	return fclose(f) == 0 && ok;
}

int
latency_lower(const char *file)
{
	char		 line[16] = "";
	uint32_t	 ms;
	FILE		*f = fopen(file, "re");

	if (f == NULL)
		return 0;
	if (fgets(line, sizeof line, f) == NULL)
		line[0] = '\0';
	(void)fclose(f);
	line[strcspn(line, "\n")] = '\0';
	/* The chip's register has eight bits. */
	if (text_u32(line, &ms) < 0 || ms <= 1 || ms > 255 ||
	    !latency_set(file, 1))
		return 0;
	return (int)ms;
}

void
latency_restore(const char *file, int ms)
{
	(void)latency_set(file, ms);	/* it may be unplugged by now */
}
