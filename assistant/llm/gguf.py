"""The header of a GGUF model file, read before the native library is trusted with the file.

Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, versions 2 and 3, little-endian.
"""

from __future__ import annotations

import math
import mmap
import struct
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import ModelError

Value = str | int | float | bool

_SCALARS = {
    0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q",
    12: "<d",
}  # fmt: skip
_STRING = 8
_ARRAY = 9
_MAX_PAIRS = 4096
_MAX_TENSORS = 65_536
_MAX_ELEMENTS = 4_000_000
_MAX_DIMENSIONS = 4
_MAX_DEPTH = 2


@dataclass(frozen=True, slots=True)
class GgufHeader:
    """What a GGUF file says about itself."""

    metadata: dict[str, Value]
    """Single values by key; arrays (the vocabulary) are passed over."""
    array_lengths: dict[str, int]
    """Number of elements of each array, by key."""
    data_offset: int
    """Byte at which the tensors' data begins."""
    kinds: Mapping[int, int]
    """How many weights are of each of ggml's types."""


def read_gguf_header(path: Path) -> GgufHeader:
    """Read and check the header of the GGUF file at `path`.

    Raises `ModelError` when the file cannot be read, is of another kind, or is cut short or
    damaged in its header. Damage to the weights themselves only a checksum can tell.
    """
    try:
        with path.open("rb") as file:
            if file.read(4) != b"GGUF":
                raise ModelError(
                    f"{path} is not a GGUF language model: fetch one with `assistant models fetch`"
                )
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                return _Reader(data).header()
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror or error}") from error
    except (struct.error, ValueError) as error:
        raise ModelError(
            f"{path} is damaged or incomplete ({error}): remove it and fetch it again with "
            "`assistant models fetch`"
        ) from error


def find_gguf(path: Path) -> Path:
    """The .gguf file at or in `path`; the first part of a model in several.

    Raises `ModelError` when there is none.
    """
    if path.is_dir():
        found = sorted(p for p in path.iterdir() if p.suffix.lower() == ".gguf")
        if found:
            return found[0]
        raise ModelError(f"{path} holds no .gguf file: fetch the model again")
    if not path.is_file():
        raise ModelError(f"{path} does not exist: run `assistant models fetch`")
    return path


def read_language_model_header(path: Path) -> GgufHeader:
    """`read_gguf_header`; raises `ModelError` too when `path` is whole but no language model."""
    header = read_gguf_header(path)
    architecture = header.metadata.get("general.architecture")
    kind = header.metadata.get("general.type", "model")
    vocabulary = header.array_lengths.get("tokenizer.ggml.tokens", 0)
    if not isinstance(architecture, str) or kind != "model" or not vocabulary:
        raise ModelError(
            f"{path} is a GGUF file but not a language model: choose another with llm.model"
        )
    return header


def read_adapter_header(path: Path, base: GgufHeader) -> GgufHeader:
    """The header of the LoRA at `path`; raises `ModelError` too when it is not one for `base`."""
    header = read_gguf_header(path)
    about = header.metadata
    if about.get("general.type") != "adapter" or about.get("adapter.type") != "lora":
        raise ModelError(f"{path} is a GGUF file but not a LoRA adapter")
    made_for, architecture = (h.metadata.get("general.architecture") for h in (header, base))
    if made_for != architecture:
        raise ModelError(
            f"{path} was made for a model of the kind {made_for}, and this one is {architecture}: "
            "train an adapter for this model, or remove it"
        )
    return header


class _Reader:
    """Walks the bytes; every inconsistency is a ValueError or struct.error."""

    def __init__(self, data: mmap.mmap) -> None:
        self._data = data
        self._size = len(data)
        self._at = 4

    def header(self) -> GgufHeader:
        version = self._scalar("<I")
        if version not in (2, 3):
            raise ValueError(f"GGUF version {version} instead of 2 or 3")
        tensor_count, pair_count = self._count(_MAX_TENSORS), self._count(_MAX_PAIRS)
        metadata: dict[str, Value] = {}
        lengths: dict[str, int] = {}
        for _ in range(pair_count):
            key = self._string()
            kind = self._scalar("<I")
            if kind == _ARRAY:
                lengths[key] = self._pass_array()
            else:
                metadata[key] = self._string() if kind == _STRING else self._value(int(kind))
        furthest = 0
        kinds: Counter[int] = Counter()
        for _ in range(tensor_count):
            self._string()
            dimensions = self._scalar("<I")
            if not 0 < dimensions <= _MAX_DIMENSIONS:
                raise ValueError("a tensor of impossible shape")
            weights = math.prod(int(self._scalar("<Q")) for _ in range(int(dimensions)))
            kinds[int(self._scalar("<I"))] += weights
            furthest = max(furthest, int(self._scalar("<Q")))
        alignment = metadata.get("general.alignment", 32)
        if not isinstance(alignment, int) or alignment < 1 or alignment & (alignment - 1):
            raise ValueError("an impossible alignment")
        data_offset = -(-self._at // alignment) * alignment
        if not tensor_count or data_offset + furthest >= self._size:
            raise ValueError("the weights are missing")
        return GgufHeader(metadata, lengths, data_offset, kinds)

    def _skip(self, size: int) -> int:
        start = self._at
        if size < 0 or start + size > self._size:
            raise ValueError("it ends within its header")
        self._at = start + size
        return start

    def _scalar(self, code: str) -> int | float | bool:
        start = self._skip(struct.calcsize(code))
        value: int | float | bool = struct.unpack_from(code, self._data, start)[0]
        return value

    def _value(self, kind: int) -> Value:
        code = _SCALARS.get(kind)
        if code is None:
            raise ValueError(f"unknown value type {kind}")
        return self._scalar(code)

    def _count(self, limit: int) -> int:
        count = int(self._scalar("<Q"))
        if count > limit:
            raise ValueError("an impossible count")
        return count

    def _string(self) -> str:
        length = int(self._scalar("<Q"))
        start = self._skip(length)
        return self._data[start : start + length].decode("utf-8")

    def _pass_array(self, depth: int = 0) -> int:
        kind, count = int(self._scalar("<I")), self._count(_MAX_ELEMENTS)
        if kind == _STRING:
            unpack, data, at, size = (
                struct.Struct("<Q").unpack_from,
                self._data,
                self._at,
                self._size,
            )
            for _ in range(count):
                at += 8 + unpack(data, at)[0]
                if at > size:
                    raise ValueError("it ends within its vocabulary")
            self._at = at
        elif kind == _ARRAY and depth < _MAX_DEPTH:
            for _ in range(count):
                self._pass_array(depth + 1)
        elif kind in _SCALARS:
            self._skip(count * struct.calcsize(_SCALARS[kind]))
        else:
            raise ValueError(f"unknown value type {kind}")
        return count
