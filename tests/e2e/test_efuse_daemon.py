"""Burning eFuses over the daemon: plans and their tokens, who may, what cannot be
stopped, what a kill leaves behind, and what is written down."""
import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time

import pytest

import harness

KEY = bytes(range(0x41, 0x61))
KEY_HEX = KEY.hex()
# Of the ESP32-C3; BLOCK0 in both of its steps, and two key blocks.
WISHES = [
    {"burn": "key", "name": "BLOCK_KEY0", "purpose": "HMAC_UP", "fd": 0},
    {"burn": "key", "name": "BLOCK_KEY2", "purpose": "USER", "fd": 1},
    {"burn": "field", "command": 1, "name": "DIS_PAD_JTAG"},
    {"burn": "field", "command": 1, "name": "SPI_BOOT_CRYPT_CNT",
     "value": "1"},
]
STEPS = 4
FIELD = [{"burn": "field", "name": "DIS_PAD_JTAG"}]


@contextlib.contextmanager
def key_files(count=2):
    """Descriptors of files in memory, each with the key."""
    fds = []
    try:
        for _ in range(count):
            fds.append(os.memfd_create("key"))
            os.write(fds[-1], KEY)
        yield fds
    finally:
        for fd in fds:
            os.close(fd)


def run(rpc, method, fds=(), **params):
    """A job on one port, until it has ended."""
    made = rpc.call(method, fds, **params)["jobs"]
    return rpc.call("job.wait", job=made[0]["job"])


def done(job):
    assert job["state"] == "done", job
    return job["result"]


def plan(rpc, port, wishes=None, **params):
    with key_files() as fds:
        return done(run(rpc, "efuse.plan", fds, port=port,
                        wishes=WISHES if wishes is None else wishes,
                        **params))


def plan_when_it_is_back(rpc, port):
    end = time.monotonic() + harness.LIMIT
    while time.monotonic() < end:
        try:
            return plan(rpc, port)
        except AssertionError as error:
            if "port_unknown" not in str(error):
                raise
    raise AssertionError("the board did not come back")


def burn(rpc, port, token, **params):
    return run(rpc, "efuse.burn", port=port, token=token, **params)


def held(rpc, port):
    """The words of all blocks."""
    dump = done(run(rpc, "efuse.dump", port=port))
    assert dump["errors"] == []
    return {block["name"]: block["words"] for block in dump["blocks"]}


def field(rpc, port, name):
    return done(run(rpc, "efuse.read", port=port, name=name))["efuse"]


def ledger(state):
    return [json.loads(line) for line in
            (state / "efuse.log").read_text().splitlines()]


@pytest.fixture
def board(sim):
    return sim(("esp32c3", 1)).boards[0]


# ---- a plan and its burn ----

def test_what_was_planned_is_burned_and_written_down(
        board, start_daemon, tmp_path):
    daemon = start_daemon(options=["--set", "state-dir=%s" % tmp_path])
    rpc = daemon.rpc()
    planned = plan(rpc, board.url)
    assert [(step["block"], step["late"]) for step in planned["steps"]] == [
        ("BLOCK_KEY2", False), ("BLOCK_KEY0", False),
        ("BLOCK0", False), ("BLOCK0", True)]
    assert planned["valid_s"] == 600 and len(planned["token"]) == 32
    assert field(rpc, board.url, "DIS_PAD_JTAG")["value"] is False
    result = done(burn(rpc, board.url, planned["token"]))
    assert [step["tries"] for step in result["steps"]] == [1] * STEPS
    assert "BURN BLOCK6  - OK (write block == read block)" == \
        result["steps"][0]["outcome"]
    assert field(rpc, board.url, "DIS_PAD_JTAG")["value"] is True
    assert field(rpc, board.url, "KEY_PURPOSE_0")["value"] == "HMAC_UP"
    assert not field(rpc, board.url, "BLOCK_KEY0")["readable"]
    lines = ledger(tmp_path)
    assert [line["event"] for line in lines] == ["begin"] + ["step"] * STEPS
    assert "BLOCK_KEY0" in lines[0]["fields"]
    assert {line["mac"] for line in lines} == {board.mac}
    assert lines[0]["uid"] == os.getuid()
    # Nothing is left of it; but of a key that nobody can read again.
    again = plan(rpc, board.url, WISHES[1:])
    assert again["token"] == "" and again["steps"] == []
    with key_files() as fds:
        hidden = run(rpc, "efuse.plan", fds, port=board.url, wishes=WISHES)
    assert hidden["error"]["data"]["class"] == "security"
    rpc.close()
    # What a board holds is told; a key is not, anywhere.
    text = (tmp_path / "efuse.log").read_text() + daemon.log_text()
    assert "burns" in daemon.log_text()
    assert KEY_HEX not in text and KEY[::-1].hex() not in text


def test_a_key_is_in_no_trace(board, daemon):
    rpc = daemon.rpc()
    rpc.call("events.subscribe", types=["job.trace", "job.state"])
    token = plan(rpc, board.url, trace=True)["token"]
    job = burn(rpc, board.url, token, trace=True)
    done(job)
    rpc.event(lambda event: event.get("state") == "done" and
              event["job"] == job["job"])
    seen = [event for event in rpc.events if event["type"] == "job.trace"]
    rpc.close()
    words = [KEY[i:i + 4].hex() for i in range(0, 32, 4)]
    words += [KEY[::-1][i:i + 4].hex() for i in range(0, 32, 4)]
    for event in seen:
        for word in words:
            assert word not in event["text"], event


def test_a_token_is_good_once(board, daemon):
    rpc = daemon.rpc()
    token = plan(rpc, board.url, FIELD)["token"]
    done(burn(rpc, board.url, token))
    with pytest.raises(harness.RpcError, match="there is no such plan"):
        burn(rpc, board.url, token)
    with pytest.raises(harness.RpcError, match="there is no such plan"):
        burn(rpc, board.url, "0" * 32)
    rpc.close()


def test_a_token_is_for_one_board(sim, daemon):
    one, two = sim(("esp32c3", 2)).boards
    rpc = daemon.rpc()
    token = plan(rpc, one.url, FIELD)["token"]
    with pytest.raises(harness.RpcError, match="not for the one at"):
        burn(rpc, two.url, token)
    with pytest.raises(harness.RpcError, match="for one board, not for 2"):
        burn(rpc, [one.url, two.url], token)
    done(burn(rpc, one.url, token))
    assert field(rpc, two.url, "DIS_PAD_JTAG")["value"] is False
    rpc.close()


def test_a_plan_of_two_clients_is_burned_for_one(board, daemon):
    anna, ben = daemon.rpc(), daemon.rpc()
    first = plan(anna, board.url, FIELD)
    second = plan(ben, board.url, [{"burn": "field", "name": "DIS_USB_JTAG"}])
    assert first["efuse"] == second["efuse"]
    done(burn(ben, board.url, second["token"]))
    refused = burn(anna, board.url, first["token"])
    assert refused["state"] == "failed"
    assert refused["error"]["data"]["class"] == "conflict"
    assert "have changed since" in refused["error"]["message"]
    assert field(anna, board.url, "DIS_PAD_JTAG")["value"] is False
    anna.close()
    ben.close()


@pytest.mark.parametrize("wishes, part", [
    ([{"burn": "field", "name": "DIS_PAD"}], "DIS_PAD"),
    ([{"burn": "melt", "name": "MAC"}], "wish 1"),
    ([{"burn": "key", "name": "BLOCK_KEY5", "purpose": "XTS_AES_128_KEY",
       "fd": 0}], ""),
])
def test_a_wish_that_cannot_be_is_refused(board, daemon, wishes, part):
    rpc = daemon.rpc()
    before = held(rpc, board.url)
    with key_files() as fds:
        try:
            job = run(rpc, "efuse.plan", fds, port=board.url, wishes=wishes)
            assert job["state"] == "failed", job
            message = job["error"]["message"]
        except harness.RpcError as error:
            message = str(error)
    assert part in message
    assert held(rpc, board.url) == before
    rpc.close()


def test_without_a_ledger_nothing_is_burned(board, start_daemon, tmp_path):
    (tmp_path / "efuse.log").mkdir()
    daemon = start_daemon(options=["--set", "state-dir=%s" % tmp_path])
    rpc = daemon.rpc()
    before = held(rpc, board.url)
    job = burn(rpc, board.url, plan(rpc, board.url)["token"])
    assert job["state"] == "failed"
    assert "could not be written down" in job["error"]["message"]
    assert held(rpc, board.url) == before
    rpc.close()


def test_eight_boards_side_by_side(sim, start_daemon, tmp_path):
    boards = sim(("esp32c3", 8)).boards
    daemon = start_daemon(options=["--set", "state-dir=%s" % tmp_path])
    rpc = daemon.rpc()
    urls = [board.url for board in boards]
    with key_files() as fds:
        made = rpc.call("efuse.plan", fds, port=urls, wishes=WISHES)["jobs"]
    planned = [rpc.call("job.wait", job=job["job"]) for job in made]
    tokens = [done(job)["token"] for job in planned]
    assert len(set(tokens)) == 8
    jobs = [rpc.call("efuse.burn", port=job["port"], token=token)["jobs"][0]
            for job, token in zip(made, tokens)]
    for job in jobs:
        done(rpc.call("job.wait", job=job["job"]))
    lines = ledger(tmp_path)
    assert len(lines) == 8 * (1 + STEPS)
    for board in boards:
        assert [line["event"] for line in lines
                if line["mac"] == board.mac] == ["begin"] + ["step"] * STEPS
        assert field(rpc, board.url, "DIS_PAD_JTAG")["value"] is True
    rpc.close()


# ---- who may ----

ASK = """
import json, sys
sys.path.insert(0, sys.argv[1])
import harness
rpc = harness.Rpc(sys.argv[2])
answers = []
for method, params in json.loads(sys.argv[3]):
    try:
        made = rpc.call(method, **params)["jobs"]
        answers.append(rpc.call("job.wait", job=made[0]["job"])["state"])
    except harness.RpcError as error:
        answers.append(error.error["data"]["class"])
rpc.close()
print(json.dumps(answers))
"""


def ask_as(daemon, groups, calls):
    """What somebody else is answered who is in these groups."""
    os.chmod(daemon.dir, 0o755)
    os.chmod(daemon.socket, 0o666)
    out = subprocess.run(
        [sys.executable, "-c", ASK, os.path.dirname(harness.__file__),
         daemon.socket, json.dumps(calls)], user=65534, group=65534,
        extra_groups=groups, stdout=subprocess.PIPE, text=True, check=True,
        timeout=harness.LIMIT, env=dict(os.environ, PYTHONDONTWRITEBYTECODE="1"))
    return json.loads(out.stdout)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can be somebody else")
def test_only_members_of_the_group_may_burn(board, start_daemon):
    # "games" is in every Debian, with this number.
    daemon = start_daemon(options=["--set", "burn-group=games"])
    wish = {"port": board.url, "wishes": FIELD}
    calls = [("efuse.read", {"port": board.url, "name": "MAC"}),
             ("efuse.plan", wish),
             ("efuse.burn", {"port": board.url, "token": "0" * 32})]
    assert ask_as(daemon, [], calls) == \
        ["done", "not_permitted", "not_permitted"]
    assert ask_as(daemon, [9, 60], calls) == ["done", "done",
                                              "invalid_params"]
    # Root always may; a token is not for another user.
    rpc = daemon.rpc()
    token = plan(rpc, board.url, FIELD)["token"]
    assert ask_as(daemon, [60], [
        ("efuse.burn", {"port": board.url, "token": token})]) == \
        ["not_permitted"]
    done(burn(rpc, board.url, token))
    rpc.close()


# ---- what comes between ----

# Writes of registers until a burn is done: 2 of the plan and 2 of the burn to
# read anew, then for each step 4 for the timing, 11 to empty the registers, 8 or
# 11 to fill them, 2 to burn, 11 to empty them again, 12 to read.
PLANNED, FIRST, EACH, FILLED, BURNED = 2, 5, 51, 20, 35


def write_at(step, at):
    """The number of that write in a step, from 0."""
    return FIRST + EACH * step + at


def slow(write):
    """Board options: it stands still at that write."""
    return {"faults": ["0:delay@cmd:WRITE_REG:%d:2000" % write]}


def is_write(event):
    """Is that a packet that writes a register?  A hidden one is known by its
    length."""
    if event["type"] != "job.trace" or event["what"] != "send":
        return False
    hidden = re.match(r"\((\d+) bytes hidden", event["text"])
    return int(hidden.group(1)) > 20 if hidden else \
        event["text"].startswith("c00009")


def burn_until(rpc, port, write):
    """Begin to burn, up to the write that the board stands still at; the
    number of the job."""
    token = plan(rpc, port)["token"]
    rpc.call("events.subscribe", types=["job.trace", "job.state", "job.note"])
    job = rpc.call("efuse.burn", port=port, token=token,
                   trace=True)["jobs"][0]["job"]
    for _ in range(write - PLANNED):
        rpc.event(lambda event: event["job"] == job and is_write(event))
    return job


def test_a_burn_cannot_be_cancelled(sim, daemon):
    write = write_at(0, BURNED)
    url = sim(("esp32c3", 1), **slow(write)).boards[0].url
    rpc = daemon.rpc()
    job = burn_until(rpc, url, write)
    assert rpc.call("job.cancel", job=job)["state"] == "running"
    ended = rpc.call("job.wait", job=job)
    assert len(done(ended)["steps"]) == STEPS
    assert any("cannot be cancelled" in note for note in ended["notes"])
    rpc.close()


def test_before_its_first_step_a_burn_is_cancelled(sim, daemon):
    url = sim(("esp32c3", 1), **slow(PLANNED + 1)).boards[0].url
    rpc = daemon.rpc()
    token = plan(rpc, url)["token"]
    rpc.call("events.subscribe", types=["job.phase"])
    job = rpc.call("efuse.burn", port=url, token=token)["jobs"][0]["job"]
    rpc.event(lambda event: event.get("phase") == "efuses")
    rpc.call("job.cancel", job=job)
    assert rpc.call("job.wait", job=job)["state"] == "cancelled"
    assert len(plan(rpc, url)["steps"]) == STEPS
    rpc.close()


def test_a_daemon_that_shall_stop_ends_its_burn(sim, start_daemon):
    write = write_at(0, BURNED)
    url = sim(("esp32c3", 1), **slow(write)).boards[0].url
    # Later than it would wait for anything else.
    daemon = start_daemon(options=["--set", "stop-timeout-s=1"])
    rpc = daemon.rpc()
    burn_until(rpc, url, write)
    daemon.process.send_signal(signal.SIGTERM)
    note = rpc.event(lambda event: event["type"] == "job.note")
    assert "the daemon stops when that is done" in note["text"]
    ended = rpc.event(lambda event: event.get("state") == "done")
    assert len(ended["object"]["result"]["steps"]) == STEPS
    rpc.close()
    daemon.stop()


def killed(daemon):
    """End it as a crash does."""
    daemon.process.kill()
    daemon.process.wait()
    daemon.stopped = True
    daemon.log.close()
    shutil.rmtree(daemon.dir)


@pytest.fixture(scope="module")
def whole():
    """What a board holds after all of it."""
    sims = harness.Sim([("esp32c3", 1)])
    daemon = harness.Daemon()
    rpc = daemon.rpc()
    url = sims.boards[0].url
    done(burn(rpc, url, plan(rpc, url)["token"]))
    words = held(rpc, url)
    rpc.close()
    daemon.stop()
    sims.stop()
    return words


@pytest.mark.parametrize("at", [FILLED, BURNED])
@pytest.mark.parametrize("step", range(STEPS))
def test_what_a_killed_daemon_began_is_finished(
        sim, start_daemon, whole, step, at):
    write = write_at(step, at)
    url = sim(("esp32c3", 1), **slow(write)).boards[0].url
    daemon = start_daemon()
    rpc = daemon.rpc()
    burn_until(rpc, url, write)
    killed(daemon)
    rpc.close()
    rpc = start_daemon().rpc()
    burned = step + (at == BURNED)
    if burned == STEPS:
        # All of it; the key is protected, and nobody can compare it.
        rest = plan(rpc, url, WISHES[1:])
        assert rest["steps"] == []
    else:
        rest = plan(rpc, url)
        assert len(rest["steps"]) == STEPS - burned
        done(burn(rpc, url, rest["token"]))
    assert held(rpc, url) == whole
    rpc.close()


@pytest.mark.parametrize("command", [2, 29, 45, 120, 170])
def test_a_board_that_goes_away_at_any_command(sim, daemon, whole, command):
    board = sim(("esp32c3", 1), faults=[
        "0:unplug@cmd:WRITE_REG:%d:100" % command]).boards[0]
    rpc = daemon.rpc()
    ended = burn(rpc, board.url,
                 plan_when_it_is_back(rpc, board.url)["token"])
    if ended["state"] == "failed":
        assert ended["error"]["data"]["class"] == "unplugged"
        assert "of 4 steps are done" in ended["error"]["message"] or \
            "nothing was burned" in ended["error"]["message"]
        rest = plan_when_it_is_back(rpc, board.url)
        done(burn(rpc, board.url, rest["token"]))
    assert held(rpc, board.url) == whole
    rpc.close()


# ---- chips that are shut as planned ----

@pytest.mark.parametrize("name, part", [
    ("DIS_DOWNLOAD_MODE", "answers nobody any more"),
    ("ENABLE_SECURITY_DOWNLOAD", "secure download mode"),
])
def test_a_chip_that_is_shut_as_planned(board, daemon, name, part):
    rpc = daemon.rpc()
    planned = plan(rpc, board.url, [{"burn": "field", "name": name}])
    assert any(name in text for text in planned["consequences"])
    job = burn(rpc, board.url, planned["token"])
    result = done(job)
    assert len(result["steps"]) == 1
    after = run(rpc, "efuse.check", port=board.url, connect_attempts=2)
    assert after["state"] == "failed"
    if "lost" in result:
        assert name in result["lost"] and part in result["lost"]
    else:
        assert result["efuse"]["chip"] == "ESP32-C3"
    rpc.close()
