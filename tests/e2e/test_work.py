"""Jobs that need no board: in processes of their own, beside those that do."""
import concurrent.futures
import hashlib
import os
import struct
import threading

import pytest

import harness
from harness import RpcError, random_image

RAM = 0x40380000        # of an ESP32-C3


def program_image(size=4096, seed=3):
    """An image for the ESP32-C3 with one segment, as its ROM wants it."""
    data = random_image(size, seed)
    image = struct.pack("<BBBBI", 0xe9, 1, 2, 0x20, RAM)
    image += struct.pack("<B3xHBHH4xB", 0xee, 5, 0, 0, 0xffff, 1)
    image += struct.pack("<II", RAM, len(data)) + data
    total = 0xef
    for byte in data:
        total ^= byte
    image += bytes(15 - len(image) % 16) + bytes([total])
    return image + hashlib.sha256(image).digest()


@pytest.fixture
def program(image):
    return image("program.bin", program_image())


def submit(rpc, path, name="program.bin"):
    """Start a job that looks at a file; its number."""
    with open(path, "rb") as file:
        jobs = rpc.call("image.info", fds=[file.fileno()],
                        image={"fd": 0, "name": name})["jobs"]
    assert len(jobs) == 1 and list(jobs[0]) == ["job"]
    return jobs[0]["job"]


def children(daemon):
    with open("/proc/%d/task/%d/children" %
              (daemon.process.pid, daemon.process.pid)) as file:
        return file.read().split()


def test_a_job_without_a_board_has_no_port(daemon, program):
    rpc = daemon.rpc()
    rpc.call("events.subscribe", types=["job.state"])
    number = submit(rpc, program)
    states = []
    while not states or states[-1] not in ("done", "failed"):
        event = rpc.event(lambda e: e["job"] == number)
        assert "port" not in event
        states.append(event["state"])
    assert states == ["queued", "running", "done"]
    job = rpc.call("job.wait", job=number)
    assert "port" not in job and job["method"] == "image.info"
    looked = job["result"]["images"][0]
    assert looked["chip"] == "ESP32-C3"
    assert looked["segments"][0]["bytes"] == 4096
    assert rpc.call("job.cancel", job=number)["state"] == "done"
    rpc.close()
    assert children(daemon) == []


def test_what_is_wrong_with_a_file_fails_its_job_only(daemon, image, program):
    rpc = daemon.rpc()
    bad = submit(rpc, image("notes.txt", b"no image"), "notes.txt")
    good = submit(rpc, program)
    job = rpc.call("job.wait", job=bad)
    assert job["state"] == "failed"
    assert job["error"]["data"]["class"] == "image_invalid"
    assert "notes.txt" in job["error"]["message"]
    assert rpc.call("job.wait", job=good)["state"] == "done"
    rpc.close()


def test_parameters_are_checked_before_a_job_is_made(daemon, program):
    rpc = daemon.rpc()
    for params, fds, said in (
            ({}, (), "image"),
            ({"image": {"fd": 0, "name": "x"}}, (), "fd"),
            ({"image": {"fd": 0, "name": "x"}, "port": "all"}, (0,), "port"),
            ({"image": {"fd": 0, "name": "x"}, "baud": 1}, (0,), "baud")):
        with pytest.raises(RpcError) as caught:
            rpc.call("image.info", fds=fds, **params)
        assert caught.value.error["data"]["class"] == "invalid_params"
        assert said in caught.value.error["message"]
    assert rpc.call("job.list")["jobs"] == []
    rpc.close()


def test_files_beyond_the_limits_are_refused(start_daemon, image, program):
    daemon = start_daemon(options=["--set", "max-images-bytes=4096"])
    done = harness.espctl(daemon, "image-info", program)
    assert done.status == 47, done
    assert "max-images-bytes" in done.err and program in done.err
    with open("/dev/null") as null:
        rpc = daemon.rpc()
        with pytest.raises(RpcError) as caught:
            rpc.call("image.info", fds=[null.fileno()],
                     image={"fd": 0, "name": "null"})
        assert "regular file" in caught.value.error["message"]
        rpc.close()


def test_a_user_cannot_queue_without_end(start_daemon, program):
    daemon = start_daemon(options=["--set", "max-jobs-per-user=4"])
    rpc = daemon.rpc()
    refused = 0
    for _ in range(64):
        try:
            submit(rpc, program)
        except RpcError as error:
            assert error.error["data"]["class"] == "limit"
            assert "max-jobs-per-user" in error.error["message"]
            refused += 1
    assert refused > 0
    rpc.close()


def test_no_process_is_left_when_the_daemon_stops(start_daemon, program):
    daemon = start_daemon()
    rpc = daemon.rpc()
    for _ in range(40):
        submit(rpc, program)
    daemon.stop()               # with status 0, or it says so
    ends = []
    try:
        while True:
            message = rpc.message()
            ends.append(message)
    except (EOFError, ConnectionResetError):
        pass
    rpc.close()


def test_it_is_done_without_a_daemon(program, tmp_path):
    home = harness.tempfile.mkdtemp(prefix="run.")
    env = harness.clean_env(XDG_RUNTIME_DIR=home, HOME=str(tmp_path),
                            ESPFLASHD=harness.program("espflashd"))
    try:
        done = harness.espctl(None, "image-info", program, env=env)
        assert done.status == 0 and "ESP32-C3" in done.out, done
        harness.end_private(env)
    finally:
        harness.shutil.rmtree(home)


def test_boards_are_written_while_files_are_looked_at(
        sim, daemon, image, program):
    firmware = random_image(100000)
    path = image("firmware.bin", firmware)
    boards = sim(("esp32c3", 8), ("esp32", 8), options=("--line", "paced")).boards
    ports = [word for board in boards for word in ("-p", board.url)]
    over = threading.Event()

    def look():
        count = 0
        while not over.is_set():
            done = harness.espctl(daemon, "image-info", program)
            assert done.status == 0 and "(valid)" in done.out, done
            count += 1
        return count

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        looks = [pool.submit(look) for _ in range(2)]
        try:
            done = harness.espctl(daemon, *ports, "-b", "921600",
                                  "write-flash", "0x10000", path)
        finally:
            over.set()
        assert sum(job.result() for job in looks) > 10
    assert done.status == 0, done
    for board in boards:
        assert board.flash(0x10000, len(firmware)) == firmware, board.url
    assert children(daemon) == []


def test_the_jobs_are_listed_with_the_others(daemon, program):
    assert harness.espctl(daemon, "image-info", program).status == 0
    done = harness.espctl(daemon, "jobs")
    assert done.status == 0
    row = [line for line in done.out.splitlines() if "image.info" in line]
    assert len(row) == 1 and "done" in row[0]


def test_json_ends_with_one_result(daemon, program):
    done = harness.espctl(daemon, "--json", "image-info", program)
    assert done.status == 0, done
    assert done.result()["type"] == "result"
    assert done.result()["exit"] == 0
    assert done.result()["images"][0]["chip"] == "ESP32-C3"
    missing = harness.espctl(daemon, "--json", "image-info",
                             os.path.join(os.path.dirname(program), "none"))
    assert missing.status == 21
    assert missing.result()["error"]["data"]["class"] == "file_missing"
