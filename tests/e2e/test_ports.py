"""Which board is meant: the table of ports, selectors, labels, and the search
for a board when none was named."""
import fcntl
import os
import re
import signal

import pytest

from harness import espctl, espctl_begin, text_image

USB_JTAG = ("--usb-id", "303a:1001")
STRANGER = ("--usb-id", "1234:5678", "--usb-serial", "none")
# Boards of the usual world: an adapter with a number of its own, a chip with
# USB, and a device that belongs to somebody else.
BRIDGE, CHIP, OTHER = 0, 1, 2


def world(usb_sim, **more):
    return usb_sim(("esp32", 1), ("esp32c3", 1, *USB_JTAG),
                   ("esp8266", 1, *STRANGER), **more)


def touched(sim, number):
    """Did anybody open the device or move its lines?"""
    return [entry for entry in sim.log(number)
            if entry.what.split()[0] in ("open", "close", "lines")]


def rows(done):
    """The table of ports: what stands under each heading, by port."""
    head, *lines = done.out.splitlines()
    begins = [match.start() for match in re.finditer(r"\S+", head)]
    ends = begins[1:] + [None]
    table = [[line[a:b].strip() for a, b in zip(begins, ends)]
             for line in lines]
    return {row[0]: dict(zip(head.split(), row)) for row in table}


def test_the_table_tells_who_has_a_port(usb_sim, start_daemon):
    sim = world(usb_sim)
    daemon = start_daemon(env=sim.env)
    device = os.open(sim.boards[BRIDGE].url, os.O_RDWR | os.O_NOCTTY)
    try:
        fcntl.flock(device, fcntl.LOCK_EX)
        table = rows(espctl(daemon, "ports"))
    finally:
        os.close(device)
    state = table[sim.node(BRIDGE)]["STATE"]
    assert state.startswith("held by "), state
    assert "pid %d, user " % os.getpid() in state, state
    assert table[sim.node(CHIP)]["STATE"] == "closed"
    assert rows(espctl(daemon, "ports"))[sim.node(BRIDGE)]["STATE"] == \
        "closed"


def test_the_table_tells_what_each_port_is(usb_sim, start_daemon):
    sim = world(usb_sim)
    daemon = start_daemon(env=sim.env)
    done = espctl(daemon, "ports")
    assert done.status == 0, done
    assert max(map(len, done.out.splitlines())) <= 120
    table = rows(done)
    bridge = table[sim.node(BRIDGE)]
    assert "CP2102N" in bridge["DESCRIPTION"]
    assert bridge["SERIAL"] == sim.device(BRIDGE)["ID_SERIAL_SHORT"]
    assert bridge["LOCATION"].startswith(sim.device(BRIDGE)["LOCATION"])
    assert bridge["STATE"] == "closed"
    assert bridge["WORK"] == bridge["CHIP"] == bridge["LABEL"] == "-"
    assert table[sim.node(CHIP)]["SERIAL"] == sim.boards[CHIP].mac.upper()
    listed = {port["port"]: port for port in
              espctl(daemon, "ports", "--json").result()["ports"]}
    assert listed[sim.node(CHIP)]["search"] == 1
    assert listed[sim.node(BRIDGE)]["search"] == 2
    assert "search" not in listed[sim.node(OTHER)]


def test_a_selector_narrows_the_table(usb_sim, start_daemon):
    sim = world(usb_sim)
    daemon = start_daemon(env=sim.env)
    assert set(rows(espctl(daemon, "ports", "vid=303a"))) == {sim.node(CHIP)}
    done = espctl(daemon, "ports", "--port-filter", "vid=0x303A", "vid=0x10c4")
    assert set(rows(done)) == {sim.node(CHIP), sim.node(BRIDGE)}
    done = espctl(daemon, "ports", "serial=nobody")
    assert (done.status, done.out) == (0, ""), done


def test_the_chip_that_was_found_is_remembered(usb_sim, start_daemon):
    sim = world(usb_sim)
    daemon = start_daemon(env=sim.env)
    mac = sim.boards[BRIDGE].mac
    done = espctl(daemon, "-p", "mac=" + mac, "read-mac")
    assert done.status == 10, done
    assert espctl(daemon, "-p", sim.boards[BRIDGE].url, "read-mac").status == 0
    found = rows(espctl(daemon, "ports"))[sim.node(BRIDGE)]["CHIP"]
    assert found == "esp32 " + mac
    done = espctl(daemon, "-p", "mac=" + mac.upper().replace(":", "-"),
                  "read-mac")
    assert done.status == 0, done
    assert mac in done.out


def test_each_selector_names_its_board(usb_sim, start_daemon):
    sim = world(usb_sim)
    daemon = start_daemon(env=sim.env)
    device = sim.device(BRIDGE)
    for selector in (sim.node(BRIDGE), sim.boards[BRIDGE].url,
                     "serial=" + device["ID_SERIAL_SHORT"].upper(),
                     "location=" + device["LOCATION"], "vid=10c4 pid=0xEA60",
                     "vid=10c4,pid=ea60"):
        done = espctl(daemon, "-p", selector, "read-mac")
        assert done.status == 0, (selector, done)
        assert sim.boards[BRIDGE].mac in done.out, selector
    done = espctl(daemon, "-p", "location=1-9", "read-mac")
    assert done.status == 10 and "1-9" in done.err, done


def test_all_are_the_known_adapters_each_once(usb_sim, start_daemon, tmp_path):
    sim = world(usb_sim)
    daemon = start_daemon(env=sim.env)
    done = espctl(daemon, "-p", "all", "-p", "vid=303a", "read-flash", "0",
                  "16", tmp_path / "dump.bin")
    assert done.status == 0, done
    assert sorted(os.listdir(tmp_path)) == sorted(
        "dump-%s.bin" % sim.node(n)[len("/dev/"):].replace("/", "_")
        for n in (BRIDGE, CHIP))
    assert not touched(sim, OTHER)


def test_two_boards_that_fit_are_none(usb_sim, start_daemon):
    sim = usb_sim(("esp32", 2))
    daemon = start_daemon(env=sim.env)
    done = espctl(daemon, "-p", "vid=10c4", "flash-id")
    assert done.status == 50, done
    assert sim.node(0) in done.err and sim.node(1) in done.err
    done = espctl(daemon, "-p", "all vid=10c4", "flash-id")
    assert done.status == 0, done


def test_a_label_stays_with_its_board(usb_sim, start_daemon):
    sim = world(usb_sim)
    daemon = start_daemon(env=sim.env)
    done = espctl(daemon, "label", "left", sim.boards[BRIDGE].url)
    serial = "serial=" + sim.device(BRIDGE)["ID_SERIAL_SHORT"]
    assert done.status == 0 and serial in done.out, done
    assert rows(espctl(daemon, "ports"))[sim.node(BRIDGE)]["LABEL"] == "left"
    before = sim.node(BRIDGE)
    sim.unplug(BRIDGE)
    sim.plug(BRIDGE)
    assert sim.node(BRIDGE) != before
    for selector in ("left", "label=left"):
        done = espctl(daemon, "-p", selector, "read-mac")
        assert done.status == 0 and sim.boards[BRIDGE].mac in done.out, done
    assert re.search(r"^left +\S*%s" % serial, espctl(daemon, "labels").out,
                     re.M)
    assert espctl(daemon, "label", "left", "--remove").status == 0
    assert espctl(daemon, "-p", "left", "read-mac").status == 10
    assert espctl(daemon, "labels").out == ""


@pytest.mark.parametrize("words", [
    ("label", "left"), ("label", "left", "vid=303a", "--remove"),
    ("label", "all", "vid=303a"), ("label", "a b", "vid=303a"),
    ("label", "left", "colour=red"), ("label", "left", "--remove")])
def test_labels_that_make_no_sense_are_refused(words, daemon):
    done = espctl(daemon, *words)
    assert done.status == 2, done
    assert len(done.err.splitlines()) == 1


def test_the_search_takes_espressifs_own_first(usb_sim, start_daemon, image):
    sim = world(usb_sim)
    daemon = start_daemon(env=sim.env)
    text = text_image(8000)
    done = espctl(daemon, "write-flash", "0x10000", image("a.bin", text))
    assert done.status == 0, done
    assert sim.boards[CHIP].flash(0x10000, len(text)) == text
    assert "Port " + sim.node(CHIP) in done.err
    assert re.search("the board at %s .*MAC %s" % (
        sim.node(CHIP), sim.boards[CHIP].mac), done.err), done
    for number in (BRIDGE, OTHER):
        assert not touched(sim, number)
        assert sim.boards[number].untouched()


def test_the_search_goes_on_where_nobody_answers(usb_sim, start_daemon, image):
    sim = world(usb_sim, faults=["%d:silent@rx:1" % CHIP])
    daemon = start_daemon(env=sim.env)
    text = text_image(8000)
    done = espctl(daemon, "--connect-attempts", "1", "write-flash", "0",
                  image("a.bin", text))
    assert done.status == 0, done
    assert re.search("^%s: " % sim.node(CHIP), done.err, re.M), done
    assert sim.boards[BRIDGE].flash(0, len(text)) == text
    assert sim.boards[BRIDGE].mac in done.err
    assert touched(sim, CHIP) and sim.boards[CHIP].untouched()
    assert not touched(sim, OTHER)


def test_the_search_tells_programs_what_it_passed_over(usb_sim, start_daemon,
                                                       tmp_path):
    sim = world(usb_sim, faults=["%d:silent@rx:1" % CHIP])
    daemon = start_daemon(env=sim.env)
    done = espctl(daemon, "--json", "--connect-attempts", "1", "read-flash",
                  "0", "16", tmp_path / "dump")
    assert done.status == 0, done
    passed = [line for line in done.json() if line["type"] == "search"]
    assert [line["port"] for line in passed] == [sim.node(CHIP)]
    assert passed[0]["error"]["data"]["class"] == "no_sync"
    assert [job["port"] for job in done.result()["jobs"]] == \
        [sim.node(BRIDGE)]
    assert os.listdir(tmp_path) == ["dump"]


def test_a_port_that_somebody_holds_is_passed_over(usb_sim, start_daemon):
    sim = world(usb_sim)
    daemon = start_daemon(env=sim.env)
    with open(sim.node(CHIP), "rb", buffering=0) as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        done = espctl(daemon, "read-mac")
    assert done.status == 0, done
    assert re.search("^%s: .*pid %d" % (sim.node(CHIP), os.getpid()), done.err,
                     re.M), done
    assert sim.boards[BRIDGE].mac in done.out


def test_another_chip_than_asked_for_is_passed_over(usb_sim, start_daemon):
    sim = world(usb_sim)
    daemon = start_daemon(env=sim.env)
    done = espctl(daemon, "--chip", "esp32", "read-mac")
    assert done.status == 0, done
    assert sim.boards[BRIDGE].mac in done.out
    assert sim.node(CHIP) + ": " in done.err


def test_there_is_no_other_board_once_work_has_begun(usb_sim, start_daemon,
                                                     image):
    sim = world(usb_sim, faults=["%d:unplug@cmd:DATA:2" % CHIP])
    daemon = start_daemon(env=sim.env)
    done = espctl(daemon, "--reattach-s", "0", "write-flash", "-u", "0",
                  image("a.bin", text_image(100000)))
    assert done.status == 16, done
    assert not touched(sim, BRIDGE) and sim.boards[BRIDGE].untouched()


def test_none_of_several_answers(usb_sim, start_daemon):
    sim = world(usb_sim, faults=["0:silent@rx:1", "1:silent@rx:1"])
    daemon = start_daemon(env=sim.env)
    done = espctl(daemon, "--connect-attempts", "1", "flash-id")
    assert done.status == 11, done
    for number in (BRIDGE, CHIP):
        assert re.search("^%s: " % sim.node(number), done.err, re.M), done
    assert "none of the 2 boards" in done.err.splitlines()[-1]
    assert not touched(sim, OTHER)


def test_the_only_board_fails_with_its_own_error(usb_sim, start_daemon):
    sim = usb_sim(("esp32", 1), ("esp8266", 1, *STRANGER),
                  faults=["0:silent@rx:1"])
    daemon = start_daemon(env=sim.env)
    done = espctl(daemon, "--connect-attempts", "1", "flash-id")
    assert done.status == 11, done
    assert done.err.splitlines()[-1].startswith(
        "espctl: %s: " % sim.node(0)), done
    assert not touched(sim, 1)


def test_a_strangers_device_is_named_and_not_touched(usb_sim, start_daemon):
    sim = usb_sim(("esp8266", 1, *STRANGER))
    daemon = start_daemon(env=sim.env)
    done = espctl(daemon, "flash-id")
    assert done.status == 10, done
    assert len(done.err.splitlines()) == 1
    assert "%s (1234:5678)" % sim.node(0) in done.err
    assert not touched(sim, 0)
    assert espctl(daemon, "-p", sim.node(0), "flash-id").status == 0


def test_port_filter_narrows_the_search(usb_sim, start_daemon):
    sim = world(usb_sim)
    daemon = start_daemon(env=sim.env)
    serial = sim.device(BRIDGE)["ID_SERIAL_SHORT"]
    for filters in (["vid=0x10c4"], ["vid=4292", "pid=0xea60"],
                    ["serial=" + serial[2:-2].upper()]):
        done = espctl(daemon, "--port-filter", *filters, "read-mac")
        assert done.status == 0, (filters, done)
        assert sim.boards[BRIDGE].mac in done.out
    assert not touched(sim, CHIP)
    done = espctl(daemon, "--port-filter", "vid=0x1234", "read-mac")
    assert done.status == 10 and "--port-filter" in done.err, done
    assert not touched(sim, OTHER)


def test_a_job_nobody_waits_for_needs_a_port(usb_sim, start_daemon):
    sim = world(usb_sim)
    daemon = start_daemon(env=sim.env)
    done = espctl(daemon, "--no-wait", "read-mac")
    assert done.status == 2 and "--port" in done.err, done
    assert not touched(sim, CHIP) and not touched(sim, BRIDGE)


def test_an_export_prints_where_it_is_and_nothing_else(usb_sim, start_daemon):
    sim = world(usb_sim)
    daemon = start_daemon(env=sim.env)
    done = espctl(daemon, "export", "vid=303a")
    assert done.status == 0, done
    assert re.fullmatch(r"rfc2217://127\.0\.0\.1:\d+\n", done.out), done
    url = done.out.strip()
    assert rows(espctl(daemon, "ports"))[sim.node(CHIP)]["WORK"] == url
    assert espctl(daemon, "export", "vid=303a").status == 50
    done = espctl(daemon, "--port", sim.node(CHIP), "unexport")
    assert (done.status, done.out) == (0, ""), done
    assert rows(espctl(daemon, "ports"))[sim.node(CHIP)]["WORK"] == "-"
    assert espctl(daemon, "unexport", "vid=303a").status == 50
    assert espctl(daemon, "export").status == 2
    done = espctl(daemon, "export", "vid=303a", "--listen", "0.0.0.0:0")
    assert done.status == 41, done


def test_follow_tells_of_each_change(usb_sim, start_daemon):
    sim = world(usb_sim)
    daemon = start_daemon(env=sim.env)
    listed = len(espctl(daemon, "ports", "--json").result()["ports"])
    process = espctl_begin(daemon, "ports", "--follow")

    def line(beginning):
        """The next line; all of them must be expected."""
        text = process.stdout.readline()
        assert text.startswith(beginning), (beginning, text)
        return text

    try:
        present = [process.stdout.readline() for _ in range(listed)]
        assert any(text.startswith(sim.node(CHIP) + " closed ")
                   for text in present), present
        before = sim.node(BRIDGE)
        sim.unplug(BRIDGE)
        line(before + " unplugged")
        sim.plug(BRIDGE)
        serial = sim.device(BRIDGE)["ID_SERIAL_SHORT"]
        assert serial in line(sim.node(BRIDGE) + " plugged")
        assert espctl(daemon, "-p", sim.node(BRIDGE), "read-mac").status == 0
        assert " open" in line(sim.node(BRIDGE) + " ")
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate()
    assert process.returncode == -signal.SIGINT


def test_follow_keeps_to_its_selector(usb_sim, start_daemon):
    sim = world(usb_sim)
    daemon = start_daemon(env=sim.env)
    process = espctl_begin(daemon, "ports", "vid=303a", "--follow", "--json")
    try:
        assert '"%s"' % sim.node(CHIP) in process.stdout.readline()
        before = sim.node(CHIP)
        sim.unplug(BRIDGE)
        sim.plug(BRIDGE)
        sim.unplug(CHIP)
        text = process.stdout.readline()
        assert '"%s"' % before in text and '"gone"' in text, text
        sim.plug(CHIP)
        text = process.stdout.readline()
        assert '"%s"' % sim.node(CHIP) in text and '"closed"' in text, text
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate()
