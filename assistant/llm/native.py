"""llama.cpp's model, context and adapter in memory: the part that speaks C.

Uses the C interface of `llama_cpp` itself. The package's `Llama` class redirects the process's
standard output while it loads and cannot take several texts in one batch behind a shared beginning.
"""

from __future__ import annotations

import ctypes
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from assistant.errors import LanguageModelError, ModelError
from assistant.llm.gguf import (
    GgufHeader,
    find_gguf,
    read_adapter_header,
    read_language_model_header,
)
from assistant.llm.machine import (
    available_memory,
    free_cores,
    give_back_memory,
    usable_cores,
)

_LOG = logging.getLogger(__name__)

BATCH = 32
"""Tokens evaluated at once: few, so that a cancellation is looked for every tenth of a second."""
KEPT = tuple(range(26, 32))
"""Sequences that keep the beginnings of prompts, the last of the `BATCH` that a context has."""
SEQUENCES = KEPT[0]
"""The others: one is worked in, the rest hold texts behind a shared prompt."""

CacheType = Literal["f16", "q8_0"]
_BYTES_PER_VALUE = {"f16": 2.0, "q8_0": 34 / 32}
_OVERHEAD = 48_000_000
"""Bytes for llama.cpp's own buffers with a batch as small as ours."""

_native_log: Any = None

Row = tuple[int, int, int, bool]
"""Token, position, sequence, and whether its output is wanted."""


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """How llama.cpp is to run a model."""

    context: int = 2048
    """In tokens; at most what the model was trained for is taken."""
    threads: int = 0
    """0: one for each core that is free when a prompt begins."""
    gpu_layers: int | None = None
    """-1: all; None: all where this build of llama.cpp can use a GPU."""
    memory_map: bool = True
    """False: the weights are read into memory of our own, which the system cannot take back."""
    cache_type: CacheType = "f16"
    """How the evaluated tokens are kept; q8_0 takes half the memory."""
    flash_attention: bool | None = None
    """None: as llama.cpp thinks best for the machine."""


def library() -> Any:
    """The C interface, its log turned into ours. First call loads the shared library."""
    global _native_log  # noqa: PLW0603
    with _threads_that_sleep():
        from llama_cpp import llama_cpp

    if _native_log is None:

        def log(level: int, text: bytes, _data: object) -> None:
            line = text.decode("utf-8", "replace").strip()
            if line and level in (2, 3):
                _LOG.debug("llama.cpp: %s", line)

        _native_log = llama_cpp.llama_log_callback(log)
        llama_cpp.llama_log_set(_native_log, ctypes.c_void_p(0))
        llama_cpp.llama_backend_init()
    return llama_cpp


@contextmanager
def _threads_that_sleep() -> Iterator[None]:
    """What OpenMP reads when it is loaded: without it, idle threads spin, and on a busy machine
    every token waits for a thread that spins elsewhere (6 times slower was seen)."""
    name = "OMP_WAIT_POLICY"
    before = os.environ.get(name)
    os.environ.setdefault(name, "passive")
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]


def memory_needed(path: Path, header: GgufHeader, options: EngineOptions) -> int:
    """Bytes that the model at `path` takes: its weights, what it has evaluated, and buffers."""
    architecture = header.metadata.get("general.architecture", "")

    def number(key: str, default: int) -> int:
        value = header.metadata.get(f"{architecture}.{key}", default)
        return value if isinstance(value, int) and value > 0 else default

    heads = number("attention.head_count", 1)
    size = number("attention.key_length", number("embedding_length", 1024) // heads)
    context = min(options.context, number("context_length", options.context))
    values = 2 * number("block_count", 32) * number("attention.head_count_kv", heads) * size
    evaluated = int(values * context * _BYTES_PER_VALUE[options.cache_type])
    return path.stat().st_size + evaluated + _OVERHEAD


class NativeModel:
    """One GGUF model with its context; `adapter`, where given, can be put on and taken off."""

    def __init__(
        self,
        path: Path,
        options: EngineOptions,
        adapter: Path | None,
        progress: Callable[[float], bool] = lambda share: True,
    ) -> None:
        """Map the model at `path`. Raises `ModelError`, also for an adapter of another model.

        `progress` is told what share of it is there, 0..1, and stops it with False.
        """
        self.options = options
        self.threads = options.threads or usable_cores()
        self.path = find_gguf(path)
        self.header = read_language_model_header(self.path)
        self.adapter = adapter if adapter is None else find_gguf(adapter)
        if self.adapter is not None:
            read_adapter_header(self.adapter, self.header)
        self.bytes_needed = memory_needed(self.path, self.header, options)
        """Of memory, with the adapter; an estimate."""
        if self.adapter is not None:
            self.bytes_needed += self.adapter.stat().st_size
        self._require_memory()
        self.c = library()
        self._context: Any = None
        self._adapter: Any = None
        self._adapted = False
        self._batch = self.c.llama_batch_init(BATCH, 0, 1)
        self._model: Any = self._load_model(options, progress)
        try:
            self._adapter = self._load_adapter()
            self._context = self._open_context(options)
        except ModelError:
            self.close()
            raise
        self.vocabulary = self.c.llama_model_get_vocab(self._model)
        self.size: int = self.c.llama_vocab_n_tokens(self.vocabulary)
        """Number of tokens in the vocabulary."""
        self.width: int = self.c.llama_model_n_embd(self._model)
        """Length of a hidden state."""
        self.context: int = self.c.llama_n_ctx(self._context)
        self.memory = self.c.llama_get_memory(self._context)

    def _require_memory(self) -> None:
        """Refuse to load what would drive the machine into swapping, or be killed for it."""
        free, needed = available_memory(), self.bytes_needed
        if free is not None and needed > free:
            raise ModelError(
                f"{self.path.name} needs about {needed // 1_000_000} MB of memory and "
                f"{free // 1_000_000} MB are free: choose a smaller model with llm.model "
                "(`assistant models recommend`), or lower llm.context"
            )

    def _load_model(self, options: EngineOptions, progress: Callable[[float], bool]) -> Any:
        """Map the weights. Rearranged for the processor's matrix units only where that is no AMX:
        a virtual machine may announce it without having any tiles, and the first is a crash."""
        parameters = self.c.llama_model_default_params()
        layers = options.gpu_layers
        if layers is None:
            layers = -1 if self.c.llama_supports_gpu_offload() else 0
        parameters.n_gpu_layers = layers
        parameters.use_extra_bufts = b"AMX_INT8 = 1" not in self.c.llama_print_system_info()
        mapped, read = self.c.LLAMA_LOAD_MODE_MMAP, self.c.LLAMA_LOAD_MODE_NONE
        parameters.load_mode = mapped if options.memory_map else read
        goes_on = True

        def told(share: float, _data: object) -> bool:
            nonlocal goes_on
            goes_on = goes_on and progress(share)
            return goes_on

        callback = self.c.llama_progress_callback(told)
        parameters.progress_callback = callback
        if not (model := self.c.llama_model_load_from_file(os.fsencode(self.path), parameters)):
            if not goes_on:
                raise ModelError(f"loading {self.path} was stopped")
            raise ModelError(
                f"{self.path} cannot be loaded: it is damaged, incomplete or of an architecture "
                "that llama.cpp does not know; fetch it again with `assistant models fetch`"
            )
        return model

    def _load_adapter(self) -> Any:
        if self.adapter is None:
            return None
        loaded = self.c.llama_adapter_lora_init(self._model, os.fsencode(self.adapter))
        if not loaded:
            raise ModelError(
                f"{self.adapter} does not fit {self.path.name}: it is damaged, or was made for "
                "another model; train it for this one, or remove it"
            )
        return loaded

    def _open_context(self, options: EngineOptions) -> Any:
        c = self.c
        if c.llama_model_has_encoder(self._model) or c.llama_model_is_recurrent(self._model):
            raise ModelError(f"{self.path} is not a plain decoder: choose another language model")
        parameters = c.llama_context_default_params()
        trained = max(c.llama_model_n_ctx_train(self._model), 1)
        parameters.n_ctx = min(options.context, trained)
        parameters.n_batch = parameters.n_ubatch = BATCH
        parameters.n_outputs_max_per_seq = BATCH
        parameters.n_seq_max = BATCH
        parameters.kv_unified = True
        parameters.n_threads = parameters.n_threads_batch = self.threads
        kinds = {"f16": c.GGML_TYPE_F16, "q8_0": c.GGML_TYPE_Q8_0}
        parameters.type_k = parameters.type_v = kinds[options.cache_type]
        parameters.flash_attn_type = {
            None: c.LLAMA_FLASH_ATTN_TYPE_AUTO,
            True: c.LLAMA_FLASH_ATTN_TYPE_ENABLED,
            False: c.LLAMA_FLASH_ATTN_TYPE_DISABLED,
        }[options.flash_attention]
        if not (opened := c.llama_init_from_model(self._model, parameters)):
            raise ModelError(
                f"{self.path} needs more memory than there is: lower llm.context, or choose a "
                "smaller language model"
            )
        return opened

    @property
    def fingerprint(self) -> str:
        """Name, size and time of the model's file, how its header ends, and the adapter's."""
        about = self.path.stat()
        name = f"{self.path.name}:{about.st_size}:{about.st_mtime_ns}:{self.header.data_offset}"
        if self.adapter is not None:
            about = self.adapter.stat()
            name += f"+{self.adapter.name}:{about.st_size}:{about.st_mtime_ns}"
        return name

    def state(self, sequence: int) -> bytes:
        """What is evaluated in `sequence`, for `restore`."""
        size = self.c.llama_state_seq_get_size(self._context, sequence)
        space = (ctypes.c_uint8 * size)()
        written = self.c.llama_state_seq_get_data(self._context, space, size, sequence)
        return bytes(space[:written]) if written < size else bytes(space)

    def restore(self, sequence: int, state: bytes) -> bool:
        """Put into `sequence` what `state` of this very model and these options gave."""
        space = (ctypes.c_uint8 * len(state)).from_buffer_copy(state)
        return bool(self.c.llama_state_seq_set_data(self._context, space, len(state), sequence))

    def close(self) -> None:
        """Free the model; idempotent."""
        if self._context is not None:
            self.c.llama_free(self._context)
            self._context = None
        if self._model is not None:
            self.c.llama_batch_free(self._batch)
            self.c.llama_model_free(self._model)  # and its adapters
            self._model = self._adapter = None
            give_back_memory()

    def suit_the_load(self) -> None:
        """Compute with as many threads as cores are free now, unless a number was asked for."""
        if not self.options.threads:
            threads = free_cores(self.threads)
            self.c.llama_set_n_threads(self._context, threads, threads)

    def adapt(self, on: bool) -> bool:
        """Put the adapter on or take it off, if there is one; True when that changed anything."""
        on = on and self._adapter is not None
        if on == self._adapted:
            return False
        adapters = (self.c.llama_adapter_lora_p_ctypes * 1)(self._adapter)
        scales = (ctypes.c_float * 1)(1.0)
        if self.c.llama_set_adapters_lora(self._context, adapters, int(on), scales) != 0:
            raise LanguageModelError(f"The adapter {self.adapter} cannot be used")
        self._adapted = on
        return True

    def tokenize(self, text: str, *, special: bool = False) -> list[int]:
        """The tokens of `text`; `special` lets `<|…|>` marks be what they are to the model."""
        if self._context is None:
            raise LanguageModelError("The language model is closed")
        data = text.encode("utf-8")
        space = (ctypes.c_int32 * (len(data) + 2))()
        count = self.c.llama_tokenize(
            self.vocabulary, data, len(data), space, len(space), False, special
        )
        if count < 0:
            raise LanguageModelError("A text cannot be put into the language model's tokens")
        return list(space[:count])

    def piece(self, token: int) -> bytes:
        """The bytes that `token` stands for; none for a special one."""
        space = ctypes.create_string_buffer(256)
        count = self.c.llama_token_to_piece(self.vocabulary, token, space, 256, 0, False)
        return space.raw[: max(count, 0)]

    def ends(self, token: int) -> bool:
        """Whether the model says with `token` that it is done."""
        return bool(self.c.llama_vocab_is_eog(self.vocabulary, token))

    def decode(self, rows: Sequence[Row]) -> list[int]:
        """Evaluate at most `BATCH` rows; the indices of the wanted outputs.

        Raises `LanguageModelError`; what the context held is then lost.
        """
        batch = self._batch
        batch.n_tokens = len(rows)
        for i, (token, position, sequence, wanted) in enumerate(rows):
            batch.token[i] = token
            batch.pos[i] = position
            batch.n_seq_id[i] = 1
            batch.seq_id[i][0] = sequence
            batch.logits[i] = wanted
        code = self.c.llama_decode(self._context, batch)
        if code != 0:
            self.c.llama_memory_clear(self.memory, True)
            raise LanguageModelError(f"The language model failed (llama.cpp code {code})")
        return [i for i, row in enumerate(rows) if row[3]]

    def logits(self, output: int) -> npt.NDArray[np.float32]:
        """What the model expects after a wanted row, `(size,)`; valid until the next `decode`."""
        pointer = self.c.llama_get_logits_ith(self._context, output)
        return np.ctypeslib.as_array(pointer, shape=(self.size,))

    @contextmanager
    def embedding(self) -> Iterator[None]:
        """Within it, `hidden` can be asked."""
        self.c.llama_set_embeddings(self._context, True)
        try:
            yield
        finally:
            self.c.llama_set_embeddings(self._context, False)

    def hidden(self, output: int) -> npt.NDArray[np.float32]:
        """The last hidden state of a wanted row, `(width,)`; valid until the next `decode`."""
        pointer = self.c.llama_get_embeddings_ith(self._context, output)
        return np.ctypeslib.as_array(pointer, shape=(self.width,))
