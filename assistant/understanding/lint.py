"""Understanding room: what is wrong with a folder of a user's sentences.

Each template is sampled a bounded number of times over a home, and every sample is read back: one
that another own intent accepts too is ambiguous, a template none of whose samples leads to its
intent is unreachable.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.home.model import Home
from assistant.understanding.glued.glue import glued_template
from assistant.understanding.match import Match
from assistant.understanding.own import (
    ACTIONS,
    Mistake,
    Own,
    Place,
    line_of_intent,
    places_in,
    read_own,
)
from assistant.understanding.templates import Templates
from assistant.understanding.understanding import Understanding

if TYPE_CHECKING:
    from hassil.expression import Expression, ListReference
    from hassil.intents import IntentData

_SAMPLES = 12
_DEEPEST = 24
_FREE_WORD = "something"


def check_folder(
    folder: Path, language: str, home: Home, handled: Collection[str]
) -> tuple[Mistake, ...]:
    """What is wrong with the sentence files and actions in `folder` itself, by file and line.

    `handled` are the intents that the product carries out. Raises `ConfigError` for a language
    without any sentences.
    """
    own = read_own(folder, language)
    places = [place for path in own.files for place in places_in(path)]
    found = [*own.mistakes, *_without_effect(folder, own, places, handled)]
    if places:
        understanding = Understanding(home, language, extra_sentences=own.files)
        found += _misread(understanding, home, places)
    return tuple(sorted(set(found)))


def _without_effect(
    folder: Path, own: Own, places: list[Place], handled: Collection[str]
) -> Iterator[Mistake]:
    broken = {mistake.text.partition(".")[0].partition(":")[0] for mistake in own.mistakes}
    told: set[str] = set()
    for place in places:
        name = place.intent
        does = own.intents.get(name)
        if name in told or name in handled or name in broken:
            continue
        if does is None or not (does.steps or does.replies):
            told.add(name)
            text = f"{name} has neither an action in {ACTIONS} nor a reply."
            yield Mistake(place.path, place.line, text)
    if own.mistakes:
        return
    for name in sorted(own.intents.keys() - {place.intent for place in places}):
        path = folder / ACTIONS
        if line := line_of_intent(path, name):
            yield Mistake(path, line, f"No sentence leads to {name}.")


def _misread(understanding: Understanding, home: Home, places: list[Place]) -> Iterator[Mistake]:
    templates = understanding.templates
    area = next(iter(home.areas), None)
    read_as = glued_template if templates.glued else str
    by_text = {(str(p.path), p.intent, read_as(p.text)): p for p in places}
    rng = random.Random(0)  # noqa: S311 - the same samples every time
    told: set[frozenset[Place]] = set()
    for intent in templates.intents.intents.values():
        for block in intent.data:
            file = str((block.metadata or {}).get("file", ""))
            for sentence in block.sentences:
                place = by_text.get((file, intent.name, sentence.text or ""))
                if place is None:
                    continue
                drawn = [_drawn(sentence.expression, block, templates, rng, 0)
                         for _ in range(_SAMPLES)]  # fmt: skip
                samples = sorted({" ".join(s.split()) for s in drawn if s is not None})
                if samples and not any(_leads(understanding, s, area, place) for s in samples):
                    text = f'"{place.text}" never leads to {place.intent}: "{samples[0]}" is '
                    read = understanding.read(samples[0], area).intents
                    text += f"read as {read[0].name}." if read else "not understood."
                    yield Mistake(place.path, place.line, text)
                for sample in samples:
                    for other in _rivals(understanding.readings(sample, area), place, by_text):
                        if frozenset({place, other}) not in told:
                            told.add(frozenset({place, other}))
                            where = f"{other.path.name}:{other.line}"
                            both = f"{place.intent} and {other.intent} ({where})"
                            text = f'{both} both accept "{sample}".'
                            yield Mistake(place.path, place.line, text)


def _leads(understanding: Understanding, sample: str, area: str | None, place: Place) -> bool:
    """Whether the templates take `sample` for the intent of `place`, or might as well."""
    if [i.name for i in understanding.read(sample, area).intents] == [place.intent]:
        return True
    readings = understanding.readings(sample, area)
    users = {r.intent for r in readings if r.users}
    return place.intent in users and len(users) > 1


def _rivals(
    readings: list[Match], place: Place, by_text: dict[tuple[str, str, str], Place]
) -> Iterator[Place]:
    """Where other own intents accept what the template at `place` accepts."""
    users = [reading for reading in readings if reading.users]
    if any(reading.intent == place.intent for reading in users):
        for reading in users:
            other = by_text.get((reading.file, reading.intent, reading.sentence))
            if other is not None and other.intent != place.intent:
                yield other


def _drawn(
    expression: Expression, block: IntentData, templates: Templates, rng: random.Random, depth: int
) -> str | None:
    """A random sentence of `expression`; None where this home has nothing that fits it."""
    from hassil import expression as e

    if depth > _DEEPEST:
        return None
    if isinstance(expression, e.TextChunk):
        return expression.original_text
    if isinstance(expression, e.RuleReference):
        rules = {**templates.intents.expansion_rules, **block.expansion_rules}
        return _drawn(rules[expression.rule_name].expression, block, templates, rng, depth + 1)
    if isinstance(expression, e.ListReference):
        return _value(expression, block, templates, rng, depth)
    if isinstance(expression, e.Alternative):
        return _drawn(rng.choice(expression.items), block, templates, rng, depth + 1)
    if isinstance(expression, e.Group):
        items = list(expression.items)
        if isinstance(expression, e.Permutation):
            rng.shuffle(items)
        pieces = [_drawn(item, block, templates, rng, depth + 1) for item in items]
        return None if None in pieces else "".join(piece or "" for piece in pieces)
    return None


def _value(
    reference: ListReference,
    block: IntentData,
    templates: Templates,
    rng: random.Random,
    depth: int,
) -> str | None:
    from hassil.intents import RangeSlotList, TextSlotList

    if reference.is_inline_range:
        return str((reference.get_inline_range() or (1,))[0])
    values = block.slot_lists.get(reference.list_name)
    values = values or templates.lists.get(reference.list_name)
    if isinstance(values, RangeSlotList):
        return str(rng.choice(list(values.get_numbers())))
    if isinstance(values, TextSlotList):
        needed = _domains(block) if reference.list_name == "name" else set()
        fitting = [
            v.text_in for v in values.values
            if not needed or (v.context or {}).get("domain") in needed
        ]  # fmt: skip
        if not fitting:
            return None
        return _drawn(rng.choice(fitting), block, templates, rng, depth + 1)
    return _FREE_WORD


def _domains(block: IntentData) -> set[str]:
    needed = block.requires_context.get("domain")
    if isinstance(needed, dict):
        needed = needed.get("value")
    return {needed} if isinstance(needed, str) else set(needed or ())
