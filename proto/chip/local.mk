# proto/chip
