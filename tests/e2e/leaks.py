"""What test_secrets.py looks for and where: the image of a process at its end,
and all the shapes in which a secret may stand there.

A secret is known by its windows: each 16 bytes of it, in both orders, and each
16 letters of it in hexadecimal, and in base64 as its file has it.
"""
import base64
import os
import re
import subprocess

from harness import LIMIT, Done, clean_env, program

WINDOW = 16
PAGE = 4096


# Keys in PEM: their DER is a SEQUENCE of numbers (RFC 8017, A.1.2), or holds
# one OCTET STRING with the secret number (RFC 5915), or either of them within
# an OCTET STRING (RFC 5958).

def der_items(der, at, end):
    """(tag, begin, end) of what stands in DER from `at`."""
    while at < end:
        tag, length, at = der[at], der[at + 1], at + 2
        if length & 0x80:
            count = length & 0x7F
            length = int.from_bytes(der[at:at + count], "big")
            at += count
        yield tag, at, at + length
        at += length


def private_places(der, at=0, end=None):
    """Where in a private key's DER its secret numbers stand."""
    _, at, end = next(der_items(der, at, end or len(der)))
    items = list(der_items(der, at, end))
    if len(items) > 2 and items[1][0] == 0x30:          # PKCS #8
        return private_places(der, items[2][1], items[2][2])
    if items[1][0] == 0x04:                             # EC
        return [items[1][1:]]
    return [(begin, end) for _, begin, end in items[3:]]    # d, p, q, ...


def pem_parts(text):
    """DER, and for each of its bytes the place in the text of the letter of
    base64 that it begins in."""
    found = re.search(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----\n(.*?)-----END",
                      text, re.DOTALL)
    body = [i for i in range(found.start(1), found.end(1))
            if text[i] not in b"\r\n"]
    der = base64.b64decode(bytes(text[i] for i in body))
    return der, [body[byte * 4 // 3] for byte in range(len(der))]


def pem_numbers(path):
    """The secret numbers of a key in PEM."""
    der, _ = pem_parts(read(path))
    return [der[a:b].lstrip(b"\0") for a, b in private_places(der)]


def pem_texts(path):
    """The pieces of its text that come of nothing but them."""
    text = read(path)
    der, letters = pem_parts(text)
    return [text[letters[a] + 1:letters[b - 1]]
            for a, b in private_places(der)]


# AES (FIPS 197, 5.2): what a key schedule holds besides the key itself.

def aes_sbox():
    box, p, q = [0] * 256, 1, 1
    while True:
        p = p ^ (p << 1) & 0xFF ^ (0x1B if p & 0x80 else 0)
        q ^= q << 1
        q ^= q << 2
        q ^= q << 4
        q &= 0xFF
        q ^= 0x09 if q & 0x80 else 0
        x = q
        for turn in range(1, 5):
            x ^= (q << turn | q >> (8 - turn)) & 0xFF
        box[p] = x ^ 0x63
        if p == 1:
            break
    box[0] = 0x63
    return box


SBOX = aes_sbox()


def aes_schedule(key):
    words = [key[i:i + 4] for i in range(0, len(key), 4)]
    size, factor = len(words), 1
    while len(words) < 4 * (size + 7):
        word = words[-1]
        if len(words) % size == 0:
            word = bytes(SBOX[b] for b in word[1:] + word[:1])
            word = bytes([word[0] ^ factor]) + word[1:]
            factor = factor << 1 ^ (0x11B if factor & 0x80 else 0)
        elif size > 6 and len(words) % size == 4:
            word = bytes(SBOX[b] for b in word)
        words.append(bytes(a ^ b for a, b in zip(words[-size], word)))
    return b"".join(words)


def aes_shapes(key):
    """The key, and the last round of its schedule (the first is the key)."""
    return [key] + [aes_schedule(key)[-16:]
                    for key in (key, key[::-1]) if len(key) in (16, 24, 32)]


def windows(secrets, texts=()):
    """Each window of each secret, in each shape."""
    found = set()
    for secret in secrets:
        shapes = [secret, secret[::-1], secret.hex().encode(),
                  secret.hex().upper().encode(), secret.hex(" ").encode(),
                  base64.b64encode(secret)]
        for shape in shapes:
            found |= pieces(shape)
    for text in texts:
        found |= pieces(text) | pieces(text.replace(b"\n", b""))
    return found


def pieces(data):
    assert len(data) >= WINDOW
    return {data[i:i + WINDOW] for i in range(len(data) - WINDOW + 1)}


def read(path):
    with open(path, "rb") as file:
        return file.read()


class Image:
    """What a process has in its memory and registers: rows of (permissions,
    start, name, bytes).  What is loaded of programs and not to be written is as
    in their files, and left out."""

    def __init__(self, rows):
        loaded = {name for mode, _, name, _ in rows if "x" in mode}
        self.parts = [(" ".join((mode, start, name)), data)
                      for mode, start, name, data in rows
                      if "w" in mode or name not in loaded]

    @classmethod
    def at_exit(cls, path):
        """As image_at_exit has written it."""
        data = read(path)
        rows = []
        with open(path + ".map", encoding="utf-8") as file:
            for line in file:
                offset, length, mode, start, name = \
                    line.rstrip("\n").split(" ", 4)
                offset, length = int(offset), int(length)
                rows.append((mode, start, name, data[offset:offset + length]))
        return cls(rows)

    @classmethod
    def living(cls, pid):
        """The memory of a child, while it waits for something."""
        rows = []
        with open("/proc/%d/mem" % pid, "rb", buffering=0) as memory, \
                open("/proc/%d/maps" % pid, encoding="utf-8") as maps:
            for line in maps:
                words = line.split(None, 5)
                start, end = (int(at, 16) for at in words[0].split("-"))
                name = words[5].strip() if len(words) > 5 else ""
                if "r" in words[1] and not name.startswith("[v"):
                    rows.append((words[1], words[0], name,
                                 os.pread(memory.fileno(), end - start,
                                          start)))
        return cls(rows)

    def find(self, wanted):
        """Where windows stand."""
        found = []
        for name, data in self.parts:
            for page in range(0, len(data), PAGE):
                piece = data[page:page + PAGE + WINDOW - 1]
                if not piece.strip(b"\0"):
                    continue
                found += ["%s+%#x: %s" % (name, page + i,
                                          piece[i:i + WINDOW].hex())
                          for i in range(len(piece) - WINDOW + 1)
                          if piece[i:i + WINDOW] in wanted]
        return found

    def holds(self, data):
        return any(data in part for _, part in self.parts)


def run_for_image(top, words, stdin=b"", **env):
    """Run a program; how it ended and what it left."""
    out = os.path.join(top, "image")
    done = subprocess.run(
        [program("image_at_exit"), out, *map(str, words)], input=stdin,
        capture_output=True, timeout=LIMIT, check=False, cwd=top,
        env=clean_env(HOME=top, TERM="dumb", **env))
    return Done(done.returncode, done.stdout.decode("utf-8", "replace"),
                done.stderr.decode("utf-8", "replace")), Image.at_exit(out)
