"""Virtual chips read and burned in the place of espefuse, beside what it did
itself: same files, same status, its lines in their order.

The recorded runs are no part of this tree: ESPFLASHD_VECTORS names their
folder.  vector_exceptions_efuse lists the runs that we do not repeat as they
are.  What fields mean is said in words of our own, so descriptions are left out
of the comparison; and we may tell more than espefuse does.
"""
import os
import re
import subprocess
import tempfile

import pytest

from harness import LIMIT, Done, clean_env, program
from vectors import (VECTORS, as_listed, differences, files_wrong, lay_out,
                     lines, load_cases, load_exceptions, tree)

FOLDERS = ("efuse",)
CRASH = "Sanitizer|runtime error|Assertion"
BANNER = "espefuse v"
FATAL = ("A fatal error occurred: ", "Error: ", "nothing was burned")

pytestmark = pytest.mark.skipif(
    not os.path.isdir(os.path.join(VECTORS, FOLDERS[0])),
    reason="ESPFLASHD_VECTORS names no folder of recorded runs")

CASES = load_cases(FOLDERS)
EXCEPTIONS = load_exceptions("vector_exceptions_efuse")

TABLE = "EFUSE_NAME (Block)"
NEXT = "=== Run"
# NAME (BLOCK0)   description = value R/W (0b0)
ROW = re.compile(r"(\S+ \(BLOCK\d+\)(?:\[error\])?)")
COLUMN = 50     # letters of a name, and of a description
BURNING = re.compile(r"^(\s+- '\w+') \(.*\) (\S+ -> .*)$")
JSON_WORDS = re.compile(r'("description": )".*"')


def run(case, top):
    done = subprocess.run(
        [program("espctl"), "espefuse", *case["args"]], text=True, cwd=top,
        capture_output=True, timeout=LIMIT, check=False,
        input=case.get("stdin", ""),
        env=clean_env(HOME=top, TERM="dumb", NO_COLOR="1", COLUMNS="100"))
    return Done(done.returncode, done.stdout, done.stderr)


def table_line(line):
    """A line of a summary without the words of the description."""
    if line.startswith(" "):
        return line if line.startswith(("  Purpose: ", "   = ")) else None
    row = ROW.match(line)
    if not row:
        return line
    value = line[max(COLUMN, row.end()) + 1 + COLUMN:]
    return row[0] + (value if value.startswith(" = ") else "")


def masked(all_lines):
    """The lines without what is said in other words."""
    inside = False
    for line in all_lines:
        line = line.rstrip()
        inside = line.startswith(TABLE) or inside and NEXT not in line
        if inside:
            line = table_line(line)
        if not line or not line.strip() or line.startswith(BANNER):
            continue
        line = BURNING.sub(r"\1 \2", line)
        yield JSON_WORDS.sub(r"\1", line)


def same_words(name, ours, theirs):
    """A JSON file says the same, but for descriptions."""
    return name.endswith(".json") and \
        list(masked(ours.decode().splitlines())) == \
        list(masked(theirs.decode().splitlines()))


def text_wrong(case, done):
    """Every line of espefuse is there, in its order; we may tell more."""
    said = list(masked(done.out.splitlines()))
    at = 0
    for line in masked(lines(case["folder"], case["stdout"])):
        if line not in said[at:]:
            yield "stdout: %r is missing or too early" % line
            return
        at = said.index(line, at) + 1


def failure_wrong(done):
    """A sentence at the end of what was said, and no crash."""
    said = [line for line in done.err.splitlines() if line.strip()]
    if not any(line.startswith(FATAL) for line in said):
        yield "a sentence about the failure is wanted"


def words_wrong(case, done):
    # A refusal comes before all work, that of espefuse in the middle.
    if done.status != 0:
        return failure_wrong(done)
    return text_wrong(case, done) if case["exit"] == 0 else []


def found_in(case, done, before, after):
    # Status 1 is an exception of Python: a refusal of ours.
    status = 2 if case["exit"] == 1 else case["exit"]
    return differences(done, status,
                       files_wrong(case, before, after, same_words),
                       words_wrong(case, done))


@pytest.mark.parametrize("name", CASES)
def test_as_recorded(name):
    case = CASES[name]
    with tempfile.TemporaryDirectory(prefix="vector.") as top:
        lay_out(case, top)
        before = tree(top)
        done = run(case, top)
        after = tree(top)
    assert not re.search(CRASH, done.err), done
    as_listed(case, found_in(case, done, before, after), EXCEPTIONS, done)


@pytest.mark.skipif(not CASES, reason="there are no recorded runs")
def test_every_exception_is_one_of_a_recorded_run():
    assert not set(EXCEPTIONS) - set(CASES)
