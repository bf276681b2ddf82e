"""The daemon at serial devices of this machine: ptys with modem lines, which it
takes for USB adapters."""
import os
import termios

import pytest

from harness import CHIPS, espctl, random_image, text_image
from usb import assert_sequence, boots

# What the kernel does when the device is opened, and what the daemon makes of
# it; then the reset that works at once, and the one at the end.
VISIT = "11 00 11 01+100 10+50 00+ 01+100 00"


@pytest.fixture
def bench(usb_sim, start_daemon):
    """bench(groups, ...) starts boards, whose programs run, and a daemon that
    sees them."""
    def start(*groups, **options):
        sim = usb_sim(*groups, **options)
        for board in sim.boards:
            sim.wait("app", board.number)
        return sim, start_daemon(env=sim.env)
    return start


def test_chips_are_brought_into_their_loaders_and_back(bench, image):
    sim, daemon = bench(*[(chip, 1) for chip in CHIPS])
    text = text_image(20000)
    ports = [word for board in sim.boards for word in ("-p", board.url)]
    done = espctl(daemon, *ports, "write-flash", "0x10000",
                  image("text.bin", text))
    assert done.status == 0, done
    done = espctl(daemon, *ports, "flash-id")
    assert done.status == 0, done
    assert done.out.count(" 4MB\n") == len(CHIPS), done
    for board in sim.boards:
        assert board.flash(0x10000, len(text)) == text
        sim.wait("app", board.number)
        assert boots(sim.log(board.number)).count("download") == 2


def settings(path):
    """Settings of the device; opening it moves its lines."""
    device = os.open(path, os.O_RDWR | os.O_NOCTTY)
    try:
        return termios.tcgetattr(device)
    finally:
        os.close(device)


def test_settings_come_back_and_no_line_moves_but_for_the_resets(bench):
    sim, daemon = bench(("esp32", 1))
    device = os.open(sim.boards[0].url, os.O_RDWR | os.O_NOCTTY)
    before = termios.tcgetattr(device)
    before[0] |= termios.IXON
    before[1] |= termios.OPOST
    before[3] |= termios.ICANON | termios.ECHO
    before[4] = before[5] = termios.B9600
    termios.tcsetattr(device, termios.TCSANOW, before)
    before = termios.tcgetattr(device)
    assert before[2] & termios.HUPCL
    os.close(device)
    old = len(sim.log())
    done = espctl(daemon, "-p", sim.boards[0].url, "flash-id")
    assert done.status == 0, done
    daemon.stop()
    log = sim.log()[old:]
    assert_sequence(log, VISIT)
    closed = [entry.what for entry in log].index("close")
    assert not any(entry.lines() for entry in log[closed:])
    # All is as before; but a close does not move lines that are left.
    before[2] &= ~termios.HUPCL
    assert settings(sim.boards[0].url) == before


@pytest.mark.parametrize("rate", [57600, 250000, 1234567, 3000000])
def test_any_rate_can_be_used(rate, bench, image):
    """The simulated line garbles what is not sent at the chip's rate."""
    sim, daemon = bench(("esp32c3", 1))
    noise = random_image(30000)
    done = espctl(daemon, "--json", "-p", sim.boards[0].url, "-b", rate,
                  "write-flash", "0x10000", image("noise.bin", noise))
    assert done.status == 0, done
    assert done.result()["jobs"][0]["result"]["baud"] == rate
    assert sim.boards[0].flash(0x10000, len(noise)) == noise


def test_boards_do_not_disturb_each_other(bench, image):
    sim, daemon = bench(("esp32", 3), ("esp8266", 2), ("esp32s3", 3))
    noise = random_image(20000)
    ports = [word for board in sim.boards for word in ("-p", board.url)]
    done = espctl(daemon, *ports, "write-flash", "0x10000",
                  image("noise.bin", noise))
    assert done.status == 0, done
    daemon.stop()
    for board in sim.boards:
        assert board.flash(0x10000, len(noise)) == noise
        sim.wait("app", board.number)
        assert_sequence(sim.log(board.number), VISIT)
