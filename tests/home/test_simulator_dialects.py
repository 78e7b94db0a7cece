"""Every kind of device in every dialect: found, commanded, confirmed, and really in that state.

The simulator's side is written from the public pages named in its modules, the bus's side by
others from the same pages: where the two misunderstand each other, a test here fails.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import buses
import pytest
from brokers import Mosquitto, eventually, traffic_on
from every_device import DEVICES, HOME, ORDERS

from assistant.config import ConfirmTimeouts, MqttSettings
from assistant.home.devices import Device, Features
from assistant.home.file.reading import HomeFile, parse_home
from assistant.home.model import Home
from assistant.home.mqtt.broker import EmbeddedBroker
from assistant.home.mqtt.bus import MqttBus
from assistant.home.simulator import Simulator, Speaks
from assistant.home.simulator.behaviour import CODE
from assistant.types import Action, Status

DIALECTS = [str(dialect) for dialect in Speaks]
PATIENCE = ConfirmTimeouts(lock=1.5, alarm_control_panel=1.5)
SILENT_KINDS = {"button.press", "scene.turn_on", "vacuum.locate"}
"""What no state ever shows."""


@pytest.fixture(
    params=["embedded_broker", pytest.param("mosquitto", marks=pytest.mark.broker)],
    ids=["embedded", "mosquitto"],
)
def broker(request: pytest.FixtureRequest) -> EmbeddedBroker | Mosquitto:
    """The broker of our own, and a real Eclipse Mosquitto."""
    found: EmbeddedBroker | Mosquitto = request.getfixturevalue(request.param)
    return found


@asynccontextmanager
async def inhabited(
    port: int, dialect: str, file: HomeFile = HOME, **options: Any
) -> AsyncIterator[tuple[Simulator, MqttBus, Home]]:
    """A simulated home and a bus that is connected to it."""
    home = Home()
    settings = MqttSettings(host="127.0.0.1", port=port, confirm_timeouts=PATIENCE)
    bus = MqttBus(settings, home)
    simulator = Simulator(file, settings, dialect=dialect, **{"latency_s": 0.0, **options})
    await simulator.start()
    await bus.start()
    try:
        yield simulator, bus, home
    finally:
        await bus.stop()
        await simulator.stop()


def found(home: Home, device: Device) -> Device | None:
    """What became of a simulated device in the home: of its type, and named after it."""
    for known in home.devices.values():
        named = known.name == device.name or known.name.startswith(f"{device.name} ")
        if named and known.type == device.type and known.exposed:
            return known
    return None


async def all_found(home: Home, file: HomeFile = HOME) -> dict[str, str]:
    """Ids in the home by ids in the file, once all are there and available."""

    def there() -> bool:
        those = [found(home, device) for device in file.devices]
        return all(one is not None and home.available(one.id) for one in those)

    with contextlib.suppress(pytest.fail.Exception):
        await eventually(there, 10)
    missing = [device.id for device in file.devices if found(home, device) is None]
    assert missing == []
    ids = {device.id: one.id for device in file.devices if (one := found(home, device))}
    assert [key for key, known in ids.items() if not home.available(known)] == []
    return ids


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_every_kind_of_device_is_found_and_does_what_it_is_told(
    broker: EmbeddedBroker | Mosquitto, dialect: str
) -> None:
    async with inhabited(broker.port, dialect) as (simulator, bus, home):
        ids = await all_found(home)
        faults: list[object] = []

        async def one_after_the_other(device_id: str) -> None:
            for device, service, data, wanted in ORDERS:
                if device != device_id:
                    continue
                (result,) = await bus.perform([Action(service, ids[device], data)])
                expected = Status.SENT if service in SILENT_KINDS else Status.CONFIRMED
                with contextlib.suppress(pytest.fail.Exception):
                    await eventually(
                        lambda d=device, w=wanted: w.items() <= simulator.state(d).items(), 1
                    )
                state = simulator.state(device)
                if result.status is not expected or not wanted.items() <= state.items():
                    faults.append((service, device, result.status, result.detail, state))

        await asyncio.gather(*(one_after_the_other(device.id) for device in DEVICES))
        assert faults == []


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_states_at_the_start_changes_by_hand_and_presses_are_seen(
    broker: EmbeddedBroker | Mosquitto, dialect: str
) -> None:
    async with inhabited(broker.port, dialect, report_s=1.0) as (simulator, _, home):
        ids = await all_found(home)
        for device, state in HOME.states.items():
            await eventually(lambda d=device, s=state: s.items() <= home.state(ids[d]).items(), 15)
        await simulator.change("outdoor", {"value": -3})
        await simulator.change("door", {"value": "off"})
        await simulator.change("kettle", {"power": "on"})
        await eventually(lambda: home.state(ids["outdoor"]).get("value") == -3)
        await eventually(lambda: home.state(ids["door"]).get("value") == "off")
        await eventually(lambda: home.state(ids["kettle"]).get("power") == "on")
        for remote, press in (("remote", "double"), ("pushbutton", "long_push")):
            await simulator.change(remote, {"event": press})
            await eventually(lambda r=remote: home.state(ids[r]).get("event") is not None)


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_what_a_dialect_has_no_words_for_is_told_and_announced_otherwise(
    dialect: str,
) -> None:
    simulator = Simulator(HOME, buses.settings(1), dialect=dialect)
    unspoken = simulator.unspoken
    assert {"boiler", "guard", "radio"} <= unspoken.keys() or "homeassistant" in dialect
    assert "kettle" not in unspoken
    for device_id, thing in simulator.things.items():
        elsewhere = device_id in unspoken or "homeassistant" in dialect
        assert thing.known_as.startswith("simulated/") == elsewhere


async def test_a_wrong_code_opens_nothing(broker: EmbeddedBroker | Mosquitto) -> None:
    async with inhabited(broker.port, "homeassistant") as (simulator, bus, home):
        ids = await all_found(home)
        results = await bus.perform(
            [
                Action("lock.unlock", ids["safe"], {"code": "0000"}),
                Action("alarm_control_panel.alarm_arm_away", ids["guard"], {"code": "0000"}),
            ]
        )
        assert [result.status for result in results] == [Status.NO_ANSWER, Status.NO_ANSWER]
        assert simulator.state("safe")["lock"] == "locked"
        assert simulator.state("guard")["alarm"] == "disarmed"


GROUPED = HomeFile(
    devices=(
        Device("left", "Left lamp", "light", features=Features(brightness=True)),
        Device("right", "Right lamp", "light", features=Features(brightness=True)),
        Device(
            "both", "Both lamps", "light",
            features=Features(brightness=True), members=("left", "right"),
        ),
        Device("named", "Named lamps", "light", members=("left", "right"), virtual=True),
    )
)  # fmt: skip


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_a_group_takes_its_members_with_it(
    broker: EmbeddedBroker | Mosquitto, dialect: str
) -> None:
    spoken = HomeFile(devices=GROUPED.devices[:3])
    async with inhabited(broker.port, dialect, GROUPED) as (simulator, bus, home):
        ids = await all_found(home, spoken)
        assert "named" not in simulator.things
        order = Action("light.turn_on", ids["both"], {"brightness_pct": 30})
        (result,) = await bus.perform([order])
        assert result.status is Status.CONFIRMED
        await eventually(lambda: simulator.state("left")["power"] == "on")
        await eventually(lambda: home.state(ids["right"]).get("power") == "on")
        if dialect == "zigbee2mqtt":
            assert set(home.devices[ids["both"]].members) == {ids["left"], ids["right"]}


async def test_an_alarm_gives_time_to_leave_the_house(broker: EmbeddedBroker | Mosquitto) -> None:
    async with inhabited(broker.port, "homeassistant", arming_s=0.3) as (_, bus, home):
        ids = await all_found(home)
        seen: list[object] = []
        home.on_state(lambda device: seen.append(home.state(ids["guard"]).get("alarm")))
        order = Action("alarm_control_panel.alarm_arm_away", ids["guard"], {"code": CODE})
        await bus.perform([order])
        await eventually(lambda: seen[-1:] == ["armed_away"])
        assert "arming" in seen


async def test_groups_of_the_home_file_are_groups_of_the_zigbee_mesh(
    broker: EmbeddedBroker | Mosquitto,
) -> None:
    file = parse_home(
        """
        devices:
          - {id: left, name: Left lamp, type: light, features: [brightness], state: off}
          - {id: right, name: Right lamp, type: light, features: [brightness], state: off}
          - {id: radio, name: Radio, type: media_player}
        groups:
          - {id: both, name: Both lamps, members: [Left lamp, right]}
          - {id: all, name: All of it, members: [Left lamp, Radio]}
        """,
        "groups",
    )
    async with inhabited(broker.port, "zigbee2mqtt", file) as (simulator, bus, home):
        ids = await all_found(home, file)
        await eventually(lambda: any(device.members for device in home.devices.values()))
        (group,) = [device for device in home.devices.values() if device.members]
        assert group.name == "Both lamps"
        assert set(group.members) == {ids["left"], ids["right"]}
        (result,) = await bus.perform([Action("light.turn_on", group.id)])
        assert result.status is Status.CONFIRMED
        await eventually(lambda: simulator.state("right")["power"] == "on")
        assert "all" not in simulator.things


async def test_a_colour_light_of_tasmota_has_its_schemes(
    broker: EmbeddedBroker | Mosquitto,
) -> None:
    async with inhabited(broker.port, "tasmota") as (simulator, bus, home):
        ids = await all_found(home)
        (result,) = await bus.perform([Action("light.turn_on", ids["strip"], {"effect": "Random"})])
        assert result.status is Status.CONFIRMED
        assert simulator.state("strip")["effect"] == "Random"


async def test_a_shelly_answers_whoever_asks_and_refuses_what_it_does_not_know(
    broker: EmbeddedBroker | Mosquitto,
) -> None:
    """Frames: shelly-api-docs.shelly.cloud/gen2/General/RPCProtocol."""
    kettle = HomeFile(devices=(Device("kettle", "Kettle", "switch"),))
    simulator = Simulator(kettle, buses.settings(broker.port), dialect="shelly", latency_s=0)
    await simulator.start()
    name = simulator.things["kettle"].known_as
    requests: list[tuple[str, dict[str, Any], Callable[[dict[str, Any]], object]]] = [
        ("Shelly.GetDeviceInfo", {}, lambda told: told["result"]["id"] == name),
        ("switch.getstatus", {"id": 0}, lambda told: told["result"]["output"] is False),
        ("Switch.Set", {"id": 0, "on": True}, lambda told: told["result"] == {"was_on": False}),
        ("Switch.Set", {"id": 0, "on": "yes"}, lambda told: told["error"]["code"] == -103),
        ("Switch.Set", {"id": 7, "on": True}, lambda told: told["error"]["code"] == -103),
        ("Cover.Open", {"id": 0}, lambda told: told["error"]["code"] == 404),
    ]
    try:
        async with traffic_on(broker.port) as traffic:
            for number, (method, params, _) in enumerate(requests):
                frame = {"id": number, "src": "tester", "method": method, "params": params}
                await traffic.client.publish(f"{name}/rpc", json.dumps(frame), qos=1)
            await eventually(lambda: len(traffic.on("tester/rpc")) == len(requests))
            told = {frame["id"]: frame for _, text in traffic.on("tester/rpc")
                    if (frame := json.loads(text))}  # fmt: skip
            for number, (method, _, right) in enumerate(requests):
                assert right(told[number]), (method, told[number])
    finally:
        await simulator.stop()
