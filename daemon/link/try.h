#ifndef DAEMON_LINK_TRY_H
#define DAEMON_LINK_TRY_H
/*
 * try - leave the function with the error of a call; for conversation code
 * that has nothing to release.
 */
#define TRY(call) do {							\
	int	try_err = (call);					\
	if (try_err < 0)						\
		return try_err;						\
} while (0)
#endif
