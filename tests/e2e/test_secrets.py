"""Of a key that a command was given or made nothing is left when it leaves: not
in its memory, not in its registers, and not in what it said."""
import glob
import os
import random
import shutil
import subprocess
import sys
import tempfile

import pytest

import leaks
from harness import LIMIT, clean_env, program, sanitized
from openssl import openssl
from test_efuse_wire import Fuses
from test_image_info import image_of

KEYS = os.path.join(os.environ.get("abs_top_srcdir") or os.path.join(
    os.path.dirname(__file__), "..", ".."), "tests/fuzz/corpus/pem")
PRIVATE = {"p192": "p192-private", "p256": "p256-private",
           "p384": "p384-with-parameters", "rsa": "rsa-private"}
USAGE = 2


def able_to_look():
    """May processes be traced here, and are they of a size to look at?"""
    if sanitized() or not os.path.exists(program("image_at_exit")):
        return False
    with tempfile.TemporaryDirectory() as top:
        return subprocess.run(
            [program("image_at_exit"), os.path.join(top, "image"),
             "/bin/true"], capture_output=True, timeout=LIMIT,
            check=False).returncode != 125


class Bench:
    """A folder with keys and images; a fresh one for each test."""

    def __init__(self, top, seed):
        self.top = top
        self.random = random.Random(seed)
        for name, file in PRIVATE.items():
            shutil.copy(os.path.join(KEYS, file), self.path(name + ".pem"))
        for size in (16, 24, 32, 64):
            self.write("key%d" % size, self.random.randbytes(size))
        self.write("image", self.random.randbytes(20000))
        self.write("boot", image_of(0, (0x3FFF0018,
                                        self.random.randbytes(1200))))
        self.write("padded", self.random.randbytes(8192))
        self.write("config", b"[esptool]\n")

    def path(self, name):
        return os.path.join(self.top, name)

    def write(self, name, data):
        with open(self.path(name), "wb") as file:
            file.write(data)

    def secrets(self, name):
        """Windows of the secret in a file."""
        data = leaks.read(self.path(name))
        if data.startswith(b"-----") or b"-----BEGIN" in data:
            return leaks.windows(leaks.pem_numbers(self.path(name)),
                                 leaks.pem_texts(self.path(name)))
        shapes = leaks.aes_shapes(data[:32])
        if len(data) == 64:
            shapes += leaks.aes_shapes(data[32:])
        if len(data) == 24:                 # as an ESP32 extends it
            shapes += leaks.aes_shapes(data + data[8:16])
        return leaks.windows(shapes)


@pytest.fixture(name="bench")
def fixture_bench(tmp_path):
    return Bench(str(tmp_path), 8)


def look(bench, words, *names, status=0, call="secure", stdin=b""):
    """Run a command; no secret of the files (which it may have made) is in
    what it left, and it tells none."""
    done, image = leaks.run_for_image(
        bench.top, [program("espctl"), call, *words], stdin)
    assert done.status == status, done
    # Each process has the words of its command line: so the image is one.
    assert image.holds(words[0].encode())
    wanted = set()
    for name in names:
        wanted |= bench.secrets(name)
    assert not image.find(wanted)
    said = (done.out + done.err).encode()
    assert not leaks.pieces(said.ljust(leaks.WINDOW)) & wanted
    return done, image


needs_image = pytest.mark.skipif(
    not able_to_look(), reason="processes cannot be looked into here")


# First: what is looked for would be found.

HOLDS = """
import base64, os, sys
text = open(sys.argv[1], "rb").read()
shape = eval(sys.argv[2])
del text
os._exit(0)
"""
DER = "base64.b64decode(b''.join(text.split(b'\\n')[1:-2]))"


@needs_image
@pytest.mark.parametrize("name, shape", [
    ("rsa.pem", "text[:]"), ("rsa.pem", "text[1400:1440]"),
    ("rsa.pem", DER), ("rsa.pem", DER + "[::-1]"), ("rsa.pem", DER + ".hex()"),
    ("p256.pem", "text[45:70]"), ("p256.pem", DER),
    ("key32", "text"), ("key32", "text[::-1]"), ("key32", "text.hex()"),
    ("key32", "text.hex(' ')"), ("key32", "text[5:30]"),
    ("key32", "base64.b64encode(text)"),
])
def test_a_process_that_keeps_a_key_is_caught(bench, name, shape):
    done, image = leaks.run_for_image(
        bench.top, [sys.executable, "-c", HOLDS, bench.path(name), shape])
    assert done.status == 0, done
    assert image.find(bench.secrets(name))


@needs_image
def test_a_process_that_keeps_nothing_is_not(bench):
    done, image = leaks.run_for_image(bench.top, ["/bin/true"])
    assert done.status == 0, done
    for name in ("rsa.pem", "p384.pem", "key64"):
        assert not image.find(bench.secrets(name))


def test_schedules_are_those_of_the_standard():
    """FIPS 197, A.1 and A.3."""
    key = bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c")
    assert leaks.aes_schedule(key)[-16:].hex() == \
        "d014f9a8c9ee2589e13f0cc8b6630ca6"
    key = bytes.fromhex("603deb1015ca71be2b73aef0857d7781"
                        "1f352c073b6108d72d9810a30914dff4")
    assert leaks.aes_schedule(key)[-16:].hex() == \
        "fe4890d1e6188d0b046df344706c631e"


# The public half of a key is no secret, and stays: reading it went through
# the same hands.

@needs_image
@pytest.mark.parametrize("name", ["rsa", "p256"])
def test_the_public_half_is_still_there(bench, name):
    _, image = look(bench, ["digest-sbv2-public-key", "-k",
                            bench.path(name + ".pem"), "-o",
                            bench.path("digest")], name + ".pem")
    der = openssl("pkey", "-in", bench.path(name + ".pem"), "-pubout",
                  "-outform", "DER")
    # of the modulus, or of y
    piece = der[60:160] if name == "rsa" else der[-32:]
    assert image.find(leaks.pieces(piece) | leaks.pieces(piece[::-1]))


# Commands that have private keys.

@needs_image
@pytest.mark.parametrize("words", [
    ["-v", "1"], ["-v", "2"], ["-v", "2", "-s", "ecdsa192"],
    ["-v", "2", "-s", "ecdsa256"], ["-v", "2", "-s", "ecdsa384"],
])
def test_a_signing_key_that_was_made(bench, words):
    look(bench, ["generate-signing-key", *words, bench.path("made")], "made")


@needs_image
@pytest.mark.parametrize("names", [
    ["rsa"], ["p192"], ["p256"], ["p384"], ["p256", "p256"],
])
def test_keys_that_signed(bench, names):
    files = [name + ".pem" for name in names]
    look(bench, ["sign-data", "-v", "2", "-k", *map(bench.path, files),
                 "-o", bench.path("signed"), bench.path("image")], *files)
    look(bench, ["verify-signature", "-v", "2", "-k", bench.path(files[0]),
                 bench.path("signed")], files[0])
    look(bench, ["sign-data", "-v", "2", "-k", bench.path(files[0]), "-a",
                 bench.path("signed")], files[0])


@needs_image
def test_a_key_that_signed_for_version_1(bench):
    look(bench, ["sign-data", "-v", "1", "-k", bench.path("p256.pem"), "-o",
                 bench.path("signed"), bench.path("image")], "p256.pem")
    look(bench, ["verify-signature", "-v", "1", "-k", bench.path("p256.pem"),
                 bench.path("signed")], "p256.pem")


@needs_image
@pytest.mark.parametrize("call, flags", [
    ("secure", []), ("secure", ["--json"]), ("espsecure", []),
])
def test_a_key_whose_public_half_is_taken_out(bench, call, flags):
    for name in PRIVATE:
        look(bench, ["extract-public-key", *flags, "-v", "2", "-k",
                     bench.path(name + ".pem"), bench.path(name + ".pub")],
             name + ".pem", call=call)
    look(bench, ["extract-public-key", *flags, "-v", "1", "-k",
                 bench.path("p256.pem"), bench.path("raw")], "p256.pem",
         call=call)


@needs_image
def test_a_digest_that_is_a_key_itself(bench):
    look(bench, ["digest-private-key", "-k", bench.path("p256.pem"),
                 bench.path("digest")], "p256.pem", "digest")


# Commands that have keys of AES.

@needs_image
@pytest.mark.parametrize("bits", ["128", "256", "512"])
def test_a_key_for_flash_that_was_made(bench, bits):
    look(bench, ["generate-flash-encryption-key", "-l", bits,
                 bench.path("made")], "made")


@needs_image
@pytest.mark.parametrize("size, flags", [
    (24, []), (32, []), (32, ["--flash-crypt-conf", "0x3"]),
    (16, ["-x"]), (32, ["-x"]), (64, ["-x"]),
])
def test_a_key_that_encrypts_flash(bench, size, flags):
    key = "key%d" % size
    look(bench, ["encrypt-flash-data", *flags, "-k", bench.path(key), "-a",
                 "0x10000", "-o", bench.path("secret"), bench.path("padded")],
         key)
    look(bench, ["decrypt-flash-data", *flags, "-k", bench.path(key), "-a",
                 "0x10000", "-o", bench.path("plain"), bench.path("secret")],
         key)
    assert leaks.read(bench.path("plain")) == leaks.read(bench.path("padded"))


@needs_image
@pytest.mark.parametrize("size", [24, 32])
def test_a_key_of_secure_boot_version_1(bench, size):
    key = "key%d" % size
    look(bench, ["digest-secure-bootloader", "-k", bench.path(key), "-o",
                 bench.path("made"), bench.path("boot")], key)


@needs_image
@pytest.mark.parametrize("chip, words, name", [
    ("esp32c3", ["BLOCK_KEY0", "key32", "XTS_AES_128_KEY"], "key32"),
    ("esp32s3", ["BLOCK_KEY0", "key64", "XTS_AES_256_KEY"], "key64"),
    ("esp32h2", ["BLOCK_KEY0", "p256.pem", "ECDSA_KEY"], "p256.pem"),
    ("esp32", ["flash_encryption", "key32"], "key32"),
    ("esp32c2", ["BLOCK_KEY0", "key32", "XTS_AES_128_KEY"], "key32"),
])
@pytest.mark.parametrize("flags", [[], ["--json"]])
def test_a_key_that_is_burned(bench, chip, words, name, flags):
    done, image = leaks.run_for_image(
        bench.top, [program("espctl"), "efuse", *flags, "--virt", "--chip",
                    chip, "--path-efuse-file", bench.path("fuses"),
                    "--do-not-confirm", "burn-key",
                    *(bench.path(word) if word == name else word
                      for word in words)])
    assert done.status == 0, done
    wanted = bench.secrets(name)
    assert not image.find(wanted)
    assert not leaks.pieces((done.out + done.err).encode()) & wanted


@needs_image
@pytest.mark.parametrize("flags", [[], ["--json"]])
@pytest.mark.parametrize("chip, block, name, purpose", [
    ("esp32", "flash_encryption", "key32", []),
    ("esp32c3", "BLOCK_KEY0", "key32", ["XTS_AES_128_KEY"]),
    ("esp32h2", "BLOCK_KEY0", "p256.pem", ["ECDSA_KEY"]),
])
def test_a_key_that_a_board_got(bench, daemon, sim, chip, block, name,
                                purpose, flags):
    """Neither the client nor the daemon, which goes on, has it any more; the
    board has."""
    Fuses(chip).factory().write(bench.path("board"))
    boards = sim((chip, 1, "--socket", "--efuse-file",
                  bench.path("board")))
    done, image = leaks.run_for_image(
        bench.top, [program("espctl"), "efuse", *flags, "--chip", chip,
                    "--port", boards.boards[0].url, "--do-not-confirm",
                    "burn-key", block, bench.path(name), *purpose],
        ESPFLASHD_SOCKET=daemon.socket)
    assert done.status == 0, done
    wanted = bench.secrets(name)
    assert not image.find(wanted)
    image = leaks.Image.living(daemon.process.pid)
    assert not image.find(wanted)
    assert leaks.Image.living(boards.process.pid).find(wanted)
    said = done.out + done.err + daemon.log_text()
    assert not leaks.pieces(said.encode()) & wanted


# Commands that fail.

@needs_image
@pytest.mark.parametrize("words, name, part", [
    (["sign-data", "-v", "1", "-k", "rsa.pem", "-o", "x", "image"], "rsa.pem",
     "RSA"),
    (["sign-data", "-v", "1", "-k", "p384.pem", "-o", "x", "image"],
     "p384.pem", "P-384"),
    (["sign-data", "-v", "2", "-k", "rsa.pem", "key32", "-o", "x", "image"],
     "rsa.pem", "PEM"),
    (["sign-data", "-v", "2", "-k", "rsa.pem", "-o", "none/x", "image"],
     "rsa.pem", "none/x"),
    (["extract-public-key", "-v", "1", "-k", "p384.pem", "x"], "p384.pem",
     "P-384"),
    (["extract-public-key", "-v", "2", "-k", "torn.pem", "x"], "rsa.pem",
     "damaged"),
    (["extract-public-key", "-v", "2", "-k", "half.pem", "x"], "rsa.pem",
     "PEM"),
    (["digest-private-key", "-k", "p256.pem", "image"], "p256.pem",
     "overwrit"),
    (["encrypt-flash-data", "-x", "-k", "key24", "-a", "0", "-o", "x",
      "image"], "key24", "24"),
    (["encrypt-flash-data", "-k", "key64", "-a", "0", "-o", "x", "image"],
     "key64", "64"),
    (["encrypt-flash-data", "-k", "key32", "-a", "1", "-o", "x", "image"],
     "key32", "16"),
    (["encrypt-flash-data", "-k", "key32", "-a", "0", "-o", "none/x",
      "image"], "key32", "none/x"),
    (["digest-secure-bootloader", "-k", "rsa.pem", "-o", "x", "boot"],
     "rsa.pem", "key"),
])
def test_a_key_of_a_command_that_is_refused(bench, words, name, part):
    text = leaks.read(bench.path("rsa.pem"))
    bench.write("half.pem", text[:1400])
    bench.write("torn.pem", text.replace(text[100:104], b"AAAA"))
    words = [words[0]] + [bench.path(word) if os.path.exists(
        bench.path(word)) else word for word in words[1:]]
    done, _ = look(bench, words, name, status=USAGE, call="espsecure")
    assert part in done.err, done


# PINs of security modules.

SOFTHSM = next(iter(glob.glob("/usr/lib/softhsm/libsofthsm2.so") + glob.glob(
    "/usr/lib*/*/softhsm/libsofthsm2.so")), None)
# In no name of a test: pytest leaves those in the environment.
PIN = "a PIN of more than sixteen letters, 4711"


@pytest.fixture(name="token")
def fixture_token(bench, monkeypatch):
    """A token of SoftHSM's with the keys of the bench; its configuration."""
    tool = shutil.which("softhsm2-util")
    if SOFTHSM is None or tool is None:
        pytest.skip("SoftHSM2 is not there")
    os.mkdir(bench.path("tokens"))
    bench.write("softhsm2.conf", ("directories.tokendir = %s\n"
                                  % bench.path("tokens")).encode())
    monkeypatch.setenv("SOFTHSM2_CONF", bench.path("softhsm2.conf"))

    def call(*words):
        return subprocess.run([tool, *words], check=True, text=True,
                              capture_output=True, timeout=LIMIT).stdout
    said = call("--init-token", "--free", "--label", "espflashd", "--so-pin",
                PIN, "--pin", PIN)
    slot = said.split()[-1]
    for number, name in enumerate(["rsa", "p256"]):
        openssl("pkcs8", "-topk8", "-nocrypt", "-in",
                bench.path(name + ".pem"), "-out", bench.path(name + ".p8"))
        call("--import", bench.path(name + ".p8"), "--slot", slot, "--label",
             name, "--id", "0%d" % number, "--pin", PIN)

    def config(name, pin):
        lines = ["[hsm_config]", "pkcs11_lib = " + SOFTHSM, "slot = " + slot,
                 "label = " + name] + ["credentials = " + pin] * bool(pin)
        bench.write("hsm.ini", "\n".join(lines).encode())
        return bench.path("hsm.ini")
    return config


@needs_image
@pytest.mark.parametrize("name", ["rsa", "p256"])
@pytest.mark.parametrize("asked", [False, True])
@pytest.mark.parametrize("flags", [[], ["--json"]])
def test_the_pin_of_a_security_module(bench, token, name, asked, flags):
    config = token(name, "" if asked else PIN)
    for words in (["sign-data", *flags, "-v", "2", "--hsm", "--hsm-config",
                   config, "-o", bench.path("signed"), bench.path("image")],
                  ["verify-signature", *flags, "-v", "2", "--hsm",
                   "--hsm-config", config, bench.path("signed")]):
        done, image = leaks.run_for_image(
            bench.top, [program("espctl"), "secure", *words],
            PIN.encode() + b"\n" if asked else b"")
        assert done.status == 0, done
        assert not image.find(leaks.pieces(PIN.encode()))
        assert PIN not in done.out + done.err


@needs_image
@pytest.mark.parametrize("name, asked", [
    ("rsa", False), ("unknown", False), ("rsa", True)])
def test_a_pin_of_a_command_that_is_refused(bench, token, name, asked):
    wrong = PIN if name == "unknown" else PIN[:-1]
    config = token(name, "" if asked else wrong)
    done, image = leaks.run_for_image(
        bench.top, [program("espctl"), "secure", "sign-data", "-v", "2",
                    "--hsm", "--hsm-config", config, "-o", bench.path("x"),
                    bench.path("image")], wrong.encode() + b"\n")
    assert done.status == 30, done
    assert not image.find(leaks.pieces(PIN.encode()))
    assert PIN[:-1] not in done.out + done.err


# Memory that nobody gives back.

VALGRIND = shutil.which("valgrind")


@pytest.mark.skipif(VALGRIND is None or sanitized(),
                    reason="valgrind is not there, or a sanitizer is")
@pytest.mark.parametrize("words", [
    ["generate-signing-key", "-v", "2", "-s", "ecdsa256", "made"],
    ["sign-data", "-v", "1", "-k", "p256.pem", "-o", "x", "image"],
    ["sign-data", "-v", "2", "-k", "rsa.pem", "-o", "x", "image"],
    ["sign-data", "-v", "2", "-k", "p384.pem", "p384.pem", "-o", "x",
     "image"],
    ["extract-public-key", "-v", "2", "-k", "p192.pem", "x"],
    ["digest-sbv2-public-key", "-k", "rsa.pem", "-o", "x"],
    ["digest-private-key", "-k", "p256.pem", "x"],
    ["generate-flash-encryption-key", "made"],
    ["encrypt-flash-data", "-k", "key32", "-a", "0", "-o", "x", "padded"],
    ["encrypt-flash-data", "-x", "-k", "key64", "-a", "0", "-o", "x",
     "padded"],
    ["decrypt-flash-data", "-x", "-k", "key32", "-a", "0", "-o", "x",
     "padded"],
    ["digest-secure-bootloader", "-k", "key32", "-o", "x", "boot"],
    ["signature-info-v2", "signed"],
    ["verify-signature", "-v", "2", "-k", "p256.pem", "signed"],
], ids=lambda words: "-".join(words[:5:2]))
def test_no_memory_is_lost(bench, words):
    if "signed" in words:
        subprocess.run([program("espctl"), "secure", "sign-data", "-v", "2",
                        "-k", "p256.pem", "-o", "signed", "image"], check=True,
                       capture_output=True, cwd=bench.top, timeout=LIMIT,
                       env=clean_env(HOME=bench.top))
    done = subprocess.run(
        [VALGRIND, "-q", "--leak-check=full", "--error-exitcode=99",
         "--errors-for-leak-kinds=definite,indirect",
         program("espctl"), "secure", *words], capture_output=True,
        check=False, cwd=bench.top, timeout=LIMIT, text=True,
        env=clean_env(HOME=bench.top))
    assert done.returncode == 0, done.stderr
