"""espctl efuse and espefuse as people use them: the question, what is told, and
how it ends.  What is burned is compared elsewhere (test_vectors_efuse.py)."""
import json
import os
import subprocess

import pytest

from harness import LIMIT, Daemon, Done, Sim, clean_env, espctl, program

CHIP = "esp32c3"
KEY = bytes(range(0x40, 0x60))


class Virtual:
    """A chip that is only a file."""

    def __init__(self, top, chip=CHIP):
        self.top, self.chip = str(top), chip
        self.path = os.path.join(self.top, "efuse.bin")

    def run(self, *words, answer="", name="espefuse", daemon=None):
        done = subprocess.run(
            [program("espctl"), name, "--virt", "--chip", self.chip,
             "--path-efuse-file", self.path, *map(str, words)],
            input=answer, text=True, cwd=self.top, capture_output=True,
            timeout=LIMIT, check=False, env=clean_env(HOME=self.top))
        return Done(done.returncode, done.stdout, done.stderr)

    def burn(self, *words):
        return self.run("--do-not-confirm", *words)

    def value(self, name):
        done = self.run("summary", "--format", "value_only", name)
        assert done.status == 0, done
        return done.out.splitlines()[-1]

    def bytes(self):
        with open(self.path, "rb") as file:
            return file.read()


@pytest.fixture
def chip(tmp_path):
    virtual = Virtual(tmp_path)
    assert virtual.run("dump").status == 0
    return virtual


def put(chip, name, data):
    path = os.path.join(chip.top, name)
    with open(path, "wb") as file:
        file.write(data)
    return path


@pytest.mark.parametrize("answer", ["", "\n", "burn\n", "BURN now\n",
                                    " BURN\n", "y\nBURN\n"])
def test_anything_but_burn_burns_nothing_and_is_no_success(chip, answer):
    before = chip.bytes()
    done = chip.run("burn-efuse", "DIS_ICACHE", answer=answer)
    assert done.status == 2
    assert "Type 'BURN'" in done.out and "nothing was burned" in done.err
    assert chip.bytes() == before


def test_in_our_own_words_a_no_has_the_status_of_a_cancelled_job(chip):
    done = chip.run("burn-efuse", "DIS_ICACHE", answer="no\n", name="efuse")
    assert done.status == 42
    assert not done.out, "only results go there"


def test_burn_typed_burns(chip):
    done = chip.run("burn-efuse", "DIS_ICACHE", answer="BURN\n")
    assert done.status == 0, done
    assert "Successful." in done.out
    assert chip.value("DIS_ICACHE") == "True"


def test_the_plan_is_shown_without_a_question_too(chip):
    done = chip.burn("burn-efuse", "DIS_DOWNLOAD_MODE", "1")
    assert done.status == 0, done
    lines = done.out.splitlines()
    change = lines.index("    DIS_DOWNLOAD_MODE (BLOCK0): False -> True")
    for_ever = next(i for i, line in enumerate(lines)
                    if line.startswith("    - ") and
                    "DIS_DOWNLOAD_MODE" in line and i > change)
    assert for_ever < next(i for i, line in enumerate(lines)
                           if line.startswith("BURN BLOCK0"))


def test_several_commands_burn_at_once_and_are_read_again(chip):
    done = chip.run("burn-efuse", "DIS_ICACHE", "1", "summary", "--format",
                    "value_only", "DIS_ICACHE", "burn-bit", "BLOCK3", "9",
                    answer="BURN\n")
    assert done.status == 0, done
    assert done.out.count("Type 'BURN'") == 1
    assert [line for line in done.out.splitlines()
            if line in ("True", "False")] == ["False", "True"]


def test_a_refusal_in_a_later_command_burns_nothing_of_the_first(chip):
    before = chip.bytes()
    done = chip.burn("burn-efuse", "DIS_ICACHE", "1", "burn-bit", "BLOCK3",
                     "999")
    assert done.status == 2
    assert chip.bytes() == before


@pytest.mark.parametrize("words, meant", [
    (("summary", "DIS_ICACH"), "DIS_ICACHE"),
    (("burn-efuse", "DIS_ICACH", "1"), "DIS_ICACHE"),
    (("write-protect-efuse", "BLOCK_KEY7"), "BLOCK_KEY"),
    (("burn-bit", "BLOK3", "1"), "BLOCK3"),
    (("burn-key", "BLOCK_KEY0", "key", "XTS_AES_128_KY"), "XTS_AES_128_KEY"),
])
def test_a_name_that_is_wrong_is_answered_with_the_nearest(chip, words,
                                                           meant):
    put(chip, "key", KEY)
    before = chip.bytes()
    done = chip.burn(*words)
    assert done.status == 2
    assert "did you mean " + meant in done.err
    assert chip.bytes() == before


def key_in(text):
    """Do the bytes of the key stand there, in whatever form?"""
    bare = "".join(c for c in text.lower() if c in "0123456789abcdef?")
    return KEY.hex() in bare or KEY[::-1].hex() in bare


def test_keys_are_shown_only_when_that_is_asked_for(chip):
    put(chip, "key", KEY)
    done = chip.burn("burn-key", "BLOCK_KEY0", "key", "XTS_AES_128_KEY")
    assert done.status == 0, done
    assert not key_in(done.out + done.err)
    again = chip.burn("burn-key", "BLOCK_KEY1", "key", "HMAC_UP",
                      "--show-sensitive-info")
    assert again.status == 0 and key_in(again.out)


def test_a_key_may_come_out_of_a_pipe(chip):
    ends = os.pipe()
    os.write(ends[1], KEY)
    os.close(ends[1])
    done = subprocess.run(
        [program("espctl"), "espefuse", "--virt", "--chip", CHIP,
         "--path-efuse-file", chip.path, "--do-not-confirm", "burn-key",
         "BLOCK_KEY0", "/dev/fd/%d" % ends[0], "USER"], pass_fds=[ends[0]],
        capture_output=True, timeout=LIMIT, check=False)
    os.close(ends[0])
    assert done.returncode == 0, done
    assert bytes.fromhex(chip.value("BLOCK_KEY0").replace(" ", "")) == KEY


def test_json_has_the_plan_and_what_is_there_then(chip):
    done = chip.run("--json", "--do-not-confirm", "burn-efuse", "DIS_ICACHE",
                    "1", "summary", "DIS_ICACHE", name="efuse")
    assert done.status == 0, done
    result = json.loads(done.out)
    board = result["boards"][0]
    assert result["exit"] == 0 and board["chip"] == "ESP32-C3"
    assert board["plan"]["changes"][0]["name"] == "DIS_ICACHE"
    assert board["efuses"]["DIS_ICACHE"]["value"] is True


def test_json_asks_nobody(chip):
    before = chip.bytes()
    done = chip.run("--json", "burn-efuse", "DIS_ICACHE", answer="BURN\n",
                    name="efuse")
    assert done.status == 2
    assert json.loads(done.out)["error"]["data"]["class"] == "usage"
    assert chip.bytes() == before


def test_json_of_a_summary_can_be_read_by_programs(chip):
    done = chip.run("summary", "--format", "json", name="efuse")
    assert json.loads(done.out)["WR_DIS"]["value"] == 0


def test_a_file_of_words_stands_for_them(chip):
    put(chip, "words", b"burn-efuse DIS_ICACHE 1\n--do-not-confirm\n")
    assert chip.run("@words").status == 0
    assert chip.value("DIS_ICACHE") == "True"


def test_older_spellings_work_and_are_told(chip):
    done = chip.run("get_custom_mac")
    assert done.status == 0
    assert "Use 'get-custom-mac' instead." in done.out


def test_a_file_that_is_no_chip_is_refused_and_stays(chip):
    put(chip, "efuse.bin", b"\0" * 77)
    done = chip.burn("burn-efuse", "DIS_ICACHE", "1")
    assert done.status == 2
    assert chip.bytes() == b"\0" * 77


def test_espefuse_wants_a_port(tmp_path):
    done = subprocess.run([program("espctl"), "espefuse", "summary"],
                          text=True, capture_output=True, timeout=LIMIT,
                          check=False, env=clean_env(HOME=str(tmp_path)))
    assert done.returncode == 2 and "--port" in done.stderr


def test_without_commands_it_tells_which_there_are(tmp_path):
    done = subprocess.run([program("espctl"), "espefuse"], text=True,
                          capture_output=True, timeout=LIMIT, check=False)
    assert done.returncode == 0
    assert "burn-key-digest" in done.stdout
    done = subprocess.run([program("espctl"), "efuse", "--chip", "esp32s2",
                           "burn-key", "--help"], text=True,
                          capture_output=True, timeout=LIMIT, check=False)
    assert done.returncode == 0 and "XTS_AES_256_KEY" in done.stdout


@pytest.fixture(scope="module")
def bench():
    sim = Sim([(CHIP, 2)])
    daemon = Daemon()
    yield sim.boards, daemon
    daemon.stop()
    sim.stop()


def test_boards_are_read_side_by_side_each_under_its_name(bench):
    boards, daemon = bench
    done = espctl(daemon, "efuse", "-p", boards[0].url, "-p", boards[1].url,
                  "summary", "--format", "value_only", "MAC")
    assert done.status == 0, done
    lines = done.out.splitlines()
    assert [lines[0].split(": ESP32-C3")[0], lines[2].split(": ESP32")[0]] \
        == ["--- " + board.url for board in boards]
    assert [lines[1][:17], lines[3][:17]] == [board.mac for board in boards]


def test_one_board_that_fails_does_not_stop_the_others(bench):
    boards, daemon = bench
    nobody = "rfc2217://127.0.0.1:1"
    done = espctl(daemon, "efuse", "--json", "-p", nobody, "-p",
                  boards[1].url, "summary", "MAC")
    assert done.status == 44, done
    first, second = done.result()["boards"]
    assert "error" in first and first["port"] == nobody
    assert second["efuses"]["MAC"]["value"].startswith(boards[1].mac)


def test_espefuse_tells_of_the_chip_as_it_does(bench):
    boards, daemon = bench
    done = espctl(daemon, "espefuse", "-p", boards[0].url, "get-custom-mac")
    assert done.status == 0, done
    assert "Detecting chip type... ESP32-C3" in done.out
    assert done.out.splitlines()[-1] == \
        "Custom MAC Address: 00:00:00:00:00:00 (OK)"


def test_another_chip_than_the_one_that_was_named_is_left_alone(bench):
    boards, daemon = bench
    done = espctl(daemon, "espefuse", "--chip", "esp32s3", "-p",
                  boards[0].url, "dump")
    assert done.status == 2
    assert "BLOCK0" not in done.out


@pytest.fixture
def pair():
    """Two boards that may be burned, and one of another kind."""
    sim = Sim([(CHIP, 2), ("esp32s3", 1)])
    daemon = Daemon()
    yield sim.boards, daemon
    daemon.stop()
    sim.stop()


def begin(daemon, *words):
    """Start espctl efuse and wait for its question."""
    process = subprocess.Popen(
        [program("espctl"), "efuse", *words], text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=clean_env(ESPFLASHD_SOCKET=daemon.socket))
    told = ""
    while "Type 'BURN'" not in told:
        line = process.stderr.readline()
        assert line, told
        told += line
    return process, told


def answer(process, text):
    out, err = process.communicate(text, timeout=LIMIT)
    return Done(process.returncode, out, err)


def test_one_question_burns_all_boards(pair):
    (left, right, _), daemon = pair
    both = ("-p", left.url, "-p", right.url)
    process, told = begin(daemon, *both, "burn-efuse", "DIS_ICACHE")
    assert all("The plan for ESP32-C3 at %s:" % board.url in told
               for board in (left, right))
    done = answer(process, "BURN\n")
    assert done.status == 0, done
    assert done.err.count("BURN BLOCK0") == 2
    read = espctl(daemon, "efuse", *both, "summary", "--format",
                  "value_only", "DIS_ICACHE")
    assert read.out.splitlines()[1::2] == ["True", "True"]


def test_a_chip_that_has_changed_meanwhile_is_not_burned(pair):
    (board, _, _), daemon = pair
    process, _ = begin(daemon, "-p", board.url, "burn-bit", "BLOCK3", "7")
    other = espctl(daemon, "efuse", "-p", board.url, "--do-not-confirm",
                   "burn-efuse", "DIS_ICACHE")
    assert other.status == 0, other
    done = answer(process, "BURN\n")
    assert done.status == 50, done
    read = espctl(daemon, "efuse", "-p", board.url, "summary", "--format",
                  "value_only", "BLOCK_USR_DATA")
    assert set(read.out.split()) == {"00"}


def test_boards_of_two_kinds_are_not_burned_together(pair):
    (board, _, other), daemon = pair
    done = espctl(daemon, "efuse", "-p", board.url, "-p", other.url,
                  "--do-not-confirm", "burn-bit", "BLOCK3", "7")
    assert done.status == 50, done
    assert "ESP32-C3" in done.err and "ESP32-S3" in done.err


def test_the_same_again_burns_only_where_something_is_left(pair):
    (left, right, _), daemon = pair
    first = espctl(daemon, "efuse", "-p", left.url, "--do-not-confirm",
                   "burn-efuse", "DIS_ICACHE")
    assert first.status == 0, first
    done = espctl(daemon, "efuse", "--json", "-p", left.url, "-p", right.url,
                  "--do-not-confirm", "burn-efuse", "DIS_ICACHE")
    assert done.status == 0, done
    boards = done.result()["boards"]
    assert "steps" not in boards[0]
    assert [step["block"] for step in boards[1]["steps"]] == ["BLOCK0"]


def test_keys_stay_out_of_jobs_and_logs(pair, tmp_path):
    (board, _, _), daemon = pair
    path = tmp_path / "key"
    path.write_bytes(KEY)
    done = espctl(daemon, "efuse", "--json", "--trace", "-p", board.url,
                  "--do-not-confirm", "burn-key", "BLOCK_KEY0", path,
                  "XTS_AES_128_KEY")
    assert done.status == 0, done
    assert '"job.trace"' in done.out
    said = done.out + done.err + daemon.log_text()
    words = [KEY[at:at + 4] for at in range(0, len(KEY), 4)]
    assert not [word for word in words
                if word.hex() in said or word[::-1].hex() in said]


def test_a_chip_that_locks_us_out_as_planned_is_a_success(pair):
    (board, _, _), daemon = pair
    done = espctl(daemon, "espefuse", "-p", board.url, "--do-not-confirm",
                  "burn-efuse", "ENABLE_SECURITY_DOWNLOAD", "1", "dump")
    assert done.status == 0, done
    assert "as it was planned" in done.out
    assert "dump: " not in done.out and "Reading updated" not in done.out
    again = espctl(daemon, "espefuse", "-p", board.url, "summary")
    assert again.status == 2 and "secure download mode" in again.err


def test_a_damaged_block_is_an_error_and_not_made_worse(pair):
    (board, _, _), daemon = pair
    port = ("-p", board.url, "--do-not-confirm")
    assert espctl(daemon, "efuse", *port, "burn-bit", "BLOCK3",
                  "1").status == 0
    spoilt = espctl(daemon, "efuse", *port, "burn-bit", "BLOCK3", "2",
                    "--force-write-always")
    assert spoilt.status == 13, "its check bytes are wrong now"
    done = espctl(daemon, "efuse", *port, "check-error")
    assert done.status == 13 and "BLOCK_USR_DATA [ERRORS:" in done.out
    before = espctl(daemon, "efuse", *port, "dump").out
    done = espctl(daemon, "espefuse", *port, "check-error", "--recovery")
    assert done.status == 2
    assert "left alone" in done.out and "Successful." not in done.out
    assert espctl(daemon, "efuse", *port, "dump").out == before
