"""Skills: the devices an intent means, and the outcome when there are none."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from assistant.home.devices import Device
from assistant.home.resolve import Problem, Resolved, resolve
from assistant.skills.context import SkillContext
from assistant.types import Action, Intent, Missing, Option, Outcome, SlotValue

_WINDOW_COVERS = ("blind", "shutter", "shade")
_STATES = ("cover", "lock", "media", "power")
_AT_REST = frozenset({"off", "closed", "locked", "standby", "idle"})


def find(
    intent: Intent,
    ctx: SkillContext,
    domains: Collection[str] = (),
    *,
    elsewhere: bool = False,
) -> Resolved:
    """The devices `intent` means: those chosen already, or those its slots resolve to.

    With `elsewhere`, where only the speaker's own area was meant and has nothing fitting, the
    only fitting device of the whole home is taken.
    """
    if intent.response == "here_unknown":
        anywhere = resolve(ctx.home, intent.slots, domains=domains)
        alone = elsewhere and len(anywhere.devices) == 1
        return anywhere if alone else Resolved(problem=Problem.NO_AREA)
    if intent.device_ids:
        known = (ctx.home.devices.get(device_id) for device_id in intent.device_ids)
        devices = tuple(device for device in known if device is not None and device.exposed)
        if intent.response == "one_unknown" and len(devices) > 1:
            return Resolved(problem=Problem.AMBIGUOUS, candidates=devices)
        return Resolved(devices) if devices else Resolved(problem=Problem.NO_DEVICE)
    found = resolve(ctx.home, intent.slots, domains=domains, preferred_area=ctx.area)
    if intent.response == "one_unknown" and len(found.devices) > 1:
        return Resolved(problem=Problem.AMBIGUOUS, candidates=found.devices)
    if found.problem is Problem.NONE_THERE and elsewhere and is_own_area(intent, ctx):
        rest = {key: value for key, value in intent.slots.items() if key != "area"}
        anywhere = resolve(ctx.home, rest, domains=domains)
        if len(anywhere.devices) == 1:
            return anywhere
    return _in_state(intent, ctx, _alike(intent, ctx, found))


def _in_state(intent: Intent, ctx: SkillContext, found: Resolved) -> Resolved:
    """Those of several that are as they are said to be: "the lights that are on".

    All of them where none is known to be so.
    """
    if "in_state" not in intent.slots or len(found.devices) < 2:
        return found
    resting = intent.slots["in_state"] in _AT_REST
    known = ((device, ctx.home.state(device.id)) for device in found.devices)
    states = [(d, next((s[key] for key in _STATES if key in s), None)) for d, s in known]
    fitting = tuple(d for d, now in states if now is None or (now in _AT_REST) == resting)
    return Resolved(fitting) if fitting else found


def _alike(intent: Intent, ctx: SkillContext, found: Resolved) -> Resolved:
    """What covers a window goes by many names: where there is no blind, the shutter is meant."""
    if found.devices or intent.slots.get("device_class") not in _WINDOW_COVERS:
        return found
    kinds = (resolve(ctx.home, {**intent.slots, "device_class": k}) for k in _WINDOW_COVERS)
    fitting = tuple(device for kind in kinds for device in kind.devices)
    return Resolved(fitting) if fitting else found


def is_own_area(intent: Intent, ctx: SkillContext) -> bool:
    """Whether the area slot is the room the request came from."""
    area = ctx.home.areas.get(ctx.area or "")
    return area is not None and intent.slots.get("area") in (area.name, area.id)


def missing(
    intent: Intent, ctx: SkillContext, found: Resolved, domains: Collection[str] = ()
) -> Outcome:
    """The failed outcome that says why nothing was found, or the question which one is meant."""
    slots: dict[str, object] = dict(intent.slots)
    slots["kind"] = str(slots.get("device_class") or slots.get("domain") or next(iter(domains), ""))
    for kind, places in (("area", ctx.home.areas), ("floor", ctx.home.floors)):
        place = next((p for p in places.values() if slots.get(kind) in (p.id, p.name)), None)
        if place is not None:
            slots[kind] = place.name_in(ctx.language)
    slots["candidates"] = [
        (device.name_in(ctx.language), _area_name(device, ctx)) for device in found.candidates
    ]
    if found.problem is Problem.AMBIGUOUS:
        kinds = {device.type for device in found.candidates}
        slots["kind"] = slots["kind"] or (kinds.pop() if len(kinds) == 1 else "")
        ids = tuple(device.id for device in found.candidates)
        return Outcome("ask.which", slots, missing=Missing("name", ids))
    if intent.response == "here_unknown":
        return Outcome("ask.room", slots, missing=Missing("area"))
    return Outcome(f"problems.{found.problem or Problem.NONE}", slots, failed=True)


def _area_name(device: Device, ctx: SkillContext) -> str:
    area = ctx.home.areas.get(device.area or "")
    return area.name_in(ctx.language) if area else ""


def failed(reply: str, **slots: object) -> Outcome:
    """An outcome in which nothing could be done."""
    return Outcome(reply, slots, failed=True)


def which(reply: str, slot: str, options: Iterable[Option], **slots: object) -> Outcome:
    """The question which of several is meant."""
    return Outcome(reply, slots, missing=Missing(slot, options=tuple(options)))


def chosen(slots: Mapping[str, SlotValue]) -> frozenset[str]:
    """The keys of what was chosen after the question which is meant."""
    return frozenset(filter(None, str(slots.get("which", "")).split(",")))


async def act(
    intent: Intent,
    ctx: SkillContext,
    service: str,
    devices: Iterable[Device],
    data: Mapping[str, SlotValue] | None = None,
) -> Outcome:
    """Perform `service` on each of `devices` with the same data."""
    actions = [Action(service, device.id, data or {}) for device in devices]
    return await perform(intent, ctx, actions)


async def perform(intent: Intent, ctx: SkillContext, actions: Collection[Action]) -> Outcome:
    """Perform `actions` at once and report what really happened."""
    results = await ctx.perform(tuple(actions))
    return Outcome(f"{intent.name}.{intent.response}", dict(intent.slots), results)
