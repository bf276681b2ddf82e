#ifndef PROTO_IMAGE_NOTE_H
#define PROTO_IMAGE_NOTE_H
/*
 * note - what the makers of images have to say that is no error.
 */

/* Who hears it. */
struct image_notes {
	void	(*tell)(void *arg, const char *text);	/* one sentence */
	void	*arg;
};

/* NULL: nobody does. */
void image_note(const struct image_notes *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
#endif
