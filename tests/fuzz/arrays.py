"""Bad weights, idx files and Keras files: what is claimed is seldom what is there."""

from __future__ import annotations

import gzip
import io
import os
import re
import struct
import zipfile
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.random import Generator

from mnistviz.data import idx, sets, weights
from mnistviz.data.npy import npy_bytes
from tests.fuzz.damage import PICKLE, big_endian, damaged, odd_count, one_of

FILES = (weights.MatrixFile("first.npy", (6, 5)), weights.MatrixFile("second.npy", (6, 1), optional=True))
DTYPES = (
    "<f8", ">f8", "=f8", "<f4", "<c16", "|O", "O", "<i8", "|u1", "|b1", "<U99999999", "|V2147483647", "<M8[ns]",
    "junk",
    "", "f8,f8", "(1000000,)f8", "|S0", "<U0", "<f8" * 9000,
)  # fmt: skip
SHAPES = (
    "(6, 5)", "(5, 6)", "(30,)", "(4294967296,)", "(65536, 65536, 65536)", "(0, 5)", "(-6, -5)", "(-1,)", "()",
    "(6.0, 5.0)", "(True, 30)", "('6', 5)", "None", "(6, 5", "6", "[6, 5]", "(" + "1," * 3000 + ")", "(9" * 300,
    "(1e400,)", "(10**9,)", "(99999999999999999999999999,)", "((6, 5),)",
)  # fmt: skip
HEADERS = (
    "__import__('os').system('touch canary')", "[" * 5000, "{" * 90, "(" * 90 + ")" * 90, "{}", "", "\0", "1" * 6000,
    "{'descr': '<f8', 'fortran_order': False}", "[].__class__", "-" * 5000 + "1", "'\\N{x}'", "\ud800",
    "{1: 2, 3: {4: {",
    "{**{}}", "lambda: 0", "f'{1}'", "9" * 5000, "0777", "1_000j", "\t{\n'", "'''", "\x0c \\\n ", "# coding: x\n{}",
)  # fmt: skip


def npy(random: Generator) -> bytes:
    """A bad `.npy` file, or a good one."""
    matrix = random.normal(size=one_of(random, (FILES[0].shape, FILES[0].shape, (6,), (6, 1))))
    if random.random() < 0.1:
        matrix = matrix.astype(one_of(random, (">f8", "<f4", "<i8", "?"))).copy(one_of(random, "CF"))
    if random.random() < 0.1 and matrix.dtype.kind == "f":
        matrix.flat[int(random.integers(matrix.size))] = one_of(random, (np.nan, np.inf, -np.inf))
    kind = random.random()
    if kind < 0.5:
        return damaged(npy_bytes(matrix), random)
    if kind < 0.55:
        return npy_bytes(matrix)
    return lying_npy(random, matrix.tobytes())


def lying_npy(random: Generator, content: bytes) -> bytes:
    """A `.npy` whose header claims what it likes."""
    order = one_of(random, ("True", "False", "None", "1", "'x'"))
    text = f"{{'descr': {one_of(random, DTYPES)!r}, 'fortran_order': {order}, 'shape': {one_of(random, SHAPES)}, }}"
    if random.random() < 0.3:
        text = one_of(random, HEADERS)
    elif random.random() < 0.2:
        text = text.replace(
            "'<f8'", one_of(random, ("[('a', '<f8'), ('b', '|O')]", "[('a', '<f8', (9999999,))]", "8"))
        )
    header = text.encode("utf-8", "surrogatepass")
    version = one_of(random, ((1, 0), (1, 0), (2, 0), (3, 0), (0, 0), (255, 255)))
    length = len(header) if random.random() < 0.8 else odd_count(random)
    wide = "<H" if version == (1, 0) else "<I"
    told = struct.pack(wide, length % 256 ** struct.calcsize(wide))
    if "O'" in text:
        content = PICKLE + content
    return b"\x93NUMPY" + bytes(version) + told + header + content[: int(random.integers(len(content) + 1))]


def weights_folder(random: Generator, folder: Path) -> None:
    """A folder of weights in which something is wrong."""
    for file in FILES:
        (folder / file.name).write_bytes(npy_bytes(random.normal(size=file.shape)))
    (folder / weights.EPOCH_FILE).write_bytes(b"3\n")
    if random.random() < 0.08:
        epoch = one_of(
            random, (b"", b"-2", b"9" * 31, b"1" * 5000, "²".encode(), b"\xff", b"1 2", b"-1", b"0x1", b"\0")
        )
        (folder / weights.EPOCH_FILE).write_bytes(epoch)
    elif random.random() < 0.04:
        odd_entry(folder / one_of(random, (*(file.name for file in FILES), weights.EPOCH_FILE)), random)
    else:
        (folder / one_of(random, FILES).name).write_bytes(npy(random))


def odd_entry(path: Path, random: Generator) -> None:
    """Something of that name which is no file."""
    path.unlink(missing_ok=True)
    one_of(
        random,
        (
            path.mkdir, lambda: os.mkfifo(path), lambda: path.symlink_to("/dev/zero"),
            lambda: path.symlink_to(path.name),
            lambda: path.symlink_to("nowhere"), lambda: None,
        ),
    )()  # fmt: skip


def read_weights(folder: Path) -> None:
    """As `--weights` does."""
    weights.load(folder, FILES)


def idx_folder(random: Generator, folder: Path) -> None:
    """Pictures and labels as idx files, plain or packed, in which something is wrong."""
    count = int(random.integers(1, 5))
    for kind, dimensions, shape in (("images-idx3", 3, (count, 28, 28)), ("labels-idx1", 1, (count,))):
        values = random.integers(0, 256 if dimensions == 3 else 10, size=shape, dtype=np.uint8).tobytes()
        content = bytes((0, 0, 8, dimensions)) + big_endian(*shape) + values
        if random.random() < 0.75:
            content = _bad_idx(content, dimensions, random)
        packed = random.random() < 0.5
        content = _packed(content, random) if packed else content
        named = packed if random.random() < 0.9 else not packed
        (folder / f"t10k-{kind}-ubyte{'.gz' if named else ''}").write_bytes(content)
    if random.random() < 0.03:
        odd_entry(next(folder.iterdir()), random)


def _bad_idx(content: bytes, dimensions: int, random: Generator) -> bytes:
    kind = random.random()
    if kind < 0.5:
        return damaged(content, random)
    head = bytes(
        (0, 0, one_of(random, (8, 8, 8, 9, 13, 14, 0)), one_of(random, (dimensions, dimensions, 1, 3, 255)))
    )
    shape = [one_of(random, (28, 1, odd_count(random), 2**16)) for _ in range(dimensions)]
    if kind < 0.6:
        shape = [0 if random.random() < 0.5 else length for length in shape]
    return head + big_endian(*shape) + content[4 + 4 * dimensions :]


def _packed(content: bytes, random: Generator) -> bytes:
    kind = random.random()
    if kind < 0.5:
        return gzip.compress(content, 1)
    if kind < 0.75:
        return damaged(gzip.compress(content, 1), random)
    if kind < 0.82:
        return gzip.compress(gzip.compress(content, 1), 1)
    if kind < 0.9:
        return gzip.compress(content[:100], 1) + gzip.compress(content[100:], 1)
    if kind < 0.95:
        return gzip.compress(content, 1) + one_of(random, (b"\0" * 100, b"junk", gzip.compress(b"x")))
    return gzip.compress(content[:16], 1) + zeros(one_of(random, (1, 15, 17, 60, 300)))


@lru_cache
def zeros(mebibytes: int) -> bytes:
    """So many MiB of zeros as gzip, a thousandth of their size."""
    return gzip.compress(bytes(2**20), 9) * mebibytes


def read_data(folder: Path) -> None:
    """As `--data` does."""
    sets.read_mnist(folder, "test")


def keras_file(random: Generator, folder: Path) -> None:
    """A `mnist.npz` in which something is wrong."""
    count = int(random.integers(1, 4))
    stream = io.BytesIO()
    method = zipfile.ZIP_STORED if random.random() < 0.5 else zipfile.ZIP_DEFLATED
    method = method if random.random() < 0.98 else one_of(random, (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA))
    with zipfile.ZipFile(stream, "w", method, compresslevel=1) as archive:
        for name in (*idx.KERAS["test"], *idx.KERAS["train"]):
            if random.random() < 0.95:
                archive.writestr(_member_name(name, random), _member(name, count, random))
    content = stream.getvalue()
    if random.random() < 0.5:
        content = bad_zip(content, random)
    (folder / "mnist.npz").write_bytes(content)


def _member_name(name: str, random: Generator) -> str:
    odd = (f"../{name}", f"/{name}", name.upper(), f"{name}/", "é" * 50, name)
    return name if random.random() < 0.95 else str(one_of(random, odd))


def _member(name: str, count: int, random: Generator) -> bytes:
    shape = (count, 28, 28) if name.startswith("x") else (count,)
    array = random.integers(0, 10, size=shape, dtype=one_of(random, (np.uint8, np.uint8, np.int64, np.int8)))
    array = array.astype(np.uint8) if name.startswith("x") else array
    kind = random.random()
    if kind < 0.6:
        return npy_bytes(array)
    if kind < 0.75:
        return damaged(npy_bytes(array), random)
    if kind < 0.78:
        many = one_of(random, (20_000, 60_000, 2**22))
        claimed = f"{{'descr': '|u1', 'fortran_order': False, 'shape': ({many}, 28, 28), }}"
        head = b"\x93NUMPY\1\0" + struct.pack("<H", len(claimed)) + claimed.encode()
        return head + bytes(one_of(random, (2**20, 2**20, 2**24)))
    if kind < 0.85:
        return npy_bytes(
            array.astype(one_of(random, (">i2", "<f8", "<u8", "?", "<M8[s]"))).copy(one_of(random, "CF"))
        )
    return lying_npy(random, array.tobytes())


def bad_zip(content: bytes, random: Generator) -> bytes:
    """Damage anywhere, or a lie in one of the zip's own tables: sizes, method, flags, offsets."""
    if random.random() < 0.4:
        return damaged(content, random)
    entries = [entry.start() for entry in re.finditer(rb"PK(\x01\x02|\x03\x04|\x05\x06)", content)]
    changed = bytearray(content)
    for _ in range(int(random.integers(1, 4))):
        place = one_of(random, entries) + int(random.integers(4, 46))
        width = one_of(random, (1, 2, 4))
        number = (odd_count(random) % 256**width).to_bytes(width, "little")
        changed[place : place + width] = number
    return bytes(changed)
