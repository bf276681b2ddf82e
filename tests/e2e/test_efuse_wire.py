"""Fuses burned over the wire: a simulated board ends with the same bits as a
chip that is only a file, and with those of the recorded chips.

The simulator has tables of its own for its fuses (tests/sim/efuse_*.c), so that
what client, daemon and model believe of a chip is held against something else.
"""
import json
import os
import subprocess

import pytest

from harness import ALL_CHIPS, LIMIT, Done, clean_env, program
from vectors import VECTORS, load_exceptions, stored

CHIPS = [chip for chip in ALL_CHIPS if chip != "esp8266"]

# Where the words of the blocks are in the registers: first, behind the last.
WORDS = {"esp32": [(0x00, 0x1C), (0x38, 0x98)], "esp32c2": [(0x2C, 0x80)],
         "esp32s31": [(0x2C, 0x168)]}
USUAL_WORDS = [(0x2C, 0x17C)]

# What a factory has burned: (register, bits).  A MAC, and of the ESP32-P4 the
# revision, for its fuses are others before 3.0.
MAC = bytes.fromhex("4022334455a0")
MAC_AT = {"esp32": 0x04, "esp32c2": 0x40, "esp32s31": 0x50}
FACTORY = {"esp32p4": [(0x4C, 3 << 4)]}


def mac_crc():
    """CRC-8 of the MAC, which the ESP32 keeps beside it."""
    rest = 0
    for byte in MAC:
        rest ^= byte
        for _ in range(8):
            rest = rest >> 1 ^ (0x8C if rest & 1 else 0)
    return rest


class Fuses:
    """The file of a chip's fuses: its registers, end to end turned."""

    def __init__(self, chip):
        self.chip = chip
        self.data = bytearray(0x120 if chip == "esp32" else 0x200)

    @classmethod
    def read(cls, chip, data):
        fuses = cls(chip)
        assert len(data) == len(fuses.data)
        fuses.data[:] = data[::-1]
        return fuses

    def burn(self, register, bits):
        old = int.from_bytes(self.data[register:register + 4], "little")
        self.data[register:register + 4] = (old | bits).to_bytes(4, "little")

    def bit(self, number):
        """A bit of BLOCK0."""
        at = WORDS.get(self.chip, USUAL_WORDS)[0][0] + number // 8
        return self.data[at] >> number % 8 & 1

    def factory(self):
        at = MAC_AT.get(self.chip, 0x44)
        self.burn(at, int.from_bytes(MAC[2:], "big"))
        self.burn(at + 4, int.from_bytes(MAC[:2], "big") |
                  (mac_crc() << 16 if self.chip == "esp32" else 0))
        for register, bits in FACTORY.get(self.chip, ()):
            self.burn(register, bits)
        return self

    def blocks(self):
        """What can be read, as words by register."""
        return {at: self.data[at:at + 4][::-1].hex()
                for first, end in WORDS.get(self.chip, USUAL_WORDS)
                for at in range(first, end, 4)}

    def write(self, path):
        with open(path, "wb") as file:
            file.write(self.data[::-1])


def differences(ours, theirs):
    """Registers that hold something else: {"0x2c": (ours, theirs)}"""
    ours, theirs = ours.blocks(), theirs.blocks()
    return {hex(at): (ours[at], theirs[at])
            for at in ours if ours[at] != theirs[at]}


def espefuse(daemon, cwd, *words, stdin=""):
    done = subprocess.run(
        [program("espctl"), "espefuse", *words], text=True, cwd=cwd,
        capture_output=True, timeout=LIMIT, check=False, input=stdin,
        env=clean_env(ESPFLASHD_SOCKET=daemon.socket, HOME=str(cwd),
                      TERM="dumb", NO_COLOR="1", COLUMNS="100"))
    return Done(done.returncode, done.stdout, done.stderr)


class Bench:
    """The same chip twice: on the wire, and as a file."""

    def __init__(self, chip, sim, daemon, top, start):
        self.chip, self.daemon, self.top = chip, daemon, top
        self.board_file = os.path.join(top, "board.fuses")
        self.virtual_file = os.path.join(top, "virtual.fuses")
        start.write(self.board_file)
        start.write(self.virtual_file)
        self.board = sim((chip, 1, "--socket", "--efuse-file",
                          self.board_file)).boards[0]

    def wire(self, *words, stdin=""):
        return espefuse(self.daemon, self.top, "--chip", self.chip,
                        "--port", self.board.url, *words, stdin=stdin)

    def virtual(self, *words, stdin=""):
        return espefuse(self.daemon, self.top, "--chip", self.chip, "--virt",
                        "--path-efuse-file", self.virtual_file, *words,
                        stdin=stdin)

    def on_board(self):
        with open(self.board_file, "rb") as file:
            return Fuses.read(self.chip, file.read())

    def in_file(self):
        with open(self.virtual_file, "rb") as file:
            return Fuses.read(self.chip, file.read())


KEYS = {"key-%d" % n: bytes((n * 37 + i * 11) & 0xff for i in range(32))
        for n in range(4)}


def esp32_chain():
    return [
        "burn-efuse JTAG_DISABLE 1 CONSOLE_DEBUG_DISABLE 1",
        "burn-efuse FLASH_CRYPT_CNT 3",
        "burn-custom-mac 40:22:33:44:55:66",
        "burn-key flash_encryption key-0",
        "burn-key BLOCK2 key-1 --no-protect-key "
        "set-flash-voltage 3.3V write-protect-efuse JTAG_DISABLE",
        "burn-bit BLOCK0 194 195",
        "read-protect-efuse BLOCK2",
        "burn-efuse UART_DOWNLOAD_DIS 1",
    ]


def esp32c2_chain():
    return [
        "burn-efuse DIS_PAD_JTAG 1 UART_PRINT_CONTROL 2",
        "burn-efuse SPI_BOOT_CRYPT_CNT",
        "burn-custom-mac 40:22:33:44:55:66",
        "burn-key BLOCK_KEY0 key-half "
        "XTS_AES_128_KEY_DERIVED_FROM_128_EFUSE_BITS",
        "burn-bit BLOCK0 59 write-protect-efuse DIS_PAD_JTAG",
        "burn-efuse ENABLE_SECURITY_DOWNLOAD 1",
    ]


def usual_chain(chip):
    jtag = "HARD_DIS_JTAG" if chip == "esp32s2" else "DIS_PAD_JTAG"
    count = "SECURE_BOOT_KEY_REVOKE2" if chip == "esp32e22" else \
        "SPI_BOOT_CRYPT_CNT"
    return [
        "burn-efuse %s 1 UART_PRINT_CONTROL 2" % jtag,
        "burn-efuse " + count,
        "burn-efuse SECURE_VERSION 1 burn-custom-mac 40:22:33:44:55:66",
        "burn-key BLOCK_KEY0 key-0 XTS_AES_128_KEY",
        "burn-key BLOCK_KEY1 key-1 SECURE_BOOT_DIGEST0 BLOCK_KEY2 key-2 "
        "HMAC_UP burn-bit BLOCK_SYS_DATA2 3 9 31",
        "burn-key BLOCK_KEY3 key-3 HMAC_UP --no-read-protect",
        "read-protect-efuse BLOCK_KEY3",
        "write-protect-efuse SECURE_BOOT_AGGRESSIVE_REVOKE",
        "burn-efuse ENABLE_SECURITY_DOWNLOAD 1",
    ]


def chain_of(chip):
    own = {"esp32": esp32_chain, "esp32c2": esp32c2_chain}
    return own[chip]() if chip in own else usual_chain(chip)


def burn_both(bench, chain):
    """Each command on the board and on the virtual chip: the same bits."""
    for line in chain:
        words = ["--do-not-confirm", *line.split()]
        wire, virtual = bench.wire(*words), bench.virtual(*words)
        assert wire.status == virtual.status == 0, (line, wire, virtual)
        assert not differences(bench.on_board(), bench.in_file()), line


@pytest.fixture
def keys(tmp_path):
    for name, data in KEYS.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "key-half").write_bytes(KEYS["key-3"][:16])
    (tmp_path / "key-24").write_bytes(KEYS["key-3"][:24])


@pytest.mark.parametrize("chip", CHIPS)
def test_a_board_ends_with_the_bits_of_a_virtual_chip(chip, sim, daemon, keys,
                                                      tmp_path):
    burn_both(Bench(chip, sim, daemon, str(tmp_path), Fuses(chip).factory()),
              chain_of(chip))


def test_an_esp32_with_three_quarters_coding_ends_so_too(sim, daemon, keys,
                                                         tmp_path):
    fuses = Fuses("esp32").factory()
    fuses.burn(0x18, 1)     # CODING_SCHEME
    bench = Bench("esp32", sim, daemon, str(tmp_path), fuses)
    burn_both(bench, [
        "burn-key flash_encryption key-24 --no-protect-key",
        "burn-custom-mac 40:22:33:44:55:66",
        "write-protect-efuse BLOCK1",
    ])
    assert bench.wire("check-error").status == 0


# The recorded runs.  Each began with the fuses that another left; where ours
# left the same on the board, it goes on as it is.

def load_burns():
    """The recorded runs that burned something, by chip."""
    burns = {}
    path = os.path.join(VECTORS, "efuse", "manifest.json")
    if not os.path.exists(path):
        return burns
    with open(path, encoding="utf-8") as file:
        for case in json.load(file):
            left = "out/%s/efuse.bin" % case["id"]
            if left not in case["outputs"]:
                continue
            case["left"] = left
            case["began"] = next((step["copy"] for step in
                                  case.get("setup", ())), None)
            chip = case["args"][case["args"].index("--chip") + 1]
            burns.setdefault(chip, []).append(case)
    return burns


BURNS = load_burns()
EXCEPTIONS = load_exceptions("vector_exceptions_efuse")

# The bits of BLOCK0 that let nobody read a chip over the wire, as a virtual one
# still can be: ENABLE_SECURITY_DOWNLOAD, DIS_DOWNLOAD_MODE.
CLOSED = {"esp32": (27,), "esp32c2": (46, 48), "esp32c61": (96, 100),
          "esp32h4": (127, 131), "esp32s31": (144, 149),
          "esp32e22": (127, 132)}
USUALLY_CLOSED = (128, 133)


def same_on_a_board(case):
    """May the run come out as it was recorded?"""
    if "files" in EXCEPTIONS.get(case["id"], ((), ""))[0]:
        return False
    chip = case["args"][case["args"].index("--chip") + 1]
    if case["began"] is None:
        return True
    began = Fuses.read(chip, stored("efuse", case["began"]))
    return not any(began.bit(bit)
                   for bit in CLOSED.get(chip, USUALLY_CLOSED))


def same_status(case):
    """A second burning of a coded block spoils its check bytes: hardware tells
    of it, a virtual chip does not."""
    return "--force-write-always" not in case["args"] and \
        "status" not in EXCEPTIONS.get(case["id"], ((), ""))[0]


def on_the_wire(case):
    """The words of a run without what makes its chip a virtual one."""
    words = list(case["args"])
    for name, count in (("--virt", 1), ("--path-efuse-file", 2),
                        ("--chip", 2)):
        if name in words:
            at = words.index(name)
            del words[at:at + count]
    return words


class Replay:
    def __init__(self, chip, sim, daemon, top):
        self.chip, self.sim, self.daemon, self.top = chip, sim, daemon, top
        self.board = self.fuses = self.path = None
        self.boards = 0

    def state(self, name):
        fuses = Fuses(self.chip)
        if name is not None:
            fuses = Fuses.read(self.chip, stored("efuse", name))
        return revision(fuses)

    def begin(self, fuses):
        """A board that holds these."""
        if self.fuses is not None and not differences(self.fuses, fuses):
            return
        self.boards += 1
        self.path = os.path.join(self.top, "fuses-%d" % self.boards)
        fuses.write(self.path)
        self.board = self.sim((self.chip, 1, "--socket", "--efuse-file",
                               self.path)).boards[0]

    def run(self, case):
        """None, or how it came out otherwise than recorded."""
        for name in case["inputs"]:
            path = os.path.join(self.top, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(stored("efuse", name))
        self.begin(self.state(case["began"]))
        done = espefuse(self.daemon, self.top, "--chip", self.chip, "--port",
                        self.board.url, *on_the_wire(case),
                        stdin=case.get("stdin", ""))
        with open(self.path, "rb") as file:
            self.fuses = Fuses.read(self.chip, file.read())
        wrong = differences(self.fuses, self.state(case["left"]))
        if wrong or (same_status(case) and done.status != case["exit"]):
            return "%s: exit %d instead of %d, %s\n%s" % (
                case["id"], done.status, case["exit"], wrong, done)
        return None


def revision(fuses):
    """With the revision that a virtual chip has: the ESP32-P4's fuses."""
    for register, bits in FACTORY.get(fuses.chip, ()):
        fuses.burn(register, bits)
    return fuses


@pytest.mark.skipif(not BURNS, reason="no recorded runs")
@pytest.mark.parametrize("chip", sorted(BURNS))
def test_recorded_burns_leave_the_same_bits_on_a_board(chip, sim, daemon,
                                                       tmp_path):
    replay = Replay(chip, sim, daemon, str(tmp_path))
    wrong = [replay.run(case) for case in BURNS[chip]
             if same_on_a_board(case)]
    wrong = [text for text in wrong if text]
    assert not wrong, "\n".join(wrong)
