"""The daemon at serial devices of this machine: ptys with modem lines, which it
takes for USB adapters."""
import os
import termios

import pytest

from harness import CHIPS, espctl, text_image


@pytest.mark.parametrize("chip", CHIPS)
def test_a_chip_is_brought_into_its_loader_and_back(chip, usb_sim,
                                                    start_daemon, image):
    sim = usb_sim((chip, 1))
    sim.wait("app")
    daemon = start_daemon(env=sim.env)
    text = text_image(20000)
    done = espctl(daemon, "-p", sim.boards[0].url, "write-flash", "0x10000",
                  image("text.bin", text))
    assert done.status == 0, done
    assert sim.boards[0].flash(0x10000, len(text)) == text
    done = espctl(daemon, "-p", sim.boards[0].url, "flash-id")
    assert done.status == 0, done
    assert "Detected flash size: 4MB" in done.out
    sim.wait("app")
    happened = [entry.what for entry in sim.log()]
    assert happened.count("reset: download mode") == 2
