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
    done = one.run("--connect-attempts", 3, "flash-id")
    assert done.status == 11, done
    assert "wrong boot mode (boot:0x13)" in done.err
    one.assert_lines(*order[:3], HARD)
    one.assert_boots("app", "app", "app", "app")


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


@pytest.mark.parametrize("chip", ["esp32c3", "esp32s3"])
def test_a_usb_jtag_block_needs_its_own_sequence(bench, chip):
    one = bench((chip, "--reset-by", "usb-jtag"))
    done = one.run("--before", "usb-reset", "flash-id")
    assert done.status == 0, done
    one.assert_lines(USB_JTAG, HARD)
    one.assert_boots("download", "app")


@pytest.mark.parametrize("after", ["no-reset", "no-reset-stub"])
def test_no_line_moves_when_the_chip_is_to_stay(bench, after):
    one = bench(("esp32",))
    done = one.run("--after", after, "flash-id")
    assert done.status == 0, done
    done = one.run("--before", "no-reset", "--after", after, "flash-id")
    assert done.status == 0, done
    done = one.run("--before", "no-reset", "flash-id")
    assert done.status == 0, done
    one.daemon.stop()
    opened = len([e for e in one.sim.log() if e.what == "open"])
    one.assert_lines(strategies(bench)[0], *one.opened * (opened - 1), HARD)
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
