"""Keys and signatures with espctl: what it makes is what others take, and what
goes wrong leaves nothing behind.  Keys are made, and signatures checked once
more, by openssl."""
import hashlib
import json
import os
import resource
import shutil
import subprocess
import zlib

import pytest

from harness import LIMIT, Done, clean_env, program
from openssl import openssl

USAGE, CONFLICT, IMAGE, MISSING, SIGNATURE = 2, 50, 20, 21, 29
PARAMS, LIMITED, EMPTY, IO = 2, 47, 23, 1
SECTOR, BLOCK, BLOCKS = 4096, 1216, 3
V1_TAIL = 68
SCHEMES = ["rsa3072", "ecdsa192", "ecdsa256", "ecdsa384"]
CURVES = {"ecdsa192": "prime192v1", "ecdsa256": "prime256v1",
          "ecdsa384": "secp384r1"}
# No whole number of sectors.
IMAGE_BYTES = bytes(range(256)) * 21


def make_key(scheme, path):
    if scheme == "rsa3072":
        openssl("genpkey", "-algorithm", "RSA", "-pkeyopt",
                "rsa_keygen_bits:3072", "-out", path)
    else:
        openssl("ecparam", "-name", CURVES[scheme], "-genkey", "-noout",
                "-out", path)
    openssl("pkey", "-in", path, "-pubout", "-out", path[:-4] + ".pub")


@pytest.fixture(name="made", scope="module")
def fixture_made(tmp_path_factory):
    """Two keys of each scheme."""
    top = tmp_path_factory.mktemp("keys")
    for scheme in SCHEMES:
        for n in "ab":
            make_key(scheme, str(top / (scheme + n + ".pem")))
    return top


@pytest.fixture(name="top")
def fixture_top(tmp_path, made):
    """A folder with those keys and an image."""
    for path in made.iterdir():
        shutil.copy(path, tmp_path)
    (tmp_path / "image").write_bytes(IMAGE_BYTES)
    return tmp_path


def run(top, *words, call=("secure",), data=None, **more):
    done = subprocess.run(
        [program("espctl"), *call, *words], input=data or b"", cwd=top,
        capture_output=True, timeout=LIMIT, check=False,
        env=clean_env(HOME=str(top), TERM="dumb"), **more)
    return Done(done.returncode, done.stdout, done.stderr.decode())


def secure(top, *words, **more):
    return run(top, *words, **more)


def espsecure(top, *words, **more):
    done = run(top, *words, call=("espsecure",), **more)
    return Done(done.status, done.out.decode(), done.err)


def good(done):
    assert done.status == 0, done
    return done


def tree(top):
    return {name: (os.lstat(os.path.join(top, name)).st_mode,
                   open(os.path.join(top, name), "rb").read()
                   if os.path.isfile(os.path.join(top, name)) else None)
            for name in os.listdir(top)}


def refused(top, status, piece, *words, **more):
    """One sentence, that status, and not a byte changed."""
    before = tree(top)
    done = secure(top, *words, **more)
    assert done.status == status, done
    assert piece in done.err, done
    assert done.err.count("espctl: ") == 1, done
    assert tree(top) == before
    theirs = espsecure(top, *words, **more)
    assert theirs.status == 2, theirs
    assert piece in theirs.err, theirs
    assert tree(top) == before
    return done


# Signatures

@pytest.mark.parametrize("scheme", SCHEMES)
def test_what_one_key_signs_no_other_did(top, scheme):
    good(secure(top, "sign-data", "-v", "2", "-o", "signed", "image", "-k",
                scheme + "a.pem"))
    signed = (top / "signed").read_bytes()
    assert len(signed) == 2 * SECTOR + SECTOR
    assert signed[:2 * SECTOR] == IMAGE_BYTES.ljust(2 * SECTOR, b"\xff")
    for key in ("a.pem", "a.pub"):
        done = good(secure(top, "verify-signature", "-v2", "--keyfile",
                           scheme + key, "signed"))
        assert b"block 0 verification successful" in done.out
    refused(top, SIGNATURE, "could not be verified with the provided key",
            "verify-signature", "-v2", "-k", scheme + "b.pub", "signed")
    for other in SCHEMES:
        if other != scheme:
            refused(top, SIGNATURE, "could not be verified",
                    "verify-signature", "-v2", "-k", other + "a.pub",
                    "signed")


def test_three_keys_of_three_kinds_sign_one_image(top):
    keys = ["rsa3072a.pem", "ecdsa256a.pem", "ecdsa384a.pem"]
    done = good(espsecure(top, "sign-data", "--version", "2", "--output",
                          "signed", "--keyfile", *keys, "--", "image"))
    assert done.out.splitlines()[1:] == [
        "Padding data contents by 2816 bytes so signature sector aligns at "
        "sector boundary.", "3 signing key(s) found.",
        'Signed 8192 bytes of data from "image". Signature sector now has 3 '
        "signature blocks."]
    for n, key in enumerate(keys):
        done = good(secure(top, "verify-signature", "-v2", "-k", key,
                           "signed"))
        assert b"block %d verification" % n in done.out
    refused(top, SIGNATURE, "could not be verified", "verify-signature",
            "-v2", "-k", "ecdsa192a.pem", "signed")


def test_info_tells_the_digests_that_are_burned(top):
    good(secure(top, "sign-data", "-v2", "-o", "signed", "image", "-k",
                "rsa3072a.pem", "ecdsa192a.pem"))
    info = good(secure(top, "signature-info-v2", "signed")).out.decode()
    for n, key in enumerate(["rsa3072a.pub", "ecdsa192a.pub"]):
        good(secure(top, "digest-sbv2-public-key", "-k", key, "-o", "digest"))
        digest = (top / "digest").read_bytes().hex(" ")
        assert "Public key digest for block %d: %s\n" % (n, digest) in info
    assert "Signature block 2 absent/invalid" in info


@pytest.mark.parametrize("at", [0, 8191, 8192 + 1, 8192 + 40, 8192 + 900,
                                8192 + 1197])
def test_a_changed_byte_is_noticed_wherever_it_is(top, at):
    good(secure(top, "sign-data", "-v2", "-o", "signed", "image", "-k",
                "rsa3072a.pem"))
    signed = bytearray((top / "signed").read_bytes())
    signed[at] ^= 1
    (top / "signed").write_bytes(signed)
    refused(top, SIGNATURE, "", "verify-signature", "-v2", "-k",
            "rsa3072a.pub", "signed")


def sealed(signed, n):
    """With the CRC of block n made anew."""
    at = len(signed) - SECTOR + n * BLOCK
    signed[at + 1196:at + 1200] = zlib.crc32(
        signed[at:at + 1196]).to_bytes(4, "little")
    return signed


def test_no_block_counts_that_brings_another_key(top):
    good(secure(top, "sign-data", "-v2", "-o", "signed", "image", "-k",
                "ecdsa256a.pem"))
    good(secure(top, "sign-data", "-v2", "-o", "other", "image", "-k",
                "ecdsa256b.pem"))
    signed = bytearray((top / "signed").read_bytes())
    at = 2 * SECTOR
    key = slice(at + 36, at + 101)
    signed[key] = (top / "other").read_bytes()[key]
    (top / "signed").write_bytes(sealed(signed, 0))
    done = refused(top, SIGNATURE, "could not be verified",
                   "verify-signature", "-v2", "-k", "ecdsa256a.pub", "signed")
    assert "block 0 is signed by the supplied key, but brings another" in \
        done.err
    done = good(secure(top, "signature-info-v2", "signed"))
    assert "Warning: the signature in block 0 does not fit" in done.err
    refused(top, SIGNATURE, "does not fit the key beside it", "sign-data",
            "-v2", "-a", "signed", "-k", "ecdsa256b.pem")


@pytest.mark.parametrize("gap, piece", [
    (0, "block 0 of 'signed' is empty or damaged, but block 1 is intact"),
    (1, "block 1 of 'signed' is empty or damaged, but block 2 is intact"),
])
def test_no_intact_signature_is_lost_behind_a_damaged_one(top, gap, piece):
    good(secure(top, "sign-data", "-v2", "-o", "signed", "image", "-k",
                "ecdsa256a.pem", "ecdsa256b.pem", "rsa3072a.pem"))
    signed = bytearray((top / "signed").read_bytes())
    signed[2 * SECTOR + gap * BLOCK] = 0
    (top / "signed").write_bytes(signed)
    refused(top, SIGNATURE, piece, "sign-data", "-v2", "-a", "signed", "-k",
            "ecdsa384a.pem")


def test_a_damaged_last_block_is_dropped_aloud(top):
    good(secure(top, "sign-data", "-v2", "-o", "signed", "image", "-k",
                "ecdsa256a.pem", "ecdsa256b.pem"))
    signed = bytearray((top / "signed").read_bytes())
    signed[2 * SECTOR + BLOCK + 100] ^= 1
    (top / "signed").write_bytes(signed)
    done = good(secure(top, "sign-data", "-v2", "-a", "signed", "-k",
                       "rsa3072a.pem"))
    assert "is damaged and is dropped" in done.err
    done = good(secure(top, "verify-signature", "-v2", "-k", "rsa3072a.pem",
                       "signed"))
    assert b"block 1 verification" in done.out


def test_nothing_is_added_to_signatures_of_an_unknown_kind(top):
    good(secure(top, "sign-data", "-v2", "-o", "signed", "image", "-k",
                "ecdsa256a.pem"))
    signed = bytearray((top / "signed").read_bytes())
    signed[2 * SECTOR + 36] = 9         # the curve
    (top / "signed").write_bytes(sealed(signed, 0))
    refused(top, SIGNATURE, "of a kind that is not known here", "sign-data",
            "-v2", "-a", "signed", "-k", "ecdsa384a.pem")


@pytest.mark.parametrize("scheme", SCHEMES)
def test_an_image_can_stay_as_long_as_it_is(top, scheme):
    done = good(secure(top, "sign-data", "-v2", "--skip-padding", "-o",
                       "signed", "image", "-k", scheme + "a.pem"))
    assert "Skipping sector padding" in done.err
    assert os.path.getsize(top / "signed") == len(IMAGE_BYTES) + SECTOR
    good(secure(top, "verify-signature", "-v2", "--skip-padding", "-k",
                scheme + "a.pem", "signed"))
    refused(top, IMAGE, "perhaps it was signed with --skip-padding",
            "verify-signature", "-v2", "-k", scheme + "a.pem", "signed")
    # And such a one gets a second signature.
    good(secure(top, "sign-data", "-v2", "--skip-padding", "-a", "signed",
                "-k", scheme + "b.pem"))
    for key in "ab":
        good(secure(top, "verify-signature", "-v2", "--skip-padding", "-k",
                    scheme + key + ".pem", "signed"))
    assert os.path.getsize(top / "signed") == len(IMAGE_BYTES) + SECTOR


# Signatures that are there already

def test_signatures_are_added_up_to_three(top):
    shutil.copy(top / "image", top / "signed")
    keys = ["rsa3072a.pem", "ecdsa256a.pem", "ecdsa256b.pem"]
    for key in keys:
        good(secure(top, "sign-data", "-v2", "--append-signatures", "signed",
                    "-k", key))
    assert os.path.getsize(top / "signed") == 3 * SECTOR
    for key in keys:
        good(secure(top, "verify-signature", "-v2", "-k", key, "signed"))
    refused(top, PARAMS, "Up to 3 signature blocks", "sign-data", "-v2", "-a",
            "signed", "-k", "ecdsa384a.pem")
    refused(top, PARAMS, "Number of keys (4) more than the empty signature "
            "blocks (3)", "sign-data", "-v2", "image", "-k", *keys,
            "ecdsa384a.pem")


def test_no_signature_of_another_image_is_kept(top):
    good(secure(top, "sign-data", "-v2", "-o", "signed", "image", "-k",
                "ecdsa256a.pem"))
    signed = bytearray((top / "signed").read_bytes())
    (top / "changed").write_bytes(b"\x01" + signed[1:])
    refused(top, SIGNATURE, "of another content than the image before it",
            "sign-data", "-v2", "-a", "changed", "-k", "ecdsa256b.pem")
    signed[2 * SECTOR + 5] ^= 1
    (top / "damaged").write_bytes(signed)
    refused(top, SIGNATURE, "whose first block is damaged", "sign-data",
            "-v2", "-a", "damaged", "-k", "ecdsa256b.pem")


def test_it_is_told_that_a_sector_is_signed_as_a_part_of_the_image(top):
    good(secure(top, "sign-data", "-v2", "image", "-k", "ecdsa256a.pem"))
    done = good(secure(top, "sign-data", "-v2", "image", "-k",
                       "ecdsa256b.pem"))
    assert "Warning: 'image' ends with a signature sector" in done.err
    assert os.path.getsize(top / "image") == 4 * SECTOR


# Signatures from elsewhere

def pss(key, digest):
    return openssl("pkeyutl", "-sign", "-inkey", key, "-pkeyopt",
                   "rsa_padding_mode:pss", "-pkeyopt", "rsa_pss_saltlen:32",
                   "-pkeyopt", "digest:sha256", data=digest)


def signed_elsewhere(top, scheme, data):
    key = str(top / (scheme + "a.pem"))
    if scheme == "rsa3072":
        return pss(key, hashlib.sha256(data).digest())
    name = "-sha384" if scheme == "ecdsa384" else "-sha256"
    return openssl("dgst", name, "-sign", key, data=data)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_signatures_of_openssl_are_taken_when_they_are_right(top, scheme):
    data = IMAGE_BYTES.ljust(2 * SECTOR, b"\xff")
    (top / "data").write_bytes(data)
    (top / "sig").write_bytes(signed_elsewhere(top, scheme, data))
    words = ["sign-data", "-v2", "--output", "signed", "data", "--signature",
             "sig", "--pub-key"]
    refused(top, SIGNATURE, "has not been signed using the given public key",
            *words, scheme + "b.pub")
    refused(top, PARAMS, "Number of public keys (2) not equal to the number "
            "of signatures (1)", *words, scheme + "a.pub", scheme + "b.pub")
    good(secure(top, *words, scheme + "a.pub"))
    good(secure(top, "verify-signature", "-v2", "-k", scheme + "a.pub",
                "signed"))
    refused(top, IMAGE, "fill it up with FF", "sign-data", "-v2", "image",
            "--signature", "sig", "--pub-key", scheme + "a.pub")


def der_of(raw):
    def number(part):
        part = part.lstrip(b"\0") or b"\0"
        part = b"\0" * (part[0] >> 7) + part
        return b"\x02" + bytes([len(part)]) + part
    both = number(raw[:32]) + number(raw[32:])
    return b"\x30" + bytes([len(both)]) + both


def raw_of(der):
    parts, at = b"", 2
    for _ in range(2):
        size = der[at + 1]
        parts += der[at + 2:at + 2 + size].lstrip(b"\0").rjust(32, b"\0")
        at += 2 + size
    return parts


def test_version_1_is_what_openssl_verifies_and_the_same_each_time(top):
    for name in ("one", "two"):
        good(secure(top, "sign-data", "-v1", "-o", name, "image", "-k",
                    "ecdsa256a.pem"))
    signed = (top / "one").read_bytes()
    assert signed == (top / "two").read_bytes()
    assert signed[:-V1_TAIL] == IMAGE_BYTES
    assert signed[-V1_TAIL:-64] == bytes(4)
    (top / "sig").write_bytes(der_of(signed[-64:]))
    assert b"Verified OK" in openssl(
        "dgst", "-sha256", "-verify", str(top / "ecdsa256a.pub"),
        "-signature", str(top / "sig"), data=IMAGE_BYTES)


def test_version_1_is_verified_by_all_forms_of_its_key_and_no_other(top):
    good(secure(top, "sign-data", "-v1", "image", "-k", "ecdsa256a.pem"))
    good(secure(top, "extract-public-key", "-k", "ecdsa256a.pem", "raw"))
    assert os.path.getsize(top / "raw") == 64
    for key in ("ecdsa256a.pem", "ecdsa256a.pub", "raw"):
        done = good(secure(top, "verify-signature", "-v1", "-k", key,
                           "image"))
        assert done.out == b"Signature is valid.\n"
    refused(top, SIGNATURE, "Signature is not valid", "verify-signature",
            "-v1", "-k", "ecdsa256b.pub", "image")
    for other in ("rsa3072a.pem", "ecdsa192a.pub", "ecdsa384a.pem"):
        refused(top, PARAMS, "secure boot v1 has ECDSA on P-256 only",
                "verify-signature", "-v1", "-k", other, "image")


def test_version_1_takes_a_signature_of_openssl(top):
    sig = raw_of(signed_elsewhere(top, "ecdsa256", IMAGE_BYTES))
    (top / "sig").write_bytes(sig)
    refused(top, SIGNATURE, "", "sign-data", "-v1", "image", "--signature",
            "sig", "--pub-key", "ecdsa256b.pub")
    good(secure(top, "sign-data", "-v1", "image", "--signature", "sig",
                "--pub-key", "ecdsa256a.pub"))
    assert (top / "image").read_bytes() == IMAGE_BYTES + bytes(4) + sig


# Keys

@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_new_key_is_its_owner_s_alone_and_openssl_reads_it(top, scheme):
    good(secure(top, "generate-signing-key", "--version", "2", "--scheme",
                scheme, "new.pem", preexec_fn=lambda: os.umask(0)))
    assert os.stat(top / "new.pem").st_mode & 0o7777 == 0o600
    openssl("pkey", "-in", str(top / "new.pem"), "-check", "-noout")
    good(secure(top, "extract-public-key", "--version", "2", "--keyfile",
                "new.pem", "new.pub"))
    assert (top / "new.pub").read_bytes() == openssl(
        "pkey", "-in", str(top / "new.pem"), "-pubout")


@pytest.mark.parametrize("there", ["a key", "nothing", "a link to nowhere",
                                   "a folder"])
def test_no_key_is_overwritten(top, there):
    path = top / "k"
    if there == "a key":
        path.write_bytes(b"precious")
    elif there == "nothing":
        path.write_bytes(b"")
    elif there == "a folder":
        path.mkdir()
    else:
        path.symlink_to("nowhere")
    refused(top, CONFLICT, "already exists", "generate-signing-key", "k")
    if there != "nothing":
        refused(top, CONFLICT, "already exists", "digest-private-key", "-k",
                "ecdsa256a.pem", "k")


def test_an_empty_file_is_filled_with_a_digest_and_stays_that_file(top):
    path = top / "k"
    with open(path, "wb") as held:
        good(secure(top, "digest-private-key", "-k", "ecdsa256a.pem", "k"))
        assert os.fstat(held.fileno()).st_ino == os.stat(path).st_ino
    scalar = openssl("pkey", "-in", str(top / "ecdsa256a.pem"), "-outform",
                     "DER")
    # SEC 1: the number stands behind the version.
    at = scalar.index(b"\x02\x01\x01\x04\x20") + 5
    assert path.read_bytes() == hashlib.sha256(scalar[at:at + 32]).digest()
    assert os.stat(path).st_mode & 0o7777 == 0o600
    done = good(secure(top, "digest-private-key", "-l", "192", "-k",
                       "ecdsa256a.pem", "short"))
    assert "(truncated to 192 bits)" in done.err
    assert (top / "short").read_bytes() == path.read_bytes()[:24]


@pytest.mark.parametrize("words, status, piece", [
    (["generate-signing-key", "-s", "rsa3072", "k"], PARAMS,
     "rsa3072 goes with --version 2"),
    (["generate-signing-key", "-v2", "-s", "rsa4096", "k"], USAGE,
     "is none of rsa3072"),
    (["generate-signing-key", "no/such/folder/k"], MISSING,
     "cannot be written"),
    (["extract-public-key", "-v2", "-k", "rsa3072a.pub", "k"], PARAMS,
     "holds a public key"),
    (["extract-public-key", "-k", "rsa3072a.pem", "k"], PARAMS,
     "secure boot v1 has ECDSA on P-256 only"),
    (["extract-public-key", "k"], USAGE, "needs --keyfile"),
    (["extract-public-key", "-k", "none.pem", "k"], MISSING, "none.pem"),
    (["extract-public-key", "-k", "image", "k"], PARAMS, "image"),
    (["digest-private-key", "-k", "ecdsa384a.pem", "k"], PARAMS, "P-256"),
    (["digest-sbv2-public-key", "-k", "rsa3072a.pem"], USAGE,
     "needs --output"),
    (["digest-sbv2-public-key", "-k", "big", "-o", "k"], LIMITED,
     "more than 65536 bytes"),
    (["sign-data", "image", "-k", "rsa3072a.pem"], USAGE, "needs --version"),
    (["sign-data", "-v3", "image"], USAGE, "versions of secure boot"),
    (["sign-data", "-v2", "image"], USAGE, "nothing signs"),
    (["sign-data", "-v2", "image", "-k", "rsa3072a.pub"], PARAMS,
     "holds a public key"),
    (["sign-data", "-v2", "image", "-k", "rsa3072a.pem", "none.pem"], MISSING,
     "none.pem"),
    (["sign-data", "-v2", "none", "-k", "rsa3072a.pem"], MISSING, "none"),
    (["sign-data", "-v2", "empty", "-k", "rsa3072a.pem"], EMPTY, "is empty"),
    (["sign-data", "-v1", "image", "-k", "ecdsa256a.pem", "ecdsa256b.pem"],
     PARAMS, "only supports one signing key"),
    (["sign-data", "-v2", "image", "--pub-key", "rsa3072a.pub"], USAGE,
     "--pub-key is for --signature"),
    (["sign-data", "-v2", "image", "-k", "rsa3072a.pem", "--signature",
      "image"], USAGE, "--keyfile does not go with --signature"),
    (["sign-data", "-v2", "image", "--hsm"], USAGE, "--hsm-config"),
    (["sign-data", "-v1", "image", "--hsm", "--hsm-config", "image"], USAGE,
     "does not support signing using an external"),
    (["sign-data", "-v2", "image", "-k", "rsa3072a.pem", "-o",
      "no/such/folder/k"], MISSING, "cannot be written"),
    (["sign-data", "-v2", "-o", "k", "-k", "rsa3072a.pem", "image"], USAGE,
     "all words behind an option for several files"),
    (["sign-data", "-v2", "-", "-k", "rsa3072a.pem"], USAGE,
     "cannot be signed in place"),
    (["sign-data", "-v2", "-o", "k", "-", "-k", "-"], USAGE,
     "standard input can be read only once"),
    (["verify-signature", "-v2", "image"], USAGE, "needs --keyfile"),
    (["verify-signature", "-v2", "-k", "rsa3072a.pub", "image"], IMAGE,
     "Invalid datafile"),
    (["verify-signature", "-v2", "--skip-padding", "-k", "rsa3072a.pub",
      "small"], IMAGE, "File too small (must be at least 4096 bytes)"),
    (["verify-signature", "-v1", "-k", "ecdsa256a.pub", "small"], IMAGE, ""),
    (["signature-info-v2", "small"], IMAGE, "Invalid datafile"),
    (["signature-info-v2", "."], IO, "directory"),
    (["signature-info-v2", "image", "image"], USAGE, "one word too many"),
    (["signature-info-v2", "--keyfile", "image", "image"], USAGE,
     "has no option --keyfile"),
    (["signature-info-v2", "--frob"], USAGE, "no option --frob"),
    (["--keyfile", "image", "sign-data"], USAGE, "behind the command"),
    (["sign-dta"], USAGE, "did you mean sign-data?"),
])
def test_what_cannot_be_is_one_sentence(top, words, status, piece):
    (top / "empty").write_bytes(b"")
    (top / "small").write_bytes(b"\xe9" * 60)
    (top / "big").write_bytes(b"-" * 65537)
    refused(top, status, piece, *words, data=b"x")


# Files

@pytest.mark.parametrize("alias", ["the name", "a link", "a second name"])
def test_no_output_takes_the_place_of_an_input(top, alias):
    name = "ecdsa256a.pem"
    if alias == "a link":
        (top / "other").symlink_to(name)
    elif alias == "a second name":
        os.link(top / name, top / "other")
    other = name if alias == "the name" else "other"
    for words in (["digest-private-key", "-k", name, other],
                  ["extract-public-key", "-k", name, other],
                  ["digest-sbv2-public-key", "-k", name, "-o", other],
                  ["sign-data", "-v2", "image", "-o", other, "-k", name]):
        refused(top, CONFLICT, "should not be the same!", *words)


@pytest.mark.parametrize("words", [[], ["--output", "image"]])
def test_in_place_a_file_keeps_its_mode_and_a_link_stays_one(top, words):
    os.rename(top / "image", top / "real")
    (top / "image").symlink_to("real")
    os.chmod(top / "real", 0o640)
    names = set(os.listdir(top))
    good(secure(top, "sign-data", "-v2", *words, "image", "-k",
                "ecdsa256a.pem"))
    assert os.path.islink(top / "image")
    assert os.stat(top / "real").st_mode & 0o7777 == 0o640
    assert os.path.getsize(top / "real") == 3 * SECTOR
    assert set(os.listdir(top)) == names


def small_files(size):
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    return limit


@pytest.mark.parametrize("words", [
    ["sign-data", "-v2", "image", "-k", "ecdsa256a.pem"],
    ["sign-data", "-v1", "image", "-k", "ecdsa256a.pem"],
    ["sign-data", "-v2", "image", "-o", "new", "-k", "ecdsa256a.pem"],
    ["sign-data", "-v2", "image", "-o", "old", "-k", "ecdsa256a.pem"],
    ["generate-signing-key", "new"],
    ["digest-private-key", "-k", "ecdsa256a.pem", "new"],
    ["digest-private-key", "-k", "ecdsa256a.pem", "empty"],
    ["digest-sbv2-public-key", "-k", "ecdsa256a.pem", "-o", "new"],
])
def test_a_full_disk_leaves_no_half_of_a_file(top, words):
    (top / "old").write_bytes(b"as it was")
    (top / "empty").write_bytes(b"")
    os.chmod(top / "empty", 0o600)
    refused(top, IO, "cannot be written", *words, preexec_fn=small_files(10))
    if words[0] == "sign-data":
        refused(top, IO, "cannot be written", *words, "-o", "/dev/full")


def test_keys_and_images_come_and_go_through_pipes(top):
    key = (top / "ecdsa256a.pem").read_bytes()
    ours, theirs = os.pipe()
    os.write(theirs, key)
    os.close(theirs)
    done = good(run(top, "sign-data", "-v2", "-o", "-", "-", "-k",
                    "/dev/fd/%d" % ours, data=IMAGE_BYTES, pass_fds=[ours],
                    call=["espsecure"]))
    os.close(ours)
    assert len(done.out) == 3 * SECTOR      # and nothing is among it
    assert "espsecure v" in done.err and "Signed 8192 bytes" in done.err
    good(secure(top, "verify-signature", "-v2", "-k", "ecdsa256a.pub", "-",
                data=done.out))
    assert good(run(top, "generate-signing-key", "-")).out.startswith(
        b"-----BEGIN EC PRIVATE KEY-----\n")


def test_what_goes_into_a_closed_pipe_is_no_success(top):
    ours, theirs = os.pipe()
    os.close(ours)
    done = subprocess.run(
        [program("espctl"), "secure", "generate-signing-key", "-"], cwd=top,
        stdout=theirs, stderr=subprocess.PIPE, timeout=LIMIT, check=False,
        env=clean_env(HOME=str(top)))
    os.close(theirs)
    assert done.returncode != 0


# Words

def test_older_spellings_are_told_of_and_done(top):
    done = good(espsecure(top, "sign_data", "--version", "2",
                          "--append_signatures", "--skip_padding", "image",
                          "--keyfile", "ecdsa256a.pem"))
    assert done.out.splitlines()[:4] == [
        "Warning: Deprecated: Option '--append_signatures' is deprecated. "
        "Use '--append-signatures' instead.",
        "Warning: Deprecated: Option '--skip_padding' is deprecated. Use "
        "'--skip-padding' instead.",
        "Warning: Deprecated: Command 'sign_data' is deprecated. Use "
        "'sign-data' instead.", done.out.splitlines()[3]]
    assert done.out.splitlines()[3].startswith("espsecure v5.3.1 (espflashd")
    done = good(espsecure(top, "digest-rsa-public-key", "-k", "rsa3072a.pem",
                          "-o", "digest"))
    assert "'digest-rsa-public-key' is deprecated." in done.err


def test_letters_stand_alone_together_and_with_their_values(top):
    shutil.copy(top / "image", top / "two")
    good(secure(top, "sign-data", "-av2", "image", "-kecdsa256a.pem"))
    good(secure(top, "sign-data", "-a", "-v=2", "two", "-k=ecdsa256a.pem"))
    for name in ("image", "two"):
        good(secure(top, "verify-signature", "--version=2",
                    "--keyfile=ecdsa256a.pub", name))


def test_it_answers_to_its_names(top):
    for name in ("espsecure", "espsecure.py"):
        (top / name).symlink_to(program("espctl"))
        done = subprocess.run([str(top / name), "--help"], text=True,
                              capture_output=True, timeout=LIMIT, check=True)
        assert "Usage: espsecure COMMAND" in done.stdout
        assert ("deprecated" in done.stderr) == name.endswith(".py")
    assert b"  sign-data " in good(secure(top)).out
    for words in [], ["-h", "frob"]:
        assert "Usage: espsecure COMMAND" in good(espsecure(top, *words)).out


def test_json_is_one_line_of_what_came_out(top):
    def result(*words, status=0):
        done = run(top, *words, call=["--json", "secure"])
        assert done.status == status and done.err == "", done
        line, = done.out.decode().splitlines()
        found = json.loads(line)
        assert (found["type"], found["exit"]) == ("result", status)
        return found

    found = result("sign-data", "-v2", "image", "-k", "ecdsa256a.pem",
                   "rsa3072a.pem")
    assert (found["output"], found["signed_bytes"], found["blocks"]) == \
        ("image", 2 * SECTOR, 2)
    assert [s["scheme"] for s in found["signers"]] == ["ECDSA P-256",
                                                       "RSA-3072"]
    digest = result("digest-sbv2-public-key", "-k", "ecdsa256a.pub", "-o",
                    "digest")["digest"]
    assert digest == (top / "digest").read_bytes().hex()
    found = result("verify-signature", "-v2", "-k", "ecdsa256a.pub", "image")
    assert found["valid"] is True
    assert [(b["state"], b.get("by_key")) for b in found["blocks"]] == \
        [("intact", True), ("intact", False), ("empty", None)]
    assert found["blocks"][0]["key_digest"] == digest
    found = result("verify-signature", "-v2", "-k", "ecdsa256b.pub", "image",
                   status=SIGNATURE)
    assert found["valid"] is False and len(found["blocks"]) == 3
    assert found["error"]["data"]["class"] == "signature_invalid"
    assert result("frob", status=USAGE)["error"]
    assert result("sign-data", "-v2", "-o", "-", "image", "-k",
                  "ecdsa256a.pem", status=USAGE)["error"]
