"""Templates are read as hassil reads them, only faster."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hassil import expression as e
from hassil.parse_expression import parse_sentence
from hassil.parser import ParseError
from hypothesis import given
from hypothesis import strategies as st

from assistant.understanding.language import available_languages, base_language, sentence_files
from assistant.understanding.loading import vocabulary_of
from assistant.understanding.own import places_in
from assistant.understanding.parsing import Parser


def _written(expression: e.Expression) -> object:
    """All of an expression that has a meaning."""
    if isinstance(expression, e.TextChunk):
        return expression.text, expression.original_text
    if isinstance(expression, e.ListReference):
        return expression.list_name, expression.slot_name, expression.is_end_of_word
    if isinstance(expression, e.RuleReference):
        return expression.rule_name
    assert isinstance(expression, e.Group)
    optional = isinstance(expression, e.Alternative) and expression.is_optional
    return type(expression).__name__, optional, [_written(item) for item in expression.items]


def _read_by(parse: object, text: str) -> object:
    try:
        return _written(parse(text).expression)  # type: ignore[operator]
    except (ParseError, AssertionError):
        return None


def _templates(language: str) -> Iterator[str]:
    from home_assistant_intents import get_intents

    base = base_language(language)
    for intent in (get_intents(base) or {} if base else {}).get("intents", {}).values():
        for block in intent["data"]:
            yield from block["sentences"]
    for path in sentence_files(language):
        yield from (place.text for place in places_in(path))
    yield from vocabulary_of(language, {})["expansion_rules"].values()


@pytest.mark.parametrize("language", available_languages())
def test_a_template_of_any_language_is_what_hassil_makes_of_it(language: str) -> None:
    parser = Parser()
    for text in list(_templates(language))[::7]:
        assert _read_by(parser.sentence, text) == _read_by(parse_sentence, text), text


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "a", "a|b", "a;b", "(a|b);c", "a|b;c", "a;b|c", "a||b", "|", "[a]", "[a|b]",
        "[a;b]", "()", "[]", "(a", "a)", "[a)", "(a]", "{", "}", "{}", "<>", "{a", "<a", "{a}{b}",
        "{a} {b}", "[the ]{name}[s]", "({a:b})s", "  two   spaces  ", "\ttab\n", "{a|b}",
        "<a b>", r"\(a\)",
        r"a \[b", "((a))", "((a) (b))", "({n:1..5})", "it’s", "<a>[%]", "a[b]c", "[ a ]", "( a|b )",
    ],
)  # fmt: skip
def test_odd_templates_are_read_or_refused_as_by_hassil(text: str) -> None:
    assert _read_by(Parser().sentence, text) == _read_by(parse_sentence, text)


@given(st.text(alphabet="ab ()[]{}<>|;:\\", max_size=14))
def test_any_template_is_read_or_refused_as_by_hassil(text: str) -> None:
    assert _read_by(Parser().sentence, text) == _read_by(parse_sentence, text)


def test_what_is_written_alike_is_read_once() -> None:
    parser = Parser()
    first, second = (parser.sentence(f"{word} [(in|at) {{area}}]") for word in ("up", "down"))
    assert isinstance(first.expression, e.Group)
    assert isinstance(second.expression, e.Group)
    assert first.expression.items[-1] is second.expression.items[-1]
