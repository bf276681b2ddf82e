"""What espctl itself makes of its command line, besides writing and reading."""
import struct

import pytest

from harness import clean_env, espctl as run, random_image


@pytest.fixture
def board(sim):
    return sim(("esp32", 1)).boards[0]


def program(entry, *segments):
    """A program image for the RAM of an ESP32."""
    image = struct.pack("<BBBBI", 0xE9, len(segments), 2, 0x20, entry)
    image += struct.pack("<B3sHBHHI B", 0xEE, bytes(3), 0, 0, 0, 0xFFFF, 0, 0)
    check = 0xEF
    for address, data in segments:
        image += struct.pack("<II", address, len(data)) + data
        for byte in data:
            check ^= byte
    return image.ljust(len(image) // 16 * 16 + 15, b"\0") + bytes([check])


def test_words_of_memory(espctl, board, tmp_path):
    stay = ("-p", board.url, "--no-stub", "--after", "no-reset")
    again = ("-p", board.url, "--no-stub", "--before", "no-reset",
             "--after", "no-reset")
    assert espctl(*stay, "write-mem", "0x3ffc0000", "0x11223344").status == 0
    done = espctl(*again, "write-mem", "0x3ffc0000", "0xaabbccdd", "0xff00")
    assert "Wrote 0xaabbccdd with mask 0x0000ff00 to 0x3ffc0000." in done.out
    done = espctl(*again, "read-mem", "0x3ffc0000")
    assert "0x3ffc0000 = 0x1122cc44" in done.out, done
    result = espctl(*again, "--json", "read-mem", "0x3ffc0000").result()
    assert result["jobs"][0]["result"]["value"] == 0x1122cc44
    done = espctl(*again, "dump-mem", "0x3ffc0000", "6", tmp_path / "mem")
    assert done.status == 0, done
    assert (tmp_path / "mem").read_bytes()[:4] == b"\x44\xcc\x22\x11"
    assert (tmp_path / "mem").stat().st_size == 6


def test_several_boards_make_a_table(espctl, sim):
    boards = sim(("esp32", 2)).boards
    done = espctl("-p", boards[0].url, "-p", boards[1].url, "read-mem",
                  "0x3ffc0000")
    assert done.status == 0, done
    assert done.out.count("0x3ffc0000 = 0x") == 2


def test_a_program_in_ram(espctl, board, image):
    name = image("hello.bin", program(0x40080000, (0x40080000, b"run!" * 8)))
    done = espctl("-p", board.url, "load-ram", name)
    assert done.status == 0, done
    assert "Loaded 1 segments from '%s' to RAM, executing at 0x40080000." % \
        name in done.out
    assert board.untouched()


def test_status_and_sfdp(espctl, board):
    done = espctl("-p", board.url, "read-flash-status", "--bytes", "1")
    assert "Flash memory status: 0x0000" in done.out, done
    done = espctl("-p", board.url, "read-flash-sfdp", "0")
    assert "SFDP[0..3]: 0x53 0x46 0x44 0x50" in done.out, done
    done = espctl("-p", board.url, "read-flash-status", "--bytes", "4")
    assert done.status == 2 and "--bytes" in done.err, done


def test_what_only_differs_is_told(espctl, board, image):
    data = bytearray(random_image(4096))
    assert espctl("-p", board.url, "write-flash", "0",
                  image("a", bytes(data))).status == 0
    data[7] ^= 1
    done = espctl("-p", board.url, "verify-flash", "--diff", "0",
                  image("b", bytes(data)))
    assert done.status == 13, done
    assert "   0x00000007 %02x %02x\n" % (data[7] ^ 1, data[7]) in done.out
    # What is behind a file of odd length is FF, as it was written.
    done = espctl("-p", board.url, "verify-flash", "--diff", "0",
                  image("c", bytes(data[:7])))
    assert done.status == 13, done
    assert "   0x00000007 %02x ff\n" % (data[7] ^ 1) in done.out


def test_a_patched_header_is_no_difference(espctl, board, image):
    text = program(0x40080000, (0x3FFC0000, b"boot" * 64))
    name = image("boot.bin", text)
    settings = ("-fm", "dout", "-ff", "20m", "-fs", "2MB")
    assert espctl("-p", board.url, "write-flash", *settings, "0x1000",
                  name).status == 0
    assert board.flash(0x1002, 2) == b"\x03\x12"
    done = espctl("-p", board.url, "verify-flash", *settings, "0x1000", name)
    assert done.status == 0, done
    other = bytearray(text)
    other[40] ^= 0xFF
    done = espctl("-p", board.url, "verify-flash", "-d", *settings, "0x1000",
                  image("other.bin", bytes(other)))
    assert done.status == 13, done
    assert "2 differences, first at 0x00001028" in done.out or \
        "1 differences, first at 0x00001028" in done.out, done
    assert "   0x00001002 " not in done.out


def test_all_up_to_the_end(espctl, board, tmp_path):
    done = espctl("-p", board.url, "read-flash", "0x3ff000", "all",
                  tmp_path / "end")
    assert done.status == 0, done
    assert (tmp_path / "end").stat().st_size == 4096


def test_the_letter_p_behind_write_flash_is_no_port(espctl, board, image):
    name = image("a", b"a" * 100)
    done = espctl("-p", board.url, "write-flash", "-p", "0", name)
    assert done.status == 0, done
    done = espctl("write-flash", "-p", "/dev/ttyUSB0", "0", name)
    assert done.status == 2, done
    assert "--port" in done.err


def test_silent_is_results_and_errors_only(espctl, board):
    done = espctl("-p", board.url, "--silent", "flash-id")
    assert done.status == 0 and done.err == "", done
    assert "Detected flash size: 4MB" in done.out


def test_a_configuration_file_counts_for_espctl(daemon, board, tmp_path):
    env = clean_env(ESPFLASHD_SOCKET=daemon.socket, HOME=str(tmp_path))
    path = tmp_path / "esptool.cfg"
    path.write_text("[esptool]\ncustom_reset_sequence = D0\n"
                    "connect_attempts = 1\ntypo = 1\n")
    done = run(daemon, "-p", board.url, "flash-id", env=env)
    assert done.status == 11, done
    assert "Configuration from %s" % path in done.err
    assert "nobody knows the option typo" in done.err
    done = run(daemon, "-p", board.url, "--reset-sequence",
               "D0|R1|W0.1|D1|R0|W0.05|D0", "flash-id", env=env)
    assert done.status == 0, done


def test_a_board_that_answers_later_is_waited_for(espctl, sim, tmp_path):
    silent = sim(("esp32", 1), faults=["0:silent@rx:1"]).boards[0]
    done = espctl("-p", silent.url, "--connect-attempts", "1",
                  "--open-port-attempts", "2", "flash-id")
    assert done.status == 11, done
    assert done.err.count(", retrying") == 1
    assert done.err.count("identify") == 0
    assert done.err.count(": connect\n") == 2


def test_what_excludes_each_other(espctl, image):
    name = image("a", b"a")
    for words, told in (
            (("--encrypt", "--encrypt-files", "0x1000", name), "--encrypt"),
            (("--trust-flash-content",), "requires --diff-with"),
            (("--skip-flashed", "--diff-with", name), "exclude each other"),
            (("--diff-with", name, name), "too many")):
        done = espctl("-p", "/dev/nothing", "write-flash", "0", name, *words)
        assert done.status == 2, done
        assert told in done.err
