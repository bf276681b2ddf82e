"""Each chip, with its ROM loader alone and with a stub: what is written is
verified, read back and erased."""
import hashlib
import re

import pytest

from harness import CHIPS, random_image, text_image

MODES = [(chip, stub) for chip in CHIPS for stub in (False, True)]
IDS = ["%s-%s" % (chip, "stub" if stub else "rom") for chip, stub in MODES]


@pytest.fixture(params=MODES, ids=IDS)
def board(request, sim):
    """A board and the options that choose its loader."""
    chip, stub = request.param
    one = sim((chip, 1)).boards[0]
    one.options = ["-p", one.url] + ([] if stub else ["--no-stub"])
    # The ESP8266's ROM can neither read flash back nor digest it.
    one.reads = stub or chip != "esp8266"
    return one


def test_what_is_written_is_in_the_flash(board, espctl, image):
    text, noise = text_image(100 * 1024), random_image(40 * 1024 + 3)
    done = espctl(*board.options, "write-flash",
                  "0x10000", image("text.bin", text),
                  "0x40000", image("noise.bin", noise))
    assert done.status == 0, done
    assert board.flash(0x10000, len(text)) == text
    assert board.flash(0x40000, len(noise)) == noise
    assert not board.flash(0, 0x10000).strip(b"\xff")
    assert board.mac in done.out


def test_an_offset_may_be_odd(board, espctl, image):
    text = text_image(5000)
    done = espctl(*board.options, "write-flash", "0x10001",
                  image("text.bin", text))
    assert done.status == 0, done
    assert board.flash(0x10001, len(text)) == text
    assert "Wrote 5000 bytes" in done.out and "at 0x00010001" in done.out


def test_uncompressed_writing_comes_to_the_same(board, espctl, image):
    text = text_image(30 * 1024)
    done = espctl(*board.options, "write-flash", "-u", "0x10000",
                  image("text.bin", text))
    assert done.status == 0, done
    assert board.flash(0x10000, len(text)) == text


def test_what_is_read_is_what_was_written(board, espctl, image, tmp_path):
    noise = random_image(20 * 1024 + 7)
    copy = tmp_path / "copy.bin"
    assert espctl(*board.options, "write-flash", "0x10000",
                  image("noise.bin", noise)).status == 0
    done = espctl(*board.options, "read-flash", "0x10000", len(noise), copy)
    if board.reads:
        assert done.status == 0, done
        assert copy.read_bytes() == noise
    else:
        assert done.status == 27, done
        assert "stub" in done.err
        assert not copy.exists()


def test_a_difference_is_found(board, espctl, image):
    text = text_image(8 * 1024)
    other = image("other.bin", text[:5000] + b"!" + text[5001:])
    same = image("same.bin", text)
    assert espctl(*board.options, "write-flash", "0", same).status == 0
    good = espctl(*board.options, "verify-flash", "0", same)
    bad = espctl(*board.options, "verify-flash", "0", other)
    if board.reads:
        assert good.status == 0, good
        assert bad.status == 13, bad
    else:
        for done in (good, bad):
            assert done.status == 27, done
            assert "successful" not in done.out


def test_a_region_is_erased_and_nothing_else(board, espctl, image):
    noise = random_image(5 * 4096)
    assert espctl(*board.options, "write-flash", "0x8000",
                  image("noise.bin", noise)).status == 0
    done = espctl(*board.options, "erase-region", "0x9000", "0x2000")
    if done.status == 27:               # not every ROM can
        assert "--no-stub" in board.options
        assert board.flash(0x8000, len(noise)) == noise
        return
    assert done.status == 0, done
    assert board.flash(0x9000, 0x2000) == b"\xff" * 0x2000
    assert board.flash(0x8000, 0x1000) == noise[:0x1000]
    assert board.flash(0xb000, 0x2000) == noise[0x3000:]


def test_the_whole_flash_is_erased(board, espctl, image):
    assert espctl(*board.options, "write-flash", "0x8000",
                  image("noise.bin", random_image(4096))).status == 0
    done = espctl(*board.options, "erase-flash")
    if done.status == 27:
        assert "--no-stub" in board.options
        return
    assert done.status == 0, done
    assert board.untouched()


def test_the_chip_tells_what_it_is(board, espctl):
    done = espctl(*board.options, "flash-id")
    assert done.status == 0, done
    assert "Detected flash size: 4MB" in done.out
    done = espctl(*board.options, "read-mac")
    assert done.status == 0, done
    assert board.mac in done.out
    assert espctl(*board.options, "chip-id").status == 0


def test_another_chip_than_asked_for_is_left_alone(sim, espctl, image):
    board = sim(("esp32c3", 1)).boards[0]
    done = espctl("-p", board.url, "--chip", "esp32", "write-flash", "0",
                  image("text.bin", text_image(4096)))
    assert done.status == 12, done
    assert "ESP32-C3" in done.err
    assert board.untouched()


def test_several_ports_are_written_by_one_command(sim, espctl, image):
    boards = sim(("esp32", 2), ("esp32c3", 2)).boards
    noise = random_image(30000)
    ports = [word for b in boards for word in ("-p", b.url)]
    done = espctl(*ports, "write-flash", "0x1000", image("noise.bin", noise))
    assert done.status == 0, done
    for board in boards:
        assert board.flash(0x1000, len(noise)) == noise
        assert board.mac in done.out


def test_the_spelling_of_older_esptools_works(sim, espctl, image, tmp_path):
    board = sim(("esp32", 1)).boards[0]
    text = text_image(5000)
    done = espctl("--port", board.url, "--before", "default_reset",
                  "--after", "hard_reset", "write_flash", "-z", "0x1000",
                  image("text.bin", text))
    assert done.status == 0, done
    copy = tmp_path / "copy.bin"
    done = espctl("--port", board.url, "read_flash", "0x1000", "5000", copy)
    assert done.status == 0, done
    assert copy.read_bytes() == text
    assert espctl("--port", board.url, "erase_region", "0x1000",
                  "0x1000").status == 0
    for command in ("flash_id", "read_mac", "chip_id", "erase_flash"):
        assert espctl("--port", board.url, command).status == 0


def test_a_higher_rate_is_used(sim, espctl, image):
    board = sim(("esp32s3", 1)).boards[0]
    noise = random_image(20000)
    done = espctl("-p", board.url, "-b", "921600", "write-flash", "0x1000",
                  image("noise.bin", noise))
    assert done.status == 0, done
    assert board.flash(0x1000, len(noise)) == noise


def test_the_trace_shows_what_goes_over_the_line(sim, espctl):
    board = sim(("esp32", 1)).boards[0]
    done = espctl("-p", board.url, "--trace", "flash-id")
    assert done.status == 0, done
    # SYNC (08) goes out, its answer comes back.
    assert re.search(r" send c0000824", done.err), done
    assert re.search(r" recv .*c0010804", done.err), done


def test_many_boards_share_a_bootloader_with_its_header_set(sim, espctl,
                                                            image):
    boards = sim(("esp32", 8)).boards
    segment = text_image(20000)
    boot = bytes([0xe9, 1, 2, 0x20]) + bytes(4) + bytes([0xee]) + bytes(8) + \
        b"\xff\xff" + bytes(4) + b"\x01"
    boot += bytes(4) + len(segment).to_bytes(4, "little") + segment
    boot += bytes(15 - len(boot) % 16) + b"\xef"
    path = image("boot.bin", boot + hashlib.sha256(boot).digest())
    ports = [word for b in boards for word in ("-p", b.url)]
    done = espctl(*ports, "write-flash", "-fm", "dout", "-ff", "80m", "-fs",
                  "detect", "0x1000", path)
    assert done.status == 0, done
    wanted = boot[:2] + b"\x03\x2f" + boot[4:]
    wanted += hashlib.sha256(wanted).digest()
    for board in boards:
        assert board.flash(0x1000, len(wanted)) == wanted


# ---- only what differs ----

def test_our_stub_tells_which_sectors_differ(sim, espctl, image):
    noise = bytearray(random_image(300000))
    board = sim(("esp32c3", 1)).boards[0]
    words = ("--stub", "own", "-p", board.url, "write-flash",
             "--skip-flashed", "0x10000")
    done = espctl(*words, image("app.bin", bytes(noise)))
    assert done.status == 0, done
    assert "changed sector" not in done.out     # written in one go
    done = espctl(*words, image("app.bin", bytes(noise)))
    assert done.status == 0, done
    assert "already in flash" in done.out
    for at in (0, 5 * 4096 + 7, 6 * 4096, len(noise) - 1):
        noise[at] ^= 1
    done = espctl(*words, image("app.bin", bytes(noise)))
    assert done.status == 0, done
    assert re.findall(r"Reflashing (\d) changed sectors? at 0x(\w+)",
                      done.out) == [("1", "00010000"), ("2", "00015000"),
                                    ("1", "00059000")]
    assert "Hash of data verified" in done.out
    assert board.flash(0x10000, len(noise)) == bytes(noise)
