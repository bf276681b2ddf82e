# daemon/link
libdaemon_a_SOURCES += daemon/link/stubs.c daemon/link/stubs.h
