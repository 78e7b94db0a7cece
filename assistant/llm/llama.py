"""llama.cpp as a language model: greedy decoding under a grammar, hidden states, likelihoods."""

from __future__ import annotations

import codecs
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from assistant.errors import LanguageModelError
from assistant.llm.cells import Cells, common, groups
from assistant.llm.choices import Choices, Decision
from assistant.llm.gbnf import Grammars
from assistant.llm.native import BATCH, EngineOptions, NativeModel
from assistant.llm.states import States

_LOG = logging.getLogger(__name__)
_LONGEST_ANSWER = 128
"""Tokens for which there must be room behind a prompt that is to be decided."""


class LlamaModel:
    """A GGUF model in memory. Blocking, and for one thread at a time.

    The evaluated tokens of the last prompt are kept, so that a prompt which begins the same
    costs only what differs; put what is fixed first.
    """

    def __init__(
        self,
        path: Path,
        options: EngineOptions | None = None,
        *,
        context: int | None = None,
        adapter: Path | None = None,
        progress: Callable[[float], bool] = lambda share: True,
    ) -> None:
        """Map the model at `path` (a .gguf file, or a folder with one in it).

        `context` goes before that of `options`; `adapter` is a LoRA in GGUF, made for this very
        model; `progress` is told the share that is there, 0..1, and stops it with False. Raises
        `ModelError` for a file that is missing, damaged or of another kind, and where there is too
        little memory.
        """
        options = options or EngineOptions()
        if context is not None:
            options = replace(options, context=context)
        self._native = NativeModel(path, options, adapter, progress)
        self._cells = Cells(self._native)
        self._grammars = Grammars(self._native)
        self.path = self._native.path
        self.adapter = self._native.adapter
        """The file of the adapter; None: as the model came."""
        template = self._native.header.metadata.get("tokenizer.chat_template")
        self.chat_template = template if isinstance(template, str) else ""
        """The model's own Jinja template for a dialogue; empty when it has none."""
        self.context: int = self._native.context
        """Length of the context in tokens."""
        self.threads: int = self._native.threads
        self.bytes_needed: int = self._native.bytes_needed
        """Of memory; an estimate."""
        self.tokenize = self._native.tokenize

    @property
    def fingerprint(self) -> str:
        """Tells this model, with its adapter, from others and from other versions of its file."""
        return self._native.fingerprint

    def close(self) -> None:
        """Free the model; idempotent."""
        self._grammars.close()
        self._native.close()

    def dialogue(self, system: str, user: str, before: Sequence[tuple[str, str]] = ()) -> str:
        """The prompt that makes the model answer `user`, in the model's own chat format.

        `before` are earlier questions and their answers, the oldest first.

        The template comes with the model and is rendered in a sandbox; a model without a usable
        one gets a plain question and answer.
        """
        from jinja2 import TemplateError
        from jinja2.sandbox import ImmutableSandboxedEnvironment

        turns = [
            {"role": role, "content": text}
            for turn in before
            for role, text in zip(("user", "assistant"), turn, strict=True)
        ]
        messages = [
            {"role": "system", "content": system}, *turns, {"role": "user", "content": user},
        ]  # fmt: skip
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
        adapted: bool = True,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> str:
        """Continue `prompt`, greedily, until the model ends, a stop string (left out) or the limit.

        Special tokens in `prompt` count as such: clean what people said before it goes in. The
        text is cut short when `cancelled` turns true. `adapted` false: without the adapter.
        Raises `LanguageModelError` when the prompt and the answer do not fit the context, or
        `grammar` is not GBNF.
        """
        pieces = self.stream(
            prompt, grammar=grammar, max_tokens=max_tokens, adapted=adapted, cancelled=cancelled
        )
        text = ""
        for piece in pieces:
            text += piece
            ends = [at for mark in stop if (at := text.find(mark)) >= 0]
            if ends:
                return text[: min(ends)]
        return text

    def stream(
        self,
        prompt: str,
        *,
        grammar: str | None = None,
        max_tokens: int = 64,
        adapted: bool = True,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Iterator[str]:
        """Like `complete`, piece by piece as it is decoded. Use it up before anything else."""
        tokens = self._begin(prompt, max_tokens, adapted)
        rules = self._grammars.of(grammar) if grammar else None
        decoder = codecs.getincrementaldecoder("utf-8")("ignore")
        if not self._cells.evaluate(tokens, cancelled):
            return
        for left in reversed(range(max_tokens)):
            if cancelled():
                return
            logits = self._cells.logits
            token = int(logits.argmax()) if rules is None else self._grammars.best(rules, logits)
            if token is None or self._native.ends(token):
                return
            if rules is not None:
                self._native.c.llama_sampler_accept(rules, token)
            yield decoder.decode(self._native.piece(token))
            if left:
                self._cells.extend([token])

    def decide(
        self,
        prompt: str,
        choices: Choices,
        *,
        head: str = "",
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Decision | None:
        """The answer among `choices` that is likeliest, token by token; None when cancelled.

        `head` is a beginning of `prompt` that others will have too: it is kept. Where only one
        token can follow the model is not asked: what is certain is evaluated together with the
        next choice. Raises `LanguageModelError`.
        """
        tokens = self._begin(prompt, _LONGEST_ANSWER, adapted=True)
        if not self._cells.evaluate(tokens, cancelled):
            return None
        if head:
            self._cells.keep(common(self._tokens(head), tokens))
        walk = choices.walk()
        said: list[int] = []
        waiting: list[int] = []
        while not walk.done:
            allowed = walk.allowed
            if len(allowed) == 1:
                token = allowed[0]
                walk.take(token)
            else:
                for at in range(0, len(waiting), BATCH):
                    if cancelled():
                        return None
                    self._cells.extend(waiting[at : at + BATCH])
                waiting = []
                token = walk.choose(self._cells.logits)
            said.append(token)
            waiting.append(token)
        text = b"".join(map(self._native.piece, said)).decode("utf-8", "ignore")
        return walk.decision(text)

    def expect(self, prompt: str, *, cancelled: Callable[[], bool] = lambda: False) -> bool:
        """Evaluate `prompt` ahead of `decide`, which then only has to choose; False: cancelled.

        Raises `LanguageModelError`.
        """
        tokens = self._begin(prompt, _LONGEST_ANSWER, adapted=True)
        return self._cells.evaluate(tokens, cancelled)

    def keep(
        self,
        prompt: str,
        states: States | None = None,
        *,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> bool:
        """Evaluate the beginning of prompts to come once, with the adapter, and hold on to it.

        `states` keeps it over a restart. False when cancelled. Raises `LanguageModelError`.
        """
        tokens = self._begin(prompt, _LONGEST_ANSWER, adapted=True)
        if self._cells.keeps(tokens):
            return True
        key = f"{self.fingerprint}\0{self._native.options}\0{tokens}"
        state = states.read(key) if states is not None else None
        if state is not None and self._cells.restore(tokens, state):
            self._cells.keep()
            return True
        if not self._cells.evaluate(tokens, cancelled):
            return False
        self._cells.keep()
        if states is not None:
            states.write(key, self._cells.state())
        return True

    def embed(
        self,
        prompt: str,
        texts: Sequence[str],
        *,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> npt.NDArray[np.float32]:
        """The last hidden state after `prompt` and each text, `(len(texts), width)`; no adapter.

        `prompt` is evaluated once; every text is taken as plain, special marks included, and
        should begin where a word begins. Shape `(0, width)` when `cancelled` turned true. Raises
        `LanguageModelError` for an empty text or one that does not fit the context.
        """
        split = self._split(texts)
        prefix = self._begin(prompt, _most(split), adapted=False)
        results = np.empty((len(split), self._native.width), dtype=np.float32)
        if not self._cells.evaluate(prefix, cancelled):
            return results[:0]
        with self._native.embedding():
            for done, group in groups(split):
                if cancelled():
                    return results[:0]
                for number, _, output in self._cells.texts(len(prefix), group, every=False):
                    results[done + number] = self._native.hidden(output)
        return results

    def score(
        self,
        prompt: str,
        texts: Sequence[str],
        *,
        adapted: bool = True,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int32]]:
        """How likely each text is after `prompt`, and how many tokens it has; `(len(texts),)` both.

        The natural logarithm of its probability, summed over its tokens: perplexity is
        exp(-score / tokens). `prompt` is evaluated once; texts are taken as plain and should
        begin where a word begins (with their space). An empty prompt needs a model with a
        beginning-of-sequence token. Both empty when `cancelled` turned true. Raises
        `LanguageModelError` for an empty text or one that does not fit the context.
        """
        split = self._split(texts)
        counts = np.array([len(tokens) for tokens in split], dtype=np.int32)
        scores = np.zeros(len(split), dtype=np.float32)
        prefix = self._begin(prompt, _most(split), adapted)
        if not self._cells.evaluate(prefix, cancelled):
            return scores[:0], counts[:0]
        first = _log_softmax(self._cells.logits)
        for done, group in groups(split):
            if cancelled():
                return scores[:0], counts[:0]
            for number, tokens in enumerate(group):
                scores[done + number] = first[tokens[0]]
            for number, at, output in self._cells.texts(len(prefix), group, every=True):
                tokens = group[number]
                if at + 1 < len(tokens):
                    expected = _log_softmax(self._native.logits(output))
                    scores[done + number] += expected[tokens[at + 1]]
        return scores, counts

    def raw_tokens_per_s(self, tokens: int, *, adapted: bool = False) -> float:
        """How fast llama.cpp alone evaluates `tokens` one after another: the best to be had."""
        return tokens / self.raw_ms(tokens, adapted=adapted) * 1000

    def raw_ms(self, tokens: int, *, at_once: bool = False, adapted: bool = False) -> float:
        """How long llama.cpp alone takes for `tokens`, one after another or in one batch.

        What was kept is forgotten.
        """
        self._native.suit_the_load()
        self._cells.adapt(adapted)
        self._cells.forget()
        begins = max(self._native.c.llama_vocab_bos(self._native.vocabulary), 0)
        self._native.decode([(begins, 0, 0, True)])
        rows = [(p % self._native.size, p, 0, p == tokens) for p in range(1, tokens + 1)]
        started = time.perf_counter()
        for part in [rows] if at_once else [[(*row[:3], True)] for row in rows]:
            self._native.logits(self._native.decode(part)[0])
        took = time.perf_counter() - started
        self._cells.forget()
        return 1000 * took

    def _begin(self, prompt: str, more: int, adapted: bool) -> list[int]:
        """The tokens of `prompt`, for which and for `more` there is room."""
        tokens = self._tokens(prompt)
        if not tokens:
            raise LanguageModelError("An empty prompt cannot be continued")
        self._native.suit_the_load()
        self._cells.adapt(adapted)
        self._cells.make_room(tokens, more)
        return tokens

    def _tokens(self, prompt: str) -> list[int]:
        """Of `prompt`, special marks counting as such."""
        native = self._native
        tokens = native.tokenize(prompt, special=True)
        begins = native.c.llama_vocab_bos(native.vocabulary)
        if native.c.llama_vocab_get_add_bos(native.vocabulary) or (not tokens and begins >= 0):
            tokens.insert(0, begins)
        return tokens

    def _split(self, texts: Sequence[str]) -> list[list[int]]:
        split = [self.tokenize(text) for text in texts]
        if not all(split):
            raise LanguageModelError("An empty text has no meaning to find")
        return split


def _most(split: list[list[int]]) -> int:
    return max([BATCH, *map(len, split)])


def _log_softmax(logits: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    shifted = logits - logits.max()
    result: npt.NDArray[np.float32] = shifted - np.log(np.exp(shifted).sum())
    return result
