"""Skill: media players."""

from __future__ import annotations

from assistant.home.devices import Device
from assistant.home.resolve import Problem, Resolved
from assistant.skills.context import SkillContext
from assistant.skills.targets import act, find, is_own_area, missing, perform
from assistant.types import Action, Intent, Outcome, SlotValue

_SERVICES = {
    "HassMediaPause": "media_pause",
    "HassMediaStop": "media_stop",
    "HassMediaUnpause": "media_play",
    "HassMediaNext": "media_next_track",
    "HassMediaPrevious": "media_previous_track",
    "HassMediaPlayerMute": "volume_mute",
    "HassMediaPlayerUnmute": "volume_mute",
    "HassSetVolume": "volume_set",
    "HassSetVolumeRelative": "volume_set",
}
HANDLES = tuple(_SERVICES)

_ONE_PLAYER = frozenset({"HassSetVolume", "HassSetVolumeRelative", "HassMediaNext",
                         "HassMediaPrevious"})  # fmt: skip
"""What is meant for one player, where several play and none is named."""
_WANTED_STATE = {"HassMediaUnpause": "paused"}
_HALF = "half"
_STEPS_PCT = {"up": 10.0, "down": -10.0}


async def handle(intent: Intent, ctx: SkillContext) -> Outcome:
    """Pause, resume, skip, and everything about volume."""
    found = _players(intent, ctx)
    if not found.devices:
        return missing(intent, ctx, found, ("media_player",))
    service = f"media_player.{_SERVICES[intent.name]}"
    if intent.name == "HassSetVolumeRelative":
        return await _louder(intent, ctx, found.devices)
    data: dict[str, SlotValue] = {}
    if intent.name == "HassSetVolume":
        data["volume_level"] = round(float(str(intent.slots["volume_level"])) / 100, 2)
    elif service.endswith("volume_mute"):
        data["is_volume_muted"] = intent.name == "HassMediaPlayerMute"
    return await act(intent, ctx, service, found.devices, data)


async def _louder(intent: Intent, ctx: SkillContext, players: tuple[Device, ...]) -> Outcome:
    step = intent.slots.get("volume_step")
    actions = []
    for player in players:
        now = ctx.home.state(player.id).get("volume_pct")
        if now is None and step in _STEPS_PCT:
            actions.append(Action(f"media_player.volume_{step}", player.id))
            continue
        was = float(str(now if now is not None else 50))
        if step == _HALF:
            change = -was / 2
        else:
            change = _STEPS_PCT.get(str(step)) or float(str(step or _STEPS_PCT["up"]))
        wanted = min(100.0, max(0.0, was + change))
        level = round(wanted / 100, 2)
        actions.append(Action("media_player.volume_set", player.id, {"volume_level": level}))
    return await perform(intent, ctx, actions)


def _players(intent: Intent, ctx: SkillContext) -> Resolved:
    """The player named or in the area; else what plays (or is paused); else the only one."""
    found = find(intent, ctx, ("media_player",))
    if intent.device_ids or "name" in intent.slots:
        return found
    said_area = "area" in intent.slots and not is_own_area(intent, ctx)
    if found.problem is not None and (said_area or intent.response == "here_unknown"):
        return found
    wanted = _WANTED_STATE.get(intent.name, "playing")
    if found.problem is not None:
        everywhere = Intent(intent.name, {"domain": "media_player"})
        found = find(everywhere, ctx)
    active = [d for d in found.devices if ctx.home.state(d.id).get("media") == wanted]
    if len(active) > 1 and intent.name in _ONE_PLAYER and not said_area:
        return Resolved(problem=Problem.AMBIGUOUS, candidates=tuple(active))
    if active:
        return Resolved(tuple(active))
    on = [d for d in found.devices if ctx.home.state(d.id).get("media") not in (None, "off")]
    if len(on) == 1:
        return Resolved(tuple(on))
    if len(found.devices) > 1:
        return Resolved(problem=Problem.AMBIGUOUS, candidates=found.devices)
    return found
