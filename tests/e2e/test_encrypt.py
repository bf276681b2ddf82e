"""What the chip encrypts on its way into the flash is there as another tool
would have encrypted it.

The expected bytes come from such a tool: ESPFLASHD_VECTORS names a folder with
its output (secure/); without it a smaller test remains.
"""
import gzip
import json
import os

import pytest

from harness import random_image, text_image

VECTORS = os.path.join(os.environ.get("ESPFLASHD_VECTORS", ""), "secure")
# An encrypted write begins at a multiple of this.
UNIT = {"esp32": 32, "esp32c3": 16, "esp32s3": 16}
AES_BLOCK = 16


def vectors():
    """(id, chip, key, address, plain, expected) of the encryptions that can
    be done by a chip."""
    try:
        with open(os.path.join(VECTORS, "manifest.json")) as file:
            cases = json.load(file)
    except OSError:
        return []
    found = []
    for case in cases:
        words = case["args"]
        if not case["id"].startswith("enc-") or case["exit"] != 0:
            continue
        if "--flash-crypt-conf" in words or "--keyfile" not in words or \
                words[0] != "encrypt-flash-data":
            continue
        address = int(words[words.index("--address") + 1], 0)
        key = words[words.index("--keyfile") + 1]
        wide = os.path.getsize(os.path.join(VECTORS, key)) == 64
        chip = "esp32" if "--aes-xts" not in words else \
            "esp32s3" if wide else "esp32c3"
        size = len(load(words[-1]))
        if address < 0 or address % UNIT[chip] or size == 0 or \
                address + size > 4 << 20:
            continue
        found.append(pytest.param(chip, os.path.join(VECTORS, key), address,
                                  words[-1], "out/%s/o.bin" % case["id"],
                                  id=case["id"]))
    return found


def load(name):
    path = os.path.join(VECTORS, name)
    if os.path.exists(path):
        with open(path, "rb") as file:
            return file.read()
    with gzip.open(path + ".gz") as file:
        return file.read()


@pytest.mark.skipif(not os.path.isdir(VECTORS), reason="no vectors")
@pytest.mark.parametrize("chip,key,address,plain,expected",
                         vectors() or [pytest.param(*5 * [None], id="none")])
def test_flash_holds_what_another_tool_encrypts(sim, espctl, image, chip, key,
                                                address, plain, expected):
    board = sim((chip, 1, "--flash-encryption", "--flash-key", key)).boards[0]
    data, cipher = load(plain), load(expected)
    done = espctl("-p", board.url, "write-flash", "--encrypt", "--force",
                  "0x%x" % address, image("plain.bin", data))
    assert done.status == 0, done
    whole = len(data) // AES_BLOCK * AES_BLOCK
    # What is filled up at the end is ours to choose.
    assert board.flash(address, whole) == cipher[:whole]
    assert whole > 0


def keyed(sim, image, chip, *more, seed=3):
    key = image("key.bin", random_image(32, seed=seed))
    return sim((chip, 1, "--flash-encryption", "--flash-key", key,
                *more)).boards[0]


@pytest.mark.parametrize("chip", ["esp32", "esp32c3", "esp32s3"])
def test_compressed_and_plain_transfers_end_in_the_same_bytes(
        sim, espctl, image, chip):
    path = image("text.bin", text_image(30000))
    ways = [[], ["-u"]]
    held = []
    for way in ways:
        board = keyed(sim, image, chip)
        done = espctl("-p", board.url, "write-flash", "--encrypt", *way,
                      "0x10000", path)
        assert done.status == 0, done
        held.append(board.flash(0x10000, 30000))
    if chip != "esp32":                 # its ROM cannot encrypt
        board = keyed(sim, image, chip)
        done = espctl("-p", board.url, "--no-stub", "write-flash",
                      "--encrypt", "0x10000", path)
        assert done.status == 0, done
        held.append(board.flash(0x10000, 30000))
    assert all(one == held[0] for one in held)
    assert held[0][:30000] != text_image(30000)
    assert held[0].count(b"\xff") < 1000        # nothing was left out


def test_some_files_are_encrypted_and_others_are_not(sim, espctl, image):
    text, noise = text_image(20000), random_image(20001)
    board = keyed(sim, image, "esp32c3")
    done = espctl("-p", board.url, "--json", "write-flash", "0x10000",
                  image("noise.bin", noise), "--encrypt-files", "0x20000",
                  image("text.bin", text))
    assert done.status == 0, done
    assert board.flash(0x10000, len(noise)) == noise
    assert board.flash(0x20000, len(text)) != text
    images = done.result()["jobs"][0]["result"]["images"]
    by_name = {os.path.basename(one["name"]): one for one in images}
    assert by_name["text.bin"]["encrypted"] is True
    assert by_name["text.bin"]["verified"] is False
    assert "encrypted" not in by_name["noise.bin"]
    assert by_name["noise.bin"]["verified"] is True


def test_an_encrypted_image_starts_anew_after_a_loss(sim, espctl, image):
    noise = random_image(200000)
    whole = keyed(sim, image, "esp32c3")
    assert espctl("-p", whole.url, "write-flash", "--encrypt", "0x10000",
                  image("noise.bin", noise)).status == 0
    key = image("key.bin", random_image(32, seed=3))
    broken = sim(("esp32c3", 1, "--flash-encryption", "--flash-key", key),
                 faults=["0:reset@cmd:DATA:9"]).boards[0]
    done = espctl("-p", broken.url, "write-flash", "--encrypt", "0x10000",
                  image("noise.bin", noise))
    assert done.status == 0, done
    assert "from its start" in done.err
    assert broken.flash() == whole.flash()
