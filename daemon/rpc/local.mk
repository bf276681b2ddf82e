# daemon/rpc
