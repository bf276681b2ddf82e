"""Jobs outlive their clients, stop safely with the daemon, and wait for their
turn."""
import json
import signal

import pytest

import harness
from harness import random_image

# At this rate 160 KB take two seconds, long enough to be interrupted.
PACED = ["--line", "paced"]
SLOW = 160 * 1024


@pytest.fixture
def board(sim):
    return sim(("esp32", 1), options=PACED).boards[0]


def write_words(board, path, *more):
    return ("--json", "-p", board.url, "-b", "921600", "write-flash", "-u",
            *more, "0x10000", path)


def until_writing(client):
    """Follow espctl --json until data flows; the number of the job."""
    for line in client.stdout:
        event = json.loads(line)
        if event.get("type") == "job.progress" and \
                event.get("phase") == "write" and event["done"] > 0:
            return event["job"]
    client.wait()
    raise AssertionError("no progress: " + client.stderr.read())


def end(client):
    """The rest of what espctl says."""
    out, err = client.communicate(timeout=harness.LIMIT)
    return harness.Done(client.returncode, out, err)


def test_a_job_goes_on_when_its_client_is_killed(board, daemon, espctl, image):
    noise = random_image(SLOW)
    client = harness.espctl_begin(
        daemon, *write_words(board, image("noise.bin", noise)))
    job = until_writing(client)
    client.kill()
    assert end(client).status == -signal.SIGKILL
    done = espctl("wait", job)
    assert done.status == 0, done
    assert "verified" in done.out
    assert board.flash(0x10000, SLOW) == noise


def test_a_job_left_to_the_daemon_is_picked_up(board, espctl, image):
    noise = random_image(20000)
    begun = espctl("--no-wait", "-p", board.url, "write-flash", "0x10000",
                   image("noise.bin", noise))
    assert begun.status == 0, begun
    done = espctl("wait", 1)
    assert done.status == 0, done
    assert board.flash(0x10000, len(noise)) == noise


def test_a_stopped_daemon_ends_the_block_and_frees_the_port(
        board, daemon, start_daemon, image):
    noise = random_image(SLOW)
    client = harness.espctl_begin(
        daemon, *write_words(board, image("noise.bin", noise)))
    until_writing(client)
    daemon.stop()
    done = end(client)
    assert done.status == 48, done
    job = done.result()["jobs"][0]
    assert job["state"] == "interrupted"
    # Whole blocks of our stub (4 KB) were written, and nothing after them.
    held = board.flash(0x10000, SLOW)
    written = len(held.rstrip(b"\xff"))
    assert 0 < written < SLOW
    blocks = -(-written // 0x1000) * 0x1000
    assert held[:blocks] == noise[:blocks]
    # Somebody else may have the port now.
    other = start_daemon()
    done = harness.espctl(other, "-p", board.url, "flash-id")
    assert done.status == 0, done


def test_the_second_on_a_port_waits_and_sees_for_whom(
        board, daemon, espctl, image):
    noise = random_image(SLOW)
    first = harness.espctl_begin(
        daemon, *write_words(board, image("noise.bin", noise)))
    job = until_writing(first)
    second = harness.espctl_begin(
        daemon, "--no-progress", "-p", board.url, "read-mac")
    rpc = daemon.rpc()
    rpc.call("events.subscribe", types="job.state")
    ids = [j["job"] for j in rpc.call("job.list")["jobs"]]
    waiting = job + 1
    if waiting not in ids:
        rpc.event(lambda e: e["job"] == waiting)
    shown = rpc.call("job.get", job=waiting)
    rpc.close()
    assert shown["state"] == "queued"
    assert shown["ahead"] == 1
    assert shown["waiting_for"]["job"] == job
    assert shown["waiting_for"]["method"] == "flash.write"
    assert shown["waiting_for"]["user"]
    listed = espctl("jobs")
    assert "waits for job %d" % job in listed.out, listed
    assert end(first).status == 0
    done = end(second)
    assert done.status == 0, done
    assert board.mac in done.out
    assert "job %d" % job in done.err, done
    assert board.flash(0x10000, SLOW) == noise


def test_a_cancelled_job_says_so_and_the_chip_is_usable(
        board, daemon, espctl, image):
    client = harness.espctl_begin(
        daemon, *write_words(board, image("noise.bin", random_image(SLOW))))
    job = until_writing(client)
    assert espctl("cancel", job).status == 0
    done = end(client)
    assert done.status == 42, done
    assert done.result()["jobs"][0]["state"] == "cancelled"
    done = espctl("-p", board.url, "flash-id")
    assert done.status == 0, done


def test_control_c_cancels_the_jobs_of_this_client(
        board, daemon, espctl, image):
    client = harness.espctl_begin(
        daemon, *write_words(board, image("noise.bin", random_image(SLOW))))
    job = until_writing(client)
    client.send_signal(signal.SIGINT)
    assert end(client).status == 42
    done = espctl("--json", "wait", job)
    assert done.status == 42, done
    assert done.result()["jobs"][0]["state"] == "cancelled"


def test_without_a_daemon_a_private_one_is_started(sim, tmp_path):
    board = sim(("esp32", 1)).boards[0]
    # Short, for a socket's path; closed to others, as the client demands.
    home = harness.tempfile.mkdtemp(prefix="run.")
    env = harness.clean_env(XDG_RUNTIME_DIR=home,
                            XDG_STATE_HOME=str(tmp_path / "new" / "state"),
                            ESPFLASHD=harness.program("espflashd"))
    try:
        done = harness.espctl(None, "-p", board.url, "read-mac", env=env)
        assert done.status == 0, done
        assert board.mac in done.out
        done = harness.espctl(None, "label", "left", board.url, env=env)
        assert done.status == 0, done
        harness.end_private(env)
        # The next one remembers.
        done = harness.espctl(None, "-p", "left", "read-mac", env=env)
        assert done.status == 0, done
        assert board.mac in done.out
        harness.end_private(env)
    finally:
        harness.shutil.rmtree(home)
    state = tmp_path / "new" / "state" / "espflashd"
    assert state.stat().st_mode & 0o777 == 0o700


def test_a_private_daemon_without_a_home_remembers_nothing(sim, tmp_path):
    board = sim(("esp32", 1)).boards[0]
    home = harness.tempfile.mkdtemp(prefix="run.")
    env = harness.clean_env(XDG_RUNTIME_DIR=home, HOME="",
                            ESPFLASHD=harness.program("espflashd"))
    env.pop("XDG_STATE_HOME", None)
    try:
        done = harness.espctl(None, "-p", board.url, "read-mac", env=env)
        assert done.status == 0, done
        harness.end_private(env)
    finally:
        harness.shutil.rmtree(home)


def test_esptools_variables_stand_in_for_options(sim, daemon):
    board = sim(("esp32c3", 1)).boards[0]
    env = harness.clean_env(ESPFLASHD_SOCKET=daemon.socket,
                            ESPTOOL_PORT=board.url, ESPTOOL_CHIP="esp32c3")
    done = harness.espctl(daemon, "read-mac", env=env)
    assert done.status == 0, done
    assert board.mac in done.out
