#include "proto/base/why.h"

#include <stdarg.h>
#include <stdio.h>

#include "proto/base/err.h"

int
why_set(struct why *why, int err, const char *fmt, ...)
{
	va_list	ap;

	if (why == NULL || why->err != 0)
		return err;
	why->err = err;
	va_start(ap, fmt);
	(void)vsnprintf(why->text, sizeof why->text, fmt, ap); /* cut is fine */
	va_end(ap);
	return err;
}

void
why_clear(struct why *why)
{
	why->err = 0;
	why->text[0] = '\0';
}

const char *
why_text(const struct why *why)
{
	return why->text[0] ? why->text : err_sentence(why->err);
}
