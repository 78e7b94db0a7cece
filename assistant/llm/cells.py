"""What a model has evaluated and still holds: the prompt at work, and beginnings that are kept."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from assistant.errors import LanguageModelError
from assistant.llm.native import BATCH, KEPT, SEQUENCES, NativeModel, Row

_NOTHING = np.empty(0, dtype=np.float32)
Kept = tuple[tuple[int, ...], bool]


class Cells:
    """The cache of one context. Sequence 0 holds the prompt at work and what follows it."""

    def __init__(self, native: NativeModel) -> None:
        self._native = native
        self.tokens: list[int] = []
        """What sequence 0 holds."""
        self.logits: npt.NDArray[np.float32] = _NOTHING
        """What the model expects next, `(vocabulary,)`; empty where it was not asked."""
        self._adapted = False
        self._kept: OrderedDict[Kept, int] = OrderedDict()

    def adapt(self, on: bool) -> None:
        """Work with the adapter, or without; what was evaluated otherwise is of no use then."""
        if self._native.adapt(on):
            self._forget(0)
        self._adapted = on

    def evaluate(self, tokens: list[int], cancelled: Callable[[], bool]) -> bool:
        """Make sequence 0 hold exactly `tokens`; False when cancelled on the way."""
        same = common(self.tokens, tokens)
        if same == len(tokens) == len(self.tokens) and self.logits.size:
            return True
        same = self._from_kept(tokens, min(same, len(tokens) - 1))
        if not self._remove(0, same):
            self.forget()
            same = 0
        self.tokens = self.tokens[:same]
        for at in range(same, len(tokens), BATCH):
            if cancelled():
                return False
            self.extend(tokens[at : at + BATCH])
        return True

    def extend(self, tokens: Sequence[int]) -> None:
        """Evaluate `tokens`, at most a batch, behind what is held."""
        start, last = len(self.tokens), len(tokens) - 1
        rows = [(token, start + i, 0, i == last) for i, token in enumerate(tokens)]
        self.logits = _NOTHING
        output = self._decode(rows)[0]
        self.logits = self._native.logits(output).copy()
        self.tokens.extend(tokens)

    def keep(self, length: int | None = None) -> None:
        """Keep what sequence 0 holds, or the first `length` tokens of it.

        Prompts which begin so need not evaluate it again.
        """
        key = (tuple(self.tokens[:length]), self._adapted)
        if key in self._kept:
            self._kept.move_to_end(key)
            return
        free = [sequence for sequence in KEPT if sequence not in self._kept.values()]
        if not free:
            free = [self._drop_oldest()]
        self._native.c.llama_memory_seq_cp(self._native.memory, 0, free[0], 0, len(key[0]))
        self._kept[key] = free[0]

    def keeps(self, tokens: Sequence[int]) -> bool:
        """Whether just these `tokens` are kept, as they are evaluated now."""
        return (tuple(tokens), self._adapted) in self._kept

    def state(self) -> bytes:
        """What sequence 0 holds, for `restore`."""
        return self._native.state(0)

    def restore(self, tokens: Sequence[int], state: bytes) -> bool:
        """Let sequence 0 hold `tokens`, evaluated before into `state`; False where it does not."""
        self._forget(0)
        end = self._native.c.llama_memory_seq_pos_max
        if not self._native.restore(0, state) or end(self._native.memory, 0) != len(tokens) - 1:
            self._forget(0)
            return False
        self.tokens = list(tokens)
        return True

    def make_room(self, tokens: Sequence[int], more: int) -> None:
        """Give up what is kept, oldest first, until `tokens` and `more` beside them fit.

        Raises `LanguageModelError` when they never will.
        """
        needed = len(tokens) + more
        if needed > self._native.context:
            raise LanguageModelError(
                f"A prompt of {needed} tokens with its answer does not fit the language model's "
                f"context of {self._native.context}: raise llm.context or expose fewer devices"
            )
        while self._kept and needed + self._beside(tokens) > self._native.context:
            self._drop_oldest()

    def texts(
        self, start: int, group: Sequence[list[int]], every: bool
    ) -> Iterator[tuple[int, int, int]]:
        """Evaluate each text in a sequence that shares the first `start` cells of sequence 0.

        Yields (text, token of it, output), while the output is valid: of each text's last
        token, or of `every`.
        """
        native = self._native
        rows: list[tuple[int, int, Row]] = []
        for number, tokens in enumerate(group):
            native.c.llama_memory_seq_cp(native.memory, 0, number + 1, 0, start)
            last = len(tokens) - 1
            rows += [
                (number, i, (token, start + i, number + 1, every or i == last))
                for i, token in enumerate(tokens)
            ]
        try:
            for at in range(0, len(rows), BATCH):
                portion = rows[at : at + BATCH]
                for output in self._decode([row for _, _, row in portion]):
                    number, i, _ = portion[output]
                    yield number, i, output
        finally:
            for number in range(1, len(group) + 1):
                self._remove(number, -1)

    def forget(self) -> None:
        """Hold nothing any more."""
        self._native.c.llama_memory_clear(self._native.memory, True)
        self.tokens, self.logits = [], _NOTHING
        self._kept.clear()

    def _decode(self, rows: Sequence[Row]) -> list[int]:
        try:
            return self._native.decode(rows)
        except LanguageModelError:
            self.forget()
            raise

    def _from_kept(self, tokens: list[int], same: int) -> int:
        """Take over a kept beginning that is longer than what sequence 0 has in common."""
        best, found = same, None
        for key in self._kept:
            alike = min(common(key[0], tokens), len(tokens) - 1)
            if key[1] == self._adapted and alike > best:
                best, found = alike, key
        if found is None:
            return same
        self._forget(0)
        sequence = self._kept[found]
        self._kept.move_to_end(found)
        self._native.c.llama_memory_seq_cp(self._native.memory, sequence, 0, 0, best)
        self.tokens = list(found[0][:best])
        return best

    def _beside(self, tokens: Sequence[int]) -> int:
        """Cells that are kept and that `tokens` do not share; what begins alike is kept once."""
        seen: list[Kept] = [(tuple(tokens), self._adapted)]
        cells = 0
        for kept, adapted in self._kept:
            cells += len(kept) - max(
                (common(kept, other) for other, same in seen if same == adapted), default=0
            )
            seen.append((kept, adapted))
        return cells

    def _drop_oldest(self) -> int:
        _, sequence = self._kept.popitem(last=False)
        self._remove(sequence, -1)
        return sequence

    def _forget(self, sequence: int) -> None:
        self._remove(sequence, -1)
        self.tokens, self.logits = [], _NOTHING

    def _remove(self, sequence: int, start: int) -> bool:
        removed = self._native.c.llama_memory_seq_rm(self._native.memory, sequence, start, -1)
        return bool(removed)


def groups(texts: list[list[int]]) -> Iterator[tuple[int, list[list[int]]]]:
    """Runs of texts that fit one batch, each with the index of its first."""
    start, used = 0, 0
    for i, text in enumerate(texts):
        if i > start and (used + len(text) > BATCH or i - start + 1 >= SEQUENCES):
            yield start, texts[start:i]
            start, used = i, 0
        used += len(text)
    if start < len(texts):
        yield start, texts[start:]


def common(one: Sequence[int], other: Sequence[int]) -> int:
    """How many tokens both begin with."""
    same = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        same += 1
    return same
