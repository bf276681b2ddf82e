"""Files made and looked at in the place of esptool, beside what it made and
printed itself: same bytes, same status, same facts.

The recorded runs are no part of this tree: ESPFLASHD_VECTORS names their
folder.  vector_exceptions lists the runs that we do not repeat as they are.
"""
import gzip
import hashlib
import json
import os
import re
import subprocess
import tempfile

import pytest

from harness import LIMIT, Daemon, Done, clean_env, program

HERE = os.path.dirname(os.path.abspath(__file__))
VECTORS = os.environ.get("ESPFLASHD_VECTORS", "")
FOLDERS = ("images", "merge")
ASPECTS = {"status", "files", "text"}   # in which a run can differ
CRASH = "Sanitizer|runtime error|Assertion"
BANNER = "esptool v"
FATAL = ("A fatal error occurred: ", "Error: ")

pytestmark = pytest.mark.skipif(
    not os.path.isdir(os.path.join(VECTORS, FOLDERS[0])),
    reason="ESPFLASHD_VECTORS names no folder of recorded runs")


def load_cases():
    cases = {}
    for folder in FOLDERS:
        path = os.path.join(VECTORS, folder, "manifest.json")
        if not os.path.exists(path):
            continue
        with open(path, encoding="utf-8") as file:
            for case in json.load(file):
                assert case["id"] not in cases
                cases[case["id"]] = dict(case, folder=folder)
    return cases


def load_exceptions():
    """id -> (the aspects that differ, what we do instead)"""
    listed = {}
    with open(os.path.join(HERE, "vector_exceptions"),
              encoding="utf-8") as file:
        for line in file:
            if line.startswith("#") or not line.strip():
                continue
            name, aspects, instead = [x.strip() for x in line.split("|", 2)]
            assert name not in listed, "%s stands there twice" % name
            assert set(aspects.split()) <= ASPECTS and aspects and instead
            listed[name] = set(aspects.split()), instead
    return listed


CASES = load_cases()
EXCEPTIONS = load_exceptions()


def stored(folder, name):
    """The bytes of a file of the recordings; None if only its hash is."""
    path = os.path.join(VECTORS, folder, name)
    if os.path.exists(path + ".gz"):
        with gzip.open(path + ".gz") as file:
            return file.read()
    if not os.path.exists(path):
        return None
    with open(path, "rb") as file:
        return file.read()


def lines(folder, name):
    text = stored(folder, name).decode() if name else ""
    return [line.rstrip() for line in text.splitlines() if line.strip()]


def put(top, name, data):
    path = os.path.join(top, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)


def tree(top):
    """Every file below a folder and what it holds."""
    found = {}
    for folder, _, names in os.walk(top):
        for name in names:
            path = os.path.join(folder, name)
            with open(path, "rb") as file:
                found[os.path.relpath(path, top)] = file.read()
    return found


def lay_out(case, top):
    """The folder that the run begins in."""
    for name in case["inputs"]:
        put(top, name, stored(case["folder"], name))
    for step in case.get("setup", ()):
        put(top, step["to"], stored(case["folder"], step["copy"]))
    os.makedirs(os.path.join(top, "out", case["id"]), exist_ok=True)


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


def where_differ(ours, theirs):
    if theirs is None:
        return "other bytes than those of the hash"
    at = next((i for i, (a, b) in enumerate(zip(ours, theirs)) if a != b),
              min(len(ours), len(theirs)))
    return "%d bytes instead of %d, the first difference at 0x%x: %s " \
        "instead of %s" % (len(ours), len(theirs), at,
                           ours[at:at + 16].hex(), theirs[at:at + 16].hex())


def digest(data):
    return hashlib.sha256(data).hexdigest()


def files_wrong(case, before, after):
    """What is written is what was recorded; who is refused writes nothing."""
    changed = {name: data for name, data in after.items()
               if before.get(name) != data}
    for name in before:
        if name not in after:
            yield name + " is gone"
    for name in sorted(changed):
        if name not in case["outputs"]:
            yield name + " should not be there"
        elif digest(changed[name]) != case["outputs"][name]:
            yield "%s: %s" % (name, where_differ(
                changed[name], stored(case["folder"], name)))
    for name in case["outputs"]:
        if name not in changed:
            yield name + " is missing"


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


def differences(case, done, before, after):
    """aspect -> what is different"""
    found = {}
    if done.status != case["exit"]:
        found["status"] = ["exit %d instead of %d" % (done.status,
                                                      case["exit"])]
    wrong = list(files_wrong(case, before, after))
    if wrong:
        found["files"] = wrong
    # The words of a failure are our own.
    if done.status == 0:
        wrong = list(text_wrong(case, done)) if case["exit"] == 0 else []
    else:
        wrong = list(failure_wrong(done))
    if wrong:
        found["text"] = wrong
    return found


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
    found = differences(case, done, before, after)
    expected, instead = EXCEPTIONS.get(name, (set(), ""))
    told = "\n".join("%s: %s" % (aspect, text) for aspect in found
                     for text in found[aspect])
    assert set(found) == expected, "%s\n%s\n%s\n%r" % (
        instead, told, " ".join(case["args"]), done)


@pytest.mark.skipif(not CASES, reason="there are no recorded runs")
def test_every_exception_is_one_of_a_recorded_run():
    assert not set(EXCEPTIONS) - set(CASES)
