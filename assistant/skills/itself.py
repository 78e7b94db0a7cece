"""Skill: the assistant itself: help, and taking a request back."""

from __future__ import annotations

from assistant.skills.context import SkillContext
from assistant.skills.targets import act
from assistant.types import Intent, Outcome

_SAID_ONLY = {"AssistantThanks": "thanks", "AssistantWho": "who"}
HANDLES = ("AssistantHelp", "HassNevermind", "AssistantStopRinging", *_SAID_ONLY)


async def handle(intent: Intent, ctx: SkillContext) -> Outcome:
    """Say what can be asked, or a friendly word; or do nothing; or silence what rings or plays."""
    if intent.name == "AssistantHelp":
        return Outcome("help", _examples(ctx))
    if intent.name in _SAID_ONLY:
        return Outcome(_SAID_ONLY[intent.name])
    if intent.name == "AssistantStopRinging":
        rang = () if ctx.schedule is None or ctx.proposing else ctx.schedule.silence()
        return Outcome("ringing.stopped" if rang else "nevermind", {"count": len(rang)})
    if intent.response == "stop":
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
