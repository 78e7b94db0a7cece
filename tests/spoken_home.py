"""A home to speak to, with a state for most devices."""

from __future__ import annotations

from assistant.home.devices import Area, Device, Features, Floor
from assistant.home.model import Home

_COLOR = Features(brightness=True, color=True, color_temp=(2000, 6500))
_DIM = Features(brightness=True)
_POSITION = Features(position=True)
_SPEED = Features(percentage=True)


def spoken_home() -> Home:
    """Seven rooms on two floors; one lamp is hidden from speech."""
    areas = [
        Area("kitchen", "Kitchen", "ground"),
        Area("living", "Living room", "ground", ("lounge",)),
        Area("bedroom", "Bedroom", "upper"),
        Area("office", "Office", "upper"),
        Area("hall", "Hallway", "ground"),
        Area("nursery", "Nursery", "upper"),
        Area("garage", "Garage", "ground"),
    ]
    floors = [
        Floor("ground", "Ground floor", ("downstairs",)),
        Floor("upper", "First floor", ("upstairs",)),
    ]
    devices = [
        Device("kl", "Kitchen lights", "light", "kitchen", ("main light",), features=_COLOR),
        Device("lamp", "Lamp", "light", "living", features=_COLOR),
        Device("ceiling", "Living room ceiling light", "light", "living", features=_COLOR),
        Device("bl", "Bedroom lights", "light", "bedroom", features=_COLOR),
        Device("ol", "Office light", "light", "office", features=_COLOR),
        Device("hl", "Hallway light", "light", "hall", features=_DIM),
        Device("secret", "Secret lamp", "light", "office", exposed=False),
        Device("tv", "TV", "media_player", "living"),
        Device("speaker", "Kitchen speaker", "media_player", "kitchen"),
        Device("fan", "Fan", "fan", "living", features=_SPEED),
        Device("bfan", "Bedroom fan", "fan", "bedroom", features=_SPEED),
        Device("lb", "Left blind", "cover", "living", (), "blind", _POSITION),
        Device("rb", "Right blind", "cover", "living", (), "blind", _POSITION),
        Device("gd", "Garage door", "cover", "garage", (), "garage"),
        Device("fd", "Front door", "lock", "hall"),
        Device("bd", "Back door", "lock", "kitchen"),
        Device("th", "Thermostat", "climate", "living", features=Features(temperature=(5, 30))),
        Device("nt", "Nursery temperature", "sensor", "nursery", (), "temperature"),
        Device("plug", "Coffee machine", "switch", "kitchen"),
        Device("reading_l", "Reading light", "light", "living", features=_DIM),
        Device("reading_b", "Reading light", "light", "bedroom", features=_DIM),
        Device("vac", "Vacuum", "vacuum", "living"),
        Device("movie", "Movie time", "scene"),
        Device("bell", "Doorbell", "button", "hall"),
    ]
    home = Home(devices, areas, floors)
    home.update_state("kl", {"power": "on", "brightness_pct": 40})
    home.update_state("lamp", {"power": "off"})
    home.update_state("bl", {"power": "on", "brightness_pct": 20})
    home.update_state("tv", {"media": "playing", "volume_pct": 30})
    home.update_state("speaker", {"media": "off"})
    home.update_state("fan", {"power": "on", "percentage": 50})
    home.update_state("fd", {"lock": "locked"})
    home.update_state("bd", {"lock": "unlocked"})
    home.update_state("gd", {"cover": "closed"})
    home.update_state("nt", {"value": 20.4})
    home.update_state("vac", {"value": "docked"})
    home.update_state("th", {"hvac_mode": "heat", "temperature": 20.0, "current_temperature": 19.5})
    return home
