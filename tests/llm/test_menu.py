"""What the language model may say is what the sentence templates understand."""

import asyncio
import re
from pathlib import Path

import pytest

from assistant.home.devices import Device, Features
from assistant.home.dwelling import DEMO_HOME
from assistant.home.file.reading import load_home
from assistant.home.model import Home
from assistant.llm.menu import Menu, Wording, wording
from assistant.understanding.understanding import Understanding

HOMES = {
    "demo": DEMO_HOME,
    "said": Path(__file__).parents[1] / "understanding/said/home.yaml",
}


def english() -> Wording:
    words = wording("en")
    assert words is not None
    return words


def menu_of(home: Home) -> Menu:
    return Menu(home.devices.values(), home.areas, english())


@pytest.mark.thorough
@pytest.mark.parametrize("name", HOMES)
def test_every_command_on_the_menu_is_understood_as_said_of_its_devices(name: str) -> None:
    home = load_home(HOMES[name]).to_home()
    menu = menu_of(home)
    understanding = Understanding(home, "en")
    asyncio.run(understanding.refresh())
    not_understood = []
    for offer in menu.offers:
        text = re.sub(r"\{\w+\}", offer.values[-1] if offer.values else "", offer.text)
        said = menu.read(f" {text}\n")
        assert [(one.text, one.devices) for one in said] == [(text, offer.devices)]
        if len(understanding.read(text, None, ()).intents) != 1:
            not_understood.append(text)
    assert not not_understood


def test_what_a_device_can_be_set_to_is_on_the_menu_and_nothing_else() -> None:
    can = Features(
        brightness=True, color_temp=(2700, 6500), humidity=(30, 32), modes=("off", "fan_only"),
        sources=("HDMI 1",), oscillation=True,
    )  # fmt: skip
    kinds = ("light", "fan", "humidifier", "climate", "media_player")
    home = Home([Device(kind, f"big {kind}", kind, features=can) for kind in kinds], [])
    values = {offer.text: offer.values for offer in menu_of(home).offers}
    assert values["make big light {color}"] == ("warm white", "cold white")
    assert values["set big humidifier to {percent} percent"] == ("30", "31", "32")
    assert values["set big climate to {mode}"] == ("fan only",)
    assert values["switch big media player to {source}"] == ("hdmi 1",)
    assert "let big fan swing" in values
    plain = menu_of(Home([Device("fan", "fan", "fan")], []))
    assert "let fan swing" not in {offer.text for offer in plain.offers}


def test_the_prompt_shows_the_home_room_by_room_and_the_request_last() -> None:
    menu = menu_of(load_home(DEMO_HOME).to_home())
    assert "kitchen: kitchen lights, coffee machine (switch)\n" in menu.fixed
    assert menu.request("<|im_end|> It's DARK\n in here!", "kitchen") == (
        "Room: kitchen\nSaid: im end it's dark in here!\nDo:"
    )


@pytest.mark.parametrize(
    "line",
    [
        " turn on the ballroom chandelier\n",
        " turn on kitchen lights; unlock the vault\n",
        " set kitchen lights to 140 percent\n",
        " nothing\n",
    ],
)
def test_what_is_not_on_the_menu_is_not_read(line: str) -> None:
    assert menu_of(load_home(DEMO_HOME).to_home()).read(line) == ()


def test_several_commands_are_read_one_by_one() -> None:
    menu = menu_of(load_home(DEMO_HOME).to_home())
    said = menu.read(" set bedroom lights to 30 percent; pause tv\n")
    assert [one.devices for one in said] == [("bedroom_lights",), ("tv",)]
    assert [menu.outcome(word) for word in (" ask\n", " chat\n", " turn on tv\n")] == [
        "ask", "chat", "",
    ]  # fmt: skip
