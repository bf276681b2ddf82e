# daemon/link
