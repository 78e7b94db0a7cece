"""Understanding room: the one entrance. A transcript goes in, intents come out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass, replace
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
from assistant.understanding.glued.alike import with_names_like, with_the_name_there
from assistant.understanding.glued.corrected import GluedCorrections
from assistant.understanding.glued.joined import Joins, read_joined, read_named_last
from assistant.understanding.glued.reasons import read_with_reason
from assistant.understanding.language import language_data
from assistant.understanding.learned import LEARN, RoutineNames
from assistant.understanding.loading import Sentences
from assistant.understanding.match import Match
from assistant.understanding.names import IT, HomeNames, home_names
from assistant.understanding.normalise import Normaliser, cleaned
from assistant.understanding.reminded import REMINDER
from assistant.understanding.repair.guess import Guess
from assistant.understanding.repair.repair import Repair
from assistant.understanding.single import Around, Single
from assistant.understanding.spontaneous import Spontaneous
from assistant.understanding.sums import Sums
from assistant.understanding.templates import Templates, build_templates
from assistant.understanding.times.spoken_time import spoken_times
from assistant.understanding.times.timed import DELAY, Timed
from assistant.understanding.turns.completing import FREE_TEXT, Completion, mere_number
from assistant.understanding.turns.context import TAKES_BACK, InContext, Reader, is_of_any_player
from assistant.understanding.turns.leaning import leaning, leaning_on_names
from assistant.understanding.turns.merging import Topic
from assistant.understanding.turns.needs import lacks
from assistant.understanding.vocabulary import typical_phrases, words_of

_IDLE = frozenset({TAKES_BACK, "HassRespond", "AssistantCannot"})
"""What is no more than words is nothing to look for behind a remark."""


@dataclass(frozen=True, slots=True)
class _Built:
    version: int
    templates: Templates
    single: Single
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
        self._normalise = Normaliser.of(self._data, language)
        self._times = spoken_times(language)
        self._sums = Sums.of(language, self._times)
        self._sentences = Sentences.of(language, extra_sentences)
        self._answers = Answers.of(self._data)
        self._endings = Endings.of(self._data)
        self._free_text = FreeText.of(self._data)
        self._routine_names = RoutineNames.of(self._data)
        self._repair = Repair(language, self._data, self._normalise)
        self._completion = Completion(self._data, home, self._times)
        self._context = InContext(self._data, home, self._completion.given)
        self.is_routine: Callable[[str], bool] = lambda text: False
        """Whether a whole request, or one of several, is a routine's name; any thread asks."""
        self._built: _Built | None = None
        self._filled: tuple[HomeNames, Templates] | None = None
        """The names that were put into templates last, and those."""
        self._rebuilding = asyncio.Lock()

    async def refresh(self) -> None:
        """Follow the home: rebuild, off the event loop, when its names have changed."""
        if self._built is not None and self._built.version == self._home.version:
            return
        async with self._rebuilding:
            if self._built is None or self._built.version != self._home.version:
                as_it_is = copy(self._home)
                self._built = await asyncio.to_thread(self._build, as_it_is)

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
        if not plain or any(_asks_for_more(other, intent) for other in whole):
            return None
        return self._completion.completed(plain, intent, missing, reader)

    def _reader(self, area: str | None) -> Reader:
        return Reader(
            lambda said: self._intents_of(said, area),
            lambda said, devices: self._intents_of(said, area, devices),
            lambda said: self._current().single.leaning(said, area),
            lambda said: mere_number(said, self._times, self._data.dialogue.fillers),
        )

    async def guess(
        self, heard: Sequence[str], *, area: str | None, weigh: Weigh | None = None
    ) -> Guess:
        """The request that sounds most like what was `heard`, best reading first.

        `weigh` asks the recognizer. Raises what it does.
        """
        await self.refresh()

        def read(text: str) -> tuple[Intent, ...]:
            intent = self._current().single.read(self._normalise(text), area)
            intents = self._users_own(text, area) or ((intent,) if intent is not None else ())
            return intents if all(map(self._exists, intents)) else ()

        return await self._repair.guess(heard, self._current().templates, read, weigh)

    async def prepare_to_guess(self) -> None:
        """Pronounce everything that can be said, so that the first guess does not wait for it."""
        await self.refresh()
        for prepare in (self._repair.prepare, self._repair.prepare_free_words):
            await asyncio.to_thread(prepare, self._current().templates)

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
            if (routine := self._routine(form)) is not None:
                return Understood((replace(routine, text=text),), Tier.TEMPLATE)
        if topics and (meant := self._context.corrected(plain, topics, self._reader(area))):
            return Understood((meant,), Tier.TEMPLATE)
        intents = self._users_own(text, area) or self._intents_of(plain, area)
        if not intents or intents[0].name in (ANNOUNCE, REMINDER):
            intents = self._announcement(text, area) or intents
        polite = plain if intents else self._normalise(text, courtesies=True)
        if polite != plain:
            intents = self._intents_of(polite, area)
        inner = self._inner(intents, area) if topics else ()
        if not intents or (topics and self._context.may_lean(inner, plain, area)):
            forms = dict.fromkeys((plain, polite))  # "the right one too"
            about = topics[:1] if is_of_any_player(inner) else topics
            leans = next((i for form in forms if (i := self._leaning(form, about, area))), ())
            if leans and self._context.prefers(leans, intents, plain):
                intents = leans
        if not intents and self._sums is not None and (reckoned := self._sums.read(plain, text)):
            intents = (reckoned,)
        intents = next(((i,) for i in intents if i.name == TAKES_BACK), intents)
        return Understood(intents, Tier.TEMPLATE if intents else None)

    def _inner(self, intents: tuple[Intent, ...], area: str | None) -> tuple[Intent, ...]:
        """What is asked for, at once or later."""
        if len(intents) != 1 or intents[0].name != DELAY:
            return intents
        return self._intents_of(str(intents[0].slots.get("command", "")), area)

    def _leaning(self, text: str, topics: Sequence[Topic], area: str | None) -> tuple[Intent, ...]:
        """What a text means after `topics`."""
        context, reader, built = self._context, self._reader(area), self._current()
        separator = built.splitter.separator if topics and built.joins is None else None
        before = topics[0].devices if topics else ()
        glued = (text, before, built.names, self._data) if built.joins is not None else None
        there = map(reader.whole, with_the_name_there(*glued) if glued else ())
        for meant in (*there, leaning(text, topics, context, reader, separator)):
            if meant or not topics:
                return meant
        like = built.splitter.elliptic.of_the_kind
        named = with_names_like(*glued) if glued else like(text, self._home, before)
        asides = built.spontaneous.without_asides(text)
        return leaning_on_names((*named, *asides), topics, context, reader)

    def _users_own(self, text: str, area: str | None) -> tuple[Intent, ...]:
        """What the user's own templates make of the words as they stand."""
        single = self._current().single
        if not single.templates.has_users:
            return ()
        said = cleaned(text)
        match = single.templates.best(said, single.place(area))
        intent = single.intent(match, said, area) if match is not None and match.users else None
        return (intent,) if intent is not None else ()

    def _announcement(self, text: str, area: str | None) -> tuple[Intent, ...]:
        """The announcement that `text` asks for, its words as they were said."""
        said, single = self._normalise.opened(text), self._current().single
        intent = single.intent(single.templates.best(said, single.place(area)), said, area)
        return (intent,) if intent is not None and intent.name == ANNOUNCE else ()

    def _intents_of(
        self, text: str, area: str | None, devices: Sequence[str] = ()
    ) -> tuple[Intent, ...]:
        """The intents of a text in whatever order it is said, corrected and without its reasons.

        `IT` in it stands for the devices with the ids `devices`.
        """
        built, single = self._current(), self._current().single
        for rest, left_out in built.exceptions.taken(text):
            most = self._intents_of(rest, area, devices)
            if most and (some := leaving_out(most, left_out)):
                return some
        known: dict[str, Intent | None] = {}

        def read(part: str) -> Intent | None:
            if part not in known:
                known[part] = (
                    single.about(part, area, devices) or single.later(part, area, devices)
                    if IT in part
                    else single.read(part, area) or single.rephrased(part, area)
                )
            return known[part]

        whole = read(text)
        if whole is not None and (whole.name == LEARN or AS_SAID & whole.slots.keys()):
            return single.reminded(text, whole, built.spontaneous.without_asides(text), read)
        for form in (built.glued_corrections or built.spontaneous).corrected(text):
            for said in dict.fromkeys((form, *built.spontaneous.without_asides(form))):
                if intents := self._parts_of(said, read):
                    return without_repeats(intents)
        reasoned = whole is not None and built.spontaneous.is_reason_in(whole.slots)
        alone = whole is None or reasoned
        for request in dict.fromkeys(built.spontaneous.without_asides(text) if alone else ()):
            intents = self._beside_reason(request, text, read)
            if not intents and next(built.exceptions.taken(request), None):
                intents = self._intents_of(request, area, devices)
            if intents and intents[0].name != TAKES_BACK:
                return without_repeats(intents)
        found = self._parts_of(text, read)
        remarks = () if found or not alone else built.spontaneous.without_asides(text, remarks=True)
        for request in dict.fromkeys(remarks):
            found = self._beside_reason(request, text, read)
            if found and not any(intent.name in _IDLE for intent in found):
                break
            found = ()
        return without_repeats(found)

    def _beside_reason(self, request: str, text: str, read: ReadOne) -> tuple[Intent, ...]:
        """The intents of `request`: `text` without the clauses that only give a reason."""
        plain = self._normalise(request) if IT not in request else request
        joins = self._current().joins
        if joins is None:
            return self._parts_of(plain, read)
        reason = text.replace(request, ",")
        return read_with_reason(plain, reason, lambda said: self._parts_of(said, read), joins)

    def _parts_of(self, text: str, read: ReadOne) -> tuple[Intent, ...]:
        """The intents of a text that may hold several requests."""
        built = self._current()
        if built.joins is not None:
            return read_joined(text, read, built.joins) or read_named_last(text, read, built.joins)
        forms = (text, *built.spontaneous.reordered(text))
        return next((i for form in forms if (i := read_all(form, read, built.splitter))), ())

    @property
    def templates(self) -> Templates:
        """The templates over the home, as built last."""
        return self._current().templates

    def readings(self, text: str, area: str | None) -> list[Match]:
        """Every template's reading of one request, the one that `read` takes first."""
        built = self._current()
        readings = built.templates.readings(text, built.single.place(area))
        if not any(match.users for match in readings):
            timed = built.single.timed(text, area)
            if isinstance(timed, Timed):
                return [replace(timed.match, slots=dict(timed.slots)), *readings]
        return readings

    def answer(self, text: str) -> str | None:
        """ "yes", "no", or None when `text` is no answer to a yes-or-no question."""
        return self._answers.read(text, self._normalise(text))

    def behind_yes(self, text: str) -> str:
        """What follows the yes that `text` begins with; "" where it begins with none."""
        return self._answers.behind_yes(text)

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

    def _routine(self, text: str) -> Intent | None:
        return self._routine_names.read(text, self.is_routine)

    def _exists(self, intent: Intent) -> bool:
        """Whether the device that is named is in the place that is named."""
        if "name" not in intent.slots:
            return True
        found = resolve(self._home, intent.slots, among=intent.device_ids)
        return bool(found.devices or found.candidates)

    def _current(self) -> _Built:
        if self._built is None:
            self._built = self._build(self._home)
        return self._built

    def _build(self, home: Home) -> _Built:
        """`home` keeps its structure meanwhile, or another thread waits for this one."""
        names = home_names(home, self._data)
        if self._filled is None or self._filled[0] != names:
            self._filled = names, build_templates(self._sentences, names, self.language)
        templates = self._filled[1]
        places = frozenset(spoken.casefold() for spoken, _ in (*names.areas, *names.floors))
        joins = Joins.of(self._data, names) if templates.glued else None
        splitter = Splitter.of(self._data, names.plain, places)
        spontaneous = Spontaneous.of(self._data, names.plain, places)
        around = Around(
            self._routine,
            lambda text, area: bool(self._intents_of(text, area)),
            self._parts_of,
            joins.cut if joins is not None else splitter.separator,
            joins.endings if joins is not None else {},
            spontaneous.without_asides,
        )
        single = Single(
            templates, self._home, self._data, self._normalise, self._times, self._free_text, around
        )
        return _Built(
            home.version, templates, single, names, splitter, spontaneous,
            Exceptions.of(self._data, names), joins,
            GluedCorrections.of(self._data, joins) if joins is not None else None,
        )  # fmt: skip


def _asks_for_more(whole: Intent, intent: Intent) -> bool:
    """Whether `whole` is no answer about `intent`, but something else that is to be done."""
    if whole.name != intent.name:
        return True
    return any(whole.slots.get(key, value) != value for key, value in intent.slots.items())
