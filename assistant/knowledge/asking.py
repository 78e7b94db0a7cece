"""What a question asks of the documents, and the passage that answers it: by words, never invented.

A passage answers when it covers what is asked about: the share of the question's terms (without
fillers and words for documents) that stand in it or above it. The thresholds were set on
tests/knowledge/questions.yaml.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.knowledge.documents import Passage, sentences
from assistant.knowledge.index import Index
from assistant.knowledge.terms import (
    QuestionWords,
    is_cjk,
    phrase_in,
    question_words,
    terms,
    without,
    words_of,
)

SPOKEN = 260
"""Most characters of a quotation; East Asian ones count double."""
_NAMED = 0.5
"""Coverage that is enough where a document was asked for."""
_UNNAMED = 0.75
_UNNAMED_CJK = 0.6
_LEAST_TERMS = 2
_LONGEST_QUESTION = 300


@dataclass(frozen=True, slots=True)
class Quote:
    """A passage that answers, as it is spoken."""

    file: str
    title: str
    text: str
    coverage: float
    """Share of what was asked about that stands in the passage, 0 to 1."""


@dataclass(frozen=True, slots=True)
class NotThere:
    """A document was asked for, and it says nothing of the matter."""

    title: str = ""
    """Of the one that was named; empty: none in particular."""


@dataclass(frozen=True, slots=True)
class _Asked:
    topics: tuple[str, ...]
    named: tuple[tuple[str, str], ...]
    """(file, title) of the documents that were named."""
    of_documents: bool
    """Whether it was asked for what is written."""


def answer(question: str, language: str, index: Index) -> Quote | NotThere | None:
    """What the documents say to `question`; None where it is nothing for them."""
    words = question_words(language)
    if words is None or len(question) > _LONGEST_QUESTION:
        return None
    titles = [(each.file, each.title) for each in index.files() if each.passages]
    asked = _asked(question, words, titles) if titles else None
    if asked is None:
        return None
    files = [file for file, _ in asked.named]
    if not asked.topics:
        first = index.first(files[0]) if files and asked.of_documents else None
        return _quoted(first, (), 1.0) if first is not None else None
    best = max(
        ((_coverage(asked.topics, passage), -at, passage)
         for at, passage in enumerate(index.search(asked.topics, files))),
        default=None,
    )  # fmt: skip
    if best is not None and _enough(best[0], asked, best[2]):
        return _quoted(best[2], asked.topics, best[0])
    if asked.named:
        return NotThere(asked.named[0][1])
    return NotThere() if asked.of_documents else None


def _asked(question: str, words: QuestionWords, titles: Sequence[tuple[str, str]]) -> _Asked | None:
    """What is asked; None where it is no question."""
    said = words_of(question)
    if any(_begins(said, request) for request in words.requests):
        return None
    if not any(_begins(said, mark) for mark in words.questions):
        return None
    all_terms = set(terms(question))
    of_documents = any(phrase_in(words_of(phrase), said) for phrase in words.says)
    about = tuple(dict.fromkeys(terms(without(said, words.fillers))))
    speaks_of_documents = bool(all_terms & words.documents)
    named = []
    for file, title in titles:
        its = set(terms(title))
        if its and its <= all_terms and (its - words.documents) and (
            speaks_of_documents or of_documents
        ):  # fmt: skip
            named.append((file, title))
    if not named and (speaks_of_documents or of_documents):
        for file, title in titles:  # "the dishwasher's instructions" for "dishwasher manual"
            own = set(terms(title)) - words.documents
            if own and own <= all_terms:
                named.append((file, title))
    if named:
        most = max(len(set(terms(title))) for _, title in named)
        named = [each for each in named if len(set(terms(each[1]))) == most]
    of_documents = of_documents and (speaks_of_documents or bool(named))
    left_out = {term for _, title in named for term in terms(title)}
    if named or of_documents:
        left_out |= words.documents
    return _Asked(tuple(t for t in about if t not in left_out), tuple(named), of_documents)


def _begins(said: str, mark: str) -> bool:
    mark = words_of(mark)
    return mark in said if is_cjk(mark) else f"{said} ".startswith(f"{mark} ")


def _coverage(topics: Sequence[str], passage: Passage) -> float:
    have = set(terms(f"{passage.title} {passage.heading} {passage.text}"))
    own = set(terms(f"{passage.heading} {passage.text}")) - set(terms(passage.title))
    if own.isdisjoint(topics):
        return 0.0
    return sum(topic in have for topic in topics) / len(topics)


def _enough(coverage: float, asked: _Asked, passage: Passage) -> bool:
    if asked.named or asked.of_documents:
        return coverage >= _NAMED
    cjk = all(map(is_cjk, asked.topics))
    if len(asked.topics) < _LEAST_TERMS and not set(asked.topics) & set(terms(passage.heading)):
        return False
    return coverage >= (_UNNAMED_CJK if cjk else _UNNAMED)


def _quoted(passage: Passage, topics: Sequence[str], coverage: float) -> Quote:
    return Quote(passage.file, passage.title, shortened(passage.text, topics), coverage)


def shortened(text: str, topics: Sequence[str]) -> str:
    """What of `text` is spoken: whole sentences, from the one that has most of `topics` on."""
    if _width(text) <= SPOKEN:
        return text
    parts = sentences(text)
    hits = [len(set(terms(part)) & set(topics)) for part in parts]
    start = hits.index(max(hits))
    said = parts[start]
    for part in parts[start + 1 :]:
        if _width(said) + _width(part) >= SPOKEN:
            break
        said = f"{said} {part}"
    if _width(said) <= SPOKEN:
        return said
    while _width(said) > SPOKEN:
        cut = said.rfind(" ")
        said = said[:cut] if cut > SPOKEN // 4 else said[:-1]
    return f"{said.rstrip(' ,;:，；：')} …"


def _width(text: str) -> int:
    return sum(2 if is_cjk(character) else 1 for character in text)
