"""Understanding room: what is known of one language, from `intents/<language>/` and the base."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.errors import ConfigError
from assistant.paths import packaged

_NOT_SENTENCES = ("language.yaml", "replies.yaml", "units.yaml", "times.yaml", "reckoning.yaml")
_RENAMED = {"zh": "zh-CN", "no": "nb", "iw": "he", "in": "id"}


class DialogueWords(BaseModel):
    """How one speaks of what was said before."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    demonstratives: tuple[str, ...] = Field(
        (), description="words for what was named last that may be articles too"
    )
    there: tuple[str, ...] = Field((), description="words for the place that was named last")
    there_is: str = Field("{area}", description="what stands in for them")
    opening: tuple[str, ...] = Field((), description="words at the start that only connect")
    passing: tuple[str, ...] = Field((), description="words anywhere that only connect")
    also: tuple[str, ...] = Field((), description="ends of a sentence that connect")
    everywhere: tuple[str, ...] = Field(
        (), description='words for the whole home: "turn that off everywhere"'
    )
    both: tuple[str, ...] = Field((), description="words for what was named last and before that")
    other: str = Field(
        "", description="regular expression of words for what is like what was named last, "
        "with its kind as a group (?P<kind>): the other one",
    )  # fmt: skip
    frames: tuple[str, ...] = Field(
        (), description='a whole request around a fragment {said}, about {it}: "turn {it} {said}"'
    )
    things: dict[str, str] = Field(
        default_factory=dict, description="what it is called: timer, alarm, reminder, list"
    )
    answers: dict[str, tuple[str, ...]] = Field(
        default_factory=dict,
        description="a whole request around an answer {said}, by the intent that lacks it",
    )
    fillers: tuple[str, ...] = Field(
        (), description='words of an answer that say nothing: "the … one"'
    )
    corrects: tuple[str, ...] = Field(
        (), description="besides `corrections`, what begins a correction of the last request"
    )
    corrects_behind: tuple[str, ...] = Field((), description="what ends one")
    rejects: tuple[tuple[str, str], ...] = Field(
        (), description='regular expression, what is meant: of "not this, but that" the latter'
    )
    except_before: tuple[str, ...] = Field((), description="words before what is left out")
    except_clauses: tuple[str, ...] = Field(
        (),
        description="regular expressions of a request, its (?P<rest>) and the (?P<thing>) "
        'that a clause leaves out: "…, the floor lamp stays on"',
    )
    except_after: tuple[str, ...] = Field((), description="words after what is left out")
    except_others: tuple[str, ...] = Field((), description='words for the rest: "all other lights"')
    except_fillers: tuple[str, ...] = Field(
        (), description="words beside what is left out that say nothing"
    )
    except_joints: tuple[str, ...] = Field(
        (), description="words between two things that are left out, besides conjunctions"
    )


class LanguageData(BaseModel):
    """A language's `language.yaml`: words that are not part of any sentence template."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    leading: tuple[str, ...] = Field((), description="courtesies and wake words before a request")
    trailing: tuple[str, ...] = Field((), description="courtesies after a request")
    hesitations: tuple[str, ...] = Field((), description="sounds made while thinking")
    corrections: tuple[str, ...] = Field(
        (), description="words between what was said and what is meant instead"
    )
    asides: tuple[str, ...] = Field(
        (), description="regular expressions of clauses that give a reason and ask for nothing"
    )
    reasons: tuple[str, ...] = Field(
        (), description="besides, those of clauses that give one only behind a request"
    )
    purposes: tuple[str, ...] = Field(
        (), description="regular expressions of what a request is for, said behind it unmarked"
    )
    never_asides: tuple[str, ...] = Field(
        (), description="regular expressions of what such a clause does not contain"
    )
    remarks: tuple[str, ...] = Field(
        (), description="the same, believed only where a text makes no sense otherwise"
    )
    never_remarks: tuple[str, ...] = Field(
        (), description="regular expressions of what they do not contain besides"
    )
    retracts: tuple[str, ...] = Field(
        (), description='behind `corrections`, words before what is taken out again: "no, not the"'
    )
    only: tuple[str, ...] = Field(
        (), description='there too, words before all that is left: "no, just the"'
    )
    complaints: tuple[str, ...] = Field(
        (), description="regular expressions of how things are said to be: no command for later"
    )
    aside_endings: tuple[str, ...] = Field(
        (), description="ends of a word with which such a clause may end, or a request before it"
    )
    aside_openers: tuple[str, ...] = Field(
        (), description="regular expressions of what begins one behind a request, unmarked"
    )
    consequences: tuple[str, ...] = Field((), description="words between a reason and a request")
    consequences_not_after: tuple[str, ...] = Field(
        (), description="what they stand behind where they mean something else: it is so loud"
    )
    prepositions: tuple[str, ...] = Field((), description="words before a place that is said first")
    replace: tuple[tuple[str, str], ...] = Field((), description="regular expression, replacement")
    early: tuple[tuple[str, str], ...] = Field(
        (), description="the same, before courtesies are taken off"
    )
    questions: tuple[tuple[str, str], ...] = Field(
        (), description="the same before a question mark: what asks whether, and does not ask for"
    )
    conjunctions: tuple[str, ...] = Field((), description="words between two requests")
    item_conjunctions: tuple[str, ...] = Field(
        (), description="besides, words between entries of a list; with a - first, endings"
    )
    never_items: tuple[str, ...] = Field(
        (), description="regular expressions of what the name of a thing to buy does not contain"
    )
    names_lists: tuple[str, ...] = Field(
        (), description="nor what goes on a list: they say which list it is on"
    )
    goods: tuple[str, ...] = Field((), description="ends of words for what homes buy")
    articles: tuple[str, ...] = Field((), description="words that say nothing by themselves")
    here: tuple[str, ...] = Field((), description="words for the room one is in")
    singular: tuple[str, ...] = Field((), description="words for one light, which one unsaid")
    lights: tuple[str, ...] = Field((), description="words for the lights, in parts of words too")
    pronouns: tuple[str, ...] = Field((), description="words for what was named just before")
    dialogue: DialogueWords = DialogueWords()
    unfinished: tuple[str, ...] = Field((), description="a sentence ending so goes on")
    unfinished_after_number: tuple[str, ...] = Field(
        (), description="a sentence with one of these words does not end in a bare number"
    )
    units: tuple[str, ...] = ()
    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()
    code_words: tuple[str, ...] = Field((), description="words that may stand beside a PIN")
    digits: dict[str, str] = Field(
        default_factory=dict, description="words for digits besides the usual ones"
    )
    decisive: tuple[str, ...] = Field(
        (), description="words that turn a request round or lift it: a guess keeps them"
    )
    any_home: tuple[str, ...] = Field(
        (), description="rooms and things of homes: who hears one heard no other word for it"
    )
    carrying: tuple[str, ...] = Field(
        (), description="little words that requests begin with: heard wrong, nothing is lost"
    )
    plural: bool = Field(False, description="names may be said with or without a final s")
    short_names: bool = Field(
        False, description="a device may be called by the end of its name: the desk lamp, the lamp"
    )
    kinds: tuple[str, ...] = Field(
        (), description="ends of names that name no single device: light, door"
    )
    synonyms: tuple[tuple[str, ...], ...] = Field((), description="words that stand for each other")
    variants: tuple[tuple[str, ...], ...] = Field(
        (), description="regular expression, and what a name may have in its place: cases, plurals"
    )
    stems: tuple[tuple[str, str], ...] = Field(
        (), description="regular expression, replacement: how a place begins a compound word"
    )
    there: tuple[str, ...] = Field((), description="words for the place named just before")
    verb_last: bool = Field(False, description="what is to be done may stand at the end")
    phrases: tuple[str, ...] = Field((), description="typical requests, for priming recognizers")
    ignore_whitespace: bool = False
    particles: tuple[str, ...] = Field((), description="words that say by themselves what is done")
    ones: tuple[str, ...] = Field((), description="words in the place of a thing named before")
    another: tuple[str, ...] = Field((), description="what begins one more of the same")
    another_is: dict[str, str] = Field(
        default_factory=dict, description="what that is by the intent of the first"
    )
    joining_verbs: dict[str, str] = Field(
        default_factory=dict, description="a verb that joins two requests; how it ends the first"
    )
    asking_endings: tuple[str, ...] = Field(
        (), description="regular expressions of what else asks, behind the stem of such a verb"
    )
    wishing_endings: tuple[str, ...] = Field(
        (), description="the same, behind its past stem: what one wishes had been done"
    )
    counted: tuple[str, ...] = Field(
        (), description="regular expressions of what stands behind a number that becomes digits"
    )
    between_names: tuple[str, ...] = Field((), description="what joins two names, written to them")
    links: tuple[str, ...] = Field((), description="what may stand between a place and a thing")
    quantities: tuple[str, ...] = Field(
        (), description="ends of a sensor's name that are no part of what it measures"
    )
    routine_said: dict[str, tuple[str, ...]] = Field(
        default_factory=dict,
        description="regular expressions around the name (?P<routine>) of a routine, by intent",
    )
    remove_sentences: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="templates of the base that are not wanted, by intent"
    )


def available_languages() -> tuple[str, ...]:
    """Languages with sentences of their own or in the base package."""
    from home_assistant_intents import get_languages

    own = {path.name for path in packaged("intents").iterdir() if path.is_dir()}
    return tuple(sorted(own | set(get_languages())))


def base_language(language: str) -> str | None:
    """The base package's name of `language`: "de_DE" gives "de", "zh" gives "zh-CN"."""
    from home_assistant_intents import get_languages

    return closest(language, tuple(get_languages()))


def own_folder(language: str) -> Path | None:
    """The folder of this product's sentences and replies in `language`, if there is one."""
    folders = {path.name: path for path in packaged("intents").iterdir() if path.is_dir()}
    found = closest(language, tuple(folders))
    return folders[found] if found else None


def sentence_files(language: str) -> tuple[Path, ...]:
    """This product's sentence files in `language`, in a fixed order."""
    folder = own_folder(language)
    if folder is None:
        return ()
    return tuple(p for p in sorted(folder.glob("*.yaml")) if p.name not in _NOT_SENTENCES)


@cache
def language_data(language: str) -> LanguageData:
    """The `language.yaml` of `language`; empty data where there is none. Raises `ConfigError`."""
    folder = own_folder(language)
    path = folder / "language.yaml" if folder else None
    if path is None or not path.is_file():
        return LanguageData()
    try:
        return LanguageData.model_validate(load_yaml(path))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ConfigError(f"{path}: {place}: {first['msg']}. Correct this file.") from error


def load_yaml(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file. Raises `ConfigError` naming the file."""
    try:
        content = yaml.load(path.read_text("utf-8"), Loader=_loader())  # noqa: S506
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        message = f"{path} cannot be read: {error}. Correct or remove this file."
        raise ConfigError(message) from error
    if not isinstance(content, dict):
        raise ConfigError(f"{path} holds no mapping at its top level. Correct or remove this file.")
    return content


def _loader() -> Any:
    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def closest(language: str, known: tuple[str, ...]) -> str | None:
    """The one of `known` that stands for `language`: itself, or the same primary subtag."""
    wanted = language.replace("_", "-").casefold()
    by_key = {name.replace("_", "-").casefold(): name for name in known}
    primary = wanted.split("-")[0]
    renamed = _RENAMED.get(primary, "").casefold()
    for candidate in (wanted, primary, renamed):
        if candidate in by_key:
            return by_key[candidate]
    return next((by_key[key] for key in sorted(by_key) if key.split("-")[0] == primary), None)
