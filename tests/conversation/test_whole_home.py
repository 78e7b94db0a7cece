"""Sentences to one of each component, simulated on the embedded broker: what really happens."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
import yaml
from full_home import AREAS, DEVICES, FLOORS, STATES

from assistant.config import Settings
from assistant.home.devices import Features
from assistant.household import Household
from assistant.types import Request, Status

pytestmark = pytest.mark.household

CASES = [
    ("set the floor lamp to rainbow", "lamp", {"effect": "Rainbow"}),
    ("set the ceiling fan to turbo", "fan", {"preset_mode": "turbo"}),
    ("oscillate the ceiling fan", "fan", {"oscillating": True}),
    ("set the ceiling fan direction to reverse", "fan", {"direction": "reverse"}),
    ("tilt the office blind to 30 percent", "blind", {"tilt": 30}),
    ("keep the air conditioner between 19 and 23 degrees", "ac",
     {"target_temp_low": 19, "target_temp_high": 23}),
    ("set the air conditioner to boost mode", "ac", {"preset_mode": "boost"}),
    ("set the fan mode of the air conditioner to high", "ac", {"fan_mode": "high"}),
    ("set the swing mode of the air conditioner to both", "ac", {"swing_mode": "both"}),
    ("set the humidifier to 60 percent", "dry", {"humidity": 60}),
    ("set the humidifier to sleep mode", "dry", {"mode": "sleep"}),
    ("set the boiler to 55 degrees", "boiler", {"temperature": 55}),
    ("switch the boiler to performance mode", "boiler", {"operation_mode": "performance"}),
    ("pause rosie", "robot", {"value": "paused"}),
    ("mow the lawn", "mower", {"value": "mowing"}),
    ("sound the hall siren", "siren", {"power": "on"}),
    ("arm the alarm for the night", "alarm", {"alarm": "armed_night"}),
    ("set the dishwasher program to quick wash", "program", {"value": "quick_wash"}),
    ("set the heating offset to minus two", "offset", {"value": -2}),
    ("set the door sign to back soon", "sign", {"value": "back soon"}),
]  # fmt: skip


def _described() -> str:
    devices = []
    for device in DEVICES:
        plain = {f.name: f.default for f in dataclasses.fields(Features)}
        given = {k: v for k, v in dataclasses.asdict(device.features).items() if v != plain[k]}
        about = {"id": device.id, "name": device.name, "type": device.type, "area": device.area,
                 "aliases": list(device.aliases), "device_class": device.device_class,
                 "exposed": device.exposed, "features": given,
                 "state": STATES.get(device.id)}  # fmt: skip
        devices.append({k: _plain(v) for k, v in about.items() if v is not None})
    areas = [{"id": a.id, "name": a.name, "floor": a.floor} for a in AREAS]
    floors = [{"id": f.id, "name": f.name, "aliases": list(f.aliases)} for f in FLOORS]
    areas = [{k: v for k, v in area.items() if v} for area in areas]
    return yaml.safe_dump({"floors": floors, "areas": areas, "devices": devices})


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def household(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Household]:
    path = tmp_path_factory.mktemp("home") / "home.yaml"
    path.write_text(_described(), "utf-8")
    settings = Settings.model_validate({"llm": {"enabled": False}, "mqtt": {"port": 18847}})
    made = Household(settings, home_file=path, scratch=True)
    await made.start()
    yield made
    await made.stop()


@pytest.mark.parametrize(("said", "device", "state"), CASES)
@pytest.mark.asyncio(loop_scope="module")
async def test_a_sentence_changes_the_device_and_is_confirmed_by_it(
    household: Household, said: str, device: str, state: dict[str, object]
) -> None:
    turn = await household.ask(Request(said))
    told = [(r.status, r.detail) for r in turn.results]
    assert [status for status, _ in told] == [Status.CONFIRMED], (turn.reply, told)
    shown = household.home.state(device)
    assert {key: shown.get(key) for key in state} == state


@pytest.mark.asyncio(loop_scope="module")
async def test_a_lock_with_a_code_opens_for_the_right_code_only(household: Household) -> None:
    assert (await household.ask(Request("unlock the safe"))).question
    turn = await household.ask(Request("nine nine nine nine"))
    assert [result.status for result in turn.results] == [Status.NO_ANSWER]
    assert turn.reply == "The safe did not do it; perhaps the code was wrong."
    assert household.home.state("safe")["lock"] == "locked"
    await household.ask(Request("unlock the safe"))
    turn = await household.ask(Request("one two three four"))
    assert [result.status for result in turn.results] == [Status.CONFIRMED]
    assert "1234" not in repr(turn)


@pytest.mark.asyncio(loop_scope="module")
async def test_what_is_not_exposed_is_never_commanded(household: Household) -> None:
    turn = await household.ask(Request("turn off all the lights"))
    assert "cellar" not in {result.action.device for result in turn.results}
    assert (await household.ask(Request("turn on the cellar lamp"))).failed
