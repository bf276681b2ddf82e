"""The openssl command: keys and signatures by somebody else's hands."""
import shutil
import subprocess

import pytest

from harness import LIMIT


def openssl(*words, data=None):
    """What it prints.  Where it is not installed the test is skipped."""
    if not shutil.which("openssl"):
        pytest.skip("there is no openssl")
    done = subprocess.run(["openssl", *words], input=data, check=False,
                          capture_output=True, timeout=LIMIT)
    assert done.returncode == 0, done.stderr
    return done.stdout
