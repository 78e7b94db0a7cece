"""Grammars in GBNF as llama.cpp applies them to what a model expects next."""

from __future__ import annotations

import ctypes
from collections import OrderedDict
from typing import Any

import numpy as np
import numpy.typing as npt

from assistant.errors import LanguageModelError
from assistant.llm.native import NativeModel

_SHORTLIST = 64
_REMEMBERED = 8


class Grammars:
    """The grammars used last, made ready for one model."""

    def __init__(self, native: NativeModel) -> None:
        self._native = native
        self._made: OrderedDict[str, Any] = OrderedDict()

    def __len__(self) -> int:
        return len(self._made)

    def of(self, grammar: str) -> Any:
        """The sampler of `grammar`, at its beginning. Raises `LanguageModelError`."""
        c = self._native.c
        rules = self._made.pop(grammar, None)
        if rules is None:
            rules = c.llama_sampler_init_grammar(
                self._native.vocabulary, grammar.encode("utf-8"), b"root"
            )
            if not rules:
                raise LanguageModelError("A grammar for the language model is not valid GBNF")
            if len(self._made) >= _REMEMBERED:
                c.llama_sampler_free(self._made.popitem(last=False)[1])
        self._made[grammar] = rules
        c.llama_sampler_reset(rules)
        return rules

    def close(self) -> None:
        """Free them all."""
        for rules in self._made.values():
            self._native.c.llama_sampler_free(rules)
        self._made.clear()

    def best(self, rules: Any, logits: npt.NDArray[np.float32]) -> int | None:
        """The likeliest token that the grammar allows; None where it allows none."""
        shortlist = np.argpartition(logits, -_SHORTLIST)[-_SHORTLIST:]
        for among in (shortlist, np.arange(len(logits))):
            allowed = self._allowed(rules, among, logits)
            if allowed.size:
                return int(allowed[logits[allowed].argmax()])
        return None

    def _allowed(
        self, rules: Any, tokens: npt.NDArray[np.intp], logits: npt.NDArray[np.float32]
    ) -> npt.NDArray[np.intp]:
        c = self._native.c
        kind = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])
        table = np.zeros(len(tokens), dtype=kind)
        table["id"], table["logit"] = tokens, logits[tokens]
        data = ctypes.cast(table.ctypes.data, ctypes.POINTER(c.llama_token_data))
        candidates = c.llama_token_data_array(data, len(tokens), -1, False)
        c.llama_sampler_apply(rules, ctypes.byref(candidates))
        allowed: npt.NDArray[np.intp] = tokens[np.isfinite(table["logit"])]
        return allowed
