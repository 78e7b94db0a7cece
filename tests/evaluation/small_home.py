"""A small home for the scoring, and turns in it."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.home.file.reading import parse_home
from assistant.home.model import Home
from assistant.types import Action, ActionResult, Intent, Status, Tier, Turn

HOME = """
areas: [{id: den, name: Den}]
devices:
  - {id: lamp, name: Lamp, area: den, type: light, state: {power: "on", brightness_pct: 60},
     features: {brightness: true, color: true, color_temp: [2200, 6500]}}
  - {id: spots, name: Spots, area: den, type: light, features: {brightness: true}}
  - {id: blind, name: Blind, area: den, type: cover, device_class: blind,
     features: {position: true}, state: {cover: open, position: 100}}
  - {id: fan, name: Fan, area: den, type: fan, features: {percentage: true}}
  - {id: radio, name: Radio, area: den, type: media_player, state: {media: playing, volume_pct: 40}}
  - {id: heater, name: Heater, area: den, type: climate, state: {hvac_mode: heat, temperature: 20}}
  - {id: door, name: Door, area: den, type: lock, state: {lock: locked}}
"""


def home() -> Home:
    return parse_home(HOME, "home.yaml").to_home()


def action(text: str) -> Action:
    """The action of "light.turn_on lamp brightness_pct=40"."""
    service, device, *fields = text.split()
    data = dict(field.partition("=")[::2] for field in fields)
    return Action(service, device, {key: _value(value) for key, value in data.items()})


def turn(
    reply: str = "Done.",
    *,
    did: Sequence[str] = (),
    asks: Sequence[str] = (),
    intents: Sequence[str] = (),
    question: bool = False,
    failed: bool = False,
) -> Turn:
    """A turn that did commands, asks about others, or neither."""
    results = [ActionResult(action(text), Status.DRY_RUN) for text in did]
    results += [ActionResult(action(text), Status.AWAITING_CONFIRMATION) for text in asks]
    return Turn(
        id="1", text="", language="en", area=None, tier=Tier.LLM,
        intents=tuple(Intent(name) for name in intents), results=tuple(results), reply=reply,
        question=question or bool(asks), failed=failed,
    )  # fmt: skip


def _value(text: str) -> str | float | bool:
    if text in ("true", "false"):
        return text == "true"
    try:
        return float(text)
    except ValueError:
        return text
