"""Simulated boards on a simulated USB, and what they saw of their lines.

espsim makes ptys with modem lines and describes them in a folder; the preload
library espshim.so shows that folder to a daemon as the machine's USB serial
ports.  A daemon started with UsbSim.env has it.
"""
import os
import select
import shutil
import subprocess
import tempfile

from harness import LIMIT, Sim, program


class Entry:
    """A line of the log: when (microseconds of CLOCK_MONOTONIC), what."""

    def __init__(self, line):
        when, board, self.what = line.rstrip("\n").split(" ", 2)
        self.us, self.board = int(when), int(board)

    def lines(self):
        """(DTR, RTS) when the entry tells of a change, else None."""
        words = self.what.split()
        if words[0] != "lines":
            return None
        return tuple(int(word.partition("=")[2]) for word in words[1:])

    def __repr__(self):
        return "%d %d %s" % (self.us, self.board, self.what)


def read_log(path, number):
    """What the log tells of one board."""
    with open(path) as file:
        entries = [Entry(line) for line in file if line.endswith("\n")]
    return [entry for entry in entries if entry.board == number]


def shim_env(directory):
    """What a process needs in its environment to see that USB."""
    options = os.environ.get("ASAN_OPTIONS", "detect_leaks=1")
    return {
        "LD_PRELOAD": program("espshim.so"),
        "ESPSHIM_DIR": directory,
        # The sanitizer's library insists on being the first one.
        "ASAN_OPTIONS": options + ":verify_asan_link_order=0",
    }


class UsbSim(Sim):
    """Like Sim; the boards' URLs are device files in .usb/dev, which change
    when a board is plugged in again."""

    def __init__(self, groups, options=(), group_options=(), **more):
        # Of its own, as paths of sockets may not be long.
        self.usb = tempfile.mkdtemp(prefix="usb.")
        self.log_path = os.path.join(self.usb, "log")
        self.env = shim_env(self.usb)
        super().__init__(
            groups, stdin=subprocess.PIPE,
            options=["--usb", self.usb, "--control",
                     "--lines-log", self.log_path, *options],
            group_options=["--pty", *group_options], **more)

    def order(self, *words):
        """Give an order (see tests/sim/control.h), wait until it is done."""
        text = " ".join(map(str, words))
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()
        ready, _, _ = select.select([self.process.stdout], [], [], LIMIT)
        assert ready, "espsim: no answer to " + text
        answer = self.process.stdout.readline()
        assert answer.startswith("ok " + text), answer
        return answer.split()[1 + len(words):]

    def unplug(self, number=0):
        self.order("unplug", number)

    def plug(self, number=0):
        """Plug it in again; its device has another name now."""
        self.boards[number].url = self.order("plug", number)[0]

    def swap(self, number=0):
        """Plug another board in in its place."""
        self.boards[number].url, _, self.boards[number].mac = \
            self.order("swap", number)

    def wait(self, mode, number=0):
        """Wait until the board is in that mode: app, download, stub, ..."""
        self.order("await", number, mode)

    def log(self, number=0):
        return read_log(self.log_path, number)

    def node(self, number=0):
        """The pty itself, which is what the daemon calls it."""
        return os.readlink(self.boards[number].url)

    def device(self, number=0):
        """What udev would tell of it, as a dictionary; None: unplugged."""
        path = os.path.join(self.usb, "devices", "board-%d" % number)
        try:
            with open(path) as file:
                return dict(line.rstrip("\n").split("=", 1) for line in file)
        except FileNotFoundError:
            return None

    def stop(self):
        self.process.stdin.close()
        try:
            super().stop()
        finally:
            shutil.rmtree(self.usb)
