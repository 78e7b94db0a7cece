"""Which questions the documents answer, with what, in four languages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from assistant.knowledge.asking import SPOKEN, NotThere, Quote, answer, shortened
from assistant.knowledge.index import Index
from assistant.knowledge.terms import terms

TABLE: dict[str, Any] = yaml.safe_load(
    Path(__file__).with_name("questions.yaml").read_text(encoding="utf-8")
)
CASES = [(language, *[*case, ""][:3]) for language, of in TABLE.items() for case in of["cases"]]


@pytest.fixture(scope="module")
def indexes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Index]:
    made = {}
    for language, of in TABLE.items():
        folder = tmp_path_factory.mktemp(language)
        for name, text in of["documents"].items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
        made[language] = Index(folder, None)
        made[language].refresh()
    return made


@pytest.mark.parametrize(("language", "question", "expected", "part"), CASES)
def test_a_question_is_answered_from_the_right_document_or_not_at_all(
    indexes: dict[str, Index], language: str, question: str, expected: str, part: str
) -> None:
    found = answer(question, language, indexes[language])
    if expected == "none":
        assert found is None
    elif expected == "not_there":
        assert isinstance(found, NotThere)
    else:
        assert isinstance(found, Quote)
        assert found.file == expected
        assert part in found.text


def test_a_long_passage_is_shortened_to_whole_sentences_about_the_matter() -> None:
    text = (
        "Nothing of interest is here. " * 12 + "The salt goes into the left side. " + "More. " * 90
    )
    said = shortened(text, terms("salt"))
    assert said.startswith("The salt goes into the left side. More.")
    assert len(said) <= SPOKEN
    assert said.endswith(".")


def test_one_endless_sentence_is_cut_at_a_word() -> None:
    said = shortened("salt " * 400, terms("salt"))
    assert len(said) <= SPOKEN + 2
    assert said.endswith("salt …")


def test_a_question_that_is_a_search_expression_is_only_words(indexes: dict[str, Index]) -> None:
    for question in (
        'what is "salt',
        "what is salt* OR NEAR(filter)",
        "what is '; DROP TABLE",
        "?",
    ):
        answer(question, "en", indexes["en"])
    assert isinstance(answer("when are the quiet hours", "en", indexes["en"]), Quote)
