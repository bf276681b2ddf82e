#include "daemon/job/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/stat.h>
#include <unistd.h>

#include <json-c/json.h>

#include "daemon/base/conf.h"
#include "daemon/base/log.h"
#include "daemon/base/loop.h"
#include "daemon/job/place.h"
#include "proto/base/err.h"
#include "proto/rpc/method.h"

enum {
	READ_STEP	= 256 * 1024,	/* bytes read in one turn of the loop */
};

/* One file on its way into memory. */
struct slot {
	char		*name;
	int		 fd;		/* -1 once read */
	uint8_t		*data;		/* until the blob takes it over */
	size_t		 len, have;	/* bytes of the file; read so far */
	struct blob	**blob;		/* in `writes`; NULL until read */
};

struct input {
	unsigned		 refs;
	TAILQ_ENTRY(input)	 entry;		/* in `working` */
	bool			 working;
	size_t			 slot_count;
	struct slot		*slots;		/* images, and the old ones */
	size_t			 count;
	struct link_write	*writes;
	size_t			*bytes;		/* of each image's file */
	struct why		 why;
};

/* An image in memory that a later submission may share. */
struct known {
	TAILQ_ENTRY(known)	 entry;
	struct blob		*blob;
};

static TAILQ_HEAD(, input) working = TAILQ_HEAD_INITIALIZER(working);
static TAILQ_HEAD(, known) known_blobs = TAILQ_HEAD_INITIALIZER(known_blobs);
static struct loop_timer work_timer;
static void (*ready_fn)(void);
static size_t bytes_held;	/* of all inputs, against max_images_bytes */

static void work(void *);

void
input_set_ready(void (*ready)(void))
{
	ready_fn = ready;
}

void
input_done(void)
{
	loop_timer_clear(&work_timer);
}

/* Images that only the table of known ones still holds go. */
static void
forget_unused(void)
{
	struct known	*k, *next;

	for (k = TAILQ_FIRST(&known_blobs); k != NULL; k = next) {
		next = TAILQ_NEXT(k, entry);
		if (k->blob->refs > 1)
			continue;
		TAILQ_REMOVE(&known_blobs, k, entry);
		blob_unref(k->blob);
		free(k);
	}
}

static void
input_free(struct input *in)
{
	if (in->working)
		TAILQ_REMOVE(&working, in, entry);
	for (size_t i = 0; i < in->slot_count; i++) {
		if (in->slots[i].fd >= 0)
			(void)close(in->slots[i].fd);	/* read only */
		bytes_held -= in->slots[i].len;
		free(in->slots[i].data);
		free(in->slots[i].name);
		blob_unref(*in->slots[i].blob);
	}
	free(in->slots);
	free(in->writes);
	free(in->bytes);
	free(in);
	forget_unused();
}

struct input *
input_ref(struct input *in)
{
	in->refs++;
	return in;
}

void
input_unref(struct input *in)
{
	if (in != NULL && --in->refs == 0)
		input_free(in);
}

const struct link_write *
input_writes(const struct input *in, size_t *count)
{
	*count = in->count;
	return in->writes;
}

int
input_state(const struct input *in, struct why *why)
{
	if (in->why.err != 0) {
		*why = in->why;
		return in->why.err;
	}
	return !in->working;
}

int
input_check_output(const struct input_fds *fds, int64_t at, const char *whose,
    struct why *why)
{
	struct stat	st;
	int		mode;

	if (at < 0 || (uint64_t)at >= fds->count || fds->fd[at] < 0)
		return why_set(why, ERR_PARAMS, "output: no descriptor came "
		    "along for %s", whose);
	mode = fcntl(fds->fd[at], F_GETFL);
	if (mode < 0 || (mode & O_ACCMODE) == O_RDONLY)
		return why_set(why, ERR_FILE_DENIED, "output: the descriptor "
		    "for %s is not open for writing", whose);
	/* A pipe that nobody reads would hold up everybody. */
	if (fstat(fds->fd[at], &st) < 0 || !S_ISREG(st.st_mode))
		return why_set(why, ERR_PARAMS, "output: the descriptor for %s "
		    "is not that of a regular file (a memfd is one)", whose);
	return 0;
}

int
input_find(const struct input_fds *fds, struct json_object *file,
    const char *key, size_t *len, struct why *why)
{
	const char	*name = method_string(file, "name", "?");
	int64_t		 at;
	struct stat	 st;

	at = json_object_get_int64(json_object_object_get(file, key));
	if (at < 0 || (uint64_t)at >= fds->count || fds->fd[at] < 0)
		return why_set(why, ERR_PARAMS, "%s: its descriptor %lld did "
		    "not come along or is used twice", name, (long long)at);
	if (fstat(fds->fd[at], &st) < 0)
		return why_set(why, ERR_IO, "%s: %s", name, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return why_set(why, ERR_IMAGE, "%s: not a regular file; copy "
		    "it into one first", name);
	*len = (size_t)st.st_size;
	return (int)at;
}

int
input_read(int fd, const char *name, void *data, size_t len, struct why *why)
{
	size_t	have = 0;

	while (have < len) {
		ssize_t	n = pread(fd, (uint8_t *)data + have, len - have,
		    (off_t)have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return why_set(why, ERR_IO, "%s: %s", name, n < 0 ?
			    strerror(errno) :
			    "became shorter while it was read");
		have += (size_t)n;
	}
	return 0;
}

/* Check one file before anything is read. */
static int
check_file(const char *name, size_t len, const struct conf *conf,
    struct why *why)
{
	if (len == 0)
		return why_set(why, ERR_FILE_EMPTY, "%s: the file is empty, "
		    "there is nothing to write", name);
	if (len > conf->max_image_bytes)
		return why_set(why, ERR_LIMIT, "%s: %zu bytes are more than "
		    "this daemon takes for one image (max-image-bytes %u)",
		    name, len, conf->max_image_bytes);
	if (bytes_held + len > conf->max_images_bytes)
		return why_set(why, ERR_LIMIT, "%s: the images of all jobs "
		    "together are more than this daemon keeps in memory "
		    "(max-images-bytes %u); wait for a job to end", name,
		    conf->max_images_bytes);
	return 0;
}

/* Take the descriptor that is member `key` of a file. */
static int
take_file(struct input *in, struct json_object *file, const char *key,
    struct blob **blob, struct input_fds *fds, const struct conf *conf,
    struct why *why)
{
	struct slot	*s = &in->slots[in->slot_count];
	size_t		 len;
	int		 at, r;

	s->name = strdup(method_string(file, "name", "?"));
	s->fd = -1;
	s->blob = blob;
	if (s->name == NULL)
		return ERR_NOMEM;
	in->slot_count++;
	if ((at = input_find(fds, file, key, &len, why)) < 0)
		return at;
	if ((r = check_file(s->name, len, conf, why)) < 0)
		return r;
	s->fd = fds->fd[at];
	fds->fd[at] = -1;
	s->len = len;
	bytes_held += s->len;
	return 0;
}

/* Take one image with all that belongs to it. */
static int
take_image(struct input *in, struct json_object *image, struct input_fds *fds,
    const struct conf *conf, struct why *why)
{
	struct link_write	*w = &in->writes[in->count];
	const struct slot	*s = &in->slots[in->slot_count];
	struct place		 place;
	int			 r;

	place_of(image, &place);
	w->offset = place.offset;
	w->open = place.open;
	w->secret = place.secret;
	memcpy(w->partition, place.partition, sizeof w->partition);
	w->encrypt = method_bool(image, "encrypt");
	r = take_file(in, image, "fd", &w->blob, fds, conf, why);
	if (r < 0)
		return r;
	in->count++;
	if (w->offset + (uint64_t)s->len > (uint64_t)UINT32_MAX + 1)
		return why_set(why, ERR_BEYOND_FLASH, "%s: offset 0x%x and "
		    "%zu bytes reach beyond 4 GB", s->name, w->offset, s->len);
	if (place.room != 0 && s->len > place.room)
		return why_set(why, ERR_BEYOND_FLASH, "%s: %zu bytes do not "
		    "fit into partition '%s', which has %u at 0x%x", s->name,
		    s->len, w->partition, place.room, w->offset);
	in->bytes[in->count - 1] = s->len;
	if (!json_object_object_get_ex(image, "old", NULL))
		return 0;
	return take_file(in, image, "old", &w->old, fds, conf, why);
}

/* Take the images, or the one image. */
static int
take_all(struct input *in, struct json_object *images, size_t n,
    struct input_fds *fds, const struct conf *conf, struct why *why)
{
	int	r = 0;

	in->slots = calloc(2 * n, sizeof *in->slots);
	in->writes = calloc(n, sizeof *in->writes);
	in->bytes = calloc(n, sizeof *in->bytes);
	if (in->slots == NULL || in->writes == NULL || in->bytes == NULL)
		return ERR_NOMEM;
	if (json_object_is_type(images, json_type_object))
		return take_image(in, images, fds, conf, why);
	for (size_t i = 0; i < n && r == 0; i++)
		r = take_image(in, json_object_array_get_idx(images, i), fds,
		    conf, why);
	return r;
}

static const char *
image_name(const struct input *in, size_t i)
{
	const struct slot	*s = in->slots;

	while (s->blob != &in->writes[i].blob)
		s++;
	return s->name;
}

/* Two images must not share a sector: writing one would erase the other.  Those
 * whose place only the chip tells are looked at by phase table. */
static int
check_overlap(const struct input *in, struct why *why)
{
	for (size_t i = 0; i < in->count; i++)
		for (size_t j = 0; j < i && !in->writes[i].open; j++) {
			uint64_t	a = in->writes[i].offset / FLASH_SECTOR;
			uint64_t	b = in->writes[j].offset / FLASH_SECTOR;
			uint64_t	a_end = (in->writes[i].offset +
			    (uint64_t)in->bytes[i] - 1) / FLASH_SECTOR;
			uint64_t	b_end = (in->writes[j].offset +
			    (uint64_t)in->bytes[j] - 1) / FLASH_SECTOR;

			if (in->writes[j].open || a > b_end || b > a_end)
				continue;
			return why_set(why, ERR_OVERLAP, "%s at 0x%x and %s at "
			    "0x%x overlap: they share a 4096-byte sector of "
			    "flash, and writing one would erase the other",
			    image_name(in, j), in->writes[j].offset,
			    image_name(in, i), in->writes[i].offset);
		}
	return 0;
}

int
input_new(struct json_object *params, struct input_fds *fds,
    const struct conf *conf, struct input **out, struct why *why)
{
	struct json_object	*images;
	struct input		*in;
	size_t			 n;
	int			 r;

	if (!json_object_object_get_ex(params, "images", &images))
		images = json_object_object_get(params, "image");
	n = json_object_is_type(images, json_type_array) ?
	    json_object_array_length(images) : 1;
	if (n == 0 || n > METHOD_IMAGES_MAX)
		return why_set(why, ERR_PARAMS, "images: 1 to %d of them, not "
		    "%zu", METHOD_IMAGES_MAX, n);
	if ((in = calloc(1, sizeof *in)) == NULL)
		return ERR_NOMEM;
	in->refs = 1;
	r = take_all(in, images, n, fds, conf, why);
	if (r == 0)
		r = check_overlap(in, why);
	if (r < 0) {
		input_unref(in);
		return r;
	}
	in->working = true;
	TAILQ_INSERT_TAIL(&working, in, entry);
	(void)loop_timer_set(&work_timer, 0, work, NULL);
	*out = in;
	return 0;
}

/* Read the next piece; 1 while there is more. */
static int
read_step(struct input *in, struct slot *s)
{
	size_t	want = s->len - s->have;
	ssize_t	n;

	if (s->data == NULL && (s->data = malloc(s->len + 3)) == NULL)
		return why_set(&in->why, ERR_NOMEM, "%s: no memory for its "
		    "%zu bytes", s->name, s->len);
	n = pread(s->fd, s->data + s->have, want < READ_STEP ? want : READ_STEP,
	    (off_t)s->have);
	if (n < 0 && errno == EINTR)
		return 1;
	if (n < 0)
		return why_set(&in->why, ERR_IO, "%s: cannot be read: %s",
		    s->name, strerror(errno));
	if (n == 0)
		return why_set(&in->why, ERR_IO, "%s: became shorter while it "
		    "was read; nothing was written", s->name);
	s->have += (size_t)n;
	return s->have < s->len;
}

/* If the same image is in memory already, that one is used. */
static void
share(struct blob **blob)
{
	struct known	*k;

	TAILQ_FOREACH(k, &known_blobs, entry) {
		if (k->blob == *blob ||
		    k->blob->file_len != (*blob)->file_len ||
		    strcmp(k->blob->name, (*blob)->name) != 0 ||
		    memcmp(k->blob->sha256, (*blob)->sha256, BLOB_SHA256) != 0)
			continue;
		blob_unref(*blob);
		*blob = blob_ref(k->blob);
		return;
	}
	if ((k = calloc(1, sizeof *k)) == NULL)
		return;		/* not shared, that is all */
	k->blob = blob_ref(*blob);
	TAILQ_INSERT_TAIL(&known_blobs, k, entry);
}

/* Do a piece of one file: 1 while there is more, 0 when it is ready. */
static int
file_step(struct input *in, struct slot *s)
{
	int	r;

	if (s->fd >= 0) {
		if ((r = read_step(in, s)) != 0)
			return r;
		(void)close(s->fd);	/* read only */
		s->fd = -1;
		*s->blob = blob_new(s->name, s->data, s->len);
		s->data = NULL;
		if (*s->blob == NULL)
			return why_set(&in->why, ERR_NOMEM,
			    "%s: no memory for it", s->name);
		return 1;
	}
	if ((r = blob_step(*s->blob)) == 0)
		share(s->blob);
	return r < 0 ? why_set(&in->why, r, "%s: no memory to compress it",
	    s->name) : r;
}

/* One step of the oldest unfinished input, then back to the loop. */
static void
work(void *arg)
{
	struct input	*in = TAILQ_FIRST(&working);
	int		 r = 0;

	(void)arg;
	if (in == NULL)
		return;
	for (size_t i = 0; i < in->slot_count && r == 0; i++)
		if (*in->slots[i].blob == NULL || (*in->slots[i].blob)->work)
			r = file_step(in, &in->slots[i]);
	if (r <= 0) {
		TAILQ_REMOVE(&working, in, entry);
		in->working = false;
		if (ready_fn != NULL)
			ready_fn();
	}
	if (!TAILQ_EMPTY(&working))
		(void)loop_timer_set(&work_timer, 0, work, NULL);
}
