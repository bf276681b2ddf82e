#ifndef DAEMON_PORT_LATENCY_H
#define DAEMON_PORT_LATENCY_H
/*
 * latency - how long an FTDI adapter collects bytes before it hands them over
 * (Linux, drivers/usb/serial/ftdi_sio.c; 16 ms when plugged in).
 */
enum { LATENCY_FILE_MAX = 320 };

/* The file that holds it, for a device "/dev/ttyUSB0"; most have none. */
void latency_file(const char *device, char out[LATENCY_FILE_MAX]);

/* Make it 1 ms.  Returns what it was, 0 when nothing was changed: no such file,
 * not ours to write, or 1 already. */
int latency_lower(const char *file);
void latency_restore(const char *file, int ms);
#endif
