#ifndef DAEMON_JOB_EFUSE_ORDER_H
#define DAEMON_JOB_EFUSE_ORDER_H
/*
 * efuse_order - what a submission wants of eFuses: names, wishes with their key
 * bytes, a table of the user's own fields.  Shared by the jobs of a submission
 * and by the token that comes out of a plan.
 *
 * Lives by counted references; the last one wipes the key bytes.
 */
#include "daemon/job/input.h"
#include "daemon/link/fuses.h"

struct efuse_order;

/*
 * Take "names" (or the one "name"), "wishes", "postpone" and "table" of checked
 * parameters.  0 with a reference in *out, or ERR_PARAMS, ERR_IMAGE (what came
 * along is no regular file), ERR_LIMIT, ERR_IO, ERR_NOMEM with a sentence.
 */
int efuse_order_new(struct json_object *params, const struct input_fds *,
    struct efuse_order **out, struct why *);

/* The same, for that chip as it was read only.  NULL: no memory. */
struct efuse_order *efuse_order_bind(struct efuse_order *,
    const uint8_t mac[6], const struct efuse_raw *);

struct efuse_order *efuse_order_ref(struct efuse_order *);
void efuse_order_unref(struct efuse_order *);	/* NULL is fine */

const struct fuses_order *efuse_order_get(const struct efuse_order *);
#endif
