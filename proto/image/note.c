#include "proto/image/note.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include "proto/base/why.h"

void
image_note(const struct image_notes *notes, const char *fmt, ...)
{
	char	text[WHY_MAX];
	va_list	ap;

	if (notes == NULL || notes->tell == NULL)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	notes->tell(notes->arg, text);
}
