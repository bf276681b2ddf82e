#ifndef CLIENT_VERIFY_H
#define CLIENT_VERIFY_H
/*
 * verify - where flash and files differ (verify-flash --diff).
 */
struct client;
struct images;
struct parcel;

/* Read the flash of the one board that was verified and print what differs
 * from the files; what cannot be read is told. */
void verify_differences(struct client *, const struct images *,
    const struct parcel *);
#endif
