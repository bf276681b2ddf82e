"""The daemon as a client of RFC 2217 servers that nobody here wrote, in front
of simulated boards: Debian's ser2net and pyserial's server."""
import socket

import pytest

import harness
from harness import random_image, text_image
from servers import PyserialServer, Ser2net

SERVERS = {"ser2net": Ser2net, "pyserial": PyserialServer}
NOISE = random_image(60 * 1024)
TEXT = text_image(200 * 1024)


@pytest.fixture
def serve():
    """serve(name, device, ...) starts a server and tells its URL."""
    running = []

    def start(name, *words, **options):
        running.append(SERVERS[name](*words, **options))
        return running[-1].url
    yield start
    for one in running:
        one.stop()


def flash(espctl, image, tmp_path, board, *options):
    """Write, verify and read through the server; compare all of it."""
    text, noise = image("text.bin", TEXT), image("noise.bin", NOISE)
    done = espctl(*options, "write-flash", "0x10000", text, "0x80000", noise)
    assert done.status == 0, done
    assert board.flash(0x10000, len(TEXT)) == TEXT
    assert board.flash(0x80000, len(NOISE)) == NOISE
    done = espctl(*options, "verify-flash", "0x10000", text,
                  "0x80000", noise)
    assert done.status == 0, done
    copy = tmp_path / "copy.bin"
    done = espctl(*options, "read-flash", "0x80000", len(NOISE), copy)
    assert done.status == 0, done
    assert copy.read_bytes() == NOISE


WITHOUT_LINES = "--before", "no-reset", "--after", "no-reset-stub"


@pytest.mark.parametrize("name", SERVERS)
def test_a_board_in_its_loader_is_flashed(name, sim, serve, espctl, image,
                                          tmp_path):
    board = sim(("esp32", 1), group_options=["--pty"]).boards[0]
    url = serve(name, board.url)
    flash(espctl, image, tmp_path, board, "-p", url, *WITHOUT_LINES)


@pytest.mark.parametrize("name", SERVERS)
def test_the_rate_is_changed_through_the_server(name, sim, serve, espctl,
                                                image):
    board = sim(("esp32s3", 1), options=["--line", "paced"],
                group_options=["--pty"]).boards[0]
    url = serve(name, board.url)
    done = espctl("--json", "-p", url, "-b", 921600, *WITHOUT_LINES,
                  "write-flash", "0x10000", image("noise.bin", NOISE))
    assert done.status == 0, done
    assert board.flash(0x10000, len(NOISE)) == NOISE
    assert any("921600" in line for line in done.out.splitlines())


@pytest.mark.parametrize("name", SERVERS)
def test_a_board_is_reset_through_the_server(name, usb_sim, serve, espctl,
                                             image, tmp_path):
    sim = usb_sim(("esp32c3", 1))
    board = sim.boards[0]
    sim.wait("app")
    url = serve(name, board.url, env=sim.env)
    flash(espctl, image, tmp_path, board, "-p", url, "-b", 921600)
    sim.wait("app")
    happened = [entry.what for entry in sim.log()]
    assert happened.count("reset: download mode") == 3


def test_options_for_pyserial_in_a_url_do_no_harm(sim, serve, espctl):
    board = sim(("esp32", 1), group_options=["--pty"]).boards[0]
    url = serve("pyserial", board.url)
    done = espctl("-p", url + "?ign_set_control&timeout=3",
                  "--before", "no-reset", "flash-id")
    assert done.status == 0, done
    assert "Detected flash size: 4MB" in done.out


def test_a_server_whose_port_another_client_has_is_busy(sim, serve, espctl):
    board = sim(("esp32", 1), group_options=["--pty"]).boards[0]
    url = serve("ser2net", board.url)
    with socket.create_connection(
            ("127.0.0.1", int(url.rpartition(":")[2])),
            timeout=harness.LIMIT) as other:
        assert other.recv(1) == b"\xff"     # it has the port now
        done = espctl("-p", url, "--before", "no-reset", "flash-id")
        assert done.status == 18, done
        assert "another client may have the port" in done.err
