"""Many boards at one daemon, and boards that fail among those that do not."""
import harness
from harness import random_image, text_image

FLEET = 32
PER_BOARD = 256 * 1024      # bytes of memory that a board may cost


def ports_of(boards):
    return [word for board in boards for word in ("-p", board.url)]


def write_all(daemon, boards, images):
    """Write the same firmware to all; how many jobs ran at one time."""
    watch = daemon.rpc()
    watch.call("events.subscribe", types="job.state")
    done = harness.espctl(daemon, *ports_of(boards), "-b", "921600",
                          "write-flash", *images)
    assert done.status == 0, done
    running = most = ended = 0
    while ended < len(boards):
        state = watch.event(lambda e: True)["state"]
        if state == "running":
            running += 1
            most = max(most, running)
        elif state != "queued":
            assert state == "done"
            running -= 1
            ended += 1
    watch.close()
    return most


def test_32_boards_are_written_at_the_same_time(
        sim, start_daemon, image, measure):
    text, noise = text_image(150000), random_image(50000)
    images = ("0x1000", image("text.bin", text),
              "0x80000", image("noise.bin", noise))
    boards = sim(("esp32", 8), ("esp32s3", 8), ("esp32c3", 8),
                 ("esp8266", 8)).boards
    alone = start_daemon()
    assert write_all(alone, boards[:1], images) == 1
    one_peak, one_cpu = alone.usage()
    alone.stop()

    daemon = start_daemon()
    assert write_all(daemon, boards, images) == FLEET
    peak, cpu = daemon.usage()
    for board in boards:
        assert board.flash(0x1000, len(text)) == text, board.url
        assert board.flash(0x80000, len(noise)) == noise, board.url

    per_board = (peak - one_peak) / (FLEET - 1)
    measure("1 board: peak memory %d KB, CPU %.2f s" %
            (one_peak // 1024, one_cpu))
    measure("%d boards: peak memory %d KB, CPU %.2f s, %.0f KB per board" %
            (FLEET, peak // 1024, cpu, per_board / 1024))
    # ASan keeps freed memory back and pads what is in use.
    if not harness.sanitized():
        assert per_board < PER_BOARD


def test_one_that_is_unplugged_does_not_disturb_the_others(
        sim, daemon, espctl, image):
    noise = random_image(60000)
    boards = sim(("esp32", 3),
                 faults=["1:unplug@cmd:DATA:2"]).boards
    done = espctl(*ports_of(boards), "--reattach-s", "0", "write-flash",
                  "0x1000", image("noise.bin", noise))
    assert done.status == 44, done
    assert "unplugged" in done.out
    assert "espctl: %s: " % boards[1].url in done.err
    for number in (0, 2):
        assert boards[number].flash(0x1000, len(noise)) == noise
        assert "espctl: %s: " % boards[number].url not in done.err


def test_what_the_only_board_died_of_is_the_exit_status(sim, espctl, image):
    board = sim(("esp32", 1), faults=["0:unplug@cmd:DATA:1"])
    done = espctl("-p", board.boards[0].url, "--reattach-s", "1",
                  "write-flash", "0x1000",
                  image("noise.bin", random_image(60000)))
    assert done.status == 16, done
    assert "the port vanished" in done.err, done


def test_a_silent_chip_costs_the_documented_attempts(sim, espctl):
    board = sim(("esp32", 1), faults=["0:silent@cmd:1"]).boards[0]
    done = espctl("-p", board.url, "--connect-attempts", "2", "flash-id")
    assert done.status == 11, done
    assert "2 resets" in done.err


def test_noise_on_the_line_is_never_taken_for_success(sim, espctl, image):
    """Bytes that vanish or change, both ways: the job may get over it or fail,
    but it may not say that flash holds what it does not hold."""
    noise = random_image(40000)
    path = image("noise.bin", noise)
    faults = ["%s@%s:%d:%d" % (kind, way, where, count)
              for kind in ("drop", "corrupt")
              for way, where, count in (("rx", 9000, 1), ("rx", 30000, 40),
                                        ("tx", 900, 1), ("tx", 700, 3))]
    boards = sim(("esp32c3", len(faults)),
                 faults=["%d:%s" % pair for pair in enumerate(faults)]).boards
    done = espctl("--json", *ports_of(boards), "write-flash", "0x1000", path)
    jobs = {job["port"]: job for job in done.result()["jobs"]}
    assert len(jobs) == len(faults)
    for board, fault in zip(boards, faults):
        job = jobs[board.url]
        held = board.flash(0x1000, len(noise)) == noise
        if job["state"] == "done":
            assert held, fault
        else:
            assert job["state"] == "failed", (fault, job)
            assert len(job["error"]["message"]) > 20, (fault, job)
    assert (done.status == 0) == all(j["state"] == "done"
                                     for j in jobs.values())


def test_a_chip_that_resets_midway_is_no_success(sim, espctl, image):
    noise = random_image(60000)
    board = sim(("esp32s3", 1),
                faults=["0:reset@cmd:DATA:2"]).boards[0]
    done = espctl("-p", board.url, "write-flash", "0x1000",
                  image("noise.bin", noise))
    assert (done.status == 0) == (board.flash(0x1000, len(noise)) == noise), \
        done


def test_a_broken_stub_image_is_named(sim, start_daemon, tmp_path):
    board = sim(("esp32", 1)).boards[0]
    (tmp_path / "esp32.json").write_text('{"text": 7}')
    daemon = start_daemon(stubs=str(tmp_path))
    done = harness.espctl(daemon, "-p", board.url, "--stub", "espressif",
                          "flash-id")
    assert done.status in (14, 20), done
    assert "esp32.json" in done.err


def test_without_a_stub_the_rom_does_it_and_one_line_says_so(
        sim, start_daemon, image, tmp_path):
    board = sim(("esp32", 1)).boards[0]
    daemon = start_daemon(stubs=str(tmp_path))
    text = text_image(20000)
    done = harness.espctl(daemon, "-p", board.url, "--stub", "espressif",
                          "write-flash", "0x1000", image("text.bin", text))
    assert done.status == 0, done
    assert board.flash(0x1000, len(text)) == text
    lines = [line for line in (done.out + done.err).splitlines()
             if "ROM" in line and "stub" in line]
    assert len(lines) == 1, done
