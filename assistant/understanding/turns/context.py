"""Understanding room: what leans on something said before, made into whole requests.

"Turn it off", "and in the bedroom?", "a bit brighter", "no, the other one": each is tried on what
was spoken of last, then on what was spoken of before that. What comes out are ordinary intents.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from assistant.home.model import Home
from assistant.types import Intent
from assistant.understanding.language import LanguageData
from assistant.understanding.names import IT
from assistant.understanding.turns.correcting import Correcting, completes, corrected, recounted
from assistant.understanding.turns.merging import Topic, everywhere, like, merged
from assistant.understanding.turns.needs import lacks

_THINGS = (("Timer", "timer"), ("Reminder", "reminder"), ("List", "list"), ("Alarm", "alarm"))
TAKES_BACK = "HassNevermind"
_STOPS = "stop"
_FOLLOW_UP = "AssistantFollowUp"
_UNDO = "AssistantUndo"
_TELLS_WHICH = frozenset(
    {"name", "area", "all", "hour", "minute", "clock", "day", "start_hours", "start_minutes",
     "start_seconds"}
)  # fmt: skip
_NAMES = frozenset({"name", "area", "floor"})
_FREE_WORDS = frozenset({"reminder", "item", "commands", "message", "text_value"})
"""Slots that hold whatever was said, its articles too."""
_SAID_AGAIN = ("reminder", "command")
"""What a frame says of the last request beside what was corrected."""
_HELD = (["HassMediaPause"], ["HassMediaUnpause"])
_LENGTH = ("hours", "minutes", "seconds")


@dataclass(frozen=True, slots=True)
class Reader:
    """How texts are read here and now."""

    whole: Callable[[str], tuple[Intent, ...]]
    """A request by itself."""
    about: Callable[[str, Sequence[str]], tuple[Intent, ...]]
    """A request with `IT` in it, which stands for the devices with these ids."""
    leaning: Callable[[str], Intent | None]
    """A sentence that leans on another."""
    number: Callable[[str], float | None]
    """A mere number."""


Given = Callable[[str, Intent, Reader], Intent | None]


class InContext:
    """Reads one language's follow-ups; compiled once from its `language.yaml`."""

    def __init__(self, data: LanguageData, home: Home, given: Given) -> None:
        """`given` reads what a fragment tells of an intent."""
        self._home = home
        self._given = given
        self._correcting = Correcting(data)
        self._words = words = data.dialogue
        glued = data.ignore_whitespace
        self._pronouns = _any_of(data.pronouns, glued)
        self._demonstratives = _any_of((*data.pronouns, *words.demonstratives), glued)
        self._there = _any_of(words.there, glued)
        self._opening = _edge(words.opening, glued)
        self._passing = _any_of(words.passing, glued)
        self._lights = data.lights
        self._both = _any_of(words.both, glued)
        self._everywhere = _any_of(words.everywhere, glued)
        self._ones = _any_of(data.ones, glued)
        self._other = re.compile(words.other) if words.other else None
        self._glued = glued

    def may_lean(self, intents: Sequence[Intent], text: str, area: str | None) -> bool:
        """Whether a whole request might lean on what was said before all the same.

        "Make it red" is about all lights here if nothing was spoken of; so is "a bit brighter",
        and where no room is known "a degree more" is about nothing else.
        """
        if len(intents) != 1 or "name" in intents[0].slots:
            return False
        intent = intents[0]
        if is_of_any_player(intents):
            return True
        if _FREE_WORDS & intent.slots.keys():
            return self.has_pronoun(text)
        mentions = any(
            pattern is not None and pattern.search(text)
            for pattern in (self._demonstratives, self._there)
        )
        if mentions or intent.response == "here_unknown":
            return True
        if intent.name == TAKES_BACK:
            return intent.response == _STOPS
        place = self._home.areas.get(area) if area else None
        if place is None:
            return any(key.endswith("_step") for key in intent.slots)
        if intent.slots.get("area") != place.name:
            return False
        return not any(name.casefold() in text.casefold() for name in place.names)

    def prefers(self, leaning: Sequence[Intent], whole: Sequence[Intent], text: str) -> bool:
        """Whether what leans on something said counts more than a request by itself."""
        if not whole or whole[0].name == TAKES_BACK or self.has_pronoun(text):
            return True
        if whole[0].response == "here_unknown" or is_of_any_player(whole):
            return True
        return any(intent.name == whole[0].name for intent in leaning)

    def has_pronoun(self, text: str) -> bool:
        """Whether `text` has a word that stands for a thing, and can be no article."""
        return self._pronouns is not None and self._pronouns.search(text) is not None

    def read(self, text: str, topics: Sequence[Topic], reader: Reader) -> tuple[Intent, ...]:
        """What `text` means after `topics`, newest first; nothing where it leans on none."""
        variants = self._variants(text)
        forms = variants
        if meant := self._correcting.meant(text):
            forms = [self._correcting.rejecting(meant), *variants]
            others = (variant for variant in variants if variant != text)
            variants = list(dict.fromkeys((*others, meant)))
        read = (reader.leaning(form) for form in forms)
        follow = next((intent for intent in read if intent is not None), None)
        if follow is None and topics:
            read = (reader.leaning(form) for form in self._of_the_kind(text, topics[0]))
            old = set(topics[0].devices)
            follow = next((i for i in read if i is not None and old.isdisjoint(i.device_ids)), None)
        if follow is None and topics and (of_all := self._of_all(text, topics, reader)):
            return of_all
        undo = (follow,) if follow is not None and follow.name == _UNDO else ()
        if undo and undo[0].response != "cancel":
            return undo
        if follow is None and topics and (request := self._named(text, reader)):
            return request
        if follow is None and topics and (request := self._of_the_other(text, topics[0], reader)):
            return request
        for topic in (*self._of_both(text, topics), *topics):
            intents = self._merged(follow, topic) or self._about(variants, topic, reader)
            if intents:
                return intents
        if not topics:
            return ()
        anew = reader.whole(meant) if meant else ()
        named = all(_NAMES & intent.slots.keys() for intent in anew)
        return undo or (anew if named else ())

    def _of_all(self, text: str, topics: Sequence[Topic], reader: Reader) -> tuple[Intent, ...]:
        """ "Turn that off everywhere": what the rest asks of one thing, of all of its kind."""
        if self._everywhere is None or not self._everywhere.search(text):
            return ()
        rest = _tidy(self._everywhere.sub("" if self._glued else " ", text))
        found = []
        for intent in self.read(rest, topics, reader) if rest else ():
            ids = intent.device_ids or topics[0].devices
            devices = [self._home.devices[i] for i in ids if i in self._home.devices]
            found.append(everywhere(intent, devices))
        wide = tuple(intent for intent in found if intent is not None)
        return wide if len(wide) == len(found) else ()

    def _of_both(self, text: str, topics: Sequence[Topic]) -> Iterator[Topic]:
        """The last two things as one: "open them both" after a blind and another."""
        if self._both is None or not self._both.search(text) or len(topics) < 2:
            return
        last, before = topics[:2]
        if len(last.devices) == len(before.devices) == 1 and last.devices != before.devices:
            both = [self._home.devices.get(i) for i in (*last.devices, *before.devices)]
            if len({device and device.type for device in both}) == 1:
                yield replace(last, devices=(*before.devices, *last.devices))

    def _of_the_other(self, text: str, topic: Topic, reader: Reader) -> tuple[Intent, ...]:
        """ "Close the other one" after one of two blinds; of several others is asked which."""
        other = self._other.search(text) if self._other is not None else None
        before = [self._home.devices[i] for i in topic.devices if i in self._home.devices]
        if other is None or len(before) != 1:
            return ()
        kind = other["kind"]
        if kind and not any(name.endswith(kind) for name in before[0].names):
            return ()
        ids = tuple(device.id for device in like(before, self._home))
        for said in self._variants(f"{text[: other.start()]}{IT}{text[other.end() :]}"):
            if ids and (found := reader.about(said, ids)):
                several = len(ids) > 1
                return tuple(replace(i, response="one_unknown") if several else i for i in found)
        return ()

    def corrected(self, text: str, topics: Sequence[Topic], reader: Reader) -> Intent | None:
        """The last request with another time: "no, ten minutes"; None: `text` corrects none."""
        last = topics[0].intents[-1] if topics and topics[0].intents else None
        like = completes(last) if last is not None else None
        meant = self._correcting.meant(text) if like is not None else ""
        if last is None or like is None or not meant:
            return None
        if slots := recounted(last, reader.number(meant)):
            return corrected(last, slots, text)
        given = self._given(meant, like, reader)
        slots = {k: v for k, v in given.slots.items() if k not in _SAID_AGAIN} if given else {}
        return corrected(last, slots, text)

    def _of_the_kind(self, text: str, topic: Topic) -> Iterator[str]:
        """ "And the right blind" for "and the right one" after the left blind."""
        if self._glued:
            return
        said = text if self._ones is None else _tidy(self._ones.sub("", text))
        ends = [] if self._passing is None else list(self._passing.finditer(said))
        end = ends[-1].start() if ends and ends[-1].end() == len(said) else len(said)
        devices = [self._home.devices[i] for i in topic.devices if i in self._home.devices]
        kinds = {name.split()[-1]: None for device in devices for name in device.names}
        for kind in kinds if len(devices) == 1 else ():
            yield f"{said[:end].rstrip()} {kind} {said[end:]}".rstrip()

    def _named(self, text: str, reader: Reader) -> tuple[Intent, ...]:
        """ "And the floor lamp to red" is a request of its own behind the word that connects."""
        opened = _without(text, self._opening)
        anew = reader.whole(opened) if opened != text else ()
        return anew if all("name" in intent.slots for intent in anew) else ()

    def _merged(self, follow: Intent | None, topic: Topic) -> tuple[Intent, ...]:
        leans = follow is not None and follow.name == _FOLLOW_UP
        intent = merged(follow, topic, self._home) if follow is not None and leans else None
        return () if intent is None else (replace(intent, text=follow.text if follow else ""),)

    def _about(self, variants: Sequence[str], topic: Topic, reader: Reader) -> tuple[Intent, ...]:
        thing = self._thing(topic)
        for said in variants:
            for whole in self._with_thing(said, topic):
                intents = reader.whole(whole)
                if intents and not any(_swallows(intent, thing) for intent in intents):
                    return tuple(_same_thing(intent, topic) for intent in intents)
            if not topic.devices:
                continue
            for whole in self._with_it(said):
                intents = reader.about(whole, topic.devices)
                if intents and (len(intents) == 1 or not any(map(lacks, intents))):
                    return intents
        for whole in self._lights_there(variants, topic):
            intents = reader.whole(whole)
            if len(intents) == 1 and {"area", "floor"} & intents[0].slots.keys():
                return intents
        for whole in self._continued(variants, topic):
            intents = reader.whole(whole)
            last = topic.intents[-1].name
            if len(intents) == 1 and (intents[0].name == last or _asks(intents[0].name, last)):
                return intents
        return ()

    def _variants(self, text: str) -> Sequence[str]:
        """`text`, and what is left of it without words that only connect."""
        found = {text: None}
        opened = _without(text, self._opening)
        found.setdefault(opened)
        if self._passing is not None:
            found.setdefault(_tidy(self._passing.sub(" ", opened)))
        return [variant for variant in found if variant]

    def _with_it(self, text: str) -> Iterator[str]:
        """`text` with `IT` for a word that stands for the devices, or put where it was left out."""
        for pattern in (self._pronouns, self._demonstratives):
            if pattern is not None and pattern.search(text):
                yield pattern.sub(IT, text)
        says = self._passing is None or _tidy(self._passing.sub(" ", text)) != ""
        for frame in self._words.frames if says and not self.has_pronoun(text) else ():
            yield frame.replace("{it}", IT).replace("{said}", text)

    def _with_thing(self, text: str, topic: Topic) -> Iterator[str]:
        """`text` with the timer, the list, the room that was spoken of named in it."""
        words = self._thing(topic)
        if words and self._demonstratives is not None:
            that = rf"(?:{self._demonstratives.pattern})(?:\s*{re.escape(_noun(words))})?"
            named = re.sub(that, words, text, flags=re.IGNORECASE)
            if named != text:
                yield named
        if words and not self.has_pronoun(text):
            for frame in self._words.frames:
                yield frame.replace("{it}", words).replace("{said}", text)
        area = self._area(topic)
        if area and self._there is not None:
            place = self._words.there_is.replace("{area}", area)
            named = self._there.sub(place, text)
            if named != text:
                yield named

    def _thing(self, topic: Topic) -> str:
        """What the timer, alarm, reminder or list that was spoken of is called; "": none was."""
        last = topic.intents[-1] if topic.intents else None
        thing = _thing(last) if last is not None and not topic.devices else ""
        return self._words.things.get(thing, "")

    def _continued(self, variants: Sequence[str], topic: Topic) -> Iterator[str]:
        """What was said as the part of the last request that changes: "and bread", "and tomorrow".

        Only a word that connects makes one more thing of a list out of what is said.
        """
        said, text = variants[-1], variants[0]
        connects = said != text or text.endswith(self._words.also or ("\0",))
        for intent in topic.intents[-1:]:
            if self.has_pronoun(text) or not ("Get" in intent.name or _thing(intent) == "list"):
                continue
            if connects or "Get" in intent.name:
                for frame in self._words.answers.get(intent.name, ()):
                    yield frame.replace("{said}", said)

    def _lights_there(self, variants: Sequence[str], topic: Topic) -> Iterator[str]:
        """ "Light in the hall at fifty" for "in the hall at fifty" after the lights of a room."""
        devices = [self._home.devices[i] for i in topic.devices if i in self._home.devices]
        if self._glued or not self._lights or {device.type for device in devices} != {"light"}:
            return
        for said in variants:
            words = f" {said.casefold()} "
            if any(f" {name.casefold()} " in words for name in self._places()):
                for frame in self._words.frames:
                    yield frame.replace("{it}", self._lights[0]).replace("{said}", said)

    def _places(self) -> Iterator[str]:
        for place in (*self._home.areas.values(), *self._home.floors.values()):
            yield from place.names

    def _area(self, topic: Topic) -> str:
        areas = {self._home.devices[i].area for i in topic.devices if i in self._home.devices}
        area = self._home.areas.get(next(iter(areas)) or "") if len(areas) == 1 else None
        return area.name if area is not None else ""


def is_of_any_player(intents: Sequence[Intent]) -> bool:
    """Whether only "pause" or "go on" was said: which may be the vacuum's, if that was started."""
    return [one.name for one in intents] in _HELD and not _NAMES & intents[0].slots.keys()


def _asks(*names: str) -> bool:
    """Whether all are questions about the home: a room's temperature is asked in two ways."""
    return set(names) <= {"HassClimateGetTemperature", "HassGetState"}


def _thing(intent: Intent) -> str:
    return next((thing for word, thing in _THINGS if word in intent.name), "")


def _noun(words: str) -> str:
    return words.rpartition(" ")[2]


def _swallows(intent: Intent, words: str) -> bool:
    """Whether what was put in for "that" became part of a name, as behind an article."""
    noun = _noun(words).casefold()
    texts = [value.casefold() for value in intent.slots.values() if isinstance(value, str)]
    return bool(noun) and any(noun in text for text in texts)


def _same_thing(intent: Intent, topic: Topic) -> Intent:
    """`intent` about just that timer or alarm which the topic's last intent was about."""
    if not topic.intents:
        return intent
    last = topic.intents[-1]
    if intent.slots.keys() & _TELLS_WHICH or _thing(intent) != _thing(last):
        return intent
    if last.name == "HassStartTimer" and "name" not in last.slots:
        which = {f"start_{unit}": last.slots[unit] for unit in _LENGTH if unit in last.slots}
    elif intent.name == "AssistantCancelAlarm":
        which = {key: last.slots[key] for key in _TELLS_WHICH if key in last.slots}
    else:
        which = {key: last.slots[key] for key in ("name",) if key in last.slots}
    return replace(intent, slots={**intent.slots, **which})


def _any_of(words: Sequence[str], glued: bool) -> re.Pattern[str] | None:
    if not words:
        return None
    choice = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    pattern = f"(?:{choice})" if glued else rf"(?<!\w)(?:{choice})(?!\w)"
    return re.compile(pattern, re.IGNORECASE)


def _edge(words: Sequence[str], glued: bool) -> re.Pattern[str] | None:
    if not words:
        return None
    choice = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    gap = r"[\s,.:;，。、]*" if glued else r"[\s,.:;]+"
    return re.compile(rf"^(?:(?:{choice}){gap})+(?=\S)", re.IGNORECASE)


def _without(text: str, pattern: re.Pattern[str] | None) -> str:
    return text if pattern is None else pattern.sub("", text, count=1)


def _tidy(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"\s+([,.])", r"\1", text)).strip(" ,.;:，。、")
