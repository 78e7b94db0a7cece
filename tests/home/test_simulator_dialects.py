"""Every kind of device in every dialect: found, commanded, confirmed, and really in that state.

The simulator's side is written from the public pages named in its modules, the bus's side by
others from the same pages: where the two misunderstand each other, a test here fails.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from brokers import eventually

from assistant.config import ConfirmTimeouts, MqttSettings
from assistant.home.file import HomeFile, parse_home
from assistant.home.model import Area, Device, Features, Home
from assistant.home.mqtt.broker import EmbeddedBroker
from assistant.home.mqtt.bus import MqttBus
from assistant.home.simulator import Simulator, Speaks
from assistant.home.simulator.behaviour import CODE
from assistant.types import Action, SlotValue, Status

AREAS = (Area("parlour", "Parlour"),)

DEVICES = (
    Device("ceiling", "Ceiling", "light", features=Features(brightness=True)),
    Device(
        "bulb", "Bulb", "light",
        features=Features(brightness=True, color=True, color_temp=(2000, 6500)),
    ),
    Device("strip", "Strip", "light", features=Features(brightness=True, color=True)),
    Device("desk", "Desk", "light", features=Features(brightness=True, color_temp=(2700, 6500))),
    Device("nightlight", "Nightlight", "light"),
    Device("garland", "Garland", "light",
           features=Features(brightness=True, effects=("blink", "rainbow"))),
    Device("kettle", "Kettle", "switch", device_class="outlet"),
    Device("fan", "Fan", "fan", features=Features(percentage=True)),
    Device("ventilator", "Ventilator", "fan",
           features=Features(percentage=True, percentage_step=100 / 3)),
    Device(
        "breeze", "Breeze", "fan",
        features=Features(
            percentage=True, presets=("auto", "sleep"), oscillation=True, direction=True
        ),
    ),
    Device("purifier", "Purifier", "fan", features=Features(presets=("auto", "smart"))),
    Device("shutter", "Shutter", "cover", device_class="shutter", features=Features(position=True)),
    Device("slats", "Slats", "cover", device_class="blind",
           features=Features(position=True, tilt=True)),
    Device("tap", "Tap", "valve"),
    Device("main", "Main", "valve", features=Features(position=True)),
    Device("gate", "Gate", "lock"),
    Device("safe", "Safe", "lock",
           features=Features(code="number", code_verbs=("lock", "unlock", "open"))),
    Device(
        "heating", "Heating", "climate",
        features=Features(temperature=(7, 30), modes=("off", "heat"), unit="°C"),
    ),
    Device(
        "cooler", "Cooler", "climate",
        features=Features(
            temperature=(16, 30), temperature_step=1.0, unit="°C",
            modes=("off", "cool", "heat", "auto"),
            presets=("eco", "boost"), fan_modes=("low", "high"), swing_modes=("on", "off"),
        ),
    ),
    Device(
        "aircon", "Aircon", "climate",
        features=Features(
            temperature=(16, 30), temperature_span=True, humidity=(30, 70),
            modes=("off", "heat_cool"), unit="°C",
        ),
    ),
    Device("mist", "Mist", "humidifier",
           features=Features(humidity=(30, 80), modes=("normal", "eco"))),
    Device(
        "boiler", "Boiler", "water_heater",
        features=Features(temperature=(40, 65), modes=("off", "eco", "performance"), unit="°C"),
    ),
    Device("radio", "Radio", "media_player", features=Features(sources=("tuner", "disc"))),
    Device("robot", "Robot", "vacuum", features=Features(fan_modes=("quiet", "max"))),
    Device("mower", "Mower", "lawn_mower"),
    Device(
        "horn", "Horn", "siren",
        features=Features(tones=("fire", "burglar"), siren_volume=True, siren_duration=True),
    ),
    Device(
        "guard", "Guard", "alarm_control_panel",
        features=Features(
            modes=("arm_home", "arm_away"), code="number",
            code_verbs=("alarm_disarm", "alarm_arm_home", "alarm_arm_away"),
        ),
    ),
    Device("chime", "Chime", "button"),
    Device("evening", "Evening", "scene"),
    Device("program", "Program", "select", features=Features(modes=("calm", "loud"))),
    Device("level", "Level", "number", features=Features(value_range=(0, 10), value_step=0.5)),
    Device("label", "Label", "text", features=Features(value_range=(0, 20))),
    Device("outdoor", "Outdoor", "sensor", device_class="temperature",
           features=Features(unit="°C")),
    Device("leak", "Leak", "binary_sensor", device_class="moisture"),
    Device("door", "Door", "binary_sensor", device_class="door"),
    Device("remote", "Remote", "event", features=Features(modes=("single", "double", "hold"))),
    Device("pushbutton", "Pushbutton", "event",
           features=Features(modes=("single_push", "long_push"))),
)  # fmt: skip

HOME = HomeFile(
    areas=AREAS,
    devices=DEVICES,
    states={
        "outdoor": {"value": 7.5},
        "leak": {"value": "on"},
        "door": {"value": "on"},
    },
)

ORDERS: list[tuple[str, str, dict[str, SlotValue], dict[str, SlotValue]]] = [
    ("ceiling", "light.turn_on", {}, {"power": "on"}),
    ("ceiling", "light.turn_on", {"brightness_pct": 40}, {"power": "on"}),
    ("ceiling", "light.turn_off", {}, {"power": "off"}),
    ("bulb", "light.turn_on", {"rgb_color": (0, 0, 255)},
     {"power": "on", "rgb_color": (0, 0, 255)}),
    ("bulb", "light.turn_on", {"color_temp_kelvin": 4000}, {"color_temp_kelvin": 4000}),
    ("strip", "light.turn_on", {"rgb_color": (255, 0, 0), "brightness_pct": 50},
     {"power": "on", "rgb_color": (255, 0, 0)}),
    ("desk", "light.turn_on", {"color_temp_kelvin": 5000},
     {"color_temp_kelvin": 5000, "power": "on"}),
    ("nightlight", "light.turn_on", {}, {"power": "on"}),
    ("garland", "light.turn_on", {"effect": "rainbow"}, {"effect": "rainbow", "power": "on"}),
    ("kettle", "switch.turn_on", {}, {"power": "on"}),
    ("kettle", "switch.turn_off", {}, {"power": "off"}),
    ("fan", "fan.turn_on", {"percentage": 66}, {"power": "on", "percentage": 66}),
    ("fan", "fan.turn_off", {}, {"power": "off"}),
    ("ventilator", "fan.set_percentage", {"percentage": 66}, {"power": "on", "percentage": 66}),
    ("ventilator", "fan.turn_off", {}, {"power": "off"}),
    ("breeze", "fan.set_preset_mode", {"preset_mode": "sleep"},
     {"preset_mode": "sleep", "power": "on"}),
    ("breeze", "fan.oscillate", {"oscillating": True}, {"oscillating": True}),
    ("breeze", "fan.set_direction", {"direction": "reverse"}, {"direction": "reverse"}),
    ("purifier", "fan.set_preset_mode", {"preset_mode": "smart"},
     {"preset_mode": "smart", "power": "on"}),
    ("shutter", "cover.open_cover", {}, {"cover": "open", "position": 100}),
    ("shutter", "cover.set_cover_position", {"position": 30}, {"position": 30}),
    ("shutter", "cover.close_cover", {}, {"cover": "closed", "position": 0}),
    ("slats", "cover.set_cover_tilt_position", {"tilt_position": 70}, {"tilt": 70}),
    ("slats", "cover.close_cover_tilt", {}, {"tilt": 0}),
    ("slats", "cover.open_cover_tilt", {}, {"tilt": 100}),
    ("slats", "cover.open_cover", {}, {"cover": "open"}),
    ("tap", "valve.open_valve", {}, {"cover": "open"}),
    ("main", "valve.set_valve_position", {"position": 60}, {"position": 60}),
    ("main", "valve.close_valve", {}, {"position": 0}),
    ("gate", "lock.unlock", {}, {"lock": "unlocked"}),
    ("gate", "lock.lock", {}, {"lock": "locked"}),
    ("safe", "lock.unlock", {"code": CODE}, {"lock": "unlocked"}),
    ("heating", "climate.set_temperature", {"temperature": 22.5}, {"temperature": 22.5}),
    ("heating", "climate.set_hvac_mode", {"hvac_mode": "off"}, {"hvac_mode": "off"}),
    ("cooler", "climate.set_temperature", {"temperature": 24, "hvac_mode": "cool"},
     {"temperature": 24, "hvac_mode": "cool"}),
    ("cooler", "climate.set_fan_mode", {"fan_mode": "high"}, {"fan_mode": "high"}),
    ("cooler", "climate.set_preset_mode", {"preset_mode": "boost"}, {"preset_mode": "boost"}),
    ("cooler", "climate.set_swing_mode", {"swing_mode": "off"}, {"swing_mode": "off"}),
    ("aircon", "climate.set_temperature", {"target_temp_low": 19, "target_temp_high": 25},
     {"target_temp_low": 19, "target_temp_high": 25}),
    ("aircon", "climate.set_humidity", {"humidity": 55}, {"humidity": 55}),
    ("mist", "humidifier.turn_on", {}, {"power": "on"}),
    ("mist", "humidifier.set_humidity", {"humidity": 60}, {"humidity": 60}),
    ("mist", "humidifier.set_mode", {"mode": "eco"}, {"mode": "eco"}),
    ("boiler", "water_heater.set_temperature", {"temperature": 60}, {"temperature": 60}),
    ("boiler", "water_heater.set_operation_mode", {"operation_mode": "performance"},
     {"operation_mode": "performance"}),
    ("boiler", "water_heater.turn_off", {}, {"operation_mode": "off"}),
    ("boiler", "water_heater.turn_on", {}, {"power": "on"}),
    ("radio", "media_player.media_play", {}, {"media": "playing"}),
    ("radio", "media_player.volume_set", {"volume_level": 0.3}, {"volume_pct": 30}),
    ("radio", "media_player.volume_mute", {"is_volume_muted": True}, {"muted": True}),
    ("radio", "media_player.select_source", {"source": "disc"}, {"source": "disc"}),
    ("robot", "vacuum.start", {}, {"value": "cleaning"}),
    ("robot", "vacuum.set_fan_speed", {"fan_speed": "max"}, {"fan_mode": "max"}),
    ("robot", "vacuum.clean_spot", {}, {"value": "cleaning"}),
    ("robot", "vacuum.return_to_base", {}, {"value": "docked"}),
    ("robot", "vacuum.locate", {}, {}),
    ("mower", "lawn_mower.start_mowing", {}, {"value": "mowing"}),
    ("mower", "lawn_mower.dock", {}, {"value": "docked"}),
    ("horn", "siren.turn_on", {"tone": "burglar", "volume_pct": 40, "duration": 30},
     {"power": "on", "tone": "burglar", "volume_pct": 40, "duration": 30.0}),
    ("horn", "siren.turn_off", {}, {"power": "off"}),
    ("guard", "alarm_control_panel.alarm_arm_away", {"code": CODE}, {"alarm": "armed_away"}),
    ("guard", "alarm_control_panel.alarm_disarm", {"code": CODE}, {"alarm": "disarmed"}),
    ("chime", "button.press", {}, {}),
    ("evening", "scene.turn_on", {}, {}),
    ("program", "select.select_option", {"option": "loud"}, {"value": "loud"}),
    ("level", "number.set_value", {"value": 4.5}, {"value": 4.5}),
    ("label", "text.set_value", {"value": "hello"}, {"value": "hello"}),
]  # fmt: skip
DIALECTS = [str(dialect) for dialect in Speaks]
PATIENCE = ConfirmTimeouts(lock=1.5, alarm_control_panel=1.5)
SILENT_KINDS = {"button.press", "scene.turn_on", "vacuum.locate"}
"""What no state ever shows."""


@asynccontextmanager
async def inhabited(
    port: int, dialect: str, file: HomeFile = HOME, **options: Any
) -> AsyncIterator[tuple[Simulator, MqttBus, Home]]:
    """A simulated home and a bus that is connected to it."""
    home = Home()
    bus = MqttBus(MqttSettings(host="127.0.0.1", port=port, confirm_timeouts=PATIENCE), home)
    simulator = Simulator(
        file, "127.0.0.1", port, dialect=dialect, **{"latency_s": 0.0, **options}
    )  # fmt: skip
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
    embedded_broker: EmbeddedBroker, dialect: str
) -> None:
    async with inhabited(embedded_broker.port, dialect) as (simulator, bus, home):
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
    embedded_broker: EmbeddedBroker, dialect: str
) -> None:
    async with inhabited(embedded_broker.port, dialect, report_s=1.0) as (simulator, _, home):
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
    simulator = Simulator(HOME, "127.0.0.1", 1, dialect=dialect)
    unspoken = simulator.unspoken
    assert {"boiler", "guard", "radio"} <= unspoken.keys() or "homeassistant" in dialect
    assert "kettle" not in unspoken
    for device_id, thing in simulator.things.items():
        elsewhere = device_id in unspoken or "homeassistant" in dialect
        assert thing.known_as.startswith("simulated/") == elsewhere


async def test_a_wrong_code_opens_nothing(embedded_broker: EmbeddedBroker) -> None:
    async with inhabited(embedded_broker.port, "homeassistant") as (simulator, bus, home):
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
    embedded_broker: EmbeddedBroker, dialect: str
) -> None:
    spoken = HomeFile(devices=GROUPED.devices[:3])
    async with inhabited(embedded_broker.port, dialect, GROUPED) as (simulator, bus, home):
        ids = await all_found(home, spoken)
        assert "named" not in simulator.things
        order = Action("light.turn_on", ids["both"], {"brightness_pct": 30})
        (result,) = await bus.perform([order])
        assert result.status is Status.CONFIRMED
        await eventually(lambda: simulator.state("left")["power"] == "on")
        await eventually(lambda: home.state(ids["right"]).get("power") == "on")
        if dialect == "zigbee2mqtt":
            assert set(home.devices[ids["both"]].members) == {ids["left"], ids["right"]}


async def test_an_alarm_gives_time_to_leave_the_house(embedded_broker: EmbeddedBroker) -> None:
    async with inhabited(embedded_broker.port, "homeassistant", arming_s=0.3) as (_, bus, home):
        ids = await all_found(home)
        seen: list[object] = []
        home.on_state(lambda device: seen.append(home.state(ids["guard"]).get("alarm")))
        order = Action("alarm_control_panel.alarm_arm_away", ids["guard"], {"code": CODE})
        await bus.perform([order])
        await eventually(lambda: seen[-1:] == ["armed_away"])
        assert "arming" in seen


async def test_groups_of_the_home_file_are_groups_of_the_zigbee_mesh(
    embedded_broker: EmbeddedBroker,
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
    async with inhabited(embedded_broker.port, "zigbee2mqtt", file) as (simulator, bus, home):
        ids = await all_found(home, file)
        await eventually(lambda: any(device.members for device in home.devices.values()))
        (group,) = [device for device in home.devices.values() if device.members]
        assert group.name == "Both lamps"
        assert set(group.members) == {ids["left"], ids["right"]}
        (result,) = await bus.perform([Action("light.turn_on", group.id)])
        assert result.status is Status.CONFIRMED
        await eventually(lambda: simulator.state("right")["power"] == "on")
        assert "all" not in simulator.things


async def test_a_colour_light_of_tasmota_has_its_schemes(embedded_broker: EmbeddedBroker) -> None:
    async with inhabited(embedded_broker.port, "tasmota") as (simulator, bus, home):
        ids = await all_found(home)
        (result,) = await bus.perform([Action("light.turn_on", ids["strip"], {"effect": "Random"})])
        assert result.status is Status.CONFIRMED
        assert simulator.state("strip")["effect"] == "Random"
