"""Simulated homes: announced, obeying, and misbehaving when asked to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import buses
import pytest
from brokers import eventually, free_port, traffic_on

from assistant.config import ConfirmTimeouts, MqttSettings
from assistant.errors import BrokerError
from assistant.home.file.reading import HomeFile, load_home, parse_home
from assistant.home.model import Home
from assistant.home.mqtt.broker import EmbeddedBroker
from assistant.home.mqtt.bus import MqttBus
from assistant.home.simulator import Simulator
from assistant.paths import packaged
from assistant.types import Action, Status

DEMO = load_home(Path(packaged("assistant/home/demo.yaml")))


@asynccontextmanager
async def simulated(
    port: int, file: HomeFile = DEMO, *, patience_s: float = 0.6, **options: Any
) -> AsyncIterator[tuple[Simulator, MqttBus, Home]]:
    home = Home()
    settings = MqttSettings(
        host="127.0.0.1", port=port, confirm_timeout_s=patience_s,
        confirm_timeouts=ConfirmTimeouts(media_player=0.6),
    )  # fmt: skip
    bus = MqttBus(settings, home)
    simulator = Simulator(file, settings, **{"latency_s": 0.0, **options})
    await simulator.start()
    await bus.start()
    try:
        await eventually(lambda: len(home.devices) == len(file.devices))
        yield simulator, bus, home
    finally:
        await bus.stop()
        await simulator.stop()


async def test_the_demo_home_is_discovered_as_it_was_written(
    embedded_broker: EmbeddedBroker,
) -> None:
    async with simulated(embedded_broker.port) as (_, _, home):
        for device in DEMO.devices:
            found = home.devices[device.id]
            assert (found.name, found.type, found.area, found.device_class, found.features) == (
                device.name, device.type, device.area, device.device_class, device.features,
            )  # fmt: skip
            state = DEMO.states[device.id]
            await eventually(lambda d=device, s=state: s.items() <= home.state(d.id).items())
            assert home.available(device.id)


ORDERS = [
    Action("light.turn_on", "kitchen_lights", {"brightness_pct": 40}),
    Action("light.turn_off", "living_room_lamp"),
    Action("light.turn_on", "office_light", {"color_name": "blue"}),
    Action("light.turn_on", "bedroom_lights", {"color_temp_kelvin": 3000}),
    Action("climate.set_temperature", "thermostat", {"temperature": 21}),
    Action("climate.turn_off", "thermostat"),
    Action("fan.turn_on", "fan", {"percentage": 33}),
    Action("media_player.turn_off", "tv"),
    Action("media_player.media_pause", "speaker"),
    Action("media_player.volume_set", "speaker", {"volume_level": 0.15}),
    Action("cover.open_cover", "garage_door"),
    Action("cover.close_cover", "left_blind"),
    Action("cover.set_cover_position", "right_blind", {"position": 30}),
    Action("lock.lock", "front_door"),
    Action("switch.turn_on", "coffee_machine"),
]


async def test_every_demo_device_obeys_and_confirms(embedded_broker: EmbeddedBroker) -> None:
    async with simulated(embedded_broker.port) as (simulator, bus, _):
        results = await bus.perform(ORDERS)
        assert [(r.action.service, r.status, r.detail) for r in results] == [
            (order.service, Status.CONFIRMED, "") for order in ORDERS
        ]
        assert simulator.state("kitchen_lights")["brightness_pct"] == 40
        assert simulator.state("office_light")["rgb_color"] == (0, 0, 255)
        assert simulator.state("right_blind")["position"] == 30


OTHERS = parse_home(
    """
    devices:
      - {id: robot, type: vacuum}
      - {id: film, type: scene}
      - {id: bell, type: button}
      - {id: damp, type: humidifier}
      - {id: tap, type: valve, state: closed}
      - {id: alarm, type: siren}
      - {id: guests, type: input_boolean}
      - {id: level, type: number, features: {temperature: [0, 10]}}
      - {id: mode, type: select, features: {options: [calm, loud]}}
    """,
    "others",
)


async def test_the_rarer_kinds_obey_too(embedded_broker: EmbeddedBroker) -> None:
    orders = [
        (Action("vacuum.start", "robot"), Status.CONFIRMED),
        (Action("scene.turn_on", "film"), Status.SENT),
        (Action("button.press", "bell"), Status.SENT),
        (Action("humidifier.set_humidity", "damp", {"humidity": 60}), Status.CONFIRMED),
        (Action("valve.open_valve", "tap"), Status.CONFIRMED),
        (Action("siren.turn_on", "alarm"), Status.CONFIRMED),
        (Action("input_boolean.turn_on", "guests"), Status.CONFIRMED),
        (Action("number.set_value", "level", {"value": 4}), Status.CONFIRMED),
        (Action("select.select_option", "mode", {"option": "loud"}), Status.CONFIRMED),
    ]
    async with simulated(embedded_broker.port, OTHERS) as (_, bus, _):
        results = await bus.perform([action for action, _ in orders])
        assert [(r.action.service, r.status) for r in results] == [
            (action.service, status) for action, status in orders
        ]


async def test_silent_mad_and_offline_devices(embedded_broker: EmbeddedBroker) -> None:
    async with simulated(
        embedded_broker.port, silent=["fan"], rubbish=["tv"], offline=["coffee_machine"]
    ) as (simulator, bus, home):
        await eventually(lambda: not home.available("coffee_machine"))
        results = await bus.perform(
            [
                Action("fan.turn_on", "fan"),
                Action("media_player.turn_off", "tv"),
                Action("switch.turn_on", "coffee_machine"),
                Action("lock.lock", "front_door"),
            ]
        )
        assert [r.status for r in results] == [
            Status.NO_ANSWER, Status.NO_ANSWER, Status.UNAVAILABLE, Status.CONFIRMED,
        ]  # fmt: skip
        await simulator.set_online("coffee_machine", True)
        await eventually(lambda: home.available("coffee_machine"))
        simulator.silent.clear()
        (result,) = await bus.perform([Action("fan.turn_on", "fan")])
        assert result.status is Status.CONFIRMED


async def test_a_switch_pressed_by_hand_is_seen(embedded_broker: EmbeddedBroker) -> None:
    async with simulated(embedded_broker.port) as (simulator, _, home):
        await simulator.change("hallway_light", {"power": "off"})
        await eventually(lambda: home.state("hallway_light").get("power") == "off")


async def test_a_cover_that_takes_its_time_is_confirmed_when_it_moves(
    embedded_broker: EmbeddedBroker,
) -> None:
    async with simulated(embedded_broker.port, travel_s=1.5) as (_, bus, home):
        await eventually(lambda: len(home.state("garage_door")) == 2)
        (result,) = await bus.perform([Action("cover.open_cover", "garage_door")])
        assert result.status is Status.CONFIRMED
        assert home.state("garage_door")["cover"] == "opening"
        arrived = {"cover": "open", "position": 100}
        await eventually(lambda: home.state("garage_door") == arrived)


async def test_a_big_home_shares_one_connection(embedded_broker: EmbeddedBroker) -> None:
    devices = "\n".join(f"  - {{id: lamp {n}, type: light, state: off}}" for n in range(120))
    file = parse_home(f"devices:\n{devices}", "big")
    options: dict[str, Any] = {"offline": ["lamp 3"], "patience_s": 5.0}
    async with simulated(embedded_broker.port, file, **options) as (_, bus, home):
        await eventually(lambda: not home.available("lamp 3"))
        assert home.available("lamp 4")
        results = await bus.perform([Action("light.turn_on", f"lamp {n}") for n in range(120)])
        assert [r.status for r in results].count(Status.CONFIRMED) == 119


async def test_devices_come_back_after_the_broker_did(embedded_broker: EmbeddedBroker) -> None:
    async with simulated(embedded_broker.port) as (_, bus, home):
        await embedded_broker.stop()
        await eventually(lambda: not bus.connected)
        await embedded_broker.start()
        await eventually(lambda: bus.connected, 10)
        async with traffic_on(embedded_broker.port) as traffic:
            config = "homeassistant/lock/front_door/config"
            await eventually(lambda: any(topic == config for topic, _ in traffic.heard), 10)
            await eventually(lambda: home.available("front_door"))
            (result,) = await bus.perform([Action("lock.lock", "front_door")])
            assert result.status is Status.CONFIRMED


async def test_without_a_broker_the_simulator_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.home.simulator.simulator._START_LIMIT_S", 0.3)
    with pytest.raises(BrokerError, match="cannot reach the MQTT broker"):
        await Simulator(DEMO, buses.settings(free_port())).start()
