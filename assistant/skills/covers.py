"""Skill: the position of covers and valves, the tilt of slats, and stopping them."""

from __future__ import annotations

from assistant.home.devices import Device
from assistant.skills.context import SkillContext
from assistant.skills.targets import find, missing, perform
from assistant.types import Action, Intent, Outcome

HANDLES = ("HassSetPosition", "HassStopMoving", "AssistantSetTilt")

_DOMAINS = ("cover", "valve")


async def handle(intent: Intent, ctx: SkillContext) -> Outcome:
    """Move to the slot `position`, tilt to `tilt` (percent, 100 is open), or stop."""
    if intent.name == "AssistantSetTilt":
        return await _tilt(intent, ctx)
    found = find(intent, ctx, _DOMAINS, elsewhere=True)
    if not found.devices:
        return missing(intent, ctx, found, ("cover",))
    actions = []
    for device in found.devices:
        if intent.name == "HassStopMoving":
            actions.append(Action(f"{device.type}.stop_{device.type}", device.id))
            continue
        position = _position(intent, device, ctx)
        service = f"{device.type}.set_{device.type}_position"
        actions.append(Action(service, device.id, {"position": position}))
    return await perform(intent, ctx, actions)


def _position(intent: Intent, device: Device, ctx: SkillContext) -> int:
    """The slot `position`, or as much more or less open as the slot `position_step` says."""
    if "position_step" not in intent.slots:
        return round(float(str(intent.slots.get("position", 0))))
    step = float(str(intent.slots["position_step"]))
    now = ctx.home.state(device.id).get("position", 0 if step > 0 else 100)
    return round(min(100.0, max(0.0, float(str(now)) + step)))


async def _tilt(intent: Intent, ctx: SkillContext) -> Outcome:
    found = find(intent, ctx, ("cover",), elsewhere=True)
    tilting = [device for device in found.devices if device.features.tilt]
    devices = tilting or list(found.devices)
    if not devices:
        return missing(intent, ctx, found, ("cover",))
    tilt = round(float(str(intent.slots.get("tilt", 100))))
    service, data = "cover.set_cover_tilt_position", {"tilt_position": tilt}
    if tilt in (0, 100):
        service, data = f"cover.{'open' if tilt else 'close'}_cover_tilt", {}
    return await perform(intent, ctx, [Action(service, d.id, data) for d in devices])
