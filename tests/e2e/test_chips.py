"""Every chip, by its ROM loader alone and by a stub where there is one: it says
what it is, and what is written is verified and read back."""
import re

import pytest

from harness import ALL_CHIPS, STUB_RAM, text_image

# Chips that get our own stub though there is one of Espressif's.
OURS_FIRST = ("esp32", "esp32s3", "esp32c3")

MODES = [(chip, stub) for chip in ALL_CHIPS for stub in (False, True)
         if not stub or chip in STUB_RAM]
IDS = ["%s-%s" % (chip, "stub" if stub else "rom") for chip, stub in MODES]
# GET_SECURITY_INFO came with the ESP32-S2.
WITHOUT_SECURITY_INFO = ("esp8266", "esp32")


class Case:
    def __init__(self, chip, stub, sim, espctl):
        self.chip, self.stub, self.espctl = chip, stub, espctl
        # Without modem lines: nobody waits for resets here.
        self.board = sim((chip, 1, "--socket")).boards[0]

    def run(self, *words):
        """A command on the board, told which chip must be there."""
        return self.espctl("--json", "-p", self.board.url, "--chip",
                           self.chip, *([] if self.stub else ["--no-stub"]),
                           *words)

    def result(self, *words):
        done = self.run(*words)
        assert done.status == 0, done
        job = done.result()["jobs"][0]
        assert job["state"] == "done"
        return job["result"]


@pytest.fixture(params=MODES, ids=IDS)
def case(request, sim, espctl):
    return Case(*request.param, sim, espctl)


def squeezed(name):
    return name.lower().replace("-", "")


def test_each_chip_is_known_and_written_verified_and_read(case, image,
                                                          tmp_path):
    board, text = case.board, text_image(70 * 1024 + 3)
    file, copy = image("text.bin", text), tmp_path / "copy.bin"
    reads = case.stub or case.chip != "esp8266"

    found = case.result("flash-id")
    assert squeezed(found["chip"]) == case.chip
    assert found["stub"] == case.stub
    assert ("own_stub" in found) == (case.stub and case.chip in OURS_FIRST)
    assert found["flash"]["size"] == 4 << 20
    assert case.result("read-mac")["mac"] == board.mac

    security = case.run("get-security-info")
    if case.chip in WITHOUT_SECURITY_INFO:
        assert security.status == 27, security
        assert "ESP" in security.result()["jobs"][0]["error"]["message"]
    else:
        assert security.status == 0, security
        result = security.result()["jobs"][0]["result"]
        assert not result["secure_boot"] and not result["secure_download"]
        assert len(result["key_purposes"]) > 0

    written = case.result("write-flash", "0x10000", file)["images"][0]
    assert written["verified"] == reads
    assert board.flash(0x10000, len(text)) == text
    assert not board.flash(0, 0x10000).strip(b"\xff")
    assert not board.flash(0x10000 + len(text)).strip(b"\xff")
    if not reads:
        return
    assert case.result("verify-flash", "0x10000",
                       file)["images"][0]["verified"]
    case.result("read-flash", "0x10000", len(text), copy)
    assert copy.read_bytes() == text


def test_the_rate_of_the_work_is_told_however_the_chip_is_left(sim, espctl):
    for after in ("hard-reset", "no-reset"):
        board = sim(("esp32c3", 1)).boards[0]
        done = espctl("--json", "-p", board.url, "-b", "460800", "--after",
                      after, "flash-id")
        assert done.result()["jobs"][0]["result"]["baud"] == 460800, after


def test_a_chip_that_is_not_told_is_found_out(sim, espctl):
    boards = sim(*[(chip, 1) for chip in ALL_CHIPS]).boards
    ports = [word for board in boards for word in ("-p", board.url)]
    done = espctl("--json", "read-mac", *ports)
    assert done.status == 0, done
    jobs = {job["port"]: job["result"] for job in done.result()["jobs"]}
    for board in boards:
        assert squeezed(jobs[board.url]["chip"]) == board.chip
        assert jobs[board.url]["mac"] == board.mac


def test_the_mac_of_chips_with_eight_bytes_is_told_whole(sim, espctl):
    for chip in ("esp32c5", "esp32c6", "esp32h2", "esp32h21", "esp32h4"):
        board = sim((chip, 1)).boards[0]
        result = espctl("--json", "-p", board.url,
                        "read-mac").result()["jobs"][0]["result"]
        ext = result["mac_ext"]
        assert re.fullmatch("[0-9a-f]{2}:[0-9a-f]{2}", ext)
        assert result["eui64"] == board.mac[:9] + ext + board.mac[8:]
