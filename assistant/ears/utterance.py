"""One utterance on its way into a recognizer."""

from __future__ import annotations

from collections.abc import Sequence
from weakref import WeakKeyDictionary

from assistant.ports import Recognizer
from assistant.types import Samples, Transcript

_OWNERS: WeakKeyDictionary[Recognizer, object] = WeakKeyDictionary()
"""Which utterance a recognizer is working on; written only in the recognizer's own thread."""


class Utterance:
    """Audio that grows, and a recognizer that keeps up with it.

    `add` belongs to whoever listens, all else to the recognizer's thread. The audio is kept, so
    that a recording which another part of the program has recognized in between (`assistant ask
    --wav` asks the same engine) costs this utterance nothing but time.
    """

    def __init__(self, recognizer: Recognizer) -> None:
        self._recognizer = recognizer
        self._pieces: list[Samples] = []
        self._accepted = 0
        self.samples = 0
        """Samples added so far."""

    def add(self, samples: Samples) -> None:
        """Take in `(n,)` int16, 16 kHz mono."""
        self._pieces.append(samples)
        self.samples += len(samples)

    def partial(self) -> Transcript:
        """The transcript of all audio so far. Raises `RecognitionError`."""
        self._catch_up()
        return self._recognizer.partial()

    def reconsider(self) -> Transcript:
        """The same with alternatives, slower. Raises `RecognitionError`."""
        self._catch_up()
        return self._recognizer.reconsider()

    def weigh(self, texts: Sequence[str]) -> list[float]:
        """How well each of `texts` fits all audio so far. Raises `RecognitionError`."""
        self._catch_up()
        return self._recognizer.weigh(texts)

    def finish(self) -> Transcript:
        """The final transcript. Raises `RecognitionError`."""
        self._catch_up()
        return self._recognizer.finish()

    def _catch_up(self) -> None:
        if _OWNERS.get(self._recognizer) is not self:
            self._recognizer.start()
            _OWNERS[self._recognizer] = self
            self._accepted = 0
        while self._accepted < len(self._pieces):
            self._recognizer.accept(self._pieces[self._accepted])
            self._accepted += 1
