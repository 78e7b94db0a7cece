"""Thermostats and air conditioners (home-assistant.io/integrations/climate.mqtt)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assistant.home.devices import Features, State
from assistant.home.mqtt.dialect import AnnouncementError, Message
from assistant.home.mqtt.homeassistant.config import Config
from assistant.home.mqtt.homeassistant.entity import Entity, Verb, also, say, tell, verbs
from assistant.home.mqtt.homeassistant.readers import Readers, anything, as_number, one_of
from assistant.types import SlotValue

_HVAC_MODES = ("auto", "off", "cool", "heat", "dry", "fan_only")
_ACTIONS = (
    "off", "preheating", "heating", "cooling", "drying", "idle", "fan", "defrosting",
)  # fmt: skip
_BEST = ("heat_cool", "auto", "heat")
_FAN_MODES = ("auto", "low", "medium", "high")
_SWINGS = ("on", "off")


def climate(config: Config) -> Entity:
    """A thermostat or air conditioner: one target temperature or a range of them."""
    modes = config.texts("modes", _HVAC_MODES)
    readers = _readers(config, modes)
    mode = config.command("mode_command_topic", "mode_command_template")
    power = config.command("power_command_topic", "power_command_template")
    on, off = config.text("payload_on", "ON"), config.text("payload_off", "OFF")
    target, low, high = (
        config.command(f"{name}_command_topic", f"{name}_command_template")
        for name in ("temperature", "temperature_low", "temperature_high")
    )
    set_mode = tell(mode, "hvac_mode")
    best = next((m for m in (*_BEST, *modes) if m in modes and m != "off"), None)
    spoken = verbs(
        set_hvac_mode=set_mode,
        set_temperature=_set_temperature(
            set_mode, tell(target, "temperature"), tell(low, "target_temp_low"),
            tell(high, "target_temp_high"),
        ),
        set_humidity=tell(
            config.command("target_humidity_command_topic", "target_humidity_command_template"),
            "humidity",
        ),
        turn_on=say(power, on) or say(mode, best),
        turn_off=say(power, off) or say(mode, "off" if "off" in modes else None),
    )  # fmt: skip
    for key in ("fan_mode", "swing_mode", "preset_mode"):
        make = config.command(f"{key}_command_topic", f"{key}_command_template")
        spoken |= verbs(**{f"set_{key}": tell(make, key)})
    presets = config.texts("preset_modes")
    fahrenheit = "F" in config.text("temperature_unit", "C").upper()
    degrees, humidities = _range(config, fahrenheit), _humidities(config)
    features = Features(
        temperature=degrees if "set_temperature" in spoken else None,
        temperature_step=config.number("temp_step", 1.0),
        temperature_span=low is not None and high is not None,
        humidity=humidities if "set_humidity" in spoken else None,
        modes=modes if mode else (),
        presets=("none", *presets) if "set_preset_mode" in spoken and presets else (),
        fan_modes=config.texts("fan_modes", _FAN_MODES) if "set_fan_mode" in spoken else (),
        swing_modes=config.texts("swing_modes", _SWINGS) if "set_swing_mode" in spoken else (),
        unit="°F" if fahrenheit else "°C",
    )
    return Entity(readers, spoken, features)


def _set_temperature(mode: Verb | None, *targets: Verb | None) -> Verb | None:
    if not any(targets):
        return None
    every = also(mode, *targets)

    def verb(data: Mapping[str, SlotValue], state: State) -> Sequence[Message]:
        return every(data, state) if every else ()

    return verb


def _range(config: Config, fahrenheit: bool) -> tuple[float, float]:
    low = config.number("min_temp", 45 if fahrenheit else 7)
    high = config.number("max_temp", 95 if fahrenheit else 35)
    if low >= high:
        raise AnnouncementError("max_temp must be above min_temp")
    return low, high


def _humidities(config: Config) -> tuple[float, float]:
    low, high = config.number("min_humidity", 30), config.number("max_humidity", 99)
    if not 0 <= low < high <= 100:
        raise AnnouncementError("max_humidity must be above min_humidity")
    return low, high


def _readers(config: Config, modes: tuple[str, ...]) -> Readers:
    readers = Readers(config)
    for name, key in (
        ("temperature", "temperature"),
        ("temperature_low", "target_temp_low"),
        ("temperature_high", "target_temp_high"),
        ("target_humidity", "humidity"),
    ):
        readers.add(
            f"{name}_state_topic", (f"{name}_state_template", "value_template"), key, as_number
        )
    for name in ("current_temperature", "current_humidity"):
        readers.add(f"{name}_topic", (f"{name}_template", "value_template"), name, as_number)
    readers.add(
        "mode_state_topic", ("mode_state_template", "value_template"), "hvac_mode",
        one_of({mode: mode for mode in (*modes, "off")}),
    )  # fmt: skip
    for name in ("fan_mode", "swing_mode"):
        readers.add(
            f"{name}_state_topic", (f"{name}_state_template", "value_template"), name, anything
        )
    readers.add(
        "preset_mode_state_topic", ("preset_mode_value_template", "value_template"),
        "preset_mode", one_of({name: name for name in ("none", *config.texts("preset_modes"))}),
        none="none",
    )  # fmt: skip
    readers.add(
        "action_topic", ("action_template", "value_template"), "action",
        one_of({action: action for action in _ACTIONS}),
    )  # fmt: skip
    readers.add(
        "power_state_topic", ("power_state_template", "value_template"), "power",
        one_of({config.text("payload_on", "ON"): "on", config.text("payload_off", "OFF"): "off"}),
    )  # fmt: skip
    return readers
