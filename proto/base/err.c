#include "proto/base/err.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

static const struct err_row {
	const char	*name;
	const char	*class;
	const char	*sentence;
	int		 rpc_code;
	int		 exit;
} rows[] = {
	{ "ERR_OK", "ok", "done", 0, 0 },
#define E(name, code, class, exit, sentence) \
	{ "ERR_" #name, class, sentence, code, exit },
	ERR_TABLE(E)
#undef E
};

static const struct err_row *
row(int err)
{
	if (err > 0 || err <= -ERR_COUNT)
		err = ERR_INTERNAL;
	return &rows[-err];
}

const char *
err_name(int err)
{
	return row(err)->name;
}

const char *
err_class(int err)
{
	return row(err)->class;
}

const char *
err_sentence(int err)
{
	return row(err)->sentence;
}

int
err_rpc_code(int err)
{
	return row(err)->rpc_code;
}

int
err_exit(int err)
{
	return row(err)->exit;
}

int
err_from_class(const char *class)
{
	for (int i = 0; i < ERR_COUNT; i++)
		if (strcmp(rows[i].class, class) == 0)
			return -i;
	return ERR_INTERNAL;
}

int
err_from_errno(int errnum)
{
	switch (errnum) {
	case ENOENT:
	case ENOTDIR:
		return ERR_FILE_MISSING;
	case EACCES:
	case EPERM:
	case EROFS:
		return ERR_FILE_DENIED;
	case ENOMEM:
		return ERR_NOMEM;
	default:
		return ERR_IO;
	}
}
