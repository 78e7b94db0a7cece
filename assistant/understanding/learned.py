"""Understanding room: routines by their names, and "when I say movie time, dim the lights"."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from assistant.types import Intent
from assistant.understanding.language import LanguageData

LEARN = "AssistantLearnRoutine"
RUN = "AssistantRunRoutine"
_LONGEST_PHRASE = 6


@dataclass(frozen=True, slots=True)
class RoutineNames:
    """How one language speaks of routines by their mere names: "start movie time"."""

    _said: tuple[tuple[str, re.Pattern[str]], ...]

    @classmethod
    def of(cls, data: LanguageData) -> RoutineNames:
        """Compile what `data` says of routines."""
        return cls(
            tuple(
                (intent, re.compile(pattern, re.IGNORECASE))
                for intent, patterns in data.routine_said.items()
                for pattern in patterns
            )
        )

    def read(self, text: str, known: Callable[[str], bool]) -> Intent | None:
        """What `text` asks of a routine that is `known`; None where it names none."""
        if known(text):
            return Intent(RUN, {"routine": text}, text=text)
        for intent, pattern in self._said:
            match = pattern.fullmatch(text)
            if match is not None and known(match["routine"]):
                return Intent(intent, {"routine": match["routine"]}, text=text)
        return None


def with_commands(intent: Intent, understood: Callable[[str], bool]) -> Intent:
    """`intent` with the words that are commands taken out of its phrase.

    The phrase is as short as can be so that all words behind it are `understood` commands.
    """
    said = str(intent.slots.get("phrase", ""))
    if intent.name != LEARN or intent.slots.get("commands") or not said:
        return intent
    for phrase, commands in _cuts(said):
        if phrase and commands and understood(commands):
            return replace(intent, slots={**intent.slots, "phrase": phrase, "commands": commands})
    return intent


def _cuts(said: str) -> Iterator[tuple[str, str]]:
    for mark in re.finditer(r"\s*[,:;，：]\s*", said):
        yield said[: mark.start()], said[mark.end() :]
    words = list(re.finditer(r"\S+", said))
    for word in words[1 : _LONGEST_PHRASE + 1]:
        yield said[: word.start()].rstrip(" ,"), said[word.start() :]
