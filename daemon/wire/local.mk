# daemon/wire
libdaemon_a_SOURCES += \
	daemon/wire/fiber.c daemon/wire/fiber.h \
	daemon/wire/wire.h \
	daemon/wire/wire_port.c daemon/wire/wire_port.h \
	daemon/wire/wire_trace.c daemon/wire/wire_trace.h
