"""Whatever is wrong with a request: one clear sentence, its own exit status,
and nothing written."""
import fcntl
import grp
import json
import os
import pwd
import re
import socket
import subprocess

import pytest

import harness
from harness import text_image


@pytest.fixture
def board(sim):
    one = sim(("esp32", 1)).boards[0]
    yield one
    assert one.untouched()


@pytest.fixture
def refuse(board, espctl):
    """refuse(status, words, ...) runs a command on the board that must end
    with that exit status and one sentence, which is returned.  Before it only
    steps of the job may be shown."""
    def run(status, *words, **more):
        done = espctl("-p", board.url, *words, **more)
        assert done.status == status, done
        *steps, line = done.err.splitlines()
        assert line.startswith("espctl: ") and len(line) > 20, done
        for step in steps:
            assert re.fullmatch(re.escape(board.url) + ": [a-z]+", step), done
        return line
    return run


def test_a_missing_file(refuse, tmp_path):
    assert "nowhere.bin" in refuse(21, "write-flash", "0x1000",
                                   tmp_path / "nowhere.bin")


def test_an_empty_file(refuse, image):
    assert "empty.bin" in refuse(23, "write-flash", "0x1000",
                                 image("empty.bin", b""))


def test_an_unreadable_file(refuse, image):
    path = image("secret.bin", b"1234")
    os.chmod(path, 0)
    assert "secret.bin" in refuse(22, "write-flash", "0x1000", path,
                                  preexec=harness.without_override)


def test_a_directory_instead_of_a_file(refuse, tmp_path):
    assert str(tmp_path) in refuse(20, "write-flash", "0x1000", tmp_path)


def test_two_images_that_overlap_are_both_named(refuse, image):
    line = refuse(24, "write-flash",
                  "0x1000", image("first.bin", text_image(8192)),
                  "0x2000", image("second.bin", text_image(100)))
    assert "first.bin" in line and "second.bin" in line


def test_an_image_beyond_the_flash(refuse, image):
    line = refuse(25, "write-flash", "0x3ff000",
                  image("large.bin", text_image(8192)))
    assert "large.bin" in line


def test_a_read_beyond_the_flash(refuse, tmp_path):
    refuse(25, "read-flash", "0x3ff000", "0x2000", tmp_path / "copy.bin")
    assert not (tmp_path / "copy.bin").exists()


def test_an_erase_that_is_not_aligned(refuse):
    refuse(26, "erase-region", "0x1000", "0x800")
    refuse(26, "erase-region", "0x1800", "0x1000")


def test_an_address_that_is_no_number(refuse, image):
    assert "here" in refuse(2, "write-flash", "0xhere",
                            image("text.bin", text_image(100)))


def test_an_address_without_a_file(refuse):
    refuse(2, "write-flash", "0x1000")


def test_an_unknown_port(espctl):
    done = espctl("-p", "/dev/ttyNOWHERE7", "flash-id")
    assert done.status == 10, done
    assert "/dev/ttyNOWHERE7" in done.err


def test_a_port_where_nobody_listens(espctl):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = "rfc2217://127.0.0.1:%d" % taken.getsockname()[1]
    done = espctl("-p", url, "flash-id")
    assert done.status in (10, 17), done
    assert url in done.err


def test_a_url_of_no_kind_we_know(espctl):
    done = espctl("-p", "http://127.0.0.1:80", "flash-id")
    assert done.status in (2, 10), done


@pytest.mark.skipif(os.getuid() != 0, reason="gives a device to a group")
def test_a_port_without_permission(sim, start_daemon):
    board = sim(("esp32", 1), group_options=["--pty"]).boards[0]
    group = next(g for g in grp.getgrall()
                 if g.gr_name in ("dialout", "uucp", "plugdev"))
    os.chown(board.url, -1, group.gr_gid)
    os.chmod(board.url, 0o060)
    daemon = start_daemon(preexec=harness.without_override)
    done = harness.espctl(daemon, "-p", board.url, "--before", "no-reset",
                          "flash-id")
    assert done.status == 41, done
    assert "must be in the group %s:" % group.gr_name in done.err, done
    assert "usermod -aG %s root" % group.gr_name in done.err, done
    assert "systemctl restart espflashd" in done.err, done
    assert board.untouched()


def test_a_port_that_another_program_has(sim, daemon, espctl):
    board = sim(("esp32", 1), group_options=["--pty"]).boards[0]
    # espsim has the other end of its pty open, too, and must not be named.
    with subprocess.Popen(["flock", "--no-fork", board.url, "cat"],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE) as p:
        p.stdin.write(b"\n")
        p.stdin.flush()
        p.stdout.read(1)                # the lock is held from here on
        done = espctl("-p", board.url, "--before", "no-reset", "flash-id")
        p.stdin.close()
    assert done.status == 18, done
    assert "%s is in use by cat (pid %d, user %s)" % (
        board.url, p.pid, pwd.getpwuid(os.getuid()).pw_name) in done.err, done
    done = espctl("-p", board.url, "--before", "no-reset", "flash-id")
    assert done.status == 0, done


@pytest.mark.parametrize("words, hint", [
    (("--no-stubb", "flash-id"), "--no-stub"),
    (("flash-idd",), "flash-id"),
    (("--baud", "fast", "flash-id"), "--baud"),
    (("--chip", "esp99", "flash-id"), "esp99"),
    (("--before", "prayer", "flash-id"), "default-reset"),
    (("--baud",), "--baud"),
    (("flash-id", "extra"), "extra"),
])
def test_a_wrong_command_line(refuse, words, hint):
    assert hint in refuse(2, *words)


def test_a_job_that_never_was(espctl):
    assert espctl("wait", "4711").status == 49
    assert espctl("cancel", "4711").status == 49
    assert espctl("wait", "seven").status == 2


def test_no_daemon_at_the_socket_given(espctl, tmp_path):
    done = espctl("--socket", tmp_path / "nobody", "ports")
    assert done.status == 40, done


def test_the_reason_is_there_for_programs_too(board, espctl, tmp_path):
    done = espctl("--json", "-p", board.url, "write-flash", "0x1000",
                  tmp_path / "nowhere.bin")
    assert done.status == 21, done
    error = done.result()["error"]
    assert error["data"]["class"] == "file_missing"
    assert error["data"]["exit"] == 21


# What no espctl would send.

@pytest.fixture
def rpc(daemon):
    connection = daemon.rpc()
    yield connection
    connection.close()


def error_of(rpc, method, fds=(), **params):
    with pytest.raises(harness.RpcError) as raised:
        rpc.call(method, fds, **params)
    return raised.value.error


@pytest.mark.parametrize("line, code", [
    ("this is no JSON", -32700),
    ('{"jsonrpc":"2.0","id":1,', -32700),
    ('{"jsonrpc":"2.0","id":1,"method":"job.list"} x', -32700),
    ('{"id":1,"method":"job.list"}', -32600),
    ('{"jsonrpc":"2.0","id":1,"method":7}', -32600),
    ("[]", -32600),
    ("7", -32600),
    ("[" * 200 + "]" * 200, -32003),
])
def test_a_malformed_line_is_answered_and_the_next_one_served(
        rpc, line, code):
    rpc.send(line)
    answer = rpc.message()
    assert answer["error"]["code"] == code
    assert len(answer["error"]["message"]) > 10
    assert rpc.call("job.list")["jobs"] == []


def test_a_line_without_end_costs_the_connection_and_no_more(rpc, daemon):
    answer = None
    try:
        for _ in range(40):
            rpc.socket.sendall(b"x" * 65536)
        answer = rpc.message()
    except (ConnectionError, BrokenPipeError):
        pass                    # it may close before we are done talking
    if answer is not None:
        assert answer["error"]["code"] == -32003
        with pytest.raises((EOFError, ConnectionError)):
            rpc.message()
    other = daemon.rpc()
    assert other.call("job.list")["jobs"] == []
    other.close()


def test_unknown_methods_and_parameters(rpc):
    assert error_of(rpc, "flash.wriet")["code"] == -32601
    error = error_of(rpc, "job.get", job=1, extra=2)
    assert error["code"] == -32602 and "extra" in error["message"]
    error = error_of(rpc, "job.get")
    assert error["code"] == -32602 and "job" in error["message"]
    assert error_of(rpc, "job.get", job="x")["code"] == -32602


def test_the_daemon_checks_what_the_client_did_not(board, rpc, image):
    def write(*images, fds=()):
        return error_of(rpc, "flash.write", fds, port=board.url,
                        images=list(images))["data"]["class"]

    with open(image("a.bin", text_image(8192)), "rb") as a, \
            open(image("empty.bin", b""), "rb") as empty:
        pair = [a.fileno(), a.fileno()]
        assert write({"offset": 0, "fd": 0}) == "invalid_params"
        assert write({"offset": 0xfffff000, "fd": 0},
                     fds=pair[:1]) == "beyond_flash"
        assert write({"offset": 0, "fd": 0}, {"offset": 4096, "fd": 1},
                     fds=pair) == "overlap"
        assert write({"offset": 0, "fd": 0},
                     fds=[empty.fileno()]) == "file_empty"
        assert write({"offset": 0, "fd": 0},
                     fds=[rpc.socket.fileno()]) in (
                         "image_invalid", "file_denied", "io")
    assert json.dumps(rpc.call("job.list")["jobs"]) == "[]"


def test_fix_15_whatever_fails_the_port_is_free_afterwards(
        sim, start_daemon, image):
    board = sim(("esp32", 1, "--pty")).boards[0]
    daemon = start_daemon(options=["--set", "hold-port-s=0"])
    wrong = image("wrong.bin", text_image(3 << 20))
    for words, status in ((["get-security-info"], 27),
                          (["--chip", "esp32c3", "read-mac"], 12),
                          (["write-flash", "0x200000", wrong], 25),
                          (["verify-flash", "0", wrong], 13)):
        done = harness.espctl(daemon, "-p", board.url, *words)
        assert done.status == status, done
        with open(board.url, "rb") as device:
            # Refused with EBUSY or EWOULDBLOCK while somebody has it.
            fcntl.flock(device, fcntl.LOCK_EX | fcntl.LOCK_NB)
