from __future__ import annotations

from assistant.skills.registry import handled_intents, skill_for
from assistant.understanding.language import available_languages, own_folder
from assistant.understanding.loading import HANDLED, Sentences

RESOLVED_BEFORE = {"AssistantFollowUp", "AssistantChoose"}
"""What was said before, or asked, makes another intent of these."""


def test_every_intent_that_can_be_understood_has_a_skill() -> None:
    assert handled_intents() >= HANDLED
    for language in ("en", "de", "ko", "zh"):
        for name in Sentences.of(language).intents.intents.keys() - RESOLVED_BEFORE:
            assert skill_for(name) is not None, name


def test_every_language_of_the_base_package_loads() -> None:
    languages = available_languages()
    assert len(languages) > 50
    for language in ("fr", "es", "it", "ja", "nl", "pt-BR", "sv", "uk"):
        assert Sentences.of(language).intents.intents
        assert own_folder(language) is None
