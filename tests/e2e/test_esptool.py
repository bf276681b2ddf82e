"""In the place of esptool: the words, streams and exit statuses that people's
scripts rely on."""
import os
import re
import subprocess

import pytest

from harness import LIMIT, Done, clean_env, program, random_image, text_image


def run(daemon, *words, cwd, name=None, env=None, merge=False):
    """The program in the place of esptool, or under that name."""
    command = [name] if name else [program("espctl"), "esptool"]
    done = subprocess.run(
        command + [str(word) for word in words], text=True, timeout=LIMIT,
        stdin=subprocess.DEVNULL, check=False, cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT if merge else subprocess.PIPE,
        env=clean_env(ESPFLASHD_SOCKET=daemon.socket, HOME=str(cwd),
                      **(env or {})))
    return Done(done.returncode, done.stdout, done.stderr or "")


@pytest.fixture
def board(sim):
    return sim(("esp32", 1)).boards[0]


@pytest.fixture
def esptool(daemon, tmp_path, board):
    """esptool(words...) on the board, in a directory of its own."""
    def call(*words, port=True, **more):
        given = ["--chip", "esp32", "--port", board.url] if port else []
        return run(daemon, *given, *words, cwd=tmp_path, **more)
    return call


def in_order(text, *parts):
    at = 0
    for part in parts:
        found = text.find(part, at)
        assert found >= 0, "%r is missing or too early in\n%s" % (part, text)
        at = found + len(part)


def test_a_write_is_told_in_esptools_words(esptool, board, image):
    data = text_image(20000)
    done = esptool("write-flash", "0x10000", image("app.bin", data))
    assert done.status == 0, done
    assert done.err == ""
    in_order(done.out, "esptool v5.", "Serial port " + board.url + ":",
             "Connecting...", "Connected to ESP32 on " + board.url + ":",
             "Chip type:          ESP32-D0WD-V3 (revision v",
             "Features:           Wi-Fi, BT",
             "Crystal frequency:  40MHz",
             "MAC:                " + board.mac,
             "Uploading stub flasher...", "Stub flasher running.",
             "Flash will be erased from 0x00010000 to 0x00014fff...",
             "Writing at 0x0001", "100.0% 20000/20000 bytes...",
             "Wrote 20000 bytes (", " compressed) at 0x00010000 in ",
             " kbit/s).", "Hash of data verified.",
             "Hard resetting via RTS pin...")
    assert board.flash(0x10000, len(data)) == data


def test_the_chip_is_told_before_the_work_begins(esptool, image):
    done = esptool("write-flash", "0", image("a", b"a" * 5000))
    in_order(done.out, "Chip type:", "Writing at ", "Wrote 5000 bytes")


def test_auto_detection_names_the_chip(daemon, tmp_path, board):
    done = run(daemon, "-p", board.url, "chip-id", cwd=tmp_path)
    assert done.status == 0, done
    in_order(done.out, "Detecting chip type... ESP32\n", "Chip type:",
             "Warning: ESP32 has no chip ID. Reading MAC address instead.",
             "MAC:                " + board.mac)


def test_flash_id(esptool):
    done = esptool("flash-id")
    in_order(done.out, "Flash Memory Information:", "Manufacturer: ef\n",
             "Device: 4016\n", "Detected flash size: 4MB\n")


def test_read_verify_and_erase(esptool, image, tmp_path):
    data = random_image(5000)
    name = image("noise.bin", data)
    assert esptool("write-flash", "0x1000", name).status == 0
    done = esptool("verify-flash", "0x1000", name)
    in_order(done.out, "Verifying 0x1388 (5000) bytes at 0x00001000 in flash "
             "against '%s'..." % name,
             "Verification successful (digest matched).")
    done = esptool("read-flash", "0x1000", "5000", "copy.bin")
    assert re.search(r"Read 5000 bytes from 0x00001000 in [0-9.]+ seconds "
                     r"\([0-9.]+ kbit/s\) to 'copy.bin'\.", done.out), done
    assert (tmp_path / "copy.bin").read_bytes() == data
    done = esptool("erase-region", "0x1000", "0x2000")
    assert "Flash memory region erased successfully in" in done.out, done
    done = esptool("erase-flash")
    assert "Flash memory erased successfully in" in done.out, done


def test_a_region_up_to_the_end(esptool, board, image, tmp_path):
    assert esptool("write-flash", "0x10000",
                   image("a", random_image(4096))).status == 0
    done = esptool("read-flash", "0x3ff000", "ALL", "end.bin")
    assert done.status == 0, done
    assert (tmp_path / "end.bin").read_bytes() == b"\xff" * 4096
    done = esptool("erase-region", "0x0", "ALL")
    assert done.status == 0, done
    assert "Detected flash size: 4MB" in done.out
    assert board.untouched()


def test_a_difference_is_exit_2_and_shown_byte_for_byte(esptool, image):
    data = bytearray(random_image(4096))
    assert esptool("write-flash", "0x6000",
                   image("was.bin", bytes(data))).status == 0
    data[5] ^= 0x01
    data[4000] ^= 0x80
    name = image("new.bin", bytes(data))
    done = esptool("verify-flash", "0x6000", name)
    assert done.status == 2, done
    assert "A fatal error occurred: Verification failed" in done.err
    assert "Verification failed (digest mismatch)." in done.out
    done = esptool("verify-flash", "--diff", "0x6000", name)
    assert done.status == 2, done
    assert "A fatal error occurred: Verification failed" in done.err
    in_order(done.out, "Verification failed: 2 differences, first at "
             "0x00006005:\n",
             "   0x00006005 %02x %02x\n" % (data[5] ^ 1, data[5]),
             "   0x00006fa0 %02x %02x\n" % (data[4000] ^ 0x80, data[4000]))


def test_older_spellings_work_and_are_told(esptool, board, image):
    done = esptool("--before", "default_reset", "write_flash", "0x0",
                   image("a.bin", b"a" * 1024), "--flash_size", "keep",
                   "--flash_mode=keep")
    assert done.status == 0, done
    for words in ("Choice 'default_reset' for option '--before' is "
                  "deprecated. Use 'default-reset' instead.",
                  "Option '--flash_size' is deprecated. Use '--flash-size' "
                  "instead.",
                  "Option '--flash_mode' is deprecated. Use '--flash-mode' "
                  "instead.",
                  "Command 'write_flash' is deprecated. Use 'write-flash' "
                  "instead."):
        assert "Deprecated: " + words in done.out, done
    assert board.flash(0, 1024) == b"a" * 1024


@pytest.mark.parametrize("first,second,told", [
    (("0x0", 8000), ("0x1000", 1024), "0x1000 "),
    (("0x0", 1024), ("0x0", 1024), "0x0 "),
    (("0xd00", 1024), ("0x1d00", 1024), "0x1d00 "),
], ids=["bytes", "address", "sector"])
def test_an_overlap_is_told_before_the_chip_is_touched(
        esptool, board, image, first, second, told):
    done = esptool("write-flash", first[0], image("a", b"a" * first[1]),
                   second[0], image("b", b"b" * second[1]))
    assert done.status == 2, done
    assert "Detected overlap at address: " + told in done.err
    assert "Connecting" not in done.out
    assert board.untouched()


def test_an_empty_file_is_left_out_beside_others(esptool, board, image):
    done = esptool("write-flash", "0x10000", image("a", b"a" * 1024),
                   "0x11000", image("nothing", b""))
    assert done.status == 0, done
    assert "nothing' is empty." in done.out
    assert board.flash(0x10000, 1024) == b"a" * 1024
    done = esptool("write-flash", "0x10000", image("nothing", b""))
    assert done.status == 2, done
    assert "nothing' is empty" in done.err


def test_what_is_there_already_is_skipped(esptool, image):
    name = image("one.bin", random_image(1024))
    assert esptool("write-flash", "0x7998", name).status == 0
    done = esptool("write-flash", "--skip-flashed", "0x7998", name)
    assert done.status == 0, done
    assert "'%s' at 0x00007998 already in flash, skipping write" % name \
        in done.out


def test_only_changed_sectors_are_written(esptool, board, image):
    old = bytearray(b"\xaa" * 16384)
    new = bytearray(old)
    new[:100] = b"\xbb" * 100
    a, b = image("old.bin", bytes(old)), image("new.bin", bytes(new))
    assert esptool("write-flash", "0x104", a).status == 0
    done = esptool("write-flash", "0x104", b, "--diff-with", a)
    assert done.status == 0, done
    in_order(done.out, "Changed data sectors found, fast reflashing...",
             "Reflashing 1 changed sector at 0x0", "Hash of data verified.")
    assert board.flash(0x104, len(new)) == new


def test_fix_07_a_diff_onto_other_content_ends_with_the_whole_image(
        esptool, board, image):
    other = image("other.bin", b"\xcc" * 16384)
    old = image("old.bin", b"\xaa" * 16384)
    new = bytearray(b"\xaa" * 16384)
    new[:100] = b"\xbb" * 100
    name = image("new.bin", bytes(new))
    assert esptool("write-flash", "0x10000", other).status == 0
    done = esptool("write-flash", "0x10000", name, "--diff-with", old,
                   "--trust-flash-content")
    assert done.status == 0, done
    assert "Verification failed after fast reflash" in done.out
    assert "Reflashing the whole image" in done.out
    assert board.flash(0x10000, len(new)) == new


def test_the_wrong_chip_is_exit_2(daemon, tmp_path, board):
    done = run(daemon, "-c", "esp32s3", "-p", board.url, "flash-id",
               cwd=tmp_path)
    assert done.status == 2, done
    assert "A fatal error occurred:" in done.err
    assert "Wrong chip argument?" in done.err


def test_a_chip_that_does_not_answer(daemon, tmp_path, sim):
    silent = sim(("esp32", 1), faults=["0:silent@rx:1"]).boards[0]
    done = run(daemon, "-c", "esp32", "-p", silent.url, "--connect-attempts",
               "1", "flash-id", cwd=tmp_path)
    assert done.status == 2, done
    assert "Connecting........\n" in done.out
    assert "A fatal error occurred: Failed to connect to ESP32: " in done.err


def test_a_port_is_opened_again_as_often_as_asked(daemon, tmp_path, sim):
    silent = sim(("esp32", 1), faults=["0:silent@rx:1"]).boards[0]
    done = run(daemon, "-c", "esp32", "-p", silent.url, "--connect-attempts",
               "1", "flash-id", cwd=tmp_path,
               env={"ESPTOOL_OPEN_PORT_ATTEMPTS": "3"})
    assert done.status == 2, done
    assert done.out.count("Connecting........") == 3, done
    assert done.out.count("Retrying failed connection") == 1
    assert done.err.count("A fatal error occurred: Failed to connect") == 1
    done = run(daemon, "-p", silent.url, "--connect-attempts", "1",
               "flash-id", cwd=tmp_path,
               env={"ESPTOOL_OPEN_PORT_ATTEMPTS": "3"})
    assert "can only be used with --port and --chip" in done.out
    assert done.out.count("Connecting") == 1


def test_memory_and_registers(esptool, tmp_path):
    done = esptool("write-mem", "0x400C0000", "0xabad1dea", "0x0000ffff")
    assert done.status == 0, done
    assert "Wrote 0xabad1dea with mask 0x0000ffff to 0x400c0000." in done.out
    done = esptool("read-mem", "0x400C0000")
    assert re.search(r"^0x400c0000 = 0x[0-9a-f]{8}$", done.out, re.M), done
    done = esptool("dump-mem", "0x50000000", "128", "memout.bin")
    assert "Dumped 128 bytes from 0x50000000" in done.out, done
    assert "to 'memout.bin'." in done.out
    assert (tmp_path / "memout.bin").stat().st_size == 128


def test_what_the_flash_chip_tells(esptool):
    done = esptool("read-flash-sfdp", "0", "4")
    in_order(done.out, "Manufacturer: ", "Detected flash size: 4MB",
             "Flash memory SFDP[0..3]: 0x53 0x46 0x44 0x50")
    done = esptool("read-flash-sfdp", "1", "3")
    assert "SFDP[1..3]: 0x46 0x44 0x50" in done.out
    done = esptool("read-flash-status")
    status = re.search(r"Flash memory status: (0x[0-9a-f]{4})\n", done.out)
    assert status, done
    done = esptool("write-flash-status", status.group(1))
    in_order(done.out, "Initial flash memory status: " + status.group(1),
             "Setting flash memory status: " + status.group(1),
             "After flash memory status:   " + status.group(1))


def test_security_info(daemon, tmp_path, sim):
    c3 = sim(("esp32c3", 1)).boards[0]
    done = run(daemon, "-p", c3.url, "get-security-info", cwd=tmp_path)
    assert done.status == 0, done
    in_order(done.out, "Security Information:", "Flags: 0x00000000 (0b0)",
             "Key Purposes: (", "Chip ID: 5", "API Version: ",
             "Secure Boot: Disabled", "Flash Encryption: Disabled",
             "SPI Boot Crypt Count (SPI_BOOT_CRYPT_CNT): 0x0")


def test_secure_download_mode(daemon, tmp_path, sim, image):
    locked = sim(("esp32c3", 1, "--secure-download")).boards[0]

    def call(*words):
        return run(daemon, "-p", locked.url, *words, cwd=tmp_path)
    done = call("get-security-info")
    assert done.status == 0, done
    in_order(done.out, "Detecting chip type... ESP32-C3",
             "Chip type:          ESP32-C3 in Secure Download Mode",
             "Security Information:")
    for words in (("flash-id",), ("read-flash", "0", "10", "out.bin")):
        done = call(*words)
        assert done.status == 2, done
        assert "The '%s' command is not available" % words[0] in done.err
    name = image("one.bin", random_image(1024))
    done = call("write-flash", "0x0", name)
    assert done.status == 0, done
    in_order(done.out, "Security features enabled, so not changing any flash "
             "settings", "Wrote 1024 bytes")
    assert "Hash of data verified." not in done.out
    done = call("write-flash", "--flash-size", "detect", "0x0", name)
    assert done.status == 2, done
    assert "Detecting flash size is not supported in secure download mode." \
        in done.err
    done = call("erase-region", "0", "4096")
    assert done.status == 0, done
    in_order(done.out, "Stub flasher is not supported in Secure Download Mode",
             "Flash memory region erased successfully")


def test_a_trace_names_commands_and_packets(esptool):
    out = esptool("--trace", "flash-id").out
    for pattern in (r"TRACE \+\d\.\d{3}   --- Cmd READ_REG \(0x0a\) ",
                    r"TRACE \+\d\.\d{3}   --- Cmd EXT_BATCH \(0xf1\) ",
                    r"TRACE \+\d\.\d{3}   Read \d+ bytes: ",
                    r"TRACE \+\d\.\d{3}   Write \d+ bytes: ",
                    r"TRACE \+\d\.\d{3}   Received full packet: 4f484149"):
        assert re.search(pattern, out), pattern


def test_words_from_a_file(esptool, image):
    done = esptool("@" + image("words", b"flash-id\n"))
    assert done.status == 0, done
    assert "Manufacturer:" in done.out
    done = esptool("@nowhere")
    assert done.status == 2, done
    assert "nowhere" in done.err


def test_usage_mistakes_are_exit_2_on_stderr(esptool, image):
    name = image("a", b"a")
    for words in (("fly",), ("flash-id", "--fast"), ("write-flash", "0x0"),
                  ("write-flash", "-fs", "10MB", "0", name),
                  ("write-flash", "here", name), ("read-flash", "0", "1"),
                  ("ports",), ("-v", "-s", "version")):
        done = esptool(*words)
        assert done.status == 2, done
        assert len(done.err.strip().splitlines()) == 1, done
        assert "Traceback" not in done.err


def test_no_arguments_print_help_and_exit_2(daemon, tmp_path):
    done = run(daemon, cwd=tmp_path)
    assert done.status == 2, done
    assert "write-flash" in done.out
    done = run(daemon, "-h", cwd=tmp_path)
    assert done.status == 0, done
    assert "write-flash" in done.out


def test_by_the_name_of_esptool(daemon, tmp_path):
    for name in ("esptool", "esptool.py"):
        link = tmp_path / name
        os.symlink(program("espctl"), link)
        done = run(daemon, "version", cwd=tmp_path, name=str(link))
        assert done.status == 0, done
        assert re.search(r"^esptool v[0-9.]+", done.out)
        assert re.search(r"^[0-9]+\.[0-9]+\.[0-9]+$", done.out, re.M)
    done = run(daemon, "-h", cwd=tmp_path, name=str(link))
    assert "esptool.py" in done.out and "DEPRECATED" in done.out


def test_the_last_of_several_ports_counts(daemon, tmp_path, board):
    done = run(daemon, "-p", "/dev/nothing-here", "-p", board.url,
               "read-mac", cwd=tmp_path)
    assert done.status == 0, done
    assert board.mac in done.out


def test_a_port_that_is_not_there(daemon, tmp_path):
    done = run(daemon, "-p", "/dev/nothing-here", "read-mac", cwd=tmp_path)
    assert done.status == 2, done
    assert "A fatal error occurred: Could not open the port" in done.err
    assert "/dev/nothing-here" in done.err


def test_options_of_a_job_may_stand_with_version(esptool):
    assert esptool("--baud", "921600", "version").status == 0


def test_silent_keeps_the_result(esptool):
    done = esptool("--silent", "flash-id")
    assert done.status == 0, done
    assert "Manufacturer: ef" in done.out
    assert "Connecting" not in done.out and "Chip type" not in done.out
    done = esptool("-s", "version")
    assert done.out.count("\n") == 1, done


CONFIG = "[esptool]\nconnect_attempts = 5\nreset_delay = 1\n"


def test_a_configuration_file_is_loaded_and_told(esptool, tmp_path):
    path = tmp_path / "esptool.cfg"
    path.write_text(CONFIG)
    done = esptool("version")
    assert "Loaded custom configuration from %s\n" % path in done.out, done
    assert "Ignoring unknown" not in done.out
    path.write_text(CONFIG + "timoout = 2\nbits = 2\n")
    assert "Note: Ignoring unknown config file options: bits, timoout" in \
        esptool("version").out
    path.write_text(CONFIG + "connect_attempts = 9\n")
    done = esptool("version")
    assert "Ignoring invalid config file %s: " % path in done.out, done
    assert "option 'connect_attempts' in section 'esptool' already exists" \
        in done.out
    path.unlink()
    named = tmp_path / "mine.ini"
    named.write_text(CONFIG)
    assert "Loaded" not in esptool("version").out
    done = esptool("version", env={"ESPTOOL_CFGFILE": str(named)})
    assert "Loaded custom configuration from %s (set with ESPTOOL_CFGFILE)" \
        % named in done.out


def test_a_configuration_file_decides(esptool, tmp_path):
    path = tmp_path / "esptool.cfg"
    path.write_text("[esptool]\nconnect_attempts = 1\n"
                    "custom_reset_sequence = D0|W0.1|R1|R0|W0.1|R1|R0\n")
    done = esptool("flash-id")
    assert done.status == 2, done
    assert "A fatal error occurred: Failed to connect to" in done.err
    assert "Connecting........\n" in done.out
    path.write_text("[esptool]\ncustom_reset_sequence = F0|R1|C0|A5\n")
    done = esptool("flash-id")
    assert done.status == 2, done
    assert "Invalid custom reset sequence option format:" in done.err
    path.write_text("[esptool]\nconnect_attempts = abc\n")
    done = esptool("flash-id")
    assert done.status == 2, done
    assert "connect_attempts: a whole number is wanted" in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize("filters,told", [
    ("invalidkey=123", "Option --port-filter argument key not recognized"),
    ("name123", "Option --port-filter argument must consist of key=value."),
    ("name=NoSuchPort", "Found 0 serial ports..."),
])
def test_port_filters(daemon, tmp_path, filters, told):
    done = run(daemon, "--port-filter", filters, "flash-id", cwd=tmp_path,
               merge=True)
    assert done.status == 2, done
    assert told in done.out


@pytest.mark.parametrize("after,told", [
    ("no-reset", "Staying in bootloader."),
    ("no-reset-stub", "Staying in flasher stub."),
    ("watchdog-reset", "Hard resetting via RTS pin..."),
])
def test_how_the_chip_is_left(esptool, after, told):
    done = esptool("--after", after, "flash-id")
    assert done.status == 0, done
    assert told in done.out
    if after == "watchdog-reset":
        assert "Watchdog hard reset is not supported" in done.out


def test_a_soft_reset_that_cannot_be_is_exit_2_after_the_work(
        esptool, board, image):
    done = esptool("--after", "soft-reset", "write-flash", "0",
                   image("a", b"a" * 100))
    assert done.status == 2, done
    assert "Hash of data verified." in done.out
    assert "A fatal error occurred: Soft resetting" in done.err
    assert board.flash(0, 100) == b"a" * 100


def test_a_port_that_goes_away_is_exit_1(daemon, tmp_path, sim, image):
    board = sim(("esp32", 1), faults=["0:unplug@cmd:DATA:2"],
                ).boards[0]
    done = run(daemon, "-p", board.url, "--reattach-s", "0", "write-flash",
               "0", image("noise", text_image(200000)), cwd=tmp_path)
    assert done.status == 1, done
    assert "A serial exception error occurred: " in done.err


def test_a_board_that_comes_back_is_waited_for(
        daemon, tmp_path, sim, image):
    data = text_image(200000)
    board = sim(("esp32", 1), faults=["0:unplug@cmd:DATA:2:200"],
                ).boards[0]
    done = run(daemon, "-p", board.url, "write-flash", "0",
               image("app", data), cwd=tmp_path)
    assert done.status == 0, done
    in_order(done.out, "Lost connection, waiting for the board",
             "Hash of data verified.", "Hard resetting via RTS pin...")
    assert done.out.count("Chip type:") == 1
    assert board.flash(0, len(data)) == data


def test_fix_09_a_missing_stub_is_told_with_what_to_do(
        start_daemon, tmp_path, board):
    empty = tmp_path / "none"
    empty.mkdir()
    settings = tmp_path / "conf"
    settings.write_text("stub = espressif\n")
    daemon = start_daemon(stubs=str(empty),
                          options=("--config", str(settings)))
    done = run(daemon, "-p", board.url, "flash-id", cwd=tmp_path)
    assert done.status == 0, done
    assert "Note: no flasher stub for ESP32 found" in done.out
    assert str(empty) in done.out and "--no-stub" in done.out


def test_fix_14_what_is_said_is_in_the_pipe_at_once(daemon, tmp_path, sim):
    """The board does not answer and is tried for ever: only what was flushed
    can be read."""
    silent = sim(("esp32", 1), faults=["0:silent@rx:1"]).boards[0]
    process = subprocess.Popen(
        [program("espctl"), "esptool", "-p", silent.url,
         "--connect-attempts", "0", "flash-id"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, cwd=tmp_path,
        stderr=subprocess.DEVNULL,
        env=clean_env(ESPFLASHD_SOCKET=daemon.socket, HOME=str(tmp_path)))
    try:
        read = b""
        while b"Connecting..." not in read:
            piece = os.read(process.stdout.fileno(), 4096)
            assert piece, "it ended after %r" % read
            read += piece
        assert process.poll() is None
    finally:
        process.send_signal(2)
        process.wait(LIMIT)
        process.stdout.close()
    assert process.returncode == 2


def test_fix_19_a_failure_never_looks_like_success(esptool, tmp_path):
    for words in (("write-flash", "0", tmp_path / "missing"), ("fly",),
                  ("verify-flash", "0", tmp_path / "missing"),
                  ("-p", "/dev/nothing-here", "flash-id")):
        assert esptool(*words).status in (1, 2), words


def test_fix_23_a_hex_file_leaves_what_lies_between_its_regions(
        esptool, board, image):
    def record(address, kind, data):
        body = bytes([len(data), address >> 8, address & 255, kind]) + data
        return (":%s%02X\n" % (body.hex().upper(), -sum(body) & 255)).encode()

    between = random_image(4096)
    assert esptool("write-flash", "0x11000",
                   image("between.bin", between)).status == 0
    text = record(0, 4, b"\x00\x01") + record(0, 0, b"first") + \
        record(0x2000, 0, b"second") + record(0, 1, b"")
    done = esptool("write-flash", "0x0", image("app.hex", text))
    assert done.status == 0, done
    assert board.flash(0x10000, 5) == b"first"
    assert board.flash(0x11000, 4096) == between
    assert board.flash(0x12000, 6) == b"second"
    done = esptool("write-flash", "0x20000", image("colon.bin", b":no hex"))
    assert done.status == 0, done
    assert "it is taken as it is" in done.out
    assert board.flash(0x20000, 7) == b":no hex"


def test_fix_27_a_bare_socket_is_never_reset_and_that_is_told_once(
        daemon, tmp_path, board):
    done = run(daemon, "-p", board.url.replace("rfc2217", "socket"),
               "--connect-attempts", "2", "flash-id", cwd=tmp_path)
    assert done.status == 2, done
    assert done.out.count("Chip was NOT reset.") == 1
