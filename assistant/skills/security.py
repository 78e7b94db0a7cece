"""Skill: alarm panels, sirens, and the latches of locks."""

from __future__ import annotations

from assistant.home.resolve import Problem, Resolved
from assistant.skills.context import SkillContext
from assistant.skills.targets import act, find, missing
from assistant.types import Intent, Outcome, SlotValue

HANDLES = (
    "AssistantArmAlarm", "AssistantDisarmAlarm", "AssistantTriggerAlarm", "AssistantSoundSiren",
    "AssistantOpenLock",
)  # fmt: skip

_DOMAINS = {"AssistantSoundSiren": "siren", "AssistantOpenLock": "lock"}
_SIREN_FIELDS = {"tone": "tone", "siren_volume": "volume_pct", "siren_seconds": "duration"}


async def handle(intent: Intent, ctx: SkillContext) -> Outcome:
    """Arm (the slot `way`: home, away, …), disarm, trigger; sound a siren; unlatch a door."""
    domain = _DOMAINS.get(intent.name, "alarm_control_panel")
    found = find(intent, ctx, (domain,), elsewhere=True)
    if len(found.devices) > 1 and intent.name in ("AssistantDisarmAlarm", "AssistantOpenLock"):
        found = Resolved(problem=Problem.AMBIGUOUS, candidates=found.devices)
    if not found.devices:
        return missing(intent, ctx, found, (domain,))
    data: dict[str, SlotValue] = {}
    match intent.name:
        case "AssistantArmAlarm":
            service = f"alarm_arm_{intent.slots.get('way', 'away')}"
        case "AssistantDisarmAlarm":
            service = "alarm_disarm"
        case "AssistantTriggerAlarm":
            service = "alarm_trigger"
        case "AssistantOpenLock":
            service = "open"
        case _:
            service = "turn_on"
            for slot, field in _SIREN_FIELDS.items():
                if slot in intent.slots:
                    data[field] = intent.slots[slot]
    return await act(intent, ctx, f"{domain}.{service}", found.devices, data)
