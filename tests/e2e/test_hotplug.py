"""Boards that are unplugged and come back, and what is remembered of them."""
import json
import os

import pytest

import harness
from harness import random_image
from usb import UsbSim

NOISE = random_image(60000)


@pytest.fixture
def bench(usb_sim, start_daemon):
    """bench(...) starts boards on a simulated USB and a daemon that sees
    them; returns both."""
    def start(*groups, options=(), daemon=(), **more):
        sim = usb_sim(*groups, options=options, **more)
        return sim, start_daemon(env=sim.env, options=daemon)
    return start


def write_words(sim, path, *more):
    return ("--json", "-p", sim.boards[0].url, *more, "write-flash", "-u",
            "0x10000", path)


def until(client, wanted):
    """Follow espctl --json until wanted(event)."""
    for line in client.stdout:
        event = json.loads(line)
        if wanted(event):
            return event
    client.wait()
    raise AssertionError("it ended: " + client.stderr.read())


def is_written_to(event):
    return event.get("type") == "job.progress" and \
        event.get("phase") == "write" and event["done"] > 0


def is_waiting(event):
    return event.get("type") == "job.phase" and \
        event.get("phase") == "reattach"


def end(client):
    out, err = client.communicate(timeout=harness.LIMIT)
    return harness.Done(client.returncode, out, err)


@pytest.mark.parametrize("adapter", [
    [], ["--usb-serial", "0001"], ["--usb-id", "303a:1001"]],
    ids=["own serial number", "known by its socket", "USB-Serial/JTAG"])
def test_a_write_goes_on_when_the_board_is_back(bench, image, adapter):
    chip = "esp32c3" if "303a:1001" in adapter else "esp32"
    sim, daemon = bench((chip, 1), options=["--line", "paced"],
                        group_options=adapter)
    before = sim.boards[0].url, sim.node()
    client = harness.espctl_begin(daemon, *write_words(
        sim, image("noise.bin", NOISE), "--reattach-s", "60", "-b", "921600"))
    until(client, is_written_to)
    sim.unplug()
    until(client, is_waiting)
    sim.plug()
    assert (sim.boards[0].url, sim.node()) != before
    assert sim.node() != before[1]
    done = end(client)
    assert done.status == 0, done
    job = done.result()["jobs"][0]
    assert job["port"] == sim.node()
    assert job["result"]["images"][0]["verified"] is True
    assert any("went away during write" in note for note in job["notes"])
    assert sim.boards[0].flash(0x10000, len(NOISE)) == NOISE


def test_a_board_that_stays_away_has_its_own_exit_status(bench, image):
    sim, daemon = bench(("esp32", 1), options=["--line", "paced"])
    client = harness.espctl_begin(daemon, *write_words(
        sim, image("noise.bin", NOISE), "--reattach-s", "1"))
    until(client, is_written_to)
    sim.unplug()
    done = end(client)
    assert done.status == 16, done
    error = done.result()["jobs"][0]["error"]
    assert error["data"]["class"] == "unplugged"
    assert error["message"].startswith("the port vanished")


def test_another_board_in_the_same_socket_is_not_written_to(bench, image):
    """Two boards without serial numbers: the second takes the first one's
    socket while a job waits there."""
    sim, daemon = bench(("esp32", 1), options=["--line", "paced"],
                        group_options=["--usb-serial", "none"])
    client = harness.espctl_begin(daemon, *write_words(
        sim, image("noise.bin", NOISE), "--reattach-s", "60"))
    until(client, is_written_to)
    sim.unplug()
    until(client, is_waiting)
    held = sim.boards[0].flash()
    sim.order("swap", 0)
    done = end(client)
    assert done.status == 12, done
    error = done.result()["jobs"][0]["error"]
    assert error["data"]["class"] == "chip_mismatch"
    assert sim.boards[0].flash() == held


def test_a_job_that_waits_can_be_cancelled(bench, image):
    sim, daemon = bench(("esp32", 1), options=["--line", "paced"])
    client = harness.espctl_begin(daemon, *write_words(
        sim, image("noise.bin", NOISE), "--reattach-s", "600"))
    until(client, is_written_to)
    sim.unplug()
    job = until(client, is_waiting)["job"]
    assert harness.espctl(daemon, "cancel", job).status == 0
    assert end(client).status == 42
    sim.plug()
    done = harness.espctl(daemon, "-p", sim.boards[0].url, "read-mac")
    assert done.status == 0, done


def test_a_remote_port_that_comes_back_is_used_again(sim, daemon, espctl,
                                                     image):
    board = sim(("esp32", 1),
                faults=["0:unplug@cmd:DATA:2:700"]).boards[0]
    done = espctl("-p", board.url, "write-flash", "-u", "0x10000",
                  image("noise.bin", NOISE))
    assert done.status == 0, done
    assert board.flash(0x10000, len(NOISE)) == NOISE
    assert "went away" in done.err


def test_what_worked_is_tried_first_next_time(bench, tmp_path, start_daemon):
    """A board that needs the second strategy: the second connect takes one
    reset, even of another daemon."""
    state = ["--set", "state-dir=%s" % tmp_path]
    sim, daemon = bench(("esp32", 1), daemon=state,
                        group_options=["--reset-by", "slow"])

    def resets(one):
        before = len(sim.log())
        done = harness.espctl(one, "-p", sim.boards[0].url, "read-mac")
        assert done.status == 0, done
        sim.wait("app")
        into = [e.what for e in sim.log()[before:]
                if e.what.startswith("reset: ")]
        return len(into) - 1        # the last one leaves the loader
    assert resets(daemon) == 2
    assert resets(daemon) == 1
    daemon.stop()
    known = json.loads((tmp_path / "boards.json").read_text())["boards"][0]
    assert known["recipe"] == "tight-slow"
    assert known["mac"] == sim.boards[0].mac
    assert known["chip"] == "esp32"
    assert resets(start_daemon(env=sim.env, options=state)) == 1


def test_the_port_stays_open_between_two_jobs(bench, usb_sim):
    sim, daemon = bench(("esp32", 1))
    for _ in range(2):
        done = harness.espctl(daemon, "-p", sim.boards[0].url, "read-mac")
        assert done.status == 0, done
        sim.wait("app")
    happened = [entry.what for entry in sim.log()]
    assert happened.count("open") == 1
    assert "close" not in happened
    sim, daemon = bench(("esp32", 1), daemon=["--set", "hold-port-s=0"])
    for _ in range(2):
        done = harness.espctl(daemon, "-p", sim.boards[0].url, "read-mac")
        assert done.status == 0, done
    assert [e.what for e in sim.log()].count("open") == 2


def test_two_hundred_plugs_under_load_leave_nothing(bench, image):
    """Board 0 is plugged in and out while board 1 is written to."""
    sim, daemon = bench(("esp32", 2))
    rpc = daemon.rpc()
    rpc.call("events.subscribe", types="port.state")
    load = harness.espctl_begin(
        daemon, "--no-progress", "--json", "-p", sim.boards[1].url,
        "write-flash", "-u", "0x0", image("load.bin", random_image(1 << 20)))

    def cycle():
        sim.unplug()
        rpc.event(lambda e: e["port"] == node and e["state"] == "gone")
        sim.plug()
        return rpc.event(lambda e: e["state"] == "closed" and
                         e.get("object", {}).get("serial"))["port"]

    def held():
        with open("/proc/%d/status" % daemon.process.pid) as file:
            resident = [line for line in file if line.startswith("VmRSS")]
        return (len(os.listdir("/proc/%d/fd" % daemon.process.pid)),
                len(rpc.call("port.list")["ports"]),
                int(resident[0].split()[1]))
    node = sim.node()
    for _ in range(20):
        node = cycle()
    assert end(load).status == 0
    files, ports, kilobytes = held()
    for number in range(180):
        node = cycle()
        if number % 60 == 0:        # some jobs, too
            done = harness.espctl(daemon, "-p", sim.boards[0].url, "read-mac")
            assert done.status == 0, done
    after = held()
    assert after[0] <= files + 1    # the port that rests after the last job
    assert after[1] == ports
    if not harness.sanitized():
        assert after[2] < kilobytes + 1024
    rpc.close()
