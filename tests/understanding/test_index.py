"""The index leaves out only templates that could not have matched."""

from __future__ import annotations

import pytest
import said_cases

from assistant.understanding.index import Index
from assistant.understanding.understanding import Understanding


@pytest.mark.thorough
@pytest.mark.parametrize("language", ["en", "de", "zh", "ko", "fr", "hi"])
def test_every_reading_is_found_that_trying_all_templates_finds(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = language if language in said_cases.LANGUAGES else "en"
    understanding = Understanding(
        said_cases.load_home(said_cases.SAID / "home.yaml").to_home(), language
    )
    texts = [
        (str(turn["say"]), turn.get("in"))
        for case in said_cases.cases(said)[::8]
        for turn in case.turns
    ]
    if language == "fr":
        texts = [("allume la lumière de la Kitchen", None), ("éteins le TV", None),
                 ("règle la luminosité de Floor lamp à 40%", None)]  # fmt: skip
    quick = [understanding.read(text, area) for text, area in texts]
    monkeypatch.setattr(Index, "_made_of", lambda _self, _words, among: among)
    monkeypatch.setattr(Index, "_holds", lambda *_: True)
    for intent in understanding.templates.intents.intents.values():
        for sentence in (one for block in intent.data for one in block.sentences):
            sentence.required_clauses = None  # hassil's own
    thorough = [understanding.read(text, area) for text, area in texts]
    assert quick == thorough
    assert language == "hi" or any(read.intents for read in quick)


def test_a_word_that_no_template_has_ends_the_search() -> None:
    home = said_cases.load_home(said_cases.SAID / "home.yaml").to_home()
    index = Understanding(home, "en").templates._index
    assert not index.candidates("turn on the xylophone", -1).intents
    assert index.candidates("turn on the floor lamps", -1).intents
