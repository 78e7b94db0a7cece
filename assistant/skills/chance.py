"""Skill: coins, dice and random numbers."""

from __future__ import annotations

import random

from assistant.skills.context import SkillContext
from assistant.types import Intent, Outcome

HANDLES = ("AssistantFlipCoin", "AssistantRollDie", "AssistantPickNumber")

_CHANCE = random.SystemRandom()
_SIDES = 6
_RANGE = (1, 10)


async def handle(intent: Intent, ctx: SkillContext) -> Outcome:
    """Slots: `count` and `sides` of dice; `from` and `to`, both included, of a number."""
    del ctx
    if intent.name == "AssistantFlipCoin":
        return Outcome(f"chance.{_CHANCE.choice(('heads', 'tails'))}")
    if intent.name == "AssistantRollDie":
        sides = _number(intent, "sides", _SIDES)
        rolled = [_CHANCE.randint(1, sides) for _ in range(_number(intent, "count", 1))]
        return Outcome("chance.dice", {"rolled": rolled, "total": sum(rolled)})
    low, high = sorted((_number(intent, "from", _RANGE[0]), _number(intent, "to", _RANGE[1])))
    return Outcome("chance.number", {"chosen": _CHANCE.randint(low, high)})


def _number(intent: Intent, slot: str, default: int) -> int:
    return round(float(str(intent.slots.get(slot, default))))
