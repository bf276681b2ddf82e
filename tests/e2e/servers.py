"""Programs that lend a serial port to the network and that nobody here wrote:
Debian's ser2net, and pyserial's RFC 2217 server around a device.
"""
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

from harness import LIMIT, ended_well

# What pyserial leaves to its user: sockets and the two directions.
PYSERIAL_SERVER = """
import socket, sys, threading
import serial, serial.rfc2217

port = serial.serial_for_url(sys.argv[1], do_not_open=True)
port.timeout, port.exclusive = 0.05, True
if sys.argv[2] == "no-lines":       # a pty refuses them
    type(port)._update_dtr_state = type(port)._update_rts_state = \\
        lambda self: None
    for line in ("cts", "dsr", "ri", "cd"):
        setattr(type(port), line, True)
port.open()
server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)


class Connection:
    def __init__(self, client):
        self.client, self.lock, self.ended = client, threading.Lock(), False

    def write(self, data):
        with self.lock:
            self.client.sendall(data)


def to_client(connection, manager):
    try:
        while not connection.ended:
            data = port.read(port.in_waiting or 1)
            if data:
                connection.write(b"".join(manager.escape(data)))
    except OSError:
        pass


while True:
    client, _ = server.accept()
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    port.reset_input_buffer()
    connection = Connection(client)
    manager = serial.rfc2217.PortManager(port, connection)
    thread = threading.Thread(target=to_client, args=(connection, manager))
    thread.start()
    try:
        while data := client.recv(4096):
            port.write(b"".join(manager.filter(data)))
    except OSError:
        pass
    connection.ended = True
    thread.join()
    client.close()
"""


def pyserial():
    """The module of Debian's python3-serial, whichever Python runs this."""
    try:
        import serial
    except ImportError:
        sys.path.append("/usr/lib/python3/dist-packages")
        import serial       # ./bootstrap installs it
    return serial


def ser2net_program():
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    found = shutil.which("ser2net", path=path)
    assert found, "ser2net is missing (./bootstrap installs it)"
    return found


def listens(number):
    """Does somebody listen on that TCP port of 127.0.0.1?  Seen from outside:
    a connection would already be a client."""
    with open("/proc/net/tcp") as file:
        words = [line.split() for line in file]
    return any(word[1] == "0100007F:%04X" % number and word[3] == "0A"
               for word in words)


class Server:
    """A process that serves a port on .url."""

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="server.")
        self.log = open(os.path.join(self.dir, "log"), "w+")

    def log_text(self):
        self.log.seek(0)
        return self.log.read()

    def stop(self):
        self.process.terminate()
        try:
            ended_well(self.name, self.process, self.expected, self.log_text)
        finally:
            self.log.close()
            shutil.rmtree(self.dir)


class Ser2net(Server):
    name = "ser2net"
    expected = 1        # what it calls its end by SIGTERM

    def __init__(self, device, options="", env=None):
        super().__init__()
        with socket.create_server(("127.0.0.1", 0)) as free:
            number = free.getsockname()[1]
        config = os.path.join(self.dir, "ser2net.yaml")
        with open(config, "w") as file:
            file.write("""%%YAML 1.1
---
connection: &board
    accepter: telnet(rfc2217),tcp,127.0.0.1,%d
    connector: serialdev(nouucplock),%s,115200n81,local%s
""" % (number, device, options))
        self.url = "rfc2217://127.0.0.1:%d" % number
        self.process = subprocess.Popen(
            [ser2net_program(), "-n", "-d", "-u", "-c", config],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
            env=dict(os.environ, **(env or {})))
        end = time.monotonic() + LIMIT
        while not listens(number):
            if self.process.poll() is not None or time.monotonic() > end:
                self.process.kill()
                self.process.wait()
                raise AssertionError("ser2net: " + self.log_text())


class PyserialServer(Server):
    name = "pyserial's server"
    expected = -15

    def __init__(self, device, env=None):
        super().__init__()
        self.process = subprocess.Popen(
            [sys.executable, "-c", PYSERIAL_SERVER, device,
             "lines" if env else "no-lines"], text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.log,
            env=dict(os.environ, PYTHONPATH=os.path.dirname(
                os.path.dirname(pyserial().__file__)), **(env or {})))
        line = self.process.stdout.readline()
        self.process.stdout.close()
        if not line:
            self.process.kill()
            self.process.wait()
            raise AssertionError(self.name + ": " + self.log_text())
        self.url = "rfc2217://127.0.0.1:%d" % int(line)
