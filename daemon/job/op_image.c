/* op_image - what is done with files alone; each in a process of its own. */
#include "daemon/job/op.h"

const struct op op_image[] = {
	{ .method = "image.elf2image", .work = work_elf2image },
	{ .method = "image.info", .work = work_info },
	{ .method = "image.make", .work = work_make },
	{ .method = "image.merge", .work = work_merge },
	{ .method = "image.partitions", .work = work_partitions },
	{ .method = NULL }
};
