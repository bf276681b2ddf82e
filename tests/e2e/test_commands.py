"""Memory, programs in RAM, the flash chip's own registers and the security
settings, on every chip with its ROM loader alone, on one of each family also
with a stub; what cannot be done is refused before anything is done."""
import struct

import pytest

import harness
import usb
from harness import RpcError

# Each chip with an address in RAM that its loader leaves alone, and its number
# in images.
CHIPS = {
    "esp8266": (0x3FFEA000, None), "esp32": (0x3FFC0000, 0),
    "esp32s2": (0x3FFE0000, 2), "esp32s3": (0x3FCA0000, 9),
    "esp32c2": (0x3FCD0000, 12), "esp32c3": (0x3FCC0000, 5),
    "esp32c5": (0x40811000, 23), "esp32c6": (0x40830000, 13),
    "esp32c61": (0x40830000, 20), "esp32h2": (0x40848000, 16),
    "esp32h21": (0x40848000, 25), "esp32h4": (0x40848000, 28),
    "esp32p4": (0x4FF60000, 18), "esp32s31": (0x2F060000, 32),
    "esp32e22": (0x31000000, 31),
}
MODES = [(chip, stub) for chip in CHIPS for stub in (False, True)
         if not stub or chip in harness.CHIPS]
IDS = ["%s-%s" % (chip, "stub" if stub else "rom") for chip, stub in MODES]
TOLD = [chip for chip in CHIPS if chip not in ("esp8266", "esp32")]


class Failed(Exception):
    """A job ended with an error."""


def worker(rpc, board, stub):
    """A function that does one job on that board and answers its result.  The
    chip stays in its loader: its memory lives, and time is saved."""
    options = {"port": board.url, "no_stub": not stub,
               "after": "no-reset-stub"}

    def work(method, fds=(), **params):
        job = rpc.call(method, fds=fds,
                       **{**options, **params})["jobs"][0]["job"]
        done = rpc.call("job.wait", job=job)
        options["before"] = "no-reset"
        if "error" in done:
            raise Failed(done["error"]["data"]["class"] + ": " +
                         done["error"]["message"])
        done["result"]["notes"] = " ".join(done.get("notes", []))
        return done["result"]
    work.board = board
    return work


@pytest.fixture
def bench(sim, daemon):
    """bench(chip, options...) gives the worker of a new board."""
    rpc = daemon.rpc()
    yield lambda chip, *options, stub=True: \
        worker(rpc, sim((chip, 1, *options)).boards[0], stub)
    rpc.close()


@pytest.fixture(scope="module")
def shelf():
    """A board for each mode, and a daemon, that tests share."""
    sim = harness.Sim([(chip, 1) for chip, _ in MODES])
    daemon = harness.Daemon()
    rpc = daemon.rpc()
    yield {mode: (rpc, board) for mode, board in zip(MODES, sim.boards)}
    rpc.close()
    daemon.stop()
    sim.stop()


@pytest.fixture(params=MODES, ids=IDS)
def work(request, shelf):
    chip, stub = request.param
    one = worker(*shelf[request.param], stub)
    one.chip, one.ram, one.number = chip, *CHIPS[chip]
    return one


def program(address, number):
    """A program image of two parts for the chip with that number."""
    parts = [(address, b"code" * 8), (address + 256, b"some data")]
    image = struct.pack("<BBBBI", 0xE9, len(parts), 0, 0, address)
    if number is not None:
        image += struct.pack("<IH10x", 0, number)
    total = 0xEF
    for where, data in parts:
        image += struct.pack("<II", where, len(data)) + data
        for byte in data:
            total ^= byte
    return image + bytes(15 - len(image) % 16) + bytes([total])


def test_memory_is_written_and_read(work):
    done = work("mem.write", address=work.ram, value=0x11223344)
    assert done["value"] == 0x11223344 and done["mask"] == 0xFFFFFFFF
    work("mem.write", address=work.ram, value=0xAABBCCDD, mask="0x00ff00ff")
    done = work("mem.read", address=work.ram)
    assert done["value"] == 0x11BB33DD
    assert done["address"] == work.ram


def test_memory_is_dumped_to_the_last_byte(work, tmp_path):
    words = [0x04030201, 0x08070605, 0x0C0B0A09]
    for i, word in enumerate(words):
        work("mem.write", address=work.ram + 4 * i, value=word)
    with open(tmp_path / "dump", "w+b") as file:
        done = work("mem.dump", fds=[file.fileno()], address=work.ram + 1,
                    size=10, output=[0])
        assert done["bytes"] == 10
        assert file.read() == bytes(range(2, 12))


def test_status_registers_take_what_they_are_given(work):
    done = work("flash.set_status", value=0x4210, bytes=2)
    assert (done["before"], done["wanted"], done["after"]) == \
        (0, 0x4210, 0x4210)
    work("flash.set_status", value=0x4200, bytes=2, non_volatile=True)
    done = work("flash.status", bytes=3)
    assert (done["status"], done["bytes"]) == (0x4200, 3)
    assert work("flash.status", bytes=1)["status"] == 0
    assert work.board.untouched()


def test_the_flash_tells_of_itself(work):
    done = work("flash.sfdp", address=0)
    assert done["data"] == b"SFDP".hex()
    assert done["flash"]["size"] == 4 << 20
    assert work("flash.sfdp", address=1, size=3)["data"] == b"FDP".hex()
    done = work("flash.sfdp", address=0, size=64)
    assert len(done["data"]) == 128 and done["data"].startswith("53464450")


def test_a_program_goes_into_ram_and_stays(work, tmp_path):
    path = tmp_path / "program"
    path.write_bytes(program(work.ram, work.number))
    with open(path, "rb") as file:
        done = work("ram.load", fds=[file.fileno()],
                    image={"fd": 0, "name": "program"})
    assert done["segments"] == 2 and done["entry"] == work.ram
    # It has the chip: no loader answers any more.
    with pytest.raises(Failed, match="^no_sync"):
        work("chip.mac", connect_attempts=1)


def test_security_settings(work):
    if work.chip not in TOLD:
        with pytest.raises(Failed, match="^unsupported.* does not tell"):
            work("chip.security")
        return
    done = work("chip.security")
    assert done["flags"] == 0 and done["flag_names"] == []
    assert not done["secure_boot"] and not done["encrypted"]
    assert len(done["key_purposes"]) == 7
    if work.chip == "esp32s2":
        assert "chip_id" not in done
    else:
        assert done["chip_id"] == work.number


@pytest.mark.parametrize("chip", TOLD)
def test_only_security_settings_are_told_in_secure_download_mode(chip, bench):
    work = bench(chip, "--secure-download")
    done = work("chip.security")
    assert done["secure_download"]
    assert "secure download mode" in done["flag_names"]
    for method, params in (("mem.read", {"address": CHIPS[chip][0]}),
                           ("flash.status", {}), ("chip.run", {}),
                           ("flash.set_status", {"value": 0}),
                           ("flash.sfdp", {"address": 0})):
        with pytest.raises(Failed, match="^security"):
            work(method, **params)
    assert work.board.untouched()


def test_a_program_for_another_chip_is_refused(bench, tmp_path):
    work = bench("esp32c3")
    path = tmp_path / "program"
    path.write_bytes(program(*CHIPS["esp32s3"]))
    with open(path, "rb") as file, \
            pytest.raises(Failed, match="^image_invalid.* for the ESP32-S3"):
        work("ram.load", fds=[file.fileno()],
             image={"fd": 0, "name": "program"})


@pytest.mark.parametrize("stub", (False, True))
def test_protected_status_bits_are_no_success(bench, stub):
    work = bench("esp32", "--flash-status", "0x80", "--flash-fixed", "0xfc",
                 stub=stub)
    with pytest.raises(Failed, match="^flash.*write-protected"):
        work("flash.set_status", value=0x1C, bytes=1)
    assert work("flash.status", bytes=1)["status"] == 0x80


@pytest.mark.parametrize("stub", (False, True))
def test_a_flash_without_sfdp(bench, stub):
    work = bench("esp32", "--flash-is", "no-sfdp", stub=stub)
    assert "has no SFDP" in work("flash.sfdp", address=0)["notes"]


@pytest.mark.parametrize("stub", (False, True))
def test_an_xmc_flash_that_did_not_start_up(bench, stub):
    work = bench("esp32c3", "--flash-is", "xmc-failed", stub=stub)
    done = work("flash.id")
    assert "start-up sequence has helped" in done["notes"]
    assert done["flash"]["manufacturer"] == "20"
    assert done["flash"]["size"] == 4 << 20


@pytest.mark.parametrize("stub", (False, True))
@pytest.mark.parametrize("pins", ("HSPI", "6,7,8,9,11"))
def test_a_flash_on_other_pins(bench, pins, stub):
    work = bench("esp32", "--spi-pins", pins, stub=stub)
    with pytest.raises(Failed, match="^flash: the flash chip does not answer"):
        work("flash.id")
    done = work("flash.id", spi_connection=pins)
    assert done["flash"]["size"] == 4 << 20


def test_pins_that_cannot_be(bench):
    work = bench("esp32s3")
    with pytest.raises(Failed, match="^invalid_params.*0-21, 26-48"):
        work("flash.id", spi_connection="6,7,8,9,22")
    with pytest.raises(RpcError, match="five different pins"):
        work("flash.id", spi_connection="6,7,8,9")
    work = bench("esp8266")
    with pytest.raises(Failed, match="^unsupported.*fixed pins"):
        work("flash.id", spi_connection="HSPI")


def test_the_supply_of_the_flash_can_be_overridden_on_an_esp32(bench):
    work = bench("esp32")
    work("mem.read", address=0x3FF48074, override_vddsdio="1.9V")
    done = work("mem.read", address=0x3FF48074, override_vddsdio="1.9V")
    assert done["value"] == 0xFE600000
    work = bench("esp32c3")
    with pytest.raises(Failed, match="^unsupported.*ESP32-C3"):
        work("flash.id", override_vddsdio="1.8V")


def test_what_does_not_fit_is_refused_before_the_chip_is_touched(bench):
    work = bench("esp32")
    for method, params, wanted in (
            ("mem.read", {"address": 0x3FF48071}, "multiple of 4"),
            ("mem.write", {"address": 2, "value": 1}, "multiple of 4"),
            ("flash.set_status", {"value": 0x100, "bytes": 1}, "not fit"),
            ("flash.sfdp", {"address": 0, "size": 65}, "at most 64"),
            ("flash.status", {"bytes": 4}, "at most 3")):
        with pytest.raises(RpcError, match=wanted):
            work(method, **params)


def test_the_program_in_flash_is_started_once(usb_sim, start_daemon):
    """A start that is cut off may count as a failed one."""
    sim = usb_sim(("esp32", 1, "--program"), pty=False)
    sim.wait("app")
    rpc = start_daemon(env=sim.env).rpc()
    worker(rpc, sim.boards[0], True)("chip.run", after="hard-reset")
    rpc.close()
    sim.wait("app")
    assert usb.boots(sim.log()) == ["app", "download", "app"]
