"""Fixtures: every process that a test starts is ended and checked after it."""
import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness  # noqa: E402
import usb      # noqa: E402


@pytest.fixture
def sim():
    """sim(groups, ...) starts simulated boards."""
    running = []

    def start(*groups, **options):
        running.append(harness.Sim(groups, **options))
        return running[-1]
    yield start
    for one in running:
        one.stop()


@pytest.fixture
def usb_sim():
    """usb_sim(groups, ...) starts simulated boards on a simulated USB; its
    .env is for a daemon that is to see it: start_daemon(env=one.env)."""
    running = []

    def start(*groups, **options):
        running.append(usb.UsbSim(groups, **options))
        return running[-1]
    yield start
    for one in running:
        one.stop()


@pytest.fixture
def start_daemon():
    """start_daemon(...) starts a daemon."""
    running = []

    def start(**options):
        running.append(harness.Daemon(**options))
        return running[-1]
    yield start
    for one in running:
        one.stop()


@pytest.fixture
def daemon(start_daemon):
    return start_daemon()


@pytest.fixture
def espctl(daemon):
    """espctl(words...) runs the client to its end."""
    return lambda *words, **more: harness.espctl(daemon, *words, **more)


@pytest.fixture
def image(tmp_path):
    """image(name, data) makes a file."""
    def make(name, data):
        path = tmp_path / name
        path.write_bytes(data)
        return str(path)
    return make


@pytest.fixture
def measure(request):
    """measure(text) keeps a line for the end of the run."""
    return lambda text: request.node.user_properties.append(
        ("measured", text))


def pytest_terminal_summary(terminalreporter):
    for report in terminalreporter.stats.get("passed", []):
        for name, text in report.user_properties:
            if name == "measured":
                terminalreporter.write_line("measured: " + text)
