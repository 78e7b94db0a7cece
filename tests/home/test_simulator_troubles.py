"""What goes wrong in a simulated home: the same for the same seed, and survived by the bus."""

from __future__ import annotations

import gc
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiomqtt
import buses
import pytest
from brokers import eventually, traffic_on
from every_device import HOME

from assistant.config import MqttSettings
from assistant.errors import ConfigError
from assistant.home.devices import Device, Features
from assistant.home.file.reading import HomeFile
from assistant.home.model import Home
from assistant.home.mqtt.broker import EmbeddedBroker
from assistant.home.mqtt.bus import MqttBus
from assistant.home.simulator import Happening, Simulator, Speaks, Troubles
from assistant.home.simulator.generated import generated_home
from assistant.types import Action, Status

DIALECTS = [str(dialect) for dialect in Speaks]
LAMPS = HomeFile(
    devices=tuple(
        Device(f"lamp_{n}", f"Lamp {n}", "light", features=Features(brightness=True))
        for n in range(8)
    )
)


@asynccontextmanager
async def troubled(
    port: int, file: HomeFile = LAMPS, **options: Any
) -> AsyncIterator[tuple[Simulator, MqttBus, Home, dict[str, str]]]:
    """A simulated home, and a bus that has found all its devices, by their ids in the file."""
    home = Home()
    settings = MqttSettings(host="127.0.0.1", port=port, confirm_timeout_s=0.3)
    bus = MqttBus(settings, home)
    simulator = Simulator(file, settings, **{"latency_s": 0.0, **options})
    await simulator.start()
    await bus.start()
    try:

        def ids() -> dict[str, str]:
            by_name = {device.name: device.id for device in home.devices.values()}
            return {d.id: by_name[d.name] for d in file.devices if d.name in by_name}

        await eventually(lambda: len(ids()) == len(file.devices), 10)
        await eventually(lambda: all(device in home.devices for device in ids().values()))
        yield simulator, bus, home, ids()
    finally:
        await bus.stop()
        await simulator.stop()


async def test_a_swallowed_command_changes_nothing_and_is_not_answered(
    embedded_broker: EmbeddedBroker,
) -> None:
    seen: list[Happening] = []
    options = {"troubles": Troubles(loss=1.0), "watch": seen.append}
    async with troubled(embedded_broker.port, **options) as (simulator, bus, _, ids):
        (result,) = await bus.perform([Action("light.turn_on", ids["lamp_0"])])
        assert result.status is Status.NO_ANSWER
        assert simulator.state("lamp_0")["power"] == "off"
        assert [(one.device.id, one.what) for one in seen] == [("lamp_0", "swallowed")]


async def _swallowed(seed: int) -> list[str]:
    """Ids of the lamps that do not obey, of eight."""
    broker = EmbeddedBroker(0)
    await broker.start()
    try:
        troubles = Troubles(loss=0.5, seed=seed)
        async with troubled(broker.port, troubles=troubles) as (simulator, bus, _, ids):
            orders = [Action("light.turn_on", ids[device.id]) for device in LAMPS.devices]
            await bus.perform(orders)
            return [d.id for d in LAMPS.devices if simulator.state(d.id)["power"] == "off"]
    finally:
        await broker.stop()


async def test_the_same_seed_swallows_the_same_commands() -> None:
    first, again, other = [await _swallowed(seed) for seed in (4, 4, 5)]
    assert first == again
    assert first != other
    assert 0 < len(first) < len(LAMPS.devices)


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_devices_that_go_and_come_back_are_noticed_and_obey_again(
    embedded_broker: EmbeddedBroker, dialect: str
) -> None:
    troubles = Troubles(dropout=0.3, away_s=0.8)
    options = {"dialect": dialect, "troubles": troubles}
    gone: set[str] = set()
    back: set[str] = set()
    async with troubled(embedded_broker.port, **options) as (_, bus, home, ids):

        def look(device_id: str) -> None:
            if not home.available(device_id):
                gone.add(device_id)
            elif device_id in gone:
                back.add(device_id)

        home.on_state(look)
        await eventually(lambda: len(back) >= 3, 15)

        async def obeys() -> bool:
            orders = [Action("light.turn_on", ids[device.id]) for device in LAMPS.devices]
            results = await bus.perform(orders)
            return any(
                result.status is Status.CONFIRMED and result.action.device in back
                for result in results
            )

        assert any([await obeys() for _ in range(10)])


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_whoever_vanishes_without_goodbye_is_missed_at_once(
    embedded_broker: EmbeddedBroker, dialect: str
) -> None:
    async with troubled(embedded_broker.port, dialect=dialect) as (simulator, bus, home, ids):
        await eventually(lambda: all(home.available(one) for one in ids.values()))
        simulator.vanish("lamp_1")
        await eventually(lambda: not home.available(ids["lamp_1"]))
        bridged = dialect == "zigbee2mqtt"
        assert home.available(ids["lamp_2"]) is not bridged
        (result,) = await bus.perform([Action("light.turn_on", ids["lamp_1"])])
        assert result.status is Status.UNAVAILABLE
        simulator.come_back("lamp_1")
        await eventually(lambda: home.available(ids["lamp_1"]))
        await eventually(lambda: home.available(ids["lamp_2"]))
        (result,) = await bus.perform([Action("light.turn_on", ids["lamp_1"])])
        assert result.status is Status.CONFIRMED


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_rubbish_leaves_the_other_devices_working(
    embedded_broker: EmbeddedBroker, dialect: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    options = {"dialect": dialect, "troubles": Troubles(rubbish=1.0, seed=3)}
    async with traffic_on(embedded_broker.port) as traffic:
        async with troubled(embedded_broker.port, **options) as (simulator, bus, home, ids):
            (result,) = await bus.perform([Action("light.turn_on", ids["lamp_0"])])
            assert result.status is Status.NO_ANSWER
            await simulator.change("lamp_1", {"power": "on"})
            await eventually(lambda: home.state(ids["lamp_1"]).get("power") == "on")
        nonsense = [topic for topic, _ in traffic.heard if "nonsense" in topic or "BAD" in topic]
        assert nonsense or dialect in ("zigbee2mqtt", "shelly")
    assert caplog.records == []


NONSENSE = (
    b"", b"null", b"[]", b"{}", b"\xff\xfe", b"NaN", b"1e999", b"-1", b"[[[[", b"ON\x00",
    b"{" * 5000,
    b'{"state": []}', b'{"state": "ON", "brightness": 1e999, "color": 5, "color_temp": 0}',
    b'{"color": {"x": NaN, "y": 0}}', b'{"color": {"hex": "#12"}}', b'{"position": {"a": 1}}',
    b'{"speed": true, "fan_mode": 7, "occupied_heating_setpoint": "warm", "system_mode": []}',
    b'{"id": [], "src": "tester", "method": "Light.Set", "params": {"id": 0, "rgb": "red"}}',
    b'{"id": 1, "src": "tester", "method": "Cover.GoToPosition", "params": {"id": 0, "pos": []}}',
    b'{"id": 1, "src": "tester", "method": "Switch.Set", "params": [1]}',
    b'{"id": 1, "src": 7, "method": {}}', b'{"action": 5, "code": {}}',
)  # fmt: skip


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_simulated_devices_survive_nonsense_themselves(
    embedded_broker: EmbeddedBroker, dialect: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    options = {"dialect": dialect, "latency_s": 0.0}
    simulator = Simulator(HOME, buses.settings(embedded_broker.port), **options)
    await simulator.start()
    try:
        async with aiomqtt.Client("127.0.0.1", embedded_broker.port) as client:
            ends = {
                "zigbee2mqtt": ("set", "get", "set/state"), "shelly": ("rpc", "command/switch:0"),
                "tasmota": ("POWER", "Dimmer", "HSBColor", "Color", "CT", "Status", "FanSpeed",
                            "ShutterPosition1", "ShutterTilt1", "Scheme"),
            }  # fmt: skip
            starts = {"zigbee2mqtt": "zigbee2mqtt/", "tasmota": "cmnd/"}
            own = ("set", "set_temperature", "set_percentage", "set_volume", "set_tilt")
            of_a_kind = {thing.device.type: key for key, thing in simulator.things.items()}
            for device_id in of_a_kind.values():
                thing = simulator.things[device_id]
                elsewhere = device_id in simulator.unspoken or dialect not in ends
                start = "" if elsewhere else starts.get(dialect, "")
                for end in own if elsewhere else ends[dialect]:
                    for payload in NONSENSE:
                        await client.publish(f"{start}{thing.known_as}/{end}", payload)
            await eventually(lambda: len(simulator.received) > 200)
        await simulator.change("kettle", {"power": "on"})
    finally:
        await simulator.stop()
    gc.collect()
    assert caplog.records == []


@pytest.mark.parametrize(
    "given", [{"loss": 1.5}, {"dropout": 1.0}, {"rubbish": -0.1}, {"away_s": 0.0}]
)
def test_chances_that_are_none_are_refused(given: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match=next(iter(given))):
        Troubles(**given)


@pytest.mark.parametrize("count", [1, 12, 100, 1000])
def test_a_generated_home_has_rooms_floors_and_names_that_differ(count: int) -> None:
    home = generated_home(count, seed=1)
    assert len(home.devices) == count
    assert len({device.id for device in home.devices}) == count
    assert len({device.name for device in home.devices}) == count
    areas = {area.id for area in home.areas}
    assert {device.area for device in home.devices} <= areas
    assert {area.floor for area in home.areas} <= {floor.id for floor in home.floors}
    assert len({area.name for area in home.areas}) == len(home.areas)
    if count >= 100:
        assert len({device.type for device in home.devices}) >= 20


def test_the_same_seed_makes_the_same_home() -> None:
    assert generated_home(200, seed=5) == generated_home(200, seed=5)
    assert generated_home(200, seed=5) != generated_home(200, seed=6)
    with pytest.raises(ConfigError, match="1 to"):
        generated_home(0)
