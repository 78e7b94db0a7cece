"""Understanding room: "when I say movie time, dim the lights": which words are the phrase."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from assistant.types import Intent

LEARN = "AssistantLearnRoutine"
_LONGEST_PHRASE = 6


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
