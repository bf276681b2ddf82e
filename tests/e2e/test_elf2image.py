"""elf2image: programs of the cross compilers become images that our parser and
the simulated chips take, under the names that scripts expect."""
import hashlib
import os
import re
import struct
import subprocess

import pytest

import elves
import harness
from elves import RISCV, XTENSA
from harness import LIMIT, RpcError

serial = pytest.importorskip("serial")

# Of the chip: its compiler, where code and data go in RAM, where constants and
# code show that stay in flash, and where a bootloader lies in flash.
PLACES = {
    "esp8266": (XTENSA, 0x40100000, 0x3FFE8000, None, 0x40210000, 0),
    "esp32": (XTENSA, 0x40080400, 0x3FFB0000, 0x3F400020, 0x400D0020, 0x1000),
    "esp32s2": (XTENSA, 0x40028000, 0x3FFC0000, 0x3F000020, 0x40080020,
                0x1000),
    "esp32s3": (XTENSA, 0x40378000, 0x3FC90000, 0x3C000020, 0x42010020, 0),
    "esp32c2": (RISCV, 0x40380000, 0x3FCB0000, 0x3C000020, 0x42010020, 0),
    "esp32c3": (RISCV, 0x40380000, 0x3FC90000, 0x3C000020, 0x42010020, 0),
    "esp32c5": (RISCV, 0x40800000, 0x40840000, 0x42000020, 0x42010020, 0x2000),
    "esp32c6": (RISCV, 0x40800000, 0x40840000, 0x42000020, 0x42010020, 0),
    "esp32c61": (RISCV, 0x40800000, 0x40840000, 0x42000020, 0x42010020, 0),
    "esp32h2": (RISCV, 0x40800000, 0x40840000, 0x42000020, 0x42010020, 0),
    "esp32h21": (RISCV, 0x40800000, 0x40840000, 0x42000020, 0x42010020, 0),
    "esp32h4": (RISCV, 0x40810000, 0x40842000, 0x42000020, 0x42010020, 0x2000),
    "esp32p4": (RISCV, 0x4FF50000, 0x4FF70000, 0x40000020, 0x40010020, 0x2000),
    "esp32s31": (RISCV, 0x2F001000, 0x2F01C000, 0x40000020, 0x40010020,
                 0x2000),
}
BAUD = {"esp8266": 74880}   # of what its ROM prints; else 115200


def compiled(tmp_path, chip, in_flash):
    machine, iram, dram, drom, irom, _ = PLACES[chip]
    if not elves.has_compiler(machine):
        pytest.skip("no " + elves.COMPILERS[machine][0])
    if in_flash:
        return elves.compile_program(str(tmp_path), machine, iram, dram, drom,
                                     irom)
    return elves.compile_program(str(tmp_path), machine, iram, dram)


def section(path, name):
    """The address and the bytes of a section."""
    with open(path, "rb") as file:
        elf = file.read()
    at, = struct.unpack_from("<I", elf, 32)
    count, names = struct.unpack_from("<2H", elf, 48)
    table = [struct.unpack_from("<10I", elf, at + 40 * i)
             for i in range(count)]
    for head in table:
        begin = table[names][4] + head[0]
        if elf[begin:elf.index(b"\0", begin)].decode() == name:
            return head[3], elf[head[4]:head[4] + head[5]]
    raise AssertionError("no section " + name)


def entry_of(path):
    with open(path, "rb") as file:
        return struct.unpack_from("<I", file.read(28), 24)[0]


def memory(image, extended):
    """address -> byte, of all segments of an image."""
    found = {}
    at = 24 if extended else 8
    for _ in range(image[1]):
        address, size = struct.unpack_from("<2I", image, at)
        for i, byte in enumerate(image[at + 8:at + 8 + size]):
            found[address + i] = byte
        at += 8 + size
    return found


def check_holds(image, extended, elf, *names):
    held = memory(image, extended)
    for name in names:
        address, data = section(elf, name)
        assert data
        assert bytes(held[address + i] for i in range(len(data))) == data


def check_whole(espctl, chip, path):
    """Our own parser finds nothing wrong."""
    done = espctl("--json", "--chip", chip, "image-info", path)
    assert done.status == 0, done
    one = done.result()["images"][0]
    assert one["checksum"]["valid"] and "warnings" not in one, one
    if chip != "esp8266":
        assert one["digest"]["valid"], one
    return one


def boot(espctl, boards, chip, *words, until=b"entry 0x"):
    """Write files, let the chip start from its flash and print `until`; what
    the simulator says of that."""
    board = boards.boards[0]
    done = espctl("-p", board.url, "--chip", chip, "--after", "no-reset",
                  "write-flash", *words)
    assert done.status == 0, done
    before = len(boards.error_text())
    port = serial.serial_for_url(board.url, timeout=LIMIT,
                                 baudrate=BAUD.get(chip, 115200))
    try:
        port.dtr = False
        port.rts = True
        port.rts = False
        port.read_until(until)
        port.read_until(b"\n")     # by then the log has it
    finally:
        port.close()
    starts = re.findall(r"(starts: .*|does not start: .*)",
                        boards.error_text()[before:])
    assert starts, boards.error_text()
    return starts[0]


@pytest.mark.parametrize("chip", PLACES)
def test_a_program_for_ram_is_run(tmp_path, daemon, espctl, sim, chip):
    elf = compiled(tmp_path, chip, False)
    path = str(tmp_path / "ram.bin")
    boards = sim((chip, 1), options=("--verbose",))
    output = path if chip != "esp8266" else str(tmp_path / "ram-")
    done = espctl("--chip", chip, "elf2image", "-o", output, elf)
    assert done.status == 0, done
    path = path if chip != "esp8266" else output + "0x00000.bin"
    with open(path, "rb") as file:
        image = file.read()
    check_holds(image, chip != "esp8266", elf, ".iram0.text", ".dram0.data")
    assert check_whole(espctl, chip, path)["entry"] == entry_of(elf)
    done = espctl("-p", boards.boards[0].url, "--chip", chip, "load-ram", path)
    assert done.status == 0, done
    assert "executing at 0x%08x" % entry_of(elf) in done.out
    assert "runs a program from RAM" in boards.error_text()


@pytest.mark.parametrize("chip", [c for c in PLACES if c != "esp8266"])
def test_a_program_for_flash_is_booted(tmp_path, daemon, espctl, sim, chip):
    """As an application, behind a program for RAM as the second stage."""
    boards = sim((chip, 1), options=("--verbose",))
    elf = compiled(tmp_path, chip, False)
    stage, app = str(tmp_path / "stage.bin"), str(tmp_path / "program.bin")
    done = espctl("--chip", chip, "elf2image", "-o", stage, elf)
    assert done.status == 0, done
    elf = compiled(tmp_path, chip, True)
    done = espctl("--chip", chip, "elf2image", elf)
    assert done.status == 0, done
    with open(app, "rb") as file:
        check_holds(file.read(), True, elf, ".iram0.text", ".dram0.data",
                    ".flash.rodata", ".flash.text")
    check_whole(espctl, chip, app)
    table = tmp_path / "table.bin"
    table.write_bytes(struct.pack("<HBBII16sI", 0x50aa, 0, 0, 0x10000,
                                  0x100000, b"factory", 0))
    assert boot(espctl, boards, chip, hex(PLACES[chip][5]), stage, "0x8000",
                table, "0x10000", app) == \
        "starts: app at 0x10000, entry 0x%08x" % entry_of(elf)


def test_both_files_of_an_esp8266_are_booted(tmp_path, daemon, espctl, sim):
    elf = compiled(tmp_path, "esp8266", True)
    boards = sim(("esp8266", 1), options=("--verbose",))
    done = espctl("--json", "--chip", "esp8266", "elf2image", elf)
    assert done.status == 0, done
    words = [word for file in done.result()["files"]
             for word in (file["offset"], file["name"])]
    assert words == [0, elf + "-0x00000.bin", 0x10000, elf + "-0x10000.bin"]
    assert boot(espctl, boards, "esp8266", *words) == \
        "starts: entry 0x%08x" % entry_of(elf)
    irom = section(elf, ".flash.text")[1]
    assert boards.boards[0].flash(0x10000, len(irom)) == irom


def test_the_forms_of_an_esp8266_are_told_apart(tmp_path, espctl):
    elf = str(tmp_path / "two.words.elf")
    irom = bytes(range(1, 65))
    with open(elf, "wb") as file:
        file.write(elves.bare_elf(XTENSA, 0x40100004, [
            (".text", 0x40100000, bytes(range(32))),
            (".irom0.text", 0x40211010, irom)]))
    done = espctl("--json", "--chip", "esp8266", "elf2image", elf)
    assert done.status == 0, done
    files = done.result()["files"]
    assert [(f["name"], f["offset"]) for f in files] == [
        (elf + "-0x00000.bin", 0), (elf + "-0x11010.bin", 0x11010)]
    with open(elf + "-0x11010.bin", "rb") as file:
        assert file.read() == irom
    for version, name in ((2, "two.words-0x11000.bin"), (3, "two.words.bin")):
        done = espctl("--chip", "esp8266", "elf2image", "--version", version,
                      elf)
        assert done.status == 0 and name in done.out, done
        assert (tmp_path / name).exists()
    assert len(os.listdir(tmp_path)) == 5   # and nothing else


def test_the_output_may_be_a_link_or_stdout(tmp_path, daemon, espctl):
    elf, link = tmp_path / "a.elf", tmp_path / "link.bin"
    elf.write_bytes(elves.bare_elf(RISCV, 0x40380000, [
        (".iram0.text", 0x40380000, b"\x13\0\0\0" * 16)]))
    os.mkdir(tmp_path / "there")
    (tmp_path / "there" / "real.bin").write_bytes(b"old")
    link.symlink_to("there/real.bin")
    done = espctl("--chip", "esp32c3", "elf2image", "-o", link, elf)
    assert done.status == 0, done
    assert link.is_symlink()
    assert os.listdir(tmp_path / "there") == ["real.bin"]
    image = (tmp_path / "there" / "real.bin").read_bytes()
    assert image[0] == 0xE9
    words = [harness.program("espctl"), "--silent", "--chip", "esp32c3",
             "elf2image", "-o", "/dev/stdout", str(elf)]
    env = harness.clean_env(ESPFLASHD_SOCKET=daemon.socket)
    done = subprocess.run(words, stdout=subprocess.PIPE, env=env, check=True)
    assert done.stdout.startswith(image)
    with open(tmp_path / "direct", "wb") as file:
        subprocess.run(words, stdout=file, env=env, check=True)
    assert (tmp_path / "direct").read_bytes().startswith(image)


def test_what_fails_leaves_the_old_file(tmp_path, espctl):
    elf, path = str(tmp_path / "a.elf"), tmp_path / "a.bin"
    with open(elf, "wb") as file:
        file.write(elves.bare_elf(RISCV, 0x42000020, [
            (".flash.rodata", 0x3C000020, bytes(64)),
            (".flash.more", 0x3C000080, bytes(64))]))
    path.write_bytes(b"old")
    done = espctl("--chip", "esp32c3", "elf2image", elf)
    assert done.status == 20, done
    assert "lands in same 64 KB flash mapping" in done.err
    assert "'%s'" % elf in done.err
    assert path.read_bytes() == b"old"
    done = espctl("elf2image", elf)
    assert done.status == 2 and "--chip" in done.err, done
    done = espctl("--chip", "esp32c3", "elf2image", "--flash-freq", "48m", elf)
    assert done.status == 2 and "80m, 40m, 26m, 20m" in done.err, done
    done = espctl("--chip", "esp32c3", "elf2image", "--flash-size", "keep",
                  elf)
    assert done.status == 2 and "--flash-size" in done.err, done
    assert sorted(os.listdir(tmp_path)) == ["a.bin", "a.elf"]


def test_the_interface_takes_descriptors(tmp_path, daemon):
    elf, out = tmp_path / "a.elf", tmp_path / "out"
    elf.write_bytes(elves.bare_elf(RISCV, 0x40380000, [
        (".iram0.text", 0x40380000, b"\x13\0\0\0" * 16)]))
    rpc = daemon.rpc()

    def submit(**more):
        with open(elf, "rb") as source, open(out, "wb") as target:
            jobs = rpc.call("image.elf2image",
                            fds=[source.fileno(), target.fileno()],
                            elf={"fd": 0, "name": "a.elf"}, output=[1],
                            **more)["jobs"]
        return rpc.call("job.wait", job=jobs[0]["job"])

    job = submit(chip="esp32c3", min_rev_full=101, flash_size="4MB")
    image = out.read_bytes()
    assert job["state"] == "done", job
    assert job["result"] == {
        "chip": "ESP32-C3", "merged_sections": 0, "segments": 1,
        "mmu_page_size": 65536, "mmu_page_size_guessed": False,
        "files": [{"output": 0, "bytes": len(image)}]}
    assert image[3] == 0x20 and image[15:17] == b"\x65\0"
    assert hashlib.sha256(image[:-32]).digest() == image[-32:]
    for wrong in ({"chip": "esp99"}, {"chip": "auto"},
                  {"chip": "esp32", "pad_to_size": "100"}):
        job = submit(**wrong)
        assert job["state"] == "failed", wrong
        assert job["error"]["data"]["class"] == "invalid_params"
    # Two files come out of version 1, and one has room.
    elf.write_bytes(elves.bare_elf(XTENSA, 0x40100000, [
        (".text", 0x40100000, bytes(16)), (".irom", 0x40210000, bytes(16))]))
    job = submit(chip="esp8266")
    assert job["error"]["data"]["class"] == "invalid_params"
    with pytest.raises(RpcError):
        submit()
    rpc.close()


def test_a_large_program_is_made(tmp_path, espctl):
    """How fast, tells tests/bench."""
    elf = tmp_path / "big.elf"
    elf.write_bytes(elves.big_elf(3_800_000))
    done = espctl("--json", "--chip", "esp32", "elf2image", elf)
    assert done.status == 0, done
    check_whole(espctl, "esp32", str(tmp_path / "big.bin"))
    check_holds((tmp_path / "big.bin").read_bytes(), True, str(elf),
                ".iram0.text", ".dram0.data", ".flash.rodata", ".flash.text")
