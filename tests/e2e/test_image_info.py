"""image-info: what an image holds, told in both voices and as JSON."""
import hashlib
import struct
import zlib

import pytest

from harness import RpcError
from test_esptool import in_order, run

ESP32, C3, C6 = 0, 5, 13


def image_of(chip, *segments, digest=1, flash=b"\x02\x20", entry=0x40080404):
    """An image; chip None: of the ESP8266."""
    data = struct.pack("<BB2sI", 0xe9, len(segments), flash, entry)
    if chip is not None:
        data += struct.pack("<B3sHBHHIB", 0xee, b"\x21\x43\x65", chip, 3, 301,
                            399, 0, digest)
    total = 0xef
    for address, content in segments:
        data += struct.pack("<II", address, len(content)) + content
        for byte in content:
            total ^= byte
    data += bytes(15 - len(data) % 16) + bytes([total])
    if chip is not None and digest:
        data += hashlib.sha256(data).digest()
    return data


def describe(project=b"demo", page=0):
    return struct.pack("<II8s32s32s16s16s32s32sHHB75s", 0xabcd5432, 7, b"",
                       b"v1.2", project, b"12:34:56", b"Jan  2 2026", b"v5.4",
                       b"\xab" * 32, 1, 199, page, b"")


def describe_boot():
    return struct.pack("<B3sI32s24s16s", 0x50, b"", 3, b"v5.2",
                       b"Apr 25 2023 00:13:32", b"")


def ihex(*parts):
    """Intel HEX of (address, bytes)."""
    text = ""

    def line(address, kind, data):
        record = struct.pack(">BHB", len(data), address, kind) + data
        return ":%s%02X\n" % (record.hex().upper(), -sum(record) & 0xff)
    for address, data in parts:
        for at in range(0, len(data), 16):
            where = address + at
            text += line(0, 4, struct.pack(">H", where >> 16))
            text += line(where & 0xffff, 0, data[at:at + 16])
    return (text + ":00000001FF\n").encode()


@pytest.fixture
def tell(daemon, espctl, tmp_path):
    """tell(data, options...): what image-info prints of a file, after it was
    the same in both voices."""
    def call(data, *options):
        (tmp_path / "it").write_bytes(data)
        own = espctl(*options, "image-info", tmp_path / "it")
        his = run(daemon, *options, "image-info", "it", cwd=tmp_path)
        assert own.status == 0 and his.status == 0, (own, his)
        assert own.err == his.err == ""
        assert his.out.split("\n", 1)[1] == own.out
        return own.out
    return call


@pytest.fixture
def refused(daemon, espctl, tmp_path):
    """refused(data, options...): the one sentence."""
    def call(data, *options, status=20):
        (tmp_path / "it").write_bytes(data)
        own = espctl(*options, "image-info", tmp_path / "it")
        his = run(daemon, *options, "image-info", "it", cwd=tmp_path)
        assert (own.status, his.status) == (status, 2), (own, his)
        assert own.out == "" and len(own.err.splitlines()) == 1 + \
            own.err.count("Warning: ")
        assert his.err.strip().split(": ")[0] in ("A fatal error occurred",
                                                  "Error"), his
        return own.err
    return call


def test_an_application_is_told_in_esptools_order(tell):
    data = image_of(ESP32, (0x3f400020, describe()), (0x3ffb0000, b"1234567"),
                    (0, bytes(9)), (0x400d0020, bytes(16)))
    in_order(
        tell(data), "Image size: %d bytes\n" % len(data),
        "Detected image type: ESP32\n\n"
        "ESP32 Image Header\n==================\n"
        "Image version: 1\nEntry point: 0x40080404\nSegments: 4\n"
        "Flash size: 4MB\nFlash freq: 40m\nFlash mode: DIO\n\n"
        "ESP32 Extended Image Header\n===========================\n"
        "WP pin: 0xee (disabled)\n"
        "Flash pins drive settings: clk_drv: 0x1, q_drv: 0x2, d_drv: 0x3, "
        "cs0_drv: 0x4, hd_drv: 0x5, wp_drv: 0x6\n"
        "Chip ID: 0 (ESP32)\n"
        "Minimal chip revision: v3.1, (legacy min_rev = 3)\n"
        "Maximal chip revision: v3.99\n\n"
        "Segments Information\n====================\n"
        "Segment   Length   Load addr   File offs  Memory types\n"
        "-------  -------  ----------  ----------  ------------\n"
        "      0  0x00100  0x3f400020  0x00000018  DROM\n"
        "      1  0x00008  0x3ffb0000  0x00000120  BYTE_ACCESSIBLE, DRAM\n"
        "      2  0x00009  0x00000000  0x0000012f  PADDING\n"
        "      3  0x00010  0x400d0020  0x00000140  IROM\n\n"
        "ESP32 Image Footer\n==================\nChecksum: 0x",
        " (valid)\nValidation hash: %s (valid)\n\n" % data[-32:].hex(),
        "Application Information\n=======================\n"
        "Project name: demo\nApp version: v1.2\n"
        "Compile time: Jan  2 2026 12:34:56\n"
        "ELF file SHA256: " + "ab" * 32 + "\nESP-IDF: v5.4\n"
        "Minimal eFuse block revision: 0.1\n"
        "Maximal eFuse block revision: 1.99\nSecure version: 7\n")


def test_a_bootloader_is_told(tell):
    text = tell(image_of(C3, (0x3fcd6114, describe_boot()),
                         (0x403cc710, bytes(8)), digest=0), "--chip", "esp32c3")
    assert "Detected image type" not in text
    assert "Validation hash" not in text
    in_order(text, "ESP32-C3 Image Footer\n=====================\n",
             "Bootloader Information\n======================\n"
             "Bootloader version: 3\nESP-IDF: v5.2\n"
             "Compile time: Apr 25 2023 00:13:32\n")


def test_what_is_wrong_is_told(tell):
    data = bytearray(image_of(ESP32, (0x3ffb0000, b"abcd"), flash=b"\x09\x9a",
                              entry=0))
    data[33] ^= 1
    in_order(tell(bytes(data), "--chip", "esp32s3"),
             "Warning: Unexpected chip ID in image. Expected 9 but value was "
             "0. Is this image for a different chip model?\n\n"
             "ESP32-S3 Image Header\n", "Entry point not set\n",
             "Warning: Invalid flash size (0x90)\n"
             "Warning: Invalid flash frequency (0xa)\n"
             "Warning: Invalid flash mode (9)\n",
             "Checksum: 0xeb (invalid - calculated 0xea)\n",
             "Validation hash: ", " (invalid)\n")


def test_a_page_size_is_told(tell):
    assert "MMU page size: 16 KB\nSecure version: 7\n" in tell(
        image_of(C6, (0x42000020, describe(page=14))))


def test_a_name_with_control_characters_does_not_reach_the_terminal(tell):
    assert "Project name: ?[31m?h\u00e9?\n" in tell(image_of(ESP32, (
        0x3f400020, describe(b"\x1b[31m\xffh\xc3\xa9\xc3"))))


def test_both_kinds_of_the_esp8266_are_told(tell):
    first = image_of(None, (0x40100000, bytes(20)), (0x3ffe8000, b"x" * 12))
    text = tell(first)
    in_order(text, "Detected image type: ESP8266\n", "Image version: 1\n",
             "  0x00000008  IRAM\n")
    assert "Extended" not in text and "Validation" not in text
    second = struct.pack("<BB2sIII", 0xea, 4, b"\0\x20", 0x40080404, 0,
                         16) + bytes(16) + first
    second += struct.pack("<I", zlib.crc32(second))
    in_order(tell(second), "Warning: Flash mode value in first header (0x00) "
             "disagrees with second (0x02). Using second value.\n",
             "Image version: 2\n", "Segments: 3\n",
             "      0  0x00010  0x00000000  0x00000008  \n")


def test_an_image_of_the_esp8266_is_known_by_its_parts(tell):
    """Here its bytes could be an extended header, too: of an ESP32."""
    data = image_of(None, (0x40100000, bytes(256)))
    assert data[12] == ESP32 and data[23] == 0
    in_order(tell(data), "Detected image type: ESP8266\n", " (valid)\n")


def test_each_part_of_a_hex_file_is_told(daemon, espctl, tmp_path):
    good = image_of(C3, (0x3fcd6114, b"abcd"))
    (tmp_path / "it").write_bytes(ihex((0, good), (0x8000, b"\xaaP" * 16),
                                       (0x10000, good)))
    done = run(daemon, "image-info", "it", cwd=tmp_path)
    assert done.status == 0, done
    line = "Processing file 2/3, offset: 0x8000, size: 32 bytes"
    in_order(done.out, "Merged binary image detected. Processing each file "
             "individually.\n\n", "Processing file 1/3, offset: 0x0, size: ",
             "Detected image type: ESP32-C3\n", "=" * len(line) + "\n" + line +
             "\n" + "=" * len(line) + "\n", "Processing file 3/3",
             "ESP32-C3 Image Header\n")
    assert done.out.count("Detected") == 1
    in_order(done.err, "Error processing file 2/3: This is not a valid image "
             "(invalid magic number: 0xaa)", "Probably not a valid firmware")
    images = espctl("--json", "image-info", tmp_path / "it").result()["images"]
    assert [one["offset"] for one in images] == [0, 0x8000, 0x10000]
    assert ["error" in one for one in images] == [False, True, False]


def test_one_part_of_a_hex_file_is_as_the_image_itself(tell):
    data = image_of(C3, (0x3fcd6114, b"abcd"))
    assert tell(ihex((0x1000, data))) == tell(data)


def test_each_part_of_a_uf2_file_is_told(tell, refused, espctl, tmp_path):
    good = image_of(C3, (0x3fcd6114, b"abcd"))
    (tmp_path / "a").write_bytes(good)
    done = espctl("--chip", "esp32c3", "merge-bin", "--format", "uf2", "-o",
                  tmp_path / "one", "0x0", tmp_path / "a")
    assert done.status == 0, done
    one = (tmp_path / "one").read_bytes()
    assert tell(one) == tell(good)
    assert "Detected" not in tell(one, "--chip", "esp32c3")
    assert "nothing for the ESP32" in refused(one, "--chip", "esp32",
                                              status=12)
    done = espctl("--chip", "esp32c3", "merge-bin", "--format", "uf2", "-o",
                  tmp_path / "two", "0x0", tmp_path / "a", "0x10000",
                  tmp_path / "a")
    assert done.status == 0, done
    two = (tmp_path / "two").read_bytes()
    in_order(tell(two), "Merged binary image",
             "Processing file 1/2, offset: 0x0, size: ",
             "Detected image type: ESP32-C3\n",
             "Processing file 2/2, offset: 0x10000, size: ")
    assert "block" in refused(two[:-512] + bytes(512))


def test_what_is_no_image_is_refused(refused):
    good = image_of(ESP32, (0x3ffb0000, b"a" * 100))
    assert "This is not a valid image (invalid magic number: 0x7f)" in \
        refused(b"\x7fELF" + bytes(60))
    assert "End of file reading segment 0x3ffb0000, length 100 (actual " \
        "length 68)" in refused(good[:100])
    assert "header names no other chip" in refused(good[:23] + b"\x02" +
                                                   good[24:])
    assert "line 2" in refused(b":00000001FF\n:zz\n" + good)
    assert 'there is no chip "esp9"' in refused(good, "--chip", "esp9",
                                                status=2)


def test_the_result_has_its_facts_as_numbers(daemon, tmp_path):
    data = image_of(ESP32, (0x3f400020, describe(page=15)), (0x3ffb0000, b"1"))
    (tmp_path / "it").write_bytes(data)
    rpc = daemon.rpc()
    with open(tmp_path / "it", "rb") as file:
        answer = rpc.call("image.info", [file.fileno()],
                          image={"fd": 0, "name": "it"})
    assert list(answer["jobs"][0]) == ["job"]
    job = rpc.call("job.wait", job=answer["jobs"][0]["job"])
    assert job["state"] == "done" and "port" not in job
    result = job["result"]
    assert (result["bytes"], result["detected"], result["merged"]) == \
        (len(data), True, False)
    one, = result["images"]
    assert "offset" not in one and "warnings" not in one
    assert one["chip"] == "ESP32" and one["entry"] == 0x40080404
    assert (one["flash_size"], one["flash_size_code"]) == ("4MB", 2)
    assert one["extended"]["min_rev_full"] == 301
    assert one["segments"][1] == {
        "address": 0x3ffb0000, "bytes": 1, "file_offset": 24 + 8 + 256,
        "memory": ["BYTE_ACCESSIBLE", "DRAM"]}
    assert one["checksum"]["valid"] and one["digest"]["valid"]
    assert one["app"]["mmu_page_size"] == 32768
    with pytest.raises(RpcError, match="image"):
        rpc.call("image.info")
    rpc.close()
