# proto/image
