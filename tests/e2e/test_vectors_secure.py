"""Keys, signatures and flash encryption in the place of espsecure, beside what
it did itself: same bytes, same status, its lines in their order.

What is made with random numbers has the same form, differs from run to run, and
is accepted by the command that reads it.  The recorded runs are no part of this
tree: ESPFLASHD_VECTORS names their folder.  vector_exceptions_secure lists the
runs that we do not repeat as they are.
"""
import base64
import os
import re
import subprocess
import tempfile
import zlib

import pytest

from harness import LIMIT, Done, clean_env, program
from vectors import (VECTORS, as_listed, differences, files_wrong, lay_out,
                     lines, load_cases, load_exceptions, put, stored, tree)

FOLDERS = ("secure",)
CRASH = "Sanitizer|runtime error|Assertion"
BANNER = "espsecure v"
FATAL = ("A fatal error occurred: ", "Error: ")
# What scripts look for, also where the run fails in the end.
FINDINGS = ("Signature block ", "Public key digest ", "Verifying ")

SECTOR, BLOCK, BLOCKS = 4096, 1216, 3
CHECKED = 1196                  # bytes of a block below its CRC

pytestmark = pytest.mark.skipif(
    not os.path.isdir(os.path.join(VECTORS, FOLDERS[0])),
    reason="ESPFLASHD_VECTORS names no folder of recorded runs")

CASES = load_cases(FOLDERS)
EXCEPTIONS = load_exceptions("vector_exceptions_secure")
CHANCE = [name for name, case in CASES.items()
          if case.get("deterministic") is False and name not in EXCEPTIONS]


def espsecure(top, *words, text=""):
    done = subprocess.run(
        [program("espctl"), "espsecure", *words], text=True, cwd=top,
        capture_output=True, timeout=LIMIT, check=False, input=text,
        env=clean_env(HOME=top, TERM="dumb", NO_COLOR="1", COLUMNS="100"))
    assert not re.search(CRASH, done.stderr), done.stderr
    return Done(done.returncode, done.stdout, done.stderr)


def run(case, top):
    return espsecure(top, *case["args"], text=case.get("stdin", ""))


def after_option(args, option):
    """The words behind an option that takes all up to the next one."""
    at = args.index(option) + 1
    end = next((i for i in range(at, len(args)) if args[i].startswith("-")),
               len(args))
    return args[at:end]


# What random numbers have a part in.

def chance_of(block):
    """Where in a signature block the signature is."""
    if block[1] == 2:
        return 812, 812 + 384
    return (149, 149 + 96) if block[2] == 1 else (101, 101 + 64)


def same_signed(case, ours, theirs, before):
    """The same image, keys and blocks, but for new signatures."""
    if len(ours) != len(theirs) or \
            ours[:-SECTOR] != theirs[:-SECTOR]:
        return False
    ours, theirs = ours[-SECTOR:], theirs[-SECTOR:]
    if ours[BLOCKS * BLOCK:] != theirs[BLOCKS * BLOCK:]:
        return False
    for at in range(0, BLOCKS * BLOCK, BLOCK):
        one, other = ours[at:at + BLOCK], theirs[at:at + BLOCK]
        if one == other:
            continue
        if other[0] != 0xE7 or other in before[case["args"][-1]]:
            return False        # unused, or kept from the input
        first, end = chance_of(other)
        if one[:first] != other[:first] or \
                one[end:CHECKED] != other[end:CHECKED] or \
                one[CHECKED + 4:] != other[CHECKED + 4:] or \
                zlib.crc32(one[:CHECKED]).to_bytes(4, "little") != \
                one[CHECKED:CHECKED + 4]:
            return False
    return True


def pem_form(data):
    """First and last line, and the bytes between them."""
    text = data.decode().split("\n")
    assert text[-1] == "" and all(len(line) == 64 for line in text[1:-3])
    return text[0], text[-2], base64.b64decode("".join(text[1:-2]))


def same_key_form(ours, theirs):
    """The same lines around a key of the same kind: RSA has numbers of nearly
    the same length, ECDSA the same bytes around number and point."""
    first, last, one = pem_form(ours)
    wanted_first, wanted_last, other = pem_form(theirs)
    if (first, last) != (wanted_first, wanted_last) or one == other:
        return False
    if "RSA" in first:
        return abs(len(one) - len(other)) <= 4 and one[:2] == other[:2]
    size = other[6 if other[1] < 0x80 else 7]   # behind 30 len 02 01 01 04
    at = (6 if other[1] < 0x80 else 7) + 1
    point = len(other) - 2 * size
    return len(one) == len(other) and one[:at] == other[:at] and \
        one[at + size:point] == other[at + size:point]


def same_form(case, name, ours, theirs, before):
    """Is it what the recorded one is, but for chance?"""
    command = case["args"][0]
    if case.get("deterministic") is not False:
        return False
    if command == "sign-data":
        return same_signed(case, ours, theirs, before)
    if command == "generate-signing-key":
        return same_key_form(ours, theirs)
    if command == "generate-flash-encryption-key":
        return len(ours) == len(theirs) and ours != theirs
    # The last block was filled up with random bytes.
    return len(ours) == len(theirs) and ours[:-16] == theirs[:-16]


# A run beside the recorded one.

def in_order(stream, wanted, said):
    at = 0
    for line in wanted:
        if line not in said[at:]:
            yield "%s: %r is missing or too early" % (stream, line)
            return
        at = said.index(line, at) + 1


def said_by(text):
    return [line.rstrip() for line in text.splitlines() if line.strip()]


def text_wrong(case, done):
    """Every line of espsecure is there, in its order; we may tell more.  Of
    what goes wrong there is nothing."""
    wanted = [line for line in lines(case["folder"], case["stdout"])
              if not line.startswith(BANNER)]
    yield from in_order("stdout", wanted, said_by(done.out))
    if said_by(done.err) != lines(case["folder"], case["stderr"]):
        yield "stderr: %r" % done.err


def failure_wrong(case, done):
    """One sentence; and before it what was found, as espsecure tells it."""
    said = said_by(done.err)
    if len(said) != 1 or not said[0].startswith(FATAL):
        yield "one sentence is wanted"
    if case["exit"] == 2:
        wanted = [line for line in lines(case["folder"], case["stdout"])
                  if line.startswith(FINDINGS)]
        yield from in_order("stdout", wanted, said_by(done.out))


def words_wrong(case, done):
    if done.status != 0:
        return failure_wrong(case, done)
    return text_wrong(case, done) if case["exit"] == 0 else []


def found_in(case, done, before, after):
    # Status 1 is an exception of Python: a refusal of ours.
    status = 2 if case["exit"] == 1 else case["exit"]
    return differences(
        done, status, files_wrong(case, before, after, lambda *made: same_form(
            case, *made, before)), words_wrong(case, done))


@pytest.mark.parametrize("name", CASES)
def test_as_recorded(name):
    case = CASES[name]
    with tempfile.TemporaryDirectory(prefix="vector.") as top:
        lay_out(case, top)
        before = tree(top)
        done = run(case, top)
        after = tree(top)
    # No exception is one to this.
    assert done.status == 0 or after == before, "a failure left something"
    as_listed(case, found_in(case, done, before, after), EXCEPTIONS, done)


# What is made with random numbers is of use.

def verifies(case, top, path):
    skip = ["--skip-padding"] if "--skip-padding" in case["args"] else []
    for key in after_option(case["args"], "--keyfile"):
        done = espsecure(top, "verify-signature", "--version", "2", *skip,
                         "--keyfile", key, path)
        assert done.status == 0, done
        assert "verification successful using the supplied key" in done.out


def signs(case, top, path):
    """A new key signs, and is private to its owner."""
    assert os.stat(os.path.join(top, path)).st_mode & 0o777 == 0o600
    put(top, "data", b"\x5a" * 5000)
    done = espsecure(top, "sign-data", "--version", "2", "--output", "signed",
                     "data", "--keyfile", path)
    assert done.status == 0, done
    done = espsecure(top, "verify-signature", "--version", "2", "--keyfile",
                     path, "signed")
    assert done.status == 0, done


def encrypts(case, top, path):
    """A new key is one that flash encryption takes, if it has the length of
    one."""
    made = os.stat(os.path.join(top, path))
    assert made.st_mode & 0o777 == 0o600
    if made.st_size not in (16, 24, 32, 64):
        return
    put(top, "data", b"\x5a" * 160)
    done = espsecure(top, "encrypt-flash-data", "--keyfile", path, "--output",
                     "secret", "--address", "0", "data")
    assert done.status == 0, done


def decrypts(case, top, path):
    """What was encrypted comes back, whatever it was filled up with."""
    key, = after_option(case["args"], "--keyfile")
    address = after_option(case["args"], "--address")[0]
    done = espsecure(top, "decrypt-flash-data", "--keyfile", key, "--output",
                     "plain", "--address", address, path)
    assert done.status == 0, done
    after = tree(top)
    plain = after[case["args"][-1]]
    assert after["plain"][:len(plain)] == plain


USES = {
    "sign-data": verifies,
    "generate-signing-key": signs,
    "generate-flash-encryption-key": encrypts,
    "encrypt-flash-data": decrypts,
}


@pytest.mark.parametrize("name", CHANCE)
def test_what_chance_makes_is_of_use_and_new_each_time(name):
    case = CASES[name]
    path, = case["outputs"]
    made = [stored(case["folder"], path)]
    for _ in range(2):
        with tempfile.TemporaryDirectory(prefix="vector.") as top:
            lay_out(case, top)
            done = run(case, top)
            assert done.status == 0, done
            made.append(tree(top)[path])
            USES[case["args"][0]](case, top, path)
    assert len(set(made)) == len(made)


@pytest.mark.skipif(not CASES, reason="there are no recorded runs")
def test_every_exception_is_one_of_a_recorded_run():
    assert not set(EXCEPTIONS) - set(CASES)
