"""What a chip with secure boot would not start is told before it is written.

Told and refused by the board must be the same: signatures are made here with
OpenSSL's command, and the simulator checks them with code of its own.
"""
import hashlib
import os
import re
import struct
import subprocess
import time
import zlib

import pytest

from harness import LIMIT, Done, clean_env, program
from openssl import openssl
from servers import pyserial

serial = pyserial()

SECTOR, BLOCK = 4096, 1216
RSA, P192, P256, P384 = "rsa", "P-192", "P-256", "P-384"
CURVES = {P192: (1, "prime192v1", 24), P256: (2, "prime256v1", 32),
          P384: (3, "secp384r1", 48)}

# The chip's number, where its bootloader lies, RAM that it may be loaded to,
# and the kind of key that it is signed with here.
CHIPS = {
    "esp32": (0, 0x1000, 0x3FFAE000, RSA),
    "esp32s2": (2, 0x1000, 0x3FF9E000, RSA),
    "esp32s3": (9, 0, 0x3FC88000, RSA),
    "esp32c2": (12, 0, 0x3FCA0000, P256),
    "esp32c3": (5, 0, 0x3FC80000, RSA),
    "esp32c5": (23, 0x2000, 0x40800000, P384),
    "esp32c6": (13, 0, 0x40800000, P256),
    "esp32c61": (20, 0, 0x40800000, P192),
    "esp32h2": (16, 0, 0x40800000, RSA),
    "esp32p4": (18, 0x2000, 0x4FF00000, P256),
}
USUAL = "esp32c6"
UNSIGNED = "has no signature"
UNTRUSTED = "does not trust"
CHANGED = "was changed after it was signed"


def der_numbers(der):
    """r and s of an ECDSA signature."""
    at, found = 2 if der[1] < 0x80 else 3, []
    for _ in range(2):
        size = der[at + 1]
        found.append(int.from_bytes(der[at + 2:at + 2 + size], "big"))
        at += 2 + size
    return found


class Key:
    """A private key, and what a signature block holds of it."""

    def __init__(self, directory, kind, name):
        self.kind = kind
        self.path = os.path.join(directory, "%s-%s.pem" % (kind, name))
        if kind == RSA:
            openssl("genrsa", "-traditional", "-out", self.path, "3072")
            text = openssl("rsa", "-in", self.path, "-noout", "-modulus")
            n = int(text.split(b"=")[1], 16)
            self.public = n.to_bytes(384, "little") + \
                struct.pack("<I", 65537) + \
                (pow(2, 2 * 3072, n)).to_bytes(384, "little") + \
                struct.pack("<I", -pow(n, -1, 1 << 32) % (1 << 32))
            return
        number, curve, half = CURVES[kind]
        openssl("ecparam", "-name", curve, "-genkey", "-noout", "-out",
                self.path)
        der = openssl("ec", "-in", self.path, "-pubout", "-outform", "DER")
        x, y = der[-2 * half:-half], der[-half:]
        self.public = (bytes([number]) + x[::-1] + y[::-1]).ljust(
            97 if kind == P384 else 65, b"\0")

    def digest(self):
        return hashlib.sha256(self.public).digest()

    def sign(self, directory, data):
        """A block for those bytes."""
        total = (hashlib.sha384 if self.kind == P384 else hashlib.sha256)(
            data).digest()
        path = os.path.join(directory, "digest")
        with open(path, "wb") as file:
            file.write(total)
        words = ["pkeyutl", "-sign", "-inkey", self.path, "-in", path]
        if self.kind == RSA:
            words += ["-pkeyopt", "rsa_padding_mode:pss", "-pkeyopt",
                      "rsa_pss_saltlen:32", "-pkeyopt", "digest:sha256"]
        made = openssl(*words)
        if self.kind == RSA:
            head, made = b"\xe7\x02\0\0", made[::-1]
        else:
            half = CURVES[self.kind][2]
            head = bytes([0xE7, 3, self.kind == P384, 0])
            made = b"".join(one.to_bytes(half, "little")
                            for one in der_numbers(made))
        return with_sum((head + total + self.public + made))


def with_sum(block):
    block = block[:1196].ljust(1196, b"\0")
    return block + struct.pack("<I", zlib.crc32(block)) + bytes(16)


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    """keys(kind, name) makes a key once."""
    directory = str(tmp_path_factory.mktemp("keys"))
    made = {}

    def get(kind, name="ours"):
        if (kind, name) not in made:
            made[kind, name] = Key(directory, kind, name)
        return made[kind, name]
    return get


def unsigned_image(chip, size=6000):
    """A program for RAM that a ROM loads, filled to whole sectors."""
    number, _, ram, _ = CHIPS[chip]
    body = struct.pack("<BBBBI", 0xE9, 1, 2, 0x20, ram)
    body += struct.pack("<BBBBHBHH4xB", 0xEE, 0, 0, 0, number, 0, 0, 0xFFFF, 1)
    data = bytes(i * 13 & 0xFF for i in range(size))
    body += struct.pack("<II", ram, size) + data
    total = 0xEF
    for byte in data:
        total ^= byte
    body += bytes(15 - len(body) % 16) + bytes([total])
    body += hashlib.sha256(body).digest()
    return body + b"\xff" * (-len(body) % SECTOR)


def sector(*blocks):
    return b"".join(one.ljust(BLOCK, b"\xff")
                    for one in blocks).ljust(SECTOR, b"\xff")


def fuse_file(tmp_path, chip, *steps):
    """The fuses of a chip after some burns."""
    path = str(tmp_path / ("%s.fuses" % chip))
    for words in steps:
        done = subprocess.run(
            [program("espctl"), "espefuse", "--virt", "--chip", chip,
             "--path-efuse-file", path, "--do-not-confirm", *words],
            capture_output=True, text=True, timeout=LIMIT, check=False,
            env=clean_env(HOME=str(tmp_path)))
        assert done.returncode == 0, Done(done.returncode, done.stdout,
                                          done.stderr)
    return path


def trusting(tmp_path, chip, key, *more):
    """The fuses of a chip with secure boot on that trusts that key."""
    digest = tmp_path / "digest.bin"
    digest.write_bytes(key.digest())
    if chip == "esp32":
        burns = [["burn-key", "secure_boot_v2", str(digest)],
                 ["burn-efuse", "CHIP_VER_REV1", "1", "CHIP_VER_REV2", "1",
                  "ABS_DONE_1", "1"]]
    elif chip == "esp32c2":
        burns = [["burn-key", "BLOCK_KEY0", str(digest),
                  "SECURE_BOOT_DIGEST"],
                 ["burn-efuse", "SECURE_BOOT_EN", "1"]]
    else:
        burns = [["burn-key", "BLOCK_KEY2", str(digest),
                  "SECURE_BOOT_DIGEST1"],
                 ["burn-efuse", "SECURE_BOOT_EN", "1"]]
    if key.kind == P384:
        burns.append(["burn-efuse", "SECURE_BOOT_SHA384_EN", "1"])
    return fuse_file(tmp_path, chip, *burns, *more)


class Bench:
    """A board with those fuses."""

    def __init__(self, sim, espctl, tmp_path, chip, fuses, *more):
        self.chip, self.espctl, self.path = chip, espctl, tmp_path
        if chip == "esp32":         # one bit of it is not in the fuses
            more = ("--revision", "3.0", *more)
        self.sim = sim((chip, 1, "--efuse-file", fuses, *more),
                       options=("--verbose",))
        self.board = self.sim.boards[0]

    def write(self, data, *words, at=None, name="image.bin"):
        """What is told of it."""
        path = self.path / name
        path.write_bytes(data)
        if at is None:
            at = CHIPS[self.chip][1]
        done = self.espctl("-p", self.board.url, "--json", "write-flash",
                           *words, hex(at), str(path))
        assert done.status == 0, done
        assert self.board.flash(at, len(data)) == data
        job = done.result()["jobs"][0]
        return [one for one in job.get("notes", [])
                if "secure boot is on" in one]

    def port(self):
        """The board's port; the daemon lets go of it a moment after its job,
        and the board takes one client at a time."""
        ends = time.monotonic() + LIMIT
        while True:
            try:
                return serial.serial_for_url(self.board.url, timeout=LIMIT,
                                             baudrate=115200)
            except (OSError, serial.SerialException):
                assert time.monotonic() < ends, self.sim.error_text()

    def starts(self):
        """Does the program in flash start?"""
        before = len(self.sim.error_text())
        port = self.port()
        try:
            port.dtr = False
            port.rts = True
            port.rts = False
            line = b""
            while b"entry 0x" not in line and b"failed" not in line:
                line = port.read_until(b"\n")
                assert line, self.sim.error_text()
        finally:
            port.close()
        says = re.findall(r"(starts: .*|does not start: .*)",
                          self.sim.error_text()[before:])
        assert says, self.sim.error_text()
        return says[0].startswith("starts: ")

    def check(self, data, tells):
        """Told and refused, or neither."""
        told = self.write(data)
        assert len(told) == (tells is not None), told
        if tells is not None:
            assert tells in told[0]
            assert "at 0x%x " % CHIPS[self.chip][1] in told[0]
            assert "espctl secure sign-data --version 2" in told[0]
        assert self.starts() == (tells is None), self.sim.error_text()[-500:]


@pytest.mark.parametrize("chip", CHIPS)
def test_what_is_told_does_not_start_and_the_rest_does(sim, espctl, keys,
                                                       tmp_path, chip):
    kind = CHIPS[chip][3]
    ours, theirs = keys(kind), keys(kind, "theirs")
    bench = Bench(sim, espctl, tmp_path, chip, trusting(tmp_path, chip, ours))
    data = unsigned_image(chip)
    good = ours.sign(tmp_path, data)
    other = theirs.sign(tmp_path, data)
    bench.check(data + sector(good), None)
    bench.check(data + sector(other), UNTRUSTED)
    if chip in ("esp32", USUAL):
        bench.check(data + sector(other, b"", good), None)


def damaged(data, block):
    """Ways in which a signed image is none: (what is told, bytes)."""
    changed = bytearray(data)
    changed[100] ^= 1               # in the segment: its check sum is wrong too
    changed[101] ^= 1               # ... and now it is right again
    torn = bytearray(block)
    torn[60] ^= 1
    strange = bytearray(block)
    strange[1] = 4
    forged = bytearray(block)
    forged[4 + 32 + 65 + 5] ^= 1
    return [
        (UNSIGNED, data + sector()),
        (UNSIGNED, data + sector(b"\0" * BLOCK)),
        (CHANGED, bytes(changed) + sector(block)),
        ("has a damaged signature (block 0)", data + sector(bytes(torn))),
        ("of a kind that is not known here", data + sector(with_sum(bytes(strange)))),
        ("was not made with the key beside it",
         data + sector(with_sum(bytes(forged)))),
        (None, data + sector(bytes(torn), bytes(strange), block)),
        (UNSIGNED, data + sector(b"", block)),
    ]


def test_damaged_signatures(sim, espctl, keys, tmp_path):
    key = keys(P256)
    bench = Bench(sim, espctl, tmp_path, USUAL, trusting(tmp_path, USUAL, key))
    data = unsigned_image(USUAL)
    for tells, file in damaged(data, key.sign(tmp_path, data)):
        bench.check(file, tells)


def test_a_revoked_key(sim, espctl, keys, tmp_path):
    key = keys(P256)
    data = unsigned_image(USUAL)
    fuses = trusting(tmp_path, USUAL, key,
                     ["burn-efuse", "SECURE_BOOT_KEY_REVOKE1", "1"])
    bench = Bench(sim, espctl, tmp_path, USUAL, fuses)
    bench.check(data + sector(key.sign(tmp_path, data)), "is revoked")


def test_a_kind_of_key_that_the_chip_does_not_check_with(sim, espctl, keys,
                                                         tmp_path):
    key = keys(P256)
    data = unsigned_image("esp32s3")
    bench = Bench(sim, espctl, tmp_path, "esp32s3",
                  trusting(tmp_path, "esp32s3", key))
    bench.check(data + sector(key.sign(tmp_path, data)),
                "does not check with (ECDSA P-256)")


def test_an_application_and_data(sim, espctl, keys, tmp_path):
    """Images anywhere are looked into, data are not; force changes nothing."""
    key = keys(P256)
    bench = Bench(sim, espctl, tmp_path, USUAL, trusting(tmp_path, USUAL, key))
    app = unsigned_image(USUAL, 200000)
    told = bench.write(app, at=0x10000, name="app.bin")
    assert len(told) == 1 and "app.bin at 0x10000 " + UNSIGNED in told[0]
    told = bench.write(app, "--force", at=0x10000, name="app.bin")
    assert len(told) == 1
    assert bench.write(app + sector(key.sign(tmp_path, app)),
                       at=0x10000) == []
    assert bench.write(b"\xe8" + app[1:], at=0x10000) == []
    assert bench.write(b"\x5a" * 5000, at=0x10000) == []


def test_esptools_words(sim, espctl, keys, tmp_path):
    bench = Bench(sim, espctl, tmp_path, USUAL,
                  trusting(tmp_path, USUAL, keys(P256)))
    path = tmp_path / "boot.bin"
    path.write_bytes(unsigned_image(USUAL))
    done = espctl("esptool", "-p", bench.board.url, "write-flash", "0x0",
                  path)
    assert done.status == 0, done
    assert re.search(r"^Warning: \S+/boot\.bin at 0x0 has no signature, and "
                     r"secure boot is on in this ESP32-C6: it will not "
                     r"start\. Sign it", done.out + done.err, re.M)


def test_the_command_that_is_told_helps(sim, espctl, keys, tmp_path):
    key = keys(RSA)
    bench = Bench(sim, espctl, tmp_path, "esp32c3",
                  trusting(tmp_path, "esp32c3", key))
    told = bench.write(unsigned_image("esp32c3"), name="boot.bin")[0]
    words = told[told.index(": espctl secure") + len(": espctl "):].split()
    assert words[-1] == str(tmp_path / "boot.bin")
    signed = str(tmp_path / "signed.bin")
    words[words.index("KEY")] = key.path
    words[words.index("SIGNED")] = signed
    done = espctl(*words)
    assert done.status == 0, done
    with open(signed, "rb") as file:
        bench.check(file.read(), None)


def test_without_secure_boot_nothing_is_told(sim, espctl, tmp_path):
    fuses = fuse_file(tmp_path, USUAL, ["burn-efuse", "DIS_TWAI", "1"])
    bench = Bench(sim, espctl, tmp_path, USUAL, fuses)
    assert bench.write(unsigned_image(USUAL)) == []


def test_secure_download_mode_tells_what_is_sure(sim, espctl, keys, tmp_path):
    bench = Bench(sim, espctl, tmp_path, USUAL,
                  trusting(tmp_path, USUAL, keys(P256)), "--secure-download")
    data = unsigned_image(USUAL)
    theirs = keys(P256, "theirs")
    assert UNSIGNED in bench.write(data)[0]
    assert bench.write(data + sector(theirs.sign(tmp_path, data))) == []


def test_many_boards_are_told_alike(sim, espctl, keys, tmp_path):
    """The digest is made once; each board has fuses of its own."""
    ours, theirs = keys(P256), keys(P256, "theirs")
    data = unsigned_image(USUAL, 300000)
    path = tmp_path / "app.bin"
    path.write_bytes(data + sector(ours.sign(tmp_path, data)))
    groups = []
    for number, key in enumerate([ours, theirs, ours, theirs]):
        place = tmp_path / str(number)
        place.mkdir()
        groups.append((USUAL, 1, "--efuse-file",
                       trusting(place, USUAL, key)))
    boards = sim(*groups).boards
    words = [word for board in boards for word in ("-p", board.url)]
    done = espctl(*words, "--json", "write-flash", "0x10000", path)
    assert done.status == 0, done
    told = {}
    for job in done.result()["jobs"]:
        told[job["port"]] = [one for one in job.get("notes", [])
                             if UNTRUSTED in one]
    assert [len(told[board.url]) for board in boards] == [0, 1, 0, 1], told


def test_the_first_version_of_an_esp32(sim, espctl, tmp_path):
    fuses = fuse_file(tmp_path, "esp32", ["burn-efuse", "ABS_DONE_0", "1"])
    bench = Bench(sim, espctl, tmp_path, "esp32", fuses)
    app = unsigned_image("esp32").rstrip(b"\xff")
    told = bench.write(app, at=0x10000)
    assert len(told) == 1 and "sign-data --version 1" in told[0]
    assert bench.write(app + bytes(4) + b"\x11" * 64, at=0x10000) == []
