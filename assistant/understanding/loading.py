"""Understanding room: gathering the templates of a language and checking them."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.errors import ConfigError
from assistant.understanding.glued.glue import glue_templates, glued
from assistant.understanding.language import (
    LanguageData,
    base_language,
    language_data,
    load_yaml,
    sentence_files,
)
from assistant.understanding.lasting import uncollected
from assistant.understanding.names import HOME_LISTS
from assistant.understanding.outline import Outline
from assistant.understanding.parsing import Parser
from assistant.understanding.spelled import with_its_factor

if TYPE_CHECKING:
    from hassil.intents import Intents, SlotList

HANDLED = frozenset(
    {
        "HassTurnOn", "HassTurnOff", "HassLightSet", "HassSetPosition", "HassFanSetSpeed",
        "HassClimateSetTemperature", "HassClimateGetTemperature", "HassGetState",
        "HassGetCurrentTime", "HassGetCurrentDate", "HassNevermind",
        "HassStartTimer", "HassCancelTimer", "HassCancelAllTimers", "HassIncreaseTimer",
        "HassDecreaseTimer", "HassTimerStatus", "HassPauseTimer", "HassUnpauseTimer",
        "HassMediaPause", "HassMediaUnpause", "HassMediaNext", "HassMediaPrevious",
        "HassMediaPlayerMute", "HassMediaPlayerUnmute", "HassSetVolume", "HassSetVolumeRelative",
        "HassVacuumStart", "HassVacuumReturnToBase", "HassLawnMowerStartMowing",
        "HassLawnMowerDock", "HassClimateSetFanMode", "HassBroadcast",
        "HassRespond", "HassGetWeather", "HassVacuumCleanArea", "HassShoppingListAddItem",
        "HassShoppingListCompleteItem",
    }
)  # fmt: skip
"""Intents of the base package that a skill of this product handles."""

_FREE_TEXT = ("{zone", "{search_query", "{todo_list_item")
_FREE_TEXT_OF_OUR_OWN = ("{message", "{shopping_list_item")
"""Said by sentences of this product in the languages that it has any of."""
_DELAYED = "{timer_command"
_MOST_FORMS = 48


@dataclass(frozen=True, slots=True)
class Sentences:
    """The templates of a language, and what is known of them whatever the home."""

    intents: Intents
    outline: Outline

    @classmethod
    def of(cls, language: str, extra: Sequence[Path] = ()) -> Sentences:
        """Base package, this product's, then the user's files; without those the same every time.

        Raises `ConfigError` for a language without any, or a file that is no template file.
        """
        return cls._load(language, extra) if extra else cls._packaged(language)

    @classmethod
    def forget(cls) -> None:
        """Load every language anew the next time."""
        cls._packaged.cache_clear()

    @classmethod
    @cache
    @uncollected(for_good=True)
    def _packaged(cls, language: str) -> Sentences:
        return cls._load(language, ())

    @classmethod
    def _load(cls, language: str, extra: Sequence[Path]) -> Sentences:
        intents, outline = _load_intents(language, extra)
        return cls(intents, outline)


@uncollected()
def _load_intents(language: str, extra: Sequence[Path]) -> tuple[Intents, Outline]:
    from hassil.errors import HassilError
    from hassil.intents import Intents, RangeSlotList
    from hassil.parser import ParseError
    from home_assistant_intents import get_intents

    base = base_language(language)
    loaded = get_intents(base) if base else None
    data = language_data(language)
    merged = _pruned(loaded or {"language": language, "intents": {}}, data)
    files = [*((path, False) for path in sentence_files(language)), *((p, True) for p in extra)]
    if loaded is None and not files:
        raise ConfigError(
            f'There are no sentences for the language "{language}". Set another language, or add '
            f"a folder intents/{language} with sentence files."
        )
    for path, users in files:
        _merge(merged, load_yaml(path), path, users)
    if data.ignore_whitespace:
        merged["settings"]["ignore_whitespace"] = True
    if merged.get("settings", {}).get("ignore_whitespace"):
        merged = glue_templates(merged)
    parser = Parser()
    try:
        rules = {
            name: parser.sentence(text) for name, text in merged.pop("expansion_rules").items()
        }
        intents = replace(Intents.from_dict(merged), expansion_rules=rules)
        for intent in intents.intents.values():
            for block in intent.data:
                parser.fill(block)
                for name, values in (block.slot_lists or {}).items():
                    if isinstance(values, RangeSlotList):
                        block.slot_lists[name] = with_its_factor(values)
        lists = {name: _spelled_out(values, intents) for name, values in intents.slot_lists.items()}
        intents = replace(intents, slot_lists=lists)
        return intents, Outline(intents, HOME_LISTS)
    except (
        HassilError,
        ParseError,
        KeyError,
        TypeError,
        ValueError,
        AttributeError,
        RecursionError,
    ) as error:
        names = ", ".join(str(path) for path, _ in files)
        message = f"A sentence template is malformed: {error}. It is in one of: {names}."
        raise ConfigError(message) from error


def _spelled_out(values: SlotList, intents: Intents) -> SlotList:
    """A list whose values are plain texts, where there are few: hassil looks those up by letter.

    It would try each value that is a template at every place. A range is returned
    `with_its_factor`.
    """
    from hassil.expression import TextChunk
    from hassil.intents import RangeSlotList, TextSlotList
    from hassil.sample import sample_expression

    if isinstance(values, RangeSlotList):
        return with_its_factor(values)
    if not isinstance(values, TextSlotList):
        return values
    tight = intents.settings.ignore_whitespace
    plain = []
    for value in values.values:
        forms = [value.text_in.text] if tight and isinstance(value.text_in, TextChunk) else []
        if not isinstance(value.text_in, TextChunk):
            sampled = sample_expression(value.text_in, {}, intents.expansion_rules)
            forms = list(itertools.islice(sampled, _MOST_FORMS + 1))
        if 0 < len(forms) <= _MOST_FORMS:
            texts = dict.fromkeys(map(glued if tight else str.strip, forms))
            plain += [replace(value, text_in=TextChunk(text)) for text in texts if text]
        else:
            plain.append(value)
    return TextSlotList(name=values.name, values=plain)


def vocabulary_of(language: str, contents: Mapping[Path, dict[str, Any]]) -> dict[str, Any]:
    """All lists and rules that user's files may refer to: the language's and one another's."""
    base = base_language(language)
    merged: dict[str, Any] = {"lists": {}, "expansion_rules": {}}
    sources = [load_yaml(path) for path in sentence_files(language)]
    if base:
        from home_assistant_intents import get_intents

        sources.insert(0, get_intents(base) or {})
    for content in (*sources, *contents.values()):
        for kind, known in merged.items():
            values = content.get(kind)
            known.update(values if isinstance(values, dict) else {})
    return merged


def check_file(
    path: Path, content: dict[str, Any], known: dict[str, Any]
) -> Iterator[tuple[str, str, str]]:
    """What is wrong with a user's file: (intent, sentence, one sentence about it)."""
    from hassil.errors import HassilError
    from hassil.intents import Intents, WildcardSlotList
    from hassil.parser import ParseError

    faults = (
        HassilError,
        ParseError,
        KeyError,
        TypeError,
        ValueError,
        AttributeError,
        RecursionError,
    )
    frame: dict[str, Any] = {"language": "en", "intents": {}}
    try:
        _merge({**frame, "intents": {}}, content, path, users=True)
        Intents.from_dict({**frame, **{k: content[k] for k in known if content.get(k)}})
    except ConfigError as error:
        yield "", "", str(error).removeprefix(f"{path}: ")
        return
    except faults as error:
        yield "", "", f"A list or rule is malformed: {error}."
        return
    parser = Parser()
    rules = {name: parser.sentence(body) for name, body in known["expansion_rules"].items()}
    lists: dict[str, SlotList] = {name: WildcardSlotList(name) for name in known["lists"]}
    for name, intent in (content.get("intents") or {}).items():
        for block in intent["data"]:
            for sentence in block["sentences"]:
                one = {name: {"data": [{**block, "sentences": [sentence]}]}}
                try:
                    alone = Intents.from_dict({**frame, "intents": one})
                    parser.fill(alone.intents[name].data[0])
                    Outline(replace(alone, expansion_rules=rules, slot_lists=lists), HOME_LISTS)
                except faults as error:
                    yield name, str(sentence), f'{name}: "{sentence}": {error}.'


def _pruned(base: dict[str, Any], data: LanguageData) -> dict[str, Any]:
    base = copy.deepcopy(base)
    base.pop("responses", None)
    kept = {}
    own = sentence_files(base["language"])
    free_texts = (*_FREE_TEXT, *(_FREE_TEXT_OF_OUR_OWN if own else ()), _DELAYED)
    for name, intent in base["intents"].items():
        if name not in HANDLED:
            continue
        unwanted = set(data.remove_sentences.get(name, ()))
        blocks = []
        for block in intent["data"]:
            sentences = [
                s
                for s in block["sentences"]
                if s not in unwanted and not any(free in s for free in free_texts)
            ]
            if sentences:
                blocks.append({**block, "sentences": sentences})
        if blocks:
            kept[name] = {"data": blocks}
    return {**base, "intents": kept, "settings": base.get("settings") or {}}


def _merge(into: dict[str, Any], new: dict[str, Any], path: Path, users: bool) -> None:
    intents = new.get("intents") or {}
    if not isinstance(intents, dict):
        raise ConfigError(f'{path}: "intents:" needs a mapping from intent names to sentences.')
    for intent, content in intents.items():
        if not isinstance(content, dict) or not isinstance(content.get("data"), list):
            raise ConfigError(f'{path}: the intent {intent} needs a list under "data:".')
        for block in content["data"]:
            if not isinstance(block, dict) or not isinstance(block.get("sentences"), list):
                raise ConfigError(f'{path}: {intent}: each block needs a list of "sentences:".')
            metadata = {**(block.get("metadata") or {}), "own": True, "users": users}
            metadata["file"] = str(path)
            target = into["intents"].setdefault(intent, {"data": []})
            target["data"].append({**block, "metadata": metadata})
    for name, values in (new.get("lists") or {}).items():
        known = into.setdefault("lists", {}).get(name)
        if known and "values" in known and "values" in values:
            known["values"] = [*known["values"], *values["values"]]
        else:
            into["lists"][name] = values
    into.setdefault("expansion_rules", {}).update(new.get("expansion_rules") or {})
    into.setdefault("skip_words", []).extend(new.get("skip_words") or [])
    into.setdefault("settings", {}).update(new.get("settings") or {})
