"""A transfer whose connection is lost goes on where it was: what is sent again
is little, and what the flash or the file holds at last is right."""
import json
import re

import pytest

import harness
from harness import random_image, text_image

MEGABYTE = random_image(1 << 20)


def sent_bytes(event):
    """How many bytes a job.trace event tells of; 0 when they went the other
    way."""
    if event.get("type") != "job.trace" or event.get("what") != "send":
        return 0
    text = event["text"]
    cut = re.search(r"\.\.\. (\d+) bytes$", text)
    return int(cut.group(1)) if cut else len(text) // 2


def follow(client, act=lambda event: None):
    """All events of espctl --json until it ends, and how it ended; act(event)
    may do something to the board meanwhile."""
    events = []
    for line in client.stdout:
        events.append(json.loads(line))
        act(events[-1])
    errors = client.stderr.read()
    client.wait(harness.LIMIT)
    client.stdout.close()
    client.stderr.close()
    return events, harness.Done(client.returncode, "", errors)


def job_of(events):
    return events[-1]["jobs"][0]


def image_of(events):
    return job_of(events)["result"]["images"][0]


def writing(daemon, url, path, *more):
    return harness.espctl_begin(
        daemon, "--json", "--trace", "-p", url, *more, "write-flash", "-u",
        "0x10000", path)


@pytest.mark.parametrize("stub", [True, False], ids=["stub", "rom"])
def test_fix_28_only_the_rest_is_sent_when_the_cable_was_pulled(
        usb_sim, start_daemon, image, stub):
    sim = usb_sim(("esp32c3", 1), options=["--line", "paced"])
    daemon = start_daemon(env=sim.env)
    state = {"pulled": False, "sent": 0}

    def act(event):
        if not state["pulled"] and event.get("type") == "job.progress" and \
                event["done"] >= 0.7 * len(MEGABYTE) and \
                event.get("phase") == "write":
            state["pulled"] = True
            sim.unplug()
            sim.plug()
        if state["pulled"]:
            state["sent"] += sent_bytes(event)
    client = writing(daemon, sim.boards[0].url,
                     image("megabyte.bin", MEGABYTE), "--reattach-s", "60",
                     "-b", "2000000", *([] if stub else ["--no-stub"]))
    events, done = follow(client, act)
    assert done.status == 0, (done, events[-1])
    one = image_of(events)
    assert one["verified"] is True
    at = one["resumed"]
    assert 0x10000 + len(MEGABYTE) * 0.6 < at < 0x10000 + len(MEGABYTE)
    assert at % 4096 == 0
    # What is left, escaped (2 of 256 bytes become two) and in packets; the
    # stub; what was on its way.
    left = 0x10000 + len(MEGABYTE) - at
    assert left < state["sent"] < left * 1.06 + 64 * 1024
    assert sim.boards[0].flash(0x10000, len(MEGABYTE)) == MEGABYTE
    assert any("going on at 0x%x" % at in note
               for note in job_of(events)["notes"])


@pytest.mark.parametrize("stub,block,window", [
    ("own", 4096, 32768), ("espressif", 16384, 2 * 16384), ("none", 1024, 0)])
def test_a_chip_that_resets_in_a_write_is_gone_on_with(sim, daemon, image,
                                                       stub, block, window):
    nth = 45 * 16384 // block
    board = sim(("esp32", 1),
                faults=["0:reset@cmd:DATA:%d" % nth]).boards[0]
    client = writing(daemon, board.url, image("megabyte.bin", MEGABYTE),
                     "--stub", stub)
    events, done = follow(client)
    assert done.status == 0, (done, events[-1])
    at = image_of(events)["resumed"]
    # Before the last two blocks, what is on its way, and in whole sectors.
    begin = 0x10000 + (nth - 2) * block - window - 4096
    assert begin <= at <= 0x10000 + nth * block
    sent = sum(map(sent_bytes, events))
    assert sent < len(MEGABYTE) * 1.06 + 160 * 1024
    assert board.flash(0x10000, len(MEGABYTE)) == MEGABYTE
    notes = "\n".join(job_of(events)["notes"])
    assert "retrying (1 of 3), going on at 0x%x" % at in notes, notes


def test_lost_bytes_in_a_compressed_write_cost_little(sim, daemon, image):
    text = text_image(1 << 20)
    board = sim(("esp32s3", 1),
                faults=["0:drop@rx:200000:40"]).boards[0]
    client = harness.espctl_begin(
        daemon, "--json", "-p", board.url, "write-flash", "0x10000",
        image("text.bin", text))
    events, done = follow(client)
    assert done.status == 0, (done, events[-1])
    assert image_of(events)["verified"] is True
    assert board.flash(0x10000, len(text)) == text


def test_a_read_goes_on_where_it_was(sim, daemon, tmp_path):
    board = sim(("esp32", 1),
                faults=["0:reset@tx:700000"]).boards[0]
    with open(board.path, "r+b") as file:
        file.seek(0x20000)
        file.write(MEGABYTE)
    copy = tmp_path / "copy.bin"
    client = harness.espctl_begin(
        daemon, "--json", "-p", board.url, "read-flash", "0x20000",
        len(MEGABYTE), copy)
    events, done = follow(client)
    assert done.status == 0, (done, events[-1])
    assert copy.read_bytes() == MEGABYTE
    notes = "\n".join(job_of(events)["notes"])
    found = re.search(r"retrying \(1 of 3\), going on at 0x(\w+)", notes)
    assert found, notes
    assert int(found.group(1), 16) > 0x20000 + 500000


def test_a_read_goes_on_when_the_cable_was_pulled(usb_sim, start_daemon,
                                                  tmp_path):
    sim = usb_sim(("esp32", 1), options=["--line", "paced"])
    daemon = start_daemon(env=sim.env)
    with open(sim.boards[0].path, "r+b") as file:
        file.seek(0x20000)
        file.write(MEGABYTE)
    pulled = []

    def act(event):
        if not pulled and event.get("type") == "job.progress" and \
                event["done"] >= len(MEGABYTE) // 2:
            pulled.append(event["done"])
            sim.unplug()
            sim.plug()
    copy = tmp_path / "copy.bin"
    client = harness.espctl_begin(
        daemon, "--json", "-p", sim.boards[0].url, "-b", "2000000",
        "--reattach-s", "60", "read-flash", "0x20000", len(MEGABYTE), copy)
    events, done = follow(client, act)
    assert done.status == 0, (done, events[-1])
    assert copy.read_bytes() == MEGABYTE
    notes = "\n".join(job_of(events)["notes"])
    assert re.search(r"^going on at 0x", notes, re.M), notes


def test_a_chip_that_always_hangs_is_given_up(sim, daemon, image):
    """After four connections; and what it said is told."""
    faults = ["0:silent@cmd:FLASH_BEGIN:1"]
    board = sim(("esp32", 1), faults=faults).boards[0]
    done = harness.espctl(daemon, "-p", board.url, "--no-stub",
                          "--connect-attempts", "1", "write-flash", "-u",
                          "0x10000", image("small.bin", MEGABYTE[:5000]))
    assert done.status in (43, 11), done
    assert "fell silent at FLASH_BEGIN" in done.err
    assert "could not be reached again" in done.err


def test_the_whole_erase_is_not_repeated(usb_sim, start_daemon, image):
    """erase-all belongs to the job, not to each of its attempts."""
    sim = usb_sim(("esp32", 1), options=["--line", "paced"])
    daemon = start_daemon(env=sim.env)
    pulled = []

    def act(event):
        if not pulled and event.get("type") == "job.progress" and \
                event.get("phase") == "write" and \
                event["done"] >= len(MEGABYTE) // 2:
            pulled.append(True)
            sim.unplug()
            sim.plug()
    client = harness.espctl_begin(
        daemon, "--json", "--trace", "-p", sim.boards[0].url, "-b", "2000000",
        "--reattach-s", "60", "write-flash", "-u", "-e", "0x10000",
        image("megabyte.bin", MEGABYTE))
    events, done = follow(client, act)
    assert done.status == 0, (done, events[-1])
    erases = [event for event in events
              if sent_bytes(event) and event["text"].startswith("c000d0")]
    assert len(erases) == 1
    assert image_of(events)["resumed"] > 0x10000 + len(MEGABYTE) // 3
    assert sim.boards[0].flash(0x10000, len(MEGABYTE)) == MEGABYTE
    assert not sim.boards[0].flash(0, 0x10000).strip(b"\xff")
