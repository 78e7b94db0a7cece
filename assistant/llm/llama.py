"""llama.cpp as a language model: greedy decoding under a grammar, and hidden states.

Uses the C interface of `llama_cpp` itself. The package's `Llama` class redirects the process's
standard output while it loads and cannot take several texts in one batch behind a shared beginning.
"""

from __future__ import annotations

import codecs
import ctypes
import logging
import os
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from assistant.errors import LanguageModelError, ModelError
from assistant.llm.gguf import find_gguf, read_language_model_header

_LOG = logging.getLogger(__name__)

_BATCH = 32
"""Tokens evaluated at once: few, so that `cancelled` is asked every tenth of a second."""
_SEQUENCES = 32
_SHORTLIST = 64
_GRAMMARS = 8
_NOTHING = np.empty(0, dtype=np.float32)

_native_log: Any = None


def _library() -> Any:
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


class LlamaModel:
    """A GGUF model in memory. Blocking, and for one thread at a time.

    The evaluated tokens of the last prompt are kept, so that a prompt which begins the same
    costs only what differs; put what is fixed first.
    """

    def __init__(
        self, path: Path, *, context: int = 2048, threads: int = 0, gpu_layers: int = 0
    ) -> None:
        """Map the model at `path` (a .gguf file, or a folder with one in it).

        `context` is in tokens, at most what the model was trained for; `threads` 0 means all
        cores; `gpu_layers` -1 means all. Raises `ModelError` for a file that is missing, damaged
        or of another kind.
        """
        self.path = find_gguf(path)
        header = read_language_model_header(self.path)
        self._data_offset = header.data_offset
        self._c = _library()
        self._grammars: OrderedDict[str, Any] = OrderedDict()
        self._tokens: list[int] = []
        self._last_logits: npt.NDArray[np.float32] = _NOTHING
        self._context: Any = None
        self._batch = self._c.llama_batch_init(_BATCH, 0, 1)
        self._model: Any = self._load_model(gpu_layers)
        try:
            self._context = self._open_context(context, threads or os.cpu_count() or 1)
        except ModelError:
            self.close()
            raise
        self._vocabulary = self._c.llama_model_get_vocab(self._model)
        self._size: int = self._c.llama_vocab_n_tokens(self._vocabulary)
        self._memory = self._c.llama_get_memory(self._context)
        template = header.metadata.get("tokenizer.chat_template")
        self.chat_template = template if isinstance(template, str) else ""
        """The model's own Jinja template for a dialogue; empty when it has none."""
        self.context: int = self._c.llama_n_ctx(self._context)
        """Length of the context in tokens."""

    def _load_model(self, gpu_layers: int) -> Any:
        parameters = self._c.llama_model_default_params()
        parameters.n_gpu_layers = gpu_layers
        parameters.load_mode = self._c.LLAMA_LOAD_MODE_MMAP
        if not (model := self._c.llama_model_load_from_file(os.fsencode(self.path), parameters)):
            raise ModelError(
                f"{self.path} cannot be loaded: it is damaged, incomplete or of an architecture "
                "that llama.cpp does not know; fetch it again with `assistant models fetch`"
            )
        return model

    def _open_context(self, context: int, threads: int) -> Any:
        c = self._c
        if c.llama_model_has_encoder(self._model) or c.llama_model_is_recurrent(self._model):
            raise ModelError(f"{self.path} is not a plain decoder: choose another language model")
        parameters = c.llama_context_default_params()
        parameters.n_ctx = min(context, max(c.llama_model_n_ctx_train(self._model), 1))
        parameters.n_batch = parameters.n_ubatch = _BATCH
        parameters.n_outputs_max_per_seq = _BATCH
        parameters.n_seq_max = _SEQUENCES
        parameters.kv_unified = True
        parameters.n_threads = parameters.n_threads_batch = threads
        if not (opened := c.llama_init_from_model(self._model, parameters)):
            raise ModelError(
                f"{self.path} needs more memory than there is: lower llm.context, or choose a "
                "smaller language model"
            )
        return opened

    @property
    def fingerprint(self) -> str:
        """The name, size and time of the model's file, and how its header ends."""
        about = self.path.stat()
        return f"{self.path.name}:{about.st_size}:{about.st_mtime_ns}:{self._data_offset}"

    def close(self) -> None:
        """Free the model; idempotent."""
        for sampler in self._grammars.values():
            self._c.llama_sampler_free(sampler)
        self._grammars.clear()
        if self._context is not None:
            self._c.llama_free(self._context)
            self._context = None
        if self._model is not None:
            self._c.llama_batch_free(self._batch)
            self._c.llama_model_free(self._model)
            self._model = None

    def tokenize(self, text: str, *, special: bool = False) -> list[int]:
        """The tokens of `text`; `special` lets `<|…|>` marks be what they are to the model."""
        if self._context is None:
            raise LanguageModelError("The language model is closed")
        data = text.encode("utf-8")
        space = (ctypes.c_int32 * (len(data) + 2))()
        count = self._c.llama_tokenize(
            self._vocabulary, data, len(data), space, len(space), False, special
        )
        if count < 0:
            raise LanguageModelError("A text cannot be put into the language model's tokens")
        return list(space[:count])

    def dialogue(self, system: str, user: str) -> str:
        """The prompt that makes the model answer `user`, in the model's own chat format.

        The template comes with the model and is rendered in a sandbox; a model without a usable
        one gets a plain question and answer.
        """
        from jinja2 import TemplateError
        from jinja2.sandbox import ImmutableSandboxedEnvironment

        messages = [{"role": "system", "content": system}, {"role": "user", "content": user}]
        environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
        for chosen in (messages, [{"role": "user", "content": f"{system}\n\n{user}"}]):
            try:
                prompt = environment.from_string(self.chat_template).render(
                    messages=chosen, add_generation_prompt=True, bos_token="", eos_token=""
                )
            except (TemplateError, TypeError, ValueError) as error:
                _LOG.debug("the chat template of %s failed: %s", self.path.name, error)
                continue
            if user in prompt:
                return prompt
        return f"{system}\n\nQuestion: {user}\nAnswer:"

    def complete(
        self,
        prompt: str,
        *,
        grammar: str | None = None,
        max_tokens: int = 64,
        stop: Sequence[str] = (),
        cancelled: Callable[[], bool] = lambda: False,
    ) -> str:
        """Continue `prompt`, greedily, until the model ends, a stop string (left out) or the limit.

        Special tokens in `prompt` count as such: clean what people said before it goes in. The
        text is cut short when `cancelled` turns true. Raises `LanguageModelError` when the prompt
        and the answer do not fit the context, or `grammar` is not GBNF.
        """
        tokens = self._prompt(prompt)
        self._must_fit(len(tokens) + max_tokens)
        rules = self._grammar(grammar) if grammar else None
        decoder = codecs.getincrementaldecoder("utf-8")("ignore")
        text = ""
        if not self._evaluate(tokens, cancelled):
            return text
        for _ in range(max_tokens):
            if cancelled():
                break
            token = self._best(rules)
            if token is None or self._c.llama_vocab_is_eog(self._vocabulary, token):
                break
            if rules is not None:
                self._c.llama_sampler_accept(rules, token)
            text += decoder.decode(self._piece(token))
            ends = [at for mark in stop if (at := text.find(mark)) >= 0]
            if ends:
                return text[: min(ends)]
            self._extend([token])
        return text

    def embed(
        self,
        prompt: str,
        texts: Sequence[str],
        *,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> npt.NDArray[np.float32]:
        """The model's last hidden state after `prompt` and each text, `(len(texts), width)`.

        `prompt` is evaluated once; every text is taken as plain, special marks included, and
        should begin where a word begins. Shape `(0, width)` when `cancelled` turned true. Raises
        `LanguageModelError` for an empty text or one that does not fit the context.
        """
        prefix = self._prompt(prompt)
        split = [self.tokenize(text) for text in texts]
        if not all(split):
            raise LanguageModelError("An empty text has no meaning to find")
        self._must_fit(len(prefix) + max([_BATCH, *map(len, split)]))
        width = self._c.llama_model_n_embd(self._model)
        results = np.empty((len(split), width), dtype=np.float32)
        if not self._evaluate(prefix, cancelled):
            return results[:0]
        self._c.llama_set_embeddings(self._context, True)
        try:
            for done, group in _groups(split):
                if cancelled():
                    return results[:0]
                self._embed_group(len(prefix), group, results[done : done + len(group)])
        finally:
            self._c.llama_set_embeddings(self._context, False)
        return results

    def _embed_group(
        self, start: int, group: Sequence[list[int]], into: npt.NDArray[np.float32]
    ) -> None:
        """Every text in a sequence of its own that shares the prompt's cells."""
        rows: list[tuple[int, int, int, bool]] = []
        for sequence, tokens in enumerate(group, 1):
            self._c.llama_memory_seq_cp(self._memory, 0, sequence, 0, start)
            last = len(tokens) - 1
            rows += [(token, start + i, sequence, i == last) for i, token in enumerate(tokens)]
        done = 0
        try:
            for at in range(0, len(rows), _BATCH):
                for output in self._decode(rows[at : at + _BATCH]):
                    pointer = self._c.llama_get_embeddings_ith(self._context, output)
                    into[done] = np.ctypeslib.as_array(pointer, shape=into[done].shape)
                    done += 1
        finally:
            for sequence in range(1, len(group) + 1):
                self._c.llama_memory_seq_rm(self._memory, sequence, -1, -1)

    def _prompt(self, prompt: str) -> list[int]:
        tokens = self.tokenize(prompt, special=True)
        if self._c.llama_vocab_get_add_bos(self._vocabulary):
            tokens.insert(0, self._c.llama_vocab_bos(self._vocabulary))
        if not tokens:
            raise LanguageModelError("An empty prompt cannot be continued")
        return tokens

    def _must_fit(self, needed: int) -> None:
        if needed > self.context:
            raise LanguageModelError(
                f"A prompt of {needed} tokens with its answer does not fit the language model's "
                f"context of {self.context}: raise llm.context or expose fewer devices"
            )

    def _evaluate(self, tokens: list[int], cancelled: Callable[[], bool]) -> bool:
        """Make the cache hold exactly `tokens`; False when cancelled on the way."""
        same = 0
        for old, new in zip(self._tokens, tokens, strict=False):
            if old != new:
                break
            same += 1
        if same == len(tokens) == len(self._tokens) and self._last_logits.size:
            return True
        same = min(same, len(tokens) - 1)
        if not self._c.llama_memory_seq_rm(self._memory, 0, same, -1):
            self._c.llama_memory_clear(self._memory, True)
            same = 0
        self._tokens = self._tokens[:same]
        for at in range(same, len(tokens), _BATCH):
            if cancelled():
                return False
            self._extend(tokens[at : at + _BATCH])
        return True

    def _extend(self, tokens: Sequence[int]) -> None:
        start, last = len(self._tokens), len(tokens) - 1
        rows = [(token, start + i, 0, i == last) for i, token in enumerate(tokens)]
        self._last_logits = _NOTHING
        output = self._decode(rows)[0]
        pointer = self._c.llama_get_logits_ith(self._context, output)
        self._last_logits = np.ctypeslib.as_array(pointer, shape=(self._size,)).copy()
        self._tokens.extend(tokens)

    def _decode(self, rows: Sequence[tuple[int, int, int, bool]]) -> list[int]:
        """Evaluate (token, position, sequence, wanted) rows; the indices of the wanted ones."""
        batch = self._batch
        batch.n_tokens = len(rows)
        for i, (token, position, sequence, wanted) in enumerate(rows):
            batch.token[i] = token
            batch.pos[i] = position
            batch.n_seq_id[i] = 1
            batch.seq_id[i][0] = sequence
            batch.logits[i] = wanted
        code = self._c.llama_decode(self._context, batch)
        if code != 0:
            self._c.llama_memory_clear(self._memory, True)
            self._tokens, self._last_logits = [], _NOTHING
            raise LanguageModelError(f"The language model failed (llama.cpp code {code})")
        return [i for i, row in enumerate(rows) if row[3]]

    def _best(self, rules: Any) -> int | None:
        """The likeliest token that the grammar allows; None where it allows none."""
        logits = self._last_logits
        if rules is None:
            return int(logits.argmax())
        shortlist = np.argpartition(logits, -_SHORTLIST)[-_SHORTLIST:]
        for among in (shortlist, np.arange(self._size)):
            allowed = self._allowed(rules, among, logits)
            if allowed.size:
                return int(allowed[logits[allowed].argmax()])
        return None

    def _allowed(
        self, rules: Any, tokens: npt.NDArray[np.intp], logits: npt.NDArray[np.float32]
    ) -> npt.NDArray[np.intp]:
        kind = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])
        table = np.zeros(len(tokens), dtype=kind)
        table["id"], table["logit"] = tokens, logits[tokens]
        data = ctypes.cast(table.ctypes.data, ctypes.POINTER(self._c.llama_token_data))
        candidates = self._c.llama_token_data_array(data, len(tokens), -1, False)
        self._c.llama_sampler_apply(rules, ctypes.byref(candidates))
        allowed: npt.NDArray[np.intp] = tokens[np.isfinite(table["logit"])]
        return allowed

    def _grammar(self, grammar: str) -> Any:
        rules = self._grammars.pop(grammar, None)
        if rules is None:
            rules = self._c.llama_sampler_init_grammar(
                self._vocabulary, grammar.encode("utf-8"), b"root"
            )
            if not rules:
                raise LanguageModelError("A grammar for the language model is not valid GBNF")
            if len(self._grammars) >= _GRAMMARS:
                self._c.llama_sampler_free(self._grammars.popitem(last=False)[1])
        self._grammars[grammar] = rules
        self._c.llama_sampler_reset(rules)
        return rules

    def _piece(self, token: int) -> bytes:
        space = ctypes.create_string_buffer(256)
        count = self._c.llama_token_to_piece(self._vocabulary, token, space, 256, 0, False)
        return space.raw[: max(count, 0)]


def _groups(texts: list[list[int]]) -> Iterator[tuple[int, list[list[int]]]]:
    """Runs of texts that fit one batch, each with the index of its first."""
    start, used = 0, 0
    for i, text in enumerate(texts):
        if i > start and (used + len(text) > _BATCH or i - start + 1 >= _SEQUENCES):
            yield start, texts[start:i]
            start, used = i, 0
        used += len(text)
    if start < len(texts):
        yield start, texts[start:]
