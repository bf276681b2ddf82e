"""Keys of a chip and what they encrypt: files encrypted here are what the
simulated chips write by themselves, and start on them; and what the commands
say, write and refuse."""
import json
import os
import stat
import struct
import subprocess

import pytest

from harness import LIMIT, clean_env, program, random_image, text_image
from test_image_info import image_of

ESP32, XTS = (), ("--aes-xts",)
# Bits of a key, the words of the scheme, chip id, where a bootloader is, RAM.
CHIPS = {
    "esp32": (256, ESP32, 0, 0x1000, 0x3FFB0000, 0x40080400),
    "esp32c2": (128, XTS, 12, 0, 0x3FCB0000, 0x40380000),
    "esp32c3": (256, XTS, 5, 0, 0x3FC90000, 0x40380000),
    "esp32s3": (512, XTS, 9, 0, 0x3FC90000, 0x40378000),
}
USAGE, LIMITED, EMPTY, MISALIGNED, CONFLICT, IMAGE = 2, 47, 23, 26, 50, 20
BLOCK = 16
HEAD = 4096             # of a bootloader with its digest


class Ran:
    def __init__(self, done):
        self.status, self.out = done.returncode, done.stdout
        self.err = done.stderr.decode()

    def __repr__(self):
        return "exit %d\n%r\n%s" % (self.status, self.out[:500], self.err)


@pytest.fixture
def secure(tmp_path):
    """secure(words...) is "espctl secure"; files are in tmp_path."""
    def run(*words, data=b"", voice="secure"):
        return Ran(subprocess.run(
            [program("espctl"), *voice.split(), *map(str, words)],
            input=data, capture_output=True, timeout=LIMIT, check=False,
            cwd=tmp_path, env=clean_env()))
    return run


@pytest.fixture
def key(secure, tmp_path):
    """key(bits) makes a key file."""
    def make(bits, name="key.bin"):
        done = secure("generate-flash-encryption-key", "--keylen", bits, name)
        assert done.status == 0, done
        return str(tmp_path / name)
    return make


def crypt(secure, how, key, address, source, output, *more):
    done = secure(how + "-flash-data", "--keyfile", key, "--address", address,
                  "--output", output, *more, source)
    assert done.status == 0, done
    return done


def encrypting(sim, chip, key, **options):
    return sim((chip, 1, "--flash-encryption", "--flash-key", key), **options)


def refused(done, status, *words):
    """One sentence with the words in it, nothing on stdout."""
    assert done.status == status, done
    assert done.out == b"", done
    assert done.err.count("\n") == done.err.count("Using ") + 1, done
    for word in words:
        assert word in done.err, done


def same_but(folder, *new):
    """No file is there but those that were, and `new`."""
    names = set(os.listdir(folder))
    return lambda: set(os.listdir(folder)) == names | set(new)


# ---- the chips ----

@pytest.mark.parametrize("chip", CHIPS)
@pytest.mark.parametrize("address,size", [(0x10000, 70000), (0x21020, 1040)])
def test_it_is_what_the_chip_writes_by_itself(
        sim, espctl, secure, key, tmp_path, chip, address, size):
    bits, scheme = CHIPS[chip][:2]
    name = key(bits)
    plain = text_image(size)
    (tmp_path / "plain.bin").write_bytes(plain)
    crypt(secure, "encrypt", name, address, "plain.bin", "made.bin", *scheme)
    made = (tmp_path / "made.bin").read_bytes()
    board = encrypting(sim, chip, name).boards[0]
    done = espctl("-p", board.url, "write-flash", "--encrypt", "--force",
                  hex(address), tmp_path / "plain.bin")
    assert done.status == 0, done
    assert board.flash(address, size) == made
    assert made != plain and len(made) == size

    # As it was read from the chip, it can be read here.
    done = espctl("-p", board.url, "read-flash", hex(address), size,
                  tmp_path / "read.bin")
    assert done.status == 0, done
    crypt(secure, "decrypt", name, address, "read.bin", "back.bin", *scheme)
    assert (tmp_path / "back.bin").read_bytes() == plain


def parts(chip):
    """What a chip starts from: (address, bytes) of bootloader, partition
    table, application; and the entry of the last."""
    _, _, chip_id, offset, data, code = CHIPS[chip]
    stage = image_of(chip_id, (data, random_image(300)), entry=code)
    app = image_of(chip_id, (data, random_image(5000, seed=2)),
                   entry=code + 0x40)
    table = struct.pack("<HBBII16sI", 0x50aa, 0, 0, 0x10000, 0x100000,
                        b"factory", 0).ljust(0xC00, b"\xff")
    return [(offset, stage), (0x8000, table), (0x10000, app)], code + 0x40


@pytest.mark.parametrize("chip", CHIPS)
def test_a_chip_starts_what_was_encrypted_here(
        sim, espctl, secure, image, tmp_path, chip):
    pytest.importorskip("serial")
    from test_elf2image import boot
    bits, scheme = CHIPS[chip][:2]
    # Not by chance: what it reads of another address never begins with E9.
    name = image("key.bin", random_image(bits // 8, seed=5))
    boards = encrypting(sim, chip, name, options=("--verbose",))
    files, entry = parts(chip)
    for shift in (0, 0x80):         # and not when it is for other addresses
        words = ["--force"]
        for address, data in files:
            plain = tmp_path / ("plain-%x.bin" % address)
            plain.write_bytes(data.ljust(-len(data) % BLOCK + len(data),
                                         b"\xff"))
            made = tmp_path / ("made-%x-%x.bin" % (shift, address))
            crypt(secure, "encrypt", name, address + shift, plain, made,
                  *scheme)
            words += [hex(address), str(made)]
        if shift == 0:
            assert boot(espctl, boards, chip, *words) == \
                "starts: app at 0x10000, entry 0x%08x" % entry
        else:
            assert boot(espctl, boards, chip, *words,
                        until=b"invalid header: 0x") == \
                "does not start: no image"


# ---- keys ----

@pytest.mark.parametrize("bits", [128, 192, 256, 512])
def test_a_key_is_new_and_for_its_owner_alone(secure, key, tmp_path, bits):
    one, other = key(bits, "one.bin"), key(bits, "other.bin")
    data = [open(name, "rb").read() for name in (one, other)]
    assert len(data[0]) == len(data[1]) == bits // 8
    assert data[0] != data[1]
    assert stat.S_IMODE(os.stat(one).st_mode) == 0o600
    done = secure("generate-flash-encryption-key", "--keylen", bits, one)
    refused(done, CONFLICT, "one.bin")
    assert open(one, "rb").read() == data[0]
    assert sorted(os.listdir(tmp_path)) == ["one.bin", "other.bin"]


def test_an_empty_file_is_filled_with_a_key(secure, key, tmp_path):
    (tmp_path / "k").write_bytes(b"")
    os.chmod(tmp_path / "k", 0o600)
    key(256, "k")
    assert len((tmp_path / "k").read_bytes()) == 32


@pytest.mark.parametrize("voice,bits", [
    ("secure", 0), ("secure", 100), ("secure", 129), ("secure", 384),
    ("secure", 1024), ("espsecure", 0), ("espsecure", 1024)])
def test_no_chip_has_a_key_of_another_length(secure, tmp_path, bits, voice):
    done = secure("generate-flash-encryption-key", "--keylen", bits, "k",
                  voice=voice)
    assert done.status == 2, done
    assert "%d bits" % bits in done.err, done
    assert os.listdir(tmp_path) == []


def test_espsecure_makes_a_key_of_any_length_and_warns(secure, tmp_path):
    done = secure("generate-flash-encryption-key", "--keylen", 100, "k",
                  voice="espsecure")
    assert done.status == 0 and b"Warning: no chip has" in done.out, done
    assert len((tmp_path / "k").read_bytes()) == 12


# ---- encrypt, decrypt ----

def test_espsecure_writes_nothing_where_nothing_was(secure, key, tmp_path):
    name = key(256)
    (tmp_path / "none").write_bytes(b"")
    for how in ("encrypt", "decrypt"):
        done = secure(how + "-flash-data", "-k", name, "-a", "0x10", "-o",
                      "out", "none", voice="espsecure")
        assert done.status == 0 and b"Warning: none is empty" in done.out
    assert not (tmp_path / "out").exists()


def test_the_esp32s_last_block_is_filled_with_random_bytes(
        secure, key, tmp_path):
    name = key(256)
    plain = random_image(1000)
    (tmp_path / "plain").write_bytes(plain)
    made = []
    for output in ("a", "b"):
        done = crypt(secure, "encrypt", name, 0x10000, "plain", output)
        assert "Padding with 8 bytes of random data" in done.err
        made.append((tmp_path / output).read_bytes())
    assert len(made[0]) == len(made[1]) == 1008
    assert made[0][:992] == made[1][:992] and made[0] != made[1]
    crypt(secure, "decrypt", name, 0x10000, "a", "back")
    assert (tmp_path / "back").read_bytes()[:1000] == plain


@pytest.mark.parametrize("scheme", [ESP32, XTS])
def test_pipes_and_the_standard_streams_do(secure, key, tmp_path, scheme):
    name = key(256)
    plain = random_image(4096 + BLOCK)
    (tmp_path / "plain").write_bytes(plain)
    crypt(secure, "encrypt", name, 0x1010, "plain", "made", *scheme)
    made = (tmp_path / "made").read_bytes()
    done = secure("encrypt-flash-data", "-k", name, "-a", 0x1010, "-o", "-",
                  *scheme, "-", data=plain)
    assert done.status == 0 and done.out == made, done
    assert "Using 256-bit key" in done.err
    done = secure("decrypt-flash-data", "-k", "/dev/stdin", "-a", "0x1010",
                  "-o", "-", *scheme, "made", data=open(name, "rb").read())
    assert done.status == 0 and done.out == plain, done


def test_the_result_line_tells_no_secret(secure, key, tmp_path):
    name = key(512)
    (tmp_path / "plain").write_bytes(bytes(64))
    done = secure("--json", "encrypt-flash-data", "-k", name, "-a", "0x20000",
                  "-o", "made", "-x", "plain")
    assert done.status == 0, done
    told = json.loads(done.out.splitlines()[-1])
    assert (told["output"], told["scheme"], told["address"], told["bytes"],
            told["key_bits"]) == ("made", "aes-xts", 0x20000, 64, 512)
    secret = open(name, "rb").read().hex()
    for text in (done.out.decode(), done.err):
        assert not any(secret[i:i + 16] in text.lower()
                       for i in range(0, len(secret) - 16, 2))


def test_what_cannot_be_encrypted_is_refused(secure, key, tmp_path):
    wide, narrow, small = key(512, "wide"), key(256, "narrow"), key(128, "sml")
    (tmp_path / "odd").write_bytes(random_image(1000))
    (tmp_path / "even").write_bytes(random_image(1024))
    (tmp_path / "none").write_bytes(b"")
    (tmp_path / "equal").write_bytes(bytes(32))
    (tmp_path / "long").write_bytes(bytes(5000))
    clean = same_but(tmp_path)

    def run(name, address, source, *scheme, how="encrypt", output="out"):
        return secure(how + "-flash-data", "-k", name, "-a", address, "-o",
                      output, *scheme, source)
    for done, status, word in (
            (run(wide, "0x10", "odd", *XTS), MISALIGNED, "1000"),
            (run(narrow, "0x10", "odd", how="decrypt"), MISALIGNED, "1000"),
            (run(wide, "0x8", "even", *XTS), MISALIGNED, "0x8"),
            (run(narrow, "0x1001", "even"), MISALIGNED, "0x1001"),
            (run(wide, "0x10", "none", *XTS), EMPTY, "longer than 0"),
            (run(narrow, "0x10", "none"), EMPTY, "longer than 0"),
            (run(wide, "0xFFFFFFF0", "even", *XTS), USAGE, "32 bits"),
            (run(narrow, "0x100000000", "even"), USAGE, "32 bits"),
            (run(wide, "-16", "even", *XTS), USAGE, "-0x10"),
            (run(wide, "0x10", "even"), USAGE, "--aes-xts"),
            (run(small, "0x10", "even"), USAGE, "--aes-xts"),
            (run("odd", "0x10", "even"), USAGE, "1000 bytes"),
            (run("long", "0x10", "even"), LIMITED, "long"),
            (run("equal", "0x10", "even", *XTS), USAGE, "halves"),
            (run(narrow, "0x10", "even", output="even"), CONFLICT, "even"),
            (run(narrow, "0x10", "even", output=narrow), CONFLICT, "narrow"),
            (run(narrow, "0x10", "even", output="no/such"), 21, "no/such")):
        refused(done, status, word)
    os.link(tmp_path / "even", tmp_path / "alias")
    before = (tmp_path / "even").read_bytes()
    refused(run(narrow, "0x10", "even", output="alias"), CONFLICT, "alias")
    os.remove(tmp_path / "alias")
    assert (tmp_path / "even").read_bytes() == before
    assert clean()


# ---- digest-secure-bootloader ----

def boot_image(**more):
    return image_of(0, (0x3FFF0018, random_image(1200)), **more)


def test_a_digest_can_be_made_again_from_itself(secure, key, tmp_path):
    """Its first bytes are the random ones, which --iv takes."""
    name = key(256)
    image = boot_image()
    (tmp_path / "boot.v2.bin").write_bytes(image)
    done = secure("digest-secure-bootloader", "-k", name, "boot.v2.bin")
    assert done.status == 0, done
    made = (tmp_path / "boot.v2-digest-0x0000.bin").read_bytes()
    seen = len(image) // 128 * 128 if len(image) % 128 <= 32 else len(image)
    assert made[HEAD:HEAD + seen] == image[:seen]
    assert not made[HEAD + seen:].strip(b"\xff") and len(made) % 128 == 0
    assert not made[192:HEAD].strip(b"\xff")
    done = secure("digest-secure-bootloader", "-k", name, "--iv",
                  "boot.v2-digest-0x0000.bin", "-o", "again", "boot.v2.bin")
    assert done.status == 0 and "TESTING PURPOSES ONLY" in done.err, done
    assert (tmp_path / "again").read_bytes() == made
    other = key(256, "other")
    done = secure("digest-secure-bootloader", "-k", other, "--iv", "again",
                  "-o", "-", "boot.v2.bin")
    assert done.status == 0, done
    assert done.out[:128] == made[:128] and done.out[HEAD:] == made[HEAD:]
    assert done.out[128:192] != made[128:192]


def test_what_is_no_bootloader_has_no_digest(secure, key, tmp_path):
    name, wide = key(256, "narrow"), key(512, "wide")
    image = boot_image()
    (tmp_path / "good").write_bytes(image)
    (tmp_path / "noise").write_bytes(b"\xa3" + random_image(4000))
    (tmp_path / "short").write_bytes(image[:700])
    (tmp_path / "tiny").write_bytes(image[:5])
    clean = same_but(tmp_path)
    for words, status, word in (
            (["-k", name, "noise"], IMAGE, "E9"),
            (["-k", name, "short"], IMAGE, "not whole"),
            (["-k", name, "tiny"], IMAGE, "E9"),
            (["-k", wide, "good"], USAGE, "512 bits"),
            (["-k", "good", "good"], USAGE, "wrong length"),
            (["-k", name, "-"], USAGE, "--output"),
            (["-k", name, "-o", "good", "good"], CONFLICT, "good"),
            (["-k", name, "-o", name, "good"], CONFLICT, "narrow")):
        refused(secure("digest-secure-bootloader", *words, data=image),
                status, word)
    assert clean()


def test_an_image_of_another_chip_is_told_of(secure, key, tmp_path):
    (tmp_path / "c3").write_bytes(image_of(5, (0x3FC90000, bytes(64))))
    done = secure("digest-secure-bootloader", "-k", key(256), "c3")
    assert done.status == 0 and "Unexpected chip ID" in done.err, done


def test_a_shorter_iv_is_said_to_be_no_use(secure, key, tmp_path):
    name = key(256)
    (tmp_path / "good").write_bytes(boot_image())
    (tmp_path / "iv").write_bytes(bytes(100))
    clean = same_but(tmp_path)
    done = secure("digest-secure-bootloader", "-k", name, "--iv", "iv", "good")
    assert done.status == USAGE and "128" in done.err, done
    assert clean()
