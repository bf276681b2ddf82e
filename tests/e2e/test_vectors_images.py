"""Files made and looked at in the place of esptool, beside what it made and
printed itself: same bytes, same status, same facts.

The recorded runs are no part of this tree: ESPFLASHD_VECTORS names their
folder.  vector_exceptions lists the runs that we do not repeat as they are.
"""
import os
import re
import subprocess
import tempfile

import pytest

from harness import LIMIT, Daemon, Done, clean_env, program
from vectors import (VECTORS, as_listed, differences, files_wrong, lay_out,
                     lines, load_cases, load_exceptions, tree)

FOLDERS = ("images", "merge")
CRASH = "Sanitizer|runtime error|Assertion"
BANNER = "esptool v"
FATAL = ("A fatal error occurred: ", "Error: ")

pytestmark = pytest.mark.skipif(
    not os.path.isdir(os.path.join(VECTORS, FOLDERS[0])),
    reason="ESPFLASHD_VECTORS names no folder of recorded runs")


CASES = load_cases(FOLDERS)
EXCEPTIONS = load_exceptions("vector_exceptions")


@pytest.fixture(scope="module")
def one_daemon():
    daemon = Daemon()
    yield daemon
    log = daemon.log_text()
    daemon.stop()
    assert not re.search(CRASH, log), log


def run(daemon, case, top):
    done = subprocess.run(
        [program("espctl"), "esptool", *case["args"]], text=True, cwd=top,
        capture_output=True, timeout=LIMIT, check=False,
        input=case.get("stdin", ""),
        env=clean_env(ESPFLASHD_SOCKET=daemon.socket, HOME=top, TERM="dumb",
                      NO_COLOR="1", COLUMNS="100"))
    return Done(done.returncode, done.stdout, done.stderr)


def text_wrong(case, done):
    """Every line of esptool is there, in its order; we may tell more."""
    for stream, ours in (("stdout", done.out), ("stderr", done.err)):
        said = [line.rstrip() for line in ours.splitlines()]
        at = 0
        for line in lines(case["folder"], case[stream]):
            if line.startswith(BANNER):
                continue
            if line not in said[at:]:
                yield "%s: %r is missing or too early" % (stream, line)
                return
            at = said.index(line, at) + 1


def words_wrong(case, done):
    # The words of a failure are our own.
    if done.status != 0:
        return failure_wrong(done)
    return text_wrong(case, done) if case["exit"] == 0 else []


def found_in(case, done, before, after):
    return differences(done, case["exit"], files_wrong(case, before, after),
                       words_wrong(case, done))


def failure_wrong(done):
    """One sentence, and the status that esptool's failures have."""
    said = [line for line in done.err.splitlines() if line.strip()]
    if done.status != 2:
        yield "a failure is exit 2"
    if len(said) != 1 or not said[0].startswith(FATAL):
        yield "one sentence is wanted"


@pytest.mark.parametrize("name", CASES)
def test_as_recorded(one_daemon, name):
    case = CASES[name]
    with tempfile.TemporaryDirectory(prefix="vector.") as top:
        lay_out(case, top)
        before = tree(top)
        done = run(one_daemon, case, top)
        after = tree(top)
    # No exception is one to these.
    assert not re.search(CRASH, done.err), done
    assert done.status == 0 or after == before, "a failure left something"
    as_listed(case, found_in(case, done, before, after), EXCEPTIONS, done)


@pytest.mark.skipif(not CASES, reason="there are no recorded runs")
def test_every_exception_is_one_of_a_recorded_run():
    assert not set(EXCEPTIONS) - set(CASES)
