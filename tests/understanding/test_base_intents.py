"""Every intent of Home Assistant's package is handled, or docs/intents.md says why it is not."""

from __future__ import annotations

import re
from pathlib import Path

from assistant.skills.registry import handled_intents
from assistant.understanding.language import available_languages, base_language
from assistant.understanding.loading import HANDLED, Sentences

_DOCS = Path(__file__).parents[2] / "docs" / "intents.md"
_SECTION = "## What is not taken from Home Assistant"


def _packaged() -> set[str]:
    from home_assistant_intents import get_intents

    bases = {base for language in available_languages() if (base := base_language(language))}
    return {name for base in bases for name in (get_intents(base) or {}).get("intents", {})}


def _listed() -> set[str]:
    section = _DOCS.read_text("utf-8").partition(_SECTION)[2].partition("\n## ")[0]
    return set(re.findall(r"^\| `(\w+)` \| \S", section, re.MULTILINE))


def test_every_intent_of_the_package_is_handled_or_listed_with_the_reason() -> None:
    packaged, listed = _packaged(), _listed()
    assert len(packaged) >= 42
    handled = HANDLED | handled_intents()
    assert packaged <= handled | listed, f"new in the package: {packaged - handled - listed}"
    assert listed <= packaged - handled, f"listed, but handled or gone: {listed & handled}"


def test_languages_without_sentences_of_ours_announce_and_list_in_free_words() -> None:
    intents = Sentences.of("fr").intents.intents
    assert {"HassBroadcast", "HassShoppingListAddItem", "HassRespond"} <= intents.keys()
