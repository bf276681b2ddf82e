# daemon/base
libdaemon_a_SOURCES += \
	daemon/base/conf.c daemon/base/conf.h \
	daemon/base/log.c daemon/base/log.h \
	daemon/base/loop.c daemon/base/loop.h
