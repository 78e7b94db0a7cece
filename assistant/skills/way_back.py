"""Skills: the way back from what was done "for two hours"."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assistant.home.commands.expectations import Plan, satisfied
from assistant.home.commands.plan import plan
from assistant.home.commands.restoring import Change, restoring
from assistant.home.model import Home
from assistant.schedule.entries import Later
from assistant.types import Action

_OPPOSITES = {
    "turn_on": "turn_off", "open_cover": "close_cover", "open_valve": "close_valve",
    "lock": "unlock", "media_pause": "media_play", "start": "return_to_base",
    "start_mowing": "dock",
}  # fmt: skip
_VERBS = {**_OPPOSITES, **{after: before for before, after in _OPPOSITES.items()}}
_SEVERAL = ("climate", "water_heater", "humidifier", "media_player", "fan")
"""Types of which each thing that can be set is put back by itself."""


@dataclass(frozen=True, slots=True)
class WayBack:
    """How things are put back."""

    actions: tuple[Action, ...]
    of: tuple[Action, ...]
    """What is put back: where somebody has changed it since, it stays."""


def way_back(changes: Sequence[Change], home: Home) -> WayBack:
    """The state before `changes`, which were just made; where nothing changed, the opposite."""
    back: dict[tuple[str, str], Action] = {}
    done = []
    for change in changes:
        device = home.devices.get(change.action.device)
        if device is None:
            continue
        found = restoring(device, change, home.state(device.id)) or _opposite(change.action)
        for action in found:
            back.setdefault((action.service, action.device), action)
        if found:
            done.append(change.action)
    return WayBack(tuple(back.values()), tuple(done))


def taken_over(way: WayBack, earlier: Iterable[Later], home: Home) -> WayBack:
    """`way`, to the state before what `earlier` was to put back sooner: that was no lasting one."""
    devices = {action.device for action in way.actions}
    before: dict[str, list[Action]] = {}
    for later in earlier:
        for action in later.command.planned():
            if action.device in devices:
                before.setdefault(action.device, []).append(action)
    kept = []
    for action in way.actions:
        old = before.get(action.device, [])
        device = home.devices.get(action.device)
        apart = device is not None and device.type in _SEVERAL
        if not old or (apart and action.service not in {one.service for one in old}):
            kept.append(action)
    return WayBack((*kept, *(one for some in before.values() for one in some)), way.of)


def still_so(action: Action, home: Home) -> bool:
    """Whether a device is as `action` has left it, as far as it tells."""
    device = home.devices.get(action.device)
    if device is None:
        return True
    state = home.state(device.id)
    planned = plan(device, action, state)
    if not isinstance(planned, Plan):
        return True
    checks = planned.confirmable(state.keys())
    return not checks or satisfied(checks, state)


def _opposite(action: Action) -> tuple[Action, ...]:
    domain, _, verb = action.service.partition(".")
    if verb == "volume_mute":
        muted = action.data.get("is_volume_muted") is True
        return (Action(action.service, action.device, {"is_volume_muted": not muted}),)
    other = _VERBS.get(verb)
    if other is None or action.data.keys() - {"code"}:
        return ()
    return (Action(f"{domain}.{other}", action.device),)
