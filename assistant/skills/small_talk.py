"""Skill: small talk, and what only the internet could answer, said in one sentence."""

from __future__ import annotations

from assistant.skills import itself, queries
from assistant.skills.context import SkillContext
from assistant.skills.targets import failed
from assistant.types import Intent, Outcome

_RESPOND, _WEATHER, _CANNOT = "HassRespond", "HassGetWeather", "AssistantCannot"
HANDLES = (_RESPOND, _WEATHER, "HassMediaSearchAndPlay", _CANNOT)

_HELP = "commands"
"""The response of `HassRespond` to "what can I say"."""


async def handle(intent: Intent, ctx: SkillContext) -> Outcome:
    """A kind word (the reply `chat.<response>`), or that there is no forecast, music, news…"""
    if intent.name == _RESPOND and intent.response == _HELP:
        return await itself.handle(Intent("AssistantHelp"), ctx)
    if intent.name == _RESPOND:
        return Outcome(f"chat.{intent.response}", {"hour": ctx.clock.now().hour})
    if intent.name == _WEATHER:
        return await _weather(intent, ctx)
    return failed(f"cannot.{intent.response if intent.name == _CANNOT else 'music'}")


async def _weather(intent: Intent, ctx: SkillContext) -> Outcome:
    """What a sensor outside says; the slot `instead` asks for it in the words of the language."""
    asked = await ctx.understand(str(intent.slots.get("instead", "")))
    for question in asked:
        if question.name in queries.HANDLES:
            told = await queries.handle(question, ctx)
            if not told.failed and told.missing is None and "unit" in told.slots:
                return Outcome("cannot.weather_but", told.slots, devices=told.devices)
    return failed("cannot.weather")
