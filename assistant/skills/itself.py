"""Skill: the assistant itself: help, and taking a request back."""

from __future__ import annotations

from assistant.home.devices import Device
from assistant.skills.context import SkillContext
from assistant.skills.targets import act, perform
from assistant.types import Action, Intent, Outcome

HANDLES = ("AssistantHelp", "HassNevermind", "AssistantStopRinging")


async def handle(intent: Intent, ctx: SkillContext) -> Outcome:
    """Say what can be asked; or do nothing; or silence what rings or plays, stop what moves."""
    if intent.name == "AssistantHelp":
        return Outcome("help", _examples(ctx))
    if intent.name == "AssistantStopRinging":
        rang = () if ctx.schedule is None or ctx.proposing else ctx.schedule.silence()
        return Outcome("ringing.stopped" if rang else "nevermind", {"count": len(rang)})
    if intent.response == "stop":
        if moving := _moving(ctx):
            stops = [Action(f"{d.type}.stop_{d.type}", d.id) for d in moving]
            return await perform(intent, ctx, stops)
        playing = [
            device
            for device in ctx.home.devices.values()
            if device.exposed
            and device.type == "media_player"
            and ctx.home.state(device.id).get("media") == "playing"
        ]
        here = [device for device in playing if device.area == ctx.area and ctx.area]
        if here or playing:
            return await act(intent, ctx, "media_player.media_pause", here or playing)
    return Outcome("nevermind")


def _moving(ctx: SkillContext) -> list[Device]:
    """Covers and valves on their way, those of the speaker's room if there are any."""
    moving = [
        device
        for device in ctx.home.devices.values()
        if device.exposed
        and device.type in ("cover", "valve")
        and ctx.home.state(device.id).get("cover") in ("opening", "closing")
    ]
    return [device for device in moving if device.area == ctx.area and ctx.area] or moving


def _examples(ctx: SkillContext) -> dict[str, object]:
    kinds: dict[str, str] = {}
    for device in ctx.home.devices.values():
        if device.exposed:
            kinds.setdefault(device.type, device.name)
    routines = ctx.schedule.routines.all() if ctx.schedule is not None else ()
    return {
        "examples": kinds, "timers": ctx.schedule is not None,
        "routines": [routine.phrase for routine in routines[:2]],
    }  # fmt: skip
