"""Keys in PEM into virtual chips, and what a user is told before he burns."""
import os
import subprocess

import pytest

from harness import LIMIT, Done, clean_env, program

USAGE, CANCELLED = 2, 42
KEYS = os.path.join(os.environ.get("abs_top_srcdir") or os.path.join(
    os.path.dirname(__file__), "..", ".."), "tests/fuzz/corpus/pem")
# Of p256-public, by esptool's espsecure.
P256_DIGEST = ("ab f8 16 99 64 9b 89 1e 76 ed 91 63 6e e8 ed 20 "
               "1b f5 6f 77 13 c5 5c fa 50 95 3f 46 14 87 84 3f")
# The secret number of p192-private.
P192_SCALAR = "2e 5a da ad 12 c1 4e 29 ef ee 98 3d ca 0d d4 40 26 79 5a aa"


@pytest.fixture(name="top")
def fixture_top(tmp_path):
    return str(tmp_path)


def key(name):
    return os.path.join(KEYS, name)


def fuses(top, chip, *words, stdin="", call="espefuse"):
    done = subprocess.run(
        [program("espctl"), call, "--virt", "--chip", chip,
         "--path-efuse-file", os.path.join(top, "fuses.bin"), *words],
        input=stdin, text=True, capture_output=True, timeout=LIMIT,
        check=False, cwd=top, env=clean_env(HOME=top, TERM="dumb"))
    return Done(done.returncode, done.stdout, done.stderr)


def burn(top, chip, *words):
    return fuses(top, chip, "--do-not-confirm", *words)


def value(top, chip, name):
    done = fuses(top, chip, "summary", "--format", "value_only", name)
    assert done.status == 0, done.err
    return done.out.strip().splitlines()[-1]


def test_the_digest_of_a_public_key_is_burned_and_stays_readable(top):
    done = burn(top, "esp32c6", "burn-key-digest", "BLOCK_KEY1",
                key("p256-public"), "SECURE_BOOT_DIGEST0")
    assert done.status == 0, done.err
    assert "Warning" not in done.err
    assert value(top, "esp32c6", "BLOCK_KEY1") == P256_DIGEST
    assert value(top, "esp32c6", "KEY_PURPOSE_1") == "SECURE_BOOT_DIGEST0"


@pytest.mark.parametrize("chip, words", [
    ("esp32c3", ["BLOCK_KEY0", key("p256-public"), "SECURE_BOOT_DIGEST0"]),
    ("esp32s3", ["BLOCK_KEY0", key("p192-private"), "SECURE_BOOT_DIGEST0"]),
    ("esp32c2", [key("rsa-public")]),
    ("esp32h2", ["BLOCK_KEY0", key("p384-pkcs8"), "SECURE_BOOT_DIGEST0"]),
])
def test_a_key_that_the_chip_cannot_check_with_is_warned_of(top, chip, words):
    done = burn(top, chip, "burn-key-digest", *words)
    assert done.status == 0, done.err
    assert "does not check such signatures" in done.out + done.err


@pytest.mark.parametrize("chip, words", [
    ("esp32c3", ["BLOCK_KEY0", key("rsa-public"), "SECURE_BOOT_DIGEST0"]),
    ("esp32c2", [key("p256-public")]),
    ("esp32c5", ["BLOCK_KEY0", key("p384-pkcs8"), "SECURE_BOOT_DIGEST0"]),
])
def test_a_key_that_fits_is_not_warned_of(top, chip, words):
    done = burn(top, chip, "burn-key-digest", *words)
    assert done.status == 0, done.err
    assert "does not check such signatures" not in done.out + done.err


@pytest.mark.parametrize("name", ["p256-locked", "rsa-torn", "ed25519-public",
                                  "koblitz-public"])
def test_a_file_that_is_no_usable_key_changes_nothing(top, name):
    done = burn(top, "esp32c6", "burn-key-digest", "BLOCK_KEY0", key(name),
                "SECURE_BOOT_DIGEST0")
    assert done.status == USAGE
    assert name in done.err + done.out
    assert value(top, "esp32c6", "BLOCK_KEY0").strip("0 ") == ""


def test_a_private_key_is_burned_and_never_shown(top):
    done = burn(top, "esp32p4", "burn-key", "BLOCK_KEY2", key("p192-private"),
                "ECDSA_KEY_P192")
    assert done.status == 0, done.err
    text = (done.out + done.err).replace("\n", " ")
    turned = " ".join(reversed(P192_SCALAR.split()))
    assert P192_SCALAR not in text and turned not in text
    assert value(top, "esp32p4", "BLOCK_KEY2").startswith("?? ??")


def test_whoever_asks_for_it_is_shown_the_key(top):
    done = burn(top, "esp32p4", "burn-key", "BLOCK_KEY2", key("p192-private"),
                "ECDSA_KEY_P192", "--show-sensitive-info")
    assert done.status == 0, done.err
    turned = " ".join(reversed(P192_SCALAR.split()))
    assert turned in done.out + done.err


@pytest.mark.parametrize("call, status", [("espefuse", USAGE),
                                          ("efuse", CANCELLED)])
@pytest.mark.parametrize("answer", ["", "burn\n", "BURN it\n", "\n"])
def test_what_becomes_impossible_is_told_before_the_question(top, call, status,
                                                             answer):
    done = fuses(top, "esp32c3", "burn-efuse", "DIS_DOWNLOAD_MODE", "1",
                 "SECURE_BOOT_EN", "1", stdin=answer, call=call)
    assert done.status == status
    text = done.out + done.err
    told = [text.index(words) for words in (
        "DIS_DOWNLOAD_MODE (BLOCK0): False -> True",
        "nothing starts on this chip any more",
        "no tool can connect to the loader in ROM again",
        "Type 'BURN'")]
    assert told == sorted(told)
    assert value(top, "esp32c3", "DIS_DOWNLOAD_MODE") == "False"


def test_consequences_are_told_without_the_question_too(top):
    done = burn(top, "esp32c3", "write-protect-efuse", "KEY_PURPOSE_0")
    assert done.status == 0, done.err
    text = done.out + done.err
    assert "burned again: KEY_PURPOSE_0 (WR_DIS bit 8)" in text
    assert text.index("WR_DIS bit 8") < text.index("BURN BLOCK0")
