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

# By how much a step may be too long on a busy machine; less than what the
# recipes differ by.
SLACK_MS = 450


class Entry:
    """A line of the log: when (microseconds of CLOCK_MONOTONIC), what."""

    def __init__(self, line):
        when, board, self.what = line.rstrip("\n").split(" ", 2)
        self.us, self.board = int(when), int(board)

    def lines(self):
        """"10": DTR is asserted now and RTS is not; None: no change."""
        words = self.what.split()
        if words[0] != "lines":
            return None
        return "".join(word.partition("=")[2] for word in words[1:])

    def __repr__(self):
        return "%d %d %s" % (self.us, self.board, self.what)


def read_log(path, number=0):
    """What the log tells of one board."""
    with open(path) as file:
        entries = [Entry(line) for line in file if line.endswith("\n")]
    return [entry for entry in entries if entry.board == number]


class Step:
    """"01+100": what the lines are, and for how many milliseconds; "00+" and
    "01+100+": or any time longer."""

    def __init__(self, text):
        self.open_end = text.endswith("+")
        self.lines, _, ms = text.rstrip("+").partition("+")
        self.ms = int(ms or 0)


def changes(text, now="00", one_by_one=False):
    """The steps of a sequence that change something.  one_by_one: DTR moves
    first, then RTS."""
    found = [Step(now + "+")]
    for step in map(Step, text.split()):
        last = found[-1]
        if step.lines == last.lines:
            last.ms += step.ms
            last.open_end |= step.open_end
            continue
        if one_by_one and step.lines[0] != last.lines[0] and \
                step.lines[1] != last.lines[1]:
            found.append(Step(step.lines[0] + last.lines[1]))
        found.append(step)
    return found[1:]


def assert_sequence(log, text, **more):
    """The lines changed as the text says and in no other way: no step was
    shorter than it should be, and none much longer."""
    wanted = changes(text, **more)
    seen = [entry for entry in log if entry.lines()]
    assert [entry.lines() for entry in seen] == \
        [step.lines for step in wanted], log
    for step, entry, following in zip(wanted, seen, seen[1:]):
        ms = (following.us - entry.us) / 1000
        assert ms >= step.ms, (step.lines, ms, log)
        assert step.open_end or ms < step.ms + SLACK_MS, \
            (step.lines, ms, log)


def boots(log):
    """What the chip did: "download" or "app" for each of its starts."""
    return ["download" if "download" in entry.what else "app"
            for entry in log if entry.what.startswith("reset: ")]


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
    when a board is plugged in again.  pty=False: they are RFC 2217 servers
    as in Sim, but take orders and keep a log, too."""

    def __init__(self, groups, options=(), group_options=(), pty=True,
                 **more):
        # Of its own, as paths of sockets may not be long.
        self.usb = tempfile.mkdtemp(prefix="usb.")
        self.log_path = os.path.join(self.usb, "log")
        self.env = shim_env(self.usb)
        super().__init__(
            groups, stdin=subprocess.PIPE,
            options=["--usb", self.usb, "--control",
                     "--lines-log", self.log_path, *options],
            group_options=["--pty"] * pty + [*group_options], **more)

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
        """What has happened to the board up to now."""
        self.order("look", number)
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
