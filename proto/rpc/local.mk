# proto/rpc
