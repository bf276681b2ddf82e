"""Each recipe moves the lines exactly as it is documented (daemon/link/reset.h)
and does what it is for, over a device of this machine and over RFC 2217."""
import pytest

from harness import espctl
from usb import assert_sequence, boots

TIGHT = "00 11 01+100 10+50 00"
TIGHT_SLOW = "00 11 01+100 10+550 00"
CLASSIC = "01+100 11 10+50 00"
CLASSIC_SLOW = "01+100 11 10+550 00"
USB_JTAG = "00+100 10+100 11 01+100 00"
HARD = "01+100 00"
HARD_USB = "01+200 00+200"
HARD_FLOW = "01+100 11+100 10"


def visit(*recipes):
    """Recipes with other work between them."""
    return "+ ".join(recipes)


@pytest.fixture(params=["tty", "rfc2217"])
def bench(request, usb_sim, start_daemon):
    """bench((chip, options...), ...) starts boards, whose programs run, and a
    daemon; assert_lines(recipes...) tells what a board saw."""
    class Bench:
        kind = request.param

        def __init__(self, *boards):
            remote = self.kind == "rfc2217"
            self.sim = usb_sim(*[(chip, 1, "--program", *options)
                                 for chip, *options in boards],
                               pty=not remote)
            for number in range(len(boards)):
                self.sim.wait("app", number)
            self.daemon = start_daemon(env=self.sim.env)
            # The kernel raises both lines when a device is opened.
            self.opened = [] if remote else ["11 00"]
            self.one_by_one = remote

        def run(self, *words):
            ports = [word for board in self.sim.boards
                     for word in ("-p", board.url)]
            return espctl(self.daemon, *ports, *words)

        def assert_lines(self, *recipes, number=0):
            self.sim.wait("app", number)
            assert_sequence(self.sim.log(number),
                            visit(*self.opened, *recipes),
                            one_by_one=self.one_by_one)

        def assert_boots(self, *modes, number=0):
            assert boots(self.sim.log(number)) == ["app", *modes]
    return Bench


def strategies(bench):
    """What is tried, in this order: over a network the lines move one after
    the other anyway."""
    return [CLASSIC, CLASSIC_SLOW] if bench.kind == "rfc2217" else \
        [TIGHT, TIGHT_SLOW, CLASSIC, CLASSIC_SLOW]


def test_strategies_take_turns(bench):
    """A board whose boot pin is not connected."""
    one = bench(("esp32", "--reset-by", "never"))
    order = 2 * strategies(bench)
    tries = 3 if bench.kind == "rfc2217" else 2
    done = one.run("--connect-attempts", tries, "flash-id")
    assert done.status == 11, done
    assert "wrong boot mode (boot:0x13)" in done.err
    one.assert_lines(*order[:tries], HARD)
    assert "download" not in boots(one.sim.log())


def test_each_board_is_reset_by_the_strategy_it_needs(bench):
    boards = [("esp32c3", "tight", TIGHT), ("esp32", "slow", TIGHT_SLOW),
              ("esp32s3", "classic", CLASSIC),
              ("esp8266", "classic,slow", CLASSIC_SLOW)]
    if bench.kind == "rfc2217":     # what needs both at once cannot be had
        boards = [("esp32", "slow", CLASSIC_SLOW),
                  ("esp32s3", "classic", CLASSIC)]
    some = bench(*[(chip, "--reset-by", circuit)
                   for chip, circuit, _ in boards])
    done = some.run("flash-id")
    assert done.status == 0, done
    order = strategies(bench)
    for number, (_, _, wanted) in enumerate(boards):
        tries = order[:order.index(wanted) + 1]
        some.assert_lines(*tries, HARD, number=number)
        happened = boots(some.sim.log(number))
        assert happened[-2:] == ["download", "app"], happened
        assert happened.count("download") == 1, happened


def test_a_usb_jtag_block_needs_its_own_sequence(bench):
    one = bench(("esp32c3", "--reset-by", "usb-jtag"))
    done = one.run("--before", "usb-reset", "flash-id")
    assert done.status == 0, done
    one.assert_lines(USB_JTAG, HARD)
    one.assert_boots("download", "app")


def test_no_line_moves_when_the_chip_is_to_stay(bench):
    one = bench(("esp32",))
    for words in (["--after", "no-reset"],
                  ["--before", "no-reset", "--after", "no-reset-stub"],
                  ["--before", "no-reset"]):
        done = one.run(*words, "flash-id")
        assert done.status == 0, done
    one.daemon.stop()
    opened = len([e for e in one.sim.log() if e.what == "open"])
    one.assert_lines(strategies(bench)[0], *one.opened * (opened - 1), HARD)
    # Our stub is left for the loader.
    one.assert_boots("download", "download", "app")


def test_a_sequence_of_the_user_s_is_kept_to(bench):
    """Over a network the lines move one after the other, DTR first."""
    one = bench(("esp32",))
    done = one.run("--reset-sequence", "U1,1|U0,1|W0.12|U1,0|W0.07|U0,0",
                   "--hard-reset-sequence", "R1|W0.15|R0", "flash-id")
    assert done.status == 0, done
    one.assert_lines("11 01+120 10+70 00", "01+150 00")
    one.assert_boots("download", "app")


def test_hard_flow_starts_the_program_over_a_network_too(bench):
    one = bench(("esp32",))
    done = one.run("--hard-reset-sequence", "U0,1|W0.1|U1,1|W0.1|U1,0",
                   "flash-id")
    assert done.status == 0, done
    one.daemon.stop()
    one.sim.wait("app")
    recipes = [*one.opened, strategies(bench)[0], HARD_FLOW]
    if bench.kind == "rfc2217":
        recipes.append("00")        # by the server, when the client is gone
    assert_sequence(one.sim.log(), visit(*recipes), one_by_one=one.one_by_one)
    one.assert_boots("download", "app")


def usb_bench(usb_sim, start_daemon, chip, *options):
    sim = usb_sim((chip, 1, "--program", *options))
    sim.wait("app")
    return sim, start_daemon(env=sim.env)


@pytest.mark.parametrize("chip", ["esp32c3", "esp32s3"])
def test_a_usb_jtag_device_is_known_by_its_ids(chip, usb_sim, start_daemon):
    sim, daemon = usb_bench(usb_sim, start_daemon, chip,
                            "--usb-id", "303a:1001")
    done = espctl(daemon, "-p", sim.boards[0].url, "flash-id")
    assert done.status == 0, done
    sim.wait("app")
    daemon.stop()
    assert_sequence(sim.log(), visit("11 00", USB_JTAG, HARD_USB))
    assert boots(sim.log()) == ["app", "download", "app"]


def test_dtr_stays_asserted_behind_a_flow_control_adapter(usb_sim,
                                                          start_daemon):
    sim, daemon = usb_bench(usb_sim, start_daemon, "esp32",
                            "--usb-id", "10c4:ea64")
    done = espctl(daemon, "-p", sim.boards[0].url, "flash-id")
    assert done.status == 0, done
    daemon.stop()
    sim.wait("app")
    # Nothing is released, not even by the last close.
    assert sim.log()[-1].what == "close"
    assert_sequence(sim.log(), visit("11 10", TIGHT[:-len(" 00")], HARD_FLOW))
    assert boots(sim.log()) == ["app", "download", "app"]


def parts(log, what):
    """The log in pieces, cut where that happened."""
    found = [[]]
    for entry in log:
        if entry.what == what:
            found.append([])
        found[-1].append(entry)
    return found


def test_a_chip_s_own_usb_goes_away_and_comes_back(usb_sim, start_daemon):
    """USB-OTG: each start of the chip ends the device; it comes back as
    another product under another name, and the loader stays forced until that
    is withdrawn."""
    sim, daemon = usb_bench(usb_sim, start_daemon, "esp32s3", "--otg")
    done = espctl(daemon, "-p", sim.boards[0].url, "flash-id")
    assert done.status == 0, done
    assert "Detected flash size: 4MB" in done.out
    sim.wait("app")
    connect, leave = parts(sim.log(), "away")[:2]
    assert_sequence(connect, visit("11 00", "11 01+100 10"))
    assert_sequence(leave, visit("11 00", "01+200 00"))
    assert boots(sim.log()) == ["app", "download", "app"]
