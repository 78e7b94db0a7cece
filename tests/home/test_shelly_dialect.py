"""Shelly over MQTT RPC: it is asked what it is, exact calls go out, and state comes back.

Configurations and statuses follow the component pages of shelly-api-docs.shelly.cloud/gen2.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Collection, Sequence
from typing import Any

import pytest
from brokers import Mosquitto, eventually
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shelly_double import ID, ShellyDouble, device_config, device_status, keyed, shelly_on

from assistant.config import MqttSettings
from assistant.home.commands import plan
from assistant.home.expectations import Plan, Refusal
from assistant.home.model import Home
from assistant.home.mqtt.bus import MqttBus
from assistant.home.mqtt.dialect import AnnouncementError, Binding, Message
from assistant.home.mqtt.homeassistant import HomeAssistantDialect
from assistant.home.mqtt.registry import Registry
from assistant.home.mqtt.shelly import ShellyDialect
from assistant.home.mqtt.topics import matches
from assistant.types import Action, Status

PREFIX = "a8032ab12345"


class World:
    """A home with one Shelly and no broker between them: all that is asked is answered at once."""

    def __init__(self, double: ShellyDouble) -> None:
        self.double = double
        self.home = Home()
        self.dialect = ShellyDialect("assistant")
        self.registry = Registry(self.home, [HomeAssistantDialect(), self.dialect], listener=self)
        self.questions: list[Message] = []
        """What the bus would have sent by now."""
        self.waiting: list[Message] = []

    def bound(self, rank: int, binding: Binding) -> None:
        self.asked(rank, binding.questions)

    def unbound(self, binding: Binding) -> None:
        pass

    def told(self, binding: Binding, keys: Collection[str]) -> None:
        pass

    def asked(self, rank: int, messages: Sequence[Message]) -> None:
        self.waiting += [one for one in messages if one not in self.waiting]

    @property
    def methods(self) -> list[str]:
        """What the device was asked, in order."""
        return [json.loads(one.payload)["method"] for one in self.questions]

    async def say(self, topic: str, payload: str) -> None:
        """Let a message come in, and the device answer what is asked because of it."""
        await self.registry.take(topic, payload.encode(), kept=False)
        while self.waiting:
            message = self.waiting.pop(0)
            self.questions.append(message)
            if message.topic == f"{self.double.prefix}/rpc":
                for answer in self.double.receive(message.payload):
                    await self.say(*answer)

    async def come(self) -> World:
        await self.say(f"{self.double.prefix}/online", "true")
        return self

    def do(self, identifier: str, service: str, data: Any) -> Sequence[tuple[str, Any]]:
        """The calls that a command makes, by way of planning it."""
        state = self.home.state(identifier)
        planned = plan(self.home.devices[identifier], Action(service, identifier, data), state)
        assert isinstance(planned, Plan), planned
        binding = self.registry.binding(identifier)
        assert binding is not None
        frames = [json.loads(one.payload) for one in binding.commands(planned.action, state)]
        assert all(one["src"].startswith(f"assistant/shelly/{self.double.id}/") for one in frames)
        return [(one["method"], one["params"]) for one in frames]


async def shelly(config: Any, status: Any) -> World:
    return await World(ShellyDouble(device_config(**config), device_status(**status))).come()


METERED = {"apower": 3.5, "voltage": 230.1, "current": 0.02, "aenergy": {"total": 1234.5}}
LIGHT = {"output": True, "brightness": 40}
SLATS = {"slat": {"enable": True}}
CALIBRATED = {"state": "open", "current_pos": 70, "target_pos": None, "pos_control": True}
WALL = {"thermostat_0": {"enable": True, "type": "heating", "sensor": "x"}, "humidity_0": {}}
WARM = {"enable": True, "target_C": 21.5, "current_C": 20.9, "output": True}
ON, OFF = {"id": 0, "on": True}, {"id": 0, "on": False}

CASES: list[tuple[Any, Any, str, Any, Any, str, Any, list[tuple[str, Any]]]] = [
    ({"switch_0": {"name": None}}, {"switch_0": {"output": False}}, "switch_0",
     {"switch:0": {"id": 0, "output": True}}, {"power": "on"},
     "switch.turn_on", {}, [("Switch.Set", ON)]),
    ({"switch_0": {}}, {"switch_0": {"output": True}}, "switch_0", {"sys": {"uptime": 1}},
     {"power": "on"}, "switch.toggle", {}, [("Switch.Set", OFF)]),
    ({"light_0": {}}, {"light_0": LIGHT}, "light_0", {"light:0": {"brightness": 55}},
     {"power": "on", "brightness_pct": 55}, "light.turn_on", {"brightness_pct": 70},
     [("Light.Set", {**ON, "brightness": 70})]),
    ({"rgb_0": {}}, {"rgb_0": {**LIGHT, "rgb": [1, 2, 3]}}, "rgb_0", {"rgb:0": {"rgb": [9, 8, 7]}},
     {"power": "on", "brightness_pct": 40, "rgb_color": (9, 8, 7)}, "light.turn_on",
     {"rgb_color": (255, 0, 0)}, [("RGB.Set", {**ON, "rgb": [255, 0, 0]})]),
    ({"rgbw_0": {}}, {"rgbw_0": {**LIGHT, "rgb": [1, 2, 3], "white": 90}}, "rgbw_0",
     {"rgbw:0": {"output": False}},
     {"power": "off", "brightness_pct": 40, "rgb_color": (1, 2, 3)}, "light.turn_on",
     {"rgb_color": (0, 0, 255)}, [("RGBW.Set", {**ON, "rgb": [0, 0, 255], "white": 0})]),
    ({"cct_0": {"ct_range": [2700, 5000]}}, {"cct_0": {**LIGHT, "ct": 3000}}, "cct_0",
     {"cct:0": {"ct": 4000}}, {"power": "on", "brightness_pct": 40, "color_temp_kelvin": 4000},
     "light.turn_on", {"color_temp_kelvin": 6500}, [("CCT.Set", {**ON, "ct": 5000})]),
    ({"rgbcct_0": {}}, {"rgbcct_0": {**LIGHT, "mode": "rgb", "rgb": [1, 2, 3]}}, "rgbcct_0",
     {"rgbcct:0": {"mode": "cct", "ct": 2700}},
     {"power": "on", "brightness_pct": 40, "rgb_color": (1, 2, 3), "color_temp_kelvin": 2700},
     "light.turn_on", {"color_temp_kelvin": 4000},
     [("RGBCCT.Set", {**ON, "ct": 4000, "mode": "cct"})]),
    ({"cover_0": {}}, {"cover_0": CALIBRATED}, "cover_0",
     {"cover:0": {"state": "closing", "current_pos": 60}}, {"cover": "closing", "position": 60},
     "cover.set_cover_position", {"position": 30},
     [("Cover.GoToPosition", {"id": 0, "pos": 30})]),
    ({"cover_0": {}}, {"cover_0": {"state": "stopped", "pos_control": False}}, "cover_0",
     {"cover:0": {"state": "calibrating"}}, {"cover": "stopped"}, "cover.open_cover", {},
     [("Cover.Open", {"id": 0})]),
    ({"cover_0": {}}, {"cover_0": {"state": "opening", "pos_control": False}}, "cover_0", {},
     {"cover": "opening"}, "cover.stop_cover", {}, [("Cover.Stop", {"id": 0})]),
    ({"cover_0": SLATS}, {"cover_0": {**CALIBRATED, "slat_pos": 20}}, "cover_0",
     {"cover:0": {"slat_pos": 80}}, {"cover": "open", "position": 70, "tilt": 80},
     "cover.close_cover", {}, [("Cover.Close", {"id": 0})]),
    (WALL, {"thermostat_0": WARM, "humidity_0": {"rh": 41}}, "thermostat_0",
     {"thermostat:0": {"target_C": 20}},
     {"temperature": 20, "current_temperature": 20.9, "hvac_mode": "heat", "current_humidity": 41},
     "climate.set_temperature", {"temperature": 19.5},
     [("Thermostat.SetConfig", {"id": 0, "config": {"id": 0, "target_C": 19.5}})]),
    (WALL, {"thermostat_0": WARM}, "thermostat_0", {"thermostat:0": {"enable": False}},
     {"temperature": 21.5, "current_temperature": 20.9, "hvac_mode": "off"},
     "climate.turn_off", {},
     [("Thermostat.SetConfig", {"id": 0, "config": {"id": 0, "enable": False}})]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("config", "status", "suffix", "says", "shown", "service", "data", "calls"), CASES
)
async def test_what_it_is_made_of_is_read_and_commanded(
    config: Any, status: Any, suffix: str, says: Any, shown: Any, service: str, data: Any,
    calls: Any,
) -> None:  # fmt: skip
    world = await shelly(config, status)
    identifier = f"{PREFIX}_{suffix}"
    await world.say(*world.double.notify(says))
    assert world.home.state(identifier) == shown
    assert world.do(identifier, service, data) == calls


TILTS = [
    ("open_cover_tilt", {}, 100), ("close_cover_tilt", {}, 0),
    ("set_cover_tilt_position", {"tilt_position": 35}, 35),
]  # fmt: skip


@pytest.mark.parametrize(("verb", "data", "target"), TILTS)
async def test_slats_are_tilted_by_their_own_position(verb: str, data: Any, target: int) -> None:
    world = await shelly({"cover_0": SLATS}, {"cover_0": {**CALIBRATED, "slat_pos": 20}})
    calls = world.do(f"{PREFIX}_cover_0", f"cover.{verb}", data)
    assert calls == [("Cover.GoToPosition", {"id": 0, "slat_pos": target})]
    assert (
        not (await shelly({"cover_0": {}}, {"cover_0": CALIBRATED}))
        .home.devices[f"{PREFIX}_cover_0"]
        .features.tilt
    )


SENSORS: list[tuple[Any, Any, str, str, str | None, str, Any]] = [
    ({"switch_0": {}}, {"switch_0": {"output": True, **METERED}}, "switch_0_power", "sensor",
     "power", "W", 3.5),
    ({"switch_0": {}}, {"switch_0": {"output": True, **METERED}}, "switch_0_energy", "sensor",
     "energy", "kWh", 1.234),
    ({"pm1_0": {}}, {"pm1_0": METERED}, "pm1_0_voltage", "sensor", "voltage", "V", 230.1),
    ({"em1_0": {}}, {"em1_0": {"act_power": -50.0}}, "em1_0_power", "sensor", "power", "W", -50),
    ({"em1data_0": {}}, {"em1data_0": {"total_act_energy": 2000.0}}, "em1data_0_energy", "sensor",
     "energy", "kWh", 2),
    ({"em_0": {}}, {"em_0": {"total_act_power": 900.5, "b_act_power": 300}}, "em_0_power_b",
     "sensor", "power", "W", 300),
    ({"emdata_0": {}}, {"emdata_0": {"total_act": 5000}}, "emdata_0_energy", "sensor", "energy",
     "kWh", 5),
    ({"temperature_100": {}}, {"temperature_100": {"tC": 21.25, "tF": 70.25}}, "temperature_100",
     "sensor", "temperature", "°C", 21.25),
    ({"humidity_0": {}}, {"humidity_0": {"rh": 48.0}}, "humidity_0", "sensor", "humidity", "%",
     48),
    ({"illuminance_0": {}}, {"illuminance_0": {"lux": 300}}, "illuminance_0", "sensor",
     "illuminance", "lx", 300),
    ({"voltmeter_100": {"xvoltage": {"expr": None, "unit": None}}},
     {"voltmeter_100": {"voltage": 4.32}}, "voltmeter_100", "sensor", "voltage", "V", 4.32),
    ({"voltmeter_100": {"xvoltage": {"expr": "x*10", "unit": "ppm"}}},
     {"voltmeter_100": {"voltage": 4.32, "xvoltage": 43.2}}, "voltmeter_100", "sensor", None,
     "ppm", 43.2),
    ({"devicepower_0": {}}, {"devicepower_0": {"battery": {"V": 5.8, "percent": 87}}},
     "devicepower_0", "sensor", "battery", "%", 87),
    ({"smoke_0": {}}, {"smoke_0": {"alarm": False, "mute": False}}, "smoke_0", "binary_sensor",
     "smoke", "", "off"),
    ({"flood_0": {}}, {"flood_0": {"alarm": True, "mute": False}}, "flood_0", "binary_sensor",
     "moisture", "", "on"),
    ({"presence_0": {}}, {"presence_0": {"num_objects": 2}}, "presence_0", "sensor", None, "", 2),
    ({"input_0": {"type": "switch"}}, {"input_0": {"state": True}}, "input_0", "binary_sensor",
     None, "", "on"),
    ({"input_0": {"type": "analog"}}, {"input_0": {"percent": 12.5}}, "input_0", "sensor", None,
     "%", 12.5),
    ({"input_0": {"type": "count", "xcounts": {"unit": "l"}}},
     {"input_0": {"counts": {"total": 7, "xtotal": 70}}}, "input_0", "sensor", None, "l", 70),
]  # fmt: skip


@pytest.mark.parametrize(
    ("config", "status", "suffix", "kind", "device_class", "unit", "value"), SENSORS
)
async def test_what_it_measures_is_told_in_its_unit(
    config: Any, status: Any, suffix: str, kind: str, device_class: str, unit: str, value: Any
) -> None:
    home = (await shelly(config, status)).home
    device = home.devices[f"{PREFIX}_{suffix}"]
    assert (device.type, device.device_class, device.features.unit) == (kind, device_class, unit)
    assert home.state(device.id) == {"value": value}


async def test_a_switch_is_a_light_where_its_owner_says_so() -> None:
    config = device_config(switch_0={}, switch_1={})
    config["sys"]["ui_data"] = {"consumption_types": ["heating", "lights"]}
    status = device_status(switch_0={"output": False}, switch_1={"output": True})
    world = await World(ShellyDouble(config, status)).come()
    assert world.home.devices[f"{PREFIX}_switch_0"].type == "switch"
    assert world.home.devices[f"{PREFIX}_switch_1"].type == "light"
    call = ("Switch.Set", {"id": 1, "on": False})
    assert world.do(f"{PREFIX}_switch_1", "light.turn_off", {}) == [call]


NAMES: list[tuple[Any, dict[str, Any], list[str]]] = [
    ("Kitchen", {"switch_0": {"name": None}}, ["Kitchen"]),
    ("Kitchen", {"switch_0": {"name": "Counter lamp"}}, ["Counter lamp"]),
    ("Kitchen", {"switch_0": {}, "switch_1": {"name": "Oven"}, "light_0": {}},
     ["Kitchen 2", "Oven", "Kitchen 1"]),
    (None, {"switch_0": {}}, ["Shelly Plus1pm 2345"]),
    ("Kitchen", {"temperature_100": {}, "temperature_101": {"name": "Boiler"}},
     ["Kitchen Temperature 1", "Boiler Temperature"]),
    ("Kitchen", {"input_0": {"type": "button"}, "input_1": {"type": "button", "name": "Bell"}},
     ["Kitchen Button 1", "Bell"]),
]  # fmt: skip


@pytest.mark.parametrize(("device", "components", "names"), NAMES)
async def test_names_are_the_owners(device: Any, components: Any, names: list[str]) -> None:
    shown = {key: {"output": False} for key in components}
    world = World(ShellyDouble(device_config(device, **components), device_status(**shown)))
    assert [one.name for one in (await world.come()).home.devices.values()] == names


async def test_a_renamed_channel_is_called_by_its_new_name() -> None:
    world = await shelly({"switch_0": {"name": "Lamp"}}, {"switch_0": {"output": True}})
    world.double.config["switch:0"]["name"] = "Ceiling"
    await world.say(*world.double.fire("switch:0", "config_changed"))
    assert [one.name for one in world.home.devices.values()] == ["Ceiling"]
    asked = len(world.questions)
    await world.say(*world.double.fire("thermostat:0", "config_changed"))
    await world.say(*world.double.fire("switch:0", "single_push"))
    assert len(world.questions) == asked


async def test_a_buttons_presses_are_events() -> None:
    config = {"input_0": {"type": "button"}, "input_1": {"type": "button"}}
    world = await shelly(config, {"input_0": {"state": None}})
    await world.say(*world.double.fire("input:1", "double_push"))
    await world.say(*world.double.fire("input:1", "no_such_event"))
    device = world.home.devices[f"{PREFIX}_input_1"]
    assert device.type == "event" and "double_push" in device.features.modes
    assert world.home.state(device.id) == {"event": "double_push"}
    assert world.home.state(f"{PREFIX}_input_0") == {}


async def test_a_relay_that_the_own_thermostat_works_is_left_to_it() -> None:
    actuator = {"thermostat_0": {"type": "cooling", "actuator": f"shelly://{ID}/c/switch:0"}}
    status = {"thermostat_0": WARM, "switch_0": {"output": True}}
    world = await shelly({**actuator, "switch_0": {}}, status)
    assert list(world.home.devices) == [f"{PREFIX}_thermostat_0"]
    assert world.home.devices[f"{PREFIX}_thermostat_0"].features.modes == ("off", "cool")
    other = {"thermostat_0": {"type": "cooling", "actuator": "shelly://shellyx-1/c/switch:0"}}
    busy = ShellyDouble(device_config(**other, switch_0={}), device_status(**status))
    busy.status["sys"]["relay_in_thermostat"] = True
    assert list((await World(busy).come()).home.devices) == [f"{PREFIX}_thermostat_0"]
    assert f"{PREFIX}_switch_0" in (await shelly({**other, "switch_0": {}}, status)).home.devices


async def test_availability_is_what_its_last_will_says_but_a_sleeper_is_never_gone() -> None:
    world = await shelly({"switch_0": {}}, {"switch_0": {"output": True}})
    for payload, available in [("false", False), ("rubbish", False), ("true", True)]:
        await world.say(f"{ID}/online", payload)
        assert world.home.available(f"{PREFIX}_switch_0") is available
    sleeper = await shelly(
        {"temperature_0": {}, "devicepower_0": {}}, {"temperature_0": {"tC": 20}}
    )
    await sleeper.say(f"{ID}/online", "false")
    assert sleeper.home.available(f"{PREFIX}_temperature_0")
    assert not sleeper.home.devices[f"{PREFIX}_devicepower_0"].exposed


async def test_a_sleeper_is_found_in_the_moment_that_it_is_awake() -> None:
    # shelly-api-docs.shelly.cloud/gen2/Devices/Gen3/ShellyHTG3: it tells all at once on waking.
    config = device_config("Balcony", temperature_0={}, devicepower_0={})
    world = World(ShellyDouble(config, device_status(temperature_0={"tC": 4.5})))
    world.double.refuses["Shelly.GetStatus"] = {"code": -104, "message": "too late"}
    full = world.double.notify(world.double.status, "NotifyFullStatus")
    await world.say(*full)
    assert world.home.devices[f"{PREFIX}_temperature_0"].name == "Balcony Temperature"
    await world.say(*full)
    assert world.home.state(f"{PREFIX}_temperature_0") == {"value": 4.5}
    assert world.methods.count("Shelly.GetConfig") == 1


async def test_a_device_set_up_anew_is_what_it_is_now() -> None:
    world = await shelly({"switch_0": {}, "switch_1": {}}, {"switch_0": {"output": True}})
    assert set(world.home.devices) == {f"{PREFIX}_switch_0", f"{PREFIX}_switch_1"}
    world.double.config = device_config(cover_0={})
    world.double.status = device_status(cover_0=CALIBRATED)
    await world.come()
    assert set(world.home.devices) == {f"{PREFIX}_cover_0"}
    assert world.home.devices[f"{PREFIX}_cover_0"].features.position


async def test_what_has_not_changed_is_not_bound_anew() -> None:
    world = await shelly({"switch_0": {}}, {"switch_0": {"output": True, **METERED}})
    before = [world.registry.binding(one) for one in world.home.devices]
    world.double.status["switch:0"] |= {"output": False, "apower": 0}
    await world.come()
    assert [world.registry.binding(one) for one in world.home.devices] == before
    assert world.home.state(f"{PREFIX}_switch_0") == {"power": "off"}


async def test_a_custom_prefix_gives_itself_away_by_the_first_event() -> None:
    config = device_config(switch_0={})
    config["mqtt"]["topic_prefix"] = "home/kitchen"
    world = await World(ShellyDouble(config, device_status(switch_0={"output": True}))).come()
    assert not world.questions and not world.home.devices
    await world.say(*world.double.notify({"switch:0": {"output": False}}))
    assert world.methods == ["Shelly.GetConfig", "Shelly.GetStatus", "Shelly.GetStatus"]
    assert world.home.state(f"{PREFIX}_switch_0") == {"power": "on"}
    await world.say("home/kitchen/status/switch:0", '{"id":0,"output":false}')
    assert world.home.state(f"{PREFIX}_switch_0") == {"power": "off"}
    before = len(world.questions)
    await world.say("home/kitchen/online", "true")
    assert len(world.questions) == before + 2


async def test_no_topic_is_subscribed_to_that_its_announcements_are_heard_on_anyway() -> None:
    # Brokers may deliver what two subscriptions match twice, and what they keep once more.
    world = await shelly({"switch_0": {}}, {"switch_0": {"output": True}})
    topics = set(world.registry.topics)
    assert f"{ID}/status/switch:0" in topics
    assert not any(
        matches(pattern, topic) for pattern in world.dialect.announcements for topic in topics
    )
    told = json.dumps({"id": 2, "src": ID, "result": world.double.status}).encode()
    assert f"{ID}/online" not in await world.registry.take(
        f"assistant/shelly/{ID}/rpc", told, kept=False
    )


async def test_topics_that_its_owner_has_changed_are_followed() -> None:
    world = await shelly({"switch_0": {}}, {"switch_0": {"output": True}})
    world.double.prefix = world.double.config["mqtt"]["topic_prefix"] = "attic"
    await world.say(*world.double.notify({"sys": {"uptime": 1}}))
    await world.say(*world.double.notify({"switch:0": {"output": False}}))
    assert world.home.state(f"{PREFIX}_switch_0") == {"power": "off"}
    binding = world.registry.binding(f"{PREFIX}_switch_0")
    assert binding is not None
    (order,) = binding.commands(Action("switch.turn_on", f"{PREFIX}_switch_0"), {})
    assert order.topic == "attic/rpc"


async def test_a_cover_that_is_not_calibrated_is_only_opened_and_closed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    world = await shelly({"cover_0": {}}, {"cover_0": {"state": "closed", "pos_control": False}})
    device = world.home.devices[f"{PREFIX}_cover_0"]
    action = Action("cover.set_cover_position", device.id, {"position": 30})
    assert isinstance(plan(device, action, {}), Refusal)
    with caplog.at_level(logging.WARNING):
        await world.say(*world.double.notify({"cover:0": {"state": "calibrating"}}))
    assert not caplog.records and world.home.state(device.id) == {"cover": "closed"}


async def test_where_a_wall_switch_stands_is_shown_to_who_has_named_it() -> None:
    inputs = {"input_0": {"type": "switch"}, "input_1": {"type": "switch", "name": "Gate"}}
    unused = {"input_2": {"type": "switch", "name": "Spare", "enable": False}}
    world = await shelly(
        {**inputs, **unused}, {"input_0": {"state": True}, "input_1": {"state": True}}
    )
    assert [one.exposed for one in world.home.devices.values()] == [False, True]


async def test_a_value_out_of_its_range_is_logged_and_left_out(
    caplog: pytest.LogCaptureFixture,
) -> None:
    world = await shelly({"light_0": {}, "switch_1": {}}, {"light_0": LIGHT})
    with caplog.at_level(logging.WARNING):
        await world.say(*world.double.notify({"light:0": {"brightness": 400}}))
    assert len(caplog.records) == 1 and "400" in caplog.text
    assert world.home.state(f"{PREFIX}_light_0")["brightness_pct"] == 40


async def test_what_the_whole_device_refuses_is_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    world = await shelly({"switch_0": {}, "switch_1": {}}, {"switch_0": {"output": True}})
    error = {"id": 2, "src": ID, "error": {"code": -109, "message": "shutting down"}}
    with caplog.at_level(logging.WARNING):
        await world.say(f"assistant/shelly/{ID}/state/rpc", json.dumps(error))
    assert len(caplog.records) == 1 and "shutting down" in caplog.text


def test_nobody_can_fill_the_memory_with_devices_that_are_none() -> None:
    dialect = ShellyDialect("assistant")
    told = json.dumps({"src": ID, "method": "NotifyStatus", "params": {}}).encode()
    with pytest.raises(AnnouncementError, match="4096 prefixes"):
        for number in range(4097):
            dialect.read_announcement(f"p{number}/events/rpc", told)
    dialect = ShellyDialect("assistant")
    with pytest.raises(AnnouncementError, match="4096 devices"):
        for number in range(4097):
            topic = f"assistant/shelly/shellyx-{number:012x}/rpc"
            dialect.read_announcement(topic, b'{"id":2,"result":{}}')


STRANGERS = [
    ("heating/online", "true"), ("shelly-lamp/online", "true"), ("a/b/c/online", "true"),
    (f"{ID}/online", "false"), (f"{ID}/online", "online"), ("bridge/events/rpc", '{"src":"x"}'),
    ("bridge/events/rpc", "rubbish"), ("esp/events/rpc", '{"src":"esp32-a8032ab12345"}'),
    ("assistant/shelly/x/rpc", "{}"),
]  # fmt: skip


@pytest.mark.parametrize(("topic", "payload"), STRANGERS)
async def test_other_programs_are_not_asked(topic: str, payload: str) -> None:
    world = World(ShellyDouble(device_config(), device_status()))
    await world.say(topic, payload)
    assert not world.questions and not world.home.devices


async def test_one_that_never_answers_is_not_asked_for_ever() -> None:
    dialect = ShellyDialect("assistant")
    topic, payload = ShellyDouble(device_config(), device_status()).notify({"sys": {}})
    asked = [len(dialect.questions(topic, payload.encode())) for _ in range(10)]
    assert asked == [2, 2, 2, *[0] * 7]


async def test_an_error_is_logged_and_changes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    world = await shelly({"switch_0": {}}, {"switch_0": {"output": True}})
    world.double.refuses["Switch.Set"] = {"code": -114, "message": "Overpower"}
    binding = world.registry.binding(f"{PREFIX}_switch_0")
    assert binding is not None
    (order,) = binding.commands(Action("switch.turn_off", f"{PREFIX}_switch_0"), {})
    with caplog.at_level(logging.WARNING):
        for answer in world.double.receive(order.payload):
            await world.say(*answer)
    assert "error -114: Overpower" in caplog.text and len(caplog.records) == 1
    assert world.home.state(f"{PREFIX}_switch_0") == {"power": "on"}


async def test_a_device_that_wants_a_password_says_so_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    double = ShellyDouble(device_config(switch_0={}), device_status())
    double.refuses["Shelly.GetConfig"] = {"code": 401, "message": "auth required"}
    with caplog.at_level(logging.WARNING):
        world = await World(double).come()
    assert "password" in caplog.text and not world.home.devices


async def test_the_state_is_asked_for_once_a_device_and_read_from_the_answer() -> None:
    channels: Any = {"switch_0": {}, "switch_1": {}}
    world = await shelly(channels, {"switch_0": {"output": False}, "switch_1": {"output": False}})
    bindings = [world.registry.binding(one) for one in world.home.devices]
    questions = [one for binding in bindings if binding for one in binding.questions]
    assert len(questions) == 2 and len(set(questions)) == 1
    world.double.status["switch:1"]["output"] = True
    for answer in world.double.receive(questions[0].payload):
        assert not any(matches(one, answer[0]) for one in world.dialect.announcements)
        await world.say(*answer)
    assert world.home.state(f"{PREFIX}_switch_1") == {"power": "on"}


def dynamic(key: str, config: Any, status: Any) -> dict[str, Any]:
    number = int(key.partition(":")[2])
    return {"key": key, "config": {"id": number, **config}, "status": {"id": number, **status}}


TRV, DOOR = {"addr": "28:68:47:fc:9a:6b"}, {"addr": "0c:ef:f6:f1:d7:7b"}
GATEWAY = [
    dynamic("blutrv:200", {**TRV, "name": "Bath radiator"}, {"target_C": 20, "current_C": 24.1}),
    dynamic("bthomedevice:200", {**TRV, "name": "Bath radiator"}, {"battery": 100}),
    dynamic("bthomedevice:202", {**DOOR, "name": "Front door"}, {"battery": 99}),
    dynamic("bthomesensor:203", {**TRV, "name": None, "obj_id": 69}, {"value": 24.2}),
    dynamic("bthomesensor:210", {**DOOR, "name": None, "obj_id": 45}, {"value": False}),
    dynamic("bthomesensor:211", {**DOOR, "name": None, "obj_id": 58}, {}),
    dynamic("boolean:200", {"name": "Holiday", "meta": {"ui": {"view": "toggle"}}},
            {"value": True}),
    dynamic("number:200", {"name": "Delay", "min": 0, "max": 60,
                           "meta": {"ui": {"view": "slider", "unit": "s", "step": 5}}},
            {"value": 10}),
    dynamic("enum:200", {"name": "Program", "options": ["a", "b"],
                         "meta": {"ui": {"view": "dropdown", "titles": {"b": "Boost"}}}},
            {"value": "b"}),
    dynamic("text:200", {"name": "Note", "max_len": 30}, {"value": "hello"}),
    dynamic("button:200", {"name": "Ring"}, {}),
]  # fmt: skip


async def gateway() -> World:
    config = {**device_config("Gateway"), "bthome": {}}
    return await World(ShellyDouble(config, device_status(), added=GATEWAY)).come()


async def test_added_components_are_found_page_by_page() -> None:
    world = await gateway()
    found = {one.name: (one.type, world.home.state(one.id)) for one in world.home.devices.values()}
    assert found == {
        "Bath radiator": ("climate", {"temperature": 20, "current_temperature": 24.1}),
        "Front door Window": ("binary_sensor", {"value": "off"}),
        "Front door Button": ("event", {}),
        "Holiday": ("switch", {"power": "on"}),
        "Delay": ("number", {"value": 10}),
        "Program": ("select", {"value": "Boost"}),
        "Note": ("text", {"value": "hello"}),
        "Ring": ("button", {}),
    }
    assert world.methods.count("Shelly.GetComponents") == 4
    await world.say(*world.double.fire("bthomedevice:202", "long_push"))
    assert world.home.state(f"{PREFIX}_bthomesensor_211") == {"event": "long_push"}


ADDED: list[tuple[str, str, Any, tuple[str, Any]]] = [
    ("blutrv_200", "climate.set_temperature", {"temperature": 21.3},
     ("BluTrv.Call", {"id": 200, "method": "TRV.SetTarget",
                      "params": {"id": 0, "target_C": 21.3}})),
    ("boolean_200", "switch.turn_off", {}, ("Boolean.Set", {"id": 200, "value": False})),
    ("number_200", "number.set_value", {"value": 25}, ("Number.Set", {"id": 200, "value": 25})),
    ("enum_200", "select.select_option", {"option": "Boost"},
     ("Enum.Set", {"id": 200, "value": "b"})),
    ("text_200", "text.set_value", {"value": "bye"}, ("Text.Set", {"id": 200, "value": "bye"})),
    ("button_200", "button.press", {},
     ("Button.Trigger", {"id": 200, "event": "single_push"})),
]  # fmt: skip


@pytest.mark.parametrize(("suffix", "service", "data", "call"), ADDED)
async def test_added_components_are_commanded(
    suffix: str, service: str, data: Any, call: Any
) -> None:
    assert (await gateway()).do(f"{PREFIX}_{suffix}", service, data) == [call]


async def test_a_radiator_out_of_its_gateways_reach_is_unavailable() -> None:
    world = await gateway()
    identifier = f"{PREFIX}_blutrv_200"
    for connected in (False, True):
        await world.say(*world.double.notify({"blutrv:200": {"connected": connected}}))
        assert world.home.available(identifier) is connected
    binding = world.registry.binding(identifier)
    assert binding is not None and binding.hardware == {"286847fc9a6b"}
    question = binding.questions[-1]
    world.double.added[0]["status"]["target_C"] = 18
    for answer in world.double.receive(question.payload):
        await world.say(*answer)
    assert world.home.state(identifier)["temperature"] == 18


async def test_what_home_assistants_discovery_announces_is_not_there_twice() -> None:
    world = await shelly({"switch_0": {}}, {"switch_0": {"output": True}})
    document = {
        "name": "Lamp", "unique_id": "other", "command_topic": "c",
        "device": {"connections": [["mac", "A8:03:2A:B1:23:45"]]},
    }  # fmt: skip
    await world.say("homeassistant/switch/x/config", json.dumps(document))
    assert list(world.home.devices) == ["other"]


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6)
    | st.sampled_from(["switch", "\ud800", 10**400, "a/#", "", "analog"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["name", "device", "ui", "ui_data", "consumption_types", "type", "id",
                         "topic_prefix", "meta", "enable", "unit", "components", "offset"]),
        inner, max_size=4),
    max_leaves=10,
)  # fmt: skip
KINDS = [
    "switch:0", "light:0", "rgb:0", "cct:0", "cover:0", "thermostat:0", "input:0", "em:0",
    "voltmeter:100", "bthomesensor:200", "number:200", "enum:200", "text:200", "boolean:200",
    "sys", "mqtt", "id", "result", "method", "params", "error",
]  # fmt: skip
OTHER = "shellyplus2pm-aaaaaaaaaaaa"


@settings(max_examples=600, deadline=None, suppress_health_check=list(HealthCheck))
@given(key=st.sampled_from(KINDS), rubbish=ANYTHING, about=st.sampled_from([1, 2, 3, 4, "x"]))
def test_malformed_answers_harm_no_other_device(key: str, rubbish: Any, about: Any) -> None:
    asyncio.run(_malformed(key, rubbish, about))


async def _malformed(key: str, rubbish: Any, about: Any) -> None:
    world = await shelly({"switch_0": {}}, {"switch_0": {"output": True}})
    config = {**device_config(switch_0={}), "mqtt": {"topic_prefix": OTHER}, key: rubbish}
    config["bthome"] = {}
    frames = [
        {"id": 1, "src": OTHER, "result": config},
        {"id": 2, "src": OTHER, "result": {**keyed({"switch_0": {"output": 1}}), key: rubbish}},
        {"id": about, "src": OTHER, "result": rubbish, "method": rubbish},
        {"id": 3, "src": OTHER, "result": {"components": [
            {"key": "enum:200", "config": rubbish, "status": rubbish}, rubbish,
            {"key": key, "config": {"options": rubbish, "min": rubbish, "obj_id": rubbish}},
        ], "offset": rubbish, "total": 9}},
        {"id": about, "src": OTHER, key: rubbish},
    ]  # fmt: skip
    for frame in frames:
        body = json.dumps(frame).encode()
        topic = f"assistant/shelly/{OTHER}/rpc"
        await world.registry.take(topic, body, kept=False)
    notes: list[Any] = [
        rubbish,
        {"src": OTHER, "method": "NotifyStatus", "params": rubbish},
        {"src": ID, "method": "NotifyEvent", "params": {"events": rubbish}},
        {"src": ID, "method": "NotifyStatus", "params": {"switch:0": rubbish}},
    ]
    await world.say(f"{ID}/events/rpc", '{"config_changed": ')
    for note in notes:
        for prefix in (OTHER, ID):
            body = json.dumps(note).encode()
            await world.registry.take(f"{prefix}/events/rpc", body, kept=False)
            await world.registry.take(f"{prefix}/status/switch:0", body, kept=False)
    await world.say(*world.double.notify({"switch:0": {"output": False}}))
    assert world.home.state(f"{PREFIX}_switch_0") == {"power": "off"}


def settings_for(broker: Mosquitto, **more: Any) -> MqttSettings:
    return MqttSettings(host="127.0.0.1", port=broker.port, **more)


@pytest.mark.broker
async def test_it_is_found_commanded_confirmed_and_lost_on_a_real_broker(tmp_path: Any) -> None:
    broker = Mosquitto(tmp_path)
    broker.start()
    config = device_config(switch_0={"name": "Lamp"}, cover_0={"name": "Blind"})
    double = ShellyDouble(config, device_status(switch_0={"output": False}, cover_0=CALIBRATED))
    home = Home()
    bus = MqttBus(settings_for(broker), home)
    lamp, blind = f"{PREFIX}_switch_0", f"{PREFIX}_cover_0"
    try:
        async with shelly_on(broker.port, double):
            await bus.start()
            await eventually(lambda: home.state(lamp) and home.state(blind))
            actions = [
                Action("switch.turn_on", lamp),
                Action("cover.set_cover_position", blind, {"position": 20}),
            ]
            results = await bus.perform(actions)
            assert [one.status for one in results] == [Status.CONFIRMED, Status.CONFIRMED]
            assert ("Switch.Set", {"id": 0, "on": True}) in double.calls
            double.refuses["Switch.Set"] = {"code": -114, "message": "Overpower"}
            (refused,) = await bus.perform([Action("switch.turn_off", lamp)])
            assert refused.status is Status.NO_ANSWER
        await eventually(lambda: not home.available(lamp))
        (gone,) = await bus.perform([Action("switch.turn_on", lamp)])
        assert gone.status is Status.UNAVAILABLE
    finally:
        await bus.stop()
        broker.stop()


@pytest.mark.broker
async def test_its_state_is_right_again_after_the_broker_was_away(tmp_path: Any) -> None:
    broker = Mosquitto(tmp_path)
    broker.start()
    config = device_config(switch_0={}, switch_1={})
    status = device_status(switch_0={"output": False}, switch_1={"output": False})
    double = ShellyDouble(config, status)
    home = Home()
    bus = MqttBus(settings_for(broker), home)
    try:
        async with shelly_on(broker.port, double):
            await bus.start()
            await eventually(lambda: home.state(f"{PREFIX}_switch_1") == {"power": "off"})
        broker.restart()
        await eventually(lambda: not bus.connected)
        double.status["switch:1"]["output"] = True
        async with shelly_on(broker.port, double):
            await eventually(lambda: home.state(f"{PREFIX}_switch_1") == {"power": "on"})
            assert home.available(f"{PREFIX}_switch_1")
    finally:
        await bus.stop()
        broker.stop()


@pytest.mark.broker
@pytest.mark.parametrize("version", ["3.1.1", "5"])
async def test_a_press_counts_once_and_a_device_is_asked_once(tmp_path: Any, version: str) -> None:
    broker = Mosquitto(tmp_path)
    broker.start()
    config = device_config(input_0={"type": "button", "name": "Bell"})
    double = ShellyDouble(config, device_status(input_0={"state": None}))
    home = Home()
    bus = MqttBus(settings_for(broker, protocol=version), home)
    bell, presses = f"{PREFIX}_input_0", []
    try:
        async with shelly_on(broker.port, double) as client:
            await bus.start()
            await eventually(lambda: bell in home.devices)
            home.on_state(lambda changed: presses.append(home.state(changed).get("event")))
            for event in ("single_push", "long_push"):
                topic, payload = double.fire("input:0", event)
                await client.publish(topic, payload, qos=1)
            await eventually(lambda: "long_push" in presses)
            assert presses == ["single_push", "long_push"]
            asked = [method for method, _ in double.calls]
            assert asked == ["Shelly.GetConfig", "Shelly.GetStatus"]
    finally:
        await bus.stop()
        broker.stop()
