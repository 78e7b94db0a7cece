"""Where reply text is cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.voice.sentences import LONGEST, pieces, sentences


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        ("  \n ", ()),
        ("... !? 😀", ()),
        ("Done.", ("Done.",)),
        ("no mark at the end", ("no mark at the end",)),
        ("Done. It is 21.5 degrees.", ("Done.", "It is 21.5 degrees.")),
        ("It is 7.30! Really? Yes", ("It is 7.30!", "Really?", "Yes")),
        ("Dr. Smith and Mrs. Jones are in. Bye.", ("Dr. Smith and Mrs. Jones are in.", "Bye.")),
        ("Use a lamp, e.g. the desk lamp. OK.", ("Use a lamp, e.g. the desk lamp.", "OK.")),
        ("It rings at 7 a.m. tomorrow.", ("It rings at 7 a.m. tomorrow.",)),
        ("It rings at 7 a.m. Sleep well.", ("It rings at 7 a.m.", "Sleep well.")),
        ("No. I cannot.", ("No.", "I cannot.")),
        ("That is lamp No. 5 of 6.", ("That is lamp No. 5 of 6.",)),
        ("J. S. Bach plays now.", ("J. S. Bach plays now.",)),
        ("So did I. You too.", ("So did I.", "You too.")),
        ("Well... maybe. Wait... No!", ("Well... maybe.", "Wait...", "No!")),
        ('She said "yes." Then left.', ('She said "yes."', "Then left.")),
        ("One\nTwo\n\nThree", ("One", "Two", "Three")),
        ("Version 1.2.3 is out.", ("Version 1.2.3 is out.",)),
        ("灯已打开。现在是21.5度！好吗？", ("灯已打开。", "现在是21.5度！", "好吗？")),
        ("電気をつけました。「はい。」次です。", ("電気をつけました。", "「はい。」", "次です。")),
        ("불을 켰습니다. 21.5도입니다.", ("불을 켰습니다.", "21.5도입니다.")),
        ("बत्ती जल गई। ठीक है।", ("बत्ती जल गई।", "ठीक है।")),
    ],
)
def test_text_is_cut_at_the_ends_of_sentences(text: str, expected: tuple[str, ...]) -> None:
    assert sentences(text) == expected


@pytest.mark.parametrize(
    ("text", "language", "count"),
    [
        ("Der Wecker klingelt am 3. März. Gut.", "de", 2),
        ("Das ist z.B. die Lampe. Gut.", "de_DE", 2),
        ("It was number 3. March on.", "en", 2),
    ],
)
def test_ordinal_numbers_end_no_sentence_where_they_have_a_dot(
    text: str, language: str, count: int
) -> None:
    assert len(sentences(text, language)) == count


def test_a_long_first_sentence_begins_with_its_first_clause() -> None:
    text = "Your pizza timer has ten minutes left, and the egg timer rings in two minutes. Good."
    assert pieces(text) == (
        "Your pizza timer has ten minutes left,",
        "and the egg timer rings in two minutes.",
        "Good.",
    )


def test_a_short_sentence_and_a_list_of_numbers_stay_whole() -> None:
    assert pieces("Okay, the lamp is on.") == ("Okay, the lamp is on.",)
    big = "There are now exactly 1,234,567 seconds left on the timer called pizza"
    assert pieces(big) == (big,)


@pytest.mark.parametrize("unit", ["word ", "word, ", "x", "灯", "a. "])
def test_no_piece_is_too_long_to_be_stopped(unit: str) -> None:
    text = unit * (10_000 // len(unit))
    found = pieces(text)
    assert max(len(piece) for piece in found) <= LONGEST
    assert "".join("".join(found).split()) == "".join(text.split())


@given(st.text(max_size=500))
def test_nothing_that_can_be_said_is_lost_or_empty(text: str) -> None:
    found = pieces(text)
    assert all(any(c.isalnum() for c in piece) for piece in found)
    said = [c for piece in found for c in piece if c.isalnum()]
    assert said == [c for c in text if c.isalnum()]
