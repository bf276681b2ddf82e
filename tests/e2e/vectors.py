"""What the tests of recorded runs share: the runs, the files they begin with
and leave, and the runs that we do not repeat as they are.

ESPFLASHD_VECTORS names the folder of the recordings.
"""
import gzip
import hashlib
import json
import os

HERE = os.path.dirname(os.path.abspath(__file__))
VECTORS = os.environ.get("ESPFLASHD_VECTORS", "")
ASPECTS = {"status", "files", "text"}   # in which a run can differ


def load_cases(folders):
    cases = {}
    for folder in folders:
        path = os.path.join(VECTORS, folder, "manifest.json")
        if not os.path.exists(path):
            continue
        with open(path, encoding="utf-8") as file:
            for case in json.load(file):
                assert case["id"] not in cases
                cases[case["id"]] = dict(case, folder=folder)
    return cases


def load_exceptions(name):
    """id -> (the aspects that differ, what we do instead)"""
    listed = {}
    with open(os.path.join(HERE, name),
              encoding="utf-8") as file:
        for line in file:
            if line.startswith("#") or not line.strip():
                continue
            case, aspects, instead = [x.strip() for x in line.split("|", 2)]
            assert case not in listed, "%s stands there twice" % case
            assert set(aspects.split()) <= ASPECTS and aspects and instead
            listed[case] = set(aspects.split()), instead
    return listed


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


def files_wrong(case, before, after, same=None):
    """What is written is what was recorded; who is refused writes nothing.
    `same` may tell that other bytes mean the same."""
    changed = {name: data for name, data in after.items()
               if before.get(name) != data}
    for name in before:
        if name not in after:
            yield name + " is gone"
    for name in sorted(changed):
        if name not in case["outputs"]:
            yield name + " should not be there"
        elif digest(changed[name]) != case["outputs"][name]:
            theirs = stored(case["folder"], name)
            if not (same and theirs and same(name, changed[name], theirs)):
                yield "%s: %s" % (name, where_differ(changed[name], theirs))
    for name in case["outputs"]:
        if name not in changed:
            yield name + " is missing"


def differences(done, status, files, text):
    """aspect -> what is different"""
    found = {"files": list(files), "text": list(text)}
    if done.status != status:
        found["status"] = ["exit %d instead of %d" % (done.status, status)]
    return {aspect: wrong for aspect, wrong in found.items() if wrong}


def as_listed(case, found, exceptions, done):
    """It differs in just what its exception says."""
    expected, instead = exceptions.get(case["id"], (set(), ""))
    told = "\n".join("%s: %s" % (aspect, text) for aspect in found
                     for text in found[aspect])
    assert set(found) == expected, "%s\n%s\n%s\n%r" % (
        instead, told, " ".join(case["args"]), done)
