"""Understanding room: the answer to a question, put into the intent that was short of it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from assistant.home.devices import Device
from assistant.home.model import Home
from assistant.home.resolve import is_in_place, resolve
from assistant.types import Intent, Missing, SlotValue
from assistant.understanding.language import LanguageData
from assistant.understanding.names import IT
from assistant.understanding.times.spoken_time import SpokenTimes
from assistant.understanding.times.timed import BARE
from assistant.understanding.turns.choosing import Choosing
from assistant.understanding.turns.context import Reader
from assistant.understanding.turns.merging import TARGET

_CHOOSE = "AssistantChoose"
_PLAIN = ("ordinal", "all", "longest", "shortest")
_LEAST_STEM = 4
FREE_TEXT = frozenset({"reminder", "item", "command", "message", "text_value"})
"""Slots that hold whatever is said, a request too."""


class Completion:
    """Reads one language's answers to questions about what was missing."""

    def __init__(self, data: LanguageData, home: Home, times: SpokenTimes | None) -> None:
        self._home = home
        self._frames = data.dialogue.answers
        self._glued = data.ignore_whitespace
        self._fillers = frozenset(map(str.casefold, data.dialogue.fillers))
        self._choosing = Choosing(times, self._fillers, glued=self._glued)

    def completed(
        self, text: str, intent: Intent, missing: Missing, reader: Reader
    ) -> Intent | None:
        """`intent` with what `text` answers; None where it is no answer to the question."""
        leaning = reader.leaning(text)
        choice = leaning if leaning is not None and leaning.name == _CHOOSE else None
        if missing.candidates:
            return self._chosen(text, choice, intent, missing.candidates)
        if missing.options:
            return self._one_of(text, choice, intent, missing)
        if missing.slot == "area":
            return self._placed(intent, choice)
        if missing.slot == "unit" and (which := _ordinal(choice)):
            return _of_unit(intent, which)
        read = self.given(text, intent, reader)
        if read is None:
            return None
        given = {k: v for k, v in read.slots.items() if k not in TARGET}
        kept = {k: v for k, v in intent.slots.items() if k not in given and k != BARE}
        slots = {**kept, **given}
        if "days" in kept or kept.get("day", "today") != "today":
            slots.pop("clock", None)
        return replace(intent, slots=slots, response=read.response)

    def given(self, text: str, intent: Intent, reader: Reader) -> Intent | None:
        """What `text` alone tells of an `intent`; None where it tells nothing of such a one."""
        for whole, devices in self._framed(text, intent):
            read = reader.about(whole, devices) if devices else reader.whole(whole)
            if [one.name for one in read] == [intent.name] and read[0].slots.keys() - TARGET:
                return read[0]
        return None

    def _framed(self, text: str, intent: Intent) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Whole requests around an answer, and the devices that `IT` stands for in them."""
        devices = intent.device_ids
        if not devices and TARGET & intent.slots.keys():
            devices = tuple(device.id for device in resolve(self._home, intent.slots).devices)
        for frame in self._frames.get(intent.name, ()):
            if "{reminder}" in frame:
                if reminder := str(intent.slots.get("reminder", "")):
                    yield frame.replace("{reminder}", reminder).replace("{said}", text), ()
            elif "{command}" in frame:
                if command := str(intent.slots.get("command", "")):
                    yield frame.replace("{command}", command).replace("{said}", text), ()
            elif "{number}" in frame:
                if (number := intent.slots.get(BARE)) is not None:
                    yield frame.replace("{number}", str(number)).replace("{said}", text), ()
            elif "{it}" not in frame:
                yield frame.replace("{said}", text), ()
            elif devices:
                yield frame.replace("{it}", IT).replace("{said}", text), devices

    def _chosen(
        self, text: str, choice: Intent | None, intent: Intent, candidates: Sequence[str]
    ) -> Intent | None:
        devices = [self._home.devices[i] for i in candidates if i in self._home.devices]
        chosen = self._by_choice(choice, devices) if choice is not None else []
        chosen = chosen or self._by_words(text, devices)
        if not chosen:
            return None
        several = choice is not None and choice.response in ("all", "where")
        kept = {key: value for key, value in intent.slots.items() if key not in TARGET}
        slots: dict[str, SlotValue] = dict(kept)
        if len(chosen) == 1:
            slots["name"] = chosen[0].name
        elif "domain" in intent.slots:
            slots["domain"] = intent.slots["domain"]
        ids = tuple(device.id for device in chosen)
        response = "default" if len(ids) == 1 or several else "one_unknown"
        return replace(intent, slots=slots, device_ids=ids, response=response)

    def chooses(self, text: str, missing: Missing, reader: Reader) -> bool:
        """Whether `text`, though it may be a request as well, says which of several is meant."""
        leaning = reader.leaning(text) if missing.options or missing.candidates else None
        return leaning is not None and leaning.name == _CHOOSE and leaning.response in _PLAIN

    def describes(self, text: str, missing: Missing, reader: Reader) -> bool:
        """Whether `text`, though it would start a timer, tells which one is meant."""
        frames = self._frames.get("HassCancelTimer", ()) if missing.options else ()
        read = [reader.whole(frame.replace("{said}", text)) for frame in frames]
        return any([i.name for i in intents] == ["HassCancelTimer"] for intents in read)

    def _one_of(
        self, text: str, choice: Intent | None, intent: Intent, missing: Missing
    ) -> Intent | None:
        """`intent` about the timer, alarm or reminder that was chosen, or about all of them."""
        chosen = self._choosing.chosen(text, choice, missing.options)
        if not chosen:
            return None
        slots = {**intent.slots, "which": ",".join(option.key for option in chosen)}
        if len(chosen) == 1 and chosen[0].name:
            slots[missing.slot] = chosen[0].name
        return replace(intent, slots=slots)

    def _placed(self, intent: Intent, choice: Intent | None) -> Intent | None:
        """`intent` in the place that was chosen, or on the device."""
        if choice is None or choice.response not in ("where", "all", "named"):
            return None
        places = {key: choice.slots[key] for key in ("area", "floor") if key in choice.slots}
        slots: dict[str, SlotValue] = {**intent.slots, **places}
        if choice.response != "named":
            return replace(intent, slots=slots, response="default")
        found = resolve(self._home, choice.slots, among=choice.device_ids)
        domain = intent.slots.get("domain")
        fitting = [d for d in found.devices or found.candidates if domain in (None, d.type)]
        if not fitting:
            return None
        kept = {key: value for key, value in slots.items() if key not in TARGET}
        ids = tuple(device.id for device in fitting)
        response = "default" if len(ids) == 1 else "one_unknown"
        named = {**kept, "name": choice.slots["name"]}
        return replace(intent, slots=named, device_ids=ids, response=response)

    def _by_choice(self, choice: Intent, devices: Sequence[Device]) -> list[Device]:
        if choice.response == "all":
            return list(devices)
        if choice.response == "named":
            return [device for device in devices if device.id in choice.device_ids]
        if choice.response == "ordinal":
            number = int(str(choice.slots.get("ordinal", 0)))
            place = number - 1 if number > 0 else len(devices) + number
            return [devices[place]] if 0 <= place < len(devices) else []
        return [d for d in devices if is_in_place(self._home, d, choice.slots)]

    def _by_words(self, text: str, devices: Sequence[Device]) -> list[Device]:
        """Those whose names or rooms hold every word that says something."""
        if self._glued:
            said = re.sub(r"[\s\W]+", "", text.casefold())
            for filler in sorted(self._fillers, key=len, reverse=True):
                said = said.replace(filler, "")
            return [d for d in devices if said and said in "\n".join(self._names(d))]
        words = [word for word in re.findall(r"\w+", text.casefold()) if word not in self._fillers]
        if not words:
            return []
        fitting = [d for d in devices if self._holds(d, words)]
        exact = [d for d in fitting if " ".join(words) in self._names(d)]
        return exact or fitting

    def _holds(self, device: Device, words: Sequence[str]) -> bool:
        known = {word for name in self._names(device) for word in name.split()}
        return all(any(_alike(word, other) for other in known) for word in words)

    def _names(self, device: Device) -> list[str]:
        area = self._home.areas.get(device.area or "")
        return [name.casefold() for name in (*device.names, *(area.names if area else ()))]


def _ordinal(choice: Intent | None) -> int:
    """Of "the first one" 1, of "the second one" or "the last one" 2; else 0."""
    if choice is None or choice.response != "ordinal":
        return 0
    return {1: 1, 2: 2, -1: 2}.get(int(str(choice.slots.get("ordinal", 0))), 0)


def _of_unit(intent: Intent, which: int) -> Intent:
    """Minutes, or what was offered in their place: the hour, and seconds where there is none."""
    number = int(str(intent.slots[BARE]))
    slots = {key: value for key, value in intent.slots.items() if key != BARE}
    if which == 1:
        return replace(intent, slots={**slots, "minutes": number})
    if not 0 < number < 24:
        return replace(intent, slots={**slots, "seconds": number})
    open_half = {"clock": 12} if number <= 12 else {}
    return replace(intent, slots={**slots, "hour": number, "minute": 0, **open_half})


def mere_number(text: str, times: SpokenTimes | None, fillers: Collection[str]) -> float | None:
    """What `text` says if it is a number, and little words around it."""
    coded = times.numbers.code(text) if times is not None else None
    if coded is None or len(coded.values) != 1:
        return None
    [sign] = coded.values
    rest = coded.text.replace(sign, " ").casefold().replace(",", " ").split()
    return coded.value(sign) if {word.casefold() for word in fillers}.issuperset(rest) else None


def _alike(word: str, other: str) -> bool:
    """The same word, if need be in another form: "linken" and "linke"."""
    shorter, longer = sorted((word, other), key=len)
    return word == other or (
        len(shorter) >= _LEAST_STEM
        and len(longer) - len(shorter) <= 2
        and longer.startswith(shorter)
    )
