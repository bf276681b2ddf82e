"""Exported ports: programs that nobody here wrote (pyserial) and plain sockets
have a port while no job needs it, and never at the same time."""
import contextlib
import fcntl
import json
import os
import select
import signal
import socket
import stat
import struct
import subprocess
import sys
import termios
import time

import pytest

import harness
from harness import LIMIT, RpcError, random_image
from servers import pyserial

serial = pyserial()
EVERY_BYTE = bytes(range(256)) * 8
PURGE = b"\xff\xfa\x2c\x0c\x03\xff\xf0"
# SYNC of the ROM loaders in its SLIP frame.
SYNC = (b"\xc0\x00\x08\x24\x00\x00\x00\x00\x00\x07\x07\x12\x20" + b"\x55" * 32 +
        b"\xc0")


class Chip:
    """A pty whose other end the test plays."""

    def __init__(self):
        self.master, self.slave = os.openpty()
        self.path = os.ttyname(self.slave)
        os.set_blocking(self.master, False)

    def read(self, size):
        """Exactly that many bytes."""
        data = b""
        while len(data) < size:
            ready, _, _ = select.select([self.master], [], [], LIMIT)
            assert ready, "only %d of %d bytes came" % (len(data), size)
            data += os.read(self.master, size - len(data))
        return data

    def write(self, data):
        while data:
            _, ready, _ = select.select([], [self.master], [], LIMIT)
            assert ready, "%d bytes are not taken" % len(data)
            data = data[os.write(self.master, data):]

    def baud(self):
        """The rate of the line as a number (struct termios2)."""
        room = bytearray(44)
        fcntl.ioctl(self.slave, 0x802C542A, room)
        return struct.unpack("=4I20s2I", room[:44])[6]

    def close(self):
        os.close(self.master)
        os.close(self.slave)


@pytest.fixture
def chip():
    one = Chip()
    yield one
    one.close()


class Exports:
    """Exports of a daemon, and what its clients see."""

    def __init__(self, daemon):
        self.daemon, self.rpc = daemon, daemon.rpc()

    def begin(self, port, **more):
        return self.rpc.call("port.export", port=port, **more)["url"]

    def client(self, url):
        for port in self.rpc.call("port.list")["ports"]:
            if port.get("export") == url:
                return port.get("export_client")
        raise AssertionError(url + " is not listed")

    def until_left(self, url):
        end = time.monotonic() + LIMIT
        while self.client(url):
            assert time.monotonic() < end, self.client(url) + " is still there"

    def close(self):
        self.rpc.close()


@pytest.fixture
def exports(daemon):
    one = Exports(daemon)
    yield one
    one.close()


@contextlib.contextmanager
def pyserial_at(url, **options):
    port = serial.serial_for_url(url, timeout=LIMIT, **options)
    try:
        yield port
    finally:
        port.close()


def connect(url):
    if url.startswith("unix:"):
        one = socket.socket(socket.AF_UNIX)
        one.settimeout(LIMIT)
        one.connect(url[5:])
        return one
    return socket.create_connection(
        ("127.0.0.1", int(url.rpartition(":")[2])), timeout=LIMIT)


def read_until(source, wanted):
    data = b""
    while wanted not in data:
        more = source.recv(4096)
        assert more, "it ended after %r" % data
        data += more
    return data


def read_to_end(source):
    data = b""
    with contextlib.suppress(ConnectionResetError):
        while more := source.recv(4096):
            data += more
    return data


def enter_loader(port):
    """What esptool calls the classic reset: a line at a time."""
    port.dtr = False
    port.rts = True
    port.dtr = False
    port.dtr = True
    port.rts = False
    port.dtr = True
    port.dtr = False


def answers_sync(port):
    port.reset_input_buffer()
    port.write(SYNC)
    return port.read_until(b"\xc0") + port.read_until(b"\xc0")


def test_pyserial_brings_a_board_into_its_loader(usb_sim, start_daemon):
    sim = usb_sim(("esp32", 1))
    sim.wait("app")
    exports = Exports(start_daemon(env=sim.env))
    url = exports.begin(sim.boards[0].url)
    with pyserial_at(url, baudrate=115200) as port:
        assert exports.client(url).startswith("tcp 127.0.0.1:")
        enter_loader(port)
        sim.wait("download")
        answer = answers_sync(port)
        assert answer.startswith(b"\xc0\x01\x08"), answer
    exports.until_left(url)
    exports.close()
    lines = [entry.lines() for entry in sim.log() if entry.lines()]
    # From reset to the loader in one step: no moment with both released.
    assert lines[lines.index("01") + 1] == "10", lines
    # As a close would leave them.
    assert lines[-1] == "00", lines


def test_both_lines_asserted_is_had_in_the_end(usb_sim, start_daemon):
    sim = usb_sim(("esp32", 1))
    exports = Exports(start_daemon(env=sim.env))
    with pyserial_at(exports.begin(sim.boards[0].url)) as port:
        port.dtr = False
        port.rts = True
        port.dtr = True
        sim.wait("app")         # out of reset again, so it was done
        assert [e.lines() for e in sim.log() if e.lines()][-1] == "11"
    exports.close()


def test_every_byte_goes_both_ways(chip, exports):
    with pyserial_at(exports.begin(chip.path)) as port:
        port.write(EVERY_BYTE)
        assert chip.read(len(EVERY_BYTE)) == EVERY_BYTE
        chip.write(EVERY_BYTE)
        assert port.read(len(EVERY_BYTE)) == EVERY_BYTE


def test_the_rate_is_set_and_told(chip, exports):
    with pyserial_at(exports.begin(chip.path), baudrate=115200) as port:
        assert chip.baud() == 115200
        for rate in (921600, 74880, 2000000):
            port.baudrate = rate        # waits until it is confirmed
            assert chip.baud() == rate


def test_only_8n1_is_had(chip, exports):
    url = exports.begin(chip.path)
    with pytest.raises(ValueError, match="rejected value.*datasize"):
        serial.serial_for_url(url, bytesize=7)
    with pyserial_at(url) as port:      # the port is free again
        port.write(b"x")
        assert chip.read(1) == b"x"


def test_a_purge_drops_what_came_before(chip, exports):
    url = exports.begin(chip.path)
    with pyserial_at(url) as port:
        chip.write(b"old")
        assert port.read(1) == b"o"
        port.reset_input_buffer()
        port.reset_output_buffer()
        chip.write(b"new")
        assert port.read(3) == b"new"
        port.break_condition = True
        port.break_condition = False
        assert (port.cts, port.dsr, port.ri, port.cd) == (False,) * 4


def test_inputs_of_the_port_are_told(usb_sim, start_daemon):
    sim = usb_sim(("esp32", 1))
    exports = Exports(start_daemon(env=sim.env))
    url = exports.begin(sim.boards[0].url) + "?poll_modem"
    with pyserial_at(url) as port:
        assert isinstance(port.cts, bool)
    exports.close()


def test_a_unix_socket_is_an_export_too(chip, exports, daemon):
    url = exports.begin(chip.path, listen="unix")
    path = url[len("unix:"):]
    assert os.path.dirname(path) == os.path.dirname(daemon.socket)
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o660
    with connect(url) as client:
        read_until(client, b"\xff\xfd\x2c")             # DO COM-PORT
        assert exports.client(url).startswith("pid %d " % os.getpid())
        client.sendall(b"\xff\xfb\x2c\xff\xfa\x2c\x01" +
                       struct.pack(">I", 460800) + b"\xff\xf0hello\xff\xff")
        read_until(client, b"\xff\xfa\x2c\x65" + struct.pack(">I", 460800))
        assert chip.read(6) == b"hello\xff"
        assert chip.baud() == 460800
        chip.write(b"\xffworld")
        read_until(client, b"\xff\xffworld")
        exports.rpc.call("port.unexport", port=chip.path)
        assert read_to_end(client) == b""
    assert not os.path.exists(path)


def test_an_export_is_not_open_to_the_network(chip, exports):
    with pytest.raises(RpcError, match="open to the network") as error:
        exports.begin(chip.path, listen="0.0.0.0:0")
    assert error.value.error["data"]["class"] == "not_permitted"
    url = exports.begin(chip.path, listen="[::1]:0")
    assert url.startswith("rfc2217://[::1]:")
    with pytest.raises(RpcError, match="exported already"):
        exports.begin(chip.path)
    exports.rpc.call("port.unexport", port=chip.path)
    with pytest.raises(RpcError, match="not exported"):
        exports.rpc.call("port.unexport", port=chip.path)


def test_clients_are_told_of_as_they_come_and_go(chip, exports):
    url = exports.begin(chip.path)
    exports.rpc.call("events.subscribe", types="port.state")

    def clients(event):
        assert event["type"] == "port.state"
        return event["object"].get("export_client")

    with connect(url) as client:
        name = "tcp 127.0.0.1:%d" % client.getsockname()[1]
        exports.rpc.event(lambda event: clients(event) == name)
    event = exports.rpc.event(lambda event: not clients(event))
    assert event["object"]["export"] == url


def test_one_client_at_a_time(chip, exports):
    url = exports.begin(chip.path)
    with pyserial_at(url) as port:
        first = exports.client(url)
        with connect(url) as second:
            assert first in read_to_end(second).decode()
        port.write(b"still here")
        assert chip.read(10) == b"still here"
    exports.until_left(url)
    with pyserial_at(url) as port:
        port.write(b"next")
        assert chip.read(4) == b"next"


def board_and_url(sim, exports, **options):
    board = sim(("esp32", 1), **options).boards[0]
    return board, exports.begin(board.url)


def test_a_job_waits_until_the_client_has_left(sim, daemon, exports):
    board, url = board_and_url(sim, exports)
    exports.rpc.call("events.subscribe", types="job.state")
    with pyserial_at(url) as port:
        name = exports.client(url)
        client = harness.espctl_begin(daemon, "-p", board.url, "read-mac")
        exports.rpc.event(lambda e: e["state"] == "queued")
        job = exports.rpc.call("job.list")["jobs"][0]
        assert job["state"] == "queued"
        assert any(name in note for note in job["notes"]), job
        # It is still the client's alone.
        enter_loader(port)
        assert answers_sync(port).startswith(b"\xc0\x01\x08")
    out, err = client.communicate(timeout=LIMIT)
    assert client.returncode == 0, err
    assert board.mac in out


@pytest.mark.parametrize("hold", ["0", "60"])
def test_a_waiting_job_that_is_cancelled_leaves_the_client_alone(
        chip, start_daemon, hold):
    daemon = start_daemon(options=["--set", "hold-port-s=" + hold])
    exports = Exports(daemon)
    with pyserial_at(exports.begin(chip.path)) as port:
        job = exports.rpc.call("chip.mac", port=chip.path)["jobs"][0]["job"]
        assert exports.rpc.call("job.get", job=job)["state"] == "queued"
        ended = exports.rpc.call("job.cancel", job=job)
        assert ended["state"] == "cancelled"
        chip.write(EVERY_BYTE)
        assert port.read(len(EVERY_BYTE)) == EVERY_BYTE
        port.write(EVERY_BYTE)
        assert chip.read(len(EVERY_BYTE)) == EVERY_BYTE
    exports.close()


def test_a_job_is_refused_where_that_is_configured(sim, start_daemon):
    daemon = start_daemon(options=["--set", "export-busy=refuse"])
    exports = Exports(daemon)
    board, url = board_and_url(sim, exports)
    with pyserial_at(url):
        done = harness.espctl(daemon, "-p", board.url, "read-mac")
        assert done.status == 18, done
        assert exports.client(url) in done.err.replace("\n", " "), done
    exports.until_left(url)
    exports.close()
    done = harness.espctl(daemon, "-p", board.url, "read-mac")
    assert done.status == 0, done


def test_a_client_is_turned_away_while_a_job_runs(sim, daemon, exports, image):
    board, url = board_and_url(sim, exports, options=["--line", "paced"])
    noise = random_image(160 * 1024)
    client = harness.espctl_begin(
        daemon, "--json", "-p", board.url, "-b", "921600", "write-flash",
        "-u", "0x10000", image("noise.bin", noise))
    for line in client.stdout:
        event = json.loads(line)
        if event.get("type") == "job.progress" and \
                event.get("phase") == "write" and event["done"] > 0:
            break
    with connect(url) as other:
        said = read_to_end(other)
    assert b"in use by job %d (flash.write)" % event["job"] in said, said
    _, err = client.communicate(timeout=LIMIT)
    assert client.returncode == 0, err
    assert board.flash(0x10000, len(noise)) == noise
    with pyserial_at(url):
        pass


def test_a_board_is_unplugged_under_its_client(usb_sim, start_daemon):
    sim = usb_sim(("esp32", 1))
    daemon = start_daemon(env=sim.env)
    exports = Exports(daemon)
    url = exports.begin(sim.boards[0].url)
    with connect(url) as client:
        read_until(client, b"\xff\xfd\x2c")
        sim.unplug()
        read_to_end(client)
    with connect(url) as client:
        assert b"plugged in" in read_to_end(client)
    sim.plug()
    # Another device name, the same board, the same export; as soon as the
    # daemon knows of it.
    end = time.monotonic() + LIMIT
    said = b""
    while b"\xff\xfd\x2c" not in said:
        assert time.monotonic() < end, said
        with connect(url) as client:
            said = client.recv(4096)
    exports.until_left(url)
    exports.close()


def test_a_killed_client_frees_the_port(chip, exports, daemon):
    url = exports.begin(chip.path)
    code = "import serial\n" \
        "port = serial.serial_for_url(%r)\n" \
        "port.write(b'ready')\nport.read()\n" % url
    client = subprocess.Popen(
        [sys.executable, "-c", code], env=dict(
            os.environ,
            PYTHONPATH=os.path.dirname(os.path.dirname(serial.__file__))))
    assert chip.read(5) == b"ready"
    assert exports.client(url)
    client.send_signal(signal.SIGKILL)
    client.wait()
    exports.until_left(url)
    with pyserial_at(url) as port:
        port.write(b"free")
        assert chip.read(4) == b"free"


def test_many_clients_in_a_row_leak_nothing(chip, exports, daemon):
    def open_files():
        return sorted(os.readlink(entry.path) for entry in
                      os.scandir("/proc/%d/fd" % daemon.process.pid)
                      if os.path.islink(entry.path))

    url = exports.begin(chip.path)
    counts = []
    for i in range(50):
        with connect(url) as client:
            read_until(client, b"\xff\xfd\x2c")
            client.sendall(b"\xff\xfb\x2c" + PURGE + b"%03d" % i)
            assert chip.read(3) == b"%03d" % i
        exports.until_left(url)
        counts.append(len(open_files()))
    assert counts[-1] == counts[0], open_files()


def test_a_stopped_daemon_leaves_no_socket(chip, exports, daemon):
    url = exports.begin(chip.path, listen="unix")
    with connect(url) as client:
        read_until(client, b"\xff\xfd\x2c")
        daemon.stop()
        read_to_end(client)
    assert not os.path.exists(url[len("unix:"):])
    assert termios.tcgetattr(chip.slave)[2] & termios.CSIZE == termios.CS8
