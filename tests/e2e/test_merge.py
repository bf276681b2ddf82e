"""merge-bin and make-image, and files that say themselves where they go."""
import hashlib
import os
import struct

import pytest

from harness import RpcError, random_image, text_image
from test_esptool import in_order, run
from test_image_info import ESP32, ihex, image_of

BOOT = image_of(ESP32, (0x40080400, bytes(range(64))))
FAMILY = {"esp32s2": 0xbfdd4eee, "esp32s3": 0xc47e5767, "esp32c3": 0xd42ba06c}


def uf2(*files, family=FAMILY["esp32c3"], flags=0x2000):
    """A UF2 file of (address, bytes), each numbered for itself, as esptool
    does; its blocks hold 256 bytes, as those of others do."""
    made = b""
    for address, data in files:
        total = -(-len(data) // 256)
        for number in range(total):
            part = data[number * 256:][:256]
            made += struct.pack("<8I476sI", 0x0a324655, 0x9e5d5157, flags,
                                address + number * 256, len(part), number,
                                total, family, part, 0x0ab16f30)
    return made


@pytest.fixture
def merge(espctl, image, tmp_path):
    """merge(words..., files=((address, bytes), ...)) -> run, what came out"""
    def call(*words, files, chip="esp32"):
        given = []
        for number, (address, data) in enumerate(files):
            given += [hex(address), image("in%d" % number, data)]
        path = tmp_path / "merged"
        done = espctl("--chip", chip, "merge-bin", "-o", path, *words, *given)
        return done, path.read_bytes() if path.exists() else None
    return call


def test_files_become_the_flash_that_they_make(merge):
    done, made = merge("-t", "0x1000", "-fm", "dout", "-fs", "16MB", files=(
        (0x8000, b"table"), (0x1000, BOOT)))
    assert done.status == 0, done
    assert made[2] == 3 and made[3] == 0x40
    body = made[:len(BOOT) - 32]
    assert made[len(body):len(BOOT)] == hashlib.sha256(body).digest()
    assert made[len(BOOT):] == \
        b"\xff" * (0x7000 - len(BOOT)) + b"table"
    in_order(done.out, "Flash parameters set to 0x0340.",
             "SHA digest in image updated.",
             "ready to flash to offset 0x1000.")


def test_the_three_forms_say_the_same(merge):
    files = (0x8000, text_image(700)), (0x10000, random_image(5000)), \
        (0x20000, b"")
    forms = {form: merge("-f", form, files=files) for form in (
        "raw", "uf2", "hex")}
    raw = forms["raw"][1]
    for form, (done, made) in forms.items():
        assert done.status == 0 and done.err == "", done
        assert merge(files=((0, made), (0x20000, b"")))[1] == raw, form


def test_json_tells_what_became_of_each_file(espctl, image, tmp_path):
    done = espctl("--json", "--chip", "esp32", "merge-bin", "-fm", "dio",
                  "-ff", "80m", "-o", tmp_path / "m", "0x8000",
                  image("table", b"table"), "0x1000", image("boot", BOOT))
    assert done.status == 0, done
    result = done.result()
    assert result["format"] == "raw" and result["offset"] == 0
    assert result["bytes"] == 0x8005
    boot, table = result["images"]
    assert boot == {"name": str(tmp_path / "boot"), "offset": 0x1000,
                    "bytes": len(BOOT), "patched": "0x022f",
                    "digest_updated": True}
    assert table == {"name": str(tmp_path / "table"), "offset": 0x8000,
                     "bytes": 5}


@pytest.mark.parametrize("words, files, status, part", (
    (("--pad-to-size", "256KB"), ((0x3ffff, b"ab"),), 2, "too few"),
    (("--pad-to-size", "3MB"), ((0, b"a"),), 2, "no flash has"),
    (("-t", "0x1001"), ((0x1000, b"a"),), 2, "before this"),
    (("--chunk-size", "6", "-f", "uf2"), ((0, b"a"),), 2, "4-byte aligned"),
    ((), ((0x1000, b"ab"), (0x1800, b"c")), 24, "overlap"),
    ((), ((0, ihex((0, b"ab"), (1, b"c"))),), 24, "0x1 twice"),
    ((), ((0, b"a"), (0xf0000000, b"b")), 25, "128 MB"),
    (("-ff", "60m"), ((0x1000, BOOT),), 2, "'60m' is not supported"),
    (("-f", "elf"), ((0, b"a"),), 2, "raw|uf2|hex"),
))
def test_what_cannot_be_leaves_nothing(merge, tmp_path, words, files, status,
                                       part):
    done, made = merge(*words, files=files)
    assert done.status == status and part in done.err, done
    assert len(done.err.splitlines()) == 1
    assert made is None
    assert not [n for n in os.listdir(tmp_path) if not n.startswith("in")]


def test_an_old_file_stays_when_a_new_one_fails(merge, tmp_path):
    (tmp_path / "merged").write_bytes(b"old")
    done, made = merge("-t", "1", files=((0, b"a"),))
    assert done.status == 2 and made == b"old"


def test_the_chip_and_the_output_must_be_said(espctl, image):
    path = image("a", b"a")
    done = espctl("merge-bin", "-o", path + ".bin", "0", path)
    assert done.status == 2 and "Specify the --chip argument" in done.err
    done = espctl("--chip", "esp32", "merge-bin", "0", path)
    assert done.status == 2 and "--output" in done.err


def test_over_rpc_overlaps_and_empty_lists_are_refused(daemon, image):
    rpc = daemon.rpc()
    with open(image("a", b"abcd"), "rb") as one, \
            open(image("b", b"efgh"), "rb") as two, \
            open(image("out", b""), "r+b") as out:
        fds = [one.fileno(), two.fileno(), out.fileno()]
        number = rpc.call(
            "image.merge", fds=fds, chip="esp32", output=[2],
            images=[{"fd": 0, "offset": 3}, {"fd": 1, "offset": 0}],
        )["jobs"][0]["job"]
        job = rpc.call("job.wait", job=number)
        assert job["state"] == "failed"
        assert job["error"]["data"]["class"] == "overlap"
        with pytest.raises(RpcError, match="with something in it"):
            rpc.call("image.merge", chip="esp32", output=[0],
                     fds=[out.fileno()], images=[])
        with pytest.raises(RpcError, match="chip"):
            rpc.call("image.merge", output=[1], images=[{"fd": 0, "offset": 0}],
                     fds=fds[1:])
    rpc.close()


# ---- UF2 and HEX as what is written ----

@pytest.fixture
def board(sim):
    return sim(("esp32c3", 1)).boards[0]


def test_a_uf2_file_is_written_and_verified(board, espctl, image):
    boot = text_image(600)
    path = image("all.uf2", uf2((0, boot), (0x8000, random_image(3000))))
    done = espctl("-p", board.url, "write-flash", "0", path)
    assert done.status == 0, done
    assert board.flash(0, len(boot)) == boot
    assert board.flash(0x8000, 3000) == random_image(3000)
    assert board.flash(len(boot), 100) == b"\xff" * 100
    done = espctl("-p", board.url, "verify-flash", "0", path)
    assert done.status == 0, done
    other = image("other.uf2", uf2((0x8000, random_image(3000, seed=2))))
    done = espctl("-p", board.url, "verify-flash", "0", other)
    assert done.status == 13, done


def test_a_uf2_file_for_another_chip_is_refused(board, espctl, image):
    path = image("s3.uf2", uf2((0x8000, b"abc"), family=FAMILY["esp32s3"]))
    done = espctl("-p", board.url, "write-flash", "0", path)
    assert done.status == 12 and "ESP32-S3" in done.err, done
    done = espctl("-p", board.url, "-c", "esp32c3", "write-flash", "0", path)
    assert done.status == 12 and "ESP32-S3" in done.err, done
    assert board.untouched()


def test_of_a_uf2_file_for_several_chips_the_part_for_this_one_counts(
        board, espctl, image):
    path = image("both.uf2", uf2((0x8000, b"for S3"),
                                 family=FAMILY["esp32s3"]) +
                 uf2((0x8000, b"for C3")))
    done = espctl("-p", board.url, "write-flash", "0", path)
    assert done.status == 20 and "say --chip" in done.err, done
    assert board.untouched()
    done = espctl("-p", board.url, "-c", "esp32c3", "write-flash", "0", path)
    assert done.status == 0, done
    assert board.flash(0x8000, 7) == b"for C3\xff"


def test_what_is_for_all_chips_and_what_is_for_one_do_not_mix(
        board, espctl, image):
    path = image("it", uf2((0x8100, b"for all"), family=0, flags=0) +
                 uf2((0x8000, b"for C3")))
    done = espctl("-p", board.url, "write-flash", "0", path)
    assert done.status == 24 and "overlap" in done.err, done
    assert board.untouched()
    path = image("it", uf2((0x8000, b"for all"), family=0, flags=0) +
                 uf2((0x8100, b"for C3")))
    done = espctl("-p", board.url, "write-flash", "0", path)
    assert done.status == 0, done
    assert board.flash(0x8000, 0x200).replace(b"\xff", b"") == \
        b"for allfor C3"


@pytest.mark.parametrize("spoil, status, part", (
    (lambda d: d[:-1], 20, "not whole"),
    (lambda d: d[:512], 20, "not whole"),
    (lambda d: d[512:], 20, "out of order"),
    (lambda d: d[:1020] + b"\0" + d[1021:], 20, "does not look like one"),
    (lambda d: d + d, 24, "twice"),
))
def test_a_damaged_uf2_file_is_refused(board, espctl, image, spoil, status,
                                       part):
    path = image("it.uf2", spoil(uf2((0x8000, random_image(300)))))
    done = espctl("-p", board.url, "write-flash", "0", path)
    assert done.status == status and part in done.err, done
    assert "it.uf2" in done.err
    assert board.untouched()


def test_a_sector_that_several_parts_lie_in_gets_ff_between_them(
        board, espctl, merge, image):
    parts = (0x8010, b"one"), (0x8ffe, b"two"), (0x9002, b"three"), \
        (0xa800, b"four")
    for data in (ihex(*parts), b"".join(uf2(p) for p in parts)):
        assert espctl("-p", board.url, "erase-flash").status == 0
        path = image("it", data)
        done = espctl("-p", board.url, "write-flash", "0", path)
        assert done.status == 0, done
        flash = board.flash(0x8000, 0x3000)
        for address, part in parts:
            assert flash[address - 0x8000:][:len(part)] == part
        assert flash.count(b"\xff") == 0x3000 - 15
        assert espctl("-p", board.url, "verify-flash", "0", path).status == 0
        done, made = merge("-t", "0x8010", files=((0, data),), chip="esp32c3")
        assert done.status == 0 and made == flash[0x10:0x2804], done


def test_an_address_that_counts_for_nothing_is_told(board, espctl, image):
    path = image("it.hex", ihex((0x8000, b"abc")))
    done = espctl("-p", board.url, "write-flash", "0x10000", path)
    assert done.status == 0 and "(0x8000); 0x10000 counts" in done.err, done
    assert board.flash(0x8000, 3) == b"abc"
    assert board.flash(0x10000, 3) == b"\xff\xff\xff"
    for address in ("0", "0x8000"):
        done = espctl("-p", board.url, "write-flash", address, path)
        assert done.status == 0 and "counts" not in done.err, done


# ---- make-image ----

def test_an_image_for_the_ram_of_the_esp8266(daemon, espctl, image, sim,
                                             tmp_path):
    text, data = image("text", text_image(1001)), image("data", b"12345678")
    made = tmp_path / "it.img"
    done = espctl("make-image", "-f", text, "-a", "0x40100000", "-f", data,
                  "-a", "0x3ffe8000", "-e", "0x40100004", made)
    assert done.status == 0, done
    assert "with 2 segments" in done.out
    done = espctl("image-info", made)
    in_order(done.out, "ESP8266 Image Header", "0x40100004", "Segments: 2",
             "0x40100000", "0x3ffe8000", "(valid)")
    board = sim(("esp8266", 1)).boards[0]
    done = espctl("-p", board.url, "load-ram", made)
    assert done.status == 0, done
    again = tmp_path / "again.img"
    done = run(daemon, "--chip", "esp8266", "make_image", "--segfile", text,
               "--segaddr", "0x40100000", "--segfile", data, "--segaddr",
               "0x3ffe8000", "--entrypoint", "0x40100004", again, cwd=tmp_path)
    assert done.status == 0, done
    assert again.read_bytes() == made.read_bytes()


def test_an_image_that_cannot_be_is_refused(espctl, image, tmp_path):
    text = image("text", b"text")
    for words, status, part in (
            ((), 2, "No segments specified"),
            (("-f", text), 2, "does not match number"),
            (("-f", text, "-a", "here"), 2, "is no address"),
            (("-f", text, "-a", "0x40100001"), 26, "multiple of 4"),
            (("-f", text, "-a", "0x40200000"), 20, "flash that file itself"),
            (("-f", text, "-a", "0x40100000") * 2, 24, "overlap")):
        done = espctl("make-image", *words, tmp_path / "made")
        assert done.status == status and part in done.err, done
        assert not (tmp_path / "made").exists()
