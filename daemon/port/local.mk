# daemon/port
