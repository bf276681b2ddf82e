# daemon/wire
