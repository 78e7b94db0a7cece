"""Understanding room: the one entrance. A transcript goes in, intents come out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from assistant.home.model import Home
from assistant.home.resolve import resolve
from assistant.types import Completeness, Intent, Missing, Tier, Understood, Weigh
from assistant.understanding.answers import Answers
from assistant.understanding.compound import Reader as ReadOne
from assistant.understanding.compound import Splitter, read_all, without_repeats
from assistant.understanding.endings import Endings
from assistant.understanding.examples import own_examples
from assistant.understanding.exceptions import Exceptions, leaving_out
from assistant.understanding.free_text import ANNOUNCE, AS_SAID, FreeText
from assistant.understanding.glued.corrected import GluedCorrections
from assistant.understanding.glued.joined import Joins, read_joined
from assistant.understanding.language import language_data
from assistant.understanding.learned import LEARN, with_commands
from assistant.understanding.loading import Sentences
from assistant.understanding.names import HomeNames, home_names, kind_of
from assistant.understanding.normalise import Normaliser, cleaned
from assistant.understanding.repair.guess import Guess
from assistant.understanding.repair.repair import Repair
from assistant.understanding.spontaneous import Spontaneous
from assistant.understanding.templates import IT, Match, Templates, build_templates
from assistant.understanding.times.clock_time import NoSuchTimeError
from assistant.understanding.times.spoken_time import spoken_times
from assistant.understanding.times.timed import DELAY, NO_SUCH_TIME, Timed, read_delay, read_timed
from assistant.understanding.turns.completing import FREE_TEXT, Completion
from assistant.understanding.turns.context import TAKES_BACK, InContext, Reader
from assistant.understanding.turns.merging import Topic
from assistant.understanding.turns.needs import lacks
from assistant.understanding.vocabulary import typical_phrases, words_of

_REMINDER = "AssistantSetReminder"
_ASKED = ("HassGetWeather", "AssistantCannot")
"""What is asked about a day, in languages in which "tell me of it" is "remind me of it" too."""


@dataclass(frozen=True, slots=True)
class _Built:
    version: int
    templates: Templates
    names: HomeNames
    splitter: Splitter
    spontaneous: Spontaneous
    exceptions: Exceptions
    joins: Joins | None
    glued_corrections: GluedCorrections | None
    """Where words are not set apart: what takes the place of `splitter`."""


class Understanding:
    """Sentence templates over one home in one language.

    `extra_sentences` are the user's own template files; they win over all others. Raises
    `ConfigError` for a language without any sentences. The coroutines belong to the event loop
    and run the matching in a thread; `read` is the same, synchronously.
    """

    def __init__(self, home: Home, language: str, *, extra_sentences: Sequence[Path] = ()) -> None:
        self._home = home
        self.language = language
        self._data = language_data(language)
        self._normalise = Normaliser.of(self._data)
        self._times = spoken_times(language)
        self._sentences = Sentences.of(language, extra_sentences)
        self._answers = Answers.of(self._data)
        self._endings = Endings.of(self._data)
        self._free_text = FreeText.of(self._data)
        self._repair = Repair(language, self._data, self._normalise)
        self._completion = Completion(self._data, home, self._times)
        self._context = InContext(self._data, home, self._completion.given)
        self.is_routine: Callable[[str], bool] = lambda text: False
        """Whether a whole request, or one of several, is a routine's name; any thread asks."""
        self._built: _Built | None = None
        self._rebuilding = asyncio.Lock()

    async def refresh(self) -> None:
        """Follow the home: rebuild, off the event loop, when its names have changed."""
        if self._built is not None and self._built.version == self._home.version:
            return
        async with self._rebuilding:
            version = self._home.version
            if self._built is None or self._built.version != version:
                names = home_names(self._home, self._data)
                self._built = await asyncio.to_thread(self._build, version, names)

    async def understand(
        self, text: str, *, area: str | None, topics: Sequence[Topic] = ()
    ) -> Understood:
        """What `text`, said in the area with the id `area`, asks for after `topics`.

        No intents where it is not understood; nothing half understood ever acts.
        """
        await self.refresh()
        return await asyncio.to_thread(self.read, text, area, topics)

    async def complete(
        self, text: str, intent: Intent, missing: Missing, *, area: str | None
    ) -> Intent | None:
        """`intent` with what `text` says of what it lacks; None where `text` is no answer.

        A whole request is none, unless the question was for something in free words; the same
        request again never is.
        """
        await self.refresh()
        return await asyncio.to_thread(self._complete, text, intent, missing, area)

    def _complete(
        self, text: str, intent: Intent, missing: Missing, area: str | None
    ) -> Intent | None:
        plain = self._normalise(text)
        whole = self._intents_of(plain, area)
        if missing.slot in FREE_TEXT and [other.name for other in whole] != [intent.name]:
            whole = ()
        elif missing.slot in FREE_TEXT:  # the same asked again, in other words perhaps
            return None
        reader = self._reader(area)
        if whole and self._completion.chooses(plain, missing, reader):  # "the last one"
            whole = ()
        if {other.name for other in whole} == {"HassStartTimer"}:  # "the ten minute timer"
            whole = () if self._completion.describes(plain, missing, reader) else whole
        if not plain or any(other.name != intent.name for other in whole):
            return None
        return self._completion.completed(plain, intent, missing, reader)

    def _reader(self, area: str | None) -> Reader:
        return Reader(
            lambda said: self._intents_of(said, area),
            lambda said, devices: self._intents_of(said, area, devices),
            lambda said: self._leaning(said, area),
            self._number,
        )

    def _number(self, text: str) -> float | None:
        """What `text` says if it is a number, and little words around it."""
        coded = self._times.numbers.code(text) if self._times is not None else None
        if coded is None or len(coded.values) != 1:
            return None
        [sign] = coded.values
        fillers = {word.casefold() for word in self._data.dialogue.fillers}
        rest = coded.text.replace(sign, " ").casefold().replace(",", " ").split()
        return coded.value(sign) if fillers.issuperset(rest) else None

    async def guess(
        self, heard: Sequence[str], *, area: str | None, weigh: Weigh | None = None
    ) -> Guess:
        """The request that sounds most like what was `heard`, best reading first.

        `weigh` asks the recognizer. Raises what it does.
        """
        await self.refresh()

        def read(text: str) -> tuple[Intent, ...]:
            intent = self._read_one(self._normalise(text), area)
            intents = self._users_own(text, area) or ((intent,) if intent is not None else ())
            return intents if all(map(self._exists, intents)) else ()

        return await self._repair.guess(heard, self._current().templates, read, weigh)

    async def prepare_to_guess(self) -> None:
        """Pronounce everything that can be said, so that the first guess does not wait for it."""
        await self.refresh()
        templates = self._current().templates
        await asyncio.to_thread(self._repair.prepare, templates)
        await asyncio.to_thread(self._repair.prepare_free_words, templates)

    async def completeness(self, text: str, topics: Sequence[Topic] = ()) -> Completeness:
        """Whether a partial transcript is a whole request, clearly unfinished, or unknown."""
        plain = self._normalise(text)
        if not plain:
            return Completeness.UNKNOWN
        if text.rstrip().endswith(("…", "...", ",", "-")):
            text = text.rstrip(".…,- ")
        understood = await self.understand(text, area=None, topics=topics)
        if understood.intents and not lacks(understood.intents[-1]):
            return self._endings.understood(understood.intents[-1], plain)
        if self.answer(text):
            return Completeness.COMPLETE
        return self._endings.not_understood(plain)

    def read(self, text: str, area: str | None, topics: Sequence[Topic] = ()) -> Understood:
        """`understand`, synchronously and on the templates built last."""
        plain = self._normalise(text)
        if not plain:
            return Understood()
        for form in self._normalise.forms(text):
            if self.is_routine(form):
                routine = Intent("AssistantRunRoutine", {"routine": form}, text=text)
                return Understood((routine,), Tier.TEMPLATE)
        if topics and (meant := self._context.corrected(plain, topics, self._reader(area))):
            return Understood((meant,), Tier.TEMPLATE)
        intents = self._users_own(text, area) or self._intents_of(plain, area)
        if not intents or intents[0].name in (ANNOUNCE, _REMINDER):
            intents = self._announcement(text, area) or intents
        if not intents and (polite := self._normalise(text, courtesies=True)) != plain:
            intents = self._intents_of(polite, area)
        if not intents or (topics and self._context.may_lean(intents, plain, area)):
            leaning = self._context.read(plain, topics, self._reader(area))
            if leaning and self._context.prefers(leaning, intents, plain):
                intents = leaning
        for intent in intents:
            if intent.name == TAKES_BACK:
                return Understood((intent,), Tier.TEMPLATE)
        return Understood(intents, Tier.TEMPLATE if intents else None)

    def _users_own(self, text: str, area: str | None) -> tuple[Intent, ...]:
        """What the user's own templates make of the words as they stand."""
        if not self._current().templates.has_users:
            return ()
        said = cleaned(text)
        match = self._current().templates.best(said, self._place(area))
        intent = self._intent(match, said, area) if match is not None and match.users else None
        return (intent,) if intent is not None else ()

    def _announcement(self, text: str, area: str | None) -> tuple[Intent, ...]:
        """The announcement that `text` asks for, its words as they were said."""
        said = self._normalise.opened(text)
        intent = self._intent(self._current().templates.best(said, self._place(area)), said, area)
        return (intent,) if intent is not None and intent.name == ANNOUNCE else ()

    def _intents_of(
        self, text: str, area: str | None, devices: Sequence[str] = ()
    ) -> tuple[Intent, ...]:
        """The intents of a text in whatever order it is said, corrected and without its reasons.

        `IT` in it stands for the devices with the ids `devices`.
        """
        built = self._current()
        for rest, left_out in built.exceptions.taken(text):
            most = self._intents_of(rest, area, devices)
            if most and (some := leaving_out(most, left_out)):
                return some
        known: dict[str, Intent | None] = {}

        def read(part: str) -> Intent | None:
            if part not in known:
                known[part] = (
                    self._about(part, area, devices) or self._later(part, area, devices)
                    if IT in part
                    else self._read_one(part, area) or self._rephrased(part, area)
                )
            return known[part]

        whole = read(text)
        if whole is not None and (whole.name == LEARN or AS_SAID & whole.slots.keys()):
            return (whole,)
        for form in (built.glued_corrections or built.spontaneous).corrected(text):
            shorter = built.spontaneous.without_asides(form)
            for said in dict.fromkeys((form, *((shorter,) if shorter else ()))):
                if intents := self._parts_of(said, read):
                    return without_repeats(intents)
        reasoned = whole is not None and built.spontaneous.is_reason_in(whole.slots)
        request = (
            None if whole is not None and not reasoned else built.spontaneous.without_asides(text)
        )
        if request and IT not in request:
            request = self._normalise(request)
        return without_repeats(
            (request and self._parts_of(request, read)) or self._parts_of(text, read)
        )

    def _rephrased(self, part: str, area: str | None) -> Intent | None:
        """What a part of a longer text asks for in the words that it would be read in alone."""
        plain = self._normalise(part)
        return self._read_one(plain, area) if plain and plain != part else None

    def _parts_of(self, text: str, read: ReadOne) -> tuple[Intent, ...]:
        """The intents of a text that may hold several requests."""
        built = self._current()
        if built.joins is not None:
            return read_joined(text, read, built.joins)
        forms = (text, *built.spontaneous.reordered(text))
        return next((i for form in forms if (i := read_all(form, read, built.splitter))), ())

    def _read_one(self, text: str, area: str | None) -> Intent | None:
        if self._times is None:
            return self._at_once(text, area)
        own = self._at_once(text, area) if self._current().templates.has_users else None
        timed = own or self._timed(text, area)
        if timed is None or timed.name == _REMINDER:
            at_once = self._at_once(text, area)
            if timed is None or (at_once is not None and at_once.name in _ASKED):
                timed = at_once
        return timed or self._later(text, area)

    def _at_once(self, text: str, area: str | None) -> Intent | None:
        """The request of `text` if there is no time in it."""
        if self.is_routine(text):
            return Intent("AssistantRunRoutine", {"routine": text}, text=text)
        match = self._current().templates.best(
            text, self._place(area), lambda match: self._is_there(match, area)
        )
        intent = self._intent(match, text, area)
        return intent and with_commands(intent, lambda rest: bool(self._intents_of(rest, area)))

    def _about(self, text: str, area: str | None, devices: Sequence[str]) -> Intent | None:
        """What `text` asks of those of `devices` that it fits."""
        known = [self._home.devices[i] for i in devices if i in self._home.devices]
        kinds = {kind_of(device) for device in known}
        found = self._current().templates.about(text, self._place(area), kinds)
        if found is None:
            return None
        match, fitting = found
        meant = tuple(device for device in known if kind_of(device) in fitting)
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

    def _leaning(self, text: str, area: str | None) -> Intent | None:
        """A sentence that means something only after another."""
        leaning = self._current().templates.leaning
        match = leaning.best(text, self._place(area)) if leaning else None
        if match is None or match.here:
            return None
        return Intent(
            match.intent, match.slots, device_ids=match.devices, text=text, response=match.response
        )

    @property
    def templates(self) -> Templates:
        """The templates over the home, as built last."""
        return self._current().templates

    def readings(self, text: str, area: str | None) -> list[Match]:
        """Every template's reading of one request, the one that `read` takes first."""
        where = self._place(area)
        templates = self._current().templates
        readings = templates.readings(text, where)
        if self._times is not None and not any(match.users for match in readings):
            timed = read_timed(
                text, self._times, lambda rest, kinds: templates.best(rest, where, times=kinds)
            )
            if isinstance(timed, Timed):
                return [replace(timed.match, slots=dict(timed.slots)), *readings]
        return readings

    def answer(self, text: str) -> str | None:
        """ "yes", "no", or None when `text` is no answer to a yes-or-no question."""
        return self._answers.read(text, self._normalise(text))

    def vocabulary(self) -> tuple[list[str], list[str]]:
        """(phrases, words) for priming recognizers.

        Phrases: some of the user's own sentences, and at most 40 short typical requests with this
        home's names, best first. Words: all that the templates, the home's names and spoken
        numbers can contain.
        """
        built = self._current()
        own = own_examples(built.templates.intents, built.templates.lists)
        return (
            own + typical_phrases(self._data, self._home),
            words_of(built.templates.intents, built.templates.lists, self._data, self._times),
        )

    def _place(self, area: str | None) -> str | None:
        """The name of the area with the id `area`."""
        place = self._home.areas.get(area) if area else None
        return place.name if place else None

    def _exists(self, intent: Intent) -> bool:
        """Whether the device that is named is in the place that is named."""
        if "name" not in intent.slots:
            return True
        found = resolve(self._home, intent.slots, among=intent.device_ids)
        return bool(found.devices or found.candidates)

    def _is_there(self, match: Match, area: str | None) -> bool:
        """Whether it is clear which of the devices that bear the spoken name is meant."""
        if not match.devices:
            return True
        found = resolve(self._home, match.slots, among=match.devices, preferred_area=area)
        placed = bool({"area", "floor"} & match.slots.keys())
        return bool(found.devices) or (placed and bool(found.candidates))

    def _current(self) -> _Built:
        if self._built is None:
            self._built = self._build(self._home.version, home_names(self._home, self._data))
        return self._built

    def _build(self, version: int, names: HomeNames) -> _Built:
        templates = build_templates(self._sentences, names, self.language)
        places = frozenset(spoken.casefold() for spoken, _ in (*names.areas, *names.floors))
        joins = Joins.of(self._data, names) if templates.glued else None
        return _Built(
            version, templates, names, Splitter.of(self._data, names.plain, places),
            Spontaneous.of(self._data, names.plain, places), Exceptions.of(self._data, names),
            joins, GluedCorrections.of(self._data, joins) if joins is not None else None,
        )  # fmt: skip

    def _timed(self, text: str, area: str | None) -> Intent | None:
        """The request of `text` that a time in it belongs to: a timer, an alarm, a reminder."""
        if self._times is None:
            return None
        templates = self._current().templates
        where = self._place(area)
        read = read_timed(
            text, self._times, lambda rest, kinds: templates.best(rest, where, times=kinds)
        )
        if read is None:
            return None
        if isinstance(read, NoSuchTimeError):
            return Intent(NO_SUCH_TIME, {"kind": read.kind}, text=text)
        slots = self._free_text.tidy(read.slots)
        return Intent(read.match.intent, slots, text=text, response=read.match.response)

    def _later(self, text: str, area: str | None, devices: Sequence[str] = ()) -> Intent | None:
        """The command of `text` that is to be given at the time in it."""
        if self._times is None:
            return None

        def at_once(part: str) -> Intent | None:
            if IT in part:
                return self._about(part, area, devices)
            return self._at_once(part, area)

        built = self._current()
        separator = built.joins.cut if built.joins is not None else built.splitter.separator
        commands = partial(self._parts_of, read=at_once)
        tidy = self._normalise if IT not in text else str.strip
        read = read_delay(text, self._times, commands, separator, tidy)
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

    def _intent(self, match: Match | None, text: str, area: str | None) -> Intent | None:
        if match is None or not self._free_text.names_things(match.slots):
            return None
        slots = self._free_text.tidy(match.slots)
        response = match.response
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

    def _says_lights(self, text: str) -> bool:
        lights = (*self._data.lights, *self._data.singular)
        return not lights or any(word in text.casefold() for word in lights)

    def _says(self, text: str, words: Sequence[str]) -> bool:
        padded = f" {text.casefold()} "
        if self._data.ignore_whitespace:
            return any(word in padded for word in words)
        return any(f" {word} " in padded for word in words)
