"""Partitions by name: each board's own table, one that comes along, one that is
written in the same job; and whatever is in doubt changes no byte."""
import hashlib
import json
import struct

import pytest

import harness
from harness import random_image, text_image

MEGABYTES = 4 << 20
BEFORE = random_image(MEGABYTES, seed=78)
APP = text_image(50000)
DATA = random_image(3000, seed=9)

SECURITY, IMAGE, BEYOND, ALIGN, OVERLAP, UNSUPPORTED, USAGE, CONFLICT = \
    28, 20, 25, 26, 24, 27, 2, 50


def row(name, kind, subtype, offset, size, flags=0):
    return struct.pack("<2sBBLL16sL", b"\xaa\x50", kind, subtype, offset,
                       size, name.encode(), flags)


def table(*rows, md5=True):
    """A binary table as ESP-IDF makes it."""
    data = b"".join(row(*one) for one in rows)
    if md5:
        data += b"\xeb\xeb" + b"\xff" * 14 + hashlib.md5(data).digest()
    return data.ljust(0xC00, b"\xff")


NVS = ("nvs", 1, 2, 0x9000, 0x6000)
PHY = ("phy_init", 1, 1, 0xF000, 0x1000)
USUAL = table(NVS, PHY, ("factory", 0, 0, 0x10000, 0x100000),
              ("store", 1, 0x82, 0x110000, 0x20000))
LATER = table(NVS, ("factory", 0, 0, 0x200000, 0x100000))
SMALL = table(NVS, ("factory", 0, 0, 0x20000, 0x8000))
CSV = b"""# Name, Type, SubType, Offset, Size, Flags
nvs,      data, nvs,     0x9000, 0x6000
phy_init, data, phy,     ,       0x1000
factory,  app,  factory, ,       1M
store,    data, spiffs,  ,       128K
"""


def put(board, *tables, at=0x8000):
    """Fill the flash, and a table with it."""
    flash = bytearray(BEFORE)
    for one in tables:
        flash[at:at + len(one)] = one
    with open(board.path, "r+b") as file:
        file.write(flash)
    return bytes(flash)


def ports(boards):
    return [word for board in boards for word in ("-p", board.url)]


def changed(board, before):
    """Sectors that are not as they were, as (first, behind the last)."""
    now, ranges = board.flash(), []
    for at in range(0, MEGABYTES, 4096):
        if now[at:at + 4096] == before[at:at + 4096]:
            continue
        if ranges and ranges[-1][1] == at:
            ranges[-1] = (ranges[-1][0], at + 4096)
        else:
            ranges.append((at, at + 4096))
    return ranges


def sectors(offset, size):
    return (offset, (offset + size + 4095) // 4096 * 4096)


# ---- the table in the flash ----

@pytest.mark.parametrize("chip,options", [
    ("esp32", []), ("esp32", ["--no-stub"]), ("esp32c3", []),
    ("esp32s3", ["--no-stub"]), ("esp8266", [])],
    ids=["esp32", "esp32-rom", "esp32c3", "esp32s3-rom", "esp8266"])
def test_files_go_into_the_partitions_that_are_named(sim, espctl, image,
                                                     chip, options):
    board = sim((chip, 1)).boards[0]
    before = put(board, USUAL)
    done = espctl("-p", board.url, *options, "write-flash",
                  "factory", image("app.bin", APP),
                  "nvs", image("data.bin", DATA))
    assert done.status == 0, done
    assert board.flash(0x10000, len(APP)) == APP
    assert board.flash(0x9000, len(DATA)) == DATA
    assert changed(board, before) == [sectors(0x9000, len(DATA)),
                                      sectors(0x10000, len(APP))]
    assert "at 0x00010000 (partition factory)" in done.out, done
    assert "at 0x00009000 (partition nvs)" in done.out, done


def test_32_boards_with_different_tables_are_one_job(sim, daemon, espctl,
                                                     image):
    boards = sim(("esp32", 16), ("esp32c3", 16)).boards
    place = {}
    for number, board in enumerate(boards):
        at = 0x20000 + 0x10000 * number
        place[board.url] = at
        put(board, table(NVS, ("factory", 0, 0, at, 0x20000)))
    app = random_image(5000)
    done = espctl("--json", *ports(boards), "-b", "921600", "write-flash",
                  "factory", image("app.bin", app))
    assert done.status == 0, done
    for job in done.result()["jobs"]:
        one = job["result"]["images"][0]
        assert one["partition"] == "factory"
        assert one["offset"] == place[job["port"]]
        assert one["verified"] is True
    for board in boards:
        at = place[board.url]
        assert board.flash(at, len(app)) == app
        assert board.flash(0, 0x8000) == BEFORE[:0x8000]
        assert board.flash(at - 4096, 4096) == BEFORE[at - 4096:at]
        assert board.flash(at + 8192, 65536) == BEFORE[at + 8192:
                                                       at + 8192 + 65536]


def test_a_board_whose_table_does_not_do_fails_alone(sim, espctl, image):
    boards = sim(("esp32", 4)).boards
    befores = [put(boards[0], USUAL), put(boards[1]), put(boards[2], SMALL),
               put(boards[3], LATER)]
    done = espctl(*ports(boards), "write-flash", "factory",
                  image("app.bin", APP))
    assert done.status == 44, done
    assert "no partition table at 0x8000" in done.err, done
    assert "'factory', which has 32768 at 0x20000" in done.err, done
    assert [changed(board, before)
            for board, before in zip(boards, befores)] == [
                [sectors(0x10000, len(APP))], [], [],
                [sectors(0x200000, len(APP))]]


def test_a_partition_is_read_and_erased(sim, espctl, tmp_path):
    board = sim(("esp32", 1)).boards[0]
    before = put(board, USUAL)
    copy = tmp_path / "copy"
    for words, size in ((["store"], 0x20000), (["store", "all"], 0x20000),
                        (["store", "0x123"], 0x123)):
        done = espctl("-p", board.url, "read-flash", *words, copy)
        assert done.status == 0, done
        assert copy.read_bytes() == before[0x110000:0x110000 + size]
        assert "from 0x00110000 (partition store)" in done.out
        copy.unlink()
    done = espctl("-p", board.url, "read-flash", "store", "0x20001", copy)
    assert done.status == BEYOND, done
    assert not copy.exists()
    done = espctl("-p", board.url, "erase-region", "nvs", "0x2000")
    assert done.status == 0, done
    assert changed(board, before) == [(0x9000, 0xB000)]
    done = espctl("-p", board.url, "erase-region", "nvs")
    assert done.status == 0, done
    assert "24576 bytes from 0x00009000 (partition nvs) erased" in done.out
    assert changed(board, before) == [(0x9000, 0xF000)]
    assert board.flash(0x9000, 0x6000) == b"\xff" * 0x6000
    done = espctl("-p", board.url, "erase-region", "nvs", "0x7000")
    assert done.status == BEYOND, done
    assert changed(board, before) == [(0x9000, 0xF000)]


def test_each_board_of_a_read_gives_its_own_partition(sim, espctl, tmp_path):
    boards = sim(("esp32", 2)).boards
    befores = [put(boards[0], USUAL), put(boards[1], LATER)]
    done = espctl(*ports(boards), "read-flash", "factory", "0x1000",
                  tmp_path / "app.bin")
    assert done.status == 0, done
    read = sorted(path.read_bytes() for path in tmp_path.iterdir())
    assert read == sorted([befores[0][0x10000:0x11000],
                           befores[1][0x200000:0x201000]])


@pytest.mark.parametrize("given", [False, True], ids=["chip", "file"])
def test_a_partition_is_verified_and_its_differences_shown(
        sim, espctl, image, given):
    board = sim(("esp32", 1)).boards[0]
    before = put(board, b"" if given else LATER)
    more = ["--partition-table", image("t.bin", LATER)] if given else []
    same = before[0x200000:0x202000]
    done = espctl("-p", board.url, "verify-flash", *more, "factory",
                  image("same.bin", same))
    assert done.status == 0, done
    other = bytearray(same)
    other[0x1234] ^= 0x55
    done = espctl("-p", board.url, "verify-flash", "--diff", *more,
                  "factory", image("other.bin", bytes(other)))
    assert done.status == 13, done
    assert "first at 0x00201234" in done.out, done
    assert "   0x00201234 %02x %02x" % (same[0x1234], other[0x1234]) in \
        done.out
    assert changed(board, before) == []


def test_a_name_that_looks_like_a_number_is_an_address(sim, espctl, image):
    board = sim(("esp32", 1)).boards[0]
    before = put(board, table(("0x30000", 1, 2, 0x9000, 0x1000),
                              ("64k", 1, 2, 0xA000, 0x1000),
                              ("2nd", 1, 2, 0xB000, 0x1000)))
    data = image("data.bin", DATA)
    done = espctl("-p", board.url, "write-flash", "0x30000", data)
    assert done.status == 0, done
    assert changed(board, before) == [(0x30000, 0x31000)]
    done = espctl("-p", board.url, "write-flash", "partition=0x30000", data,
                  "partition=64k", data, "partition=2nd", data)
    assert done.status == 0, done
    assert changed(board, before) == [(0x9000, 0xC000), (0x30000, 0x31000)]
    for word in ("2nd", "0x3000O", "10000h", "-5"):
        done = espctl("-p", board.url, "write-flash", "--", word, data)
        assert done.status == USAGE, done
        assert "no address and no name of a partition" in done.err, done


# ---- a table that comes along ----

@pytest.mark.parametrize("name,content", [("t.csv", CSV), ("t.bin", USUAL)])
def test_a_table_may_come_as_a_file(sim, espctl, image, tmp_path, name,
                                    content):
    boards = sim(("esp32", 1), ("esp32c3", 1)).boards
    befores = [put(boards[0], LATER), put(boards[1])]
    given = ["--partition-table", image(name, content)]
    done = espctl(*ports(boards), "write-flash", *given, "factory",
                  image("app.bin", APP), "0x200000", image("d.bin", DATA))
    assert done.status == 0, done
    for board, before in zip(boards, befores):
        assert changed(board, before) == [sectors(0x10000, len(APP)),
                                          (0x200000, 0x201000)]
    copy = tmp_path / "copy"
    done = espctl("-p", boards[0].url, "read-flash", *given, "phy_init", copy)
    assert done.status == 0, done
    assert copy.read_bytes() == befores[0][0xF000:0x10000]
    done = espctl("-p", boards[0].url, "erase-region", *given, "phy_init")
    assert done.status == 0, done
    assert boards[0].flash(0xE000, 0x3000)[:0x2000] == \
        befores[0][0xE000:0xF000] + b"\xff" * 4096


def test_encrypted_and_locked_chips_need_the_file(sim, espctl, image):
    app = image("app.bin", APP)
    given = ["--partition-table", image("t.bin", USUAL)]
    for chip, traits, more in (
            ("esp32c3", ["--secure-download"], []),
            ("esp32", ["--flash-encryption"], ["--encrypt"]),
            ("esp32", ["--flash-encryption"], [])):
        board = sim((chip, 1, *traits)).boards[0]
        before = put(board, USUAL)
        done = espctl("-p", board.url, "write-flash", *more, "factory", app)
        assert done.status == SECURITY, done
        assert "--partition-table" in done.err, done
        assert changed(board, before) == []
        done = espctl("-p", board.url, "write-flash", *more,
                      "--ignore-flash-enc-efuse", *given, "factory", app)
        assert done.status == 0, done
        assert changed(board, before) == [sectors(0x10000, len(APP))]
        if traits == ["--flash-encryption"]:
            assert ("an encrypted one" in done.err) == (not more), done


def test_what_is_wrong_with_a_file_is_told_before_a_board_is_touched(
        sim, espctl, image):
    board = sim(("esp32", 1)).boards[0]
    before = put(board, USUAL)
    app = image("app.bin", APP)
    damaged = bytearray(USUAL)
    damaged[6] ^= 1
    guess = b"nvs,data,nvs,,0x5000\nfactory,app,factory,,1M"
    for content, words, status, says in (
            (b"", [], 23, "is empty"),
            (APP[:2000].replace(b",", b" "), [], IMAGE, "line 1 of the"),
            (b"\xe9\x03\x02\x20" + bytes(60), [], IMAGE, "begins with e9 03"),
            (bytes(70000), [], IMAGE, "too much"),
            (bytes(damaged), [], IMAGE, "the MD5 of its rows"),
            (table(NVS, NVS), [], IMAGE, "two partitions are named 'nvs'"),
            (table(NVS, ("factory", 0, 0, 0xE000, 0x1000)), [], OVERLAP,
             "overlap"),
            (SMALL, [], BEYOND, "do not fit into partition 'factory'"),
            (table(NVS), [], USAGE, "no partition 'factory'"),
            (table(("factory", 0, 0, 0x10004, 0x100000)), [], ALIGN,
             "within a sector"),
            (USUAL, ["--partition-table-offset", "0x9000"], IMAGE,
             "takes 0x9000 to 0x9fff"),
            (USUAL, ["--partition-table-offset", "0x8001"], ALIGN,
             "not a multiple of 0x1000"),
            (guess, [], USAGE, "--chip"),
            (b"x,data,nvs,,0x1801\nfactory,data,fat,,128K", [], USAGE,
             "not all releases of ESP-IDF"),
            (b"$X,data,nvs,,4K", [], IMAGE, "variables have no value")):
        done = espctl("-p", board.url, "--connect-attempts", "1",
                      "write-flash", "--partition-table",
                      image("t", content), *words, "factory", app)
        assert done.status == status, (says, done)
        assert says in done.err, (says, done)
        assert "connect" not in done.err, done
    assert changed(board, before) == []
    done = espctl("-p", board.url, "-c", "esp32", "write-flash",
                  "--partition-table", image("t", guess), "factory", app)
    assert done.status == 0, done
    assert changed(board, before) == [sectors(0x10000, len(APP))]


def test_the_places_of_an_esp8266_are_its_own(sim, espctl, image):
    board = sim(("esp8266", 1)).boards[0]
    before = put(board)
    done = espctl("-p", board.url, "-c", "esp8266", "write-flash",
                  "--partition-table", image("t.csv", b"nvs,data,nvs,,0x5000"
                                             b"\napp,app,factory,,512K"),
                  "app", image("app.bin", DATA))
    assert done.status == 0, done
    assert changed(board, before) == [(0xE000, 0xF000)]


# ---- a table that is written ----

def test_the_table_that_is_written_decides(sim, espctl, image):
    boards = sim(("esp32", 3)).boards
    befores = [put(boards[0], USUAL), put(boards[1]), put(boards[2])]
    app = image("app.bin", APP)
    done = espctl(*ports(boards[:2]), "write-flash", "factory", app,
                  "0x8000", image("table.bin", LATER))
    assert done.status == 0, done
    for board, before in zip(boards[:2], befores):
        assert changed(board, before) == [(0x8000, 0x9000),
                                          sectors(0x200000, len(APP))]
        assert board.flash(0x8000, 0xC00) == LATER
    done = espctl("-p", boards[2].url, "write-flash", "-e", "factory", app,
                  "0x8000", image("table.bin", LATER))
    assert done.status == 0, done
    assert boards[2].flash(0x200000, len(APP)) == APP
    assert not boards[2].flash(0x9000, 0x100000).strip(b"\xff")


def test_a_table_within_a_merged_image_decides(sim, espctl, image):
    board = sim(("esp32", 1)).boards[0]
    before = put(board, USUAL)
    merged = random_image(0x7000, seed=3) + LATER + b"\xff" * 0x400
    done = espctl("-p", board.url, "write-flash", "0x1000",
                  image("merged.bin", merged), "factory",
                  image("app.bin", APP))
    assert done.status == 0, done
    assert changed(board, before) == [(0x1000, 0x9000),
                                      sectors(0x200000, len(APP))]


def test_what_contradicts_itself_changes_nothing(sim, espctl, image):
    board = sim(("esp32", 1)).boards[0]
    before = put(board, USUAL)
    app, later = image("app.bin", APP), image("later.bin", LATER)
    data = image("data.bin", DATA)
    for words, status, says in (
            (["-e", "factory", app], CONFLICT, "is to be erased"),
            (["factory", app, "0x8800", data], CONFLICT, "into the middle"),
            (["factory", app, "0x8000", data], IMAGE,
             "'%s' goes where the partition table is" % data),
            (["--partition-table", image("u", USUAL), "factory", app,
              "0x8000", later], CONFLICT, "but not by the one"),
            (["factory", app, "0x12000", data], OVERLAP, "overlap"),
            (["factory", app, "factory", app], OVERLAP, "overlap"),
            (["nvs", app], BEYOND, "does not fit into partition 'nvs'"),
            (["other", app], USAGE, "it has nvs, phy_init, factory, store"),
            (["partition=", app], USAGE, "no address and no name"),
            (["sixteen-bytes-and1", app], USAGE, "no address and no name"),
            (["--partition-table-offset", "0xa000", "nvs", data], IMAGE,
             "no partition table at 0xa000"),
            (["--partition-table-offset", "0x400000", "nvs", data], BEYOND,
             "the flash ends at 0x400000"),
            (["nvs", image("data.hex", b":0400000001020304F2\n"
                           b":00000001FF\n")], USAGE, "says itself where"),
            ([data, "0x10000"], USAGE, "")):
        done = espctl("-p", board.url, "write-flash", *words)
        assert done.status == status, (words, done)
        assert says in done.err, (words, done)
        assert changed(board, before) == [], words


def test_a_file_and_an_address_the_other_way_round(espctl, image, tmp_path,
                                                   monkeypatch):
    image("app.bin", APP)
    monkeypatch.chdir(tmp_path)
    done = espctl("-p", "socket://127.0.0.1:9", "write-flash", "app.bin",
                  "0x10000")
    assert done.status == USAGE, done
    assert "there is no file '0x10000'; it goes: ADDRESS FILE" in done.err


def test_no_damaged_table_in_the_flash_is_believed(sim, espctl, image):
    board = sim(("esp32", 1)).boards[0]
    app = image("app.bin", APP)
    for fault in range(0, 0x80, 9):
        damaged = bytearray(USUAL)
        damaged[fault] ^= 0x24
        before = put(board, bytes(damaged))
        done = espctl("-p", board.url, "write-flash", "factory", app)
        assert done.status == IMAGE, (fault, done)
        assert changed(board, before) == []


def test_a_table_for_a_larger_flash_is_refused(sim, espctl, image):
    board = sim(("esp32", 1)).boards[0]
    before = put(board, table(NVS, ("big", 0, 0, 0x10000, 0x400000)))
    done = espctl("-p", board.url, "write-flash", "big",
                  image("app.bin", APP))
    assert done.status == BEYOND, done
    assert "the partition table is for another flash" in done.err
    assert changed(board, before) == []
    # The last byte of the flash is one of the partition.
    before = put(board, table(NVS, ("big", 0, 0, 0x10000, 0x3F0000)))
    done = espctl("-p", board.url, "write-flash", "big",
                  image("app.bin", APP))
    assert done.status == 0, done
    assert changed(board, before) == [sectors(0x10000, len(APP))]


def test_no_neighbour_is_erased(sim, espctl, image):
    board = sim(("esp32", 1)).boards[0]
    before = put(board, table(("a", 1, 2, 0x9000, 0x1800),
                              ("b", 1, 2, 0xA800, 0x800),
                              ("c", 1, 2, 0xC000, 0x1800)))
    for words in (["erase-region", "a"], ["erase-region", "b"],
                  ["write-flash", "a", image("d", DATA)]):
        done = espctl("-p", board.url, *words)
        assert done.status == ALIGN, done
        assert changed(board, before) == []
    done = espctl("-p", board.url, "erase-region", "c")
    assert done.status == 0, done
    assert changed(board, before) == [(0xC000, 0xE000)]


def test_the_rom_of_an_esp8266_cannot_read_it(sim, espctl, image):
    board = sim(("esp8266", 1)).boards[0]
    before = put(board, USUAL)
    done = espctl("-p", board.url, "--no-stub", "write-flash", "nvs",
                  image("d", DATA))
    assert done.status == UNSUPPORTED, done
    assert changed(board, before) == []


# ---- going on ----

def test_a_job_that_replaces_the_table_goes_on_with_its_places(
        usb_sim, start_daemon, image):
    """Unplugged when the new table is in the flash and the program half: the
    names still mean what they meant."""
    sim = usb_sim(("esp32c3", 1), options=["--line", "paced"])
    daemon = start_daemon(env=sim.env)
    board = sim.boards[0]
    before = put(board, LATER)
    app = random_image(400000)
    client = harness.espctl_begin(
        daemon, "--json", "-p", board.url, "-b", "2000000",
        "--reattach-s", "60", "write-flash", "-u", "0x8000",
        image("table.bin", USUAL), "factory", image("app.bin", app))
    pulled = False
    for line in client.stdout:
        event = json.loads(line)
        if not pulled and event.get("phase") == "write" and \
                event.get("done", 0) > len(app) // 2:
            pulled = True
            sim.unplug()
            sim.plug()
    client.stderr.close()
    assert client.wait(harness.LIMIT) == 0, event
    client.stdout.close()
    assert pulled
    one = event["jobs"][0]["result"]["images"][1]
    assert one["offset"] == 0x10000 and "resumed" in one
    assert changed(board, before) == [(0x8000, 0x9000),
                                      sectors(0x10000, len(app))]


def test_a_board_lost_while_its_table_is_read_is_asked_again(sim, espctl,
                                                             image):
    board = sim(("esp32", 1),
                faults=["0:reset@cmd:EXT_READ:1"]).boards[0]
    before = put(board, LATER)
    done = espctl("-p", board.url, "write-flash", "factory",
                  image("app.bin", APP))
    assert done.status == 0, done
    assert "retrying (1 of 3)" in done.err, done
    assert changed(board, before) == [sectors(0x200000, len(APP))]


# ---- without a board ----

def test_a_table_is_shown_and_turned_into_its_other_form(espctl, image,
                                                         tmp_path):
    csv, out = image("t.csv", CSV), tmp_path / "out"
    done = espctl("partition-table", csv)
    assert done.status == 0, done
    assert [line.split() for line in done.out.splitlines()][1:] == [
        ["nvs", "data", "nvs", "0x9000", "24KB", "-", "-"],
        ["phy_init", "data", "phy", "0xf000", "4KB", "-", "-"],
        ["factory", "app", "factory", "0x10000", "1MB", "-", "-"],
        ["store", "data", "spiffs", "0x110000", "128KB", "-", "-"]]
    done = espctl("partition-table", csv, "-o", out)
    assert done.status == 0, done
    assert out.read_bytes() == USUAL
    done = espctl("--json", "partition-table", out, "--output",
                  tmp_path / "back.csv")
    assert done.status == 0, done
    result = done.result()
    assert (result["md5"], result["source"], result["format"],
            result["offset"]) == ("valid", "binary", "csv", 0x8000)
    assert result["partitions"][3] == {
        "name": "store", "type": "data", "subtype": "spiffs",
        "offset": 0x110000, "size": 0x20000, "encrypted": False,
        "readonly": False}
    assert (tmp_path / "back.csv").read_text() == (
        "# ESP-IDF Partition Table\n"
        "# Name, Type, SubType, Offset, Size, Flags\n"
        "nvs,data,nvs,0x9000,24K,\nphy_init,data,phy,0xf000,4K,\n"
        "factory,app,factory,0x10000,1M,\nstore,data,spiffs,0x110000,"
        "128K,\n")
    done = espctl("partition-table", tmp_path / "back.csv", "--no-md5",
                  "--format", "binary", "-o", out)
    assert done.status == 0, done
    assert out.read_bytes() == table(
        NVS, PHY, ("factory", 0, 0, 0x10000, 0x100000),
        ("store", 1, 0x82, 0x110000, 0x20000), md5=False)
    done = espctl("partition-table", out)
    assert "no MD5" in done.err, done


def test_a_table_elsewhere(espctl, image, tmp_path):
    out = tmp_path / "out"
    done = espctl("partition-table", image("t.csv", b"nvs,data,nvs,,4K\n"
                                           b"b,bootloader,primary,N/A,N/A"),
                  "--partition-table-offset", "0x10000", "-c", "esp32", "-o",
                  out)
    assert done.status == 0, done
    assert out.read_bytes() == table(("nvs", 1, 2, 0x11000, 0x1000),
                                     ("b", 2, 0, 0x1000, 0xF000))


def test_files_are_held_against_a_table(espctl, image):
    usual = image("t.bin", USUAL)
    app, data = image("app.bin", APP), image("data.bin", DATA)
    done = espctl("--json", "partition-table", usual, "factory", app,
                  "0x9000", data, "0x8000", usual, "--flash-size", "2MB")
    assert done.status == 0, done
    assert [one.get("image") for one in done.result()["partitions"]] == [
        data, None, app, None]
    done = espctl("partition-table", usual, "0x180000", app)
    assert done.status == 0, done
    assert "is in none of the partitions" in done.err
    merged = image("merged.bin", bytes(0x8000) + USUAL + bytes(50000))
    assert espctl("partition-table", usual, "0", merged).status == 0


@pytest.mark.parametrize("words,status,says", [
    (["--flash-size", "1MB"], BEYOND, "partition 'factory'"),
    (["nvs", "app"], BEYOND, "'app' (0xc350 bytes) is too large for "
     "partition 'nvs' (0x6000 bytes at 0x9000)"),
    (["0x9000", "app"], BEYOND, "it ends at 0x15350, the partition at "
     "0xf000"),
    (["0x1000", "app"], OVERLAP, "reaches into the partition table"),
    (["0x8000", "app"], CONFLICT, "is not this one"),
    (["0x8100", "app"], OVERLAP, "reaches into the partition table"),
    (["other", "app"], USAGE, "it has nvs, phy_init, factory, store"),
    (["--flash-size", "2MB", "0x1ff000", "app"], BEYOND, "beyond the flash"),
    (["nvs"], USAGE, "stands alone"),
    (["--format", "csv"], USAGE, "--output"),
    (["--partition-table-offset", "0x9000"], IMAGE, "takes 0x9000 to"),
    (["--partition-table-offset", "1"], ALIGN, "not a multiple"),
    (["--partition-table", "app"], USAGE, "no option --partition-table"),
])
def test_what_does_not_fit_together_makes_no_file(
        espctl, image, tmp_path, monkeypatch, words, status, says):
    image("t.bin", USUAL)
    image("app", APP)
    monkeypatch.chdir(tmp_path)
    more = [] if "--format" in words else ["-o", "out"]
    done = espctl("partition-table", "t.bin", *more, *words)
    assert done.status == status, done
    assert says in done.err, done
    assert sorted(path.name for path in tmp_path.iterdir()) == ["app",
                                                                "t.bin"]


@pytest.mark.parametrize("text,status,says", [
    (b"app,app,factory,0x11800,1M", ALIGN, "multiple of 0x10000"),
    (b"o,data,ota,,4K", IMAGE, "must have 0x2000 bytes"),
    (b"a,data,nvs,,4K\nb,data,nvs,0x9000,4K", OVERLAP, "line 2"),
    (b"a,data,nvs,,4K\na,data,nvs,,4K", IMAGE, "two partitions"),
    (b"a,data,nvs,,lots", IMAGE, "line 1 of the partition table: \"lots\""),
    (b"# only this", IMAGE, "is empty"),
])
def test_a_table_that_breaks_the_rules_is_refused(espctl, image, text,
                                                  status, says):
    done = espctl("partition-table", image("t.csv", text))
    assert done.status == status, done
    assert says in done.err, done
    assert "t.csv: " in done.err, done


def test_what_is_odd_about_a_table_is_a_warning(espctl, image):
    done = espctl("partition-table", image(
        "t.csv", b"data,data,nvs,,0x5004\nota_1,app,ota_0,,1M\n"
        b"a_name_that_is_too_long,data,fat,0x120004,4K"))
    assert done.status == 0, done
    for part in ("cut to \"a_name_that_is_t\"", "an ESP8266 would",
                 "'ota_1' is named like a subtype", "not aligned to 0x1000"):
        assert part in done.err, (part, done)


# ---- the rest ----

def test_esptool_knows_no_names(sim, daemon, espctl, image):
    board = sim(("esp32", 1)).boards[0]
    before = put(board, USUAL)
    done = espctl("esptool", "-p", board.url, "write-flash", "nvs",
                  image("d", DATA))
    assert done.status == 2, done
    assert '"nvs" is no address' in done.err, done
    assert changed(board, before) == []


def test_help_tells_of_partitions(espctl):
    for command in ("write-flash", "read-flash", "erase-region",
                    "verify-flash"):
        out = espctl("help", command).out
        assert "PARTITION" in out, out
        assert "--partition-table FILE" in out, out
        assert "--partition-table-offset" in out, out
    assert "--partition-table" not in espctl("help", "erase-flash").out
    done = espctl("erase-region", "0x1000")
    assert done.status == USAGE, done
    assert "something is missing" in done.err, done


def test_names_over_json_rpc(sim, daemon, image):
    board = sim(("esp32", 1)).boards[0]
    put(board, USUAL)
    rpc = daemon.rpc()
    jobs = rpc.call("flash.erase_region", port=board.url, offset="nvs",
                    size="all")["jobs"]
    job = rpc.call("job.wait", job=jobs[0]["job"])
    assert job["result"]["partition"] == "nvs", job
    assert (job["result"]["offset"], job["result"]["bytes"]) == \
        (0x9000, 0x6000)
    for params, says in (
            ({"offset": "9nvs", "size": 4096}, "\"offset\""),
            ({"offset": "nvs", "size": 4096, "room": 1}, "\"room\""),
            ({"offset": "nvs", "size": 4096,
              "partition_table": {"fd": 3}}, "descriptor"),
            ({"offset": "nvs", "size": 100}, "multiple of 0x1000")):
        with pytest.raises(harness.RpcError) as refused:
            rpc.call("flash.erase_region", port=board.url, **params)
        assert says in str(refused.value)
    rpc.close()
