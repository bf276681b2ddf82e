"""espctl flash: a build directory of ESP-IDF is a whole job."""
import json
import os

import pytest

from harness import espctl as run_espctl, random_image, text_image

# What goes where, and what ESP-IDF calls it.
PARTS = {
    "bootloader/bootloader.bin": (0x1000, "bootloader"),
    "partition_table/partition-table.bin": (0x8000, "partition-table"),
    "hello.bin": (0x10000, "app"),
}


def bootloader():
    """An image for the ESP32 with one segment, qio, 1MB, 40m, no digest."""
    data = random_image(64, seed=9)
    image = bytes([0xE9, 1, 0, 0x00]) + (0x40080000).to_bytes(4, "little") + \
        b"\xee" + bytes(15) + (0x40080000).to_bytes(4, "little") + \
        len(data).to_bytes(4, "little") + data
    checksum = 0xEF
    for byte in data:
        checksum ^= byte
    image += bytes(15 - len(image) % 16) + bytes([checksum])
    return image.ljust(4096, b"\xff")


CONTENTS = {
    "bootloader/bootloader.bin": bootloader(),
    "partition_table/partition-table.bin": text_image(3072, seed=2),
    "hello.bin": random_image(20000, seed=3),
}


def settings(chip="esp32", encrypted=(), **more):
    """flasher_args.json, as ESP-IDF 5 writes it."""
    tree = {
        "write_flash_args": ["--flash_mode", "dio", "--flash_size", "4MB",
                             "--flash_freq", "80m"],
        "flash_settings": {"flash_mode": "dio", "flash_size": "4MB",
                           "flash_freq": "80m"},
        "flash_files": {"0x%x" % offset: path
                        for path, (offset, _) in PARTS.items()},
        "extra_esptool_args": {"after": "hard_reset",
                               "before": "default_reset", "stub": True,
                               "chip": chip},
    }
    for path, (offset, name) in PARTS.items():
        tree[name] = {"offset": "0x%x" % offset, "file": path,
                      "encrypted": "true" if path in encrypted else "false"}
    for name, value in more.items():
        tree["extra_esptool_args"][name] = value
    return tree


def words():
    """flash_args, as ESP-IDF 5 writes it."""
    return "--flash_mode dio --flash_freq 80m --flash_size 4MB\n" + \
        "".join("0x%x %s\n" % (offset, path)
                for path, (offset, _) in PARTS.items())


@pytest.fixture
def build(tmp_path):
    """build(settings) makes a build directory; its path."""
    def make(tree=None):
        top = tmp_path / "build"
        for path, data in CONTENTS.items():
            (top / path).parent.mkdir(parents=True, exist_ok=True)
            (top / path).write_bytes(data)
        if tree is not None:
            (top / "flasher_args.json").write_text(json.dumps(tree))
        return top
    return make


@pytest.fixture
def board(sim):
    return sim(("esp32", 1)).boards[0]


def held(board, path):
    """What the flash holds where that file goes."""
    return board.flash(PARTS[path][0], len(CONTENTS[path]))


def all_there(board):
    """All files are in the flash; the bootloader as it was set."""
    boot = held(board, "bootloader/bootloader.bin")
    assert boot[:2] == b"\xe9\x01"
    assert boot[4:] == CONTENTS["bootloader/bootloader.bin"][4:]
    for path in ("partition_table/partition-table.bin", "hello.bin"):
        assert held(board, path) == CONTENTS[path]
    return boot[2], boot[3]


def test_a_build_directory_is_a_whole_job(board, espctl, build):
    done = espctl("-p", board.url, "--json", "flash", build(settings()))
    assert done.status == 0, done
    assert all_there(board) == (2, 0x2F)        # dio, 4MB and 80m
    result = done.result()["jobs"][0]["result"]
    assert result["chip"] == "ESP32"
    assert result["stub"] is True
    assert len(result["images"]) == 3
    assert all(one["verified"] for one in result["images"])


def test_its_file_may_be_named_and_lie_here(board, daemon, build):
    top = build(settings())
    for word, where in (("flasher_args.json", top), (".", top),
                        ("build/flasher_args.json", top.parent),
                        ("build/", top.parent)):
        with open(board.path, "r+b") as file:
            file.write(b"\xff" * 0x20000)
        done = run_espctl(daemon, "-p", board.url, "flash", word,
                          preexec=lambda where=where: os.chdir(where))
        assert done.status == 0, (word, done)
        all_there(board)


@pytest.mark.parametrize("at", ["", "@"])
def test_a_file_of_words_does_as_well(board, espctl, build, at):
    top = build()
    (top / "flash_project_args").write_text(words())
    assert espctl("-p", board.url, "flash", at +
                  str(top / "flash_project_args")).status == 0
    assert all_there(board) == (2, 0x2F)
    if not at:
        assert espctl("-p", board.url, "flash", top).status == 0


@pytest.mark.parametrize("voice", [["esptool"], []])
def test_within_it_write_flash_takes_them_as_esptool_does(board, daemon,
                                                          build, voice):
    top = build()
    (top / "flash_args").write_text(words())
    done = run_espctl(daemon, *voice, "-p", board.url, "write-flash",
                      "@flash_args", preexec=lambda: os.chdir(top))
    assert done.status == 0, done
    assert all_there(board) == (2, 0x2F)


def test_the_command_line_counts_more(board, espctl, build):
    done = espctl("-p", board.url, "--no-stub", "-b", "230400", "--json",
                  "flash", "--flash-mode", "qout", "--after", "no-reset",
                  build(settings()))
    assert done.status == 0, done
    assert all_there(board) == (1, 0x2F)
    assert done.result()["jobs"][0]["result"]["stub"] is False


def test_stub_and_resets_are_as_the_build_says(board, espctl, build):
    top = build(settings(stub=False, after="no_reset"))
    done = espctl("-p", board.url, "--json", "flash", top)
    assert done.status == 0, done
    assert done.result()["jobs"][0]["result"]["stub"] is False
    # It was left in its loader: no lines need to be moved.
    done = espctl("-p", board.url, "--before", "no-reset", "--no-stub",
                  "read-mac")
    assert done.status == 0, done


def test_a_build_is_for_one_chip(sim, espctl, build):
    board = sim(("esp32s3", 1)).boards[0]
    top = build(settings())
    done = espctl("-p", board.url, "flash", top)
    assert done.status == 12, done
    assert "ESP32-S3" in done.err
    done = espctl("-p", board.url, "--chip", "esp32s3", "flash", top)
    assert done.status == 12, done
    assert "the build is for the ESP32" in done.err
    assert board.untouched()


def encrypting(sim, image, chip="esp32"):
    key = image("key.bin", random_image(32, seed=3))
    return sim((chip, 1, "--flash-encryption", "--flash-key", key)).boards[0]


def test_what_the_build_marks_is_encrypted(sim, espctl, build, image):
    board = encrypting(sim, image)
    table = "partition_table/partition-table.bin"
    top = build(dict(settings(encrypted=["hello.bin"]),
                     flash_files={"0x8000": table, "0x10000": "hello.bin"}))
    done = espctl("-p", board.url, "flash", top)
    assert done.status == 0, done
    assert "1 of 2 files encrypted" in done.err
    assert held(board, table) == CONTENTS[table]
    assert held(board, "hello.bin") != CONTENTS["hello.bin"]
    assert held(board, "hello.bin").count(b"\xff") < 1000
    # The same by the words that ESP-IDF makes for it.
    before = board.flash()
    (top / "encrypted_flash_args").write_text(
        "--flash_mode dio \n0x8000 %s\n--encrypt-files\n0x10000 hello.bin"
        % table)
    done = espctl("-p", board.url, "flash", top / "encrypted_flash_args")
    assert done.status == 0, done
    assert board.flash() == before


def test_encryption_is_not_begun_by_accident(board, espctl, build):
    top = build(settings(encrypted=list(PARTS)))
    done = espctl("-p", board.url, "flash", top)
    assert done.status == 28, done      # there is no key in the fuses
    assert board.untouched()
    assert "--no-encrypt" in done.err
    done = espctl("-p", board.url, "flash", "--no-encrypt", top)
    assert done.status == 0, done
    all_there(board)
    done = espctl("-p", board.url, "flash", "--no-encrypt", "--encrypt", top)
    assert done.status == 2, done


def test_what_is_missing_is_named(board, espctl, build, tmp_path):
    top = build(settings())
    (top / "hello.bin").unlink()
    done = espctl("-p", board.url, "flash", top)
    assert done.status == 21, done
    assert str(top / "hello.bin") in done.err
    empty = tmp_path / "empty"
    empty.mkdir()
    done = espctl("-p", board.url, "flash", empty)
    assert done.status == 21, done
    assert "flasher_args.json" in done.err and str(empty) in done.err
    done = espctl("-p", board.url, "flash", tmp_path)
    assert done.status == 21, done
    assert "in its folder build" in done.err
    done = espctl("-p", board.url, "flash", tmp_path / "none")
    assert done.status == 21, done
    assert board.untouched()


@pytest.mark.parametrize("text,status,part", [
    ("{", 20, "no JSON"),
    ("{}", 20, "names no files"),
    ('{"flash_files": {"0x1000": "hello.bin", "4096": "hello.bin"}}', 24,
     "overlap"),
    ('{"flash_files": {"0": "hello.bin"}, "flash_settings": '
     '{"flash_mode": "fast"}}', 2, "flash_mode"),
    ('{"flash_files": {"0": "hello.bin"}, "extra_esptool_args": '
     '{"chip": "esp33"}}', 2, "there is no chip \"esp33\""),
    ("--flash_mode dio", 20, "names no files"),
    ("0x1000 hello.bin --baud 9600", 20, "--baud"),
])
def test_what_makes_no_sense_is_refused(board, espctl, build, text, status,
                                        part):
    top = build()
    (top / "flasher_args.json").write_text(text)
    done = espctl("-p", board.url, "flash", top)
    assert done.status == status, done
    assert part in done.err
    assert "flasher_args.json" in done.err or status == 24
    assert board.untouched()


def test_options_that_go_with_others_alone(board, espctl, build):
    done = espctl("-p", board.url, "flash", "--trust-flash-content",
                  build(settings()))
    assert done.status == 2, done
    assert "--diff-with" in done.err
    assert board.untouched()


def test_several_boards_at_once(sim, espctl, build):
    boards = sim(("esp32", 3)).boards
    done = espctl(*[word for one in boards for word in ("-p", one.url)],
                  "flash", build(settings()))
    assert done.status == 0, done
    for one in boards:
        assert all_there(one) == (2, 0x2F)


def test_it_is_no_word_of_esptool(espctl, build):
    done = espctl("esptool", "flash", build(settings()))
    assert done.status == 2, done
