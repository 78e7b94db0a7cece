"""The assistant's own questions that somebody has yet to answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from assistant.home.safety import Question
from assistant.ports import Clock
from assistant.types import Intent, Missing, Outcome


def _nobody_minds() -> None:
    """Who asked for it hears that it was not done, or does not care."""


@dataclass(frozen=True, slots=True)
class Pending:
    """What waits for the answer to a question."""

    outcomes: tuple[Outcome, ...]
    intents: tuple[Intent, ...]
    questions: tuple[Question, ...]
    """What is still to be asked; the first one is open."""
    dry_run: bool
    tries: int = 0
    """Answers to a secret question that were none."""
    codes: Mapping[str, str] = field(default_factory=dict, repr=False)
    """By device id, the codes that were given."""
    meant: str = ""
    """The request that was probably meant, if that is what was asked."""
    unclear: str = ""
    """What was said, if it was asked what is meant by it; the answer goes on with it."""
    missing: Missing | None = None
    """What the one intent lacks, if that is what was asked; no questions then."""

    then: tuple[Intent, ...] = ()
    """What ends it again after a while, once it was done."""
    left: Callable[[], None] = field(default=_nobody_minds, repr=False, compare=False)
    """Told when it is left without an answer."""

    @property
    def secret(self) -> bool:
        """Whether the answer must not be shown to anybody."""
        return bool(self.questions) and self.questions[0].secret


class OpenQuestions:
    """One question at most for each conversation, open for `limit_s` seconds."""

    def __init__(self, clock: Clock, limit_s: float) -> None:
        self._clock = clock
        self._limit_s = limit_s
        self._open: dict[str, tuple[Pending, float]] = {}

    def __len__(self) -> int:
        return len(self._open)

    def ask(self, conversation: str, pending: Pending) -> None:
        """Open a question, in the place of an earlier one."""
        for other in tuple(self._open):
            self.of(other)
        self._open[conversation] = (pending, self._clock.monotonic() + self._limit_s)

    def of(self, conversation: str) -> Pending | None:
        """What waits for an answer in `conversation`, if the question is still open."""
        pending, expires_s = self._open.get(conversation, (None, 0.0))
        if pending is not None and self._clock.monotonic() > expires_s:
            del self._open[conversation]
            pending.left()
            return None
        return pending

    def drop(self, conversation: str) -> None:
        """Close the question of `conversation`, if there is one."""
        self._open.pop(conversation, None)

    def move(self, conversation: str, to: str, left: Callable[[], None]) -> bool:
        """Have a question be open in another conversation; False: it is closed."""
        pending = self.of(conversation)
        if pending is None:
            return False
        self.drop(conversation)
        if (other := self.of(to)) is not None:
            other.left()
        self.ask(to, replace(pending, left=left))
        return True

    def expect_secret(self, conversations: Iterable[str] | None = None) -> bool:
        """Whether a PIN or a code is being asked for (anywhere, if none are named)."""
        asked = list(self._open if conversations is None else conversations)
        return any(p is not None and p.secret for p in map(self.of, asked))
