"""Understanding room: one request in a text of its own, on the templates of the home as it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from assistant.home.devices import Device
from assistant.home.model import Home
from assistant.home.resolve import resolve
from assistant.types import Intent, SlotValue
from assistant.understanding.compound import Reader as ReadOne
from assistant.understanding.free_text import WANTED, FreeText
from assistant.understanding.language import LanguageData
from assistant.understanding.learned import with_commands
from assistant.understanding.match import Match
from assistant.understanding.names import IT, kind_of
from assistant.understanding.normalise import Normaliser
from assistant.understanding.reminded import REMINDER, reminded
from assistant.understanding.templates import Templates
from assistant.understanding.times.clock_time import NoSuchTimeError
from assistant.understanding.times.spoken_time import SpokenTimes
from assistant.understanding.times.timed import (
    DELAY,
    NO_SUCH_TIME,
    Timed,
    read_delay,
    read_timed,
)

_ASKED = ("HassGetWeather", "AssistantCannot")
"""What is asked about a day, in languages in which "tell me of it" is "remind me of it" too."""


@dataclass(frozen=True, slots=True)
class Around:
    """What one request must know of texts that hold several."""

    routine: Callable[[str], Intent | None]
    """What a text asks of a routine by its mere name."""
    asks: Callable[[str, str | None], bool]
    """Whether a text, said in an area, asks for anything."""
    parts: Callable[[str, ReadOne], tuple[Intent, ...]]
    """The intents of a text that may hold several requests."""
    separator: re.Pattern[str]
    """Where requests may be joined."""
    endings: Mapping[str, str]
    """By a verb that joins (the separator's first group): how it ends a request."""
    without_reasons: Callable[[str], Iterable[str]]
    """A text without clauses that only give a reason: its length may be in one of them."""


@dataclass(frozen=True, slots=True)
class Single:
    """Reads one request; `area` is the id of the area it is said in."""

    templates: Templates
    _home: Home
    _data: LanguageData
    _normalise: Normaliser
    _times: SpokenTimes | None
    _free_text: FreeText
    _several: Around

    def read(self, text: str, area: str | None) -> Intent | None:
        """What a text asks for, with a time or without."""
        if self._times is None:
            return self._at_once(text, area)
        own = self._at_once(text, area) if self.templates.has_users else None
        timed = own or self._timed(text, area)
        if timed is None or timed.name == REMINDER:
            at_once = self._at_once(text, area)
            if timed is None or (at_once is not None and at_once.name in _ASKED):
                timed = at_once
        return timed or self.later(text, area)

    def rephrased(self, part: str, area: str | None) -> Intent | None:
        """What a part of a longer text asks for in the words that it would be read in alone."""
        plain = self._normalise(part)
        for form in dict.fromkeys((plain, self._normalise.without_purpose(plain))):
            if form and form != part and (intent := self.read(form, area)):
                return intent
        return None

    def _at_once(self, text: str, area: str | None) -> Intent | None:
        """The request of `text` if there is no time in it."""
        if (routine := self._several.routine(text)) is not None:
            return routine
        match = self.templates.best(
            text, self.place(area), lambda match: self._is_there(match, area)
        )
        intent = self.intent(match, text, area)
        return intent and with_commands(intent, lambda rest: self._several.asks(rest, area))

    def about(self, text: str, area: str | None, devices: Sequence[str]) -> Intent | None:
        """What `text` asks of those of `devices` that it fits."""
        known = [self._home.devices[i] for i in devices if i in self._home.devices]
        kinds = {kind_of(device) for device in known}
        found = self.templates.about(text, self.place(area), kinds)
        if found is None:
            return None
        match, fitting = found
        meant = tuple(device for device in known if kind_of(device) in fitting)
        if not (meant := self._of_place(meant, match, area)):
            return None
        slots = {key: value for key, value in match.slots.items() if key != "name"}
        if any(isinstance(value, str) and IT in value for value in slots.values()):
            if len(meant) != 1:
                return None
            slots = {
                key: value.replace(IT, meant[0].name) if isinstance(value, str) else value
                for key, value in slots.items()
            }
        if len(meant) == 1:
            slots["name"] = meant[0].name
        ids = tuple(device.id for device in meant)
        return Intent(match.intent, slots, device_ids=ids, text=text, response=match.response)

    def _of_place(
        self, devices: tuple[Device, ...], match: Match, area: str | None
    ) -> tuple[Device, ...]:
        """Those in the place that was named: "and off in the bathroom" is not the kitchen's."""
        named: dict[str, SlotValue] = {
            key: match.slots[key] for key in ("area", "floor") if key in match.slots
        }
        if not named or named == {"area": self.place(area)}:
            return devices
        return resolve(self._home, named, among=[device.id for device in devices]).devices

    def leaning(self, text: str, area: str | None) -> Intent | None:
        """A sentence that means something only after another."""
        leaning = self.templates.leaning
        match = leaning.best(text, self.place(area)) if leaning else None
        if match is None or match.here:
            return None
        return Intent(
            match.intent, match.slots, device_ids=match.devices, text=text, response=match.response
        )

    def reminded(
        self, text: str, whole: Intent, requests: Iterable[str], read: ReadOne
    ) -> tuple[Intent, ...]:
        """The intents of a text with free words in it: see `reminded.py`."""
        separator = None if self.templates.glued else self._several.separator
        return reminded(
            text, whole, requests, read, data=self._data, separator=separator, times=self._times
        )

    def timed(self, text: str, area: str | None) -> Timed | NoSuchTimeError | None:
        """The reading of a text that a time belongs to."""
        if self._times is None:
            return None
        where = self.place(area)

        def best(rest: str, kinds: frozenset[str]) -> Match | None:
            match = self.templates.best(rest, where, times=kinds)
            if match is not None or kinds != {"length"}:
                return match
            requests = map(self._normalise, self._several.without_reasons(rest))
            found = (self.templates.best(request, where, times=kinds) for request in requests)
            return next((one for one in found if one is not None), None)

        return read_timed(text, self._times, best)

    def _timed(self, text: str, area: str | None) -> Intent | None:
        """The request of `text` that a time in it belongs to: a timer, an alarm, a reminder."""
        read = self.timed(text, area)
        if read is None:
            return None
        if isinstance(read, NoSuchTimeError):
            return Intent(NO_SUCH_TIME, {"kind": read.kind}, text=text)
        slots = self._free_text.tidy(read.slots)
        return Intent(read.match.intent, slots, text=text, response=read.match.response)

    def later(self, text: str, area: str | None, devices: Sequence[str] = ()) -> Intent | None:
        """The command of `text` that is to be given at the time in it."""
        if self._times is None or self._complains(text):
            return None

        def at_once(part: str) -> Intent | None:
            if IT in part:
                return self.about(part, area, devices)
            return self._at_once(part, area)

        tidy = self._normalise if IT not in text else str.strip
        # German times begin with what else opens and turns on: "auf acht", "zu Mittag"
        particles = () if self._data.verb_last else self._data.particles
        read = read_delay(
            text, self._times, lambda part: self._several.parts(part, at_once),
            self._several.separator, tidy, particles=particles, endings=self._several.endings,
        )  # fmt: skip
        if read is None:
            return None
        if isinstance(read, NoSuchTimeError):
            return Intent(NO_SUCH_TIME, {"kind": read.kind}, text=text)
        command = str(read["command"])
        if IT in command:
            if len(devices) != 1 or devices[0] not in self._home.devices:
                return None
            read = {**read, "command": command.replace(IT, self._home.devices[devices[0]].name)}
        return Intent(DELAY, read, text=text)

    def intent(self, match: Match | None, text: str, area: str | None) -> Intent | None:
        """The intent of a template's reading; says where it lacks a place or a name."""
        if match is None or not self._free_text.names_things(match.slots, match.response):
            return None
        slots = self._free_text.tidy(match.slots)
        response = "default" if match.response == WANTED else match.response
        if match.here and (
            self._says(text, self._data.here)
            or (slots.get("domain") == "light" and self._says(text, self._data.pronouns))
        ):
            response = "here_unknown"
        elif match.here and "domain" in slots and self._says(text, self._data.singular):
            response = "one_unknown"
        elif match.here and match.intent == "HassLightSet" and not self._says_lights(text):
            response = "here_unknown"
        intent = Intent(match.intent, slots, text=text, response=response)
        if match.devices:
            found = resolve(self._home, slots, among=match.devices, preferred_area=area)
            if len(found.devices) == 1:
                device = found.devices[0]
                slots = {**slots, "name": device.name}
                return replace(intent, slots=slots, device_ids=(device.id,))
        return intent

    def _complains(self, text: str) -> bool:
        edge = "" if self._data.ignore_whitespace else r"\b"
        said = (f"{edge}(?:{one}){edge}" for one in self._data.complaints)
        return any(re.search(one, text, re.IGNORECASE) for one in said)

    def _says_lights(self, text: str) -> bool:
        lights = (*self._data.lights, *self._data.singular)
        return not lights or any(word in text.casefold() for word in lights)

    def _says(self, text: str, words: Sequence[str]) -> bool:
        padded = f" {text.casefold()} "
        if self._data.ignore_whitespace:
            return any(word in padded for word in words)
        return any(f" {word} " in padded for word in words)

    def place(self, area: str | None) -> str | None:
        """The name of the area with the id `area`."""
        place = self._home.areas.get(area) if area else None
        return place.name if place else None

    def _is_there(self, match: Match, area: str | None) -> bool:
        """Whether it is clear which of the devices that bear the spoken name is meant, or list."""
        if self._free_text.names_list(match.slots):
            return False
        if not match.devices:
            return True
        found = resolve(self._home, match.slots, among=match.devices, preferred_area=area)
        placed = bool({"area", "floor"} & match.slots.keys())
        near = area is not None and all(device.area == area for device in found.candidates)
        return bool(found.devices) or ((placed or near) and bool(found.candidates))
