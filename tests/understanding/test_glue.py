from __future__ import annotations

import pytest

from assistant.understanding.glued.glue import Glued, glued, glued_template
from assistant.understanding.language import load_yaml, sentence_files


@pytest.mark.parametrize(
    ("text", "tight"),
    [
        ("커피 머신 켜 줘", "커피머신켜줘"),
        ("타이머 10 분", "타이머10분"),
        ("把 Apple TV 打开", "把Apple TV打开"),
        ("turn on the TV", "turn on the TV"),
        ("", ""),
    ],
)
def test_spaces_beside_such_characters_say_nothing(text: str, tight: str) -> None:
    assert glued(text) == tight == Glued.of(text).text


def test_free_text_gets_its_spaces_back() -> None:
    said = Glued.of("내일 저녁 엄마한테 전화하기 알려 줘")
    start = said.text.index("엄마")
    assert said.spaced(start, start + len("엄마한테전화하기")) == "엄마한테 전화하기"


def test_templates_lose_the_same_spaces() -> None:
    assert glued_template("{name} [의][ ]밝기 {brightness}[ ](%|퍼센트) [좀] 해") == (
        "{name}[의]밝기{brightness}(%|퍼센트)[좀]해"
    )
    assert glued_template("set {name} to on") == "set {name} to on"


@pytest.mark.parametrize("language", ["de", "en", "ko", "zh"])
def test_no_two_files_of_a_language_call_different_rules_the_same(language: str) -> None:
    defined: dict[str, str] = {}
    for path in sentence_files(language):
        for name in load_yaml(path).get("expansion_rules") or {}:
            assert defined.setdefault(name, path.name) == path.name, f"<{name}> in {path.name} too"
