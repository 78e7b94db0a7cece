"""What state topics tell: payloads made into states, and the conversions that components share."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping, Sequence

from assistant.home.devices import State
from assistant.home.mqtt.dialect import GarbageError
from assistant.home.mqtt.homeassistant.config import Config, short
from assistant.types import SlotValue

_LOG = logging.getLogger(__name__)
_UNSAID = frozenset({"", "None", "unknown", "unavailable"})

Convert = Callable[[str], SlotValue]
"""Makes a state's value from a rendered payload. Raises `GarbageError`."""


class Readers:
    """Collects what is to be made of payloads, topic by topic."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self.by_topic: dict[str, list[Callable[[str], State]]] = {}
        self.reports: set[str] = set()
        self.expires: dict[str, tuple[float, SlotValue | None]] = {}
        """As `Binding.expires`."""

    def add(
        self,
        topic_key: str,
        template_keys: tuple[str, ...],
        key: str,
        convert: Convert,
        *,
        reset: str = "None",
        none: SlotValue | None = None,
    ) -> None:
        """State `key` is what `convert` makes of the rendered payload on a topic, if there.

        `reset` makes it `none`, or, where that is None, changes nothing, as do all payloads that
        say that nothing is known.
        """
        topic = self._config.topic(topic_key)
        if topic is None:
            return
        render = self._config.template(*template_keys)

        def read(payload: str) -> State:
            text = render(payload)
            if text == reset and none is not None:
                return {key: none}
            return {} if text in _UNSAID or text == reset else {key: convert(text)}

        self.add_reader(topic, read, key)

    def add_reader(self, topic: str, read: Callable[[str], State], *keys: str) -> None:
        """Add a reader of whole payloads that can tell `keys`."""

        def noted(payload: str) -> State:
            state = read(payload)
            self._config.note(state)
            return state

        self.by_topic.setdefault(topic, []).append(noted)
        self.reports.update(keys)

    def together(self) -> Mapping[str, Sequence[Callable[[str], State]]]:
        """The readers by topic; of a message that tells several things, what makes sense counts.

        Only if nothing in it does, `GarbageError` is raised.
        """
        return {topic: (_all_of(readers),) for topic, readers in self.by_topic.items()}


def _all_of(readers: Sequence[Callable[[str], State]]) -> Callable[[str], State]:
    if len(readers) == 1:
        return readers[0]

    def read(payload: str) -> State:
        state: dict[str, SlotValue] = {}
        fault: GarbageError | None = None
        for reader in readers:
            try:
                state |= reader(payload)
            except GarbageError as error:
                fault = error
        if fault is not None and not state:
            raise fault
        if fault is not None:
            _LOG.debug("part of a message ignored: %s", fault)
        return state

    return read


def unsaid(text: str) -> bool:
    """Whether a rendered payload says nothing: empty, `None`, `unknown`…"""
    return text in _UNSAID


def as_float(text: str) -> float:
    """A finite number. Raises `GarbageError`."""
    try:
        number = float(text)
    except ValueError as error:
        raise GarbageError(f"expected a number, found {short(text)}") from error
    if not math.isfinite(number):
        raise GarbageError(f"expected a number, found {short(text)}")
    return number


def tidy(number: float) -> int | float:
    """Whole numbers as int, others rounded to three places."""
    return int(number) if float(number).is_integer() else round(number, 3)


def as_number(text: str) -> int | float:
    """A finite number, whole ones as int. Raises `GarbageError`."""
    return tidy(as_float(text))


def one_of(words: Mapping[str, str]) -> Convert:
    """Converts payloads to our words; raises `GarbageError` for any other payload."""

    def convert(text: str) -> SlotValue:
        if text in words:
            return words[text]
        if text.lower() in ("true", "false"):  # JSON's truth values, as Python writes them
            for spelling in (text.lower(), text.capitalize()):
                if spelling in words:
                    return words[spelling]
        known = ", ".join(list(words)[:20])
        raise GarbageError(f"expected one of {known}, found {short(text)}")

    return convert


def anything(text: str) -> SlotValue:
    """The payload itself: at most 255 characters of Unicode text. Raises `GarbageError`."""
    if len(text) > 255:
        raise GarbageError("expected at most 255 characters")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise GarbageError("expected Unicode text") from error
    return text
