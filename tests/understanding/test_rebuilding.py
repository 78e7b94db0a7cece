"""A language is read once; a home that changes is put into it beside the loop."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from hassil.expression import TextChunk
from hassil.intents import Intents, RangeSlotList, SlotList, TextSlotList, TextSlotValue
from hassil.recognize import recognize_all
from hypothesis import given
from hypothesis import strategies as st
from spoken_home import spoken_home
from unicode_rbnf import RbnfEngine

from assistant.errors import ConfigError
from assistant.home.devices import Device
from assistant.home.model import Home
from assistant.understanding import understanding as entrance
from assistant.understanding.language import LanguageData
from assistant.understanding.names import HomeNames, home_names
from assistant.understanding.outline import Outline
from assistant.understanding.own import read_own
from assistant.understanding.repair import repair
from assistant.understanding.spelled import number_engine, number_words
from assistant.understanding.spoken_list import SpokenList
from assistant.understanding.understanding import Understanding


async def test_a_changed_home_does_not_make_the_language_be_read_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    home = spoken_home()
    understanding = Understanding(home, "en")
    await understanding.refresh()

    def again(*_: object) -> None:
        raise AssertionError("the templates were looked through again")

    monkeypatch.setattr(Outline, "__init__", again)
    home.put(Device("pump", "Aquarium pump", "switch", "living"))
    understood = await understanding.understand("turn on the aquarium pump", area=None)
    assert [intent.device_ids for intent in understood.intents] == [("pump",)]


async def test_the_names_of_a_changed_home_are_found_off_the_loop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    home = spoken_home()
    understanding = Understanding(home, "en")
    threads: list[int] = []

    def noted(of: Home, data: LanguageData) -> HomeNames:
        threads.append(threading.get_ident())
        home.remove("pump")  # what changes meanwhile is not in it, and makes it be built again
        assert "pump" in of.devices
        return home_names(of, data)

    monkeypatch.setattr(entrance, "home_names", noted)
    home.put(Device("pump", "Aquarium pump", "switch", "living"))
    await understanding.refresh()
    monkeypatch.setattr(entrance, "home_names", home_names)
    assert threads != [threading.get_ident()]
    assert not (await understanding.understand("turn on the aquarium pump", area=None)).intents


async def test_a_change_that_renames_nothing_leaves_the_templates_as_they_are() -> None:
    home = spoken_home()
    understanding = Understanding(home, "en")
    await understanding.refresh()
    before = understanding.templates
    lamp = next(device for device in home.devices.values() if device.type == "light")
    version = home.version
    home.put(replace(lamp, hardware="another box"))
    assert home.version > version
    await understanding.refresh()
    assert understanding.templates is before
    home.put(replace(lamp, name="Zebra lamp"))
    understood = await understanding.understand("turn on the zebra lamp", area=None)
    assert [intent.device_ids for intent in understood.intents] == [(lamp.id,)]


_CIRCLE = (
    "intents: {Go: {data: [{sentences: ['go <there>']}]}}\n"
    "expansion_rules: {there: 'to <place>', place: '(home|<there>)'}\n"
)


def test_a_rule_that_contains_itself_is_refused_and_named(tmp_path: Path) -> None:
    path = tmp_path / "circle.yaml"
    path.write_text(_CIRCLE, "utf-8")
    with pytest.raises(ConfigError, match=r"itself.*circle\.yaml"):
        Understanding(spoken_home(), "en", extra_sentences=[path])
    own = read_own(tmp_path, "en")
    assert not own.files
    assert [mistake.line for mistake in own.mistakes] == [1]
    assert "contains itself" in own.mistakes[0].text


_TEXTS = st.text(alphabet="aIİıßs-_ '", min_size=1, max_size=7)


@given(st.lists(_TEXTS, max_size=6), _TEXTS)
def test_a_name_is_looked_up_as_in_hassils_list(names: list[str], said: str) -> None:
    values = [TextSlotValue(TextChunk(name), name) for name in names]
    intents = Intents.from_dict(
        {"language": "en", "intents": {"Say": {"data": [{"sentences": ["say {name} on"]}]}}}
    )

    def heard(of: SlotList) -> list[object]:
        results = recognize_all(f"say {said} on", intents, slot_lists={"name": of})
        return sorted(str(result.entities["name"].value) for result in results)

    assert heard(SpokenList("name", values)) == heard(TextSlotList("name", values))


@pytest.mark.parametrize("language", ["en", "de", "zh", "ko", "fr", "it"])
def test_numbers_are_spelled_as_by_the_untouched_engine(language: str) -> None:
    untouched = RbnfEngine.for_language(language)
    numbers = (-3, 0, 1, 1.0, 21, 21.5, 80, 147, 1999, 12_000)
    spelled = [number_engine(language).format_number(number) for number in (*numbers, *numbers)]
    assert spelled == [untouched.format_number(number) for number in (*numbers, *numbers)]
    words = number_words(RangeSlotList("n", 21, 21), language)
    assert words == {
        word
        for form in untouched.format_number(21).text_by_ruleset.values()
        for word in form.casefold().replace("-", " ").split()
    }


async def test_a_renamed_device_can_be_guessed_and_the_grammar_of_guesses_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    home = spoken_home()
    understanding = Understanding(home, "en")
    await understanding.prepare_to_guess()

    def again(*_: object, **__: object) -> None:
        raise AssertionError("the templates were taken apart again")

    monkeypatch.setattr(repair, "graph_of", again)
    home.put(Device("plug", "Samovar", "switch", "kitchen"))
    guess = await understanding.guess(["turn on the sanovar"], area=None)
    assert [intent.device_ids for intent in guess.intents] == [("plug",)]
