"""How each kind of device looks in Tasmota: its part of the discovery, its commands and answers.

Written from https://tasmota.github.io/docs/Commands/, …/docs/Lights/, …/docs/Blinds-and-Shutters/,
…/docs/Buttons-and-Switches/ and …/docs/Discovery/.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from assistant.home.colors import hs_to_rgb, rgb_to_hs
from assistant.home.commands.expectations import as_number, is_number
from assistant.home.devices import Device, State
from assistant.home.simulator.behaviour import NonsenseError, Wish
from assistant.home.simulator.values import event_types
from assistant.home.simulator.wire import Document, number_in
from assistant.types import SlotValue

CommandHear = Callable[[str, State], tuple[Wish, ...]]

SCHEMES = ("None", "Wake up", "Cycle up", "Cycle down", "Random")
"""Effects of every colour light, by number."""
_FULL_RANGE = (153.0, 500.0)
_TILT = (-90, 90)
"""Angles of closed and of open slats, in degrees; a device is free to have others."""
_PRESSES = {"SINGLE", "DOUBLE", "TRIPLE", "QUAD", "PENTA", "HOLD"}


@dataclass(frozen=True, slots=True)
class Form:
    """What a device announces, hears and tells."""

    config: Mapping[str, object]
    """What differs from an empty device in `tasmota/discovery/<mac>/config`."""
    commands: Mapping[str, CommandHear]
    """By command in lower case; with the index where there is one."""
    result: Callable[[State], Document]
    """What `stat/…/RESULT` says after a command."""
    power: bool = False
    """Whether `stat/…/POWER` is told too."""
    in_state: bool = True
    """Whether the result is part of `tele/…/STATE`, or else of `tele/…/SENSOR`."""
    sensors: Callable[[State], Document] | None = None
    """The announcement under `…/sensors`, and `tele/…/SENSOR`."""
    options: Mapping[str, int] = field(default_factory=dict)
    """SetOptions that are not 0."""


def _power(payload: str, state: State) -> tuple[Wish, ...]:
    word = payload.strip().upper()
    verb = {"ON": "turn_on", "1": "turn_on", "TRUE": "turn_on", "OFF": "turn_off",
            "0": "turn_off", "FALSE": "turn_off", "TOGGLE": "toggle", "2": "toggle"}  # fmt: skip
    if word not in verb:
        raise NonsenseError(f"{payload!r} is no power")
    return (Wish(verb[word]),)


_POWER: dict[str, CommandHear] = {"power": _power, "power0": _power, "power1": _power}


def _shows_power(state: State) -> Document:
    return {"POWER": str(state.get("power", "off")).upper()}


def switch(device: Device) -> Form:
    """A relay."""
    return Form({"rl": [1]}, _POWER, _shows_power, power=True)


def light(device: Device) -> Form:
    """A relay shown as a light, or one to five channels."""
    features = device.features
    if not (features.brightness or features.color or features.color_temp):
        return Form({"rl": [1]}, _POWER, _shows_power, power=True, options={"30": 1})
    kind = 5 if features.color and features.color_temp else 3 if features.color else 0
    kind = kind or (2 if features.color_temp else 1)
    low, high = _FULL_RANGE
    if kind in (2, 5) and features.color_temp and features.color_temp[0] > 2600:
        low, high = 200.0, 380.0
    commands = _POWER | {"dimmer": _dimmer, "dimmer0": _dimmer, "dimmer1": _dimmer}
    if kind in (2, 5):

        def kelvin(payload: str, state: State) -> tuple[Wish, ...]:
            mireds = number_in(payload)
            if not 153 <= mireds <= 500:
                raise NonsenseError(f"CT must be 153 to 500, not {payload!r}")
            return (Wish("turn_on", {"color_temp_kelvin": 1e6 / min(max(mireds, low), high)}),)

        commands |= {"ct": kelvin, "colortemperature": kelvin}
    if kind >= 3:
        commands |= {
            "scheme": _scheme,
            "color": _color,
            "color1": _color,
            "color2": _color,
            "hsbcolor": _hsb,
        }
    options = {"82": 1} if low == 200 else {}
    config = {"rl": [2], "lt_st": kind}
    return Form(config, commands, _shows_light(kind), power=True, options=options)


def _dimmer(payload: str, state: State) -> tuple[Wish, ...]:
    level = number_in(payload)
    if not 0 <= level <= 100:
        raise NonsenseError(f"Dimmer must be 0 to 100, not {payload!r}")
    return (Wish("turn_on", {"brightness_pct": level}) if level else Wish("turn_off"),)


def _color(payload: str, state: State) -> tuple[Wish, ...]:
    """`r,g,b[,…]` in decimal, or `[#]RRGGBB…`."""
    text = payload.strip().lstrip("#")
    try:
        channels = (
            [int(part) for part in text.split(",")] if "," in text else list(bytes.fromhex(text))
        )
    except ValueError:
        channels = []
    if len(channels) < 3 or not all(0 <= channel <= 255 for channel in channels):
        raise NonsenseError(f"{payload!r} is no colour")
    return (Wish("turn_on", {"rgb_color": tuple(channels[:3])}),)


def _hsb(payload: str, state: State) -> tuple[Wish, ...]:
    parts = [number_in(part) for part in payload.split(",")]
    if len(parts) != 3:
        raise NonsenseError(f"{payload!r} is no hue, saturation and brightness")
    data: dict[str, SlotValue] = {"rgb_color": hs_to_rgb(parts[0], parts[1])}
    return (Wish("turn_on", {**data, "brightness_pct": parts[2]}),)


def _scheme(payload: str, state: State) -> tuple[Wish, ...]:
    if payload.strip() not in tuple("01234"):
        raise NonsenseError(f"Scheme must be 0 to 4, not {payload!r}")
    return (Wish("turn_on", {"effect": SCHEMES[int(payload)]}),)


def _shows_light(kind: int) -> Callable[[State], Document]:
    def show(state: State) -> Document:
        level = state.get("brightness_pct", 100)
        dimmer = round(as_number(level)) if is_number(level) else 100
        shown = _shows_power(state) | {"Dimmer": dimmer}
        rgb, kelvin = state.get("rgb_color"), state.get("color_temp_kelvin")
        colored = kind >= 3 and isinstance(rgb, tuple)
        colored = colored and (kind == 3 or state.get("color_mode", "rgb") == "rgb")
        if kind >= 3:
            red, green, blue = (
                (round(as_number(c) * dimmer / 100) for c in rgb)
                if colored and isinstance(rgb, tuple)
                else (0, 0, 0)
            )
            white = [] if kind == 3 else [0, 0] if colored else [round(dimmer * 2.55), 0]
            channels = [red, green, blue, *white]
            hue, saturation = rgb_to_hs((red, green, blue)) if colored else (0, 0)
            shown["Color"] = bytes(channels).hex().upper()
            shown["HSBColor"] = f"{round(hue)},{round(saturation)},{dimmer if colored else 0}"
            if kind > 3:
                shown["White"] = 0 if colored else dimmer
            shown["Scheme"] = SCHEMES.index(str(state.get("effect", SCHEMES[0])))
            shown["Channel"] = [round(channel / 2.55) for channel in channels]
        if kind in (2, 5):
            shown["CT"] = round(1e6 / as_number(kelvin)) if is_number(kelvin) else 153
        return shown

    return show


def shutter(device: Device) -> Form:
    """A shutter on two relays, with tilt where it has slats."""
    tilts = device.features.tilt

    def order(verb: str) -> CommandHear:
        return lambda payload, state: (Wish(verb),)

    def position(payload: str, state: State) -> tuple[Wish, ...]:
        return (Wish("set_cover_position", {"position": number_in(payload)}),)

    def tilt(payload: str, state: State) -> tuple[Wish, ...]:
        word = payload.strip().upper()
        low, high = _TILT
        words = {"OPEN": float(high), "CLOSE": float(low)}
        angle = words[word] if word in words else number_in(payload)
        percent = (angle - low) / (high - low) * 100
        return (Wish("set_cover_tilt_position", {"tilt_position": round(percent)}),)

    commands: dict[str, CommandHear] = {
        "shutteropen": order("open_cover"),
        "shutterclose": order("close_cover"),
        "shutterstop": order("stop_cover"),
        "shutterposition": position,
    }
    if tilts:
        commands["shuttertilt"] = tilt
    commands |= {f"{name}1": hear for name, hear in commands.items()}

    def show(state: State) -> Document:
        direction = {"opening": 1, "closing": -1}.get(str(state.get("cover")), 0)
        at = state.get("position", 0)
        shown: Document = {"Position": at, "Direction": direction, "Target": at}
        low, high = _TILT
        percent = state.get("tilt", 0)
        if tilts and is_number(percent):
            shown["Tilt"] = round(low + (high - low) * as_number(percent) / 100)
        return {"Shutter1": shown}

    config: dict[str, object] = {"rl": [3, 3]}
    if tilts:
        config["sht"] = [[*_TILT, 20]]
    return Form(config, commands, show, in_state=False, sensors=show)


def fan(device: Device) -> Form:
    """An iFan, with three speeds."""

    def speed(payload: str, state: State) -> tuple[Wish, ...]:
        if payload.strip() not in ("0", "1", "2", "3"):
            raise NonsenseError(f"FanSpeed must be 0 to 3, not {payload!r}")
        step = int(payload)
        percent = step * 100 // 3
        return (Wish("set_percentage", {"percentage": percent}) if step else Wish("turn_off"),)

    def show(state: State) -> Document:
        percent = state.get("percentage", 0)
        on = state.get("power") == "on" and is_number(percent)
        return {"FanSpeed": round(as_number(percent) * 3 / 100) if on else 0}

    return Form({"if": 1}, {"fanspeed": speed}, show)


_MEASURED = {
    "temperature": ("DS18B20", "Temperature"), "humidity": ("AM2301", "Humidity"),
    "pressure": ("BMP280", "Pressure"), "atmospheric_pressure": ("BMP280", "Pressure"),
    "illuminance": ("BH1750", "Illuminance"), "carbon_dioxide": ("MHZ19B", "CarbonDioxide"),
    "pm25": ("PMS5003", "PM2.5"), "power": ("ENERGY", "Power"), "energy": ("ENERGY", "Total"),
    "voltage": ("ENERGY", "Voltage"), "current": ("ENERGY", "Current"),
}  # fmt: skip


def sensor(device: Device) -> Form:
    """One of the sensors that Tasmota has drivers for."""
    part, quantity = _MEASURED[device.device_class or ""]

    def show(state: State) -> Document:
        reading: Document = {part: {quantity: state.get("value", 0)}}
        if quantity == "Temperature":
            reading["TempUnit"] = "F" if "F" in device.features.unit else "C"
        return reading

    return Form({}, {}, show, in_state=False, sensors=show)


def binary_sensor(device: Device) -> Form:
    """A switch input, on its own (SetOption114), called by its SwitchText."""

    def word(state: State) -> str:
        return "ON" if state.get("value") == "on" else "OFF"

    return Form(
        {"swc": [1], "swn": [device.name]},
        {},
        lambda state: {device.name: {"Action": word(state)}},
        in_state=False,
        sensors=lambda state: {device.name: word(state)},
        options={"114": 1},
    )


def event(device: Device) -> Form:
    """A button, on its own (SetOption73)."""
    return Form(
        {"btn": [1]},
        {},
        lambda state: {"Button1": {"Action": str(state.get("event", "")).upper()}},
        in_state=False,
        options={"73": 1},
    )


FORMS: Mapping[str, Callable[[Device], Form]] = {
    "switch": switch,
    "light": light,
    "cover": shutter,
    "fan": fan,
    "sensor": sensor,
    "binary_sensor": binary_sensor,
    "event": event,
}


def why_not_tasmota(device: Device) -> str:
    """Why Tasmota has no such device; empty where it has."""
    features = device.features
    if device.members:
        return "groups"
    if device.type not in FORMS:
        return f"{device.type} devices"
    match device.type:
        case "light" if not set(features.effects) <= set(SCHEMES if features.color else ()):
            return "effects of the light's own"
        case "fan" if features.presets or features.oscillation or features.direction:
            return "fans with presets, or that swing or turn the other way"
        case "fan" if not features.percentage or abs(features.percentage_step - 100 / 3) > 1:
            return "fans without exactly three speeds"
        case "sensor" if device.device_class not in _MEASURED:
            return f"sensors of {device.device_class or 'no device class'}"
        case "event" if not {name.upper() for name in event_types(device)} <= _PRESSES:
            return f"events other than {', '.join(sorted(_PRESSES)).lower()}"
    return ""
