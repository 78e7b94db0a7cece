"""A home with one of each component, and what each can do."""

from __future__ import annotations

from assistant.home.devices import Area, Device, Features, Floor
from assistant.home.model import Home

AREAS = [
    Area("kitchen", "Kitchen", "ground"),
    Area("living", "Living room", "ground"),
    Area("bedroom", "Bedroom", "upper"),
    Area("bath", "Bathroom", "upper"),
    Area("garden", "Garden"),
]
FLOORS = [
    Floor("ground", "Ground floor", ("downstairs",)),
    Floor("upper", "First floor", ("upstairs",)),
]
_AC = Features(
    temperature=(10, 30), temperature_span=True, humidity=(30, 70), unit="°C",
    modes=("off", "heat", "cool", "heat_cool"), presets=("eco", "comfort", "boost"),
    fan_modes=("low", "high", "auto"), swing_modes=("off", "vertical", "both"),
)  # fmt: skip

DEVICES = [
    Device("lamp", "Floor lamp", "light", "living", features=Features(
        brightness=True, color=True, effects=("Rainbow", "Color Loop", "off"))),
    Device("strip", "Light strip", "light", "kitchen", features=Features(brightness=True)),
    Device("plug", "Washing machine", "switch", "kitchen"),
    Device("fan", "Ceiling fan", "fan", "bedroom", features=Features(
        percentage=True, oscillation=True, direction=True, presets=("sleep", "turbo"))),
    Device("blind", "Office blind", "cover", "living", device_class="blind",
           features=Features(position=True, tilt=True)),
    Device("garage", "Garage door", "cover", device_class="garage"),
    Device("valve", "Garden valve", "valve", "garden"),
    Device("lock", "Front door", "lock", "kitchen"),
    Device("safe", "Safe", "lock", "bedroom", features=Features(
        code="number", code_verbs=("unlock",))),
    Device("ac", "Air conditioner", "climate", "living", features=_AC),
    Device("dry", "Humidifier", "humidifier", "bedroom", features=Features(
        humidity=(30, 80), modes=("auto", "sleep", "boost"))),
    Device("boiler", "Boiler", "water_heater", "bath", features=Features(
        temperature=(30, 65), modes=("off", "eco", "performance"))),
    Device("tv", "TV", "media_player", "living", features=Features(
        sources=("HDMI 1", "Netflix", "Radio One"))),
    Device("robot", "Rosie", "vacuum", "living", features=Features(
        fan_modes=("quiet", "standard", "max"))),
    Device("mower", "Shaun", "lawn_mower", "garden"),
    Device("siren", "Hall siren", "siren", features=Features(
        tones=("burglar", "bell"), siren_volume=True, siren_duration=True)),
    Device("alarm", "House alarm", "alarm_control_panel", features=Features(
        modes=("arm_home", "arm_away", "arm_night"))),
    Device("bell", "Doorbell chime", "button"),
    Device("movie", "Movie time", "scene"),
    Device("program", "Dishwasher program", "select", "kitchen", features=Features(
        modes=("Eco 50", "Intensive", "quick_wash"))),
    Device("offset", "Heating offset", "number", features=Features(
        value_range=(-5, 5), value_step=0.5, unit="°C")),
    Device("sign", "Door sign", "text", features=Features(value_range=(0, 40))),
    Device("clicks", "Desk button", "event", features=Features(modes=("single", "double"))),
    Device("power", "Washing machine power", "sensor", "kitchen", (), "power",
           Features(unit="W")),
    Device("energy", "Washing machine energy", "sensor", "kitchen", (), "energy",
           Features(unit="kWh")),
    Device("co2", "Bedroom CO2", "sensor", "bedroom", ("Bedroom carbon dioxide",),
           "carbon_dioxide", Features(unit="ppm")),
    Device("humid", "Bathroom humidity", "sensor", "bath", (), "humidity", Features(unit="%")),
    Device("lux", "Garden brightness", "sensor", "garden", (), "illuminance",
           Features(unit="lx")),
    Device("window", "Kitchen window", "binary_sensor", "kitchen", (), "window"),
    Device("window2", "Bathroom window", "binary_sensor", "bath", (), "window"),
    Device("leak", "Washing machine leak sensor", "binary_sensor", "kitchen", (), "moisture"),
    Device("motion", "Bedroom motion", "binary_sensor", "bedroom", (), "motion"),
    Device("smoke", "Kitchen smoke detector", "binary_sensor", "kitchen", (), "smoke"),
    Device("battery", "Remote control battery", "binary_sensor", None, (), "battery"),
    Device("cellar", "Cellar lamp", "light", exposed=False),
]  # fmt: skip

STATES: dict[str, dict[str, object]] = {
    "lamp": {"power": "on", "brightness_pct": 40, "effect": "Rainbow"},
    "fan": {"power": "on", "percentage": 50, "direction": "forward"},
    "lock": {"lock": "unlocked"},
    "safe": {"lock": "locked"},
    "ac": {"hvac_mode": "heat_cool", "target_temp_low": 19, "target_temp_high": 24,
           "current_temperature": 21.5, "humidity": 50, "current_humidity": 44},
    "dry": {"power": "on", "humidity": 50, "current_humidity": 41, "mode": "auto"},
    "boiler": {"operation_mode": "eco", "temperature": 50, "current_temperature": 47},
    "robot": {"value": "cleaning"},
    "mower": {"value": "docked"},
    "alarm": {"alarm": "armed_away"},
    "garage": {"cover": "closed"},
    "program": {"value": "Intensive"},
    "offset": {"value": 1.5},
    "clicks": {"event": "double"},
    "power": {"value": 120},
    "energy": {"value": 1.25},
    "co2": {"value": 812},
    "humid": {"value": 61},
    "lux": {"value": 1},
    "window": {"value": "on"},
    "window2": {"value": "off"},
    "leak": {"value": "off"},
    "motion": {"value": "on"},
    "smoke": {"value": "off"},
    "battery": {"value": "on"},
}  # fmt: skip


def full_home() -> Home:
    """The home, with a state for most devices."""
    home = Home(DEVICES, AREAS, FLOORS)
    for device, state in STATES.items():
        home.update_state(device, state)  # type: ignore[arg-type]
    return home
