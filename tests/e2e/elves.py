"""Linked programs: small ones by the cross compilers of the machine, and bare
ELF files of any size by hand."""
import os
import random
import shutil
import struct
import subprocess

XTENSA, RISCV = 94, 243     # e_machine
COMPILERS = {
    XTENSA: ("xtensa-lx106-elf-gcc", "-mlongcalls"),
    RISCV: ("riscv64-unknown-elf-gcc", "-march=rv32imc", "-mabi=ilp32"),
}
GREETING = "made by a compiler of this machine"
SOURCE = """
static const char greeting[] = "%s\\n";
static unsigned counted[4] = { 1, 2, 3, 4 };

static unsigned __attribute__((noinline, section(".text.slow")))
slow(unsigned n)
{
	return n & 7 ? slow(n - 1) + 1 : n >> 3;
}

void
start(volatile unsigned *fifo)
{
	for (const char *p = greeting; *p != '\\0'; p++)
		*fifo = (unsigned)*p;
	for (;;)
		counted[slow(counted[0]) & 3]++;
}
""" % GREETING
SCRIPT = """
ENTRY(start)
SECTIONS
{
	.iram0.text 0x%x : { %s }
	.dram0.data 0x%x : { *(.data*) %s }
	.dram0.bss (NOLOAD) : { *(.bss*) }
	.flash.rodata 0x%x : { %s }
	.flash.text 0x%x : { %s }
	/DISCARD/ : { *(.comment) *(.xt.*) *(.xtensa.info) *(.riscv.*) *(.eh_*) }
}
"""


def has_compiler(machine):
    return shutil.which(COMPILERS[machine][0]) is not None


def compile_program(folder, machine, iram, dram, drom=None, irom=None):
    """A program in RAM, but for its constants and its text in flash where drom
    and irom are given; its path."""
    code, constants = "*(.literal* .text*)", "*(.rodata* .srodata*)"
    source, script, path = [os.path.join(folder, name) for name in
                            ("program.c", "program.ld", "program.elf")]
    with open(source, "w", encoding="ascii") as file:
        file.write(SOURCE)
    with open(script, "w", encoding="ascii") as file:
        # What counts goes to RAM anyhow.
        file.write(SCRIPT % (
            iram, "*(.literal.slow .text.slow)" if irom else code, dram,
            "" if drom else constants, drom or 0, constants if drom else "",
            irom or 0, code if irom else ""))
    done = subprocess.run(
        [*COMPILERS[machine], "-Os", "-g", "-ffreestanding", "-nostdlib",
         "-Wl,--build-id=none", "-T", script, "-o", path, source],
        check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return path


def bare_elf(machine, entry, sections):
    """An ELF file of (name, address, bytes)."""
    data, names = bytearray(52), b"\0"
    headers = [bytes(40)]
    for name, address, content in sections:
        headers.append(struct.pack("<10I", len(names), 1, 2, address,
                                   len(data), len(content), 0, 0, 4, 0))
        names += name.encode() + b"\0"
        data += content
    headers.append(struct.pack("<10I", 0, 3, 0, 0, len(data), len(names), 0, 0,
                               1, 0))
    data += names + bytes(-len(names) % 4)
    data[:52] = struct.pack("<16s2H5I6H", b"\x7fELF\1\1\1", 2, machine, 1,
                            entry, 0, len(data), 0, 52, 32, 0, 40,
                            len(headers), len(headers) - 1)
    return bytes(data) + b"".join(headers)


def big_elf(size, seed=1):
    """One for the ESP32 of about that many bytes; half of it, as usual, is
    for the debugger."""
    rng = random.Random(seed)
    text = rng.randbytes(size * 2 // 5 // 4 * 4)
    return bare_elf(XTENSA, 0x40080400, [
        (".iram0.text", 0x40080400, rng.randbytes(size // 40 // 4 * 4)),
        (".dram0.data", 0x3FFB0000, rng.randbytes(size // 80 // 4 * 4)),
        (".flash.rodata", 0x3F400020, rng.randbytes(size // 16 // 4 * 4)),
        (".flash.text", 0x400D0020, text),
        (".debug_info", 0, text[::-1] + rng.randbytes(size // 10)),
    ])
