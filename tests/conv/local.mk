# tests/conv
