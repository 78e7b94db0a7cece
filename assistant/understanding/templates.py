"""Understanding room: Home Assistant's sentence templates and this product's, over one home.

Templates are hassil's (https://github.com/OHF-Voice/hassil), the base set is the package
home-assistant-intents; slots and contexts are filled as Home Assistant's conversation agent does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from assistant.understanding.glued.glue import Glued, glued
from assistant.understanding.index import Index, domains_of
from assistant.understanding.language import LanguageData, language_data
from assistant.understanding.lasting import uncollected
from assistant.understanding.loading import Sentences
from assistant.understanding.match import Match
from assistant.understanding.names import HOME_LISTS, HomeNames
from assistant.understanding.saying import home_lists, with_standing_in
from assistant.understanding.times.spoken_time import spoken_times
from assistant.understanding.times.timed import TIMED

if TYPE_CHECKING:
    from hassil.intents import Intents, SlotList, TextSlotValue
    from hassil.recognize import RecognizeResult

_BARE_IS_ENOUGH = frozenset({"scene", "script"})
_LONGEST_FREE_TEXT = 4
_WANTED = frozenset({"color", "temperature", "position", "percentage", "humidity", "hvac_mode"})
"""Slots that, beside a name, say what is wanted of it: "floor lamp red"."""
_FREE = frozenset({"reminder", "command", "commands", "phrase", "routine", "item", "message",
                   "text_value", "search_query", "artist"})  # fmt: skip
"""Slots whose words are meant to be free."""
NO_AREA = "\0"
"""Stands for the speaker's area where it is not known."""
_BESIDE = "asked"
"""Slot of a question that is answered with something else, if nothing answers it itself."""
_LEANS = ("AssistantFollowUp", "AssistantUndo", "AssistantChoose")
"""Intents that mean something only after something else was said."""

Kind = tuple[str | None, str | None]
"""Domain and device class of a device."""


class Templates:
    """One language's templates over one home. Read-only once built; safe to use in a thread."""

    def __init__(
        self,
        intents: Intents,
        lists: dict[str, SlotList],
        data: LanguageData,
        index: Index,
        among: int,
        *,
        reading: dict[str, SlotList] | None = None,
        leaning: Templates | None = None,
        fragments: bool = False,
    ) -> None:
        """The templates of the bit set `among`, which are those of `intents`.

        `reading` are the lists for reading texts, where they are others than `lists`.
        """
        self._intents = intents
        self._lists = lists
        self._reading = reading or lists
        self.leaning = leaning
        """The templates of what leans on something said before."""
        self._fragments = fragments
        """A mere name or place says enough."""
        self._articles = frozenset(word.casefold() for word in data.articles)
        self._turning = frozenset(data.decisive)
        joining = (*data.conjunctions, *data.joining_verbs)
        self._joints = frozenset({",", *(word.casefold() for word in joining)})
        self._times = spoken_times(intents.language)
        corrections = data.corrections if data.ignore_whitespace else ()
        self._corrections = _any_of(corrections)
        self._glued_articles = _any_of(data.articles) if data.ignore_whitespace else None
        self.glued = intents.settings.ignore_whitespace
        """Spaces say nothing in this language: templates and lists have none."""
        self._home_values = _by_text(self._reading) if self.glued else {}
        self.outline = index.outline
        self.among = among
        """Which of its templates these are: those that can be meant in a home with such devices."""
        self._index = index
        self._timed = among & index.of_intents(TIMED)
        self.has_users = any(
            (block.metadata or {}).get("users")
            for intent in intents.intents.values()
            for block in intent.data
        )

    @property
    def intents(self) -> Intents:
        """The parsed templates of this home."""
        return self._intents

    @property
    def lists(self) -> dict[str, SlotList]:
        """The slot lists: the language's, and this home's names, areas and floors."""
        return self._lists

    def best(
        self,
        text: str,
        area: str | None,
        fits: Callable[[Match], bool] = lambda _: True,
        *,
        times: frozenset[str] | None = None,
    ) -> Match | None:
        """The best reading of `text` said in the area named `area`, or None; one that `fits`,
        where there is one.

        With `times`, the kinds of times that were taken out of it ("length", "when"), only
        readings that a time belongs to; templates ask for them with `requires_context`.

        Preferred in this order, as in Home Assistant: sentences the user added, a named device
        (the longer name first), fewer free words, more literal text.
        """
        results = [r for r in self._results(text, area, times) if self._says_enough(text, r)]
        if len(results) > 1:
            results.sort(key=_rank)
            fitting = next((m for m in (_match(r, text) for r in results) if fits(m)), None)
            if fitting is not None:
                return fitting
        return _match(results[0], text) if results else None

    def about(
        self, text: str, area: str | None, kinds: Collection[Kind]
    ) -> tuple[Match, frozenset[Kind]] | None:
        """The best reading of a text with `IT` in it, which is of one of `kinds`.

        And those of the kinds that it can be about.
        """
        results = [
            r
            for r in self._results(text, area, None)
            if _kind(r) in kinds and self._says_enough(text, r)
        ]
        if not results:
            return None
        best = _match(min(results, key=_rank), text)
        alike = [(_kind(r), _match(r, text)) for r in results if r.intent.name == best.intent]
        return best, frozenset(kind for kind, match in alike if match.slots == best.slots)

    def readings(
        self, text: str, area: str | None, times: frozenset[str] | None = None
    ) -> list[Match]:
        """Every reading of `text`, best first, each template's best one only."""
        results = [r for r in self._results(text, area, times) if self._says_enough(text, r)]
        found: dict[tuple[str, str], Match] = {}
        for match in (_match(result, text) for result in sorted(results, key=_rank)):
            found.setdefault((match.intent, match.sentence), match)
        return list(found.values())

    def _results(
        self, text: str, area: str | None, times: frozenset[str] | None
    ) -> Iterator[RecognizeResult]:
        from hassil.recognize import recognize_all

        spoken_in = area or NO_AREA
        among = self.among if times is None else self._timed
        context: dict[str, Any] = {kind: {"value": True} for kind in times or ()}
        tight = Glued.of(text) if self.glued else None
        said = tight.text if tight else text
        results = recognize_all(
            said,
            self._index.candidates(said, among),
            slot_lists=self._occurring(said) if tight else self._reading,
            intent_context={**context, "area": {"value": spoken_in, "text": spoken_in}},
            language=self._intents.language,
        )
        for result in results:
            for entity in result.entities_list if tight else ():
                if entity.is_wildcard and entity.text_span is not None:
                    entity.text = entity.value = tight.spaced(*entity.text_span)  # type: ignore[union-attr]
            yield result

    def _says_enough(self, text: str, result: RecognizeResult) -> bool:
        """False for a mere name, place or number: those are fragments, not requests.

        Nor may free words (a timer's name) swallow half a sentence, or a time.
        """
        for entity in result.entities_list:
            if entity.is_wildcard:
                free = entity.text.casefold().replace(",", " , ").split()
                if (result.intent_metadata or {}).get("users") or entity.name in _FREE:
                    continue
                if len(free) > _LONGEST_FREE_TEXT or not self._joints.isdisjoint(free):
                    return False
                if entity.name == "name" and not self._turning.isdisjoint(free):
                    return False  # "no alarm" names no alarm
                if self._corrections is not None and self._corrections.search(entity.text):
                    return False
                if self._times is not None and (
                    not self._articles.isdisjoint(free) or self._times.find(entity.text, loose=True)
                ):
                    return False
        if self._fragments or result.intent.name.startswith("HassGet"):
            return True
        if result.context.get("domain") in _BARE_IS_ENOUGH and "name" in result.entities:
            return True
        said = {entity.name for entity in result.entities_list if not entity.is_wildcard}
        if "name" in said and (said & _WANTED or self._says_how_bright(result)):
            return True
        rest = f" {self._tight(text).casefold()} "
        for entity in sorted(result.entities_list, key=lambda e: -len(e.text)):
            if entity.text.strip():
                rest = rest.replace(self._tight(entity.text).casefold().strip(), " ", 1)
        if self._glued_articles is not None:
            rest = self._glued_articles.sub(" ", rest)
        words = rest.replace(",", " ").replace(".", " ").split()
        return any(word not in self._articles for word in words)

    def _says_how_bright(self, result: RecognizeResult) -> bool:
        """In words: "desk lamp all the way up"; a mere number may be anything."""
        said = result.entities.get("brightness")
        text = said.text.strip() if said is not None else ""
        if not text or self._times is None:
            return False
        coded = self._times.numbers.code(text)
        return not (coded.values and len(coded.text) == len(coded.values))

    def _occurring(self, text: str) -> dict[str, SlotList]:
        """The lists with only those of the home's names that `text` holds.

        hassil narrows a list by what the next word begins with; where words have no beginning
        it would try every name at every place.
        """
        from hassil.intents import TextSlotList

        said = text.casefold()
        return {
            **self._reading,
            **{
                name: TextSlotList(name=name, values=[v for key, v in values if key in said])
                for name, values in self._home_values.items()
            },
        }

    def _tight(self, text: str) -> str:
        return glued(text) if self.glued else text


@uncollected()
def build_templates(sentences: Sentences, names: HomeNames, language: str) -> Templates:
    """Fill `sentences` with a home's names; leave out what needs devices it does not have."""
    from hassil.intents import Intent

    intents, outline = sentences.intents, sentences.outline
    kept: tuple[dict[str, Intent], dict[str, Intent]] = ({}, {})
    """Of what stands by itself, and of what leans on something said before."""
    bits = [0, 0]
    for (name, block), templates in zip(outline.blocks, outline.of_block, strict=True):
        domains = domains_of(block)
        if not domains or not domains.isdisjoint(names.domains):
            leans = name in _LEANS
            kept[leans].setdefault(name, Intent(name)).data.append(block)
            bits[leans] |= templates
    data = language_data(language)
    lists = home_lists(intents, names)
    reading = with_standing_in(lists, names)
    index = Index(outline, _matched_as_written(intents), reading)
    leaning = Templates(
        replace(intents, intents=kept[1]), lists, data, index, bits[1], fragments=True
    )
    built = Templates(
        replace(intents, intents=kept[0]), lists, data, index, bits[0],
        reading=reading, leaning=leaning,
    )  # fmt: skip
    built.best("warm up 1", None)
    return built


def _matched_as_written(intents: Intents) -> Intents:
    """Glued texts meet glued templates: nothing is left for hassil to ignore, which is slow."""
    return replace(intents, settings=replace(intents.settings, ignore_whitespace=False))


def _by_text(
    lists: dict[str, SlotList],
) -> dict[str, list[tuple[str, TextSlotValue]]]:
    """The values of the lists that a home fills, each with its text, casefolded."""
    from hassil.expression import TextChunk
    from hassil.intents import TextSlotList

    found = {}
    for name in HOME_LISTS:
        values = lists.get(name)
        if isinstance(values, TextSlotList):
            found[name] = [
                (v.text_in.text.casefold() if isinstance(v.text_in, TextChunk) else "", v)
                for v in values.values
            ]
    return found


def _any_of(words: Iterable[str]) -> re.Pattern[str] | None:
    longest_first = sorted(words, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first))) if longest_first else None


def _kind(result: RecognizeResult) -> Kind:
    return result.context.get("domain"), result.context.get("device_class")


def _rank(result: RecognizeResult) -> tuple[Any, ...]:
    metadata = result.intent_metadata or {}
    name = result.entities.get("name")
    named = name is not None and not name.is_wildcard
    wildcards = [entity for entity in result.entities_list if entity.is_wildcard]
    return (
        not metadata.get("users", False),
        not named,
        -len(name.text.strip()) if named and name is not None else 0,
        len(wildcards),
        sum(len(entity.text.split()) for entity in wildcards),
        _needs_area(result),
        _BESIDE in result.entities,
        -result.text_chunks_matched,
        not metadata.get("own", False),
        result.intent.name,
    )


def _needs_area(result: RecognizeResult) -> bool:
    return "area" in (result.intent_data.requires_context or {})


def _match(result: RecognizeResult, text: str) -> Match:
    slots = {}
    devices: tuple[str, ...] = ()
    for name, entity in result.entities.items():
        value = entity.value.strip() if isinstance(entity.value, str) else entity.value
        if name in _FREE and entity.is_wildcard:
            value = _as_said(value, text)
        slots[name] = int(value) if isinstance(value, float) and value.is_integer() else value
        if name == "name" and entity.metadata:
            devices = tuple(entity.metadata.get("devices", ()))
    here = slots.get("area") == NO_AREA
    if here:
        del slots["area"]
    return Match(
        intent=result.intent.name,
        slots=slots,
        response=result.response or "default",
        domain=result.context.get("domain") if devices else None,
        devices=devices,
        here=here,
        spoken=tuple(entity.text.strip() for entity in result.entities_list if entity.text.strip()),
        sentence=(result.intent_sentence.text or "") if result.intent_sentence else "",
        users=bool((result.intent_metadata or {}).get("users")),
        file=str((result.intent_metadata or {}).get("file", "")),
    )


def _as_said(words: str, text: str) -> str:
    """`words` as they stand in `text`: hassil's have lost their commas."""
    pattern = r"[\s,.;:!?]+".join(map(re.escape, words.split()))
    found = re.search(pattern, text, re.IGNORECASE) if pattern else None
    return found[0] if found else words
