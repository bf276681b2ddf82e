"""What the end-to-end tests, the demo and the bench share: simulated boards, a
daemon with a socket of its own, the client, and a plain JSON-RPC connection.

Nothing here waits for time to pass: every wait is for a line, an event or the
end of a process, with a limit after which it is an error.
"""
import base64
import ctypes
import json
import os
import random
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile

# Who was started in the background by a shell ignores SIGINT, and so would all
# that it starts; but the tests send it.
signal.signal(signal.SIGINT, signal.default_int_handler)

BUILD = os.environ.get("abs_top_builddir") or os.getcwd()
LIMIT = 120             # seconds after which a wait is a failure
CHIPS = ("esp8266", "esp32", "esp32s3", "esp32c3")     # one of each family
ALL_CHIPS = CHIPS + ("esp32s2", "esp32c2", "esp32c5", "esp32c6", "esp32c61",
                     "esp32h2", "esp32h21", "esp32h4", "esp32p4", "esp32s31",
                     "esp32e22")
# Where a fake stub may be loaded: within the RAM of each chip that its loader
# leaves free.  Of the ESP32-H21 and the ESP32-E22 there is none.
STUB_RAM = {
    "esp8266": (0x4010D000, 0x3FFE8800),
    "esp32": (0x400BE000, 0x3FFE0000 + 0x2B8C),
    "esp32s2": (0x40028000, 0x3FFE2DC0),
    "esp32s3": (0x40378000, 0x3FCB2BF4),
    "esp32c2": (0x40380000, 0x3FCB6D6C),
    "esp32c3": (0x40380000, 0x3FC96BA8),
    "esp32c5": (0x40800000, 0x40852F0C),
    "esp32c6": (0x40800000, 0x40852F0C),
    "esp32c61": (0x40800000, 0x40816D68),
    "esp32h2": (0x40800000, 0x40842D68),
    "esp32h4": (0x40810000, 0x40842D68),
    "esp32p4": (0x4FF50000, 0x4FF72DB8),
    "esp32p4-rev1": (0x4FF10000, 0x4FF62DB8),
    "esp32s31": (0x2F001000, 0x2F01CDB8),
}


def program(name):
    return os.path.join(BUILD, name)


def sanitized():
    """Were the programs built with AddressSanitizer?"""
    with open(program("espflashd"), "rb") as file:
        return b"__asan_init" in file.read()


def text_image(size, seed=1):
    """Bytes that compress well, as program text and strings do."""
    rng = random.Random(seed)
    words = [("%08x" % rng.getrandbits(32))[:rng.randint(2, 8)]
             for _ in range(200)]
    text = " ".join(rng.choice(words) for _ in range(size // 3))
    return text.encode()[:size].ljust(size, b".")


def random_image(size, seed=1):
    return random.Random(seed).randbytes(size)


def fake_stub(chip, seed=7):
    """A stub image in the right form, in the place of Espressif's.  The
    simulator runs no code; it takes anything that holds the greeting "OHAI"
    for a flasher stub, and for our own, which is part of the daemon, what has
    its mark (tests/sim/board.h)."""
    text_start, data_start = STUB_RAM[chip]
    rng = random.Random(seed)
    text = rng.randbytes(1500) + b"OHAI" + rng.randbytes(500)
    return json.dumps({
        "entry": text_start + 16,
        "text": base64.b64encode(text).decode(),
        "text_start": text_start,
        "data": base64.b64encode(rng.randbytes(64)).decode(),
        "data_start": data_start,
        "bss_start": data_start + 64,
    })


def fake_stubs(directory):
    os.makedirs(directory, exist_ok=True)
    for chip in STUB_RAM:
        with open(os.path.join(directory, chip + ".json"), "w") as file:
            file.write(fake_stub(chip))
    return directory


def without_override():
    """For a child: root may not read what its mode forbids, either."""
    libc = ctypes.CDLL(None, use_errno=True)
    for capability in (1, 2):   # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
        libc.prctl(24, capability, 0, 0, 0)     # PR_CAPBSET_DROP


def ended_well(name, process, expected, errors):
    """Complain about a process that did not end as it should."""
    try:
        process.wait(LIMIT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise AssertionError(name + " did not end")
    assert process.returncode == expected, \
        "%s ended with %s\n%s" % (name, process.returncode, errors())


class Board:
    def __init__(self, number, url, chip, mac, path):
        self.number, self.url, self.chip, self.mac = number, url, chip, mac
        self.path = path

    def flash(self, offset=0, size=None):
        """What the flash holds now."""
        with open(self.path, "rb") as file:
            file.seek(offset)
            return file.read() if size is None else file.read(size)

    def untouched(self):
        return not self.flash().strip(b"\xff")


class Sim:
    """A process of simulated boards: groups is [(chip, count, options of that
    group...), ...]."""

    def __init__(self, groups, faults=(), options=(), group_options=(),
                 stdin=subprocess.DEVNULL):
        self.dir = tempfile.mkdtemp(prefix="espsim.")
        self.errors = open(os.path.join(self.dir, "errors"), "w+")
        command = [program("espsim"), "--flash-dir", self.dir]
        command += options
        for chip, count, *more in groups:
            command += ["--chip", chip, "--count", str(count), *more]
            command += group_options
        for fault in faults:
            command += ["--fault", fault]
        self.process = subprocess.Popen(command, stdin=stdin,
                                        stdout=subprocess.PIPE,
                                        stderr=self.errors, text=True)
        self.boards = []
        for number in range(sum(group[1] for group in groups)):
            words = self.process.stdout.readline().split()
            if len(words) != 3:
                self.process.kill()
                self.process.wait()
                raise AssertionError("espsim: " + self.error_text())
            path = os.path.join(self.dir, "board-%d.bin" % number)
            self.boards.append(Board(number, *words, path))

    def error_text(self):
        self.errors.seek(0)
        return self.errors.read()

    def stop(self):
        self.process.terminate()
        self.process.stdout.close()
        try:
            ended_well("espsim", self.process, 0, self.error_text)
        finally:
            self.errors.close()
            shutil.rmtree(self.dir)


class Daemon:
    """espflashd with a socket and stub images of its own."""

    def __init__(self, stubs=None, options=(), preexec=None, env=None):
        self.dir = tempfile.mkdtemp(prefix="espflashd.")
        self.socket = os.path.join(self.dir, "sock")
        self.log = open(os.path.join(self.dir, "log"), "w+")
        if stubs is None:
            stubs = fake_stubs(os.path.join(self.dir, "stubs"))
        ready = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        ready.bind(os.path.join(self.dir, "notify"))
        ready.settimeout(LIMIT)
        self.process = subprocess.Popen(
            [program("espflashd"), "--config", os.devnull,
             "--socket", self.socket, "--stub-path", stubs, *options],
            stdout=self.log, stderr=self.log, preexec_fn=preexec,
            env=dict(os.environ, NOTIFY_SOCKET=ready.getsockname(),
                     **(env or {})))
        try:
            assert b"READY=1" in ready.recv(4096)
        except (AssertionError, socket.timeout):
            self.process.kill()
            self.process.wait()
            raise AssertionError("espflashd: " + self.log_text())
        finally:
            ready.close()
        self.stopped = False

    def log_text(self):
        self.log.seek(0)
        return self.log.read()

    def usage(self):
        """Peak memory in bytes and CPU time in seconds so far."""
        with open("/proc/%d/status" % self.process.pid) as file:
            peak = re.search(r"VmHWM:\s*(\d+) kB", file.read())
        with open("/proc/%d/stat" % self.process.pid) as file:
            fields = file.read().rpartition(")")[2].split()
        ticks = int(fields[11]) + int(fields[12])
        return int(peak.group(1)) * 1024, ticks / os.sysconf("SC_CLK_TCK")

    def rpc(self):
        return Rpc(self.socket)

    def stop(self):
        if self.stopped:
            return
        self.stopped = True
        self.process.send_signal(signal.SIGTERM)
        try:
            ended_well("espflashd", self.process, 0, self.log_text)
        finally:
            self.log.close()
            shutil.rmtree(self.dir)


class RpcError(Exception):
    def __init__(self, error):
        super().__init__(error["message"])
        self.error = error


class Rpc:
    """A connection to the daemon; events that come between are kept."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(LIMIT)
        self.socket.connect(path)
        self.input = self.socket.makefile("rb")
        self.events = []
        self.last_id = 0
        self.hello = self.message()["params"]

    def message(self):
        line = self.input.readline()
        if not line:
            raise EOFError("the daemon closed the connection")
        return json.loads(line)

    def send(self, text, fds=()):
        data = text.encode() + b"\n"
        if fds:
            sent = socket.send_fds(self.socket, [data], list(fds))
            data = data[sent:]
        self.socket.sendall(data)

    def call(self, method, fds=(), **params):
        self.last_id += 1
        self.send(json.dumps({"jsonrpc": "2.0", "id": self.last_id,
                              "method": method, "params": params}), fds)
        while True:
            message = self.message()
            if message.get("method") == "event":
                self.events.append(message["params"])
            elif message["id"] == self.last_id:
                break
        if "error" in message:
            raise RpcError(message["error"])
        return message["result"]

    def event(self, wanted):
        """The next event for which wanted(event) is true."""
        while True:
            event = self.events.pop(0) if self.events else \
                self.message()["params"]
            if wanted(event):
                return event

    def close(self):
        self.input.close()
        self.socket.close()


class Done:
    """How a command ended."""

    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err

    def json(self):
        return [json.loads(line) for line in self.out.splitlines()]

    def result(self):
        return self.json()[-1]

    def __repr__(self):
        return "exit %d\n--- stdout\n%s--- stderr\n%s" % (
            self.status, self.out, self.err)


def clean_env(**more):
    """The environment without what would change espctl's mind."""
    env = {name: value for name, value in os.environ.items()
           if not name.startswith(("ESPTOOL_", "ESPFLASHD"))}
    env.update(more)
    return env


def espctl(daemon, *words, env=None, preexec=None):
    done = subprocess.run(
        [program("espctl"), *map(str, words)], text=True, timeout=LIMIT,
        stdin=subprocess.DEVNULL, capture_output=True, preexec_fn=preexec,
        check=False,
        env=env or clean_env(ESPFLASHD_SOCKET=daemon.socket))
    return Done(done.returncode, done.stdout, done.stderr)


def espctl_begin(daemon, *words):
    """Start espctl and go on; its JSON lines come through .stdout."""
    return subprocess.Popen(
        [program("espctl"), *map(str, words)], text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=clean_env(ESPFLASHD_SOCKET=daemon.socket))


def end_private(env):
    """End the private daemon, and wait until it is gone."""
    status = espctl(None, "--json", "status", env=env).result()
    watch = os.pidfd_open(status["pid"])
    signal.pidfd_send_signal(watch, signal.SIGTERM)
    select.select([watch], [], [], LIMIT)
    os.close(watch)


def say(text):
    print(text)
    sys.stdout.flush()
