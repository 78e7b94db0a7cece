"""A group of the bridge that opens more than its name tells: asked about, in a real household."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from brokers import Traffic, eventually, traffic_on
from zigbee import IEEE, OTHER, device, enum, numeric, of

from assistant.config import Settings
from assistant.home.mqtt.broker import EmbeddedBroker
from assistant.household import Household
from assistant.types import Request, Status

pytestmark = pytest.mark.household

COVER = of("cover", enum("state", "OPEN", "CLOSE", "STOP"), numeric("position", 0, 100))
GROUP, ROLLER = "7_cover_zigbee2mqtt", f"{IEEE}_cover_zigbee2mqtt"
OPENING = [("zigbee2mqtt/South side/set", {"state": "OPEN"})]


@asynccontextmanager
async def south_side(
    broker: EmbeddedBroker, tmp_path: Path, roller: str, home: str = "", **safety: Any
) -> AsyncIterator[tuple[Household, Traffic]]:
    """A household with two rollers, one called `roller`, which the bridge has in a group."""
    path = tmp_path / "home.yaml"
    path.write_text(home or "devices: []\n", "utf-8")
    settings = Settings.model_validate({
        "llm": {"enabled": False}, "home": str(path), "safety": safety,
        "mqtt": {"host": "127.0.0.1", "port": broker.port, "confirm_timeouts": {"cover": 0.1}},
    })  # fmt: skip
    members = [{"ieee_address": ieee, "endpoint": 1} for ieee in (IEEE, OTHER)]
    groups = [{"id": 7, "friendly_name": "South side", "members": members}]
    devices = [device(COVER, name=roller), device(COVER, name="Left roller", ieee=OTHER)]
    household = Household(settings, scratch=True)
    async with traffic_on(broker.port) as traffic:
        for topic, told in {"devices": devices, "groups": groups}.items():
            message = json.dumps(told)
            await traffic.client.publish(f"zigbee2mqtt/bridge/{topic}", message, 1, True)
        await household.start()
        try:
            await eventually(lambda: GROUP in household.home.devices)
            yield household, traffic
        finally:
            await household.stop()


def commands(traffic: Traffic) -> list[tuple[str, Any]]:
    """What the bridge was told, but for questions."""
    told = traffic.on("zigbee2mqtt/")
    return [(topic, json.loads(text)) for topic, text in told if topic.endswith("/set")]


@pytest.mark.parametrize(
    ("roller", "home", "safety"),
    [
        ("Garage door", "", {}),
        ("North roller", f"devices: [{{id: {ROLLER}, device_class: garage}}]", {}),
        ("North roller", "", {"confirm": [f"cover.open_cover:{ROLLER}"]}),
    ],
    ids=["by its name", "by the home file", "by its id in the settings"],
)
async def test_a_group_with_a_garage_door_in_it_is_opened_after_a_yes_only(
    embedded_broker: EmbeddedBroker, tmp_path: Path, roller: str, home: str, safety: Any
) -> None:
    async with south_side(embedded_broker, tmp_path, roller, home, **safety) as (household, wire):
        turn = await household.ask(Request("open the south side"))
        assert turn.question, turn.reply
        assert [r.status for r in turn.results] == [Status.AWAITING_CONFIRMATION]
        await household.ask(Request("no"))
        turn = await household.ask(Request("close the south side"))
        assert not turn.question
        await eventually(lambda: commands(wire))
        assert commands(wire) == [("zigbee2mqtt/South side/set", {"state": "CLOSE"})]
        await household.ask(Request("open the south side"))
        await household.ask(Request("yes"))
        await eventually(lambda: commands(wire)[1:])
        assert commands(wire)[1:] == OPENING


async def test_a_group_of_plain_rollers_is_opened_at_once(
    embedded_broker: EmbeddedBroker, tmp_path: Path
) -> None:
    async with south_side(embedded_broker, tmp_path, "North roller") as (household, wire):
        assert not (await household.ask(Request("open the south side"))).question
        await eventually(lambda: commands(wire))
        assert commands(wire) == OPENING


async def test_a_member_that_is_not_exposed_stays_as_it_is_while_the_others_move(
    embedded_broker: EmbeddedBroker, tmp_path: Path
) -> None:
    home = f"devices: [{{id: {ROLLER}, exposed: false}}]"
    async with south_side(embedded_broker, tmp_path, "North roller", home) as (household, wire):
        turn = await household.ask(Request("open the south side"))
        told = {r.action.device: r.status for r in turn.results}
        assert told.pop(ROLLER) is Status.REFUSED
        assert list(told) == [f"{OTHER}_cover_zigbee2mqtt"]
        await eventually(lambda: commands(wire))
        assert commands(wire) == [("zigbee2mqtt/Left roller/set", {"state": "OPEN"})]


async def test_a_group_none_of_whose_members_is_exposed_does_nothing_and_says_so(
    embedded_broker: EmbeddedBroker, tmp_path: Path
) -> None:
    other = f"{OTHER}_cover_zigbee2mqtt"
    home = f"devices: [{{id: {ROLLER}, exposed: false}}, {{id: '{other}', hidden: true}}]"
    async with south_side(embedded_broker, tmp_path, "North roller", home) as (household, wire):
        turn = await household.ask(Request("open the south side"))
        assert turn.failed
        assert {r.status for r in turn.results} == {Status.REFUSED}
        assert commands(wire) == []
        assert "not" in turn.reply
