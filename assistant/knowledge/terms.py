"""Texts as terms that can be compared: folded, roughly stemmed words; pairs of CJK characters.

Chinese, Japanese and Korean are cut into overlapping pairs of characters, which finds words of two
characters (SQLite's trigram tokenizer does not) and takes Korean particles off by itself.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from assistant.errors import ConfigError

_TOKEN = re.compile(r"[^\W_]+")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]+")
_ENDINGS = ("ings", "ing", "ed", "es", "en", "er", "em", "s", "e", "n")
_LEAST_STEM = 4


@dataclass(frozen=True, slots=True)
class QuestionWords:
    """What marks a question in a language. `questions` and the others of CJK: parts of words."""

    questions: tuple[str, ...]
    """A question begins with one of them (CJK: has one)."""
    requests: tuple[str, ...]
    """Beginnings of what only looks like a question."""
    fillers: frozenset[str]
    """Words that say nothing of what is asked about."""
    documents: frozenset[str]
    """Terms of words for documents: who says them asks for what is written."""
    says: tuple[str, ...]
    """Phrases that ask for what is written."""


def terms(text: str) -> list[str]:
    """The terms of `text`, in order, with repetitions."""
    found: list[str] = []
    for token in _TOKEN.findall(unicodedata.normalize("NFKC", text).casefold()):
        at = 0
        for run in _CJK.finditer(token):
            found += _stemmed(token[at : run.start()])
            found += _pairs(run.group())
            at = run.end()
        found += _stemmed(token[at:])
    return found


def is_cjk(term: str) -> bool:
    """Whether a term is made of characters of which pairs are compared."""
    return bool(_CJK.match(term))


def phrase_in(phrase: str, text: str) -> bool:
    """Whether `phrase` stands in `text` (both casefolded): as words, or, if CJK, anywhere."""
    return phrase in text if _CJK.search(phrase) else f" {phrase} " in f" {text} "


def words_of(text: str) -> str:
    """`text` casefolded, words with one space between."""
    return " ".join(_TOKEN.findall(unicodedata.normalize("NFKC", text).casefold()))


def without(text: str, fillers: Iterable[str]) -> str:
    """`text` (as `words_of` gives it) without its fillers."""
    plain = []
    parts = sorted((f for f in fillers if _CJK.search(f)), key=len, reverse=True)
    whole = frozenset(fillers)
    for word in text.split():
        if word in whole:
            continue
        left = word
        for part in parts:
            left = left.replace(part, " ")
        plain.append(left)
    return " ".join(plain)


@lru_cache(maxsize=8)
def question_words(language: str) -> QuestionWords | None:
    """Those of a language; None where there are none. Raises `ConfigError` for damaged data."""
    from yaml import YAMLError, safe_load

    name = language.replace("-", "_").split("_")[0].lower()
    path = Path(__file__).parent / "words" / f"{name}.yaml"
    if not path.is_file():
        return None
    try:
        data: dict[str, Any] = safe_load(path.read_text(encoding="utf-8"))
        return QuestionWords(
            questions=tuple(data["questions"]),
            requests=tuple(data["requests"]),
            fillers=frozenset(data["fillers"]),
            documents=frozenset(term for word in data["documents"] for term in terms(word)),
            says=tuple(data["says"]),
        )
    except (OSError, YAMLError, KeyError, TypeError) as error:
        raise ConfigError(f"{path}: {error}. Install the assistant anew.") from error


def _stemmed(word: str) -> list[str]:
    if not word:
        return []
    bare = "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
    for ending in _ENDINGS:
        least = 3 if ending == "s" else _LEAST_STEM
        if bare.endswith(ending) and len(bare) - len(ending) >= least and not bare.endswith("ss"):
            bare = bare[: -len(ending)]
            break
    return [bare.removesuffix("e") if len(bare) > _LEAST_STEM else bare]


def _pairs(run: str) -> list[str]:
    return [run] if len(run) == 1 else [run[at : at + 2] for at in range(len(run) - 1)]
