#ifndef DAEMON_LINK_IMAGES_H
#define DAEMON_LINK_IMAGES_H
/*
 * images - what of each image goes to this chip: its header set as the job
 * wants it, and filled up with FF to what the loader can write.
 *
 * The blobs of a job are shared by all its boards and never change; what has
 * to differ is a copy that the link owns.  Making one takes time, in steps
 * between which other boards go on (so these may return the errors of
 * wire_sleep()).
 */
#include "daemon/link/link.h"

/* Fill l->images; a second call does nothing.  Needs the chip, the loader and
 * the size of the flash.  ERR_NOMEM, or ERR_PARAMS for a flash setting that the
 * chip does not know; with their sentence. */
int images_prepare(struct link *);

/* Let go of them. */
void images_done(struct link *);

/* A blob of a copy of these bytes, ready to be sent. */
int images_blob(struct link *, const char *name, const void *, size_t len,
    struct blob **out);

/* MD5 of bytes in memory. */
int images_md5(struct link *, const void *, size_t len,
    uint8_t md5[BLOB_MD5]);

/* The sectors of image `i` that differ from its old one, as l->images[i].
 * regions.  The bytes of such a region, with FF where the image has none. */
int images_diff(struct link *, size_t i);
/* The same step by step: none yet, and one more behind the last. */
int images_no_sectors(struct link *, size_t i);
void images_add_sector(struct link_image *, uint32_t addr);
int images_region(struct link *, size_t i, const struct link_region *,
    struct blob **out);
#endif
