"""Keys in a security module: a token of SoftHSM, and a module with faults."""
import os
import pty
import select
import shutil
import signal
import subprocess
import termios

import pytest

from harness import LIMIT, Done, clean_env, program
from openssl import openssl

USAGE, NO_FILE, UNSIGNED, HSM = 2, 21, 29, 30
PIN, WRONG_PIN = "84736251", "55501999"
SKIPPED = 77
SECTOR = 4096
# Kind, label of the private key, label of the public one.
KEYS = (("rsa3072", "Private Key", "Public Key"), ("p192", "p192", "p192"),
        ("p256", "p256", "p256"), ("p384", "p384", "p384"),
        ("p521", "p521", "p521"), ("rsa2048", "rsa2048", "rsa2048"),
        ("p256", "twin", "twin"), ("p256", "twin", "twin"),
        ("p256", "half", ""))
SIGNERS = [key for key in KEYS if key[0] in ("rsa3072", "p192", "p256",
                                             "p384") and key[2] and
           key[1] != "twin"]


class Token:
    """A token, and the environment in which SoftHSM finds it."""

    def __init__(self, top, name, keys):
        os.makedirs(top, exist_ok=True)
        made = subprocess.run(
            [program("hsm_keys"), top, name, PIN,
             *(":".join(key) for key in keys)], text=True,
            capture_output=True, timeout=LIMIT, check=False)
        if made.returncode == SKIPPED:
            pytest.skip("SoftHSM is not installed")
        assert made.returncode == 0, made.stderr
        self.library, self.slot = made.stdout.split()
        self.top = top
        self.env = clean_env(HOME=top, TERM="dumb",
                             SOFTHSM2_CONF=os.path.join(top, "softhsm2.conf"))

    def conf(self, path, label="p256", **more):
        """A configuration; a value of None leaves its option out."""
        values = {"pkcs11_lib": self.library, "slot": self.slot,
                  "label": label, "credentials": PIN}
        values.update(more)
        with open(path, "w", encoding="utf-8") as file:
            file.write("[hsm_config]\n")
            for name, value in values.items():
                if value is not None:
                    file.write("%s = %s\n" % (name, value))
        return path

    def run(self, *words, call="secure", stdin="", fault=None, session=False):
        env = dict(self.env)
        if fault is not None:
            env.update(FAKE_HSM=fault, FAKE_HSM_REAL=self.library)
        done = subprocess.run(
            [program("espctl"), call, *map(str, words)], text=True,
            input=stdin, capture_output=True, timeout=LIMIT, check=False,
            cwd=self.top, env=env, start_new_session=session)
        for text in (done.stdout, done.stderr):
            assert PIN not in text and WRONG_PIN not in text
        return Done(done.returncode, done.stdout, done.stderr)


@pytest.fixture(name="token", scope="module")
def fixture_token(tmp_path_factory):
    return Token(str(tmp_path_factory.mktemp("hsm")), "e2e", KEYS)


@pytest.fixture(name="image")
def fixture_image(tmp_path):
    path = tmp_path / "app.bin"
    path.write_bytes(bytes(range(256)) * 20)
    return path


def sign(token, conf, image, *words, **more):
    return token.run("sign-data", "--version", "2", "--hsm", "--hsm-config",
                     conf, *words, image, **more)


def verify(token, image, *words, **more):
    return token.run("verify-signature", "--version", "2", *words, image,
                     **more)


def refused(done, status, *sentences):
    """One sentence, and it has those words."""
    assert done.status == status, done
    lines = [line for line in done.err.splitlines()
             if line.startswith("espctl: ")]
    assert len(lines) == 1, done
    for sentence in sentences:
        assert sentence in lines[0], done


@pytest.mark.parametrize("kind, label, label_public", SIGNERS)
def test_a_key_of_each_kind_signs_and_verifies(token, tmp_path, image, kind,
                                               label, label_public):
    conf = token.conf(tmp_path / "hsm.ini", label,
                      label_pubkey=label_public)
    out = tmp_path / "signed.bin"
    before = image.read_bytes()
    done = sign(token, conf, image, "--output", out)
    assert done.status == 0, done
    assert image.read_bytes() == before
    assert out.stat().st_size == 2 * SECTOR + SECTOR
    done = verify(token, out, "--hsm", "--hsm-config", conf)
    assert done.status == 0 and "successful using the supplied key (%s)" % (
        "RSA" if kind == "rsa3072" else "ECDSA") in done.out, done
    public = tmp_path / "public.pem"
    done = token.run("extract-public-key", "--version", "2", "--hsm",
                     "--hsm-config", conf, public)
    assert done.status == 0, done
    assert public.read_text().startswith("-----BEGIN PUBLIC KEY-----")
    done = verify(token, out, "--keyfile", public)
    assert done.status == 0, done
    # The key itself may come from a file.
    done = sign(token, conf, image, "--pub-key", public, "--output", out)
    assert done.status == 0 and verify(token, out, "--keyfile",
                                       public).status == 0, done
    spoilt = bytearray(out.read_bytes())
    spoilt[0] ^= 1
    out.write_bytes(spoilt)
    refused(verify(token, out, "--hsm", "--hsm-config", conf), UNSIGNED)


def test_openssl_takes_the_signature(token, tmp_path, image):
    """PSS with a salt of 32 bytes, as the chips check it."""
    conf = token.conf(tmp_path / "hsm.ini", "Private Key",
                      label_pubkey="Public Key")
    out, public = tmp_path / "signed.bin", tmp_path / "public.pem"
    assert sign(token, conf, image, "--output", out).status == 0
    assert token.run("extract-public-key", "--version", "2", "--hsm",
                     "--hsm-config", conf, public).status == 0
    signed = out.read_bytes()
    (tmp_path / "data").write_bytes(signed[:2 * SECTOR])
    (tmp_path / "sig").write_bytes(
        signed[2 * SECTOR + 812:2 * SECTOR + 1196][::-1])
    assert b"Verified OK" in openssl(
        "dgst", "-sha256", "-verify", public, "-sigopt",
        "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32",
        "-signature", tmp_path / "sig", tmp_path / "data")


def test_three_tokens_sign_one_image_after_the_other(tmp_path, image):
    """Each in its own token, as teams have it; all three count."""
    out = tmp_path / "signed.bin"
    shutil.copy(image, out)
    tokens = []
    for number, kind in enumerate(("rsa3072", "p256", "p384")):
        token = Token(str(tmp_path / ("token%d" % number)), "token",
                      [(kind, "secret", "public")])
        conf = token.conf(tmp_path / ("hsm%d.ini" % number), "secret",
                          label_pubkey="public")
        tokens.append((token, conf))
        done = sign(token, conf, out, "--append-signatures")
        assert done.status == 0, done
        assert "now has %d signature blocks" % (number + 1) in \
            done.out + done.err
    for token, conf in tokens:
        done = verify(token, out, "--hsm", "--hsm-config", conf)
        assert done.status == 0, done
    token, conf = tokens[0]
    before = out.read_bytes()
    refused(sign(token, conf, out, "--append-signatures"), USAGE,
            "Up to 3 signature blocks")
    assert out.read_bytes() == before


def test_the_words_of_espsecure(token, tmp_path, image):
    conf = token.conf(tmp_path / "hsm.ini", "Private Key",
                      label_pubkey="Public Key")
    out = tmp_path / "signed.bin"
    done = sign(token, conf, image, "--output", out, call="espsecure")
    assert done.status == 0 and done.err == "", done
    for line in ("Trying to establish a session with the HSM...",
                 "Session creation successful with HSM slot %s." % token.slot,
                 "Trying to extract public key from the HSM...",
                 "Got public key with label Public Key.",
                 "Signing payload using the HSM...",
                 "Signature generation successful.",
                 "Connection closed successfully.",
                 "1 signing key(s) found."):
        assert line in done.out.splitlines(), line
    conf = token.conf(tmp_path / "hsm.ini", "p256")
    done = sign(token, conf, image, "--output", out, call="espsecure")
    assert "Config option 'label_pubkey' not found, using config option " \
        "'label' for public key." in done.out.splitlines(), done
    token.conf(tmp_path / "hsm.ini", "nobody's")
    done = sign(token, conf, image, "--output", out, call="espsecure")
    assert done.status == 2 and len(done.err.strip().splitlines()) == 1, done


def test_the_result_in_json_says_who_signed(token, tmp_path, image):
    conf = token.conf(tmp_path / "hsm.ini")
    done = sign(token, conf, image, "--json", "--output", tmp_path / "out")
    assert done.status == 0, done
    result = done.result()
    assert result["blocks"] == 1, result
    assert result["signers"][0]["scheme"] == "ECDSA P-256", result
    assert len(result["signers"][0]["key_digest"]) == 64


# What is changed in the configuration, the status, and words of the sentence.
WRONG_CONF = [
    ({"slot": "7777"}, HSM, ["no token in slot 7777", "'e2e'"]),
    ({"slot": "first"}, USAGE, ["slot is none of the module's numbers"]),
    ({"slot": None}, USAGE, ["does not set slot"]),
    ({"label": "nobody's"}, HSM, ["has no public key with the label "
                                  "'nobody's'; it has '"]),
    ({"label": "half"}, HSM, ["no public key with the label 'half'"]),
    ({"label": "nobody's", "label_pubkey": "p256"}, HSM,
     ["no private key with the label 'nobody's'"]),
    ({"label": "twin"}, HSM, ["several public keys"]),
    ({"label": "twin", "label_pubkey": "p256"}, HSM,
     ["several private keys"]),
    ({"label": "p521"}, USAGE, ["'p521'", "secure boot"]),
    ({"label": "rsa2048"}, USAGE, ["'rsa2048'", "2048"]),
    ({"label": "p256", "label_pubkey": "Public Key"}, HSM,
     ["not of the same kind"]),
    ({"label": "half", "label_pubkey": "p256"}, UNSIGNED,
     ["does not fit the token's key 'p256'"]),
    ({"credentials": WRONG_PIN}, HSM, ["the PIN is wrong",
                                       "CKR_PIN_INCORRECT"]),
    ({"credentials": "1"}, HSM, ["the PIN is wrong"]),
    ({"credentials": "12%34"}, USAGE, ["value of credentials"]),
    ({"pkcs11_lib": "/nowhere/libp11.so"}, NO_FILE,
     ["'/nowhere/libp11.so' cannot be opened"]),
    ({"pkcs11_lib": "/etc/hostname"}, HSM, ["is no PKCS#11 library"]),
    ({"pkcs11_lib": None}, USAGE, ["does not set pkcs11_lib"]),
]


@pytest.mark.parametrize("change, status, words", WRONG_CONF)
def test_what_is_wrong_is_told_and_nothing_is_written(
        token, tmp_path, image, change, status, words):
    conf = token.conf(tmp_path / "hsm.ini", **change)
    out = tmp_path / "signed.bin"
    before = image.read_bytes()
    refused(sign(token, conf, image, "--output", out), status, *words)
    refused(sign(token, conf, image), status, *words)
    assert image.read_bytes() == before
    assert sorted(os.listdir(tmp_path)) == ["app.bin", "hsm.ini"]


@pytest.mark.parametrize("fault, status, words", [
    ("no-start", HSM, ["cannot begin its work"]),
    ("no-token", HSM, ["no token in any slot"]),
    ("locked", HSM, ["is locked after too many wrong ones"]),
    ("pin-locked", HSM, ["CKR_PIN_LOCKED"]),
    ("gone", HSM, ["the token was taken out of its slot"]),
    ("removed", HSM, ["cannot sign with the key 'p256'",
                      "the token was taken out of its slot"]),
    ("no-way", HSM, ["CKM_ECDSA", "CKR_MECHANISM_INVALID"]),
    ("wrong", UNSIGNED, ["does not fit"]),
    ("cut", UNSIGNED, ["does not fit"]),
])
def test_a_module_that_fails_leaves_nothing_behind(
        token, tmp_path, image, fault, status, words):
    conf = token.conf(tmp_path / "hsm.ini",
                      pkcs11_lib=program("fake_hsm.so"))
    before = image.read_bytes()
    refused(sign(token, conf, image, fault=fault), status, *words)
    assert image.read_bytes() == before
    assert sorted(os.listdir(tmp_path)) == ["app.bin", "hsm.ini"]
    assert sign(token, conf, image, fault="").status == 0


def test_the_configuration_is_no_output(token, tmp_path, image):
    conf = token.conf(tmp_path / "hsm.ini")
    with open(conf, "rb") as file:
        before = file.read()
    done = sign(token, conf, image, "--output", conf)
    refused(done, done.status, "hsm.ini")
    with open(conf, "rb") as file:
        assert file.read() == before


def test_options_that_need_each_other(token, tmp_path, image):
    conf = token.conf(tmp_path / "hsm.ini")
    refused(token.run("sign-data", "--version", "2", "--hsm", image), USAGE,
            "--hsm-config")
    refused(token.run("sign-data", "--version", "2", "--hsm-config", conf,
                      image), USAGE, "--hsm")
    refused(token.run("sign-data", "--version", "1", "--hsm", "--hsm-config",
                      conf, image), USAGE, "Secure Boot V1")
    refused(verify(token, image, "--hsm"), USAGE, "--hsm-config")
    refused(token.run("extract-public-key", "--hsm", "--hsm-config", conf,
                      tmp_path / "out"), USAGE, "--version 2")
    refused(token.run("extract-public-key", tmp_path / "out"), USAGE,
            "--keyfile")
    refused(sign(token, tmp_path / "none.ini", image), NO_FILE, "none.ini")
    assert sorted(os.listdir(tmp_path)) == ["app.bin", "hsm.ini"]


def test_a_configuration_from_a_pipe(token, tmp_path, image):
    conf = token.conf(tmp_path / "hsm.ini")
    with open(conf, encoding="utf-8") as file:
        done = sign(token, "-", image, stdin=file.read())
    assert done.status == 0, done


def test_the_pin_may_come_through_a_pipe(token, tmp_path, image):
    conf = token.conf(tmp_path / "hsm.ini", credentials=None)
    done = sign(token, conf, image, stdin=PIN + "\n", session=True)
    assert done.status == 0, done
    done = sign(token, conf, image, stdin=WRONG_PIN + "\n", session=True)
    refused(done, HSM, "the PIN is wrong")
    for nothing in ("", "\n"):
        done = sign(token, conf, image, stdin=nothing, session=True)
        refused(done, HSM, "no PIN was given")
    refused(sign(token, conf, image, stdin="7" * 300, session=True), HSM,
            "more than 256 bytes")


class Terminal:
    """espctl with a terminal of its own."""

    def __init__(self, token, words):
        self.seen = b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            try:
                os.chdir(token.top)
                os.execve(program("espctl"),
                          ["espctl", "secure", *map(str, words)], token.env)
            finally:
                os._exit(127)

    def read_until(self, text):
        while text not in self.seen:
            ready, _, _ = select.select([self.fd], [], [], LIMIT)
            assert ready, self.seen
            self.seen += os.read(self.fd, 1024)

    def shown(self):
        """Is what is typed shown?"""
        return bool(termios.tcgetattr(self.fd)[3] & termios.ECHO)

    def type(self, data):
        os.write(self.fd, data)

    def end(self):
        """The exit status, or the signal as a negative number."""
        try:
            while True:
                ready, _, _ = select.select([self.fd], [], [], LIMIT)
                assert ready, self.seen
                more = os.read(self.fd, 1024)
                if not more:
                    break
                self.seen += more
        except OSError:     # EIO: the other side is closed
            pass
        _, status = os.waitpid(self.pid, 0)
        os.close(self.fd)
        return os.waitstatus_to_exitcode(status)


@pytest.fixture(name="terminal")
def fixture_terminal(token, tmp_path, image):
    conf = token.conf(tmp_path / "hsm.ini", credentials=None)
    made = Terminal(token, ["sign-data", "--version", "2", "--hsm",
                            "--hsm-config", conf, image])
    made.read_until(b"enter the PIN of your HSM:")
    return made


def test_the_pin_is_asked_for_and_not_shown(terminal, image):
    assert not terminal.shown()
    terminal.type(PIN.encode() + b"\n")
    assert terminal.end() == 0, terminal.seen
    assert PIN.encode() not in terminal.seen
    assert image.stat().st_size == 3 * SECTOR


def test_a_letter_of_the_pin_can_be_taken_back(terminal):
    terminal.type(PIN.encode() + b"77\x7f\x7f\n")
    assert terminal.end() == 0, terminal.seen


def test_an_interrupt_sets_the_terminal_back(terminal, image):
    before = image.read_bytes()
    terminal.type(PIN[:3].encode())
    # Keeps the terminal, whose last user is about to end.
    keep = os.open(os.ttyname(terminal_side(terminal)), os.O_RDWR |
                   os.O_NOCTTY)
    terminal.type(b"\x03")
    _, status = os.waitpid(terminal.pid, 0)
    assert os.waitstatus_to_exitcode(status) == -signal.SIGINT
    assert termios.tcgetattr(keep)[3] & termios.ECHO
    os.close(keep)
    os.close(terminal.fd)
    assert image.read_bytes() == before


def terminal_side(terminal):
    """A descriptor of the terminal as the process has it."""
    return os.open("/proc/%d/fd/0" % terminal.pid, os.O_RDWR | os.O_NOCTTY)


def test_who_was_stopped_is_asked_again(terminal):
    """(The only process of its terminal is not stopped by the signal, but
    what is done before and after that is the same.)"""
    terminal.type(b"123")
    terminal.seen = b""
    os.kill(terminal.pid, signal.SIGTSTP)
    terminal.read_until(b"enter the PIN of your HSM:")
    assert not terminal.shown()
    terminal.type(PIN.encode() + b"\n")
    assert terminal.end() == 0, terminal.seen
