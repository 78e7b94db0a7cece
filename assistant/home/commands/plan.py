"""What each service means: what a device must be able to do for it, and what shows that it did.

Services and fields are Home Assistant's (https://www.home-assistant.io/integrations/#actions).
"""

from __future__ import annotations

from assistant.home.commands.appliances import lawn_mower, media_player, vacuum
from assistant.home.commands.climate import climate, humidifier, water_heater
from assistant.home.commands.covers import cover
from assistant.home.commands.expectations import Plan, Refusal
from assistant.home.commands.fans import fan
from assistant.home.commands.lights import light
from assistant.home.commands.planning import NotPossibleError, Planner, switch
from assistant.home.commands.security import alarm_panel, lock, siren
from assistant.home.commands.values import number_entity, select, stateless, text
from assistant.home.devices import Device, State
from assistant.types import Action

SWITCH_LIKE = frozenset({"switch", "input_boolean", "automation", "script", "remote", "group"})
"""Types that know nothing but on and off."""


def plan(device: Device, action: Action, state: State) -> Plan | Refusal:
    """Decide what `action` means for `device`, which is in `state`.

    Generic services (`homeassistant.turn_on`, `turn_off`, `toggle`) are taken for the device's
    own. Returns a `Refusal` for anything the device cannot do.
    """
    domain, _, verb = action.service.partition(".")
    if domain not in (device.type, "homeassistant"):
        return Refusal(f"it is a {device.type}, not a {domain}")
    planner = _PLANNERS.get(device.type) or (switch if device.type in SWITCH_LIKE else None)
    if planner is None:
        return Refusal(f"a {device.type} cannot be commanded")
    try:
        return planner(device, verb, action.data, state)
    except NotPossibleError as reason:
        return Refusal(str(reason))


_PLANNERS: dict[str, Planner] = {
    "alarm_control_panel": alarm_panel,
    "button": stateless(("press", "turn_on")),
    "climate": climate,
    "cover": cover,
    "fan": fan,
    "humidifier": humidifier,
    "lawn_mower": lawn_mower,
    "light": light,
    "lock": lock,
    "media_player": media_player,
    "number": number_entity,
    "scene": stateless(("turn_on",)),
    "select": select,
    "siren": siren,
    "text": text,
    "vacuum": vacuum,
    "valve": cover,
    "water_heater": water_heater,
}
