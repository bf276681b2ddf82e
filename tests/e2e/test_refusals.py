"""What must not be done to a chip is refused, with a reason and a way on, and
its flash keeps every byte."""
import hashlib
import struct

import pytest

from harness import random_image, text_image

MEGABYTES = 4 << 20
BEFORE = random_image(MEGABYTES, seed=77)
PLAIN = random_image(9000)
TEXT = text_image(9000)         # shrinks

SECURITY, IMAGE, BEYOND, ALIGN, UNSUPPORTED, CHIP, USAGE = \
    28, 20, 25, 26, 27, 12, 2


def program_image(chip_id, min_rev=0, min_full=0, max_full=0xffff):
    """A program with one segment and a digest."""
    head = struct.pack("<BBBBI", 0xe9, 1, 2, 0x20, 0x40080000)
    head += struct.pack("<BBBBHBHH4xB", 0xee, 0, 0, 0, chip_id, min_rev,
                        min_full, max_full, 1)
    body = head + struct.pack("<II", 0x3fff0000, 64) + bytes(64)
    body += bytes(15 - len(body) % 16) + b"\xef"
    return body + hashlib.sha256(body).digest()


class Case:
    """A board, a command, and how it must end."""

    def __init__(self, name, chip, traits, words, status, says, force=True,
                 options=()):
        self.name, self.chip, self.traits = name, chip, traits
        self.words, self.status, self.says = words, status, says
        self.force, self.options = force, list(options)


def write(*more, at="0x10000", file="plain"):
    return ["write-flash", *more, at, file]


CRYPT = ["--flash-encryption"]
KEY = CRYPT + ["--flash-key", "key"]
LOCKED = CRYPT + ["--no-encrypt"]
SDM = ["--secure-download"]
MANAGED = ["--efuse", "0x600b4834=0x10800"]     # ESP32-C5: KEY_MANAGER

CASES = [
    Case("image for another chip", "esp32", [], write(file="for-c3"), IMAGE,
         "is not an ESP32 image. Use the force argument to flash anyway."),
    Case("image for another chip, ROM", "esp32c3", [],
         write(file="for-esp32"), IMAGE, "value was 0. Is this image for a "
         "different chip model?", options=["--no-stub"]),
    Case("image for a later revision", "esp32c3", ["--revision", "0.3"],
         write(file="for-c3-255"), IMAGE, "requires chip revision in range "
         "[v2.55 - max rev not set] (this chip is revision v0.3)"),
    Case("image for an earlier revision", "esp32c3", ["--revision", "1.1"],
         write(file="for-c3-old"), IMAGE, "[v0.0 - v0.99]"),
    Case("old image for a later revision", "esp32s3", [],
         write(file="for-s3-10"), IMAGE, "requires chip revision 10 or "
         "higher (this chip is revision"),
    Case("another chip than asked for", "esp32", [], write(), CHIP,
         "this is an ESP32", force=False, options=["--chip", "esp32c3"]),
    Case("beyond the end", "esp32", [], write(at="0x3fe000"), BEYOND,
         "will not fit in 4194304 bytes of flash", force=False),
    Case("beyond the real end, whatever is said", "esp32", [],
         write("-fs", "16MB", at="0x3fe000"), BEYOND,
         "will not fit in 4194304 bytes of flash", force=False),
    Case("beyond the end that is said", "esp32", [],
         write("-fs", "1MB", at="0x280000"), BEYOND, "will not fit in "
         "1048576 bytes of flash", force=False),
    Case("beyond the end, ROM", "esp32c3", [], write(at="0x3fe000"), BEYOND,
         "will not fit", force=False, options=["--no-stub"]),
    Case("two images in one sector", "esp32", [],
         ["write-flash", "0x10000", "plain", "0x12000", "for-c3"], 24,
         "overlap", force=False),
    Case("encrypted and plain in one sector", "esp32c3", CRYPT,
         write("--encrypt-files", "0x12000", "for-c3"), 24, "overlap",
         force=False),
    Case("secure boot V1 and the bootloader", "esp32", ["--secure-boot", "1"],
         write(at="0x1000"), SECURITY, "Secure Boot V1 detected, writing to "
         "flash regions < 0x8000 is disabled"),
    Case("key manager and its recovery info", "esp32c5", MANAGED,
         write(at="0x1000"), SECURITY, "Flash encryption with Key Manager "
         "detected", options=["--no-stub"]),
    Case("key manager, erasing", "esp32c5", MANAGED,
         ["erase-region", "0x1000", "0x1000"], SECURITY, "Flash encryption "
         "with Key Manager detected, erasing", options=["--no-stub"]),
    Case("plain text for a production chip", "esp32c3", LOCKED, write(),
         SECURITY, "download manual encrypt disabled"),
    Case("encrypting on a production chip", "esp32c3", LOCKED,
         write("--encrypt"), SECURITY, "encrypt functionality in UART "
         "download mode disabled", force=False),
    Case("encrypting without a key", "esp32", [], write("--encrypt"),
         SECURITY, "Can't perform encrypted flash write", force=False),
    Case("encrypting by the ROM of the ESP32", "esp32", CRYPT,
         write("--encrypt"), UNSUPPORTED, "ROM bootloader does not support "
         "encrypted writes", force=False, options=["--no-stub"]),
    Case("encrypting by an ESP8266", "esp8266", [], write("--encrypt"),
         UNSUPPORTED, "does not support encrypted flashing", force=False),
    Case("encrypting at half a unit", "esp32", KEY,
         write("--encrypt", at="0x10010"), ALIGN, "is not 32 byte aligned",
         force=False),
    Case("encrypting one of two at half a unit", "esp32c3", CRYPT,
         write("--encrypt-files", "0x20008", "for-c3"), ALIGN,
         "is not 16 byte aligned", force=False),
    Case("erasing an encrypting chip", "esp32", CRYPT, ["erase-flash"],
         SECURITY, "Active security features detected, erasing flash is "
         "disabled"),
    Case("erasing a region of it", "esp32c3", CRYPT,
         ["erase-region", "0x10000", "0x1000"], SECURITY, "erasing flash is "
         "disabled"),
    Case("erasing with secure boot", "esp32c3", ["--secure-boot", "2"],
         ["erase-flash"], SECURITY, "erasing flash is disabled"),
    Case("erase-all before a write", "esp32", ["--secure-boot", "1"],
         write("-e"), SECURITY, "erasing flash is disabled"),
    Case("plain text in secure download mode", "esp32c3", SDM + CRYPT,
         write(), SECURITY, "flash encryption and secure download mode "
         "enabled"),
    Case("erase-flash in secure download mode", "esp32c3", SDM,
         ["erase-flash"], SECURITY, "secure download mode", force=False),
    Case("read-flash in secure download mode", "esp32c3", SDM,
         ["read-flash", "0", "16", "copy"], SECURITY, "secure download mode",
         force=False),
    Case("verify-flash in secure download mode", "esp32c3", SDM,
         ["verify-flash", "0", "plain"], SECURITY, "secure download mode",
         force=False),
    Case("erasing no whole sectors", "esp32", [],
         ["erase-region", "0x10800", "0x1000"], ALIGN, "multiple of",
         force=False),
    Case("erasing beyond the end", "esp32", [],
         ["erase-region", "0x3ff000", "0x2000"], BEYOND, "Can't access flash "
         "regions larger than detected flash size", force=False),
    Case("pins that cannot be", "esp32", [],
         write("-sc", "6,17,8,11,11"), USAGE, "five different pins",
         force=False),
    Case("changed sectors, and what is flashed", "esp32", [],
         ["write-flash", "-s", "0x10000", "plain", "--diff-with", "plain"],
         USAGE, "exclude each other", force=False),
    Case("a header setting that the chip has not got", "esp32", [],
         write("-ff", "60m", at="0x1000", file="for-esp32"), USAGE,
         "frequency '60m' is not supported", force=False),
]


@pytest.fixture
def run(sim, espctl, image, tmp_path):
    """run(case, extra words...) on a board of its own; returns both."""
    files = {
        "plain": PLAIN,
        "text": TEXT,
        "key": random_image(32, seed=5),
        "for-esp32": program_image(0),
        "for-c3": program_image(5),
        "for-c3-255": program_image(5, min_full=255),
        "for-c3-old": program_image(5, max_full=99),
        "for-s3-10": program_image(9, min_rev=10, max_full=0),
    }
    paths = {name: image(name, data) for name, data in files.items()}
    paths["copy"] = str(tmp_path / "copy")

    def go(case, *more):
        traits = [paths.get(word, word) for word in case.traits]
        board = sim((case.chip, 1, *traits)).boards[0]
        with open(board.path, "r+b") as file:
            file.write(BEFORE)
        words = [paths.get(word, word) for word in case.words]
        done = espctl("-p", board.url, *case.options, words[0], *more,
                      *words[1:])
        return board, done
    return go


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_it_is_refused_and_no_byte_changes(run, case):
    board, done = run(case)
    assert done.status == case.status, done
    assert case.says in done.err, done
    assert board.flash() == BEFORE


@pytest.mark.parametrize("case", [c for c in CASES if c.force],
                         ids=lambda case: case.name)
def test_force_does_it_all_the_same(run, case):
    board, done = run(case, "--force")
    assert done.status == 0, done
    assert board.flash() != BEFORE


def test_fix_12_force_and_erase_all_work_with_security_fuses(run):
    case = Case("", "esp32", ["--secure-boot", "1"], write("-e"), 0, "")
    board, done = run(case, "--force")
    assert done.status == 0, done
    assert board.flash(0x10000, len(PLAIN)) == PLAIN
    assert not board.flash(0x20000).strip(b"\xff")


def test_fix_16_secure_boot_v2_lets_the_bootloader_be_written(run):
    case = Case("", "esp32c3", ["--secure-boot", "2"],
                write("-fm", "dout", at="0x0", file="for-c3"), 0, "")
    board, done = run(case, "--no-stub")
    assert done.status == 0, done
    assert board.flash(0, 16) == program_image(5)[:16]
    assert "Security features enabled, so not changing any flash settings" \
        in done.err + done.out


def test_fix_10_a_rom_erases_beyond_the_first_megabytes(run):
    for traits in ([], SDM):
        case = Case("", "esp32c3", traits,
                    ["erase-region", "0x380000", "0x3000"], 0, "",
                    options=["--no-stub"])
        board, done = run(case)
        assert done.status == 0, done
        assert board.flash(0x380000, 0x3000) == b"\xff" * 0x3000
        assert board.flash(0, 0x380000) == BEFORE[:0x380000]
        assert board.flash(0x383000) == BEFORE[0x383000:]


@pytest.mark.parametrize("file,content", [("plain", PLAIN), ("text", TEXT)])
def test_secure_download_mode_writes_and_does_not_claim_to_verify(
        run, file, content):
    case = Case("", "esp32c3", SDM, write(file=file), 0, "")
    board, done = run(case, "--json")
    assert done.status == 0, done
    result = done.result()["jobs"][0]["result"]
    assert result["secure_download"] is True
    assert result["stub"] is False
    assert result["images"][0]["verified"] is False
    assert board.flash(0x10000, len(content)) == content
