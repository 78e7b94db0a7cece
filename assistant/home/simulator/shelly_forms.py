"""How each kind of device looks in a Shelly of the second generation or later: its component.

Written from https://shelly-api-docs.shelly.cloud/gen2/ComponentsAndServices/Introduction: Switch,
Light, CCT, RGB, RGBCCT, Cover, Input, Temperature, Humidity, Illuminance, Flood, Smoke, Thermostat
and the dynamic components Number, Text, Enum, Boolean and Button.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from assistant.home.commands.expectations import as_number, is_number
from assistant.home.devices import Device, State
from assistant.home.simulator.behaviour import NonsenseError, Wish
from assistant.home.simulator.values import TEXT_LENGTH, choices, event_types, number_range
from assistant.home.simulator.wire import Document
from assistant.types import SlotValue

Call = Callable[[Document, State], tuple[Wish, ...]]
"""What a method's parameters ask. Raises `NonsenseError`."""

_PUSHES = {"single_push", "double_push", "triple_push", "long_push", "btn_down", "btn_up"}


@dataclass(frozen=True, slots=True)
class Form:
    """One component, and the model of device that has it."""

    key: str
    """Such as `switch:0`; dynamic components begin at 200."""
    app: str
    model: str
    config: Mapping[str, object]
    status: Callable[[State], Document]
    calls: Mapping[str, Call] = field(default_factory=dict)
    """By method."""
    words: Mapping[str, Wish] = field(default_factory=dict)
    """What the plain `command/<component>` topic understands."""
    pushes: bool = False
    """Whether its state key `event` is told by NotifyEvent."""

    @property
    def number(self) -> int:
        """The component's id."""
        return int(self.key.partition(":")[2])

    @property
    def dynamic(self) -> bool:
        """Whether it was added by the user, and is listed by Shelly.GetComponents only."""
        return self.number >= 200


_WORDS = {"on": Wish("turn_on"), "off": Wish("turn_off"), "toggle": Wish("toggle")}


def _toggle(params: Document, state: State) -> tuple[Wish, ...]:
    return (Wish("toggle"),)


def switch(device: Device) -> Form:
    """A relay."""

    def set_(params: Document, state: State) -> tuple[Wish, ...]:
        return (Wish("turn_on" if _flag(params, "on") else "turn_off"),)

    def status(state: State) -> Document:
        on = state.get("power") == "on"
        return {
            "id": 0, "source": "MQTT", "output": on, "apower": 8.5 if on else 0.0,
            "voltage": 230.1, "current": 0.04 if on else 0.0, "temperature": {"tC": 41.2},
        }  # fmt: skip

    calls: dict[str, Call] = {"Switch.Set": set_, "Switch.Toggle": _toggle}
    config = {"in_mode": "follow", "initial_state": "restore_last"}
    return Form("switch:0", "Plus1PM", "SNSW-001P16EU", config, status, calls, _WORDS)


def light(device: Device) -> Form:
    """Light, CCT, RGB or RGBCCT, by what the lamp can do."""
    features = device.features
    kind = "RGBCCT" if features.color and features.color_temp else "RGB" if features.color else ""
    kind = kind or ("CCT" if features.color_temp else "Light")
    config: dict[str, object] = {"initial_state": "restore_last"}
    if features.color_temp:
        config["ct_range"] = list(features.color_temp)

    def set_(params: Document, state: State) -> tuple[Wish, ...]:
        data: dict[str, SlotValue] = {}
        if "brightness" in params:
            data["brightness_pct"] = params["brightness"]
        if "rgb" in params and features.color:
            data["rgb_color"] = tuple(params["rgb"]) if isinstance(params["rgb"], list) else ()
        if "ct" in params and features.color_temp:
            data["color_temp_kelvin"] = params["ct"]
        if "on" not in params and not data:
            raise NonsenseError("on or brightness must be given")
        if "on" not in params:
            return (Wish("adjust", data),)
        return (Wish("turn_on" if _flag(params, "on") else "turn_off", data),)

    def status(state: State) -> Document:
        shown: Document = {"id": 0, "source": "MQTT", "output": state.get("power") == "on"}
        level = state.get("brightness_pct", 100)
        shown["brightness"] = round(as_number(level)) if is_number(level) else 100
        rgb, kelvin = state.get("rgb_color", (255, 255, 255)), state.get("color_temp_kelvin")
        if features.color and isinstance(rgb, tuple):
            shown["rgb"] = list(rgb)
        if features.color_temp:
            known = as_number(kelvin) if is_number(kelvin) else features.color_temp[0]
            shown["ct"] = round(known)
        if kind == "RGBCCT":
            colored = state.get("color_mode", "rgb" if "rgb_color" in state else "cct") == "rgb"
            shown["mode"] = "rgb" if colored else "cct"
        return shown

    calls: dict[str, Call] = {f"{kind}.Set": set_, f"{kind}.Toggle": _toggle}
    apps = {"Light": ("PlusWallDimmer", "SNDM-0013US"), "CCT": ("DuoBulbG3", "S3BL-C010007AEU"),
            "RGB": ("PlusRGBWPM", "SNDC-0D4P10WW"), "RGBCCT": ("MulticolorBulbG3", "S3BL-D010009AEU")}  # fmt: skip  # noqa: E501
    app, model = apps[kind]
    return Form(f"{kind.lower()}:0", app, model, config, status, calls, _WORDS)


def cover(device: Device) -> Form:
    """A roller shutter, with slats where it has them."""
    features = device.features

    def go_to(params: Document, state: State) -> tuple[Wish, ...]:
        wishes = []
        if "pos" in params:
            wishes.append(Wish("set_cover_position", {"position": params["pos"]}))
        if "slat_pos" in params and features.tilt:
            wishes.append(Wish("set_cover_tilt_position", {"tilt_position": params["slat_pos"]}))
        if not wishes:
            raise NonsenseError("pos or slat_pos must be given")
        return tuple(wishes)

    words = {"open": Wish("open_cover"), "close": Wish("close_cover"), "stop": Wish("stop_cover")}
    calls: dict[str, Call] = {
        "Cover.Open": lambda params, state: (words["open"],),
        "Cover.Close": lambda params, state: (words["close"],),
        "Cover.Stop": lambda params, state: (words["stop"],),
    }
    if features.position:
        calls["Cover.GoToPosition"] = go_to

    def status(state: State) -> Document:
        shown: Document = {
            "id": 0, "source": "MQTT", "state": state.get("cover"), "apower": 0.0,
            "voltage": 230.0, "current": 0.0, "pos_control": features.position,
        }  # fmt: skip
        if features.position:
            at = state.get("position")
            shown |= {"current_pos": at, "target_pos": at, "last_direction": None}
        if features.tilt:
            shown["slat_pos"] = state.get("tilt")
        return shown

    config = {"in_mode": "dual", "slat": {"enable": features.tilt}}
    return Form("cover:0", "Plus2PM", "SNSW-102P16EU", config, status, calls, words)


def climate(device: Device) -> Form:
    """The thermostat of a wall display."""

    def set_config(params: Document, state: State) -> tuple[Wish, ...]:
        config = params.get("config")
        if not isinstance(config, dict):
            raise NonsenseError("config must be an object")
        wishes = []
        if "enable" in config:
            mode = "heat" if _flag(config, "enable") else "off"
            wishes.append(Wish("set_hvac_mode", {"hvac_mode": mode}))
        if "target_C" in config:
            wishes.append(Wish("set_temperature", {"temperature": config["target_C"]}))
        return tuple(wishes)

    def status(state: State) -> Document:
        return {
            "id": 0, "enable": state.get("hvac_mode") != "off", "output": False, "schedules": {},
            "target_C": state.get("temperature"), "current_C": state.get("current_temperature"),
        }  # fmt: skip

    config = {"type": "heating", "enable": True, "sensor": "shelly://self", "hysteresis": 0.5}
    calls: dict[str, Call] = {"Thermostat.SetConfig": set_config}
    return Form("thermostat:0", "WallDisplay", "SAWD-0A1XX10EU1", config, status, calls)


def sensor(device: Device) -> Form:
    """Temperature, humidity or illuminance."""
    key, field_name = _MEASURED[device.device_class or ""]

    def status(state: State) -> Document:
        value = state.get("value")
        shown: Document = {"id": 0, field_name: value}
        if field_name == "tC" and is_number(value):
            shown["tF"] = round(as_number(value) * 1.8 + 32, 1)
        return shown

    return Form(f"{key}:0", "HTG3", "S3SN-0U12A", {}, status)


_MEASURED = {
    "temperature": ("temperature", "tC"), "humidity": ("humidity", "rh"),
    "illuminance": ("illuminance", "lux"),
}  # fmt: skip
_ALARMS = {"moisture": "flood", "smoke": "smoke"}


def binary_sensor(device: Device) -> Form:
    """An alarm of flood or smoke, else a switch on an input."""
    alarm = _ALARMS.get(device.device_class or "")
    if alarm:
        return Form(
            f"{alarm}:0", alarm.capitalize(), "SNSN-0031Z", {},
            lambda state: {"id": 0, "alarm": state.get("value") == "on", "mute": False},
        )  # fmt: skip
    return Form(
        "input:0", "PlusI4", "SNSN-0024X", {"type": "switch", "enable": True, "invert": False},
        lambda state: {"id": 0, "state": state.get("value") == "on"},
    )  # fmt: skip


def event(device: Device) -> Form:
    """A button on an input."""
    config = {"type": "button", "enable": True, "invert": False}
    return Form(
        "input:0", "PlusI4", "SNSN-0024X", config, lambda state: {"id": 0, "state": None},
        pushes=True,
    )  # fmt: skip


def _value(kind: str, device: Device, config: Mapping[str, object], verb: str, key: str) -> Form:
    def set_(params: Document, state: State) -> tuple[Wish, ...]:
        if "value" not in params:
            raise NonsenseError("value must be given")
        return (Wish(verb, {key: params["value"]}),)

    return Form(
        f"{kind.lower()}:200", "Pro1", "SPSW-201XE16EU", {"access": "crw", **config},
        lambda state: {"value": state.get("value"), "source": "rpc"},
        {f"{kind}.Set": set_},
    )  # fmt: skip


def number(device: Device) -> Form:
    """A dynamic number."""
    low, high = number_range(device)
    view = {"view": "slider", "unit": device.features.unit, "step": device.features.value_step}
    config = {"min": low, "max": high, "meta": {"ui": view}}
    return _value("Number", device, config, "set_value", "value")


def text(device: Device) -> Form:
    """A dynamic text."""
    longest = round((device.features.value_range or TEXT_LENGTH)[1])
    return _value("Text", device, {"max_len": longest}, "set_value", "value")


def select(device: Device) -> Form:
    """A dynamic enumeration."""
    config = {"options": list(choices(device))}
    return _value("Enum", device, config, "select_option", "option")


def button(device: Device) -> Form:
    """A dynamic button."""
    calls: dict[str, Call] = {"Button.Trigger": lambda params, state: (Wish("press"),)}
    return Form(
        "button:200", "Pro1", "SPSW-201XE16EU", {"access": "crw"}, lambda state: {}, calls
    )  # fmt: skip


FORMS: Mapping[str, Callable[[Device], Form]] = {
    "switch": switch,
    "light": light,
    "cover": cover,
    "climate": climate,
    "sensor": sensor,
    "binary_sensor": binary_sensor,
    "event": event,
    "number": number,
    "text": text,
    "select": select,
    "button": button,
}


def why_not_shelly(device: Device) -> str:
    """Why there is no such Shelly; empty where there is."""
    features = device.features
    if device.members:
        return "groups"
    if device.type not in FORMS:
        return f"{device.type} devices"
    match device.type:
        case "light" if features.effects:
            return "effects of the light's own"
        case "cover" if features.tilt and not features.position:
            return "slats without positions"
        case "climate" if not set(features.modes) <= {"off", "heat"}:
            return "thermostats that do more than heat"
        case "climate" if (
            features.presets or features.fan_modes or features.swing_modes
            or features.humidity or features.temperature_span or "F" in features.unit
        ):  # fmt: skip
            return "thermostats with more than one temperature in °C"
        case "sensor" if device.device_class not in _MEASURED:
            return f"sensors of {device.device_class or 'no device class'}"
        case "event" if not set(event_types(device)) <= _PUSHES:
            return f"events other than {', '.join(sorted(_PUSHES))}"
    return ""


def _flag(params: Document, key: str) -> bool:
    value = params.get(key)
    if not isinstance(value, bool):
        raise NonsenseError(f"{key} must be true or false, not {value!r}")
    return value
